/* The same tests run over SQLite and over a fake that fails at every n-th step. */
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

static const char *path(const char *name)
{
        static char text[128];
        snprintf(text, sizeof(text), "%s/%s", directory, name);
        return text;
}

static int make_directory(void **state)
{
        (void)state;
        snprintf(directory, sizeof(directory), "/tmp/plumbline-test-XXXXXX");
        return mkdtemp(directory) == NULL;
}

static int remove_directory(void **state)
{
        char text[96];
        (void)state;
        snprintf(text, sizeof(text), "rm -rf %s", directory);
        return system(text);
}

/* What is about the file that SQLite keeps is left out where a server keeps the records. */
static void needs_file(void)
{
        if (getenv("PLUMBLINE_TEST_STORE") != NULL)
                skip();
}

static struct store *open_store(const char *where, bool create)
{
        struct store_options options = { .create = create };
        struct store *store = NULL;
        if (!store_open(where, &options, &store, &err))
                fail_msg("%s: %s", where, err.detail);
        return store;
}

static struct store *open_fake(void)
{
        struct store *inner = open_store(":memory:", true), *fake = NULL;
        assert_true(fake_open(&inner, &fake, &err));
        assert_null(inner);
        fake_fail_at(fake, 0);
        return fake;
}

/* Both kinds of store that every test below must pass on. */
typedef struct store *opener(void);

static struct store *open_sqlite(void)
{
        return open_store(":memory:", true);
}

static opener *const openers[] = { open_sqlite, open_fake };

static bool put(struct tx *tx, const char *key, const char *value)
{
        return tx_run(tx, Q_META_PUT, PARAMS(param_text(str_of(key)), param_text(str_of(value))),
                        &err);
}

static bool hand_over(struct tx *tx, const char *key, const char *value)
{
        char bytes[2][64]; /* gone when this returns */
        snprintf(bytes[0], sizeof(bytes[0]), "%s", key);
        snprintf(bytes[1], sizeof(bytes[1]), "%s", value);
        return tx_put(tx, Q_META_PUT,
                        PARAMS(param_text(str_of(bytes[0])), param_text(str_of(bytes[1]))), &err);
}

/* The value under a key as this reader sees it, or "none". */
static const char *seen(struct snapshot *snapshot, const char *key)
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

static const char *stored(struct store *store, const char *key)
{
        struct snapshot *snapshot = NULL;
        if (!snapshot_open(store, &snapshot, &err))
                return "failed";
        const char *text = seen(snapshot, key);
        snapshot_close(&snapshot);
        return text;
}

static void commit_one(struct store *store, const char *key, const char *value)
{
        struct tx *tx = NULL;
        assert_true(store_begin(store, &tx, &err));
        assert_true(put(tx, key, value));
        assert_true(tx_commit(&tx, &err));
        assert_null(tx);
}

static void test_commit_and_rollback(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(openers); i++) {
                struct store *store = openers[i]();
                struct tx *tx = NULL;
                commit_one(store, "a", "1");
                assert_string_equal(stored(store, "a"), "1");

                assert_true(store_begin(store, &tx, &err));
                assert_true(put(tx, "a", "2"));
                assert_int_equal(tx_changed(tx), 1);
                assert_string_equal(seen(tx_snapshot(tx), "a"), "2");
                assert_string_equal(stored(store, "a"), "1"); /* others do not see it yet */
                tx_rollback(&tx);
                assert_null(tx);
                tx_rollback(&tx); /* harmless, for _cleanup_ */
                assert_string_equal(stored(store, "a"), "1");
                store_close(&store);
        }
}

static void test_savepoints(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(openers); i++) {
                struct store *store = openers[i]();
                struct tx *tx = NULL;
                assert_true(store_begin(store, &tx, &err));
                assert_true(put(tx, "kept", "1"));
                assert_true(tx_save(tx, &err));
                assert_true(put(tx, "kept", "2"));
                assert_true(put(tx, "undone", "2"));
                assert_true(tx_save(tx, &err)); /* marks nest */
                assert_true(put(tx, "inner", "3"));
                assert_true(tx_release(tx, &err));
                assert_true(tx_back(tx, &err)); /* takes the released one back too */
                assert_true(tx_save(tx, &err));
                assert_true(put(tx, "after", "4"));
                assert_true(tx_release(tx, &err));
                assert_true(tx_commit(&tx, &err));
                assert_string_equal(stored(store, "kept"), "1");
                assert_string_equal(stored(store, "undone"), "none");
                assert_string_equal(stored(store, "inner"), "none");
                assert_string_equal(stored(store, "after"), "4");
                store_close(&store);
        }
}

