#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "rules/feel.h"
#include "rules/probe.h"

static struct str repeated(
                struct arena *arena, const char *head, const char *part, size_t n, const char *tail)
{
        struct buf buf = BUF(arena);
        buf_c(&buf, head);
        for (size_t i = 0; i < n; i++)
                buf_c(&buf, part);
        buf_c(&buf, tail);
        return buf_str(&buf);
}

static void test_hostile_sizes(void **state)
{
        (void)state;
        static const struct {
                const char *why, *head, *part;
                size_t n;
                const char *tail;
        } rows[] = {
                { "nested parentheses", "", "(", 10000, "1" },
                { "parentheses within the bytes", "", "(", 4000, "1" },
                { "lists", "", "[", 4000, "1" },
                { "contexts", "", "{a:", 2000, "1" },
                { "functions", "", "function(x) ", 600, "x" },
                { "minus signs", "", "-", 8000, "x(" },
                { "a sum", "1", "+1", 4000, "" },
                { "powers", "1", "**1", 2000, "" },
                { "paths", "a", ".a", 4000, "" },
                { "filters", "a", "[1]", 2000, "" },
                { "calls", "a", "(1)", 2000, "" },
                { "conditions", "", "if true then 1 else ", 300, "1" },
                { "a megabyte of text", "\"", "0123456789", 100000, "\"" },
                { "comments that never end", "1 /*", "*", 8000, "" },
                { "names", "", "a b ", 2000, "" },
                { "context entries", "{", "a:1,", 1000, "b:1}" },
        };
        struct arena *arena = arena_open();
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct str text = repeated(
                                arena, rows[i].head, rows[i].part, rows[i].n, rows[i].tail);
                struct str result = feel_probe(arena, text);
                bool ends_well = strcmp(rows[i].why, "comments that never end") == 0;
                if (str_starts(result, STR_LIT("error\t")) == ends_well)
                        fail_msg("%s: %.*s", rows[i].why, (int)(result.n < 80 ? result.n : 80),
                                        result.p);
        }
        arena_close(&arena);
}

static bool big_text(void *user, struct str name, struct value *ret)
{
        (void)name;
        *ret = value_string(*(struct str *)user);
        return true;
}

/* A value of a megabyte is handled, but not multiplied without end. */
static void test_long_values(void **state)
{
        (void)state;
        static const struct {
                const char *text;
                bool ok;
        } rows[] = {
                { "string length(s) > 1000000", true },
                { "contains(s, \"y\")", true },
                { "matches(s, \"y\")", true },
                { "s = s", true },
                { "s + s = s", true },
                { "count(for i in 1..1000 return s + s) = 1000", false },
                { "count(for i in 1..1000 return upper case(s)) = 1000", false },
        };
        struct arena *arena = arena_open();
        struct str text = repeated(arena, "", "0123456789x", 100000, "");
        struct feel_env env = { .user = &text, .lookup = big_text };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                const struct feel_expression *e;
                struct value v;
                struct err err = { 0 };
                assert_true(feel_compile(arena, str_of(rows[i].text), NULL, NULL, &e, &err));
                if (feel_eval(arena, e, &env, &v, &err) != rows[i].ok)
                        fail_msg("%s", rows[i].text);
                if (!rows[i].ok)
                        assert_int_equal(err.code, E_FEEL_LIMIT);
        }
        assert_true(arena_held(arena) < (64u << 20));
        arena_close(&arena);
}

