/* hook/spool.h - notices as files, for whoever can send a message: an SMS or mail gateway.
 *
 * A notice says that something was done about a matter, to one recipient: a post, a member of
 * staff or a party's role, as the definition's `notifies` and the `to` of its documents have it.
 * We know no telephone numbers.
 * Each becomes a file POSITION-N.json in the folder, written whole before it has that name:
 *   {"body":{...},"kind","matter","n","position","recipient"}
 * and is then noted as delivered. The gateway takes the file away when it has sent it.
 *
 * Until it is noted the file is hidden (.POSITION-N.json): one that cannot be noted is written
 * again over itself, and the gateway sees none twice. One that was noted by a program which then
 * ended is shown by the next that looks.
 *
 * Of several programs over one store one writes at a time (store/lease.h). One that stalled until
 * its lease ran out goes on with none of those that it had read: it takes the lease anew, and
 * looks again which still wait. None is lost by that; the one file that it was just writing may
 * come a second time. */
#ifndef HOOK_SPOOL_H
#define HOOK_SPOOL_H

#include "desk/desk.h"

#define SPOOL_BATCH 500u

struct spool {
        struct str folder;
        struct str holder; /* of the lease "notices" */
        int lease;         /* seconds, for each batch anew */
        struct moment now;
};

/* All that wait, so many at a time, and what was left hidden; nothing if another has the lease.
 * E_HOOK_SPOOL: nothing more could be written; the rest waits. */
MUST_CHECK bool spool_write(struct desk *desk, const struct spool *spool, struct err *err);

#endif
