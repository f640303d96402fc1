/* Deciding and folding, against a small procedure with one of everything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "clock/test_calendars.h"
#include "procedure/decide.h"

static const char definition_text[] =
                "procedure: case\n"
                "label: 测试办件\n"
                "visible: always\n"
                "versions:\n"
                "  - version: A\n"
                "    effective: 2020-01-01\n"
                "    law: 测试法\n"
                "    number: '{prefix}测〔{year}〕{n:3}号'\n"
                "    title: subject\n"
                "    parties: {applicant: 申请人}\n"
                "    parameters: {limit: {value: 5, label: 上限}, upper: {value: 闽司, label: 上级代字}}\n"
                "    fields:\n"
                "      subject: {label: 事由, type: text, max: 10, class: public}\n"
                "      amount: {label: 金额, type: money, min: 0, check: [{that: value <= 100, say: 超过一百元, basis: 测试法 第九条}]}\n"
                "      kind: {label: 类别, type: enum, class: public, options: [甲, 乙]}\n"
                "      days: {label: 天数, type: integer, class: public}\n"
                "      on: {label: 日期, type: date, class: public}\n"
                "      at: {label: 时刻, type: datetime}\n"
                "      total: {label: 合计, type: decimal}\n"
                "      officer: {label: 承办人, type: text}\n"
                "      mark: {label: 代字, type: text, max: 10, class: public}\n"
                "      id_no: {label: 证件号码, type: resident_id}\n"
                "      rows: {label: 明细, type: list, item: {name: {label: 名, type: text, required: true}, on: {label: 日, type: date}}}\n"
                "    states: {open: 受理中, waiting: 等待中, checked: 已审, done: {label: 办结, final: true}}\n"
                "    acts:\n"
                "      begin: {label: 登记, by: [clerk, applicant], from: new, to: open, needs: [subject], takes: [amount, kind, on, rows, id_no],\n"
                "              set: {total: 'if amount = null then 0.5 else amount * 1.10'}, starts: answer, document: receipt}\n"
                "      count_on: {label: 起算, by: clerk, from: open, takes: [on], starts: {dated: on}}\n"
                "      count_if: {label: 视情起算, by: clerk, from: open, takes: [kind, on],\n"
                "                 starts: {dated: {from: on, when: 'kind = \"甲\"'}}}\n"
                "      arrest: {label: 到案, by: clerk, from: open, takes: [at], starts: {custody: at}}\n"
                "      drop: {label: 销证, by: clerk, from: open, takes: [officer],\n"
                "             writes: [{register: cards, key: officer, end: today}]}\n"
                "      wait: {label: 等待, by: clerk, from: open, to: waiting}\n"
                "      go_on: {label: 恢复, by: clerk, from: waiting, to: open}\n"
                "      extend: {label: 延长, by: head, from: open, extends: answer}\n"
                "      ask: {label: 补正, by: clerk, from: open, once: true, needs: [days], starts: fix, voids: answer}\n"
                "      late_act: {label: 限期动作, by: clerk, from: open, within: fix}\n"
                "      move: {label: 移交, by: clerk, from: any, takes: [officer], moves: officer}\n"
                "      step_back: {label: 回避, by: clerk, from: any, needs: [officer], recuses: officer}\n"
                "      check: {label: 审核, by: head, from: open, to: [{when: 'kind = \"乙\"', to: waiting}, {to: checked}], differs_from: [begin],\n"
                "              require: [{that: 'amount != null and amount < limit', say: 金额应小于上限, basis: 测试法 第三条}]}\n"
                "      promise: {label: 承诺, by: clerk, from: open, once: true, document: promise}\n"
                "      slip: {label: 出条, by: clerk, from: open, takes: [mark, kind, on, days], document: slip}\n"
                "      print: {label: 出文, by: clerk, from: open, document: {small: 'amount < 5', large: 'amount >= 5'}}\n"
                "      file: {label: 存档, by: clerk, from: open, set: {officer: 'document_number(\"small\")'},\n"
                "              require: [{that: 'every r in rows satisfies r.on <= today', say: 日期在将来,\n"
                "                         which: 'for r in rows return if r.on > today then r.name else null', basis: 测试法 第四条}]}\n"
                "      mark: {label: 记载, by: clerk, from: open, takes: [officer],\n"
                "             writes: [{register: cards, key: officer, amend: true, set: {status: '\"停用\"'}}]}\n"
                "      weigh: {label: 过秤, by: clerk, from: open, takes: [days], set: {total: 'amount + 1', officer: 'string(days)'},\n"
                "              require: [{that: 'total < 3', say: 太重, basis: 测试法 第七条}, {that: 'days > 1', say: 天数不足, basis: 测试法 第七条},\n"
                "                        {that: 'officer != \"0\"', say: 零天, basis: 测试法 第七条}, {that: 'actor.id = \"clerk2\"', say: 换人, basis: 测试法 第八条}]}\n"
                "      finish: {label: 办结, by: head, from: checked, to: done, stops: answer}\n"
                "    clocks:\n"
                "      answer: {label: 答复, length: 20 working days, paused_in: [waiting], extend: {by: 10 working days, once: true}, basis: 测试法 第一条}\n"
                "      fix: {label: 补正, length: {value: days, unit: working days}, whose: party, basis: 测试法 第二条}\n"
                "      dated: {label: 另行起算, length: 5 days, basis: 测试法 第四条}\n"
                "      custody: {label: 转交, length: 24 hours, basis: 测试法 第五条}\n"
                "    documents:\n"
                "      receipt: {label: 回执, number: '{prefix}回〔{year}〕{n}号', text: '{{subject}}'}\n"
                "      small: {label: 小额通知, number: '{prefix}小〔{year}〕{n}号', text: '{{subject}}'}\n"
                "      large: {label: 大额通知, number: '{upper}大〔{year}〕{n}号', text: '{{subject}}'}\n"
                "      promise: {label: 承诺书, number: 'K{number}', text: '{{subject}}'}\n"
                "      slip: {label: 便条, number: '{mark}{kind}{on}{days}-{n}', text: '{{subject}}'}\n";

static const char register_text[] =
                "register: cards\n"
                "label: 证件\n"
                "key: no\n"
                "keepers: []\n"
                "public: false\n"
                "fields: {no: {label: 证号, type: text}, name: {label: 姓名, type: text},\n"
                "         status: {label: 状态, type: text}}\n"
                "ends: [{that: 'no = \"k1\" and status != \"有效\"', say: 证件还有效,\n"
                "        which: 'name', basis: 测试法 第六条}]\n";

/* ---- A world small enough to hold in one struct ---- */

