/* projection/register_read.h - what stands in a register on a day.
 *
 * An entry is a context of its fields with `key`, and the key again under the name
 * the register gives it. It holds from its first day through its last: `until` of a
 * write is the last day it holds, `end` the first day it no longer does. */
#ifndef PROJECTION_REGISTER_READ_H
#define PROJECTION_REGISTER_READ_H

#include "procedure/definition.h"
#include "store/store.h"

/* *ret_found false: none in force on that day. `catalogue` may be NULL (then only
 * `key` is added). */
MUST_CHECK bool register_entry(struct arena *arena, struct snapshot *snapshot,
                const struct catalogue *catalogue, struct str reg, struct str key, struct date day,
                struct value *ret, bool *ret_found, struct err *err);

struct register_row {
        struct str key;
        struct date from, until; /* until: the first day it no longer holds, or DATE_NONE */
        int64_t id;              /* the event that wrote it */
        struct value entry;
};

/* In force on the day, sorted by key, after `after` (empty = from the start). */
MUST_CHECK bool register_rows(struct arena *arena, struct snapshot *snapshot,
                const struct catalogue *catalogue, struct str reg, struct date day,
                struct str after, size_t limit, const struct register_row **ret, size_t *ret_n,
                struct err *err);

/* Likewise that hold on any day from..until (DATE_NONE = for good), from the start. */
MUST_CHECK bool register_rows_between(struct arena *arena, struct snapshot *snapshot,
                const struct catalogue *catalogue, struct str reg, struct date from,
                struct date until, size_t limit, const struct register_row **ret, size_t *ret_n,
                struct err *err);

/* All that ever stood under one key, oldest first. */
MUST_CHECK bool register_history(struct arena *arena, struct snapshot *snapshot,
                const struct catalogue *catalogue, struct str reg, struct str key,
                const struct register_row **ret, size_t *ret_n, struct err *err);

MUST_CHECK bool register_count(struct snapshot *snapshot, struct str reg, struct date day,
                int64_t *ret, struct err *err);

#endif
