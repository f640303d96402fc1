/* projection/docket.h - lists of matters, filtered, a page at a time. */
#ifndef PROJECTION_DOCKET_H
#define PROJECTION_DOCKET_H

#include "procedure/definition.h"
#include "store/store.h"

enum docket_order {
        DOCKET_NEWEST,
        DOCKET_OLDEST,
        DOCKET_BY_NUMBER, /* the shorter first: as they are counted */
        DOCKET_BY_NUMBER_DOWN,
        DOCKET_BY_DUE, /* only matters with a term of ours that runs or has run out; the oldest
                          day first */
};

struct docket_filter {
        struct str procedure, state; /* empty = any */
        bool open, closed;           /* only those not in a final state; only those in one */
        bool late;                   /* only those with a clock that is late */
        bool overdue;                /* only open ones of which a term has run out; within a
                                        scope, newest first, not by text, procedure or person */
        struct str unit;             /* with all below it; empty = whole site */
        struct date today;           /* for the tree of units, and for strangers */
        struct str assigned;         /* a staff id; empty = anybody's */
        struct str text;             /* searched; empty = all */
        struct str scope;            /* only these pairs "procedure|unit" (JSON list), and ... */
        struct str scope_staff;      /* ... what is assigned to this id; both empty = all */
        bool stranger;               /* only what a stranger may see, searched in public text */
        struct date from, until;     /* begun on these days; DATE_NONE or day 0 = any */
        int64_t below;               /* behind this id in the order; 0 = from its beginning */
        struct date below_day;       /* DOCKET_BY_DUE: ... and its last day */
        enum docket_order order;
        const struct catalogue *catalogue; /* DOCKET_BY_DUE: says whose terms are whose */
        size_t limit;                      /* at most LIMIT_PAGE_ROWS */
};

struct docket_row {
        int64_t id, parent;
        struct str number, procedure, version, state, unit, title;
        bool final;
        struct moment created, changed;
        struct date last_day; /* DOCKET_BY_DUE */
};

/* Go on with below = the last row's id (and below_day its last_day) while *ret_more. */
MUST_CHECK bool docket_rows(struct arena *arena, struct snapshot *snapshot,
                const struct docket_filter *filter, const struct docket_row **ret, size_t *ret_n,
                bool *ret_more, struct err *err);

/* How many there are, regardless of `below`; counted no further than `limit`. For lists of
 * strangers, of a procedure, or by text. */
MUST_CHECK bool docket_count(struct arena *arena, struct snapshot *snapshot,
                const struct docket_filter *filter, size_t limit, int64_t *ret, struct err *err);

struct docket_tally {
        struct str procedure, state;
        int64_t n;
};

/* Open matters by procedure and state; unit empty = whole site. */
MUST_CHECK bool docket_tallies(struct arena *arena, struct snapshot *snapshot, struct str unit,
                struct date today, const struct docket_tally **ret, size_t *ret_n, struct err *err);

struct docket_unit {
        struct str unit;
        int64_t n;
};

/* Open matters by the unit that has them, without those below it. */
MUST_CHECK bool docket_units(struct arena *arena, struct snapshot *snapshot,
                const struct docket_unit **ret, size_t *ret_n, struct err *err);

struct docket_outcome {
        struct str procedure, state;
        int64_t n;
};

/* Finished matters that began from `from` on and before `until`, by their last state; the most
 * first, at most `limit` rows. */
MUST_CHECK bool docket_outcomes(struct arena *arena, struct snapshot *snapshot, struct date from,
                struct date until, size_t limit, const struct docket_outcome **ret, size_t *ret_n,
                struct err *err);

struct docket_version {
        struct str version;
        int64_t n;
};

/* Open matters of a procedure by the version that they run under. */
MUST_CHECK bool docket_versions(struct arena *arena, struct snapshot *snapshot,
                struct str procedure, const struct docket_version **ret, size_t *ret_n,
                struct err *err);

struct docket_alarm {
        struct str procedure;
        int64_t late, red, yellow; /* terms, not matters */
};

/* The bureau's own terms of open matters that have run out, or of which it was warned that they
 * are about to, by procedure; unit empty = whole site. */
MUST_CHECK bool docket_alarms(struct arena *arena, struct snapshot *snapshot,
                const struct catalogue *catalogue, struct str unit, struct date today,
                const struct docket_alarm **ret, size_t *ret_n, struct err *err);

#endif