struct world {
        struct arena *arena;
        struct catalogue catalogue;
        struct calendar_set const *calendars;
        struct site_facts site;
        struct lookups lookups;
        struct circumstances now;
        struct {
                struct str series;
                int64_t n;
        } series[8];
        size_t n_series;
};

static bool holds_role(void *user, const struct actor *actor, struct str role, struct str unit,
                struct date day)
{
        (void)user, (void)unit, (void)day;
        return str_starts(actor->id, role); /* clerk1 is a clerk, head1 a head */
}

static bool entry(void *user, struct arena *arena, struct str reg, struct str key, struct date day,
                struct value *ret)
{
        (void)user, (void)arena, (void)day;
        static const struct member card[] = {
                { STR_LIT("name"), { .kind = VALUE_STRING, .string = STR_LIT("某甲") } },
                { STR_LIT("status"), { .kind = VALUE_STRING, .string = STR_LIT("有效") } },
        };
        *ret = value_context(card, 2);
        if (str_is(reg, "cards"))
                return str_is(key, "k1");
        *ret = value_context(NULL, 0);
        return str_is(reg, "units") && (str_is(key, "u1") || str_is(key, "u2"));
}

static bool no_list(
                void *user, struct arena *arena, struct str reg, struct date day, struct value *ret)
{
        (void)user, (void)arena, (void)reg, (void)day, (void)ret;
        return false;
}

static bool no_count(void *user, struct str unit, int64_t *ret)
{
        (void)user;
        (void)unit;
        *ret = 0;
        return true;
}

static bool no_matters(void *user, struct arena *arena, struct str key, struct str text,
                int64_t but, struct value *ret)
{
        (void)user, (void)arena, (void)key, (void)text, (void)but, (void)ret;
        return false;
}

static bool no_family(void *user, struct arena *arena, int64_t matter, struct value *ret)
{
        (void)user, (void)arena, (void)matter, (void)ret;
        return false;
}

static bool next_number(void *user, struct str series, int64_t *ret, struct err *err)
{
        struct world *world = user;
        (void)err;
        for (size_t i = 0; i < world->n_series; i++) {
                if (!str_eq(world->series[i].series, series))
                        continue;
                *ret = ++world->series[i].n;
                return true;
        }
        world->series[world->n_series].series = str_copy(world->arena, series);
        *ret = world->series[world->n_series++].n = 1;
        return true;
}

static int world_open(void **state)
{
        struct arena *arena = arena_open();
        struct world *world = arena_new(arena, struct world);
        struct err err;
        struct str problems = { 0 };
        world->arena = arena;
        const struct definition_source sources[] = {
                { STR_LIT("case.yaml"), str_of(definition_text) },
                { STR_LIT("cards.yaml"), str_of(register_text) },
        };
        if (!catalogue_load(arena, sources, 2, &world->catalogue, &problems, &err))
                fail_msg("%.*s", STR_FMT(problems));
        world->calendars = test_calendars(arena);
        world->site = (struct site_facts){ STR_LIT("厦门市司法局"), STR_LIT("厦司"),
                STR_LIT("350200"), STR_LIT("厦门市"), 5, 2 };
        world->lookups = (struct lookups){ world, holds_role, entry, no_list, no_matters, no_count,
                no_family, no_family, next_number, NULL };
        world->now = (struct circumstances){
                .catalogue = &world->catalogue, .site = &world->site, .lookups = &world->lookups
        };
        *state = world;
        return 0;
}

static int world_close(void **state)
{
        struct world *world = *state;
        struct arena *arena = world->arena;
        arena_close(&arena);
        return 0;
}

static void set_time(struct world *world, const char *text)
{
        struct err err;
        assert_true(moment_parse(str_of(text), &world->now.now, &err));
        world->now.calendar = calendar_as_known(world->calendars, moment_date(world->now.now));
}

static struct actor actor_of(const char *id)
{
        bool party = strcmp(id, "applicant") == 0;
        return (struct actor){ .id = str_of(id),
                .name = str_of(id),
                .unit = STR_LIT("u1"),
                .is_staff = !party,
                .entry = value_null() };
}

