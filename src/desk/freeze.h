/* desk/freeze.h - a year's report is frozen by an act, and last year's is loaded by one. */
#ifndef DESK_FREEZE_H
#define DESK_FREEZE_H

#include "desk/desk.h"

/* Computes the figures of `report` for the year and records them; from then on they never
 * change. E_FOLD_FROZEN if they were frozen before. */
MUST_CHECK bool report_freeze_year(
                struct desk *desk, struct str report, int year, struct str actor, struct err *err);

/* Figures that were published elsewhere. TSV lines: id, indicator, value, unit, qualifier;
 * qualifier may be left out (=); "#" begins a remark. */
MUST_CHECK bool report_load_year(struct desk *desk, struct str report, int year, struct str tsv,
                struct str actor, size_t *ret_n, struct err *err);

#endif
