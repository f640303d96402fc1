/* store/deferred.h - statements that run on a thread of their own, in order; for drivers.
 *
 * One thread puts, and now and then settles; a second one, started when there is enough to
 * do, runs what was put. They never use the link at the same time: while statements wait or
 * run, only the second thread does; once deferred_settle() or deferred_drop() has returned, only
 * the first. Statements go over in portions, so that neither thread wakes the other for
 * each; the last, smaller portion is run by whoever settles.
 *
 * After a failure nothing more runs, and every put and settle tells of it, until dropped. */
#ifndef STORE_DEFERRED_H
#define STORE_DEFERRED_H

#include "store/driver.h"

#define DEFERRED_PORTION       16u                /* statements that are handed over together */
#define DEFERRED_PORTIONS      16u                /* that may wait */
#define DEFERRED_PORTION_BYTES ((size_t)64 << 10) /* of one, with its values */
#define DEFERRED_BEHIND        4u                 /* portions that wait: enough to do */

struct deferred;

typedef bool deferred_run(struct link *link, enum query query, const struct store_param *params,
                size_t n_params, struct err *err);

struct deferred *deferred_new(struct link *link, deferred_run *run);
void deferred_free(struct deferred **deferred);

/* Copies the values. */
MUST_CHECK bool deferred_put(struct deferred *deferred, enum query query,
                const struct store_param *params, size_t n_params, struct err *err);

/* Work to be done in its turn; see tx_put_work(). */
MUST_CHECK bool deferred_put_work(
                struct deferred *deferred, const struct work *work, struct err *err);

/* Hands over what was put, be it ever so little. */
void deferred_push(struct deferred *deferred);

/* Are so many portions waiting that the second thread will not want for work soon? */
bool deferred_is_behind(struct deferred *deferred);

/* Waits until all has run. */
MUST_CHECK bool deferred_settle(struct deferred *deferred, struct err *err);

/* Forgets what has not run yet, and a failure. */
void deferred_drop(struct deferred *deferred);

#endif
