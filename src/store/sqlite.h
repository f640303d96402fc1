/* store/sqlite.h - between the two files of the driver for SQLite: sqlite_open.c makes, upgrades
 * and opens the file, sqlite.c works with it. */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include <sqlite3.h>
#include <sys/types.h>

#include "store/driver.h"

#define PATH_BYTES 4096

struct database {
        char path[PATH_BYTES];
        char directory[PATH_BYTES]; /* of a store in memory, to be removed; else "" */
        struct store_options options;
        dev_t device; /* which file it was when it was opened */
        ino_t inode;
        bool keeps_log; /* whoever closes it last leaves the log beside it as it was */
};

extern const struct driver sqlite_driver;

/* The error that the library has just met, in our words; false. */
bool sqlite_fail(sqlite3 *db, const char *what, struct err *err);
bool sqlite_run_text(sqlite3 *db, const char *text, struct err *err);

/* Closing it takes nothing out of the log, where that must stay. */
void sqlite_keep_log(const struct database *database, sqlite3 *db);

/* Of the driver. */
const char *sqlite_where(const void *where);
void sqlite_drop(void *where);

#endif
