/* Connections to PostgreSQL, what is found there, and the upkeep of it. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "store/copy.h"
#include "store/postgres.h"

#define SERVER_OLDEST 150000
#define TEXT_MAX      512
#define SPARE_MAX     8
#define SCRUB_LOOK_MS 100

/* ---- Errors (PostgreSQL 15, appendix A) ---- */

static const struct {
        const char *state; /* the whole, or the class it begins with */
        enum err_code code;
} states[] = {
        { "23505", E_STORE_CONFLICT },                                /* unique_violation */
        { "25006", E_STORE_READONLY }, { "42501", E_STORE_READONLY }, /* insufficient_privilege */
        { "53100", E_STORE_FULL },                                    /* disk_full */
        { "53", E_STORE_BUSY },                                       /* memory, connections */
        { "55P03", E_STORE_BUSY },                                    /* lock_not_available */
        { "40", E_STORE_BUSY },                                       /* serialization, deadlock */
        { "25P02", E_STORE_IO },                                      /* in_failed_transaction */
        { "58", E_STORE_IO },                                         /* system error, io_error */
        { "XX001", E_STORE_CORRUPT }, { "XX002", E_STORE_CORRUPT },   /* data, index */
        { "08", E_STORE_LOST }, { "57P", E_STORE_LOST },              /* shutdown, starting up */
        { "25P03", E_STORE_LOST },  /* idle_in_transaction_session_timeout */
        { "28", E_STORE_ROLE },     /* invalid_authorization, invalid_password: no such role, too */
        { "3D", E_STORE_DATABASE }, /* invalid_catalog_name */
};

static enum err_code code_of(PGconn *connection, const char *state)
{
        for (size_t i = 0; state != NULL && i < N_ELEMENTS(states); i++)
                if (strncmp(state, states[i].state, strlen(states[i].state)) == 0)
                        return states[i].code;
        if (connection == NULL || PQstatus(connection) == CONNECTION_BAD)
                return E_STORE_LOST;
        return E_STORE_QUERY;
}

bool postgres_fail(PGconn *connection, const PGresult *result, const char *what, struct err *err)
{
        const char *state = result != NULL ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
        const char *text =
                        result != NULL ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
        if (text == NULL)
                text = connection != NULL ? PQerrorMessage(connection) : "断开";
        return err_set(err, code_of(connection, state), "%s：%.*s%s%s%s", what,
                        (int)strcspn(text, "\n"), text, state != NULL ? "（" : "",
                        state != NULL ? state : "", state != NULL ? "）" : "");
}

/* ---- Connections ---- */

static void hear_nothing(void *user, const PGresult *result)
{
        (void)user;
        (void)result;
}

static bool run_text(PGconn *connection, const char *text, struct err *err)
{
        PGresult *result = PQexec(connection, text);
        ExecStatusType status = PQresultStatus(result);
        bool done = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ||
                    postgres_fail(connection, result, "语句", err);
        PQclear(result);
        return done;
}

static bool number(PGconn *connection, const char *text, int64_t *ret, bool *ret_found,
                struct err *err)
{
        PGresult *result = PQexec(connection, text);
        bool done = PQresultStatus(result) == PGRES_TUPLES_OK ||
                    postgres_fail(connection, result, "语句", err);
        bool found = done && PQntuples(result) > 0 && PQgetisnull(result, 0, 0) == 0;
        if (found)
                *ret = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
        if (ret_found != NULL)
                *ret_found = found;
        PQclear(result);
        return done;
}

static PGconn *dial(const char *uri)
{
        /* What the address says itself comes after, and holds. */
        static const char *const names[] = { "application_name", "connect_timeout",
                "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout",
                "dbname", "client_encoding", NULL };
        const char *const values[] = { "plumbline", "5", "5", "2", "3", "15000", uri, "UTF8",
                NULL };
        return PQconnectdbParams(names, values, 1);
}

