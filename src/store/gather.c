#include "store/gather.h"

#include <assert.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_HEAD   24u                /* before its page */
#define GATHER_BYTES ((size_t)64 << 10) /* xWrite() of SQLite takes less than 128 KB at a time */

/* A log as SQLite sees it; the file itself lies behind. */
struct log_file {
        sqlite3_file base;
        sqlite3_file *under;
};

struct gather {
        struct log_file *file; /* whose bytes these are */
        sqlite3_int64 at;      /* where the first of them belongs */
        size_t n;
        bool ends; /* the head of the frame that ends the transaction has come, its page follows */
        bool through; /* that frame is written: what comes now goes straight to the file */
        uint8_t bytes[GATHER_BYTES];
};

static _Thread_local struct gather *gathering;

struct gather *gather_new(void)
{
        struct gather *gather = calloc(1, sizeof(*gather));
        if (gather == NULL)
                abort();
        return gather;
}

void gather_free(struct gather **gather)
{
        free(*gather);
        *gather = NULL;
}

void gather_start(struct gather *gather)
{
        assert(gathering == NULL && gather->n == 0);
        gathering = gather;
}

bool gather_stop(struct gather *gather)
{
        assert(gathering == gather);
        bool all = gather->n == 0;
        gathering = NULL;
        gather->file = NULL;
        gather->n = 0;
        gather->ends = gather->through = false;
        return all;
}

/* ---- A log ---- */

static int write_out(struct gather *gather)
{
        size_t n = gather->n;
        if (n == 0)
                return SQLITE_OK;
        sqlite3_file *under = gather->file->under;
        gather->n = 0;
        return under->pMethods->xWrite(under, gather->bytes, (int)n, gather->at);
}

/* The file is what SQLite thinks it is. */
static int settle(struct log_file *log)
{
        return gathering != NULL && gathering->file == log ? write_out(gathering) : SQLITE_OK;
}

static int log_write(sqlite3_file *file, const void *bytes, int n, sqlite3_int64 at)
{
        struct log_file *log = (struct log_file *)file;
        struct gather *gather = gathering;
        size_t size = (size_t)n;
        if (gather == NULL || gather->through || size > GATHER_BYTES) {
                int code = settle(log);
                return code != SQLITE_OK ? code
                                         : log->under->pMethods->xWrite(log->under, bytes, n, at);
        }
        bool follows = gather->file == log && at == gather->at + (sqlite3_int64)gather->n &&
                       gather->n + size <= GATHER_BYTES;
        if (!follows) {
                int code = write_out(gather);
                if (code != SQLITE_OK)
                        return code;
                gather->file = log;
                gather->at = at;
        }
        memcpy(gather->bytes + gather->n, bytes, size);
        gather->n += size;
        if (size == FRAME_HEAD) { /* the size of the database stands in the last one only */
                static const uint8_t goes_on[4];
                gather->ends = memcmp((const uint8_t *)bytes + 4, goes_on, sizeof(goes_on)) != 0;
                return SQLITE_OK;
        }
        if (!gather->ends)
                return SQLITE_OK;
        gather->through = true; /* heads of earlier frames may be written again, with new sums */
        return write_out(gather);
}

static int log_read(sqlite3_file *file, void *to, int n, sqlite3_int64 at)
{
        struct log_file *log = (struct log_file *)file;
        int code = settle(log);
        return code != SQLITE_OK ? code : log->under->pMethods->xRead(log->under, to, n, at);
}

static int log_truncate(sqlite3_file *file, sqlite3_int64 size)
{
        struct log_file *log = (struct log_file *)file;
        int code = settle(log);
        return code != SQLITE_OK ? code : log->under->pMethods->xTruncate(log->under, size);
}

static int log_sync(sqlite3_file *file, int flags)
{
        struct log_file *log = (struct log_file *)file;
        int code = settle(log);
        return code != SQLITE_OK ? code : log->under->pMethods->xSync(log->under, flags);
}

static int log_size(sqlite3_file *file, sqlite3_int64 *ret)
{
        struct log_file *log = (struct log_file *)file;
        int code = settle(log);
        return code != SQLITE_OK ? code : log->under->pMethods->xFileSize(log->under, ret);
}

static int log_close(sqlite3_file *file)
{
        sqlite3_file *under = ((struct log_file *)file)->under;
        return under->pMethods->xClose(under);
}

static int log_lock(sqlite3_file *file, int level)
{
        sqlite3_file *under = ((struct log_file *)file)->under;
        return under->pMethods->xLock(under, level);
}

