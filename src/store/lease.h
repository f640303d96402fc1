/* store/lease.h - of several programs over one store, which one does what only one may do.
 *
 * A lease has a name ("timers"), a holder and an end, by the clock of the database, so that
 * the clocks of the machines do not matter. It keeps two from doing the same work at the
 * same time; it does not keep the work from being done twice by one that stalled past its
 * end: what is done under a lease has to look again, inside its transaction, whether it
 * is still to be done (desk/timers.c does). */
#ifndef STORE_LEASE_H
#define STORE_LEASE_H

#include "store/store.h"

#define LEASE_HOLDER_BYTES 96

/* A name for this program that no other has: "machine/process/random number". */
void lease_holder(char to[LEASE_HOLDER_BYTES]);

/* "machine/process" of such a name. */
struct str lease_process(struct str holder);

/* Is that process gone? Of another machine nobody here can say: false. */
bool lease_is_left(struct str holder);

/* Takes it, or holds it for so many seconds more; *ret_held false: another has it. */
MUST_CHECK bool lease_take(struct store *store, struct str name, struct str holder, int seconds,
                bool *ret_held, struct err *err);

/* Gives it up before its end; one that is not ours stays. */
MUST_CHECK bool lease_give(
                struct store *store, struct str name, struct str holder, struct err *err);

#endif
