#include "bench/capture.h"

#include <assert.h>
#include <endian.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libpq-fe.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/bench.h"

#define UNDO_BYTES  ((size_t)8 << 20) /* what one savepoint may hold */
#define BATCH_BYTES ((size_t)64 << 20)
#define VALUES_MAX  32

#define REPLAY "--replay"

#define COMMITTED UINT16_MAX /* in place of a query: here a commit stood */

/* One statement as kept: query, number of values, then kind and value of each. The connection
 * goes from thread to thread (store/deferred.h), but only one has it at a time. */
struct listening {
        FILE *file;
        char *pending; /* since the newest savepoint */
        size_t n, mark;
        struct capture_numbers numbers, kept; /* kept: up to the mark */
        sqlite3_stmt *known[4096];
        short query[4096];
};

static struct listening *listening;

/* ---- Keeping ---- */

static void keep(const void *bytes, size_t n)
{
        if (listening->n + n > UNDO_BYTES)
                die("a savepoint holds too much");
        memcpy(listening->pending + listening->n, bytes, n);
        listening->n += n;
}

static void flush_pending(void)
{
        if (fwrite(listening->pending, 1, listening->n, listening->file) != listening->n)
                die("cannot write the capture");
        listening->n = 0;
        listening->kept = listening->numbers;
}

static int query_of(sqlite3_stmt *statement)
{
        size_t slot = ((uintptr_t)statement >> 4) % 4096;
        const char *text = sqlite3_sql(statement);
        if (listening->known[slot] == statement &&
                        strcmp(query_texts[listening->query[slot]], text) == 0)
                return listening->query[slot];
        short found = -1;
        for (short i = 0; i < N_QUERIES && found < 0; i++)
                if (strcmp(query_texts[i], text) == 0)
                        found = i;
        listening->known[slot] = found >= 0 ? statement : NULL; /* addresses come again */
        listening->query[slot] = found;
        return found;
}

static void keep_bytes(char kind, const char *bytes, size_t n)
{
        uint32_t length = (uint32_t)n;
        keep(&kind, 1);
        keep(&length, sizeof(length));
        keep(bytes, n);
        listening->numbers.bytes += n;
}

static int hex(char c)
{
        return c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
}

/* One literal as sqlite3_expanded_sql() writes it: NULL, 12, 'it''s', x'0aff'. */
static const char *keep_literal(const char *p)
{
        static char bytes[1 << 20];
        size_t n = 0;
        if (*p == 'N') {
                keep("N", 1);
                return p + 4;
        }
        if (*p == 'x' && p[1] == '\'') {
                for (p += 2; *p != '\''; p += 2)
                        bytes[n++] = (char)(hex(p[0]) << 4 | hex(p[1]));
                keep_bytes('B', bytes, n);
                return p + 1;
        }
        if (*p == '\'') {
                for (p++; *p != '\'' || p[1] == '\''; p++) {
                        p += *p == '\'';
                        bytes[n++] = *p;
                }
                keep_bytes('T', bytes, n);
                return p + 1;
        }
        char *end;
        int64_t number = strtoll(p, &end, 10);
        keep("I", 1);
        keep(&number, sizeof(number));
        return end;
}

static void keep_statement(sqlite3_stmt *statement, int query)
{
        char *expanded = sqlite3_expanded_sql(statement);
        const char *text = query_texts[query], *p = expanded;
        const char *values[VALUES_MAX];
        int n = sqlite3_bind_parameter_count(statement);
        uint16_t head[2] = { (uint16_t)query, (uint16_t)n };
        assert(n <= VALUES_MAX && expanded != NULL);
        memset(values, 0, sizeof(values));
        keep(head, sizeof(head));
        /* Parameters stand in any order and may stand twice; kept are the first of each. */
        size_t undo = listening->n;
        struct capture_numbers numbers = listening->numbers;
        while (*text != '\0') {
                if (*text != '?') {
                        assert(*text == *p);
                        text++;
                        p++;
                        continue;
                }
                long index = strtol(text + 1, (char **)&text, 10);
                assert(index >= 1 && index <= n);
                if (values[index - 1] == NULL)
                        values[index - 1] = p;
                p = keep_literal(p);
        }
        listening->n = undo;
        listening->numbers = numbers;
        for (int i = 0; i < n; i++) {
                assert(values[i] != NULL); /* each parameter stands somewhere */
                keep_literal(values[i]);
        }
        sqlite3_free(expanded);
        listening->numbers.statements++;
        listening->numbers.events += query == Q_EVENT_ADD;
}

