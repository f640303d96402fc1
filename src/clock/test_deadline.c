#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "clock/deadline.h"
#include "clock/test_calendars.h"
#include "clock/walk.h"

#define W DEADLINE_WORKING_DAYS
#define D DEADLINE_DAYS
#define M DEADLINE_MONTHS
#define Y DEADLINE_YEARS

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

static void expect_day(const char *why, struct date got, const char *expected)
{
        char text[11];
        date_write(got, text);
        if (strcmp(text, expected) != 0)
                fail_msg("%s: got %s, expected %s", why, text, expected);
}

static struct deadline computed(
                const char *why, const struct deadline_term *term, const struct calendar *calendar)
{
        struct deadline ret = { 0 };
        struct err err;
        if (!deadline_compute(term, calendar, &ret, &err))
                fail_msg("%s: refused: %s", why, err_sentence(arena, &err).p);
        return ret;
}

static void test_last_days(void **state)
{
        (void)state;
        static const struct {
                const char *why, *start;
                enum deadline_unit unit;
                int length;
                const char *last_day;
                bool provisional;
        } rows[] = {
                /* Working days: 政府信息公开条例 第三十条, 第三十二条, 第三十三条. */
                { "补正告知 across National Day 2021, 9 October worked", "2021-09-28", W, 7,
                                "2021-10-13" },
                { "征求第三方意见", "2021-09-28", W, 15, "2021-10-25" },
                { "答复", "2021-09-28", W, 20, "2021-11-01" },
                { "答复并延长", "2021-09-28", W, 40, "2021-11-29" },
                { "Spring Festival 2021, 7 and 20 February worked", "2021-01-29", W, 20,
                                "2021-03-03" },
                { "Labour Day 2021, 8 May worked", "2021-04-26", W, 20, "2021-05-26" },
                { "over New Year into another notice's year", "2021-12-24", W, 20, "2022-01-24" },
                { "National Day 2026, Saturday 10 October worked", "2026-09-30", W, 3,
                                "2026-10-10" },
                { "National Day 2026 begins", "2026-09-29", W, 2, "2026-10-08" },
                { "Spring Festival 2026, both Saturdays worked", "2026-02-13", W, 3, "2026-02-25" },
                { "received on a Saturday: counting begins on Monday", "2021-10-16", W, 1,
                                "2021-10-18" },
                { "received on a make-up Sunday: it does not count either", "2021-09-26", W, 1,
                                "2021-09-27" },
                { "an unpublished year has its weekends", "2026-12-30", W, 5, "2027-01-07", true },
                { "and the solar holidays of the law", "2027-09-30", W, 1, "2027-10-04", true },
                { "ends with the last published day", "2026-12-30", W, 1, "2026-12-31", false },

                /* Days: 民法典 第二百零一条, 第二百零三条. */
                { "the first day does not count (201)", "2021-03-01", D, 3, "2021-03-04" },
                { "ends on Saturday, goes to Monday (203)", "2021-03-01", D, 5, "2021-03-08" },
                { "ends within National Day, goes to the day after it", "2021-09-20", D, 15,
                                "2021-10-08" },
                { "ends on a make-up Saturday: that is a working day", "2021-09-29", D, 10,
                                "2021-10-09" },
                { "行政复议 60日", "2021-02-08", D, 60, "2021-04-09" },
                { "unpublished, but a plain Wednesday may become a holiday", "2026-12-28", D, 9,
                                "2027-01-06", true },

                /* Months and years: 民法典 第二百零二条. */
                { "to the corresponding day", "2021-03-15", M, 6, "2021-09-15" },
                { "no such day: the month's end", "2021-03-31", M, 3, "2021-06-30" },
                { "six months from 31 August", "2022-08-31", M, 6, "2023-02-28" },
                { "in a leap year", "2019-08-31", M, 6, "2020-03-02" }, /* 02-29 a Saturday */
                { "31 January and one month", "2024-01-31", M, 1, "2024-02-29" },
                { "30 November and six", "2021-11-30", M, 6, "2022-05-30" },
                { "the corresponding day is in National Day", "2021-07-03", M, 3, "2021-10-08" },
                { "twelve months are a year", "2021-05-20", M, 12, "2022-05-20" },
                { "29 February and a year", "2020-02-29", Y, 1, "2021-03-01" }, /* 28th a Sunday */
                { "three years", "2022-06-01", Y, 3, "2025-06-03" }, /* 端午节 to 2 June */
                { "five years end unpublished", "2022-06-01", Y, 5, "2027-06-01", true },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct deadline_rule rule = { "x", "", rows[i].unit, rows[i].length };
                struct deadline_term term = { .rule = &rule, .start = test_date(rows[i].start) };
                struct deadline got = computed(rows[i].why, &term, calendar_latest(set));
                expect_day(rows[i].why, got.last_day, rows[i].last_day);
                if (got.provisional != rows[i].provisional)
                        fail_msg("%s: provisional is %d", rows[i].why, got.provisional);
        }
}

