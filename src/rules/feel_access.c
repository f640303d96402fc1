#include <assert.h>

#include "rules/feel_machine.h"
#include "rules/feel_temporal.h"

/* ---- The kinds of value that only an evaluation has ---- */

struct value range_value(struct arena *arena, struct range range)
{
        struct range *copy = arena_new(arena, struct range);
        *copy = range;
        struct value v = { .kind = (enum value_kind)KIND_RANGE };
        v.list.items = (const struct value *)(const void *)copy;
        return v;
}

struct value function_value(struct arena *arena, struct function function)
{
        struct function *copy = arena_new(arena, struct function);
        *copy = function;
        struct value v = { .kind = (enum value_kind)KIND_FUNCTION };
        v.list.items = (const struct value *)(const void *)copy;
        return v;
}

/* The offset lies behind the eight bytes that the time or moment takes. */
struct value offset_time(int64_t second_of_day, int offset)
{
        struct value v = { .kind = (enum value_kind)KIND_OFFSET_TIME, .integer = second_of_day };
        v.list.n = (size_t)(offset + 86400);
        return v;
}

struct value offset_moment(struct moment moment, int offset)
{
        struct value v = { .kind = (enum value_kind)KIND_OFFSET_MOMENT, .moment = moment };
        v.list.n = (size_t)(offset + 86400);
        return v;
}

int offset_of(const struct value *v)
{
        if (kind_of(v) == KIND_OFFSET_TIME || kind_of(v) == KIND_OFFSET_MOMENT)
                return (int)v->list.n - 86400;
        return MOMENT_OFFSET;
}

/* ---- Ranges ---- */

/* Is v on the right side of the bound? side = -1: v must not lie below it. */
static enum truth within(
                const struct value *v, const struct value *bound, bool has, bool closed, int side)
{
        int order;
        if (!has)
                return TRUTH_TRUE;
        if (!feel_compare(v, bound, &order))
                return TRUTH_UNKNOWN;
        return truth_of(order == 0 ? closed : order != side);
}

enum truth feel_in_range(const struct range *range, const struct value *v)
{
        enum truth low = within(v, &range->low, range->has_low, range->low_closed, -1);
        enum truth high = within(v, &range->high, range->has_high, range->high_closed, 1);
        if (low == TRUTH_FALSE || high == TRUTH_FALSE)
                return TRUTH_FALSE;
        return low == TRUTH_UNKNOWN || high == TRUTH_UNKNOWN ? TRUTH_UNKNOWN : TRUTH_TRUE;
}

static bool in_list(
                struct machine *m, const struct value *v, const struct value *list, enum truth *ret)
{
        enum truth whole = TRUTH_FALSE;
        if (kind_of(v) == VALUE_LIST && !feel_equals(m, v, list, &whole))
                return false;
        *ret = whole;
        for (size_t i = 0; i < list->list.n && *ret != TRUTH_TRUE; i++) {
                const struct value *item = &list->list.items[i];
                if (!feel_spend(m, 1))
                        return false;
                if (kind_of(item) == KIND_RANGE)
                        *ret = feel_in_range(range_of(item), v);
                else if (!feel_equals(m, v, item, ret))
                        return false;
        }
        *ret = truth_of(*ret == TRUTH_TRUE);
        return true;
}

bool feel_in(struct machine *m, const struct value *v, const struct value *test, enum truth *ret)
{
        switch (kind_of(test)) {
        case KIND_RANGE:
                if (kind_of(v) == KIND_RANGE)
                        return feel_equals(m, v, test, ret);
                *ret = feel_in_range(range_of(test), v);
                return true;
        case VALUE_LIST:
                return in_list(m, v, test, ret);
        default:
                return feel_equals(m, v, test, ret);
        }
}

/* ---- Paths ---- */

enum part {
        PART_YEAR,
        PART_MONTH,
        PART_DAY,
        PART_WEEKDAY,
        PART_HOUR,
        PART_MINUTE,
        PART_SECOND,
        PART_OFFSET,
        PART_ZONE,
        PART_YEARS,
        PART_MONTHS,
        PART_DAYS,
        PART_HOURS,
        PART_MINUTES,
        PART_SECONDS,
        PART_START,
        PART_END,
        PART_START_INCLUDED,
        PART_END_INCLUDED,
        N_PARTS
};

static const char *const part_names[N_PARTS] = {
        "year",
        "month",
        "day",
        "weekday",
        "hour",
        "minute",
        "second",
        "time offset",
        "timezone",
        "years",
        "months",
        "days",
        "hours",
        "minutes",
        "seconds",
        "start",
        "end",
        "start included",
        "end included",
};

static bool part_of_date(struct date date, enum part part, struct value *ret)
{
        int year, month, day;
        date_parts(date, &year, &month, &day);
        int parts[] = { year, month, day, date_weekday(date) };
        if (part > PART_WEEKDAY)
                return false;
        *ret = value_int(parts[part]);
        return true;
}

static bool part_of_time(const struct value *v, enum part part, struct value *ret)
{
        int second = temporal_second_of_day(v);
        bool has_offset = kind_of(v) == KIND_OFFSET_TIME || kind_of(v) == KIND_OFFSET_MOMENT;
        switch (part) {
        case PART_HOUR:
                *ret = value_int(second / 3600);
                return true;
        case PART_MINUTE:
                *ret = value_int(second / 60 % 60);
                return true;
        case PART_SECOND:
                *ret = value_int(second % 60);
                return true;
        case PART_OFFSET:
                if (has_offset)
                        *ret = (struct value){ .kind = VALUE_DURATION, .integer = offset_of(v) };
                return true;
        default:
                return false;
        }
}

