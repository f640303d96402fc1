/* hook/subscription.h - who is told of events: address, filter, secret, and how far he is.
 *
 * A subscription is a place in the ledger: everything before it has been received, passed the
 * filter by, or was skipped by an administrator. So nothing is lost while a receiver is away or we
 * are, nothing is sent out of order, an act costs nothing more for being told of, and what comes
 * twice (its answer was lost) has the same id.
 *
 * Not a record but of the machine: written by chores, and what administrators did with one is
 * noted beside it (subscription_notes). The secret is kept as it is, because a signature needs it:
 * whoever can read the store can sign in our name until it is renewed. It is shown once. */
#ifndef HOOK_SUBSCRIPTION_H
#define HOOK_SUBSCRIPTION_H

#include "desk/desk.h"
#include "hook/message.h"
#include "store/store.h"

#define SUBSCRIPTIONS_MAX  20u
#define SUBSCRIPTION_LABEL 100u /* characters */
#define HOOK_FIRST_WAIT    5    /* seconds after the first failure; doubled by each further, */
#define HOOK_LAST_WAIT     3600 /* and never longer; of that a random part of at least a half */

struct subscription {
        struct str id, label, url, filter, secret;
        int64_t position;     /* the next event to be looked at */
        int64_t failures;     /* in a row, of the event at `position` */
        int64_t sent, failed; /* so far */
        struct moment created, next_try;
        struct moment received; /* the newest success; second 0 = none */
        struct str trouble;     /* what the last failure was; empty = none */
};

/* All of them, the oldest first. */
MUST_CHECK bool subscription_list(struct arena *arena, struct snapshot *snapshot,
                const struct subscription **ret, size_t *ret_n, struct err *err);
MUST_CHECK bool subscription_get(struct arena *arena, struct snapshot *snapshot, struct str id,
                struct subscription *ret, bool *ret_found, struct err *err);

/* ---- Administration: each is noted with who did it ---- */

/* A new one, told of what comes from now on; *ret has its secret. `given`: label, url, filter.
 * E_HOOK_LABEL, E_HOOK_TARGET, E_HOOK_FILTER, E_HOOK_MANY. Waits for the desk, as all below. */
MUST_CHECK bool subscription_add(struct arena *arena, struct desk *desk,
                const struct subscription *given, struct str who, struct moment now,
                struct subscription *ret, struct err *err);
MUST_CHECK bool subscription_end(struct desk *desk, struct str id, struct str who,
                struct moment now, struct err *err); /* E_NOT_FOUND */

/* Sends what waits at once, not when its time has come. */
MUST_CHECK bool subscription_retry(struct desk *desk, struct str id, struct str who,
                struct moment now, struct err *err);

/* Gives up the event at `position`; E_HOOK_MOVED if it is no longer the next one. */
MUST_CHECK bool subscription_skip(struct desk *desk, struct str id, int64_t position,
                struct str who, struct moment now, struct err *err);

/* Another secret; the old one signs nothing more. *ret: the new one. */
MUST_CHECK bool subscription_renew(struct arena *arena, struct desk *desk, struct str id,
                struct str who, struct moment now, struct str *ret, struct err *err);

struct subscription_note {
        struct moment time;
        struct str who, what, subscription; /* what: "add", "end", "retry", "skip 12", "renew" */
};
MUST_CHECK bool subscription_notes(struct arena *arena, struct snapshot *snapshot, size_t limit,
                const struct subscription_note **ret, size_t *ret_n, struct err *err);

/* ---- The courier's ---- */

/* From `s->position` on to `position`, what stood there received (`told`) or passed by. *ret_moved
 * false: another has moved it in between, or it has ended; nothing was written. */
MUST_CHECK bool subscription_forward(struct desk *desk, const struct subscription *s,
                int64_t position, bool told, struct moment now, bool *ret_moved, struct err *err);

/* The event at `s->position` was not received. */
MUST_CHECK bool subscription_failed(struct desk *desk, const struct subscription *s,
                struct str trouble, int first_wait, struct moment now, struct err *err);

/* How long to wait after so many failures in a row, at most; `first` seconds after one. */
int subscription_wait(int64_t failures, int first);

#endif
