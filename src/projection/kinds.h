/* projection/kinds.h - events that are no acts on a matter, and how a leaf names them.
 *
 * What a leaf calls its procedure, and which struct fact that is:
 *   "foi_request@FOI-2019a"  an act on a matter        version set
 *   "register:lawyers"       acts put, end             reg = the register
 *   "definition"             acts activate, retire     reg = KIND_DEFINITION
 *   "calendar"               act load                  reg = KIND_CALENDAR
 *   "report"                 acts freeze, load_frozen  reg = KIND_REPORT
 *   "erasure"                act erase                reg = KIND_ERASURE
 *   "site"                   act open (the first event of a ledger)  reg = KIND_SITE
 * Registers have names without `$`, so that reg tells them apart.
 *
 * What the data of the last five holds:
 *   definition.activate  {name, text}    name = the file: "procedures/permit.yaml"
 *   definition.retire    {name}
 *   calendar.load        {name, text}    one file of calendars/
 *   report.freeze        {report, year, figures: [{id, indicator, value, shown, unit,
 *                        qualifier}]}    as report_freeze() made it
 *   report.load_frozen   the same: figures that another system published
 *   erasure.erase        {basis, events: [seq], fields: [name], matters: [number]}: what was
 *                        erased of which events, and the article; the read tables do not
 *                        depend on it
 *   site.open            whatever the desk records of the site
 *   site.log_key         {from, key, reason}: verifier keys (ledger/succession.h); the read
 *                        tables do not depend on it */
#ifndef PROJECTION_KINDS_H
#define PROJECTION_KINDS_H

#include "procedure/matter.h"

#define KIND_DEFINITION "$definition"
#define KIND_CALENDAR   "$calendar"
#define KIND_REPORT     "$report"
#define KIND_SITE       "$site"
#define KIND_ERASURE    "$erasure"

#define ACT_PUT         "put"
#define ACT_END         "end"
#define ACT_ACTIVATE    "activate"
#define ACT_RETIRE      "retire"
#define ACT_LOAD        "load"
#define ACT_FREEZE      "freeze"
#define ACT_LOAD_FROZEN "load_frozen"
#define ACT_OPEN        "open"
#define ACT_ERASE       "erase"

#define REGISTER_PREFIX "register:" /* "register:units": an act of a register's own */

/* The leaf's `procedure` for a fact. */
struct str kind_format(struct arena *arena, const struct fact *fact);

/* Sets version or reg of the fact. Fails with E_FOLD_KIND if the catalogue does not
 * know the procedure or its version. */
MUST_CHECK bool kind_parse(struct arena *arena, const struct catalogue *catalogue,
                struct str procedure, struct fact *fact, struct err *err);

#endif
