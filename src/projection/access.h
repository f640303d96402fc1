/* projection/access.h - who was shown which personal fields of a matter, newest first. */
#ifndef PROJECTION_ACCESS_H
#define PROJECTION_ACCESS_H

#include "base/date.h"
#include "store/store.h"

struct access_filter {
        struct str staff;        /* empty = all */
        int64_t matter;          /* 0 = all */
        struct date from, until; /* days, both included; DATE_NONE = open */
        int64_t below;           /* ids below this one; 0 = from the newest */
        size_t limit;
};

struct access_row {
        int64_t id;
        struct moment time;
        struct str staff, number, procedure, version; /* number: empty if the matter is gone */
        struct str fields;                            /* their names, blanks between */
};

MUST_CHECK bool access_rows(struct arena *arena, struct snapshot *snapshot,
                const struct access_filter *filter, const struct access_row **ret, size_t *ret_n,
                struct err *err);

#endif
