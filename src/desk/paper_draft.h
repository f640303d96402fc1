/* desk/paper_draft.h - the papers that an act would make, its own and those of the sub-matters that
 * it tells, before it is done: its values are decided as the desk will decide them, and nothing is
 * written. Their numbers are those that come next (desk/coming.h). */
#ifndef DESK_PAPER_DRAFT_H
#define DESK_PAPER_DRAFT_H

#include "procedure/decide.h"
#include "projection/world.h"

struct paper_draft {
        struct str label, number, text;
        struct recipients to;
        const struct version *version; /* whose parties they may be */
        struct str below;              /* the sub-matter's number; empty = of the matter itself */
};

/* `matter` NULL: the act begins one. The refusal is the one that the desk would answer with. */
MUST_CHECK bool paper_drafts(struct arena *arena, const struct world *world,
                const struct version *version, const struct matter *matter,
                const struct actor *actor, const struct act_request *request,
                const struct paper_draft **ret, size_t *ret_n, struct err *err);

#endif
