/* The driver for PostgreSQL: statements go out in a pipeline, and are waited for only where
 * their answer is wanted. */
#include "store/postgres.h"

#include <assert.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define OID_BOOL         16
#define OID_BYTES        17
#define OID_INT8         20
#define OID_INT2         21
#define OID_INT4         23
#define OID_TEXT         25
#define LOCK_TRANSACTION 4   /* the column of LEDGER_LOCK that LEDGER_GET does not have */
#define RETRY_MS         100 /* between two attempts to connect, busy_ms all together */
#define NAME_BYTES       24  /* of a prepared statement */

struct cursor {
        struct link *link; /* that of `rows` is the outermost driver's */
        PGresult *result;
        int row;         /* -1: before the first */
        unsigned number; /* of the server's cursor; 0 = all rows are here */
        enum query query;
        struct err err;
};

/* ---- On the way ---- */

static bool is_lost(const struct link *link)
{
        return link->connection == NULL || PQstatus(link->connection) == CONNECTION_BAD;
}

static bool lost(struct link *link, struct err *err)
{
        link->n_pending = 0;
        postgres_fail(link->connection, NULL, "连接", err);
        link->failed = *err;
        return false;
}

static const char *name_of(const struct pending *pending)
{
        return pending->control ? "事务" : query_names[pending->query];
}

/* What one statement on the way came to; the result is the caller's. */
static bool take_answer(
                struct link *link, const struct pending *pending, PGresult **ret, struct err *err)
{
        PGresult *result = PQgetResult(link->connection);
        ExecStatusType status = PQresultStatus(result);
        *ret = result;
        for (PGresult *more; result != NULL && (more = PQgetResult(link->connection)) != NULL;) {
                PQclear(more); /* only of a connection that is lost */
                if (is_lost(link))
                        break;
        }
        if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
                return true;
        if (pending->prepare)
                link->prepared[pending->manner][pending->query] = false;
        if (status == PGRES_PIPELINE_ABORTED)
                return err_set(err, E_STORE_IO, "事务已因故障撤销");
        return postgres_fail(link->connection, result, name_of(pending), err);
}

/* Waits for everything on the way. The answer to the newest is handed out if `ret` is not
 * NULL. What failed and was not the newest ends the transaction; so does what the server
 * takes for an error. */
static bool settle(struct link *link, PGresult **ret, struct err *err)
{
        struct err first = { .code = E_NONE }, here;
        if (is_lost(link) || PQpipelineSync(link->connection) != 1)
                return lost(link, err);
        size_t n = link->n_pending;
        for (size_t i = 0; i < n; i++) {
                PGresult *result = NULL;
                if (!take_answer(link, &link->pending[i], &result, &here) && first.code == E_NONE)
                        first = here;
                if (is_lost(link)) {
                        PQclear(result);
                        return lost(link, err);
                }
                if (i + 1 == n && first.code == E_NONE && ret != NULL)
                        *ret = result;
                else
                        PQclear(result);
        }
        link->n_pending = 0;
        PGresult *sync = PQgetResult(link->connection);
        bool synced = PQresultStatus(sync) == PGRES_PIPELINE_SYNC;
        PQclear(sync);
        if (!synced)
                return lost(link, err);
        if (first.code == E_NONE)
                return true;
        *err = link->failed = first;
        return false;
}

static bool note_pending(struct link *link, struct pending pending, int sent, struct err *err)
{
        if (sent != 1)
                return lost(link, err);
        link->pending[link->n_pending++] = pending;
        if (link->n_pending % POSTGRES_FLUSH == 0 && PQflush(link->connection) < 0)
                return lost(link, err);
        return true;
}

/* Room for two more: one to prepare, one to run. */
static bool make_room(struct link *link, struct err *err)
{
        if (is_lost(link))
                return lost(link, err);
        return link->n_pending + 2 < POSTGRES_PENDING || settle(link, NULL, err);
}

static bool send_control(struct link *link, const char *text, struct err *err)
{
        return make_room(link, err) && note_pending(link, (struct pending){ .control = true },
                                                       PQsendQueryParams(link->connection, text, 0,
                                                                       NULL, NULL, NULL, NULL, 1),
                                                       err);
}

static bool control(struct link *link, const char *text, PGresult **ret, struct err *err)
{
        return send_control(link, text, err) && settle(link, ret, err);
}

