/* web/test_town.h - a small bureau with a portal, for the tests of this room.
 *
 * tests/data/portal has a procedure of each visibility. Whatever a stranger must not see
 * carries one of the markers below: names, numbers, opinions, results that are not (or no
 * longer) published, hidden matters' subjects. */
#ifndef WEB_TEST_TOWN_H
#define WEB_TEST_TOWN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>

#include "desk/desk.h"
#include "desk/files.h"
#include "web/portal.h"
#include "web/test_socket.h"

static const char *const test_markers[] = {
        "密名",
        "密员",
        "密见",
        "密由",
        "密果",
        "密备",
        "密单",
        "35020319900307",
        "1380013",
};

struct test_town {
        struct arena *arena;
        const char *root;
        struct catalogue catalogue;
        struct site *site;
        struct desk *desk;
        struct portal *portal;
        struct definition_source more[3]; /* more procedures; without a name: none */
        bool with_thread;                 /* of the desk: where something is posted */
        bool on_disk;                     /* a site that records what it runs under, in `dir` */
        char dir[32];
        struct definition_source *definitions; /* of `catalogue` */
        size_t n_definitions;
        struct moment now;
        uint64_t entropy; /* a counter, so that leaves are the same each time */
        int port;
        struct err err;
};

static inline void test_must(struct test_town *t, bool ok)
{
        if (!ok)
                fail_msg("%s: %s: %s", err_text(t->err.code)->name, t->err.field, t->err.detail);
}

static inline struct moment test_now(void *user)
{
        return ((const struct test_town *)user)->now;
}

static inline bool test_entropy(void *user, uint8_t *to, size_t n)
{
        struct test_town *t = user;
        for (size_t i = 0; i < n; i++)
                to[i] = (uint8_t)(t->entropy++ * 2654435761u >> 13);
        return true;
}

static inline struct moment test_moment(const char *text)
{
        struct moment moment;
        struct err err;
        assert_true(moment_parse(str_of(text), &moment, &err));
        return moment;
}

/* Does an act that must succeed. `what`: "open_case.apply", "register:units.put",
 * "开〔2021〕1号.decide". */
static inline struct str test_do(
                struct test_town *t, const char *what, const char *who, const char *json)
{
        struct str text = str_of(what), reg = STR_LIT("register:");
        size_t dot = text.n;
        while (text.p[dot - 1] != '.')
                dot--;
        struct str subject = str_slice(text, 0, dot - 1);
        struct submission s = { .act = str_slice(text, dot, text.n), .actor = str_of(who) };
        struct receipt receipt;
        test_must(t, value_parse_json(t->arena, str_of(json), &s.fields, &t->err));
        if (str_starts(subject, reg))
                s.reg = str_slice(subject, reg.n, subject.n);
        else if (catalogue_procedure(site_catalogue(t->site), subject) != NULL)
                s.procedure = subject;
        else
                s.matter = subject;
        if (strcmp(who, "system") == 0)
                s.by = BY_SYSTEM;
        else if (strcmp(who, "applicant") == 0)
                s.by = BY_PARTY;
        if (s.by == BY_PARTY)
                s.unit = STR_LIT("bureau");
        test_must(t, desk_submit(t->arena, t->desk, &s, &receipt, &t->err));
        return receipt.number;
}

/* A matter of the procedure; personal fields carry markers. */
static inline struct str test_apply(struct test_town *t, const char *procedure, const char *topic)
{
        struct buf json = BUF(t->arena);
        buf_c(&json, "{\"topic\":");
        value_write_json_string(&json, str_of(topic));
        buf_c(&json, ",\"kind\":\"b\",\"place\":\"bureau\",\"fee\":12.50,\"who\":\"密名\","
                     "\"id_no\":\"350203199003070014\",\"phone\":\"13800138000\","
                     "\"stages\":[{\"name\":\"初审\",\"on\":\"2021-03-02\"}]}");
        buf_char(&json, '\0');
        return test_do(t, str_format(t->arena, "%s.apply", procedure).p, "applicant", json.p);
}

static inline void test_decide(struct test_town *t, struct str number, const char *result)
{
        test_do(t, str_format(t->arena, "%.*s.decide", STR_FMT(number)).p, "s01",
                        str_format(t->arena, "{\"result\":\"%s\",\"opinion\":\"密见\"}", result).p);
}

static inline void test_retract(struct test_town *t, struct str number)
{
        test_do(t, str_format(t->arena, "%.*s.retract", STR_FMT(number)).p, "s01", "{}");
}

#define TEST_OPEN_CASES 60 /* more than one page */