static bool settings(
                PGconn *connection, const struct database *database, bool writes, struct err *err)
{
        char text[2 * TEXT_MAX];
        snprintf(text, sizeof(text),
                        "SET search_path = \"%s\"; SET application_name = 'plumbline %.50s';"
                        " SET client_min_messages = error;"
                        " SET lock_timeout = %d; SET idle_in_transaction_session_timeout = %d;"
                        "%s"
                        " SELECT set_config('synchronous_commit', 'on', false)"
                        " WHERE current_setting('synchronous_commit') IN ('off', 'local');",
                        database->schema, database->schema, database->options.busy_ms,
                        writes ? POSTGRES_STALL_MS : 0,
                        database->options.look ? " SET default_transaction_read_only = on;" : "");
        return run_text(connection, text, err);
}

static bool is_ours(PGconn *connection, struct err *err)
{
        const char *encoding = PQparameterStatus(connection, "server_encoding");
        if (PQserverVersion(connection) < SERVER_OLDEST)
                return err_set(err, E_STORE_FOREIGN, "PostgreSQL %d，须 15 或更新",
                                PQserverVersion(connection) / 10000);
        return (encoding != NULL && strcmp(encoding, "UTF8") == 0) ||
               err_set(err, E_STORE_FOREIGN, "数据库的编码须是 UTF8");
}

/* The library tells in words only why it has no connection. */
static bool no_more_files(void)
{
        int file = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
        if (file >= 0)
                close(file);
        return file < 0 && (errno == EMFILE || errno == ENFILE);
}

/* The line of a message that has an SQLSTATE, "FATAL:  3D000: ...": where the library got an
 * answer it asks no other server, so it is the last. NULL: no server answered. */
static const char *answered(const char *message, char ret_state[6])
{
        const char *line = message, *found = NULL;
        for (; line != NULL; line = strchr(line, '\n')) {
                line += *line == '\n';
                size_t n = strcspn(line, "\n");
                for (size_t i = 0; i + 10 < n; i++)
                        if (memcmp(line + i, ":  ", 3) == 0 && line[i + 8] == ':' &&
                                        strspn(line + i + 3,
                                                        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") ==
                                                        5) {
                                memcpy(ret_state, line + i + 3, 5);
                                ret_state[5] = '\0';
                                found = line;
                                break;
                        }
        }
        return found;
}

/* Of an answer that refused the connection the library tells the SQLSTATE in its message alone, if
 * it was asked to before: so once more. It may also get through by now. */
static bool dial_again(PGconn *connection, struct err *err)
{
        char state[6];
        if (strstr(PQerrorMessage(connection), ":  ") == NULL)
                return false;
        PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);
        PQreset(connection);
        PQsetErrorVerbosity(connection, PQERRORS_DEFAULT);
        if (PQstatus(connection) == CONNECTION_OK)
                return true;
        const char *line = answered(PQerrorMessage(connection), state);
        enum err_code code = line != NULL ? code_of(connection, state) : E_STORE_LOST;
        if (code == E_STORE_ROLE || code == E_STORE_DATABASE) /* all else passes */
                (void)err_set(err, code, "连接：%.*s", (int)strcspn(line, "\n"), line);
        return false;
}

static bool is_connected(PGconn *connection, struct err *err)
{
        if (PQstatus(connection) == CONNECTION_OK)
                return true;
        bool full = no_more_files();
        postgres_fail(connection, NULL, "连接", err);
        if (!full)
                return dial_again(connection, err);
        err->code = E_STORE_HANDLES;
        return false;
}

static bool connect_plain(
                const struct database *database, bool writes, PGconn **ret, struct err *err)
{
        PGconn *connection = dial(database->uri);
        bool ok = is_connected(connection, err);
        PQsetNoticeReceiver(connection, hear_nothing, NULL);
        if (ok && is_ours(connection, err) && settings(connection, database, writes, err)) {
                *ret = connection;
                return true;
        }
        PQfinish(connection);
        return false;
}

bool postgres_connect(const struct database *database, bool writes, PGconn **ret, struct err *err)
{
        PGconn *connection;
        if (!connect_plain(database, writes, &connection, err))
                return false;
        if (PQenterPipelineMode(connection) != 1) {
                postgres_fail(connection, NULL, "连接", err);
                PQfinish(connection);
                return false;
        }
        *ret = connection;
        return true;
}

