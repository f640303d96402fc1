/* rules/feel_number.h - what FEEL asks of decimal128 beyond base/decimal.h.
 *
 * All are false where the result is not a finite number. */
#ifndef RULES_FEEL_NUMBER_H
#define RULES_FEEL_NUMBER_H

#include "base/decimal.h"

/* [-]digits[.digits][e[+-]digits]; more than 34 digits are rounded half even. */
MUST_CHECK bool number_parse(struct str text, struct decimal *ret);

MUST_CHECK bool number_pow(struct decimal a, struct decimal b, struct decimal *ret);
MUST_CHECK bool number_sqrt(struct decimal d, struct decimal *ret);
MUST_CHECK bool number_exp(struct decimal d, struct decimal *ret);
MUST_CHECK bool number_log(struct decimal d, struct decimal *ret);

/* a - b * floor(a / b): the sign is the divisor's. */
MUST_CHECK bool number_modulo(struct decimal a, struct decimal b, struct decimal *ret);

#endif
