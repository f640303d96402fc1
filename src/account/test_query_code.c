/* Query codes: the same for the same matter, caught when mistyped, worthless elsewhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "account/query_code.h"
#include "account/secret.h"

static struct arena *arena;
static struct hmac secret;

static void test_shape(void **state)
{
        (void)state;
        struct str code = query_code(arena, &secret, 7), other;
        assert_int_equal(code.n, 9);
        assert_int_equal(code.p[4], '-');
        assert_true(str_eq(code, query_code(arena, &secret, 7)));
        struct hmac another;
        hmac_init(&another, LEDGER_SHA256, "another", 7);
        other = query_code(arena, &another, 7);
        assert_false(str_eq(code, other));
        assert_false(query_code_is(arena, &secret, 7, other));
}

static void test_typed(void **state)
{
        (void)state;
        struct str code = query_code(arena, &secret, 41);
        char *typed = arena_alloc(arena, 64);
        size_t n = 0;
        for (size_t i = 0; i < code.n; i++) { /* small letters, blanks, o for 0, l for 1 */
                char c = code.p[i];
                typed[n++] = c == '0'               ? 'o'
                             : c == '1'             ? 'l'
                             : c >= 'A' && c <= 'Z' ? (char)(c + 32)
                                                    : c;
                typed[n++] = ' ';
        }
        assert_true(query_code_is(arena, &secret, 41, (struct str){ typed, n }));
        assert_true(query_code_is(arena, &secret, 41, code));
        assert_false(query_code_is(arena, &secret, 42, code));
        assert_false(query_code_is(arena, &secret, 41, STR_LIT("")));
}

/* Every single wrong character is caught by the check character, before a try is counted. */
static void test_one_wrong_character(void **state)
{
        (void)state;
        static const char all[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        struct str right, found, code = query_code(arena, &secret, 1234567);
        assert_true(query_code_parse(arena, code, &right));
        for (size_t i = 0; i < right.n; i++)
                for (size_t k = 0; k < sizeof(all) - 1; k++) {
                        char wrong[8];
                        memcpy(wrong, right.p, 8);
                        wrong[i] = all[k];
                        assert_int_equal(query_code_parse(arena, (struct str){ wrong, 8 }, &found),
                                        wrong[i] == right.p[i]);
                }
        assert_false(query_code_parse(arena, str_format(arena, "%.*sA", STR_FMT(right)), &found));
        assert_false(query_code_parse(arena, STR_LIT("K7QF-2M9"), &found));
        assert_false(query_code_parse(arena, STR_LIT("查询码"), &found));
        assert_false(query_code_parse(arena, STR_LIT("K7QF'2M9X"), &found));
}

/* Tokens made for one purpose fit no other. */
static void test_purposes(void **state)
{
        (void)state;
        struct str a = secret_token(arena, &secret, "form", STR_LIT("x"));
        assert_int_equal(a.n, 32);
        assert_true(secret_eq(a, secret_token(arena, &secret, "form", STR_LIT("x"))));
        assert_false(secret_eq(a, secret_token(arena, &secret, "party", STR_LIT("x"))));
        assert_false(secret_eq(a, secret_token(arena, &secret, "form", STR_LIT("y"))));
        assert_false(secret_eq(a, STR_LIT("")));
        assert_true(secret_eq(STR_LIT(""), STR_LIT("")));
}

/* More than can be had at once is refused, never less given. */
static void test_random(void **state)
{
        (void)state;
        uint8_t bytes[16] = { 0 }, zeros[16] = { 0 };
        struct err err;
        assert_true(secret_random(bytes, sizeof(bytes), &err));
        assert_memory_not_equal(bytes, zeros, sizeof(bytes));
        assert_false(secret_random(bytes, SIZE_MAX, &err));
        assert_int_equal(err.code, E_ACCOUNT_RANDOM);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_shape),
                cmocka_unit_test(test_typed),
                cmocka_unit_test(test_one_wrong_character),
                cmocka_unit_test(test_purposes),
                cmocka_unit_test(test_random),
        };
        arena = arena_open();
        hmac_init(&secret, LEDGER_SHA256, "a secret of this test", 21);
        int failed = cmocka_run_group_tests(tests, NULL, NULL);
        arena_close(&arena);
        return failed;
}
