#include "rules/feel_demand.h"

#include "rules/feel_tree.h"

struct demand {
        struct str list, member;
        uint32_t item; /* the local that stands for an item; inside `every` */
};

static bool is_null(const struct node *node)
{
        return node->op == N_LITERAL && value_is_null(node->literal);
}

static bool is_list(const struct demand *d, const struct node *node)
{
        return node->op == N_SLOT && str_eq(node->name, d->list);
}

/* "names = null": does not hold where there are items. */
static bool asks_for_no_list(const struct demand *d, const struct node *node)
{
        return node->op == N_EQ && ((is_list(d, node->a) && is_null(node->b)) ||
                                                   (is_null(node->a) && is_list(d, node->b)));
}

/* ---- Of one item: surely not true once the member is null ---- */

static bool is_member(const struct demand *d, const struct node *node)
{
        return node->op == N_PATH && str_eq(node->name, d->member) && node->a->op == N_LOCAL &&
               node->a->index == d->item;
}

static bool is_never_null(const struct node *node)
{
        if (node->op == N_IF)
                return is_never_null(node->b) && is_never_null(node->c);
        return node->op == N_LITERAL && !value_is_null(node->literal);
}

/* One side is the member, and the other is as `fits` says. */
static bool compares(const struct demand *d, const struct node *node,
                bool (*fits)(const struct node *node))
{
        return (is_member(d, node->a) && (fits == NULL || fits(node->b))) ||
               (is_member(d, node->b) && (fits == NULL || fits(node->a)));
}

static bool is_among(const struct demand *d, const struct node *node)
{
        bool told = is_member(d, node->a);
        for (uint32_t i = 0; i < node->n; i++)
                told &= is_never_null(node->items[i]);
        return told;
}

static bool fails(const struct demand *d, const struct node *node)
{
        bool all = true, any = false;
        switch (node->op) {
        case N_AND:
        case N_OR:
                for (uint32_t i = 0; i < node->n; i++) {
                        bool one = fails(d, node->items[i]);
                        all &= one;
                        any |= one;
                }
                return node->op == N_AND ? any : all;
        case N_NE:
                return compares(d, node, is_null);
        case N_EQ:
                return compares(d, node, is_never_null);
        case N_LT:
        case N_LE:
        case N_GT:
        case N_GE:
                return compares(d, node, NULL);
        case N_IN:
                return is_among(d, node);
        default:
                return is_member(d, node); /* a truth of its own */
        }
}

/* ---- Of the list ---- */

/* The list itself, or none in its place where there is none. */
static bool walks_list(const struct demand *d, const struct node *from)
{
        if (from->op == N_IF)
                return asks_for_no_list(d, from->a) && is_list(d, from->c);
        return is_list(d, from);
}

static bool demands(const struct demand *d, const struct node *node)
{
        struct demand inner = *d;
        bool all = true, any = false;
        switch (node->op) {
        case N_AND:
        case N_OR:
                for (uint32_t i = 0; i < node->n; i++) {
                        bool one = demands(d, node->items[i]);
                        all &= one || asks_for_no_list(d, node->items[i]);
                        any |= one;
                }
                return node->op == N_AND ? any : all && any;
        case N_IF:
                return demands(d, node->c) && (demands(d, node->b) || asks_for_no_list(d, node->a));
        case N_EVERY:
                if (node->n != 1 || node->bindings[0].to != NULL ||
                                !walks_list(d, node->bindings[0].from))
                        return false;
                inner.item = node->bindings[0].local;
                return fails(&inner, node->a);
        default:
                return false;
        }
}

bool feel_demands(const struct feel_expression *condition, struct str list, struct str member)
{
        const struct demand d = { .list = list, .member = member };
        return !condition->is_tests && demands(&d, condition->root);
}
