/* The model test: seeded random acts over simulated years against all definitions of the
 * tree. PLUMBLINE_SEED and PLUMBLINE_STEPS make one long run of it. */
#include "model.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "clock/notice.h"
#include "desk/definitions.h"
#include "desk/freeze.h"
#include "desk/timers.h"
#include "projection/matter_read.h"
#include "projection/register_read.h"
#include "projection/world.h"

#define CHUNK_STEPS  350 /* acts between two checks */
#define ENTROPY_STEP 6364136223846793005u

/* ---- Telling ---- */

void model_note(struct model *model, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        vsnprintf(model->told[model->n_told++ % TOLD_ACTS], sizeof(model->told[0]), format, args);
        va_end(args);
}

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
        (void)stat;
        (void)type;
        (void)ftw;
        return remove(path);
}

_Noreturn void model_fail(struct model *model, const char *format, ...)
{
        char now[26];
        va_list args;
        moment_write(model->now, now);
        printf("not ok - seed %llu, step %u, %s\n# ", (unsigned long long)model->seed, model->step,
                        now);
        va_start(args, format);
        vprintf(format, args);
        va_end(args);
        printf("\n");
        for (size_t i = model->n_told > TOLD_ACTS ? model->n_told - TOLD_ACTS : 0;
                        i < model->n_told; i++)
                printf("# %s\n", model->told[i % TOLD_ACTS]);
        printf("Bail out! PLUMBLINE_SEED=%llu PLUMBLINE_STEPS=%u does it again\n",
                        (unsigned long long)model->seed, model->steps);
        fflush(stdout);
        nftw(model->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
        _exit(1);
}

void model_must(struct model *model, bool ok, const char *what)
{
        if (!ok)
                model_fail(model, "%s: %s %s: %s", what, err_text(model->err.code)->name,
                                model->err.field, model->err.detail);
}

uint64_t model_hash(struct str s)
{
        uint64_t h = 1469598103934665603u; /* FNV-1a */
        for (size_t i = 0; i < s.n; i++)
                h = (h ^ (unsigned char)s.p[i]) * 1099511628211u;
        return h;
}

uint64_t model_random(struct model *model)
{
        uint64_t z = (model->random += 0x9e3779b97f4a7c15u); /* splitmix64 */
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
}

/* ---- The bureau ---- */

static struct moment model_now(void *user)
{
        return ((const struct model *)user)->now;
}

/* Numbered bytes: the same seed makes the same ledger. */
static bool model_entropy(void *user, uint8_t *to, size_t n)
{
        struct model *model = user;
        for (size_t i = 0; i < n; i++)
                to[i] = (uint8_t)((model->entropy = model->entropy * ENTROPY_STEP + 1) >> 56);
        return true;
}

static void open_desk(struct model *model)
{
        struct desk_options options = { .clock = { model_now, model },
                .without_thread = true,
                .entropy = model_entropy,
                .entropy_user = model,
                .checkpoint_events = 500 };
        model_must(model,
                        site_open(str_of(model->dir), &model->site, &model->err) &&
                                        desk_open(model->site, &options, &model->desk, &model->err),
                        "open");
}

static void close_desk(struct model *model)
{
        model_must(model, desk_close(&model->desk, &model->err), "close");
        site_close(&model->site);
}

/* Every second seed has all notices from the start, and they come to be known on their day;
 * the others are handed each one after it was published, sometimes late. */
static void choose_calendars(struct model *model)
{
        struct calendar_file *now =
                        arena_new_array(model->life, model->data.n_calendars, struct calendar_file);
        size_t n = 0;
        model->later = arena_new_array(model->life, model->data.n_calendars, struct calendar_file);
        for (size_t i = 0; i < model->data.n_calendars; i++) {
                const struct calendar_file *file = &model->data.calendars[i];
                struct notice notice;
                model_must(model,
                                notice_parse(model->life, file->name, file->text, &notice,
                                                &model->err),
                                "notice");
                if (model->seed % 2 == 0 || date_cmp(notice.known, moment_date(model->now)) <= 0)
                        now[n++] = *file;
                else
                        model->later[model->n_later++] = *file;
        }
        model->data.calendars = now;
        model->data.n_calendars = n;
}

static void open_site(struct model *model)
{
        const char *source = getenv("PLUMBLINE_SOURCE"), *base = getenv("TMPDIR");
        struct site_config config = {
                .organ = STR_LIT("厦门市司法局"),
                .prefix = STR_LIT("厦司"),
                .region = STR_LIT("350200"),
                .city = STR_LIT("厦门市"),
                .store = STR_LIT("sqlite"),
                .yellow = 5,
                .red = 2,
                .port = 8080,
                .hash = model->seed % 3 == 0 ? LEDGER_SM3 : LEDGER_SHA256,
                .parameters = value_context(NULL, 0),
        };
        snprintf(model->dir, sizeof(model->dir), "%.40s/model-XXXXXX",
                        base != NULL                    ? base
                        : access("/dev/shm", W_OK) == 0 ? "/dev/shm"
                                                        : "/tmp");
        if (mkdtemp(model->dir) == NULL)
                abort();
        model_must(model,
                        site_read_data(model->life, str_of(source != NULL ? source : "."),
                                        &model->data, &model->err),
                        "definitions");
        choose_calendars(model);
        model_must(model,
                        site_init(str_of(model->dir), &config, &model->data, model->now,
                                        &model->err),
                        "init");
        open_desk(model);
}

/* ---- Handing in ---- */

static void keep_answer(struct model *model, const struct submission *s, const struct receipt *r)
{
        if (model->n_acknowledged == model->acknowledged_capacity) {
                model->acknowledged_capacity = 2 * model->acknowledged_capacity + 1024;
                model->acknowledged = realloc(model->acknowledged,
                                model->acknowledged_capacity * sizeof(*model->acknowledged));
                if (model->acknowledged == NULL)
                        abort();
        }
        model->acknowledged[model->n_acknowledged++] = (struct acknowledged){ r->seq, r->matter,
                model_hash(s->act), model_hash(r->number) };
        model->n_events += 1 + (int64_t)r->n_followed;
}

static struct str describe(struct model *model, const struct submission *s)
{
        struct buf buf = BUF(model->arena);
        char now[26];
        moment_write(model->now, now);
        struct str fields = STR_LIT("");
        struct buf json = BUF(model->arena);
        value_write_json(&json, &s->fields);
        fields = buf_str(&json);
        buf_format(&buf, "%.16s %.*s%.*s%.*s.%.*s by %.*s key %.*s %.*s", now,
                        STR_FMT(s->procedure), STR_FMT(s->matter), STR_FMT(s->reg), STR_FMT(s->act),
                        STR_FMT(s->actor), STR_FMT(s->key), STR_FMT(str_cut(fields, 200)));
        return buf_str(&buf);
}

/* One act; a refused one must leave the ledger as it was. */
bool model_hand_in(struct model *model, const struct submission *s, struct receipt *ret)
{
        struct receipt receipt = { 0 };
        int64_t before = model_store_events(model);
        bool done = desk_submit(model->arena, model->desk, s, &receipt, &model->err);
        int64_t after = model_store_events(model);
        struct str what = describe(model, s);
        model_note(model, "%.*s -> %s", STR_FMT(what),
                        done ? "done" : err_text(model->err.code)->name);
        int64_t due = !done || receipt.repeated ? 0 : 1 + (int64_t)receipt.n_followed;
        if (after - before != due)
                model_fail(model, "%lld events where %lld are due", (long long)(after - before),
                                (long long)due);
        if (!done) {
                model->n_refused++;
                enum err_kind kind = err_text(model->err.code)->kind;
                if (kind == ERR_BROKEN)
                        model_fail(model, "refused as broken: %s: %s",
                                        err_text(model->err.code)->name, model->err.detail);
                return false;
        }
        if (!receipt.repeated)
                keep_answer(model, s, &receipt);
        if (ret != NULL)
                *ret = receipt;
        return true;
}

struct submission model_by_system(const char *reg, const char *act, struct value fields)
{
        return (struct submission){ .reg = str_of(reg),
                .act = str_of(act),
                .by = BY_SYSTEM,
                .actor = STR_LIT("system"),
                .fields = fields };
}

/* ---- Steps ---- */

static void act_step(struct model *model, bool begins, bool wrong)
{
        struct snapshot *snapshot = NULL;
        struct matter *matter = NULL;
        struct world world;
        struct receipt receipt;
        model_must(model, snapshot_open(site_store(model->site), &snapshot, &model->err),
                        "snapshot");
        world_open(&world, snapshot, site_catalogue(model->site), site_calendars(model->site),
                        site_facts(model->site), model->now);
        if (!begins && !model_any_matter(model, snapshot, &matter))
                matter = NULL;
        const struct version *version = matter != NULL ? matter->version : model_any_version(model);
        const struct act *act = model_choose_act(model, version, matter);
        struct submission s = { .fields = value_context(NULL, 0) };
        if (act == NULL)
                act = &version->acts[model_below(model, version->n_acts)];
        s.act = act->name;
        if (matter != NULL)
                s.matter = str_format(model->arena, "#%lld", (long long)matter->id);
        else
                s.procedure = version->procedure->name;
        if (matter == NULL)
                s.unit = model->units[model_below(model, model->n_units)];
        model_fill_in(model, &world, version, matter, act, &s);
        bool must_refuse = wrong && model_spoil(model, matter, version, act, &s);
        snapshot_close(&snapshot);
        if (!wrong && model_chance(model, 15))
                s.key = str_format(model->arena, "key-%u", model->step);
        bool done = model_hand_in(model, &s, &receipt);
        if (done && must_refuse)
                model_fail(model, "done although it had to be refused");
        if (wrong)
                return;
        struct coverage *coverage = model_coverage_of(model, version, act);
        coverage->tried++;
        coverage->done += done;
        if (done && receipt.begins)
                model_keep_matter(model, receipt.matter);
        if (done && s.key.n > 0)
                model_keep_key(model, &s, receipt.seq);
}

static void count_look(void *user, const struct timer_look *look)
{
        struct model *model = user;
        model->n_events += 1 + (int64_t)look->receipt.n_followed;
        model->n_looks++;
        if (look->due.second > model->now.second)
                model_fail(model, "%.*s: looked at before it was due",
                                STR_FMT(look->receipt.number));
        model_note(model, "timer %.*s %.*s %d%s", STR_FMT(look->receipt.number),
                        STR_FMT(look->clock), look->kind, look->acted ? " acted" : "");
}

static void run_timers(struct model *model)
{
        size_t n;
        struct moment next;
        bool any;
        model_must(model,
                        timers_run(model->desk, model->now, count_look, model, &n, &model->err) &&
                                        timers_next(model->desk, &next, &any, &model->err),
                        "timers");
        if (any && next.second <= model->now.second)
                model_fail(model, "something is due and was not looked at");
}

/* Notices that were published since; some are handed in days late. */
static void load_notices(struct model *model)
{
        for (size_t i = 0; i < model->n_later; i++) {
                const struct moved_clock *moved;
                size_t n;
                struct notice notice;
                model_must(model,
                                notice_parse(model->arena, model->later[i].name,
                                                model->later[i].text, &notice, &model->err),
                                "notice");
                bool known = date_cmp(notice.known, moment_date(model->now)) <= 0;
                if (known && model_chance(model, 40))
                        continue;
                bool loaded = calendar_load(model->arena, model->desk, &model->later[i],
                                STR_LIT("system"), &moved, &n, &model->err);
                if (loaded != known)
                        model_must(model, false, "calendar");
                if (!loaded)
                        continue;
                model_note(model, "calendar %.*s moves %zu", STR_FMT(model->later[i].name), n);
                model->later[i--] = model->later[--model->n_later];
        }
}

static void freeze_year(struct model *model)
{
        const struct catalogue *c = site_catalogue(model->site);
        int year = date_year(moment_date(model->now)) - 1;
        if (c->n_reports == 0)
                return;
        bool done = report_freeze_year(
                        model->desk, c->reports[0].name, year, STR_LIT("system"), &model->err);
        if (done == (year <= model->frozen_year))
                model_must(model, done, "freeze");
        if (done)
                model->frozen_year = year;
        model_note(model, "freeze %d: %d", year, done);
}

/* The same definition again: everything is counted anew and comes to the same. */
static void activate_again(struct model *model)
{
        const struct definition_source *source =
                        &model->data.definitions[model_below(model, model->data.n_definitions)];
        model_must(model, definitions_activate(model->desk, source, STR_LIT("system"), &model->err),
                        "activate");
        model_note(model, "activate %.*s", STR_FMT(source->name));
}

/* A little behind is borne; more is refused, and nothing is written. */
static void set_clock_back(struct model *model)
{
        struct moment right = model->now;
        struct receipt receipt;
        struct submission s = model_by_system("units", "put",
                        guess_entry(model,
                                        catalogue_register(site_catalogue(model->site),
                                                        STR_LIT("units")),
                                        STR_LIT("x9")));
        s.act = STR_LIT("put");
        model_hand_in(model, &s, NULL); /* so that the newest event is of now */
        bool newest = model->err.code == E_NONE;
        (void)newest;
        struct submission again = model_by_system("units", "put",
                        model_with_member(model, &(struct value){ .kind = VALUE_CONTEXT },
                                        STR_LIT("id"), value_string(STR_LIT("x9"))));
        if (!model_hand_in(model, &again, &receipt))
                model_must(model, false, "a unit");
        model->now.second = right.second - DESK_CLOCK_SLACK;
        if (!model_hand_in(model, &again, &receipt) || receipt.time.second < right.second)
                model_fail(model, "a clock a little behind was not borne");
        model->now.second = right.second - DESK_CLOCK_SLACK - 1 -
                            (int64_t)model_below(model, 100000000);
        if (model_hand_in(model, &again, &receipt) || model->err.code != E_DESK_CLOCK)
                model_fail(model, "a clock far behind was believed");
        model->now = right;
}

static void pass_time(struct model *model)
{
        static const int64_t hours[] = { 1, 1, 3, 8, 20, 24, 24, 48, 72, 120, 240, 24 * 31,
                24 * 75 };
        model->now.second += hours[model_below(model, N_ELEMENTS(hours))] * 3600 +
                             (int64_t)model_below(model, 3600);
        load_notices(model);
        if (model_chance(model, 75)) /* else the timers stand still for a while */
                run_timers(model);
}

static void take_step(struct model *model)
{
        arena_reset(model->arena);
        model->now.second += (int64_t)model_below(model, 900);
        size_t what = model_below(model, 1000);
        if (what < 110)
                act_step(model, true, false);
        else if (what < 700)
                act_step(model, false, false);
        else if (what < 850)
                act_step(model, model_chance(model, 30), true);
        else if (what < 900)
                model_keep_register(model);
        else if (what < 930)
                model_repeat_key(model);
        else if (what < 975)
                pass_time(model);
        else if (what < 983)
                set_clock_back(model);
        else if (what < 989)
                freeze_year(model);
        else if (what < 991)
                activate_again(model);
        else if (what < 994) {
                close_desk(model);
                open_desk(model);
                model_note(model, "restart");
        } else {
                run_timers(model);
        }
}

static void live(struct model *model)
{
        model_find_roles(model);
        model_put_people(model);
        for (int i = 0; i < 60; i++)
                model_keep_register(model);
        check_everything(model); /* also finds room for matters */
        model->matters_capacity = 65536;
        model->matters = realloc(model->matters, model->matters_capacity * sizeof(*model->matters));
        for (model->step = 1; model->step <= model->steps; model->step++) {
                take_step(model);
                if (model->step % CHUNK_STEPS != 0 && model->step != model->steps)
                        continue;
                run_timers(model);
                if (model_chance(model, 30)) {
                        close_desk(model);
                        open_desk(model);
                }
                check_everything(model);
        }
}

static void tell_coverage(struct model *model)
{
        size_t done = 0;
        char now[26];
        for (size_t i = 0; i < model->n_coverage; i++)
                done += model->coverage[i].done > 0;
        moment_write(model->now, now);
        printf("# seed %llu until %.10s: %zu matters, %lld events, %u refused, %u looks, "
               "%zu of %zu acts that were tried were done\n",
                        (unsigned long long)model->seed, now, model->n_matters,
                        (long long)model->n_events, model->n_refused, model->n_looks, done,
                        model->n_coverage);
        for (size_t i = 0; getenv("PLUMBLINE_COVERAGE") != NULL && i < model->n_coverage; i++)
                if (model->coverage[i].done == 0)
                        printf("# never done: %s.%s (%u)\n", model->coverage[i].procedure,
                                        model->coverage[i].act, model->coverage[i].tried);
}

static void run_seed(int number, uint64_t seed, unsigned steps, const char *from, const char *why)
{
        struct model *model = calloc(1, sizeof(*model));
        if (model == NULL)
                abort();
        model->seed = model->random = seed;
        model->entropy = seed;
        model->steps = steps;
        model->arena = arena_open();
        model->life = arena_open();
        model_must(model, moment_parse(str_of(from), &model->now, &model->err), "time");
        open_site(model);
        live(model);
        close_desk(model);
        nftw(model->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
        tell_coverage(model);
        printf("ok %d - seed %llu: %s\n", number, (unsigned long long)seed, why);
        fflush(stdout);
        arena_close(&model->arena);
        arena_close(&model->life);
        free(model->acknowledged);
        free(model->matters);
        free(model->keys);
        free(model->coverage);
        free(model);
}

static size_t number_of(const char *text, size_t otherwise)
{
        int64_t n;
        return text != NULL && str_to_int(str_of(text), &n) && n > 0 ? (size_t)n : otherwise;
}

int main(void)
{
        static const struct {
                uint64_t seed;
                const char *from, *why;
        } rows[] = {
                { 1, "2019-12-09 09:00", "the second notice of 2020 is loaded when it is out" },
                { 2, "2019-12-09 09:00", "the second notice of 2020 waits in the site" },
                { 3, "2021-11-01 09:00", "a year's end, and a year that is frozen" },
                { 4, "2023-12-11 09:00", "new versions come into force" },
                { 5, "2026-09-14 09:00", "into years without a notice" },
        };
        const char *seed = getenv("PLUMBLINE_SEED"), *steps = getenv("PLUMBLINE_STEPS");
        size_t only = number_of(seed, 0);
        unsigned n = (unsigned)number_of(steps, 700);
        log_set_level((enum log_level)(LOG_ERROR + 1)); /* a clock set back is meant */
        setvbuf(stdout, NULL, _IOLBF, 0);
        if (only > 0) {
                run_seed(1, only, n,
                                only <= N_ELEMENTS(rows) ? rows[only - 1].from : "2019-12-09 09:00",
                                "one seed");
                printf("1..1\n");
                return 0;
        }
        for (size_t i = 0; i < N_ELEMENTS(rows); i++)
                run_seed((int)i + 1, rows[i].seed, n, rows[i].from, rows[i].why);
        printf("1..%zu\n", N_ELEMENTS(rows));
        return 0;
}
