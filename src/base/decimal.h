/* base/decimal.h - exact decimal numbers: IEEE 754-2008 decimal128, 34 digits.
 *
 * The number type of money, figures and expressions (DMN 1.5, FEEL section
 * 10.3.1.3). Arithmetic is libbidgcc's; rounding is half-even unless said. */
#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

#include "base/err.h"
#include "base/str.h"

struct decimal {
        uint64_t w[2]; /* BID encoding, opaque */
};

enum decimal_rounding {
        DECIMAL_HALF_EVEN,
        DECIMAL_DOWN,
        DECIMAL_UP,
        DECIMAL_FLOOR,
        DECIMAL_CEILING,
        DECIMAL_HALF_UP,
        DECIMAL_HALF_DOWN
};

struct decimal decimal_of(int64_t n);

/* "-12.50", "1e3"; at most 34 digits, the exponent at most two, so that no short
 * text stands for thousands of digits. */
MUST_CHECK bool decimal_parse(struct str text, struct decimal *ret, struct err *err);

/* Plain notation without exponent, no trailing zeros after the point. */
struct str decimal_format(struct arena *arena, struct decimal d);

/* Exactly `decimals` digits after the point, rounded half up (四舍五入). */
struct str decimal_format_fixed(struct arena *arena, struct decimal d, int decimals);

/* These fail (return false) on overflow, and division on a zero divisor. */
MUST_CHECK bool decimal_add(struct decimal a, struct decimal b, struct decimal *ret);
MUST_CHECK bool decimal_sub(struct decimal a, struct decimal b, struct decimal *ret);
MUST_CHECK bool decimal_mul(struct decimal a, struct decimal b, struct decimal *ret);
MUST_CHECK bool decimal_div(struct decimal a, struct decimal b, struct decimal *ret);

struct decimal decimal_neg(struct decimal d);
int decimal_cmp(struct decimal a, struct decimal b);
bool decimal_is_integer(struct decimal d);

/* False for the encodings of no number and of infinity, which only damaged bytes
 * from outside can hold. */
bool decimal_is_finite(struct decimal d);

struct decimal decimal_round(struct decimal d, int decimals, enum decimal_rounding how);

/* d * 10^decimals as an integer; false if it is not one or overflows. */
MUST_CHECK bool decimal_to_scaled(struct decimal d, int decimals, int64_t *ret);
struct decimal decimal_from_scaled(int64_t scaled, int decimals);

static inline bool decimal_to_int(struct decimal d, int64_t *ret)
{
        return decimal_to_scaled(d, 0, ret);
}

#endif
