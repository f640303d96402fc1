#include "projection/register_read.h"

#include <assert.h>

#include "projection/cache.h"
#include "projection/entries.h"
#include "projection/list.h"

struct str entry_text(const struct value *entry, const char *name)
{
        const struct value *v =
                        entry->kind == VALUE_CONTEXT ? value_get(entry, str_of(name)) : NULL;
        return v != NULL && v->kind == VALUE_STRING ? v->string : (struct str){ NULL, 0 };
}

bool entry_open(struct arena *arena, const struct catalogue *catalogue, struct str reg,
                struct str key, struct str body, struct value *ret, struct err *err)
{
        struct value v;
        if (!value_unpack(arena, body, &v, err))
                return false;
        size_t n = v.kind == VALUE_CONTEXT ? v.context.n : 0, kept = 0;
        const struct reg *definition =
                        catalogue != NULL ? catalogue_register(catalogue, reg) : NULL;
        struct str own = definition != NULL ? definition->key : STR_LIT("key");
        struct member *members = arena_new_array(arena, n + 2, struct member);
        for (size_t i = 0; i < n; i++)
                if (!str_is(v.context.members[i].name, "key") &&
                                !str_eq(v.context.members[i].name, own))
                        members[kept++] = v.context.members[i];
        members[kept++] = (struct member){ STR_LIT("key"), value_string(key) };
        if (!str_is(own, "key"))
                members[kept++] = (struct member){ own, value_string(key) };
        bool unique = value_sort_members(members, kept);
        assert(unique);
        *ret = value_context(members, kept);
        return true;
}

/* ---- One key, through the cache: from, until, length of the entry, entry, again ----
 *
 * Entries are kept as entry_open() makes them, packed again: with their keys and in order. */

static bool open_again(struct arena *arena, const struct catalogue *catalogue, struct str reg,
                struct str key, struct str body, struct str *ret, struct err *err)
{
        struct buf buf = BUF(arena);
        struct value entry;
        if (!entry_open(arena, catalogue, reg, key, body, &entry, err))
                return false;
        value_pack(&buf, &entry);
        *ret = buf_str(&buf);
        return true;
}

struct span {
        int32_t from, until; /* until: INT32_MAX = for good */
        uint32_t length;
};

static bool read_spans(struct arena *arena, struct snapshot *snapshot,
                const struct catalogue *catalogue, struct str reg, struct str key, struct buf *ret,
                struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct buf buf = BUF(arena);
        if (!snapshot_rows(snapshot, Q_ENTRIES_OF_KEY, PARAMS(param_text(reg), param_text(key)),
                            &rows, err))
                return false;
        while (rows_next(&rows)) {
                struct str entry;
                if (!open_again(arena, catalogue, reg, key, rows_blob(&rows, 3), &entry, err))
                        return false;
                struct span span = {
                        .from = (int32_t)rows_int(&rows, 0),
                        .until = rows_is_null(&rows, 1) ? INT32_MAX : (int32_t)rows_int(&rows, 1),
                        .length = (uint32_t)entry.n,
                };
                buf_add(&buf, &span, sizeof(span));
                buf_str_add(&buf, entry);
        }
        *ret = buf;
        return rows_end(&rows, err);
}

/* The newest span that holds on the day. */
static bool find_span(struct str packed, struct date day, struct str *ret)
{
        bool found = false;
        for (size_t at = 0; at < packed.n;) {
                struct span span;
                memcpy(&span, packed.p + at, sizeof(span));
                at += sizeof(span);
                if (span.from <= day.day && day.day < span.until) {
                        *ret = (struct str){ packed.p + at, span.length };
                        found = true;
                }
                at += span.length;
        }
        return found;
}

/* All spans of the key. */
static bool spans_of(struct arena *arena, struct snapshot *snapshot, struct cache *cache,
                const struct catalogue *catalogue, struct str reg, struct str key, struct str *ret,
                struct err *err)
{
        struct buf buf;
        if (cache != NULL && cache_get_entries(cache, reg, key, ret))
                return true;
        if (!read_spans(arena, snapshot, catalogue, reg, key, &buf, err))
                return false;
        *ret = buf_str(&buf);
        if (cache != NULL)
                cache_put_entries(cache, reg, key, *ret);
        return true;
}

bool entry_get(struct arena *arena, struct snapshot *snapshot, struct cache *cache,
                const struct catalogue *catalogue, struct str reg, struct str key, struct date day,
                struct value *ret, bool *ret_found, struct err *err)
{
        struct str packed, entry;
        if (!spans_of(arena, snapshot, cache, catalogue, reg, key, &packed, err))
                return false;
        *ret_found = find_span(packed, day, &entry);
        return !*ret_found || value_unpack(arena, str_copy(arena, entry), ret, err);
}

bool entry_changed(struct arena *arena, struct snapshot *snapshot, struct cache *cache,
                const struct catalogue *catalogue, struct str reg, struct str key, struct date day,
                struct date *ret, bool *ret_any, struct err *err)
{
        struct str packed;
        int32_t last = INT32_MIN;
        if (!spans_of(arena, snapshot, cache, catalogue, reg, key, &packed, err))
                return false;
        for (size_t at = 0; at < packed.n;) {
                struct span span;
                memcpy(&span, packed.p + at, sizeof(span));
                at += sizeof(span) + span.length;
                if (span.from < span.until && span.from <= day.day && span.from > last)
                        last = span.from;
                if (span.from < span.until && span.until <= day.day && span.until > last)
                        last = span.until;
        }
        *ret_any = last != INT32_MIN;
        if (*ret_any)
                ret->day = last;
        return true;
}