static inline void test_people(struct test_town *t)
{
        test_do(t, "register:units.put", "system",
                        "{\"id\":\"bureau\",\"name\":\"清水市司法局\",\"kind\":\"organ\"}");
        test_do(t, "register:staff.put", "system",
                        "{\"id\":\"s01\",\"name\":\"密员甲\",\"unit\":\"bureau\","
                        "\"roles\":[\"clerk\"]}");
        test_do(t, "register:people.put", "system",
                        "{\"code\":\"P1\",\"name\":\"张仲景\",\"n\":3,\"remark\":\"密备\","
                        "\"id_no\":\"350203199003070022\"}");
        test_do(t, "register:blacklist.put", "system", "{\"code\":\"密单一\",\"name\":\"密名\"}");
}

/* Numbers: 开1 hostile title, 开2 rare name, 开3 decided and published, 开4 retracted, the rest
 * ordinary; 示1 never published, 示2 published, 示3 retracted; 密1 and 密2 hidden. */
static inline void test_matters(struct test_town *t)
{
        test_apply(t, "open_case", "<script>alert(1)</script>\"'&<b>");
        test_apply(t, "open_case", "𠮷野家龘的公证服务");
        test_decide(t, test_apply(t, "open_case", "老城区改造听证"), "准予公开");
        struct str retracted = test_apply(t, "open_case", "撤回公示的事项");
        test_decide(t, retracted, "密果撤");
        t->now = test_moment("2021-03-03 09:00");
        test_retract(t, retracted);
        for (int i = 5; i <= TEST_OPEN_CASES; i++)
                test_apply(t, "open_case", str_format(t->arena, "公证服务收费第%d号", i).p);
        test_apply(t, "noted_case", "密由未公示");
        test_decide(t, test_apply(t, "noted_case", "公示以后公开的事项"), "公示的结果");
        struct str noted = test_apply(t, "noted_case", "密由撤回");
        test_decide(t, noted, "密果撤");
        t->now = test_moment("2021-03-04 09:00");
        test_retract(t, noted);
        test_decide(t, test_apply(t, "hidden_case", "密由一"), "密果一");
        test_apply(t, "hidden_case", "密由二");
}

/* A draw that was announced and drawn, and one that is void; the number of the first. */
static inline struct str test_draws(struct test_town *t)
{
        struct str drawn = test_do(t, "lot.open", "s01", "{\"topic\":\"抽签甲\"}");
        struct str gone = test_do(t, "lot.open", "s01", "{\"topic\":\"抽签乙\"}");
        test_do(t, str_format(t->arena, "%.*s.announce", STR_FMT(drawn)).p, "s01", "{}");
        test_do(t, str_format(t->arena, "%.*s.announce", STR_FMT(gone)).p, "s01", "{}");
        test_do(t, str_format(t->arena, "%.*s.draw", STR_FMT(drawn)).p, "s01", "{}");
        test_do(t, str_format(t->arena, "%.*s.void", STR_FMT(gone)).p, "s01",
                        "{\"fault\":\"彩票停售\"}");
        return drawn;
}

/* Who works here and who stands in for whom: as it is really kept. */
static inline void test_take_real(struct test_town *t, struct definition_source *source)
{
        static const char *const names[] = { "registers/units.yaml", "registers/staff.yaml",
                "registers/delegations.yaml", "registers/recusals.yaml" };
        for (size_t i = 0; i < N_ELEMENTS(names); i++)
                if (str_is(source->name, names[i]))
                        test_must(t, file_read(t->arena,
                                                     str_format(t->arena, "%s/%s", t->root,
                                                                     names[i]),
                                                     1 << 20, &source->text, &t->err));
}

/* What posts are called, as it is really kept, and those of the tests' own procedures. */
static inline struct definition_source test_real_roles(struct test_town *t)
{
        struct definition_source source = { .name = STR_LIT("registers/roles.yaml") };
        test_must(t, file_read(t->arena, str_format(t->arena, "%s/registers/roles.yaml", t->root),
                                     1 << 20, &source.text, &t->err));
        size_t at = str_find(source.text, STR_LIT("\nroles:\n"));
        assert_int_not_equal(at, SIZE_MAX);
        source.text = str_format(t->arena, "%.*s\nroles:\n  clerk: 经办人员\n%.*s", (int)at,
                        source.text.p, STR_FMT(str_slice(source.text, at + 8, source.text.n)));
        return source;
}

