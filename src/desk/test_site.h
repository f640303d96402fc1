/* desk/test_site.h - a small site with one procedure, for the tests of this room. */
#ifndef DESK_TEST_SITE_H
#define DESK_TEST_SITE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "desk/desk.h"
#include "desk/site_state.h"
#include "projection/matter_read.h"
#include "projection/projection.h"
#include "projection/rebuild.h"
#include "store/store.h"

/* A note is written and signed; signing it opens a copy, which closes the note when it is
 * filed. A reply is due in three working days and turns to "lapsed" by itself. */
static const char test_note[] =
                "procedure: note\n"
                "label: 便函\n"
                "visible: never\n"
                "versions:\n"
                "  - version: N1\n"
                "    effective: 2018-01-01\n"
                "    law: 测试法\n"
                "    number: '{prefix}函〔{year}〕{n}号'\n"
                "    title: subject\n"
                "    parties: {applicant: 申请人}\n"
                "    parameters: {reply_days: {value: 3, label: 答复期限, note: 可配置}}\n"
                "    fields:\n"
                "      subject: {label: 事由, type: text, class: public, max: 100}\n"
                "      amount: {label: 金额, type: money, class: public}\n"
                "      copies: {label: 份数, type: integer}\n"
                "    states: {open: 办理中, waiting: 待复, lapsed: {label: 逾期未复, final: true},\n"
                "             done: {label: 办结, final: true}}\n"
                "    acts:\n"
                "      write: {label: 起草, by: [clerk, applicant], from: new, to: open, needs: [subject],\n"
                "              takes: [amount], document: slip, hint: 请送签}\n"
                "      change: {label: 改写, by: clerk, from: open, takes: [subject, amount],\n"
                "               warn: [{that: 'amount < 100', say: 金额较大, basis: 测试法 第二条}]}\n"
                "      ask: {label: 征询, by: clerk, from: open, to: waiting, starts: reply}\n"
                "      reply: {label: 答复, by: clerk, from: waiting, to: open, within: reply, stops: reply}\n"
                "      lapse: {label: 逾期, by: system, from: waiting, to: lapsed}\n"
                "      sign: {label: 签发, by: head, from: open, differs_from: [write], takes: [copies],\n"
                "             opens: [{procedure: copy, act: make, with: {subject: subject},\n"
                "                      each: 'for i in 1..copies return i', as: nth}]}\n"
                "      close: {label: 办结, by: system, from: open, to: done}\n"
                "    clocks:\n"
                "      reply: {label: 答复期限, length: {value: reply_days, unit: working days},\n"
                "              yellow: 2, red: 1, expires: lapse, basis: 测试法 第一条}\n"
                "    documents:\n"
                "      slip: {label: 便笺, number: '{prefix}笺〔{year}〕{n}号', text: '{{subject}}'}\n";

static const char test_copy[] =
                "procedure: copy\n"
                "label: 抄件\n"
                "visible: never\n"
                "versions:\n"
                "  - version: C1\n"
                "    effective: 2018-01-01\n"
                "    law: 测试法\n"
                "    number: '{prefix}抄〔{year}〕{n}号'\n"
                "    title: subject\n"
                "    fields: {subject: {label: 事由, type: text, class: public, max: 5}}\n"
                "    states: {made: 已抄, filed: {label: 归档, final: true}}\n"
                "    acts:\n"
                "      make: {label: 抄录, by: system, from: new, to: made, needs: [subject],\n"
                "             assigns: '\"clerk-1@b\"'}\n"
                "      stamp: {label: 盖章, by: clerk, from: made}\n"
                "      file: {label: 归档, by: clerk, from: made, to: filed,\n"
                "             then: [{on: parent, act: close}]}\n"
                "    clocks: {}\n";

static const char test_units[] =
                "register: units\nlabel: 单位\nkey: id\nkeepers: [keeper]\npublic: true\n"
                "fields: {name: {label: 名称, type: text, class: public},\n"
                "         parent: {label: 上级, type: unit, class: public}}\n";

static const char test_staff[] =
                "register: staff\nlabel: 人员\nkey: id\nkeepers: [keeper]\npublic: false\n"
                "fields: {name: {label: 姓名, type: text}, unit: {label: 单位, type: unit},\n"
                "         roles: {label: 岗位, type: list}}\n";

static const char test_indicators[] =
                "indicators:\n"
                "  N1: {label: 便函数, unit: 件, count: note, date: created_on}\n";

static const char test_report[] =
                "report: annual\nlabel: 年度报告\ntitle: '{organ}{year}年报告'\nfigures:\n"
                "  - {id: F1, section: 办理, text: '便函{value}件', indicator: N1}\n";

