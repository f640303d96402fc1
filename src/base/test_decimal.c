#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/decimal.h"

static struct arena *arena;

static struct decimal of(const char *text)
{
        struct decimal d;
        struct err err;
        if (!decimal_parse(str_of(text), &d, &err))
                fail_msg("not a number: %s", text);
        return d;
}

static const char *plain(struct decimal d)
{
        return str_c(arena, decimal_format(arena, d));
}

static void test_parse_and_format(void **state)
{
        (void)state;
        static const struct {
                const char *text, *want; /* want NULL = E_NUMBER */
        } rows[] = {
                { "0", "0" },
                { "-0", "0" },
                { "-0.00", "0" },
                { "12.50", "12.5" },
                { "-12.50", "-12.5" },
                { "+7", "7" },
                { "100", "100" },
                { "0.001", "0.001" },
                { "1e3", "1000" },
                { "1.5E-3", "0.0015" },
                { "1e-99", NULL }, /* set below: too long for this table */
                { "1e100", NULL }, /* three digits of exponent */
                { "0.1000000000000000055", "0.1000000000000000055" }, /* no binary fraction */
                { "9999999999999999999999999999999999", "9999999999999999999999999999999999" },
                { "10000000000000000000000000000000000", NULL }, /* 35 digits */
                { "00000000000000000000000000000000000012", "12" },
                { "", NULL },
                { ".", NULL },
                { "5.", NULL },
                { "-", NULL },
                { "1,000", NULL },
                { "1 ", NULL },
                { "0x10", NULL },
                { "NaN", NULL },
                { "Infinity", NULL },
                { "1e", NULL },
                { "1e+", NULL },
                { "1.2.3", NULL },
                { "１２", NULL },
                { "壹佰", NULL },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct decimal d = decimal_of(-77);
                struct err err = { .code = E_NONE };
                bool ok = decimal_parse(str_of(rows[i].text), &d, &err);
                if (i == 10) {
                        assert_true(ok);
                        assert_int_equal(strlen(plain(d)), 101);
                        continue;
                }
                if (ok != (rows[i].want != NULL))
                        fail_msg("%s: %s", rows[i].text, ok ? plain(d) : err.detail);
                if (ok)
                        assert_string_equal(plain(d), rows[i].want);
                else
                        assert_int_equal(err.code, E_NUMBER);
                if (!ok)
                        assert_string_equal(plain(d), "-77");
        }
}

static void test_rounding(void **state)
{
        (void)state;
        static const struct {
                const char *number;
                int decimals;
                const char *even, *down, *up, *floor, *ceiling, *half_up, *half_down;
        } rows[] = {
                { "2.5", 0, "2", "2", "3", "2", "3", "3", "2" },
                { "-2.5", 0, "-2", "-2", "-3", "-3", "-2", "-3", "-2" },
                { "2.51", 0, "3", "2", "3", "2", "3", "3", "3" },
                { "0.125", 2, "0.12", "0.12", "0.13", "0.12", "0.13", "0.13", "0.12" },
                { "150", -2, "200", "100", "200", "100", "200", "200", "100" },
                { "7", 3, "7", "7", "7", "7", "7", "7", "7" },
                { "0", 2, "0", "0", "0", "0", "0", "0", "0" },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                const char *want[] = { rows[i].even, rows[i].down, rows[i].up, rows[i].floor,
                        rows[i].ceiling, rows[i].half_up, rows[i].half_down };
                for (size_t how = 0; how < N_ELEMENTS(want); how++) {
                        struct decimal got = decimal_round(of(rows[i].number), rows[i].decimals,
                                        (enum decimal_rounding)how);
                        if (strcmp(plain(got), want[how]) != 0)
                                fail_msg("%s way %zu: %s", rows[i].number, how, plain(got));
                }
        }
}