/* ---- Statements ---- */

static Oid type_of(char letter)
{
        return letter == 'i' ? OID_INT8 : letter == 'b' ? OID_BYTES : OID_TEXT;
}

static bool set_value(struct postgres_values *v, int i, char type, const struct store_param *param)
{
        v->formats[i] = 1;
        v->types[i] = type_of(type);
        if (param->kind == STORE_NULL) {
                v->values[i] = NULL;
                v->lengths[i] = 0;
        } else if (param->kind == STORE_INT && type == 'i') {
                v->integers[i] = htobe64((uint64_t)param->integer);
                v->values[i] = (const char *)&v->integers[i];
                v->lengths[i] = sizeof(v->integers[i]);
        } else if (param->kind == STORE_INT) {
                v->lengths[i] = snprintf(v->digits[i], sizeof(v->digits[i]), "%lld",
                                (long long)param->integer);
                v->values[i] = v->digits[i];
        } else {
                v->values[i] = param->bytes.p != NULL ? param->bytes.p : "";
                v->lengths[i] = (int)param->bytes.n;
                return type != 'i' && param->bytes.n <= INT32_MAX;
        }
        return true;
}

bool postgres_values(struct postgres_values *v, enum query query, const struct store_param *params,
                size_t n_params, struct err *err)
{
        const char *types = postgres_queries[query].types;
        size_t n = strlen(types);
        v->n = (int)n;
        for (size_t i = 0; i < n; i++) {
                static const struct store_param null = { .kind = STORE_NULL };
                if (!set_value(v, (int)i, types[i], i < n_params ? &params[i] : &null))
                        return err_set(err, E_STORE_QUERY, "%s：第 %zu 个值的类型",
                                        query_names[query], i + 1);
        }
        return true;
}

/* "e12" ends the transaction if a row is refused, "a12" inserts nothing then. */
static const char *statement_name(enum query query, enum manner manner, char to[NAME_BYTES])
{
        snprintf(to, NAME_BYTES, "%c%d", manner == PUT ? 'e' : 'a', (int)query);
        return to;
}

static bool prepare(struct link *link, enum query query, enum manner manner,
                const struct postgres_values *v, struct err *err)
{
        char text[8192], name[NAME_BYTES];
        int n = snprintf(text, sizeof(text), "%s%s", postgres_queries[query].text,
                        manner == ASK ? " ON CONFLICT DO NOTHING" : "");
        assert(n < (int)sizeof(text));
        link->prepared[manner][query] = true;
        return note_pending(link, (struct pending){ query, manner, .prepare = true },
                        PQsendPrepare(link->connection, statement_name(query, manner, name), text,
                                        v->n, v->types),
                        err);
}

static void forget_ledger(struct link *link)
{
        PQclear(link->ledger);
        link->ledger = NULL;
}

static bool send(struct link *link, enum query query, enum manner manner,
                const struct store_param *params, size_t n_params, struct err *err)
{
        struct postgres_values v;
        char name[NAME_BYTES];
        forget_ledger(link);
        if (!postgres_queries[query].strict)
                manner = PUT;
        if (!postgres_values(&v, query, params, n_params, err) || !make_room(link, err) ||
                        (!link->prepared[manner][query] && !prepare(link, query, manner, &v, err)))
                return false;
        return note_pending(link, (struct pending){ query, manner },
                        PQsendQueryPrepared(link->connection, statement_name(query, manner, name),
                                        v.n, v.values, v.lengths, v.formats, 1),
                        err);
}

static bool goes_on(struct link *link, struct err *err)
{
        if (link->failed.code == E_NONE && link->in_transaction)
                return true;
        if (link->failed.code == E_NONE)
                return err_set(err, E_STORE_IO, "没有进行中的事务");
        *err = link->failed;
        return false;
}

static bool link_put(struct link *link, enum query query, const struct store_param *params,
                size_t n_params, struct err *err)
{
        return goes_on(link, err) && send(link, query, PUT, params, n_params, err);
}

static bool link_run(struct link *link, enum query query, const struct store_param *params,
                size_t n_params, struct err *err)
{
        PGresult *result = NULL;
        if (!goes_on(link, err) || !send(link, query, ASK, params, n_params, err) ||
                        !settle(link, &result, err))
                return false;
        link->changed = strtoll(PQcmdTuples(result), NULL, 10);
        PQclear(result);
        if (postgres_queries[query].strict && link->changed == 0)
                return err_set(err, E_STORE_CONFLICT, "%s", query_names[query]);
        return true;
}