static int log_unlock(sqlite3_file *file, int level)
{
        sqlite3_file *under = ((struct log_file *)file)->under;
        return under->pMethods->xUnlock(under, level);
}

static int log_is_reserved(sqlite3_file *file, int *ret)
{
        sqlite3_file *under = ((struct log_file *)file)->under;
        return under->pMethods->xCheckReservedLock(under, ret);
}

static int log_control(sqlite3_file *file, int what, void *argument)
{
        sqlite3_file *under = ((struct log_file *)file)->under;
        return under->pMethods->xFileControl(under, what, argument);
}

static int log_sector(sqlite3_file *file)
{
        sqlite3_file *under = ((struct log_file *)file)->under;
        return under->pMethods->xSectorSize(under);
}

static int log_traits(sqlite3_file *file)
{
        sqlite3_file *under = ((struct log_file *)file)->under;
        return under->pMethods->xDeviceCharacteristics(under);
}

/* Version 1: a log is neither shared memory nor mapped. */
static const sqlite3_io_methods log_methods = {
        .iVersion = 1,
        .xClose = log_close,
        .xRead = log_read,
        .xWrite = log_write,
        .xTruncate = log_truncate,
        .xSync = log_sync,
        .xFileSize = log_size,
        .xLock = log_lock,
        .xUnlock = log_unlock,
        .xCheckReservedLock = log_is_reserved,
        .xFileControl = log_control,
        .xSectorSize = log_sector,
        .xDeviceCharacteristics = log_traits,
};

/* ---- The files of a database ---- */

static sqlite3_vfs *under_of(sqlite3_vfs *vfs)
{
        return vfs->pAppData;
}

/* Only a log is ours; another file is the one below and nothing else. */
static int file_open(
                sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *ret_flags)
{
        sqlite3_vfs *under = under_of(vfs);
        if ((flags & SQLITE_OPEN_WAL) == 0)
                return under->xOpen(under, name, file, flags, ret_flags);
        struct log_file *log = (struct log_file *)file;
        log->base.pMethods = NULL; /* nothing to be closed */
        log->under = (sqlite3_file *)(log + 1);
        int code = under->xOpen(under, name, log->under, flags, ret_flags);
        if (log->under->pMethods != NULL)
                log->base.pMethods = &log_methods;
        return code;
}

static int file_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
        return under_of(vfs)->xDelete(under_of(vfs), name, sync);
}

static int file_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret)
{
        return under_of(vfs)->xAccess(under_of(vfs), name, flags, ret);
}

static int full_name(sqlite3_vfs *vfs, const char *name, int n, char *ret)
{
        return under_of(vfs)->xFullPathname(under_of(vfs), name, n, ret);
}

static int random_bytes(sqlite3_vfs *vfs, int n, char *ret)
{
        return under_of(vfs)->xRandomness(under_of(vfs), n, ret);
}

static int wait_for(sqlite3_vfs *vfs, int microseconds)
{
        return under_of(vfs)->xSleep(under_of(vfs), microseconds);
}

static int time_now(sqlite3_vfs *vfs, double *ret)
{
        return under_of(vfs)->xCurrentTime(under_of(vfs), ret);
}

static int last_error(sqlite3_vfs *vfs, int n, char *ret)
{
        return under_of(vfs)->xGetLastError(under_of(vfs), n, ret);
}

static int time_now_ms(sqlite3_vfs *vfs, sqlite3_int64 *ret)
{
        return under_of(vfs)->xCurrentTimeInt64(under_of(vfs), ret);
}

static sqlite3_vfs gather_files = {
        .iVersion = 2, /* version 3 adds only what tests of SQLite need */
        .zName = "gather",
        .xOpen = file_open,
        .xDelete = file_delete,
        .xAccess = file_access,
        .xFullPathname = full_name, /* and no libraries are loaded */
        .xRandomness = random_bytes,
        .xSleep = wait_for,
        .xCurrentTime = time_now,
        .xGetLastError = last_error,
        .xCurrentTimeInt64 = time_now_ms,
};

static void register_files(void)
{
        sqlite3_vfs *under = sqlite3_vfs_find(NULL);
        assert(under != NULL && under->iVersion >= 2);
        gather_files.pAppData = under;
        gather_files.szOsFile = (int)sizeof(struct log_file) + under->szOsFile;
        gather_files.mxPathname = under->mxPathname;
        sqlite3_vfs_register(&gather_files, 0);
}

const char *gather_vfs(void)
{
        static pthread_once_t once = PTHREAD_ONCE_INIT;
        pthread_once(&once, register_files);
        return gather_files.zName;
}
