/* procedure/guide.h - what a person is told before he begins a matter (办事指南).
 *
 * The section `guide` of a version (docs/procedures.md): in whose words, with the article
 * behind each line. What the definition says elsewhere (who may begin, what is asked, which
 * terms run) is not said twice: pages take it from there. */
#ifndef PROCEDURE_GUIDE_H
#define PROCEDURE_GUIDE_H

#include "procedure/definition.h"

struct guide_line {
        struct str say, basis;
};

/* The kinds of lines, each a list under its own key. */
enum guide_part { GUIDE_WHO, GUIDE_MATERIALS, GUIDE_FEES, GUIDE_REMEDIES, N_GUIDE_PARTS };

struct guide_lines {
        const struct guide_line *items;
        size_t n;
};

/* Fields of the beginning act that are asked together. */
struct guide_question {
        struct str label, help;
        const struct feel_expression *when; /* over what is given so far; NULL = always */
        const size_t *fields;
        size_t n_fields;
};

/* A field that a form on the portal does not ask: how it was applied for, say. */
struct guide_preset {
        size_t field;
        struct value value;
};

struct guide {
        struct str about, subject;
        const struct str *audience; /* 自然人, 企业 ... */
        size_t n_audience;
        struct guide_lines parts[N_GUIDE_PARTS];
        const struct guide_question *questions;
        size_t n_questions;
        const struct guide_preset *presets;
        size_t n_presets;
        const struct feel_expression *office; /* over the entry of a unit: does it take them? */
        /* Each entry of a register is a service of its own: */
        int items;                                /* the field that names the entry, or -1 */
        const struct reg *reg;                    /* whose entries; NULL = none */
        struct str item_label;                    /* the entry's field that names it */
        const struct feel_expression *item_where; /* over the entry; NULL = all */
        const struct str *item_shows;             /* its fields, as the page tells them */
        size_t n_item_shows;
};

/* May somebody without an account begin a matter with the act? */
bool guide_is_open(const struct version *version, const struct act *act);

/* The first act that somebody without an account may begin a matter with, or -1. */
int guide_act(const struct version *version);

/* Is the entry one of the services? `circumstances` answers what the expression asks. */
struct circumstances;
MUST_CHECK bool guide_has_item(struct arena *arena, const struct guide *guide,
                const struct value *entry, const struct circumstances *circumstances, bool *ret,
                struct err *err);

/* Does the unit with this entry take applications? */
MUST_CHECK bool guide_has_office(struct arena *arena, const struct catalogue *catalogue,
                const struct guide *guide, const struct value *unit,
                const struct circumstances *circumstances, bool *ret, struct err *err);

/* Is the question to be asked, with these values (one for each of the version's fields, null =
 * not given)? */
MUST_CHECK bool guide_asks(struct arena *arena, const struct version *version,
                const struct guide_question *question, const struct value *fields,
                const struct circumstances *circumstances, bool *ret, struct err *err);

/* How long the clock is for a matter with these values, in its unit; 0: that cannot be said yet. */
MUST_CHECK bool guide_length(struct arena *arena, const struct version *version,
                const struct clock_definition *clock, const struct value *fields,
                const struct circumstances *circumstances, int *ret, struct err *err);

#endif
