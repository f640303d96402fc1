#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "rules/feel_builtin.h"
#include "rules/feel_temporal.h"

/* ---- Limits ---- */

bool feel_exhausted(struct machine *m, const char *what)
{
        return err_set(m->err, E_FEEL_LIMIT, "%s", what);
}

bool feel_spend(struct machine *m, size_t steps)
{
        if (steps <= LIMIT_EXPRESSION_STEPS) {
                m->steps += (uint32_t)steps;
                if (m->steps <= LIMIT_EXPRESSION_STEPS)
                        return true;
        }
        m->steps = LIMIT_EXPRESSION_STEPS; /* stays used up */
        return err_set(m->err, E_FEEL_LIMIT, "计算超过 %u 步", LIMIT_EXPRESSION_STEPS);
}

bool list_push(struct machine *m, struct list *list, const struct value *v)
{
        if (list->n == LIMIT_LIST_ITEMS)
                return feel_exhausted(m, "列表太长");
        if (!feel_spend(m, 1))
                return false;
        if (list->n == list->capacity) {
                size_t capacity = list->capacity == 0 ? 8 : list->capacity * 2;
                struct value *items = arena_new_array(m->arena, capacity, struct value);
                if (list->n != 0)
                        memcpy(items, list->items, list->n * sizeof(*items));
                list->items = items;
                list->capacity = capacity;
        }
        list->items[list->n++] = *v;
        return true;
}

/* ---- Names ---- */

static void read_slot(struct machine *m, const struct node *node, struct value *ret)
{
        const struct feel_env *env = m->env;
        bool found = env->slot != NULL ? env->slot(env->user, node->index, ret)
                                       : env->lookup != NULL &&
                                                         env->lookup(env->user, node->name, ret);
        if (!found)
                *ret = value_null();
}

static void read_name(struct machine *m, const struct node *node, struct value *ret)
{
        const struct feel_env *env = m->env;
        if (env->lookup == NULL || !env->lookup(env->user, node->name, ret))
                *ret = value_null();
}

static bool run_item_name(struct machine *m, const struct node *node, struct value *ret)
{
        const struct value *item = &m->base[node->index];
        const struct value *member =
                        kind_of(item) == VALUE_CONTEXT ? value_get(item, node->name) : NULL;
        if (member == NULL)
                return feel_run(m, node->a, ret);
        *ret = *member;
        return true;
}

/* ---- Logic ---- */

/* DMN 1.5 tables 49 and 50: false decides an `and`, true an `or`; what is no
 * truth value counts as unknown. */
static bool run_logic(struct machine *m, const struct node *node, struct value *ret)
{
        bool decides = node->op == N_OR;
        bool unknown = false;
        for (size_t i = 0; i < node->n; i++) {
                struct value v;
                if (!feel_run(m, node->items[i], &v))
                        return false;
                if (kind_of(&v) != VALUE_BOOL) {
                        unknown = true;
                } else if (v.boolean == decides) {
                        *ret = value_bool(decides);
                        return true;
                }
        }
        *ret = unknown ? value_null() : value_bool(!decides);
        return true;
}

static bool compare_values(struct machine *m, enum op op, const struct value *a,
                const struct value *b, struct value *ret)
{
        int order;
        enum truth equal;
        switch (op) {
        case N_EQ:
        case N_NE:
                if (!feel_equals(m, a, b, &equal))
                        return false;
                if (op == N_NE && equal != TRUTH_UNKNOWN)
                        equal = truth_of(equal == TRUTH_FALSE);
                *ret = truth_value(equal);
                return true;
        default:
                *ret = value_null();
                if (feel_compare(a, b, &order))
                        *ret = value_bool(op == N_LT   ? order < 0
                                          : op == N_LE ? order <= 0
                                          : op == N_GT ? order > 0
                                                       : order >= 0);
                return true;
        }
}

static bool run_between(struct machine *m, const struct node *node, struct value *ret)
{
        struct value v, low, high;
        if (!feel_run(m, node->a, &v) || !feel_run(m, node->b, &low) ||
                        !feel_run(m, node->c, &high))
                return false;
        struct range range = { low, high, true, true, true, true };
        *ret = truth_value(feel_in_range(&range, &v));
        return true;
}

/* ---- Ranges and tests ---- */

