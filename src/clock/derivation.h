/* clock/derivation.h - why the last day is that day: the count, day by day.
 *
 * The proof beside every date: `plumbline clock explain` prints it and the clock
 * page shows it, so that a citizen with a wall calendar can check the bureau. The
 * walk here is independent of the tables deadline_compute() uses; that the two
 * agree is asserted. */
#ifndef CLOCK_DERIVATION_H
#define CLOCK_DERIVATION_H

#include "clock/calendar.h"
#include "clock/deadline.h"

enum derivation_kind {
        DERIVATION_START,   /* 起算日不计入; counting back, the day counted from */
        DERIVATION_COUNTED, /* 计入第n日; counting back, 留出第n日 */
        DERIVATION_SKIPPED, /* a day off, which working days pass over */
        DERIVATION_PAUSED,  /* 中止不计 */
        DERIVATION_ROLLED,  /* the period would have ended, but not on this day: 顺延 */
        DERIVATION_LAST,    /* the last day, where it is not itself counted */
};

struct derivation_line {
        struct date date;
        enum derivation_kind kind;
        int count;               /* units counted up to and with this day */
        bool last;               /* this is the last day */
        struct calendar_day day; /* what the calendar says of it, and by which notice */
};

struct derivation {
        const struct deadline_term *term;
        const struct calendar *calendar;
        struct deadline deadline;
        const struct derivation_line *lines; /* in order of date */
        size_t n_lines;
};

/* Fails exactly when deadline_compute() does. */
MUST_CHECK bool derivation_compute(struct arena *arena, const struct deadline_term *term,
                const struct calendar *calendar, struct derivation *ret, struct err *err);

/* What one line says: 计入第4日（国庆节调休上班）. */
struct str derivation_line_zh(struct arena *arena, const struct derivation *derivation,
                const struct derivation_line *line);

/* 周一 .. 周日 */
const char *derivation_weekday_zh(struct date date);

/* The whole count as lines of text, head and result with it. Long runs of days of
 * one kind are drawn together in periods of days, months and years. */
struct str derivation_format(struct arena *arena, const struct derivation *derivation);

#endif