/* Does `act` and folds it; on refusal returns NULL and fills err. */
static struct matter *act(struct world *world, const struct matter *matter, const char *who,
                const char *name, const char *json, int64_t seq, struct err *err)
{
        struct actor actor = actor_of(who);
        struct act_request request = { .act = str_of(name) };
        struct outcome outcome;
        assert_true(value_parse_json(world->arena, str_of(json), &request.fields, err));
        const struct version *version =
                        matter != NULL ? matter->version
                                       : world->catalogue.procedures[0]->versions[0];
        if (!procedure_decide(world->arena, version, matter, &actor, &request, &world->now,
                            &outcome, err))
                return NULL;
        struct matter *after = matter != NULL ? matter_copy(world->arena, matter)
                                              : matter_new(world->arena, version);
        assert_true(matter_apply(world->arena, after, &outcome.fact, seq, err));

        /* What JSON brings back folds to the same matter: rebuilt equals live. */
        struct buf json_text = BUF(world->arena), live = BUF(world->arena);
        struct buf rebuilt = BUF(world->arena);
        struct fact again = outcome.fact;
        value_write_json(&json_text, &outcome.fact.data);
        assert_true(value_parse_json(world->arena, buf_str(&json_text), &again.data, err));
        assert_true(matter_type_data(world->arena, version, &again.data, err));
        struct matter *folded = matter != NULL ? matter_copy(world->arena, matter)
                                               : matter_new(world->arena, version);
        assert_true(matter_apply(world->arena, folded, &again, seq, err));
        matter_pack(&live, after);
        matter_pack(&rebuilt, folded);
        assert_true(str_eq(buf_str(&live), buf_str(&rebuilt)));

        /* And the row form brings back the same matter. */
        struct matter *unpacked = matter_new(world->arena, version);
        struct buf packed_again = BUF(world->arena);
        assert_true(matter_unpack(world->arena, buf_str(&live), unpacked, err));
        matter_pack(&packed_again, unpacked);
        assert_true(str_eq(buf_str(&live), buf_str(&packed_again)));
        return after;
}

static const char *last_day(struct world *world, const struct matter *matter, const char *clock)
{
        struct deadline deadline;
        int index = version_clock(matter->version, str_of(clock));
        if (!matter_deadline(matter, (size_t)index, world->now.calendar,
                            moment_date(world->now.now), &deadline))
                return "none";
        return str_c(world->arena, date_format(world->arena, deadline.last_day));
}

static struct matter *begin(struct world *world, const char *json)
{
        struct err err;
        struct matter *matter = act(world, NULL, "clerk1", "begin", json, 7, &err);
        if (matter == NULL)
                fail_msg("%.*s", STR_FMT(err_sentence(world->arena, &err)));
        return matter;
}

/* ---- The order of the checks, one row for each refusal ---- */

static void test_refusals(void **state)
{
        struct world *world = *state;
        set_time(world, "2021-09-28 09:00");
        struct matter *open = begin(world, "{\"subject\":\"事由\",\"amount\":\"3\"}");
        struct err err;
        struct matter *recused =
                        act(world, open, "clerk2", "step_back", "{\"officer\":\"head1\"}", 8, &err);
        static const struct {
                const char *why, *who, *act, *json;
                enum err_code code;
                const char *basis;
        } rows[] = {
                { "no such act", "clerk1", "fly", "{}", E_ACT_UNKNOWN, "" },
                { "a party is no clerk", "applicant", "wait", "{}", E_ACT_ROLE, "" },
                { "a clerk is no head", "clerk1", "extend", "{}", E_ACT_ROLE, "" },
                { "wrong state", "clerk1", "go_on", "{}", E_ACT_STATE, "" },
                { "a matter begins once", "clerk1", "begin", "{\"subject\":\"a\"}", E_ACT_STATE,
                                "" },
                { "a field that this act does not take", "clerk1", "ask",
                                "{\"days\":3,\"subject\":\"b\"}", E_FIELD_UNKNOWN, "" },
                { "a field that does not exist", "clerk1", "ask", "{\"days\":3,\"x\":1}",
                                E_FIELD_UNKNOWN, "" },
                { "missing", "clerk1", "ask", "{}", E_FIELD_MISSING, "" },
                { "empty is missing", "clerk1", "ask", "{\"days\":\" \"}", E_FIELD_MISSING, "" },
                { "not a number", "clerk1", "ask", "{\"days\":\"三\"}", E_FIELD_VALUE, "" },
                { "not whole", "clerk1", "ask", "{\"days\":1.5}", E_FIELD_VALUE, "" },
                { "a clock of no length", "clerk1", "ask", "{\"days\":0}", E_CLOCK_LENGTH, "" },
                { "a clock without its day", "clerk1", "count_on", "{}", E_CLOCK_START, "" },
                { "hours without their moment", "clerk1", "arrest", "{}", E_CLOCK_START, "" },
                { "hours that have not begun", "clerk1", "arrest",
                                "{\"at\":\"2021-09-28T09:00:01+08:00\"}", E_CLOCK_START, "" },
                { "an entry that is held", "clerk1", "drop", "{\"officer\":\"k1\"}",
                                E_REGISTER_HELD, "" },
                { "to the unit it is in", "clerk1", "move", "{\"officer\":\"u1\"}", E_ACT_MOVE,
                                "" },
                { "to a unit that does not stand", "clerk1", "move", "{\"officer\":\"u9\"}",
                                E_ACT_MOVE, "" },
                { "a clock beyond reason", "clerk1", "ask", "{\"days\":100000}", E_CLOCK_LENGTH,
                                "" },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                if (act(world, open, rows[i].who, rows[i].act, rows[i].json, 9, &err) != NULL)
                        fail_msg("%s: was done", rows[i].why);
                if (err.code != rows[i].code)
                        fail_msg("%s: %s", rows[i].why, err_text(err.code)->name);
        }
        assert_null(act(world, recused, "head1", "extend", "{}", 9, &err));
        assert_int_equal(err.code, E_ACT_RECUSED);

        /* A matter belongs to a unit that exists. */
        struct actor stray = actor_of("clerk1");
        struct act_request request = { .act = STR_LIT("begin"),
                .fields = value_context(NULL, 0),
                .unit = STR_LIT("nowhere") };
        struct outcome outcome;
        assert_false(procedure_decide(world->arena, open->version, NULL, &stray, &request,
                        &world->now, &outcome, &err));
        assert_int_equal(err.code, E_ACT_UNIT);
}

