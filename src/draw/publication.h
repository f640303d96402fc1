/* draw/publication.h - the file by which a stranger repeats a draw.
 *
 * A publication holds what was fixed before the draw (batch, pool, announcement),
 * the public values, what happened after it (closed objects, inspectors who fell
 * out) and everything that follows from these. Only the former are read;
 * whatever follows is computed anew each time the file is written, so a reader
 * compares and never believes. docs/draw-format.md has every member. */
#ifndef DRAW_PUBLICATION_H
#define DRAW_PUBLICATION_H

#include "base/value.h"
#include "draw/draw.h"
#include "draw/pair.h"

#define DRAW_FORMAT              "plumbline-draw 1"
#define DRAW_ANNOUNCEMENT_FORMAT "plumbline-draw-announcement 1"

/* A drawn object that was closed before its visit; its next ticket steps in. */
struct draw_publication_replacement {
        struct str object, reason;
};

/* An inspector who fell out of the task of this object; the next steps in. */
struct draw_publication_substitution {
        struct str object, inspector, reason;
        struct date day; /* on which the substitute's certificate must be valid */
};

struct draw_publication {
        struct str batch;
        struct pool pool;
        struct draw_plan plan; /* its key is filled in from the values */
        const struct seed_source *sources;
        const struct str *values; /* one for each source */
        size_t n_sources;
        bool has_pairs; /* inspectors are drawn too, by `rule` */
        struct pair_rule rule;
        const struct draw_publication_replacement *replacements; /* in the order they happened */
        size_t n_replacements;
        const struct draw_publication_substitution *substitutions;
        size_t n_substitutions;
};

/* The announcement as canonical JSON: published before the values are known,
 * with its SHA-256, which goes into the seed. */
struct str draw_publication_announcement(
                struct arena *arena, const struct draw_publication *publication);

/* The file of the announcement (docs/draw-format.md section 8): batch, pool and
 * announcement, published before the values are known. The same refusals as for the
 * draw itself: whatever could not be drawn is not announced. */
MUST_CHECK bool draw_publication_announce(struct arena *arena,
                const struct draw_publication *publication, struct value *ret, struct err *err);

/* The key string with DRAW_RFC3797, else empty. */
MUST_CHECK bool draw_publication_key(struct arena *arena,
                const struct draw_publication *publication, struct str *ret, struct err *err);

/* The seed alone, as soon as the values are published. */
MUST_CHECK bool draw_publication_seed(struct arena *arena,
                const struct draw_publication *publication, struct seed *ret, struct err *err);

/* What the draw gives: objects, teams, and who stepped in. */
struct draw_publication_result {
        struct pool_hash pool;
        struct seed seed;
        struct str key; /* with DRAW_RFC3797 */
        struct draw draw;
        const struct draw_pick *replaced_by; /* one for each replacement */
        const struct pair_task *tasks;       /* all picks in order, then the replacements */
        size_t n_tasks;
        const struct pair_member *substituted_by; /* one for each substitution */
};

MUST_CHECK bool draw_publication_compute(struct arena *arena,
                const struct draw_publication *publication, struct draw_publication_result *ret,
                struct err *err);

/* The whole file as canonical JSON, results computed. */
MUST_CHECK bool draw_publication_write(struct arena *arena,
                const struct draw_publication *publication, struct value *ret, struct err *err);

/* Reads the inputs; refuses unknown members beside them, believes no result. */
MUST_CHECK bool draw_publication_read(struct arena *arena, const struct value *file,
                struct draw_publication *ret, struct err *err);

/* The pool of a file alone; its hash is not compared. */
MUST_CHECK bool draw_publication_read_pool(
                struct arena *arena, const struct value *value, struct pool *ret, struct err *err);

#endif
