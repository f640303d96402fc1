#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "clock/calendar.h"
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

static const struct notice_row *row_of_day(
                const struct notice *notice, struct date day, enum notice_row_kind kind)
{
        for (size_t i = 0; i < notice->n_rows; i++)
                if (notice->rows[i].kind == kind && date_cmp(notice->rows[i].from, day) <= 0 &&
                                date_cmp(day, notice->rows[i].to) <= 0)
                        return &notice->rows[i];
        return NULL;
}

/* Each row of each notice holds in the calendar as known on the day it came out:
 * every day off is off, every make-up workday is worked, and both say why. */
static void test_every_row_holds(void **state)
{
        (void)state;
        size_t n_notices, n_off = 0, n_work = 0;
        const struct notice *const *notices = calendar_notices(calendar_latest(set), &n_notices);
        for (size_t i = 0; i < n_notices; i++) {
                const struct calendar *calendar = calendar_as_known(set, notices[i]->known);
                for (size_t r = 0; r < notices[i]->n_rows; r++) {
                        const struct notice_row *row = &notices[i]->rows[r];
                        if (row->kind == ROW_FIXED)
                                continue;
                        bool work = row->kind == ROW_WORK;
                        for (struct date day = row->from; date_cmp(day, row->to) <= 0;
                                        day = date_next(day)) {
                                struct calendar_day what = calendar_day(calendar, day);
                                assert_int_equal(calendar_is_working_day(calendar, day), work);
                                assert_ptr_equal(what.notice, notices[i]);
                                assert_true(str_eq(what.name, row->name));
                                *(work ? &n_work : &n_off) += row->kind != ROW_STATUTORY;
                        }
                }
        }
        /* 2018 to 2026, the two amendments counted with what they repeat. */
        assert_int_equal(n_off, 263);
        assert_int_equal(n_work, 61);
}

/* The other direction: a day that no row names is worked Monday to Friday. */
static void test_every_other_day_is_ordinary(void **state)
{
        (void)state;
        const struct calendar *calendar = calendar_latest(set);
        struct date last = test_date("2026-12-31");
        for (struct date day = test_date("2018-01-01"); date_cmp(day, last) <= 0;
                        day = date_next(day)) {
                struct calendar_day what = calendar_day(calendar, day);
                bool weekend = date_weekday(day) >= SATURDAY;
                if (what.notice == NULL)
                        assert_int_equal(what.kind, weekend ? CALENDAR_WEEKEND : CALENDAR_WORKDAY);
                else if (what.kind == CALENDAR_MAKEUP)
                        assert_true(weekend);
                if (what.kind == CALENDAR_STATUTORY)
                        assert_non_null(row_of_day(what.notice, day, ROW_STATUTORY));
        }
}

/* 全国年节及纪念日放假办法 第二条: 11 days to 2024 (2013 text), 13 from 2025. */
static void test_statutory_days_of_a_year(void **state)
{
        (void)state;
        const struct calendar *calendar = calendar_latest(set);
        for (int year = 2018; year <= 2026; year++) {
                struct calendar_year page;
                struct err err;
                assert_true(calendar_year(arena, calendar, year, &page, &err));
                assert_false(page.provisional);
                int n = 0;
                for (size_t i = 0; i < page.n_spans; i++)
                        if (page.spans[i].day.kind == CALENDAR_STATUTORY)
                                n += page.spans[i].to.day - page.spans[i].from.day + 1;
                assert_int_equal(n, year >= 2025 ? 13 : 11);
        }
}