/* A matter that moves keeps its number and its terms; figures count it where it began. */
static void test_moves(void **state)
{
        struct world *world = *state;
        struct err err;
        set_time(world, "2021-09-28 09:00");
        struct matter *matter = begin(world, "{\"subject\":\"a\"}");
        const char *due = last_day(world, matter, "answer");
        assert_string_equal(str_c(world->arena, matter_home(matter)), "u1");
        struct matter *moved =
                        act(world, matter, "clerk1", "move", "{\"officer\":\"u2\"}", 8, &err);
        assert_non_null(moved);
        assert_string_equal(str_c(world->arena, moved->unit), "u2");
        assert_string_equal(str_c(world->arena, matter_home(moved)), "u1");
        assert_string_equal(last_day(world, moved, "answer"), due);
        /* Nobody named: it stays. And from the second unit it may go on to a third, or back. */
        struct matter *stays = act(world, moved, "clerk1", "move", "{\"officer\":null}", 9, &err);
        assert_string_equal(str_c(world->arena, stays->unit), "u2");
        assert_null(act(world, moved, "clerk1", "move", "{\"officer\":\"u2\"}", 9, &err));
        assert_int_equal(err.code, E_ACT_MOVE);
        struct matter *back = act(world, moved, "clerk1", "move", "{\"officer\":\"u1\"}", 9, &err);
        assert_string_equal(str_c(world->arena, back->unit), "u1");
        assert_string_equal(str_c(world->arena, matter_home(back)), "u1");
}

static void test_field_values(void **state)
{
        struct world *world = *state;
        set_time(world, "2021-09-28 09:00");
        static const struct {
                const char *why, *json;
                enum err_code code; /* E_NONE = taken */
        } rows[] = {
                { "money as text", "{\"subject\":\"a\",\"amount\":\"12.50\"}", E_NONE },
                { "money as number", "{\"subject\":\"a\",\"amount\":12.5}", E_NONE },
                { "a third decimal", "{\"subject\":\"a\",\"amount\":\"1.005\"}", E_FIELD_VALUE },
                { "below min", "{\"subject\":\"a\",\"amount\":-1}", E_FIELD_VALUE },
                { "the field's own rule", "{\"subject\":\"a\",\"amount\":101}", E_FIELD_RULE },
                { "ten characters fit", "{\"subject\":\"一二三四五六七八九十\"}", E_NONE },
                { "eleven do not", "{\"subject\":\"一二三四五六七八九十一\"}", E_FIELD_VALUE },
                { "a control character", "{\"subject\":\"a\\u0001\"}", E_FIELD_VALUE },
                { "an option", "{\"subject\":\"a\",\"kind\":\"甲\"}", E_NONE },
                { "no option", "{\"subject\":\"a\",\"kind\":\"丙\"}", E_FIELD_VALUE },
                { "a day", "{\"subject\":\"a\",\"on\":\"2021-02-28\"}", E_NONE },
                { "no such day", "{\"subject\":\"a\",\"on\":\"2021-02-29\"}", E_FIELD_VALUE },
                { "rows", "{\"subject\":\"a\",\"rows\":[{\"name\":\"x\",\"on\":\"2021-01-01\"}]}",
                                E_NONE },
                { "a row without what each row needs",
                                "{\"subject\":\"a\",\"rows\":[{\"on\":\"2021-01-01\"}]}",
                                E_FIELD_MISSING },
                { "a row where it is blank", "{\"subject\":\"a\",\"rows\":[{\"name\":\" \"}]}",
                                E_FIELD_MISSING },
                { "a column nobody declared", "{\"subject\":\"a\",\"rows\":[{\"y\":1}]}",
                                E_FIELD_UNKNOWN },
                { "a check digit that holds",
                                "{\"subject\":\"a\",\"id_no\":\"11010519491231002X\"}", E_NONE },
                { "one that does not (GB 11643)",
                                "{\"subject\":\"a\",\"id_no\":\"110105194912310020\"}",
                                E_FIELD_IDENTIFIER },
                { "a row that is no row", "{\"subject\":\"a\",\"rows\":[1]}", E_FIELD_VALUE },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct err err = { .code = E_NONE };
                act(world, NULL, "clerk1", "begin", rows[i].json, 7, &err);
                if (err.code != rows[i].code)
                        fail_msg("%s: %s", rows[i].why, err_text(err.code)->name);
        }
}

static void test_numbers_have_no_gaps(void **state)
{
        struct world *world = *state;
        struct err err;
        world->n_series = 0;
        set_time(world, "2021-12-31 09:00");
        struct matter *first = begin(world, "{\"subject\":\"a\"}");
        assert_string_equal(str_c(world->arena, first->number), "厦司测〔2021〕001号");
        assert_string_equal(str_c(world->arena, first->documents[0].number), "厦司回〔2021〕1号");
        /* A refusal takes no number. */
        assert_null(act(world, NULL, "clerk1", "begin", "{}", 8, &err));
        struct matter *second = begin(world, "{\"subject\":\"b\"}");
        assert_string_equal(str_c(world->arena, second->number), "厦司测〔2021〕002号");
        /* A new year, a new series. */
        set_time(world, "2022-01-04 09:00");
        struct matter *third = begin(world, "{\"subject\":\"c\"}");
        assert_string_equal(str_c(world->arena, third->number), "厦司测〔2022〕001号");
}

/* A paper's number may hold the matter's, and fields: each filling is a series of its own. What
 * would break a number, or is missing, is refused and takes none. */
