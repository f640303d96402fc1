/* Secrets: tokens for one purpose, comparing, random bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "account/secret.h"

static struct arena *arena;
static struct hmac secret;

/* Tokens made for one purpose fit no other. */
static void test_purposes(void **state)
{
        (void)state;
        struct str a = secret_token(arena, &secret, "form", STR_LIT("x"));
        assert_int_equal(a.n, 32);
        assert_true(secret_eq(a, secret_token(arena, &secret, "form", STR_LIT("x"))));
        assert_false(secret_eq(a, secret_token(arena, &secret, "other", STR_LIT("x"))));
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
                cmocka_unit_test(test_purposes),
                cmocka_unit_test(test_random),
        };
        arena = arena_open();
        hmac_init(&secret, LEDGER_SHA256, "secret", 6);
        int failed = cmocka_run_group_tests(tests, NULL, NULL);
        arena_close(&arena);
        return failed;
}
