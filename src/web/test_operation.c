/* What /readyz makes of the desk's state; what it says over HTTP is in tests/outage.py. */
#include "web/operation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct {
        struct desk_state state;
        uint64_t n_waiting;
        const char *why;
} rows[] = {
        { { .busy_seconds = 0 }, 0, "" },
        { { .busy_seconds = OPERATION_BUSY_SECONDS }, OPERATION_WAITING_MAX, "" },
        { { .failing = true }, 0, "desk: the newest turn failed\n" },
        { { .busy_seconds = OPERATION_BUSY_SECONDS + 1 }, 0, "desk: a turn takes 31 s\n" },
        { { .clock_ahead = 301 }, 0, "clock: 301 s ahead\n" },
        { { .busy_seconds = 0 }, OPERATION_WAITING_MAX + 1, "desk: too many wait\n" },
        { { .failing = true, .clock_ahead = 400 }, DESK_QUEUE_MAX,
                        "desk: the newest turn failed\nclock: 400 s ahead\ndesk: too many wait\n" },
};

static void test_desk_is_ready(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct arena *arena = arena_open();
                struct buf why = BUF(arena);
                operation_check_desk(&why, &rows[i].state, rows[i].n_waiting);
                assert_string_equal(str_c(arena, buf_str(&why)), rows[i].why);
                arena_close(&arena);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_desk_is_ready),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