static void test_numbers_hold_fields(void **state)
{
        struct world *world = *state;
        struct err err;
        const struct {
                const char *json, *number;
        } rows[] = {
                { "{\"mark\":\"思\",\"kind\":\"甲\",\"on\":\"2021-09-01\",\"days\":12}",
                                "思甲2021090112-1" },
                { "{\"mark\":\"思\",\"kind\":\"甲\",\"on\":\"2021-09-01\",\"days\":12}",
                                "思甲2021090112-2" },
                { "{\"mark\":\"湖\",\"kind\":\"甲\",\"on\":\"2021-09-01\",\"days\":12}",
                                "湖甲2021090112-1" },
                { "{\"kind\":\"甲\",\"on\":\"2021-09-01\",\"days\":12}", NULL },
                { "{\"mark\":\"{n}\",\"kind\":\"甲\",\"on\":\"2021-09-01\",\"days\":12}", NULL },
                { "{\"mark\":\"a/b\",\"kind\":\"甲\",\"on\":\"2021-09-01\",\"days\":12}", NULL },
                { "{\"mark\":\"a b\",\"kind\":\"甲\",\"on\":\"2021-09-01\",\"days\":12}", NULL },
                { "{\"mark\":\"湖\",\"kind\":\"甲\",\"on\":\"2021-09-01\",\"days\":12}",
                                "湖甲2021090112-2" },
        };
        world->n_series = 0;
        set_time(world, "2021-09-28 09:00");
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct matter *matter = begin(world, "{\"subject\":\"a\"}");
                matter = act(world, matter, "clerk1", "slip", rows[i].json, 8, &err);
                assert_int_equal(matter != NULL, rows[i].number != NULL);
                if (matter == NULL)
                        assert_int_equal(err.code, E_ACT_COMPUTED);
                else
                        assert_string_equal(str_c(world->arena, matter->documents[1].number),
                                        rows[i].number);
        }
        struct matter *matter = begin(world, "{\"subject\":\"a\"}");
        matter = act(world, matter, "clerk1", "promise", "{}", 8, &err);
        assert_non_null(matter);
        struct str promised = str_format(world->arena, "K%.*s", STR_FMT(matter->number));
        assert_true(str_eq(matter->documents[1].number, promised));
}

/* One decision, several papers: which is issued hangs on the matter, and a paper not
 * issued takes no number. Later acts can name the number. */
static void test_documents_by_condition(void **state)
{
        struct world *world = *state;
        struct err err;
        world->n_series = 0;
        set_time(world, "2021-09-28 09:00");
        struct matter *matter = begin(world, "{\"subject\":\"a\",\"amount\":3}");
        matter = act(world, matter, "clerk1", "print", "{}", 8, &err);
        assert_non_null(matter);
        assert_int_equal(matter->n_documents, 2);
        assert_string_equal(str_c(world->arena, matter->documents[1].number), "厦司小〔2021〕1号");
        matter = act(world, matter, "clerk1", "file", "{}", 9, &err);
        assert_null(matter); /* rows were never given: not true */
        matter = begin(world, "{\"subject\":\"a\",\"amount\":9,\"rows\":[{\"name\":\"甲\","
                              "\"on\":\"2021-09-29\"},{\"name\":\"乙\",\"on\":\"2021-09-28\"},"
                              "{\"name\":\"丙\",\"on\":\"2022-01-01\"}]}");
        matter = act(world, matter, "clerk1", "print", "{}", 8, &err);
        assert_non_null(matter);
        assert_string_equal(str_c(world->arena, matter->documents[1].number), "闽司大〔2021〕1号");
        /* The refusal names the rows it means. */
        assert_null(act(world, matter, "clerk1", "file", "{}", 9, &err));
        assert_string_equal(err.detail, "日期在将来：甲、丙");
        set_time(world, "2022-01-04 09:00");
        matter = act(world, matter, "clerk1", "file", "{}", 9, &err);
        assert_non_null(matter);
        int officer = version_field(matter->version, STR_LIT("officer"));
        assert_int_equal(matter->fields[officer].kind, VALUE_NULL);
}

/* An entry amended keeps what is not set; an entry that does not stand cannot be. */
static void test_amended_entries(void **state)
{
        struct world *world = *state;
        struct err err;
        struct outcome outcome;
        struct actor clerk = actor_of("clerk1");
        set_time(world, "2021-09-28 09:00");
        struct matter *matter = begin(world, "{\"subject\":\"a\"}");
        struct act_request request = { .act = STR_LIT("mark") };
        assert_true(value_parse_json(
                        world->arena, STR_LIT("{\"officer\":\"k1\"}"), &request.fields, &err));
        assert_true(procedure_decide(world->arena, matter->version, matter, &clerk, &request,
                        &world->now, &outcome, &err));
        struct buf json = BUF(world->arena);
        value_write_json(&json, value_get(&outcome.fact.data, STR_LIT("$writes")));
        assert_string_equal(str_c(world->arena, buf_str(&json)),
                        "[{\"key\":\"k1\",\"register\":\"cards\","
                        "\"set\":{\"name\":\"某甲\",\"status\":\"停用\"}}]");
        assert_true(value_parse_json(
                        world->arena, STR_LIT("{\"officer\":\"k2\"}"), &request.fields, &err));
        assert_false(procedure_decide(world->arena, matter->version, matter, &clerk, &request,
                        &world->now, &outcome, &err));
        assert_int_equal(err.code, E_ACT_COMPUTED);
}

static void test_separation_and_rules(void **state)
{
        struct world *world = *state;
        struct err err;
        set_time(world, "2021-09-28 09:00");
        /* head1 registered it by being a "headclerk"? No: a head may not begin. */
        assert_null(act(world, NULL, "head1", "begin", "{\"subject\":\"a\"}", 7, &err));
        assert_int_equal(err.code, E_ACT_ROLE);

        struct matter *poor = begin(world, "{\"subject\":\"a\",\"amount\":9}");
        assert_null(act(world, poor, "head1", "check", "{}", 8, &err));
        assert_int_equal(err.code, E_ACT_RULE);
        assert_string_equal(err.basis, "测试法 第三条");
        /* A rule over nothing is not true. */
        struct matter *unknown = begin(world, "{\"subject\":\"a\"}");
        assert_null(act(world, unknown, "head1", "check", "{}", 8, &err));
        assert_int_equal(err.code, E_ACT_RULE);

        struct matter *b = begin(world, "{\"subject\":\"a\",\"amount\":1,\"kind\":\"乙\"}");
        struct matter *waiting = act(world, b, "head1", "check", "{}", 8, &err);
        assert_string_equal(waiting->version->states[waiting->state].name.p, "waiting");
        struct matter *a = begin(world, "{\"subject\":\"a\",\"amount\":1,\"kind\":\"甲\"}");
        struct matter *checked = act(world, a, "head1", "check", "{}", 8, &err);
        assert_string_equal(checked->version->states[checked->state].name.p, "checked");
        struct matter *done = act(world, checked, "head1", "finish", "{}", 9, &err);
        assert_null(act(world, done, "clerk1", "step_back", "{\"officer\":\"x\"}", 10, &err));
        assert_int_equal(err.code, E_ACT_STATE);
}

