/* What a machine does to a store that is open: its file replaced, no more files to be had, a
 * limit on their size. Each is said clearly, nothing is half written, and work goes on once
 * the trouble is over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "store/store.h"

static struct err err;

struct place {
        char folder[64], file[96], away[96];
};

static struct place make_place(void)
{
        struct place p;
        const char *base = getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp";
        snprintf(p.folder, sizeof(p.folder), "%.40s/store-XXXXXX", base);
        assert_non_null(mkdtemp(p.folder));
        snprintf(p.file, sizeof(p.file), "%s/plumbline.db", p.folder);
        snprintf(p.away, sizeof(p.away), "%s/away.db", p.folder);
        return p;
}

static void drop_place(const struct place *p)
{
        static const char *const tails[] = { "", "-wal", "-shm" };
        char name[128];
        for (size_t i = 0; i < 3; i++) {
                snprintf(name, sizeof(name), "%s%s", p->file, tails[i]);
                unlink(name);
                snprintf(name, sizeof(name), "%s%s", p->away, tails[i]);
                unlink(name);
        }
        assert_int_equal(rmdir(p->folder), 0);
}

static struct store *make_store(const char *path)
{
        struct store *store = NULL;
        assert_true(store_open(path, &(struct store_options){ .create = true }, &store, &err));
        return store;
}

static bool put(struct store *store, const char *key, struct str value)
{
        struct tx *tx _cleanup_(tx_rollback) = NULL;
        return store_begin(store, &tx, &err) &&
               tx_run(tx, Q_META_PUT, PARAMS(param_text(str_of(key)), param_text(value)), &err) &&
               tx_commit(&tx, &err);
}

static bool has(struct store *store, const char *key)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        struct rows rows _cleanup_(rows_close) = { 0 };
        assert_true(snapshot_open(store, &snapshot, &err));
        assert_true(snapshot_rows(
                        snapshot, Q_META_GET, PARAMS(param_text(str_of(key))), &rows, &err));
        return rows_next(&rows);
}

static void test_the_file_is_replaced(void **state)
{
        struct place p = make_place();
        struct snapshot *snapshot = NULL;
        (void)state;
        struct store *store = make_store(p.file);
        assert_true(put(store, "a", STR_LIT("1")));
        assert_int_equal(rename(p.file, p.away), 0);
        assert_false(put(store, "b", STR_LIT("1"))); /* gone */
        assert_int_equal(err.code, E_STORE_REPLACED);
        FILE *other = fopen(p.file, "w");
        assert_non_null(other);
        assert_int_equal(fclose(other), 0);
        assert_false(put(store, "b", STR_LIT("1"))); /* another in its place */
        assert_int_equal(err.code, E_STORE_REPLACED);
        assert_false(snapshot_open(store, &snapshot, &err));
        assert_int_equal(err.code, E_STORE_REPLACED);
        assert_int_equal(rename(p.away, p.file), 0); /* and back: it goes on */
        assert_true(put(store, "c", STR_LIT("1")));
        assert_true(has(store, "a") && !has(store, "b") && has(store, "c"));
        store_close(&store);
        drop_place(&p);
}

static void test_no_more_files(void **state)
{
        struct place p = make_place();
        struct snapshot *snapshots[STORE_IDLE_SNAPSHOTS + 64] = { NULL };
        struct rlimit before, few;
        size_t n = 0;
        (void)state;
        struct store *store = make_store(p.file);
        assert_true(put(store, "a", STR_LIT("1")));
        assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
        few = before;
        few.rlim_cur = 40;
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
        while (n < STORE_IDLE_SNAPSHOTS + 64 && snapshot_open(store, &snapshots[n], &err))
                n++;
        assert_true(n > 0 && n < STORE_IDLE_SNAPSHOTS + 64);
        assert_int_equal(err.code, E_STORE_HANDLES);
        assert_true(put(store, "b", STR_LIT("1"))); /* the writer has its own, and works on */
        while (n > 0)
                snapshot_close(&snapshots[--n]);
        assert_true(has(store, "a") && has(store, "b"));
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
        store_close(&store);
        drop_place(&p);
}

/* RLIMIT_FSIZE stands for a disk that is full: a write past it fails, as it would there. */
static void test_a_full_disk(void **state)
{
        struct place p = make_place();
        struct rlimit before, small;
        static char text[20000];
        (void)state;
        memset(text, 'x', sizeof(text));
        struct store *store = make_store(p.file);
        assert_true(put(store, "a", STR_LIT("1")));
        signal(SIGXFSZ, SIG_IGN);
        assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
        small = before;
        small.rlim_cur = 400000;
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        int done = 0;
        char key[16];
        for (;; done++) {
                snprintf(key, sizeof(key), "k%d", done);
                if (!put(store, key, (struct str){ text, sizeof(text) }))
                        break;
                assert_true(done < 1000);
        }
        assert_true(err.code == E_STORE_FULL || err.code == E_STORE_IO);
        for (int i = 0; i < done; i++) {
                snprintf(key, sizeof(key), "k%d", i);
                assert_true(has(store, key)); /* what was committed is there */
        }
        snprintf(key, sizeof(key), "k%d", done);
        assert_false(has(store, key));
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        assert_true(put(store, key, (struct str){ text, sizeof(text) })); /* room again */
        store_close(&store);
        struct store *again = NULL;
        assert_true(store_open(p.file, NULL, &again, &err));
        assert_true(store_check(again, &err) && has(again, key) && has(again, "k0"));
        store_close(&again);
        drop_place(&p);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_file_is_replaced),
                cmocka_unit_test(test_no_more_files),
                cmocka_unit_test(test_a_full_disk),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
