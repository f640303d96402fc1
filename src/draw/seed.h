/* draw/seed.h - public randomness, announced first and entered as published.
 *
 * Before the draw the bureau announces which public values will be used: the
 * source ("中国福利彩票双色球"), its issue ("2021051") and the exact shape in which
 * the values will be written ("99 99 99 99 99 99 99"). A shape leaves whoever
 * enters the values no choice of zeros, blanks or order that could steer the
 * draw. The seed also covers the batch number and the pool hash: two draws on
 * the same lottery issue are independent, and a changed pool changes the seed. */
#ifndef DRAW_SEED_H
#define DRAW_SEED_H

#include "draw/pool.h"

#define SEED_SOURCES_MAX 16

struct seed {
        uint8_t bytes[32];
};

struct seed_source {
        struct str source; /* who publishes */
        struct str issue;  /* which issue, date or round */
        struct str shape;  /* '9' = a digit, 'h' = 0-9 or a-f, anything else itself */
};

/* True if the value is written as its announced shape says. */
bool seed_fits(struct str shape, struct str value);

/* The canonical seed text: what is hashed, and what is printed in the record. */
MUST_CHECK bool seed_text(struct arena *arena, struct str batch, struct pool_hash pool,
                const struct seed_source *sources, const struct str *values, size_t n_sources,
                struct str *ret, struct err *err);

/* SHA-256 of the seed text. */
MUST_CHECK bool seed_compute(struct arena *arena, struct str batch, struct pool_hash pool,
                const struct seed_source *sources, const struct str *values, size_t n_sources,
                struct seed *ret, struct err *err);

#endif
