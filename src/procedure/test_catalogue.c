#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "procedure/describe.h"

/* The sample definitions of tests/data/definitions, loaded once for all tests. */
static struct arena *arena;
static struct catalogue catalogue;

static struct str read_sample(const char *name)
{
        const char *root = getenv("PLUMBLINE_SOURCE");
        struct str path = str_format(
                        arena, "%s/tests/data/definitions/%s", root != NULL ? root : ".", name);
        FILE *file = fopen(str_c(arena, path), "rb");
        if (file == NULL)
                fail_msg("%.*s", STR_FMT(path));
        char *text = arena_alloc(arena, 65536);
        size_t n = fread(text, 1, 65536, file);
        (void)fclose(file);
        return (struct str){ text, n };
}

static int load(void **state)
{
        static const char *const names[] = {
                "procedures/foi_request.yaml",
                "registers/power_items.yaml",
                "registers/requests.yaml",
                "indicators/foi.yaml",
                "reports/annual.yaml",
        };
        struct definition_source sources[N_ELEMENTS(names)];
        struct str problems;
        struct err err;
        (void)state;
        arena = arena_open();
        for (size_t i = 0; i < N_ELEMENTS(names); i++)
                sources[i] = (struct definition_source){ str_of(names[i]), read_sample(names[i]) };
        if (!catalogue_load(arena, sources, N_ELEMENTS(sources), &catalogue, &problems, &err))
                fail_msg("%.*s", STR_FMT(problems));
        if (problems.n != 0) /* not even a remark */
                fail_msg("%.*s", STR_FMT(problems));
        return 0;
}

static int unload(void **state)
{
        (void)state;
        arena_close(&arena);
        return 0;
}

static const struct version *version(const char *name)
{
        const struct procedure *p = catalogue_procedure(&catalogue, STR_LIT("foi_request"));
        assert_non_null(p);
        const struct version *v = procedure_version(p, str_of(name));
        assert_non_null(v);
        return v;
}

static void test_finding(void **state)
{
        (void)state;
        assert_null(catalogue_procedure(&catalogue, STR_LIT("nothing")));
        assert_null(catalogue_register(&catalogue, STR_LIT("nothing")));
        assert_null(catalogue_indicator(&catalogue, STR_LIT("FOI-99")));
        assert_null(catalogue_report(&catalogue, STR_LIT("nothing")));
        assert_non_null(catalogue_report(&catalogue, STR_LIT("annual")));
        const struct indicator *foi = catalogue_indicator(&catalogue, STR_LIT("FOI-03"));
        assert_int_equal(foi->kind, INDICATOR_RATIO);
        assert_true(str_is(foi->operand[0], "FOI-02"));
        const struct version *v = version("FOI-2019");
        assert_int_equal(version_act(v, STR_LIT("submit")), 0);
        assert_int_equal(version_act(v, STR_LIT("nothing")), -1);
        assert_int_equal(version_state(v, STR_LIT("received")), 1);
        assert_int_equal(version_clock(v, STR_LIT("correction")), 1);
        assert_int_equal(version_document(v, STR_LIT("answer")), 1);
        assert_int_equal(version_publication(v, STR_LIT("answer")), 0);
        assert_int_equal(version_field(v, STR_LIT("copies")), 9);
}

/* A matter runs under the version in force on the day it begins. */
static void test_version_on(void **state)
{
        static const struct {
                const char *why, *day, *version;
        } rows[] = {
                { "before the first there is none", "2019-05-14", NULL },
                { "from its day on", "2019-05-15", "FOI-2019" },
                { "until the next", "2023-12-31", "FOI-2019" },
                { "the next from its day on", "2024-01-01", "FOI-2024" },
                { "for good", "2050-01-01", "FOI-2024" },
        };
        (void)state;
        const struct procedure *p = catalogue_procedure(&catalogue, STR_LIT("foi_request"));
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct date day;
                struct err err;
                print_message("# %s\n", rows[i].why);
                assert_true(date_parse(str_of(rows[i].day), &day, &err));
                const struct version *v = procedure_version_on(p, day);
                if (rows[i].version == NULL)
                        assert_null(v);
                else
                        assert_true(str_is(v->name, rows[i].version));
        }
}

/* What FOI-2024 says anew and what it takes from FOI-2019. */
static void test_inheritance(void **state)
{
        (void)state;
        const struct version *old = version("FOI-2019"), *new = version("FOI-2024");
        assert_int_equal(old->clocks[0].extend_by, 20);
        assert_int_equal(new->clocks[0].extend_by, 10);
        assert_true(new->clocks[0].extend_once);
        assert_int_equal(new->clocks[0].rule.length, 20);
        assert_true(str_is(new->documents[1].number, "{prefix}公开答〔{year}〕{n}号"));
        assert_int_equal(new->n_acts, old->n_acts);
        assert_int_equal(new->n_fields, old->n_fields);
}

