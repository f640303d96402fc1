#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "rules/decision.h"

/* Two inputs and one output, as text; a row is "tests | tests -> result". */
struct sheet {
        const char *hit;
        const char *types[3]; /* of the inputs and the output */
        const char *allowed[3];
        const char *otherwise;
        const char *rules[6][3];
};

/* 行政处罚裁量基准 in miniature: the amount at stake and how grave it was. */
#define PENALTY_RULES                                                                              \
        {                                                                                          \
                { "< 1000", "-", "\"轻\"" }, { "[1000..5000)", "\"一般\"", "\"轻\"" },             \
                                { "[1000..5000)", "\"严重\"", "\"中\"" },                          \
                                { ">= 5000", "not(\"严重\")", "\"中\"" },                          \
                                { ">= 5000", "\"严重\"", "\"重\"" },                               \
        }

static const struct sheet penalty = {
        .hit = "U",
        .types = { "number", "string", "string" },
        .allowed = { "", "\"一般\", \"严重\"", "" },
        .rules = PENALTY_RULES,
};

static bool compile(struct arena *arena, const struct sheet *sheet, const struct decision **ret,
                struct err *err)
{
        struct decision_table *table = arena_new(arena, struct decision_table);
        struct decision_input *inputs = arena_new_array(arena, 2, struct decision_input);
        struct decision_output *output = arena_new(arena, struct decision_output);
        struct decision_rule *rules = arena_new_array(arena, 6, struct decision_rule);
        static const char *const names[] = { "金额", "情节" };
        for (size_t i = 0; i < 2; i++) {
                inputs[i].name = str_of(names[i]);
                inputs[i].allowed = str_of(sheet->allowed[i] != NULL ? sheet->allowed[i] : "");
                assert_true(feel_type_parse(arena, str_of(sheet->types[i]), &inputs[i].type, err));
        }
        output->allowed = str_of(sheet->allowed[2] != NULL ? sheet->allowed[2] : "");
        output->otherwise = str_of(sheet->otherwise != NULL ? sheet->otherwise : "");
        assert_true(feel_type_parse(arena, str_of(sheet->types[2]), &output->type, err));
        size_t n = 0;
        for (; n < 6 && sheet->rules[n][0] != NULL; n++) {
                struct str *cells = arena_new_array(arena, 3, struct str);
                for (size_t i = 0; i < 3; i++)
                        cells[i] = str_of(sheet->rules[n][i]);
                rules[n] = (struct decision_rule){ .tests = cells, .results = cells + 2 };
        }
        *table = (struct decision_table){ .name = STR_LIT("裁量"),
                .inputs = inputs,
                .n_inputs = 2,
                .outputs = output,
                .n_outputs = 1,
                .rules = rules,
                .n_rules = n };
        return decision_hit_parse(str_of(sheet->hit), &table->hit, err) &&
               decision_compile(arena, table, NULL, ret, err);
}

static struct value value_of(struct arena *arena, const char *text)
{
        const struct feel_expression *e;
        struct feel_env env = { 0 };
        struct value v;
        struct err err;
        assert_true(feel_compile(arena, str_of(text), NULL, NULL, &e, &err));
        assert_true(feel_eval(arena, e, &env, &v, &err));
        return v;
}

static void test_the_penalty_table(void **state)
{
        (void)state;
        static const struct {
                const char *amount, *gravity, *result; /* NULL = refused */
                size_t rule;
        } rows[] = {
                { "999.99", "\"严重\"", "轻", 0 }, { "1000", "\"一般\"", "轻", 1 },
                { "4999.99", "\"严重\"", "中", 2 }, { "5000", "\"一般\"", "中", 3 },
                { "5000", "\"严重\"", "重", 4 },
                { "5000", "\"特别严重\"", NULL, 0 }, /* not an allowed input */
        };
        struct arena *arena = arena_open();
        const struct decision *d;
        struct err err = { 0 };
        if (!compile(arena, &penalty, &d, &err))
                fail_msg("%s %s", err.field, err.detail);
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct value inputs[2] = { value_of(arena, rows[i].amount),
                        value_of(arena, rows[i].gravity) };
                struct decision_result result;
                bool ok = decision_apply(arena, d, inputs, NULL, &result, &err);
                if (ok != (rows[i].result != NULL))
                        fail_msg("row %zu: %s", i, err.detail);
                if (!ok) {
                        assert_int_equal(err.code, E_DECISION);
                        continue;
                }
                if (!str_is(result.value.string, rows[i].result))
                        fail_msg("row %zu", i);
                assert_int_equal(result.n_rules, 1);
                assert_int_equal(result.rules[0], rows[i].rule);
        }
        arena_close(&arena);
}

