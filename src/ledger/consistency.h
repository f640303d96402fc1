/* ledger/consistency.h - that one signed head goes on from another, as one small file.
 *
 * Canonical JSON of exactly these members, and a line end:
 *   {"consistency": [hex of each hash], "format": "plumbline-consistency 1",
 *    "from": a signed note, "hash": "sha256", "to": a signed note}
 *
 * Proofs come from strangers. Pure. */
#ifndef LEDGER_CONSISTENCY_H
#define LEDGER_CONSISTENCY_H

#include "ledger/checkpoint.h"
#include "ledger/merkle.h"

#define CONSISTENCY_FORMAT "plumbline-consistency 1"

struct consistency {
        enum ledger_hash algorithm;
        struct str from, to; /* notes */
        struct merkle_proof proof;
};

struct str consistency_format(struct arena *arena, const struct consistency *consistency);

/* Is the text such a file, and no other? */
bool consistency_is(struct str text);

/* One of the keys must have signed each note; the log has their name. */
MUST_CHECK bool consistency_check(struct arena *arena, struct str text, const struct note_key *keys,
                size_t n_keys, struct checkpoint *ret_from, struct checkpoint *ret_to,
                struct err *err);

#endif
