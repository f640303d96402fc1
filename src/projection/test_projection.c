/* Acts go in, rows come out; and the log alone makes the same rows again. */
#include "projection/test_bureau.h"

#include "projection/docket.h"
#include "projection/indicator.h"
#include "projection/rebuild.h"
#include "projection/register_read.h"
#include "projection/report.h"

static const char case_text[] =
                "procedure: case\n"
                "label: 测试办件\n"
                "visible: published\n"
                "versions:\n"
                "  - version: A\n"
                "    effective: 2018-01-01\n"
                "    law: 测试法\n"
                "    number: '{prefix}测〔{year}〕{n}号'\n"
                "    title: subject\n"
                "    parties: {applicant: 申请人}\n"
                "    keys: {same_person: applicant_name}\n"
                "    fields:\n"
                "      subject: {label: 事由, type: text, class: public}\n"
                "      applicant_name: {label: 申请人, type: text, class: personal, mask: name}\n"
                "      amount: {label: 金额, type: money, class: published}\n"
                "      kind: {label: 类别, type: enum, class: public, options: [甲, 乙]}\n"
                "      accepted_on: {label: 受理日期, type: date, class: public}\n"
                "      firm: {label: 机构, type: text}\n"
                "      officer: {label: 承办人, type: text}\n"
                "      guests: {label: 参加人, type: list, item: {name: {label: 姓名, type: text}}}\n"
                "    states: {open: 受理中, waiting: 等待中, done: {label: 办结, final: true}}\n"
                "    acts:\n"
                "      begin: {label: 登记, by: [clerk, applicant], from: new, to: open, needs: [subject],\n"
                "              takes: [applicant_name, amount, kind, accepted_on, firm, guests, officer],\n"
                "              starts: answer, assigns: officer}\n"
                "      change: {label: 变更, by: clerk, from: open,\n"
                "              takes: [subject, applicant_name, amount, kind, accepted_on, firm, guests, officer],\n"
                "              assigns: officer, notifies: [applicant]}\n"
                "      wait: {label: 等待, by: clerk, from: open, to: waiting}\n"
                "      go_on: {label: 恢复, by: clerk, from: waiting, to: open}\n"
                "      show: {label: 公示, by: clerk, from: open, publishes: notice, document: receipt,\n"
                "             writes: [{register: firms, key: firm, set: {name: subject, staff: amount}}]}\n"
                "      hide: {label: 撤回, by: clerk, from: open, withdraws: notice,\n"
                "             writes: [{register: firms, key: firm, end: today}]}\n"
                "      finish: {label: 办结, by: head, from: open, to: done, stops: answer}\n"
                "    clocks:\n"
                "      answer: {label: 答复, length: 20 working days, paused_in: [waiting], basis: 测试法 第一条}\n"
                "    documents:\n"
                "      receipt: {label: 回执, number: '{prefix}回〔{year}〕{n}号', text: '{{subject}}'}\n"
                "    publications:\n"
                "      notice: {label: 公示, title: subject, shows: [subject, amount], masked: {applicant_name: name}, days: 30}\n";

static const char firms_text[] =
                "register: firms\nlabel: 机构\nkey: code\nkeepers: []\npublic: true\n"
                "fields: {name: {label: 名称, type: text, class: public}, staff: {label: 人数, type: decimal, class: public},\n"
                "         unit: {label: 单位, type: unit, class: public}}\n";

static const char indicators_text[] =
                "indicators:\n"
                "  N1: {label: 件数, unit: 件, count: case, where: 'kind = \"甲\"', date: accepted_on}\n"
                "  S1: {label: 金额, unit: 万元, sum: amount, of: case, date: accepted_on, scale: 10000, decimals: 2}\n"
                "  D1: {label: 机构数, unit: 家, distinct: firm, of: case, date: accepted_on}\n"
                "  E1: {label: 参加人次, unit: 人次, count: case, each: guests, date: accepted_on}\n"
                "  E2: {label: 参加人数, unit: 人, distinct: each.name, each: guests, of: case, date: accepted_on}\n"
                "  F1: {label: 办结数, unit: 件, count: case, where: final, date: did.finish.on}\n"
                "  R1: {label: 办结率, unit: '%', ratio: [F1, N1], percent: true, decimals: 1}\n"
                "  G1: {label: 同比增长, unit: '%', growth: N1, decimals: 1}\n"
                "  T1: {label: 大额件数, unit: 件, count: case, where: amount >= threshold, date: accepted_on,\n"
                "       parameters: {threshold: {value: 100, label: 大额}}}\n"
                "  C1: {label: 机构数, unit: 家, count_entries: firms, where: staff >= least,\n"
                "       parameters: {least: {value: 2, label: 最少}}}\n"
                "  C2: {label: 人数, unit: 人, sum_entries: firms, sum: staff, where: 'true'}\n"
                "  C3: {label: 名称数, unit: 个, distinct_entries: firms, distinct: name}\n"
                "  M1: {label: 按期办结数, unit: 件, count: case, where: clock.answer.met, date: did.finish.on}\n";

static const char report_text[] =
                "report: annual\nlabel: 年度报告\ntitle: '{organ}{year}年报告'\nfigures:\n"
                "  - {id: F1, section: 办理, text: '受理{value}件', indicator: N1}\n"
                "  - {id: F2, section: 办理, text: '涉及{value}万元', indicator: S1}\n"
                "  - {id: F3, section: 办理, text: '参加{value}余人次', indicator: E1, down_to: 2, qualifier: '>'}\n"
                "  - {id: F4, section: 办理, text: '大额为{value}元以上', parameter: T1.threshold, unit: 元}\n"
                "  - {id: F5, section: 办理, text: '同比增长{value}', indicator: G1}\n"
                "  - {id: F6, section: 办理, text: '未建{value}', indicator: NOBODY}\n";

static const char *const definitions[] = { case_text, firms_text, indicators_text, report_text };

static struct bureau *open_bureau(void)
{
        return bureau_open(bureau_store(false), definitions, N_ELEMENTS(definitions));
}

static int64_t begin(struct bureau *b, const char *json)
{
        int64_t id = bureau_act(b, &(struct bureau_act){ .procedure = "case", .who = "clerk",
                                           .act = "begin", .json = json });
        bureau_must(b, id != 0);
        return id;
}

static void change(struct bureau *b, int64_t id, const char *act, const char *json)
{
        bureau_must(b, bureau_act(b, &(struct bureau_act){ .matter = id, .who = "clerk",
                                              .act = act, .json = json }) == id);
}

