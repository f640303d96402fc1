/* ledger/note.h - C2SP signed notes (c2sp.org/signed-note): a text and its signatures.
 *
 *   text, ends in a line end
 *   (empty line)
 *   — <key name> <base64 of 4-byte key id and signature>
 *
 * The key id is the beginning of SHA-256(name || LF || type || public key), also where the
 * ledger hashes with SM3; the type of an algorithm is a byte or more (ledger/signature.h). A
 * verifier key is written "<name>+<key id, 8 hex digits>+<base64 of type and public key>".
 *
 * A witness signs differently (c2sp.org/tlog-cosignature, v1): over "cosignature/v1", a line
 * "time <seconds>" and the text, with the time in 8 bytes before the signature.
 *
 * Notes come from strangers: read strictly, unknown signers are passed over, a wrong
 * signature of a known key refuses the note. Pure. */
#ifndef LEDGER_NOTE_H
#define LEDGER_NOTE_H

#include "base/date.h"
#include "base/err.h"
#include "ledger/signature.h"

#define NOTE_BYTES_MAX      1000000u
#define NOTE_SIGNATURES_MAX 100u
#define NOTE_NAME_BYTES_MAX 255u

struct note_key {
        struct str name; /* no white space, no '+' */
        uint8_t id[4];
        enum signature_algorithm algorithm;
        uint8_t public_key[SIGNATURE_PUBLIC_BYTES_MAX]; /* zeros behind a shorter one */
};

struct note_signer {
        struct note_key key;
        uint8_t seed[SIGNATURE_SEED_BYTES];
};

/* The seed is 32 random bytes, kept secret. */
MUST_CHECK bool note_signer_init(struct str name, const uint8_t seed[SIGNATURE_SEED_BYTES],
                struct note_signer *ret, struct err *err);

/* The same with SM2; E_NOTE_KEY for the few seeds that are none (signature_is_seed). */
MUST_CHECK bool note_sm2_signer_init(struct str name, const uint8_t seed[SIGNATURE_SEED_BYTES],
                struct note_signer *ret, struct err *err);

/* The same for a witness. */
MUST_CHECK bool note_cosigner_init(struct str name, const uint8_t seed[SIGNATURE_SEED_BYTES],
                struct note_signer *ret, struct err *err);

struct str note_key_format(struct arena *arena, const struct note_key *key);
MUST_CHECK bool note_key_parse(
                struct arena *arena, struct str text, struct note_key *ret, struct err *err);

MUST_CHECK bool note_sign(struct arena *arena, struct str text, const struct note_signer *signer,
                struct str *ret, struct err *err);

/* Another signature behind a note that has one. */
MUST_CHECK bool note_sign_also(struct arena *arena, struct str note,
                const struct note_signer *signer, struct str *ret, struct err *err);

/* A witness's signature line for the text of a note, to stand behind the others. */
MUST_CHECK bool note_cosign(struct arena *arena, struct str text, struct moment time,
                const struct note_signer *signer, struct str *ret, struct err *err);

/* How many of the keys have signed, each counted once however it is named; a wrong signature
 * of one of them refuses the note, as in note_open(). */
MUST_CHECK bool note_count(struct arena *arena, struct str note, const struct note_key *keys,
                size_t n_keys, size_t *ret, struct err *err);

/* The text of a note that at least one of the keys signed; a slice of the note. */
MUST_CHECK bool note_open(struct arena *arena, struct str note, const struct note_key *keys,
                size_t n_keys, struct str *ret, struct err *err);

#endif
