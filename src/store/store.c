#include "store/store.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/copy.h"
#include "store/driver.h"
#include "store/postgres.h"

struct snapshot {
        struct store *store;
        struct link *link;
        struct snapshot *next; /* in the pool */
};

struct tx {
        struct store *store;
        struct snapshot inside; /* what the transaction itself sees */
        int depth;              /* of marks */
        uint64_t runs;
        struct err late; /* why a statement that was handed over failed; E_NONE = none did */
};

struct store {
        const struct driver *driver;
        void *database;
        pthread_mutex_t writer; /* held from begin to commit */
        _Atomic int n_wanting;  /* who wait for it */
        struct link *write_link;
        pthread_mutex_t flushing; /* held while the disk is waited for */
        _Atomic bool broken;      /* a flush has failed */
        struct tx tx;
        pthread_mutex_t pool_lock;
        struct snapshot *pool;
        int n_pool, n_open;
};

bool store_over(const struct driver *driver, void *database, struct store **ret, struct err *err)
{
        struct store *store = calloc(1, sizeof(*store));
        if (store == NULL)
                abort();
        *store = (struct store){ .driver = driver, .database = database };
        pthread_mutex_init(&store->writer, NULL);
        pthread_mutex_init(&store->flushing, NULL);
        pthread_mutex_init(&store->pool_lock, NULL);
        if (!driver->open(database, true, &store->write_link, err)) {
                store_close(&store);
                return false;
        }
        *ret = store;
        return true;
}

static bool is_address(const char *where)
{
        return strncmp(where, "postgres://", 11) == 0 || strncmp(where, "postgresql://", 13) == 0;
}

static uint64_t hash_on(uint64_t hash, const char *text)
{
        for (; *text != '\0'; text++)
                hash = (hash ^ (uint8_t)*text) * 1099511628211u;
        return hash;
}

/* So that every test can be run on a server: where a file was asked for that is not there, a
 * schema of its name. */
static bool open_for_test(const char *server, const char *where, const struct store_options *given,
                struct store **ret, struct err *err)
{
        static _Atomic unsigned count;
        char address[512];
        struct store_options options = given != NULL ? *given : (struct store_options){ 0 };
        bool temporary = strcmp(where, ":memory:") == 0;
        char folder[4096];
        uint64_t name = 14695981039346656037u; /* FNV-1a */
        if (temporary) {
                options.create = true;
                name = (uint64_t)getpid() << 32 | ++count;
        } else {
                if (where[0] != '/' && getcwd(folder, sizeof(folder)) != NULL)
                        name = hash_on(name, folder);
                name = hash_on(name, where);
        }
        snprintf(address, sizeof(address), "%.400s#t_%016llx", server, (unsigned long long)name);
        return postgres_open(address, &options, temporary, ret, err);
}

bool store_open(const char *where, const struct store_options *options, struct store **ret,
                struct err *err)
{
        const char *server = getenv("PLUMBLINE_TEST_STORE");
        if (is_address(where))
                return postgres_open(where, options, false, ret, err);
        if (server != NULL && is_address(server) && access(where, F_OK) != 0)
                return open_for_test(server, where, options, ret, err);
        return sqlite_open(where, options, ret, err);
}

static void close_links(struct store *store)
{
        assert(store->n_open == 0);
        while (store->pool != NULL) {
                struct snapshot *snapshot = store->pool;
                store->pool = snapshot->next;
                store->driver->close(snapshot->link);
                free(snapshot);
        }
        store->n_pool = 0;
        if (store->write_link != NULL)
                store->driver->close(store->write_link);
        store->write_link = NULL;
}

void store_take(struct store **store, const struct driver **ret_driver, void **ret_database)
{
        close_links(*store);
        *ret_driver = (*store)->driver;
        *ret_database = (*store)->database;
        (*store)->database = NULL;
        store_close(store);
}

void store_discard(struct store **store)
{
        struct store *s = *store;
        if (s == NULL)
                return;
        close_links(s);
        if (s->driver->discard != NULL)
                s->driver->discard(s->database);
        store_close(store);
}