static void test_snapshot_stands_still(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(openers); i++) {
                struct store *store = openers[i]();
                struct snapshot *snapshot = NULL, *later = NULL;
                commit_one(store, "a", "1");
                assert_true(snapshot_open(store, &snapshot, &err));
                commit_one(store, "a", "2");
                commit_one(store, "b", "2");
                assert_string_equal(seen(snapshot, "a"), "1");
                assert_string_equal(seen(snapshot, "b"), "none");
                assert_true(snapshot_open(store, &later, &err));
                assert_string_equal(seen(later, "a"), "2");
                snapshot_close(&snapshot);
                snapshot_close(&later);
                assert_string_equal(stored(store, "a"), "2"); /* a pooled connection is fresh */
                store_close(&store);
        }
}

static void test_kinds_of_values(void **state)
{
        static const char bytes[] = { 0, 1, 2, (char)0xff };
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(openers); i++) {
                struct store *store = openers[i]();
                struct tx *tx = NULL;
                struct rows rows = { 0 };
                assert_true(store_begin(store, &tx, &err));
                assert_true(tx_run(tx, Q_EVENT_ADD,
                                PARAMS(param_int(id_of(3, 7)), param_null(), param_int(-5),
                                                param_blob((struct str){ bytes, 4 }),
                                                param_text(STR_LIT("办件")),
                                                param_blob((struct str){ NULL, 0 }), param_null()),
                                &err));
                assert_true(snapshot_rows(tx_snapshot(tx), Q_EVENT_GET,
                                PARAMS(param_int(id_of(3, 7))), &rows, &err));
                assert_true(rows_next(&rows));
                assert_int_equal(rows_width(&rows), 8);
                assert_int_equal(id_organ(rows_int(&rows, 0)), 3);
                assert_int_equal(id_seq(rows_int(&rows, 0)), 7);
                assert_true(rows_is_null(&rows, 1));
                assert_int_equal(rows_int(&rows, 1), 0);
                assert_int_equal(rows_int(&rows, 2), -5);
                assert_true(str_eq(rows_blob(&rows, 3), (struct str){ bytes, 4 }));
                assert_true(str_is(rows_text(&rows, 4), "办件"));
                assert_int_equal(rows_value(&rows, 0).kind, STORE_INT);
                assert_int_equal(rows_value(&rows, 1).kind, STORE_NULL);
                assert_int_equal(rows_value(&rows, 3).kind, STORE_BLOB);
                assert_int_equal(rows_value(&rows, 4).kind, STORE_TEXT);
                assert_int_equal(rows_blob(&rows, 5).n, 0);
                assert_false(rows_is_null(&rows, 5)); /* empty is not null */
                assert_false(rows_next(&rows));
                assert_true(rows_end(&rows, &err));
                rows_close(&rows); /* harmless */
                tx_rollback(&tx);
                store_close(&store);
        }
}

