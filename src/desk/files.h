/* desk/files.h - the few things the desk does with files; for this room and cli. */
#ifndef DESK_FILES_H
#define DESK_FILES_H

#include "base/err.h"
#include "base/str.h"

/* The whole file; fails past `limit` bytes. */
MUST_CHECK bool file_read(struct arena *arena, struct str path, size_t limit, struct str *ret,
                struct err *err);

/* Writes a new file and flushes it to the disk; refuses to replace one. */
MUST_CHECK bool file_create(struct str path, struct str text, int mode, struct err *err);

/* Replaces a file as a whole: the old or the new text, never half of it. */
MUST_CHECK bool file_replace(struct str path, struct str text, struct err *err);

bool file_exists(struct str path);

/* Returns once the file, or the names in the folder, are on the disk. */
MUST_CHECK bool file_flush(struct str path, struct err *err);

/* The folder that a path stands in: "." where none is named. */
struct str folder_of(struct arena *arena, struct str path);

/* Copies a file to a new one of mode 0600 and flushes it; `tell` may be NULL, false from it
 * gives up (E_STORE_STOPPED). What was begun is removed. */
MUST_CHECK bool file_copy(struct str from, struct str to,
                bool (*tell)(void *user, int64_t done, int64_t total), void *user, struct err *err);

/* Removes a folder with all that is in it, following no links. */
void folder_drop(struct str path);

/* Removes a file, or a folder that is empty; one that is not there is no matter. */
void file_remove(struct str path);

/* Makes one folder; one that is there already will do. */
MUST_CHECK bool folder_make(struct str path, int mode, struct err *err);

/* Waits until nobody else holds the folder, and holds it until unlocked, or the process ends. */
MUST_CHECK bool folder_lock(struct str path, int *ret, struct err *err);
void folder_unlock(int lock);

/* Returns once all that was written on the file system of this folder is on the disk. */
MUST_CHECK bool folder_sync(struct str path, struct err *err);

#endif
