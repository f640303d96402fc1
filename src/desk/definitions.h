/* desk/definitions.h - definitions and calendars come into force by acts, like everything.
 *
 * Recorded with their whole text, so that a site carries what it runs under. A version
 * under which matters run does not change: only its labels, hints and texts for people
 * may; anything else is a new version with a later day. */
#ifndef DESK_DEFINITIONS_H
#define DESK_DEFINITIONS_H

#include "desk/desk.h"

struct snapshot;

/* The first events of a ledger: the site, its registers, procedures, indicators,
 * reports and calendars. */
MUST_CHECK bool definitions_begin(struct desk *desk, const struct site_data *data, struct err *err);

/* Brings one file into force, checked together with all others. `actor`: who does it. */
MUST_CHECK bool definitions_activate(struct desk *desk, const struct definition_source *source,
                struct str actor, struct err *err);

/* What was activated is read when the next act comes in. When this returns, readers have it too. */
MUST_CHECK bool definitions_settle(struct desk *desk, struct err *err);

/* The texts in force, by name; and those with `source` in the place of the one of its name,
 * last. */
MUST_CHECK bool definitions_in_force(struct arena *arena, struct snapshot *snapshot,
                const struct definition_source **ret, size_t *ret_n, struct err *err);
const struct definition_source *definitions_with(struct arena *arena,
                const struct definition_source *in_force, size_t n,
                const struct definition_source *source, size_t *ret_n);

/* A clock that a new calendar moved. */
struct moved_clock {
        int64_t matter;
        struct str number, clock, label;
        struct date old_day, new_day;
        bool provisional; /* still rests on a year without a notice */
};

/* Loads a notice: running clocks move, and those that did are listed. Who works on a matter
 * is told by rows in the outbox. */
MUST_CHECK bool calendar_load(struct arena *arena, struct desk *desk,
                const struct calendar_file *file, struct str actor, const struct moved_clock **ret,
                size_t *ret_n, struct err *err);

#endif
