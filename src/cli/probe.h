/* cli/probe.h - the probe that no lower room has: what the definitions cite.
 *
 * The other probes stand beside what they probe (clock/probe.h, rules/probe.h ...). */
#ifndef CLI_PROBE_H
#define CLI_PROBE_H

#include "procedure/definition.h"

/* All clocks of all versions, one line each: procedure, version, clock, length, unit, law,
 * article. A length that a parameter gives is the definition's own; one that is worked out
 * from a matter is "-". */
struct str citations_probe(struct arena *arena, const struct catalogue *catalogue);

#endif
