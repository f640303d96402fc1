/* web/dashboard.h - parts of the overview, a file for each kind; for this room only. */
#ifndef WEB_DASHBOARD_H
#define WEB_DASHBOARD_H

#include "web/visit.h"

/* Open matters and late terms by unit: the units right below the top, each with those below. */
MUST_CHECK bool dashboard_add_units(struct visit *visit, struct view_list *charts, struct err *err);

/* What came in during the year and is finished: how it ended. */
MUST_CHECK bool dashboard_add_outcomes(
                struct visit *visit, int year, struct view_list *charts, struct err *err);

#endif