static int heard(unsigned type, void *context, void *subject, void *unexpanded)
{
        sqlite3_stmt *statement = subject;
        (void)type, (void)context, (void)unexpanded;
        if (listening == NULL)
                return 0;
        const char *text = sqlite3_sql(statement);
        if (text == NULL)
                return 0;
        if (strcmp(text, "COMMIT") == 0) {
                const uint16_t head[2] = { COMMITTED, 0 };
                listening->numbers.commits++;
                keep(head, sizeof(head));
                flush_pending();
        } else if (strcmp(text, "ROLLBACK") == 0) {
                listening->n = 0;
                listening->numbers = listening->kept;
        } else if (strcmp(text, "SAVEPOINT mark") == 0) {
                flush_pending();
        } else if (strcmp(text, "ROLLBACK TO mark") == 0) {
                listening->n = 0;
                listening->numbers = listening->kept;
        } else if (!sqlite3_stmt_readonly(statement)) {
                int query = query_of(statement);
                if (query >= 0)
                        keep_statement(statement, query);
        }
        return 0;
}

static int listen_to(sqlite3 *db, const char **error, const struct sqlite3_api_routines *api)
{
        (void)error, (void)api;
        return sqlite3_trace_v2(db, SQLITE_TRACE_STMT, heard, NULL);
}

void capture_start(const char *file)
{
        assert(listening == NULL);
        listening = calloc(1, sizeof(*listening));
        if (listening == NULL || (listening->pending = malloc(UNDO_BYTES)) == NULL)
                abort();
        if ((listening->file = fopen(file, "wb")) == NULL)
                die("cannot make the capture");
        sqlite3_auto_extension((void (*)(void))listen_to);
}

struct capture_numbers capture_stop(void)
{
        struct capture_numbers numbers = listening->numbers;
        sqlite3_cancel_auto_extension((void (*)(void))listen_to);
        flush_pending();
        if (fclose(listening->file) != 0)
                die("cannot write the capture");
        free(listening->pending);
        free(listening);
        listening = NULL;
        return numbers;
}

/* ---- Writing again ---- */

struct playing {
        sqlite3 *db;
        sqlite3_stmt *statements[N_QUERIES];
        char *bytes; /* of a batch */
        size_t n, capacity;
};

static void reserve(struct playing *p, size_t n)
{
        if (p->n + n <= p->capacity)
                return;
        p->capacity = p->capacity + n + BATCH_BYTES;
        if ((p->bytes = realloc(p->bytes, p->capacity)) == NULL)
                abort();
}

static void take_bytes(struct playing *p, FILE *file, size_t n)
{
        reserve(p, n);
        if (n > 0 && fread(p->bytes + p->n, 1, n, file) != n)
                die("the capture is cut off");
        p->n += n;
}

/* The next statement into p->bytes; COMMITTED is none; -1 at the end. */
static int read_statement(struct playing *p, FILE *file)
{
        uint16_t head[2];
        if (fread(head, sizeof(head), 1, file) != 1)
                return -1;
        if (head[0] == COMMITTED)
                return COMMITTED;
        reserve(p, sizeof(head));
        memcpy(p->bytes + p->n, head, sizeof(head));
        p->n += sizeof(head);
        for (int i = 0; i < head[1]; i++) {
                take_bytes(p, file, 1);
                char kind = p->bytes[p->n - 1];
                if (kind == 'I')
                        take_bytes(p, file, sizeof(int64_t));
                if (kind != 'T' && kind != 'B')
                        continue;
                uint32_t length;
                take_bytes(p, file, sizeof(length));
                memcpy(&length, p->bytes + p->n - sizeof(length), sizeof(length));
                take_bytes(p, file, length);
        }
        return head[0];
}

static void run_text(sqlite3 *db, const char *text)
{
        char *error = NULL;
        if (sqlite3_exec(db, text, NULL, NULL, &error) != SQLITE_OK)
                die(error);
}

static const char *bind_value(sqlite3_stmt *statement, int i, const char *p)
{
        char kind = *p++;
        int64_t number;
        uint32_t n;
        switch (kind) {
        case 'N':
                sqlite3_bind_null(statement, i);
                return p;
        case 'I':
                memcpy(&number, p, sizeof(number));
                sqlite3_bind_int64(statement, i, number);
                return p + sizeof(number);
        default:
                memcpy(&n, p, sizeof(n));
                p += sizeof(n);
                if (kind == 'T')
                        sqlite3_bind_text(statement, i, p, (int)n, SQLITE_STATIC);
                else
                        sqlite3_bind_blob(statement, i, p, (int)n, SQLITE_STATIC);
                return p + n;
        }
}

