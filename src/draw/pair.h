/* draw/pair.h - which officers inspect a drawn object: least load, then ticket.
 *
 * At least two certified officers, never fewer (which article says so is for the caller
 * to name: `basis`); guests come along, sign as guests and never count. Recusals, expired
 * certificates and the cross-district rule are applied before the draw, so that
 * nothing is left to decide after it. Among those left the least load comes
 * first and then the lowest ticket = SHA-256(seed, "inspector", object id,
 * inspector id). A task adds one to the load of everyone on it; tasks are paired
 * in the order in which their objects were drawn.
 *
 * The rest of the order are the substitutes: whoever falls out is replaced by
 * the next, and objects are never drawn again for want of an inspector. */
#ifndef DRAW_PAIR_H
#define DRAW_PAIR_H

#include "draw/draw.h"

#define PAIR_OFFICERS_MIN    2
#define PAIR_TEAM_MAX        16
#define PAIR_SUBSTITUTES_MAX 64 /* how many of the order are kept behind each team */

struct pair_rule {
        struct date day;     /* the inspection day: certificates must be valid on it */
        int32_t n_officers;  /* PAIR_OFFICERS_MIN..PAIR_TEAM_MAX */
        int32_t n_guests;    /* 0..PAIR_TEAM_MAX; fewer come if fewer can */
        bool need_lead;      /* the first lead in order goes first */
        bool cross_district; /* nobody inspects in the own district */
        struct str basis;    /* the article that asks for the officers; cited in refusals, no
                                part of the draw; may be empty */
};

struct pair_member {
        size_t inspector; /* index in the pool */
        uint32_t load;    /* before this task: what the order went by */
        uint8_t ticket[32];
};

struct pair_task {
        size_t object; /* index in the pool */
        const struct pair_member *officers;
        size_t n_officers;
        const struct pair_member *guests;
        size_t n_guests;
        const struct pair_member *substitutes; /* officers who follow, in order */
        size_t n_substitutes;
        const struct pair_member *guest_substitutes;
        size_t n_guest_substitutes;
};

/* Why no team can be formed for an object. */
struct pair_gap {
        size_t object;
        size_t n_certified;     /* officers with a valid certificate on the day */
        size_t n_same_district; /* of these: barred by the cross-district rule */
        size_t n_recused;       /* of the rest: recused */
        size_t n_left, n_needed;
        bool no_lead; /* enough officers, but none who may lead */
};

/* Asked before the draw, of every object that could be drawn: who would have no
 * team? An empty list means that every draw can be staffed. */
MUST_CHECK bool pair_gaps(struct arena *arena, const struct pool *pool,
                const struct pair_rule *rule, const struct pair_gap **ret, size_t *n_ret,
                struct err *err);

/* 「对象 …（层 …）配不齐执法人员：…」 */
struct str pair_gap_text(struct arena *arena, const struct pool *pool, const struct pair_gap *gap);

/* Pairs the objects in this order (pool indexes: the picks of all strata, then
 * replacements as they came); ret has n_objects entries. Appending an object
 * changes nothing for those before it. */
MUST_CHECK bool pair_compute(struct arena *arena, const struct pool *pool,
                const struct pair_rule *rule, const struct seed *seed, const size_t *objects,
                size_t n_objects, struct pair_task *ret, struct err *err);

/* Who steps in for `inspector`: the next of the order who is not in `spent` and
 * whose certificate is valid on `day`; a lead for a lead where the rule needs
 * one. Guests are replaced by guests. */
MUST_CHECK bool pair_substitute(const struct pool *pool, const struct pair_rule *rule,
                const struct pair_task *task, size_t inspector, const size_t *spent, size_t n_spent,
                struct date day, struct pair_member *ret, struct err *err);

/* May this team start the visit on this day? Asked again at the door: at least
 * two certified officers (guests do not count), nobody recused or barred. */
MUST_CHECK bool pair_admit(const struct pool *pool, const struct pair_rule *rule, size_t object,
                const size_t *inspectors, size_t n_inspectors, struct date day, struct err *err);

#endif
