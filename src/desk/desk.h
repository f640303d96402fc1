/* desk/desk.h - the one door through which records change (受理台).
 *
 * Every surface - web, command line, timers, import, simulation, rehearsal - hands
 * its acts in here. One writer thread takes whatever has arrived, opens one
 * transaction for it, takes the time once, and for each act: finds the matter, asks
 * procedure_decide(), folds, seals, stores and projects what it decided, and does
 * what follows from it. Then it commits; a second thread waits for the disk, and only then
 * are the waiting told, while the first is at the next transaction. An acknowledged act is
 * never lost; a refused act leaves no trace in the ledger. If the disk fails at that last
 * step, nobody knows whether what waits is recorded: it is told E_STORE_IO, and nothing more is
 * taken until the program is started again; the same idempotency keys then find out.
 *
 * Time is taken here and nowhere else, from an injectable source, and never runs
 * backwards: if the machine's clock is behind the newest event, that event's time is
 * used until the clock has caught up; more than DESK_CLOCK_SLACK behind, acts are
 * refused (E_DESK_CLOCK) until an operator has looked. One that leaps ahead is not believed
 * for ten minutes, and acts are refused so long (desk/jump.h). */
#ifndef DESK_DESK_H
#define DESK_DESK_H

#include "desk/meter.h"
#include "desk/site.h"

#define DESK_BATCH_MAX   1000u  /* acts in one transaction */
#define DESK_QUEUE_MAX   20000u /* acts waiting; past it E_DESK_BUSY */
#define DESK_CLOCK_SLACK 300    /* seconds a clock may be behind the newest event */
#define DESK_DEPTH_MAX   8u     /* acts that follow from acts that follow ... */
#define DESK_FOLLOW_MAX  5000u  /* acts that one act may bring about, all together */

struct desk;

/* Who hands the act in, as the surface has made sure of. */
enum act_by {
        BY_STAFF,  /* an account: `actor` is a staff id in register `staff` */
        BY_PARTY,  /* a person without an account: `actor` is a party's name */
        BY_SYSTEM, /* the program itself */
};

/* One act handed in. It must live until it is answered. */
#define SUBMISSION_NONE_SEEN (-1) /* `seen`: no entry of that key stood */

struct submission {
        struct str procedure; /* begins a matter of it; or empty ... */
        struct str matter;    /* ... an act on this one: its number, or "#" and its id; */
        size_t same_as;       /* ... or on that of the submission before in the same
                                 bulk, counted from 1; */
        struct str reg;       /* ... or the acts "put" and "end" of a register */
        struct str act;
        enum act_by by;
        struct str actor;
        struct str on_behalf; /* whom a delegate acts for; empty = oneself */
        struct str unit;      /* of a new matter; empty = the actor's */
        struct value fields;  /* a context */
        struct str key;       /* idempotency key; empty = none */
        int64_t seen;         /* the matter's newest event when the actor looked at it: if there
                                 is a newer one, E_DESK_SEEN; 0 = whatever it is. Of a register
                                 the event that wrote the entry; E_DESK_ENTRY_SEEN */
        struct moment time;   /* only where desk_options.times_given; else ignored */
};

struct receipt_line {
        struct str name, label, text; /* a document and its number; a clock and its last day */
        bool provisional;             /* a clock that runs into a year without a notice */
};

struct receipt {
        int64_t seq;    /* of the event */
        int64_t matter; /* id; 0 = none */
        struct moment time;
        struct str number, state, state_label;
        struct str act_label, hint;
        const struct receipt_line *documents; /* issued by this act */
        size_t n_documents;
        const struct receipt_line *clocks; /* set running by it */
        size_t n_clocks;
        const struct receipt_line *followed; /* acts it brought about: number, what, state */
        size_t n_followed;
        const struct str *warnings;
        size_t n_warnings;
        bool begins;   /* a matter began */
        bool repeated; /* the key was known: this is the answer given then */
};

struct receipt receipt_copy(struct arena *arena, const struct receipt *receipt);

struct desk_answer {
        bool done;
        struct receipt receipt; /* if done */
        struct err err;         /* if not */
};

/* Where the time comes from. */
struct desk_clock {
        struct moment (*now)(void *user);
        void *user;
};

/* The machine's own. */
struct desk_clock desk_system_clock(void);

struct desk_options {
        struct desk_clock clock; /* now = NULL: the machine's */
        /* Seconds that never leap, beside which the clock is judged. NULL: the machine's, if the
         * clock is the machine's; else the clock is believed. */
        int64_t (*steady)(void *user);
        void *steady_user;
        bool times_given; /* simulation: each act brings its time, never backwards;
                                     all else happens when desk_time_is() says */
        bool (*entropy)(void *user, uint8_t *to, size_t n); /* NULL: the system's */
        void *entropy_user;
        int checkpoint_events;  /* sign a checkpoint after so many; 0 = 10,000 */
        int checkpoint_seconds; /* ... or so many seconds; 0 = 60 */
        bool without_thread;    /* the caller's thread is the writer: rehearsals, simulation */
        bool flush_behind;      /* without a thread: answers when it has decided, writes and flushes
                                   after; for a simulation, which is lived again if that fails */
};

MUST_CHECK bool desk_open(struct site *site, const struct desk_options *options, struct desk **ret,
                struct err *err);

/* Answers what still waits, signs a checkpoint, ends the writer. */
MUST_CHECK bool desk_close(struct desk **desk, struct err *err);

struct site *desk_site(struct desk *desk);

/* Of a desk that flushes behind: waits until what it has answered stands in the store, for whoever
 * is about to read it there. Any other has nothing to wait for. */
MUST_CHECK bool desk_settle(struct desk *desk, struct err *err);

/* In a simulation: the moment of whatever brings no time of its own (freezing a year). */
void desk_time_is(struct desk *desk, struct moment now);

/* Hands in one act and waits until it is durable or refused. */
MUST_CHECK bool desk_submit(struct arena *arena, struct desk *desk,
                const struct submission *submission, struct receipt *ret, struct err *err);

/* The same without waiting: `answered` is called once, on a thread of the desk, when the act is
 * durable; what the answer points to lives until it returns. False: not taken (busy). */
typedef void desk_answered(void *user, const struct desk_answer *answer);
MUST_CHECK bool desk_submit_async(struct desk *desk, const struct submission *submission,
                desk_answered *answered, void *user, struct err *err);

/* Many at once, in order, in as few transactions as the limits allow; each is done or
 * refused by itself. False only if the store failed: then answers[i] tells how far it came. */
MUST_CHECK bool desk_submit_many(struct arena *arena, struct desk *desk,
                const struct submission *submissions, size_t n, struct desk_answer *answers,
                struct err *err);

/* `heard` is called on the writer's thread after each commit that recorded something; it must not
 * wait. One listener; NULL = none. Not before desk_open() and not after what it calls is gone. */
void desk_listen(struct desk *desk, void (*heard)(void *user), void *user);

struct desk_numbers { /* for /metrics */
        uint64_t done, refused, repeated, batches, failed_batches, waiting;
};
struct desk_numbers desk_numbers(struct desk *desk);

struct desk_state {                 /* for /metrics and /readyz */
        struct meter_reading turns; /* from the beginning of a transaction to its commit */
        bool failing;               /* the newest turn failed, and its acts with it */
        int64_t busy_seconds;       /* since the turn under way began; 0 = there is none */
        int64_t clock_ahead;        /* seconds that the clock has leapt and is not believed */
};
struct desk_state desk_state_of(struct desk *desk);

#endif
