/* desk/prove.h - a proof of one event of a matter, for whoever has to show it. */
#ifndef DESK_PROVE_H
#define DESK_PROVE_H

#include "desk/site.h"

/* The text of a proof file (ledger/proof.h) against the newest checkpoint. `matter` is a
 * number; empty: any event. `seq` < 0: the matter's newest event. The named fields are
 * shown; none will do. `head`: another checkpoint of this log, perhaps with cosignatures, to
 * prove against; empty = the newest of the store. E_LOG_UNSIGNED where it does not cover the
 * event, E_LOG_SPLIT where it is not this log's. */
MUST_CHECK bool prove_event(struct arena *arena, struct site *site, struct str matter, int64_t seq,
                const struct str *fields, size_t n_fields, struct str head, struct str *ret,
                struct err *err);

/* The text of a file (ledger/consistency.h) that the checkpoint of `to` leaves continues that of
 * `from`; `to` 0 = the newest. E_NOT_FOUND if there is none of that size. */
MUST_CHECK bool prove_consistency(struct arena *arena, struct site *site, uint64_t from,
                uint64_t to, struct str *ret, struct err *err);

#endif