static void test_ways_to_roll(void **state)
{
        (void)state;
        static const struct {
                const char *why;
                enum deadline_roll roll;
                const char *start;
                int length;
                const char *last_day;
        } rows[] = {
                { "Saturday, usual", DEADLINE_ROLL_USUAL, "2021-03-01", 5, "2021-03-08" },
                { "Saturday, only holidays roll", DEADLINE_ROLL_HOLIDAY, "2021-03-01", 5,
                                "2021-03-06" },
                { "Saturday, nothing rolls", DEADLINE_ROLL_NONE, "2021-03-01", 5, "2021-03-06" },
                { "National Day, only holidays roll", DEADLINE_ROLL_HOLIDAY, "2021-09-20", 15,
                                "2021-10-08" },
                { "National Day, nothing rolls", DEADLINE_ROLL_NONE, "2021-09-20", 15,
                                "2021-10-05" },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct deadline_rule rule = { "x", "", D, rows[i].length, rows[i].roll };
                struct deadline_term term = { .rule = &rule, .start = test_date(rows[i].start) };
                struct deadline got = computed(rows[i].why, &term, calendar_latest(set));
                expect_day(rows[i].why, got.last_day, rows[i].last_day);
                expect_day(rows[i].why, got.nominal, i < 3 ? "2021-03-06" : "2021-10-05");
        }

        /* What no calendar was asked about cannot be provisional. */
        struct deadline_rule rule = { "x", "", D, 90, DEADLINE_ROLL_NONE };
        struct deadline_term term = { .rule = &rule, .start = test_date("2026-12-01") };
        assert_false(computed("no roll", &term, calendar_latest(set)).provisional);
}

/* Twenty working days from 16 January 2020 (政府信息公开条例 第三十三条): the
 * extended holiday takes out 31 January and the make-up day of 1 February. */
static void test_spring_festival_2020_as_known(void **state)
{
        (void)state;
        static const struct {
                const char *why, *known, *last_day;
        } rows[] = {
                { "the day before the second notice", "2020-01-26", "2020-02-18" },
                { "the day of the second notice", "2020-01-27", "2020-02-20" },
                { "long before", "2019-12-01", "2020-02-18" },
                { "today", "2026-10-01", "2020-02-20" },
                { "both stay reproducible", "2020-01-26", "2020-02-18" },
        };
        struct deadline_rule rule = { "foi_request.answer", "", W, 20 };
        struct deadline_term term = { .rule = &rule, .start = test_date("2020-01-16") };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                const struct calendar *calendar = calendar_as_known(set, test_date(rows[i].known));
                struct deadline got = computed(rows[i].why, &term, calendar);
                expect_day(rows[i].why, got.last_day, rows[i].last_day);
                assert_false(got.provisional);
        }
        /* Before the year's notice was out, the same term was provisional. */
        const struct calendar *early = calendar_as_known(set, test_date("2019-11-20"));
        assert_true(computed("early", &term, early).provisional);
}

