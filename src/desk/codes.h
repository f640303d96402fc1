/* desk/codes.h - query codes: what a person without an account shows to see his matter.
 *
 * A code is worked out, not stored: HMAC over the matter's number and the party's name under a
 * secret of the site, so that every matter has one, also those begun at the window. Who lost his
 * is given another there (procedure/decide.h: ACT_CODE): how often that was done goes into the
 * sum, and the one before is worth nothing from then on. Twelve digits of 5 bits; compared in
 * constant time. */
#ifndef DESK_CODES_H
#define DESK_CODES_H

#include "procedure/matter.h"
#include "store/store.h"

/* Makes the secret where there is none yet. E_DESK_ENTROPY. */
MUST_CHECK bool codes_prepare(struct store *store, struct err *err);

/* "XXXX-XXXX-XXXX"; empty while the site has no secret. The first of a matter just begun ... */
MUST_CHECK bool codes_of(struct arena *arena, struct snapshot *snapshot, struct str number,
                struct str party, struct str *ret, struct err *err);

/* ... and the one that holds for a party of a matter as it stands. */
MUST_CHECK bool codes_now(struct arena *arena, struct snapshot *snapshot,
                const struct matter *matter, struct str party, struct str *ret, struct err *err);

/* Which party of the matter has the code, as it was typed; empty: none. */
MUST_CHECK bool codes_party(struct arena *arena, struct snapshot *snapshot,
                const struct matter *matter, struct str typed, struct str *ret, struct err *err);

#endif
