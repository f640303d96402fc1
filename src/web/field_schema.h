/* web/field_schema.h - what a field of a definition takes, as a JSON Schema (2020-12).
 *
 * By type and limits, as the desk checks them; what only an expression can tell (its checks, the
 * rules of an act) is not said here and answered by the desk. Numbers may come as numbers or, to
 * stay exact, as texts. Pure. */
#ifndef WEB_FIELD_SCHEMA_H
#define WEB_FIELD_SCHEMA_H

#include "procedure/definition.h"

struct value field_schema(struct arena *arena, const struct field *field);

/* The fields of an act as an object: `needs` are required, `takes` may be left out, no others
 * are taken. */
struct value act_schema(struct arena *arena, const struct version *version, const struct act *act);

#endif
