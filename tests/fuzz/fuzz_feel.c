/* fuzz/fuzz_feel.c - expressions, unary tests, types and cells of decision tables.
 *
 * The input is a line as feel_probe() reads it: an expression, a tab, a JSON object.
 * The same text is also compiled against a schema, with its types checked, as a unary
 * test and as a cell of a table: whatever is accepted is also evaluated. */
#include <assert.h>

#include "fuzz.h"
#include "rules/decision.h"
#include "rules/probe.h"

static bool slot(void *user, size_t at, struct value *ret)
{
        const struct value *values = user;
        *ret = values[at];
        return true;
}

/* One name of every kind; what is typed must yield its type. */
static void check_typed(struct arena *arena, struct str text)
{
        struct value item = value_int(3);
        struct value values[] = { value_int(7), value_string(STR_LIT("厦门")), value_bool(true),
                value_date((struct date){ 18898 }), value_list(&item, 1) };
        struct feel_type list = { .kind = FEEL_LIST, .item = feel_type_of(FEEL_NUMBER) };
        struct feel_member names[] = {
                { STR_LIT("a"), feel_type_of(FEEL_NUMBER) },
                { STR_LIT("b.c"), feel_type_of(FEEL_STRING) },
                { STR_LIT("is d"), feel_type_of(FEEL_BOOLEAN) },
                { STR_LIT("日"), feel_type_of(FEEL_DATE) },
                { STR_LIT("l"), &list },
        };
        struct feel_schema schema = { .names = names, .n_names = N_ELEMENTS(names) };
        struct feel_env env = { .user = values, .slot = slot };
        const struct feel_expression *e;
        struct value v;
        struct err err;
        bool passes;
        if (!feel_compile(arena, text, &schema, NULL, &e, &err)) {
                assert(str_is_utf8(err_sentence(arena, &err)));
        } else if (feel_eval(arena, e, &env, &v, &err)) {
                struct buf buf = BUF(arena);
                value_write_json(&buf, &v);
                assert(str_is_utf8(buf_str(&buf)));
                enum feel_kind kind = feel_result_type(e)->kind;
                assert(v.kind != VALUE_NUMBER || kind == FEEL_NUMBER || kind == FEEL_ANY);
                assert(v.kind != VALUE_STRING || kind == FEEL_STRING || kind == FEEL_ANY);
                assert(v.kind != VALUE_BOOL || kind == FEEL_BOOLEAN || kind == FEEL_ANY);
        }
        if (feel_compile_unary_tests(arena, text, &schema, feel_type_of(FEEL_NUMBER), &e, &err) &&
                        !feel_test(arena, e, &env, &values[0], &passes, &err))
                assert(str_is_utf8(err_sentence(arena, &err)));
}

/* The text as the tests of a table with two rules. */
static void check_table(struct arena *arena, struct str text)
{
        struct str cells[] = { text, STR_LIT("1"), STR_LIT("> 5"), STR_LIT("n * 2") };
        struct decision_rule rules[] = { { .tests = cells, .results = cells + 1 },
                { .tests = cells + 2, .results = cells + 3 } };
        struct decision_input input = { .name = STR_LIT("n"), .type = feel_type_of(FEEL_NUMBER) };
        struct decision_output output = { .name = STR_LIT("r"), .type = feel_type_of(FEEL_NUMBER) };
        struct decision_table table = { .name = STR_LIT("t"),
                .hit = DECISION_UNIQUE,
                .inputs = &input,
                .n_inputs = 1,
                .outputs = &output,
                .n_outputs = 1,
                .rules = rules,
                .n_rules = 2 };
        const struct decision *decision;
        struct decision_report report;
        struct decision_result result;
        struct err err;
        if (!decision_compile(arena, &table, NULL, &decision, &err))
                return;
        decision_check(arena, decision, &report);
        for (int i = 0; i < 9; i++) {
                struct value n = value_int(i);
                bool ok = decision_apply(arena, decision, &n, NULL, &result, &err);
                if (report.is_checked && report.n_findings == 0)
                        assert(ok && result.n_rules == 1);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct str line = { (const char *)data, size }, rest = line;
        struct arena *arena = arena_open();
        const struct feel_type *type;
        struct err err;
        (void)feel_probe(arena, line);
        struct str text = str_split(&rest, '\t');
        if (text.n != 0 && str_is_utf8(text)) {
                check_typed(arena, text);
                check_table(arena, text);
                if (feel_type_parse(arena, text, &type, &err))
                        assert(feel_type_parse(arena, feel_type_format(arena, type), &type, &err) ||
                                        type->kind == FEEL_FUNCTION);
        }
        arena_close(&arena);
        return 0;
}
