#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "draw/rfc3797.h"
#include "draw/ticket.h"

/* RFC 3797 section 6, the fully worked example: 25 names, 10 to pick. */
#define RFC_KEY "9319./2.5.8.10.12./9.18.26.34.41.45./"

static void test_probe(void **state)
{
        (void)state;
        static const struct {
                const char *why, *line, *answer;
        } rows[] = {
                { "the RFC's own example", RFC_KEY "\t25\t10", "17 7 2 16 25 23 8 24 19 13" },
                { "a smaller count is a prefix", RFC_KEY "\t25\t3", "17 7 2" },
                { "one of one", "1./\t1\t1", "1" },
                { "more than the pool", "1./\t3\t4", NULL },
                { "nothing to pick", "1./\t3\t0", NULL },
                { "no key", "\t3\t1", NULL },
                { "the round has two bytes", "1./\t65536\t1", NULL },
                { "no size", "1./", NULL },
                { "not a number", "1./\tx\t1", NULL },
        };
        struct arena *arena = arena_open();
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct str got = rfc3797_probe(arena, str_of(rows[i].line));
                bool ok = rows[i].answer != NULL ? str_is(got, rows[i].answer)
                                                 : str_starts(got, STR_LIT("bad\t"));
                if (!ok)
                        fail_msg("%s: %.*s", rows[i].why, STR_FMT(got));
        }
        arena_close(&arena);
}

static void test_every_number_once(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        struct rfc3797_pick picks[25];
        struct err err;
        bool seen[26] = { false };
        assert_true(rfc3797_select(arena, STR_LIT(RFC_KEY), 25, 25, picks, &err));
        for (size_t i = 0; i < 25; i++) {
                assert_in_range(picks[i].number, 1, 25);
                assert_false(seen[picks[i].number]);
                seen[picks[i].number] = true;
        }
        struct str first = hex_format(arena, picks[0].digest, 16); /* printed in the RFC */
        assert_true(str_is(first, "990dd0a5692a029a98b5e01aa28f3459"));
        assert_false(rfc3797_select(arena, STR_LIT(""), 25, 1, picks, &err));
        assert_int_equal(err.code, E_RFC3797);
        arena_close(&arena);
}

static void test_key_string(void **state)
{
        (void)state;
        static const struct {
                const char *why;
                const char *sources; /* "/" between sources, blanks between numbers */
                const char *key;
        } rows[] = {
                { "section 6: lotteries are sorted", "9319/2 5 12 8 10/9 18 26 34 41 45", RFC_KEY },
                { "leading zeros go", "09319/02 05", "9319./2.5./" },
                { "sorted as numbers, not as text", "100 20 3", "3.20.100./" },
                { "a fraction keeps its point, loses its zeros", "3519.20 7.00", "7.3519.2/" },
                { "zero stays", "0 00 .5", "0.0.0.5/" },
                { "letters are refused", "12a", NULL },
                { "two points are refused", "1.2.3", NULL },
                { "a sign is refused", "-1", NULL },
                { "an empty source is refused", "1//2", NULL },
        };
        struct arena *arena = arena_open();
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct rfc3797_source sources[8];
                struct str rest = str_of(rows[i].sources), key;
                struct err err;
                size_t n = 0;
                while (rest.p != NULL) {
                        struct str one = str_split(&rest, '/');
                        struct str *numbers = arena_new_array(arena, 16, struct str);
                        size_t k = 0;
                        while (one.p != NULL && one.n > 0)
                                numbers[k++] = str_split(&one, ' ');
                        sources[n++] = (struct rfc3797_source){ numbers, k };
                }
                bool ok = rfc3797_key(arena, sources, n, &key, &err);
                if (ok != (rows[i].key != NULL) || (ok && !str_is(key, rows[i].key)))
                        fail_msg("%s: %.*s", rows[i].why, ok ? (int)key.n : 3, ok ? key.p : "bad");
        }
        arena_close(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_probe),
                cmocka_unit_test(test_every_number_once),
                cmocka_unit_test(test_key_string),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