void store_close(struct store **store)
{
        struct store *s = *store;
        if (s == NULL)
                return;
        close_links(s);
        if (s->database != NULL)
                s->driver->drop(s->database);
        pthread_mutex_destroy(&s->writer);
        pthread_mutex_destroy(&s->flushing);
        pthread_mutex_destroy(&s->pool_lock);
        free(s);
        *store = NULL;
}

void *store_database(const struct store *store, const struct driver *driver)
{
        assert(store->driver == driver);
        return store->database;
}

const char *store_where(const struct store *store)
{
        return store->driver->where(store->database);
}

/* ---- Writing ---- */

static bool is_whole(const struct store *store, struct err *err)
{
        return !store->broken || err_set(err, E_STORE_IO,
                                                 "刷盘曾经失败，磁盘上有多少不能确定：请停止程序，"
                                                 "检查磁盘后重新启动");
}

static bool begin_with(bool (*begin)(struct link *link, struct err *err), struct store *store,
                struct tx **ret, struct err *err)
{
        store->n_wanting++;
        pthread_mutex_lock(&store->writer);
        store->n_wanting--;
        if (!is_whole(store, err) || !begin(store->write_link, err)) {
                pthread_mutex_unlock(&store->writer);
                return false;
        }
        store->tx = (struct tx){ .store = store,
                .inside = { .store = store, .link = store->write_link } };
        *ret = &store->tx;
        return true;
}

bool store_begin(struct store *store, struct tx **ret, struct err *err)
{
        return begin_with(store->driver->begin, store, ret, err);
}

typedef bool driver_begin(struct link *link, struct err *err);

static driver_begin *unflushed(const struct store *store)
{
        const struct driver *driver = store->driver;
        return driver->begin_unflushed != NULL ? driver->begin_unflushed : driver->begin;
}

bool store_begin_unflushed(struct store *store, struct tx **ret, struct err *err)
{
        return begin_with(unflushed(store), store, ret, err);
}

bool store_flush(struct store *store, struct err *err)
{
        if (store->driver->flush == NULL)
                return true;
        pthread_mutex_lock(&store->flushing);
        bool done = is_whole(store, err) && store->driver->flush(store->write_link, err);
        if (!done)
                store->broken = true;
        pthread_mutex_unlock(&store->flushing);
        return done;
}

static void end_tx(struct tx **tx)
{
        struct store *store = (*tx)->store;
        store->tx.store = NULL;
        *tx = NULL;
        pthread_mutex_unlock(&store->writer);
}

void tx_rollback(struct tx **tx)
{
        if (*tx == NULL)
                return;
        (*tx)->store->driver->rollback((*tx)->inside.link);
        end_tx(tx);
}

bool tx_commit(struct tx **tx, struct err *err)
{
        assert(*tx != NULL && (*tx)->depth == 0);
        if ((*tx)->late.code != E_NONE) {
                *err = (*tx)->late;
                tx_rollback(tx);
                return false;
        }
        bool done = (*tx)->store->driver->commit((*tx)->inside.link, err);
        end_tx(tx);
        return done;
}

bool tx_run(struct tx *tx, enum query query, const struct store_param *params, size_t n_params,
                struct err *err)
{
        assert(tx->store != NULL && n_params <= STORE_PARAMS_MAX);
        tx->runs++;
        return tx->store->driver->run(tx->inside.link, query, params, n_params, err);
}

bool tx_put(struct tx *tx, enum query query, const struct store_param *params, size_t n_params,
                struct err *err)
{
        assert(tx->store != NULL && n_params <= STORE_PARAMS_MAX);
        if (tx->depth > 0)
                return tx_run(tx, query, params, n_params, err);
        const struct driver *driver = tx->store->driver;
        tx->runs++;
        if ((driver->put != NULL ? driver->put : driver->run)(
                            tx->inside.link, query, params, n_params, err))
                return true;
        tx->late = *err;
        return false;
}

static _Thread_local bool at_work;

bool driver_at_work(void)
{
        return at_work;
}

bool driver_do_work(const struct work *work, struct err *err)
{
        assert(!at_work);
        at_work = true;
        bool done = work->run(work->tx, work->user, err);
        at_work = false;
        return done;
}