/* ---- What is there ---- */

static bool create_tables(PGconn *connection, struct database *database, struct err *err)
{
        char text[TEXT_MAX];
        struct err ignored;
        int64_t there = 0;
        snprintf(text, sizeof(text), "SELECT count(*) FROM pg_namespace WHERE nspname = '%s'",
                        database->schema);
        if (!number(connection, text, &there, NULL, err))
                return false;
        database->made_schema = there == 0;
        snprintf(text, sizeof(text),
                        "BEGIN; CREATE SCHEMA IF NOT EXISTS \"%s\";"
                        "CREATE TABLE store_version(version bigint NOT NULL);"
                        "INSERT INTO store_version VALUES (%d)",
                        database->schema, STORE_VERSION);
        if (run_text(connection, text, err) && run_text(connection, postgres_schema, err) &&
                        run_text(connection, "COMMIT", err))
                return true;
        if (!run_text(connection, "ROLLBACK", &ignored) && err->code == E_STORE_CONFLICT)
                err_set(err, E_STORE_EXISTS, "%s", database->schema);
        return false;
}

static bool upgrade_in(PGconn *connection, int64_t *ret_from, struct err *err)
{
        char text[TEXT_MAX];
        if (!run_text(connection, "BEGIN; LOCK TABLE store_version", err) ||
                        !number(connection, "SELECT version FROM store_version", ret_from, NULL,
                                        err))
                return false;
        for (int64_t next = *ret_from + 1; next <= STORE_VERSION; next++)
                if (!run_text(connection, postgres_upgrades[next], err))
                        return false;
        snprintf(text, sizeof(text), "UPDATE store_version SET version = %d; COMMIT",
                        STORE_VERSION);
        return run_text(connection, text, err);
}

static bool upgrade(PGconn *connection, int64_t version, struct err *err)
{
        struct err ignored;
        int64_t from = version;
        if (version == STORE_VERSION)
                return true;
        log_line(LOG_INFO, "store", STORE_UPGRADING, (long long)version, STORE_VERSION);
        if (upgrade_in(connection, &from, err))
                return true;
        (void)run_text(connection, "ROLLBACK", &ignored);
        if (err->code == E_STORE_QUERY) {
                struct err why = *err;
                err_set(err, E_STORE_UPGRADE, "版本 %lld → %d：%.400s", (long long)from,
                                STORE_VERSION, why.detail);
        }
        return false;
}

/* A schema of this version may have been made before search_terms() was bound to the functions
 * that it calls (sql/postgres/search.sql): what pg_dump writes of such a one cannot be loaded.
 * Whoever may replace it does, in one transaction; to anybody else it is good as it is. */
static void bind_functions(PGconn *connection, const struct database *database)
{
        char text[TEXT_MAX];
        int64_t unbound = 0;
        struct err err;
        snprintf(text, sizeof(text),
                        "SELECT count(*) FROM pg_proc WHERE proname = 'search_terms' AND prosqlbody"
                        " IS NULL AND pronamespace = '\"%s\"'::regnamespace"
                        " AND pg_has_role(proowner, 'USAGE') AND NOT pg_is_in_recovery()",
                        database->schema);
        if (!number(connection, text, &unbound, NULL, &err) || unbound == 0)
                return;
        if (run_text(connection, "BEGIN; LOCK TABLE store_version", &err) &&
                        run_text(connection, postgres_functions, &err) &&
                        run_text(connection, "COMMIT", &err))
                return;
        log_line(LOG_WARN, "store", "the functions of %s stay as they are: %s", database->schema,
                        err.detail);
        (void)run_text(connection, "ROLLBACK", &err);
}