/* ---- Reading, as a page would ---- */

struct reader {
        struct arena *arena;
        struct snapshot *snapshot;
        struct world world;
};

static void reader_open(struct reader *r, struct bureau *b)
{
        r->arena = b->arena;
        r->snapshot = NULL;
        bureau_must(b, snapshot_open(b->store, &r->snapshot, &b->err));
        world_open(&r->world, r->snapshot, projection_catalogue(b->projection),
                        projection_calendars(b->projection), &test_site, b->now);
}

static void reader_close(struct reader *r)
{
        assert_false(r->world.failed);
        snapshot_close(&r->snapshot);
}

/* The shown value of an indicator for a year, of a unit or the whole site. */
static const char *figure_of(struct bureau *b, const char *id, int year, const char *unit)
{
        struct reader r;
        struct figure figure;
        struct str units = { NULL, 0 };
        const struct str *texts;
        size_t n;
        reader_open(&r, b);
        if (unit != NULL)
                bureau_must(b, world_units(r.arena, r.snapshot, str_of(unit), moment_date(b->now),
                                               &units, &texts, &n, &b->err));
        bureau_must(b, indicator_value(r.arena, &r.world, str_of(id), period_year(year), units,
                                       &figure, &b->err));
        reader_close(&r);
        return str_c(b->arena, figure.text);
}

/* Sums the drilled-down rows, a page of two at a time: what the figure must be. */
static const char *summed(struct bureau *b, const char *id, int year, int *ret_n, int *ret_late)
{
        struct reader r;
        struct indicator_cursor cursor = { 0 };
        struct decimal sum = decimal_of(0);
        bool more = true;
        *ret_n = *ret_late = 0;
        reader_open(&r, b);
        while (more) {
                const struct indicator_row *rows;
                size_t n;
                bureau_must(b, indicator_rows(r.arena, &r.world, str_of(id), period_year(year),
                                               STR_LIT(""), &cursor, 2, &rows, &n, &more, &b->err));
                for (size_t i = 0; i < n; i++) {
                        assert_true(decimal_add(sum, rows[i].amount, &sum));
                        *ret_late += rows[i].late;
                        assert_true(rows[i].number.n != 0);
                }
                *ret_n += (int)n;
        }
        reader_close(&r);
        return str_c(b->arena, decimal_format(b->arena, sum));
}

/* ---- Rebuilding ---- */

static void assert_rebuilds(struct bureau *b)
{
        struct store *again = bureau_store(false);
        struct snapshot *live = NULL, *made = NULL;
        struct projection_difference difference;
        bureau_must(b, projection_rebuild(b->store, again, &test_site, NULL, NULL, &b->err));
        bureau_must(b, snapshot_open(b->store, &live, &b->err));
        bureau_must(b, snapshot_open(again, &made, &b->err));
        bureau_must(b, projection_compare(b->arena, live, made, &difference, &b->err));
        if (difference.differs)
                fail_msg("%s row %lld column %s:\n%.*s\n%.*s", difference.table,
                                (long long)difference.row, difference.column,
                                STR_FMT(difference.a), STR_FMT(difference.b));
        snapshot_close(&live);
        snapshot_close(&made);
        store_close(&again);
}

/* ---- Matters ---- */

static void test_matter_and_lists(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        struct reader r;
        struct matter *matter;
        const struct docket_row *rows;
        const struct clock_row *clocks;
        size_t n;
        bool more;
        bureau_time(b, "2021-03-01 09:00");
        int64_t id = begin(b, "{\"subject\":\"房屋拆迁\",\"applicant_name\":\"张镕\",\"officer\":\"clerk\"}");
        int64_t other = bureau_act(b, &(struct bureau_act){ .procedure = "case", .who = "applicant",
                                           .act = "begin", .json = "{\"subject\":\"道路施工\"}",
                                           .unit = "lujiang" });
        assert_true(other > id);

        reader_open(&r, b);
        bureau_must(b, matter_read_by_number(r.arena, r.snapshot, r.world.catalogue,
                                       STR_LIT("厦司测〔2021〕1号"), &matter, &b->err));
        assert_int_equal(matter->id, id);
        assert_true(str_is(matter->fields[0].string, "房屋拆迁"));
        assert_false(matter_read_by_number(r.arena, r.snapshot, r.world.catalogue,
                        STR_LIT("没有"), &matter, &b->err));
        assert_int_equal(b->err.code, E_NOT_FOUND);

        /* 20 working days from 2021-03-01: the day itself does not count. */
        bureau_must(b, clock_rows(r.arena, r.snapshot, id, &clocks, &n, &b->err));
        assert_int_equal(n, 1);
        assert_int_equal(clocks[0].last_day.day, test_date("2021-03-29").day);
        assert_int_equal(clocks[0].status, CLOCK_RUNNING);
        bureau_must(b, clock_rows_due(r.arena, r.snapshot, b->now, 10, &clocks, &n, &b->err));
        assert_int_equal(n, 0);
        bureau_must(b, clock_rows_due(r.arena, r.snapshot, test_moment("2021-04-30 00:00"), 10,
                                       &clocks, &n, &b->err));
        assert_int_equal(n, 2);
        bureau_must(b, clock_rows_ahead(r.arena, r.snapshot, STR_LIT(""), NULL, 1, &clocks, &n,
                                       &b->err));
        assert_int_equal(n, 1);
        bureau_must(b, clock_rows_ahead(r.arena, r.snapshot, STR_LIT(""), &clocks[0], 5, &clocks,
                                       &n, &b->err));
        assert_int_equal(n, 1);

        struct {
                const char *why;
                struct docket_filter filter;
                size_t n;
                bool more;
        } lists[] = {
                { "all", { .open = false }, 2, false },
                { "a page of one", { .limit = 1 }, 1, true },
                { "below", { .below = other }, 1, false },
                { "a procedure", { .procedure = STR_LIT("case") }, 2, false },
                { "a state", { .procedure = STR_LIT("case"), .state = STR_LIT("done") }, 0, false },
                { "open", { .procedure = STR_LIT("case"), .state = STR_LIT("open"), .open = true },
                  2, false },
                { "a unit and all below it", { .unit = STR_LIT("siming") }, 1, false },
                { "one unit", { .unit = STR_LIT("lujiang") }, 1, false },
                { "the whole tree", { .unit = STR_LIT("bureau") }, 2, false },
                { "assigned", { .assigned = STR_LIT("clerk") }, 1, false },
                { "nobody's", { .assigned = STR_LIT("head") }, 0, false },
                { "two characters of the title", { .text = STR_LIT("拆迁") }, 1, false },
                { "a rare name's last character", { .text = STR_LIT("镕") }, 1, false },
                { "the number", { .text = STR_LIT("2021〕2号") }, 1, false },
                { "assigned and found", { .text = STR_LIT("施工"), .assigned = STR_LIT("clerk") },
                  0, false },
                { "signs alone find nothing", { .text = STR_LIT("〔〕") }, 0, false },
                { "strangers see nothing that is not published", { .stranger = true }, 0, false },
                { "late", { .late = true }, 0, false },
        };
        for (size_t i = 0; i < N_ELEMENTS(lists); i++) {
                lists[i].filter.today = moment_date(b->now);
                if (lists[i].filter.limit == 0)
                        lists[i].filter.limit = 10;
                bureau_must(b, docket_rows(r.arena, r.snapshot, &lists[i].filter, &rows, &n, &more,
                                               &b->err));
                if (n != lists[i].n || more != lists[i].more)
                        fail_msg("%s: %zu", lists[i].why, n);
        }
        const struct docket_tally *tallies;
        bureau_must(b, docket_tallies(r.arena, r.snapshot, STR_LIT(""), moment_date(b->now),
                                       &tallies, &n, &b->err));
        assert_int_equal(n, 1);
        assert_int_equal(tallies[0].n, 2);
        reader_close(&r);
        assert_rebuilds(b);
        bureau_close(&b);
}

