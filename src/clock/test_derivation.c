#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "clock/derivation.h"
#include "clock/test_calendars.h"

static struct arena *arena;
static const struct calendar_set *set;

static int set_up(void **state)
{
        (void)state;
        arena = arena_open();
        set = test_calendars(arena);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        arena_close(&arena);
        return 0;
}

static struct derivation derived(const struct deadline_term *term, const char *known)
{
        struct derivation ret;
        struct err err;
        const struct calendar *calendar = calendar_as_known(set, test_date(known));
        if (!derivation_compute(arena, term, calendar, &ret, &err))
                fail_msg("%s", err_sentence(arena, &err).p);
        return ret;
}

static void expect_text(const struct derivation *derivation, const char *expected)
{
        struct str text = derivation_format(arena, derivation);
        if (!str_is(text, expected))
                fail_msg("got\n%s\nexpected\n%s", text.p, expected);
}

/* 政府信息公开条例 第三十条 across National Day 2021, as the clerk sees it. */
static void test_working_days(void **state)
{
        (void)state;
        struct deadline_rule rule = { "foi_request.correction", "政府信息公开条例 第三十条",
                DEADLINE_WORKING_DAYS, 7 };
        struct deadline_pause pause =
                        deadline_pause_through(test_date("2021-10-11"), test_date("2021-10-11"));
        struct deadline_term term = {
                .rule = &rule, .start = test_date("2021-09-28"), .pauses = &pause, .n_pauses = 1
        };
        struct derivation derivation = derived(&term, "2021-10-01");
        expect_text(&derivation,
                        "期限：foi_request.correction，7个工作日（政府信息公开条例 第三十条）\n"
                        "2021-09-28  周二  起算日不计入\n"
                        "2021-09-29  周三  计入第1日\n"
                        "2021-09-30  周四  计入第2日\n"
                        "2021-10-01  周五  不计（国庆节，法定节假日）  国办发明电〔2020〕27号\n"
                        "2021-10-02  周六  不计（国庆节，法定节假日）  国办发明电〔2020〕27号\n"
                        "2021-10-03  周日  不计（国庆节，法定节假日）  国办发明电〔2020〕27号\n"
                        "2021-10-04  周一  不计（国庆节调休放假）  国办发明电〔2020〕27号\n"
                        "2021-10-05  周二  不计（国庆节调休放假）  国办发明电〔2020〕27号\n"
                        "2021-10-06  周三  不计（国庆节调休放假）  国办发明电〔2020〕27号\n"
                        "2021-10-07  周四  不计（国庆节调休放假）  国办发明电〔2020〕27号\n"
                        "2021-10-08  周五  计入第3日\n"
                        "2021-10-09  周六  计入第4日（国庆节调休上班）  国办发明电〔2020〕27号\n"
                        "2021-10-10  周日  不计（周末）\n"
                        "2021-10-11  周一  中止不计\n"
                        "2021-10-12  周二  计入第5日\n"
                        "2021-10-13  周三  计入第6日\n"
                        "2021-10-14  周四  计入第7日，届满\n"
                        "届满：2021年10月14日（周四）24时\n"
                        "日历：按截至2020年11月25日公布的放假安排推算\n");
}

/* 民法典 第二百零三条: the last of five days is a Saturday. */
static void test_days_that_roll(void **state)
{
        (void)state;
        struct deadline_rule rule = { "penalty.transfer", "", DEADLINE_DAYS, 3,
                .closing_minute = 17 * 60 + 30 };
        struct deadline_term term = {
                .rule = &rule, .start = test_date("2021-03-01"), .extension = 2
        };
        struct derivation derivation = derived(&term, "2021-03-01");
        expect_text(&derivation, "期限：penalty.transfer，3日，延长2日\n"
                                 "2021-03-01  周一  起算日不计入\n"
                                 "2021-03-02  周二  计入第1日\n"
                                 "2021-03-03  周三  计入第2日\n"
                                 "2021-03-04  周四  计入第3日\n"
                                 "2021-03-05  周五  计入第4日\n"
                                 "2021-03-06  周六  计入第5日（周末），遇休息日顺延\n"
                                 "2021-03-07  周日  不作为届满日，顺延（周末）\n"
                                 "2021-03-08  周一  顺延至此，届满\n"
                                 "届满：2021年3月8日（周一）17时30分\n"
                                 "日历：按截至2020年11月25日公布的放假安排推算\n");
}

static void test_months_draw_runs_together(void **state)
{
        (void)state;
        struct deadline_rule rule = { "review.suit", "行政诉讼法 第四十六条", DEADLINE_MONTHS, 6 };
        struct deadline_term term = { .rule = &rule, .start = test_date("2026-08-31") };
        struct derivation derivation = derived(&term, "2026-09-01");
        assert_int_equal(derivation.n_lines, 183);
        expect_text(&derivation, "期限：review.suit，6个月（行政诉讼法 第四十六条）\n"
                                 "2026-08-31  周一  起算日不计入\n"
                                 "2026-09-01  至    2027-02-27  计入第1日至第180日\n"
                                 "2027-02-28  周日  计入第181日（周末），遇休息日顺延\n"
                                 "2027-03-01  周一  顺延至此，届满\n"
                                 "届满：2027年3月1日（周一）24时\n"
                                 "暂定：期间涉及放假安排尚未公布的年份，国务院通知公布后可能变动\n"
                                 "日历：按截至2025年11月4日公布的放假安排推算\n");
}

