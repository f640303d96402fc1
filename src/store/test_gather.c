/* What a COMMIT adds to SQLite's log goes there in few writes (store/gather.h): the same log, also
 * where pages went to it before, and where any one of the writes fails. Below lies a layer of
 * files that counts, and fails when told. */
#include "store/test_sqlite.h"

#include "store/gather.h"
#include "store/wal.h"

static sqlite3_vfs counting, *real;
static const sqlite3_io_methods *real_methods;
static sqlite3_io_methods counting_methods;
static int n_writes, fail_at; /* of logs; 0: never */

static int counted_write(sqlite3_file *file, const void *bytes, int n, sqlite3_int64 at)
{
        return ++n_writes == fail_at ? SQLITE_FULL : real_methods->xWrite(file, bytes, n, at);
}

static int counted_open(
                sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *ret_flags)
{
        (void)vfs;
        int code = real->xOpen(real, name, file, flags, ret_flags);
        if (code == SQLITE_OK && (flags & SQLITE_OPEN_WAL) != 0) {
                real_methods = file->pMethods;
                counting_methods = *real_methods;
                counting_methods.xWrite = counted_write;
                file->pMethods = &counting_methods;
        }
        return code;
}

static int count_below(void **state)
{
        real = sqlite3_vfs_find(NULL);
        counting = *real;
        counting.zName = "counting";
        counting.xOpen = counted_open;
        sqlite3_vfs_register(&counting, 1); /* the default: what gather stands on */
        return make_directory(state);
}

struct database {
        sqlite3 *db;
        struct gather *gather;
};

