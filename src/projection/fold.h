/* projection/fold.h - one fact on its way into the read tables; for this room only. */
#ifndef PROJECTION_FOLD_H
#define PROJECTION_FOLD_H

#include "projection/cache.h"
#include "projection/matter_row.h"
#include "projection/plan.h"
#include "projection/projection.h"
#include "projection/world.h"

struct planned; /* projection.c: plans by version */

struct projection {
        struct arena *arena; /* catalogues, calendars and plans, all that ever were */
        const struct site_facts *site;
        const struct value *parameters;
        const struct catalogue *catalogue;
        const struct calendar_set *calendars;
        bool given;     /* both were handed in: never stale */
        bool stale;     /* what is in force must be read again */
        bool redefined; /* ... definitions among it, not only calendars */
        bool shaken;    /* this transaction has changed it */
        struct planned *plans;
        struct cache *cache;
        int frozen_through;  /* the last frozen month, yyyymm; 0 = none */
        int64_t definitions; /* a mark of the definitions that the catalogue holds */
        int64_t calendars_mark;
        int64_t soonest_look; /* projection_soonest_look() */
        int64_t counted;      /* the mark of those that all matters were counted for */
};

struct fold {
        struct arena *arena;
        struct tx *tx;
        struct projection *projection;
        const struct fact *fact;
        int64_t id; /* of the event */
        const struct matter *before, *after;
        const struct plan *plan;
        struct changes changes;
        struct matter_row old, row; /* old is zero where before is NULL */
        struct world world;
        int64_t n_messages; /* sent by this event, where it is about many matters */
        struct err *err;
};

const struct plan *fold_plan(struct projection *projection, const struct version *version);

/* An act on a matter: row, clocks, documents, publications, keys, search, messages. */
MUST_CHECK bool fold_matter(struct fold *fold);

/* The clocks of fold->after anew, because the calendar has changed. */
MUST_CHECK bool fold_clocks_again(struct fold *fold);

/* The entries that `$writes` of the fact's data puts and ends. */
MUST_CHECK bool fold_writes(struct fold *fold);

/* Difference between what the matter contributed (row.counted) and does now; writes it
 * and leaves the new list in fold->row.counted. `all`: also what no plan knows any more. */
MUST_CHECK bool fold_contributions(struct fold *fold, bool all);

/* Events of definitions, calendars, reports, the site. */
MUST_CHECK bool fold_kernel(struct fold *fold);

/* A member of the fact's data, or NULL. */
const struct value *fold_data(const struct fold *fold, const char *name);

bool fold_broken(struct fold *fold, const char *what); /* E_FOLD_DATA; false */

#endif
