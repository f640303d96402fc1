#include "rules/feel_clause.h"

#include <string.h>

#include "rules/feel_builtin.h"
#include "rules/feel_tree.h"

/* All of them hold; none: nothing is known; one without terms: it cannot be. */
struct known {
        struct feel_clause *clauses;
        size_t n;
};

struct reading {
        struct arena *arena;
        bool of_item;  /* names are members of the item: */
        uint32_t item; /* the local that stands for it */
        bool too_many;
};

/* What a node may be seen to be: known to be true, false, or anything but true. Truth has three
 * values: `not(x)` is true only where x is false, and `if` goes to its `else` where its condition
 * is false or null. */
enum being { IS_TRUE, IS_FALSE, IS_NOT_TRUE };

static struct known known_if(struct reading *r, const struct node *node, enum being being);

/* ---- Clauses ---- */

static struct known nothing(void)
{
        return (struct known){ NULL, 0 };
}

static struct known one(struct reading *r, struct feel_term term)
{
        struct feel_term *terms = arena_new(r->arena, struct feel_term);
        struct feel_clause *clause = arena_new(r->arena, struct feel_clause);
        *terms = term;
        *clause = (struct feel_clause){ terms, 1 };
        return (struct known){ clause, 1 };
}

static struct known untold(struct reading *r)
{
        return one(r, (struct feel_term){ .kind = FEEL_UNTOLD });
}

static struct known never(struct reading *r)
{
        struct feel_clause *clause = arena_new(r->arena, struct feel_clause);
        *clause = (struct feel_clause){ NULL, 0 };
        return (struct known){ clause, 1 };
}

static struct known both(struct reading *r, struct known a, struct known b)
{
        struct known all = { arena_new_array(r->arena, a.n + b.n, struct feel_clause), 0 };
        for (size_t i = 0; i < a.n; i++)
                all.clauses[all.n++] = a.clauses[i];
        for (size_t i = 0; i < b.n; i++)
                all.clauses[all.n++] = b.clauses[i];
        r->too_many |= all.n > FEEL_CLAUSES_MAX;
        return r->too_many ? nothing() : all;
}

static struct feel_clause joined(
                struct arena *arena, const struct feel_clause *a, const struct feel_clause *b)
{
        size_t n = 0;
        struct feel_term *terms = arena_new_array(arena, a->n_terms + b->n_terms, struct feel_term);
        for (size_t i = 0; i < a->n_terms; i++)
                terms[n++] = a->terms[i];
        for (size_t i = 0; i < b->n_terms; i++)
                terms[n++] = b->terms[i];
        return (struct feel_clause){ terms, n };
}

static struct known either(struct reading *r, struct known a, struct known b)
{
        r->too_many |= a.n * b.n > FEEL_CLAUSES_MAX;
        if (r->too_many)
                return nothing();
        struct known all = { arena_new_array(r->arena, a.n * b.n, struct feel_clause), 0 };
        for (size_t i = 0; i < a.n; i++)
                for (size_t k = 0; k < b.n; k++)
                        all.clauses[all.n++] = joined(r->arena, &a.clauses[i], &b.clauses[k]);
        return all;
}

/* ---- Comparisons ---- */

static bool is_null(const struct node *node)
{
        return node->op == N_LITERAL && value_is_null(node->literal);
}

static bool is_never_null(const struct node *node)
{
        if (node->op == N_IF)
                return is_never_null(node->b) && is_never_null(node->c);
        return node->op == N_LITERAL && !value_is_null(node->literal);
}

static bool is_named(const struct reading *r, const struct node *node)
{
        if (!r->of_item)
                return node->op == N_SLOT;
        return node->op == N_PATH && node->a->op == N_LOCAL && node->a->index == r->item;
}

static struct known term(struct reading *r, enum feel_term_kind kind, const struct node *named,
                const struct value *values, size_t n)
{
        return one(r, (struct feel_term){ kind, named->name, values, n });
}

