/* ledger/succession.h - which keys speak for a log after its key has changed.
 *
 * A new key takes over by an event of the log: procedure "site", act "log_key", fields `from`
 * and `key`, both verifier keys. The checkpoint that first covers it is signed by both. A line
 * of the text is the proof file of that event (ledger/proof.h), both fields shown, against such
 * a checkpoint. So whoever trusts the old key comes to trust the new one, and learns up to which
 * size the old one could speak; a head beyond it that only the old key signed is refused.
 *
 * Comes from strangers. Pure. */
#ifndef LEDGER_SUCCESSION_H
#define LEDGER_SUCCESSION_H

#include "ledger/proof.h"

#define SUCCESSION_KEYS_MAX  100u
#define SUCCESSION_BYTES_MAX (4u << 20)

#define SUCCESSION_PROCEDURE "site"
#define SUCCESSION_ACT       "log_key"

struct succession {
        struct note_key keys[SUCCESSION_KEYS_MAX]; /* those trusted from the start come first */
        size_t n;
        uint64_t since;         /* size of the newest changeover; 0 = the key never changed */
        struct hash root;       /* of that checkpoint: the log must go on from there */
        struct note_key newest; /* where since > 0 */
};

/* Lines that prove nothing under the keys known so far are passed over while they stand in front
 * of the first that does, and refused behind it. E_SUCCESSION. */
MUST_CHECK bool succession_read(struct arena *arena, struct str text, const struct note_key *keys,
                size_t n_keys, struct succession *ret, struct err *err);

/* checkpoint_open() by a key that may still speak for a head of that size. E_SUCCESSION. */
MUST_CHECK bool succession_open(struct arena *arena, struct str note, struct str origin,
                const struct succession *succession, struct checkpoint *ret, struct err *err);

/* The other way round, for the site itself: the keys that came before those given. `newest`
 * and `since` are those of the last line. */
MUST_CHECK bool succession_back(struct arena *arena, struct str text, const struct note_key *keys,
                size_t n_keys, struct succession *ret, struct err *err);

#endif
