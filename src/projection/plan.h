/* projection/plan.h - what an act on a matter can change in the read tables; for this
 * room only.
 *
 * Worked out once for each version: which slots every title, key and indicator reads. An
 * act that touched none of them leaves them as they are, and nothing is evaluated. */
#ifndef PROJECTION_PLAN_H
#define PROJECTION_PLAN_H

#include "procedure/matter.h"

/* What a set of expressions depends on. */
struct reads {
        bool always; /* on more than the matter itself: a register, the day, another matter */
        const size_t *slots;
        size_t n_slots;
};

struct plan_indicator {
        const struct indicator *indicator;
        const struct indicator_binding *binding;
        struct reads reads;
};

struct plan_key {
        struct str name; /* "foi_request.same_person" */
        const struct feel_expression *value;
        struct reads reads;
};

enum searched { SEARCHED_NOT, SEARCHED_PUBLIC, SEARCHED_STAFF };

struct plan {
        const struct version *version;
        struct reads title;
        const struct plan_key *keys;
        size_t n_keys;
        const struct plan_indicator *indicators;
        size_t n_indicators;
        const enum searched *searched; /* of each field */
};

const struct plan *plan_new(struct arena *arena, const struct catalogue *catalogue,
                const struct version *version);

/* What differs between a matter before (NULL: all of it) and after an act. */
struct changes {
        bool all;
        const bool *slots; /* one for each slot of the version */
};

struct changes changes_of(
                struct arena *arena, const struct matter *before, const struct matter *after);

static inline bool reads_changed(const struct reads *reads, const struct changes *changes)
{
        if (changes->all || reads->always)
                return true;
        for (size_t i = 0; i < reads->n_slots; i++)
                if (changes->slots[reads->slots[i]])
                        return true;
        return false;
}

#endif
