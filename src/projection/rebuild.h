/* projection/rebuild.h - the read tables made again from the log, and compared.
 *
 * "Everything else is made from truth" is a claim; this is its proof. */
#ifndef PROJECTION_REBUILD_H
#define PROJECTION_REBUILD_H

#include "procedure/decide.h"
#include "store/store.h"

struct rebuild_progress {
        bool (*tell)(void *user, int64_t done, int64_t total); /* false = give up */
        void *user;
};

/* Folds all events of `from`, in order, into the read tables of `to`, which may be the
 * same store; they are emptied first. Whether an outbox row was delivered is kept.
 * `parameters` (the
 * site's own values) and `progress` may be NULL. Work is committed in portions: a
 * rebuild that was broken off is begun again, and until then the store says so
 * (projection_open: E_FOLD_UNFINISHED). */
MUST_CHECK bool projection_rebuild(struct store *from, struct store *to,
                const struct site_facts *site, const struct value *parameters,
                const struct rebuild_progress *progress, struct err *err);

struct projection_difference {
        bool differs;
        char table[32];
        int64_t row;     /* counted from 1, in the order of the table's key */
        char column[32]; /* its number, or empty if a row is missing */
        struct str a, b; /* the rows as text */
};

/* Compares all read tables row by row; the first difference is told. */
MUST_CHECK bool projection_compare(struct arena *arena, struct snapshot *a, struct snapshot *b,
                struct projection_difference *ret, struct err *err);

#endif
