#include <assert.h>

#include "rules/feel_builtin.h"
#include "rules/feel_number.h"
#include "rules/feel_temporal.h"

static bool call_date(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)m, (void)n;
        switch (kind_of(&args[0])) {
        case VALUE_STRING:
                if (!temporal_parse_date(args[0].string, ret))
                        *ret = value_null();
                return true;
        case VALUE_DATE:
                *ret = args[0];
                return true;
        case VALUE_MOMENT:
        case KIND_OFFSET_MOMENT:
                *ret = value_date(temporal_date(&args[0]));
                return true;
        default:
                return true;
        }
}

static bool small_int(const struct value *v, int64_t low, int64_t high, int *ret)
{
        int64_t n;
        if (!decimal_to_int(v->number, &n) || n < low || n > high)
                return false;
        *ret = (int)n;
        return true;
}

static bool call_date_parts(
                struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)m, (void)n;
        int year, month, day;
        struct date date;
        if (small_int(&args[0], DATE_MIN_YEAR, DATE_MAX_YEAR, &year) &&
                        small_int(&args[1], 1, 12, &month) && small_int(&args[2], 1, 31, &day) &&
                        date_of(year, month, day, &date))
                *ret = value_date(date);
        return true;
}

static bool call_date_and_time(
                struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)m, (void)n;
        if (kind_of(&args[0]) == VALUE_STRING) {
                if (!temporal_parse_moment(args[0].string, ret))
                        *ret = value_null();
        } else if (kind_of(&args[0]) == VALUE_DATE) {
                *ret = value_moment(moment_of(args[0].date, 0, 0, 0));
        } else if (kind_of(&args[0]) == VALUE_MOMENT || kind_of(&args[0]) == KIND_OFFSET_MOMENT) {
                *ret = args[0];
        }
        return true;
}

/* The day of the first, the clock and offset of the second. */
static bool call_join_date_and_time(
                struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)m, (void)n;
        struct date day = kind_of(&args[0]) == VALUE_DATE ? args[0].date : temporal_date(&args[0]);
        struct moment moment = moment_of(day, 0, 0, temporal_second_of_day(&args[1]));
        *ret = value_moment(moment);
        if (kind_of(&args[1]) != KIND_OFFSET_TIME)
                return true;
        moment.second += MOMENT_OFFSET - offset_of(&args[1]);
        *ret = offset_moment(moment, offset_of(&args[1]));
        return true;
}

static bool call_time(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)m, (void)n;
        const struct value *from = &args[0];
        switch (kind_of(from)) {
        case VALUE_STRING:
                if (!temporal_parse_time(from->string, ret))
                        *ret = value_null();
                return true;
        case VALUE_TIME:
        case KIND_OFFSET_TIME:
                *ret = *from;
                return true;
        case VALUE_DATE: /* counts from midnight UTC */
                *ret = offset_time(0, 0);
                return true;
        case VALUE_MOMENT:
                *ret = (struct value){ .kind = VALUE_TIME,
                        .integer = temporal_second_of_day(from) };
                return true;
        case KIND_OFFSET_MOMENT:
                *ret = offset_time(temporal_second_of_day(from), offset_of(from));
                return true;
        default:
                return true;
        }
}

static bool call_time_parts(
                struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)m;
        int hour, minute, second;
        if (!small_int(&args[0], 0, 23, &hour) || !small_int(&args[1], 0, 59, &minute) ||
                        !small_int(&args[2], 0, 59, &second))
                return true;
        int of_day = hour * 3600 + minute * 60 + second;
        if (n < 4 || value_is_null(args[3]))
                *ret = (struct value){ .kind = VALUE_TIME, .integer = of_day };
        else if (args[3].integer >= -14 * 3600 && args[3].integer <= 14 * 3600)
                *ret = offset_time(of_day, (int)args[3].integer);
        return true;
}

static bool call_number(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)m, (void)n;
        struct decimal d;
        if (kind_of(&args[0]) == VALUE_NUMBER)
                *ret = args[0];
        else if (kind_of(&args[0]) == VALUE_STRING && number_parse(args[0].string, &d))
                *ret = value_number(d);
        return true;
}

/* '\0' for null; false for what is none of the allowed signs. */
static bool separator(const struct value *v, const char *allowed, char *ret)
{
        *ret = '\0';
        if (value_is_null(*v))
                return true;
        if (v->string.n != 1 || strchr(allowed, v->string.p[0]) == NULL)
                return false;
        *ret = v->string.p[0];
        return true;
}