static void test_fields(void **state)
{
        static const struct {
                const char *name;
                enum field_type type;
                enum field_class class;
        } rows[] = {
                { "info_name", FIELD_TEXT, CLASS_PUBLIC },
                { "description", FIELD_LONG_TEXT, CLASS_INTERNAL }, /* the default */
                { "id_no", FIELD_IDENTIFIER, CLASS_PERSONAL },
                { "item_code", FIELD_REF, CLASS_PUBLIC },
                { "received_on", FIELD_DATE, CLASS_PUBLIC },
                { "outcome", FIELD_ENUM, CLASS_PUBLISHED },
                { "search_log", FIELD_LIST, CLASS_INTERNAL },
                { "copies", FIELD_INTEGER, CLASS_INTERNAL },
        };
        (void)state;
        const struct version *v = version("FOI-2019");
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                const struct field *field = &v->fields[version_field(v, str_of(rows[i].name))];
                assert_int_equal(field->type, rows[i].type);
                assert_int_equal(field->class, rows[i].class);
        }
        const struct field *copies = &v->fields[version_field(v, STR_LIT("copies"))];
        assert_true(copies->has_min && copies->has_max);
        assert_int_equal(copies->n_checks, 1);
        assert_true(str_is(copies->checks[0].basis, "政府信息公开条例 第四十二条"));
        const struct field *name = &v->fields[version_field(v, STR_LIT("info_name"))];
        assert_int_equal(name->max_length, 200);
        const struct field *text = &v->fields[version_field(v, STR_LIT("description"))];
        assert_int_equal(text->max_length, 20000);
        const struct field *log = &v->fields[version_field(v, STR_LIT("search_log"))];
        assert_int_equal(log->n_items, 2);
}

static void test_acts(void **state)
{
        (void)state;
        const struct version *v = version("FOI-2019");
        const struct act *ask = &v->acts[version_act(v, STR_LIT("ask_correction"))];
        assert_true(ask->once);
        assert_int_equal(ask->n_clock_steps, 2);
        assert_int_equal(ask->clock_steps[0].verb, CLOCK_VOID); /* voids before it starts */
        assert_int_equal(ask->clock_steps[1].verb, CLOCK_START);
        assert_true(str_is(ask->notifies[0], "applicant"));
        const struct act *receive = &v->acts[version_act(v, STR_LIT("confirm_receipt"))];
        assert_non_null(receive->clock_steps[0].value);
        const struct act *correct = &v->acts[version_act(v, STR_LIT("correct"))];
        assert_int_equal(correct->within, version_clock(v, STR_LIT("correction")));
        const struct act *sign = &v->acts[version_act(v, STR_LIT("sign"))];
        assert_int_equal(sign->within, -1);
        assert_int_equal(sign->n_to, 2);
        assert_non_null(sign->to[0].when);
        assert_null(sign->to[1].when);
        assert_true(str_is(sign->writes[0].reg, "requests"));
        assert_int_equal(sign->writes[0].n_set, 2);
        assert_true(v->acts[0].from_new);
        assert_int_equal(v->acts[0].n_roles, 2);
}

static void test_clocks(void **state)
{
        (void)state;
        const struct version *v = version("FOI-2019");
        const struct clock_definition *answer = &v->clocks[0], *correction = &v->clocks[1];
        assert_int_equal(answer->rule.unit, DEADLINE_WORKING_DAYS);
        assert_string_equal(answer->rule.id, "foi_request.answer");
        assert_string_equal(answer->rule.basis, "政府信息公开条例 第三十三条");
        assert_int_equal(answer->n_paused_in, 1);
        assert_int_equal(answer->yellow, 5);
        assert_int_equal(answer->expires, -1);
        assert_false(answer->of_party);
        assert_non_null(correction->length);
        assert_int_equal(correction->yellow, -1);
        assert_true(correction->of_party);
        assert_int_equal(correction->expires, version_act(v, STR_LIT("give_up")));
}

/* definition.h fixes which slot is which name: decide and the indicators count on it. */
static void test_slots(void **state)
{
        (void)state;
        const struct version *v = version("FOI-2019");
        const struct feel_member *names = v->schema->names;
        assert_int_equal(v->schema->n_names, version_n_slots(v));
        assert_true(str_is(names[0].name, "info_name"));
        assert_true(str_is(names[version_slot_fixed(v, NAME_TODAY)].name, "today"));
        assert_true(str_is(names[version_slot_fixed(v, NAME_EACH)].name, "each"));
        assert_true(str_is(names[version_slot_lookups(v)].name, "item"));
        assert_true(str_is(names[version_slot_parameters(v)].name, "correction_days"));
        assert_int_equal(names[version_slot_parameters(v)].type->kind, FEEL_NUMBER);
        assert_true(str_is(names[version_slot_did(v)].name, "did.submit"));
        assert_true(str_is(names[version_slot_clocks(v) + 1].name, "clock.correction"));
        assert_true(str_is(names[version_slot_before(v)].name, "before.info_name"));
        assert_int_equal(names[version_field(v, STR_LIT("search_log"))].type->kind, FEEL_LIST);
}

