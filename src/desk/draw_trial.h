/* desk/draw_trial.h - could the draw that an act would begin be held? Asked before the list is
 * frozen: everything is worked out as the desk would, every rule is asked, nothing is written.
 *
 * An act begins a draw where it is the first act of a procedure that draws lots, or where it opens
 * a matter of one. */
#ifndef DESK_DRAW_TRIAL_H
#define DESK_DRAW_TRIAL_H

#include "procedure/decide.h"
#include "projection/world.h"

struct draw_trial {
        const struct version *version; /* of the draw */
        const struct act *act;         /* that freezes its list */
        struct act_trial trial;        /* what it would work out, and what refuses it */
};

/* Would the act begin a draw on that day? */
bool draw_trial_is_for(const struct catalogue *catalogue, const struct version *version,
                const struct act *act, struct date today);

/* The draws that it would begin. The refusal is what the desk would say of the act itself. */
MUST_CHECK bool draw_trials(struct arena *arena, const struct world *world,
                const struct version *version, const struct matter *matter,
                const struct actor *actor, const struct act_request *request,
                const struct draw_trial **ret, size_t *ret_n, struct err *err);

#endif