/* Of `a = b`; both null are equal, too. */
static struct known equal(struct reading *r, const struct node *a, const struct node *b, bool holds)
{
        const struct node *named = is_named(r, a) ? a : b, *other = named == a ? b : a;
        if (!is_named(r, named))
                return untold(r);
        if (is_null(other))
                return term(r, holds ? FEEL_MISSING : FEEL_GIVEN, named, NULL, 0);
        if (other->op == N_LITERAL)
                return term(r, holds ? FEEL_AMONG : FEEL_NOT_AMONG, named, &other->literal, 1);
        if (holds && is_never_null(other))
                return term(r, FEEL_GIVEN, named, NULL, 0);
        return untold(r);
}

static struct known among(struct reading *r, const struct node *node, bool holds)
{
        struct value *values = arena_new_array(r->arena, node->n, struct value);
        if (!is_named(r, node->a))
                return untold(r);
        for (uint32_t i = 0; i < node->n; i++) {
                if (node->items[i]->op != N_LITERAL || is_null(node->items[i]))
                        return untold(r);
                values[i] = node->items[i]->literal;
        }
        return term(r, holds ? FEEL_AMONG : FEEL_NOT_AMONG, node->a, values, node->n);
}

/* What must be there for the node not to be null: itself, or what is counted. */
static struct known given_in(struct reading *r, const struct node *node)
{
        if (is_named(r, node))
                return term(r, FEEL_GIVEN, node, NULL, 0);
        if (node->op == N_BUILTIN && strcmp(node->builtin->name, "count") == 0 && node->n == 1)
                return given_in(r, node->items[0]);
        return nothing();
}

/* "a < b": null where one of them is, and more than can be told. */
static struct known ordered(struct reading *r, const struct node *node, enum being being)
{
        if (being == IS_NOT_TRUE)
                return untold(r);
        return both(r, both(r, given_in(r, node->a), given_in(r, node->b)), untold(r));
}

/* "every x in names satisfies ...", or "some": null where there is no list. */
static struct known walked(struct reading *r, const struct node *node, enum being being)
{
        struct known all = untold(r);
        if (being == IS_NOT_TRUE)
                return all;
        for (uint32_t i = 0; i < node->n; i++)
                all = both(r, all, given_in(r, node->bindings[i].from));
        return all;
}

/* ---- Truth ---- */

static struct known known_of_all(
                struct reading *r, const struct node *node, enum being being, bool any)
{
        struct known all = any ? never(r) : nothing();
        for (uint32_t i = 0; i < node->n && !r->too_many; i++) {
                struct known item = known_if(r, node->items[i], being);
                all = any ? either(r, all, item) : both(r, all, item);
        }
        return all;
}

static struct known branches(struct reading *r, const struct node *node, enum being being)
{
        struct known then =
                        either(r, known_if(r, node->a, IS_NOT_TRUE), known_if(r, node->b, being));
        struct known otherwise =
                        either(r, known_if(r, node->a, IS_TRUE), known_if(r, node->c, being));
        return both(r, then, otherwise);
}

static struct known literal_truth(struct reading *r, const struct value *literal, enum being being)
{
        bool is_true = literal->kind == VALUE_BOOL && literal->boolean;
        bool is_false = literal->kind == VALUE_BOOL && !literal->boolean;
        bool is = being == IS_TRUE ? is_true : being == IS_FALSE ? is_false : !is_true;
        return is ? nothing() : never(r);
}

/* A name that stands for a truth. */
static struct known named_truth(struct reading *r, const struct node *node, enum being being)
{
        static const struct value yes = { .kind = VALUE_BOOL, .boolean = true };
        static const struct value no = { .kind = VALUE_BOOL, .boolean = false };
        if (being == IS_NOT_TRUE)
                return term(r, FEEL_NOT_AMONG, node, &yes, 1);
        return term(r, FEEL_AMONG, node, being == IS_TRUE ? &yes : &no, 1);
}

static struct known negated(struct reading *r, const struct node *node, enum being being)
{
        if (being == IS_NOT_TRUE)
                return untold(r);
        return known_if(r, node->items[0], being == IS_TRUE ? IS_FALSE : IS_TRUE);
}

