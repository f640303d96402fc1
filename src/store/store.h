/* store/store.h - where records are kept: one small interface over a database.
 *
 * The only room that knows SQL. Statements have names (store/sql, enum query) and
 * everybody else binds and steps them. What a function may do is seen from what it
 * is handed: `struct snapshot *` reads, `struct tx *` writes.
 *
 * One writer at a time: store_begin() waits for its turn; several programs over one server
 * take turns by the organ they write for. Snapshots are read-only by the database itself,
 * see what was committed when they were opened, and hinder nobody; each has a connection
 * of its own, used by one thread at a time.
 *
 * Once tx_commit() returned true the changes are on the disk; but of a transaction that was
 * begun with store_begin_unflushed() only once a store_flush() after it did so. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/err.h"
#include "store/queries.h" /* generated: enum query */

struct store;
struct tx;
struct snapshot;

struct store_options {
        bool create;                 /* make a new store; refused where one already is */
        size_t cache_bytes;          /* of the writer; 0 = STORE_CACHE_BYTES */
        size_t snapshot_cache_bytes; /* of each snapshot; 0 = STORE_SNAPSHOT_CACHE_BYTES */
        int64_t max_bytes;           /* the store may not grow past this; 0 = no limit */
        int64_t organ;               /* whose ledger its writers take turns at (store/ids.h) */
        int log_frames; /* of 4 KB, before SQLite's log goes to the file; 0 = STORE_LOG_FRAMES */
        int busy_ms;    /* how long to wait for another process; 0 = STORE_BUSY_MS */
        bool look; /* reads only and changes nothing: an older one stays so (E_STORE_OLDER), what
                      waits in the log beside a file stays there; no store_begin() */
};

/* More makes commits slower: docs/performance.md. */
#define STORE_CACHE_BYTES          ((size_t)16 << 20)
#define STORE_SNAPSHOT_CACHE_BYTES ((size_t)4 << 20)
#define STORE_LOG_FRAMES           10000
#define STORE_BUSY_MS              5000
#define STORE_IDLE_SNAPSHOTS       16 /* connections kept for the next snapshot */
#define STORE_VERSION              4  /* of the tables; an older one is upgraded when opened */

/* `where` is a file, ":memory:" for a store that is gone when it is closed, or an address of
 * PostgreSQL, "postgres://host/database#schema" (store/postgres.h). Fails with E_STORE_NONE,
 * E_STORE_EXISTS, E_STORE_FOREIGN (not one of ours), E_STORE_NEWER, E_STORE_OLDER, E_STORE_UPGRADE,
 * E_STORE_CORRUPT, E_STORE_READONLY, E_STORE_IO, E_STORE_WHERE (an address that is none, or has a
 * password in it), E_STORE_LOST (no answer), E_STORE_DATABASE or E_STORE_ROLE (the server has no
 * such database, lets no such role in). `options` may be NULL. A store of an older version
 * is brought to this one (sql/upgrade.sql) in one transaction: wholly, or it stays as it was and
 * E_STORE_UPGRADE says why. */
MUST_CHECK bool store_open(const char *where, const struct store_options *options,
                struct store **ret, struct err *err);
void store_close(struct store **store);

/* Closes a store that was just made and is not wanted after all. What was made on a server is
 * removed there, if it answers; a file is the caller's to remove. */
void store_discard(struct store **store);

/* The file, or "" of a store in memory. */
const char *store_where(const struct store *store);

/* Reads all of it and fails with E_STORE_CORRUPT at the first thing that is wrong. */
MUST_CHECK bool store_check(struct store *store, struct err *err);

/* Writes the file anew, so that nothing that was deleted is left in it: not in free pages,
 * not in the log beside it. E_STORE_BUSY while others have the store open: try again. */
MUST_CHECK bool store_scrub(struct store *store, struct err *err);

/* Copies the store as it stands to a new file, while work goes on. `progress` may be
 * NULL; when it returns false the copy is given up with E_STORE_STOPPED. */
MUST_CHECK bool store_backup(struct store *store, const char *to,
                bool (*progress)(void *user, int64_t done, int64_t total), void *user,
                struct err *err);

/* All rows of `from`, as they stand, into `to`, which was just made; they may be of different
 * kinds. `progress` counts tables. */
