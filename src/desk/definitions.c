#include "desk/definitions.h"

#include <assert.h>

#include "base/limits.h"
#include "base/log.h"
#include "desk/compat.h"
#include "desk/desk_state.h"
#include "desk/site_state.h"
#include "projection/matter_read.h"
#include "projection/projection.h"

/* One kernel fact on its way. */
struct fact_job {
        struct job job;
        struct str reg, act, actor;
        struct value data;
        int64_t seq;
};

static bool run_fact(struct writer *w, struct job *job, struct err *err)
{
        struct fact_job *j = (struct fact_job *)job;
        struct fact fact = {
                .reg = j->reg,
                .act = j->act,
                .actor = j->actor,
                .time = w->now,
                .data = j->data,
        };
        return writer_record(w, &fact, NULL, STR_LIT(""), &j->seq, err);
}

static struct value named_text(struct arena *arena, struct str name, struct str text)
{
        struct member *members = arena_new_array(arena, 2, struct member);
        members[0] = (struct member){ STR_LIT("name"), value_string(name) };
        members[1] = (struct member){ STR_LIT("text"), value_string(text) };
        return value_context(members, 2);
}

static struct fact_job fact_job(
                const char *reg, const char *act, struct str actor, struct value data)
{
        return (struct fact_job){ .job = { .run = run_fact },
                .reg = str_of(reg),
                .act = str_of(act),
                .actor = actor,
                .data = data };
}

/* ---- The first events ---- */

static struct value site_data_of(struct arena *arena, const struct site *site)
{
        const struct site_config *c = site_config(site);
        struct member *members = arena_new_array(arena, 5, struct member);
        size_t n = 0;
        members[n++] = (struct member){ STR_LIT("city"), value_string(c->city) };
        members[n++] = (struct member){ STR_LIT("hash"), value_string(str_of(hash_name(c->hash))) };
        members[n++] = (struct member){ STR_LIT("organ"), value_string(c->organ) };
        members[n++] = (struct member){ STR_LIT("prefix"), value_string(c->prefix) };
        members[n++] = (struct member){ STR_LIT("region"), value_string(c->region) };
        return value_context(members, n);
}

/* All definitions together have to make sense before any is recorded. */
static bool check_data(const struct site_data *data, struct err *err)
{
        struct arena *arena = arena_open();
        struct catalogue catalogue;
        const struct calendar_set *calendars;
        struct str problems = STR_LIT("");
        bool ok = catalogue_load(arena, data->definitions, data->n_definitions, &catalogue,
                                  &problems, err) &&
                  calendar_set_new(arena, data->calendars, data->n_calendars, &calendars, err);
        arena_close(&arena);
        return ok;
}

bool definitions_begin(struct desk *desk, const struct site_data *data, struct err *err)
{
        if (!check_data(data, err))
                return false;
        struct arena *arena = arena_open();
        struct str system = STR_LIT("system");
        size_t n = 1 + data->n_definitions + data->n_calendars, at = 0;
        struct fact_job *jobs = arena_new_array(arena, n, struct fact_job);
        struct job **chain = arena_new_array(arena, n, struct job *);
        jobs[at++] = fact_job(KIND_SITE, ACT_OPEN, system, site_data_of(arena, desk_site(desk)));
        for (size_t i = 0; i < data->n_calendars; i++)
                jobs[at++] = fact_job(KIND_CALENDAR, ACT_LOAD, system,
                                named_text(arena, data->calendars[i].name,
                                                data->calendars[i].text));
        for (size_t i = 0; i < data->n_definitions; i++)
                jobs[at++] = fact_job(KIND_DEFINITION, ACT_ACTIVATE, system,
                                named_text(arena, data->definitions[i].name,
                                                data->definitions[i].text));
        assert(at == n);
        for (size_t i = 0; i < n; i++)
                chain[i] = &jobs[i].job;
        bool ok = desk_do_all(desk, chain, n, err);
        for (size_t i = 0; ok && i < n; i++)
                if (jobs[i].job.err.code != E_NONE) {
                        *err = jobs[i].job.err;
                        ok = false;
                }
        if (ok)
                site_publish(desk_site(desk));
        arena_close(&arena);
        return ok;
}

