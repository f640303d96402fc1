/* What only a store in PostgreSQL does: needs a server (PLUMBLINE_TEST_STORE; the suite
 * "postgres" starts one), and is skipped without. test_store.c and test_store_files.c run there
 * as well. */
#include "store/store.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <libpq-fe.h>

#include "store/driver.h"
#include "store/ids.h"

static struct err err;
static const char *server;

/* The address of a schema of this test's own. */
static const char *address(const char *name)
{
        static char text[512];
        snprintf(text, sizeof(text), "%s#t_pg_%s_%d", server, name, (int)getpid());
        return text;
}

static struct store *open_as(const char *where, bool create, int64_t organ, int busy_ms)
{
        struct store_options options = { .create = create, .organ = organ, .busy_ms = busy_ms };
        struct store *store = NULL;
        if (!store_open(where, &options, &store, &err))
                fail_msg("%s: %s: %s", where, err_text(err.code)->name, err.detail);
        return store;
}

static PGconn *raw(void)
{
        PGconn *connection = PQconnectdb(server);
        assert_int_equal(PQstatus(connection), CONNECTION_OK);
        return connection;
}

/* Any statement by another connection, its first column as a number; -1 for nothing. */
static int64_t do_raw(const char *text)
{
        PGconn *connection = raw();
        PGresult *result = PQexec(connection, text);
        ExecStatusType status = PQresultStatus(result);
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
                fail_msg("%s: %s", text, PQerrorMessage(connection));
        int64_t n = PQntuples(result) > 0 ? strtoll(PQgetvalue(result, 0, 0), NULL, 10) : -1;
        PQclear(result);
        PQfinish(connection);
        return n;
}

static void drop(const char *where)
{
        char text[256];
        snprintf(text, sizeof(text),
                        "SET client_min_messages = error; DROP SCHEMA IF EXISTS \"%s\" CASCADE",
                        strchr(where, '#') + 1);
        do_raw(text);
}

/* The server ends the connections to this schema that are as `which` says. */
static void end_connections(const char *where, const char *which)
{
        char text[512];
        snprintf(text, sizeof(text),
                        "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
                        " WHERE application_name = 'plumbline %.50s' AND %s",
                        strchr(where, '#') + 1, which);
        assert_true(do_raw(text) > 0);
}

static bool put(struct tx *tx, const char *key, const char *value)
{
        return tx_run(tx, Q_META_PUT, PARAMS(param_text(str_of(key)), param_text(str_of(value))),
                        &err);
}

static bool has(struct store *store, const char *key)
{
        struct snapshot *snapshot = NULL;
        struct rows rows = { 0 };
        if (!snapshot_open(store, &snapshot, &err))
                fail_msg("%s", err.detail);
        assert_true(snapshot_rows(
                        snapshot, Q_META_GET, PARAMS(param_text(str_of(key))), &rows, &err));
        bool found = rows_next(&rows);
        assert_true(rows_end(&rows, &err));
        snapshot_close(&snapshot);
        return found;
}

static void make_ledger(struct store *store, int64_t organ)
{
        struct tx *tx = NULL;
        assert_true(store_begin(store, &tx, &err));
        assert_true(tx_run(tx, Q_LEDGER_NEW,
                        PARAMS(param_int(organ), param_text(STR_LIT("机关")),
                                        param_text(STR_LIT("sha256")), param_blob(STR_LIT("x"))),
                        &err));
        assert_true(tx_commit(&tx, &err));
}

/* ---- Opening ---- */

static void test_addresses(void **state)
{
        static const struct {
                const char *why, *where;
                enum err_code code;
        } rows[] = {
                { "no libpq address", "postgres://[", E_STORE_WHERE },
                { "a password", "postgres://li:geheim@localhost/town", E_STORE_WHERE },
                { "a password behind", "postgres:///town?password=geheim", E_STORE_WHERE },
                { "a schema with a sign", "postgres:///town#a;b", E_STORE_WHERE },
                { "a schema of the server's own", "postgres:///town#pg_catalog", E_STORE_WHERE },
                { "an empty schema", "postgres:///town#", E_STORE_WHERE },
                { "nobody answers", "postgres:///town?host=/nonexistent", E_STORE_LOST },
        };
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct store *store = NULL;
                assert_false(store_open(rows[i].where, NULL, &store, &err));
                if (err.code != rows[i].code)
                        fail_msg("%s: %s", rows[i].why, err.detail);
                assert_null(strstr(err.detail, "geheim"));
        }
}

