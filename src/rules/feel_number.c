#include "rules/feel_number.h"

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

#define TO_NEAREST_EVEN 0
#define EXPONENT_MAX    10000 /* past it any number is zero or infinite */

static BID_UINT128 bid(struct decimal d)
{
        BID_UINT128 b;
        b.w[0] = d.w[0];
        b.w[1] = d.w[1];
        return b;
}

static bool keep_finite(BID_UINT128 b, struct decimal *ret)
{
        if (!bid128_isFinite(b))
                return false;
        *ret = (struct decimal){ { b.w[0], b.w[1] } };
        return true;
}

static size_t skip_digits(struct str s, size_t at)
{
        while (at < s.n && s.p[at] >= '0' && s.p[at] <= '9')
                at++;
        return at;
}

static bool is_number(struct str s)
{
        size_t at = s.n > 0 && s.p[0] == '-', from = at;
        at = skip_digits(s, at);
        size_t n_digits = at - from;
        if (at < s.n && s.p[at] == '.') {
                from = ++at;
                at = skip_digits(s, at);
                if (at == from)
                        return false;
                n_digits += at - from;
        }
        if (n_digits == 0 || at == s.n || (s.p[at] != 'e' && s.p[at] != 'E'))
                return n_digits != 0 && at == s.n;
        at++;
        at += at < s.n && (s.p[at] == '+' || s.p[at] == '-');
        from = at;
        at = skip_digits(s, at);
        return at == s.n && at > from && at - from <= 9;
}

bool number_parse(struct str text, struct decimal *ret)
{
        char copy[256];
        if (text.n >= sizeof(copy) || !is_number(text))
                return false;
        memcpy(copy, text.p, text.n);
        copy[text.n] = '\0';
        _IDEC_flags flags = 0;
        return keep_finite(bid128_from_string(copy, TO_NEAREST_EVEN, &flags), ret);
}

/* By squaring, so that whole powers are as exact as multiplication is. */
static bool whole_power(struct decimal a, int64_t n, struct decimal *ret)
{
        struct decimal result = decimal_of(1);
        for (uint64_t left = (uint64_t)(n < 0 ? -n : n); left != 0; left >>= 1) {
                if ((left & 1) != 0 && !decimal_mul(result, a, &result))
                        return false;
                if (left > 1 && !decimal_mul(a, a, &a))
                        return false;
        }
        if (n < 0)
                return decimal_div(decimal_of(1), result, ret);
        *ret = result;
        return true;
}

bool number_pow(struct decimal a, struct decimal b, struct decimal *ret)
{
        int64_t n;
        if (decimal_to_int(b, &n) && n >= -EXPONENT_MAX && n <= EXPONENT_MAX)
                return whole_power(a, n, ret);
        _IDEC_flags flags = 0;
        return keep_finite(bid128_pow(bid(a), bid(b), TO_NEAREST_EVEN, &flags), ret);
}

bool number_sqrt(struct decimal d, struct decimal *ret)
{
        _IDEC_flags flags = 0;
        return decimal_cmp(d, decimal_of(0)) >= 0 &&
               keep_finite(bid128_sqrt(bid(d), TO_NEAREST_EVEN, &flags), ret);
}

bool number_exp(struct decimal d, struct decimal *ret)
{
        _IDEC_flags flags = 0;
        return keep_finite(bid128_exp(bid(d), TO_NEAREST_EVEN, &flags), ret);
}

bool number_log(struct decimal d, struct decimal *ret)
{
        _IDEC_flags flags = 0;
        return decimal_cmp(d, decimal_of(0)) > 0 &&
               keep_finite(bid128_log(bid(d), TO_NEAREST_EVEN, &flags), ret);
}

bool number_modulo(struct decimal a, struct decimal b, struct decimal *ret)
{
        struct decimal zero = decimal_of(0);
        if (decimal_cmp(b, zero) == 0)
                return false;
        _IDEC_flags flags = 0;
        struct decimal rest;
        if (!keep_finite(bid128_fmod(bid(a), bid(b), &flags), &rest))
                return false;
        if (decimal_cmp(rest, zero) != 0 &&
                        (decimal_cmp(rest, zero) < 0) != (decimal_cmp(b, zero) < 0))
                return decimal_add(rest, b, ret);
        *ret = rest;
        return true;
}
