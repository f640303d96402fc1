/* desk/notice_preview.h - what a holiday notice would change, before anybody loads it.
 *
 * The same reading and the same counting as calendar_load() (desk/definitions.h), from a snapshot;
 * nothing is written. Refused like there: a notice that cannot be read, one that is not yet
 * published (E_CALENDAR_EARLY), one that stands already (E_CALENDAR_KNOWN). */
#ifndef DESK_NOTICE_PREVIEW_H
#define DESK_NOTICE_PREVIEW_H

#include "clock/calendar.h"
#include "desk/definitions.h"
#include "store/store.h"

#define NOTICE_DAYS_SHOWN  400u /* a law of solar dates changes some in every year to come */
#define NOTICE_MOVED_SHOWN 500u /* of all that move; the number tells of the rest */

struct notice_day {
        struct date day;
        struct calendar_day before, after;
};

struct notice_preview {
        struct str name; /* under which it is recorded */
        struct notice notice;
        const struct calendar *before, *after;
        const struct notice_day *days;
        size_t n_days, n_days_all;
        const struct moved_clock *moved; /* by matter */
        size_t n_moved, n_moved_all;
        size_t n_firm; /* clocks that keep their day, which was provisional and no longer is */
};

MUST_CHECK bool notice_preview(struct arena *arena, struct snapshot *snapshot,
                const struct catalogue *catalogue, struct str text, struct date today,
                struct notice_preview *ret, struct err *err);

#endif
