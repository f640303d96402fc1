/* projection/matter_row.h - a row of the table of matters; for this room only. */
#ifndef PROJECTION_MATTER_ROW_H
#define PROJECTION_MATTER_ROW_H

#include "procedure/matter.h"
#include "store/store.h"

struct cache;

struct matter_row {
        int64_t id, parent, last_seq, visible_until;
        struct str number, procedure, version, state, unit, title;
        struct str body;    /* matter_pack() */
        struct str counted; /* count.c: what it contributes to which indicators */
};

/* The row of Q_MATTER_GET or Q_MATTER_BY_NUMBER, copied into the arena. */
struct matter_row matter_row_of(struct arena *arena, const struct rows *rows);

/* By id, from the cache (may be NULL) or the table; *ret_found false: none. */
MUST_CHECK bool matter_row_get(struct arena *arena, struct snapshot *snapshot, struct cache *cache,
                int64_t id, struct matter_row *ret, bool *ret_found, struct err *err);

/* Puts what was written into the cache. */
void matter_row_keep(struct arena *arena, struct cache *cache, const struct matter_row *row);

/* The matter that a row holds. E_FOLD_KIND if its version is unknown. */
MUST_CHECK bool matter_row_open(struct arena *arena, const struct catalogue *catalogue,
                const struct matter_row *row, struct matter **ret, struct err *err);

#endif
