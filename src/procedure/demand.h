/* procedure/demand.h - what the conditions of an act (`require`) and the checks of a list demand to
 * be given, beyond `needs` and `required`: for forms and programs, before anybody is refused.
 *
 * A demand is never more than the desk asks: an act that does not meet it is refused, with its
 * rule's sentence if nothing else is wrong. It may be less. */
#ifndef PROCEDURE_DEMAND_H
#define PROCEDURE_DEMAND_H

#include "procedure/definition.h"

struct demand_term {
        const struct field *field; /* that the act takes, or a column of the list */
        const struct value *among; /* one of these; n_among = 0: anything, but given */
        size_t n_among;
};

struct demand {
        const struct rule *rule;
        bool untold; /* more is asked, and only the rule's words say when; no `when` then */
        const struct demand_term *when; /* where all of them hold (none: always) ... */
        size_t n_when;
        const struct demand_term *then; /* ... one of these has to */
        size_t n_then;
};

/* Of the fields that the act takes. A field that the matter may have from an earlier act is
 * demanded of nobody who leaves it out; that is `untold`. */
size_t act_demands(struct arena *arena, const struct version *version, const struct act *act,
                const struct demand **ret);

/* Of every row of a list that the act takes; `act` NULL: whatever the act. */
size_t row_demands(struct arena *arena, const struct act *act, const struct field *list,
                const struct demand **ret);

/* Does the act refuse to go without a column in any row? Not, if it is demanded of some only. */
bool column_is_demanded(struct arena *arena, const struct act *act, const struct field *list,
                const struct field *column);

#endif
