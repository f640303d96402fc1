#include <assert.h>
#include <stdlib.h>

#include "rules/feel_machine.h"
#include "rules/feel_number.h"
#include "rules/feel_temporal.h"

#define DAY        86400
#define MONTHS_MAX ((int64_t)12 * (DATE_MAX_YEAR - DATE_MIN_YEAR + 1))

/* ---- Order and equality ---- */

/* With and without offset are the same kind of thing. */
static int family_of(const struct value *v)
{
        int kind = kind_of(v);
        return kind == KIND_OFFSET_TIME     ? VALUE_TIME
               : kind == KIND_OFFSET_MOMENT ? VALUE_MOMENT
                                            : kind;
}

static int order(int64_t a, int64_t b)
{
        return (a > b) - (a < b);
}

static int64_t time_instant(const struct value *v)
{
        return v->integer - offset_of(v);
}

bool feel_compare(const struct value *a, const struct value *b, int *ret)
{
        int family = family_of(a);
        if (family != family_of(b))
                return false;
        switch (family) {
        case VALUE_NUMBER:
                *ret = decimal_cmp(a->number, b->number);
                return true;
        case VALUE_STRING:
                *ret = str_cmp(a->string, b->string);
                *ret = order(*ret, 0);
                return true;
        case VALUE_DATE:
                *ret = date_cmp(a->date, b->date);
                return true;
        case VALUE_MOMENT:
                *ret = order(a->moment.second, b->moment.second);
                return true;
        case VALUE_TIME:
                *ret = order(time_instant(a), time_instant(b));
                return true;
        case VALUE_DURATION:
        case VALUE_MONTHS:
                *ret = order(a->integer, b->integer);
                return true;
        default:
                return false;
        }
}

static bool equal_lists(
                struct machine *m, const struct value *a, const struct value *b, enum truth *ret)
{
        *ret = truth_of(a->list.n == b->list.n);
        for (size_t i = 0; i < a->list.n && *ret == TRUTH_TRUE; i++) {
                if (!feel_equals(m, &a->list.items[i], &b->list.items[i], ret))
                        return false;
                *ret = truth_of(*ret == TRUTH_TRUE);
        }
        return true;
}

static bool equal_contexts(
                struct machine *m, const struct value *a, const struct value *b, enum truth *ret)
{
        *ret = truth_of(a->context.n == b->context.n);
        for (size_t i = 0; i < a->context.n && *ret == TRUTH_TRUE; i++) {
                const struct member *x = &a->context.members[i], *y = &b->context.members[i];
                *ret = truth_of(str_eq(x->name, y->name));
                if (*ret == TRUTH_TRUE && !feel_equals(m, &x->value, &y->value, ret))
                        return false;
                *ret = truth_of(*ret == TRUTH_TRUE);
        }
        return true;
}

static bool equal_ranges(
                struct machine *m, const struct range *a, const struct range *b, enum truth *ret)
{
        enum truth low = TRUTH_UNKNOWN, high = TRUTH_UNKNOWN;
        if (!feel_equals(m, &a->low, &b->low, &low) || !feel_equals(m, &a->high, &b->high, &high))
                return false;
        *ret = truth_of(low == TRUTH_TRUE && high == TRUTH_TRUE && a->has_low == b->has_low &&
                        a->has_high == b->has_high && a->low_closed == b->low_closed &&
                        a->high_closed == b->high_closed);
        return true;
}

static bool equal_parts(
                struct machine *m, const struct value *a, const struct value *b, enum truth *ret)
{
        switch (kind_of(a)) {
        case VALUE_LIST:
                return equal_lists(m, a, b, ret);
        case VALUE_CONTEXT:
                return equal_contexts(m, a, b, ret);
        case KIND_RANGE:
                return equal_ranges(m, range_of(a), range_of(b), ret);
        case VALUE_BOOL:
                *ret = truth_of(a->boolean == b->boolean);
                return true;
        default:
                *ret = truth_of(kind_of(a) == KIND_FUNCTION && a->list.items == b->list.items);
                return true;
        }
}

