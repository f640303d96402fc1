/* store/fake.h - a store that fails when told to; for tests.
 *
 * Wraps a store and counts its steps: begin, run, put, rows, every row, save, release,
 * back, commit, flush, opening a snapshot. The step with the scripted number fails with
 * E_STORE_IO, as if the disk had; a commit that fails has been rolled back. A put that
 * fails is taken as if nothing were wrong, and the next call fails for it, as late as
 * tx_put() allows; with fake_conflict(), as if it had been a row that was refused. */
#ifndef STORE_FAKE_H
#define STORE_FAKE_H

#include "store/store.h"

/* Takes the inner store over; nothing else may use it any more. */
MUST_CHECK bool fake_open(struct store **inner, struct store **ret, struct err *err);

/* The n-th step from now on fails (1 = the next); 0 = none does. */
void fake_fail_at(struct store *fake, int64_t n);

/* Only steps of this name are counted ("commit", "flush", a statement's); NULL: all. */
#define FAKE_COMMIT_AT_WORK "commit at work" /* tx_work_commit() */
void fake_only(struct store *fake, const char *only);

/* Deferred failures are E_STORE_CONFLICT from now on (or no more). */
void fake_conflict(struct store *fake, bool conflict);

/* Steps since the last fake_fail_at(). */
int64_t fake_steps(const struct store *fake);

#endif
