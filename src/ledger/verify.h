/* ledger/verify.h - reads a whole ledger again and says whether it holds.
 *
 * Feed the events in the order of the log, and each checkpoint right after the event
 * that completes its size. Every leaf is hashed into the tree, every disclosed field
 * into its leaf's commitment, every checkpoint is compared with the tree so far. All
 * problems are counted, the first is kept whole.
 *
 * To have verified nothing is a failure: no events, or no checkpoint at all.
 *
 * Looking at one event (verify_look) is most of the work, needs no other event and may
 * run on any thread; adding what was found (verify_add) goes in order. Pure. */
#ifndef LEDGER_VERIFY_H
#define LEDGER_VERIFY_H

#include "ledger/checkpoint.h"
#include "ledger/event.h"
#include "ledger/merkle.h"

struct verify_config {
        enum ledger_hash algorithm;
        struct str organ;
        struct str origin;           /* empty = any */
        const struct note_key *keys; /* one of them must have signed each checkpoint */
        size_t n_keys;
        bool time_may_go_back;    /* then it is a warning */
        bool without_checkpoints; /* checks the inside of the ledger only */
};

struct verify_record {
        struct str leaf;
        struct str disclosed;  /* p == NULL: erased */
        const uint8_t *secret; /* EVENT_SECRET_BYTES; NULL where erased */
        struct str proof;      /* where erased in part: the field proof of the rest */
};

enum verify_kept { VERIFY_WHOLE, VERIFY_PARTLY, VERIFY_ERASED };

struct verify_finding {
        bool has_leaf, has_problem;
        int64_t seq;
        struct moment time;
        struct hash leaf_hash;
        enum verify_kept kept;
        size_t n_fields;
        struct err problem;
};

struct verify_report {
        uint64_t n_events, n_fields, n_partly, n_erased;
        uint64_t n_checkpoints;
        uint64_t n_unsigned; /* events behind the last good checkpoint */
        uint64_t n_problems, n_warnings;
        struct hash root;
        uint64_t problem_at, warning_at; /* the event after which it was found, from 0 */
        struct err problem, warning;     /* the first; code E_NONE = none */
};

struct verify {
        const struct verify_config *config;
        struct merkle_frontier frontier;
        int64_t next_seq;
        struct moment time;
        struct verify_report report;
};

void verify_start(struct verify *verify, const struct verify_config *config);

/* The arena is used for field proofs only, and may be reset afterwards. */
void verify_look(struct arena *arena, const struct verify_config *config,
                const struct verify_record *record, struct verify_finding *ret);
void verify_add(struct verify *verify, const struct verify_finding *finding);

/* Both in one; false if that brought a problem. */
bool verify_event(struct arena *arena, struct verify *verify, const struct verify_record *record);

/* `note` is a signed checkpoint; false if that brought a problem. */
bool verify_checkpoint(struct arena *arena, struct verify *verify, struct str note);

/* Fails with the first problem, or with E_VERIFY_NOTHING; *ret is filled either way. */
MUST_CHECK bool verify_finish(struct verify *verify, struct verify_report *ret, struct err *err);

#endif