/* A loop may run the very statement it is looping over. */
static void test_nested_statement(void **state)
{
        (void)state;
        struct store *store = open_sqlite();
        struct tx *tx = NULL;
        int64_t pairs = 0, n = 0;
        bool found;
        assert_true(store_begin(store, &tx, &err));
        for (int i = 0; i < 3; i++)
                assert_true(tx_run(tx, Q_LEDGER_NEW,
                                PARAMS(param_int(i), param_text(STR_LIT("机关")),
                                                param_text(STR_LIT("sha256")),
                                                param_blob(STR_LIT("x"))),
                                &err));
        struct rows outer = { 0 };
        assert_true(snapshot_rows(tx_snapshot(tx), Q_LEDGER_LIST, NO_PARAMS, &outer, &err));
        while (rows_next(&outer)) {
                struct rows inner = { 0 };
                assert_true(snapshot_rows(tx_snapshot(tx), Q_LEDGER_LIST, NO_PARAMS, &inner, &err));
                while (rows_next(&inner))
                        pairs += rows_int(&outer, 0) * 3 + rows_int(&inner, 0);
                assert_true(rows_end(&inner, &err));
        }
        assert_true(rows_end(&outer, &err));
        assert_int_equal(pairs, 36); /* 0 + 1 + ... + 8 */
        assert_true(snapshot_int(tx_snapshot(tx), Q_EVENT_COUNT, NO_PARAMS, &n, &found, &err));
        assert_true(found);
        assert_int_equal(n, 0);
        assert_true(snapshot_int(tx_snapshot(tx), Q_COUNTER_GET, PARAMS(param_text(STR_LIT("x"))),
                        &n, &found, &err));
        assert_false(found);
        tx_rollback(&tx);
        store_close(&store);
}

/* A refused row undoes its statement only. */
static void test_conflict(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(openers); i++) {
                struct store *store = openers[i]();
                struct tx *tx = NULL;
                assert_true(store_begin(store, &tx, &err));
                assert_true(put(tx, "a", "1"));
                for (int n = 0; n < 2; n++) {
                        bool done = tx_run(tx, Q_RECEIPT_PUT,
                                        PARAMS(param_text(STR_LIT("k")), param_int(n)), &err);
                        assert_int_equal(done, n == 0);
                }
                assert_int_equal(err.code, E_STORE_CONFLICT);
                assert_true(tx_commit(&tx, &err));
                assert_string_equal(stored(store, "a"), "1");
                store_close(&store);
        }
}

static bool put_receipt(struct tx *tx, int64_t n)
{
        return tx_put(tx, Q_RECEIPT_PUT, PARAMS(param_text(STR_LIT("k")), param_int(n)), &err);
}

/* What is handed over without waiting takes effect in its place among the others. */
static void test_put(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(openers); i++) {
                struct store *store = openers[i]();
                struct tx *tx = NULL;
                assert_true(store_begin(store, &tx, &err));
                for (int n = 0; n < 3000; n++) { /* more than any driver holds back */
                        char value[16];
                        snprintf(value, sizeof(value), "%d", n);
                        assert_true(hand_over(tx, "a", value));
                }
                assert_string_equal(seen(tx_snapshot(tx), "a"), "2999");
                assert_int_equal(tx_runs(tx), 3000);
                assert_true(hand_over(tx, "a", "put"));
                assert_true(put(tx, "b", "run"));
                assert_true(put(tx, "a", "run"));
                assert_true(hand_over(tx, "b", "put"));
                assert_true(tx_save(tx, &err));
                assert_true(hand_over(tx, "c", "undone"));
                assert_true(tx_back(tx, &err));
                assert_true(hand_over(tx, "d", "last"));
                assert_true(tx_commit(&tx, &err));
                assert_string_equal(stored(store, "a"), "run");
                assert_string_equal(stored(store, "b"), "put");
                assert_string_equal(stored(store, "c"), "none");
                assert_string_equal(stored(store, "d"), "last");
                store_close(&store);
        }
}

