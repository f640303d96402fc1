/* projection/matter_read.h - matters and what belongs to them, from the read tables. */
#ifndef PROJECTION_MATTER_READ_H
#define PROJECTION_MATTER_READ_H

#include "procedure/matter.h"
#include "store/store.h"

/* E_NOT_FOUND if there is none. The version is looked up in the catalogue. */
MUST_CHECK bool matter_read(struct arena *arena, struct snapshot *snapshot,
                const struct catalogue *catalogue, int64_t id, struct matter **ret,
                struct err *err);
MUST_CHECK bool matter_read_by_number(struct arena *arena, struct snapshot *snapshot,
                const struct catalogue *catalogue, struct str number, struct matter **ret,
                struct err *err);

/* False (E_NOT_FOUND) or its id. */
MUST_CHECK bool matter_find(
                struct snapshot *snapshot, struct str number, int64_t *ret, struct err *err);

/* For strangers: is there a matter of that number (or id) that they may see on that day?
 * *ret_seen false: none, or it is hidden; *ret is then untouched. */
MUST_CHECK bool matter_find_seen(struct snapshot *snapshot, struct str number, struct date today,
                int64_t *ret, bool *ret_seen, struct err *err);
MUST_CHECK bool matter_is_seen(struct snapshot *snapshot, int64_t id, struct date today, bool *ret,
                struct err *err);

struct clock_row {
        size_t clock; /* index in the version */
        enum clock_status status;
        enum clock_warning warned;
        struct date last_day; /* DATE_NONE: nothing to count */
        struct moment due, next_look;
        bool looks, late, provisional; /* looks: next_look is set */
        int64_t matter;
};

/* The clocks of a matter that ever ran. */
MUST_CHECK bool clock_rows(struct arena *arena, struct snapshot *snapshot, int64_t matter,
                const struct clock_row **ret, size_t *ret_n, struct err *err);

/* The same of many matters, ordered by matter and clock. */
MUST_CHECK bool clock_rows_of_all(struct arena *arena, struct snapshot *snapshot,
                const int64_t *matters, size_t n, const struct clock_row **ret, size_t *ret_n,
                struct err *err);

/* Clocks a timer must look at now, earliest first. */
MUST_CHECK bool clock_rows_due(struct arena *arena, struct snapshot *snapshot, struct moment now,
                size_t limit, const struct clock_row **ret, size_t *ret_n, struct err *err);

/* Running clocks by due day, after (due, matter, clock) of `after` (NULL = from the
 * start); units_json NULL-text = whole site. For boards of what is due next. */
MUST_CHECK bool clock_rows_ahead(struct arena *arena, struct snapshot *snapshot,
                struct str units_json, const struct clock_row *after, size_t limit,
                const struct clock_row **ret, size_t *ret_n, struct err *err);

/* Running clocks of open matters by due day, of those a member of staff sees (docket_filter). */
MUST_CHECK bool clock_rows_work(struct arena *arena, struct snapshot *snapshot, struct str scope,
                struct str staff, size_t limit, const struct clock_row **ret, size_t *ret_n,
                struct err *err);

struct publication_row {
        int64_t matter, id; /* id: of the event that published */
        struct str publication, unit, title;
        struct str number;       /* of the matter; only in lists */
        struct date from, until; /* until: the first day it is no longer shown, or DATE_NONE */
        struct value shown; /* list of {field, label, value}, in order, masked where it must be */
};

MUST_CHECK bool publication_rows(struct arena *arena, struct snapshot *snapshot, int64_t matter,
                const struct publication_row **ret, size_t *ret_n, struct err *err);

struct publication_filter {
        struct str procedure, publication; /* publication empty = all of the procedure */
        struct str text;                   /* searched in public text; empty = all */
        struct date today;                 /* on which they are in force */
        int64_t below;                     /* ids below this one; 0 = from the newest */
        size_t limit;
};

/* What strangers may read of a procedure, newest first. */
MUST_CHECK bool publication_rows_list(struct arena *arena, struct snapshot *snapshot,
                const struct publication_filter *filter, const struct publication_row **ret,
                size_t *ret_n, struct err *err);

/* How many there are, counted no further than filter->limit. */
MUST_CHECK bool publication_count(struct arena *arena, struct snapshot *snapshot,
                const struct publication_filter *filter, int64_t *ret, struct err *err);

#endif