static struct database open_database(const char *name)
{
        struct database d = { .gather = gather_new() };
        assert_int_equal(sqlite3_open_v2(path(name), &d.db,
                                         SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, gather_vfs()),
                        SQLITE_OK);
        run(d.db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
                  "PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = 20;"
                  "CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, value BLOB)");
        sqlite3_db_config(d.db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        return d;
}

static void close_database(struct database *d)
{
        assert_int_equal(sqlite3_close(d->db), SQLITE_OK);
        gather_free(&d->gather);
}

static bool commit(const struct database *d)
{
        gather_start(d->gather);
        bool done = sqlite3_exec(d->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
        assert_true(gather_stop(d->gather) || !done);
        if (!done && !sqlite3_get_autocommit(d->db))
                run(d->db, "ROLLBACK");
        return done;
}

/* So many rows, a page each. */
static bool insert(const struct database *d, int n)
{
        char text[200];
        snprintf(text, sizeof(text),
                        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
                        "INSERT INTO t(value) SELECT zeroblob(3500) FROM n",
                        n);
        return sqlite3_exec(d->db, text, NULL, NULL, NULL) == SQLITE_OK;
}

/* Seen by a connection that knows nothing of gathering. */
static int64_t rows_of(const char *name)
{
        sqlite3 *db;
        assert_int_equal(
                        sqlite3_open_v2(path(name), &db, SQLITE_OPEN_READWRITE, "unix"), SQLITE_OK);
        sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        check_soundness(db);
        int64_t n = number(db, "SELECT count(*) FROM t");
        sqlite3_close(db);
        return n;
}

/* And by one that finds the log without its index, as after a power cut. */
static int64_t rows_recovered(const char *name)
{
        char text[300];
        snprintf(text, sizeof(text), "cd %s && cp %s copy && cp %s-wal copy-wal && rm -f copy-shm",
                        directory, name, name);
        assert_int_equal(system(text), 0);
        return rows_of("copy");
}

static void test_few_writes(void **state)
{
        struct wal wal;
        (void)state;
        struct database d = open_database("few");
        run(d.db, "PRAGMA cache_size = 2000; BEGIN IMMEDIATE");
        assert_true(insert(&d, 100));
        n_writes = 0;
        assert_true(commit(&d));
        int gathered = n_writes;
        run(d.db, "BEGIN IMMEDIATE");
        assert_true(insert(&d, 100));
        n_writes = 0;
        run(d.db, "COMMIT"); /* as they come: a head and a page for each */
        assert_true(n_writes > 200);
        assert_true(gathered > 0 && gathered < n_writes / 20);
        assert_int_equal(rows_recovered("few"), 200);
        close_database(&d);
        assert_true(wal_look(path("few"), &wal, &err));
        assert_int_equal(wal.state, WAL_WHOLE);
        assert_true(wal.n_frames > 200);
}

/* A transaction larger than the cache gives pages to the log before it ends, and changes them
 * once more there. */
static void test_pages_that_went_before(void **state)
{
        (void)state;
        struct database d = open_database("large");
        for (int round = 1; round <= 5; round++) {
                run(d.db, "BEGIN IMMEDIATE");
                assert_true(insert(&d, 300));
                run(d.db, "UPDATE t SET value = zeroblob(3000) WHERE id % 7 = 0");
                assert_true(commit(&d));
                assert_int_equal(rows_recovered("large"), round * 300);
        }
        run(d.db, "BEGIN IMMEDIATE");
        assert_true(insert(&d, 300));
        run(d.db, "ROLLBACK");
        assert_int_equal(number(d.db, "SELECT count(*) FROM t"), 1500);
        close_database(&d);
        assert_int_equal(rows_of("large"), 1500);
}

/* Whoever looks at the file finds what was written to it; the rows are ways of looking. */
static void test_looking(void **state)
{
        (void)state;
        for (int way = 0; way < 4; way++) {
                sqlite3_vfs *vfs = sqlite3_vfs_find(gather_vfs());
                sqlite3_file *file = calloc(1, (size_t)vfs->szOsFile);
                struct gather *gather = gather_new();
                char base[128], name[140], seen[8] = "";
                sqlite3_int64 size = 0;
                int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_WAL;
                snprintf(base, sizeof(base), "%s%d", path("looked"), way);
                snprintf(name, sizeof(name), "%s-wal", base);
                fclose(fopen(base, "w")); /* a log has the rights of its database */
                assert_int_equal(vfs->xOpen(vfs, name, file, flags, &flags), SQLITE_OK);
                gather_start(gather);
                n_writes = 0;
                assert_int_equal(file->pMethods->xWrite(file, "one", 3, 0), SQLITE_OK);
                assert_int_equal(file->pMethods->xWrite(file, "two", 3, 3), SQLITE_OK);
                assert_int_equal(n_writes, 0);
                switch (way) {
                case 0:
                        assert_int_equal(file->pMethods->xRead(file, seen, 6, 0), SQLITE_OK);
                        assert_string_equal(seen, "onetwo");
                        break;
                case 1:
                        assert_int_equal(file->pMethods->xFileSize(file, &size), SQLITE_OK);
                        assert_int_equal(size, 6);
                        break;
                case 2:
                        assert_int_equal(
                                        file->pMethods->xSync(file, SQLITE_SYNC_NORMAL), SQLITE_OK);
                        break;
                default:
                        assert_int_equal(file->pMethods->xTruncate(file, 3), SQLITE_OK);
                }
                assert_int_equal(n_writes, 1);
                assert_int_equal(file->pMethods->xWrite(file, "far", 3, 100), SQLITE_OK);
                assert_false(gather_stop(gather)); /* nobody asked for that */
                assert_int_equal(file->pMethods->xFileSize(file, &size), SQLITE_OK);
                assert_int_equal(size, way == 3 ? 3 : 6);
                assert_int_equal(file->pMethods->xClose(file), SQLITE_OK);
                gather_free(&gather);
                free(file);
        }
}

/* Whichever write fails, the transaction did not come about, and the next one does. */
static void test_each_write_fails(void **state)
{
        (void)state;
        struct database d = open_database("fails");
        int64_t there = 0;
        int n_failed = 0;
        for (int at = 1; at < 200; at++) {
                run(d.db, "BEGIN IMMEDIATE");
                n_writes = 0;
                fail_at = at;
                bool done = insert(&d, 60);
                if (sqlite3_get_autocommit(d.db))
                        done = false; /* rolled back by the library */
                else if (!done)
                        run(d.db, "ROLLBACK");
                else
                        done = commit(&d);
                bool failed = n_writes >= at;
                fail_at = 0;
                assert_int_equal(done, !failed);
                n_failed += failed;
                there += done ? 60 : 0;
                assert_int_equal(rows_of("fails"), there);
                run(d.db, "BEGIN IMMEDIATE");
                assert_true(insert(&d, 1));
                assert_true(commit(&d));
                there++;
                assert_int_equal(at % 10 == 0 ? rows_recovered("fails") : rows_of("fails"), there);
        }
        assert_true(n_failed > 20 && n_failed < 199); /* up to the last write, and no further */
        close_database(&d);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_few_writes),
                cmocka_unit_test(test_pages_that_went_before),
                cmocka_unit_test(test_looking),
                cmocka_unit_test(test_each_write_fails),
        };
        return cmocka_run_group_tests(tests, count_below, remove_directory);
}