/* Unary tests: what a cell says of an input. */
static void test_unary_tests(void **state)
{
        (void)state;
        static const struct {
                const char *tests, *input;
                int result; /* -1 = refused */
        } rows[] = {
                { "-", "1", 1 },
                { "-", "null", 1 },
                { "< 10", "9", 1 },
                { "< 10", "10", 0 },
                { "<= 10, 20", "20", 1 },
                { "[1..5)", "5", 0 },
                { "[1..5)", "1", 1 },
                { "(1..5]", "1", 0 },
                { "\"A\", \"B\"", "\"B\"", 1 },
                { "\"A\", \"B\"", "\"C\"", 0 },
                { "not(\"A\", \"B\")", "\"C\"", 1 },
                { "not(\"A\", \"B\")", "\"A\"", 0 },
                { "not(< 10)", "10", 1 },
                { "not(< 10)", "null", 0 }, /* unknown either way */
                { "null", "null", 1 },
                { "null", "1", 0 },
                { "!= 3", "4", 1 },
                { "= 3", "3", 1 },
                { "? > 3 and ? < 6", "5", 1 },
                { "? > 3 and ? < 6", "6", 0 },
                { "starts with(?, \"闽\")", "\"闽D\"", 1 },
                { "[1, 2, 3]", "2", 1 },
                { "[[1..3], [7..9]]", "8", 1 },
                { "@\"2021-01-01\"", "@\"2021-01-01\"", 1 },
                { ">= @\"2021-01-01\"", "@\"2020-12-31\"", 0 },
                { "true", "true", 1 },
                { "true", "false", 0 },
                { "some x in ? satisfies x > 2", "[1, 3]", 1 },
                { "count(?) > 1", "[1, 3]", 1 },
                { "- , 1", "1", -1 },
                { "< ", "1", -1 },
                { "not(1", "1", -1 },
                { "", "1", -1 },
                { "1 2", "1", -1 },
        };
        struct arena *arena = arena_open();
        struct feel_env env = { 0 };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                const struct feel_expression *tests, *input;
                struct value v;
                struct err err = { 0 };
                bool passes = false;
                assert_true(feel_compile(arena, str_of(rows[i].input), NULL, NULL, &input, &err));
                assert_true(feel_eval(arena, input, &env, &v, &err));
                bool ok = feel_compile_unary_tests(
                                          arena, str_of(rows[i].tests), NULL, NULL, &tests, &err) &&
                          feel_test(arena, tests, &env, &v, &passes, &err);
                if ((ok ? (int)passes : -1) != rows[i].result)
                        fail_msg("%s of %s: %s", rows[i].tests, rows[i].input, err.detail);
        }
        arena_close(&arena);
}

/* What leaves an evaluation has only the kinds of base/value.h. */
static void test_results_are_plain(void **state)
{
        (void)state;
        static const struct {
                const char *text, *json;
        } rows[] = {
                { "@\"2021-09-28T01:00:00Z\"", "\"2021-09-28T09:00:00+08:00\"" },
                { "[@\"23:00:00Z\", 1]", "[\"07:00:00\",1]" },
                { "{t: @\"23:00:00Z\"}", "{\"t\":\"07:00:00\"}" },
                { "function(x) x", "null" },
                { "[[1..3)]", "[{\"end\":3,\"end included\":false,\"start\":1,\"start included\":true}]" },
                { "{f: abs}", "{\"f\":null}" },
        };
        struct arena *arena = arena_open();
        struct feel_env env = { 0 };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                const struct feel_expression *e;
                struct value v;
                struct err err;
                struct buf buf = BUF(arena);
                assert_true(feel_compile(arena, str_of(rows[i].text), NULL, NULL, &e, &err));
                assert_true(feel_eval(arena, e, &env, &v, &err));
                value_write_json(&buf, &v);
                if (!str_is(buf_str(&buf), rows[i].json))
                        fail_msg("%s: %.*s", rows[i].text, STR_FMT(buf_str(&buf)));
        }
        arena_close(&arena);
}

static bool number_slot(void *user, size_t at, struct value *ret)
{
        *ret = value_int((int64_t)at + *(int *)user);
        return true;
}

/* A guard over numbers, texts and dates touches no memory. */
static void test_a_guard_allocates_nothing(void **state)
{
        (void)state;
        struct arena *arena = arena_open(), *scratch = arena_open();
        struct feel_member names[] = { { STR_LIT("a"), feel_type_of(FEEL_NUMBER) },
                { STR_LIT("b"), feel_type_of(FEEL_NUMBER) } };
        struct feel_schema schema = { .names = names, .n_names = 2 };
        int first = 7;
        struct feel_env env = { .user = &first, .slot = number_slot };
        const struct feel_expression *e;
        struct err err;
        bool holds;
        assert_true(feel_compile(arena,
                        STR_LIT("a + 1 = b and a between 1 and 10 and b in (< 3, [8..9]) and "
                                "(today() > @\"1960-01-01\" or a = null)"),
                        &schema, feel_type_of(FEEL_BOOLEAN), &e, &err));
        assert_true(feel_holds(scratch, e, &env, &holds, &err));
        assert_true(holds);
        assert_int_equal(arena_held(scratch), 0);
        arena_close(&scratch);
        arena_close(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_hostile_sizes),
                cmocka_unit_test(test_long_values),
                cmocka_unit_test(test_unary_tests),
                cmocka_unit_test(test_results_are_plain),
                cmocka_unit_test(test_a_guard_allocates_nothing),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