static bool call_number_grouped(
                struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)n;
        char group, point;
        struct decimal d;
        struct str text = args[0].string;
        if (!separator(&args[1], " ,.", &group) || !separator(&args[2], ",.", &point) ||
                        (group != '\0' && group == point))
                return true;
        if (!feel_spend(m, text.n / 8))
                return false;
        struct buf buf = BUF(m->arena);
        for (size_t i = 0; i < text.n; i++) {
                char c = text.p[i];
                if (group != '\0' && c == group)
                        continue;
                buf_char(&buf, point != '\0' && c == point  ? '.'
                                : c == '.' && point != '\0' ? '?'
                                                            : c);
        }
        if (number_parse(buf_str(&buf), &d))
                *ret = value_number(d);
        return true;
}

static bool call_string(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)n;
        struct buf buf = BUF(m->arena);
        if (value_is_null(args[0]))
                return true;
        if (kind_of(&args[0]) == VALUE_STRING) {
                *ret = args[0];
                return true;
        }
        if (!feel_write(m, &buf, &args[0]))
                return false;
        *ret = value_string(buf_str(&buf));
        return true;
}

static bool call_duration(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)m, (void)n;
        if (kind_of(&args[0]) == VALUE_DURATION || kind_of(&args[0]) == VALUE_MONTHS)
                *ret = args[0];
        else if (kind_of(&args[0]) == VALUE_STRING && !temporal_parse_duration(args[0].string, ret))
                *ret = value_null();
        return true;
}

static struct date day_of(const struct value *v)
{
        return kind_of(v) == VALUE_DATE ? v->date : temporal_date(v);
}

/* Whole months from the earlier to the later, negative if they stand reversed. */
static bool call_months_between(
                struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)m, (void)n;
        int order = date_cmp(day_of(&args[0]), day_of(&args[1]));
        const struct value *first = &args[order > 0], *last = &args[order <= 0];
        int y1, m1, d1, y2, m2, d2;
        date_parts(day_of(first), &y1, &m1, &d1);
        date_parts(day_of(last), &y2, &m2, &d2);
        int months = (y2 - y1) * 12 + m2 - m1;
        bool clock_short = kind_of(first) != VALUE_DATE && kind_of(last) != VALUE_DATE &&
                           d1 == d2 && temporal_second_of_day(last) < temporal_second_of_day(first);
        if (months > 0 && (d2 < d1 || clock_short))
                months--;
        *ret = (struct value){ .kind = VALUE_MONTHS, .integer = order > 0 ? -months : months };
        return true;
}

static bool call_not(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)m, (void)n;
        if (kind_of(&args[0]) == VALUE_BOOL)
                *ret = value_bool(!args[0].boolean);
        return true;
}

/* The same kind and the same worth; null only is null. */
static bool call_is(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)n;
        enum truth equal = TRUTH_FALSE;
        bool same = kind_of(&args[0]) == kind_of(&args[1]) &&
                    (kind_of(&args[0]) < KIND_OFFSET_TIME ||
                                    offset_of(&args[0]) == offset_of(&args[1]));
        if (same && !feel_equals(m, &args[0], &args[1], &equal))
                return false;
        *ret = value_bool(equal == TRUTH_TRUE);
        return true;
}

/* range("[1..5)"): the text of a range whose bounds are literals. */
static bool call_range(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)n;
        struct err err;
        const struct feel_expression *e;
        if (!feel_spend(m, 100 + args[0].string.n))
                return false;
        if (!feel_compile(m->arena, args[0].string, NULL, NULL, &e, &err) || e->root->op != N_RANGE)
                return true;
        const struct node *bounds[2] = { e->root->a, e->root->b };
        for (int i = 0; i < 2; i++)
                if (bounds[i] != NULL && bounds[i]->op != N_LITERAL && bounds[i]->op != N_BUILTIN)
                        return true;
        return feel_run(m, e->root, ret);
}

const struct builtin feel_conversions[] = {
        { "date", "from:a", 'd', call_date },
        { "date", "year:n,month:n,day:n", 'd', call_date_parts },
        { "date and time", "from:a", 'm', call_date_and_time },
        { "date and time", "date:x,time:t", 'm', call_join_date_and_time },
        { "time", "from:a", 't', call_time },
        { "time", "hour:n,minute:n,second:n,offset:D?~", 't', call_time_parts },
        { "number", "from:a", 'n', call_number },
        { "number", "from:s,grouping separator:s~,decimal separator:s~", 'n', call_number_grouped },
        { "string", "from:a", 's', call_string },
        { "duration", "from:a", 'a', call_duration },
        { "years and months duration", "from:x,to:x", 'Y', call_months_between },
        { "not", "negand:a", 'b', call_not },
        { "is", "value1:a,value2:a", 'b', call_is },
        { "range", "from:s", 'r', call_range },
        { 0 },
};
