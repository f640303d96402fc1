/* desk/log_check.h - does a published log hold? For outsiders: needs the folder, or the address
 * of the server, and the log's key, nothing else.
 *
 * Whole: every hash of every tile is worked out again from the hashes of the leaves, up to
 * the signed root; where the leaves are there (an auditor's folder), those from the leaves.
 * From an earlier checkpoint: that this log is the continuation of that one, and all that
 * came since. A sample: leaves drawn at random, each by its proof.
 *
 * To have checked nothing is a failure (E_VERIFY_NOTHING). */
#ifndef DESK_LOG_CHECK_H
#define DESK_LOG_CHECK_H

#include "ledger/checkpoint.h"

struct log_check {
        enum ledger_hash algorithm;
        /* One of them, or one that took over from them (ledger/succession.h), must have signed;
         * the log has their name. */
        const struct note_key *keys;
        size_t n_keys;
        struct str from; /* a checkpoint seen before, as a signed note; empty = none */
        uint64_t sample; /* how many leaves; 0 = all */
        const struct note_key *witnesses;
        size_t n_witnesses;
        size_t require;       /* how many of them must have cosigned the checkpoint */
        struct str token, ca; /* for a server (desk/log_folder.h) */
        struct str copy;      /* what was read is written to this folder too; empty = not */
};

struct log_checked {
        struct checkpoint head; /* size 0: could not be read; origin lives with the arena */
        struct str note;        /* as it was read; the same */
        struct str text;        /* what is signed of it; the same */
        struct str log_keys;    /* how the key changed, as it was read; empty = it did not */
        uint64_t key_since;     /* size at which it last did; 0 = never */
        size_t n_witnesses;     /* who cosigned */
        uint64_t from;          /* size of the earlier checkpoint */
        uint64_t n_hashes;      /* hashes of leaves that were checked */
        uint64_t n_entries;     /* leaves that were */
        uint64_t n_files;       /* read */
        uint64_t n_unchecked;   /* files in the folder that the head does not speak of */
        bool has_entries;       /* the leaves themselves were there to be checked */
};

/* Fails with the first problem; *ret says how far it came either way. */
MUST_CHECK bool log_check(struct arena *arena, struct str at, const struct log_check *check,
                struct log_checked *ret, struct err *err);

#endif
