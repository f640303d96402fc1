/* Making, recognising, upgrading and opening a file of SQLite. */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "store/page_cache.h"
#include "store/sqlite.h"

#define APPLICATION_ID 0x504c4d42 /* "PLMB", in the file's header */

static_assert(STORE_UPGRADES == STORE_VERSION, "sql/upgrade.sql leads to the newest version");

/* ---- The library, once for the process ---- */

/* Its own counting of memory takes a lock at every allocation, and its own locks are not
 * needed: a connection is used by one thread at a time. */
static void set_up(void)
{
        sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
        sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
        page_cache_set_up();
        sqlite3_initialize();
}

static void library_open(void)
{
        static pthread_once_t once = PTHREAD_ONCE_INIT;
        pthread_once(&once, set_up);
}

/* ---- Opening ---- */

const char *sqlite_where(const void *where)
{
        const struct database *database = where;
        return database->directory[0] != '\0' ? "" : database->path;
}

static void remove_files(const char *path)
{
        static const char *const tails[] = { "", "-wal", "-shm", "-journal" };
        char name[PATH_BYTES + 16];
        for (size_t i = 0; i < N_ELEMENTS(tails); i++) {
                snprintf(name, sizeof(name), "%s%s", path, tails[i]);
                unlink(name);
        }
}

void sqlite_drop(void *where)
{
        struct database *database = where;
        if (database->directory[0] != '\0') {
                remove_files(database->path);
                rmdir(database->directory);
        }
        free(database);
}

static bool read_number(sqlite3 *db, const char *text, int64_t *ret, struct err *err)
{
        sqlite3_stmt *statement = NULL;
        bool done = sqlite3_prepare_v2(db, text, -1, &statement, NULL) == SQLITE_OK &&
                    sqlite3_step(statement) == SQLITE_ROW;
        if (done)
                *ret = sqlite3_column_int64(statement, 0);
        else
                sqlite_fail(db, text, err);
        sqlite3_finalize(statement);
        return done;
}

/* Is the opened file one of ours, whole and not from the future? */
static bool recognise(sqlite3 *db, const char *path, struct err *err)
{
        int64_t application, version;
        if (!read_number(db, "PRAGMA application_id", &application, err)) {
                if (err->code == E_STORE_IO && sqlite3_db_readonly(db, "main") == 1)
                        return err_set(err, E_STORE_READONLY, "%s", path);
                if (err->code == E_STORE_CORRUPT)
                        err_set(err, E_STORE_FOREIGN, "%s", path);
                return false;
        }
        if (application != APPLICATION_ID)
                return err_set(err, E_STORE_FOREIGN, "%s", path);
        if (!read_number(db, "PRAGMA user_version", &version, err))
                return false;
        if (version < 1)
                return err_set(err, E_STORE_FOREIGN, "%s", path);
        if (version > STORE_VERSION)
                return err_set(err, E_STORE_NEWER, "数据库版本 %lld，程序版本 %d",
                                (long long)version, STORE_VERSION);
        int64_t tables;
        if (!read_number(db, "SELECT count(*) FROM sqlite_schema", &tables, err) ||
                        !read_number(db, "PRAGMA schema_version", &tables, err))
                return false;
        if (sqlite3_db_readonly(db, "main") == 1)
                return err_set(err, E_STORE_READONLY, "%s", path);
        return true;
}

void sqlite_keep_log(const struct database *database, sqlite3 *db)
{
        if (database->keeps_log)
                sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
}

/* A log that waits there is left to those who write. */
static bool log_waits(const char *path)
{
        char name[PATH_BYTES + 16];
        struct stat found;
        snprintf(name, sizeof(name), "%s-wal", path);
        return stat(name, &found) == 0 && found.st_size > 0;
}

/* It may be looked at only if there is nothing to bring up to date. */
static bool is_present(sqlite3 *db, struct err *err)
{
        int64_t version;
        return read_number(db, "PRAGMA user_version", &version, err) &&
               (version == STORE_VERSION ||
                               err_set(err, E_STORE_OLDER, "数据库版本 %lld，程序版本 %d",
                                               (long long)version, STORE_VERSION));
}

static bool upgrade_in(sqlite3 *db, struct err *err)
{
        int64_t version;
        char text[64];
        if (!read_number(db, "PRAGMA user_version", &version,
                            err)) /* now that none may change it */
                return false;
        for (int64_t next = version + 1; next <= STORE_VERSION; next++)
                if (!sqlite_run_text(db, store_upgrades[next], err))
                        return false;
        snprintf(text, sizeof(text), "PRAGMA user_version = %d", STORE_VERSION);
        return sqlite_run_text(db, text, err) && sqlite_run_text(db, "COMMIT", err);
}

