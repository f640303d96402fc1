#include "base/decimal.h"

#include <assert.h>

/* The library's headers are not written for our warnings. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#define DECIMAL_CALL_BY_REFERENCE      0
#define DECIMAL_GLOBAL_ROUNDING        0
#define DECIMAL_GLOBAL_EXCEPTION_FLAGS 0
#include <bid_conf.h>
#include <bid_functions.h>
#pragma GCC diagnostic pop

#define MAX_DIGITS      34
#define TO_NEAREST_EVEN 0
#define TO_FLOOR        1
#define TO_CEILING      2
#define TO_ZERO         3
#define TO_NEAREST_AWAY 4

static BID_UINT128 bid(struct decimal d)
{
        BID_UINT128 b;
        b.w[0] = d.w[0];
        b.w[1] = d.w[1];
        return b;
}

static struct decimal of_bid(BID_UINT128 b)
{
        return (struct decimal){ { b.w[0], b.w[1] } };
}

static bool keep_finite(BID_UINT128 b, struct decimal *ret)
{
        if (!bid128_isFinite(b))
                return false;
        *ret = of_bid(b);
        return true;
}

struct decimal decimal_of(int64_t n)
{
        return of_bid(bid128_from_int64(n));
}

/* [+-]digits[.digits][e[+-]d[d]], at most 34 significant digits. */
static bool is_number(struct str s)
{
        size_t i = 0, n_digits = 0, n_significant = 0;
        bool point = false;
        if (i < s.n && (s.p[i] == '-' || s.p[i] == '+'))
                i++;
        for (; i < s.n; i++) {
                if (s.p[i] == '.' && !point) {
                        point = true;
                        continue;
                }
                if (s.p[i] < '0' || s.p[i] > '9')
                        break;
                n_digits++;
                n_significant += n_significant != 0 || s.p[i] != '0';
        }
        if (n_digits == 0 || n_significant > MAX_DIGITS || s.p[i - 1] == '.')
                return false;
        if (i == s.n)
                return true;
        if (s.p[i] != 'e' && s.p[i] != 'E')
                return false;
        i++;
        if (i < s.n && (s.p[i] == '-' || s.p[i] == '+'))
                i++;
        size_t from = i;
        while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
                i++;
        return i == s.n && i > from && i - from <= 2;
}

bool decimal_parse(struct str text, struct decimal *ret, struct err *err)
{
        char copy[128];
        if (text.n < sizeof(copy) && is_number(text)) {
                memcpy(copy, text.p, text.n);
                copy[text.n] = '\0';
                _IDEC_flags flags = 0;
                BID_UINT128 b = bid128_from_string(copy, TO_NEAREST_EVEN, &flags);
                if (!(flags & BID_INEXACT_EXCEPTION) && keep_finite(b, ret))
                        return true;
        }
        return err_set(err, E_NUMBER, "%.*s", STR_FMT(str_cut(text, 60)));
}

/* The coefficient's digits, the sign, and the power of ten of the last digit. */
struct parts {
        bool negative;
        char digits[MAX_DIGITS + 2];
        int n, exponent;
};

static struct parts parts_of(struct decimal d)
{
        char text[64];
        _IDEC_flags flags = 0;
        bid128_to_string(text, bid(d), &flags); /* "+1250E-2" */
        struct parts parts = { .negative = text[0] == '-' };
        const char *p = text + 1;
        while (*p != 'E') {
                assert(*p >= '0' && *p <= '9' && parts.n < MAX_DIGITS + 1);
                parts.digits[parts.n++] = *p++;
        }
        bool negative_exponent = p[1] == '-';
        for (p += 2; *p != '\0'; p++)
                parts.exponent = parts.exponent * 10 + (*p - '0');
        if (negative_exponent)
                parts.exponent = -parts.exponent;
        while (parts.n > 1 && parts.digits[parts.n - 1] == '0' && parts.exponent < 0) {
                parts.n--;
                parts.exponent++;
        }
        if (parts.n == 1 && parts.digits[0] == '0') {
                parts.exponent = 0;
                parts.negative = false;
        }
        return parts;
}

struct str decimal_format(struct arena *arena, struct decimal d)
{
        struct parts parts = parts_of(d);
        struct buf buf = BUF(arena);
        if (parts.negative)
                buf_char(&buf, '-');
        int whole = parts.n + parts.exponent; /* digits before the point */
        if (whole <= 0) {
                buf_c(&buf, "0.");
                for (int i = whole; i < 0; i++)
                        buf_char(&buf, '0');
                buf_add(&buf, parts.digits, (size_t)parts.n);
                return buf_str(&buf);
        }
        for (int i = 0; i < parts.n; i++) {
                if (i == whole)
                        buf_char(&buf, '.');
                buf_char(&buf, parts.digits[i]);
        }
        for (int i = 0; i < parts.exponent; i++)
                buf_char(&buf, '0');
        return buf_str(&buf);
}