static bool look(PGconn *connection, struct database *database, struct err *err)
{
        char text[TEXT_MAX];
        int64_t there = 0, version = 0;
        bool found, create = database->options.create;
        snprintf(text, sizeof(text), "SELECT count(*) FROM pg_tables WHERE schemaname = '%s'",
                        database->schema);
        if (!number(connection, text, &there, NULL, err))
                return false;
        if (there == 0)
                return create ? create_tables(connection, database, err)
                              : err_set(err, E_STORE_NONE, "%s#%s", database->uri,
                                                database->schema);
        if (create)
                return err_set(err, E_STORE_EXISTS, "%s#%s", database->uri, database->schema);
        if (!number(connection, "SELECT version FROM store_version", &version, &found, err))
                return err_set(err, E_STORE_FOREIGN, "%s#%s", database->uri, database->schema);
        if (!found || version < 1)
                return err_set(err, E_STORE_FOREIGN, "%s#%s", database->uri, database->schema);
        if (version > STORE_VERSION)
                return err_set(err, E_STORE_NEWER, "数据库版本 %lld，程序版本 %d",
                                (long long)version, STORE_VERSION);
        if (version < STORE_VERSION && database->options.look)
                return err_set(err, E_STORE_OLDER, "数据库版本 %lld，程序版本 %d",
                                (long long)version, STORE_VERSION);
        if (version == STORE_VERSION && !database->options.look)
                bind_functions(connection, database);
        return upgrade(connection, version, err);
}

/* ---- Opening ---- */

static bool name_is_plain(const char *name)
{
        size_t n = strlen(name);
        for (size_t i = 0; i < n; i++)
                if (!(name[i] == '_' || (name[i] >= 'a' && name[i] <= 'z') ||
                                    (i > 0 && name[i] >= '0' && name[i] <= '9')))
                        return false;
        return n > 0 && n <= POSTGRES_NAME_MAX && strncmp(name, "pg_", 3) != 0;
}

/* The address must be one of libpq's, without a password: site.yaml is read by many. */
static bool uri_is_good(const char *uri, struct err *err)
{
        char *message = NULL;
        PQconninfoOption *options = PQconninfoParse(uri, &message);
        if (options == NULL) {
                err_set(err, E_STORE_WHERE, "%.*s",
                                message != NULL ? (int)strcspn(message, "\n") : 0,
                                message != NULL ? message : "");
                PQfreemem(message);
                return false;
        }
        bool password = false;
        for (PQconninfoOption *o = options; o->keyword != NULL; o++)
                if (strcmp(o->keyword, "password") == 0 && o->val != NULL)
                        password = true;
        PQconninfoFree(options);
        return !password || err_set(err, E_STORE_WHERE, "地址里不能写密码");
}

static bool set_where(struct database *database, const char *where, struct err *err)
{
        const char *hash = strchr(where, '#');
        size_t n = hash != NULL ? (size_t)(hash - where) : strlen(where);
        database->where = strdup(where);
        database->uri = strndup(where, n);
        if (database->where == NULL || database->uri == NULL)
                abort();
        const char *schema = hash != NULL ? hash + 1 : "public";
        if (!name_is_plain(schema))
                return err_set(err, E_STORE_WHERE, "# 之后的模式名只用小写字母、数字和下划线");
        snprintf(database->schema, sizeof(database->schema), "%s", schema);
        return uri_is_good(database->uri, err);
}

/* ---- Schemas for a while ---- */

/* One that is not needed any more is emptied for the next: making one takes longer than most
 * of what is done in it. Those of a process that ends stay; their cluster goes as a whole. */
static pthread_mutex_t spare_lock = PTHREAD_MUTEX_INITIALIZER;
static char spare[SPARE_MAX][POSTGRES_NAME_MAX + 1];
static size_t n_spare;
static pid_t spare_of; /* a child does not take its parent's */

static bool take_spare(char schema[POSTGRES_NAME_MAX + 1])
{
        pthread_mutex_lock(&spare_lock);
        if (spare_of != getpid())
                n_spare = 0;
        bool any = n_spare > 0;
        if (any)
                memcpy(schema, spare[--n_spare], POSTGRES_NAME_MAX + 1);
        pthread_mutex_unlock(&spare_lock);
        return any;
}