static const char test_2021[] =
                "notice\t国办发明电〔2020〕27号\ntitle\t国务院办公厅关于2021年部分节假日安排的通知\n"
                "source\thttps://www.gov.cn/\nknown\t2020-11-25\nyear\t2021\n"
                "off\t元旦\t2021-01-01\t2021-01-03\n";

struct test_site {
        struct arena *arena;
        struct site_data data;
        char dir[64]; /* empty: in memory */
        struct site *site;
        struct desk *desk;
        struct moment now;
        struct err err;
};

/* A test that looks into the file of SQLite is left out where a server keeps the records. */
static inline void test_needs_file(void)
{
        if (getenv("PLUMBLINE_TEST_STORE") != NULL)
                skip();
}

static inline struct site_data test_data(void)
{
        static const struct definition_source definitions[] = {
                { { "indicators/t.yaml", 17 }, { test_indicators, sizeof(test_indicators) - 1 } },
                { { "procedures/copy.yaml", 20 }, { test_copy, sizeof(test_copy) - 1 } },
                { { "procedures/note.yaml", 20 }, { test_note, sizeof(test_note) - 1 } },
                { { "registers/staff.yaml", 20 }, { test_staff, sizeof(test_staff) - 1 } },
                { { "registers/units.yaml", 20 }, { test_units, sizeof(test_units) - 1 } },
                { { "reports/annual.yaml", 19 }, { test_report, sizeof(test_report) - 1 } },
        };
        static const struct calendar_file calendars[] = {
                { { "calendars/2021.tsv", 18 }, { test_2021, sizeof(test_2021) - 1 } },
        };
        return (struct site_data){ definitions, N_ELEMENTS(definitions), calendars,
                N_ELEMENTS(calendars) };
}

static inline struct site_config test_config(void)
{
        return (struct site_config){
                .organ = STR_LIT("测试局"),
                .prefix = STR_LIT("测"),
                .region = STR_LIT("350200"),
                .city = STR_LIT("测试市"),
                .store = STR_LIT("sqlite"),
                .yellow = 5,
                .red = 2,
                .port = 8080,
                .hash = LEDGER_SHA256,
                .parameters = value_context(NULL, 0),
        };
}

static inline struct moment test_moment(const char *text)
{
        struct moment m;
        struct err err;
        assert_true(moment_parse(str_of(text), &m, &err));
        return m;
}

static inline struct moment test_now(void *user)
{
        return ((const struct test_site *)user)->now;
}

static inline void test_must(struct test_site *t, bool ok)
{
        if (!ok)
                print_error("%s: %s: %s\n", err_text(t->err.code)->name, t->err.field,
                                t->err.detail);
        assert_true(ok);
}

static inline struct desk_options test_options(struct test_site *t, bool thread)
{
        return (struct desk_options){ .clock = { test_now, t }, .without_thread = !thread };
}

static inline void test_open_desk(struct test_site *t, bool thread)
{
        struct desk_options options = test_options(t, thread);
        test_must(t, desk_open(t->site, &options, &t->desk, &t->err));
}

static inline struct value test_json(struct test_site *t, const char *json)
{
        struct value v;
        test_must(t, value_parse_json(t->arena, str_of(json), &v, &t->err));
        return v;
}

/* "note.write", "#12.ask", "测函〔2021〕1号.ask", "register:units.put" */
static inline struct submission test_act(
                struct test_site *t, const char *what, const char *who, const char *json)
{
        struct str text = str_of(what), reg = STR_LIT("register:");
        size_t dot = text.n;
        while (text.p[dot - 1] != '.')
                dot--;
        struct str subject = str_slice(text, 0, dot - 1);
        struct submission s = { .act = str_slice(text, dot, text.n),
                .actor = str_of(who),
                .fields = json != NULL ? test_json(t, json) : value_context(NULL, 0) };
        if (str_starts(subject, reg))
                s.reg = str_slice(subject, reg.n, subject.n);
        else if (catalogue_procedure(site_catalogue(t->site), subject) != NULL)
                s.procedure = subject;
        else
                s.matter = subject;
        if (str_is(s.actor, "system"))
                s.by = BY_SYSTEM;
        else if (str_is(s.actor, "applicant"))
                s.by = BY_PARTY;
        if (s.by == BY_PARTY && s.procedure.n > 0)
                s.unit = STR_LIT("b");
        return s;
}

/* Submits; false leaves why in t->err. */
static inline bool test_do(struct test_site *t, const char *what, const char *who, const char *json,
                struct receipt *ret)
{
        struct receipt receipt;
        struct submission s = test_act(t, what, who, json);
        return desk_submit(t->arena, t->desk, &s, ret != NULL ? ret : &receipt, &t->err);
}

