#include "projection/docket.h"

#include "base/limits.h"
#include "projection/list.h"
#include "projection/search.h"
#include "projection/world.h"

/* The statement whose index fits the filter best; all of them take every filter. */
static enum query best(const struct docket_filter *filter, size_t n_units)
{
        if (filter->text.n != 0)
                return Q_DOCKET_SEARCH;
        if (filter->assigned.n != 0)
                return Q_DOCKET_ASSIGNED;
        if (filter->procedure.n != 0)
                return filter->open ? Q_DOCKET_OPEN : Q_DOCKET_PROCEDURE;
        return n_units == 1 ? Q_DOCKET_UNIT : Q_DOCKET_ALL;
}

static struct docket_row row_of(struct arena *arena, const struct rows *rows)
{
        return (struct docket_row){
                .id = rows_int(rows, 0),
                .number = str_copy(arena, rows_text(rows, 1)),
                .procedure = str_copy(arena, rows_text(rows, 2)),
                .version = str_copy(arena, rows_text(rows, 3)),
                .state = str_copy(arena, rows_text(rows, 4)),
                .final = rows_int(rows, 5) != 0,
                .unit = str_copy(arena, rows_text(rows, 6)),
                .parent = rows_int(rows, 7),
                .created = { rows_int(rows, 8) },
                .changed = { rows_int(rows, 9) },
                .title = str_copy(arena, rows_text(rows, 10)),
        };
}

bool docket_rows(struct arena *arena, struct snapshot *snapshot,
                const struct docket_filter *filter, const struct docket_row **ret,
                size_t *ret_n, bool *ret_more, struct err *err)
{
        struct str units = { NULL, 0 }, match = { NULL, 0 };
        const struct str *texts;
        size_t n_units = 0;
        size_t limit = filter->limit < LIMIT_PAGE_ROWS ? filter->limit : LIMIT_PAGE_ROWS;
        struct list list = LIST(arena, struct docket_row);
        struct rows rows _cleanup_(rows_close) = { 0 };
        *ret = NULL;
        *ret_n = 0;
        *ret_more = false;
        if (filter->unit.n != 0 && !world_units(arena, snapshot, filter->unit, filter->today,
                                                   &units, &texts, &n_units, err))
                return false;
        if (filter->text.n != 0) {
                match = search_query(arena, filter->text, filter->stranger);
                if (match.n == 0)
                        return true;
        }
        if (!snapshot_rows(snapshot, best(filter, n_units),
                            PARAMS(list_text_or_null(filter->procedure),
                                            list_text_or_null(filter->state),
                                            param_int(filter->open), list_text_or_null(units),
                                            list_text_or_null(filter->assigned),
                                            list_text_or_null(match),
                                            param_int(filter->below > 0 ? filter->below :
                                                                          INT64_MAX),
                                            param_int((int64_t)limit + 1),
                                            filter->stranger ? param_int(filter->today.day) :
                                                               param_null(),
                                            param_int(filter->late)),
                            &rows, err))
                return false;
        while (rows_next(&rows))
                *(struct docket_row *)list_add(&list) = row_of(arena, &rows);
        *ret = list.items;
        *ret_more = list.n > limit;
        *ret_n = *ret_more ? limit : list.n;
        return rows_end(&rows, err);
}

bool docket_tallies(struct arena *arena, struct snapshot *snapshot, struct str unit,
                struct date today, const struct docket_tally **ret, size_t *ret_n,
                struct err *err)
{
        struct str units = { NULL, 0 };
        const struct str *texts;
        size_t n_units;
        struct list list = LIST(arena, struct docket_tally);
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (unit.n != 0 &&
                        !world_units(arena, snapshot, unit, today, &units, &texts, &n_units, err))
                return false;
        if (!snapshot_rows(snapshot, Q_DOCKET_TALLY, PARAMS(list_text_or_null(units)), &rows, err))
                return false;
        while (rows_next(&rows))
                *(struct docket_tally *)list_add(&list) = (struct docket_tally){
                        .procedure = str_copy(arena, rows_text(&rows, 0)),
                        .state = str_copy(arena, rows_text(&rows, 1)),
                        .n = rows_int(&rows, 2),
                };
        *ret = list.items;
        *ret_n = list.n;
        return rows_end(&rows, err);
}
