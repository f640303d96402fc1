/* web/chart_scale.h - the axis of a chart: from where to where, and its ticks; for this room only.
 *
 * Amounts are ten-thousandths. Zero is always on the axis, so that lengths may be compared; ticks
 * are 1, 2 or 5 times a power of ten apart, three to six of them, and never finer than the
 * amounts themselves (no half matters).
 *
 * Pure: no allocation but for the words of a tick. */
#ifndef WEB_CHART_SCALE_H
#define WEB_CHART_SCALE_H

#include "base/decimal.h"

#define CHART_DECIMALS   4
#define CHART_ONE        10000
#define CHART_AMOUNT_MAX ((int64_t)1 << 60) /* past it a number has no place on an axis */

struct chart_scale {
        int64_t low, high; /* multiples of step; low <= 0 <= high, low < high */
        int64_t step;
};

/* As ten-thousandths, rounded; false if it is too large for an axis. */
MUST_CHECK bool chart_amount(struct decimal number, int64_t *ret);

/* `least` and `most` are the smallest and the largest amount, `whole`: all are whole numbers. */
struct chart_scale chart_scale(int64_t least, int64_t most, bool whole);

/* Where the amount stands on a way of `length`: 0 at low, length at high. */
int chart_place(const struct chart_scale *scale, int64_t amount, int length);

/* "0", "1,500", "2.5", "30万", "1.2亿": 万 and 亿 where every tick comes out short by them. */
struct str chart_tick(struct arena *arena, const struct chart_scale *scale, int64_t amount);

#endif
