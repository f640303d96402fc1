/* rules/test_feel_rows.h - expressions with what they yield, a row each; for the tests of FEEL. */
#ifndef RULES_TEST_FEEL_ROWS_H
#define RULES_TEST_FEEL_ROWS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "rules/probe.h"

/* An expression, what its names hold (JSON, or NULL), and what it yields (JSON;
 * "error" alone: refused). Section and table numbers are those of DMN 1.5. */
struct row {
        const char *text, *context, *result;
};

static inline void check(const struct row *rows, size_t n)
{
        struct arena *arena = arena_open();
        int n_failed = 0;
        for (size_t i = 0; i < n; i++) {
                struct buf line = BUF(arena);
                buf_c(&line, rows[i].text);
                if (rows[i].context != NULL)
                        buf_format(&line, "\t%s", rows[i].context);
                struct str result = feel_probe(arena, buf_str(&line));
                bool ok = strcmp(rows[i].result, "error") == 0
                                          ? str_starts(result, STR_LIT("error\t"))
                                          : str_is(result, rows[i].result);
                if (ok)
                        continue;
                n_failed++;
                print_error("%s\n  is   %.*s\n  want %s\n", rows[i].text, STR_FMT(result),
                                rows[i].result);
        }
        arena_close(&arena);
        assert_int_equal(n_failed, 0);
}

#define CHECK(name)                                                                                \
        static void test_##name(void **state)                                                      \
        {                                                                                          \
                (void)state;                                                                       \
                check(name, N_ELEMENTS(name));                                                     \
        }

#endif