/* 行政处罚法 第六十四条第二项: seven working days stay clear before the hearing. */
static void test_counting_back(void **state)
{
        (void)state;
        struct deadline_rule rule = { "penalty.hearing_notice", "行政处罚法 第六十四条",
                DEADLINE_WORKING_DAYS, 2, .before = true };
        struct deadline_term term = { .rule = &rule, .start = test_date("2021-10-12") };
        struct derivation derivation = derived(&term, "2021-09-01");
        expect_text(&derivation,
                        "期限：penalty.hearing_notice，提前至少2个工作日（行政处罚法 第六十四条）\n"
                        "2021-10-08  周五  最迟在此日，届满\n"
                        "2021-10-09  周六  留出第2日（国庆节调休上班）  国办发明电〔2020〕27号\n"
                        "2021-10-10  周日  不计（周末）\n"
                        "2021-10-11  周一  留出第1日\n"
                        "2021-10-12  周二  当日不计入\n"
                        "届满：2021年10月8日（周五）24时\n"
                        "日历：按截至2020年11月25日公布的放假安排推算\n");
}

static void test_dates_and_hours(void **state)
{
        (void)state;
        struct deadline_rule fixed = { "report", "政府信息公开条例 第四十九条", DEADLINE_FIXED };
        struct deadline_term term = { .rule = &fixed, .start = test_date("2022-01-31") };
        struct derivation derivation = derived(&term, "2000-01-01");
        expect_text(&derivation, "期限：report（政府信息公开条例 第四十九条）\n"
                                 "2022-01-30  周日  最迟在此日（周末），届满\n"
                                 "2022-01-31  周一  规定的日期\n"
                                 "届满：2022年1月30日（周日）24时\n");

        fixed.unit = DEADLINE_UNTIL;
        derivation = derived(&term, "2000-01-01");
        assert_int_equal(derivation.n_lines, 1);
        assert_true(derivation.lines[0].last);

        struct deadline_rule hours = { "aid.transfer", "法律援助法 第三十九条", DEADLINE_HOURS,
                24 };
        struct deadline_pause pause = { test_date("2021-10-12"), test_date("2021-10-13") };
        struct deadline_term moment = { .rule = &hours,
                .pauses = &pause,
                .n_pauses = 1,
                .start_moment = test_moment("2021-10-11 18:05:09") };
        derivation = derived(&moment, "2000-01-01");
        expect_text(&derivation, "期限：aid.transfer，24小时（法律援助法 第三十九条）\n"
                                 "2021-10-11  周一  即时起算\n"
                                 "2021-10-12  周二  中止不计\n"
                                 "2021-10-13  周三  按时刻计算，届满\n"
                                 "届满：2021年10月13日（周三）18时05分09秒\n");
}

static void test_refuses_as_the_deadline_does(void **state)
{
        (void)state;
        struct deadline_rule rule = { "x", "", DEADLINE_DAYS, 0 };
        struct deadline_term term = { .rule = &rule, .start = test_date("2021-03-01") };
        struct derivation ret = { .n_lines = 42 };
        struct err err;
        assert_false(derivation_compute(arena, &term, calendar_latest(set), &ret, &err));
        assert_int_equal(err.code, E_DEADLINE_RULE);
        assert_int_equal(ret.n_lines, 42);
}

/* Over terms of every unit and roll the shown walk ends where the tables say
 * (asserted within), every day stands once, and the marked day is the last day. */
static void test_shows_every_day_once(void **state)
{
        (void)state;
        for (int i = 0; i < 3000; i++) {
                struct deadline_rule rule = { "x", "", (enum deadline_unit)(i % 4), 1 + i % 37 };
                rule.roll = (enum deadline_roll)(i / 4 % 4);
                rule.before = i % 5 == 0;
                if (rule.before)
                        rule.roll = DEADLINE_ROLL_USUAL;
                struct deadline_term term = { .rule = &rule, .start = { 17500 + i } };
                struct deadline_pause pause = { { 17503 + i }, { 17500 + i + i % 50 } };
                term.pauses = &pause;
                term.n_pauses = !rule.before && i % 3 == 0;
                struct derivation derivation;
                struct err err;
                struct arena *scratch = arena_open();
                assert_true(derivation_compute(
                                scratch, &term, calendar_latest(set), &derivation, &err));
                size_t n_last = 0;
                for (size_t k = 0; k < derivation.n_lines; k++) {
                        if (k > 0)
                                assert_int_equal(derivation.lines[k].date.day,
                                                derivation.lines[k - 1].date.day + 1);
                        n_last += derivation.lines[k].last;
                }
                assert_int_equal(n_last, 1);
                arena_close(&scratch);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_working_days),
                cmocka_unit_test(test_days_that_roll),
                cmocka_unit_test(test_months_draw_runs_together),
                cmocka_unit_test(test_counting_back),
                cmocka_unit_test(test_dates_and_hours),
                cmocka_unit_test(test_refuses_as_the_deadline_does),
                cmocka_unit_test(test_shows_every_day_once),
        };
        return cmocka_run_group_tests(tests, set_up, tear_down);
}