/* From whatever version it has, wholly or not at all. */
static bool upgrade(sqlite3 *db, struct err *err)
{
        int64_t version;
        struct err why, ignored;
        if (!read_number(db, "PRAGMA user_version", &version, err))
                return false;
        if (version == STORE_VERSION)
                return true;
        if (!sqlite_run_text(db, "BEGIN IMMEDIATE", err))
                return false;
        log_line(LOG_INFO, "store", STORE_UPGRADING, (long long)version, STORE_VERSION);
        if (upgrade_in(db, &why))
                return true;
        (void)sqlite_run_text(db, "ROLLBACK", &ignored);
        if (why.code == E_STORE_QUERY)
                return err_set(err, E_STORE_UPGRADE, "版本 %lld → %d：%.400s", (long long)version,
                                STORE_VERSION, why.detail);
        *err = why;
        return false;
}

static bool create_tables(sqlite3 *db, struct err *err)
{
        char text[128];
        snprintf(text, sizeof(text), "PRAGMA application_id = %d; PRAGMA user_version = %d;",
                        APPLICATION_ID, STORE_VERSION);
        return sqlite_run_text(db,
                               "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; BEGIN IMMEDIATE",
                               err) &&
               sqlite_run_text(db, store_schema, err) && sqlite_run_text(db, text, err) &&
               sqlite_run_text(db, "COMMIT", err);
}

/* Opens the file by itself first, to say clearly what is wrong with it. */
static bool look_at(struct database *database, struct err *err)
{
        const char *path = database->path;
        bool create = database->options.create;
        struct stat found;
        bool exists = stat(path, &found) == 0 && found.st_size > 0;
        if (!exists && !create)
                return err_set(err, E_STORE_NONE, "%s", path);
        if (exists && create)
                return err_set(err, E_STORE_EXISTS, "%s", path);
        sqlite3 *db = NULL;
        bool fine = sqlite3_open_v2(path, &db,
                                    SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0),
                                    NULL) == SQLITE_OK ||
                    sqlite_fail(db, path, err);
        sqlite3_busy_timeout(db, database->options.busy_ms);
        database->keeps_log = database->options.look && log_waits(path);
        sqlite_keep_log(database, db);
        fine = fine &&
               (create ? create_tables(db, err)
                       : recognise(db, path, err) && (database->options.look ? is_present(db, err)
                                                                             : upgrade(db, err)));
        sqlite3_close(db);
        if (!fine && create)
                remove_files(path);
        if (fine && stat(path, &found) == 0) {
                database->device = found.st_dev;
                database->inode = found.st_ino;
        }
        return fine;
}

/* A store "in memory" is a file in a directory of its own, so that it has the same
 * snapshots and the same transactions; it is gone when it is closed. */
static bool make_directory(struct database *database, struct err *err)
{
        const char *under = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : getenv("TMPDIR");
        snprintf(database->directory, sizeof(database->directory), "%.1024s/plumbline-XXXXXX",
                        under != NULL ? under : "/tmp");
        if (mkdtemp(database->directory) == NULL) {
                database->directory[0] = '\0';
                return err_set(err, E_STORE_IO, "%s", strerror(errno));
        }
        snprintf(database->path, sizeof(database->path), "%.2048s/store", database->directory);
        database->options.create = true;
        return true;
}

bool sqlite_open(const char *where, const struct store_options *options, struct store **ret,
                struct err *err)
{
        assert(sqlite3_threadsafe());
        assert(options == NULL || !options->look || !options->create);
        library_open();
        struct database *database = calloc(1, sizeof(*database));
        if (database == NULL)
                abort();
        if (options != NULL)
                database->options = *options;
        if (database->options.cache_bytes == 0)
                database->options.cache_bytes = STORE_CACHE_BYTES;
        if (database->options.snapshot_cache_bytes == 0)
                database->options.snapshot_cache_bytes = STORE_SNAPSHOT_CACHE_BYTES;
        if (database->options.log_frames == 0)
                database->options.log_frames = STORE_LOG_FRAMES;
        if (database->options.busy_ms == 0)
                database->options.busy_ms = STORE_BUSY_MS;
        bool fine = strlen(where) < sizeof(database->path) - 16 ||
                    err_set(err, E_STORE_IO, "路径过长");
        if (fine && strcmp(where, ":memory:") == 0)
                fine = make_directory(database, err);
        else if (fine)
                snprintf(database->path, sizeof(database->path), "%s", where);
        if (!fine || !look_at(database, err)) {
                sqlite_drop(database);
                return false;
        }
        return store_over(&sqlite_driver, database, ret, err);
}
