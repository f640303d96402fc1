/* Differences as rows: "=" stays, "-" goes, "+" comes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "web/difference.h"

static struct arena *arena;

static struct str script(const struct difference_line *lines, size_t n)
{
        struct buf buf = BUF(arena);
        for (size_t i = 0; i < n; i++) {
                buf_char(&buf, "=-+"[lines[i].kind]);
                buf_str_add(&buf, lines[i].text);
        }
        return buf_str(&buf);
}

static void test_scripts(void **state)
{
        (void)state;
        static const struct {
                const char *why, *before, *after, *script;
        } rows[] = {
                { "nothing", "", "", "" },
                { "the same", "a\nb\n", "a\nb\n", "=a=b" },
                { "all new", "", "a\nb\n", "+a+b" },
                { "all gone", "a\nb\n", "", "-a-b" },
                { "one changed", "a\nb\nc\n", "a\nx\nc\n", "=a-b+x=c" },
                { "one at the beginning", "b\n", "a\nb\n", "+a=b" },
                { "one at the end", "a\n", "a\nb\n", "=a+b" },
                { "Myers' own example", "a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n",
                                "-a-b=c+b=a=b-b=a+c" },
                { "an empty line is a line", "a\n\nb\n", "a\nb\n", "=a-=b" },
                { "without a last line end", "a\nb", "a\nb\n", "=a=b" },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                size_t n;
                const struct difference_line *lines = difference_lines(
                                arena, str_of(rows[i].before), str_of(rows[i].after), &n);
                if (!str_is(script(lines, n), rows[i].script))
                        fail_msg("%s: %s", rows[i].why, str_c(arena, script(lines, n)));
        }
}

/* Whatever the texts: both can be read out of it, and the numbers count up. */
static void test_both_texts_are_in_it(void **state)
{
        (void)state;
        uint64_t seed = 3;
        for (int round = 0; round < 400; round++) {
                struct buf texts[2] = { BUF(arena), BUF(arena) };
                struct buf got[2] = { BUF(arena), BUF(arena) };
                for (int i = 0; i < 2 * (round % 40); i++) {
                        seed = seed * 6364136223846793005u + 1442695040888963407u;
                        buf_format(&texts[i % 2], "%c\n", (int)('a' + (seed >> 40) % 4));
                }
                size_t n;
                int before = 0, after = 0;
                const struct difference_line *lines =
                                difference_lines(arena, buf_str(&texts[0]), buf_str(&texts[1]), &n);
                for (size_t i = 0; i < n; i++) {
                        if (lines[i].kind != DIFFERENCE_NEW) {
                                assert_int_equal(lines[i].before, ++before);
                                buf_format(&got[0], "%.*s\n", STR_FMT(lines[i].text));
                        }
                        if (lines[i].kind != DIFFERENCE_GONE) {
                                assert_int_equal(lines[i].after, ++after);
                                buf_format(&got[1], "%.*s\n", STR_FMT(lines[i].text));
                        }
                }
                assert_true(str_eq(buf_str(&got[0]), buf_str(&texts[0])));
                assert_true(str_eq(buf_str(&got[1]), buf_str(&texts[1])));
        }
}

static void test_too_different(void **state)
{
        (void)state;
        struct buf a = BUF(arena), b = BUF(arena);
        for (int i = 0; i < 3000; i++) {
                buf_format(&a, "a%d\n", i);
                buf_format(&b, "b%d\n", i);
        }
        size_t n;
        const struct difference_line *lines = difference_lines(arena, buf_str(&a), buf_str(&b), &n);
        assert_int_equal(n, 6000);
        assert_int_equal(lines[0].kind, DIFFERENCE_GONE);
        assert_int_equal(lines[5999].kind, DIFFERENCE_NEW);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_scripts),
                cmocka_unit_test(test_both_texts_are_in_it),
                cmocka_unit_test(test_too_different),
        };
        arena = arena_open();
        int failed = cmocka_run_group_tests(tests, NULL, NULL);
        arena_close(&arena);
        return failed;
}
