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

#endif
