/* ledger/hash.h - the hash of a ledger: SHA-256 or SM3, chosen when it is created.
 *
 * SHA-256 (FIPS 180-4) keeps to RFC 6962/9162 and C2SP, so that strangers' tools
 * can check us; SM3 (GB/T 32905-2016) is for sites that must use national
 * algorithms. Both give 32 bytes, and everything above this file treats them alike.
 *
 * Pure, and free to call on any thread. The one thing that changes is the table of
 * methods fetched from libcrypto, filled once (pthread_once) and constant after. */
#ifndef LEDGER_HASH_H
#define LEDGER_HASH_H

#include "base/str.h"

enum ledger_hash { LEDGER_SHA256, LEDGER_SM3 };

#define HASH_BYTES 32
#define HASH_HEX   64

struct hash {
        uint8_t b[HASH_BYTES];
};

/* "sha256", "sm3"; as ledgers, proofs and command lines name them. */
const char *hash_name(enum ledger_hash algorithm);
bool hash_by_name(struct str name, enum ledger_hash *ret);

/* False if the libcrypto of this machine lacks it; to hash with it then aborts. */
bool hash_is_available(enum ledger_hash algorithm);

struct hash hash_bytes(enum ledger_hash algorithm, struct str bytes);

static inline bool hash_eq(const struct hash *a, const struct hash *b)
{
        return memcmp(a->b, b->b, HASH_BYTES) == 0;
}

/* Piece by piece. Whatever is started must be finished (SM3 holds memory). */
struct hasher {
        enum ledger_hash algorithm;
        union {
                uint64_t state[14]; /* SHA-256, by value */
                void *context;      /* SM3, libcrypto's */
        };
};

void hasher_start(struct hasher *hasher, enum ledger_hash algorithm);
void hasher_add(struct hasher *hasher, const void *bytes, size_t n);
struct hash hasher_finish(struct hasher *hasher);

/* HMAC (RFC 2104) under one key, prepared once; holds nothing to free. */
struct hmac {
        enum ledger_hash algorithm;
        union {
                uint64_t state[2][14]; /* SHA-256 after the inner and the outer pad */
                uint8_t pad[2][64];    /* SM3: the pads themselves */
        };
};

void hmac_init(struct hmac *hmac, enum ledger_hash algorithm, const void *key, size_t n);
struct hash hmac_bytes(const struct hmac *hmac, struct str bytes);

/* First block of HKDF-Expand (RFC 5869 section 2.3): HMAC(key, label || name || 0x01). */
struct hash hmac_expand(const struct hmac *hmac, struct str label, struct str name);

void hash_write_hex(const void *bytes, size_t n, char *to); /* 2n characters, no NUL */
/* Lower-case digits only, exactly 2n of them. */
MUST_CHECK bool hash_parse_hex(struct str text, void *ret, size_t n);

/* RFC 4648 section 4 with padding; parsing is strict: no white space, no stray bits. */
struct str hash_base64(struct arena *arena, const void *bytes, size_t n);
MUST_CHECK bool hash_parse_base64(struct arena *arena, struct str text, struct str *ret);

#endif
