/* hook/courier.h - tells subscribers of what happened, and hands notices over: a thread of its own,
 * so that neither the writer nor a page ever waits for a receiver.
 *
 * Looks every second at the end of the ledger. Each subscriber is told of one event after
 * another, in their order, until one is not received; then he is left alone for a while that
 * doubles, and tried again for as long as it takes. Received is what was answered with 2xx
 * within COURIER_SECONDS; redirections are not followed.
 *
 * Of several programs over one store one at a time tells a subscriber (store/lease.h), and moves
 * his place on only from where it found it: one that died is followed by another when its lease
 * has run out, nothing is left out, and what it had sent without noting it comes again with
 * the same id.
 *
 * Notices (for whom `notifies` names, and `to` of a paper) go into the folder that site.yaml calls
 * `spool`, a file each (hook/spool.h); without one they stay where they are. */
#ifndef HOOK_COURIER_H
#define HOOK_COURIER_H

#include "desk/desk.h"

#define COURIER_SECONDS      10 /* of one request, name and connection included */
#define COURIER_LOOK_MS      1000
#define COURIER_LEASE        15    /* seconds; renewed before each request */
#define COURIER_TURN_SECONDS 5     /* of one subscriber, before the next has his */
#define COURIER_SCAN         2000u /* events looked at before the place is noted */
#define COURIER_ANSWER_BYTES (64u << 10)

struct courier_options {
        struct desk_clock clock; /* now = NULL: the machine's */
        int look_ms;             /* 0 = COURIER_LOOK_MS */
        int seconds;             /* of one request; 0 = COURIER_SECONDS */
        int first_wait;          /* after a failure; 0 = HOOK_FIRST_WAIT */
        int lease;               /* 0 = COURIER_LEASE */
        struct str ca;           /* a file with the certificates to trust; empty = the system's */
};

struct courier;

/* `options` may be NULL. */
MUST_CHECK bool courier_start(struct desk *desk, const struct courier_options *options,
                struct courier **ret, struct err *err);

/* Ends what is under way, at most `seconds`. */
void courier_stop(struct courier **courier);

#endif
