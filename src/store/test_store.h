/* store/test_store.h - a store and a folder to test with, and one key of it; for the tests of this
 * room. */
#ifndef STORE_TEST_STORE_H
#define STORE_TEST_STORE_H

#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/fake.h"
#include "store/ids.h"

static char directory[64];
static struct err err;

static inline const char *path(const char *name)
{
        static char text[128];
        snprintf(text, sizeof(text), "%s/%s", directory, name);
        return text;
}

static inline int make_directory(void **state)
{
        (void)state;
        snprintf(directory, sizeof(directory), "/tmp/plumbline-test-XXXXXX");
        return mkdtemp(directory) == NULL;
}

static inline int remove_directory(void **state)
{
        char text[96];
        (void)state;
        snprintf(text, sizeof(text), "rm -rf %s", directory);
        return system(text);
}

/* What is about the file that SQLite keeps is left out where a server keeps the records. */
static inline void needs_file(void)
{
        if (getenv("PLUMBLINE_TEST_STORE") != NULL)
                skip();
}

static inline struct store *open_store(const char *where, bool create)
{
        struct store_options options = { .create = create };
        struct store *store = NULL;
        if (!store_open(where, &options, &store, &err))
                fail_msg("%s: %s", where, err.detail);
        return store;
}

static inline struct store *open_fake(void)
{
        struct store *inner = open_store(":memory:", true), *fake = NULL;
        assert_true(fake_open(&inner, &fake, &err));
        assert_null(inner);
        fake_fail_at(fake, 0);
        return fake;
}

/* Both kinds of store that every test below must pass on. */
typedef struct store *opener(void);

static inline struct store *open_sqlite(void)
{
        return open_store(":memory:", true);
}

static inline bool put(struct tx *tx, const char *key, const char *value)
{
        return tx_run(tx, Q_META_PUT, PARAMS(param_text(str_of(key)), param_text(str_of(value))),
                        &err);
}

static inline bool hand_over(struct tx *tx, const char *key, const char *value)
{
        char bytes[2][64]; /* gone when this returns */
        snprintf(bytes[0], sizeof(bytes[0]), "%s", key);
        snprintf(bytes[1], sizeof(bytes[1]), "%s", value);
        return tx_put(tx, Q_META_PUT,
                        PARAMS(param_text(str_of(bytes[0])), param_text(str_of(bytes[1]))), &err);
}

/* The value under a key as this reader sees it, or "none". */
static inline const char *seen(struct snapshot *snapshot, const char *key)
{
        static char text[64];
        struct rows rows _cleanup_(rows_close) = { 0 };
        snprintf(text, sizeof(text), "none");
        if (!snapshot_rows(snapshot, Q_META_GET, PARAMS(param_text(str_of(key))), &rows, &err))
                return "failed";
        if (rows_next(&rows))
                snprintf(text, sizeof(text), "%.*s", STR_FMT(rows_text(&rows, 0)));
        return rows_end(&rows, &err) ? text : "failed";
}

static inline const char *stored(struct store *store, const char *key)
{
        struct snapshot *snapshot = NULL;
        if (!snapshot_open(store, &snapshot, &err))
                return "failed";
        const char *text = seen(snapshot, key);
        snapshot_close(&snapshot);
        return text;
}

static inline void commit_one(struct store *store, const char *key, const char *value)
{
        struct tx *tx = NULL;
        assert_true(store_begin(store, &tx, &err));
        assert_true(put(tx, key, value));
        assert_true(tx_commit(&tx, &err));
        assert_null(tx);
}

#endif
