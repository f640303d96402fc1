/* rules/feel_parser.h - the compiler's inside; for the rules room alone.
 *
 * feel_parse.c reads the grammar, feel_term.c its terms, feel_name.c finds out what a name means,
 * feel_build.c makes the nodes and checks their types. */
#ifndef RULES_FEEL_PARSER_H
#define RULES_FEEL_PARSER_H

#include "base/limits.h"
#include "rules/feel_scan.h"
#include "rules/feel_tree.h"

/* A variable in reach; its place in the array is its place in the frame. */
struct local {
        struct str name;
        const struct feel_type *type;
        bool is_item;    /* the item of a filter: its members are names too */
        bool is_partial; /* of a `for` */
        bool is_read;
};

struct parser {
        struct arena *arena;
        struct str text;
        struct token token;
        struct err *err;
        unsigned depth;
        const struct feel_schema *schema;
        struct host *hosts; /* as many as the schema has */
        bool strict;        /* refuse what does not type-check */
        struct local locals[FEEL_LOCALS_MAX];
        uint32_t n_locals, frame;
        struct str words[64]; /* member names seen, for paths with spaces */
        size_t n_words;
        bool *slots; /* read so far */
};

/* Refuses at byte `at`; always NULL. */
struct node *parse_refuse(struct parser *p, enum err_code code, size_t at, const char *format, ...)
                PRINTF_LIKE(4, 5);

/* feel_type.c: the type at byte *at, which moves behind it. */
MUST_CHECK bool feel_type_read(struct arena *arena, struct str text, size_t *at,
                const struct feel_type **ret, struct err *err);

/* ---- feel_name.c ---- */

/* What stands at the current token, taken from the text. */
struct named {
        struct str name;
        size_t from;
        bool is_function; /* a builtin or host function, and "(" follows */
};

/* Does a declared name of several words stand here? */
bool name_is_declared(const struct parser *p);
void name_take(struct parser *p, struct named *ret);
struct str name_take_member(struct parser *p, const struct feel_type *of);
struct node *name_resolve(struct parser *p, const struct named *named);
/* The host function of that name, or NULL; *ok is false if it is declared wrongly. */
const struct host *name_host(struct parser *p, struct str name, bool *ok);
void name_add_word(struct parser *p, struct str name);

/* A new local; false (refused) if there are too many. */
bool name_bind(struct parser *p, struct str name, const struct feel_type *type, uint32_t *ret);
void name_start_hosts(struct parser *p);

/* ---- feel_parse.c, feel_term.c ---- */

struct nodes {
        const struct node **items;
        struct str *names; /* of named arguments */
        size_t n, capacity;
};

struct bindings {
        struct binding *items;
        size_t n, capacity;
};

/* The grammar, a function for each form; NULL where it was refused. */
void parse_advance(struct parser *p);
bool parse_take(struct parser *p, enum token_kind kind);
bool parse_is_word(const struct parser *p, const char *word);
struct node *parse_refuse_here(struct parser *p, const char *wanted);
bool parse_want(struct parser *p, enum token_kind kind, const char *wanted);
bool parse_want_word(struct parser *p, const char *word, const char *wanted);
void parse_add_node(
                struct parser *p, struct nodes *nodes, const struct node *node, struct str name);
struct binding *parse_add_binding(struct parser *p, struct bindings *bindings);
struct node *parse_sum(struct parser *p);
struct node *parse_expression(struct parser *p);
struct node *parse_number(struct parser *p);
struct node *parse_string(struct parser *p);
struct node *parse_at(struct parser *p);
struct node *parse_range_end(struct parser *p, size_t at, const struct node *low, bool low_closed);
bool parse_is_comparison(enum token_kind kind, enum op *ret);
struct node *parse_operator_test(struct parser *p, enum op op);
struct node *parse_test(struct parser *p);
struct node *parse_parentheses(struct parser *p);
struct node *parse_list(struct parser *p);
struct node *parse_open_range(struct parser *p);
struct node *parse_context(struct parser *p);
struct node *parse_if(struct parser *p);
struct node *parse_loop(struct parser *p, enum op op);
bool parse_take_type(struct parser *p, const struct feel_type **ret);
struct node *parse_function(struct parser *p);
struct node *parse_known_call(struct parser *p, const struct named *named);
struct node *parse_value_call(struct parser *p, const struct node *callee);

/* ---- feel_build.c ---- */

struct node *build(struct parser *p, enum op op, size_t at, const struct feel_type *type);
struct node *build_literal(struct parser *p, size_t at, struct value v);
struct node *build_unary(struct parser *p, enum op op, size_t at, const struct node *a);
struct node *build_binary(struct parser *p, enum op op, size_t at, const struct node *a,
                const struct node *b);
struct node *build_between(struct parser *p, size_t at, const struct node *a, const struct node *b,
                const struct node *c);

/* Can the tested value be compared with what the test says? Else refused. */
bool build_check_test(struct parser *p, size_t at, const struct feel_type *tested,
                const struct node *test);
struct node *build_in(struct parser *p, size_t at, const struct node *a,
                const struct node *const *tests, size_t n);
struct node *build_range(struct parser *p, size_t at, const struct node *low,
                const struct node *high, bool low_closed, bool high_closed);
struct node *build_items(
                struct parser *p, enum op op, size_t at, const struct node *const *items, size_t n);
struct node *build_path(struct parser *p, size_t at, const struct node *a, struct str name);
struct node *build_filter(struct parser *p, size_t at, const struct node *a, const struct node *b,
                uint32_t item);
struct node *build_if(struct parser *p, size_t at, const struct node *a, const struct node *b,
                const struct node *c);
struct node *build_loop(struct parser *p, enum op op, size_t at, const struct binding *bindings,
                size_t n, const struct node *body);
struct node *build_context(struct parser *p, size_t at, const struct binding *entries, size_t n);

/* names may be NULL: positional. */
struct node *build_builtin(struct parser *p, size_t at, struct str name,
                const struct node *const *args, const struct str *names, size_t n);
struct node *build_host(struct parser *p, size_t at, const struct host *host,
                const struct node *const *args, const struct str *names, size_t n);
struct node *build_call(struct parser *p, size_t at, const struct node *callee,
                const struct node *const *args, const struct str *names, size_t n);

/* What one iterates over: the item of a list, the item of a range, or the value. */
const struct feel_type *build_item_type(const struct feel_type *type);

/* "数值（number）" */
struct str build_type_label(struct parser *p, const struct feel_type *type);

#endif