static enum err_code open_code(const char *where, bool create)
{
        struct store_options options = { .create = create };
        struct store *store = NULL;
        bool opened = store_open(where, &options, &store, &err);
        store_close(&store);
        return opened ? E_NONE : err.code;
}

static void test_opening(void **state)
{
        char where[512], text[512];
        (void)state;
        snprintf(where, sizeof(where), "%s", address("open"));
        const char *schema = strchr(where, '#') + 1;
        drop(where);
        assert_int_equal(open_code(where, false), E_STORE_NONE);
        assert_int_equal(open_code(where, true), E_NONE);
        assert_int_equal(open_code(where, false), E_NONE);
        assert_int_equal(open_code(where, true), E_STORE_EXISTS);
        snprintf(text, sizeof(text), "UPDATE %s.store_version SET version = 99", schema);
        do_raw(text);
        assert_int_equal(open_code(where, false), E_STORE_NEWER);
        snprintf(text, sizeof(text), "DROP TABLE %s.store_version", schema);
        do_raw(text);
        assert_int_equal(open_code(where, false), E_STORE_FOREIGN);
        drop(where);
}

/* A server that answers and lets nobody in; tests/postgres/refused.py has the passwords. */
static void test_not_let_in(void **state)
{
        static const struct {
                const char *why, *more;
                enum err_code code;
                const char *says;
        } rows[] = {
                { "no such database", "dbname=t_pg_nowhere", E_STORE_DATABASE, "3D000" },
                { "no such role", "user=t_pg_nobody", E_STORE_ROLE, "28" },
                { "nobody answers", "host=/nonexistent", E_STORE_LOST, "连接" },
        };
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                char where[512];
                snprintf(where, sizeof(where), "%s%c%s#office", server,
                                strchr(server, '?') != NULL ? '&' : '?', rows[i].more);
                if (open_code(where, false) != rows[i].code ||
                                strstr(err.detail, rows[i].says) == NULL)
                        fail_msg("%s: %s: %s", rows[i].why, err_text(err.code)->name, err.detail);
        }
}

/* Every statement is one that the server takes, with the types we tell it. */
static void test_every_statement(void **state)
{
        char where[512], text[512];
        (void)state;
        snprintf(where, sizeof(where), "%s", address("all"));
        struct store *store = open_as(where, true, 0, 0);
        PGconn *connection = raw();
        snprintf(text, sizeof(text), "SET search_path = %s", strchr(where, '#') + 1);
        PQclear(PQexec(connection, text));
        size_t n_wrong = 0;
        for (int q = 0; q < N_QUERIES; q++) {
                Oid types[STORE_PARAMS_MAX];
                size_t n = strlen(postgres_queries[q].types);
                for (size_t i = 0; i < n; i++)
                        types[i] = postgres_queries[q].types[i] == 'i'   ? 20
                                   : postgres_queries[q].types[i] == 'b' ? 17
                                                                         : 25;
                PGresult *result =
                                PQprepare(connection, "", postgres_queries[q].text, (int)n, types);
                if (PQresultStatus(result) != PGRES_COMMAND_OK) {
                        print_error("%s: %s", query_names[q], PQerrorMessage(connection));
                        n_wrong++;
                }
                PQclear(result);
        }
        assert_int_equal(n_wrong, 0);
        PQfinish(connection);
        store_close(&store);
        drop(where);
}

/* ---- A connection that is lost ---- */

/* In mid transaction: it fails, nothing of it stays, and the next one works. */
static void test_lost_in_mid_transaction(void **state)
{
        char where[512];
        struct tx *tx = NULL;
        (void)state;
        snprintf(where, sizeof(where), "%s", address("lost"));
        struct store *store = open_as(where, true, 0, 0);
        assert_false(has(store, "nothing"));
        assert_true(store_begin(store, &tx, &err));
        assert_true(put(tx, "half", "1"));
        end_connections(where, "state LIKE 'idle in transaction%'");
        assert_false(put(tx, "half", "2"));
        assert_int_equal(err.code, E_STORE_LOST);
        assert_false(tx_commit(&tx, &err));
        assert_int_equal(err.code, E_STORE_LOST);
        assert_false(has(store, "half"));
        assert_true(store_begin(store, &tx, &err)); /* a new connection */
        assert_true(put(tx, "whole", "1"));
        assert_true(tx_commit(&tx, &err));
        assert_true(has(store, "whole"));
        store_close(&store);
        drop(where);
}

