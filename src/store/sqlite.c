/* The driver for SQLite: write-ahead log, every commit flushed to the disk. Making and opening the
 * file: sqlite_open.c. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/deferred.h"
#include "store/drain.h"
#include "store/gather.h"
#include "store/sqlite.h"

#define PAGE_BYTES      4096
#define LOOKASIDE_BYTES 1200 /* small memory that a connection keeps for itself */
#define LOOKASIDE_SLOTS 200
#define BACKUP_PAGES    512 /* between two calls of progress */
#define SCRUB_WAIT_MS   20  /* between two looks at the log */

enum control { BEGIN_WRITE, BEGIN_READ, TOUCH, COMMIT, ROLLBACK, SAVE, RELEASE, BACK, N_CONTROLS };

static const char *const control_texts[N_CONTROLS] = {
        [BEGIN_WRITE] = "BEGIN IMMEDIATE",
        [BEGIN_READ] = "BEGIN",
        [TOUCH] = "SELECT key FROM meta LIMIT 1", /* takes the snapshot now, not later */
        [COMMIT] = "COMMIT",
        [ROLLBACK] = "ROLLBACK",
        [SAVE] = "SAVEPOINT mark",
        [RELEASE] = "RELEASE mark",
        [BACK] = "ROLLBACK TO mark",
};

struct link {
        sqlite3 *db;
        const struct database *database;
        bool writes;
        bool unflushed;            /* how the connection commits: without waiting for the disk */
        int log;                   /* the write-ahead log, for flushing; -1 = not opened yet */
        struct deferred *deferred; /* of a link that writes */
        struct gather *gather;     /* of such a one, too */
        struct drain *drain;       /* once it has begun a transaction */
        _Atomic size_t n_rows;     /* that are being read: then nothing is deferred */
        sqlite3_stmt *controls[N_CONTROLS];
        sqlite3_stmt *statements[N_QUERIES];
};

static enum err_code code_of(int sqlite, int system)
{
        switch (sqlite & 0xff) {
        case SQLITE_FULL:
                return E_STORE_FULL;
        case SQLITE_IOERR:
                return system == ENOSPC || system == EDQUOT ? E_STORE_FULL : E_STORE_IO;
        case SQLITE_CANTOPEN:
                return system == EMFILE || system == ENFILE ? E_STORE_HANDLES : E_STORE_IO;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
                return E_STORE_CORRUPT;
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_AUTH:
                return E_STORE_READONLY;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
                return E_STORE_BUSY;
        case SQLITE_CONSTRAINT:
                return E_STORE_CONFLICT;
        case SQLITE_NOMEM:
                abort();
        default:
                return E_STORE_QUERY;
        }
}

bool sqlite_fail(sqlite3 *db, const char *what, struct err *err)
{
        return err_set(err, code_of(sqlite3_extended_errcode(db), sqlite3_system_errno(db)),
                        "%s：%s（%d）", what, sqlite3_errmsg(db), sqlite3_extended_errcode(db));
}

/* ---- Links ---- */

static bool run_now(struct link *link, enum query query, const struct store_param *params,
                size_t n_params, struct err *err);

static void link_close(struct link *link)
{
        deferred_free(&link->deferred);
        drain_close(&link->drain);
        gather_free(&link->gather);
        if (link->log >= 0)
                close(link->log);
        for (size_t i = 0; i < N_CONTROLS; i++)
                sqlite3_finalize(link->controls[i]);
        for (size_t i = 0; i < N_QUERIES; i++)
                sqlite3_finalize(link->statements[i]);
        sqlite3_close(link->db);
        free(link);
}

bool sqlite_run_text(sqlite3 *db, const char *text, struct err *err)
{
        return sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK || sqlite_fail(db, text, err);
}

static bool configure(struct link *link, const struct store_options *options, struct err *err)
{
        char text[512];
        size_t cache = link->writes ? options->cache_bytes : options->snapshot_cache_bytes;
        snprintf(text, sizeof(text),
                        "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 10000;"
                        "PRAGMA journal_size_limit = 67108864; PRAGMA foreign_keys = OFF;"
                        "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -%zu;"
                        " PRAGMA query_only = %d;",
                        cache / 1024, !link->writes || options->look);
        if (!sqlite_run_text(link->db, text, err))
                return false;
        if (options->max_bytes == 0 || !link->writes)
                return true;
        snprintf(text, sizeof(text), "PRAGMA max_page_count = %lld",
                        (long long)(options->max_bytes / PAGE_BYTES));
        return sqlite_run_text(link->db, text, err);
}