static void give_spare(const char schema[POSTGRES_NAME_MAX + 1])
{
        pthread_mutex_lock(&spare_lock);
        if (spare_of != getpid())
                n_spare = 0;
        spare_of = getpid();
        if (n_spare < SPARE_MAX)
                memcpy(spare[n_spare++], schema, POSTGRES_NAME_MAX + 1);
        pthread_mutex_unlock(&spare_lock);
}

static void leave(const struct database *database)
{
        PGconn *connection;
        struct err ignored;
        char text[8192];
        size_t n = 0;
        for (const struct store_table *t = store_tables; t->name != NULL; t++)
                n += (size_t)snprintf(text + n, sizeof(text) - n, "DELETE FROM \"%s\";", t->name);
        assert(n < sizeof(text));
        if (!connect_plain(database, true, &connection, &ignored))
                return;
        if (run_text(connection, text, &ignored))
                give_spare(database->schema);
        PQfinish(connection);
}

void postgres_drop(void *where)
{
        struct database *database = where;
        if (database->temporary)
                leave(database);
        free(database->where);
        free(database->uri);
        free(database);
}

/* The schema, if it is ours; else what we have put into it. */
void postgres_discard(void *where)
{
        const struct database *database = where;
        PGconn *connection;
        struct err ignored;
        char text[8192];
        size_t n = 0;
        if (database->temporary || !connect_plain(database, true, &connection, &ignored))
                return;
        n += (size_t)snprintf(text, sizeof(text), "DROP TABLE store_version");
        for (const struct store_table *t = store_tables; t->name != NULL; t++)
                n += (size_t)snprintf(text + n, sizeof(text) - n, ", \"%s\"", t->name);
        snprintf(text + n, sizeof(text) - n,
                        "; DROP FUNCTION search_terms, search_terms_cut, search_query, search_holds");
        assert(n + 128 < sizeof(text));
        if (database->made_schema)
                snprintf(text, sizeof(text), "DROP SCHEMA \"%s\" CASCADE", database->schema);
        if (!run_text(connection, text, &ignored))
                log_line(LOG_ERROR, "store", "what was made stays in %s: %s", database->schema,
                                ignored.detail);
        PQfinish(connection);
}

const char *postgres_where(const void *where)
{
        const struct database *database = where;
        return database->temporary ? "" : database->where;
}

static bool look_at(struct database *database, struct err *err)
{
        PGconn *connection;
        if (!connect_plain(database, true, &connection, err))
                return false;
        bool ok = look(connection, database, err);
        PQfinish(connection);
        return ok;
}

bool postgres_open(const char *where, const struct store_options *options, bool temporary,
                struct store **ret, struct err *err)
{
        struct database *database = calloc(1, sizeof(*database));
        if (database == NULL)
                abort();
        if (options != NULL)
                database->options = *options;
        if (database->options.busy_ms == 0)
                database->options.busy_ms = STORE_BUSY_MS;
        if (!set_where(database, where, err) ||
                        !((temporary && take_spare(database->schema)) || look_at(database, err))) {
                postgres_drop(database);
                return false;
        }
        database->temporary = temporary;
        return store_over(&postgres_driver, database, ret, err);
}

/* ---- Upkeep ---- */

/* Upkeep has a connection of its own, outside the pipeline. */
static bool for_each_table(
                struct link *link, const char *before, const char *after, struct err *err)
{
        char text[TEXT_MAX];
        PGconn *connection;
        if (!connect_plain(link->database, true, &connection, err))
                return false;
        bool ok = true;
        for (const struct store_table *t = store_tables; ok && t->name != NULL; t++) {
                snprintf(text, sizeof(text), "%s \"%s\"%s", before, t->name, after);
                ok = run_text(connection, text, err);
        }
        PQfinish(connection);
        return ok;
}

/* Every row is read to its end, also what lies outside the table's own pages. */
bool postgres_check(struct link *link, struct err *err)
{
        return for_each_table(link, "SELECT count(hashtext(t::text)) FROM", " AS t", err);
}

/* Whether nobody reads the tables as they were before transaction `xid`: readers here, standbys
 * that tell what they read, transactions that were prepared. */