bool register_entry(struct arena *arena, struct snapshot *snapshot,
                const struct catalogue *catalogue, struct str reg, struct str key, struct date day,
                struct value *ret, bool *ret_found, struct err *err)
{
        return entry_get(arena, snapshot, NULL, catalogue, reg, key, day, ret, ret_found, err);
}

/* ---- Many ---- */

/* The columns from `at` on: from_day, until_day, seq, body. */
static bool read_row(struct arena *arena, const struct catalogue *catalogue, struct str reg,
                const struct rows *rows, int at, struct register_row *row, struct err *err)
{
        row->from = list_day(rows, at);
        row->until = list_day(rows, at + 1);
        row->id = rows_int(rows, at + 2);
        return entry_open(arena, catalogue, reg, row->key, str_copy(arena, rows_blob(rows, at + 3)),
                        &row->entry, err);
}

/* Rows of key, from_day, until_day, seq, body. */
static bool take_rows(struct arena *arena, const struct catalogue *catalogue, struct str reg,
                struct rows *rows, const struct register_row **ret, size_t *ret_n, struct err *err)
{
        struct list list = LIST(arena, struct register_row);
        while (rows_next(rows)) {
                struct register_row *row = list_add(&list);
                row->key = str_copy(arena, rows_text(rows, 0));
                if (!read_row(arena, catalogue, reg, rows, 1, row, err))
                        return false;
        }
        *ret = list.items;
        *ret_n = list.n;
        return rows_end(rows, err);
}

bool register_rows_between(struct arena *arena, struct snapshot *snapshot,
                const struct catalogue *catalogue, struct str reg, struct date from,
                struct date until, size_t limit, const struct register_row **ret, size_t *ret_n,
                struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        return snapshot_rows(snapshot, Q_ENTRIES_BETWEEN,
                               PARAMS(param_text(reg), param_int(from.day), list_day_or_null(until),
                                               param_int((int64_t)limit)),
                               &rows, err) &&
               take_rows(arena, catalogue, reg, &rows, ret, ret_n, err);
}

bool register_rows(struct arena *arena, struct snapshot *snapshot,
                const struct catalogue *catalogue, struct str reg, struct date day,
                struct str after, size_t limit, const struct register_row **ret, size_t *ret_n,
                struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        return snapshot_rows(snapshot, Q_ENTRIES_ON,
                               PARAMS(param_text(reg), param_text(after), param_int(day.day),
                                               param_int((int64_t)(limit > INT32_MAX ? INT32_MAX
                                                                                     : limit))),
                               &rows, err) &&
               take_rows(arena, catalogue, reg, &rows, ret, ret_n, err);
}

bool entries_on(struct arena *arena, struct snapshot *snapshot, const struct catalogue *catalogue,
                struct str reg, struct date day, struct value *ret, struct err *err)
{
        const struct register_row *rows;
        size_t n;
        if (!register_rows(arena, snapshot, catalogue, reg, day, STR_LIT(""), INT32_MAX, &rows, &n,
                            err))
                return false;
        struct value *items = arena_new_array(arena, n, struct value);
        for (size_t i = 0; i < n; i++)
                items[i] = rows[i].entry;
        *ret = value_list(items, n);
        return true;
}

/* ---- A day through the cache: the list of its entries, packed ---- */

bool entries_on_day(struct arena *arena, struct snapshot *snapshot, struct cache *cache,
                const struct catalogue *catalogue, struct str reg, struct date day,
                struct value *ret, struct err *err)
{
        struct str packed;
        if (cache != NULL && cache_get_day(cache, reg, day, &packed))
                return value_unpack(arena, str_copy(arena, packed), ret, err);
        if (!entries_on(arena, snapshot, catalogue, reg, day, ret, err))
                return false;
        if (cache != NULL) {
                struct buf buf = BUF(arena);
                value_pack(&buf, ret);
                cache_put_day(cache, reg, day, buf_str(&buf));
        }
        return true;
}

bool register_history(struct arena *arena, struct snapshot *snapshot,
                const struct catalogue *catalogue, struct str reg, struct str key,
                const struct register_row **ret, size_t *ret_n, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct list list = LIST(arena, struct register_row);
        if (!snapshot_rows(snapshot, Q_ENTRIES_OF_KEY, PARAMS(param_text(reg), param_text(key)),
                            &rows, err))
                return false;
        while (rows_next(&rows)) {
                struct register_row *row = list_add(&list);
                row->key = key;
                if (!read_row(arena, catalogue, reg, &rows, 0, row, err))
                        return false;
        }
        *ret = list.items;
        *ret_n = list.n;
        return rows_end(&rows, err);
}

bool register_count(struct snapshot *snapshot, struct str reg, struct date day, int64_t *ret,
                struct err *err)
{
        bool found;
        return snapshot_int(snapshot, Q_ENTRIES_COUNT, PARAMS(param_text(reg), param_int(day.day)),
                        ret, &found, err);
}