/* Between transactions: nobody notices, reading or writing. */
static void test_lost_at_rest(void **state)
{
        char where[512];
        struct tx *tx = NULL;
        (void)state;
        snprintf(where, sizeof(where), "%s", address("rest"));
        struct store *store = open_as(where, true, 0, 0);
        assert_false(has(store, "a"));
        end_connections(where, "true");
        assert_false(has(store, "a"));
        assert_true(store_begin(store, &tx, &err));
        assert_true(put(tx, "a", "1"));
        assert_true(tx_commit(&tx, &err));
        assert_true(has(store, "a"));
        store_close(&store);
        drop(where);
}

/* ---- Statements not waited for ---- */

static void put_receipt(struct tx *tx, int64_t seq, bool *ret_taken)
{
        *ret_taken = tx_put(
                        tx, Q_RECEIPT_PUT, PARAMS(param_text(STR_LIT("k")), param_int(seq)), &err);
}

static void test_refused_late(void **state)
{
        char where[512];
        struct tx *tx = NULL;
        bool taken;
        (void)state;
        snprintf(where, sizeof(where), "%s", address("late"));
        struct store *store = open_as(where, true, 0, 0);
        assert_true(store_begin(store, &tx, &err));
        put_receipt(tx, 1, &taken);
        assert_true(taken);
        put_receipt(tx, 2, &taken);
        assert_true(taken);                 /* handed over ... */
        assert_false(tx_commit(&tx, &err)); /* ... and refused: nothing is committed */
        assert_int_equal(err.code, E_STORE_CONFLICT);
        int64_t seq;
        bool found;
        struct snapshot *snapshot = NULL;
        assert_true(snapshot_open(store, &snapshot, &err));
        assert_true(snapshot_int(snapshot, Q_RECEIPT_GET, PARAMS(param_text(STR_LIT("k"))), &seq,
                        &found, &err));
        assert_false(found);
        snapshot_close(&snapshot);
        store_close(&store);
        drop(where);
}

/* More than fit on the way at once. */
static void test_many_on_the_way(void **state)
{
        char where[512];
        struct tx *tx = NULL;
        int64_t n = 0;
        bool found;
        (void)state;
        snprintf(where, sizeof(where), "%s", address("many"));
        struct store *store = open_as(where, true, 0, 0);
        assert_true(store_begin(store, &tx, &err));
        for (int64_t i = 0; i < 3000; i++)
                assert_true(tx_put(tx, Q_EVENT_ADD,
                                PARAMS(param_int(i), param_null(), param_null(),
                                                param_blob(STR_LIT("blatt")), param_null(),
                                                param_null(), param_null()),
                                &err));
        assert_true(snapshot_int(tx_snapshot(tx), Q_EVENT_COUNT, NO_PARAMS, &n, &found, &err));
        assert_int_equal(n, 3000);
        assert_true(tx_commit(&tx, &err));
        /* A whole table comes in portions; another statement may run between them. */
        struct snapshot *snapshot = NULL;
        struct rows rows = { 0 };
        assert_true(snapshot_open(store, &snapshot, &err));
        assert_true(snapshot_rows(snapshot, Q_ALL_EVENT, NO_PARAMS, &rows, &err));
        for (n = 0; rows_next(&rows); n++) {
                assert_int_equal(rows_int(&rows, 0), n);
                if (n % 500 == 0) {
                        int64_t count;
                        assert_true(snapshot_int(
                                        snapshot, Q_EVENT_COUNT, NO_PARAMS, &count, &found, &err));
                        assert_int_equal(count, 3000);
                }
        }
        assert_true(rows_end(&rows, &err));
        assert_int_equal(n, 3000);
        snapshot_close(&snapshot);
        store_close(&store);
        drop(where);
}

/* ---- Several programs ---- */

/* Writers of one organ come one by one; another organ's does not wait. */
static void test_turns_by_organ(void **state)
{
        char where[512];
        struct tx *first = NULL, *second = NULL, *other = NULL;
        (void)state;
        snprintf(where, sizeof(where), "%s", address("turns"));
        struct store *a = open_as(where, true, 0, 200), *b = open_as(where, false, 0, 200);
        struct store *c = open_as(where, false, 1, 200);
        make_ledger(a, 0);
        make_ledger(c, 1);
        assert_true(store_begin(a, &first, &err));
        assert_true(put(first, "a", "1"));
        assert_false(store_begin(b, &second, &err));
        assert_int_equal(err.code, E_STORE_BUSY);
        assert_true(store_begin(c, &other, &err));
        assert_true(put(other, "c", "1"));
        assert_true(tx_commit(&other, &err));
        assert_true(tx_commit(&first, &err));
        assert_true(store_begin(b, &second, &err));
        assert_true(has(b, "a"));
        tx_rollback(&second);
        store_close(&a);
        store_close(&b);
        store_close(&c);
        drop(where);
}