/* ---- A definition comes into force ---- */

bool definitions_in_force(struct arena *arena, struct snapshot *snapshot,
                const struct definition_source **ret, size_t *ret_n, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct definition_source *sources = NULL;
        size_t n = 0;
        if (!snapshot_rows(snapshot, Q_DEFINITION_LIST, NO_PARAMS, &rows, err))
                return false;
        while (rows_next(&rows)) {
                sources = arena_push(arena, sources, n, sizeof(*sources));
                sources[n++] = (struct definition_source){ str_copy(arena, rows_text(&rows, 0)),
                        str_copy(arena, rows_text(&rows, 1)), true };
        }
        *ret = sources;
        *ret_n = n;
        return rows_end(&rows, err);
}

const struct definition_source *definitions_with(struct arena *arena,
                const struct definition_source *in_force, size_t n,
                const struct definition_source *source, size_t *ret_n)
{
        struct definition_source *all = arena_new_array(arena, n + 1, struct definition_source);
        size_t kept = 0;
        for (size_t i = 0; i < n; i++)
                if (!str_eq(in_force[i].name, source->name))
                        all[kept++] = in_force[i];
        all[kept++] = *source;
        *ret_n = kept;
        return all;
}

struct activate_job {
        struct fact_job fact;
        const struct definition_source *source;
};

static bool run_activate(struct writer *w, struct job *job, struct err *err)
{
        struct activate_job *j = (struct activate_job *)job;
        struct snapshot *snapshot = tx_snapshot(w->tx);
        const struct definition_source *in_force, *all;
        struct catalogue fresh;
        struct str problems = STR_LIT("");
        size_t n;
        if (!writer_mark(w, err) || !definitions_in_force(w->arena, snapshot, &in_force, &n, err))
                return false;
        all = definitions_with(w->arena, in_force, n, j->source, &n);
        if (!catalogue_load(w->arena, all, n, &fresh, &problems, err))
                return false;
        if (!definitions_compatible(w->arena, snapshot, w->circumstances.catalogue, &fresh, err))
                return false;
        j->fact.data = named_text(w->arena, j->source->name, j->source->text);
        if (!run_fact(w, job, err))
                return false;
        return true;
}

bool definitions_activate(struct desk *desk, const struct definition_source *source,
                struct str actor, struct err *err)
{
        struct activate_job job = {
                .fact = fact_job(KIND_DEFINITION, ACT_ACTIVATE, actor, value_null()),
                .source = source,
        };
        job.fact.job.run = run_activate;
        return desk_do(desk, &job.fact.job, err);
}

/* A turn in which nothing happens: it begins with what is in force, and tells readers. */
static bool run_nothing(struct writer *w, struct job *job, struct err *err)
{
        (void)w;
        (void)job;
        (void)err;
        return true;
}

bool definitions_settle(struct desk *desk, struct err *err)
{
        struct job job = { .run = run_nothing };
        return desk_do(desk, &job, err);
}

/* ---- A calendar becomes known ---- */

struct calendar_job {
        struct fact_job fact;
        const struct calendar_file *file;
        struct arena *arena;
        const struct moved_clock *moved;
        size_t n_moved;
};

struct old_day {
        int64_t matter;
        size_t clock;
        struct date day;
};

struct old_days {
        struct old_day *days;
        size_t n, capacity;
};

