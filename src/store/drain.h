/* store/drain.h - what stands in SQLite's write-ahead log is brought into the database beside the
 * work; for the driver of SQLite only.
 *
 * Left to itself SQLite does so within a COMMIT, whenever the log has grown to a size: thousands of
 * pages are written and the disk is waited for, and so is everybody who acts. Here a thread with a
 * connection of its own does most of it while others go on writing; what they added meanwhile is
 * little, and a last COMMIT brings it over, so that the log begins anew. Where the disk cannot keep
 * up a COMMIT waits, so that the log does not grow without end. How far each got stands in the
 * log's index and is SQLite's own business; being killed at any moment loses nothing.
 *
 * https://www.sqlite.org/c3ref/wal_checkpoint_v2.html, mode PASSIVE: nobody is waited for. */
#ifndef STORE_DRAIN_H
#define STORE_DRAIN_H

#include <sqlite3.h>

struct drain;

/* Looks after the log of `writer`, a connection to the file at `path`, and is closed before it.
 * Thread and connection are made when the log has first grown to `n_frames`. */
struct drain *drain_open(sqlite3 *writer, const char *path, int n_frames);

/* Waits for what is on its way. */
void drain_close(struct drain **drain);

#endif
