#include "projection/access.h"

#include "projection/list.h"

/* The first second of a day, as the bureau's clock has it. */
static struct store_param second_of(struct date day)
{
        return date_is_none(day) ? param_null() : param_int(moment_of(day, 0, 0, 0).second);
}

bool access_rows(struct arena *arena, struct snapshot *snapshot, const struct access_filter *filter,
                const struct access_row **ret, size_t *ret_n, struct err *err)
{
        struct list list = LIST(arena, struct access_row);
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct date after = date_is_none(filter->until) ? DATE_NONE : date_next(filter->until);
        if (!snapshot_rows(snapshot, Q_ACCESS_LIST,
                            PARAMS(list_text_or_null(filter->staff),
                                            filter->matter != 0 ? param_int(filter->matter)
                                                                : param_null(),
                                            second_of(filter->from), second_of(after),
                                            param_int(filter->below != 0 ? filter->below
                                                                         : INT64_MAX),
                                            param_int((int64_t)filter->limit)),
                            &rows, err))
                return false;
        while (rows_next(&rows))
                *(struct access_row *)list_add(&list) = (struct access_row){
                        .id = rows_int(&rows, 0),
                        .time = { rows_int(&rows, 1) },
                        .staff = str_copy(arena, rows_text(&rows, 2)),
                        .number = str_copy(arena, rows_text(&rows, 3)),
                        .procedure = str_copy(arena, rows_text(&rows, 4)),
                        .version = str_copy(arena, rows_text(&rows, 5)),
                        .fields = str_copy(arena, rows_text(&rows, 6)),
                };
        *ret = list.items;
        *ret_n = list.n;
        return rows_end(&rows, err);
}