/* A consultation that lapses on 2021-10-15 is closed by a timer in the first moment of the
 * next day: that day counts again, the working Monday after it is the next. */
static void test_resumed_at_midnight(void **state)
{
        struct world *world = *state;
        struct err err;
        set_time(world, "2021-09-28 09:00");
        struct matter *m = begin(world, "{\"subject\":\"a\",\"amount\":1}");
        set_time(world, "2021-10-11 09:00");
        m = act(world, m, "clerk1", "wait", "{}", 8, &err);
        set_time(world, "2021-10-14 00:00");
        m = act(world, m, "clerk1", "go_on", "{}", 9, &err);
        /* 10-11 to 10-13 are three working days, 10-14 counts again. */
        assert_string_equal(last_day(world, m, "answer"), "2021-11-04");
}

/* 条例 第三十三条: the days of a consultation do not count; from 2021-09-28, twenty
 * working days end on 2021-11-01. */
static void test_clocks(void **state)
{
        struct world *world = *state;
        struct err err;
        set_time(world, "2021-09-28 09:00");
        struct matter *m = begin(world, "{\"subject\":\"a\",\"amount\":1}");
        assert_string_equal(last_day(world, m, "answer"), "2021-11-01");
        set_time(world, "2021-10-11 09:00");
        m = act(world, m, "clerk1", "wait", "{}", 8, &err);
        assert_int_equal(m->clocks[0].status, CLOCK_PAUSED);
        set_time(world, "2021-10-15 09:00");
        m = act(world, m, "clerk1", "go_on", "{}", 9, &err);
        /* 10-11 to 10-15 are five working days, all excluded. */
        assert_string_equal(last_day(world, m, "answer"), "2021-11-08");
        m = act(world, m, "head1", "extend", "{}", 10, &err);
        assert_string_equal(last_day(world, m, "answer"), "2021-11-22");
        assert_null(act(world, m, "head1", "extend", "{}", 11, &err));
        assert_int_equal(err.code, E_CLOCK_EXTEND);
        assert_string_equal(err.basis, "测试法 第一条");

        struct moment look;
        assert_true(matter_next_look(m, 0, world->now.calendar, 5, 2, &look));
        assert_string_equal(str_c(world->arena, moment_format(world->arena, look)),
                        "2021-11-15T00:00:00+08:00");

        set_time(world, "2021-11-24 09:00");
        m = act(world, m, "head1", "check", "{}", 12, &err);
        m = act(world, m, "head1", "finish", "{}", 13, &err);
        assert_int_equal(m->clocks[0].status, CLOCK_STOPPED);
        assert_true(m->clocks[0].late); /* two days after 2021-11-22, though no timer ran */
}

/* One act, terms that differ by kind of case: what does not start is left as it was. */
/* A term of hours runs from the moment that a field says, before the act or at it. */
static void test_hours_from_a_moment(void **state)
{
        struct world *world = *state;
        struct err err;
        struct deadline deadline;
        set_time(world, "2021-09-28 09:00");
        struct matter *open = begin(world, "{\"subject\":\"事由\"}");
        struct matter *matter = act(world, open, "clerk1", "arrest",
                        "{\"at\":\"2021-09-27T21:30:00+08:00\"}", 8, &err);
        assert_non_null(matter);
        int clock = version_clock(matter->version, STR_LIT("custody"));
        assert_true(matter_deadline(matter, (size_t)clock, world->now.calendar,
                        moment_date(world->now.now), &deadline));
        assert_int_equal(deadline.due.second, test_moment("2021-09-28 21:30").second);
        set_time(world, "2021-09-28 21:31");
        struct matter_clock *running = &matter->clocks[clock];
        assert_int_equal(running->status, CLOCK_RUNNING);
        struct moment look;
        assert_true(matter_next_look(matter, (size_t)clock, world->now.calendar, 5, 2, &look));
        assert_int_equal(look.second, deadline.due.second + 1);
}

static void test_clock_that_starts_only_sometimes(void **state)
{
        struct world *world = *state;
        struct err err;
        set_time(world, "2021-09-28 09:00");
        struct matter *m = begin(world, "{\"subject\":\"a\",\"amount\":1}");
        m = act(world, m, "clerk1", "count_if", "{\"kind\":\"乙\"}", 8, &err);
        assert_int_equal(m->clocks[2].status, CLOCK_NONE);
        m = act(world, m, "clerk1", "count_if", "{\"kind\":\"甲\",\"on\":\"2021-09-27\"}", 9, &err);
        assert_int_equal(m->clocks[2].status, CLOCK_RUNNING);
        assert_string_equal(last_day(world, m, "dated"), "2021-10-08");
        m = act(world, m, "clerk1", "count_if", "{\"kind\":\"乙\",\"on\":\"2021-09-28\"}", 10,
                        &err);
        assert_string_equal(last_day(world, m, "dated"), "2021-10-08");
        assert_null(act(world, m, "head1", "count_if", "{}", 11, &err));
}

