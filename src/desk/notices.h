/* desk/notices.h - a notice that a site holds comes to be known on the day it was published;
 * for this room only.
 *
 * A site may be given calendars whose notices are published later than its first events (a
 * year that is simulated, a rehearsal). Until that day nobody knows them (calendar/as known);
 * on that day the timers load them again, as an event, so that running clocks move, those
 * concerned are told, and a rebuild does the same at the same place of the log. */
#ifndef DESK_NOTICES_H
#define DESK_NOTICES_H

#include "desk/writer.h"

struct notices {                       /* those still to come, earliest first */
        const struct calendar_set *of; /* worked out for these calendars; NULL = not yet */
        struct arena *arena;
        struct pending_notice *rows;
        size_t n, next;
};

/* The morning on which the next one is published; false: none is to come. */
MUST_CHECK bool notices_next(struct desk *desk, struct moment *ret, bool *ret_any, struct err *err);

/* Loads it. */
MUST_CHECK bool notices_load(struct desk *desk, struct err *err);

void notices_close(struct notices *notices);

#endif