/* All begin on Tuesday 2021-09-28; unpaused, the twentieth working day is 1 November. */
static void test_pauses(void **state)
{
        (void)state;
        static const struct {
                const char *why;
                enum deadline_unit unit;
                int length;
                struct {
                        const char *sent, *arrived; /* both excluded; NULL arrived = not yet */
                } pauses[3];
                const char *last_day; /* NULL = the clock stands still */
        } rows[] = {
                { "no pause", W, 20, { { NULL } }, "2021-11-01" },
                { "18 to 20 October: three working days", W, 20, { { "2021-10-18", "2021-10-20" } },
                                "2021-11-04" },
                { "a weekend costs nothing", W, 20, { { "2021-10-16", "2021-10-17" } },
                                "2021-11-01" },
                { "sent and answered on one day", W, 20, { { "2021-10-18", "2021-10-18" } },
                                "2021-11-02" },
                { "parallel consultations are one span (条例32, 34)", W, 20,
                                { { "2021-10-18", "2021-10-22" }, { "2021-10-20", "2021-10-26" } },
                                "2021-11-10" },
                { "whatever their order", W, 20,
                                { { "2021-10-20", "2021-10-26" }, { "2021-10-18", "2021-10-22" } },
                                "2021-11-10" },
                { "one after the other", W, 20,
                                { { "2021-10-18", "2021-10-18" }, { "2021-10-25", "2021-10-26" } },
                                "2021-11-04" },
                { "sent on the last day: that day is left", W, 20,
                                { { "2021-11-01", "2021-11-03" } }, "2021-11-04" },
                { "after the last day it comes too late", W, 20, { { "2021-11-02", "2021-11-30" } },
                                "2021-11-01" },
                { "over before it began", W, 20, { { "2021-09-01", "2021-09-27" } }, "2021-11-01" },
                { "running when it began", W, 20, { { "2021-09-27", "2021-10-08" } },
                                "2021-11-04" },
                { "not answered yet", W, 20, { { "2021-10-18", NULL } }, NULL },
                { "answered one, waiting for the other", W, 20,
                                { { "2021-10-18", "2021-10-19" }, { "2021-10-19", NULL } }, NULL },
                { "an unanswered letter after the last day", W, 20, { { "2021-11-02", NULL } },
                                "2021-11-01" },
                { "days", D, 10, { { "2021-10-01", "2021-10-10" } }, "2021-10-18" },
                { "days that end on Saturday while Sunday pauses", D, 11,
                                { { "2021-10-10", "2021-10-12" } }, "2021-10-09" },
                { "a month, with ten days excluded", M, 1, { { "2021-10-11", "2021-10-20" } },
                                "2021-11-08" },
                { "days that would roll into a pause", D, 18, { { "2021-10-17", "2021-10-19" } },
                                "2021-10-20" },
                { "days that would roll into an endless pause", D, 18, { { "2021-10-17", NULL } },
                                NULL },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct deadline_pause pauses[3];
                size_t n = 0;
                for (; n < 3 && rows[i].pauses[n].sent != NULL; n++) {
                        struct date sent = test_date(rows[i].pauses[n].sent);
                        const char *arrived = rows[i].pauses[n].arrived;
                        pauses[n] = arrived != NULL ? deadline_pause_through(
                                                                      sent, test_date(arrived))
                                                    : (struct deadline_pause){ sent, DATE_NONE };
                }
                struct deadline_rule rule = { "x", "", rows[i].unit, rows[i].length };
                struct deadline_term term = { .rule = &rule,
                        .start = test_date("2021-09-28"),
                        .pauses = pauses,
                        .n_pauses = n };
                if (rows[i].last_day != NULL) {
                        struct deadline got = computed(rows[i].why, &term, calendar_latest(set));
                        expect_day(rows[i].why, got.last_day, rows[i].last_day);
                        continue;
                }
                struct deadline untouched = { .last_day = { 42 } };
                struct err err;
                if (deadline_compute(&term, calendar_latest(set), &untouched, &err))
                        fail_msg("%s: computed", rows[i].why);
                assert_int_equal(err.code, E_DEADLINE_STOPPED);
                assert_int_equal(untouched.last_day.day, 42);
        }
}