static struct known known_if(struct reading *r, const struct node *node, enum being being)
{
        switch (node->op) {
        case N_LITERAL:
                return literal_truth(r, &node->literal, being);
        case N_AND: /* all are true; one of them is not */
        case N_OR:
                return known_of_all(r, node, being, (node->op == N_OR) == (being == IS_TRUE));
        case N_EQ:
                return equal(r, node->a, node->b, being == IS_TRUE);
        case N_NE:
                return equal(r, node->a, node->b, being != IS_TRUE);
        case N_LT:
        case N_LE:
        case N_GT:
        case N_GE:
                return ordered(r, node, being);
        case N_IN:
                return among(r, node, being == IS_TRUE);
        case N_SOME:
        case N_EVERY:
                return walked(r, node, being);
        case N_IF:
                return branches(r, node, being);
        case N_BUILTIN:
                if (strcmp(node->builtin->name, "not") == 0 && node->n == 1)
                        return negated(r, node, being);
                return untold(r);
        default:
                return is_named(r, node) ? named_truth(r, node, being) : untold(r);
        }
}

/* ---- Of the items of a list ---- */

static bool is_list(const struct node *node, struct str list)
{
        return node->op == N_SLOT && str_eq(node->name, list);
}

/* "names = null": does not hold where there are items. */
static bool asks_for_no_list(const struct node *node, struct str list)
{
        return node->op == N_EQ && ((is_list(node->a, list) && is_null(node->b)) ||
                                                   (is_null(node->a) && is_list(node->b, list)));
}

/* The list itself, or none in its place where there is none. */
static bool walks_list(const struct node *from, struct str list)
{
        if (from->op == N_IF)
                return asks_for_no_list(from->a, list) && is_list(from->c, list);
        return is_list(from, list);
}

static struct known known_of_items(struct reading *r, const struct node *node, struct str list)
{
        struct known all = nothing();
        size_t n = 0;
        switch (node->op) {
        case N_AND:
                for (uint32_t i = 0; i < node->n; i++)
                        all = both(r, all, known_of_items(r, node->items[i], list));
                return all;
        case N_OR: /* beside something that may be true, it may be false */
                for (uint32_t i = 0; i < node->n; i++)
                        if (!asks_for_no_list(node->items[i], list)) {
                                all = both(r, all, known_of_items(r, node->items[i], list));
                                n++;
                        }
                return n > 1 ? either(r, all, untold(r)) : all;
        case N_IF:
                if (asks_for_no_list(node->a, list))
                        return known_of_items(r, node->c, list);
                all = both(r, known_of_items(r, node->b, list), known_of_items(r, node->c, list));
                return either(r, all, untold(r));
        case N_EVERY:
                if (node->n != 1 || node->bindings[0].to != NULL ||
                                !walks_list(node->bindings[0].from, list))
                        return all;
                r->item = node->bindings[0].local;
                return known_if(r, node->a, IS_TRUE);
        default:
                return all;
        }
}

/* ---- What is handed out ---- */

static size_t hand_out(struct reading *r, struct known known, const struct feel_clause **ret)
{
        size_t n = 0;
        for (size_t i = 0; i < known.n && !r->too_many; i++) {
                bool names = false;
                for (size_t k = 0; k < known.clauses[i].n_terms; k++)
                        names |= known.clauses[i].terms[k].kind != FEEL_UNTOLD;
                if (names)
                        known.clauses[n++] = known.clauses[i];
        }
        *ret = known.clauses;
        return n;
}

size_t feel_clauses(struct arena *arena, const struct feel_expression *condition,
                const struct feel_clause **ret)
{
        struct reading r = { .arena = arena };
        if (condition->is_tests)
                return 0;
        return hand_out(&r, known_if(&r, condition->root, IS_TRUE), ret);
}

size_t feel_item_clauses(struct arena *arena, const struct feel_expression *condition,
                struct str list, const struct feel_clause **ret)
{
        struct reading r = { .arena = arena, .of_item = true };
        if (condition->is_tests)
                return 0;
        return hand_out(&r, known_of_items(&r, condition->root, list), ret);
}
