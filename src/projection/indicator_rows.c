/* The records behind a figure. */
#include "projection/indicator.h"

#include <stdlib.h>

#include "projection/entries.h"
#include "projection/entry_count.h"
#include "projection/list.h"
#include "projection/register_read.h"

#define PORTION 500 /* entries read at a time */

/* ---- Entries ---- */

/* Is the unit one of the JSON list? Ids need no escapes, so its quoted text is there. */
static bool is_among(struct arena *arena, struct str units_json, struct str unit)
{
        struct buf quoted = BUF(arena);
        if (units_json.n == 0)
                return true;
        value_write_json_string(&quoted, unit);
        return unit.n != 0 && str_find(units_json, buf_str(&quoted)) != SIZE_MAX;
}

struct counting {
        struct arena *arena;
        struct world *world;
        const struct indicator *indicator;
        struct circumstances circumstances; /* of the day that is asked about */
        struct str units_json;
        struct err *err;
};

static struct counting counting_on(struct arena *arena, struct world *world,
                const struct indicator *indicator, struct date day, struct str units_json,
                struct err *err)
{
        struct counting c = { .arena = arena,
                .world = world,
                .indicator = indicator,
                .circumstances = world->circumstances,
                .units_json = units_json,
                .err = err };
        c.circumstances.now = moment_of(day, 23, 59, 59);
        return c;
}

/* Does the entry count, and with what? */
static bool judge(struct counting *c, const struct register_row *entry, struct indicator_row *ret,
                bool *ret_counts)
{
        const struct indicator *indicator = c->indicator;
        struct value v = value_bool(true);
        *ret_counts = false;
        *ret = (struct indicator_row){ .number = entry->key,
                .amount = decimal_of(1),
                .unit = entry_text(&entry->entry, "unit"),
                .title = entry_text(&entry->entry, "name") };
        if (!is_among(c->arena, c->units_json, ret->unit))
                return true;
        if (indicator->where != NULL &&
                        !indicator_eval_entry(c->arena, indicator, &entry->entry, indicator->where,
                                        &c->circumstances, &v, c->err))
                return false;
        if (v.kind != VALUE_BOOL || !v.boolean)
                return true;
        *ret_counts = true;
        if (indicator->amount == NULL)
                return true;
        if (!indicator_eval_entry(c->arena, indicator, &entry->entry, indicator->amount,
                            &c->circumstances, &v, c->err))
                return false;
        if (indicator->kind == INDICATOR_SUM_ENTRIES && v.kind == VALUE_NUMBER)
                ret->amount = v.number;
        else if (indicator->kind == INDICATOR_DISTINCT_ENTRIES && v.kind != VALUE_NULL)
                ret->distinct = value_text(c->arena, &v);
        *ret_counts = indicator->kind == INDICATOR_SUM_ENTRIES ? v.kind == VALUE_NUMBER
                                                               : ret->distinct.n != 0;
        return true;
}

/* Gathers what counts after the key, until there are `limit`. */
static bool gather(struct counting *c, struct date day, struct str after, size_t limit,
                struct list *list)
{
        const struct register_row *entries;
        size_t n;
        do {
                if (!register_rows(c->arena, c->world->snapshot, c->world->catalogue,
                                    c->indicator->reg->name, day, after, PORTION, &entries, &n,
                                    c->err))
                        return false;
                for (size_t i = 0; i < n && list->n < limit; i++) {
                        struct indicator_row row;
                        bool counts;
                        if (!judge(c, &entries[i], &row, &counts))
                                return false;
                        if (counts)
                                *(struct indicator_row *)list_add(list) = row;
                }
                if (n != 0)
                        after = entries[n - 1].key;
        } while (n == PORTION && list->n < limit);
        return true;
}

static int distinct_cmp(const void *a, const void *b)
{
        const struct indicator_row *x = a, *y = b;
        return str_cmp(x->distinct, y->distinct);
}

static int64_t count_distinct(struct indicator_row *rows, size_t n)
{
        int64_t different = 0;
        if (n != 0)
                qsort(rows, n, sizeof(*rows), distinct_cmp);
        for (size_t i = 0; i < n; i++)
                different += i == 0 || !str_eq(rows[i].distinct, rows[i - 1].distinct);
        return different;
}

