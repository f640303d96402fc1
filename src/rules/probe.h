/* rules/probe.h - FEEL from the outside: one line in, one line out.
 *
 * For tests, fuzzing and `plumbline feel`: a line is an expression, or an
 * expression, a tab, and a JSON object that gives its names their values. The
 * answer is JSON, or "error", a tab and what is wrong. Nothing is type-checked
 * before it runs, as the standard has it.
 *
 * JSON of a value: numbers as number tokens, every digit exact; dates, times,
 * durations and ranges as strings, as string() writes them; a function is null. */
#ifndef RULES_PROBE_H
#define RULES_PROBE_H

#include "base/str.h"

/* The moment of now() and today(): 2021-09-28T09:00:00 in China. */
#define PROBE_NOW 1632790800

struct str feel_probe(struct arena *arena, struct str line);

#endif
