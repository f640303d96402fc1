/* ledger/signature.h - signatures by algorithm byte, as C2SP signed notes number them.
 *
 * Ed25519 (RFC 8032) is here. SM2 with SM3 (GB/T 32918) has no byte of its own in C2SP
 * yet: it would come as another row of the switch in signature.c, under a byte of the
 * range left to private use, and nothing above this file would change.
 *
 * Pure: signing is deterministic, key material is handed in. */
#ifndef LEDGER_SIGNATURE_H
#define LEDGER_SIGNATURE_H

#include "base/str.h"

enum signature_algorithm {
        SIGNATURE_ED25519 = 0x01,
        SIGNATURE_COSIGNATURE = 0x04, /* Ed25519 by a witness, over time and text (note.h) */
};

#define SIGNATURE_SEED_BYTES   32
#define SIGNATURE_PUBLIC_BYTES 32
#define SIGNATURE_BYTES        64

bool signature_is_known(unsigned algorithm);

void signature_public(enum signature_algorithm algorithm, const uint8_t seed[SIGNATURE_SEED_BYTES],
                uint8_t ret[SIGNATURE_PUBLIC_BYTES]);
void signature_sign(enum signature_algorithm algorithm, const uint8_t seed[SIGNATURE_SEED_BYTES],
                struct str message, uint8_t ret[SIGNATURE_BYTES]);

/* Any bytes may be handed in as key and signature. */
bool signature_verify(enum signature_algorithm algorithm,
                const uint8_t public_key[SIGNATURE_PUBLIC_BYTES], struct str message,
                struct str signature);

#endif
