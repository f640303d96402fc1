/* desk/hasty.h - acts whose clocks may have run out when they are done; for the simulation.
 *
 * A clock may start from a day or an hour that the act is told: a change filed long after it
 * happened is late at once. Behind such an act timers are looked at before anything else is done,
 * as in a bureau where they are looked at all the time. */
#ifndef DESK_HASTY_H
#define DESK_HASTY_H

#include "desk/desk.h"

struct hasty;

/* Of all procedures; in the arena. */
struct hasty *hasty_acts(struct arena *arena, const struct catalogue *catalogue);

/* Clocks of hours always may; others where a field that they start from names an earlier day. */
bool hasty_is(const struct hasty *hasty, const struct submission *submission);

#endif
