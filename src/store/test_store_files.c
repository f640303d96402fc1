/* A store as a file: opened, damaged, full, copied, read by many at once. */
#include "store/test_store.h"

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

/* Only looked at: an older one stays what it is, and nothing is written. */
static void test_looking(void **state)
{
        struct store_options look = { .look = true };
        struct store *store = NULL;
        struct tx *tx = NULL;
        (void)state;
        needs_file();
        make_store("looked at");
        assert_true(store_open(path("looked at"), &look, &store, &err));
        assert_false(store_begin(store, &tx, &err));
        assert_int_equal(err.code, E_STORE_READONLY);
        store_close(&store);
        write_file("looked at", "\0\0\0\2", 4, 60);
        assert_false(store_open(path("looked at"), &look, &store, &err));
        assert_int_equal(err.code, E_STORE_OLDER);
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
                cmocka_unit_test(test_opening),
                cmocka_unit_test(test_looking),
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
