/* procedure/open.h - what of a field's value strangers may read: all of it, or of a list of groups
 * the members of class public. Of a field that is not public, nothing. Pure. */
#ifndef PROCEDURE_OPEN_H
#define PROCEDURE_OPEN_H

#include "procedure/definition.h"

struct value open_value(struct arena *arena, const struct field *field, const struct value *value);

#endif
