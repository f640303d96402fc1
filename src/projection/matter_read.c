#include "projection/matter_read.h"

#include "projection/list.h"
#include "projection/matter_row.h"
#include "projection/search.h"

bool matter_read(struct arena *arena, struct snapshot *snapshot, const struct catalogue *catalogue,
                int64_t id, struct matter **ret, struct err *err)
{
        struct matter_row row;
        bool found;
        if (!matter_row_get(arena, snapshot, NULL, id, &row, &found, err))
                return false;
        if (!found)
                return err_set(err, E_NOT_FOUND, "没有办件 #%lld", (long long)id);
        return matter_row_open(arena, catalogue, &row, ret, err);
}

bool matter_read_by_number(struct arena *arena, struct snapshot *snapshot,
                const struct catalogue *catalogue, struct str number, struct matter **ret,
                struct err *err)
{
        int64_t id;
        return matter_find(snapshot, number, &id, err) &&
               matter_read(arena, snapshot, catalogue, id, ret, err);
}

bool matter_find(struct snapshot *snapshot, struct str number, int64_t *ret, struct err *err)
{
        bool found;
        int64_t id;
        if (!snapshot_int(snapshot, Q_MATTER_ID, PARAMS(param_text(number)), &id, &found, err))
                return false;
        if (!found)
                return err_field(err, E_NOT_FOUND, number, "没有这个办件");
        *ret = id;
        return true;
}

bool matter_find_seen(struct snapshot *snapshot, struct str number, struct date today, int64_t *ret,
                bool *ret_seen, struct err *err)
{
        int64_t id;
        if (!snapshot_int(snapshot, Q_MATTER_SEEN, PARAMS(param_text(number), param_int(today.day)),
                            &id, ret_seen, err))
                return false;
        if (*ret_seen)
                *ret = id;
        return true;
}

bool matter_is_seen(struct snapshot *snapshot, int64_t id, struct date today, bool *ret,
                struct err *err)
{
        int64_t same;
        return snapshot_int(snapshot, Q_MATTER_IS_SEEN, PARAMS(param_int(id), param_int(today.day)),
                        &same, ret, err);
}

/* ---- Clocks ---- */

/* clock, status, warned, last_day, due, next_look, late, provisional */
static struct clock_row clock_of(const struct rows *rows, int64_t matter)
{
        return (struct clock_row){
                .matter = matter,
                .clock = (size_t)rows_int(rows, 0),
                .status = (enum clock_status)rows_int(rows, 1),
                .warned = (enum clock_warning)rows_int(rows, 2),
                .last_day = list_day(rows, 3),
                .due = { rows_int(rows, 4) },
                .next_look = { rows_int(rows, 5) },
                .looks = !rows_is_null(rows, 5),
                .late = rows_int(rows, 6) != 0,
                .provisional = rows_int(rows, 7) != 0,
        };
}

bool clock_rows(struct arena *arena, struct snapshot *snapshot, int64_t matter,
                const struct clock_row **ret, size_t *ret_n, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct list list = LIST(arena, struct clock_row);
        if (!snapshot_rows(snapshot, Q_CLOCKS_OF, PARAMS(param_int(matter)), &rows, err))
                return false;
        while (rows_next(&rows))
                *(struct clock_row *)list_add(&list) = clock_of(&rows, matter);
        *ret = list.items;
        *ret_n = list.n;
        return rows_end(&rows, err);
}

bool clock_rows_of_all(struct arena *arena, struct snapshot *snapshot, const int64_t *matters,
                size_t n, const struct clock_row **ret, size_t *ret_n, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct list list = LIST(arena, struct clock_row);
        struct buf ids = BUF(arena);
        buf_char(&ids, '[');
        for (size_t i = 0; i < n; i++)
                buf_format(&ids, "%s%lld", i == 0 ? "" : ",", (long long)matters[i]);
        buf_char(&ids, ']');
        if (!snapshot_rows(snapshot, Q_CLOCKS_OF_ALL, PARAMS(param_text(buf_str(&ids))), &rows,
                            err))
                return false;
        while (rows_next(&rows))
                *(struct clock_row *)list_add(&list) = clock_of(&rows, rows_int(&rows, 8));
        *ret = list.items;
        *ret_n = list.n;
        return rows_end(&rows, err);
}

bool clock_rows_due(struct arena *arena, struct snapshot *snapshot, struct moment now, size_t limit,
                const struct clock_row **ret, size_t *ret_n, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct list list = LIST(arena, struct clock_row);
        if (!snapshot_rows(snapshot, Q_CLOCKS_DUE,
                            PARAMS(param_int(now.second), param_int((int64_t)limit)), &rows, err))
                return false;
        while (rows_next(&rows))
                *(struct clock_row *)list_add(&list) = (struct clock_row){
                        .matter = rows_int(&rows, 0),
                        .clock = (size_t)rows_int(&rows, 1),
                        .last_day = DATE_NONE,
                        .next_look = { rows_int(&rows, 2) },
                        .looks = true,
                };
        *ret = list.items;
        *ret_n = list.n;
        return rows_end(&rows, err);
}

