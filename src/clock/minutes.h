/* clock/minutes.h - working time in minutes, for hotlines and service promises.
 *
 * A promise of "30 working minutes" counts only while the office is open: on
 * working days, within its hours (作息时间), which differ by place and season and
 * therefore are data: "09:00-12:00,13:30-17:00". */
#ifndef CLOCK_MINUTES_H
#define CLOCK_MINUTES_H

#include "base/date.h"
#include "base/err.h"
#include "clock/calendar.h"

#define OFFICE_HOURS_MAX     8
#define OFFICE_HOURS_DEFAULT "09:00-12:00,13:30-17:00"

/* The spans of a day in which the office is open, in seconds of the day. */
struct office_hours {
        struct office_span {
                int from, until; /* [from, until) */
        } spans[OFFICE_HOURS_MAX];
        size_t n_spans;
};

/* Reads "09:00-12:00,13:30-17:00"; in order, not overlapping; 24:00 may end a day. */
MUST_CHECK bool office_hours_parse(struct str text, struct office_hours *ret, struct err *err);

/* Whole working minutes from one moment to another; 0 if `to` is not later.
 * Days that the calendar's table does not hold are not counted. */
int64_t working_minutes(const struct calendar *calendar, const struct office_hours *hours,
                struct moment from, struct moment to);

/* The moment at which that many working minutes have passed since `from`. Fails
 * if the calendar's table does not reach so far (E_DEADLINE_RANGE) or minutes < 1
 * (E_DEADLINE_RULE). */
MUST_CHECK bool working_minutes_add(const struct calendar *calendar,
                const struct office_hours *hours, struct moment from, int64_t minutes,
                struct moment *ret, struct err *err);

#endif
