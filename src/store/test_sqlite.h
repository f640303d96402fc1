/* store/test_sqlite.h - a connection of SQLite to test with, without our store over it; for the
 * tests of this room. */
#ifndef STORE_TEST_SQLITE_H
#define STORE_TEST_SQLITE_H

#include <sqlite3.h>

#include "store/test_store.h"

static inline void run(sqlite3 *db, const char *text)
{
        if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
                fail_msg("%s: %s", text, sqlite3_errmsg(db));
}

static inline int64_t number(sqlite3 *db, const char *text)
{
        sqlite3_stmt *statement;
        assert_int_equal(sqlite3_prepare_v2(db, text, -1, &statement, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
        int64_t n = sqlite3_column_int64(statement, 0);
        sqlite3_finalize(statement);
        return n;
}

static inline void check_soundness(sqlite3 *db)
{
        assert_int_equal(number(db, "SELECT count(*) FROM pragma_integrity_check"
                                    " WHERE integrity_check = 'ok'"),
                        1);
}

#endif
