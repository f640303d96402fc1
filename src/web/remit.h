/* web/remit.h - which matters a member of staff sees, as pairs of procedure and unit.
 *
 * Worked out from the registers of staff, units and delegations and from the definitions, and kept
 * while the ledger stands still: with the next event, whatever it is, it is worked out anew, so
 * what was taken from somebody is gone with his next request. A table of fixed size: what falls on
 * the same place drives the other out. */
#ifndef WEB_REMIT_H
#define WEB_REMIT_H

#include "web/visit.h"

struct remits;

struct remits *remits_open(void);
void remits_close(struct remits **remits);

/* `key` says all that the text depends on. False: it is not kept. */
bool remits_find(struct remits *remits, struct arena *arena, struct str key, struct str *ret);
void remits_note(struct remits *remits, struct str key, struct str text);

/* All that what was worked out depends on: what it is about, the day, the end of the ledger (every
 * change of a register is an event), and the definitions. Empty: the read tables are being made
 * again, nothing holds. */
MUST_CHECK bool remit_key(struct visit *visit, struct str about, struct str *ret, struct err *err);

/* Does a grant ({role, unit, from?, until?}) hold on that day? */
bool remit_is_in_force(const struct value *grant, struct date today);

/* A JSON list of "procedure|unit", sorted, each once; `entry`: of the register of staff, today. */
MUST_CHECK bool remit_of(struct visit *visit, struct str staff, const struct value *entry,
                struct str *ret, struct err *err);

#endif