static void test_hit_policies(void **state)
{
        (void)state;
        static const struct {
                const char *why, *hit, *result; /* as string() writes it; NULL = refused */
                const char *rules[6][3];
                const char *allowed, *otherwise, *type;
        } rows[] = {
                { "unique: two rules", "U", NULL, { { "> 1", "-", "1" }, { "> 2", "-", "1" } } },
                { "any: two that agree", "A", "1", { { "> 1", "-", "1" }, { "> 2", "-", "1.0" } } },
                { "any: two that do not", "A", NULL, { { "> 1", "-", "1" }, { "> 2", "-", "2" } } },
                { "first", "F", "1", { { "> 1", "-", "1" }, { "> 2", "-", "2" } } },
                { "priority", "P", "2", { { "> 1", "-", "1" }, { "> 2", "-", "2" } }, "3, 2, 1" },
                { "output order", "O", "[2, 1]", { { "> 1", "-", "1" }, { "> 2", "-", "2" } },
                                "3, 2, 1" },
                { "rule order", "R", "[1, 2]", { { "> 1", "-", "1" }, { "> 2", "-", "2" } } },
                { "collect", "C", "[1, 2]", { { "> 1", "-", "1" }, { "> 2", "-", "2" } } },
                { "collect none", "C", "[]", { { "> 5", "-", "1" } } },
                { "sum", "C+", "3.5", { { "> 1", "-", "1" }, { "> 2", "-", "2.5" } } },
                { "least", "C<", "1", { { "> 1", "-", "2" }, { "> 2", "-", "1" } } },
                { "greatest", "C>", "2", { { "> 1", "-", "2" }, { "> 2", "-", "1" } } },
                { "count", "C#", "2", { { "> 1", "-", "2" }, { "> 2", "-", "2" } } },
                { "count none", "C#", "0", { { "> 5", "-", "2" } } },
                { "nothing hits", "U", "null", { { "> 5", "-", "2" } } },
                { "the default", "U", "7", { { "> 5", "-", "2" } }, "", "7" },
                { "a result may be computed", "U", "300", { { "> 1", "-", "金额 * 100" } } },
                { "a test may name its input", "U", "1", { { "? * 2 = 6", "-", "1" } } },
                { "a test may name another input", "U", "1",
                                { { "-", "if 金额 > 2 then ? = \"一般\" else false", "1" } } },
                { "a test on a list", "U", "1", { { "-", "\"严重\", \"一般\"", "1" } } },
                { "priority without order is refused", "P", NULL, { { "-", "-", "1" } } },
        };
        struct arena *arena = arena_open();
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct sheet sheet = { .hit = rows[i].hit,
                        .types = { "number", "string", "number" },
                        .allowed = { "", "", rows[i].allowed },
                        .otherwise = rows[i].otherwise };
                memcpy(sheet.rules, rows[i].rules, sizeof(sheet.rules));
                struct value inputs[2] = { value_int(3), value_string(STR_LIT("一般")) };
                const struct decision *d;
                struct decision_result result;
                struct err err = { 0 };
                bool ok = compile(arena, &sheet, &d, &err) &&
                          decision_apply(arena, d, inputs, NULL, &result, &err);
                if (ok != (rows[i].result != NULL))
                        fail_msg("%s: %s %s", rows[i].why, err.field, err.detail);
                if (!ok && strcmp(rows[i].hit, "P") != 0)
                        assert_int_equal(err.code, E_DECISION_HIT);
                if (!ok)
                        continue;
                struct str text = feel_string(arena, &result.value);
                if (!str_is(text, rows[i].result))
                        fail_msg("%s: %.*s", rows[i].why, STR_FMT(text));
        }
        arena_close(&arena);
}

