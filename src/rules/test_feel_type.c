#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rules/feel.h"

static void test_types_are_read_and_written(void **state)
{
        (void)state;
        static const struct {
                const char *why, *text, *written; /* NULL = refused */
        } rows[] = {
                { "a plain type", "number", "number" },
                { "a type with spaces", "date and time", "date and time" },
                { "date is not the start of date and time", "date", "date" },
                { "the short name of a duration", "duration", "days and time duration" },
                { "an open list", "list", "list" },
                { "a list of something", "list<string>", "list<string>" },
                { "spaces do not matter", " list < list< date and time > > ",
                                "list<list<date and time>>" },
                { "a context", "context<a: number, 申请人: string>",
                                "context<a: number, 申请人: string>" },
                { "a function is kept by its result", "function<number, string> -> boolean",
                                "function" },
                { "a function of nothing", "function<> -> boolean", "function" },
                { "Any", "Any", "Any" },
                { "no such type", "integer", NULL },
                { "a longer word", "numbers", NULL },
                { "not closed", "list<number", NULL },
                { "something behind", "number number", NULL },
                { "a scalar has no parts", "number<string>", NULL },
                { "a member without a type", "context<a>", NULL },
                { "nothing", "", NULL },
        };
        struct arena *arena = arena_open();
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                const struct feel_type *type;
                struct err err;
                bool ok = feel_type_parse(arena, str_of(rows[i].text), &type, &err);
                if (ok != (rows[i].written != NULL))
                        fail_msg("%s: %s", rows[i].why, rows[i].text);
                if (ok && !str_is(feel_type_format(arena, type), rows[i].written))
                        fail_msg("%s: %s", rows[i].why, feel_type_format(arena, type).p);
                if (!ok)
                        assert_int_equal(err.code, E_FEEL_TYPE);
        }
        arena_close(&arena);
}

static void test_types_fit(void **state)
{
        (void)state;
        static const struct {
                const char *from, *to;
                bool fits;
        } rows[] = {
                { "number", "number", true },
                { "number", "string", false },
                { "Any", "string", true },
                { "string", "Any", true },
                { "Null", "list<string>", true },
                { "list<number>", "list", true },
                { "list<number>", "list<string>", false },
                { "context<a: number, b: string>", "context<a: number>", true },
                { "context<a: number>", "context<a: number, b: string>", false },
                { "context<a: number>", "context<a: string>", false },
                { "context", "context<a: string>", true },
                { "date", "date and time", false },
        };
        struct arena *arena = arena_open();
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                const struct feel_type *from, *to;
                struct err err;
                assert_true(feel_type_parse(arena, str_of(rows[i].from), &from, &err));
                assert_true(feel_type_parse(arena, str_of(rows[i].to), &to, &err));
                if (feel_type_fits(from, to) != rows[i].fits)
                        fail_msg("%s to %s", rows[i].from, rows[i].to);
        }
        arena_close(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_types_are_read_and_written),
                cmocka_unit_test(test_types_fit),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