/* 依法公开的只是公示所列的内容；撤回后不再可见。 */
static void test_publication(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        struct reader r;
        const struct publication_row *rows;
        const struct docket_row *seen;
        size_t n;
        bool more;
        bureau_time(b, "2021-03-01 09:00");
        int64_t id = begin(b, "{\"subject\":\"房屋拆迁\",\"applicant_name\":\"张三丰\",\"amount\":12.5,"
                             "\"firm\":\"f1\"}");
        change(b, id, "show", NULL);
        reader_open(&r, b);
        struct docket_filter stranger = { .stranger = true, .today = test_date("2021-03-30"),
                .limit = 10, .text = STR_LIT("拆迁") };
        bureau_must(b, publication_rows(r.arena, r.snapshot, id, &rows, &n, &b->err));
        assert_int_equal(n, 1);
        assert_true(str_is(rows[0].title, "房屋拆迁"));
        struct buf buf = BUF(r.arena);
        value_write_json(&buf, &rows[0].shown);
        assert_true(str_is(buf_str(&buf),
                        "[{\"field\":\"subject\",\"label\":\"事由\",\"value\":\"房屋拆迁\"},"
                        "{\"field\":\"amount\",\"label\":\"金额\",\"value\":\"12.5\"},"
                        "{\"field\":\"applicant_name\",\"label\":\"申请人\",\"value\":\"张＊＊\"}]"));
        bureau_must(b, publication_rows_list(r.arena, r.snapshot, STR_LIT("case"), STR_LIT("notice"),
                                       test_date("2021-03-30"), INT64_MAX, 10, &rows, &n, &b->err));
        assert_int_equal(n, 1);
        bureau_must(b, publication_rows_list(r.arena, r.snapshot, STR_LIT("case"), STR_LIT(""),
                                       test_date("2021-03-31"), INT64_MAX, 10, &rows, &n, &b->err));
        assert_int_equal(n, 0); /* 30 days are over */
        bureau_must(b, docket_rows(r.arena, r.snapshot, &stranger, &seen, &n, &more, &b->err));
        assert_int_equal(n, 1);
        stranger.text = STR_LIT("张三丰"); /* a name finds nothing for a stranger */
        bureau_must(b, docket_rows(r.arena, r.snapshot, &stranger, &seen, &n, &more, &b->err));
        assert_int_equal(n, 0);
        stranger.text = STR_LIT("拆迁");
        stranger.today = test_date("2021-03-31");
        bureau_must(b, docket_rows(r.arena, r.snapshot, &stranger, &seen, &n, &more, &b->err));
        assert_int_equal(n, 0);
        reader_close(&r);

        bureau_time(b, "2021-03-05 09:00");
        change(b, id, "hide", NULL);
        reader_open(&r, b);
        bureau_must(b, publication_rows_list(r.arena, r.snapshot, STR_LIT("case"), STR_LIT(""),
                                       test_date("2021-03-05"), INT64_MAX, 10, &rows, &n, &b->err));
        assert_int_equal(n, 0);
        reader_close(&r);
        assert_rebuilds(b);
        bureau_close(&b);
}

/* A changed title, name or key is found under the new one only. */
static void test_search_and_keys_follow(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        struct reader r;
        struct value others;
        bureau_time(b, "2021-03-01 09:00");
        int64_t id = begin(b, "{\"subject\":\"旧题目\",\"applicant_name\":\"张三\",\"officer\":\"clerk\"}");
        change(b, id, "change", "{\"subject\":\"新题目\",\"applicant_name\":\"李四\",\"officer\":\"head\"}");
        static const struct {
                const char *text, *assigned, *key;
                size_t n;
        } rows[] = {
                { "旧题", "", "张三", 0 }, { "新题", "", "李四", 1 },
                { "李四", "head", "李四", 1 }, { "李四", "clerk", "张三", 0 },
        };
        reader_open(&r, b);
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct docket_filter filter = { .text = str_of(rows[i].text),
                        .assigned = str_of(rows[i].assigned), .limit = 5 };
                const struct docket_row *found;
                size_t n;
                bool more;
                bureau_must(b, docket_rows(r.arena, r.snapshot, &filter, &found, &n, &more,
                                               &b->err));
                assert_int_equal(n, rows[i].n);
                assert_true(r.world.lookups.matters_with(&r.world, r.arena,
                                STR_LIT("case.same_person"), str_of(rows[i].key), 0, &others));
                assert_int_equal(others.list.n, rows[i].n);
        }
        struct rows waiting = { 0 };
        bureau_must(b, snapshot_rows(r.snapshot, Q_OUTBOX_WAITING, PARAMS(param_int(10)), &waiting,
                                       &b->err));
        assert_true(rows_next(&waiting));
        assert_true(str_is(rows_text(&waiting, 3), "applicant"));
        assert_false(rows_next(&waiting));
        rows_close(&waiting);
        reader_close(&r);
        assert_rebuilds(b);
        bureau_close(&b);
}

