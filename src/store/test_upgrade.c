/* An older store, when it is opened, becomes what a new one is; or stays what it was. */
#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#define TEXT_MAX 65536

static char directory[64];
static struct err err;

static void run(const char *command)
{
        if (system(command) != 0)
                fail_msg("%s", command);
}

static const char *path(const char *name)
{
        static char text[128];
        snprintf(text, sizeof(text), "%s/%s", directory, name);
        return text;
}

/* A folder with the stores of each released version, as they were written. */
static int unpack(void **state)
{
        char command[512];
        const char *source = getenv("PLUMBLINE_SOURCE");
        (void)state;
        snprintf(directory, sizeof(directory), "/tmp/plumbline-test-XXXXXX");
        if (source == NULL || mkdtemp(directory) == NULL)
                return 1;
        for (int version = 1; version < STORE_VERSION; version++) {
                snprintf(command, sizeof(command),
                                "tar -xzf '%s/tests/data/stores/site-v%d.tar.gz' -C %s", source,
                                version, directory);
                run(command);
                snprintf(command, sizeof(command), "mv %s/plumbline.db %s/v%d", directory,
                                directory, version);
                run(command);
        }
        return 0;
}

static int remove_directory(void **state)
{
        char command[96];
        (void)state;
        snprintf(command, sizeof(command), "rm -rf %s", directory);
        run(command);
        return 0;
}

static void copy(const char *from, const char *to)
{
        char command[256];
        snprintf(command, sizeof(command), "cp %s/%s %s/%s", directory, from, directory, to);
        run(command);
}

struct text {
        char p[TEXT_MAX];
        size_t n;
};

static int add_row(void *user, int n, char **values, char **names)
{
        struct text *text = user;
        (void)names;
        for (int i = 0; i < n; i++)
                text->n += (size_t)snprintf(text->p + text->n, TEXT_MAX - text->n, "%s%s",
                                i > 0 ? "|" : "", values[i] != NULL ? values[i] : "null");
        text->n += (size_t)snprintf(text->p + text->n, TEXT_MAX - text->n, "\n");
        assert_true(text->n < TEXT_MAX);
        return 0;
}

static void look(const char *name, const char *query, struct text *ret)
{
        sqlite3 *db = NULL;
        char *message = NULL;
        assert_int_equal(sqlite3_open(path(name), &db), SQLITE_OK);
        ret->n = 0;
        ret->p[0] = '\0';
        if (sqlite3_exec(db, query, add_row, ret, &message) != SQLITE_OK)
                fail_msg("%s: %s", query, message);
        sqlite3_close(db);
}

/* Tables and their columns in order; indexes, their columns, and what a partial one holds;
 * not the text of a table, which ALTER TABLE and CREATE TABLE write differently. */
static const char shape[] =
                "SELECT s.type, s.name, s.tbl_name, t.wr, c.cid, c.name, c.type, c.\"notnull\","
                " c.dflt_value, c.pk, c.hidden FROM sqlite_schema AS s"
                " JOIN pragma_table_list AS t ON t.name = s.name AND t.schema = 'main'"
                " JOIN pragma_table_xinfo(s.name) AS c WHERE s.type = 'table'"
                " ORDER BY s.name, c.cid;"
                "SELECT s.name, l.name, l.\"unique\", l.origin, l.partial, x.seqno, x.name, x.\"desc\","
                " x.coll, x.key FROM sqlite_schema AS s JOIN pragma_index_list(s.name) AS l"
                " JOIN pragma_index_xinfo(l.name) AS x WHERE s.type = 'table'"
                " ORDER BY s.name, l.name, x.seqno;"
                "SELECT name, replace(replace(sql, char(10), ''), ' ', '') FROM sqlite_schema"
                " WHERE type IN ('index', 'view', 'trigger') AND sql IS NOT NULL ORDER BY name;"
                "PRAGMA user_version; PRAGMA application_id;";

static void open_and_close(const char *name, bool create)
{
        struct store *store = NULL;
        struct store_options options = { .create = create };
        if (!store_open(path(name), &options, &store, &err))
                fail_msg("%s: %s: %s", name, err_text(err.code)->name, err.detail);
        assert_true(store_check(store, &err));
        store_close(&store);
}

static void copy_version(int version, const char *to)
{
        char from[8];
        snprintf(from, sizeof(from), "v%d", version);
        copy(from, to);
}

static void becomes_as_a_new_one(int version)
{
        static struct text before, upgraded, fresh;
        copy_version(version, "upgraded");
        look("upgraded", shape, &before);
        open_and_close("upgraded", false);
        look("upgraded", shape, &upgraded);
        look("fresh", shape, &fresh);
        assert_string_not_equal(before.p, upgraded.p);
        assert_string_equal(upgraded.p, fresh.p);
        open_and_close("upgraded", false); /* once is enough */
        look("upgraded", shape, &before);
        assert_string_equal(before.p, upgraded.p);
}

static void test_becomes_as_a_new_one(void **state)
{
        (void)state;
        open_and_close("fresh", true);
        for (int version = 1; version < STORE_VERSION; version++)
                becomes_as_a_new_one(version);
}

static void keeps_every_row(int version)
{
        static const char rows[] =
                        "SELECT id, matter, prev, hex(leaf), data, hex(secret), key FROM event ORDER "
                        "BY id; SELECT id, number, state, title, hex(body) FROM matter ORDER BY id;"
                        "SELECT rowid, open, staff FROM search ORDER BY rowid; SELECT * FROM clock;"
                        "SELECT organ, size, note FROM checkpoint; SELECT * FROM counter;";
        static struct text before, after;
        copy_version(version, "kept");
        look("kept", rows, &before);
        open_and_close("kept", false);
        look("kept", rows, &after);
        assert_true(before.n > 1000);
        assert_string_equal(before.p, after.p);
}

static void test_keeps_every_row(void **state)
{
        (void)state;
        for (int version = 1; version < STORE_VERSION; version++)
                keeps_every_row(version);
}

/* Something stands in the way: the store is as it was, and the reason is told. */
static void test_wholly_or_not_at_all(void **state)
{
        static struct text before, after, nothing;
        struct store *store = NULL;
        (void)state;
        copy("v1", "blocked");
        look("blocked", "CREATE TABLE lease(mine INTEGER); INSERT INTO lease VALUES (1)", &nothing);
        look("blocked", shape, &before);
        assert_false(store_open(path("blocked"), NULL, &store, &err));
        assert_int_equal(err.code, E_STORE_UPGRADE);
        assert_non_null(strstr(err.detail, "lease"));
        look("blocked", shape, &after);
        assert_string_equal(before.p, after.p);
        look("blocked", "DROP TABLE lease", &nothing);
        open_and_close("blocked", false);
}

static void test_a_version_that_never_was(void **state)
{
        static struct text nothing;
        struct store *store = NULL;
        (void)state;
        copy("v1", "zero");
        look("zero", "PRAGMA user_version = 0", &nothing);
        assert_false(store_open(path("zero"), NULL, &store, &err));
        assert_int_equal(err.code, E_STORE_FOREIGN);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_becomes_as_a_new_one),
                cmocka_unit_test(test_keeps_every_row),
                cmocka_unit_test(test_wholly_or_not_at_all),
                cmocka_unit_test(test_a_version_that_never_was),
        };
        return cmocka_run_group_tests(tests, unpack, remove_directory);
}
