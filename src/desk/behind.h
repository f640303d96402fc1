/* desk/behind.h - flushes behind the turns, for a desk that answers without waiting for the disk;
 * for this room only.
 *
 * A simulated year answers nobody who would act on it: if the power fails it is lived again. So its
 * turns commit (what a killed process has committed is there), and a thread of its own flushes
 * them while the next are decided. Nothing is signed before it is on the disk. */
#ifndef DESK_BEHIND_H
#define DESK_BEHIND_H

#include "store/store.h"

struct behind;

/* NULL: no thread is to be had. */
struct behind *behind_open(struct store *store);

/* Flushes what was asked for. */
void behind_close(struct behind **behind);

/* Something was committed: it is flushed before long. */
void behind_ask(struct behind *behind);

/* Waits until all that was asked for is on the disk. */
MUST_CHECK bool behind_settle(struct behind *behind, struct err *err);

#endif
