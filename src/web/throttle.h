/* web/throttle.h - so that nobody guesses codes: so many wrong ones in a while, then none is
 * looked at.
 *
 * Counted for a key ("n:" and the matter's number, "p:" and the address), in memory; a restart
 * forgets. A table of fixed size: what falls on the same place shares the count. */
#ifndef WEB_THROTTLE_H
#define WEB_THROTTLE_H

#include "base/date.h"
#include "base/str.h"

#define THROTTLE_TRIES   10  /* wrong ones */
#define THROTTLE_SECONDS 900 /* within which they are counted */

struct throttle;

struct throttle *throttle_open(void);
void throttle_close(struct throttle **throttle);

/* May another one be tried? */
bool throttle_may(struct throttle *throttle, struct str key, struct moment now);

/* It was wrong. */
void throttle_note(struct throttle *throttle, struct str key, struct moment now);

#endif
