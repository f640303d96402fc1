/* desk/jump.h - has the machine's clock leapt ahead?
 *
 * A clock that runs backwards is seen from the newest record (desk.h). One that leaps ahead
 * is worse: acts would be dated into the future, clocks would run out, and after it has been
 * set right nobody could act until the future has come. So the wall clock is compared with
 * the one that counts seconds since the machine was started (sleep included): where it
 * gains more than JUMP_SLACK, it is not believed for JUMP_HOLD seconds. If it is set back
 * within that time nothing has happened; if not, it is taken as it is, for a machine that
 * was paused has lost that time.
 *
 * Pure; the desk looks at every turn. */
#ifndef DESK_JUMP_H
#define DESK_JUMP_H

#include "base/base.h"

#define JUMP_SLACK 300 /* seconds gained between two looks that are still believed */
#define JUMP_HOLD  600

struct jump { /* { 0 }: nothing seen yet */
        bool begun;
        int64_t wall, steady; /* of the newest look that was believed, in seconds */
        int64_t until;        /* steady: then a leap is believed; 0 = there is none */
};

/* How many seconds the wall clock is ahead without being believed; 0 = it is. */
int64_t jump_look(struct jump *jump, int64_t wall, int64_t steady);

#endif