static inline void test_people(struct test_site *t)
{
        test_must(t, test_do(t, "register:units.put", "system", "{\"id\":\"b\",\"name\":\"局\"}",
                                     NULL));
        test_must(t, test_do(t, "register:staff.put", "system",
                                     "{\"id\":\"li\",\"name\":\"李四\",\"unit\":\"b\",\"roles\":"
                                     "[\"clerk\"]}",
                                     NULL));
        test_must(t, test_do(t, "register:staff.put", "system",
                                     "{\"id\":\"wang\",\"name\":\"王五\",\"unit\":\"b\",\"roles\":"
                                     "[\"head\",\"clerk\"]}",
                                     NULL));
}

/* A site in a folder of its own, its desk open, its people set up. */
static inline struct test_site *test_open(bool thread)
{
        struct test_site *t = calloc(1, sizeof(*t));
        assert_non_null(t);
        t->arena = arena_open();
        t->now = test_moment("2021-03-01 09:00");
        const char *base = getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp";
        snprintf(t->dir, sizeof(t->dir), "%.40s/desk-XXXXXX", base);
        assert_non_null(mkdtemp(t->dir));
        struct site_config config = test_config();
        t->data = test_data();
        test_must(t, site_init(str_of(t->dir), &config, &t->data, t->now, &t->err));
        test_must(t, site_open(str_of(t->dir), &t->site, &t->err));
        test_open_desk(t, thread);
        test_people(t);
        return t;
}

/* Another site in its place, with these definitions beside the others, below the first folder. */
static inline void test_begin_with(
                struct test_site *t, const struct definition_source *more, size_t n_more)
{
        struct site_config config = test_config();
        size_t n = t->data.n_definitions;
        struct definition_source *all =
                        arena_grow(t->arena, t->data.definitions, n, n_more, sizeof(*all));
        memcpy(all + n, more, n_more * sizeof(*more));
        struct str dir = str_format(t->arena, "%s/more", t->dir);
        test_must(t, desk_close(&t->desk, &t->err));
        site_close(&t->site);
        t->data.definitions = all;
        t->data.n_definitions = n + n_more;
        test_must(t, site_init(dir, &config, &t->data, t->now, &t->err));
        test_must(t, site_open(dir, &t->site, &t->err));
        test_open_desk(t, false);
        test_people(t);
}

static inline int test_remove_one(
                const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
        (void)stat;
        (void)type;
        (void)ftw;
        return remove(path);
}

static inline void test_close(struct test_site *t)
{
        struct err err;
        bool closed = desk_close(&t->desk, &err);
        (void)closed; /* a store that fails cannot be signed */
        site_close(&t->site);
        if (t->dir[0] != '\0')
                nftw(t->dir, test_remove_one, 16, FTW_DEPTH | FTW_PHYS);
        arena_close(&t->arena);
        free(t);
}

/* Closes and opens everything, as after a restart. */
static inline void test_reopen(struct test_site *t, bool thread)
{
        if (t->desk != NULL)
                test_must(t, desk_close(&t->desk, &t->err));
        site_close(&t->site);
        test_must(t, site_open(str_of(t->dir), &t->site, &t->err));
        test_open_desk(t, thread);
}

static inline int64_t test_count(struct test_site *t, enum query query)
{
        struct snapshot *snapshot = NULL;
        int64_t n = 0;
        bool found;
        test_must(t, snapshot_open(site_store(t->site), &snapshot, &t->err));
        test_must(t, snapshot_int(snapshot, query, NO_PARAMS, &n, &found, &t->err));
        snapshot_close(&snapshot);
        return n;
}

static inline struct matter *test_matter(struct test_site *t, int64_t id)
{
        struct snapshot *snapshot = NULL;
        struct matter *matter;
        test_must(t, snapshot_open(site_store(t->site), &snapshot, &t->err));
        test_must(t, matter_read(t->arena, snapshot, site_catalogue(t->site), id, &matter,
                                     &t->err));
        snapshot_close(&snapshot);
        return matter;
}

/* Its read tables are those that its log makes. */
static inline void test_rebuild_is_equal(struct test_site *t)
{
        struct store *store = NULL;
        struct snapshot *live_rows = NULL, *fresh = NULL;
        struct projection_difference difference = { 0 };
        test_must(t, store_open(":memory:", &(struct store_options){ .create = true }, &store,
                                     &t->err));
        test_must(t, projection_rebuild(site_store(t->site), store, site_facts(t->site),
                                     &site_config(t->site)->parameters, NULL, &t->err));
        test_must(t, snapshot_open(site_store(t->site), &live_rows, &t->err));
        test_must(t, snapshot_open(store, &fresh, &t->err));
        test_must(t, projection_compare(t->arena, live_rows, fresh, &difference, &t->err));
        if (difference.differs)
                fail_msg("%s: %.*s | %.*s", difference.table, STR_FMT(difference.a),
                                STR_FMT(difference.b));
        snapshot_close(&live_rows);
        snapshot_close(&fresh);
        store_close(&store);
}

#endif