/* ---- From one kind to the other and back ---- */

static void test_copy(void **state)
{
        char where[512], file[128];
        struct tx *tx = NULL;
        (void)state;
        snprintf(where, sizeof(where), "%s", address("copy"));
        snprintf(file, sizeof(file), "/tmp/plumbline-copy-%d", (int)getpid());
        unlink(file);
        struct store *a = NULL, *b = NULL;
        assert_true(sqlite_open(":memory:", NULL, &a, &err));
        assert_true(store_begin(a, &tx, &err));
        assert_true(put(tx, "a", "办件"));
        for (int i = 0; i < 3; i++)
                assert_true(tx_run(tx, Q_ACCESS_PUT,
                                PARAMS(param_int(i), param_text(STR_LIT("li")), param_int(5),
                                                param_text(STR_LIT("name"))),
                                &err));
        assert_true(tx_run(tx, Q_SEARCH_PUT,
                        PARAMS(param_int(5), param_text(STR_LIT("法律 律援 援助 ")),
                                        param_text(STR_LIT("张三 "))),
                        &err));
        assert_true(tx_commit(&tx, &err));
        b = open_as(where, true, 0, 0);
        assert_true(store_copy(a, b, NULL, NULL, &err));
        assert_true(has(b, "a"));
        /* Rows that are there already: wholly or not at all, and the connection goes on. */
        assert_false(store_copy(a, b, NULL, NULL, &err));
        assert_int_equal(err.code, E_STORE_CONFLICT);
        /* The database's own numbers go on behind those that came along. */
        assert_true(store_begin(b, &tx, &err));
        assert_true(tx_run(tx, Q_ACCESS_PUT,
                        PARAMS(param_int(9), param_text(STR_LIT("li")), param_int(5),
                                        param_text(STR_LIT("name"))),
                        &err));
        assert_true(tx_commit(&tx, &err));
        assert_true(store_backup(b, file, NULL, NULL, &err)); /* one file, in SQLite */
        store_close(&a);
        store_close(&b);
        assert_true(sqlite_open(file, NULL, &a, &err));
        assert_true(has(a, "a"));
        struct snapshot *snapshot = NULL;
        struct rows rows = { 0 };
        int64_t n = 0;
        assert_true(snapshot_open(a, &snapshot, &err));
        assert_true(snapshot_rows(snapshot, Q_ALL_ACCESS, NO_PARAMS, &rows, &err));
        while (rows_next(&rows))
                assert_int_equal(rows_int(&rows, 0), ++n);
        assert_true(rows_end(&rows, &err));
        assert_int_equal(n, 4);
        snapshot_close(&snapshot);
        store_close(&a);
        unlink(file);
        drop(where);
}

/* A store that was just made and is given up leaves nothing, and nobody else's schema goes. */
static void test_discard(void **state)
{
        char where[512], text[2048];
        (void)state;
        snprintf(where, sizeof(where), "%s", address("discard"));
        const char *schema = strchr(where, '#') + 1;
        for (int i = 0; i < 2; i++) { /* its own schema; one that was there */
                struct store *store = open_as(where, true, 0, 0);
                store_discard(&store);
                snprintf(text, sizeof(text),
                                "SELECT (SELECT count(*) FROM pg_namespace WHERE nspname = '%s')"
                                " + (SELECT 10 * count(*) FROM pg_class, pg_namespace AS n WHERE"
                                " n.oid = relnamespace AND nspname = '%s') + (SELECT 10 * count(*) FROM"
                                " pg_proc, pg_namespace AS n WHERE n.oid = pronamespace"
                                " AND nspname = '%s')",
                                schema, schema, schema);
                assert_int_equal(do_raw(text), i);
                snprintf(text, sizeof(text), "CREATE SCHEMA IF NOT EXISTS \"%s\"", schema);
                do_raw(text);
        }
        drop(where);
}

/* ---- Search: the same answers as FTS5 ---- */

