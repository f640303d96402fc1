#include "clock/recompute.h"

#include <assert.h>

static bool compare(const struct deadline_term *term, const struct calendar *before,
                const struct calendar *after, struct recompute_change *ret)
{
        struct err err;
        if (!deadline_compute(term, before, &ret->before, &err) ||
                        !deadline_compute(term, after, &ret->after, &err))
                return false;
        ret->moved = ret->before.last_day.day != ret->after.last_day.day;
        return ret->moved || ret->before.provisional != ret->after.provisional;
}

size_t recompute_changes(struct arena *arena, const struct deadline_term *terms, size_t n_terms,
                const struct calendar *before, const struct calendar *after,
                const struct recompute_change **ret)
{
        assert(arena && before && after && ret);
        assert(terms || n_terms == 0);
        struct recompute_change *changes = arena_new_array(arena, n_terms, struct recompute_change);
        size_t n = 0;
        for (size_t i = 0; i < n_terms; i++)
                if (compare(&terms[i], before, after, &changes[n]))
                        changes[n++].term = i;
        *ret = changes;
        return n;
}
