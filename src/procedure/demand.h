/* procedure/demand.h - which columns of a list an act refuses to go without: those that say
 * `required`, and those that its conditions or the checks of the list demand of every row. */
#ifndef PROCEDURE_DEMAND_H
#define PROCEDURE_DEMAND_H

#include "procedure/definition.h"

/* `act` may be NULL: whatever the act. What is demanded of some rows only is not. */
bool act_demands(const struct act *act, const struct field *list, const struct field *column);

#endif
