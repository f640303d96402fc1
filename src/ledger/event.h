/* ledger/event.h - what an accepted act recorded, and its leaf in the ledger.
 *
 * The leaf is canonical JSON of exactly these members, in this order:
 *   {"act","actor","data","matter","on_behalf","organ","procedure","seq","time"}
 * where `data` commits to the field values without telling them (H: the ledger's hash):
 *   salt(name)  = first 16 bytes of HKDF-Expand(secret, "plumbline field " || name)
 *   digest(f)   = H(0x02 || salt || length of name, 2 bytes big-endian || name || value)
 *   data        = H(0x03 || all digests, ascending)
 * and `value` is the canonical JSON of the field's value.
 *
 * So one field can be shown to a stranger without the others (salt, value and the list
 * of digests); and fields can be erased (个人信息保护法 第四十七条): secret and values
 * go, leaf and proofs stay. Keep a field proof of what is not erased, if anything.
 *
 * Refused: texts that would need escapes in the leaf (they are identifiers, not prose),
 * doubled field names, more than LIMIT_EVENT_FIELDS fields, anything over
 * LIMIT_EVENT_BYTES. Pure; the secret is handed in. */
#ifndef LEDGER_EVENT_H
#define LEDGER_EVENT_H

#include "base/value.h"
#include "ledger/hash.h"

#define EVENT_SECRET_BYTES 32
#define EVENT_SALT_BYTES   16

struct event {
        struct str organ;
        int64_t seq;          /* 0.. : the leaf's index in the ledger of the organ */
        struct str matter;    /* number; empty = none */
        struct str procedure; /* "name@version" */
        struct str act, actor;
        struct str on_behalf; /* empty = none */
        struct moment time;
        struct value data;                  /* a context */
        uint8_t secret[EVENT_SECRET_BYTES]; /* random, a new one for each event */
};

struct sealed {
        struct str leaf;       /* canonical bytes */
        struct hash leaf_hash; /* H(0x00 || leaf), as the Merkle tree takes it */
        struct str disclosed;  /* canonical JSON of data */
};

MUST_CHECK bool ledger_seal(struct arena *arena, enum ledger_hash algorithm,
                const struct event *event, struct sealed *ret, struct err *err);

/* A leaf read back; the texts are slices of its bytes. */
struct leaf {
        struct str organ;
        int64_t seq;
        struct str matter, procedure, act, actor, on_behalf; /* empty = null */
        struct moment time;
        struct hash data;
};

/* Refuses whatever ledger_seal() would not have written, byte for byte. */
MUST_CHECK bool ledger_parse_leaf(struct str bytes, struct leaf *ret, struct err *err);

/* True if the leaf commits to exactly this disclosed text under this secret; *n_fields
 * (may be NULL) is how many fields that were. Builds no values, allocates nothing. */
MUST_CHECK bool ledger_check_event(enum ledger_hash algorithm, const struct leaf *leaf,
                struct str disclosed, const uint8_t secret[EVENT_SECRET_BYTES], size_t *n_fields,
                struct err *err);

/* A proof that shows the named fields and nothing of the others, as canonical JSON:
 * {"digests":[hex..],"fields":[{"name","salt","value"}..],"hash":"sha256"}. Checks the
 * event first; at least one name. */
MUST_CHECK bool ledger_prove_fields(struct arena *arena, enum ledger_hash algorithm,
                const struct leaf *leaf, struct str disclosed,
                const uint8_t secret[EVENT_SECRET_BYTES], const struct str *names, size_t n_names,
                struct str *ret, struct err *err);

/* The same proof with fewer fields: those named. Checks it first; at least one name. */
MUST_CHECK bool ledger_narrow_proof(struct arena *arena, enum ledger_hash algorithm,
                const struct leaf *leaf, struct str proof, const struct str *names, size_t n_names,
                struct str *ret, struct err *err);

/* Gives back the fields that the proof shows, as a context; strict to the byte. */
MUST_CHECK bool ledger_check_fields(struct arena *arena, enum ledger_hash algorithm,
                const struct leaf *leaf, struct str proof, struct value *ret, struct err *err);

#endif
