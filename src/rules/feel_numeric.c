#include "rules/feel_builtin.h"
#include "rules/feel_number.h"

#define SCALE_MIN (-6111)
#define SCALE_MAX 6176

/* ---- Rounding: n, and digits behind the point (0 if left out) ---- */

static bool round_to(
                const struct value *args, size_t n, enum decimal_rounding how, struct value *ret)
{
        int64_t scale = 0;
        if (n == 2 && !value_is_null(args[1]) &&
                        !decimal_to_int(decimal_round(args[1].number, 0, DECIMAL_DOWN), &scale))
                return true;
        if (scale >= SCALE_MIN && scale <= SCALE_MAX)
                *ret = value_number(decimal_round(args[0].number, (int)scale, how));
        return true;
}

static bool call_decimal(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)m;
        return round_to(args, n, DECIMAL_HALF_EVEN, ret);
}

static bool call_floor(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)m;
        return round_to(args, n, DECIMAL_FLOOR, ret);
}

static bool call_ceiling(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)m;
        return round_to(args, n, DECIMAL_CEILING, ret);
}

static bool call_round_up(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)m;
        return round_to(args, n, DECIMAL_UP, ret);
}

static bool call_round_down(
                struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)m;
        return round_to(args, n, DECIMAL_DOWN, ret);
}

static bool call_round_half_up(
                struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)m;
        return round_to(args, n, DECIMAL_HALF_UP, ret);
}

static bool call_round_half_down(
                struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)m;
        return round_to(args, n, DECIMAL_HALF_DOWN, ret);
}

/* ---- The rest ---- */

static bool call_abs(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)m, (void)n;
        bool is_duration = kind_of(&args[0]) == VALUE_DURATION || kind_of(&args[0]) == VALUE_MONTHS;
        if (kind_of(&args[0]) != VALUE_NUMBER && !is_duration)
                return true;
        bool negative = is_duration ? args[0].integer < 0
                                    : decimal_cmp(args[0].number, decimal_of(0)) < 0;
        *ret = negative ? feel_negate(&args[0]) : args[0];
        return true;
}

static bool keep(bool ok, struct decimal d, struct value *ret)
{
        if (ok)
                *ret = value_number(d);
        return true;
}

static bool call_modulo(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)m, (void)n;
        struct decimal d = { { 0, 0 } };
        bool ok = number_modulo(args[0].number, args[1].number, &d);
        return keep(ok, d, ret);
}

static bool call_sqrt(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)m, (void)n;
        struct decimal d = { { 0, 0 } };
        bool ok = number_sqrt(args[0].number, &d);
        return keep(ok, d, ret);
}

static bool call_exp(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)m, (void)n;
        struct decimal d = { { 0, 0 } };
        bool ok = number_exp(args[0].number, &d);
        return keep(ok, d, ret);
}

static bool call_log(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)m, (void)n;
        struct decimal d = { { 0, 0 } };
        bool ok = number_log(args[0].number, &d);
        return keep(ok, d, ret);
}

static bool parity(const struct value *v, int want, struct value *ret)
{
        struct decimal rest;
        if (!decimal_is_integer(v->number)) {
                *ret = value_bool(false);
                return true;
        }
        if (number_modulo(v->number, decimal_of(2), &rest))
                *ret = value_bool(decimal_cmp(rest, decimal_of(want)) == 0);
        return true;
}

static bool call_odd(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)m, (void)n;
        return parity(&args[0], 1, ret);
}

static bool call_even(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)m, (void)n;
        return parity(&args[0], 0, ret);
}

const struct builtin feel_numbers[] = {
        { "decimal", "n:n,scale:n", 'n', call_decimal },
        { "floor", "n:n,scale:n?", 'n', call_floor },
        { "ceiling", "n:n,scale:n?", 'n', call_ceiling },
        { "round up", "n:n,scale:n", 'n', call_round_up },
        { "round down", "n:n,scale:n", 'n', call_round_down },
        { "round half up", "n:n,scale:n", 'n', call_round_half_up },
        { "round half down", "n:n,scale:n", 'n', call_round_half_down },
        { "abs", "n:a", 'a', call_abs },
        { "modulo", "dividend:n,divisor:n", 'n', call_modulo },
        { "sqrt", "number:n", 'n', call_sqrt },
        { "exp", "number:n", 'n', call_exp },
        { "log", "number:n", 'n', call_log },
        { "odd", "number:n", 'b', call_odd },
        { "even", "number:n", 'b', call_even },
        { 0 },
};
