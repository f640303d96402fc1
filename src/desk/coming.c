#include "desk/coming.h"

static bool next_number(void *user, struct str name, int64_t *ret, struct err *err)
{
        struct coming *coming = user; /* its world is its first member */
        struct coming_series series = { name, 0 };
        bool found;
        for (size_t i = 0; i < coming->n_series; i++)
                if (str_eq(coming->series[i].name, name)) {
                        *ret = ++coming->series[i].last;
                        return true;
                }
        if (!snapshot_int(coming->world.snapshot, Q_COUNTER_GET, PARAMS(param_text(name)),
                            &series.last, &found, err))
                return false;
        *ret = ++series.last;
        coming->series = arena_push(
                        coming->arena, coming->series, coming->n_series, sizeof(*coming->series));
        coming->series[coming->n_series++] = series;
        return true;
}

void coming_open(struct coming *ret, struct arena *arena, const struct world *world)
{
        *ret = (struct coming){ .world = *world, .arena = arena };
        ret->world.lookups.user = ret;
        ret->world.lookups.next_number = next_number;
        ret->world.circumstances.lookups = &ret->world.lookups;
}

bool coming_end(const struct coming *coming, bool done, struct err *err)
{
        if (coming->world.failed)
                *err = coming->world.err;
        return done && !coming->world.failed;
}
