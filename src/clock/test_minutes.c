#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "clock/minutes.h"
#include "clock/test_calendars.h"

static struct arena *arena;
static const struct calendar *calendar;

static int set_up(void **state)
{
        (void)state;
        arena = arena_open();
        calendar = calendar_latest(test_calendars(arena));
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        arena_close(&arena);
        return 0;
}

static struct office_hours hours_of(const char *text)
{
        struct office_hours hours;
        struct err err;
        if (!office_hours_parse(str_of(text), &hours, &err))
                fail_msg("%s", err_sentence(arena, &err).p);
        return hours;
}

static void test_minutes_between(void **state)
{
        (void)state;
        static const struct {
                const char *why, *from, *to;
                int64_t minutes;
        } rows[] = {
                { "within the morning", "2021-09-28 09:10", "2021-09-28 09:40", 30 },
                { "over noon", "2021-09-28 11:50", "2021-09-28 13:40", 20 },
                { "a whole day", "2021-09-28 00:00", "2021-09-29 00:00", 390 },
                { "after hours", "2021-09-28 17:00", "2021-09-29 09:00", 0 },
                { "overnight", "2021-09-28 16:50", "2021-09-29 09:05", 15 },
                { "over National Day", "2021-09-30 16:30", "2021-10-08 09:30", 60 },
                { "a make-up Saturday is worked", "2021-10-09 00:00", "2021-10-10 23:00", 390 },
                { "seconds do not make a minute", "2021-09-28 09:00:30", "2021-09-28 09:01:29", 0 },
                { "backwards is nothing", "2021-09-29 09:00", "2021-09-28 09:00", 0 },
                { "two weeks of ten days", "2021-10-11 09:00", "2021-10-22 17:00", 3900 },
        };
        struct office_hours hours = hours_of(OFFICE_HOURS_DEFAULT);
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                int64_t got = working_minutes(calendar, &hours, test_moment(rows[i].from),
                                test_moment(rows[i].to));
                if (got != rows[i].minutes)
                        fail_msg("%s: %d", rows[i].why, (int)got);
        }
}

static void test_minutes_after(void **state)
{
        (void)state;
        static const struct {
                const char *why, *from;
                int64_t minutes;
                const char *to;
        } rows[] = {
                { "within the morning", "2021-09-28 09:10", 30, "2021-09-28T09:40:00+08:00" },
                { "to the very end of the morning", "2021-09-28 11:00", 60,
                                "2021-09-28T12:00:00+08:00" },
                { "over noon", "2021-09-28 11:50", 20, "2021-09-28T13:40:00+08:00" },
                { "called before hours", "2021-09-28 07:00", 30, "2021-09-28T09:30:00+08:00" },
                { "called after hours", "2021-09-28 20:00", 30, "2021-09-29T09:30:00+08:00" },
                { "called on a Sunday", "2021-10-10 10:00", 30, "2021-10-11T09:30:00+08:00" },
                { "over National Day", "2021-09-30 16:30", 60, "2021-10-08T09:30:00+08:00" },
                { "a day's worth", "2021-09-28 09:00", 390, "2021-09-28T17:00:00+08:00" },
                { "two days and a minute", "2021-09-28 09:00", 781, "2021-09-30T09:01:00+08:00" },
        };
        struct office_hours hours = hours_of(OFFICE_HOURS_DEFAULT);
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct moment from = test_moment(rows[i].from), got;
                struct err err;
                char text[26];
                assert_true(working_minutes_add(
                                calendar, &hours, from, rows[i].minutes, &got, &err));
                moment_write(got, text);
                if (strcmp(text, rows[i].to) != 0)
                        fail_msg("%s: %s", rows[i].why, text);
                assert_int_equal(working_minutes(calendar, &hours, from, got), rows[i].minutes);
        }

        struct moment from = test_moment("2021-09-28 09:00"), got;
        struct err err;
        assert_false(working_minutes_add(calendar, &hours, from, 0, &got, &err));
        assert_int_equal(err.code, E_DEADLINE_RULE);
        assert_false(working_minutes_add(calendar, &hours, from, INT64_MAX, &got, &err));
        assert_int_equal(err.code, E_DEADLINE_RULE);
        assert_false(working_minutes_add(calendar, &hours, from, 20000000, &got, &err));
        assert_int_equal(err.code, E_DEADLINE_RANGE);
        from.second = INT64_MAX;
        assert_false(working_minutes_add(calendar, &hours, from, 1, &got, &err));
        assert_int_equal(err.code, E_DEADLINE_RANGE);
}

static void test_hours_as_text(void **state)
{
        (void)state;
        static const struct {
                const char *why, *text;
                size_t n_spans; /* 0 = refused */
        } rows[] = {
                { "the default", OFFICE_HOURS_DEFAULT, 2 },
                { "the hotline's", "08:30-12:00, 14:30-17:30", 2 },
                { "around the clock", "00:00-24:00", 1 },
                { "without a break", "09:00-12:00,12:00-17:00", 2 },
                { "nothing", "", 0 },
                { "one time", "09:00", 0 },
                { "backwards", "12:00-09:00", 0 },
                { "empty span", "09:00-09:00", 0 },
                { "overlapping", "09:00-12:00,11:00-17:00", 0 },
                { "no such minute", "09:60-12:00", 0 },
                { "no such hour", "09:00-24:01", 0 },
                { "no leading zero", "9:00-12:00", 0 },
                { "a sign is no digit", "-9:00-12:00", 0 },
                { "nine spans",
                                "00:00-01:00,01:00-02:00,02:00-03:00,03:00-04:00,04:00-05:00,"
                                "05:00-06:00,06:00-07:00,07:00-08:00,08:00-09:00",
                                0 },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct office_hours hours = { .n_spans = 0 };
                struct err err;
                bool ok = office_hours_parse(str_of(rows[i].text), &hours, &err);
                if (hours.n_spans != rows[i].n_spans)
                        fail_msg("%s", rows[i].why);
                if (!ok)
                        assert_int_equal(err.code, E_HOURS);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_minutes_between),
                cmocka_unit_test(test_minutes_after),
                cmocka_unit_test(test_hours_as_text),
        };
        return cmocka_run_group_tests(tests, set_up, tear_down);
}