bool entry_count(struct arena *arena, struct world *world, const struct indicator *indicator,
                struct date day, struct str units_json, struct decimal *ret, struct err *err)
{
        struct counting c = counting_on(arena, world, indicator, day, units_json, err);
        struct list list = LIST(arena, struct indicator_row);
        if (!gather(&c, day, STR_LIT(""), SIZE_MAX, &list))
                return false;
        struct indicator_row *rows = list.items;
        struct decimal sum = decimal_of(0);
        if (indicator->kind == INDICATOR_DISTINCT_ENTRIES) {
                *ret = decimal_of(count_distinct(rows, list.n));
                return true;
        }
        for (size_t i = 0; i < list.n; i++)
                if (!decimal_add(sum, rows[i].amount, &sum))
                        return err_field(err, E_NUMBER, indicator->id, "合计超出范围");
        *ret = sum;
        return true;
}

bool entry_count_rows(struct arena *arena, struct world *world, const struct indicator *indicator,
                int month, struct str units_json, struct indicator_cursor *cursor, size_t limit,
                const struct indicator_row **ret, size_t *ret_n, bool *ret_more, struct err *err)
{
        struct date day = period_last_day(month);
        struct counting c = counting_on(arena, world, indicator, day, units_json, err);
        struct list list = LIST(arena, struct indicator_row);
        if (!gather(&c, day, cursor->key, limit + 1, &list))
                return false;
        struct indicator_row *rows = list.items;
        *ret_more = list.n > limit;
        *ret_n = *ret_more ? limit : list.n;
        for (size_t i = 0; i < *ret_n; i++)
                rows[i].month = month;
        if (*ret_n != 0)
                cursor->key = rows[*ret_n - 1].number;
        *ret = rows;
        return true;
}

/* ---- Matters ---- */

static struct indicator_row row_of(
                struct arena *arena, const struct indicator *indicator, const struct rows *rows)
{
        return (struct indicator_row){
                .month = (int)rows_int(rows, 0),
                .matter = rows_int(rows, 1),
                .n = (int)rows_int(rows, 2),
                .late = rows_int(rows, 3) != 0,
                .unit = str_copy(arena, rows_text(rows, 4)),
                .amount = indicator->kind == INDICATOR_SUM
                                          ? decimal_from_scaled(rows_int(rows, 5),
                                                            INDICATOR_AMOUNT_DECIMALS)
                                          : decimal_of(rows_int(rows, 5)),
                .distinct = str_copy(arena, rows_text(rows, 6)),
                .number = str_copy(arena, rows_text(rows, 7)),
                .title = str_copy(arena, rows_text(rows, 8)),
                .procedure = str_copy(arena, rows_text(rows, 9)),
                .state = str_copy(arena, rows_text(rows, 10)),
                .seen_until = { (int32_t)rows_int(rows, 11) },
        };
}

static bool matter_rows(struct arena *arena, struct world *world, const struct indicator *indicator,
                struct period period, struct str units_json, struct indicator_cursor *cursor,
                size_t limit, struct list *list, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        int from = cursor->month > period.from ? cursor->month : period.from;
        if (!snapshot_rows(world->snapshot, Q_CONTRIBUTIONS,
                            PARAMS(param_text(indicator->id), param_int(from), param_int(period.to),
                                            list_text_or_null(units_json), param_int(cursor->month),
                                            param_int(cursor->matter), param_int(cursor->n),
                                            param_int(cursor->late), param_int((int64_t)limit + 1)),
                            &rows, err))
                return false;
        while (rows_next(&rows))
                *(struct indicator_row *)list_add(list) = row_of(arena, indicator, &rows);
        return rows_end(&rows, err);
}

bool indicator_rows(struct arena *arena, struct world *world, struct str id, struct period period,
                struct str units_json, struct indicator_cursor *cursor, size_t limit,
                const struct indicator_row **ret, size_t *ret_n, bool *ret_more, struct err *err)
{
        const struct indicator *indicator = catalogue_indicator(world->catalogue, id);
        struct list list = LIST(arena, struct indicator_row);
        *ret = NULL;
        *ret_n = 0;
        *ret_more = false;
        if (indicator == NULL)
                return err_field(err, E_NOT_FOUND, id, "没有这个指标");
        if (indicator->kind >= INDICATOR_RATIO)
                return true;
        if (indicator->kind >= INDICATOR_COUNT_ENTRIES)
                return entry_count_rows(arena, world, indicator, period.to, units_json, cursor,
                                limit, ret, ret_n, ret_more, err);
        if (!matter_rows(arena, world, indicator, period, units_json, cursor, limit, &list, err))
                return false;
        const struct indicator_row *rows = list.items;
        *ret_more = list.n > limit;
        *ret_n = *ret_more ? limit : list.n;
        *ret = rows;
        if (*ret_n != 0) {
                const struct indicator_row *last = &rows[*ret_n - 1];
                *cursor = (struct indicator_cursor){ .month = last->month,
                        .n = last->n,
                        .late = last->late,
                        .matter = last->matter };
        }
        return true;
}
