/* web/figures.h - what the pages of reports and of single figures share; for this room only. */
#ifndef WEB_FIGURES_H
#define WEB_FIGURES_H

#include "projection/report.h"
#include "web/visit.h"

/* The yearly report, or NULL if the site has none. */
const struct report_definition *figures_report(const struct visit *visit);

/* "厦门市司法局关于2021年法治政府建设情况的报告" */
struct str figures_title(struct visit *visit, const struct report_definition *report, int year);

/* The years to show: first that the ledger knows or was loaded, last the current one; and the
 * newest that is frozen (0 = none). */
struct figures_years {
        int first, last, frozen;
};
MUST_CHECK bool figures_years(struct visit *visit, struct figures_years *ret, struct err *err);

/* 超过, 约 ...; as it stands if it is a word; empty for "=". */
struct str figures_qualifier(struct visit *visit, struct str qualifier);

/* What the figure is called: its sentence without the value and the unit. */
struct str figures_label(struct visit *visit, const struct report_line *line);

struct str figures_url(struct visit *visit, struct str id, int year);

/* One figure as the table of a report has it; `previous` may be NULL. */
struct value figures_view(struct visit *visit, const struct report_line *line,
                const struct report_line *previous, int year);

/* Which of a figure's records are listed: all of the year, those of a month (1..12), those of a
 * unit (exactly it, not what is below), or both. */
struct figures_part {
        int year, month; /* month 0 = all */
        struct str unit; /* empty = all */
};
struct period figures_period(const struct figures_part *part);

/* The unit as the statements take it; empty = all. */
struct str figures_unit_json(struct visit *visit, const struct figures_part *part);

/* "/figures/F061?year=2021&month=3&unit=sm" */
struct str figures_part_url(struct visit *visit, struct str id, const struct figures_part *part);

/* The charts of a count or a sum: by month (last year's beside it, where the records reach back)
 * and by unit, each mark a link to its part of the records. An empty list for all others and
 * where there is nothing. */
MUST_CHECK bool figures_charts(struct visit *visit, const struct indicator *indicator,
                struct str id, int year, struct value *ret, struct err *err);

/* This year as percent of the last, one bar for each line that has both: frozen figures alone,
 * so it changes no more than they do. Null where there is none. */
struct value figures_compared(
                struct visit *visit, const struct report_view *now, const struct report_view *last);

#endif
