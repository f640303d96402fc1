/* Which passwords are good enough, and that what is kept answers to them alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "account/password.h"

static struct arena *arena;

static void test_rules(void **state)
{
        (void)state;
        static const struct {
                const char *why, *password;
                bool ok;
        } rows[] = {
                { "three kinds", "Abcdefgh12", true },
                { "other characters are a kind", "abcdefgh1!", true },
                { "Chinese is other characters", "厦门鼓浪屿日光岩Aa", true },
                { "long: kinds do not matter", "correct horse battery", true },
                { "too short", "Abcdef12!", false },
                { "two kinds", "abcdefgh12", false },
                { "one kind", "abcdefghij", false },
                { "hardly any different characters", "AAaaAA11AAaaAA11AAaa", false },
                { "the account in it", "Lin-zhang-2021", false },
                { "not text", "Abcdefgh1\xff", false },
                { "empty", "", false },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct err err = { 0 };
                if (password_check(str_of(rows[i].password), STR_LIT("zhang"), &err) != rows[i].ok)
                        fail_msg("%s", rows[i].why);
                assert_int_equal(err.code, rows[i].ok ? E_NONE : E_ACCOUNT_PASSWORD);
        }
        struct buf longest = BUF(arena);
        struct err err;
        for (size_t i = 0; i < PASSWORD_MAX; i++)
                buf_char(&longest, (char)('a' + i % 26));
        assert_true(password_check(buf_str(&longest), STR_LIT(""), &err));
        buf_char(&longest, 'a');
        assert_false(password_check(buf_str(&longest), STR_LIT(""), &err));
}

static void test_kept(void **state)
{
        (void)state;
        struct str kept, again;
        struct err err;
        bool old;
        assert_true(password_hash(arena, STR_LIT("Abcdefgh12"), &kept, &err));
        assert_true(password_hash(arena, STR_LIT("Abcdefgh12"), &again, &err));
        assert_true(str_starts(kept, STR_LIT("$argon2id$v=19$m=19456,t=2,p=1$")));
        assert_false(str_eq(kept, again)); /* each with its own salt */
        assert_true(password_verify(arena, STR_LIT("Abcdefgh12"), kept, &old));
        assert_false(old);
        assert_false(password_verify(arena, STR_LIT("Abcdefgh13"), kept, &old));
        assert_false(password_verify(arena, STR_LIT(""), kept, &old));
        assert_false(password_verify(arena, STR_LIT("Abcdefgh12"), STR_LIT(""), &old));
        assert_false(password_verify(arena, STR_LIT("Abcdefgh12"), STR_LIT("nonsense"), &old));
}

/* One kept with weaker parameters (argon2 -id -k 1024 -t 1 -p 1, password "Abcdefgh12", salt
 * "somesalt") still opens, and says that it is old. */
static void test_old_parameters(void **state)
{
        (void)state;
        bool old;
        struct str weak = STR_LIT(
                        "$argon2id$v=19$m=1024,t=1,p=1$c29tZXNhbHQ$ffWdWTyshZpjL9UY2MAXPyYRDVNlWYVvshikWUYaaro");
        assert_true(password_verify(arena, STR_LIT("Abcdefgh12"), weak, &old));
        assert_true(old);
}

static void test_generated(void **state)
{
        (void)state;
        struct str one, two;
        struct err err;
        assert_true(password_generate(arena, &one, &err));
        assert_true(password_generate(arena, &two, &err));
        assert_false(str_eq(one, two));
        assert_true(password_check(one, STR_LIT("zhang"), &err));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_rules),
                cmocka_unit_test(test_kept),
                cmocka_unit_test(test_old_parameters),
                cmocka_unit_test(test_generated),
        };
        arena = arena_open();
        int failed = cmocka_run_group_tests(tests, NULL, NULL);
        arena_close(&arena);
        return failed;
}
