/* desk/desk_state.h - what a desk is made of; for this room only. */
#ifndef DESK_DESK_STATE_H
#define DESK_DESK_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "desk/behind.h"
#include "desk/flusher.h"
#include "desk/jump.h"
#include "desk/notices.h"
#include "desk/turn.h"
#include "desk/writer.h"

#define ENTROPY_POOL 4096u

struct desk {
        struct site *site;
        struct desk_options options;
        struct moment given; /* desk_time_is(); none: the clock's */
        struct queue *queue;
        pthread_t thread;
        bool has_thread;
        struct flusher *flusher;             /* of a desk with a thread */
        struct arena *arenas[FLUSHER_TURNS]; /* of the turns, of a desk without */
        struct behind *behind;               /* of one that answers before it flushes; else NULL */
        struct projection *projection;
        struct sealer sealer;
        struct notices notices; /* of whoever runs the timers */
        struct tip tip;         /* as of the newest commit, like the sealer's frontier */
        bool has_tip;
        struct turns turns_ahead;
        int asking_turns;    /* still to come: see act.c */
        int64_t signed_size; /* of the newest checkpoint */
        time_t signed_at;    /* monotonic */
        uint8_t entropy[ENTROPY_POOL];
        size_t entropy_left;
        struct jump jump;
        struct meter turns;
        _Atomic bool failing;
        _Atomic int64_t busy_since; /* monotonic; 0 = no turn is under way */
        _Atomic int64_t clock_ahead;
        pthread_mutex_t listening; /* held while somebody is told */
        void (*heard)(void *user); /* of desk_listen(); NULL = none */
        void *listener;
        _Atomic uint64_t done, refused, repeated, batches, failed_batches;
};

MUST_CHECK bool desk_entropy(struct desk *desk, uint8_t *to, size_t n, struct err *err);

/* Is one due, if the ledger holds so many events? */
bool desk_checkpoint_is_due(const struct desk *desk, int64_t size);

/* Signs a checkpoint if one is due, or in any case. */
MUST_CHECK bool desk_checkpoint(struct desk *desk, bool now, struct err *err);

/* Takes up what another program over the same store has put into force or left unsigned; on the
 * writer's thread. */
void desk_follow(struct desk *desk);

/* Hands in any job and waits for it. */
MUST_CHECK bool desk_do(struct desk *desk, struct job *job, struct err *err);

/* Many jobs, in order, in one turn where they fit; job->err tells of each refused one.
 * False only if the store failed or the desk is busy. */
MUST_CHECK bool desk_do_all(struct desk *desk, struct job **jobs, size_t n, struct err *err);

#endif
