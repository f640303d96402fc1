/* desk/audit.h - reads the whole ledger of a site again and says whether it holds.
 *
 * Beside what ledger/verify.h checks (every leaf, every field, every checkpoint), the store's
 * own columns: that events hang on their matters as they did, that idempotency keys are
 * those the events keep, that the tiles and the head are the tree's, that what is missing was
 * erased by a recorded act. */
#ifndef DESK_AUDIT_H
#define DESK_AUDIT_H

#include "desk/site.h"
#include "ledger/verify.h"

struct audit {
        struct verify_report ledger;
        uint64_t n_tiles, n_matters;
};

/* Fails with the first problem, or with E_VERIFY_NOTHING for an empty ledger; *ret is filled
 * either way. */
MUST_CHECK bool site_audit(struct site *site, struct audit *ret, struct err *err);

#endif