static void test_what_was_known(void **state)
{
        (void)state;
        static const struct {
                const char *why, *known, *day;
                bool working;
        } rows[] = {
                { "国办发明电〔2019〕16号: 31 January 2020 is an ordinary Friday", "2020-01-26",
                                "2020-01-31", true },
                { "and 1 February a make-up Saturday", "2020-01-26", "2020-02-01", true },
                { "国办发明电〔2020〕1号: the festival goes on to 2 February", "2020-01-27",
                                "2020-01-31", false },
                { "the make-up day falls with the first arrangement", "2020-01-27", "2020-02-01",
                                false },
                { "work begins on Monday 3 February", "2020-01-27", "2020-02-03", true },
                { "19 January is worked in both", "2020-01-27", "2020-01-19", true },
                { "2019: Labour Day is one day", "2019-03-21", "2019-05-02", true },
                { "国办发明电〔2019〕3号 makes it four", "2019-03-22", "2019-05-02", false },
                { "with a Sunday to make up", "2019-03-22", "2019-05-05", true },
                { "which was free before", "2019-03-21", "2019-05-05", false },
                { "the amendment leaves the National Day alone", "2019-03-22", "2019-10-04",
                                false },
                { "New Year reaches into December before", "2018-12-06", "2018-12-31", false },
                { "unless the notice is not out yet", "2018-12-05", "2018-12-31", true },
                { "not out yet: the law gives 1 October", "2025-11-03", "2026-10-01", false },
                { "but not the bridge days", "2025-11-03", "2026-10-05", true },
                { "2 May is a holiday since the 2024 text", "2024-11-12", "2027-05-02", false },
                { "it was none in the 2007 text (a Tuesday in 2028)", "2024-11-11", "2028-05-02",
                                true },
                { "it is one since", "2024-11-12", "2028-05-02", false },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                const struct calendar *calendar = calendar_as_known(set, test_date(rows[i].known));
                if (calendar_is_working_day(calendar, test_date(rows[i].day)) != rows[i].working)
                        fail_msg("%s: %s", rows[i].why, rows[i].day);
        }
}

static void test_an_unpublished_year(void **state)
{
        (void)state;
        const struct calendar *calendar = calendar_latest(set);
        struct calendar_year page;
        struct err err;
        assert_true(calendar_year(arena, calendar, 2027, &page, &err));
        assert_true(page.provisional);
        assert_int_equal(page.n_spans, 3); /* 元旦, 劳动节 5/1-2, 国庆节 10/1-3 */
        assert_true(str_is(page.spans[1].day.name, "劳动节"));
        assert_int_equal(page.spans[1].to.day - page.spans[1].from.day, 1);
        assert_true(calendar_covers(calendar, test_date("2018-01-01"), test_date("2026-12-31")));
        assert_false(calendar_covers(calendar, test_date("2026-12-31"), test_date("2027-01-01")));
        assert_false(calendar_covers(calendar, test_date("2017-12-31"), test_date("2018-01-01")));

        assert_false(calendar_year(arena, calendar, CALENDAR_LAST_YEAR + 1, &page, &err));
        assert_int_equal(err.code, E_CALENDAR_YEAR);
        assert_false(calendar_year(arena, calendar, CALENDAR_FIRST_YEAR - 1, &page, &err));
}

static void test_the_page_of_a_year(void **state)
{
        (void)state;
        struct calendar_year page;
        struct err err;
        assert_true(calendar_year(arena, calendar_latest(set), 2021, &page, &err));
        assert_int_equal(page.n_working_days, 250);
        static const struct {
                const char *from, *to, *name;
                enum calendar_kind kind;
        } rows[] = {
                { "2021-01-01", "2021-01-01", "元旦", CALENDAR_STATUTORY },
                { "2021-01-02", "2021-01-03", "元旦", CALENDAR_BRIDGE },
                { "2021-02-07", "2021-02-07", "春节", CALENDAR_MAKEUP },
                { "2021-02-11", "2021-02-11", "春节", CALENDAR_BRIDGE },
                { "2021-02-12", "2021-02-14", "春节", CALENDAR_STATUTORY },
                { "2021-02-15", "2021-02-17", "春节", CALENDAR_BRIDGE },
                { "2021-02-20", "2021-02-20", "春节", CALENDAR_MAKEUP },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                assert_int_equal(page.spans[i].from.day, test_date(rows[i].from).day);
                assert_int_equal(page.spans[i].to.day, test_date(rows[i].to).day);
                assert_int_equal(page.spans[i].day.kind, rows[i].kind);
                assert_true(str_is(page.spans[i].day.name, rows[i].name));
        }
        assert_true(str_is(page.spans[0].day.notice->id, "国办发明电〔2020〕27号"));
        assert_string_equal(calendar_kind_name(CALENDAR_MAKEUP), "调休上班");
}

