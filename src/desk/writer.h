/* desk/writer.h - one turn of the writer: a transaction, and the acts that go into it; for
 * this room only.
 *
 * Everything a turn makes lies in its arena and is dropped with it. What outlives a turn
 * (the ledger's end, the caches of the projection) is taken over only when it has
 * committed. */
#ifndef DESK_WRITER_H
#define DESK_WRITER_H

#include "desk/desk.h"
#include "desk/queue.h"
#include "desk/sealer.h"
#include "store/store.h"

struct projection;

/* Where the ledger ends. */
struct tip {
        int64_t next_seq;
        struct moment time; /* of the newest event */
};

struct writer {
        struct desk *desk;
        struct arena *arena;
        struct projection *projection;
        struct tx *tx;
        struct tip tip;
        struct moment now;
        struct date today;
        struct circumstances circumstances; /* now, calendar, catalogue ... */
        bool lookup_failed;                 /* one could not read the store */
        struct err lookup_err;
        bool careful; /* marks are savepoints of the store, and each leaf is sealed at once */
        bool asks;    /* for every idempotency key, whether an event has settled it: act.c */
        bool again;   /* cannot go on otherwise: see writer_end_job() */
        bool saved;   /* this job has a mark to come back to */
        struct tip mark;
        struct merkle_frontier frontier_mark; /* of a careful turn */
        size_t cache_mark;
        uint64_t runs_mark;
        size_t n_followed;
};

/* Opens the transaction and finds the ledger's end; or goes on in the one that the turn before has
 * left open (desk/turn.h). */
MUST_CHECK bool writer_begin(struct writer *writer, struct err *err);
MUST_CHECK bool writer_end(struct writer *writer, struct err *err); /* all but the commit */
MUST_CHECK bool writer_commit(struct writer *writer, struct err *err);
void writer_rollback(struct writer *writer);

/* Between these two a job's changes stay or go together.
 *
 * Savepoints cost more than most acts, and hardly any act fails once it has begun to write.
 * So a turn is first run without them: a job that fails before it wrote has nothing to undo;
 * one that fails later sets `again` (writer_end_job() is then false, without an error), and
 * the turn is rolled back and run anew, carefully. So it is if the store refuses a row that
 * was only handed over (tx_put()), or an event cannot be sealed (desk/sealer.h): with marks it
 * waits for each, and the refusal is told to the act that it belongs to. */
MUST_CHECK bool writer_mark(struct writer *writer, struct err *err); /* before the first change */
MUST_CHECK bool writer_end_job(struct writer *writer, bool ok, struct err *err);

/* The moment of the acts that follow; what is known of the calendar goes with it. */
void writer_set_time(struct writer *writer, struct moment now);

/* Stores a fact as the next event, to be sealed (desk/sealer.h), and folds it into the read
 * tables; of a matter, into `matter` too (NULL: none; a new one is filled). `key`: the
 * idempotency key that the event settles, or empty. The fact's texts and values must stay as
 * they are until the turn has ended. */
MUST_CHECK bool writer_record(struct writer *writer, const struct fact *fact, struct matter *matter,
                struct str key, int64_t *ret_seq, struct err *err);

/* The matter of a number, or of "#" and its id. E_NOT_FOUND. */
MUST_CHECK bool writer_find(
                struct writer *writer, struct str number_or_id, int64_t *ret, struct err *err);
MUST_CHECK bool writer_matter(
                struct writer *writer, int64_t id, struct matter **ret, struct err *err);

/* For job.look_ahead: sees to it that this matter, if there is one, need not be read any more. */
MUST_CHECK bool writer_look_ahead(struct writer *writer, int64_t id, struct err *err);

/* Does one submission and what follows from it (act.c); matter: 0, or the one meant; digest: what
 * repeat_digest() makes of it, or empty. */
MUST_CHECK bool writer_act(struct writer *writer, const struct submission *submission,
                int64_t matter, struct str digest, struct receipt *ret, struct err *err);

/* Did a lookup fail to read the store, so that what was decided is worth nothing? */
bool writer_lookup_failed(struct writer *writer, struct err *err);

/* Did the store fail, and with it the whole turn? */
bool writer_is_store_failure(const struct err *err);

#endif
