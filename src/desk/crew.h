/* desk/crew.h - who of a scenario's staff may do what: those of a role in the unit of a matter, or
 * in the nearest unit above it that has any. For the simulation, which asks at every act. */
#ifndef DESK_CREW_H
#define DESK_CREW_H

#include "desk/scenario.h"

struct crew {
        struct str role, unit;
        const struct scenario_staff **people; /* of the scenario, in its order */
        size_t n;
};

/* Those that were asked for: a place for each at its hash or behind, a power of two of them. Begins
 * with the first two; everything is in the arena. */
struct crews {
        struct arena *arena;
        const struct scenario *scenario;
        struct crew **places;
        size_t n, n_places;
};

/* Nobody: n = 0. Role and unit must outlive it. */
const struct crew *crew_of(struct crews *crews, struct str role, struct str unit);

#endif
