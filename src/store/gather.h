/* store/gather.h - what a COMMIT of SQLite adds to the write-ahead log goes there in few writes;
 * for the driver of SQLite only.
 *
 * SQLite writes every changed page with two calls, one for the head of its frame and one for the
 * page: a hundred for a commit of fifty pages, and two pages of the system's cache are touched for
 * each. Between gather_start() and gather_stop() what this thread adds to a log is put together
 * instead, and goes out with the frame that ends the transaction, when the room is full, or
 * before anything looks at the file. The bytes and their places are the same.
 *
 * A write that fails is told where it happens: to a later frame than those it lost, but within the
 * same COMMIT, which fails, and whoever asked for it must roll back. That is why nothing is
 * put together elsewhere: pages that a large transaction gives to the log before it ends may be
 * read from there again.
 *
 * https://www.sqlite.org/vfs.html, https://www.sqlite.org/walformat.html */
#ifndef STORE_GATHER_H
#define STORE_GATHER_H

#include "base/base.h"

struct gather; /* room for what is put together; of one connection */

struct gather *gather_new(void);
void gather_free(struct gather **gather);

/* The name under which sqlite3_open_v2() finds it; it stands on whatever was the default when it
 * was first asked for. */
const char *gather_vfs(void);

/* Around one COMMIT of this thread, of a connection opened so. gather_stop() forgets what was
 * not written, and tells whether there was nothing: so it must be if the COMMIT came about. */
void gather_start(struct gather *gather);
MUST_CHECK bool gather_stop(struct gather *gather);

#endif