static void test_terms_that_lapse(void **state)
{
        struct world *world = *state;
        struct err err;
        set_time(world, "2021-09-28 09:00");
        struct matter *m = begin(world, "{\"subject\":\"a\",\"amount\":1}");
        m = act(world, m, "clerk1", "ask", "{\"days\":3}", 8, &err);
        assert_int_equal(m->clocks[0].status, CLOCK_VOIDED);
        assert_string_equal(last_day(world, m, "answer"), "none");
        assert_string_equal(last_day(world, m, "fix"), "2021-10-08");
        assert_null(act(world, m, "clerk1", "ask", "{\"days\":3}", 9, &err));
        assert_int_equal(err.code, E_ACT_ONCE);

        set_time(world, "2021-10-08 23:59");
        assert_non_null(act(world, m, "clerk1", "late_act", "{}", 9, &err));
        set_time(world, "2021-10-09 00:00");
        assert_null(act(world, m, "clerk1", "late_act", "{}", 9, &err));
        assert_int_equal(err.code, E_ACT_LATE);
        assert_string_equal(err.basis, "测试法 第二条");

        /* The timer records it once; warnings count too. */
        struct outcome expiry =
                        procedure_timer_fact(world->arena, m, 1, CLOCK_QUIET, true, world->now.now);
        struct matter *lapsed = matter_copy(world->arena, m);
        assert_true(matter_apply(world->arena, lapsed, &expiry.fact, 10, &err));
        assert_int_equal(lapsed->clocks[1].status, CLOCK_EXPIRED);
        struct moment look;
        assert_false(matter_next_look(lapsed, 1, world->now.calendar, 5, 2, &look));
        struct outcome warning =
                        procedure_timer_fact(world->arena, m, 1, CLOCK_RED, false, world->now.now);
        struct matter *warned = matter_copy(world->arena, m);
        assert_true(matter_apply(world->arena, warned, &warning.fact, 10, &err));
        assert_int_equal(warned->clocks[1].warned, CLOCK_RED);
}

static void test_computed_numbers_are_exact(void **state)
{
        struct world *world = *state;
        set_time(world, "2021-09-28 09:00");
        struct matter *m = begin(world, "{\"subject\":\"a\",\"amount\":\"33.33\"}");
        int total = version_field(m->version, STR_LIT("total"));
        assert_string_equal(
                        str_c(world->arena, decimal_format(world->arena, m->fields[total].number)),
                        "36.663");
}

static void test_offer_names_the_reason(void **state)
{
        struct world *world = *state;
        struct err errs[32];
        set_time(world, "2021-09-28 09:00");
        struct matter *m = begin(world, "{\"subject\":\"a\"}");
        struct actor clerk = actor_of("clerk1");
        procedure_offer(world->arena, m, &clerk, &world->now, errs);
        const struct version *v = m->version;
        assert_int_equal(errs[version_act(v, STR_LIT("wait"))].code, E_NONE);
        assert_int_equal(errs[version_act(v, STR_LIT("extend"))].code, E_ACT_ROLE);
        assert_int_equal(errs[version_act(v, STR_LIT("go_on"))].code, E_ACT_STATE);
}

/* What stands in the way whatever is given: not the rules about what is given. */
static void test_what_lies_ahead(void **state)
{
        struct world *world = *state;
        struct err errs[8];
        struct actor clerk = actor_of("clerk1");
        set_time(world, "2021-09-28 09:00");
        struct matter *heavy = begin(world, "{\"subject\":\"a\",\"amount\":9}");
        struct matter *light = begin(world, "{\"subject\":\"a\",\"amount\":1}");
        size_t weigh = (size_t)version_act(heavy->version, STR_LIT("weigh"));
        size_t check = (size_t)version_act(heavy->version, STR_LIT("check"));
        assert_int_equal(procedure_ahead(world->arena, heavy, weigh, &clerk, &world->now, errs, 8),
                        2);
        assert_int_equal(errs[0].code, E_ACT_RULE);
        assert_string_equal(errs[0].detail, "太重");
        assert_string_equal(err_basis(&errs[0]), "测试法 第七条");
        assert_string_equal(errs[1].detail, "换人");
        assert_int_equal(procedure_ahead(world->arena, heavy, weigh, &clerk, &world->now, errs, 1),
                        1);
        assert_int_equal(procedure_ahead(world->arena, light, weigh, &clerk, &world->now, errs, 8),
                        1);
        assert_int_equal(procedure_ahead(world->arena, light, weigh, NULL, &world->now, errs, 8),
                        0); /* whoever does it */
        assert_int_equal(
                        procedure_ahead(world->arena, heavy, check, NULL, &world->now, errs, 8), 1);
        assert_int_equal(
                        procedure_ahead(world->arena, light, check, NULL, &world->now, errs, 8), 0);
}

