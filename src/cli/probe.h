/* cli/probe.h - the program's answers to checks from outside, one line in, one line out.
 *
 * A probe reads a line of tab-separated cells and answers with one line; what it cannot
 * answer it answers with "bad<TAB>reason". Nothing here is on the way of a record. */
#ifndef CLI_PROBE_H
#define CLI_PROBE_H

#include "procedure/definition.h"

/* "expression<TAB>context as JSON" -> the value as JSON. The context may be left out. */
struct str feel_probe(struct arena *arena, struct str line);

/* All clocks of all versions, one line each: procedure, version, clock, length, unit, law,
 * article. A length that is computed is "-". */
struct str citations_probe(struct arena *arena, const struct catalogue *catalogue);

#endif
