/* store/driver.h - what a database must do to serve as a store; for this room only.
 *
 * A driver opens links (connections). A link is used by one thread at a time: the
 * writer's, or that of one snapshot. store.c keeps the turns and the pool, and
 * asserts the order of calls, so that a driver need not. */
#ifndef STORE_DRIVER_H
#define STORE_DRIVER_H

#include "store/store.h"

#define STORE_PARAMS_MAX 32

/* For the log, with the version found and the one that it becomes. */
#define STORE_UPGRADING                                                                            \
        "tables of version %lld become version %d; where there are millions of matters this"       \
        " takes minutes, and nothing is lost if it is interrupted"

struct link; /* a driver's own */

/* What tx_put_work() was handed. */
struct work {
        tx_work *run;
        struct tx *tx;
        void *user;
};

/* Does it, on whichever thread has the link. While it runs, driver_at_work() is true on that
 * thread: its statements and reading wait for nothing that was handed over. */
MUST_CHECK bool driver_do_work(const struct work *work, struct err *err);
bool driver_at_work(void);

struct driver {
        /* A link that writes, or one that can only read. */
        bool (*open)(void *database, bool writes, struct link **ret, struct err *err);
        void (*close)(struct link *link);

        /* A reading link begins what it will see until rollback. */
        bool (*begin)(struct link *link, struct err *err);
        bool (*commit)(struct link *link, struct err *err); /* failed = rolled back */

        /* A writing link begins what commit need not flush, and flush does: for all commits so
         * far, from any thread, one at a time. Both NULL: commit always flushes. */
        bool (*begin_unflushed)(struct link *link, struct err *err);
        bool (*flush)(struct link *link, struct err *err);
        void (*rollback)(struct link *link);
        bool (*save)(struct link *link, struct err *err);
        bool (*release)(struct link *link, struct err *err);
        bool (*back)(struct link *link, struct err *err);

        bool (*run)(struct link *link, enum query query, const struct store_param *params,
                        size_t n_params, struct err *err);
        int64_t (*changed)(struct link *link);

        /* Hands a statement over without waiting for its answer (tx_put() in store.h says what
         * must hold); never called while a mark stands. NULL: there is nothing to be won, and
         * run() is called instead. A failure is kept until rollback(): run, put, rows, save,
         * commit fail with it. */
        bool (*put)(struct link *link, enum query query, const struct store_param *params,
                        size_t n_params, struct err *err);

        /* The same for work; driver_do_work() does it. NULL: it is done at once. */
        bool (*put_work)(struct link *link, const struct work *work, struct err *err);

        /* Begins with it now. NULL: it has. */
        void (*push)(struct link *link);

        /* Waits for all of it. NULL: there is nothing to wait for. */
        bool (*settle)(struct link *link, struct err *err);

        /* Is much of what was put still to be done? NULL: never. */
        bool (*is_behind)(struct link *link);
        bool (*rows)(struct link *link, enum query query, const struct store_param *params,
                        size_t n_params, struct rows *ret, struct err *err);

        bool (*next)(struct rows *rows);
        bool (*report)(const struct rows *rows, struct err *err); /* why next failed */
        void (*end)(struct rows *rows);
        struct store_param (*value)(const struct rows *rows, int column);
        int64_t (*integer)(const struct rows *rows, int column);
        struct str (*bytes)(const struct rows *rows, int column);
        bool (*is_null)(const struct rows *rows, int column);
        int (*width)(const struct rows *rows);

        bool (*check)(struct link *link, struct err *err);
        bool (*scrub)(struct link *link, struct err *err); /* on a link of its own */
        bool (*backup)(struct link *link, const char *to,
                        bool (*progress)(void *user, int64_t done, int64_t total), void *user,
                        struct err *err);
        bool (*copied)(struct link *link, struct err *err); /* rows came from elsewhere; or NULL */

        /* Puts all rows of `from`, which are those of the table's `all`, into the table, faster
         * than put() each. NULL: there is no faster way. */
        bool (*load)(struct link *link, const struct store_table *table, struct rows *from,
                        struct err *err);
        const char *(*where)(const void *database);
        void (*discard)(void *database); /* removes what open made; NULL: a file, the caller's */
        void (*drop)(void *database);    /* closes the database; no link is open */
};

/* A store over an opened database, which it owns from now on, also on failure. */
MUST_CHECK bool store_over(
                const struct driver *driver, void *database, struct store **ret, struct err *err);

/* tx_put() for every row of `from`; see load() above. */
MUST_CHECK bool tx_load(
                struct tx *tx, const struct store_table *table, struct rows *from, struct err *err);

/* The database under a store, which must be of this driver. */
void *store_database(const struct store *store, const struct driver *driver);

/* Gives up the store's driver and database (for a driver that wraps another). */
void store_take(struct store **store, const struct driver **ret_driver, void **ret_database);

MUST_CHECK bool sqlite_open(const char *where, const struct store_options *options,
                struct store **ret, struct err *err);

#endif
