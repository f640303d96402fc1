#include "rules/feel_builtin.h"
#include "rules/feel_temporal.h"

static struct date day_of(const struct value *v)
{
        return kind_of(v) == VALUE_DATE ? v->date : temporal_date(v);
}

static bool call_now(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)args, (void)n;
        *ret = value_moment(m->env->now);
        return true;
}

static bool call_today(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)args, (void)n;
        *ret = value_date(moment_date(m->env->now));
        return true;
}

static int day_of_year(struct date day)
{
        struct date first = day;
        if (!date_of(date_year(day), 1, 1, &first))
                return 1;
        return day.day - first.day + 1;
}

static bool call_day_of_year(
                struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)m, (void)n;
        *ret = value_int(day_of_year(day_of(&args[0])));
        return true;
}

/* The standard gives the names in English. */
static bool call_day_of_week(
                struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        static const char *const names[] = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
                "Saturday", "Sunday" };
        (void)m, (void)n;
        *ret = value_string(str_of(names[date_weekday(day_of(&args[0])) - 1]));
        return true;
}

static bool call_month_of_year(
                struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        static const char *const names[] = { "January", "February", "March", "April", "May", "June",
                "July", "August", "September", "October", "November", "December" };
        (void)m, (void)n;
        int year, month, day;
        date_parts(day_of(&args[0]), &year, &month, &day);
        *ret = value_string(str_of(names[month - 1]));
        return true;
}

/* ISO 8601: the week of the year that has the week's Thursday. */
static bool call_week_of_year(
                struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)m, (void)n;
        struct date day = day_of(&args[0]);
        struct date thursday = date_add_days(day, 4 - date_weekday(day));
        *ret = value_int((day_of_year(thursday) - 1) / 7 + 1);
        return true;
}

const struct builtin feel_dates[] = {
        { "now", "", 'm', call_now },
        { "today", "", 'd', call_today },
        { "day of year", "date:x", 'n', call_day_of_year },
        { "day of week", "date:x", 's', call_day_of_week },
        { "month of year", "date:x", 's', call_month_of_year },
        { "week of year", "date:x", 'n', call_week_of_year },
        { 0 },
};
