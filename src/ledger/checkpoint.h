/* ledger/checkpoint.h - the signed head of a ledger (c2sp.org/tlog-checkpoint).
 *
 * The text of a signed note: origin, number of leaves, base64 of the root, a line each.
 * Lines behind those are extensions: read past, never written. Pure. */
#ifndef LEDGER_CHECKPOINT_H
#define LEDGER_CHECKPOINT_H

#include "ledger/hash.h"
#include "ledger/note.h"

struct checkpoint {
        struct str origin; /* names the ledger in the whole world, for good */
        uint64_t size;
        struct hash root;
};

MUST_CHECK bool checkpoint_sign(struct arena *arena, const struct checkpoint *checkpoint,
                const struct note_signer *signer, struct str *ret, struct err *err);

/* Only for text whose signature has been checked (note_open). */
MUST_CHECK bool checkpoint_parse(
                struct arena *arena, struct str text, struct checkpoint *ret, struct err *err);

/* note_open() and checkpoint_parse(); refuses the key of a witness, who vouches for a log but
 * does not speak for it, and another origin unless `origin` is empty. */
MUST_CHECK bool checkpoint_open(struct arena *arena, struct str note, struct str origin,
                const struct note_key *keys, size_t n_keys, struct checkpoint *ret,
                struct err *err);

#endif
