/* desk/compat.h - may these definitions take the place of those? For this room only. */
#ifndef DESK_COMPAT_H
#define DESK_COMPAT_H

#include "procedure/definition.h"
#include "store/store.h"

/* Refuses (E_DEFINITION_PINNED) a version that matters run or ran under, if it is gone or
 * says something else. Labels, helps, hints and notes may differ: they are for people. */
MUST_CHECK bool definitions_compatible(struct arena *arena, struct snapshot *snapshot,
                const struct catalogue *old, const struct catalogue *fresh, struct err *err);

#endif
