/* projection/indicator.h - what an indicator says for a period and a scope, and which
 * records it says it of.
 *
 * Matters contribute as they change; a figure is a sum of what stands, so it costs the
 * same however many matters there are. A period once frozen never changes: what comes
 * late counts in the first open month and is marked. */
#ifndef PROJECTION_INDICATOR_H
#define PROJECTION_INDICATOR_H

#include "procedure/definition.h"
#include "projection/world.h"

struct period { /* months as yyyymm, both included */
        int from, to;
};

static inline struct period period_year(int year)
{
        return (struct period){ year * 100 + 1, year * 100 + 12 };
}

/* The month after, and the last day of a month. */
int period_next(int month);
int period_of(struct date day);
struct date period_last_day(int month);

#define INDICATOR_AMOUNT_DECIMALS 4 /* contributions keep sums as 1/10000 */

struct figure {
        const struct indicator *indicator;
        bool has_value;       /* false: shown as 「—」 (no base to compare with) */
        struct decimal value; /* scaled and rounded as the indicator says */
        struct str text;      /* value as text, or "—" */
        struct decimal exact; /* before rounding */
        bool frozen;          /* taken from a frozen report */
};

/* `units_json` (world_units) limits it to those units; empty = whole site. Fails with
 * E_NOT_FOUND for an unknown id. */
MUST_CHECK bool indicator_value(struct arena *arena, struct world *world, struct str id,
                struct period period, struct str units_json, struct figure *ret, struct err *err);

/* One record behind a figure. */
struct indicator_row {
        int month;
        int64_t matter; /* 0: an entry of a register */
        int n;          /* which of the matter's several contributions */
        bool late;      /* belongs to a frozen period, or corrects one */
        struct str unit, number, title, procedure, state; /* of entries: number = the key */
        struct decimal amount;                            /* 1, -1 (a correction), or the amount */
        struct str distinct;                              /* what DISTINCT counts once */
        struct date seen_until; /* strangers may open the matter before this day */
};

/* Where the next page goes on; zero = from the start. */
struct indicator_cursor {
        int month, n, late;
        int64_t matter;
        struct str key;
};

/* The rows whose number (COUNT), sum of amounts (SUM) or number of different texts
 * (DISTINCT) is the figure before scaling. Ratios and growth have no rows of their own:
 * look at their operands. *cursor moves behind the last row; *ret_more says if there
 * are others. */
MUST_CHECK bool indicator_rows(struct arena *arena, struct world *world, struct str id,
                struct period period, struct str units_json, struct indicator_cursor *cursor,
                size_t limit, const struct indicator_row **ret, size_t *ret_n, bool *ret_more,
                struct err *err);

struct indicator_month {
        int month;
        struct decimal value; /* scaled, not rounded */
};

/* COUNT and SUM by month, for charts; months without contributions are left out. */
MUST_CHECK bool indicator_months(struct arena *arena, struct world *world, struct str id,
                struct period period, struct str units_json, const struct indicator_month **ret,
                size_t *ret_n, struct err *err);

struct indicator_unit {
        struct str unit;
        struct decimal value; /* scaled, not rounded */
};

/* COUNT and SUM by the unit that the matters belong to (not by those above it), by its id;
 * units without contributions are left out. */
MUST_CHECK bool indicator_by_unit(struct arena *arena, struct world *world, struct str id,
                struct period period, const struct indicator_unit **ret, size_t *ret_n,
                struct err *err);

#endif