bool postgres_settled(struct link *link, struct err *err)
{
        return goes_on(link, err) && settle(link, NULL, err);
}

static int64_t link_changed(struct link *link)
{
        return link->changed;
}

/* ---- Transactions ---- */

static void forget_connection(struct link *link)
{
        forget_ledger(link);
        PQfinish(link->connection);
        link->connection = NULL;
        memset(link->prepared, 0, sizeof(link->prepared));
        link->n_pending = 0;
}

static bool ready(struct link *link, struct err *err)
{
        if (!is_lost(link))
                return true;
        forget_connection(link);
        return postgres_connect(link->database, link->writes, &link->connection, err);
}

static int64_t number_in(const PGresult *result, int column)
{
        uint64_t number;
        assert(PQgetlength(result, 0, column) == sizeof(number));
        memcpy(&number, PQgetvalue(result, 0, column), sizeof(number));
        return (int64_t)be64toh(number);
}

/* The organ's turn is taken with the row of its ledger; then nobody else of it writes. The
 * row is what the writer asks for first, so it is kept: one wait instead of two. */
static bool begin_writing(struct link *link, struct err *err)
{
        PGresult *result = NULL;
        const struct store_param organ = param_int(link->database->options.organ);
        if (!send_control(link, "BEGIN", err) || !send(link, Q_LEDGER_LOCK, PUT, &organ, 1, err) ||
                        !settle(link, &link->ledger, err))
                return false;
        if (PQntuples(link->ledger) > 0) {
                link->transaction = number_in(link->ledger, LOCK_TRANSACTION);
                return true;
        }
        forget_ledger(link); /* a store that is just being made */
        if (!control(link, "SELECT pg_current_xact_id()::text::bigint", &result, err))
                return false;
        link->transaction = number_in(result, 0);
        PQclear(result);
        return true;
}

static bool try_begin(struct link *link, struct err *err)
{
        link->failed = (struct err){ .code = E_NONE };
        link->cursors = link->depth = 0;
        forget_ledger(link);
        if (!ready(link, err))
                return false;
        bool begun = link->writes ? begin_writing(link, err)
                                  : send_control(link,
                                                    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
                                                    err) &&
                                                     control(link, "SELECT 1", NULL, err);
        link->in_transaction = begun;
        return begun;
}

static void link_rollback(struct link *link)
{
        struct err ignored;
        if (!is_lost(link) && link->n_pending > 0)
                (void)settle(link, NULL, &ignored);
        if (!is_lost(link) && PQtransactionStatus(link->connection) != PQTRANS_IDLE &&
                        !control(link, "ROLLBACK", NULL, &ignored))
                forget_connection(link);
        link->in_transaction = false;
}

/* A connection that is found to be lost is made anew, for as long as one would wait for
 * another writer: a server that changes over is away for a moment. */
static bool link_begin(struct link *link, struct err *err)
{
        for (int left = link->database->options.busy_ms / RETRY_MS; !try_begin(link, err); left--) {
                if (link->connection != NULL && !is_lost(link)) {
                        link_rollback(link);
                        return false;
                }
                if (err->code != E_STORE_LOST || left <= 0)
                        return false;
                usleep(RETRY_MS * 1000);
        }
        return true;
}

/* The answer to a commit was lost: did it happen? */
static bool ask_what_became(struct link *link, struct err *err)
{
        char text[96];
        struct err why = *err;
        PGresult *result = NULL;
        int left = link->database->options.busy_ms / RETRY_MS;
        snprintf(text, sizeof(text), "SELECT pg_xact_status('%lld'::xid8)",
                        (long long)link->transaction);
        bool known = false;
        do {
                if (ready(link, &why) && control(link, text, &result, &why)) {
                        struct str status = str_of(PQgetvalue(result, 0, 0));
                        bool committed = str_is(status, "committed");
                        known = !str_is(status, "in progress");
                        PQclear(result);
                        result = NULL;
                        if (committed)
                                return true;
                }
        } while (!known && left-- > 0 && usleep(RETRY_MS * 1000) == 0);
        return err_set(err, E_STORE_LOST, "%s", known ? "提交时断开，没有写入" : why.detail);
}

