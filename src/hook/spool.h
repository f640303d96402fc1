/* hook/spool.h - notices as files, for whoever can send a message: an SMS or mail gateway.
 *
 * A notice says that something was done about a matter, to one recipient: a post, a member of
 * staff or a party's role, as the definition's `notifies` has it. We know no telephone numbers.
 * Each becomes a file POSITION-N.json in the folder, written whole before it has that name:
 *   {"body":{...},"kind","matter","n","position","recipient"}
 * and is then noted as delivered. The gateway takes the file away when it has sent it. Written
 * again after a crash it has the same name, so that it overwrites itself. */
#ifndef HOOK_SPOOL_H
#define HOOK_SPOOL_H

#include "desk/desk.h"

#define SPOOL_BATCH 500u

/* All that wait, so many at a time. E_HOOK_SPOOL: nothing more could be written; the rest waits. */
MUST_CHECK bool spool_write(
                struct desk *desk, struct str folder, struct moment now, struct err *err);

#endif
