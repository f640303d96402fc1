/* rules/feel_demand.h - what a condition demands of the items of a list, seen from its text alone:
 * for forms, which say what has to be filled in before anybody refuses it. */
#ifndef RULES_FEEL_DEMAND_H
#define RULES_FEEL_DEMAND_H

#include "rules/feel.h"

/* Can the condition never hold while an item of the list, which is a name of the schema, lacks the
 * member? `every a in names satisfies a.on != null` demands `on` of `names`. False where it cannot
 * be told: what is demanded only of some items, or under a condition, is not. */
bool feel_demands(const struct feel_expression *condition, struct str list, struct str member);

#endif