MUST_CHECK bool store_copy(struct store *from, struct store *to,
                bool (*progress)(void *user, int64_t done, int64_t total), void *user,
                struct err *err);

/* ---- Values handed to statements ---- */

enum store_kind { STORE_NULL, STORE_INT, STORE_TEXT, STORE_BLOB };

struct store_param {
        enum store_kind kind;
        int64_t integer;
        struct str bytes; /* must live until the statement has run, or its rows are closed */
};

static inline struct store_param param_null(void)
{
        return (struct store_param){ .kind = STORE_NULL };
}

static inline struct store_param param_int(int64_t i)
{
        return (struct store_param){ .kind = STORE_INT, .integer = i };
}

static inline struct store_param param_text(struct str s)
{
        return (struct store_param){ .kind = STORE_TEXT, .bytes = s };
}

static inline struct store_param param_blob(struct str s)
{
        return (struct store_param){ .kind = STORE_BLOB, .bytes = s };
}

/* tx_run(tx, Q_CHECKPOINT_PUT, PARAMS(param_int(organ), param_text(note)), &err) */
#define PARAMS(...)                                                                                \
        (const struct store_param[]){ __VA_ARGS__ },                                               \
                        sizeof((const struct store_param[]){ __VA_ARGS__ }) /                      \
                                        sizeof(struct store_param)
#define NO_PARAMS NULL, 0

/* ---- Writing ---- */

MUST_CHECK bool store_begin(struct store *store, struct tx **ret, struct err *err);

/* For many transactions a second, each acknowledged when it is on the disk, none waiting for the
 * disk before it: tx_commit() shows the changes to others and makes them outlive the process,
 * but does not wait until they would outlive the machine's power. store_flush() does, for all
 * that was committed before it was called; from any thread, also while the next transaction is
 * written. If it fails nobody knows what the disk holds: then the store begins no transaction
 * any more (E_STORE_IO) until it is opened anew. */
MUST_CHECK bool store_begin_unflushed(struct store *store, struct tx **ret, struct err *err);
MUST_CHECK bool store_flush(struct store *store, struct err *err);

/* Ends the transaction either way and sets *tx to NULL: on failure nothing of it stays. */
MUST_CHECK bool tx_commit(struct tx **tx, struct err *err);

/* For _cleanup_(tx_rollback): does nothing if *tx is NULL. */
void tx_rollback(struct tx **tx);

/* Runs a statement that gives no rows. Fails with E_STORE_CONFLICT where a key stands
 * already; then, as with every refusal of a row, nothing of the statement stays, and
 * the transaction goes on. After E_STORE_FULL, E_STORE_IO or E_STORE_CORRUPT it can
 * only be rolled back. */
MUST_CHECK bool tx_run(struct tx *tx, enum query query, const struct store_param *params,
                size_t n_params, struct err *err);

/* The same without waiting for the answer, for rows that our own order keeps from being refused.
 *
 * - The values are copied: their bytes need not outlive the call.
 * - Order: the statements of a transaction take effect in the order in which tx_run() and
 *   tx_put() were called; whatever reads through tx_snapshot() sees all that was handed over.
 * - True says that it was handed over. That it failed shows as the failure of a later call of
 *   tx_run(), tx_put(), tx_save(), tx_release(), tx_back(), tx_commit() or snapshot_rows(), at
 *   the latest of tx_commit(), which then commits nothing. The code is the failed statement's
 *   own, also E_STORE_CONFLICT: this one does not leave the transaction usable, whatever
 *   was handed over after it may or may not have run, and every call but tx_rollback() fails.
 * - Between tx_save() and its tx_release() or tx_back() it waits, like tx_run(): what a mark
 *   can take back must be told in time. So whoever needs to know which statement was refused
 *   rolls back and does the same again with marks (desk/writer.h does).
 * - tx_changed() tells nothing of it. */
MUST_CHECK bool tx_put(struct tx *tx, enum query query, const struct store_param *params,
                size_t n_params, struct err *err);

/* Work that takes its turn among the statements that were handed over: it is called once all
 * before it have run and before any after it, perhaps on another thread. It writes with
 * tx_work_run() (which is tx_put() elsewhere) and reads through tx_snapshot(); nothing else of
 * the transaction is its business.
 *
 * - `user` and all that it points at must stay as it is until the transaction has ended.
 * - That it failed shows later, like a statement that was refused (above); between marks at once.
 * - Not every database has a second thread for it: then it is done before this returns. */
