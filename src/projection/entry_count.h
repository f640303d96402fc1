/* projection/entry_count.h - indicators over entries of a register; for this room only. */
#ifndef PROJECTION_ENTRY_COUNT_H
#define PROJECTION_ENTRY_COUNT_H

#include "projection/indicator.h"

/* Counted, summed or told apart: the entries in force on the day, of these units (those
 * of entries without a unit count for the whole site only). */
MUST_CHECK bool entry_count(struct arena *arena, struct world *world,
                const struct indicator *indicator, struct date day, struct str units_json,
                struct decimal *ret, struct err *err);

/* One page of them; the cursor is the key. */
MUST_CHECK bool entry_count_rows(struct arena *arena, struct world *world,
                const struct indicator *indicator, int month, struct str units_json,
                struct indicator_cursor *cursor, size_t limit, const struct indicator_row **ret,
                size_t *ret_n, bool *ret_more, struct err *err);

/* As indicator_value, but `anew`: computed even if the year is frozen. */
MUST_CHECK bool indicator_figure(struct arena *arena, struct world *world, struct str id,
                struct period period, struct str units_json, bool anew, struct figure *ret,
                struct err *err);

#endif