bool tx_put_work(struct tx *tx, tx_work *work, void *user, struct err *err)
{
        const struct driver *driver = tx->store->driver;
        const struct work handed = { work, tx, user };
        tx->runs++;
        if (tx->depth > 0)
                return driver_do_work(&handed, err);
        if (driver->put_work != NULL ? driver->put_work(tx->inside.link, &handed, err)
                                     : driver_do_work(&handed, err))
                return true;
        tx->late = *err;
        return false;
}

bool tx_work_run(struct tx *tx, enum query query, const struct store_param *params, size_t n_params,
                struct err *err)
{
        if (!at_work)
                return tx_put(tx, query, params, n_params, err);
        assert(n_params <= STORE_PARAMS_MAX);
        const struct driver *driver = tx->store->driver;
        return (tx->depth == 0 && driver->put != NULL ? driver->put : driver->run)(
                        tx->inside.link, query, params, n_params, err);
}

void tx_push(struct tx *tx)
{
        const struct driver *driver = tx->store->driver;
        if (driver->push != NULL)
                driver->push(tx->inside.link);
}

bool tx_settle(struct tx *tx, struct err *err)
{
        const struct driver *driver = tx->store->driver;
        return driver->settle == NULL || driver->settle(tx->inside.link, err);
}

bool tx_work_commit(struct tx *tx, struct err *err)
{
        assert(at_work && tx->depth == 0);
        return tx->store->driver->commit(tx->inside.link, err);
}

bool tx_work_begin(struct tx *tx, struct err *err)
{
        assert(at_work && tx->depth == 0);
        return is_whole(tx->store, err) && unflushed(tx->store)(tx->inside.link, err);
}

bool tx_may_go_on(const struct tx *tx)
{
        return tx->depth == 0 && tx->store->driver->put_work != NULL && tx->store->n_wanting == 0;
}

bool tx_is_behind(struct tx *tx)
{
        const struct driver *driver = tx->store->driver;
        return tx->depth == 0 && driver->is_behind != NULL && driver->is_behind(tx->inside.link);
}

static bool put_each(
                struct tx *tx, const struct store_table *table, struct rows *from, struct err *err)
{
        struct store_param values[STORE_PARAMS_MAX];
        while (rows_next(from)) {
                int n = rows_width(from);
                for (int i = 0; i < n; i++)
                        values[i] = rows_value(from, i);
                if (!tx_put(tx, table->add, values, (size_t)n, err))
                        return false;
        }
        return rows_end(from, err);
}

bool tx_load(struct tx *tx, const struct store_table *table, struct rows *from, struct err *err)
{
        const struct driver *driver = tx->store->driver;
        assert(tx->depth == 0);
        return driver->load != NULL ? driver->load(tx->inside.link, table, from, err)
                                    : put_each(tx, table, from, err);
}

uint64_t tx_runs(const struct tx *tx)
{
        return tx->runs;
}

int64_t tx_changed(const struct tx *tx)
{
        return tx->store->driver->changed(tx->inside.link);
}

struct snapshot *tx_snapshot(struct tx *tx)
{
        return &tx->inside;
}

bool tx_save(struct tx *tx, struct err *err)
{
        if (!tx->store->driver->save(tx->inside.link, err))
                return false;
        tx->depth++;
        return true;
}

bool tx_release(struct tx *tx, struct err *err)
{
        assert(tx->depth > 0);
        tx->depth--;
        return tx->store->driver->release(tx->inside.link, err);
}

bool tx_back(struct tx *tx, struct err *err)
{
        assert(tx->depth > 0);
        tx->depth--;
        return tx->store->driver->back(tx->inside.link, err);
}

/* ---- Reading ---- */

static struct snapshot *pool_take(struct store *store)
{
        pthread_mutex_lock(&store->pool_lock);
        struct snapshot *snapshot = store->pool;
        if (snapshot != NULL) {
                store->pool = snapshot->next;
                store->n_pool--;
        }
        store->n_open++;
        pthread_mutex_unlock(&store->pool_lock);
        return snapshot;
}

/* Keeps the connection for the next one, or closes it if there are plenty. */
static void pool_give(struct store *store, struct snapshot *snapshot)
{
        pthread_mutex_lock(&store->pool_lock);
        store->n_open--;
        bool keep = snapshot->link != NULL && store->n_pool < STORE_IDLE_SNAPSHOTS;
        if (keep) {
                snapshot->next = store->pool;
                store->pool = snapshot;
                store->n_pool++;
        }
        pthread_mutex_unlock(&store->pool_lock);
        if (keep)
                return;
        if (snapshot->link != NULL)
                store->driver->close(snapshot->link);
        free(snapshot);
}

