/* Rehearsals: the statements, the blocks, and what is said of a file that does not pass. */
#include "desk/test_site.h"

#include <string.h>

#include "desk/rehearse.h"
#include "desk/statement.h"

static void test_statements(void **state)
{
        static const struct {
                const char *why, *text;
                size_t n;
                const char *last;
                bool json;
                enum err_code code;
        } rows[] = {
                { "words", "time 2021-03-01 09:00", 3, "09:00", false, E_NONE },
                { "blanks in quotes", "unit b \"思明 分局\"", 3, "思明 分局", false, E_NONE },
                { "JSON to the end", "A.x by li {\"a\": {\"b\": 1}}", 3, "li", true, E_NONE },
                { "over several lines", "A.x by li\n  {\"a\":\n 1}", 3, "li", true, E_NONE },
                { "JSON that is none", "A.x {\"a\"", 0, NULL, false, E_JSON },
                { "words behind JSON", "A.x {} by li", 0, NULL, false, E_JSON },
                { "more words than may be", "a a a a a a a a a a a a a a a a a a a a a a a a a", 0,
                                NULL, false, E_REHEARSAL },
                { "nothing", "   ", 0, NULL, false, E_NONE },
                { "a quote that is not closed", "unit \"b", 2, "b", false, E_NONE },
        };
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct arena *arena = arena_open();
                struct statement s;
                struct err err = { 0 };
                bool ok = statement_parse(arena, str_of(rows[i].text), &s, &err);
                if (ok != (rows[i].code == E_NONE) || (!ok && err.code != rows[i].code) ||
                                (ok && (s.n != rows[i].n || s.has_json != rows[i].json ||
                                                       (s.n > 0 && !str_is(s.words[s.n - 1],
                                                                                   rows[i].last)))))
                        fail_msg("%s: %s", rows[i].why, err_text(err.code)->name);
                arena_close(&arena);
        }
}

struct playing {
        struct test_site *t;
        struct catalogue catalogue;
        const struct calendar_set *calendars;
};

static void open_playing(struct playing *p)
{
        struct str problems;
        p->t = calloc(1, sizeof(*p->t));
        assert_non_null(p->t);
        p->t->arena = arena_open();
        p->t->data = test_data();
        test_must(p->t, catalogue_load(p->t->arena, p->t->data.definitions,
                                        p->t->data.n_definitions, &p->catalogue, &problems,
                                        &p->t->err));
        test_must(p->t, calendar_set_new(p->t->arena, p->t->data.calendars, p->t->data.n_calendars,
                                        &p->calendars, &p->t->err));
}

static void close_playing(struct playing *p)
{
        arena_close(&p->t->arena);
        free(p->t);
}

static struct rehearsal play(struct playing *p, const char *text)
{
        struct rehearsal r;
        test_must(p->t, rehearse(p->t->arena, &p->catalogue, p->calendars, str_of(text), &r,
                                        &p->t->err));
        return r;
}

#define PREAMBLE "time 2021-03-01 09:00\nunit b 局\nstaff li 李四 unit b roles clerk,head\n"

static void test_answers(void **state)
{
        static const struct {
                const char *why, *statement, *answers;
        } rows[] = {
                { "a matter begins", "note.write by li as A {\"subject\":\"甲\"}",
                                "< 已登记 厦司函〔2021〕1号 〔办理中〕 便笺 厦司笺〔2021〕1号\n" },
                { "a party", "note.write by applicant unit b {\"subject\":\"甲\"}",
                                "< 已登记 厦司函〔2021〕1号 〔办理中〕 便笺 厦司笺〔2021〕1号\n" },
                { "a role made on first use", "note.write by clerk#2 {\"subject\":\"甲\"}",
                                "< 已登记 厦司函〔2021〕1号 〔办理中〕 便笺 厦司笺〔2021〕1号\n" },
                { "a refusal", "note.write by head {\"subject\":\"甲\"}",
                                "< 拒绝（denied E_ACT_ROLE）：您的岗位不能办理「起草」：需要的岗位：clerk、申请人。"
                                "请由有权的人员办理，或先办理委托\n" },
                { "a procedure that is not there", "nothing.write by li",
                                "< 脚本错误：演练脚本不正确：没有程序或办件 nothing。请对照 docs/procedures.md 第五节改正\n" },
                { "a register", "entries units", "< b 2021-03-01起；name：局\n" },
                { "an empty register", "entry units x", "< 没有\n" },
                { "a figure", "figure N1 2021", "< 便函数 2021：0件\n" },
                { "nobody was told anything", "outbox", "< 没有\n" },
        };
        struct playing p;
        (void)state;
        open_playing(&p);
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct str text = str_format(p.t->arena, PREAMBLE "%s\n", rows[i].statement);
                struct rehearsal r = play(&p, str_c(p.t->arena, text));
                struct str expected =
                                str_format(p.t->arena, "%.*s%s", STR_FMT(text), rows[i].answers);
                if (!str_eq(r.text, expected))
                        fail_msg("%s: %.*s", rows[i].why, STR_FMT(r.text));
        }
        close_playing(&p);
}