/* ---- Registers, units, roles ---- */

static void test_register_days(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        struct reader r;
        bureau_must(b, bureau_entry(b, "firms", "put", "{\"code\":\"a\",\"name\":\"一\",\"$from\":\"2020-01-01\"}"));
        bureau_must(b, bureau_entry(b, "firms", "put", "{\"code\":\"a\",\"name\":\"二\",\"staff\":3,"
                                      "\"$from\":\"2020-06-01\",\"$until\":\"2020-12-31\"}"));
        bureau_must(b, bureau_entry(b, "firms", "put", "{\"code\":\"b\",\"name\":\"三\",\"$from\":\"2020-01-01\"}"));
        bureau_must(b, bureau_entry(b, "firms", "end", "{\"code\":\"b\",\"$end\":\"2020-03-01\"}"));
        static const struct {
                const char *why, *key, *day, *name;
        } rows[] = {
                { "before it begins", "a", "2019-12-31", NULL },
                { "its first day", "a", "2020-01-01", "一" },
                { "the day before the next", "a", "2020-05-31", "一" },
                { "a new entry ends the old one", "a", "2020-06-01", "二" },
                { "`until` is the last day it holds", "a", "2020-12-31", "二" },
                { "and then it does not", "a", "2021-01-01", NULL },
                { "`end` is the first day it does not hold", "b", "2020-03-01", NULL },
                { "the day before", "b", "2020-02-29", "三" },
        };
        reader_open(&r, b);
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct value entry;
                bool found;
                bureau_must(b, register_entry(r.arena, r.snapshot, r.world.catalogue,
                                               STR_LIT("firms"), str_of(rows[i].key),
                                               test_date(rows[i].day), &entry, &found, &b->err));
                if (found != (rows[i].name != NULL) ||
                                (found && !str_is(value_get(&entry, STR_LIT("name"))->string,
                                                        rows[i].name)))
                        fail_msg("%s", rows[i].why);
                if (found)
                        assert_true(str_is(value_get(&entry, STR_LIT("code"))->string,
                                        rows[i].key));
        }
        const struct register_row *all;
        size_t n;
        int64_t count;
        bureau_must(b, register_rows(r.arena, r.snapshot, r.world.catalogue, STR_LIT("firms"),
                                       test_date("2020-02-01"), STR_LIT("a"), 10, &all, &n,
                                       &b->err));
        assert_int_equal(n, 1);
        assert_true(str_is(all[0].key, "b"));
        bureau_must(b, register_history(r.arena, r.snapshot, r.world.catalogue, STR_LIT("firms"),
                                       STR_LIT("a"), &all, &n, &b->err));
        assert_int_equal(n, 2);
        bureau_must(b, register_count(r.snapshot, STR_LIT("firms"), test_date("2020-02-01"),
                                       &count, &b->err));
        assert_int_equal(count, 2);
        reader_close(&r);
        assert_rebuilds(b);
        bureau_close(&b);
}

static void test_roles(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        bureau_must(b, bureau_entry(b, "delegations", "put",
                                        "{\"id\":\"d1\",\"from_staff\":\"clerk\",\"to_staff\":\"head\","
                                        "\"role\":\"clerk\",\"unit\":\"siming\","
                                        "\"$from\":\"2021-05-01\",\"$until\":\"2021-05-31\"}"));
        static const struct {
                const char *why, *who, *behalf, *role, *unit, *day;
                bool holds;
        } rows[] = {
                { "for the own unit", "clerk", "", "clerk", "bureau", "2021-02-01", true },
                { "and all below it", "clerk", "", "clerk", "lujiang", "2021-02-01", true },
                { "not another role", "clerk", "", "head", "bureau", "2021-02-01", false },
                { "not for the unit above", "head", "", "head", "bureau", "2021-02-01", false },
                { "granted for a while", "head", "", "clerk", "lujiang", "2021-03-31", true },
                { "and no longer", "head", "", "clerk", "lujiang", "2021-04-01", false },
                { "delegated, within its scope", "head", "", "clerk", "lujiang", "2021-05-31", true },
                { "acting for somebody", "head", "clerk", "clerk", "siming", "2021-05-01", true },
                { "outside the scope", "head", "clerk", "clerk", "bureau", "2021-05-01", false },
                { "outside the days", "head", "clerk", "clerk", "siming", "2021-06-01", false },
                { "acting for somebody who did not delegate", "head", "nobody", "clerk", "siming",
                  "2021-05-01", false },
                { "nobody we know", "ghost", "", "clerk", "bureau", "2021-02-01", false },
        };
        struct reader r;
        reader_open(&r, b);
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct actor actor = { .id = str_of(rows[i].who), .is_staff = true,
                        .on_behalf = str_of(rows[i].behalf) };
                bool holds = r.world.lookups.holds_role(&r.world, &actor, str_of(rows[i].role),
                                str_of(rows[i].unit), test_date(rows[i].day));
                if (holds != rows[i].holds)
                        fail_msg("%s", rows[i].why);
        }
        struct actor party = { .id = STR_LIT("applicant") };
        assert_true(r.world.lookups.holds_role(&r.world, &party, STR_LIT("applicant"),
                        STR_LIT("bureau"), moment_date(b->now)));
        struct actor actor;
        bureau_must(b, world_actor(r.arena, &r.world, STR_LIT("clerk"), &actor, &b->err));
        assert_true(str_is(actor.name, "林某"));
        assert_false(world_actor(r.arena, &r.world, STR_LIT("ghost"), &actor, &b->err));
        int64_t number;
        assert_false(r.world.lookups.next_number(&r.world, STR_LIT("s"), &number, &b->err));
        assert_int_equal(b->err.code, E_FOLD_READER);
        reader_close(&r);
        bureau_close(&b);
}

/* ---- Figures ---- */