/* The tables against a walk, on every day they hold and a little beyond. */
static void test_tables_equal_the_walk(void **state)
{
        (void)state;
        const struct calendar *calendar = calendar_latest(set);
        struct date first = test_date("1996-01-01"), last = test_date("2095-12-31"), found;
        assert_true(calendar_holds(first) && calendar_holds(last));
        assert_false(calendar_holds(date_add_days(first, -1)) || calendar_holds(date_next(last)));
        int n = 0;
        struct date previous = DATE_NONE;
        for (struct date day = first; date_cmp(day, last) <= 0; day = date_next(day)) {
                bool working = calendar_is_working_day(calendar, day);
                n += working;
                assert_int_equal(calendar_working_days(calendar, date_add_days(first, -1), day), n);
                bool has_before = calendar_add_working_days(calendar, day, -1, &found);
                assert_int_equal(has_before, !date_is_none(previous));
                if (has_before)
                        assert_int_equal(found.day, previous.day);
                if (working)
                        previous = day;
                assert_int_equal(calendar_on_or_before(calendar, day).day,
                                working ? day.day
                                        : calendar_on_or_before(calendar, date_add_days(day, -1))
                                                                .day);
        }
        assert_int_equal(calendar_working_days(calendar, last, first),
                        1 - n); /* 1996-01-01 was a Monday */
        assert_false(calendar_add_working_days(calendar, last, 1, &found));
        assert_false(calendar_add_working_days(calendar, first, INT32_MAX, &found));
        assert_false(calendar_add_working_days(calendar, first, INT32_MIN, &found));
        assert_true(calendar_is_working_day(calendar, test_date("2096-01-02")));
        assert_int_equal(calendar_next_working_day(calendar, test_date("2021-09-30")).day,
                        test_date("2021-10-08").day);
}

#define HEAD "notice\tN\ntitle\tT\nsource\thttps://x\nknown\t2030-01-01\n"
#define LAW  "law\tL\ntitle\tT\nsource\thttps://x\nknown\t2030-01-01\n"

static void test_bad_files_are_refused(void **state)
{
        (void)state;
        static const struct {
                const char *why, *text;
                enum err_code code; /* E_NONE = accepted */
        } rows[] = {
                { "the smallest file", HEAD "year\t2030\n", E_NONE },
                { "remarks, blank lines and CR LF", "# x\r\n\r\n" HEAD "year\t2030\r\n", E_NONE },
                { "nothing", "", E_CALENDAR_SYNTAX },
                { "no year", HEAD, E_CALENDAR_SYNTAX },
                { "no title", "notice\tN\nsource\thttps://x\nknown\t2030-01-01\nyear\t2030\n",
                                E_CALENDAR_SYNTAX },
                { "two years", HEAD "year\t2030\nyear\t2031\n", E_CALENDAR_SYNTAX },
                { "a year that is none", HEAD "year\tMMXX\n", E_CALENDAR_SYNTAX },
                { "known on two days",
                                HEAD "year\t2031\n"
                                     "known\t2031-01-01\n",
                                E_CALENDAR_SYNTAX },
                { "year before its notice", "year\t2030\n" HEAD, E_CALENDAR_SYNTAX },
                { "known after the year", HEAD "year\t2029\n", E_CALENDAR_SYNTAX },
                { "known long before", HEAD "year\t2033\n", E_CALENDAR_SYNTAX },
                { "source is no address", "notice\tN\ntitle\tT\nsource\tx\n", E_CALENDAR_SYNTAX },
                { "unknown key", HEAD "year\t2030\nholiday\t元旦\t2030-01-01\n",
                                E_CALENDAR_SYNTAX },
                { "spaces are no tabs", HEAD "year\t2030\noff 元旦 2030-01-01\n",
                                E_CALENDAR_SYNTAX },
                { "too few cells", HEAD "year\t2030\noff\t元旦\n", E_CALENDAR_SYNTAX },
                { "too many cells", HEAD "year\t2030\noff\ta\t2030-01-01\t2030-01-02\tx\n",
                                E_CALENDAR_SYNTAX },
                { "no name", HEAD "year\t2030\noff\t\t2030-01-01\n", E_CALENDAR_SYNTAX },
                { "no such day", HEAD "year\t2030\noff\t元旦\t2030-02-30\n", E_CALENDAR_SYNTAX },
                { "another year", HEAD "year\t2030\noff\t元旦\t2031-01-01\n", E_CALENDAR_SYNTAX },
                { "November before", HEAD "year\t2030\noff\t元旦\t2029-11-30\n",
                                E_CALENDAR_SYNTAX },
                { "December before", HEAD "year\t2030\noff\t元旦\t2029-12-31\n", E_NONE },
                { "backwards", HEAD "year\t2030\noff\t元旦\t2030-01-03\t2030-01-01\n",
                                E_CALENDAR_SYNTAX },
                { "too long", HEAD "year\t2030\noff\t元旦\t2030-01-01\t2030-02-01\n",
                                E_CALENDAR_SYNTAX },
                { "a Tuesday is no make-up day", HEAD "year\t2030\nwork\t元旦\t2030-01-01\n",
                                E_CALENDAR_SYNTAX },
                { "off before the year is told", HEAD "off\t元旦\t2030-01-01\n",
                                E_CALENDAR_SYNTAX },
                { "off and worked",
                                HEAD
                                "year\t2030\noff\ta\t2030-01-04\t2030-01-06\nwork\tb\t2030-01-05\n",
                                E_CALENDAR_CONFLICT },
                { "statutory, but not off", HEAD "year\t2030\nstatutory\t元旦\t2030-01-01\n",
                                E_CALENDAR_CONFLICT },
                { "a law's solar date", LAW "from\t2030\nfixed\t元旦\t01-01\n", E_NONE },
                { "29 February is a day of some years", LAW "from\t2030\nfixed\tx\t02-29\n",
                                E_NONE },
                { "no such day in any year", LAW "from\t2030\nfixed\t元旦\t02-30\n",
                                E_CALENDAR_SYNTAX },
                { "a law's dates have no year", LAW "from\t2030\nfixed\t元旦\t2030-01-01\n",
                                E_CALENDAR_SYNTAX },
                { "a law arranges no year", LAW "year\t2030\n", E_CALENDAR_SYNTAX },
                { "a notice is no law", HEAD "from\t2030\n", E_CALENDAR_SYNTAX },
                { "a notice has no solar dates", HEAD "year\t2030\nfixed\t元旦\t01-01\n",
                                E_CALENDAR_SYNTAX },
                { "a law has no days of one year", LAW "from\t2030\noff\t元旦\t2030-01-01\n",
                                E_CALENDAR_SYNTAX },
                { "not UTF-8", HEAD "year\t2030\n# \xff\n", E_UTF8 },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct calendar_file file = { STR_LIT("x.tsv"), str_of(rows[i].text) };
                const struct calendar_set *ret = NULL;
                struct err err = { .code = E_NONE };
                bool ok = calendar_set_new(arena, &file, 1, &ret, &err);
                if (ok != (rows[i].code == E_NONE) || err.code != rows[i].code)
                        fail_msg("%s: %s %s", rows[i].why, err_text(err.code)->name, err.detail);
                assert_int_equal(ret != NULL, ok);
        }
}

