/* desk/doctor.h - what is wrong with a site, and what to do about it, in plain Chinese.
 *
 * Looks from outside in: the settings, the key, the disk, the store; then, where that can be
 * opened, what stands in it. Each check is a row of a table and needs those before it; one
 * that could not be made says so. Nothing is changed: a store of an older version stays one, a
 * log beside the file that cannot be read (store/wal.h) keeps the store from being opened. */
#ifndef DESK_DOCTOR_H
#define DESK_DOCTOR_H

#include "desk/site.h"

enum doctor_grade { DOCTOR_FINE, DOCTOR_SKIPPED, DOCTOR_WARNING, DOCTOR_BROKEN };

#define DOCTOR_CHECKS_MAX 32u

struct doctor_finding {
        const char *name;  /* of the check: "disk" */
        const char *label; /* Chinese */
        enum doctor_grade grade;
        struct str said, advice; /* what is; what to do, empty = nothing */
};

struct doctor_options {
        struct moment now;            /* second 0 = the machine's */
        const struct site_data *data; /* of the program's data folder; NULL = not compared */
        struct str published;         /* a folder or address of the log, checked too; empty = not */
        bool deep;                    /* read the whole store for damage */
        int64_t disk_low, disk_least; /* free bytes: warning, broken; 0 = the usual */
};

#define DOCTOR_DISK_LOW   ((int64_t)2 << 30)
#define DOCTOR_DISK_LEAST ((int64_t)200 << 20)

/* Fills `findings` (DOCTOR_CHECKS_MAX of them) and returns how many; the texts live in the
 * arena. Never fails: what keeps a check from being made is its finding. */
size_t site_examine(struct arena *arena, struct str dir, const struct doctor_options *options,
                struct doctor_finding *findings);

#endif
