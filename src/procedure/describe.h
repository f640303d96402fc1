/* procedure/describe.h - a definition in words, for those who do not read YAML.
 *
 * What `plumbline procedure show` and the portal's page of a procedure print: who
 * may do what and from where to where, which terms run and by which article. */
#ifndef PROCEDURE_DESCRIBE_H
#define PROCEDURE_DESCRIBE_H

#include "procedure/definition.h"

/* "20个工作日", "correction_days个工作日", "hearing_on前7个工作日", "date(...)前". */
struct str describe_length(struct arena *arena, const struct clock_definition *clock);

/* "applicant（申请人）、window_clerk". */
struct str describe_people(
                struct arena *arena, const struct version *version, const struct act *act);

/* "已提交、已收到 → 待补正" */
struct str describe_way(struct arena *arena, const struct version *version, const struct act *act);

/* The whole version: head, states, acts, clocks, documents, publications; some
 * hundred lines of plain text at most. */
struct str describe_version(struct arena *arena, const struct version *version);

#endif
