/* draw/rfc3797.h - publicly verifiable random selection as RFC 3797 does it.
 *
 * The second, named method of drawing: MD5 over a key string of public numbers,
 * each digest taken modulo what is left of a numbered list. MD5's weakness is no
 * matter here, as nobody can choose the key; it is kept because the RFC's many
 * implementations then check our draw. It has no weights and no strata. */
#ifndef DRAW_RFC3797_H
#define DRAW_RFC3797_H

#include "base/err.h"
#include "base/str.h"

#define RFC3797_POOL_MAX 65535 /* the round is a two-byte number */
#define RFC3797_KEY_MAX  4096

struct rfc3797_pick {
        uint32_t number; /* in the published list, from 1 */
        uint8_t digest[16];
};

/* One source of randomness: the numbers it published. */
struct rfc3797_source {
        const struct str *numbers; /* decimal digits, one point at most */
        size_t n_numbers;
};

/* The key string (RFC 3797 section 4): each number without needless zeros and
 * with its point, smallest first; "/" after each source.
 * {"09319"}, {"2","12","5"} -> "9319./2.5.12./" */
MUST_CHECK bool rfc3797_key(struct arena *arena, const struct rfc3797_source *sources,
                size_t n_sources, struct str *ret, struct err *err);

/* `count` different numbers of 1..pool_size, in the order selected. */
MUST_CHECK bool rfc3797_select(struct arena *arena, struct str key, size_t pool_size, size_t count,
                struct rfc3797_pick *ret, struct err *err);

/* "key<TAB>pool size<TAB>count" -> "17 7 2", or "bad<TAB>reason". */
struct str rfc3797_probe(struct arena *arena, struct str line);

#endif
