#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/limits.h"
#include "rules/feel.h"
#include "rules/feel_clause.h"

/* What a definition might declare. */
static const struct {
        const char *name, *type;
} declared[] = {
        { "age", "number" },
        { "name", "string" },
        { "申请人", "string" },
        { "urgent", "boolean" },
        { "received_on", "date" },
        { "sent_at", "date and time" },
        { "item.promised_days", "number" },
        { "search_log", "list<context<place: string, hits: number>>" },
        { "reply", "context<outcome: string, pages: number>" },
        { "anything", "Any" },
        { "deposit paid", "number" },
};

static bool days_between(const struct feel_host *self, void *user, struct arena *arena,
                const struct value *args, size_t n_args, struct value *ret, struct err *err)
{
        (void)self, (void)user, (void)arena, (void)n_args;
        if (value_is_null(args[0]) || value_is_null(args[1]))
                return true;
        if (args[0].date.day > args[1].date.day)
                return err_set(err, E_DATE, "the first day lies behind the second");
        *ret = value_int(args[1].date.day - args[0].date.day);
        return true;
}

static const struct feel_host hosts[] = {
        { "days_between", "date, date", "number", days_between },
        { "either", "list<number>, string?", "Any", days_between },
};

static struct feel_schema schema_new(struct arena *arena)
{
        struct feel_member *names =
                        arena_new_array(arena, N_ELEMENTS(declared), struct feel_member);
        for (size_t i = 0; i < N_ELEMENTS(declared); i++) {
                struct err err;
                names[i].name = str_of(declared[i].name);
                assert_true(feel_type_parse(arena, str_of(declared[i].type), &names[i].type, &err));
        }
        return (struct feel_schema){ .names = names,
                .n_names = N_ELEMENTS(declared),
                .hosts = hosts,
                .n_hosts = N_ELEMENTS(hosts) };
}

static void test_what_is_refused_at_load(void **state)
{
        (void)state;
        static const struct {
                const char *why, *text, *type; /* type: of the result; NULL = refused */
                enum err_code code;
        } rows[] = {
                { "numbers compare", "age >= 18", "boolean", E_NONE },
                { "a string is no number", "name > 18", NULL, E_FEEL_TYPE },
                { "equality as well", "name = 18", NULL, E_FEEL_TYPE },
                { "a Chinese name", "申请人 = \"张三\"", "boolean", E_NONE },
                { "a name with a dot", "item.promised_days + 1", "number", E_NONE },
                { "a name with a space", "deposit  paid * 2", "number", E_NONE },
                { "null compares with everything", "name = null", "boolean", E_NONE },
                { "no such name", "agee > 1", NULL, E_FEEL_NAME },
                { "no such member", "reply.outcomes = \"O4-1\"", NULL, E_FEEL_NAME },
                { "a member", "reply.outcome != \"O4-1\" or count(search_log) > 0", "boolean",
                                E_NONE },
                { "a member's type is known", "reply.pages = \"3\"", NULL, E_FEEL_TYPE },
                { "members of an item are names in a filter", "count(search_log[hits > 0]) > 0",
                                "boolean", E_NONE },
                { "and have types there", "search_log[hits > \"0\"]", NULL, E_FEEL_TYPE },
                { "a filter wants a condition", "search_log[place]", NULL, E_FEEL_TYPE },
                { "a projection", "search_log.hits", "list<number>", E_NONE },
                { "and wants a truth value", "age and urgent", NULL, E_FEEL_TYPE },
                { "if wants a truth value", "if age then 1 else 2", NULL, E_FEEL_TYPE },
                { "satisfies wants a truth value", "some x in search_log satisfies x.hits", NULL,
                                E_FEEL_TYPE },
                { "a date is no date and time", "received_on < sent_at", NULL, E_FEEL_TYPE },
                { "a date and a duration", "received_on + @\"P20D\"", "date", E_NONE },
                { "two dates cannot be added", "received_on + received_on", NULL, E_FEEL_TYPE },
                { "two dates have a distance", "received_on - received_on",
                                "days and time duration", E_NONE },
                { "a part of a date", "received_on.year", "number", E_NONE },
                { "a date has no hours", "received_on.hour", NULL, E_FEEL_NAME },
                { "text is not negated", "-name", NULL, E_FEEL_TYPE },
                { "between needs one kind", "age between 1 and \"9\"", NULL, E_FEEL_TYPE },
                { "in needs one kind", "age in (1, \"9\")", NULL, E_FEEL_TYPE },
                { "a range needs one kind", "age in [1..\"9\"]", NULL, E_FEEL_TYPE },
                { "in a list", "name in [\"甲\", \"乙\"]", "boolean", E_NONE },
                { "anything goes with anything", "anything > 3 and anything = \"x\"", "boolean",
                                E_NONE },
                { "a host function", "days_between(received_on, today()) > 20", "boolean", E_NONE },
                { "a host function's argument", "days_between(received_on, age)", NULL,
                                E_FEEL_TYPE },
                { "a host function's count", "days_between(received_on)", NULL, E_FEEL_TYPE },
                { "a host argument may be left out", "either([1])", "Any", E_NONE },
                { "host arguments go by place", "days_between(a: received_on, b: today())", NULL,
                                E_FEEL_TYPE },
                { "a builtin's argument", "contains(age, \"a\")", NULL, E_FEEL_TYPE },
                { "a builtin's count", "contains(name)", NULL, E_FEEL_TYPE },
                { "a builtin's parameter names", "contains(string: name, match: \"a\")", "boolean",
                                E_NONE },
                { "a wrong parameter name", "contains(text: name, match: \"a\")", NULL,
                                E_FEEL_TYPE },
                { "a number is no function", "(age)(1)", NULL, E_FEEL_TYPE },
                { "no such date", "received_on > @\"2021-02-30\"", NULL, E_FEEL_SYNTAX },
                { "not a truth value for a guard", "age + 1", "number", E_NONE },
                { "full-width signs are named", "age ＞ 18", NULL, E_FEEL_SYNTAX },
                { "nothing at all", "", NULL, E_FEEL_SYNTAX },
                { "something behind", "age > 1 )", NULL, E_FEEL_SYNTAX },
                { "an open string", "name = \"x", NULL, E_FEEL_SYNTAX },
                { "a name twice", "{a: 1, a: 2}", NULL, E_FEEL_SYNTAX },
                { "no code from outside", "function(a) external {java: {}}", NULL, E_FEEL_SYNTAX },
                { "half a surrogate pair", "\"\\uD83D\"", NULL, E_FEEL_SYNTAX },
                { "a number too large", "1e7000", NULL, E_FEEL_SYNTAX },
        };
        struct arena *arena = arena_open();
        struct feel_schema schema = schema_new(arena);
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                const struct feel_expression *e;
                struct err err = { 0 };
                bool ok = feel_compile(arena, str_of(rows[i].text), &schema, NULL, &e, &err);
                if (ok != (rows[i].type != NULL))
                        fail_msg("%s: %s: %s", rows[i].why, rows[i].text, err.detail);
                if (!ok && err.code != rows[i].code)
                        fail_msg("%s: %s: %s", rows[i].why, rows[i].text, err.detail);
                if (ok && !str_is(feel_type_format(arena, feel_result_type(e)), rows[i].type))
                        fail_msg("%s: %s: %s", rows[i].why, rows[i].text,
                                        feel_type_format(arena, feel_result_type(e)).p);
        }
        arena_close(&arena);
}

