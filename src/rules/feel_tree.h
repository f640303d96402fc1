/* rules/feel_tree.h - an expression after compiling; for the rules room alone.
 *
 * Nodes are immutable and live in the arena of feel_compile(). Names are already
 * resolved: to a slot of the schema, or to a local (the variable of a `for`, an
 * entry of a context, a parameter), which is an index into the running frame. */
#ifndef RULES_FEEL_TREE_H
#define RULES_FEEL_TREE_H

#include "rules/feel.h"

#define FEEL_HEIGHT_MAX 200u /* levels of one expression's tree */
#define FEEL_LOCALS_MAX 200u /* variables in reach of one place */
#define FEEL_ARGS_MAX   64u  /* arguments of one call */

struct builtin;
struct node;

enum op {
        N_LITERAL,   /* literal */
        N_SLOT,      /* index; name */
        N_NAME,      /* name, asked of lookup */
        N_LOCAL,     /* index */
        N_ITEM_NAME, /* member `name` of local `index` if it has one, else a */
        N_OR,
        N_AND, /* items */
        N_EQ,
        N_NE,
        N_LT,
        N_LE,
        N_GT,
        N_GE,
        N_ADD,
        N_SUB,
        N_MUL,
        N_DIV,
        N_POW,     /* a, b */
        N_NEG,     /* a */
        N_BETWEEN, /* a, b, c */
        N_IN,      /* a; items are tests */
        N_TEST_EQ,
        N_TEST_NE, /* a; only as a test */
        N_TESTS,   /* items are tests; negate; the tested value is local 0 */
        N_RANGE,   /* a (may be NULL), b (may be NULL), low_closed, high_closed */
        N_LIST,    /* items */
        N_CONTEXT, /* bindings: name, from; each is a local for those behind it */
        N_PATH,    /* a, name */
        N_FILTER,  /* a, b; the item is local `index` */
        N_FOR,
        N_SOME,
        N_EVERY,         /* bindings: name, from, to (may be NULL); a; partial is local `index` */
        N_IF,            /* a, b, c */
        N_INSTANCE,      /* a, asked */
        N_FUNCTION,      /* bindings are parameters; a; index = locals it captures; frame */
        N_BUILTIN,       /* builtin, items, kinds[n] */
        N_BUILTIN_VALUE, /* builtin, as a value */
        N_HOST,          /* host, items */
        N_CALL,          /* a, items; names[n] or NULL */
};

struct binding {
        struct str name;
        const struct node *from, *to;
        const struct feel_type *type;
        uint32_t local;
};

struct node {
        uint8_t op;
        bool flag;        /* N_TESTS: negate; N_RANGE: low closed; N_FOR: uses partial */
        bool high_closed; /* N_RANGE */
        bool names_input; /* a unary test that names the tested value itself: ? */
        uint16_t height;
        uint32_t index, n;
        const struct feel_type *type;
        union {
                struct value literal;
                struct {
                        const struct node *a, *b, *c;
                };
        };
        struct str name;
        union {
                const struct node *const *items;
                const struct binding *bindings;
        };
        union {
                const struct builtin *builtin;
                const struct host *host;
                const struct str *names;
                const struct feel_type *asked;
                uint32_t frame;
        };
        const char *kinds; /* N_BUILTIN: what each argument must be */
};

/* A feel_host after its signature was read. */
struct host {
        const struct feel_host *declared;
        const struct feel_type **params;
        size_t n_params, n_required;
        bool variadic; /* the last parameter takes any number */
        const struct feel_type *result;
};

struct feel_expression {
        struct str text;
        const struct node *root;
        const size_t *slots;
        size_t n_slots;
        uint32_t frame; /* locals that the root needs */
        bool is_tests;
};

#endif
