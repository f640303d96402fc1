#include "rules/decision.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "rules/decision_tree.h"
#include "rules/feel_machine.h"
#include "rules/feel_scan.h"

static const struct {
        const char *letter, *name;
        enum decision_hit hit;
} hits[] = {
        { "U", "UNIQUE", DECISION_UNIQUE },
        { "A", "ANY", DECISION_ANY },
        { "P", "PRIORITY", DECISION_PRIORITY },
        { "F", "FIRST", DECISION_FIRST },
        { "R", "RULE ORDER", DECISION_RULE_ORDER },
        { "O", "OUTPUT ORDER", DECISION_OUTPUT_ORDER },
        { "C", "COLLECT", DECISION_COLLECT },
        { "C+", "COLLECT SUM", DECISION_SUM },
        { "C<", "COLLECT MIN", DECISION_MIN },
        { "C>", "COLLECT MAX", DECISION_MAX },
        { "C#", "COLLECT COUNT", DECISION_COUNT },
};

bool decision_hit_parse(struct str text, enum decision_hit *ret, struct err *err)
{
        for (size_t i = 0; i < N_ELEMENTS(hits); i++) {
                if (!str_is(text, hits[i].letter) && !str_is(text, hits[i].name))
                        continue;
                *ret = hits[i].hit;
                return true;
        }
        return err_set(err, E_DECISION, "没有命中策略“%.*s”，应为 U A P F R O C C+ C< C> C# 之一",
                        STR_FMT(scan_cut(text, 20)));
}

/* ---- Compiling ---- */

/* Names the place of an error that the expression itself could not know. */
static bool name_place(struct err *err, const struct decision_table *table, const char *what,
                size_t row, size_t column)
{
        char place[2 * sizeof(err->field)];
        struct str name = scan_cut(table->name, 24);
        int n = row == SIZE_MAX ? snprintf(place, sizeof(place), "%.*s %s%zu", STR_FMT(name), what,
                                                  column + 1)
                                : snprintf(place, sizeof(place), "%.*s 第%zu行 %s%zu",
                                                  STR_FMT(name), row + 1, what, column + 1);
        assert(n > 0);
        struct err inner = *err;
        return err_field(err, inner.code, str_of(place), "%s", inner.detail);
}

static bool check_sizes(const struct decision_table *table, struct err *err)
{
        if (table->n_inputs == 0 || table->n_inputs > DECISION_INPUTS_MAX)
                return err_field(err, E_DECISION, table->name, "输入应有 1 到 %u 个",
                                DECISION_INPUTS_MAX);
        if (table->n_outputs == 0 || table->n_outputs > DECISION_OUTPUTS_MAX)
                return err_field(err, E_DECISION, table->name, "输出应有 1 到 %u 个",
                                DECISION_OUTPUTS_MAX);
        if (table->n_rules == 0 || table->n_rules > DECISION_RULES_MAX)
                return err_field(err, E_DECISION, table->name, "规则应有 1 到 %u 行",
                                DECISION_RULES_MAX);
        bool single = table->hit >= DECISION_SUM && table->hit <= DECISION_COUNT;
        if (single && table->n_outputs != 1 && table->hit != DECISION_COUNT)
                return err_field(err, E_DECISION, table->name, "汇总的表只能有一个输出");
        for (size_t i = 0; i < table->n_outputs && table->n_outputs > 1; i++)
                for (size_t j = 0; j <= i; j++)
                        if (table->outputs[i].name.n == 0 ||
                                        (j < i && str_eq(table->outputs[i].name,
                                                                  table->outputs[j].name)))
                                return err_field(err, E_DECISION, table->name,
                                                "每个输出要有自己的名称");
        return true;
}

