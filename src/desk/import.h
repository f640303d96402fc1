/* desk/import.h - acts from a file, through the one door like all others.
 *
 * JSON, one act a line; lines that are blank or begin with "#" are passed over:
 *
 *   {"procedure":"foi_request","act":"submit","party":"applicant","unit":"bureau","as":"A",
 *    "fields":{...},"key":"import-1"}
 *   {"on":"A","act":"confirm_receipt","by":"zhang","fields":{...}}
 *   {"matter":"厦司公开申〔2021〕1号","act":"process","by":"li"}
 *   {"register":"units","act":"put","system":true,"fields":{...}}
 *
 * or TSV with a head line of the same names, where "fields.NAME" is one field. Each line
 * is done or refused by itself and told with its number. Keys make a second run of the
 * same file do nothing twice. An act is recorded when it is done: a line with a "time" is refused,
 * unless the desk is a simulation's (times_given). The day a term runs from is a field. */
#ifndef DESK_IMPORT_H
#define DESK_IMPORT_H

#include "desk/desk.h"

#define IMPORT_BYTES_MAX (256u << 20)
#define IMPORT_LINES_MAX 2000000u

struct import_line {
        int line; /* in the file, from 1 */
        bool ok;
        struct err err;
        struct receipt receipt; /* if ok */
};

struct import_result {
        size_t n_done, n_refused;
};

typedef void import_told(void *user, const struct import_line *line);

/* `dry_run`: every act is tried on a copy of the site, which is then thrown away. False:
 * the store failed, or the file cannot be read at all. `told` may be NULL. */
MUST_CHECK bool import_acts(struct arena *arena, struct desk *desk, struct str text, bool dry_run,
                import_told *told, void *user, struct import_result *ret, struct err *err);

#endif
