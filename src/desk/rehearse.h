/* desk/rehearse.h - plays a file of acts against a fresh bureau and writes the answers.
 *
 * The language is docs/procedures.md section 5. What stands before the first heading
 * ("# ...") sets up every block; each block begins with a fresh bureau, so that one
 * scenario never leans on another. The old answers ("< ...") are dropped and the new
 * ones written in their place: a file that comes back as it was handed in has passed.
 *
 * The same file gives the same answers letter by letter on every machine: time is
 * what the file says, and no random number shows. */
#ifndef DESK_REHEARSE_H
#define DESK_REHEARSE_H

#include "clock/calendar.h"
#include "procedure/definition.h"

struct rehearsal_block {
        struct str heading; /* without "# " */
        int line;
        bool same;                /* the answers are those the file expected */
        int first_difference;     /* line in the file as handed in; 0 = none */
        struct str expected, got; /* the first lines that differ; empty = missing */
        int n_faults;             /* statements that make no sense: unknown words, bad JSON */
};

struct rehearsal {
        struct str text; /* the file with its answers as they are now */
        const struct rehearsal_block *blocks;
        size_t n_blocks;
};

/* Fails only where the program or the machine fails; whatever the file says wrong is an
 * answer ("< 脚本错误 ...") and counted. */
MUST_CHECK bool rehearse(struct arena *arena, const struct catalogue *catalogue,
                const struct calendar_set *calendars, struct str text, struct rehearsal *ret,
                struct err *err);

#endif
