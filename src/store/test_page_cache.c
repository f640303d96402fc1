/* SQLite with the page cache of store/page_cache.h: a database that shrinks and grows again
 * is sound, and no page from before it shrank comes back. */
#include "store/test_sqlite.h"

#include "store/page_cache.h"

#define ROUNDS 400

static sqlite3 *db;

static int open_database(void **state)
{
        page_cache_set_up();
        return make_directory(state) != 0 ||
               sqlite3_open_v2(path("pages"), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                               NULL) != SQLITE_OK;
}

static int close_database(void **state)
{
        return sqlite3_close(db) != SQLITE_OK || remove_directory(state) != 0;
}

static uint32_t random_next(void)
{
        static uint32_t state = 20211231;
        state = state * 1664525 + 1013904223;
        return state >> 8;
}

/* Rows with texts of their own, scattered, so that pages divide. */
static void insert(int n)
{
        char text[300];
        snprintf(text, sizeof(text),
                        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
                        "INSERT OR IGNORE INTO t SELECT (i * 7919 + %u) %% 100003,"
                        " hex(zeroblob((i * 31) %% 900)) || i FROM n",
                        n, random_next() % 100000);
        run(db, text);
}

static void test_shrinking_and_growing(void **state)
{
        (void)state;
        run(db, "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA cache_size = -16000;"
                "CREATE TABLE t(id INTEGER PRIMARY KEY, value TEXT); CREATE INDEX i ON t(value)");
        int64_t pages = 0;
        int n_shrunk = 0;
        for (int round = 0; round < ROUNDS; round++) {
                run(db, "BEGIN IMMEDIATE");
                insert(200 + (int)(random_next() % 300));
                if (round % 3 == 1)
                        run(db, "DELETE FROM t WHERE id % 3 <> 0");
                if (round % 50 == 49)
                        run(db, "DELETE FROM t");
                int64_t rows = number(db, "SELECT count(*) FROM t");
                bool kept = round % 7 != 6;
                run(db, kept ? "COMMIT" : "ROLLBACK");
                if (kept)
                        assert_int_equal(number(db, "SELECT count(*) FROM t NOT INDEXED"), rows);
                run(db, round % 5 == 4 ? "PRAGMA incremental_vacuum"
                                       : "PRAGMA incremental_vacuum(20)");
                int64_t now = number(db, "PRAGMA page_count");
                n_shrunk += now < pages;
                pages = now;
                if (round % 10 == 0)
                        check_soundness(db);
        }
        assert_true(n_shrunk > ROUNDS / 10);
        run(db, "VACUUM");
        check_soundness(db);
}

/* The methods alone, without a database: what is dropped, and what is not. */
static void test_the_methods(void **state)
{
        sqlite3_pcache_methods2 m;
        (void)state;
        assert_int_equal(sqlite3_shutdown(), SQLITE_OK);
        assert_int_equal(sqlite3_config(SQLITE_CONFIG_GETPCACHE2, &m), SQLITE_OK);
        assert_int_equal(sqlite3_initialize(), SQLITE_OK);
        sqlite3_pcache *cache = m.xCreate(4096, 64, 1);
        m.xCachesize(cache, 100);
        sqlite3_pcache_page *pages[11];
        for (unsigned i = 1; i <= 10; i++) {
                pages[i] = m.xFetch(cache, i, 2);
                assert_non_null(pages[i]);
                memset(pages[i]->pBuf, (int)i, 4096);
        }
        m.xRekey(cache, pages[9], 9, 1000000); /* far away, and back: two pages change places */
        m.xRekey(cache, pages[10], 10, 9);
        m.xRekey(cache, pages[9], 1000000, 10);
        for (unsigned i = 1; i <= 10; i++)
                m.xUnpin(cache, pages[i], 0);
        m.xTruncate(cache, 11); /* nothing is there */
        assert_int_equal(m.xPagecount(cache), 10);
        m.xTruncate(cache, 10);
        assert_int_equal(m.xPagecount(cache), 9);
        assert_null(m.xFetch(cache, 10, 0));
        sqlite3_pcache_page *ninth = m.xFetch(cache, 9, 0);
        assert_non_null(ninth);
        assert_int_equal(((const char *)ninth->pBuf)[0], 10);
        m.xUnpin(cache, ninth, 0);
        sqlite3_pcache_page *first = m.xFetch(cache, 1, 0); /* goes and stays away */
        m.xRekey(cache, first, 1, 500);
        m.xUnpin(cache, first, 0);
        m.xTruncate(cache, 501);
        assert_int_equal(m.xPagecount(cache), 9);
        m.xTruncate(cache, 500);
        assert_int_equal(m.xPagecount(cache), 8);
        assert_null(m.xFetch(cache, 500, 0));
        m.xTruncate(cache, 0);
        assert_int_equal(m.xPagecount(cache), 0);
        m.xDestroy(cache);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(
                                test_shrinking_and_growing, open_database, close_database),
                cmocka_unit_test(test_the_methods),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