static void test_extension(void **state)
{
        (void)state;
        struct deadline_rule rule = { "foi_request.answer", "", W, 20 };
        struct deadline_term term = {
                .rule = &rule, .start = test_date("2021-09-28"), .extension = 20
        };
        struct deadline got = computed("20 + 20", &term, calendar_latest(set));
        expect_day("条例33「最长不得超过20个」", got.last_day, "2021-11-29");

        /* The sum counts from the start: the first roll is not added to. */
        struct deadline_rule days = { "x", "", D, 5 };
        struct deadline_term extended = {
                .rule = &days, .start = test_date("2021-03-01"), .extension = 3
        };
        got = computed("5 + 3 days", &extended, calendar_latest(set));
        expect_day("not 11 March", got.last_day, "2021-03-09");
}

/* "听证七日前": seven whole units stay clear between the last day and the start. */
static void test_counting_back(void **state)
{
        (void)state;
        static const struct {
                const char *why, *start;
                enum deadline_unit unit;
                int length;
                const char *last_day;
        } rows[] = {
                { "行政处罚法64(二): 11 to 15, 18 and 19 October stay clear", "2021-10-20", W, 7,
                                "2021-10-09" },
                { "over National Day", "2021-10-12", W, 7, "2021-09-26" },
                { "the hearing on a Sunday", "2021-10-17", W, 1, "2021-10-14" },
                { "ten days before court", "2021-10-20", D, 10, "2021-10-09" },
                { "it never rolls forward", "2021-10-20", D, 2, "2021-10-17" },
                { "one month before the end of a permit", "2021-03-31", M, 1, "2021-02-27" },
                { "a year before", "2021-03-31", Y, 1, "2020-03-30" },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct deadline_rule rule = { "x", "", rows[i].unit, rows[i].length,
                        .before = true };
                struct deadline_term term = { .rule = &rule, .start = test_date(rows[i].start) };
                struct deadline got = computed(rows[i].why, &term, calendar_latest(set));
                expect_day(rows[i].why, got.last_day, rows[i].last_day);
                assert_false(got.provisional);
        }
}

static void test_fixed_dates(void **state)
{
        (void)state;
        static const struct {
                const char *why, *date;
                enum deadline_unit unit;
                const char *last_day;
        } rows[] = {
                { "条例49「1月31日前」", "2022-01-31", DEADLINE_FIXED, "2022-01-30" },
                { "督察工作规定24「4月1日之前」", "2022-04-01", DEADLINE_FIXED, "2022-03-31" },
                { "3月1日之前 in a leap year", "2024-03-01", DEADLINE_FIXED, "2024-02-29" },
                { "a holiday does not move it", "2021-10-04", DEADLINE_FIXED, "2021-10-03" },
                { "有效期至 includes the day", "2021-10-03", DEADLINE_UNTIL, "2021-10-03" },
                { "in a far year", "2150-01-31", DEADLINE_FIXED, "2150-01-30" },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct deadline_rule rule = { .id = "x", .unit = rows[i].unit };
                struct deadline_term term = { .rule = &rule, .start = test_date(rows[i].date) };
                struct deadline got = computed(rows[i].why, &term, calendar_latest(set));
                expect_day(rows[i].why, got.last_day, rows[i].last_day);
                assert_false(got.provisional);
        }
}

