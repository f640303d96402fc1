/* What the lint knows of a matter that tells its sub-matters: they are opened, they can be told,
 * and nobody is told what is another's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "procedure/definition.h"

/* Nothing is wrong with the two; each row spoils one thing of the matter that asks. */
static const char asking[] =
                "procedure: asking\n"
                "label: 征询\n"
                "visible: never\n"
                "versions:\n"
                "  - version: V1\n"
                "    effective: 2020-01-01\n"
                "    law: 某法\n"
                "    number: '问〔{year}〕{n}号'\n"
                "    title: '\"征询\"'\n"
                "    parties: {applicant: 申请人}\n"
                "    fields:\n"
                "      who: {label: 申请人, type: text, class: personal}\n"
                "      why: {label: 理由, type: text}\n"
                "    states: {open: 办理中, done: {label: 办结, final: true}}\n"
                "    acts:\n"
                "      begin: {label: 开始, by: applicant, from: new, to: open, needs: [who],\n"
                "              opens: [{procedure: asked, act: ask}]}\n"
                "      answer: {label: 答复, by: clerk, from: open, to: done, needs: [why], document: reply,\n"
                "               then: [{on: children, procedure: asked, as: one, act: told,\n"
                "                       when: 'one.state = \"given\"', with: {why: why}}]}\n"
                "    documents:\n"
                "      reply: {label: 答复书, to: applicant, text: '{{why}}'}\n";

static const char asked[] = "procedure: asked\n"
                            "label: 被征询\n"
                            "visible: never\n"
                            "versions:\n"
                            "  - version: V1\n"
                            "    effective: 2019-01-01\n"
                            "    law: 某法\n"
                            "    number: '被〔{year}〕{n}号'\n"
                            "    title: '\"被征询\"'\n"
                            "    parties: {neighbour: 相邻人, applicant: 申请人}\n"
                            "    fields:\n"
                            "      why: {label: 理由, type: text}\n"
                            "    states: {open: 待答复, given: {label: 已回复, final: true}}\n"
                            "    acts:\n"
                            "      ask: {label: 征询, by: system, from: new, to: open}\n"
                            "      give: {label: 回复, by: neighbour, from: open, to: given}\n"
                            "      told: {label: 告知, by: system, from: given, needs: [why]}\n";

/* A later version of those asked, in which one act is called something else. */
static const char renamed[] =
                "  - version: V2\n"
                "    effective: 2022-01-01\n"
                "    base: V1\n"
                "    acts: {told: null, heard: {label: 听说, by: clerk, from: given}}\n";

static bool load(struct arena *arena, struct str first, struct str second, struct str *ret_problems)
{
        const struct definition_source sources[] = {
                { STR_LIT("asking.yaml"), first },
                { STR_LIT("asked.yaml"), second },
        };
        struct catalogue catalogue;
        struct err err;
        return catalogue_load(arena, sources, N_ELEMENTS(sources), &catalogue, ret_problems, &err);
}

static void test_sound(void **state)
{
        _cleanup_(arena_close) struct arena *arena = arena_open();
        struct str problems;
        (void)state;
        if (!load(arena, str_of(asking), str_of(asked), &problems) || problems.n != 0)
                fail_msg("%.*s", STR_FMT(problems));
}

static void test_spoiled(void **state)
{
        static const char remark[] = "提醒：";
        static const struct {
                const char *why, *from, *to, *later; /* later: versions of those asked */
                const char *problem;
        } rows[] = {
                { "without saying which", "procedure: asked, as: one, act: told", "act: told", "",
                                "on: children 要写 procedure" },
                { "a name for the parent", "on: children, procedure: asked, as: one",
                                "on: parent, as: one", "",
                                "只有 on: children 才写 procedure 和 as" },
                { "not opened here", "opens: [{procedure: asked, act: ask}]", "hint: x", "",
                                "但本程序没有动作开启“asked”" },
                { "an act that is not there", "act: told", "act: fly", "",
                                "下级程序 asked（V1）没有动作“fly”" },
                { "an act that a later version has not", "", "", renamed,
                                "下级程序 asked（V2）没有动作“told”" },
                { "an act that only people do", "act: told", "act: give", "",
                                "asked.give 的 by 中没有 system" },
                { "what is needed is not handed over", ", with: {why: why}", "", "",
                                "asked.told 需要字段“why”，with 中没有" },
                { "what is not taken is handed over", "with: {why: why}",
                                "with: {why: why, x: why}", "", "asked.told 不收字段“x”" },
                { "what is personal", "with: {why: why}", "with: {why: 'why + who'}", "",
                                "then 不能把个人信息“who”交给下级办件" },
                { "what was personal before", "with: {why: why}", "with: {why: before.who}", "",
                                "then 不能把个人信息“before.who”交给下级办件" },
                { "what others said", "with: {why: why}", "with: {why: 'why + children[2].why'}",
                                "", "then 不能把其他办件的内容“children”交给下级办件" },
                { "what stands above", "with: {why: why}", "with: {why: parent.why}", "",
                                "then 不能把其他办件的内容“parent”交给下级办件" },
                { "a name out of its row", "document: reply,",
                                "document: reply, warn: [{that: 'one.final', say: x}],", "",
                                "表达式 one.final 在这里不能用“one”" },
                { "those that may be done", "when: 'one.state = \"given\"', ", "", "",
                                "提醒：办理动作 answer：then 没有 when" },
                { "a paper to a party of theirs alone", "to: applicant, ",
                                "to: [applicant, neighbour], ", "",
                                "提醒：文书 reply：“neighbour”只是下级程序 asked 的当事人" },
                { "a notice to a party of theirs alone", "document: reply,",
                                "document: reply, notifies: [applicant, neighbour],", "",
                                "提醒：办理动作 answer：“neighbour”只是下级程序 asked 的当事人" },
        };
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                _cleanup_(arena_close) struct arena *arena = arena_open();
                size_t at = str_find(str_of(asking), str_of(rows[i].from));
                assert_int_not_equal(at, SIZE_MAX);
                struct str first = str_format(arena, "%.*s%s%s", (int)at, asking, rows[i].to,
                                asking + at + strlen(rows[i].from));
                struct str second = str_format(arena, "%s%s", asked, rows[i].later), problems;
                bool ok = load(arena, first, second, &problems);
                if (str_find(problems, str_of(rows[i].problem)) == SIZE_MAX)
                        fail_msg("%s\nwant: %s\nhave: %.*s", rows[i].why, rows[i].problem,
                                        STR_FMT(problems));
                if (ok && !str_starts(str_of(rows[i].problem), str_of(remark)))
                        fail_msg("%s: loaded", rows[i].why);
        }
}

/* Who is a party here too reads it here; it is not remarked. */
static void test_a_party_of_both(void **state)
{
        _cleanup_(arena_close) struct arena *arena = arena_open();
        struct str problems;
        (void)state;
        size_t at = str_find(str_of(asking), STR_LIT("parties: {"));
        struct str first = str_format(arena, "%.*sparties: {neighbour: 相邻人, %s", (int)at, asking,
                        asking + at + strlen("parties: {"));
        at = str_find(first, STR_LIT("to: applicant, "));
        struct str both = str_format(arena, "%.*sto: neighbour, %s", (int)at, first.p,
                        first.p + at + strlen("to: applicant, "));
        if (!load(arena, both, str_of(asked), &problems) || problems.n != 0)
                fail_msg("%.*s", STR_FMT(problems));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_sound),
                cmocka_unit_test(test_spoiled),
                cmocka_unit_test(test_a_party_of_both),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
