/* desk/paper.h - what a matter's papers and clocks say, as text: for the command line, the
 * rehearsals and the pages. */
#ifndef DESK_PAPER_H
#define DESK_PAPER_H

#include "clock/derivation.h"
#include "procedure/decide.h"

/* The text of an issued document, as of its issue. `matter`: as it stood right after the
 * event that issued it (history_matter_at); `circumstances`: of that moment. */
MUST_CHECK bool paper_document(struct arena *arena, const struct matter *matter,
                const struct issued_document *issued, const struct circumstances *circumstances,
                struct str *ret, struct err *err);

/* Why the clock's last day is that day. E_CLOCK_IDLE if there is nothing to count. */
MUST_CHECK bool paper_derivation(struct arena *arena, const struct matter *matter, size_t clock,
                const struct calendar *calendar, struct date today, struct derivation *ret,
                struct err *err);

/* 进行中, 已停止 ... */
const char *paper_clock_status(enum clock_status status);

/* " 逾期" for a duty done late, " 期满" where a party's right (or a power) has lapsed, else "". */
const char *paper_clock_late(
                const struct clock_definition *definition, const struct matter_clock *clock);

/* A field's value as a person reads it: labels of options instead of their keys. */
struct str paper_field(struct arena *arena, const struct field *field, const struct value *value);

#endif
