/* What a matter's clocks come to under a calendar: last days, next looks. */
#include "procedure/matter.h"

#include <assert.h>

/* The pauses, an open one closed today as if the clock resumed. */
static size_t closed_pauses(
                const struct matter_clock *clock, struct date today, struct deadline_pause *to)
{
        for (size_t i = 0; i < clock->n_pauses; i++) {
                struct deadline_pause pause = clock->pauses[i];
                if (date_is_none(pause.until)) {
                        bool later = date_cmp(pause.from, today) > 0;
                        pause.until = date_next(later ? pause.from : today);
                }
                to[i] = pause;
        }
        return clock->n_pauses;
}

bool matter_term(const struct matter *matter, size_t index, struct date today,
                struct matter_term *ret)
{
        assert(index < matter->version->n_clocks);
        const struct matter_clock *clock = &matter->clocks[index];
        if (clock->status == CLOCK_NONE || clock->status == CLOCK_VOIDED)
                return false;
        ret->rule = matter->version->clocks[index].rule;
        if (clock->length != 0)
                ret->rule.length = clock->length;
        ret->term = (struct deadline_term){
                .rule = &ret->rule,
                .start = date_is_none(clock->target) ? moment_date(clock->started) : clock->target,
                .start_moment = clock->started,
                .pauses = ret->pauses,
                .n_pauses = closed_pauses(clock, today, ret->pauses),
                .extension = clock->extended,
        };
        return true;
}

bool matter_deadline(const struct matter *matter, size_t index, const struct calendar *calendar,
                struct date today, struct deadline *ret)
{
        assert(calendar != NULL);
        struct matter_term term;
        struct err err;
        return matter_term(matter, index, today, &term) &&
               deadline_compute(&term.term, calendar, ret, &err);
}

int matter_units_left(const struct matter *matter, size_t index, const struct calendar *calendar,
                struct date today, struct date last_day)
{
        if (matter->version->clocks[index].rule.unit == DEADLINE_WORKING_DAYS)
                return deadline_working_days_left(calendar, today, last_day);
        return last_day.day - today.day;
}

/* The morning on which `left` units are left; false if that is not after the start. */
static bool warning_moment(const struct matter *matter, size_t index,
                const struct calendar *calendar, struct date last_day, int left, struct moment *ret)
{
        struct date day = date_add_days(last_day, -left);
        if (left <= 0)
                return false;
        if (matter->version->clocks[index].rule.unit == DEADLINE_WORKING_DAYS &&
                        !calendar_add_working_days(calendar, last_day, -left, &day))
                return false;
        if (date_cmp(day, moment_date(matter->clocks[index].started)) <= 0)
                return false;
        *ret = moment_of(day, 0, 0, 0);
        return true;
}

bool matter_next_look(const struct matter *matter, size_t index, const struct calendar *calendar,
                int site_yellow, int site_red, struct moment *ret)
{
        const struct matter_clock *clock = &matter->clocks[index];
        const struct clock_definition *definition = &matter->version->clocks[index];
        struct deadline deadline;
        if (clock->status != CLOCK_RUNNING ||
                        !matter_deadline(matter, index, calendar, moment_date(clock->started),
                                        &deadline))
                return false;

        int yellow = definition->yellow >= 0 ? definition->yellow : site_yellow;
        int red = definition->red >= 0 ? definition->red : site_red;
        if (definition->rule.unit != DEADLINE_HOURS) {
                if (clock->warned < CLOCK_YELLOW && yellow > red &&
                                warning_moment(matter, index, calendar, deadline.last_day, yellow,
                                                ret))
                        return true;
                if (clock->warned < CLOCK_RED && warning_moment(matter, index, calendar,
                                                                 deadline.last_day, red, ret))
                        return true;
        }
        *ret = (struct moment){ deadline.due.second + 1 };
        return true;
}
