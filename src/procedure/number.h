/* procedure/number.h - numbers of documents and matters (文号): formats and series.
 *
 * A format is text with {prefix} {region} {organ} {year} {date}
 * {number}, the version's parameters that are texts, and {n} or {n:4}. The series is the format
 * with all but {n} filled in: every series counts 1, 2, 3 ... without gaps and doubles. */
#ifndef PROCEDURE_NUMBER_H
#define PROCEDURE_NUMBER_H

#include "base/err.h"
#include "base/str.h"

struct scope; /* procedure/scope.h */

/* `number` is the matter's (for documents; empty for the matter's own number).
 * A format without {n} is no series and is only filled in. */
MUST_CHECK bool number_allocate(struct scope *scope, struct str format, struct str number,
                struct str *ret, struct err *err);

/* The n-th number of a series, which is a format with all but {n} filled in. */
MUST_CHECK bool number_of_series(struct arena *arena, struct str series, int64_t n, struct str *ret,
                struct err *err);

#endif