/* As the yearly report prints them: rounded half up (四舍五入). */
static void test_fixed_places(void **state)
{
        (void)state;
        static const struct {
                const char *number;
                int decimals;
                const char *want;
        } rows[] = {
                { "48.0711", 0, "48" },
                { "80.8333", 1, "80.8" },
                { "98.8095", 2, "98.81" },
                { "1815.1", 2, "1815.10" },
                { "0.005", 2, "0.01" },
                { "-0.004", 2, "0.00" },
                { "12", 2, "12.00" },
                { "0", 1, "0.0" },
                { "9999999999999999999999999999999999", 2,
                                "9999999999999999999999999999999999.00" },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct str got = decimal_format_fixed(arena, of(rows[i].number), rows[i].decimals);
                if (!str_is(got, rows[i].want))
                        fail_msg("%s: %s", rows[i].number, str_c(arena, got));
        }
}

static void test_arithmetic(void **state)
{
        (void)state;
        static const struct {
                const char *a;
                char op;
                const char *b, *want; /* want NULL = refused */
        } rows[] = {
                { "0.1", '+', "0.2", "0.3" },
                { "1", '-', "0.9", "0.1" },
                { "96686.03", '*', "10000", "966860300" },
                { "97", '/', "120", "0.8083333333333333333333333333333333" },
                { "1", '/', "0", NULL },
                { "0", '/', "0", NULL },
                { "1e99", '*', "1e99", "more than 99 digits" },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct decimal a = of(rows[i].a), b = of(rows[i].b), got = decimal_of(-77);
                bool ok = rows[i].op == '+'   ? decimal_add(a, b, &got)
                          : rows[i].op == '-' ? decimal_sub(a, b, &got)
                          : rows[i].op == '*' ? decimal_mul(a, b, &got)
                                              : decimal_div(a, b, &got);
                assert_int_equal(ok, rows[i].want != NULL);
                if (!ok)
                        assert_string_equal(plain(got), "-77");
                else if (strlen(plain(got)) < 99)
                        assert_string_equal(plain(got), rows[i].want);
        }
        /* Multiplying on, the range ends with a refusal and not with infinity. */
        struct decimal big = of("1e99");
        int n = 0;
        while (decimal_mul(big, of("1e99"), &big))
                assert_true(n++ < 100);
        assert_true(decimal_is_finite(big));
        assert_int_equal(n, 61); /* 1e6138; the next would pass 1e6144 */
        assert_true(decimal_is_integer(big));
        assert_string_equal(plain(decimal_neg(of("3"))), "-3");
}

static void test_comparing(void **state)
{
        (void)state;
        assert_int_equal(decimal_cmp(of("1.0"), of("1.00")), 0);
        assert_int_equal(decimal_cmp(of("-1"), of("1")), -1);
        assert_int_equal(decimal_cmp(of("1e3"), of("999")), 1);
        assert_int_equal(decimal_cmp(of("-0"), of("0")), 0);
        assert_true(decimal_is_integer(of("3.00")));
        assert_false(decimal_is_integer(of("3.01")));
}

static void test_scaled_integers(void **state)
{
        (void)state;
        static const struct {
                const char *number;
                int decimals;
                bool ok;
                int64_t want;
        } rows[] = {
                { "96686.03", 2, true, 9668603 },
                { "96686.030", 2, true, 9668603 },
                { "0.005", 2, false, 0 },
                { "-1.5", 1, true, -15 },
                { "9223372036854775807", 0, true, INT64_MAX },
                { "-9223372036854775808", 0, true, INT64_MIN },
                { "9223372036854775808", 0, false, 0 },
                { "1e99", 2, false, 0 },
                { "1200", -2, true, 12 },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                int64_t got = -77;
                bool ok = decimal_to_scaled(of(rows[i].number), rows[i].decimals, &got);
                if (ok != rows[i].ok || got != (ok ? rows[i].want : -77))
                        fail_msg("%s", rows[i].number);
                if (ok)
                        assert_int_equal(decimal_cmp(decimal_from_scaled(got, rows[i].decimals),
                                                         of(rows[i].number)),
                                        0);
        }
}

static int open_arena(void **state)
{
        (void)state;
        arena = arena_open();
        return 0;
}

static int close_arena(void **state)
{
        (void)state;
        arena_close(&arena);
        return 0;
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_parse_and_format),
                cmocka_unit_test(test_rounding),
                cmocka_unit_test(test_fixed_places),
                cmocka_unit_test(test_arithmetic),
                cmocka_unit_test(test_comparing),
                cmocka_unit_test(test_scaled_integers),
        };
        return cmocka_run_group_tests(tests, open_arena, close_arena);
}
