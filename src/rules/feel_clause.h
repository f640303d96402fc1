/* rules/feel_clause.h - what a condition demands of what it names, seen from its text alone: for
 * forms and for programs, which say what has to be filled in before anybody refuses it.
 *
 * A condition that holds makes each of its clauses true, and a clause is true where one of its
 * terms is: `kind != "a" or note != null` is one clause of two terms. Clauses are what must hold
 * and may be less than the condition says; what cannot be told from the text is a term of its own
 * (FEEL_UNTOLD), which may be true. */
#ifndef RULES_FEEL_CLAUSE_H
#define RULES_FEEL_CLAUSE_H

#include "rules/feel.h"

enum feel_term_kind {
        FEEL_GIVEN,     /* not null */
        FEEL_MISSING,   /* null */
        FEEL_AMONG,     /* one of `values` */
        FEEL_NOT_AMONG, /* null, or none of `values` */
        FEEL_UNTOLD,    /* something else */
};

struct feel_term {
        enum feel_term_kind kind;
        struct str name;            /* of the schema, or of the item's member */
        const struct value *values; /* none of them null */
        size_t n_values;
};

struct feel_clause {
        const struct feel_term *terms;
        size_t n_terms;
};

/* Clauses of a condition that name something; none where there are too many to say
 * (FEEL_CLAUSES_MAX), or nothing can be told. */
#define FEEL_CLAUSES_MAX 64u
size_t feel_clauses(struct arena *arena, const struct feel_expression *condition,
                const struct feel_clause **ret);

/* The same of the members of each item of a list, which is a name of the schema: `every a in names
 * satisfies a.on != null`. What holds only where something else does has an FEEL_UNTOLD beside it;
 * of a list that is not there, or has no items, nothing is demanded. */
size_t feel_item_clauses(struct arena *arena, const struct feel_expression *condition,
                struct str list, const struct feel_clause **ret);

#endif
