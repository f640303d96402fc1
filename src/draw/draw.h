/* draw/draw.h - which objects are inspected: lowest tickets first, per stratum.
 *
 * ticket = SHA-256(seed, "object", stratum, object id, k), k = 1..weight, each
 * part behind its length (docs/draw-format.md); the lowest of an object's
 * tickets counts. So the first pick is object i with chance weight(i) / sum of
 * weights, and each further pick likewise among those left: positive for every
 * object and exact, by integers alone. The tickets that follow the picks are
 * the substitutes, in order, so a substitution cannot be steered.
 *
 * Refused: a ratio below 0 or over 100 %, more than the stratum holds, a stratum
 * of the pool that the plan forgets (its objects would have no chance), a sum
 * that is not the announced total. Everything after the seed is determined. */
#ifndef DRAW_DRAW_H
#define DRAW_DRAW_H

#include "draw/pool.h"
#include "draw/seed.h"

#define DRAW_STRATA_MAX 256
#define DRAW_RATIO_ALL  10000 /* 100 % in units of 0.01 % */

enum draw_rule {
        DRAW_RATIO, /* max(minimum, ceil(ratio * size)), at least 1 unless empty */
        DRAW_COUNT, /* exactly `count` */
};

enum draw_method {
        DRAW_TICKET,  /* the rule above */
        DRAW_RFC3797, /* draw/rfc3797.h on the numbered list of each stratum; no weights */
};

struct draw_stratum {
        struct str name;
        enum draw_rule rule;
        int32_t ratio;         /* 0..DRAW_RATIO_ALL, in 0.01 %: 5 % is 500 */
        int32_t minimum;       /* with DRAW_RATIO; 0 and 1 are the same */
        int32_t count;         /* with DRAW_COUNT */
        int32_t n_substitutes; /* how many of the next tickets are published */
};

struct draw_plan {
        enum draw_method method;
        const struct draw_stratum *strata; /* in the announced order */
        size_t n_strata;
        int64_t total;  /* announced sum of all samples; -1 = none announced */
        struct str key; /* with DRAW_RFC3797: the key string of the public values */
};

struct draw_size {
        size_t size;   /* objects in the draw: in the stratum and not excluded */
        size_t sample; /* how many are drawn */
        size_t weight; /* sum of weights, the denominator of the chance */
};

struct draw_pick {
        size_t object;      /* index in the pool */
        uint32_t k;         /* which of its tickets was the lowest, from 1 */
        uint8_t ticket[32]; /* (16 bytes with DRAW_RFC3797) */
};

struct draw_result {
        struct draw_size size;
        const struct draw_pick *picks;       /* size.sample of them, lowest ticket first */
        const struct draw_pick *substitutes; /* the next tickets */
        size_t n_substitutes;
};

struct draw {
        const struct draw_result *strata; /* one for each of the plan, in its order */
        size_t n_strata;
        size_t n_ticket; /* bytes of a ticket: 32, or 16 with DRAW_RFC3797 */
};

/* The sample sizes, known before the seed and announced with it; ret has
 * plan->n_strata entries. */
MUST_CHECK bool draw_sizes(struct arena *arena, const struct pool *pool,
                const struct draw_plan *plan, struct draw_size *ret, struct err *err);

MUST_CHECK bool draw_compute(struct arena *arena, const struct pool *pool,
                const struct draw_plan *plan, const struct seed *seed, struct draw *ret,
                struct err *err);

/* The one replacement of a drawn object that was closed before its visit: the
 * next ticket of its stratum that is not in `spent` (objects already used or
 * closed since, as pool indexes). Refused if `object` was never drawn or no
 * published substitute is left. */
MUST_CHECK bool draw_substitute(const struct draw *draw, size_t object, const size_t *spent,
                size_t n_spent, struct draw_pick *ret, struct err *err);

#endif
