/* web/holders.h - who holds a post today, by name: told to staff alone, on the page of a matter.
 *
 * Read from the registers of staff, units and delegations, and kept while the ledger stands still
 * (web/remit.h). Whoever stays out of the matter (回避), or did the act that must have been
 * somebody else's, is not among them. */
#ifndef WEB_HOLDERS_H
#define WEB_HOLDERS_H

#include "web/visit.h"

#define HOLDERS_NAMED 6u /* of more it is said how many there are */

/* One line a post and a person: "role TAB id TAB name", for the unit and those above it. */
MUST_CHECK bool holders_read(
                struct visit *visit, struct str unit, struct str *ret, struct err *err);

/* "李工、王工", "李工、王工等 9 人"; empty: nobody holds it. `holders`: of the matter's unit. */
struct str holders_names(struct visit *visit, struct str holders, const struct matter *matter,
                const struct act *act);

#endif
