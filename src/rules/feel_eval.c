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

/* ---- Lists and contexts ---- */

static bool run_list(struct machine *m, const struct node *node, struct value *ret)
{
        struct value *items = arena_new_array(m->arena, node->n, struct value);
        for (size_t i = 0; i < node->n; i++)
                if (!feel_run(m, node->items[i], &items[i]))
                        return false;
        *ret = value_list(items, node->n);
        return feel_spend(m, node->n);
}

static bool run_context(struct machine *m, const struct node *node, struct value *ret)
{
        struct member *members = arena_new_array(m->arena, node->n, struct member);
        for (size_t i = 0; i < node->n; i++) {
                const struct binding *entry = &node->bindings[i];
                members[i].name = entry->name;
                if (!feel_run(m, entry->from, &members[i].value))
                        return false;
                m->base[entry->local] = members[i].value;
        }
        bool unique = value_sort_members(members, node->n);
        assert(unique); /* the parser refuses a name that stands twice */
        *ret = value_context(members, node->n);
        return feel_spend(m, node->n);
}

static bool run_path(struct machine *m, const struct node *node, struct value *ret)
{
        struct value v;
        return feel_run(m, node->a, &v) && feel_path(m, &v, node->name, ret);
}

/* The item at a position counted from 1, or from -1 at the end. */
static void take_index(
                const struct value *items, size_t n, struct decimal position, struct value *ret)
{
        int64_t at;
        *ret = value_null();
        if (!decimal_to_int(position, &at))
                return;
        if (at < 0)
                at += (int64_t)n + 1;
        if (at >= 1 && at <= (int64_t)n)
                *ret = items[at - 1];
}

static bool filter_items(struct machine *m, const struct node *node, const struct value *items,
                size_t n, struct value *ret)
{
        struct list kept = { 0 };
        for (size_t i = 0; i < n; i++) {
                struct value v;
                m->base[node->index] = items[i];
                if (!feel_run(m, node->b, &v))
                        return false;
                /* A number that does not hang on the item is a position. */
                if (i == 0 && kind_of(&v) == VALUE_NUMBER) {
                        take_index(items, n, v.number, ret);
                        return true;
                }
                if (kind_of(&v) == VALUE_BOOL && v.boolean && !list_push(m, &kept, &items[i]))
                        return false;
        }
        *ret = list_value(&kept);
        return true;
}

static bool run_filter(struct machine *m, const struct node *node, struct value *ret)
{
        struct value v, condition;
        if (!feel_run(m, node->a, &v))
                return false;
        if (kind_of(&v) != VALUE_LIST)
                v = value_is_null(v) ? value_list(NULL, 0)
                                     : value_list(memcpy(arena_new(m->arena, struct value), &v,
                                                                  sizeof(v)),
                                                       1);
        if (v.list.n != 0)
                return filter_items(m, node, v.list.items, v.list.n, ret);
        /* Empty: a position finds nothing (null), a condition keeps nothing. */
        m->base[node->index] = value_null();
        if (!feel_run(m, node->b, &condition))
                return false;
        *ret = kind_of(&condition) == VALUE_NUMBER ? value_null() : value_list(NULL, 0);
        return true;
}

/* ---- Loops ---- */

/* What one variable runs over: a list, or whole numbers or days counted up or down. */
struct run {
        const struct value *items;
        size_t n;
        enum value_kind kind; /* VALUE_NUMBER or VALUE_DATE where items is NULL */
        int64_t first, step;
};

static bool count_run(struct machine *m, const struct value *from, const struct value *to,
                struct run *ret)
{
        int64_t a, b;
        if (kind_of(from) == VALUE_NUMBER && kind_of(to) == VALUE_NUMBER) {
                if (!decimal_to_int(from->number, &a) || !decimal_to_int(to->number, &b))
                        return true;
        } else if (kind_of(from) == VALUE_DATE && kind_of(to) == VALUE_DATE) {
                a = from->date.day;
                b = to->date.day;
        } else {
                return true;
        }
        uint64_t distance = a <= b ? (uint64_t)b - (uint64_t)a : (uint64_t)a - (uint64_t)b;
        if (distance >= LIMIT_EXPRESSION_STEPS)
                return feel_exhausted(m, "区间太长");
        *ret = (struct run){
                .n = (size_t)distance + 1, .kind = from->kind, .first = a, .step = a <= b ? 1 : -1
        };
        return true;
}

