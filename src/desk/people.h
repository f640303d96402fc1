/* desk/people.h - who acts; for this room only.
 *
 * Which roles they hold is the projection's answer (projection/world.h): a staff entry's
 * roles for its unit and every unit below, grants, delegations. */
#ifndef DESK_PEOPLE_H
#define DESK_PEOPLE_H

#include "desk/desk.h"

/* The actor of a submission; fails with E_DESK_ACTOR for nobody we know. */
MUST_CHECK bool people_actor(struct arena *arena, const struct circumstances *circumstances,
                const struct submission *submission, struct actor *ret, struct err *err);

const struct actor *people_system(void);

#endif
