#include "clock/minutes.h"

#include <assert.h>

#define MINUTES_MAX (INT64_C(24) * 60 * 36525)

/* "09:00" as seconds of the day, or -1. */
static int parse_time(struct str text)
{
        if (text.n != 5 || text.p[2] != ':')
                return -1;
        int64_t hour, minute;
        if (!str_to_int(str_slice(text, 0, 2), &hour) ||
                        !str_to_int(str_slice(text, 3, 5), &minute))
                return -1;
        int second = (int)(hour * 3600 + minute * 60);
        if (hour < 0 || minute < 0 || minute > 59 || second > 86400)
                return -1;
        return second;
}

bool office_hours_parse(struct str text, struct office_hours *ret, struct err *err)
{
        assert(ret && err);
        struct office_hours hours = { .n_spans = 0 };
        int after = 0;
        for (struct str rest = text; rest.p != NULL;) {
                struct str span = str_trim(str_split(&rest, ','));
                struct str from = str_split(&span, '-');
                struct office_span read = { parse_time(from), parse_time(span) };
                if (hours.n_spans == OFFICE_HOURS_MAX || read.from < after ||
                                read.until <= read.from)
                        return err_set(err, E_HOURS, "%.*s", STR_FMT(str_cut(text, 200)));
                after = read.until;
                hours.spans[hours.n_spans++] = read;
        }
        if (hours.n_spans == 0)
                return err_set(err, E_HOURS, "没有写工作时间");
        *ret = hours;
        return true;
}

/* Open seconds of a working day before this second of the day. */
static int64_t open_before(const struct office_hours *hours, int second)
{
        int64_t open = 0;
        for (size_t i = 0; i < hours->n_spans; i++) {
                struct office_span span = hours->spans[i];
                if (second > span.from)
                        open += (second < span.until ? second : span.until) - span.from;
        }
        return open;
}

/* Open seconds from the calendar's beginning of time to the moment. */
static int64_t open_until(const struct calendar *calendar, const struct office_hours *hours,
                struct moment moment)
{
        struct date day = moment_date(moment), before = date_add_days(day, -1);
        int64_t whole_days = calendar_working_days(calendar, (struct date){ 0 }, before);
        int64_t open = whole_days * open_before(hours, 86400);
        if (calendar_holds(day) && calendar_is_working_day(calendar, day))
                open += open_before(hours, moment_second_of_day(moment));
        return open;
}

int64_t working_minutes(const struct calendar *calendar, const struct office_hours *hours,
                struct moment from, struct moment to)
{
        assert(calendar && hours && hours->n_spans > 0);
        if (to.second <= from.second)
                return 0;
        return (open_until(calendar, hours, to) - open_until(calendar, hours, from)) / 60;
}

/* The second of a working day at which so many of its open seconds have passed. */
static int second_after(const struct office_hours *hours, int64_t open)
{
        assert(open > 0);
        for (size_t i = 0; i < hours->n_spans; i++) {
                int64_t length = hours->spans[i].until - hours->spans[i].from;
                if (open <= length)
                        return (int)(hours->spans[i].from + open);
                open -= length;
        }
        assert(!"more than the day is open");
        return 86400;
}

bool working_minutes_add(const struct calendar *calendar, const struct office_hours *hours,
                struct moment from, int64_t minutes, struct moment *ret, struct err *err)
{
        assert(calendar && hours && hours->n_spans > 0 && ret && err);
        if (minutes < 1 || minutes > MINUTES_MAX)
                return err_set(err, E_DEADLINE_RULE, "分钟数应在1至%lld之间",
                                (long long)MINUTES_MAX);
        int64_t near = from.second / 86400; /* within a day of the date */
        if (near < INT32_MIN / 2 || near > INT32_MAX / 2 || !calendar_holds(moment_date(from)))
                return err_set(err, E_DEADLINE_RANGE, "起算时刻");

        /* Seconds to spend, counted from the opening of `day` (or of the next). */
        struct date day = moment_date(from);
        int64_t left = minutes * 60, a_day = open_before(hours, 86400);
        assert(a_day > 0);
        if (calendar_is_working_day(calendar, day))
                left += open_before(hours, moment_second_of_day(from));
        else
                day = calendar_next_working_day(calendar, day);
        int n_days = (int)((left - 1) / a_day);
        if (!calendar_holds(day) || !calendar_add_working_days(calendar, day, n_days, &day))
                return err_set(err, E_DEADLINE_RANGE, "届满时刻");
        *ret = moment_of(day, 0, 0, second_after(hours, left - n_days * a_day));
        return true;
}
