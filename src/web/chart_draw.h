/* web/chart_draw.h - where the marks of a chart stand; for chart.c only. */
#ifndef WEB_CHART_DRAW_H
#define WEB_CHART_DRAW_H

#include "web/chart.h"
#include "web/view.h"

/* "2021年3月，2020年：1,024 件" */
struct str chart_words(struct arena *arena, const struct chart *chart, size_t item, size_t series);

/* Puts height, ticks, marks, texts ... into the drawing; false if a number has no place. */
MUST_CHECK bool chart_draw(struct view *drawing, const struct chart *chart);

#endif