static bool none_older(PGconn *connection, const char *xid, bool *ret, struct err *err)
{
        static const char text[] =
                        "WITH holding(x) AS (SELECT backend_xmin FROM pg_stat_activity WHERE pid <>"
                        " pg_backend_pid() AND (datname = current_database() OR datname IS NULL)"
                        " UNION ALL SELECT xmin FROM pg_replication_slots UNION ALL"
                        " SELECT transaction FROM pg_prepared_xacts"
                        " WHERE database = current_database())"
                        " SELECT count(*) FROM holding WHERE x IS NOT NULL AND age(x) >= age($1::xid)";
        PGresult *result = PQexecParams(connection, text, 1, NULL, &xid, NULL, NULL, 0);
        bool ok = PQresultStatus(result) == PGRES_TUPLES_OK ||
                  postgres_fail(connection, result, "清理", err);
        *ret = ok && strcmp(PQgetvalue(result, 0, 0), "0") == 0;
        PQclear(result);
        return ok;
}

/* A table that is written anew keeps the rows that an older reader may still look at: they
 * are waited for, as long as for a lock. */
static bool wait_for_older(struct link *link, struct err *err)
{
        PGconn *connection;
        char xid[24] = "";
        bool none = false;
        if (!connect_plain(link->database, true, &connection, err))
                return false;
        PGresult *result = PQexec(connection, "SELECT pg_current_xact_id()::xid");
        bool ok = PQresultStatus(result) == PGRES_TUPLES_OK ||
                  postgres_fail(connection, result, "清理", err);
        if (ok)
                snprintf(xid, sizeof(xid), "%s", PQgetvalue(result, 0, 0));
        PQclear(result);
        for (int waited = 0; ok && !none; waited += SCRUB_LOOK_MS) {
                ok = none_older(connection, xid, &none, err);
                if (!none && waited >= link->database->options.busy_ms)
                        break;
                if (!none)
                        usleep(SCRUB_LOOK_MS * 1000);
        }
        PQfinish(connection);
        return ok && (none || err_set(err, E_STORE_BUSY, "另有程序在读，旧内容还在表里"));
}

/* Each table is written anew; the log of the server and its copies keep what they have until
 * they are recycled. */
bool postgres_scrub(struct link *link, struct err *err)
{
        return wait_for_older(link, err) && for_each_table(link, "VACUUM (FULL, ANALYZE)", "", err);
}

/* A backup is a store in one file, whatever it was copied from. */
bool postgres_backup(struct link *link, const char *to,
                bool (*progress)(void *user, int64_t done, int64_t total), void *user,
                struct err *err)
{
        struct store *store = NULL;
        char part[4096];
        struct stat found;
        if (snprintf(part, sizeof(part), "%s.part", to) >= (int)sizeof(part))
                return err_set(err, E_STORE_IO, "路径过长");
        if (stat(to, &found) == 0)
                return err_set(err, E_STORE_EXISTS, "%s", to);
        unlink(part);
        if (!sqlite_open(part, &(struct store_options){ .create = true }, &store, err))
                return false;
        bool done = copy_rows(&postgres_driver, link, store, progress, user, err);
        store_close(&store);
        if (done && rename(part, to) != 0)
                done = err_set(err, E_STORE_IO, "%s", to);
        if (!done)
                unlink(part);
        return done;
}

/* Numbers that the database gives itself go on behind those that came along. */
bool postgres_copied(struct link *link, struct err *err)
{
        static const char text[] =
                        "DO $$ DECLARE r record; top bigint; BEGIN FOR r IN SELECT table_name AS t,"
                        " column_name AS c FROM information_schema.columns WHERE is_identity = 'YES'"
                        " AND table_schema = current_schema() LOOP"
                        " EXECUTE format('SELECT max(%I) FROM %I', r.c, r.t) INTO top;"
                        " IF top > 0 THEN PERFORM setval(pg_get_serial_sequence("
                        "quote_ident(r.t), r.c), top); END IF; END LOOP; END $$";
        PGconn *connection;
        if (!connect_plain(link->database, true, &connection, err))
                return false;
        bool done = run_text(connection, text, err);
        PQfinish(connection);
        return done;
}