static void test_figures_follow_changes(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        bureau_time(b, "2021-03-01 09:00");
        int64_t one = begin(b, "{\"subject\":\"一\",\"kind\":\"甲\",\"accepted_on\":\"2021-03-01\","
                              "\"amount\":12345.67,\"firm\":\"f1\",\"guests\":[{\"name\":\"甲\"},{\"name\":\"乙\"}]}");
        int64_t two = begin(b, "{\"subject\":\"二\",\"kind\":\"乙\",\"accepted_on\":\"2021-04-01\","
                              "\"amount\":99.99,\"firm\":\"f1\",\"guests\":[{\"name\":\"乙\"}]}");
        (void)bureau_act(b, &(struct bureau_act){ .procedure = "case", .who = "applicant",
                .act = "begin", .unit = "lujiang",
                .json = "{\"subject\":\"三\",\"kind\":\"甲\",\"accepted_on\":\"2021-05-01\",\"firm\":\"f2\"}" });
        static const struct {
                const char *id, *unit, *first, *second;
        } rows[] = { /* before and after `two` has become 甲 and moved to 2020 */
                { "N1", NULL, "2", "2" },
                { "N1", "siming", "1", "1" },
                { "S1", NULL, "1.24", "1.23" }, /* 12445.66 and 12345.67 元 in 万元 */
                { "D1", NULL, "2", "2" },
                { "E1", NULL, "3", "2" },
                { "E2", NULL, "2", "2" },
                { "F1", NULL, "0", "0" },
                { "R1", NULL, "0.0", "0.0" },
                { "T1", NULL, "1", "1" },
                { "G1", NULL, "—", "100.0" }, /* 2020: none, then one */
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++)
                assert_string_equal(figure_of(b, rows[i].id, 2021, rows[i].unit), rows[i].first);
        assert_rebuilds(b);
        change(b, two, "change", "{\"kind\":\"甲\",\"accepted_on\":\"2020-12-31\"}");
        for (size_t i = 0; i < N_ELEMENTS(rows); i++)
                assert_string_equal(figure_of(b, rows[i].id, 2021, rows[i].unit), rows[i].second);

        int n, late;
        assert_string_equal(summed(b, "N1", 2021, &n, &late), "2");
        assert_string_equal(summed(b, "S1", 2021, &n, &late), "12345.67");
        assert_string_equal(summed(b, "E1", 2021, &n, &late), "2");
        assert_string_equal(summed(b, "R1", 2021, &n, &late), "0"); /* no rows of its own */
        assert_int_equal(n, 0);

        assert_int_not_equal(bureau_act(b, &(struct bureau_act){ .matter = one, .who = "clerk",
                .act = "wait" }), 0);
        change(b, one, "go_on", NULL);
        bureau_must(b, bureau_entry(b, "staff", "put", "{\"id\":\"boss\",\"unit\":\"bureau\",\"roles\":[\"head\"]}"));
        bureau_must(b, bureau_act(b, &(struct bureau_act){ .matter = one, .who = "boss",
                .act = "finish" }) != 0);
        assert_string_equal(figure_of(b, "F1", 2021, NULL), "1");
        assert_string_equal(figure_of(b, "M1", 2021, NULL), "1");
        assert_string_equal(figure_of(b, "R1", 2021, NULL), "50.0");

        struct reader r;
        const struct indicator_month *months;
        size_t n_months;
        reader_open(&r, b);
        bureau_must(b, indicator_months(r.arena, &r.world, STR_LIT("N1"), period_year(2021),
                                       STR_LIT(""), &months, &n_months, &b->err));
        assert_int_equal(n_months, 2);
        assert_int_equal(months[0].month, 202103);
        struct figure figure;
        assert_false(indicator_value(r.arena, &r.world, STR_LIT("NOBODY"), period_year(2021),
                        STR_LIT(""), &figure, &b->err));
        assert_int_equal(b->err.code, E_NOT_FOUND);
        reader_close(&r);
        assert_rebuilds(b);
        bureau_close(&b);
}

static void test_entry_figures(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        bureau_must(b, bureau_entry(b, "firms", "put", "{\"code\":\"a\",\"name\":\"同名\",\"staff\":3,\"unit\":\"siming\",\"$from\":\"2020-01-01\"}"));
        bureau_must(b, bureau_entry(b, "firms", "put", "{\"code\":\"b\",\"name\":\"同名\",\"staff\":1,\"$from\":\"2020-07-01\"}"));
        bureau_must(b, bureau_entry(b, "firms", "put", "{\"code\":\"c\",\"name\":\"独名\",\"staff\":2,\"$from\":\"2021-12-31\"}"));
        static const struct {
                const char *id;
                int year;
                const char *unit, *value;
        } rows[] = {
                { "C1", 2020, NULL, "1" }, { "C1", 2021, NULL, "2" }, { "C2", 2020, NULL, "4" },
                { "C2", 2021, NULL, "6" }, { "C3", 2021, NULL, "2" }, { "C1", 2021, "bureau", "1" },
                { "C1", 2021, "lujiang", "0" }, { "C2", 2019, NULL, "0" },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++)
                assert_string_equal(figure_of(b, rows[i].id, rows[i].year, rows[i].unit),
                                rows[i].value);
        int n, late;
        assert_string_equal(summed(b, "C2", 2021, &n, &late), "6");
        assert_int_equal(n, 3);
        bureau_close(&b);
}

/* ---- Reports ---- */

static void freeze(struct bureau *b, int year)
{
        struct reader r;
        struct value data;
        reader_open(&r, b);
        bureau_must(b, report_freeze(r.arena, &r.world, STR_LIT("annual"), year, &data, &b->err));
        reader_close(&r);
        bureau_must(b, bureau_kernel(b, KIND_REPORT, ACT_FREEZE, data.context.members,
                                       data.context.n));
}

static struct report_view read_report(struct bureau *b, int year)
{
        struct reader r;
        struct report_view view;
        reader_open(&r, b);
        bureau_must(b, report_read(r.arena, &r.world, STR_LIT("annual"), year, &view, &b->err));
        reader_close(&r);
        return view;
}

static void test_report(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        bureau_time(b, "2021-03-01 09:00");
        begin(b, "{\"subject\":\"一\",\"kind\":\"甲\",\"accepted_on\":\"2021-03-01\",\"amount\":12345.67,"
                 "\"guests\":[{\"name\":\"甲\"},{\"name\":\"乙\"},{\"name\":\"丙\"}]}");
        static const char *const texts[] = { "受理1件", "涉及1.23万元", "参加2余人次",
                "大额为100元以上", "同比增长—", "未建未纳入" };
        struct report_view view = read_report(b, 2021);
        assert_false(view.frozen);
        assert_int_equal(view.n_lines, N_ELEMENTS(texts));
        for (size_t i = 0; i < N_ELEMENTS(texts); i++)
                assert_true(str_is(view.lines[i].text, texts[i]));
        freeze(b, 2021);
        view = read_report(b, 2021);
        assert_true(view.frozen);
        for (size_t i = 0; i < N_ELEMENTS(texts); i++)
                assert_true(str_is(view.lines[i].text, texts[i]));
        assert_true(str_is(view.lines[2].qualifier, ">"));

        struct reader r;
        struct value data;
        reader_open(&r, b);
        assert_false(report_freeze(r.arena, &r.world, STR_LIT("annual"), 2021, &data, &b->err));
        assert_int_equal(b->err.code, E_FOLD_FROZEN);
        assert_false(report_read(r.arena, &r.world, STR_LIT("other"), 2021, &view, &b->err));
        assert_int_equal(b->err.code, E_NOT_FOUND);
        reader_close(&r);
        assert_rebuilds(b);
        bureau_close(&b);
}