/* 民法典 第二百零一条第二款: from the very moment; no roll. */
static void test_hours(void **state)
{
        (void)state;
        static const struct {
                const char *why, *start;
                int length;
                const char *sent, *arrived;
                const char *due;
        } rows[] = {
                { "法律援助法39「二十四小时内」", "2021-10-01 10:15", 24, NULL, NULL,
                                "2021-10-02T10:15:00+08:00" },
                { "48 hours over a weekend", "2021-10-15 17:30:05", 48, NULL, NULL,
                                "2021-10-17T17:30:05+08:00" },
                { "a pause of two days", "2021-10-15 18:00", 24, "2021-10-16", "2021-10-17",
                                "2021-10-18T18:00:00+08:00" },
                { "begun within a pause", "2021-10-16 08:00", 6, "2021-10-16", "2021-10-17",
                                "2021-10-18T06:00:00+08:00" },
                { "due as the pause begins", "2021-10-15 18:00", 6, "2021-10-16", "2021-10-17",
                                "2021-10-16T00:00:00+08:00" },
                { "ten years of them", "2021-01-01 00:00", 87648, NULL, NULL,
                                "2031-01-01T00:00:00+08:00" },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct deadline_rule rule = { "x", "", DEADLINE_HOURS, rows[i].length };
                struct deadline_term term = { .rule = &rule,
                        .start_moment = test_moment(rows[i].start) };
                struct deadline_pause pause;
                if (rows[i].sent != NULL) {
                        pause = deadline_pause_through(
                                        test_date(rows[i].sent), test_date(rows[i].arrived));
                        term.pauses = &pause;
                        term.n_pauses = 1;
                }
                struct deadline got = computed(rows[i].why, &term, calendar_latest(set));
                char text[26];
                moment_write(got.due, text);
                if (strcmp(text, rows[i].due) != 0)
                        fail_msg("%s: %s", rows[i].why, text);
                assert_int_equal(moment_date(got.due).day, got.last_day.day);
        }
        struct deadline_rule rule = { "x", "", DEADLINE_HOURS, 24 };
        struct deadline_pause endless = { test_date("2021-10-02"), DATE_NONE };
        struct deadline_term term = { .rule = &rule,
                .pauses = &endless,
                .n_pauses = 1,
                .start_moment = test_moment("2021-10-01 10:00") };
        struct deadline ret;
        struct err err;
        assert_false(deadline_compute(&term, calendar_latest(set), &ret, &err));
        assert_int_equal(err.code, E_DEADLINE_STOPPED);
}

/* 民法典 第二百零三条第二款: midnight, or where there are business hours their end. */
static void test_the_due_moment(void **state)
{
        (void)state;
        struct deadline_rule rule = { "x", "", W, 1 };
        struct deadline_term term = { .rule = &rule, .start = test_date("2021-10-15") };
        char text[26];
        moment_write(computed("midnight", &term, calendar_latest(set)).due, text);
        assert_string_equal(text, "2021-10-18T23:59:59+08:00");
        rule.closing_minute = 17 * 60 + 30;
        moment_write(computed("closing", &term, calendar_latest(set)).due, text);
        assert_string_equal(text, "2021-10-18T17:30:00+08:00");
}

static void test_what_is_spent_and_left(void **state)
{
        (void)state;
        struct deadline_pause waiting = { test_date("2021-10-18"), DATE_NONE };
        static const struct {
                const char *why, *day;
                bool paused;
                int spent;
        } rows[] = {
                { "the day it began", "2021-09-28", false, 0 },
                { "earlier still", "2021-09-01", false, 0 },
                { "the next day", "2021-09-29", false, 1 },
                { "through National Day", "2021-10-07", false, 2 },
                { "a Friday", "2021-10-15", false, 9 },
                { "the last day", "2021-11-01", false, 20 },
                { "never more than there are", "2021-12-31", false, 20 },
                { "paused: before", "2021-10-15", true, 9 },
                { "paused: the clock stands still", "2021-12-31", true, 9 },
        };
        struct deadline_rule rule = { "x", "", W, 20 };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct deadline_term term = { .rule = &rule,
                        .start = test_date("2021-09-28"),
                        .pauses = &waiting,
                        .n_pauses = rows[i].paused };
                int spent = -1;
                struct err err;
                assert_true(deadline_spent(
                                &term, calendar_latest(set), test_date(rows[i].day), &spent, &err));
                if (spent != rows[i].spent)
                        fail_msg("%s: %d", rows[i].why, spent);
        }
        struct deadline_rule months = { "x", "", M, 1 };
        struct deadline_term term = { .rule = &months, .start = test_date("2021-09-28") };
        int spent;
        struct err err;
        assert_false(deadline_spent(
                        &term, calendar_latest(set), test_date("2021-10-01"), &spent, &err));
        assert_int_equal(err.code, E_DEADLINE_RULE);

        const struct calendar *calendar = calendar_latest(set);
        struct date last = test_date("2021-11-01");
        assert_int_equal(deadline_working_days_left(calendar, test_date("2021-10-25"), last), 5);
        assert_int_equal(deadline_working_days_left(calendar, last, last), 0);
        assert_int_equal(deadline_working_days_left(calendar, test_date("2021-11-03"), last), -2);
}