static bool run_bounds(struct machine *m, const struct node *node, struct range *ret)
{
        *ret = (struct range){ .has_low = node->a != NULL,
                .has_high = node->b != NULL,
                .low_closed = node->flag,
                .high_closed = node->high_closed };
        return (node->a == NULL || feel_run(m, node->a, &ret->low)) &&
               (node->b == NULL || feel_run(m, node->b, &ret->high));
}

/* A range whose bounds are of one kind that has an order, and do not cross; else null. */
static bool run_range(struct machine *m, const struct node *node, struct value *ret)
{
        struct range range;
        int order;
        if (!run_bounds(m, node, &range))
                return false;
        const struct value *low = range.has_low ? &range.low : &range.high;
        const struct value *high = range.has_high ? &range.high : &range.low;
        *ret = value_null();
        if (feel_compare(low, high, &order))
                *ret = range_value(m->arena, range);
        return true;
}

static bool passes(
                struct machine *m, const struct node *test, const struct value *v, enum truth *ret)
{
        struct range range;
        struct value wanted;
        switch (test->op) {
        case N_RANGE:
                if (!run_bounds(m, test, &range))
                        return false;
                *ret = feel_in_range(&range, v);
                return true;
        case N_TEST_EQ:
        case N_TEST_NE:
                if (!feel_run(m, test->a, &wanted) || !feel_equals(m, v, &wanted, ret))
                        return false;
                if (test->op == N_TEST_NE && *ret != TRUTH_UNKNOWN)
                        *ret = truth_of(*ret == TRUTH_FALSE);
                return true;
        default:
                break;
        }
        if (!feel_run(m, test, &wanted))
                return false;
        if (test->names_input && kind_of(&wanted) == VALUE_BOOL) {
                *ret = truth_of(wanted.boolean);
                return true;
        }
        return feel_in(m, v, &wanted, ret);
}

/* True if any passes; else unknown if any is unknown. */
static bool passes_any(
                struct machine *m, const struct node *node, const struct value *v, enum truth *ret)
{
        enum truth result = TRUTH_FALSE, one;
        for (size_t i = 0; i < node->n; i++) {
                if (!passes(m, node->items[i], v, &one))
                        return false;
                if (one == TRUTH_TRUE) {
                        *ret = TRUTH_TRUE;
                        return true;
                }
                if (one == TRUTH_UNKNOWN)
                        result = TRUTH_UNKNOWN;
        }
        *ret = result;
        return true;
}

static bool run_in(struct machine *m, const struct node *node, struct value *ret)
{
        struct value v;
        enum truth truth;
        if (!feel_run(m, node->a, &v) || !passes_any(m, node, &v, &truth))
                return false;
        *ret = truth_value(truth);
        return true;
}

/* `-` has no tests and passes everything; not(...) of unknown is unknown. */
static bool run_tests(struct machine *m, const struct node *node, struct value *ret)
{
        enum truth truth = TRUTH_TRUE;
        if (node->n != 0 && !passes_any(m, node, &m->base[0], &truth))
                return false;
        if (node->flag && truth != TRUTH_UNKNOWN)
                truth = truth_of(truth == TRUTH_FALSE);
        *ret = truth_value(truth);
        return true;
}

static bool run_if(struct machine *m, const struct node *node, struct value *ret)
{
        struct value v;
        if (!feel_run(m, node->a, &v))
                return false;
        bool yes = kind_of(&v) == VALUE_BOOL && v.boolean;
        return feel_run(m, yes ? node->b : node->c, ret);
}

static bool run_instance(struct machine *m, const struct node *node, struct value *ret)
{
        struct value v;
        bool is;
        if (!feel_run(m, node->a, &v) || !feel_instance(m, &v, node->asked, &is))
                return false;
        *ret = value_bool(is);
        return true;
}

/* ---- One node ---- */

static bool run_binary(struct machine *m, const struct node *node, struct value *ret)
{
        struct value a, b;
        if (!feel_run(m, node->a, &a) || !feel_run(m, node->b, &b))
                return false;
        return node->op <= N_GE ? compare_values(m, (enum op)node->op, &a, &b, ret)
                                : feel_arithmetic(m, (enum op)node->op, &a, &b, ret);
}