/* 已固定的期间不再变动；迟到和更正的计入下一期，并作标记。 */
static void test_frozen_period(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        int n, late;
        bureau_time(b, "2021-03-01 09:00");
        int64_t one = begin(b, "{\"subject\":\"一\",\"kind\":\"甲\",\"accepted_on\":\"2021-03-01\",\"amount\":100,\"firm\":\"f1\"}");
        int64_t two = begin(b, "{\"subject\":\"二\",\"kind\":\"甲\",\"accepted_on\":\"2021-04-01\",\"amount\":200}");
        bureau_time(b, "2022-01-10 09:00");
        freeze(b, 2021);
        bureau_time(b, "2022-02-01 09:00");
        begin(b, "{\"subject\":\"迟到\",\"kind\":\"甲\",\"accepted_on\":\"2021-12-31\",\"amount\":10}");
        change(b, one, "change", "{\"kind\":\"乙\",\"amount\":150}");
        static const struct {
                const char *why, *id;
                int year;
                const char *figure, *sum;
                int n, late;
        } rows[] = {
                { "the frozen year stays", "N1", 2021, "2", "2", 2, 0 },
                { "and so do its sums", "S1", 2021, "0.03", "300", 2, 0 },
                { "one came late, one was taken back", "N1", 2022, "0", "0", 2, 2 },
                { "the sum is corrected by the difference", "S1", 2022, "0.01", "60", 2, 2 },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                assert_string_equal(figure_of(b, rows[i].id, rows[i].year, NULL), rows[i].figure);
                const char *sum = summed(b, rows[i].id, rows[i].year, &n, &late);
                if (strcmp(sum, rows[i].sum) != 0 || n != rows[i].n || late != rows[i].late)
                        fail_msg("%s: %s (%d, %d)", rows[i].why, sum, n, late);
        }
        assert_rebuilds(b);
        change(b, one, "change", "{\"kind\":\"甲\",\"amount\":100}"); /* and back again */
        change(b, two, "change", "{\"accepted_on\":\"2022-03-01\"}"); /* leaves the frozen year */
        assert_string_equal(figure_of(b, "N1", 2021, NULL), "2");
        assert_string_equal(figure_of(b, "N1", 2022, NULL), "1"); /* late 1, two: -1 + 1 */
        assert_string_equal(summed(b, "N1", 2022, &n, &late), "1");
        assert_string_equal(summed(b, "S1", 2022, &n, &late), "10"); /* 10 - 200 + 200 */
        assert_rebuilds(b);
        freeze(b, 2022);
        change(b, two, "change", "{\"kind\":\"乙\"}"); /* now into 2023 */
        assert_string_equal(figure_of(b, "N1", 2022, NULL), "1");
        assert_string_equal(figure_of(b, "N1", 2023, NULL), "-1");
        assert_rebuilds(b);
        bureau_close(&b);
}

/* 同比以上一年已固定的数据为准。 */
static void test_growth_against_loaded_figures(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        struct value data;
        bureau_time(b, "2021-03-01 09:00");
        bureau_must(b, value_parse_json(b->arena,
                                       STR_LIT("{\"figures\":[{\"id\":\"L1\",\"indicator\":\"N1\",\"qualifier\":\"=\","
                                               "\"shown\":\"4\",\"unit\":\"件\",\"value\":\"4\"}],"
                                               "\"report\":\"annual\",\"year\":2020}"),
                                       &data, &b->err));
        bureau_must(b, bureau_kernel(b, KIND_REPORT, ACT_LOAD_FROZEN, data.context.members,
                                       data.context.n));
        for (int i = 0; i < 5; i++)
                begin(b, "{\"subject\":\"一\",\"kind\":\"甲\",\"accepted_on\":\"2021-03-01\"}");
        assert_string_equal(figure_of(b, "N1", 2020, NULL), "4");
        assert_string_equal(figure_of(b, "G1", 2021, NULL), "25.0");
        struct report_view view = read_report(b, 2020);
        assert_true(view.frozen);
        assert_true(str_is(view.lines[0].shown, REPORT_UNDEFINED)); /* F1 was not in what was loaded */
        assert_true(str_is(view.lines[view.n_lines - 1].id, "L1"));
        assert_false(bureau_kernel(b, KIND_REPORT, ACT_LOAD_FROZEN, data.context.members,
                        data.context.n));
        assert_int_equal(b->err.code, E_FOLD_FROZEN);
        assert_rebuilds(b);
        bureau_close(&b);
}

/* ---- Definitions and calendars ---- */

/* An indicator that comes later counts what is there; one that goes leaves nothing. */
static void test_new_indicator_counts_the_past(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        bureau_time(b, "2021-03-01 09:00");
        begin(b, "{\"subject\":\"一\",\"kind\":\"乙\",\"accepted_on\":\"2021-03-01\"}");
        bureau_definition(b, "indicators/more.yaml",
                        STR_LIT("indicators:\n  X1: {label: 乙类, unit: 件, count: case, where: 'kind = \"乙\"',"
                                " date: accepted_on}\n"));
        begin(b, "{\"subject\":\"二\",\"kind\":\"乙\",\"accepted_on\":\"2021-03-02\"}");
        assert_string_equal(figure_of(b, "X1", 2021, NULL), "2");
        assert_rebuilds(b);
        bureau_must(b, bureau_text(b, KIND_DEFINITION, ACT_RETIRE, "indicators/more.yaml",
                                       STR_LIT("")));
        begin(b, "{\"subject\":\"三\"}");
        struct snapshot *snapshot = NULL;
        struct rows rows = { 0 };
        bureau_must(b, snapshot_open(b->store, &snapshot, &b->err));
        bureau_must(b, snapshot_rows(snapshot, Q_TOTAL_SUM,
                                       PARAMS(param_text(STR_LIT("X1")), param_int(202101),
                                                       param_int(202112), param_null()),
                                       &rows, &b->err));
        assert_true(rows_next(&rows));
        assert_int_equal(rows_int(&rows, 0), 0);
        rows_close(&rows);
        snapshot_close(&snapshot);
        assert_rebuilds(b);
        bureau_close(&b);
}

