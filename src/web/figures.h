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

#endif
