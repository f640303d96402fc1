/* clock/walk.h - the day-by-day walk that deadline_compute() must equal.
 *
 * The law as one reads it, one day at a time, with nothing precomputed: the rules
 * that clock/derivation.c shows day by day, the answer key of the tests, and the
 * benchmark's measure of what tables are worth. Not for deadlines themselves. */
#ifndef CLOCK_WALK_H
#define CLOCK_WALK_H

#include "clock/deadline.h"

#define WALK_DAYS_MAX 40000

static inline bool walk_is_paused(const struct deadline_term *term, struct date day)
{
        for (size_t i = 0; i < term->n_pauses; i++)
                if (date_cmp(term->pauses[i].from, day) <= 0 &&
                                (date_is_none(term->pauses[i].until) ||
                                                date_cmp(day, term->pauses[i].until) < 0))
                        return true;
        return false;
}

static inline bool walk_may_end(
                const struct deadline_term *term, const struct calendar *calendar, struct date day)
{
        enum deadline_roll roll = term->rule->roll;
        if (roll == DEADLINE_ROLL_NONE)
                return true;
        if (walk_is_paused(term, day))
                return false;
        return roll == DEADLINE_ROLL_HOLIDAY ? !calendar_is_holiday(calendar, day)
                                             : calendar_is_working_day(calendar, day);
}

/* The term in days or working days; months and years have as many days as lie
 * between the start and the corresponding day. */
static inline int walk_length(const struct deadline_term *term)
{
        enum deadline_unit unit = term->rule->unit;
        int length = term->rule->length + term->extension;
        if (unit == DEADLINE_YEARS)
                length *= 12;
        if (unit == DEADLINE_YEARS || unit == DEADLINE_MONTHS)
                return date_add_months(term->start, length).day - term->start.day;
        return length;
}

/* Days, working days, months and years, forward. False if the walk never ends. */
static inline bool walk_deadline(
                const struct deadline_term *term, const struct calendar *calendar, struct date *ret)
{
        enum deadline_unit unit = term->rule->unit;
        int left = walk_length(term);
        struct date day = term->start;
        bool rolls = unit != DEADLINE_WORKING_DAYS;
        for (int n = 0; left > 0 || (rolls && !walk_may_end(term, calendar, day)); n++) {
                if (n == WALK_DAYS_MAX)
                        return false;
                day = date_next(day);
                if (left == 0 || walk_is_paused(term, day))
                        continue;
                if (unit != DEADLINE_WORKING_DAYS || calendar_is_working_day(calendar, day))
                        left--;
        }
        *ret = day;
        return true;
}

#endif
