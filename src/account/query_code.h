/* account/query_code.h - the code that, with its number, opens a matter to its party (查询码).
 *
 * Derived from the site's secret and the matter's id, so it is kept nowhere and can be printed
 * again on any receipt. Eight characters in two groups, "K7QF-2M9X": seven of them 35 bits, the
 * last a check character that catches one wrong character and almost every two exchanged.
 * Small letters will do, and 0 1 are what O I L are read as (Crockford's base 32). 35 bits are
 * enough only because tries are counted: whoever asks must throttle. Pure. */
#ifndef ACCOUNT_QUERY_CODE_H
#define ACCOUNT_QUERY_CODE_H

#include "ledger/hash.h"

/* "K7QF-2M9X". `matter`: its id. */
struct str query_code(struct arena *arena, const struct hmac *secret, int64_t matter);

/* As people type it: blanks and hyphens anywhere, any case. False: no code could look so, which
 * may be said without a try being counted. *ret: the eight characters. */
bool query_code_parse(struct arena *arena, struct str typed, struct str *ret);

/* Is it the matter's? In constant time. */
bool query_code_is(
                struct arena *arena, const struct hmac *secret, int64_t matter, struct str typed);

#endif
