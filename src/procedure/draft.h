/* procedure/draft.h - a version while it is read: its names first, then all else.
 *
 * Everything in a version may refer to everything else, so reading goes twice
 * over it: the first time takes the names of all sections and makes the schema,
 * the second reads what stands under them. Private to this room. */
#ifndef PROCEDURE_DRAFT_H
#define PROCEDURE_DRAFT_H

#include "procedure/read.h"

struct draft {
        struct reader *r;
        struct version *v;
        const struct yaml *yaml; /* merged with its base */
        struct names fields, states, acts, clocks, documents, publications, parties;
        struct reach reach; /* what every expression of the version may read */
};

/* First pass: what the schema is made of. */
void draft_act_names(struct draft *d, const struct yaml *acts);
void draft_clock_names(struct draft *d, const struct yaml *clocks);
void draft_tables(struct draft *d);

/* Second pass. */
void draft_acts(struct draft *d, const struct yaml *acts);
void draft_clocks(struct draft *d, const struct yaml *clocks);
void draft_documents(struct draft *d, const struct yaml *documents);
void draft_publications(struct draft *d, const struct yaml *publications);
void draft_guide(struct draft *d); /* last: it looks at the acts */

#endif
