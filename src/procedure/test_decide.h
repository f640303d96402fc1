/* procedure/test_decide.h - a small procedure with one of everything, and a world for it; for the
 * tests of deciding. */
#ifndef PROCEDURE_TEST_DECIDE_H
#define PROCEDURE_TEST_DECIDE_H

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
                "    parties: {applicant: 申请人, other: 对方}\n"
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
                "      stretch: {label: 按日延长, by: head, from: open, takes: [days], extends: {answer: days}}\n"
                "      stretch_dated: {label: 另行延长, by: head, from: open, takes: [days], extends: {dated: days}}\n"
                "      ask: {label: 补正, by: clerk, from: open, once: true, needs: [days], starts: fix, voids: answer}\n"
                "      late_act: {label: 限期动作, by: clerk, from: open, within: fix}\n"
                "      move: {label: 移交, by: clerk, from: any, takes: [officer], moves: officer}\n"
                "      step_back: {label: 回避, by: clerk, from: any, needs: [officer], recuses: officer}\n"
                "      check: {label: 审核, by: head, from: open, to: [{when: 'kind = \"乙\"', to: waiting}, {to: checked}], differs_from: [begin],\n"
                "              require: [{that: 'amount != null and amount < limit', say: 金额应小于上限, basis: 测试法 第三条}]}\n"
                "      promise: {label: 承诺, by: clerk, from: open, once: true, document: promise}\n"
                "      slip: {label: 出条, by: clerk, from: open, takes: [mark, kind, on, days], document: slip}\n"
                "      print: {label: 出文, by: clerk, from: open, document: {small: 'amount < 5', large: 'amount >= 5'}}\n"
                "      post: {label: 发文, by: [clerk, applicant], from: open, takes: [kind], notifies: [head, other],\n"
                "             document: [to_one, to_some, to_none, to_whom_told]}\n"
                "      file: {label: 存档, by: clerk, from: open, set: {officer: 'document_number(\"small\")'},\n"
                "              require: [{that: 'every r in rows satisfies r.on <= today', say: 日期在将来,\n"
                "                         which: 'for r in rows return if r.on > today then r.name else null', basis: 测试法 第四条}]}\n"
                "      mark: {label: 记载, by: clerk, from: open, takes: [officer],\n"
                "             writes: [{register: cards, key: officer, amend: true, set: {status: '\"停用\"'}}]}\n"
                "      weigh: {label: 过秤, by: clerk, from: open, takes: [days], set: {total: 'amount + 1', officer: 'string(days)'},\n"
                "              require: [{that: 'total < 3', say: 太重, basis: 测试法 第七条}, {that: 'days > 1', say: 天数不足, basis: 测试法 第七条},\n"
                "                        {that: 'officer != \"0\"', say: 零天, basis: 测试法 第七条}, {that: 'actor.id = \"clerk2\"', say: 换人, basis: 测试法 第八条}]}\n"
                "      born: {label: 分件, by: system, from: new, to: open, needs: [subject]}\n"
                "      scatter: {label: 分送, by: clerk, from: open, needs: [days],\n"
                "                opens: [{procedure: case, act: born, with: {subject: subject},\n"
                "                         each: 'for i in 1..days return i', as: nth}]}\n"
                "      hear: {label: 听说, by: system, from: open, needs: [subject]}\n"
                "      spread: {label: 告知下级, by: clerk, from: open,\n"
                "               then: [{on: children, procedure: case, as: one, act: hear, when: 'one.kind = kind',\n"
                "                       with: {subject: 'subject + one.subject'}}]}\n"
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
                "      to_one: {label: 甲函, to: applicant, text: '{{subject}}'}\n"
                "      to_some: {label: 乙函, to: {other: 'kind = \"甲\"', clerk: 'true'}, text: '{{subject}}'}\n"
                "      to_none: {label: 内部记录, to: [], text: '{{subject}}'}\n"
                "      to_whom_told: {label: 未写明的函, text: '{{subject}}'}\n"
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
        size_t n_children; /* of every matter; each third is of another procedure */
};

