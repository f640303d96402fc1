/* draw/verify.h - does a published draw follow from what was announced?
 *
 * Everything is recomputed from the inputs of the file and compared with the
 * file, member by member. A verifier that compared no pick fails: an empty file
 * proves nothing. tools/draw_verify.py does the same, written from
 * docs/draw-format.md alone, and must agree. */
#ifndef DRAW_VERIFY_H
#define DRAW_VERIFY_H

#include "draw/publication.h"

#define DRAW_PROBLEMS_MAX 50 /* listed; all are counted */

struct draw_problem {
        struct str path;            /* "strata[0].picks[2].id" */
        struct str expected, found; /* as JSON, shortened; "" = nothing there */
};

struct draw_report {
        size_t n_objects;  /* in the pool whose hash was recomputed */
        size_t n_picks;    /* picks and substitutes compared */
        size_t n_officers; /* places in teams and in their orders compared */
        size_t n_compared; /* single values compared */
        size_t n_problems;
        struct draw_problem problems[DRAW_PROBLEMS_MAX];
};

/* True only if picks were compared and nothing differs. *report is filled as far
 * as the check got, also on failure. */
MUST_CHECK bool draw_verify(
                struct arena *arena, struct str json, struct draw_report *report, struct err *err);

/* Is this draw the one that was announced: the same batch, pool and terms? To be asked beside
 * draw_verify(), of the file that was published before the values were known. */
MUST_CHECK bool draw_verify_announced(
                struct arena *arena, struct str json, struct str announced, struct err *err);

#endif