static bool range_run(struct machine *m, const struct range *range, struct run *ret)
{
        if (!range->has_low || !range->has_high || !count_run(m, &range->low, &range->high, ret) ||
                        ret->n == 0)
                return ret->n != SIZE_MAX;
        if (ret->step < 0) {
                ret->n = 0; /* [5..1] holds nothing */
                return true;
        }
        if (!range->low_closed) {
                ret->first++;
                ret->n--;
        }
        if (!range->high_closed && ret->n > 0)
                ret->n--;
        return true;
}

/* False is a limit; a value that nothing runs over leaves *is_run false. */
static bool start_run(
                struct machine *m, const struct binding *binding, struct run *ret, bool *is_run)
{
        struct value from, to;
        *ret = (struct run){ 0 };
        *is_run = true;
        if (!feel_run(m, binding->from, &from))
                return false;
        if (binding->to != NULL) {
                if (!feel_run(m, binding->to, &to) || !count_run(m, &from, &to, ret))
                        return false;
                *is_run = ret->n != 0;
                return true;
        }
        if (kind_of(&from) == VALUE_LIST) {
                *ret = (struct run){ .items = from.list.items, .n = from.list.n };
                return true;
        }
        if (kind_of(&from) == KIND_RANGE) {
                struct run run = { 0 };
                bool ok = range_run(m, range_of(&from), &run);
                *ret = run;
                *is_run = run.step != 0;
                return ok;
        }
        *is_run = !value_is_null(from);
        struct value *one = arena_new(m->arena, struct value);
        *one = from;
        *ret = (struct run){ .items = one, .n = 1 };
        return true;
}

static struct value run_at(const struct run *run, size_t i)
{
        if (run->items != NULL)
                return run->items[i];
        int64_t n = run->first + (int64_t)i * run->step;
        return run->kind == VALUE_DATE ? value_date((struct date){ (int32_t)n }) : value_int(n);
}

struct loop {
        const struct node *node;
        struct list results;
        bool decided, unknown, is_run;
};

/* Takes one result of the body; a quantifier may be decided by it. */
static bool loop_body(struct machine *m, struct loop *loop)
{
        const struct node *node = loop->node;
        struct value v;
        if (node->op == N_FOR && node->flag)
                m->base[node->index] = list_value(&loop->results);
        if (!feel_run(m, node->a, &v))
                return false;
        if (node->op == N_FOR)
                return list_push(m, &loop->results, &v);
        if (kind_of(&v) != VALUE_BOOL)
                loop->unknown = true;
        else if (v.boolean == (node->op == N_SOME))
                loop->decided = true;
        return true;
}

static bool loop_over(struct machine *m, struct loop *loop, size_t depth)
{
        if (depth == loop->node->n)
                return loop_body(m, loop);
        const struct binding *binding = &loop->node->bindings[depth];
        struct run run;
        bool is_run;
        if (!start_run(m, binding, &run, &is_run))
                return false;
        loop->is_run = loop->is_run && is_run;
        for (size_t i = 0; is_run && i < run.n && !loop->decided; i++) {
                m->base[binding->local] = run_at(&run, i);
                if (!feel_spend(m, 1) || !loop_over(m, loop, depth + 1))
                        return false;
        }
        return true;
}

