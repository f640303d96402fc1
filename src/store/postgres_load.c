/* A whole table at once: COPY in its binary format (PostgreSQL 15, "COPY", File Formats). It
 * does not go through a pipeline, so the connection leaves it meanwhile. */
#include <assert.h>
#include <endian.h>
#include <stdio.h>

#include "store/postgres.h"

#define PORTION_BYTES ((size_t)256 << 10) /* sent at once */

struct load {
        struct link *link;
        const struct store_table *table;
        struct arena *arena; /* of a portion */
        struct buf buf;
};

static void add_16(struct buf *buf, int16_t n)
{
        uint16_t wire = htobe16((uint16_t)n);
        buf_add(buf, (const char *)&wire, sizeof(wire));
}

static void add_32(struct buf *buf, int32_t n)
{
        uint32_t wire = htobe32((uint32_t)n);
        buf_add(buf, (const char *)&wire, sizeof(wire));
}

static void begin_portion(struct load *l)
{
        arena_reset(l->arena);
        l->buf = BUF(l->arena);
}

static bool send_portion(struct load *l, struct err *err)
{
        PGconn *connection = l->link->connection;
        bool sent = PQputCopyData(connection, l->buf.p, (int)l->buf.n) == 1 ||
                    postgres_fail(connection, NULL, l->table->name, err);
        begin_portion(l);
        return sent;
}

static bool add_row(struct load *l, const struct rows *row, struct err *err)
{
        struct postgres_values v;
        struct store_param params[STORE_PARAMS_MAX];
        int n = rows_width(row);
        for (int i = 0; i < n; i++)
                params[i] = rows_value(row, i);
        if (!postgres_values(&v, l->table->add, params, (size_t)n, err))
                return false;
        add_16(&l->buf, (int16_t)v.n);
        for (int i = 0; i < v.n; i++) {
                add_32(&l->buf, v.values[i] != NULL ? v.lengths[i] : -1);
                if (v.values[i] != NULL)
                        buf_add(&l->buf, v.values[i], (size_t)v.lengths[i]);
        }
        return l->buf.n < PORTION_BYTES || send_portion(l, err);
}

static bool send_rows(struct load *l, struct rows *from, struct err *err)
{
        static const char signature[] = "PGCOPY\n\377\r\n"; /* and a zero, as it stands here */
        begin_portion(l);
        buf_add(&l->buf, signature, sizeof(signature));
        add_32(&l->buf, 0); /* flags */
        add_32(&l->buf, 0); /* of an extension of the header: none */
        while (rows_next(from))
                if (!add_row(l, from, err))
                        return false;
        if (!rows_end(from, err))
                return false;
        add_16(&l->buf, -1);
        return send_portion(l, err);
}

/* "INSERT INTO t(a, b) VALUES ..." names the columns in the order of the values. */
static void copy_text(const struct store_table *table, char *to, size_t room)
{
        const char *insert = postgres_queries[table->add].text, *head = "INSERT INTO ";
        const char *end = strstr(insert, ") VALUES");
        assert(strncmp(insert, head, strlen(head)) == 0 && end != NULL);
        insert += strlen(head);
        int n = snprintf(to, room, "COPY %.*s) FROM STDIN (FORMAT binary)", (int)(end - insert),
                        insert);
        assert(n < (int)room);
        (void)n;
}

static bool is_status(struct link *link, ExecStatusType wanted, const char *what, struct err *err)
{
        PGresult *result = PQgetResult(link->connection);
        bool is = PQresultStatus(result) == wanted ||
                  postgres_fail(link->connection, result, what, err);
        PQclear(result);
        return is;
}

static bool copy_in(struct load *l, struct rows *from, struct err *err)
{
        char text[1024];
        struct err ignored;
        PGconn *connection = l->link->connection;
        copy_text(l->table, text, sizeof(text));
        if (PQsendQuery(connection, text) != 1)
                return postgres_fail(connection, NULL, l->table->name, err);
        if (!is_status(l->link, PGRES_COPY_IN, l->table->name, err))
                return false;
        bool sent = send_rows(l, from, err);
        bool ended = PQputCopyEnd(connection, sent ? NULL : "given up") == 1;
        bool taken = is_status(l->link, PGRES_COMMAND_OK, l->table->name, sent ? err : &ignored);
        return sent && ended && taken;
}

bool postgres_load(struct link *link, const struct store_table *table, struct rows *from,
                struct err *err)
{
        struct load l = { .link = link, .table = table };
        if (!postgres_settled(link, err))
                return false;
        if (PQexitPipelineMode(link->connection) != 1) {
                postgres_fail(link->connection, NULL, table->name, &link->failed);
                *err = link->failed;
                return false;
        }
        l.arena = arena_open();
        bool done = copy_in(&l, from, err);
        arena_close(&l.arena);
        PGresult *rest = NULL;
        while (PQstatus(link->connection) == CONNECTION_OK &&
                        (rest = PQgetResult(link->connection)) != NULL)
                PQclear(rest);
        if (PQenterPipelineMode(link->connection) != 1 && done)
                done = postgres_fail(link->connection, NULL, table->name, err);
        if (!done)
                link->failed = *err;
        return done;
}