/* Whatever comes next may tell that a row was refused; all of it is gone. */
static void test_put_fails_late(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(openers); i++) {
                struct store *store = openers[i]();
                struct tx *tx = NULL;
                int64_t seq;
                bool found, done = true;
                commit_one(store, "a", "1");
                assert_true(store_begin(store, &tx, &err));
                assert_true(hand_over(tx, "a", "2"));
                assert_true(put_receipt(tx, 1));
                done = put_receipt(tx, 2) && hand_over(tx, "a", "3");
                assert_true(done || err.code == E_STORE_CONFLICT);
                assert_false(tx_commit(&tx, &err));
                assert_int_equal(err.code, E_STORE_CONFLICT);
                assert_string_equal(stored(store, "a"), "1");

                assert_true(store_begin(store, &tx, &err)); /* the failure is forgotten */
                assert_true(put_receipt(tx, 1));
                done = put_receipt(tx, 2) &&
                       snapshot_int(tx_snapshot(tx), Q_RECEIPT_GET,
                                       PARAMS(param_text(STR_LIT("k"))), &seq, &found, &err);
                assert_false(done);
                assert_int_equal(err.code, E_STORE_CONFLICT);
                tx_rollback(&tx);

                assert_true(store_begin(store, &tx, &err)); /* with a mark it is told at once */
                assert_true(tx_save(tx, &err) && put_receipt(tx, 1) && tx_release(tx, &err));
                assert_true(tx_save(tx, &err));
                assert_false(put_receipt(tx, 2));
                assert_int_equal(err.code, E_STORE_CONFLICT);
                assert_true(tx_back(tx, &err) && tx_commit(&tx, &err));
                store_close(&store);
        }
}

/* Adds what it finds under "a" to the numbers it has seen, and writes the next one. */
struct counting {
        int calls;
        int64_t last;
        bool fails;
};

static bool count_on(struct tx *tx, void *user, struct err *ret)
{
        struct counting *c = user;
        struct rows rows _cleanup_(rows_close) = { 0 };
        char next[24];
        if (c->fails)
                return err_set(ret, E_LIMIT, "so it was asked");
        if (!snapshot_rows(tx_snapshot(tx), Q_META_GET, PARAMS(param_text(STR_LIT("a"))), &rows,
                            ret) ||
                        !rows_next(&rows))
                return false;
        c->calls++;
        if (!str_to_int(rows_text(&rows, 0), &c->last))
                return false;
        snprintf(next, sizeof(next), "%lld", (long long)c->last + 1);
        rows_close(&rows);
        return tx_work_run(tx, Q_META_PUT,
                        PARAMS(param_text(STR_LIT("a")), param_text(str_of(next))), ret);
}

/* Work sees all that was handed over before it, and nothing that came after. */
static void test_work(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(openers); i++) {
                struct store *store = openers[i]();
                struct tx *tx = NULL;
                struct counting c = { 0 };
                assert_true(store_begin(store, &tx, &err));
                for (int n = 0; n < 1000; n++) {
                        char value[16];
                        snprintf(value, sizeof(value), "%d", 2 * n);
                        assert_true(hand_over(tx, "a", value));
                        assert_true(tx_put_work(tx, count_on, &c, &err));
                        (void)tx_is_behind(tx); /* whatever it says */
                }
                assert_string_equal(seen(tx_snapshot(tx), "a"), "1999");
                assert_true(c.calls == 1000 && c.last == 1998);
                assert_int_equal(tx_runs(tx), 2000);
                assert_true(tx_save(tx, &err));
                assert_true(tx_put_work(tx, count_on, &c, &err)); /* between marks: at once */
                assert_int_equal(c.last, 1999);
                assert_true(tx_back(tx, &err));
                assert_string_equal(seen(tx_snapshot(tx), "a"), "1999");
                assert_true(tx_put_work(tx, count_on, &c, &err));
                assert_true(tx_commit(&tx, &err));
                assert_string_equal(stored(store, "a"), "2000");
                store_close(&store);
        }
}

static void test_work_fails_late(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(openers); i++) {
                struct store *store = openers[i]();
                struct tx *tx = NULL;
                struct counting fails = { .fails = true }, after = { 0 };
                commit_one(store, "a", "1");
                assert_true(store_begin(store, &tx, &err));
                assert_true(hand_over(tx, "a", "2"));
                bool done = tx_put_work(tx, count_on, &fails, &err) &&
                            tx_put_work(tx, count_on, &after, &err);
                assert_true(done || err.code == E_LIMIT);
                assert_false(tx_commit(&tx, &err));
                assert_int_equal(err.code, E_LIMIT);
                assert_int_equal(after.calls, 0);
                assert_string_equal(stored(store, "a"), "1");

                assert_true(store_begin(store, &tx, &err));
                assert_true(tx_save(tx, &err));
                assert_false(tx_put_work(tx, count_on, &fails, &err));
                assert_int_equal(err.code, E_LIMIT);
                assert_true(tx_back(tx, &err));
                assert_true(tx_put_work(tx, count_on, &after, &err) && tx_commit(&tx, &err));
                assert_string_equal(stored(store, "a"), "2");
                store_close(&store);
        }
}

