/* rules/feel_builtin.h - the functions of DMN 1.5 section 10.3.4; for the rules room alone.
 *
 * Each is a row: name, parameters, result, C function. The arguments are checked
 * and converted before the function is called (a list of one and its item stand
 * for each other, section 10.3.2.9.4); where one does not fit the result is null. */
#ifndef RULES_FEEL_BUILTIN_H
#define RULES_FEEL_BUILTIN_H

#include "rules/feel_machine.h"

/* Letters of types:
 *   a anything, null included      l list           N list of numbers, typed as such
 *   n number    s string           b boolean        c context
 *   d date      t time             m date and time (a date does)
 *   x date or date and time        D days and time duration   Y years and months duration
 *   u either duration              f function       r range
 * As a result also: i the item of the first argument, L the type of the first.
 * Behind a letter: ? may be left out, ~ may be null, * any number. */
struct builtin {
        const char *name;
        const char *params; /* "string:s,start position:n,length:n?" */
        char result;
        /* args[0..n) as asked for; *ret is null when called. */
        bool (*call)(struct machine *m, const struct value *args, size_t n, struct value *ret);
};

/* The tables, each ended by a row without name. */
extern const struct builtin feel_conversions[], feel_strings[], feel_lists[], feel_numbers[],
                feel_dates[], feel_contexts[], feel_ranges[];

/* The next row of that name behind `after` (NULL: the first), or NULL. */
const struct builtin *builtin_next(struct str name, const struct builtin *after);

/* The longest builtin name that stands at byte `from`; its end, or 0. */
size_t builtin_match(struct str text, size_t from, struct str *ret_name);

struct param {
        struct str name;
        char letter;
        bool optional, nullable, variadic;
};

/* The parameters of a row; at most 8. */
size_t builtin_params(const struct builtin *builtin, struct param params[8]);

/* Do these parameters take n arguments? */
bool builtin_takes(const struct param *params, size_t n_params, size_t n);

/* May a value of the type be handed over where the letter stands? */
bool builtin_accepts(char letter, const struct feel_type *type);
const struct feel_type *builtin_result(
                const struct builtin *builtin, const struct feel_type *first);

/* Converts *v for the letter, or for the type; false if it does not fit (the call
 * is null). */
bool builtin_convert(struct machine *m, char letter, struct value *v);
MUST_CHECK bool builtin_convert_to(
                struct machine *m, const struct feel_type *type, struct value *v, bool *ret_fits);

/* Calls with arguments of which kinds[i] says what they must be. */
MUST_CHECK bool builtin_call(struct machine *m, const struct builtin *builtin, const char *kinds,
                struct value *args, size_t n, struct value *ret);

#endif
