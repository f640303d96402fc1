#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/date.h"

static void test_dates_that_exist(void **state)
{
        (void)state;
        static const struct {
                const char *why, *text;
                bool ok;
        } rows[] = {
                { "leap day of a leap year", "2020-02-29", true },
                { "leap day of a common year", "2021-02-29", false },
                { "1900 was no leap year", "1900-02-29", false },
                { "2000 was one", "2000-02-29", true },
                { "no thirteenth month", "2021-13-01", false },
                { "no day zero", "2021-01-00", false },
                { "one digit is not a month", "2021-1-01", false },
                { "nothing may follow", "2021-01-01 ", false },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct date date;
                struct err err;
                bool ok = date_parse(str_of(rows[i].text), &date, &err);
                if (ok != rows[i].ok)
                        fail_msg("%s: %s", rows[i].why, rows[i].text);
        }
}

static void test_every_day_round_trips(void **state)
{
        (void)state;
        struct date day, last;
        assert_true(date_of(DATE_MIN_YEAR, 1, 1, &day));
        assert_true(date_of(DATE_MAX_YEAR, 12, 31, &last));
        for (; date_cmp(day, last) <= 0; day = date_next(day)) {
                char text[11];
                struct date again;
                struct err err;
                date_write(day, text);
                assert_true(date_parse(str_of(text), &again, &err));
                assert_int_equal(again.day, day.day);
        }
}

static void test_months(void **state)
{
        (void)state;
        static const struct {
                const char *from;
                int months;
                const char *to;
        } rows[] = {
                { "2021-01-31", 1, "2021-02-28" }, /* 民法典 202: no such day, month's end */
                { "2020-01-31", 1, "2020-02-29" },
                { "2021-03-15", 6, "2021-09-15" },
                { "2021-11-30", 3, "2022-02-28" },
                { "2021-05-31", -3, "2021-02-28" },
                { "2021-05-31", -1000000, "0001-01-31" }, /* stops, and reads no table outside */
                { "2021-05-31", INT32_MAX, "9999-12-31" },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct date from;
                struct err err;
                char text[11];
                assert_true(date_parse(str_of(rows[i].from), &from, &err));
                date_write(date_add_months(from, rows[i].months), text);
                assert_string_equal(text, rows[i].to);
        }
}

static void test_weekdays(void **state)
{
        (void)state;
        struct date d;
        assert_true(date_of(2021, 9, 28, &d));
        assert_int_equal(date_weekday(d), 2);
        assert_true(date_of(1949, 10, 1, &d));
        assert_int_equal(date_weekday(d), SATURDAY);
}

static void test_moments(void **state)
{
        (void)state;
        static const struct {
                const char *text, *canonical; /* NULL = refused */
        } rows[] = {
                { "2021-09-28T09:00:00+08:00", "2021-09-28T09:00:00+08:00" },
                { "2021-09-28 09:00", "2021-09-28T09:00:00+08:00" },
                { "2021-09-28T16:30:00Z", "2021-09-29T00:30:00+08:00" },
                { "2021-09-28T24:00:00", NULL },
                { "2021-09-28", NULL },
                { "2021-02-29 09:00", NULL },
                { "2021-09-28 09:00+8", NULL },
                { "2021-09-28 09:60", NULL },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct moment moment;
                struct err err;
                char text[26];
                bool ok = moment_parse(str_of(rows[i].text), &moment, &err);
                assert_int_equal(ok, rows[i].canonical != NULL);
                if (!ok) {
                        assert_int_equal(err.code, E_MOMENT);
                        continue;
                }
                moment_write(moment, text);
                assert_string_equal(text, rows[i].canonical);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_dates_that_exist),
                cmocka_unit_test(test_every_day_round_trips),
                cmocka_unit_test(test_months),
                cmocka_unit_test(test_weekdays),
                cmocka_unit_test(test_moments),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