/* 节假日安排公布后，正在计算的期限随之移动。 */
static void test_calendar_moves_clocks(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        const struct clock_row *clocks;
        size_t n;
        static const char *const days[] = { "2022-01-26", "2022-01-27" };
        bureau_time(b, "2021-12-29 09:00"); /* 2022 is not yet known to this bureau */
        int64_t id = begin(b, "{\"subject\":\"一\"}");
        for (int i = 0; i < 2; i++) {
                struct reader r;
                reader_open(&r, b);
                bureau_must(b, clock_rows(r.arena, r.snapshot, id, &clocks, &n, &b->err));
                char text[11];
                date_write(clocks[0].last_day, text);
                assert_string_equal(text, days[i]);
                assert_int_equal(clocks[0].provisional, i == 0);
                reader_close(&r);
                if (i == 0)
                        bureau_must(b, bureau_text(b, KIND_CALENDAR, ACT_LOAD, "calendars/2022.tsv",
                                                       bureau_file(b, "calendars/2022.tsv")));
        }
        assert_rebuilds(b);
        bureau_close(&b);
}

/* ---- Failure ---- */

static bool whole_life(struct bureau *b)
{
        struct tx *tx _cleanup_(tx_rollback) = NULL;
        int64_t id, next = b->next;
        struct bureau_act acts[] = {
                { .procedure = "case", .who = "clerk", .act = "begin", .key = "key-1",
                  .json = "{\"subject\":\"一\",\"kind\":\"甲\",\"accepted_on\":\"2021-03-01\",\"firm\":\"f1\",\"amount\":3,"
                          "\"applicant_name\":\"张三\",\"officer\":\"clerk\"}" },
                { .who = "clerk", .act = "show" },
                { .who = "clerk", .act = "change", .json = "{\"amount\":4,\"officer\":\"head\"}" },
        };
        arena_reset(b->act);
        bool done = store_begin(b->store, &tx, &b->err);
        for (size_t i = 0; done && i < N_ELEMENTS(acts); i++) {
                acts[i].matter = i == 0 ? 0 : id;
                done = bureau_try(b, tx, &acts[i], &id);
        }
        done = done && tx_commit(&tx, &b->err);
        if (done)
                projection_keep(b->projection);
        else {
                projection_forget(b->projection);
                b->next = next;
        }
        return done;
}

/* Whatever step of the store fails, nothing of the transaction is left, in the tables or
 * in the caches, and the same acts succeed afterwards. */
static void test_every_step_may_fail(void **state)
{
        (void)state;
        struct bureau *b = bureau_open(bureau_store(true), definitions, N_ELEMENTS(definitions));
        bureau_time(b, "2021-03-01 09:00");
        int64_t failed = 0;
        for (int64_t n = 1;; n += n < 12 ? 1 : 3) {
                fake_fail_at(b->store, n);
                bool done = whole_life(b);
                fake_fail_at(b->store, 0);
                if (done)
                        break;
                failed++;
                struct snapshot *snapshot = NULL;
                int64_t count;
                bool found;
                bureau_must(b, snapshot_open(b->store, &snapshot, &b->err));
                bureau_must(b, snapshot_int(snapshot, Q_MATTER_COUNT, NO_PARAMS, &count, &found,
                                               &b->err));
                assert_int_equal(count, 0);
                snapshot_close(&snapshot);
        }
        assert_true(failed > 15);
        assert_string_equal(figure_of(b, "N1", 2021, NULL), "1");
        assert_rebuilds(b);
        assert_false(whole_life(b)); /* the idempotency key is taken */
        assert_int_equal(b->err.code, E_STORE_CONFLICT);
        bureau_close(&b);
}

/* One refused act inside a batch undoes only itself. */
static void test_savepoint_in_a_batch(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        struct tx *tx = NULL;
        int64_t one, two, ignored;
        bureau_time(b, "2021-03-01 09:00");
        bureau_must(b, store_begin(b->store, &tx, &b->err));
        struct bureau_act begins = { .procedure = "case", .who = "clerk", .act = "begin",
                .json = "{\"subject\":\"一\",\"kind\":\"甲\",\"accepted_on\":\"2021-03-01\"}" };
        bureau_must(b, bureau_try(b, tx, &begins, &one));
        bureau_must(b, tx_save(tx, &b->err));
        size_t mark = projection_mark(b->projection);
        int64_t next = b->next;
        bureau_must(b, bureau_try(b, tx, &(struct bureau_act){ .matter = one, .who = "clerk",
                                       .act = "change", .json = "{\"kind\":\"乙\"}" }, &ignored));
        bureau_must(b, tx_back(tx, &b->err));
        projection_back(b->projection, mark);
        b->next = next;
        bureau_must(b, bureau_try(b, tx, &begins, &two));
        bureau_must(b, tx_commit(&tx, &b->err));
        projection_keep(b->projection);
        change(b, one, "change", "{\"amount\":5}"); /* from a cache that is not stale */
        assert_string_equal(figure_of(b, "N1", 2021, NULL), "2");
        assert_rebuilds(b);
        bureau_close(&b);
}

/* Data that no accepted act could have recorded is refused, not folded. */
static void test_broken_facts(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        static const struct {
                const char *reg, *act, *json;
                enum err_code code;
        } rows[] = {
                { "firms", "put", "{\"$writes\":1}", E_FOLD_DATA },
                { "firms", "put", "{\"$writes\":[1]}", E_FOLD_DATA },
                { "firms", "put", "{\"$writes\":[{\"key\":\"a\"}]}", E_FOLD_DATA },
                { "firms", "put", "{\"$writes\":[{\"key\":\"a\",\"register\":\"firms\",\"from\":3}]}", E_FOLD_DATA },
                { KIND_DEFINITION, "activate", "{\"name\":\"x\"}", E_FOLD_DATA },
                { KIND_DEFINITION, "retire", "{}", E_FOLD_DATA },
                { KIND_DEFINITION, "explode", "{}", E_FOLD_DATA },
                { KIND_REPORT, "freeze", "{\"report\":\"annual\"}", E_FOLD_DATA },
                { KIND_REPORT, "freeze", "{\"figures\":[{}],\"report\":\"annual\",\"year\":2021}", E_FOLD_DATA },
                { KIND_REPORT, "freeze", "{\"figures\":[],\"report\":\"annual\",\"year\":12345678}", E_FOLD_DATA },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct fact fact = { .reg = str_of(rows[i].reg), .act = str_of(rows[i].act),
                        .actor = STR_LIT("system"), .time = b->now };
                bureau_must(b, value_parse_json(b->arena, str_of(rows[i].json), &fact.data, &b->err));
                if (bureau_fact(b, &fact) || b->err.code != rows[i].code)
                        fail_msg("%s", rows[i].json);
        }
        struct fact fact;
        assert_false(kind_parse(b->arena, projection_catalogue(b->projection),
                        STR_LIT("case@B"), &fact, &b->err));
        assert_int_equal(b->err.code, E_FOLD_KIND);
        assert_rebuilds(b);
        bureau_close(&b);
}

