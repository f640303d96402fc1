/* draw/seed.h - public randomness, announced first and entered as published.
 *
 * Before the draw the bureau announces which public values will be used: the
 * source ("中国福利彩票双色球"), its issue ("2021051") and the exact shape in which
 * the values will be written ("99 99 99 99 99 99 99"). A shape leaves whoever
 * enters the values no choice of zeros, blanks or order that could steer the
 * draw. The seed also covers the batch number, the pool and the announcement: two
 * draws on the same lottery issue are independent, and a pool or a sample size
 * that was changed after the fact gives another seed. */
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

/* Everything the seed is made of. */
struct seed_terms {
        struct str batch; /* the number under which the draw was announced */
        struct pool_hash pool;
        uint8_t announcement[32]; /* hash of the announcement, draw/publication.h */
        const struct seed_source *sources;
        const struct str *values; /* as published, one for each source */
        size_t n_sources;
};

/* May these be announced? One to SEED_SOURCES_MAX, each a line of text, each shape with
 * something to fill in. */
MUST_CHECK bool seed_check_sources(
                const struct seed_source *sources, size_t n_sources, struct err *err);

/* True if the value is written as its announced shape says. */
bool seed_fits(struct str shape, struct str value);

/* The canonical seed text: what is hashed, and what is printed in the record. */
MUST_CHECK bool seed_text(struct arena *arena, const struct seed_terms *terms, struct str *ret,
                struct err *err);

/* SHA-256 of the seed text. */
MUST_CHECK bool seed_compute(struct arena *arena, const struct seed_terms *terms, struct seed *ret,
                struct err *err);

#endif
