/* desk/family.h - the sub-matters of a matter, and whose work a matter is; for simulations.
 *
 * Reads what is committed, writes nothing. */
#ifndef DESK_FAMILY_H
#define DESK_FAMILY_H

#include "desk/site.h"

#define FAMILY_MATTERS_MAX 10000u /* below one matter; past it E_SCENARIO */

/* The matters of this procedure that `matter` or anything below it opened, in the order
 * in which they were opened. */
MUST_CHECK bool family_below(struct arena *arena, struct site *site, int64_t matter,
                struct str procedure, const int64_t **ret, size_t *ret_n, struct err *err);

/* The first staff id that the matter is assigned to; E_SCENARIO if it is nobody's. */
MUST_CHECK bool family_assignee(struct arena *arena, struct site *site, int64_t matter,
                struct str *ret, struct err *err);

#endif