static inline bool test_load(struct test_town *t)
{
        struct site_data own;
        struct str problems;
        if (!site_read_data(t->arena, str_format(t->arena, "%s/tests/data/portal", t->root), &own,
                            &t->err))
                return false;
        struct definition_source *all = arena_grow(
                        t->arena, own.definitions, own.n_definitions, 3, sizeof(*own.definitions));
        size_t n = own.n_definitions;
        for (size_t i = 0; t->on_disk && i < n; i++)
                test_take_real(t, &all[i]);
        if (t->on_disk)
                all[n++] = test_real_roles(t);
        for (size_t i = 0; i < N_ELEMENTS(t->more) && t->more[i].name.n != 0; i++)
                all[n++] = t->more[i];
        t->definitions = all;
        t->n_definitions = n;
        return catalogue_load(t->arena, all, n, &t->catalogue, &problems, &t->err);
}

static inline void test_open_folder(struct test_town *t, const struct site_config *config,
                const struct site_data *calendars)
{
        struct site_data data = *calendars;
        static const char pattern[] = "/tmp/plumbline-web.XXXXXX";
        memcpy(t->dir, pattern, sizeof(pattern));
        data.definitions = t->definitions;
        data.n_definitions = t->n_definitions;
        assert_non_null(mkdtemp(t->dir));
        struct str dir = str_of(t->dir);
        test_must(t, site_init(dir, config, &data, t->now, &t->err) &&
                                        site_open(dir, &t->site, &t->err));
}

static inline int test_remove_one(
                const char *path, const struct stat *stat, int flag, struct FTW *ftw)
{
        (void)stat, (void)flag, (void)ftw;
        return remove(path);
}

static inline void test_open_site(struct test_town *t)
{
        const struct site_config config = { .organ = STR_LIT("清水市司法局"),
                .prefix = STR_LIT("清司"),
                .region = STR_LIT("330800"),
                .city = STR_LIT("清水市"),
                .store = STR_LIT("sqlite"),
                .yellow = 5,
                .red = 2,
                .port = 8080,
                .hash = LEDGER_SHA256,
                .parameters = value_context(NULL, 0) };
        struct site_data data;
        const struct calendar_set *calendars;
        test_must(t, site_read_data(t->arena, str_of(t->root), &data, &t->err));
        test_must(t, calendar_set_new(t->arena, data.calendars, data.n_calendars, &calendars,
                                     &t->err));
        if (t->on_disk)
                test_open_folder(t, &config, &data);
        else
                test_must(t, site_open_memory(
                                             &config, &t->catalogue, calendars, &t->site, &t->err));
        const struct desk_options desk = { .clock = { test_now, t },
                .without_thread = !t->with_thread,
                .entropy = test_entropy,
                .entropy_user = t,
                .checkpoint_events = 20 };
        test_must(t, desk_open(t->site, &desk, &t->desk, &t->err));
}

/* `more` may be NULL; else it ends with one without a name, or with the third. */
static inline struct test_town *test_open_as(
                const struct definition_source *more, bool with_thread, bool on_disk)
{
        struct test_town *t = calloc(1, sizeof(*t));
        assert_non_null(t);
        t->with_thread = with_thread;
        t->on_disk = on_disk;
        for (size_t i = 0; more != NULL && i < N_ELEMENTS(t->more) && more[i].name.n != 0; i++)
                t->more[i] = more[i];
        t->arena = arena_open();
        t->root = getenv("PLUMBLINE_SOURCE") != NULL ? getenv("PLUMBLINE_SOURCE") : ".";
        t->now = test_moment("2021-03-01 09:00");
        test_must(t, test_load(t));
        test_open_site(t);
        const struct portal_options options = { .data = str_of(t->root), .clock = { test_now, t } };
        test_must(t, portal_open(t->site, t->desk, &options, &t->portal, &t->err));
        t->port = portal_port(t->portal);
        return t;
}

static inline struct test_town *test_open_with(
                const struct definition_source *more, bool with_thread)
{
        return test_open_as(more, with_thread, false);
}

static inline struct test_town *test_open(void)
{
        return test_open_with(NULL, false);
}

static inline void test_close(struct test_town *t)
{
        portal_close(&t->portal);
        test_must(t, desk_close(&t->desk, &t->err));
        site_close(&t->site);
        if (t->on_disk)
                nftw(t->dir, test_remove_one, 16, FTW_DEPTH | FTW_PHYS);
        arena_close(&t->arena);
        free(t);
}

static inline struct str test_get(struct test_town *t, const char *address)
{
        return test_ask(t->arena, t->port, "GET", str_of(address), "");
}

/* The address of a matter's page, by its number. */
static inline const char *test_url(struct test_town *t, const char *before, const char *text)
{
        struct buf buf = BUF(t->arena);
        buf_c(&buf, before);
        address_encode(&buf, str_of(text));
        buf_char(&buf, '\0');
        return buf.p;
}

static inline bool test_has(struct str text, const char *part)
{
        return str_find(text, str_of(part)) != SIZE_MAX;
}

#endif