static bool give_up(void *user, int64_t done, int64_t total)
{
        (void)user;
        return done < total;
}

/* In place: broken off it is begun again, and what was delivered stays delivered. */
static void test_rebuild_in_place(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        struct rebuild_progress stop = { give_up, NULL };
        struct snapshot *snapshot = NULL;
        struct projection *projection = NULL;
        struct tx *tx = NULL;
        bureau_time(b, "2021-03-01 09:00");
        int64_t id = begin(b, "{\"subject\":\"一\",\"kind\":\"甲\",\"accepted_on\":\"2021-03-01\"}");
        change(b, id, "change", "{\"amount\":5}");
        bureau_must(b, store_begin(b->store, &tx, &b->err));
        bureau_must(b, tx_run(tx, Q_OUTBOX_DONE,
                                       PARAMS(param_int(b->next - 1), param_int(0), param_int(7)),
                                       &b->err));
        bureau_must(b, tx_commit(&tx, &b->err));

        assert_false(projection_rebuild(b->store, b->store, &test_site, NULL, &stop, &b->err));
        assert_int_equal(b->err.code, E_FOLD_STOPPED);
        bureau_must(b, snapshot_open(b->store, &snapshot, &b->err));
        assert_false(projection_open(snapshot, &test_site, &projection, &b->err));
        assert_int_equal(b->err.code, E_FOLD_UNFINISHED);
        snapshot_close(&snapshot);

        bureau_must(b, projection_rebuild(b->store, b->store, &test_site, NULL, NULL, &b->err));
        assert_string_equal(figure_of(b, "N1", 2021, NULL), "1");
        assert_rebuilds(b);
        bureau_must(b, snapshot_open(b->store, &snapshot, &b->err));
        struct rows rows = { 0 };
        bureau_must(b, snapshot_rows(snapshot, Q_OUTBOX_WAITING, PARAMS(param_int(9)), &rows,
                                       &b->err));
        assert_false(rows_next(&rows));
        rows_close(&rows);
        snapshot_close(&snapshot);
        bureau_close(&b);
}

/* A row that somebody changed behind our back is found. */
static void test_compare_finds_tampering(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        bureau_time(b, "2021-03-01 09:00");
        int64_t id = begin(b, "{\"subject\":\"一\",\"kind\":\"甲\",\"accepted_on\":\"2021-03-01\"}");
        struct store *again = bureau_store(false);
        bureau_must(b, projection_rebuild(b->store, again, &test_site, NULL, NULL, &b->err));
        struct {
                enum query query;
                const char *table, *column;
        } rows[] = {
                { Q_MATTER_SET_SEEN, "matter", "10" },
                { Q_CONTRIBUTION_DROP, "contribution", "" },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct tx *tx = NULL;
                struct snapshot *live = NULL, *made = NULL;
                struct projection_difference difference;
                bureau_must(b, store_begin(b->store, &tx, &b->err));
                bool done = i == 0 ? tx_run(tx, rows[i].query,
                                             PARAMS(param_int(id), param_text(STR_LIT("篡改")),
                                                             param_int(0)),
                                             &b->err) :
                                     tx_run(tx, rows[i].query,
                                             PARAMS(param_text(STR_LIT("N1")), param_int(202103),
                                                             param_int(id), param_int(0),
                                                             param_int(0)),
                                             &b->err);
                bureau_must(b, done);
                bureau_must(b, snapshot_open(again, &made, &b->err));
                bureau_must(b, projection_compare(b->arena, tx_snapshot(tx), made, &difference,
                                               &b->err));
                assert_true(difference.differs);
                assert_string_equal(difference.table, rows[i].table);
                assert_string_equal(difference.column, rows[i].column);
                tx_rollback(&tx);
                snapshot_close(&live);
                snapshot_close(&made);
        }
        store_close(&again);
        bureau_close(&b);
}

static void test_indicator_loop(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        struct reader r;
        struct figure figure;
        struct catalogue catalogue = *projection_catalogue(b->projection);
        struct indicator loop = { .id = STR_LIT("LOOP"), .kind = INDICATOR_RATIO,
                .operand = { STR_LIT("LOOP"), STR_LIT("LOOP") } };
        catalogue.indicators = &loop; /* the loader refuses it; a reader must not hang */
        catalogue.n_indicators = 1;
        reader_open(&r, b);
        r.world.catalogue = &catalogue;
        assert_false(indicator_value(r.arena, &r.world, STR_LIT("LOOP"), period_year(2021),
                        STR_LIT(""), &figure, &b->err));
        assert_int_equal(b->err.code, E_INDICATOR_LOOP);
        reader_close(&r);
        bureau_close(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_matter_and_lists),
                cmocka_unit_test(test_publication),
                cmocka_unit_test(test_search_and_keys_follow),
                cmocka_unit_test(test_register_days),
                cmocka_unit_test(test_roles),
                cmocka_unit_test(test_figures_follow_changes),
                cmocka_unit_test(test_entry_figures),
                cmocka_unit_test(test_report),
                cmocka_unit_test(test_frozen_period),
                cmocka_unit_test(test_growth_against_loaded_figures),
                cmocka_unit_test(test_new_indicator_counts_the_past),
                cmocka_unit_test(test_calendar_moves_clocks),
                cmocka_unit_test(test_every_step_may_fail),
                cmocka_unit_test(test_savepoint_in_a_batch),
                cmocka_unit_test(test_broken_facts),
                cmocka_unit_test(test_rebuild_in_place),
                cmocka_unit_test(test_compare_finds_tampering),
                cmocka_unit_test(test_indicator_loop),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
