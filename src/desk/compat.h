/* desk/compat.h - may these definitions take the place of those? Asked by the desk when one comes
 * into force, and by whoever wants to know before. */
#ifndef DESK_COMPAT_H
#define DESK_COMPAT_H

#include "procedure/definition.h"
#include "store/store.h"

/* Refuses (E_DEFINITION_PINNED) a version that matters run or ran under, if it is gone or
 * says something else. Labels, helps, hints and notes may differ: they are for people. */
MUST_CHECK bool definitions_compatible(struct arena *arena, struct snapshot *snapshot,
                const struct catalogue *old, const struct catalogue *fresh, struct err *err);

enum version_change_kind { VERSION_SAME, VERSION_CHANGED, VERSION_GONE, VERSION_NEW };

struct version_change {
        const struct version *version; /* the new one of VERSION_NEW, else the old one */
        enum version_change_kind kind;
        bool is_used; /* VERSION_CHANGED, VERSION_GONE: matters run or ran under it: refused */
};

/* What becomes of each version if `fresh` takes the place of `old` (NULL: there was none). */
MUST_CHECK bool definitions_changes(struct arena *arena, struct snapshot *snapshot,
                const struct procedure *old, const struct procedure *fresh,
                const struct version_change **ret, size_t *ret_n, struct err *err);

#endif