static bool link_commit(struct link *link, struct err *err)
{
        PGresult *result = NULL;
        bool done = goes_on(link, err) && control(link, "COMMIT", &result, err);
        if (done && strcmp(PQcmdStatus(result), "COMMIT") != 0)
                done = err_set(err, E_STORE_IO, "事务已因故障撤销");
        PQclear(result);
        if (!done && is_lost(link) && link->in_transaction)
                done = ask_what_became(link, err);
        link->in_transaction = false;
        if (!done)
                link_rollback(link);
        return done;
}

static bool mark(struct link *link, const char *what, unsigned depth, struct err *err)
{
        char text[48];
        snprintf(text, sizeof(text), "%s mark%u", what, depth);
        return send_control(link, text, err);
}

static bool link_save(struct link *link, struct err *err)
{
        return goes_on(link, err) && mark(link, "SAVEPOINT", ++link->depth, err);
}

static bool link_release(struct link *link, struct err *err)
{
        return goes_on(link, err) && mark(link, "RELEASE", link->depth--, err);
}

/* Each mark has its own name: one that was never set, because something before it had
 * failed, is not there to go back to. */
static bool link_back(struct link *link, struct err *err)
{
        struct err ignored;
        unsigned depth = link->depth--;
        if (is_lost(link))
                return lost(link, err);
        if (link->n_pending > 0)
                (void)settle(link, NULL, &ignored);
        if (!mark(link, "ROLLBACK TO", depth, err) || !mark(link, "RELEASE", depth, err) ||
                        !settle(link, NULL, err))
                return false;
        link->failed = (struct err){ .code = E_NONE };
        return true;
}

/* ---- Rows ---- */

static struct cursor *cursor_of(const struct rows *rows)
{
        return rows->statement;
}

/* A whole table comes in portions. */
static bool fetch(struct link *link, struct cursor *cursor, struct err *err)
{
        char text[64];
        snprintf(text, sizeof(text), "FETCH %d FROM rows%u", POSTGRES_WHOLE_ROWS, cursor->number);
        return control(link, text, &cursor->result, err);
}

static bool open_whole(struct link *link, struct cursor *cursor, struct err *err)
{
        char text[8192];
        cursor->number = ++link->cursors;
        snprintf(text, sizeof(text), "DECLARE rows%u NO SCROLL CURSOR FOR %s", cursor->number,
                        postgres_queries[cursor->query].text);
        return send_control(link, text, err) && fetch(link, cursor, err);
}

/* The row that came with the lock, if it is asked for before anything else. */
static bool is_ledger_kept(struct link *link, enum query query, const struct store_param *params,
                struct cursor *cursor)
{
        if (query != Q_LEDGER_GET || link->ledger == NULL ||
                        params[0].integer != link->database->options.organ)
                return false;
        cursor->result = link->ledger;
        link->ledger = NULL;
        return true;
}

static bool fill(struct link *link, struct cursor *cursor, const struct store_param *params,
                size_t n_params)
{
        enum query query = cursor->query;
        if (is_ledger_kept(link, query, params, cursor))
                return true;
        if (postgres_queries[query].whole && postgres_queries[query].types[0] == '\0')
                return open_whole(link, cursor, &cursor->err);
        return send(link, query, PUT, params, n_params, &cursor->err) &&
               settle(link, &cursor->result, &cursor->err);
}

static bool link_rows(struct link *link, enum query query, const struct store_param *params,
                size_t n_params, struct rows *ret, struct err *err)
{
        if (n_params > strlen(postgres_queries[query].types))
                return err_set(err, E_STORE_QUERY, "%s：值太多", query_names[query]);
        struct cursor *cursor = calloc(1, sizeof(*cursor));
        if (cursor == NULL)
                abort();
        *cursor = (struct cursor){ .link = link, .row = -1, .query = query };
        bool ok = goes_on(link, &cursor->err) && fill(link, cursor, params, n_params);
        /* What failed is told when the rows are asked for. */
        *ret = (struct rows){ .driver = &postgres_driver,
                .link = link,
                .statement = cursor,
                .own = true,
                .failed = !ok };
        return true;
}