#define LONG_WORD    "w1234567890123456789012345678901234567890123456789012345678901234567890"
#define BEGINS(word) "\"" word "\"*"

static const struct {
        int64_t id;
        const char *open, *staff;
} texts[] = {
        { 1, "法律 律援 援助 助 申请 请 ", "张三 三 " },
        { 2, "援助 助法 法律 ", "李四 四 法律 律援 " },
        { 3, "notary public 公证 证 ", "" },
        { 4, "公共 共法 法律 律服 服务 务 ", "notarial " },
        { 5, "", "法律 律援 援助 助 " },
        { 6, LONG_WORD "1 律 ", "法律 " },
        { 7, LONG_WORD "2 ", "" },
};

static const char *const searches[] = {
        "\"法律\"*",
        "\"法律 律援\"*",
        "\"法律 律援 援助\"*",
        "\"律援 法律\"*",
        "\"法\"*",
        "\"三\"*",
        "\"notar\"*",
        "\"notary\"*",
        "\"notary pub\"*",
        "\"notary\"* AND \"公证\"*",
        "open : (\"notar\"*)",
        "open : (\"法律 律援\"*)",
        "open : (\"法律\"* AND \"公\"*)",
        "\"律\"*",
        "\"援助 助\"*",
        "\"张三\"* AND \"申\"*",
        "\"没有\"*",
        "\"法律\"",
        "\"法律 律援\"",
        BEGINS(LONG_WORD),
        BEGINS(LONG_WORD "1"),
        BEGINS(LONG_WORD "3"),
};

static void found(struct store *store, const char *query, char *to, size_t size)
{
        struct snapshot *snapshot = NULL;
        struct rows rows = { 0 };
        size_t n = 0;
        to[0] = '\0';
        assert_true(snapshot_open(store, &snapshot, &err));
        assert_true(snapshot_rows(snapshot, Q_SEARCH,
                        PARAMS(param_text(str_of(query)), param_int(INT64_MAX), param_int(100)),
                        &rows, &err));
        while (rows_next(&rows))
                n += (size_t)snprintf(to + n, size - n, "%d ", (int)rows_int(&rows, 0));
        if (!rows_end(&rows, &err))
                fail_msg("%s: %s", query, err.detail);
        snapshot_close(&snapshot);
}

static void fill(struct store *store)
{
        struct tx *tx = NULL;
        assert_true(store_begin(store, &tx, &err));
        for (size_t i = 0; i < N_ELEMENTS(texts); i++)
                assert_true(tx_run(tx, Q_SEARCH_PUT,
                                PARAMS(param_int(texts[i].id), param_text(str_of(texts[i].open)),
                                                param_text(str_of(texts[i].staff))),
                                &err));
        assert_true(tx_commit(&tx, &err));
}

static void test_search(void **state)
{
        char where[512], a[64], b[64];
        struct store *sqlite = NULL;
        size_t n_found = 0;
        (void)state;
        snprintf(where, sizeof(where), "%s", address("search"));
        assert_true(sqlite_open(":memory:", NULL, &sqlite, &err));
        struct store *postgres = open_as(where, true, 0, 0);
        fill(sqlite);
        fill(postgres);
        for (size_t i = 0; i < N_ELEMENTS(searches); i++) {
                found(sqlite, searches[i], a, sizeof(a));
                found(postgres, searches[i], b, sizeof(b));
                n_found += a[0] != '\0';
                if (strcmp(a, b) != 0)
                        fail_msg("%s: %s| %s", searches[i], a, b);
        }
        assert_true(n_found > 12);
        store_close(&sqlite);
        store_close(&postgres);
        drop(where);
}

int main(void)
{
        server = getenv("PLUMBLINE_TEST_STORE");
        if (server == NULL || strchr(server, ':') == NULL) {
                printf("1..0 # SKIP needs a server: PLUMBLINE_TEST_STORE\n");
                return 0;
        }
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_addresses),
                cmocka_unit_test(test_opening),
                cmocka_unit_test(test_not_let_in),
                cmocka_unit_test(test_every_statement),
                cmocka_unit_test(test_lost_in_mid_transaction),
                cmocka_unit_test(test_lost_at_rest),
                cmocka_unit_test(test_refused_late),
                cmocka_unit_test(test_many_on_the_way),
                cmocka_unit_test(test_turns_by_organ),
                cmocka_unit_test(test_copy),
                cmocka_unit_test(test_discard),
                cmocka_unit_test(test_search),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