/* The inputs take the first slots, the caller's names the next. */
static void join_schemas(struct arena *arena, const struct decision_table *table,
                const struct feel_schema *schema, struct feel_schema *ret)
{
        size_t n_outer = schema != NULL ? schema->n_names : 0;
        struct feel_member *names =
                        arena_new_array(arena, table->n_inputs + n_outer, struct feel_member);
        for (size_t i = 0; i < table->n_inputs; i++)
                names[i] = (struct feel_member){ table->inputs[i].name, table->inputs[i].type };
        for (size_t i = 0; i < n_outer; i++)
                names[table->n_inputs + i] = schema->names[i];
        *ret = schema != NULL ? *schema : (struct feel_schema){ 0 };
        ret->names = names;
        ret->n_names = table->n_inputs + n_outer;
}

static bool has_name(const struct feel_schema *schema, struct str name)
{
        for (size_t i = 0; schema != NULL && i < schema->n_names; i++)
                if (str_eq(schema->names[i].name, name))
                        return true;
        return false;
}

static bool compile_inputs(struct arena *arena, struct decision *d,
                const struct feel_schema *schema, struct err *err)
{
        const struct decision_table *table = d->table;
        struct feel_schema none = { 0 };
        for (size_t i = 0; i < table->n_inputs; i++) {
                const struct decision_input *input = &table->inputs[i];
                if (input->allowed.n != 0 && !feel_compile_unary_tests(arena, input->allowed, &none,
                                                             input->type, &d->allowed[i], err))
                        return name_place(err, table, "输入", SIZE_MAX, i);
                struct str text = input->expression;
                if (text.n == 0 && has_name(schema, input->name))
                        text = input->name;
                if (text.n != 0 && !feel_compile(arena, text, schema, input->type,
                                                   &d->expressions[i], err))
                        return name_place(err, table, "输入", SIZE_MAX, i);
        }
        return true;
}

static bool compile_rules(struct arena *arena, struct decision *d, struct err *err)
{
        const struct decision_table *table = d->table;
        for (size_t i = 0; i < table->n_rules; i++) {
                const struct decision_rule *rule = &table->rules[i];
                for (size_t j = 0; j < table->n_inputs; j++)
                        if (!feel_compile_unary_tests(arena, rule->tests[j], &d->schema,
                                            table->inputs[j].type,
                                            &d->tests[i * table->n_inputs + j], err))
                                return name_place(err, table, "输入", i, j);
                for (size_t j = 0; j < table->n_outputs; j++)
                        if (!feel_compile(arena, rule->results[j], &d->schema,
                                            table->outputs[j].type,
                                            &d->results[i * table->n_outputs + j], err))
                                return name_place(err, table, "输出", i, j);
        }
        return true;
}

/* `"重","中","轻"` as a list; the order is the rank. */
static bool compile_ranks(struct arena *arena, struct decision *d, size_t at, struct err *err)
{
        const struct decision_output *output = &d->table->outputs[at];
        struct feel_schema none = { 0 };
        struct feel_env env = { 0 };
        const struct feel_expression *list;
        if (output->allowed.n == 0)
                return true;
        struct str text = str_format(arena, "[%.*s]", STR_FMT(output->allowed));
        return feel_compile(arena, text, &none, feel_type_of(FEEL_LIST), &list, err) &&
               feel_eval(arena, list, &env, &d->ranks[at], err);
}

static bool compile_outputs(struct arena *arena, struct decision *d, struct err *err)
{
        const struct decision_table *table = d->table;
        bool ranked = false;
        for (size_t i = 0; i < table->n_outputs; i++) {
                const struct decision_output *output = &table->outputs[i];
                if (output->otherwise.n != 0 &&
                                !feel_compile(arena, output->otherwise, &d->schema, output->type,
                                                &d->otherwise[i], err))
                        return name_place(err, table, "输出", SIZE_MAX, i);
                if (!compile_ranks(arena, d, i, err))
                        return name_place(err, table, "输出", SIZE_MAX, i);
                ranked = ranked || d->ranks[i].kind == VALUE_LIST;
        }
        if (!ranked && (table->hit == DECISION_PRIORITY || table->hit == DECISION_OUTPUT_ORDER))
                return err_field(err, E_DECISION, table->name,
                                "命中策略 P 和 O 要写明输出的允许值及其先后");
        return true;
}