bool snapshot_open(struct store *store, struct snapshot **ret, struct err *err)
{
        struct snapshot *snapshot = pool_take(store);
        if (snapshot == NULL) {
                snapshot = calloc(1, sizeof(*snapshot));
                if (snapshot == NULL)
                        abort();
                snapshot->store = store;
        }
        if ((snapshot->link == NULL &&
                            !store->driver->open(store->database, false, &snapshot->link, err)) ||
                        !store->driver->begin(snapshot->link, err)) {
                pool_give(store, snapshot);
                return false;
        }
        *ret = snapshot;
        return true;
}

void snapshot_close(struct snapshot **snapshot)
{
        if (*snapshot == NULL)
                return;
        struct store *store = (*snapshot)->store;
        assert(*snapshot != &store->tx.inside);
        store->driver->rollback((*snapshot)->link);
        pool_give(store, *snapshot);
        *snapshot = NULL;
}

bool snapshot_rows(struct snapshot *snapshot, enum query query, const struct store_param *params,
                size_t n_params, struct rows *ret, struct err *err)
{
        assert(n_params <= STORE_PARAMS_MAX && ret->driver == NULL);
        return snapshot->store->driver->rows(snapshot->link, query, params, n_params, ret, err);
}

bool rows_next(struct rows *rows)
{
        return rows->driver != NULL && rows->driver->next(rows);
}

bool rows_end(struct rows *rows, struct err *err)
{
        bool fine = rows->failed == 0 || rows->driver->report(rows, err);
        rows_close(rows);
        return fine;
}

void rows_close(struct rows *rows)
{
        if (rows->driver != NULL)
                rows->driver->end(rows);
        *rows = (struct rows){ 0 };
}

int64_t rows_int(const struct rows *rows, int column)
{
        return rows->driver->integer(rows, column);
}

struct str rows_text(const struct rows *rows, int column)
{
        return rows->driver->bytes(rows, column);
}

struct str rows_blob(const struct rows *rows, int column)
{
        return rows->driver->bytes(rows, column);
}

bool rows_is_null(const struct rows *rows, int column)
{
        return rows->driver->is_null(rows, column);
}

int rows_width(const struct rows *rows)
{
        return rows->driver->width(rows);
}

struct store_param rows_value(const struct rows *rows, int column)
{
        return rows->driver->value(rows, column);
}

bool snapshot_int(struct snapshot *snapshot, enum query query, const struct store_param *params,
                size_t n_params, int64_t *ret, bool *ret_found, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!snapshot_rows(snapshot, query, params, n_params, &rows, err))
                return false;
        bool found = rows_next(&rows) && !rows_is_null(&rows, 0);
        int64_t number = found ? rows_int(&rows, 0) : 0;
        if (!rows_end(&rows, err))
                return false;
        *ret_found = found;
        *ret = number;
        return true;
}

/* ---- Upkeep ---- */

bool store_check(struct store *store, struct err *err)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        return snapshot_open(store, &snapshot, err) && store->driver->check(snapshot->link, err);
}

bool store_scrub(struct store *store, struct err *err)
{
        struct link *link;
        pthread_mutex_lock(&store->writer);
        bool done = store->driver->open(store->database, true, &link, err);
        if (done) {
                done = store->driver->scrub(link, err);
                store->driver->close(link);
        }
        pthread_mutex_unlock(&store->writer);
        return done;
}

bool store_backup(struct store *store, const char *to,
                bool (*progress)(void *user, int64_t done, int64_t total), void *user,
                struct err *err)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        return snapshot_open(store, &snapshot, err) &&
               store->driver->backup(snapshot->link, to, progress, user, err);
}

bool store_copy(struct store *from, struct store *to,
                bool (*progress)(void *user, int64_t done, int64_t total), void *user,
                struct err *err)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        return snapshot_open(from, &snapshot, err) &&
               copy_rows(from->driver, snapshot->link, to, progress, user, err) &&
               (to->driver->copied == NULL || to->driver->copied(to->write_link, err));
}