/* Committed is seen by others at once; on the disk it is when it was flushed. */
static void test_flush(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(openers); i++) {
                struct store *store = openers[i]();
                struct tx *tx = NULL;
                assert_true(store_flush(store, &err)); /* nothing to do yet */
                for (int n = 0; n < 3; n++) {
                        assert_true(store_begin_unflushed(store, &tx, &err));
                        assert_true(hand_over(tx, "a", n == 2 ? "2" : "1"));
                        assert_true(tx_commit(&tx, &err));
                }
                assert_string_equal(stored(store, "a"), "2");
                assert_true(store_flush(store, &err));
                commit_one(store, "b", "1"); /* the other kind in between */
                assert_true(store_begin_unflushed(store, &tx, &err));
                assert_true(hand_over(tx, "a", "3"));
                tx_rollback(&tx);
                assert_true(store_flush(store, &err));
                assert_string_equal(stored(store, "a"), "2");
                store_close(&store);
        }
}

/* After a flush that failed nobody knows what the disk holds: nothing more is begun. */
static void test_flush_fails(void **state)
{
        (void)state;
        struct store *store = open_fake();
        struct tx *tx = NULL;
        commit_one(store, "a", "1");
        assert_true(store_begin_unflushed(store, &tx, &err));
        assert_true(put(tx, "a", "2") && tx_commit(&tx, &err));
        fake_fail_at(store, 1);
        assert_false(store_flush(store, &err));
        assert_int_equal(err.code, E_STORE_IO);
        fake_fail_at(store, 0);
        assert_false(store_flush(store, &err));
        assert_false(store_begin(store, &tx, &err));
        assert_int_equal(err.code, E_STORE_IO);
        assert_false(store_begin_unflushed(store, &tx, &err));
        assert_string_equal(stored(store, "a"), "2"); /* reading goes on */
        store_close(&store);
}

static void test_reader_cannot_write(void **state)
{
        (void)state;
        struct store *store = open_sqlite();
        struct snapshot *snapshot = NULL;
        struct rows rows = { 0 };
        assert_true(snapshot_open(store, &snapshot, &err));
        /* A statement that writes, run where only reading is possible. */
        assert_true(snapshot_rows(snapshot, Q_META_PUT,
                        PARAMS(param_text(STR_LIT("a")), param_text(STR_LIT("1"))), &rows, &err));
        assert_false(rows_next(&rows));
        assert_false(rows_end(&rows, &err));
        assert_int_equal(err.code, E_STORE_READONLY);
        snapshot_close(&snapshot);
        assert_string_equal(stored(store, "a"), "none");
        store_close(&store);
}

/* ---- Every n-th step fails, and nothing is left of what was begun ---- */

static bool work(struct store *store)
{
        struct tx *tx _cleanup_(tx_rollback) = NULL;
        int64_t n;
        bool found;
        return store_begin(store, &tx, &err) && put(tx, "a", "2") && hand_over(tx, "d", "2") &&
               tx_save(tx, &err) && put(tx, "b", "2") && tx_release(tx, &err) &&
               tx_save(tx, &err) && put(tx, "c", "2") && tx_back(tx, &err) &&
               snapshot_int(tx_snapshot(tx), Q_EVENT_COUNT, NO_PARAMS, &n, &found, &err) &&
               tx_commit(&tx, &err);
}