static const struct feel_type *list_of(struct arena *arena, const struct feel_type *item)
{
        struct feel_type *type = arena_new(arena, struct feel_type);
        *type = (struct feel_type){ .kind = FEEL_LIST, .item = item };
        return type;
}

static const struct feel_type *result_type(struct arena *arena, const struct decision_table *table)
{
        const struct feel_type *one = table->outputs[0].type;
        if (table->n_outputs > 1) {
                struct feel_member *members =
                                arena_new_array(arena, table->n_outputs, struct feel_member);
                for (size_t i = 0; i < table->n_outputs; i++)
                        members[i] = (struct feel_member){ table->outputs[i].name,
                                table->outputs[i].type };
                struct feel_type *type = arena_new(arena, struct feel_type);
                *type = (struct feel_type){
                        .kind = FEEL_CONTEXT, .members = members, .n_members = table->n_outputs
                };
                one = type;
        }
        switch (table->hit) {
        case DECISION_RULE_ORDER:
        case DECISION_OUTPUT_ORDER:
        case DECISION_COLLECT:
                return list_of(arena, one);
        case DECISION_COUNT:
                return feel_type_of(FEEL_NUMBER);
        default:
                return one;
        }
}

bool decision_compile(struct arena *arena, const struct decision_table *table,
                const struct feel_schema *schema, const struct decision **ret, struct err *err)
{
        if (!check_sizes(table, err))
                return false;
        size_t n_tests = table->n_rules * table->n_inputs;
        size_t n_results = table->n_rules * table->n_outputs;
        struct decision *d = arena_new(arena, struct decision);
        d->table = table;
        d->expressions = arena_new_array(arena, table->n_inputs, const struct feel_expression *);
        d->allowed = arena_new_array(arena, table->n_inputs, const struct feel_expression *);
        d->tests = arena_new_array(arena, n_tests, const struct feel_expression *);
        d->results = arena_new_array(arena, n_results, const struct feel_expression *);
        d->otherwise = arena_new_array(arena, table->n_outputs, const struct feel_expression *);
        d->ranks = arena_new_array(arena, table->n_outputs, struct value);
        join_schemas(arena, table, schema, &d->schema);
        if (!compile_inputs(arena, d, schema, err) || !compile_rules(arena, d, err) ||
                        !compile_outputs(arena, d, err))
                return false;
        d->type = result_type(arena, table);
        *ret = d;
        return true;
}

const struct decision_table *decision_table_of(const struct decision *decision)
{
        return decision->table;
}

const struct feel_type *decision_type(const struct decision *decision)
{
        return decision->type;
}

/* ---- Evaluating ---- */

/* Serves the inputs from their slots and hands the rest to the caller's env. */
struct inner_env {
        const struct value *inputs;
        const struct decision *decision;
        const struct feel_env *outer;
};

static bool inner_slot(void *user, size_t slot, struct value *ret)
{
        const struct inner_env *inner = user;
        size_t n_inputs = inner->decision->table->n_inputs;
        if (slot < n_inputs) {
                *ret = inner->inputs[slot];
                return true;
        }
        const struct feel_env *outer = inner->outer;
        if (outer == NULL)
                return false;
        if (outer->slot != NULL)
                return outer->slot(outer->user, slot - n_inputs, ret);
        return outer->lookup != NULL &&
               outer->lookup(outer->user, inner->decision->schema.names[slot].name, ret);
}

struct run {
        struct arena *arena;
        const struct decision *decision;
        struct feel_env env;
        const struct value *inputs;
        size_t *rules;
        size_t n_rules;
        struct value *values; /* of the rules that hit */
        struct err *err;
};

static bool check_inputs(struct run *run)
{
        const struct decision *d = run->decision;
        for (size_t i = 0; i < d->table->n_inputs; i++) {
                bool passes = true;
                if (d->allowed[i] != NULL && !feel_test(run->arena, d->allowed[i], &run->env,
                                                             &run->inputs[i], &passes, run->err))
                        return false;
                if (!passes)
                        return err_field(run->err, E_DECISION, d->table->inputs[i].name,
                                        "输入值不在表允许的范围内");
        }
        return true;
}