bool feel_equals(struct machine *m, const struct value *a, const struct value *b, enum truth *ret)
{
        int order_of_both;
        if (feel_compare(a, b, &order_of_both)) {
                *ret = truth_of(order_of_both == 0);
                return true;
        }
        if (value_is_null(*a) || value_is_null(*b)) {
                *ret = truth_of(value_is_null(*a) && value_is_null(*b));
                return true;
        }
        if (kind_of(a) != kind_of(b)) {
                *ret = TRUTH_UNKNOWN;
                return true;
        }
        if (m->depth >= FEEL_DEPTH_MAX)
                return feel_exhausted(m, "嵌套太深");
        m->depth++;
        bool ok = feel_spend(m, 1) && equal_parts(m, a, b, ret);
        m->depth--;
        return ok;
}

/* ---- Arithmetic ---- */

/* 1800-01-01 .. 2999-12-31, the years of base/date.h */
static bool is_day_in_range(int64_t day)
{
        return day >= -62091 && day <= 376199;
}

static int64_t floor_days(int64_t seconds)
{
        return seconds >= 0 ? seconds / DAY : -((-seconds + DAY - 1) / DAY);
}

static void keep_date(int64_t day, struct value *ret)
{
        if (is_day_in_range(day))
                *ret = value_date((struct date){ (int32_t)day });
}

/* The moment, written as `like` is. */
static void keep_moment(int64_t second, const struct value *like, struct value *ret)
{
        if (llabs(second) > DURATION_MAX || !is_day_in_range(floor_days(second + MOMENT_OFFSET)))
                return;
        struct moment moment = { second };
        *ret = kind_of(like) == KIND_OFFSET_MOMENT ? offset_moment(moment, offset_of(like))
                                                   : value_moment(moment);
}

static void keep_duration(enum value_kind kind, int64_t n, struct value *ret)
{
        if (n >= -DURATION_MAX && n <= DURATION_MAX)
                *ret = (struct value){ .kind = kind, .integer = n };
}

static void add_seconds(const struct value *a, int64_t seconds, struct value *ret)
{
        if (llabs(seconds) > DURATION_MAX)
                return;
        int64_t wrapped = (a->integer + seconds % DAY + DAY) % DAY;
        switch (kind_of(a)) {
        case VALUE_DATE:
                keep_date(a->date.day + floor_days(seconds), ret);
                return;
        case VALUE_MOMENT:
        case KIND_OFFSET_MOMENT:
                keep_moment(a->moment.second + seconds, a, ret);
                return;
        case VALUE_TIME:
                *ret = (struct value){ .kind = VALUE_TIME, .integer = wrapped };
                return;
        case KIND_OFFSET_TIME:
                *ret = offset_time(wrapped, offset_of(a));
                return;
        case VALUE_DURATION:
                keep_duration(VALUE_DURATION, a->integer + seconds, ret);
                return;
        default:
                return;
        }
}

static void add_months(const struct value *a, int64_t months, struct value *ret)
{
        if (llabs(months) > DURATION_MAX)
                return;
        if (kind_of(a) == VALUE_MONTHS) {
                keep_duration(VALUE_MONTHS, a->integer + months, ret);
                return;
        }
        if (llabs(months) > MONTHS_MAX)
                return;
        if (kind_of(a) == VALUE_DATE) {
                keep_date(date_add_months(a->date, (int)months).day, ret);
        } else if (family_of(a) == VALUE_MOMENT) {
                struct date day = temporal_date(a);
                int64_t shift = date_add_months(day, (int)months).day - (int64_t)day.day;
                keep_moment(a->moment.second + shift * DAY, a, ret);
        }
}

/* A date counts from its first second where a moment is asked. */
static int64_t instant(const struct value *v)
{
        return kind_of(v) == VALUE_DATE ? moment_of(v->date, 0, 0, 0).second : v->moment.second;
}

static bool is_day_or_moment(const struct value *v)
{
        return kind_of(v) == VALUE_DATE || family_of(v) == VALUE_MOMENT;
}

static void subtract(const struct value *a, const struct value *b, struct value *ret)
{
        if (is_day_or_moment(a) && is_day_or_moment(b))
                keep_duration(VALUE_DURATION, instant(a) - instant(b), ret);
        else if (family_of(a) == VALUE_TIME && family_of(b) == VALUE_TIME)
                keep_duration(VALUE_DURATION, time_instant(a) - time_instant(b), ret);
        else if (kind_of(b) == VALUE_DURATION)
                add_seconds(a, -b->integer, ret);
        else if (kind_of(b) == VALUE_MONTHS)
                add_months(a, -b->integer, ret);
}