/* 政府信息公开信息处理费管理办法（国办函〔2020〕109号）第三条：按件计收. */
static void test_tables(void **state)
{
        static const struct {
                const char *call;
                int fee;
        } rows[] = {
                { "fee_by_case(10)", 0 },
                { "fee_by_case(11)", 100 },
                { "fee_by_case(30)", 2000 },
                { "fee_by_case(31)", 2200 },
        };
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                const struct feel_expression *call;
                struct feel_env env = { 0 };
                struct value fee;
                struct err err;
                print_message("# %s\n", rows[i].call);
                assert_true(feel_compile(arena, str_of(rows[i].call), version("FOI-2024")->schema,
                                feel_type_of(FEEL_NUMBER), &call, &err));
                assert_true(feel_eval(arena, call, &env, &fee, &err));
                assert_int_equal(fee.kind, VALUE_NUMBER);
                assert_int_equal(decimal_cmp(fee.number, decimal_of(rows[i].fee)), 0);
        }
}

static void test_indicators(void **state)
{
        (void)state;
        const struct indicator *count = catalogue_indicator(&catalogue, STR_LIT("FOI-02"));
        assert_int_equal(count->n_bindings, 2); /* one for each version */
        assert_non_null(count->bindings[1].where);
        assert_true(count->bindings[1].version == version("FOI-2024"));
        const struct indicator *big = catalogue_indicator(&catalogue, STR_LIT("FOI-06"));
        size_t n;
        const size_t *slots = feel_slots_read(big->bindings[0].where, &n);
        assert_int_equal(n, 2);
        assert_int_equal(slots[1], version_n_slots(version("FOI-2019"))); /* its parameter */
        assert_string_equal(str_c(arena, big->definition),
                        "计数：foi_request；条件：copies >= threshold；日期：created_on");
        const struct indicator *units = catalogue_indicator(&catalogue, STR_LIT("FOI-07"));
        assert_int_equal(units->kind, INDICATOR_DISTINCT);
        assert_non_null(units->bindings[0].each);
        const struct indicator *entries = catalogue_indicator(&catalogue, STR_LIT("PM9a"));
        assert_int_equal(entries->kind, INDICATOR_SUM_ENTRIES);
        assert_true(str_is(entries->reg->name, "power_items"));
        assert_non_null(entries->amount);
}

static void test_registers(void **state)
{
        (void)state;
        const struct reg *requests = catalogue_register(&catalogue, STR_LIT("requests"));
        assert_int_equal(requests->n_fields, 3); /* its key got a field of its own */
        assert_true(str_is(requests->fields[0].name, "request_no"));
        assert_false(requests->public);
        assert_int_equal(requests->n_keepers, 0);
        const struct reg *items = catalogue_register(&catalogue, STR_LIT("power_items"));
        assert_int_equal(items->n_fields, 4);
        assert_int_equal(items->schema->n_names, 4 + N_FIXED_NAMES);
}

/* The page of a procedure, line by line where it matters. */
static void test_describe(void **state)
{
        static const char *const lines[] = {
                "依申请公开（foi_request）FOI-2024\n",
                "  2024年1月1日起施行；依据：政府信息公开条例（国务院令第711号）\n",
                "  delivered 已答复（终结）\n",
                "  submit 提交：applicant（申请人）、window_clerk；新办 → 已提交；必填：信息名称、",
                "  ask_correction 告知补正：office_info；已收到 → 待补正；只能一次；必填：补正内容；"
                "作废“答复期限”；起算“补正期限”；出具《补正告知书》\n",
                "；不得由同一人办过：审查",
                "  hand_over 移交：office_info；",
                "；由另一个单位承办\n",
                "      须 outcome != \"O4\" or count(search_log) > 0，否则："
                "未附检索记录，不能答复“不存在”（政府信息公开条例 第三十六条）\n",
                "  answer 答复期限：20个工作日；不计入：征求意见中；可延长10个工作日，一次；"
                "政府信息公开条例 第三十三条\n",
                "  correction 补正期限：correction_days个工作日；到期：视为放弃；逾期丧失权利；",
                "  answer 申请答复：办理结果、信息名称、申请人姓名（脱敏）；365日\n",
        };
        (void)state;
        struct str text = describe_version(arena, version("FOI-2024"));
        for (size_t i = 0; i < N_ELEMENTS(lines); i++)
                if (str_find(text, str_of(lines[i])) == SIZE_MAX)
                        fail_msg("want: %s\nhave: %.*s", lines[i], STR_FMT(text));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_finding),
                cmocka_unit_test(test_version_on),
                cmocka_unit_test(test_inheritance),
                cmocka_unit_test(test_fields),
                cmocka_unit_test(test_acts),
                cmocka_unit_test(test_clocks),
                cmocka_unit_test(test_slots),
                cmocka_unit_test(test_tables),
                cmocka_unit_test(test_indicators),
                cmocka_unit_test(test_registers),
                cmocka_unit_test(test_describe),
        };
        return cmocka_run_group_tests(tests, load, unload);
}
