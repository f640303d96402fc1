/* web/terms.h - the terms of a definition, and a count day by day, as pages tell them; for this
 * room only. */
#ifndef WEB_TERMS_H
#define WEB_TERMS_H

#include "clock/derivation.h"
#include "web/visit.h"

/* The acts that set the clock running, "、" between; "—" if none does. */
struct str terms_starts(struct visit *visit, const struct version *version, size_t clock);

/* What lengthens it, and what happens when it runs out: a list of texts. */
struct value terms_notes(struct visit *visit, const struct version *version,
                const struct clock_definition *clock);

/* All terms of the version: list of label, length, starts, notes, basis. */
struct value terms_view(struct visit *visit, const struct version *version);

/* A clock of a matter (pages/README.md: clock), with its count. */
struct value terms_clock_view(struct visit *visit, const struct matter *matter, size_t clock);

/* Puts `steps` (pages/README.md: clock), and `more_steps` where there are too many. */
void terms_add_steps(struct visit *visit, struct view *view, const struct derivation *derivation);

#endif
