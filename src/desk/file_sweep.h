/* desk/file_sweep.h - files that no record refers to go, after a while.
 *
 * A file is kept when a form is sent, before anybody knows whether its act will be done. So once
 * a day all events are looked through. A file that none of them names is noted; if `days` days
 * later still none does, it is removed. One that is sent again meanwhile begins anew. What any
 * event names by its hash stays: asked once more, for the newest events, in the transaction that
 * removes. */
#ifndef DESK_FILE_SWEEP_H
#define DESK_FILE_SWEEP_H

#include "desk/desk.h"

#define FILE_SWEEP_DAYS 30 /* where site.yaml does not say */

struct file_sweep {
        size_t n_files, n_unclaimed, n_removed;
};

/* `days` 0: files are never removed, only noted. Waits for the writer. */
MUST_CHECK bool file_sweep(struct desk *desk, int days, struct moment now, struct file_sweep *ret,
                struct err *err);

#endif