static bool rule_hits(struct run *run, size_t rule, bool *ret)
{
        const struct decision *d = run->decision;
        *ret = true;
        for (size_t i = 0; i < d->table->n_inputs && *ret; i++)
                if (!feel_test(run->arena, d->tests[rule * d->table->n_inputs + i], &run->env,
                                    &run->inputs[i], ret, run->err))
                        return false;
        return true;
}

static bool find_rules(struct run *run)
{
        const struct decision_table *table = run->decision->table;
        for (size_t i = 0; i < table->n_rules; i++) {
                bool hit;
                if (!rule_hits(run, i, &hit))
                        return false;
                if (hit)
                        run->rules[run->n_rules++] = i;
                if (hit && table->hit == DECISION_FIRST)
                        return true;
        }
        return true;
}

static bool eval_outputs(struct run *run, const struct feel_expression *const *expressions,
                struct value *ret)
{
        const struct decision_table *table = run->decision->table;
        struct member *members = arena_new_array(run->arena, table->n_outputs, struct member);
        for (size_t i = 0; i < table->n_outputs; i++) {
                members[i].name = table->outputs[i].name;
                if (expressions[i] != NULL && !feel_eval(run->arena, expressions[i], &run->env,
                                                              &members[i].value, run->err))
                        return false;
        }
        *ret = members[0].value;
        if (table->n_outputs == 1)
                return true;
        bool unique = value_sort_members(members, table->n_outputs);
        assert(unique); /* checked when compiled */
        *ret = value_context(members, table->n_outputs);
        return true;
}

/* How early the outputs of a hit stand among the allowed: output by output. */
static int compare_ranks(const struct decision *d, const struct value *a, const struct value *b)
{
        const struct decision_table *table = d->table;
        for (size_t i = 0; i < table->n_outputs; i++) {
                const struct value *x = a, *y = b;
                size_t at_x = SIZE_MAX, at_y = SIZE_MAX;
                if (d->ranks[i].kind != VALUE_LIST)
                        continue;
                if (table->n_outputs > 1) {
                        x = value_get(a, table->outputs[i].name);
                        y = value_get(b, table->outputs[i].name);
                }
                for (size_t j = d->ranks[i].list.n; j-- > 0;) {
                        at_x = value_eq(x, &d->ranks[i].list.items[j]) ? j : at_x;
                        at_y = value_eq(y, &d->ranks[i].list.items[j]) ? j : at_y;
                }
                if (at_x != at_y)
                        return at_x < at_y ? -1 : 1;
        }
        return 0;
}

static void sort_by_rank(struct run *run)
{
        for (size_t i = 1; i < run->n_rules; i++) {
                struct value v = run->values[i];
                size_t at = i;
                for (; at > 0 && compare_ranks(run->decision, &v, &run->values[at - 1]) < 0; at--)
                        run->values[at] = run->values[at - 1];
                run->values[at] = v;
        }
}

static bool refuse_hits(struct run *run, const char *what)
{
        const struct decision_table *table = run->decision->table;
        return err_field(run->err, E_DECISION_HIT, table->name, "第 %zu 行和第 %zu 行%s",
                        run->rules[0] + 1, run->rules[1] + 1, what);
}

static bool only_one(struct run *run, struct value *ret)
{
        *ret = run->values[0];
        if (run->n_rules > 1)
                return refuse_hits(run, "同时命中");
        return true;
}

static bool all_alike(struct run *run, struct value *ret)
{
        *ret = run->values[0];
        for (size_t i = 1; i < run->n_rules; i++) {
                if (value_eq(&run->values[0], &run->values[i]))
                        continue;
                run->rules[1] = run->rules[i];
                return refuse_hits(run, "同时命中而结果不同");
        }
        return true;
}

