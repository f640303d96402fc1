/* desk/coming.h - a reader's world with numbers to tell: what is decided in it is numbered as it
 * would be if it were done now, one paper after another, and nothing is written.
 *
 * The numbers are those that come next as the snapshot stands; they are taken only when the act is
 * done, so somebody else may be given them first. */
#ifndef DESK_COMING_H
#define DESK_COMING_H

#include "projection/world.h"

struct coming_series {
        struct str name;
        int64_t last; /* that was told */
};

struct coming {
        struct world world; /* decide in its circumstances */
        struct arena *arena;
        struct coming_series *series;
        size_t n_series;
};

/* Must stay where it is opened, as a world must; `world` is left alone. */
void coming_open(struct coming *ret, struct arena *arena, const struct world *world);

/* What came of it: not done if something could not be read, which is then why. */
MUST_CHECK bool coming_end(const struct coming *coming, bool done, struct err *err);

#endif
