/* Running what goes through lists: lists, contexts, filters, loops. */
#include <assert.h>
#include "rules/feel_builtin.h"
#include "rules/feel_machine.h"

/* ---- Lists and contexts ---- */

bool run_list(struct machine *m, const struct node *node, struct value *ret)
{
        struct value *items = arena_new_array(m->arena, node->n, struct value);
        for (size_t i = 0; i < node->n; i++)
                if (!feel_run(m, node->items[i], &items[i]))
                        return false;
        *ret = value_list(items, node->n);
        return feel_spend(m, node->n);
}

bool run_context(struct machine *m, const struct node *node, struct value *ret)
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

bool run_path(struct machine *m, const struct node *node, struct value *ret)
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

bool run_filter(struct machine *m, const struct node *node, struct value *ret)
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

bool run_loop(struct machine *m, const struct node *node, struct value *ret)
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