static void test_every_step_may_fail(void **state)
{
        (void)state;
        struct store *store = open_fake();
        commit_one(store, "a", "1");
        fake_fail_at(store, 0);
        int64_t failed = 0;
        for (int64_t n = 1;; n++) {
                fake_fail_at(store, n);
                bool done = work(store);
                if (done)
                        break;
                failed++;
                assert_int_equal(err.code, E_STORE_IO);
                fake_fail_at(store, 0);
                assert_string_equal(stored(store, "a"), "1");
                assert_string_equal(stored(store, "b"), "none");
                assert_string_equal(stored(store, "d"), "none");
        }
        /* begin, 3 runs, a put, 2 saves, release, back, rows, row, commit */
        assert_int_equal(failed, 12);
        assert_int_equal(fake_steps(store), 12);
        fake_fail_at(store, 0);
        assert_string_equal(stored(store, "a"), "2");
        assert_string_equal(stored(store, "b"), "2");
        assert_string_equal(stored(store, "c"), "none");
        fake_fail_at(store, 1);
        assert_string_equal(stored(store, "a"), "failed");
        fake_fail_at(store, 1);
        assert_false(store_check(store, &err));
        store_close(&store);
}

/* ---- Files ---- */

static void write_file(const char *name, const char *bytes, size_t n, off_t at)
{
        int file = open(path(name), O_WRONLY | O_CREAT, 0600);
        assert_true(file >= 0);
        assert_int_equal(pwrite(file, bytes, n, at), n);
        close(file);
}

static enum err_code open_code(const char *name, bool create)
{
        struct store_options options = { .create = create };
        struct store *store = NULL;
        bool opened = store_open(path(name), &options, &store, &err);
        assert_int_equal(opened, store != NULL);
        store_close(&store);
        return opened ? E_NONE : err.code;
}

static void make_store(const char *name)
{
        struct store *store = open_store(path(name), true);
        assert_string_equal(store_where(store), path(name));
        struct tx *tx = NULL;
        assert_true(store_begin(store, &tx, &err));
        for (int i = 0; i < 200; i++) {
                char key[32];
                snprintf(key, sizeof(key), "key%d", i);
                assert_true(put(tx, key, "一个足够长的值，使表占用许多页，以便损坏其中一页"));
        }
        assert_true(tx_commit(&tx, &err));
        store_close(&store);
}

static void test_opening(void **state)
{
        char zeros[4096] = "";
        (void)state;
        needs_file();
        assert_int_equal(open_code("none", false), E_STORE_NONE);
        make_store("plain");
        assert_int_equal(open_code("plain", false), E_NONE);
        assert_int_equal(open_code("plain", true), E_STORE_EXISTS);
        assert_int_equal(open_code("no/such/directory", true), E_STORE_IO);

        write_file("text",
                        "这不是数据库，只是一段文字，长度超过一个文件头需要的一百个字节。"
                        "这不是数据库，只是一段文字。",
                        120, 0);
        assert_int_equal(open_code("text", false), E_STORE_FOREIGN);

        make_store("foreign"); /* a database, but another program's */
        write_file("foreign", "\0\0\0\0", 4, 68);
        assert_int_equal(open_code("foreign", false), E_STORE_FOREIGN);

        make_store("newer");
        write_file("newer", "\0\0\0\x7f", 4, 60);
        assert_int_equal(open_code("newer", false), E_STORE_NEWER);

        make_store("corrupt"); /* the page of the schema is gone */
        write_file("corrupt", zeros, 3000, 100);
        assert_int_equal(open_code("corrupt", false), E_STORE_CORRUPT);
}

/* Damage that opening does not meet is met by the check. */
static void test_check_finds_damage(void **state)
{
        char junk[4096];
        (void)state;
        needs_file();
        memset(junk, 0x5a, sizeof(junk));
        make_store("damaged");
        struct store *store = open_store(path("damaged"), false);
        assert_true(store_check(store, &err));
        store_close(&store);
        struct stat found;
        assert_int_equal(stat(path("damaged"), &found), 0);
        for (off_t page = found.st_size / 4096 - 4; page < found.st_size / 4096; page++)
                write_file("damaged", junk, sizeof(junk), page * 4096);
        store = open_store(path("damaged"), false);
        assert_false(store_check(store, &err));
        assert_int_equal(err.code, E_STORE_CORRUPT);
        store_close(&store);
}