typedef bool tx_work(struct tx *tx, void *user, struct err *err);
MUST_CHECK bool tx_put_work(struct tx *tx, tx_work *work, void *user, struct err *err);
MUST_CHECK bool tx_work_run(struct tx *tx, enum query query, const struct store_param *params,
                size_t n_params, struct err *err);

/* Statements go over in portions: this sees to it that what was put is begun with now. */
void tx_push(struct tx *tx);

/* Waits until all that was handed over is done; false tells that something of it failed. */
MUST_CHECK bool tx_settle(struct tx *tx, struct err *err);

/* Commits in the midst of a transaction, so that its owner need not wait: within work, the one
 * commits what was done until then (as store_begin_unflushed() has it), and the other, right
 * behind it, begins the next, in which whatever was handed over later takes its place. After a
 * failure of the first all since the commit before is undone; between the two another process may
 * write. */
MUST_CHECK bool tx_work_commit(struct tx *tx, struct err *err);
MUST_CHECK bool tx_work_begin(struct tx *tx, struct err *err);

/* Is it worth the while: is there a second thread, and does nobody else here wait to write? */
bool tx_may_go_on(const struct tx *tx);

/* Is enough on its way to keep the second thread busy? Then the caller may as well do himself
 * what he would have handed over. */
bool tx_is_behind(struct tx *tx);

/* How often any of these was called in it: unchanged means nothing was written since. */
uint64_t tx_runs(const struct tx *tx);

/* Rows that the newest tx_run() inserted, updated or deleted. */
int64_t tx_changed(const struct tx *tx);

/* What the transaction itself sees; lives as long as it, and is not closed. */
struct snapshot *tx_snapshot(struct tx *tx);

/* A mark to come back to: after tx_back() everything since tx_save() is undone, after
 * tx_release() it stays, with the transaction. Marks nest. */
MUST_CHECK bool tx_save(struct tx *tx, struct err *err);
MUST_CHECK bool tx_release(struct tx *tx, struct err *err);
MUST_CHECK bool tx_back(struct tx *tx, struct err *err);

/* ---- Reading ---- */

MUST_CHECK bool snapshot_open(struct store *store, struct snapshot **ret, struct err *err);
void snapshot_close(struct snapshot **snapshot); /* for _cleanup_; NULL is fine */

/* Lies on the caller's stack; costs no memory. */
struct rows {
        const struct driver *driver; /* NULL = closed */
        struct link *link;
        void *statement;
        bool own;   /* the statement is not the cached one */
        int failed; /* the driver's code; 0 = not */
};

/* struct rows rows _cleanup_(rows_close) = { 0 };
 * if (!snapshot_rows(snapshot, Q_CLOCKS_OF, PARAMS(param_int(id)), &rows, err))
 *         return false;
 * while (rows_next(&rows))
 *         ... rows_int(&rows, 0) ...
 * return rows_end(&rows, err); */
MUST_CHECK bool snapshot_rows(struct snapshot *snapshot, enum query query,
                const struct store_param *params, size_t n_params, struct rows *ret,
                struct err *err);

/* The next row; false at the end and on a failure, which rows_end() reports. */
bool rows_next(struct rows *rows);

/* Closes; false if reading had failed. */
MUST_CHECK bool rows_end(struct rows *rows, struct err *err);
void rows_close(struct rows *rows);

/* Columns count from 0. Text and bytes live until the next rows_next(), end or close. */
int64_t rows_int(const struct rows *rows, int column);     /* null = 0 */
struct str rows_text(const struct rows *rows, int column); /* null = empty */
struct str rows_blob(const struct rows *rows, int column); /* null = empty */
bool rows_is_null(const struct rows *rows, int column);
int rows_width(const struct rows *rows);
struct store_param rows_value(const struct rows *rows, int column); /* of whatever kind */

/* The first row's first column as a number; *ret_found false if there is no row. */
MUST_CHECK bool snapshot_int(struct snapshot *snapshot, enum query query,
                const struct store_param *params, size_t n_params, int64_t *ret, bool *ret_found,
                struct err *err);

#endif