/* Each block is a fresh bureau, set up by what stands before the first heading. */
static void test_blocks(void **state)
{
        static const char text[] =
                        PREAMBLE "# 一\n"
                                 "note.write by li as A {\"subject\":\"甲\"}\n"
                                 "< 已登记 厦司函〔2021〕1号 〔办理中〕 便笺 厦司笺〔2021〕1号\n"
                                 "# 二\n"
                                 "note.write by li as A {\"subject\":\"甲\"}\n"
                                 "< 已登记 厦司函〔2021〕2号 〔办理中〕 便笺 厦司笺〔2021〕1号\n"
                                 "# 三\n"
                                 "nonsense\n";
        struct playing p;
        (void)state;
        open_playing(&p);
        struct rehearsal r = play(&p, text);
        assert_int_equal(r.n_blocks, 4);
        assert_true(r.blocks[0].same && r.blocks[1].same);
        assert_true(str_is(r.blocks[1].heading, "一"));
        assert_false(r.blocks[2].same);
        assert_int_equal(r.blocks[2].first_difference, 9);
        assert_true(str_starts(r.blocks[2].expected, STR_LIT("< 已登记 厦司函〔2021〕2号")));
        assert_true(str_starts(r.blocks[2].got, STR_LIT("< 已登记 厦司函〔2021〕1号")));
        assert_int_equal(r.blocks[3].n_faults, 1);
        /* What it wrote passes. */
        struct rehearsal again = play(&p, str_c(p.t->arena, r.text));
        assert_true(str_eq(again.text, r.text) && again.blocks[2].same);
        close_playing(&p);
}

static void test_time_moves_and_timers_tell(void **state)
{
        static const char text[] = PREAMBLE "note.write by li as A {\"subject\":\"甲\"}\n"
                                            "A.ask by li\n"
                                            "time 2021-03-03 09:00\n"
                                            "show A clocks\n"
                                            "time 2021-03-20\n"
                                            "at A\n"
                                            "time 2021-03-01\n";
        static const char answers[] =
                        "time 2021-03-03 09:00\n"
                        "< 2021-03-02 00:00 厦司函〔2021〕1号 答复期限：黄色预警\n"
                        "< 2021-03-03 00:00 厦司函〔2021〕1号 答复期限：红色预警\n"
                        "show A clocks\n"
                        "< 便函 厦司函〔2021〕1号 〔待复〕 N1\n"
                        "< 答复期限 进行中 至 2021-03-04（测试法 第一条）\n"
                        "time 2021-03-20\n"
                        "< 2021-03-05 00:00 厦司函〔2021〕1号 答复期限：届满\n"
                        "< 已办理 逾期 〔逾期未复〕\n"
                        "at A\n"
                        "< 便函 厦司函〔2021〕1号 〔逾期未复〕 N1\n"
                        "time 2021-03-01\n"
                        "< 脚本错误：演练脚本不正确：时间不能倒退。请对照 docs/procedures.md 第五节改正\n";
        struct playing p;
        (void)state;
        open_playing(&p);
        struct rehearsal r = play(&p, text);
        if (!str_ends(r.text, str_of(answers)))
                fail_msg("%.*s", STR_FMT(r.text));
        close_playing(&p);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_statements),
                cmocka_unit_test(test_answers),
                cmocka_unit_test(test_blocks),
                cmocka_unit_test(test_time_moves_and_timers_tell),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
