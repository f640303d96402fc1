/* procedure/number.h - numbers of documents and matters (文号): formats and series.
 *
 * A format is text with {prefix} {region} {organ} {year} {date}, {number} (in a document's: the
 * matter's), the version's parameters that are texts, its fields (text, enum, integer, date), and
 * {n} or {n:4}. The series is the format with all but {n} filled in: every series counts 1, 2,
 * 3 ... without gaps and doubles. */
#ifndef PROCEDURE_NUMBER_H
#define PROCEDURE_NUMBER_H

#include "procedure/definition.h"

#define NUMBER_FIELD_MAX 60 /* code points of a text field that a number may hold */

struct scope; /* procedure/scope.h */

/* Takes the next "before{token}" off a format; at the end false, `before` being what is left.
 * A brace without its other is part of `before`. */
bool number_next_token(struct str *format, struct str *before, struct str *token);

/* Can a number hold what the field holds? */
bool number_holds_field(const struct field *field);

/* "n" or "n:1" to "n:9". */
bool number_is_counter(struct str token);

/* `number` is the matter's (for documents; empty for the matter's own number).
 * A format without {n} is no series and is only filled in. E_ACT_COMPUTED: a field that the
 * number needs is empty, or holds what cannot stand in a number. */
MUST_CHECK bool number_allocate(struct scope *scope, struct str format, struct str number,
                struct str *ret, struct err *err);

/* The n-th number of a series, which is a format with all but {n} filled in. */
MUST_CHECK bool number_of_series(struct arena *arena, struct str series, int64_t n, struct str *ret,
                struct err *err);

#endif