static void part_of_duration(int64_t n, enum part part, struct value *ret)
{
        if (part == PART_DAYS)
                *ret = value_int(n / 86400);
        else if (part == PART_HOURS)
                *ret = value_int(n / 3600 % 24);
        else if (part == PART_MINUTES)
                *ret = value_int(n / 60 % 60);
        else if (part == PART_SECONDS)
                *ret = value_int(n % 60);
}

static void part_of_range(const struct range *range, enum part part, struct value *ret)
{
        if (part == PART_START)
                *ret = range->low;
        else if (part == PART_END)
                *ret = range->high;
        else if (part == PART_START_INCLUDED)
                *ret = value_bool(range->low_closed);
        else if (part == PART_END_INCLUDED)
                *ret = value_bool(range->high_closed);
}

static void part_of(const struct value *v, enum part part, struct value *ret)
{
        switch (kind_of(v)) {
        case VALUE_DATE:
                part_of_date(v->date, part, ret);
                return;
        case VALUE_MOMENT:
        case KIND_OFFSET_MOMENT:
                if (!part_of_date(temporal_date(v), part, ret))
                        part_of_time(v, part, ret);
                return;
        case VALUE_TIME:
        case KIND_OFFSET_TIME:
                part_of_time(v, part, ret);
                return;
        case VALUE_DURATION:
                part_of_duration(v->integer, part, ret);
                return;
        case VALUE_MONTHS:
                if (part == PART_YEARS)
                        *ret = value_int(v->integer / 12);
                else if (part == PART_MONTHS)
                        *ret = value_int(v->integer % 12);
                return;
        case KIND_RANGE:
                part_of_range(range_of(v), part, ret);
                return;
        default:
                return;
        }
}

static bool project(struct machine *m, const struct value *list, struct str name, struct value *ret)
{
        struct list result = { 0 };
        for (size_t i = 0; i < list->list.n; i++) {
                struct value item;
                if (m->depth >= FEEL_DEPTH_MAX)
                        return feel_exhausted(m, "嵌套太深");
                m->depth++;
                bool ok = feel_path(m, &list->list.items[i], name, &item);
                m->depth--;
                if (!ok || !list_push(m, &result, &item))
                        return false;
        }
        *ret = list_value(&result);
        return true;
}

bool feel_path(struct machine *m, const struct value *v, struct str name, struct value *ret)
{
        if (kind_of(v) == VALUE_LIST)
                return project(m, v, name, ret);
        struct value from = *v;
        *ret = value_null();
        if (kind_of(&from) == VALUE_CONTEXT) {
                const struct value *found = value_get(&from, name);
                if (found != NULL)
                        *ret = *found;
                return true;
        }
        for (int i = 0; i < N_PARTS; i++)
                if (str_is(name, part_names[i]))
                        part_of(&from, (enum part)i, ret);
        return true;
}

/* ---- Types ---- */

static enum feel_kind type_kind(const struct value *v)
{
        switch (kind_of(v)) {
        case VALUE_NULL:
                return FEEL_NULL;
        case VALUE_BOOL:
                return FEEL_BOOLEAN;
        case VALUE_NUMBER:
                return FEEL_NUMBER;
        case VALUE_STRING:
                return FEEL_STRING;
        case VALUE_DATE:
                return FEEL_DATE;
        case VALUE_TIME:
        case KIND_OFFSET_TIME:
                return FEEL_TIME;
        case VALUE_MOMENT:
        case KIND_OFFSET_MOMENT:
                return FEEL_DATE_TIME;
        case VALUE_DURATION:
                return FEEL_DURATION;
        case VALUE_MONTHS:
                return FEEL_MONTHS;
        case VALUE_LIST:
                return FEEL_LIST;
        case VALUE_CONTEXT:
                return FEEL_CONTEXT;
        case KIND_RANGE:
                return FEEL_RANGE;
        default:
                return FEEL_FUNCTION;
        }
}

static bool has_members(
                struct machine *m, const struct value *v, const struct feel_type *type, bool *ret)
{
        *ret = true;
        for (size_t i = 0; i < type->n_members && *ret; i++) {
                const struct value *member = value_get(v, type->members[i].name);
                if (member == NULL)
                        *ret = false;
                else if (!value_is_null(*member) &&
                                !feel_instance(m, member, type->members[i].type, ret))
                        return false;
        }
        return true;
}

bool feel_instance(
                struct machine *m, const struct value *v, const struct feel_type *type, bool *ret)
{
        if (!feel_spend(m, 1))
                return false;
        enum feel_kind kind = type_kind(v);
        if (type->kind == FEEL_ANY) {
                *ret = kind != FEEL_NULL;
                return true;
        }
        *ret = kind == type->kind;
        if (!*ret)
                return true;
        if (kind == FEEL_CONTEXT)
                return has_members(m, v, type, ret);
        if (kind == FEEL_RANGE && type->item->kind != FEEL_ANY) {
                const struct range *range = range_of(v);
                return feel_instance(
                                m, range->has_low ? &range->low : &range->high, type->item, ret);
        }
        for (size_t i = 0; kind == FEEL_LIST && i < v->list.n && *ret; i++)
                if (type->item->kind != FEEL_ANY && !value_is_null(v->list.items[i]) &&
                                !feel_instance(m, &v->list.items[i], type->item, ret))
                        return false;
        return true;
}