static inline bool holds_role(void *user, const struct actor *actor, struct str role,
                struct str unit, struct date day)
{
        (void)user, (void)unit, (void)day;
        return str_starts(actor->id, role); /* clerk1 is a clerk, head1 a head */
}

static inline bool entry(void *user, struct arena *arena, struct str reg, struct str key,
                struct date day, struct value *ret)
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

static inline bool no_list(
                void *user, struct arena *arena, struct str reg, struct date day, struct value *ret)
{
        (void)user, (void)arena, (void)reg, (void)day, (void)ret;
        return false;
}

static inline bool no_count(void *user, struct str unit, int64_t *ret)
{
        (void)user;
        (void)unit;
        *ret = 0;
        return true;
}

static inline bool no_matters(void *user, struct arena *arena, struct str key, struct str text,
                int64_t but, struct value *ret)
{
        (void)user, (void)arena, (void)key, (void)text, (void)but, (void)ret;
        return false;
}

static inline bool no_family(void *user, struct arena *arena, int64_t matter, struct value *ret)
{
        (void)user, (void)arena, (void)matter, (void)ret;
        return false;
}

static inline bool children(void *user, struct arena *arena, int64_t matter, struct value *ret)
{
        const struct world *world = user;
        struct value *items = arena_new_array(arena, world->n_children, struct value);
        (void)matter;
        for (size_t i = 0; i < world->n_children; i++) {
                const struct member own[] = {
                        { STR_LIT("kind"),
                                        value_string(i % 2 == 0 ? STR_LIT("甲") : STR_LIT("乙")) },
                        { STR_LIT("number"), value_string(str_format(arena, "(%zu)", i)) },
                        { STR_LIT("procedure"), value_string(i % 3 == 2 ? STR_LIT("other")
                                                                        : STR_LIT("case")) },
                        { STR_LIT("subject"), value_string(str_format(arena, "%zu", i)) },
                };
                struct member *members = arena_new_array(arena, N_ELEMENTS(own), struct member);
                memcpy(members, own, sizeof(own));
                items[i] = value_context(members, N_ELEMENTS(own));
        }
        *ret = value_list(items, world->n_children);
        return true;
}

static inline bool next_number(void *user, struct str series, int64_t *ret, struct err *err)
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

static inline int world_open(void **state)
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
                children, no_family, next_number, NULL };
        world->now = (struct circumstances){
                .catalogue = &world->catalogue, .site = &world->site, .lookups = &world->lookups
        };
        *state = world;
        return 0;
}

static inline int world_close(void **state)
{
        struct world *world = *state;
        struct arena *arena = world->arena;
        arena_close(&arena);
        return 0;
}

static inline void set_time(struct world *world, const char *text)
{
        struct err err;
        assert_true(moment_parse(str_of(text), &world->now.now, &err));
        world->now.calendar = calendar_as_known(world->calendars, moment_date(world->now.now));
}

static inline struct actor actor_of(const char *id)
{
        bool party = strcmp(id, "applicant") == 0;
        return (struct actor){ .id = str_of(id),
                .name = str_of(id),
                .unit = STR_LIT("u1"),
                .is_staff = !party,
                .entry = value_null() };
}

/* Does `act` and folds it; on refusal returns NULL and fills err. */
static inline struct matter *act(struct world *world, const struct matter *matter, const char *who,
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

static inline const char *last_day(
                struct world *world, const struct matter *matter, const char *clock)
{
        struct deadline deadline;
        int index = version_clock(matter->version, str_of(clock));
        if (!matter_deadline(matter, (size_t)index, world->now.calendar,
                            moment_date(world->now.now), &deadline))
                return "none";
        return str_c(world->arena, date_format(world->arena, deadline.last_day));
}

static inline struct matter *begin(struct world *world, const char *json)
{
        struct err err;
        struct matter *matter = act(world, NULL, "clerk1", "begin", json, 7, &err);
        if (matter == NULL)
                fail_msg("%.*s", STR_FMT(err_sentence(world->arena, &err)));
        return matter;
}

#endif
