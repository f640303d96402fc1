/* Cookies: which value a header gives, and how one is set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "web/cookie.h"

static const struct {
        const char *why, *header, *value;
} rows[] = {
        { "one", "s=abc", "abc" },
        { "among others", "a=1; s=abc; b=2", "abc" },
        { "no blank behind the semicolon", "a=1;s=abc;b=2", "abc" },
        { "blanks around", "  s = abc  ", "abc" },
        { "an equals sign within", "s=a=b", "a=b" },
        { "a name that only begins alike", "ss=abc; s1=x", "" },
        { "names have cases", "S=abc", "" },
        { "no value", "s=", "" },
        { "no equals sign", "s", "" },
        { "no header", "", "" },
        { "planted by another host: twice is none", "s=theirs; s=mine", "" },
        { "only semicolons", ";;;", "" },
};

static void test_find(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(rows); i++)
                if (!str_is(cookie_find(str_of(rows[i].header), "s"), rows[i].value))
                        fail_msg("%s", rows[i].why);
}

static void test_format(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        assert_true(str_is(cookie_format(arena, "s", STR_LIT("aB0-_."), false),
                        "s=aB0-_.; Path=/; HttpOnly; SameSite=Lax"));
        assert_true(str_is(cookie_format(arena, "__Host-s", STR_LIT("x"), true),
                        "__Host-s=x; Path=/; HttpOnly; SameSite=Lax; Secure"));
        assert_true(str_is(cookie_format(arena, "s", STR_LIT(""), false),
                        "s=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"));
        arena_close(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_find),
                cmocka_unit_test(test_format),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
