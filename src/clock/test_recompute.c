#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "clock/recompute.h"
#include "clock/test_calendars.h"

/* What the notice of 27 January 2020 did to the terms running that day. */
static void test_a_notice_moves_terms(void **state)
{
        (void)state;
        static const struct {
                const char *why, *start;
                enum deadline_unit unit;
                int length;
                const char *before, *after; /* NULL = not moved */
        } rows[] = {
                { "a term over the festival", "2020-01-16", DEADLINE_WORKING_DAYS, 20, "2020-02-18",
                                "2020-02-20" },
                { "one that ended before it", "2020-01-06", DEADLINE_WORKING_DAYS, 5, NULL, NULL },
                { "one that began after it", "2020-02-10", DEADLINE_WORKING_DAYS, 5, NULL, NULL },
                { "days that end in the days added", "2020-01-20", DEADLINE_DAYS, 11, "2020-01-31",
                                "2020-02-03" },
                { "days that end later do not move", "2020-01-20", DEADLINE_DAYS, 60, NULL, NULL },
                { "a paused one has no last day to move", "2020-01-16", DEADLINE_WORKING_DAYS, 20,
                                NULL, NULL },
        };
        struct arena *arena = arena_open();
        const struct calendar_set *set = test_calendars(arena);
        static const struct deadline_pause waiting = { { 18277 }, { INT32_MIN } }; /* 2020-01-16 */
        struct deadline_rule rules[N_ELEMENTS(rows)];
        struct deadline_term terms[N_ELEMENTS(rows)];
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                rules[i] = (struct deadline_rule){ "x", "", rows[i].unit, rows[i].length };
                terms[i] = (struct deadline_term){ .rule = &rules[i],
                        .start = test_date(rows[i].start) };
        }
        terms[N_ELEMENTS(rows) - 1].pauses = &waiting;
        terms[N_ELEMENTS(rows) - 1].n_pauses = 1;

        const struct recompute_change *changes;
        size_t n = recompute_changes(arena, terms, N_ELEMENTS(rows),
                               calendar_as_known(set, test_date("2020-01-26")),
                               calendar_as_known(set, test_date("2020-01-27")), &changes),
               at = 0;
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                if (rows[i].before == NULL)
                        continue;
                if (at == n || changes[at].term != i)
                        fail_msg("%s: not moved", rows[i].why);
                assert_true(changes[at].moved);
                assert_int_equal(changes[at].before.last_day.day, test_date(rows[i].before).day);
                assert_int_equal(changes[at].after.last_day.day, test_date(rows[i].after).day);
                at++;
        }
        assert_int_equal(at, n);
        assert_int_equal(recompute_changes(arena, NULL, 0, calendar_latest(set),
                                         calendar_latest(set), &changes),
                        0);
        arena_close(&arena);
}

/* The yearly notice makes provisional days firm, whether it moves them or not. */
static void test_a_notice_makes_firm(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        const struct calendar_set *set = test_calendars(arena);
        struct deadline_rule rule = { "x", "", DEADLINE_DAYS, 60 };
        struct deadline_term terms[] = {
                { .rule = &rule, .start = test_date("2025-11-09") }, /* to Thursday 2026-01-08 */
                { .rule = &rule, .start = test_date("2025-12-19") }, /* to 2026-02-17, 春节 */
                { .rule = &rule, .start = test_date("2025-10-09") }, /* to 2025-12-08, firm */
        };
        const struct recompute_change *changes;
        size_t n = recompute_changes(arena, terms, N_ELEMENTS(terms),
                        calendar_as_known(set, test_date("2025-11-03")),
                        calendar_as_known(set, test_date("2025-11-04")), &changes);
        assert_int_equal(n, 2);
        assert_false(changes[0].moved);
        assert_true(changes[0].before.provisional && !changes[0].after.provisional);
        assert_true(changes[1].moved);
        assert_int_equal(changes[1].after.last_day.day, test_date("2026-02-24").day);
        arena_close(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_notice_moves_terms),
                cmocka_unit_test(test_a_notice_makes_firm),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