/* What each counting clock came to; `each` is called for every matter with one. */
static bool each_counting(struct writer *w,
                bool (*each)(struct writer *, struct matter *, void *, struct err *), void *user,
                struct err *err)
{
        int64_t after = 0;
        for (size_t n = 1; n > 0;) {
                int64_t ids[256];
                struct rows rows _cleanup_(rows_close) = { 0 };
                if (!snapshot_rows(tx_snapshot(w->tx), Q_CLOCKS_COUNTING,
                                    PARAMS(param_int(after), param_int((int64_t)N_ELEMENTS(ids))),
                                    &rows, err))
                        return false;
                for (n = 0; n < N_ELEMENTS(ids) && rows_next(&rows); n++)
                        ids[n] = rows_int(&rows, 0);
                if (!rows_end(&rows, err))
                        return false;
                for (size_t i = 0; i < n; i++) {
                        struct matter *matter;
                        if (!writer_matter(w, ids[i], &matter, err) || !each(w, matter, user, err))
                                return false;
                        after = ids[i];
                }
        }
        return true;
}

static bool is_counting(const struct matter_clock *clock)
{
        return clock->status == CLOCK_RUNNING || clock->status == CLOCK_PAUSED;
}

static bool keep_day(struct writer *w, struct matter *matter, void *user, struct err *err)
{
        struct old_days *old = user;
        (void)err;
        for (size_t i = 0; i < matter->version->n_clocks; i++) {
                struct deadline d;
                if (!is_counting(&matter->clocks[i]) ||
                                !matter_deadline(
                                                matter, i, w->circumstances.calendar, w->today, &d))
                        continue;
                if (old->n == old->capacity) {
                        struct old_day *days = old->days;
                        old->capacity = 2 * old->capacity + 64;
                        old->days = arena_new_array(w->arena, old->capacity, struct old_day);
                        for (size_t k = 0; k < old->n; k++)
                                old->days[k] = days[k];
                }
                old->days[old->n++] = (struct old_day){ matter->id, i, d.last_day };
        }
        return true;
}

/* Compares with the calendar that is known now. */
static bool find_moved(struct writer *w, struct calendar_job *j, const struct old_days *old,
                struct err *err)
{
        struct moved_clock *moved = arena_new_array(j->arena, old->n, struct moved_clock);
        size_t n = 0;
        for (size_t i = 0; i < old->n; i++) {
                const struct old_day *o = &old->days[i];
                struct matter *matter;
                struct deadline d;
                if (!writer_matter(w, o->matter, &matter, err))
                        return false;
                if (!matter_deadline(matter, o->clock, w->circumstances.calendar, w->today, &d) ||
                                date_cmp(d.last_day, o->day) == 0)
                        continue;
                const struct clock_definition *clock = &matter->version->clocks[o->clock];
                moved[n++] = (struct moved_clock){ matter->id, str_copy(j->arena, matter->number),
                        clock->name, clock->label, o->day, d.last_day, d.provisional };
        }
        j->moved = moved;
        j->n_moved = n;
        return true;
}

static bool run_calendar(struct writer *w, struct job *job, struct err *err)
{
        struct calendar_job *j = (struct calendar_job *)job;
        struct old_days old = { 0 };
        struct notice notice;
        if (!writer_mark(w, err) ||
                        !notice_parse(w->arena, j->file->name, j->file->text, &notice, err))
                return false;
        if (date_cmp(notice.known, w->today) > 0)
                return err_field(err, E_CALENDAR_EARLY, notice.id, "公布于 %.*s",
                                STR_FMT(date_format(w->arena, notice.known)));
        if (!each_counting(w, keep_day, &old, err))
                return false;
        j->fact.data = named_text(w->arena, j->file->name, j->file->text);
        return run_fact(w, job, err) && find_moved(w, j, &old, err);
}

bool calendar_load(struct arena *arena, struct desk *desk, const struct calendar_file *file,
                struct str actor, const struct moved_clock **ret, size_t *ret_n, struct err *err)
{
        struct calendar_job job = {
                .fact = fact_job(KIND_CALENDAR, ACT_LOAD, actor, value_null()),
                .file = file,
                .arena = arena,
        };
        job.fact.job.run = run_calendar;
        if (!desk_do(desk, &job.fact.job, err))
                return false;
        *ret = job.moved;
        *ret_n = job.n_moved;
        return true;
}
