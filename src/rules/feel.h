/* rules/feel.h - FEEL, the expression language of DMN 1.5 (OMG formal, chapter 10.3).
 *
 * An expression is compiled once, when a definition is loaded: parsed, its names
 * resolved to slots, its types checked against the schema. It is then evaluated
 * any number of times, on any thread. Evaluation is total and bounded: it has no
 * side effects, reads no clock of its own, and ends within the steps of
 * base/limits.h. Where the standard says null, the value is null; feel_eval()
 * fails only at a limit or where a host function fails.
 *
 * Numbers are decimal128; truth has three values; a type error that could not be
 * seen when the definition was loaded yields null.
 *
 * What differs from the standard, all towards one country's calendar: a date and
 * time without offset is China Standard Time; years run from 1800 to 2999; there
 * are no fractions of a second and no named zones but Asia/Shanghai, Etc/UTC. */
#ifndef RULES_FEEL_H
#define RULES_FEEL_H

#include "base/value.h"

/* ---- Types ---- */

enum feel_kind {
        FEEL_ANY, /* not known when the definition is loaded; never refused */
        FEEL_NULL,
        FEEL_BOOLEAN,
        FEEL_NUMBER,
        FEEL_STRING,
        FEEL_DATE,
        FEEL_TIME,
        FEEL_DATE_TIME,
        FEEL_DURATION, /* days and time duration */
        FEEL_MONTHS,   /* years and months duration */
        FEEL_LIST,     /* of `item` */
        FEEL_CONTEXT,  /* with `members`; none = any members */
        FEEL_RANGE,    /* of `item` */
        FEEL_FUNCTION, /* to `item` */
        N_FEEL_KINDS
};

struct feel_member;

struct feel_type {
        enum feel_kind kind;
        const struct feel_type *item;
        const struct feel_member *members;
        size_t n_members;
};

struct feel_member {
        struct str name;
        const struct feel_type *type;
};

/* The types without parts: feel_type_of(FEEL_NUMBER). A list, range or function
 * of anything, and a context with any members, are among them. */
const struct feel_type *feel_type_of(enum feel_kind kind);

/* "number", "string", "boolean", "date", "time", "date and time", "days and time
 * duration" (or "duration"), "years and months duration", "list<T>", "context",
 * "context<a: T, b: T>", "range<T>", "function<T, T> -> T", "Any", "Null". */
MUST_CHECK bool feel_type_parse(struct arena *arena, struct str text, const struct feel_type **ret,
                struct err *err);
struct str feel_type_format(struct arena *arena, const struct feel_type *type);

/* Would a value of type `from` always do where `to` is asked? FEEL_ANY on either
 * side does, and so does null. */
bool feel_type_fits(const struct feel_type *from, const struct feel_type *to);

/* ---- What an expression may name ---- */

/* A function that the caller lends to expressions, such as
 * { "working_days_between", "date, date", "number", call, context }. It must be
 * pure as far as the evaluation can see. Arguments come as declared or null. */
struct feel_host {
        const char *name;
        const char *params; /* types with commas between; "?" after one: may be left out;
                               "..." after the last: any number of it */
        const char *result;
        bool (*call)(const struct feel_host *self, void *user, struct arena *arena,
                        const struct value *args, size_t n_args, struct value *ret,
                        struct err *err);
        const void *data; /* the function's own, found again through `self` */
};

/* The names in reach. names[i] has slot i. A name may hold dots ("item.days"),
 * spaces and any letters; where several fit, the longest is meant. */
struct feel_schema {
        const struct feel_member *names;
        size_t n_names;
        const struct feel_host *hosts;
        size_t n_hosts;
        bool untyped; /* the names only help to read the text; nothing is refused */
};

/* ---- Compiling ---- */

struct feel_expression;

/* Without a schema any name is taken and asked of `lookup` when evaluated, and no
 * type is refused. `expected` may be NULL. The text and the schema must live as
 * long as the expression. Fails with E_FEEL_SYNTAX, E_FEEL_NAME, E_FEEL_TYPE or
 * E_FEEL_LIMIT; the detail names the byte position (counted from 1). */
MUST_CHECK bool feel_compile(struct arena *arena, struct str text, const struct feel_schema *schema,
                const struct feel_type *expected, const struct feel_expression **ret,
                struct err *err);

/* Unary tests, as in a decision table's cell: `< 10`, `"A","B"`, `not(1, 2)`,
 * `[1..5)`, `-`, or a condition on `?`. `input` is the tested value's type, or NULL. */
MUST_CHECK bool feel_compile_unary_tests(struct arena *arena, struct str text,
                const struct feel_schema *schema, const struct feel_type *input,
                const struct feel_expression **ret, struct err *err);

const struct feel_type *feel_result_type(const struct feel_expression *expression);
struct str feel_text(const struct feel_expression *expression);

/* The slots that the expression reads, each once, ascending; for a lint. */
const size_t *feel_slots_read(const struct feel_expression *expression, size_t *ret_n);

/* ---- Evaluating ---- */

struct feel_env {
        void *user;
        /* The value of a schema name's slot; false = null. NULL: `lookup` is asked. */
        bool (*slot)(void *user, size_t slot, struct value *ret);
        /* The value of a name; false = null. May be NULL. */
        bool (*lookup)(void *user, struct str name, struct value *ret);
        void *host_user;   /* handed to host functions; NULL: `user` is */
        struct moment now; /* what now() says; its day is what today() says */
};

/* The arena is touched only by values that need memory: lists, contexts, new
 * text. Values read through `env` are not copied into it. */
MUST_CHECK bool feel_eval(struct arena *arena, const struct feel_expression *expression,
                const struct feel_env *env, struct value *ret, struct err *err);

/* A condition: true only if the value is true; null and every other value is false. */
MUST_CHECK bool feel_holds(struct arena *arena, const struct feel_expression *expression,
                const struct feel_env *env, bool *ret, struct err *err);

/* Does `input` pass the unary tests? */
MUST_CHECK bool feel_test(struct arena *arena, const struct feel_expression *tests,
                const struct feel_env *env, const struct value *input, bool *ret, struct err *err);

/* The text of a value as FEEL's string() gives it. */
struct str feel_string(struct arena *arena, const struct value *v);

#endif