static void test_the_expected_type(void **state)
{
        (void)state;
        static const struct {
                const char *text;
                enum feel_kind expected;
                bool ok;
        } rows[] = {
                { "age > 1", FEEL_BOOLEAN, true },
                { "age", FEEL_BOOLEAN, false },
                { "anything", FEEL_BOOLEAN, true },
                { "null", FEEL_NUMBER, true },
                { "search_log", FEEL_LIST, true },
                { "if urgent then 1 else null", FEEL_NUMBER, true },
        };
        struct arena *arena = arena_open();
        struct feel_schema schema = schema_new(arena);
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                const struct feel_expression *e;
                struct err err = { 0 };
                bool ok = feel_compile(arena, str_of(rows[i].text), &schema,
                                feel_type_of(rows[i].expected), &e, &err);
                if (ok != rows[i].ok)
                        fail_msg("%s", rows[i].text);
                if (!ok)
                        assert_int_equal(err.code, E_FEEL_TYPE);
        }
        arena_close(&arena);
}

static void test_the_place_is_named(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        struct feel_schema schema = schema_new(arena);
        const struct feel_expression *e;
        struct err err;
        assert_false(feel_compile(arena, STR_LIT("age > 1 and nobody"), &schema, NULL, &e, &err));
        assert_string_equal(err.detail, "第 13 字节：没有声明“nobody”");
        assert_false(feel_compile(arena, STR_LIT("name > 1"), &schema, NULL, &e, &err));
        assert_string_equal(err.detail, "第 6 字节：文字（string）与数值（number）不能比较");
        /* Text that is quoted is never cut within a character. */
        assert_false(feel_compile(arena,
                        STR_LIT("@\"ab厦门市司法局关于法治政府建设情况的报告厦门市司法局\""),
                        &schema, NULL, &e, &err));
        assert_true(str_is_utf8(err_sentence(arena, &err)));
        assert_false(feel_compile(arena,
                        STR_LIT("ab厦门市司法局关于法治政府建设情况的报告厦门市司法局 a b"),
                        &schema, NULL, &e, &err));
        assert_true(str_is_utf8(err_sentence(arena, &err)));
        arena_close(&arena);
}

static bool slot(void *user, size_t at, struct value *ret)
{
        (void)user;
        if (at == 0)
                *ret = value_int(17);
        else if (at == 2)
                *ret = value_string(STR_LIT("张三"));
        else if (at == 4)
                *ret = value_date((struct date){ 18900 });
        else
                return false;
        return true;
}