struct str decimal_format_fixed(struct arena *arena, struct decimal d, int decimals)
{
        struct str text = decimal_format(arena, decimal_round(d, decimals, DECIMAL_HALF_UP));
        if (decimals <= 0)
                return text;
        struct buf buf = BUF(arena);
        buf_str_add(&buf, text);
        size_t point = str_find(text, STR_LIT("."));
        int have = point == SIZE_MAX ? 0 : (int)(text.n - point - 1);
        if (point == SIZE_MAX)
                buf_char(&buf, '.');
        for (; have < decimals; have++)
                buf_char(&buf, '0');
        return buf_str(&buf);
}

bool decimal_add(struct decimal a, struct decimal b, struct decimal *ret)
{
        _IDEC_flags flags = 0;
        return keep_finite(bid128_add(bid(a), bid(b), TO_NEAREST_EVEN, &flags), ret);
}

bool decimal_sub(struct decimal a, struct decimal b, struct decimal *ret)
{
        _IDEC_flags flags = 0;
        return keep_finite(bid128_sub(bid(a), bid(b), TO_NEAREST_EVEN, &flags), ret);
}

bool decimal_mul(struct decimal a, struct decimal b, struct decimal *ret)
{
        _IDEC_flags flags = 0;
        return keep_finite(bid128_mul(bid(a), bid(b), TO_NEAREST_EVEN, &flags), ret);
}

bool decimal_div(struct decimal a, struct decimal b, struct decimal *ret)
{
        _IDEC_flags flags = 0;
        return keep_finite(bid128_div(bid(a), bid(b), TO_NEAREST_EVEN, &flags), ret);
}

struct decimal decimal_neg(struct decimal d)
{
        return of_bid(bid128_negate(bid(d)));
}

int decimal_cmp(struct decimal a, struct decimal b)
{
        _IDEC_flags flags = 0;
        if (bid128_quiet_less(bid(a), bid(b), &flags))
                return -1;
        return bid128_quiet_greater(bid(a), bid(b), &flags);
}

static struct decimal quantize(struct decimal d, int decimals, unsigned int mode)
{
        _IDEC_flags flags = 0;
        BID_UINT128 one = bid128_from_int64(1);
        BID_UINT128 unit = bid128_scalbn(one, -decimals, TO_NEAREST_EVEN, &flags);
        flags = 0;
        BID_UINT128 rounded = bid128_quantize(bid(d), unit, mode, &flags);
        /* Past 34 digits there is nothing to round: the number stays. */
        return bid128_isFinite(rounded) ? of_bid(rounded) : d;
}

struct decimal decimal_round(struct decimal d, int decimals, enum decimal_rounding how)
{
        bool negative = decimal_cmp(d, decimal_of(0)) < 0;
        switch (how) {
        case DECIMAL_HALF_EVEN:
                return quantize(d, decimals, TO_NEAREST_EVEN);
        case DECIMAL_HALF_UP:
                return quantize(d, decimals, TO_NEAREST_AWAY);
        case DECIMAL_FLOOR:
                return quantize(d, decimals, TO_FLOOR);
        case DECIMAL_CEILING:
                return quantize(d, decimals, TO_CEILING);
        case DECIMAL_DOWN:
                return quantize(d, decimals, TO_ZERO);
        case DECIMAL_UP:
                return quantize(d, decimals, negative ? TO_FLOOR : TO_CEILING);
        case DECIMAL_HALF_DOWN:
                break;
        }
        /* Half down differs from half up on an exact tie alone, and there the
         * two neighbours lie equally far away. */
        struct decimal down = quantize(d, decimals, TO_ZERO);
        struct decimal away = quantize(d, decimals, TO_NEAREST_AWAY);
        struct decimal to_down, to_away;
        if (!decimal_sub(d, down, &to_down) || !decimal_sub(away, d, &to_away))
                return away;
        return decimal_cmp(to_down, to_away) == 0 ? down : away;
}

bool decimal_is_finite(struct decimal d)
{
        return bid128_isFinite(bid(d));
}

bool decimal_is_integer(struct decimal d)
{
        return decimal_cmp(d, quantize(d, 0, TO_ZERO)) == 0;
}

bool decimal_to_scaled(struct decimal d, int decimals, int64_t *ret)
{
        _IDEC_flags flags = 0;
        BID_UINT128 scaled = bid128_scalbn(bid(d), decimals, TO_NEAREST_EVEN, &flags);
        flags = 0;
        int64_t n = bid128_to_int64_xint(scaled, &flags);
        if (flags & (BID_INVALID_EXCEPTION | BID_INEXACT_EXCEPTION))
                return false;
        *ret = n;
        return true;
}

struct decimal decimal_from_scaled(int64_t scaled, int decimals)
{
        _IDEC_flags flags = 0;
        return of_bid(bid128_scalbn(bid128_from_int64(scaled), -decimals, TO_NEAREST_EVEN, &flags));
}