static bool concatenate(struct machine *m, struct str a, struct str b, struct value *ret)
{
        if (!feel_spend(m, (a.n + b.n) / 32))
                return false;
        char *p = arena_alloc(m->arena, a.n + b.n);
        if (a.n != 0)
                memcpy(p, a.p, a.n);
        if (b.n != 0)
                memcpy(p + a.n, b.p, b.n);
        *ret = value_string((struct str){ p, a.n + b.n });
        return true;
}

static void add(const struct value *a, const struct value *b, struct value *ret)
{
        if (kind_of(a) == VALUE_DURATION || kind_of(a) == VALUE_MONTHS) {
                const struct value *swap = a; /* durations may stand first */
                if (kind_of(b) != kind_of(a)) {
                        a = b;
                        b = swap;
                }
        }
        if (kind_of(b) == VALUE_DURATION)
                add_seconds(a, b->integer, ret);
        else if (kind_of(b) == VALUE_MONTHS)
                add_months(a, b->integer, ret);
}

static bool is_duration(const struct value *v)
{
        return kind_of(v) == VALUE_DURATION || kind_of(v) == VALUE_MONTHS;
}

/* Part of a second or month is dropped. */
static void scale(const struct value *duration, struct decimal by, bool divide, struct value *ret)
{
        struct decimal d = decimal_of(duration->integer), scaled;
        int64_t n;
        if (divide ? decimal_div(d, by, &scaled) : decimal_mul(d, by, &scaled))
                if (decimal_to_int(decimal_round(scaled, 0, DECIMAL_DOWN), &n))
                        keep_duration(duration->kind, n, ret);
}

static void multiply(const struct value *a, const struct value *b, struct value *ret)
{
        if (is_duration(a) && kind_of(b) == VALUE_NUMBER)
                scale(a, b->number, false, ret);
        else if (is_duration(b) && kind_of(a) == VALUE_NUMBER)
                scale(b, a->number, false, ret);
}

static void divide_durations(const struct value *a, const struct value *b, struct value *ret)
{
        struct decimal quotient;
        if (is_duration(a) && kind_of(b) == VALUE_NUMBER)
                scale(a, b->number, true, ret);
        else if (is_duration(a) && kind_of(a) == kind_of(b) &&
                        decimal_div(decimal_of(a->integer), decimal_of(b->integer), &quotient))
                *ret = value_number(quotient);
}

static void calculate(enum op op, struct decimal a, struct decimal b, struct value *ret)
{
        struct decimal d = a;
        bool ok = false;
        switch (op) {
        case N_ADD:
                ok = decimal_add(a, b, &d);
                break;
        case N_SUB:
                ok = decimal_sub(a, b, &d);
                break;
        case N_MUL:
                ok = decimal_mul(a, b, &d);
                break;
        case N_DIV:
                ok = decimal_div(a, b, &d);
                break;
        case N_POW:
                ok = number_pow(a, b, &d);
                break;
        default:
                abort();
        }
        if (ok)
                *ret = value_number(d);
}

bool feel_arithmetic(struct machine *m, enum op op, const struct value *a, const struct value *b,
                struct value *ret)
{
        struct value result = value_null(); /* ret may be a or b */
        bool ok = true;
        if (kind_of(a) == VALUE_NUMBER && kind_of(b) == VALUE_NUMBER)
                calculate(op, a->number, b->number, &result);
        else if (op == N_ADD && kind_of(a) == VALUE_STRING && kind_of(b) == VALUE_STRING)
                ok = concatenate(m, a->string, b->string, &result);
        else if (op == N_ADD)
                add(a, b, &result);
        else if (op == N_SUB)
                subtract(a, b, &result);
        else if (op == N_MUL)
                multiply(a, b, &result);
        else if (op == N_DIV)
                divide_durations(a, b, &result);
        *ret = result;
        return ok;
}

struct value feel_negate(const struct value *a)
{
        if (kind_of(a) == VALUE_NUMBER)
                return value_number(decimal_neg(a->number));
        if (is_duration(a))
                return (struct value){ .kind = a->kind, .integer = -a->integer };
        return value_null();
}
