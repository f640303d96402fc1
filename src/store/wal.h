/* store/wal.h - the log beside a file of SQLite (PLUMBLINE.db-wal), looked at without opening the
 * database: opening it takes a log that cannot be read for none, and forgets what was in it.
 *
 * What was committed and is not yet in the file stands there alone. Whether it is whole follows
 * from the sums in it; whether its end is missing, from the index that the last program left
 * beside it (PLUMBLINE.db-shm), if it did. Without one a log that was cut in the midst of a
 * transaction can still be seen; one that was cut behind a commit is to the byte the log as it was
 * then, and only what is kept elsewhere (the published log) knows of more.
 * https://www.sqlite.org/walformat.html
 *
 * Changes nothing. While a program has the database open nothing is said of the log: it is being
 * written. */
#ifndef STORE_WAL_H
#define STORE_WAL_H

#include <sys/types.h>

#include "base/err.h"

#define WAL_USERS_MAX 8u

enum wal_state {
        WAL_NONE,   /* nothing waits there */
        WAL_IN_USE, /* a program has the database open */
        WAL_WHOLE,  /* those up to here may be opened without losing anything */
        WAL_TORN,   /* ends in the midst of a frame or of a transaction: the writer was interrupted,
                      or it was cut off */
        WAL_SHORT,  /* the index tells of frames that are not there */
        WAL_BROKEN  /* cannot be read from some place on, and what follows it is of no log */
};

struct wal {
        enum wal_state state;
        int64_t bytes;
        uint64_t n_frames;  /* whole, from its beginning */
        uint64_t n_missing; /* WAL_SHORT */
        bool end_is_known;  /* the index of this log tells where it ends */
        pid_t users[WAL_USERS_MAX];
        size_t n_users; /* may be more than were noted */
};

/* Who has the database open, this process among them; nobody, where the system does not tell. */
void wal_users(const char *path, struct wal *ret);

/* `path` of the database. E_STORE_IO: a file that is there cannot be read. */
MUST_CHECK bool wal_look(const char *path, struct wal *ret, struct err *err);

#endif
