/* web/track.h - who knows a matter's number and its query code may follow it; for this room
 * only. */
#ifndef WEB_TRACK_H
#define WEB_TRACK_H

#include "web/visit.h"

#define TRACK_COOKIE "pl_track"

/* Lets this browser follow the matter as that party from now on: sets cookies[0]. */
MUST_CHECK bool track_admit(struct visit *visit, struct str number, int64_t matter,
                struct str party, struct err *err);

#endif