static bool dispatch(struct machine *m, const struct node *node, struct value *ret)
{
        switch ((enum op)node->op) {
        case N_LITERAL:
                *ret = node->literal;
                return true;
        case N_SLOT:
                read_slot(m, node, ret);
                return true;
        case N_NAME:
                read_name(m, node, ret);
                return true;
        case N_LOCAL:
                *ret = m->base[node->index];
                return true;
        case N_ITEM_NAME:
                return run_item_name(m, node, ret);
        case N_OR:
        case N_AND:
                return run_logic(m, node, ret);
        case N_EQ:
        case N_NE:
        case N_LT:
        case N_LE:
        case N_GT:
        case N_GE:
        case N_ADD:
        case N_SUB:
        case N_MUL:
        case N_DIV:
        case N_POW:
                return run_binary(m, node, ret);
        case N_NEG:
                if (!feel_run(m, node->a, ret))
                        return false;
                *ret = feel_negate(ret);
                return true;
        case N_BETWEEN:
                return run_between(m, node, ret);
        case N_IN:
                return run_in(m, node, ret);
        case N_TESTS:
                return run_tests(m, node, ret);
        case N_TEST_EQ:
        case N_TEST_NE:
                *ret = value_null(); /* a test has no value of its own */
                return true;
        case N_RANGE:
                return run_range(m, node, ret);
        case N_LIST:
                return run_list(m, node, ret);
        case N_CONTEXT:
                return run_context(m, node, ret);
        case N_PATH:
                return run_path(m, node, ret);
        case N_FILTER:
                return run_filter(m, node, ret);
        case N_FOR:
        case N_SOME:
        case N_EVERY:
                return run_loop(m, node, ret);
        case N_IF:
                return run_if(m, node, ret);
        case N_INSTANCE:
                return run_instance(m, node, ret);
        case N_FUNCTION:
                return run_function(m, node, ret);
        case N_BUILTIN:
                return run_builtin(m, node, ret);
        case N_BUILTIN_VALUE:
                *ret = function_value(m->arena, (struct function){ .builtin = node->builtin });
                return true;
        case N_HOST:
                return run_host(m, node, ret);
        case N_CALL:
                return run_call(m, node, ret);
        }
        abort();
}

bool feel_run(struct machine *m, const struct node *node, struct value *ret)
{
        if (m->depth >= FEEL_DEPTH_MAX)
                return feel_exhausted(m, "嵌套太深");
        if (!feel_spend(m, 1))
                return false;
        m->depth++;
        bool ok = dispatch(m, node, ret);
        m->depth--;
        return ok;
}

/* ---- Doors ---- */

bool feel_eval_raw(struct arena *arena, const struct feel_expression *expression,
                const struct feel_env *env, const struct value *input, struct machine *m,
                struct value *stack, struct value *ret, struct err *err)
{
        *m = (struct machine){ .arena = arena,
                .env = env,
                .err = err,
                .base = stack,
                .end = stack + FEEL_STACK,
                .frame = expression->frame };
        if (input != NULL)
                stack[0] = *input;
        return feel_run(m, expression->root, ret);
}

bool feel_eval(struct arena *arena, const struct feel_expression *expression,
                const struct feel_env *env, struct value *ret, struct err *err)
{
        assert(!expression->is_tests);
        struct value stack[FEEL_STACK], v;
        struct machine m;
        return feel_eval_raw(arena, expression, env, NULL, &m, stack, &v, err) &&
               feel_plain(&m, &v, 0, ret);
}

bool feel_holds(struct arena *arena, const struct feel_expression *expression,
                const struct feel_env *env, bool *ret, struct err *err)
{
        struct value stack[FEEL_STACK], v;
        struct machine m;
        assert(!expression->is_tests);
        if (!feel_eval_raw(arena, expression, env, NULL, &m, stack, &v, err))
                return false;
        *ret = kind_of(&v) == VALUE_BOOL && v.boolean;
        return true;
}

bool feel_test(struct arena *arena, const struct feel_expression *tests, const struct feel_env *env,
                const struct value *input, bool *ret, struct err *err)
{
        struct value stack[FEEL_STACK], v;
        struct machine m;
        assert(tests->is_tests);
        if (!feel_eval_raw(arena, tests, env, input, &m, stack, &v, err))
                return false;
        *ret = kind_of(&v) == VALUE_BOOL && v.boolean;
        return true;
}

const struct feel_type *feel_result_type(const struct feel_expression *expression)
{
        return expression->root->type;
}

struct str feel_text(const struct feel_expression *expression)
{
        return expression->text;
}

const size_t *feel_slots_read(const struct feel_expression *expression, size_t *ret_n)
{
        *ret_n = expression->n_slots;
        return expression->slots;
}
