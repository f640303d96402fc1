/* rules/feel_machine.h - one running evaluation; for the rules room alone.
 *
 * Inside an evaluation there are four more kinds of value than base/value.h has:
 * ranges, functions, and times and moments that keep the offset they were written
 * with. feel_eval() turns them into plain values before it returns. Every loop and
 * every walk over a value pays steps, so that nothing runs for long. */
#ifndef RULES_FEEL_MACHINE_H
#define RULES_FEEL_MACHINE_H

#include "base/limits.h"
#include "rules/feel_tree.h"

#define FEEL_STACK     1024u /* locals of all running frames */
#define FEEL_DEPTH_MAX 1000u /* nested evaluations */

enum {
        KIND_RANGE = VALUE_CONTEXT + 1,
        KIND_FUNCTION,
        KIND_OFFSET_TIME,   /* integer: local second of the day; offset */
        KIND_OFFSET_MOMENT, /* moment; offset */
};

struct range {
        struct value low, high; /* null with has_... false: no bound there */
        bool has_low, has_high, low_closed, high_closed;
};

struct function {
        const struct node *node;       /* a function literal, or NULL */
        const struct builtin *builtin; /* else this */
        const struct value *captured;
};

struct machine {
        struct arena *arena;
        const struct feel_env *env;
        struct err *err;
        struct value *base, *end; /* the running frame's locals; end of the stack */
        uint32_t frame;           /* locals of the running frame */
        uint32_t steps, depth;
};

/* Three values: the two of bool and the unknown. */
enum truth { TRUTH_FALSE, TRUTH_TRUE, TRUTH_UNKNOWN };

static inline enum truth truth_of(bool b)
{
        return b ? TRUTH_TRUE : TRUTH_FALSE;
}

static inline struct value truth_value(enum truth t)
{
        return t == TRUTH_UNKNOWN ? value_null() : value_bool(t == TRUTH_TRUE);
}

static inline int kind_of(const struct value *v)
{
        return (int)v->kind;
}

static inline const struct range *range_of(const struct value *v)
{
        return (const struct range *)(const void *)v->list.items;
}

static inline const struct function *function_of(const struct value *v)
{
        return (const struct function *)(const void *)v->list.items;
}

struct value range_value(struct arena *arena, struct range range);
struct value function_value(struct arena *arena, struct function function);

/* Seconds east of UTC of a KIND_OFFSET_...; MOMENT_OFFSET for the plain kinds. */
int offset_of(const struct value *v);
struct value offset_time(int64_t second_of_day, int offset);
struct value offset_moment(struct moment moment, int offset);

/* True unless the steps are used up; then err is set. */
bool feel_spend(struct machine *m, size_t steps);

/* Refuses at a limit; always false. */
bool feel_exhausted(struct machine *m, const char *what);

/* These return false only at a limit or where a host function failed. */
MUST_CHECK bool feel_run(struct machine *m, const struct node *node, struct value *ret);
MUST_CHECK bool feel_call(struct machine *m, const struct function *function,
                const struct value *args, size_t n, struct value *ret);

/* Runs the expression as feel_eval() does, but leaves the kinds that only an
 * evaluation has; input is the tested value of unary tests, or NULL; stack has
 * FEEL_STACK places. */
MUST_CHECK bool feel_eval_raw(struct arena *arena, const struct feel_expression *expression,
                const struct feel_env *env, const struct value *input, struct machine *m,
                struct value *stack, struct value *ret, struct err *err);

/* ---- Nodes (feel_eval.c, feel_loop.c, feel_call.c) ---- */

/* One kind of node each, for feel_run() to choose from. */
MUST_CHECK bool run_list(struct machine *m, const struct node *node, struct value *ret);
MUST_CHECK bool run_context(struct machine *m, const struct node *node, struct value *ret);
MUST_CHECK bool run_path(struct machine *m, const struct node *node, struct value *ret);
MUST_CHECK bool run_filter(struct machine *m, const struct node *node, struct value *ret);
MUST_CHECK bool run_loop(struct machine *m, const struct node *node, struct value *ret);
MUST_CHECK bool run_function(struct machine *m, const struct node *node, struct value *ret);
MUST_CHECK bool run_builtin(struct machine *m, const struct node *node, struct value *ret);
MUST_CHECK bool run_host(struct machine *m, const struct node *node, struct value *ret);
MUST_CHECK bool run_call(struct machine *m, const struct node *node, struct value *ret);

/* A value as those outside know it. */
MUST_CHECK bool feel_plain(
                struct machine *m, const struct value *v, unsigned depth, struct value *ret);

/* ---- Operators (feel_operator.c) ---- */

/* a op b for N_ADD .. N_POW; null where the standard has no result. */
MUST_CHECK bool feel_arithmetic(struct machine *m, enum op op, const struct value *a,
                const struct value *b, struct value *ret);
struct value feel_negate(const struct value *a);

/* Unknown for values of different kinds. Null equals null alone. */
MUST_CHECK bool feel_equals(
                struct machine *m, const struct value *a, const struct value *b, enum truth *ret);

/* Less, equal or greater (-1, 0, 1); false for what has no order or differs in kind. */
bool feel_compare(const struct value *a, const struct value *b, int *ret);

enum truth feel_in_range(const struct range *range, const struct value *v);

/* `v in test`, where test is a value, a range, or a list of them. */
MUST_CHECK bool feel_in(struct machine *m, const struct value *v, const struct value *test,
                enum truth *ret);

/* `v.name`: members, projections of lists, properties of dates and ranges. */
MUST_CHECK bool feel_path(
                struct machine *m, const struct value *v, struct str name, struct value *ret);

/* Is v of the type? Null is of FEEL_NULL alone. */
MUST_CHECK bool feel_instance(
                struct machine *m, const struct value *v, const struct feel_type *type, bool *ret);

/* ---- A list that grows ---- */

struct list {
        struct value *items;
        size_t n, capacity;
};

MUST_CHECK bool list_push(struct machine *m, struct list *list, const struct value *v);

static inline struct value list_value(const struct list *list)
{
        return value_list(list->items, list->n);
}

/* ---- Text of values (feel_text.c) ---- */

/* As string() writes v; strings inside lists and contexts get quotes. */
MUST_CHECK bool feel_write(struct machine *m, struct buf *buf, const struct value *v);

#endif