static void test_bad_rules_are_refused(void **state)
{
        (void)state;
        static const struct deadline_pause pause = { { 18900 }, { 18901 } };
        static const struct deadline_pause far = { { INT32_MIN }, { INT32_MAX } };
        const int32_t start = 18898; /* 2021-09-28 */
        struct {
                const char *why;
                struct deadline_rule rule;
                struct deadline_term term;
                enum err_code code;
        } rows[] = {
                { "no length", { "x", "", W, 0 }, { 0 }, E_DEADLINE_RULE },
                { "negative length", { "x", "", D, -1 }, { 0 }, E_DEADLINE_RULE },
                { "too long", { "x", "", W, 3001 }, { 0 }, E_DEADLINE_RULE },
                { "too long with its extension", { "x", "", W, 20 }, { .extension = INT32_MAX },
                                E_DEADLINE_RULE },
                { "negative extension", { "x", "", W, 20 }, { .extension = -1 }, E_DEADLINE_RULE },
                { "no such unit", { "x", "", (enum deadline_unit)99, 1 }, { 0 }, E_DEADLINE_RULE },
                { "no such roll", { "x", "", D, 1, (enum deadline_roll)9 }, { 0 },
                                E_DEADLINE_RULE },
                { "a fixed date has no length", { "x", "", DEADLINE_FIXED, 1 }, { 0 },
                                E_DEADLINE_RULE },
                { "a fixed date does not roll",
                                { "x", "", DEADLINE_FIXED, 0, DEADLINE_ROLL_NON_WORKING }, { 0 },
                                E_DEADLINE_RULE },
                { "a fixed date is not paused", { "x", "", DEADLINE_UNTIL },
                                { .pauses = &pause, .n_pauses = 1 }, E_DEADLINE_RULE },
                { "hours do not roll", { "x", "", DEADLINE_HOURS, 1, DEADLINE_ROLL_HOLIDAY }, { 0 },
                                E_DEADLINE_RULE },
                { "hours before are none", { "x", "", DEADLINE_HOURS, 1, .before = true }, { 0 },
                                E_DEADLINE_RULE },
                { "counting back is not paused", { "x", "", W, 1, .before = true },
                                { .pauses = &pause, .n_pauses = 1 }, E_DEADLINE_RULE },
                { "business closes within the day", { "x", "", W, 1, .closing_minute = 1440 },
                                { 0 }, E_DEADLINE_RULE },
                { "too many pauses", { "x", "", W, 1 },
                                { .pauses = &pause, .n_pauses = DEADLINE_PAUSES_MAX + 1 },
                                E_DEADLINE_RULE },
                { "a pause that is no date", { "x", "", W, 1 }, { .pauses = &far, .n_pauses = 1 },
                                E_DEADLINE_RANGE },
                { "a start that is no date", { "x", "", DEADLINE_FIXED },
                                { .start = { INT32_MAX } }, E_DEADLINE_RANGE },
                { "a start before the table", { "x", "", W, 1 }, { .start = { 9000 } },
                                E_DEADLINE_RANGE },
                { "a moment beyond all dates", { "x", "", DEADLINE_HOURS, 1 },
                                { .start_moment = { INT64_MAX } }, E_DEADLINE_RANGE },
                { "an end beyond the table", { "x", "", D, 3660 }, { .start = { 45000 } },
                                E_DEADLINE_RANGE },
                { "working days beyond the table", { "x", "", W, 3000 }, { .start = { 45000 } },
                                E_DEADLINE_RANGE },
                { "months beyond the table", { "x", "", M, 600 }, { .start = { 45000 } },
                                E_DEADLINE_RANGE },
                { "back before the table", { "x", "", W, 3000, .before = true },
                                { .start = { 9600 } }, E_DEADLINE_RANGE },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct deadline_term term = rows[i].term;
                struct deadline ret = { .last_day = { 42 } };
                struct err err;
                term.rule = &rows[i].rule;
                if (term.start.day == 0)
                        term.start.day = start;
                if (deadline_compute(&term, calendar_latest(set), &ret, &err))
                        fail_msg("%s: computed", rows[i].why);
                if (err.code != rows[i].code)
                        fail_msg("%s: %s", rows[i].why, err_text(err.code)->name);
                assert_int_equal(ret.last_day.day, 42);
        }
}