static bool next_row(struct rows *rows)
{
        struct cursor *cursor = cursor_of(rows);
        if (rows->failed != 0 || cursor == NULL || cursor->result == NULL)
                return false;
        if (++cursor->row < PQntuples(cursor->result))
                return true;
        bool more = cursor->number != 0 && cursor->row == POSTGRES_WHOLE_ROWS;
        PQclear(cursor->result);
        cursor->result = NULL;
        if (!more)
                return false;
        cursor->row = 0;
        if (!fetch(cursor->link, cursor, &cursor->err)) {
                rows->failed = 1;
                return false;
        }
        return PQntuples(cursor->result) > 0;
}

static bool report(const struct rows *rows, struct err *err)
{
        *err = cursor_of(rows)->err;
        return false;
}

static void end(struct rows *rows)
{
        struct cursor *cursor = cursor_of(rows);
        char text[32];
        struct err ignored;
        if (cursor == NULL)
                return;
        if (cursor->number != 0 && rows->failed == 0 && !is_lost(cursor->link)) {
                snprintf(text, sizeof(text), "CLOSE rows%u", cursor->number);
                (void)send_control(cursor->link, text, &ignored);
        }
        PQclear(cursor->result);
        free(cursor);
        rows->statement = NULL;
}

static bool is_null(const struct rows *rows, int column)
{
        struct cursor *c = cursor_of(rows);
        return PQgetisnull(c->result, c->row, column) != 0;
}

static struct str bytes(const struct rows *rows, int column)
{
        struct cursor *c = cursor_of(rows);
        if (is_null(rows, column))
                return (struct str){ NULL, 0 };
        return (struct str){ PQgetvalue(c->result, c->row, column),
                (size_t)PQgetlength(c->result, c->row, column) };
}

static bool is_integer(const struct rows *rows, int column)
{
        Oid type = PQftype(cursor_of(rows)->result, column);
        return type == OID_INT8 || type == OID_INT4 || type == OID_INT2 || type == OID_BOOL;
}

/* Numbers come with the high byte first, in as many bytes as their type has. */
static int64_t integer(const struct rows *rows, int column)
{
        struct str raw = bytes(rows, column);
        int64_t n = 0;
        if (!is_integer(rows, column))
                return str_to_int(raw, &n) ? n : 0;
        if (raw.n > 0 && (raw.p[0] & 0x80) != 0)
                n = -1;
        for (size_t i = 0; i < raw.n; i++)
                n = (int64_t)((uint64_t)n << 8 | (uint8_t)raw.p[i]);
        return n;
}

static int width(const struct rows *rows)
{
        struct cursor *c = cursor_of(rows);
        return c->result != NULL ? PQnfields(c->result) : 0;
}

static struct store_param value(const struct rows *rows, int column)
{
        if (is_null(rows, column))
                return param_null();
        if (is_integer(rows, column))
                return param_int(integer(rows, column));
        return PQftype(cursor_of(rows)->result, column) == OID_BYTES
                               ? param_blob(bytes(rows, column))
                               : param_text(bytes(rows, column));
}

/* ---- Links ---- */

static bool link_open(void *database, bool writes, struct link **ret, struct err *err)
{
        struct link *link = calloc(1, sizeof(*link));
        if (link == NULL)
                abort();
        link->database = database;
        link->writes = writes;
        if (!postgres_connect(link->database, writes, &link->connection, err)) {
                free(link);
                return false;
        }
        *ret = link;
        return true;
}

static void link_close(struct link *link)
{
        forget_ledger(link);
        PQfinish(link->connection);
        free(link);
}

const struct driver postgres_driver = {
        .open = link_open,
        .close = link_close,
        .begin = link_begin,
        .commit = link_commit,
        .rollback = link_rollback,
        .save = link_save,
        .release = link_release,
        .back = link_back,
        .run = link_run,
        .put = link_put,
        .changed = link_changed,
        .rows = link_rows,
        .next = next_row,
        .report = report,
        .end = end,
        .value = value,
        .integer = integer,
        .bytes = bytes,
        .is_null = is_null,
        .width = width,
        .check = postgres_check,
        .scrub = postgres_scrub,
        .backup = postgres_backup,
        .copied = postgres_copied,
        .load = postgres_load,
        .where = postgres_where,
        .discard = postgres_discard,
        .drop = postgres_drop,
};
