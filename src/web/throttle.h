/* web/throttle.h - so that nobody guesses codes or fills the house: so often in a while, then no
 * more.
 *
 * Counted for a key ("p:" and the address that guesses ...), in memory; a restart forgets. A table
 * of fixed size: what falls on the same place shares the count, and which keys do is a secret of
 * each start, so that nobody can pick one to shut another out. */
#ifndef WEB_THROTTLE_H
#define WEB_THROTTLE_H

#include "base/date.h"
#include "base/str.h"

#define THROTTLE_SECONDS 900 /* within which they are counted */

/* Wrong query codes from one address, and for one matter: a code is 60 bits, so the second is
 * generous lest a stranger keep a party from his own matter. Wrong passwords from one address,
 * behind which a whole office may sit. Applications begun there. */
#define THROTTLE_CODES_PEER   10
#define THROTTLE_CODES_MATTER 200
#define THROTTLE_PASSWORDS    50
#define THROTTLE_DRAFTS       100

struct throttle;

struct throttle *throttle_open(void);
void throttle_close(struct throttle **throttle);

/* Were there fewer than `limit`? */
bool throttle_may(struct throttle *throttle, struct str key, int limit, struct moment now);

/* There was one. */
void throttle_note(struct throttle *throttle, struct str key, struct moment now);

#endif