/* xorshift64*: the same cases on every machine. */
static uint64_t seed = 20210928;

static int pick(int n)
{
        seed ^= seed >> 12;
        seed ^= seed << 25;
        seed ^= seed >> 27;
        return (int)((seed * UINT64_C(2685821657736338717) >> 33) % (uint64_t)n);
}

static void random_case(struct deadline_rule *rule, struct deadline_term *term,
                struct deadline_pause *pauses)
{
        static const int lengths[] = { [W] = 120, [D] = 200, [M] = 24, [Y] = 3 };
        *rule = (struct deadline_rule){ "x", "", (enum deadline_unit)pick(4) };
        rule->length = 1 + pick(lengths[rule->unit]);
        rule->roll = (enum deadline_roll)pick(4);
        *term = (struct deadline_term){
                .rule = rule, .pauses = pauses, .extension = pick(2) * pick(20)
        };
        term->start = (struct date){ 17400 + pick(3600) }; /* 2017-08 to 2027-06 */
        term->n_pauses = (size_t)(pick(3) * pick(4));
        for (size_t i = 0; i < term->n_pauses; i++) {
                pauses[i].from = date_add_days(term->start, pick(150) - 10);
                pauses[i].until = date_add_days(pauses[i].from, pick(40) - 2);
                if (pick(40) == 0)
                        pauses[i].until = DATE_NONE;
        }
}

static void test_tables_equal_the_walk(void **state)
{
        (void)state;
        int n_stopped = 0, n_paused = 0, n_provisional = 0;
        for (int i = 0; i < 20000; i++) {
                struct deadline_rule rule;
                struct deadline_term term;
                struct deadline_pause pauses[8];
                random_case(&rule, &term, pauses);
                struct date known = { 17400 + pick(3600) };
                const struct calendar *calendar = calendar_as_known(set, known);
                struct deadline got;
                struct date walked;
                struct err err;
                bool ok = deadline_compute(&term, calendar, &got, &err);
                if (ok != walk_deadline(&term, calendar, &walked))
                        fail_msg("case %d: one of two refuses", i);
                n_paused += term.n_pauses != 0;
                if (!ok) {
                        assert_int_equal(err.code, E_DEADLINE_STOPPED);
                        n_stopped++;
                        continue;
                }
                n_provisional += got.provisional;
                if (got.last_day.day != walked.day)
                        fail_msg("case %d: %d, walked %d", i, got.last_day.day, walked.day);
        }
        /* The cases must reach what they are about. */
        assert_true(n_stopped > 200 && n_paused > 5000 && n_provisional > 2000);
}

static void test_unit_names(void **state)
{
        (void)state;
        for (int i = DEADLINE_WORKING_DAYS; i <= DEADLINE_UNTIL; i++) {
                enum deadline_unit unit;
                assert_true(deadline_unit_parse(
                                str_of(deadline_unit_name((enum deadline_unit)i)), &unit));
                assert_int_equal(unit, i);
        }
        enum deadline_unit unit;
        assert_false(deadline_unit_parse(STR_LIT("weeks"), &unit));
        assert_string_equal(deadline_unit_zh(DEADLINE_WORKING_DAYS), "个工作日");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_last_days),
                cmocka_unit_test(test_ways_to_roll),
                cmocka_unit_test(test_spring_festival_2020_as_known),
                cmocka_unit_test(test_pauses),
                cmocka_unit_test(test_extension),
                cmocka_unit_test(test_counting_back),
                cmocka_unit_test(test_fixed_dates),
                cmocka_unit_test(test_hours),
                cmocka_unit_test(test_the_due_moment),
                cmocka_unit_test(test_what_is_spent_and_left),
                cmocka_unit_test(test_bad_rules_are_refused),
                cmocka_unit_test(test_tables_equal_the_walk),
                cmocka_unit_test(test_unit_names),
        };
        return cmocka_run_group_tests(tests, set_up, tear_down);
}