static bool take_ahead(struct list *list, struct rows *rows, const struct clock_row **ret,
                size_t *ret_n, struct err *err)
{
        while (rows_next(rows))
                *(struct clock_row *)list_add(list) = (struct clock_row){
                        .matter = rows_int(rows, 0),
                        .clock = (size_t)rows_int(rows, 1),
                        .status = (enum clock_status)rows_int(rows, 2),
                        .last_day = list_day(rows, 3),
                        .due = { rows_int(rows, 4) },
                        .looks = true,
                        .late = rows_int(rows, 5) != 0,
                        .provisional = rows_int(rows, 6) != 0,
                };
        *ret = list->items;
        *ret_n = list->n;
        return rows_end(rows, err);
}

bool clock_rows_ahead(struct arena *arena, struct snapshot *snapshot, struct str units_json,
                const struct clock_row *after, size_t limit, const struct clock_row **ret,
                size_t *ret_n, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct list list = LIST(arena, struct clock_row);
        if (!snapshot_rows(snapshot, Q_CLOCKS_AHEAD,
                            PARAMS(list_text_or_null(units_json),
                                            param_int(after != NULL ? after->due.second
                                                                    : INT64_MIN),
                                            param_int(after != NULL ? after->matter : 0),
                                            param_int(after != NULL ? (int64_t)after->clock : 0),
                                            param_int((int64_t)limit)),
                            &rows, err))
                return false;
        return take_ahead(&list, &rows, ret, ret_n, err);
}

bool clock_rows_work(struct arena *arena, struct snapshot *snapshot, struct str scope,
                struct str staff, size_t limit, const struct clock_row **ret, size_t *ret_n,
                struct err *err)
{
        static const enum query queries[] = { Q_CLOCKS_WORK_NEAR, Q_CLOCKS_WORK };
        for (size_t i = 0; i < N_ELEMENTS(queries); i++) {
                struct rows rows _cleanup_(rows_close) = { 0 };
                struct list list = LIST(arena, struct clock_row);
                if (!snapshot_rows(snapshot, queries[i],
                                    PARAMS(param_text(scope), param_text(staff),
                                                    param_int((int64_t)limit)),
                                    &rows, err) ||
                                !take_ahead(&list, &rows, ret, ret_n, err))
                        return false;
                if (*ret_n == limit)
                        break;
        }
        return true;
}

/* ---- Publications ---- */

/* The columns from `at` on: from_day, until_day, title, body. */
static bool read_publication(struct arena *arena, const struct rows *rows, int at,
                struct publication_row *row, struct err *err)
{
        row->from = list_day(rows, at);
        row->until = list_day(rows, at + 1);
        row->title = str_copy(arena, rows_text(rows, at + 2));
        return value_unpack(arena, str_copy(arena, rows_blob(rows, at + 3)), &row->shown, err);
}

bool publication_rows(struct arena *arena, struct snapshot *snapshot, int64_t matter,
                const struct publication_row **ret, size_t *ret_n, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct list list = LIST(arena, struct publication_row);
        if (!snapshot_rows(snapshot, Q_PUBLICATIONS_OF, PARAMS(param_int(matter)), &rows, err))
                return false;
        while (rows_next(&rows)) {
                struct publication_row *row = list_add(&list);
                row->matter = matter;
                row->id = rows_int(&rows, 0);
                row->publication = str_copy(arena, rows_text(&rows, 1));
                if (!read_publication(arena, &rows, 2, row, err))
                        return false;
        }
        *ret = list.items;
        *ret_n = list.n;
        return rows_end(&rows, err);
}

/* The one of two statements that walks the right index, with its parameters bound. */
static bool list_publications(struct arena *arena, struct snapshot *snapshot,
                const struct publication_filter *filter, enum query all, enum query found,
                struct rows *rows, struct err *err)
{
        struct str match = search_query(arena, filter->text, true);
        if (filter->text.n != 0 && match.n == 0)
                match = STR_LIT("\"\""); /* nothing to look for finds nothing */
        const struct store_param params[] = {
                param_text(filter->procedure),
                list_text_or_null(filter->publication),
                param_int(filter->today.day),
                param_int(filter->below > 0 ? filter->below : INT64_MAX),
                param_int((int64_t)filter->limit),
                param_text(match),
        };
        bool by_text = match.n != 0;
        return snapshot_rows(snapshot, by_text ? found : all, params, by_text ? 6 : 5, rows, err);
}

bool publication_rows_list(struct arena *arena, struct snapshot *snapshot,
                const struct publication_filter *filter, const struct publication_row **ret,
                size_t *ret_n, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct list list = LIST(arena, struct publication_row);
        if (!list_publications(arena, snapshot, filter, Q_PUBLICATIONS_LIST, Q_PUBLICATIONS_FOUND,
                            &rows, err))
                return false;
        while (rows_next(&rows)) {
                struct publication_row *row = list_add(&list);
                row->matter = rows_int(&rows, 0);
                row->id = rows_int(&rows, 1);
                row->publication = str_copy(arena, rows_text(&rows, 2));
                row->unit = str_copy(arena, rows_text(&rows, 3));
                row->number = str_copy(arena, rows_text(&rows, 4));
                if (!read_publication(arena, &rows, 5, row, err))
                        return false;
        }
        *ret = list.items;
        *ret_n = list.n;
        return rows_end(&rows, err);
}

bool publication_count(struct arena *arena, struct snapshot *snapshot,
                const struct publication_filter *filter, int64_t *ret, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!list_publications(arena, snapshot, filter, Q_PUBLICATIONS_COUNT,
                            Q_PUBLICATIONS_FOUND_COUNT, &rows, err))
                return false;
        if (rows_next(&rows))
                *ret = rows_int(&rows, 0);
        return rows_end(&rows, err);
}
