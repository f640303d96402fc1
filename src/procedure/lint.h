/* procedure/lint.h - what can be wrong in a definition whose every part can be read.
 *
 * A definition that passes can be run: every state is reached and left, every
 * clock starts, nothing personal is shown, every name of another definition is
 * there. Private to this room. */
#ifndef PROCEDURE_LINT_H
#define PROCEDURE_LINT_H

#include "procedure/read.h"

/* Checks what one file (its tree) says against itself and the whole catalogue. */
void lint_file(struct reader *r, const struct yaml *root);

/* ---- For the lint's own files ---- */

struct lint {
        struct reader *r;
        const struct yaml *root; /* of a procedure file */
        const struct procedure *procedure;
        const struct version *v;
};

/* Notes a problem at the place where this version, or the one it rests on, says
 * `section: {name: ...}`; what its base has been told is not told again. */
void lint_fault(struct lint *l, const char *section, struct str name, const char *format, ...)
                PRINTF_LIKE(4, 5);
void lint_remark(struct lint *l, const char *section, struct str name, const char *format, ...)
                PRINTF_LIKE(4, 5);

bool lint_may(const struct act *act, const char *role);

void lint_flow(struct lint *l);       /* states, acts, clocks, fields */
void lint_disclosure(struct lint *l); /* what strangers may see */
void lint_numbers(struct lint *l);    /* what numbers show, and that no two are the same */
void lint_links(struct lint *l);      /* other procedures, registers */

void lint_indicators(struct reader *r, const struct yaml *root);

#endif