/* Null if the outputs are no numbers (or, for the extremes, have no order). */
static bool aggregate(struct run *run, enum decision_hit hit, struct value *ret)
{
        struct err err;
        struct machine m = { .arena = run->arena, .err = &err };
        struct value sum = run->values[0];
        for (size_t i = 1; i < run->n_rules; i++) {
                const struct value *v = &run->values[i];
                int order;
                if (hit == DECISION_SUM) {
                        if (!feel_arithmetic(&m, N_ADD, &sum, v, &sum))
                                return err_set(run->err, err.code, "%s", err.detail);
                } else if (!feel_compare(v, &sum, &order)) {
                        *ret = value_null();
                        return true;
                } else if (order == (hit == DECISION_MIN ? -1 : 1)) {
                        sum = *v;
                }
        }
        *ret = sum;
        return true;
}

static bool combine(struct run *run, struct value *ret)
{
        enum decision_hit hit = run->decision->table->hit;
        switch (hit) {
        case DECISION_UNIQUE:
                return only_one(run, ret);
        case DECISION_ANY:
                return all_alike(run, ret);
        case DECISION_PRIORITY:
                sort_by_rank(run);
                *ret = run->values[0];
                return true;
        case DECISION_FIRST:
                *ret = run->values[0];
                return true;
        case DECISION_OUTPUT_ORDER:
                sort_by_rank(run);
                *ret = value_list(run->values, run->n_rules);
                return true;
        case DECISION_RULE_ORDER:
        case DECISION_COLLECT:
                *ret = value_list(run->values, run->n_rules);
                return true;
        case DECISION_COUNT:
                *ret = value_int((int64_t)run->n_rules);
                return true;
        default:
                return aggregate(run, hit, ret);
        }
}

/* No rule hits: the default; else nothing, as a list or a count where one is due. */
static bool no_rule(struct run *run, struct value *ret)
{
        const struct decision *d = run->decision;
        enum decision_hit hit = d->table->hit;
        for (size_t i = 0; i < d->table->n_outputs; i++)
                if (d->otherwise[i] != NULL)
                        return eval_outputs(run, d->otherwise, ret);
        *ret = value_null();
        if (hit == DECISION_COUNT)
                *ret = value_int(0);
        if (hit == DECISION_COLLECT || hit == DECISION_RULE_ORDER || hit == DECISION_OUTPUT_ORDER)
                *ret = value_list(NULL, 0);
        return true;
}

bool decision_apply(struct arena *arena, const struct decision *decision,
                const struct value *inputs, const struct feel_env *env, struct decision_result *ret,
                struct err *err)
{
        const struct decision_table *table = decision->table;
        struct inner_env inner = { .inputs = inputs, .decision = decision, .outer = env };
        struct run run = { .arena = arena,
                .decision = decision,
                .inputs = inputs,
                .err = err,
                .env = { .user = &inner, .slot = inner_slot } };
        if (env != NULL) {
                run.env.now = env->now;
                run.env.host_user = env->host_user != NULL ? env->host_user : env->user;
        }
        run.rules = arena_new_array(arena, table->n_rules, size_t);
        struct value v;
        if (!check_inputs(&run) || !find_rules(&run))
                return false;
        run.values = arena_new_array(arena, run.n_rules, struct value);
        for (size_t i = 0; i < run.n_rules; i++)
                if (!eval_outputs(&run, decision->results + run.rules[i] * table->n_outputs,
                                    &run.values[i]))
                        return false;
        if (!(run.n_rules == 0 ? no_rule(&run, &v) : combine(&run, &v)))
                return false;
        *ret = (struct decision_result){ v, run.rules, run.n_rules };
        return true;
}

bool decision_eval(struct arena *arena, const struct decision *decision, const struct feel_env *env,
                struct decision_result *ret, struct err *err)
{
        const struct decision_table *table = decision->table;
        struct value inputs[DECISION_INPUTS_MAX];
        for (size_t i = 0; i < table->n_inputs; i++) {
                inputs[i] = value_null();
                if (decision->expressions[i] != NULL &&
                                !feel_eval(arena, decision->expressions[i], env, &inputs[i], err))
                        return false;
        }
        return decision_apply(arena, decision, inputs, env, ret, err);
}
