/* web/field_schema.h - what a field of a definition takes, as a JSON Schema (2020-12).
 *
 * By type and limits, as the desk checks them, and by what the act's rules demand
 * (procedure/demand.h): where one field decides whether another has to be given, as `if` and
 * `then`; where only an expression can tell, in the rule's words in the field's description.
 * What else a rule asks is answered by the desk. Numbers may come as numbers or, to stay exact,
 * as texts. Pure. */
#ifndef WEB_FIELD_SCHEMA_H
#define WEB_FIELD_SCHEMA_H

#include "procedure/definition.h"

/* The fields of an act as an object: `needs` are required, `takes` may be left out where no rule
 * demands them, no others are taken. */
struct value act_schema(struct arena *arena, const struct version *version, const struct act *act);

#endif
