#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "clock/probe.h"
#include "clock/test_calendars.h"

static void test_lines(void **state)
{
        (void)state;
        static const struct {
                const char *line, *answer; /* an answer may end in * */
        } rows[] = {
                { "2021-09-28\t7\tworking_days", "2021-10-13\tfirm" },
                { "2021-09-28\t20\tworking_days\r\n", "2021-11-01\tfirm" },
                { "2021-03-01\t5\tdays", "2021-03-08\tfirm" },
                { "2021-03-31\t3\tmonths", "2021-06-30\tfirm" },
                { "2026-12-30\t5\tworking_days", "2027-01-07\tprovisional" },
                { "", "error\tE_DATE\t*" },
                { "2021-02-29\t1\tdays", "error\tE_DATE\t*" },
                { "2021-09-28", "error\tE_PROBE_LINE\t*" },
                { "2021-09-28\tseven\tdays", "error\tE_PROBE_LINE\t*" },
                { "2021-09-28\t7\tweeks", "error\tE_PROBE_LINE\t*" },
                { "2021-09-28\t7\thours", "error\tE_PROBE_LINE\t*" },
                { "2021-09-28\t7\tdays\tmore", "error\tE_PROBE_LINE\t*" },
                { "2021-09-28\t0\tdays", "error\tE_DEADLINE_RULE\t*" },
                { "2021-09-28\t-1\tdays", "error\tE_DEADLINE_RULE\t*" },
                { "2021-09-28\t9000000000000\tdays", "error\tE_DEADLINE_RULE\t*" },
                { "1990-01-01\t1\tdays", "error\tE_DEADLINE_RANGE\t*" },
                { "2095-12-31\t1\tworking_days", "error\tE_DEADLINE_RANGE\t*" },
                { "2021\xff\t1\tdays", "error\tE_UTF8\t*" },
                { "20\n21\t1\tdays", "error\tE_DATE\t*" },
        };
        struct arena *arena = arena_open();
        const struct calendar *calendar = calendar_latest(test_calendars(arena));
        struct buf out = BUF(arena);
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                buf_reset(&out);
                clock_probe(calendar, str_of(rows[i].line), &out);
                struct str expected = str_of(rows[i].answer), got = buf_str(&out);
                bool open = str_ends(expected, STR_LIT("*"));
                if (open)
                        expected.n--;
                if (open ? !str_starts(got, expected) || got.n == expected.n
                         : !str_eq(got, expected))
                        fail_msg("%s: %s", rows[i].line, got.p);
                assert_int_equal(str_find(got, STR_LIT("\n")), SIZE_MAX);
        }
        arena_close(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_lines) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
