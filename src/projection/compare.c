/* Two sets of read tables, row by row. */
#include "projection/rebuild.h"

#include <stdio.h>

#include "projection/tables.h"

#define SHOWN_BYTES 80 /* of one column */

static bool is_same(const struct store_param *a, const struct store_param *b)
{
        return a->kind == b->kind && a->integer == b->integer && str_eq(a->bytes, b->bytes);
}

static void show(struct buf *buf, const struct store_param *v)
{
        size_t n = v->bytes.n < SHOWN_BYTES ? v->bytes.n : SHOWN_BYTES;
        switch (v->kind) {
        case STORE_NULL:
                buf_c(buf, "null");
                return;
        case STORE_INT:
                buf_int(buf, v->integer);
                return;
        case STORE_TEXT:
                while (n > 0 && n < v->bytes.n && ((unsigned char)v->bytes.p[n] & 0xc0) == 0x80)
                        n--;
                buf_str_add(buf, str_slice(v->bytes, 0, n));
                return;
        case STORE_BLOB:
                for (size_t i = 0; i < n / 2; i++)
                        buf_format(buf, "%02x", (unsigned char)v->bytes.p[i]);
                buf_format(buf, "(%zu)", v->bytes.n);
        }
}

static struct str row_text(struct arena *arena, const struct rows *rows)
{
        struct buf buf = BUF(arena);
        for (int i = 0; i < rows_width(rows); i++) {
                struct store_param v = rows_value(rows, i);
                buf_c(&buf, i != 0 ? "|" : "");
                show(&buf, &v);
        }
        return buf_str(&buf);
}

static void tell(struct arena *arena, const struct read_table *table, int64_t row, int column,
                const struct rows *a, const struct rows *b, struct projection_difference *ret)
{
        *ret = (struct projection_difference){ .differs = true, .row = row };
        snprintf(ret->table, sizeof(ret->table), "%s", table->name);
        if (column >= 0)
                snprintf(ret->column, sizeof(ret->column), "%d", column);
        if (a != NULL)
                ret->a = row_text(arena, a);
        if (b != NULL)
                ret->b = row_text(arena, b);
}

static bool compare_rows(struct arena *arena, const struct read_table *table, struct rows *a,
                struct rows *b, struct projection_difference *ret)
{
        for (int64_t row = 1;; row++) {
                bool more_a = rows_next(a), more_b = rows_next(b);
                if (a->failed != 0 || b->failed != 0 || (!more_a && !more_b))
                        return true;
                if (!more_a || !more_b) {
                        tell(arena, table, row, -1, more_a ? a : NULL, more_b ? b : NULL, ret);
                        return false;
                }
                for (int i = 0; i < rows_width(a); i++) {
                        struct store_param x = rows_value(a, i), y = rows_value(b, i);
                        if (is_same(&x, &y))
                                continue;
                        tell(arena, table, row, i, a, b, ret);
                        return false;
                }
        }
}

static bool compare_table(struct arena *arena, struct snapshot *a, struct snapshot *b,
                const struct read_table *table, struct projection_difference *ret, struct err *err)
{
        struct rows in_a _cleanup_(rows_close) = { 0 };
        struct rows in_b _cleanup_(rows_close) = { 0 };
        if (!snapshot_rows(a, table->rows, NO_PARAMS, &in_a, err) ||
                        !snapshot_rows(b, table->rows, NO_PARAMS, &in_b, err))
                return false;
        if (!compare_rows(arena, table, &in_a, &in_b, ret))
                return true;
        return rows_end(&in_a, err) && rows_end(&in_b, err);
}

bool projection_compare(struct arena *arena, struct snapshot *a, struct snapshot *b,
                struct projection_difference *ret, struct err *err)
{
        *ret = (struct projection_difference){ .differs = false };
        for (size_t i = 0; i < N_ELEMENTS(read_tables) && !ret->differs; i++)
                if (!compare_table(arena, a, b, &read_tables[i], ret, err))
                        return false;
        return true;
}
