#include "desk/history.h"

#include <assert.h>

enum column { COLUMN_ID, COLUMN_MATTER, COLUMN_PREV, COLUMN_LEAF, COLUMN_DATA, COLUMN_SECRET };

static bool read_row(struct arena *arena, const struct rows *rows, struct past_event *ret,
                struct err *err)
{
        struct past_event e = {
                .id = rows_int(rows, COLUMN_ID),
                .leaf_bytes = str_copy(arena, rows_blob(rows, COLUMN_LEAF)),
                .erased = rows_is_null(rows, COLUMN_SECRET),
        };
        if (!ledger_parse_leaf(e.leaf_bytes, &e.leaf, err))
                return false;
        e.fact = (struct fact){
                .matter = rows_int(rows, COLUMN_MATTER),
                .act = e.leaf.act,
                .actor = e.leaf.actor,
                .on_behalf = e.leaf.on_behalf,
                .time = e.leaf.time,
                .data = value_context(NULL, 0),
        };
        e.disclosed = str_copy(arena, rows_text(rows, COLUMN_DATA));
        if (e.disclosed.n > 0 && !value_parse_json(arena, e.disclosed, &e.fact.data, err))
                return false;
        *ret = e;
        return true;
}

bool history_read(struct arena *arena, struct snapshot *snapshot, const struct version *version,
                int64_t matter, const struct past_event **ret, size_t *ret_n, struct err *err)
{
        assert(arena && snapshot && version && ret && ret_n && err);
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct past_event *events = NULL;
        size_t n = 0, capacity = 0;
        if (!snapshot_rows(snapshot, Q_EVENTS_OF_MATTER, PARAMS(param_int(matter)), &rows, err))
                return false;
        while (rows_next(&rows)) {
                if (n == capacity) {
                        struct past_event *old = events;
                        capacity = 2 * capacity + 16;
                        events = arena_new_array(arena, capacity, struct past_event);
                        for (size_t i = 0; i < n; i++)
                                events[i] = old[i];
                }
                struct past_event *e = &events[n];
                if (!read_row(arena, &rows, e, err))
                        return false;
                e->fact.version = version;
                if (!matter_type_data(arena, version, &e->fact.data, err))
                        return false;
                n++;
        }
        if (!rows_end(&rows, err))
                return false;
        *ret = events;
        *ret_n = n;
        return true;
}

bool history_event(struct arena *arena, struct snapshot *snapshot, int64_t id,
                struct past_event *ret, int64_t *ret_matter, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!snapshot_rows(snapshot, Q_EVENT_GET, PARAMS(param_int(id)), &rows, err))
                return false;
        if (!rows_next(&rows))
                return rows_end(&rows, err) &&
                       err_set(err, E_NOT_FOUND, "没有第 %lld 号事件", (long long)id);
        *ret_matter = rows_int(&rows, COLUMN_MATTER);
        return read_row(arena, &rows, ret, err) && rows_end(&rows, err);
}

bool history_matter_at(struct arena *arena, struct snapshot *snapshot,
                const struct version *version, int64_t matter, int64_t id, struct matter **ret,
                struct err *err)
{
        const struct past_event *events;
        size_t n;
        if (!history_read(arena, snapshot, version, matter, &events, &n, err))
                return false;
        struct matter *m = matter_new(arena, version);
        for (size_t i = 0; i < n && (id == 0 || events[i].id <= id); i++)
                if (!matter_apply(arena, m, &events[i].fact, events[i].id, err))
                        return false;
        if (m->n_deeds == 0)
                return err_set(err, E_NOT_FOUND, "当时还没有这个办件");
        *ret = m;
        return true;
}