static bool fill(struct store *store)
{
        static const char bytes[8192];
        struct tx *tx _cleanup_(tx_rollback) = NULL;
        if (!store_begin(store, &tx, &err))
                return false;
        for (int i = 0; i < 1000; i++)
                if (!tx_run(tx, Q_TILE_PUT,
                                    PARAMS(param_int(0), param_int(0), param_int(i),
                                                    param_blob((struct str){ bytes, 8192 })),
                                    &err)) {
                        struct err first = err;
                        /* the transaction is lost; nothing more goes through it */
                        bool more = put(tx, "a", "half") && tx_commit(&tx, &err);
                        err = first;
                        return more;
                }
        return tx_commit(&tx, &err);
}

static void test_full(void **state)
{
        (void)state;
        needs_file();
        struct store_options options = { .create = true, .max_bytes = 1 << 20 };
        struct store *store = NULL;
        assert_true(store_open(path("full"), &options, &store, &err));
        commit_one(store, "a", "1");
        assert_false(fill(store));
        assert_int_equal(err.code, E_STORE_FULL);
        assert_string_equal(stored(store, "a"), "1");
        commit_one(store, "b", "1"); /* and goes on once there is room */
        assert_string_equal(stored(store, "b"), "1");
        store_close(&store);
}

/* A disk that refuses to write: here, a limit on the size of files. */
static void test_io_error(void **state)
{
        (void)state;
        needs_file();
        struct rlimit old, low;
        struct store *store = open_store(path("io"), true);
        commit_one(store, "a", "1");
        signal(SIGXFSZ, SIG_IGN);
        assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
        low = old;
        low.rlim_cur = 1 << 20;
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
        bool done = fill(store);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
        assert_false(done);
        assert_int_equal(err.code, E_STORE_IO);
        assert_string_equal(stored(store, "a"), "1");
        commit_one(store, "b", "1");
        store_close(&store);
}

static bool count_calls(void *user, int64_t done, int64_t total)
{
        ++*(int *)user;
        return done <= total && total > 0;
}

static bool stop_now(void *user, int64_t done, int64_t total)
{
        (void)user, (void)done, (void)total;
        return false;
}

static void test_backup(void **state)
{
        int calls = 0;
        char to[128], part[160];
        (void)state;
        needs_file();
        make_store("live");
        struct store *store = open_store(path("live"), false);
        commit_one(store, "a", "before");
        snprintf(to, sizeof(to), "%s", path("copy"));
        assert_true(store_backup(store, to, count_calls, &calls, &err));
        assert_true(calls > 0);
        commit_one(store, "a", "after");
        assert_false(store_backup(store, to, NULL, NULL, &err)); /* never over another */
        assert_int_equal(err.code, E_STORE_EXISTS);

        snprintf(to, sizeof(to), "%s", path("stopped"));
        assert_false(store_backup(store, to, stop_now, NULL, &err));
        assert_int_equal(err.code, E_STORE_STOPPED);
        snprintf(part, sizeof(part), "%s.part", to);
        assert_int_not_equal(access(to, F_OK), 0);
        assert_int_not_equal(access(part, F_OK), 0);
        assert_false(store_backup(store, path("no/such/place"), NULL, NULL, &err));
        store_close(&store);

        struct store *copy = open_store(path("copy"), false);
        assert_string_equal(stored(copy, "a"), "before");
        assert_true(store_check(copy, &err));
        store_close(&copy);
}

/* Another process that holds the writer's place: we wait, then say so. */
static void test_busy(void **state)
{
        (void)state;
        needs_file();
        make_store("shared");
        struct store *one = open_store(path("shared"), false);
        struct store_options impatient = { .busy_ms = 50 };
        struct store *two = NULL;
        assert_true(store_open(path("shared"), &impatient, &two, &err));
        struct tx *tx = NULL, *other = NULL;
        assert_true(store_begin(one, &tx, &err));
        assert_false(store_begin(two, &other, &err));
        assert_int_equal(err.code, E_STORE_BUSY);
        tx_rollback(&tx);
        assert_true(store_begin(two, &other, &err));
        tx_rollback(&other);
        store_close(&one);
        store_close(&two);
}