/* A note changes nothing of the matter; who may not act on it may not write one. */
static void test_notes(void **state)
{
        static const struct {
                const char *who, *json;
                enum err_code code;
        } rows[] = {
                { "clerk1", "{\"note\":\"来电催办\"}", E_NONE },
                { "head1", "{\"note\":\"来电催办\"}", E_NONE },
                { "guest1", "{\"note\":\"来电催办\"}", E_ACT_ROLE },
                { "applicant", "{\"note\":\"来电催办\"}", E_ACT_ROLE },
                { "clerk9", "{\"note\":\"来电催办\"}", E_ACT_RECUSED },
                { "clerk1", "{}", E_FIELD_MISSING },
                { "clerk1", "{\"note\":\" \"}", E_FIELD_MISSING },
                { "clerk1", "{\"note\":1}", E_FIELD_MISSING },
                { "clerk1", "{\"note\":\"a\",\"subject\":\"b\"}", E_FIELD_UNKNOWN },
                { "clerk1", "{\"note\":\"a\\u0007\"}", E_FIELD_VALUE },
        };
        struct world *world = *state;
        struct err err;
        struct fact fact;
        struct value fields;
        set_time(world, "2021-09-28 09:00");
        struct matter *m = begin(world, "{\"subject\":\"a\"}");
        m = act(world, m, "clerk1", "step_back", "{\"officer\":\"clerk9\"}", 8, &err);
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct actor actor = actor_of(rows[i].who);
                enum err_code code = E_NONE;
                assert_true(value_parse_json(world->arena, str_of(rows[i].json), &fields, &err));
                if (!procedure_note(world->arena, m, &actor, &fields, &world->now, &fact, &err))
                        code = err.code;
                if (code != rows[i].code)
                        fail_msg("%zu: %s", i, err_text(code)->name);
        }
        struct member long_note = { STR_LIT("note"), value_string(STR_LIT("")) };
        char *text = arena_alloc(world->arena, NOTE_MAX + 1);
        memset(text, 'x', NOTE_MAX + 1);
        struct actor clerk = actor_of("clerk1");
        for (size_t n = NOTE_MAX; n <= NOTE_MAX + 1; n++) {
                long_note.value = value_string((struct str){ text, n });
                fields = value_context(&long_note, 1);
                assert_true(procedure_note(world->arena, m, &clerk, &fields, &world->now, &fact,
                                            &err) == (n == NOTE_MAX));
        }
        set_time(world, "2021-09-30 09:00");
        fields = value_context(&long_note, 1);
        long_note.value = value_string(STR_LIT("来电"));
        assert_true(procedure_note(world->arena, m, &clerk, &fields, &world->now, &fact, &err));
        struct matter *after = matter_copy(world->arena, m);
        assert_true(matter_apply(world->arena, after, &fact, 9, &err));
        assert_int_equal(after->n_deeds, m->n_deeds + 1);
        assert_int_equal(after->last_seq, 9);
        assert_int_equal(after->changed.second, m->changed.second);
        assert_int_equal(after->state, m->state);
        fact.data = value_context(NULL, 0); /* erased */
        assert_true(matter_apply(world->arena, after, &fact, 10, &err));
        /* Another query code: the deed says whose; without that it was never recorded. */
        assert_true(value_parse_json(world->arena,
                        STR_LIT("{\"party\":\"nobody\",\"identity\":\"护照\"}"), &fields, &err));
        assert_false(procedure_code(world->arena, m, &clerk, &fields, &world->now, &fact, &err));
        assert_int_equal(err.code, E_FIELD_MISSING);
        assert_true(value_parse_json(world->arena,
                        STR_LIT("{\"party\":\"applicant\",\"identity\":\"护照\"}"), &fields, &err));
        assert_true(procedure_code(world->arena, m, &clerk, &fields, &world->now, &fact, &err));
        assert_true(matter_apply(world->arena, after, &fact, 11, &err));
        assert_true(str_is(after->deeds[after->n_deeds - 1].name, "sys_code.applicant"));
        fact.data = value_context(NULL, 0);
        assert_false(matter_apply(world->arena, after, &fact, 12, &err));
        assert_int_equal(err.code, E_MATTER_FOLD);
        fact.act = STR_LIT(ACT_NOTE);
        struct matter *none = matter_new(world->arena, m->version);
        assert_false(matter_apply(world->arena, none, &fact, 10, &err));
        assert_int_equal(err.code, E_MATTER_FOLD);
}

static void test_damaged_rows_and_events_are_refused(void **state)
{
        struct world *world = *state;
        struct err err;
        set_time(world, "2021-09-28 09:00");
        struct matter *m = begin(world, "{\"subject\":\"a\",\"amount\":1}");
        struct buf packed = BUF(world->arena);
        matter_pack(&packed, m);
        for (size_t n = 0; n < packed.n; n++) {
                struct matter *cut = matter_new(world->arena, m->version);
                assert_false(matter_unpack(
                                world->arena, str_slice(buf_str(&packed), 0, n), cut, &err));
        }
        static const char *const bad[] = {
                "{\"nobody\":1}",
                "{\"$to\":\"nowhere\"}",
                "{\"$to\":1}",
                "{\"$documents\":{\"none\":\"1\"}}",
                "{\"$documents\":1}",
                "{\"$recused\":1}",
                "{\"$expired\":\"none\"}",
                "{\"$clocks\":{\"answer\":{\"by\":-1}}}",
        };
        for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
                struct fact fact = { .matter = m->id,
                        .version = m->version,
                        .act = STR_LIT("extend"),
                        .actor = STR_LIT("head1"),
                        .time = world->now.now };
                struct matter *copy = matter_copy(world->arena, m);
                assert_true(value_parse_json(world->arena, str_of(bad[i]), &fact.data, &err));
                if (matter_apply(world->arena, copy, &fact, 9, &err))
                        fail_msg("%s was folded", bad[i]);
                assert_int_equal(err.code, E_MATTER_FOLD);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_refusals),
                cmocka_unit_test(test_moves),
                cmocka_unit_test(test_field_values),
                cmocka_unit_test(test_numbers_have_no_gaps),
                cmocka_unit_test(test_numbers_hold_fields),
                cmocka_unit_test(test_documents_by_condition),
                cmocka_unit_test(test_amended_entries),
                cmocka_unit_test(test_separation_and_rules),
                cmocka_unit_test(test_clocks),
                cmocka_unit_test(test_resumed_at_midnight),
                cmocka_unit_test(test_hours_from_a_moment),
                cmocka_unit_test(test_clock_that_starts_only_sometimes),
                cmocka_unit_test(test_terms_that_lapse),
                cmocka_unit_test(test_computed_numbers_are_exact),
                cmocka_unit_test(test_offer_names_the_reason),
                cmocka_unit_test(test_what_lies_ahead),
                cmocka_unit_test(test_notes),
                cmocka_unit_test(test_damaged_rows_and_events_are_refused),
        };
        return cmocka_run_group_tests(tests, world_open, world_close);
}
