/* desk/turn.h - the writer's turns: jobs go in together, are committed together, and are
 * answered; for this room only.
 *
 * On the writer's thread a turn need not wait for the one before it. While others are at work
 * whose turn comes before this one is answered (queue_goes_on()), the commit is handed over
 * behind the statements (tx_work_commit()): the second thread commits, gives the turn to the
 * flusher and begins the next transaction, while the writer decides the next turn in it. Such a
 * turn is "ahead" until its commit is done.
 *
 * What fails meanwhile may belong to a turn that is ahead. Then what was committed stays, all
 * else is rolled back and forgotten by every cache, and the turns that were lost are done again
 * in their order, carefully and one by one; or, where the store itself failed, they are told so,
 * as the turn at hand is.
 *
 * A desk that flushes behind (desk_options.flush_behind) hands every commit over and answers at
 * once. If such a turn is lost it does nothing any more: the year is lived again. */
#ifndef DESK_TURN_H
#define DESK_TURN_H

#include "desk/flusher.h"
#include "desk/queue.h"
#include "store/store.h"

#define TURNS_ON_MAX 16 /* in a row that go on without letting others write */

/* A turn whose commit was handed over. */
struct ahead {
        struct desk *desk;
        struct job *jobs; /* NULL: answered already */
        struct arena *arena;
        bool recorded;     /* it has added events */
        uint64_t repeated; /* desk->repeated before it */
};

struct turns {
        struct tx *tx; /* open for the next turn, which must follow at once; else NULL */
        struct ahead ahead[FLUSHER_TURNS]; /* a ring */
        size_t n_handed;                   /* turns, ever; the writer's */
        _Atomic size_t n_committed;        /* of them */
        int n_on;                          /* in a row */
        bool broken;                       /* what was answered already did not come about */
};

/* On the caller's thread, to the end. */
void turn_do(struct desk *desk, struct job *jobs);

/* On the writer's thread; the answers come from others. */
void turn_begin(struct desk *desk, struct job *jobs);

/* Ends what turn_begin() has left open. */
void turn_settle(struct desk *desk);

#endif
