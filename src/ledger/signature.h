/* ledger/signature.h - signatures by algorithm, as C2SP signed notes name them.
 *
 * Ed25519 (RFC 8032), under the byte 0x01, and 0x04 for a witness; SM2 with SM3 (GB/T 32918.2,
 * the signer's id "1234567812345678" of GB/T 35276), for sites that must use national
 * algorithms, under the byte 0xff that C2SP leaves to types of others, and a name behind it.
 * An SM2 signature is r || s, 32 bytes each; a public key is the point, uncompressed.
 *
 * Key material is handed in. Ed25519 is deterministic; SM2 takes a random number from
 * libcrypto for each signature, as the standard has it. */
#ifndef LEDGER_SIGNATURE_H
#define LEDGER_SIGNATURE_H

#include "base/str.h"

enum signature_algorithm {
        SIGNATURE_ED25519 = 0x01,
        SIGNATURE_COSIGNATURE = 0x04, /* Ed25519 by a witness, over time and text (note.h) */
        SIGNATURE_SM2 = 0xff,
};

#define SIGNATURE_SEED_BYTES       32
#define SIGNATURE_PUBLIC_BYTES_MAX 65
#define SIGNATURE_BYTES            64

/* What stands in front of the public key where a key is written; one byte or more. */
struct str signature_type(enum signature_algorithm algorithm);
size_t signature_public_bytes(enum signature_algorithm algorithm);

/* Splits what a key is written as; false if the algorithm is not known or the length wrong. */
bool signature_parse_key(struct str bytes, enum signature_algorithm *ret, struct str *ret_public);

/* Any 32 bytes are a seed for Ed25519; for SM2 all but one in 2^32 are. */
bool signature_is_seed(
                enum signature_algorithm algorithm, const uint8_t seed[SIGNATURE_SEED_BYTES]);

void signature_public(enum signature_algorithm algorithm, const uint8_t seed[SIGNATURE_SEED_BYTES],
                uint8_t ret[SIGNATURE_PUBLIC_BYTES_MAX]);
void signature_sign(enum signature_algorithm algorithm, const uint8_t seed[SIGNATURE_SEED_BYTES],
                struct str message, uint8_t ret[SIGNATURE_BYTES]);

/* Any bytes may be handed in as key and signature. */
bool signature_verify(enum signature_algorithm algorithm, const uint8_t *public_key,
                struct str message, struct str signature);

#endif
