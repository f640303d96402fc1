/* Running calls: of functions, of builtins, of the caller; and what they are handed. */
#include <assert.h>
#include "rules/feel_builtin.h"
#include "rules/feel_machine.h"

/* ---- Calls ---- */

bool run_function(struct machine *m, const struct node *node, struct value *ret)
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

bool run_builtin(struct machine *m, const struct node *node, struct value *ret)
{
        struct value few[4];
        struct value *args = node->n <= N_ELEMENTS(few)
                                             ? few
                                             : arena_new_array(m->arena, node->n, struct value);
        return run_args(m, node, args) &&
               builtin_call(m, node->builtin, node->kinds, args, node->n, ret);
}

/* Hosts are handed plain values, of the types they declared or null. */
bool run_host(struct machine *m, const struct node *node, struct value *ret)
{
        struct value *args = arena_new_array(m->arena, node->n, struct value);
        const struct host *host = node->host;
        if (!run_args(m, node, args))
                return false;
        for (size_t i = 0; i < node->n; i++) {
                bool is = true;
                size_t param = i < host->n_params ? i : host->n_params - 1;
                if (!feel_plain(m, &args[i], 0, &args[i]))
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

bool run_call(struct machine *m, const struct node *node, struct value *ret)
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
        return feel_plain(m, &members[0].value, depth, &members[0].value) &&
               feel_plain(m, &members[2].value, depth, &members[2].value);
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
                if (!feel_plain(m, item, depth, &changed))
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
                if (!feel_plain(m, member, depth, &changed))
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

bool feel_plain(struct machine *m, const struct value *v, unsigned depth, struct value *ret)
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
