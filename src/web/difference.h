/* web/difference.h - two texts line by line: what went, what came, what stayed.
 *
 * The shortest script (Myers, "An O(ND) Difference Algorithm", 1986), up to DIFFERENCE_STEPS
 * changed lines; texts that differ more are shown as all gone and all new, which is then also
 * what a reader would say. Pure. */
#ifndef WEB_DIFFERENCE_H
#define WEB_DIFFERENCE_H

#include "base/str.h"

#define DIFFERENCE_STEPS 2000

enum difference_kind { DIFFERENCE_SAME, DIFFERENCE_GONE, DIFFERENCE_NEW };

struct difference_line {
        enum difference_kind kind;
        int before, after; /* line numbers from 1; 0 = none on that side */
        struct str text;   /* points into the texts */
};

/* In reading order; of a changed place first what went, then what came. */
const struct difference_line *difference_lines(
                struct arena *arena, struct str before, struct str after, size_t *ret_n);

#endif