static void test_sets_are_checked_as_a_whole(void **state)
{
        (void)state;
        struct calendar_file files[CALENDAR_NOTICES_MAX + 1];
        for (size_t i = 0; i < N_ELEMENTS(files); i++)
                files[i] = (struct calendar_file){ STR_LIT("x"), STR_LIT(HEAD "year\t2030\n") };
        const struct calendar_set *ret;
        struct err err;
        assert_false(calendar_set_new(arena, files, 2, &ret, &err));
        assert_int_equal(err.code, E_CALENDAR_CONFLICT);
        assert_false(calendar_set_new(arena, files, N_ELEMENTS(files), &ret, &err));
        assert_int_equal(err.code, E_LIMIT);

        /* Beyond the table: well-formed, but nothing could be counted there. */
        files[0].text = STR_LIT(
                        "notice\tN\ntitle\tT\nsource\thttp://x\nknown\t2099-01-01\nyear\t2099\n");
        assert_false(calendar_set_new(arena, files, 1, &ret, &err));
        assert_int_equal(err.code, E_CALENDAR_SYNTAX);

        assert_true(calendar_set_new(arena, NULL, 0, &ret, &err));
        assert_true(date_is_none(calendar_known(calendar_latest(ret))));
        assert_false(calendar_covers(
                        calendar_latest(ret), test_date("2021-01-01"), test_date("2021-01-01")));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_every_row_holds),
                cmocka_unit_test(test_every_other_day_is_ordinary),
                cmocka_unit_test(test_statutory_days_of_a_year),
                cmocka_unit_test(test_what_was_known),
                cmocka_unit_test(test_an_unpublished_year),
                cmocka_unit_test(test_the_page_of_a_year),
                cmocka_unit_test(test_tables_equal_the_walk),
                cmocka_unit_test(test_bad_files_are_refused),
                cmocka_unit_test(test_sets_are_checked_as_a_whole),
        };
        return cmocka_run_group_tests(tests, set_up, tear_down);
}