static void write_batch(struct playing *p)
{
        run_text(p->db, "BEGIN IMMEDIATE");
        for (const char *at = p->bytes; at < p->bytes + p->n;) {
                uint16_t head[2];
                memcpy(head, at, sizeof(head));
                at += sizeof(head);
                sqlite3_stmt *statement = p->statements[head[0]];
                for (int i = 0; i < head[1]; i++)
                        at = bind_value(statement, i + 1, at);
                if (sqlite3_step(statement) != SQLITE_DONE) {
                        fprintf(stderr, "%s: ", query_names[head[0]]);
                        die(sqlite3_errmsg(p->db));
                }
                sqlite3_reset(statement);
        }
        run_text(p->db, "COMMIT");
        p->n = 0;
}

static void open_database(struct playing *p, const char *database)
{
        char text[300];
        if (sqlite3_open_v2(database, &p->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
                        SQLITE_OK)
                die(sqlite3_errmsg(p->db));
        snprintf(text, sizeof(text),
                        "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 10000;"
                        "PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY;"
                        "PRAGMA cache_size = -%zu;",
                        STORE_CACHE_BYTES / 1024);
        run_text(p->db, text);
        for (size_t i = 0; i < N_QUERIES; i++)
                if (sqlite3_prepare_v3(p->db, query_texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                                    &p->statements[i], NULL) != SQLITE_OK)
                        die(sqlite3_errmsg(p->db));
}

static struct replay replay_here(const char *file, const char *database, int batch)
{
        struct playing p = { 0 };
        struct replay replay = { 0 };
        FILE *from = fopen(file, "rb");
        if (from == NULL)
                die("no capture");
        setvbuf(from, NULL, _IOFBF, 1 << 20);
        open_database(&p, database);
        for (bool more = true; more;) {
                int events = 0, query = 0;
                while ((batch == 0 || events < batch) && (query = read_statement(&p, from)) >= 0 &&
                                (batch > 0 || query != COMMITTED))
                        events += query == Q_EVENT_ADD;
                more = query >= 0;
                if (p.n == 0)
                        continue;
                double start = now_seconds(), cpu = cpu_seconds();
                write_batch(&p);
                replay.seconds += now_seconds() - start;
                replay.cpu += cpu_seconds() - cpu;
                replay.events += (uint64_t)events;
                replay.commits++;
        }
        for (size_t i = 0; i < N_QUERIES; i++)
                sqlite3_finalize(p.statements[i]);
        sqlite3_close(p.db);
        fclose(from);
        free(p.bytes);
        return replay;
}

bool capture_has_replayed(int argc, char **argv)
{
        if (argc < 4 || strcmp(argv[1], REPLAY) != 0)
                return false;
        sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
        sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
        struct replay replay = replay_here(argv[2], argv[3], number_argument(argc, argv, 4, 0));
        printf("%a %a %" PRIu64 " %" PRIu64 "\n", replay.seconds, replay.cpu, replay.events,
                        replay.commits);
        return true;
}

struct replay capture_replay(const char *file, const char *database, int batch)
{
        struct replay replay;
        char n_batch[16];
        int ends[2], status;
        snprintf(n_batch, sizeof(n_batch), "%d", batch);
        fflush(NULL);
        if (pipe2(ends, O_CLOEXEC) != 0)
                die("no pipe");
        pid_t child = fork();
        if (child == 0) {
                dup2(ends[1], STDOUT_FILENO);
                execl("/proc/self/exe", "bench", REPLAY, file, database, batch > 0 ? n_batch : NULL,
                                NULL);
                _exit(127);
        }
        close(ends[1]);
        FILE *from = fdopen(ends[0], "r");
        if (child < 0 || from == NULL ||
                        fscanf(from, "%la %la %" SCNu64 " %" SCNu64, &replay.seconds, &replay.cpu,
                                        &replay.events, &replay.commits) != 4 ||
                        waitpid(child, &status, 0) != child || status != 0)
                die("SQLite alone has failed");
        fclose(from);
        return replay;
}

/* ---- Writing again: PostgreSQL ---- */

struct piping {
        PGconn *connection;
        struct playing p;
        size_t n_sent;
};

static void pg_die(const struct piping *p)
{
        die(PQerrorMessage(p->connection));
}

static Oid pg_type(char letter)
{
        return letter == 'i' ? 20 : letter == 'b' ? 17 : 25;
}

static void pg_open(struct piping *p, const char *address)
{
        char uri[512], text[256];
        const char *hash = strchr(address, '#');
        assert(hash != NULL);
        snprintf(uri, sizeof(uri), "%.*s", (int)(hash - address), address);
        p->connection = PQconnectdb(uri);
        if (PQstatus(p->connection) != CONNECTION_OK)
                pg_die(p);
        snprintf(text, sizeof(text), "SET search_path = \"%s\"", hash + 1);
        PQclear(PQexec(p->connection, text));
        for (size_t q = 0; q < N_QUERIES; q++) {
                Oid types[VALUES_MAX];
                size_t n = strlen(postgres_queries[q].types);
                for (size_t i = 0; i < n; i++)
                        types[i] = pg_type(postgres_queries[q].types[i]);
                PGresult *result = PQprepare(p->connection, query_names[q],
                                postgres_queries[q].text, (int)n, types);
                if (PQresultStatus(result) != PGRES_COMMAND_OK)
                        pg_die(p);
                PQclear(result);
        }
        if (PQenterPipelineMode(p->connection) != 1)
                pg_die(p);
}

/* One value as it was kept, in the binary form of its type. */
static const char *pg_value(const char *p, uint64_t *number, const char **value, int *length)
{
        char kind = *p++;
        uint32_t n;
        if (kind == 'N') {
                *value = NULL;
                *length = 0;
                return p;
        }
        if (kind == 'I') {
                memcpy(number, p, sizeof(*number));
                *number = htobe64(*number);
                *value = (const char *)number;
                *length = sizeof(*number);
                return p + sizeof(*number);
        }
        memcpy(&n, p, sizeof(n));
        *value = p + sizeof(n);
        *length = (int)n;
        return p + sizeof(n) + n;
}

static const char *pg_send(struct piping *p, const char *at)
{
        uint16_t head[2];
        uint64_t numbers[VALUES_MAX];
        const char *values[VALUES_MAX];
        int lengths[VALUES_MAX], formats[VALUES_MAX];
        memcpy(head, at, sizeof(head));
        at += sizeof(head);
        for (int i = 0; i < head[1]; i++) {
                formats[i] = 1;
                at = pg_value(at, &numbers[i], &values[i], &lengths[i]);
        }
        if (PQsendQueryPrepared(p->connection, query_names[head[0]], head[1], values, lengths,
                            formats, 1) != 1)
                pg_die(p);
        p->n_sent++;
        return at;
}

static void pg_text(struct piping *p, const char *text)
{
        if (PQsendQueryParams(p->connection, text, 0, NULL, NULL, NULL, NULL, 1) != 1)
                pg_die(p);
        p->n_sent++;
}

static void pg_settle(struct piping *p)
{
        if (PQpipelineSync(p->connection) != 1)
                pg_die(p);
        for (size_t i = 0; i <= p->n_sent; i++) { /* and the mark itself */
                PGresult *result = PQgetResult(p->connection);
                ExecStatusType status = PQresultStatus(result);
                if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK &&
                                status != PGRES_PIPELINE_SYNC)
                        pg_die(p);
                PQclear(result);
                if (i < p->n_sent)
                        PQclear(PQgetResult(p->connection));
        }
        p->n_sent = 0;
}

struct replay capture_replay_postgres(const char *file, const char *address, int batch)
{
        struct piping p = { 0 };
        struct replay replay = { 0 };
        FILE *from = fopen(file, "rb");
        if (from == NULL)
                die("no capture");
        setvbuf(from, NULL, _IOFBF, 1 << 20);
        pg_open(&p, address);
        for (bool more = true; more;) {
                int events = 0, query = 0;
                while (events < batch && (query = read_statement(&p.p, from)) >= 0)
                        events += query == Q_EVENT_ADD;
                more = query >= 0;
                if (p.p.n == 0)
                        break;
                double start = now_seconds(), cpu = cpu_seconds();
                pg_text(&p, "BEGIN");
                for (const char *at = p.p.bytes; at < p.p.bytes + p.p.n;)
                        at = pg_send(&p, at);
                pg_text(&p, "COMMIT");
                pg_settle(&p);
                replay.seconds += now_seconds() - start;
                replay.cpu += cpu_seconds() - cpu;
                replay.events += (uint64_t)events;
                replay.commits++;
                p.p.n = 0;
        }
        PQfinish(p.connection);
        fclose(from);
        free(p.p.bytes);
        return replay;
}