/* Can the clause not be true while the member is null? */
static bool demands(const struct feel_clause *clause, const char *member)
{
        bool told = clause->n_terms != 0;
        for (size_t i = 0; i < clause->n_terms; i++) {
                const struct feel_term *t = &clause->terms[i];
                told &= (t->kind == FEEL_GIVEN || t->kind == FEEL_AMONG) && str_is(t->name, member);
        }
        return told;
}

static bool demands_of_items(
                struct arena *arena, const struct feel_expression *e, const char *member)
{
        const struct feel_clause *clauses;
        size_t n = feel_item_clauses(arena, e, STR_LIT("search_log"), &clauses);
        for (size_t i = 0; i < n; i++)
                if (demands(&clauses[i], member))
                        return true;
        return false;
}

/* What has to be in every item of search_log, or the condition cannot hold. */
static void test_what_is_demanded_of_items(void **state)
{
        (void)state;
        static const struct {
                const char *condition;
                bool place, hits;
        } rows[] = {
                { "every s in search_log satisfies s.place != null", true, false },
                { "every s in search_log satisfies null != s.place and s.hits > 0", true, true },
                { "every s in search_log satisfies s.hits <= 3 or s.hits = 9", false, true },
                { "every s in search_log satisfies s.place in (\"a\", \"b\")", true, false },
                { "every s in search_log satisfies s.place = (if s.hits > 1 then \"a\" else \"b\")",
                                true, false },
                { "search_log = null or (every s in search_log satisfies s.place != null)", true,
                                false },
                { "if search_log = null then true else (every s in search_log satisfies s.hits > 0)",
                                false, true },
                { "every s in (if search_log = null then [] else search_log) satisfies s.hits > 0",
                                false, true },
                { "count(search_log) > 0 and (every s in search_log satisfies s.hits > 0)", false,
                                true },
                /* of some only, under a condition, or of something else */
                { "every s in search_log satisfies s.place = null or s.hits > 0", false, false },
                { "every s in search_log satisfies s.place != null or s.hits > 0", false, false },
                { "every s in search_log satisfies s.place = name", false, false },
                { "every s in search_log satisfies s.place = null", false, false },
                { "some s in search_log satisfies s.place != null", false, false },
                { "urgent or (every s in search_log satisfies s.place != null)", false, false },
                { "search_log = null", false, false },
                { "every s in search_log[hits > 1] satisfies s.place != null", false, false },
                { "every s in [reply] satisfies s.outcome != null", false, false },
                { "not(every s in search_log satisfies s.place != null)", false, false },
                { "name != null and age > 3", false, false },
        };
        struct arena *arena = arena_open();
        struct feel_schema schema = schema_new(arena);
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                const struct feel_expression *e;
                struct err err;
                if (!feel_compile(arena, str_of(rows[i].condition), &schema, NULL, &e, &err))
                        fail_msg("%s: %s", rows[i].condition, err.detail);
                bool place = demands_of_items(arena, e, "place");
                bool hits = demands_of_items(arena, e, "hits");
                if (place != rows[i].place || hits != rows[i].hits)
                        fail_msg("%s: place %d, hits %d", rows[i].condition, place, hits);
        }
        arena_close(&arena);
}

static void test_slots_are_read(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        struct feel_schema schema = schema_new(arena);
        struct feel_env env = { .slot = slot, .now = { 1632790800 } };
        const struct feel_expression *e;
        struct err err;
        struct value v;
        bool holds;
        size_t n;
        assert_true(feel_compile(arena, STR_LIT("age < 18 and 申请人 = \"张三\" and name = null"),
                        &schema, NULL, &e, &err));
        assert_true(feel_holds(arena, e, &env, &holds, &err));
        assert_true(holds);
        const size_t *slots = feel_slots_read(e, &n);
        assert_int_equal(n, 3);
        assert_int_equal(slots[0], 0);
        assert_int_equal(slots[1], 1);
        assert_int_equal(slots[2], 2);
        assert_true(feel_compile(arena, STR_LIT("days_between(today(), received_on)"), &schema,
                        NULL, &e, &err));
        assert_true(feel_eval(arena, e, &env, &v, &err));
        assert_int_equal(v.kind, VALUE_NUMBER);
        assert_int_equal(decimal_cmp(v.number, decimal_of(2)), 0);
        arena_close(&arena);
}

static void test_a_host_may_fail(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        struct feel_schema schema = schema_new(arena);
        struct feel_env env = { .slot = slot, .now = { 1632790800 } };
        const struct feel_expression *e;
        struct err err;
        struct value v = value_int(7);
        assert_true(feel_compile(arena, STR_LIT("days_between(today(), received_on - @\"P5D\")"),
                        &schema, NULL, &e, &err));
        assert_false(feel_eval(arena, e, &env, &v, &err));
        assert_int_equal(err.code, E_DATE);
        assert_int_equal(decimal_cmp(v.number, decimal_of(7)), 0); /* untouched */
        arena_close(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_is_refused_at_load),
                cmocka_unit_test(test_the_expected_type),
                cmocka_unit_test(test_the_place_is_named),
                cmocka_unit_test(test_slots_are_read),
                cmocka_unit_test(test_what_is_demanded_of_items),
                cmocka_unit_test(test_a_host_may_fail),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
