/* projection/draw_read.h - draws by lot as strangers may see them.
 *
 * A draw is a matter whose version has a `draw` section (docs/procedures.md). What is read
 * here is what was published of it and nothing else: the announcement, the file that
 * repeats the draw, the reason of a void one. */
#ifndef PROJECTION_DRAW_READ_H
#define PROJECTION_DRAW_READ_H

#include "procedure/matter.h"
#include "store/store.h"

struct draw_published { /* a text as it was published, and since when; empty = not yet */
        struct str text;
        struct date on;
};

struct draw_row {
        int64_t matter;
        struct str number, title; /* title: of its newest publication */
        const struct version *version;
        size_t state;
        struct draw_published announced, file, fault;
};

/* The draw of that matter as published by `today`. *ret_seen false: it is none, or nothing of
 * it was published. */
MUST_CHECK bool draw_read(struct arena *arena, struct snapshot *snapshot,
                const struct catalogue *catalogue, int64_t matter, struct date today,
                struct draw_row *ret, bool *ret_seen, struct err *err);

/* The matters of all published draws, the last published first; at most `limit`. */
MUST_CHECK bool draw_matters(struct arena *arena, struct snapshot *snapshot,
                const struct catalogue *catalogue, struct date today, size_t limit,
                const int64_t **ret, size_t *ret_n, struct err *err);

#endif