static void test_what_is_refused_at_load(void **state)
{
        (void)state;
        static const struct {
                const char *why, *hit;
                const char *rules[6][3];
                enum err_code code;
                const char *field;
        } rows[] = {
                { "no such policy", "X", { { "-", "-", "1" } }, E_DECISION, "" },
                { "no rules", "U", { { 0 } }, E_DECISION, "裁量" },
                { "a number tested as text", "U", { { "-", "-", "1" }, { "\"多\"", "-", "1" } },
                                E_FEEL_TYPE, "裁量 第2行 输入1" },
                { "text where a number is due", "U", { { "-", "-", "\"轻\"" } }, E_FEEL_TYPE,
                                "裁量 第1行 输出1" },
                { "bad syntax", "U", { { "[1..", "-", "1" } }, E_FEEL_SYNTAX, "裁量 第1行 输入1" },
                { "an unknown name", "U", { { "> 最低额", "-", "1" } }, E_FEEL_NAME,
                                "裁量 第1行 输入1" },
        };
        struct arena *arena = arena_open();
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct sheet sheet = { .hit = rows[i].hit,
                        .types = { "number", "string", "number" } };
                memcpy(sheet.rules, rows[i].rules, sizeof(sheet.rules));
                const struct decision *d;
                struct err err = { 0 };
                if (compile(arena, &sheet, &d, &err))
                        fail_msg("%s: accepted", rows[i].why);
                if (err.code != rows[i].code || strcmp(err.field, rows[i].field) != 0)
                        fail_msg("%s: %s: %s", rows[i].why, err.field, err.detail);
        }
        arena_close(&arena);
}

static void test_gaps_and_overlaps(void **state)
{
        (void)state;
        static const struct {
                const char *why, *hit;
                const char *rules[6][3];
                const char *otherwise;
                const char *findings[3]; /* "place" for a gap, "place @a,b" for an overlap */
        } rows[] = {
                { "the penalty table is whole", "U", PENALTY_RULES, NULL, { 0 } },
                { "a bound that nobody took", "U",
                                { { "< 1000", "-", "1" }, { "> 1000", "-", "1" } }, NULL,
                                { "金额 = 1000，情节 “一般”", "金额 = 1000，情节 “严重”" } },
                { "a default takes what is left", "U", { { "< 1000", "-", "1" } }, "2", { 0 } },
                { "a bound that two took", "U", { { "<= 9", "-", "1" }, { ">= 9", "-", "1" } },
                                NULL, { "金额 = 9，情节 “一般” @0,1" } },
                { "the first may overlap", "F", { { "<= 9", "-", "1" }, { "-", "-", "1" } }, NULL,
                                { 0 } },
                { "any may overlap where it agrees", "A",
                                { { "<= 9", "-", "1" }, { "-", "-", "1.0" } }, NULL, { 0 } },
                { "and not where it does not", "A", { { "< 9", "-", "1" }, { "-", "-", "2" } },
                                NULL, { "金额 < 9，情节 “一般” @0,1" } },
                { "not() is the rest", "U",
                                { { "-", "\"一般\"", "1" }, { "-", "not(\"一般\")", "2" } }, NULL,
                                { 0 } },
                { "a stretch between", "U", { { "<= 1, >= 5", "-", "1" } }, NULL,
                                { "金额 (1..5)，情节 “一般”", "金额 (1..5)，情节 “严重”" } },
        };
        struct arena *arena = arena_open();
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct sheet sheet = { .hit = rows[i].hit,
                        .types = { "number", "string", "Any" },
                        .allowed = { "", "\"一般\", \"严重\"", "" },
                        .otherwise = rows[i].otherwise };
                memcpy(sheet.rules, rows[i].rules, sizeof(sheet.rules));
                const struct decision *d;
                struct decision_report report;
                struct err err = { 0 };
                if (!compile(arena, &sheet, &d, &err))
                        fail_msg("%s: %s: %s", rows[i].why, err.field, err.detail);
                decision_check(arena, d, &report);
                assert_true(report.is_checked);
                size_t n = 0;
                for (; n < 3 && rows[i].findings[n] != NULL; n++) {
                        struct decision_finding *f = &report.findings[n];
                        struct str text =
                                        f->rules[0] == SIZE_MAX
                                                        ? f->place
                                                        : str_format(arena, "%.*s @%zu,%zu",
                                                                          STR_FMT(f->place),
                                                                          f->rules[0], f->rules[1]);
                        if (n >= report.n_findings || !str_is(text, rows[i].findings[n]))
                                fail_msg("%s: %.*s", rows[i].why, STR_FMT(text));
                }
                if (report.n_findings != n)
                        fail_msg("%s: %zu findings", rows[i].why, report.n_findings);
        }
        arena_close(&arena);
}