/* Somebody has put another file in its place: what would be read is not what we know, and
 * what would be written is in no folder. Asked before a file is opened, too: the library takes
 * the log beside an empty file for a leftover, and removes it. */
static bool is_in_place(const struct database *database, struct err *err)
{
        struct stat found;
        if (stat(database->path, &found) == 0 && found.st_dev == database->device &&
                        found.st_ino == database->inode)
                return true;
        return err_set(err, E_STORE_REPLACED, "%s", database->path);
}

static bool link_open(void *where, bool writes, struct link **ret, struct err *err)
{
        struct database *database = where;
        if (!is_in_place(database, err))
                return false;
        struct link *link = calloc(1, sizeof(*link));
        if (link == NULL)
                abort();
        link->writes = writes;
        link->database = database;
        link->log = -1;
        int flags = SQLITE_OPEN_NOMUTEX |
                    (writes ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
        if (sqlite3_open_v2(database->path, &link->db, flags, gather_vfs()) != SQLITE_OK) {
                sqlite_fail(link->db, database->path, err);
                link_close(link);
                return false;
        }
        sqlite3_db_config(link->db, SQLITE_DBCONFIG_LOOKASIDE, NULL, LOOKASIDE_BYTES,
                        LOOKASIDE_SLOTS);
        sqlite3_extended_result_codes(link->db, 1);
        sqlite3_busy_timeout(link->db, database->options.busy_ms);
        sqlite_keep_log(database, link->db);
        if (!configure(link, &database->options, err)) {
                link_close(link);
                return false;
        }
        if (writes) {
                link->deferred = deferred_new(link, run_now);
                link->gather = gather_new();
        }
        *ret = link;
        return true;
}

/* ---- Statements ---- */

static bool prepare(struct link *link, const char *name, const char *text, sqlite3_stmt **ret,
                struct err *err)
{
        return sqlite3_prepare_v3(link->db, text, -1, SQLITE_PREPARE_PERSISTENT, ret, NULL) ==
                               SQLITE_OK ||
               sqlite_fail(link->db, name, err);
}

static bool control(struct link *link, enum control which, struct err *err)
{
        sqlite3_stmt **statement = &link->controls[which];
        if (*statement == NULL &&
                        !prepare(link, control_texts[which], control_texts[which], statement, err))
                return false;
        int code = sqlite3_step(*statement);
        bool done = code == SQLITE_DONE || code == SQLITE_ROW ||
                    sqlite_fail(link->db, control_texts[which], err);
        sqlite3_reset(*statement);
        return done;
}

static bool begin_as(struct link *link, bool unflushed, struct err *err)
{
        if (!is_in_place(link->database, err))
                return false;
        if (link->unflushed != unflushed &&
                        !sqlite_run_text(link->db,
                                        unflushed ? "PRAGMA synchronous = NORMAL"
                                                  : "PRAGMA synchronous = FULL",
                                        err))
                return false;
        link->unflushed = unflushed;
        if (link->drain == NULL)
                link->drain = drain_open(
                                link->db, link->database->path, link->database->options.log_frames);
        return control(link, BEGIN_WRITE, err);
}

static bool begin_unflushed(struct link *link, struct err *err)
{
        return begin_as(link, true, err);
}

/* The log has a descriptor of its own here (SQLite takes no locks on that file, so closing it
 * takes none away); it lives as long as any connection. */
static bool open_log(struct link *link, struct err *err)
{
        char path[PATH_BYTES + 8];
        snprintf(path, sizeof(path), "%s-wal", sqlite3_db_filename(link->db, "main"));
        link->log = open(path, O_RDONLY | O_CLOEXEC);
        return link->log >= 0 || err_set(err, E_STORE_IO, "%s：%s", path, strerror(errno));
}

/* NORMAL writes the same frames as FULL in the same order, flushes the log's head when it
 * begins anew and all of it before a checkpoint; only the flush after a commit is left, to here. */
static bool link_flush(struct link *link, struct err *err)
{
        if (link->log < 0 && !open_log(link, err))
                return false;
        return fdatasync(link->log) == 0 || err_set(err, E_STORE_IO, "刷盘：%s", strerror(errno));
}

static bool link_begin(struct link *link, struct err *err)
{
        if (link->writes)
                return begin_as(link, false, err);
        if (!is_in_place(link->database, err))
                return false;
        if (!control(link, BEGIN_READ, err))
                return false;
        if (control(link, TOUCH, err))
                return true;
        struct err ignored;
        (void)control(link, ROLLBACK, &ignored);
        return false;
}

static void link_rollback(struct link *link)
{
        struct err ignored;
        if (link->deferred != NULL && !driver_at_work()) /* else its owner drops it */
                deferred_drop(link->deferred);
        if (!sqlite3_get_autocommit(link->db))
                (void)control(link, ROLLBACK, &ignored);
}

/* The connection is ours again, and what was handed over has run. */
static bool settle(struct link *link, struct err *err)
{
        return link->deferred == NULL || driver_at_work() || deferred_settle(link->deferred, err);
}

static bool commit(struct link *link, struct err *err)
{
        if (link->gather == NULL) /* a snapshot ends */
                return control(link, COMMIT, err);
        gather_start(link->gather);
        bool done = control(link, COMMIT, err);
        bool all = gather_stop(link->gather);
        assert(all || !done);
        return done;
}

static bool link_commit(struct link *link, struct err *err)
{
        if (!settle(link, err)) {
                link_rollback(link);
                return false;
        }
        if (sqlite3_get_autocommit(link->db))
                return err_set(err, E_STORE_IO, "事务已因故障撤销");
        if (commit(link, err))
                return true;
        link_rollback(link);
        return false;
}

static bool link_save(struct link *link, struct err *err)
{
        return settle(link, err) && control(link, SAVE, err);
}

static bool link_release(struct link *link, struct err *err)
{
        return settle(link, err) && control(link, RELEASE, err);
}

static bool link_back(struct link *link, struct err *err)
{
        return settle(link, err) && control(link, BACK, err) && control(link, RELEASE, err);
}

static int bind_one(sqlite3_stmt *statement, int i, const struct store_param *param)
{
        const char *bytes = param->bytes.p != NULL ? param->bytes.p : "";
        switch (param->kind) {
        case STORE_NULL:
                return sqlite3_bind_null(statement, i);
        case STORE_INT:
                return sqlite3_bind_int64(statement, i, param->integer);
        case STORE_TEXT:
                return sqlite3_bind_text64(
                                statement, i, bytes, param->bytes.n, SQLITE_STATIC, SQLITE_UTF8);
        case STORE_BLOB:
                return sqlite3_bind_blob64(statement, i, bytes, param->bytes.n, SQLITE_STATIC);
        }
        return SQLITE_MISUSE;
}

/* The cached statement with its values; a second one if that is being stepped. */
static bool take(struct link *link, enum query query, const struct store_param *params,
                size_t n_params, sqlite3_stmt **ret, bool *ret_own, struct err *err)
{
        sqlite3_stmt **cached = &link->statements[query];
        if (*cached == NULL && !prepare(link, query_names[query], query_texts[query], cached, err))
                return false;
        sqlite3_stmt *statement = *cached;
        bool own = sqlite3_stmt_busy(statement);
        if (own && !prepare(link, query_names[query], query_texts[query], &statement, err))
                return false;
        for (size_t i = 0; i < n_params; i++)
                if (bind_one(statement, (int)i + 1, &params[i]) != SQLITE_OK) {
                        sqlite_fail(link->db, query_names[query], err);
                        if (own)
                                sqlite3_finalize(statement);
                        return false;
                }
        *ret = statement;
        *ret_own = own;
        return true;
}

/* By whichever thread has the connection. */
static bool run_now(struct link *link, enum query query, const struct store_param *params,
                size_t n_params, struct err *err)
{
        sqlite3_stmt *statement;
        bool own;
        /* A full disk may have ended the transaction: nothing may be written alone. */
        if (sqlite3_get_autocommit(link->db))
                return err_set(err, E_STORE_IO, "事务已因故障撤销");
        if (!take(link, query, params, n_params, &statement, &own, err))
                return false;
        bool done = sqlite3_step(statement) == SQLITE_DONE ||
                    sqlite_fail(link->db, query_names[query], err);
        if (own)
                sqlite3_finalize(statement);
        else
                sqlite3_reset(statement);
        return done;
}

static bool link_run(struct link *link, enum query query, const struct store_param *params,
                size_t n_params, struct err *err)
{
        return settle(link, err) && run_now(link, query, params, n_params, err);
}

static bool link_put(struct link *link, enum query query, const struct store_param *params,
                size_t n_params, struct err *err)
{
        if (link->n_rows > 0 || driver_at_work())
                return link_run(link, query, params, n_params, err);
        return deferred_put(link->deferred, query, params, n_params, err);
}

static bool put_work(struct link *link, const struct work *work, struct err *err)
{
        if (link->n_rows > 0)
                return settle(link, err) && driver_do_work(work, err);
        return deferred_put_work(link->deferred, work, err);
}

static void push(struct link *link)
{
        deferred_push(link->deferred);
}

static bool is_behind(struct link *link)
{
        return deferred_is_behind(link->deferred);
}

static int64_t link_changed(struct link *link)
{
        struct err ignored; /* it will be told again */
        (void)settle(link, &ignored);
        return sqlite3_changes64(link->db);
}

static bool link_rows(struct link *link, enum query query, const struct store_param *params,
                size_t n_params, struct rows *ret, struct err *err);

/* ---- Rows ---- */

static void rows_drop(struct rows *rows)
{
        if (rows->statement == NULL)
                return;
        rows->link->n_rows--;
        if (rows->own)
                sqlite3_finalize(rows->statement);
        else
                sqlite3_reset(rows->statement);
        rows->statement = NULL;
}

static bool next_row(struct rows *rows)
{
        if (rows->statement == NULL)
                return false;
        int code = sqlite3_step(rows->statement);
        if (code == SQLITE_ROW)
                return true;
        if (code != SQLITE_DONE)
                rows->failed = code;
        rows_drop(rows);
        return false;
}

static bool report(const struct rows *rows, struct err *err)
{
        return err_set(err, code_of(rows->failed, 0), "读取：%s（%d）",
                        sqlite3_errstr(rows->failed), rows->failed);
}

static int64_t integer(const struct rows *rows, int column)
{
        return sqlite3_column_int64(rows->statement, column);
}

static struct str bytes(const struct rows *rows, int column)
{
        const void *p = sqlite3_column_blob(rows->statement, column);
        return (struct str){ p, (size_t)sqlite3_column_bytes(rows->statement, column) };
}

static bool is_null(const struct rows *rows, int column)
{
        return sqlite3_column_type(rows->statement, column) == SQLITE_NULL;
}

static int width(const struct rows *rows)
{
        return sqlite3_column_count(rows->statement);
}

static struct store_param value(const struct rows *rows, int column)
{
        switch (sqlite3_column_type(rows->statement, column)) {
        case SQLITE_INTEGER:
                return param_int(integer(rows, column));
        case SQLITE_NULL:
                return param_null();
        case SQLITE_BLOB:
                return param_blob(bytes(rows, column));
        default:
                return param_text(bytes(rows, column));
        }
}

/* ---- Upkeep ---- */

static bool link_check(struct link *link, struct err *err)
{
        sqlite3_stmt *statement = NULL;
        if (!prepare(link, "integrity_check", "PRAGMA integrity_check(1)", &statement, err))
                return false;
        bool fine = false;
        if (sqlite3_step(statement) == SQLITE_ROW) {
                const char *text = (const char *)sqlite3_column_text(statement, 0);
                fine = strcmp(text, "ok") == 0 || err_set(err, E_STORE_CORRUPT, "%s", text);
        } else {
                sqlite_fail(link->db, "integrity_check", err);
        }
        sqlite3_finalize(statement);
        return fine;
}

/* The library waits for readers, but not for another connection that is bringing the log over
 * (store/drain.h). */
static bool cut_log(struct link *link, struct err *err)
{
        int in_log, in_file, code;
        for (int left = link->database->options.busy_ms / SCRUB_WAIT_MS;
                        sqlite3_wal_checkpoint_v2(link->db, "main", SQLITE_CHECKPOINT_PASSIVE,
                                        &in_log, &in_file) == SQLITE_BUSY &&
                        left > 0;
                        left--)
                usleep(SCRUB_WAIT_MS * 1000);
        code = sqlite3_wal_checkpoint_v2(
                        link->db, "main", SQLITE_CHECKPOINT_TRUNCATE, &in_log, &in_file);
        if (code == SQLITE_BUSY)
                return err_set(err, E_STORE_BUSY, "另有程序在读，旧内容还在日志文件里");
        return code == SQLITE_OK || sqlite_fail(link->db, "wal_checkpoint", err);
}

/* The search index is made anew; all rows go to a new file and back, through the log; then
 * the log is cut to nothing. The copy on the way lies in a file, not in memory. */
static bool link_scrub(struct link *link, struct err *err)
{
        return sqlite_run_text(link->db, "PRAGMA temp_store = FILE; PRAGMA secure_delete = ON",
                               err) &&
               sqlite_run_text(link->db, query_texts[Q_SEARCH_ANEW], err) &&
               sqlite_run_text(link->db, "VACUUM", err) && cut_log(link, err);
}

static bool copy_pages(sqlite3 *to, sqlite3 *from,
                bool (*progress)(void *user, int64_t done, int64_t total), void *user,
                struct err *err)
{
        sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
        if (backup == NULL)
                return sqlite_fail(to, "备份", err);
        int code;
        do {
                code = sqlite3_backup_step(backup, BACKUP_PAGES);
                int64_t total = sqlite3_backup_pagecount(backup);
                if (progress != NULL &&
                                !progress(user, total - sqlite3_backup_remaining(backup), total)) {
                        sqlite3_backup_finish(backup);
                        return err_set(err, E_STORE_STOPPED, "%lld/%lld 页",
                                        (long long)(total - sqlite3_backup_remaining(backup)),
                                        (long long)total);
                }
        } while (code == SQLITE_OK);
        if (sqlite3_backup_finish(backup) != SQLITE_OK)
                return sqlite_fail(to, "备份", err);
        return true;
}

static bool link_backup(struct link *link, const char *to,
                bool (*progress)(void *user, int64_t done, int64_t total), void *user,
                struct err *err)
{
        char part[PATH_BYTES];
        struct stat found;
        if (snprintf(part, sizeof(part), "%s.part", to) >= (int)sizeof(part))
                return err_set(err, E_STORE_IO, "路径过长");
        if (stat(to, &found) == 0)
                return err_set(err, E_STORE_EXISTS, "%s", to);
        unlink(part);
        sqlite3 *db = NULL;
        bool done = sqlite3_open_v2(part, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) ==
                                    SQLITE_OK ||
                    sqlite_fail(db, part, err);
        done = done && copy_pages(db, link->db, progress, user, err);
        sqlite3_close(db);
        if (done && rename(part, to) != 0)
                done = err_set(err, E_STORE_IO, "%s：%s", to, strerror(errno));
        if (!done)
                unlink(part);
        return done;
}

/* ---- The driver ---- */

const struct driver sqlite_driver = {
        .open = link_open,
        .close = link_close,
        .begin = link_begin,
        .begin_unflushed = begin_unflushed,
        .flush = link_flush,
        .commit = link_commit,
        .rollback = link_rollback,
        .save = link_save,
        .release = link_release,
        .back = link_back,
        .run = link_run,
        .put = link_put,
        .put_work = put_work,
        .push = push,
        .settle = settle,
        .is_behind = is_behind,
        .changed = link_changed,
        .rows = link_rows,
        .next = next_row,
        .report = report,
        .end = rows_drop,
        .value = value,
        .integer = integer,
        .bytes = bytes,
        .is_null = is_null,
        .width = width,
        .check = link_check,
        .scrub = link_scrub,
        .backup = link_backup,
        .where = sqlite_where,
        .drop = sqlite_drop,
};

static bool link_rows(struct link *link, enum query query, const struct store_param *params,
                size_t n_params, struct rows *ret, struct err *err)
{
        sqlite3_stmt *statement;
        bool own;
        if (!settle(link, err) || !take(link, query, params, n_params, &statement, &own, err))
                return false;
        link->n_rows++;
        *ret = (struct rows){
                .driver = &sqlite_driver, .link = link, .statement = statement, .own = own
        };
        return true;
}