static void *read_on(void *user)
{
        struct store *store = user;
        for (int i = 0; i < 50; i++) {
                struct snapshot *snapshot = NULL;
                struct err mine;
                struct rows rows = { 0 };
                char a[32] = "", b[32] = "";
                if (!snapshot_open(store, &snapshot, &mine))
                        return "snapshot";
                for (int k = 0; k < 2; k++) {
                        struct str key = k == 0 ? STR_LIT("x") : STR_LIT("y");
                        if (!snapshot_rows(snapshot, Q_META_GET, PARAMS(param_text(key)), &rows,
                                            &mine))
                                return "rows";
                        if (rows_next(&rows))
                                snprintf(k == 0 ? a : b, sizeof(a), "%.*s",
                                                STR_FMT(rows_text(&rows, 0)));
                        rows_close(&rows);
                }
                snapshot_close(&snapshot);
                if (strcmp(a, b) != 0)
                        return "torn";
        }
        return NULL;
}

/* Readers on their own threads never see half of a transaction. */
static void test_threads(void **state)
{
        (void)state;
        struct store *store = open_sqlite();
        pthread_t threads[3];
        void *what;
        for (size_t i = 0; i < N_ELEMENTS(threads); i++)
                assert_int_equal(pthread_create(&threads[i], NULL, read_on, store), 0);
        for (int i = 0; i < 200; i++) {
                char value[32];
                struct tx *tx = NULL;
                snprintf(value, sizeof(value), "%d", i);
                assert_true(store_begin(store, &tx, &err));
                assert_true(put(tx, "x", value));
                assert_true(put(tx, "y", value));
                assert_true(tx_commit(&tx, &err));
        }
        for (size_t i = 0; i < N_ELEMENTS(threads); i++) {
                assert_int_equal(pthread_join(threads[i], &what), 0);
                assert_null(what);
        }
        store_close(&store);
}

/* Every statement compiles against the tables; a wrong number of values is our fault
 * and is told as such. */
static void test_every_statement(void **state)
{
        (void)state;
        needs_file();
        struct store *store = open_sqlite();
        struct tx *tx = NULL;
        struct store_param many[20] = { { .kind = STORE_NULL } };
        assert_true(store_begin(store, &tx, &err));
        for (int q = 0; q < N_QUERIES; q++) {
                struct rows rows = { 0 };
                if (!snapshot_rows(tx_snapshot(tx), (enum query)q, NO_PARAMS, &rows, &err))
                        fail_msg("%s: %s", query_names[q], err.detail);
                rows_close(&rows);
                assert_false(snapshot_rows(tx_snapshot(tx), (enum query)q, many, N_ELEMENTS(many),
                                &rows, &err));
                assert_int_equal(err.code, E_STORE_QUERY);
        }
        tx_rollback(&tx);
        store_close(&store);
}

/* "In memory" leaves nothing behind. */
static void test_memory_leaves_no_file(void **state)
{
        (void)state;
        struct store *store = open_store(":memory:", false);
        assert_string_equal(store_where(store), "");
        commit_one(store, "a", "1");
        store_close(&store);
        store = open_store(":memory:", false);
        assert_string_equal(stored(store, "a"), "none");
        store_close(&store);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_commit_and_rollback),
                cmocka_unit_test(test_savepoints),
                cmocka_unit_test(test_snapshot_stands_still),
                cmocka_unit_test(test_kinds_of_values),
                cmocka_unit_test(test_nested_statement),
                cmocka_unit_test(test_conflict),
                cmocka_unit_test(test_put),
                cmocka_unit_test(test_put_fails_late),
                cmocka_unit_test(test_work),
                cmocka_unit_test(test_work_fails_late),
                cmocka_unit_test(test_flush),
                cmocka_unit_test(test_flush_fails),
                cmocka_unit_test(test_reader_cannot_write),
                cmocka_unit_test(test_every_step_may_fail),
                cmocka_unit_test(test_opening),
                cmocka_unit_test(test_check_finds_damage),
                cmocka_unit_test(test_full),
                cmocka_unit_test(test_io_error),
                cmocka_unit_test(test_backup),
                cmocka_unit_test(test_busy),
                cmocka_unit_test(test_threads),
                cmocka_unit_test(test_every_statement),
                cmocka_unit_test(test_memory_leaves_no_file),
        };
        return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