static void test_what_cannot_be_checked_is_not(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        struct sheet sheet = { .hit = "U",
                .types = { "number", "string", "number" },
                .rules = { { "? * 2 > 7", "-", "1" } } };
        const struct decision *d;
        struct decision_report report;
        struct err err;
        assert_true(compile(arena, &sheet, &d, &err));
        decision_check(arena, d, &report);
        assert_false(report.is_checked);
        assert_int_equal(report.n_findings, 0);
        arena_close(&arena);
}

/* Two outputs, inputs from a schema, a host function in a cell. */
static bool doubled(const struct feel_host *self, void *user, struct arena *arena,
                const struct value *args, size_t n_args, struct value *ret, struct err *err)
{
        (void)self, (void)arena, (void)n_args, (void)err;
        assert_string_equal(user, "host");
        if (!value_is_null(args[0]) && !decimal_add(args[0].number, args[0].number, &ret->number))
                return true;
        ret->kind = VALUE_NUMBER;
        return true;
}

static bool slot(void *user, size_t at, struct value *ret)
{
        assert_string_equal(user, "env");
        *ret = value_int(at == 0 ? 40 : 2);
        return true;
}

static void test_inputs_from_a_schema(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        const struct feel_type *number = feel_type_of(FEEL_NUMBER);
        struct feel_member names[] = { { STR_LIT("income"), number },
                { STR_LIT("heads"), number } };
        struct feel_host hosts[] = {
                { .name = "doubled", .params = "number", .result = "number", .call = doubled }
        };
        struct feel_schema schema = { .names = names, .n_names = 2, .hosts = hosts, .n_hosts = 1 };
        struct decision_input inputs[] = { { .name = STR_LIT("per_head"),
                                                           .type = number,
                                                           .expression = STR_LIT(
                                                                           "income / heads") },
                { .name = STR_LIT("heads"), .type = number } };
        struct decision_output outputs[] = { { .name = STR_LIT("pays"), .type = number },
                { .name = STR_LIT("free"), .type = feel_type_of(FEEL_BOOLEAN) } };
        struct str cells[] = { STR_LIT("<= doubled(income)"), STR_LIT(">= 2"),
                STR_LIT("per_head + doubled(income)"), STR_LIT("heads > 1") };
        struct decision_rule rule = { .tests = cells, .results = cells + 2 };
        struct decision_table table = { .name = STR_LIT("经济困难"),
                .inputs = inputs,
                .n_inputs = 2,
                .outputs = outputs,
                .n_outputs = 2,
                .rules = &rule,
                .n_rules = 1 };
        struct feel_env env = { .user = "env", .slot = slot, .host_user = "host" };
        const struct decision *d;
        struct decision_result result;
        struct err err = { 0 };
        if (!decision_compile(arena, &table, &schema, &d, &err))
                fail_msg("%s: %s", err.field, err.detail);
        assert_true(str_is(feel_type_format(arena, decision_type(d)),
                        "context<pays: number, free: boolean>"));
        assert_true(decision_eval(arena, d, &env, &result, &err));
        assert_true(str_is(feel_string(arena, &result.value), "{free: true, pays: 100}"));
        arena_close(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_penalty_table),
                cmocka_unit_test(test_hit_policies),
                cmocka_unit_test(test_what_is_refused_at_load),
                cmocka_unit_test(test_gaps_and_overlaps),
                cmocka_unit_test(test_what_cannot_be_checked_is_not),
                cmocka_unit_test(test_inputs_from_a_schema),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
