/* clock/recompute.h - which running terms a new notice moves.
 *
 * When a notice becomes known, the desk asks this with the calendar of before and
 * of after; those whose last day moved are told, and provisional ones may have
 * become firm. */
#ifndef CLOCK_RECOMPUTE_H
#define CLOCK_RECOMPUTE_H

#include "clock/calendar.h"
#include "clock/deadline.h"

struct recompute_change {
        size_t term; /* index into the terms handed in */
        struct deadline before, after;
        bool moved; /* false: the same last day, now (or no longer) firm */
};

/* The terms whose last day or firmness differs, in their order. A term without a
 * last day, because it is paused or malformed, has none to move. Returns how many. */
size_t recompute_changes(struct arena *arena, const struct deadline_term *terms, size_t n_terms,
                const struct calendar *before, const struct calendar *after,
                const struct recompute_change **ret);

#endif
