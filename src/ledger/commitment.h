/* ledger/commitment.h - how a leaf commits to its fields; for this room only.
 *
 * The formula stands in ledger/event.h. One commitment serves sealing, checking and
 * field proofs, so that the three cannot disagree. */
#ifndef LEDGER_COMMITMENT_H
#define LEDGER_COMMITMENT_H

#include "base/err.h"
#include "base/limits.h"
#include "ledger/event.h"
#include "ledger/hash.h"

struct salt {
        uint8_t b[EVENT_SALT_BYTES];
};

struct commitment {
        enum ledger_hash algorithm;
        struct hmac key;
        size_t n;
        struct hash digests[LIMIT_EVENT_FIELDS];
};

struct salt field_salt(const struct hmac *key, struct str name);
struct hash field_digest(enum ledger_hash algorithm, const struct salt *salt, struct str name,
                struct str value);

void commitment_start(struct commitment *commitment, enum ledger_hash algorithm,
                const uint8_t secret[EVENT_SECRET_BYTES]);
void commitment_add(struct commitment *commitment, struct str name, struct str value);

/* Starts, and adds every field of a disclosed text. */
MUST_CHECK bool commitment_read(struct commitment *commitment, enum ledger_hash algorithm,
                const uint8_t secret[EVENT_SECRET_BYTES], struct str disclosed, struct err *err);

/* Sorts the digests and hashes their list. */
struct hash commitment_finish(struct commitment *commitment);

#endif
