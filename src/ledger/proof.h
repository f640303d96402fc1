/* ledger/proof.h - that an event stands in the log, and what some of its fields say, as one
 * small file that needs nothing else but the log's key.
 *
 * Canonical JSON of exactly these members, and a line end:
 *   {"checkpoint": the signed note, "fields": a field proof (ledger/event.h) or null,
 *    "format": "plumbline-proof 1", "hash": "sha256", "inclusion": [hex of each hash],
 *    "leaf": the leaf's text}
 * The leaf's index in the tree is its seq. Whatever is not a field asked for stays a hash.
 *
 * Proofs come from strangers: every byte of one counts. Pure. */
#ifndef LEDGER_PROOF_H
#define LEDGER_PROOF_H

#include "ledger/checkpoint.h"
#include "ledger/event.h"
#include "ledger/merkle.h"

#define PROOF_FORMAT    "plumbline-proof 1"
#define PROOF_BYTES_MAX (4u << 20)

struct proof {
        enum ledger_hash algorithm;
        struct str checkpoint; /* the note */
        struct str leaf;       /* the bytes */
        struct merkle_proof inclusion;
        struct str fields; /* a field proof; empty = shows none */
};

struct str proof_format(struct arena *arena, const struct proof *proof);

/* What a proof that holds has shown. */
struct proof_shown {
        enum ledger_hash algorithm;
        struct str note; /* the checkpoint as signed */
        struct checkpoint head;
        struct leaf leaf;
        struct value fields; /* context; empty where it shows none */
};

/* One of the keys must have signed the checkpoint; the log has their name. */
MUST_CHECK bool proof_check(struct arena *arena, struct str text, const struct note_key *keys,
                size_t n_keys, struct proof_shown *ret, struct err *err);

#endif
