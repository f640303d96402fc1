/* projection/report.h - the figures of a report for a year. */
#ifndef PROJECTION_REPORT_H
#define PROJECTION_REPORT_H

#include "procedure/definition.h"
#include "projection/indicator.h"

struct report_line {
        const struct report_figure *figure; /* NULL: loaded from elsewhere, not in the definition */
        struct str id, indicator, unit, qualifier;
        bool has_value;
        struct decimal value;
        struct str shown; /* what the sentence prints: 「9000」, 「—」 or 「未纳入」 */
        struct str text;  /* the sentence with the value in it */
};

struct report_view {
        const struct report_definition *definition;
        int year;
        bool frozen;
        const struct report_line *lines; /* in the definition's order */
        size_t n_lines;
};

#define REPORT_UNDEFINED "未纳入" /* an indicator that nobody defines */
#define REPORT_NO_VALUE  "—"

/* Frozen figures where the year is frozen, else computed. E_NOT_FOUND. */
MUST_CHECK bool report_read(struct arena *arena, struct world *world, struct str report, int year,
                struct report_view *ret, struct err *err);

/* As report_read, but always computed: what `plumbline recount` compares. */
MUST_CHECK bool report_compute(struct arena *arena, struct world *world, struct str report,
                int year, struct report_view *ret, struct err *err);

/* One line of it: as report_read (or, `anew`, as report_compute) shows it, for the cost of
 * one figure. E_NOT_FOUND if the report has no such figure. */
MUST_CHECK bool report_line_read(struct arena *arena, struct world *world, struct str report,
                int year, struct str id, bool anew, struct report_line *ret, bool *ret_frozen,
                struct err *err);

/* The data of a report.freeze event (projection/kinds.h). Fails with E_FOLD_FROZEN if
 * the year is frozen already. */
MUST_CHECK bool report_freeze(struct arena *arena, struct world *world, struct str report, int year,
                struct value *ret, struct err *err);

#endif