static bool run_loop(struct machine *m, const struct node *node, struct value *ret)
{
        struct loop loop = { .node = node, .is_run = true };
        if (!loop_over(m, &loop, 0))
                return false;
        if (!loop.is_run)
                *ret = value_null();
        else if (node->op == N_FOR)
                *ret = list_value(&loop.results);
        else if (loop.decided)
                *ret = value_bool(node->op == N_SOME);
        else
                *ret = loop.unknown ? value_null() : value_bool(node->op == N_EVERY);
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

/* ---- Calls ---- */

static bool run_function(struct machine *m, const struct node *node, struct value *ret)
{
        struct value *captured = arena_new_array(m->arena, node->index, struct value);
        if (node->index != 0)
                memcpy(captured, m->base, node->index * sizeof(*captured));
        *ret = function_value(m->arena, (struct function){ .node = node, .captured = captured });
        return feel_spend(m, node->index);
}

/* A new frame behind the running one: what was captured, then the parameters. */
static bool call_literal(struct machine *m, const struct function *function,
                const struct value *args, size_t n, struct value *ret)
{
        const struct node *node = function->node;
        struct value *base = m->base;
        uint32_t frame = m->frame;
        if (n != node->n) {
                *ret = value_null();
                return true;
        }
        if (m->base + frame + node->frame > m->end)
                return feel_exhausted(m, "函数调用太深");
        struct value *new_base = m->base + frame;
        if (node->index != 0)
                memcpy(new_base, function->captured, node->index * sizeof(*new_base));
        for (size_t i = 0; i < n; i++) {
                struct value arg = args[i];
                bool fits;
                if (!builtin_convert_to(m, node->bindings[i].type, &arg, &fits))
                        return false;
                if (!fits) {
                        *ret = value_null();
                        return true;
                }
                new_base[node->index + i] = arg;
        }
        m->base = new_base;
        m->frame = node->frame;
        bool ok = feel_run(m, node->a, ret);
        m->base = base;
        m->frame = frame;
        return ok;
}

/* A builtin that was handed over as a value: the first row that takes n. */
static bool call_builtin_value(struct machine *m, const struct builtin *first,
                const struct value *args, size_t n, struct value *ret)
{
        struct param params[8];
        struct value copy[FEEL_ARGS_MAX];
        char kinds[2 * FEEL_ARGS_MAX];
        *ret = value_null();
        for (const struct builtin *row = first; row != NULL;
                        row = builtin_next(str_of(first->name), row)) {
                size_t n_params = builtin_params(row, params);
                if (n == 0 || n_params == 0 || !builtin_takes(params, n_params, n))
                        continue;
                for (size_t i = 0; i < n; i++) {
                        const struct param *param = &params[i < n_params ? i : n_params - 1];
                        copy[i] = args[i];
                        kinds[i] = param->letter;
                        kinds[n + i] = param->nullable;
                }
                return builtin_call(m, row, kinds, copy, n, ret);
        }
        return true;
}

bool feel_call(struct machine *m, const struct function *function, const struct value *args,
                size_t n, struct value *ret)
{
        assert(n <= FEEL_ARGS_MAX);
        if (function->node != NULL)
                return call_literal(m, function, args, n, ret);
        return call_builtin_value(m, function->builtin, args, n, ret);
}

static bool run_args(struct machine *m, const struct node *node, struct value *args)
{
        for (size_t i = 0; i < node->n; i++)
                if (!feel_run(m, node->items[i], &args[i]))
                        return false;
        return true;
}

static bool run_builtin(struct machine *m, const struct node *node, struct value *ret)
{
        struct value few[4];
        struct value *args = node->n <= N_ELEMENTS(few)
                                             ? few
                                             : arena_new_array(m->arena, node->n, struct value);
        return run_args(m, node, args) &&
               builtin_call(m, node->builtin, node->kinds, args, node->n, ret);
}

static bool plain(struct machine *m, const struct value *v, unsigned depth, struct value *ret);

/* Hosts are handed plain values, of the types they declared or null. */
static bool run_host(struct machine *m, const struct node *node, struct value *ret)
{
        struct value *args = arena_new_array(m->arena, node->n, struct value);
        const struct host *host = node->host;
        if (!run_args(m, node, args))
                return false;
        for (size_t i = 0; i < node->n; i++) {
                bool is = true;
                size_t param = i < host->n_params ? i : host->n_params - 1;
                if (!plain(m, &args[i], 0, &args[i]))
                        return false;
                if (host->params[param]->kind != FEEL_ANY && !value_is_null(args[i]) &&
                                !feel_instance(m, &args[i], host->params[param], &is))
                        return false;
                if (!is)
                        args[i] = value_null();
        }
        void *user = m->env->host_user != NULL ? m->env->host_user : m->env->user;
        *ret = value_null();
        return feel_spend(m, 1 + node->n) &&
               host->declared->call(host->declared, user, m->arena, args, node->n, ret, m->err);
}

/* Puts named arguments in the function's order; false if the names do not fit. */
static bool order_args(const struct node *call, const struct node *function,
                const struct value *args, struct value *ret)
{
        if (call->n != function->n)
                return false;
        for (size_t i = 0; i < function->n; i++) {
                size_t j = 0;
                while (j < call->n && !str_eq(call->names[j], function->bindings[i].name))
                        j++;
                if (j == call->n)
                        return false;
                ret[i] = args[j];
        }
        return true;
}

static bool run_call(struct machine *m, const struct node *node, struct value *ret)
{
        struct value callee;
        struct value *args = arena_new_array(m->arena, 2 * (size_t)node->n, struct value);
        if (!feel_run(m, node->a, &callee) || !run_args(m, node, args))
                return false;
        *ret = value_null();
        if (kind_of(&callee) != KIND_FUNCTION)
                return true;
        const struct function *function = function_of(&callee);
        if (node->names == NULL)
                return feel_call(m, function, args, node->n, ret);
        if (function->node == NULL || !order_args(node, function->node, args, args + node->n))
                return true;
        return feel_call(m, function, args + node->n, node->n, ret);
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

/* ---- Back to plain values ---- */

static bool plain_range(
                struct machine *m, const struct range *range, unsigned depth, struct value *ret)
{
        struct member *members = arena_new_array(m->arena, 4, struct member);
        members[0] = (struct member){ STR_LIT("end"), range->high };
        members[1] = (struct member){ STR_LIT("end included"), value_bool(range->high_closed) };
        members[2] = (struct member){ STR_LIT("start"), range->low };
        members[3] = (struct member){ STR_LIT("start included"), value_bool(range->low_closed) };
        *ret = value_context(members, 4);
        return plain(m, &members[0].value, depth, &members[0].value) &&
               plain(m, &members[2].value, depth, &members[2].value);
}

/* Copies a list only where an item changes. */
static bool plain_list(struct machine *m, const struct value *v, unsigned depth, struct value *ret)
{
        struct value *copy = NULL;
        for (size_t i = 0; i < v->list.n; i++) {
                const struct value *item = &v->list.items[i];
                struct value changed;
                if (kind_of(item) < VALUE_LIST)
                        continue;
                if (!plain(m, item, depth, &changed))
                        return false;
                if (copy == NULL) {
                        copy = arena_new_array(m->arena, v->list.n, struct value);
                        memcpy(copy, v->list.items, v->list.n * sizeof(*copy));
                }
                copy[i] = changed;
        }
        *ret = copy != NULL ? value_list(copy, v->list.n) : *v;
        return true;
}

static bool plain_context(
                struct machine *m, const struct value *v, unsigned depth, struct value *ret)
{
        struct member *copy = NULL;
        for (size_t i = 0; i < v->context.n; i++) {
                const struct value *member = &v->context.members[i].value;
                struct value changed;
                if (kind_of(member) < VALUE_LIST)
                        continue;
                if (!plain(m, member, depth, &changed))
                        return false;
                if (copy == NULL) {
                        copy = arena_new_array(m->arena, v->context.n, struct member);
                        memcpy(copy, v->context.members, v->context.n * sizeof(*copy));
                }
                copy[i].value = changed;
        }
        *ret = copy != NULL ? value_context(copy, v->context.n) : *v;
        return true;
}

static bool plain(struct machine *m, const struct value *v, unsigned depth, struct value *ret)
{
        int kind = kind_of(v);
        if (kind < VALUE_LIST) {
                *ret = *v;
                return true;
        }
        if (depth == LIMIT_NESTING)
                return feel_exhausted(m, "结果嵌套太深");
        if (!feel_spend(m, 1))
                return false;
        struct value from = *v;
        switch (kind) {
        case VALUE_LIST:
                return plain_list(m, &from, depth + 1, ret);
        case VALUE_CONTEXT:
                return plain_context(m, &from, depth + 1, ret);
        case KIND_RANGE:
                return plain_range(m, range_of(&from), depth + 1, ret);
        case KIND_OFFSET_MOMENT:
                *ret = value_moment(from.moment);
                return true;
        case KIND_OFFSET_TIME: {
                int64_t local = from.integer - offset_of(&from) + MOMENT_OFFSET;
                *ret = (struct value){ .kind = VALUE_TIME,
                        .integer = ((local % 86400) + 86400) % 86400 };
                return true;
        }
        default:
                *ret = value_null(); /* a function has no plain value */
                return true;
        }
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
               plain(&m, &v, 0, ret);
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
