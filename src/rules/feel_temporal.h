/* rules/feel_temporal.h - dates, times, moments and durations as FEEL writes them.
 *
 * All parsers are false for text that is no such thing, or that is outside the
 * years of base/date.h, or that has fractions of a second. */
#ifndef RULES_FEEL_TEMPORAL_H
#define RULES_FEEL_TEMPORAL_H

#include "base/value.h"

/* VALUE_DATE, VALUE_TIME, VALUE_MOMENT, VALUE_DURATION, VALUE_MONTHS, or one of the
 * kinds with an offset (rules/feel_machine.h). */
MUST_CHECK bool temporal_parse_date(struct str text, struct value *ret);
MUST_CHECK bool temporal_parse_time(struct str text, struct value *ret);
MUST_CHECK bool temporal_parse_moment(struct str text, struct value *ret);
MUST_CHECK bool temporal_parse_duration(struct str text, struct value *ret);

/* Any of them, as behind @. */
MUST_CHECK bool temporal_parse(struct str text, struct value *ret);

/* True if v is one of them; then its text is appended. */
bool temporal_write(struct buf *buf, const struct value *v);

#define DURATION_MAX ((int64_t)1 << 53) /* seconds or months; past it the result is null */

/* The day of a moment, and the second of that day, in its own offset. */
struct date temporal_date(const struct value *moment);
int temporal_second_of_day(const struct value *v); /* a time or a moment */

#endif
