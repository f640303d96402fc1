#include "projection/docket.h"

#include <assert.h>

#include "base/limits.h"
#include "projection/list.h"
#include "projection/search.h"
#include "projection/world.h"

#define OVERDUE_NEAR 2000 /* as many as Q_DOCKET_OVERDUE looks at */

/* The statement whose index fits the filter best; all of them take every filter. */
static enum query best(const struct docket_filter *filter, size_t n_units)
{
        static const enum query ordered[] = { [DOCKET_OLDEST] = Q_DOCKET_OLDEST,
                [DOCKET_BY_NUMBER] = Q_DOCKET_NUMBER,
                [DOCKET_BY_NUMBER_DOWN] = Q_DOCKET_NUMBER_DOWN,
                [DOCKET_BY_DUE] = Q_DOCKET_DUE };
        if (filter->order != DOCKET_NEWEST)
                return ordered[filter->order];
        if (filter->text.n != 0)
                return Q_DOCKET_SEARCH;
        if (filter->assigned.n != 0)
                return Q_DOCKET_ASSIGNED;
        if (filter->procedure.n != 0)
                return filter->open ? Q_DOCKET_OPEN : Q_DOCKET_PROCEDURE;
        if (filter->stranger)
                return Q_DOCKET_SEEN;
        if (filter->overdue)
                return Q_DOCKET_OVERDUE;
        if (n_units == 1)
                return Q_DOCKET_UNIT;
        return filter->scope.n != 0 ? Q_DOCKET_NEAR : Q_DOCKET_ALL;
}

static enum query best_count(const struct docket_filter *filter)
{
        if (filter->text.n != 0)
                return Q_DOCKET_SEARCH_COUNT;
        bool stands = filter->state.n != 0 || filter->open || filter->closed || filter->late;
        if (filter->stranger && !stands)
                return Q_DOCKET_SEEN_COUNT;
        if (filter->procedure.n != 0)
                return Q_DOCKET_PROCEDURE_COUNT;
        assert(filter->stranger);
        return Q_DOCKET_SEEN_STATE_COUNT;
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

/* What a filter asks of the tree of units and of the search index. */
struct asked {
        struct str units, match;
        size_t n_units;
        bool nothing; /* of the text nothing is left to look for */
};

static bool ask(struct arena *arena, struct snapshot *snapshot, const struct docket_filter *filter,
                struct asked *ret, struct err *err)
{
        const struct str *texts;
        *ret = (struct asked){ 0 };
        if (filter->unit.n != 0 && !world_units(arena, snapshot, filter->unit, filter->today,
                                                   &ret->units, &texts, &ret->n_units, err))
                return false;
        if (filter->text.n != 0) {
                ret->match = search_query(arena, filter->text, filter->stranger);
                ret->nothing = ret->match.n == 0;
        }
        return true;
}

static struct store_param second_or_null(struct date day)
{
        if (day.day == 0 || date_is_none(day))
                return param_null();
        return param_int(moment_of(day, 0, 0, 0).second);
}

static bool open_rows(struct snapshot *snapshot, enum query query,
                const struct docket_filter *filter, const struct asked *asked, int64_t below,
                size_t limit, struct rows *ret, struct err *err)
{
        bool has_until = filter->until.day != 0 && !date_is_none(filter->until);
        return snapshot_rows(snapshot, query,
                        PARAMS(list_text_or_null(filter->procedure),
                                        list_text_or_null(filter->state),
                                        param_int(filter->closed ? 2 : filter->open),
                                        list_text_or_null(asked->units),
                                        list_text_or_null(filter->assigned),
                                        list_text_or_null(asked->match), param_int(below),
                                        param_int((int64_t)limit),
                                        filter->stranger ? param_int(filter->today.day)
                                                         : param_null(),
                                        param_int(filter->overdue ? 2 : filter->late),
                                        second_or_null(filter->from),
                                        has_until ? second_or_null(date_next(filter->until))
                                                  : param_null(),
                                        list_text_or_null(filter->scope),
                                        list_text_or_null(filter->scope_staff)),
                        ret, err);
}

/* The terms that are a party's, as Q_DOCKET_DUE compares them. */
static struct str party_terms(struct arena *arena, const struct catalogue *catalogue)
{
        struct buf json = BUF(arena);
        size_t n = 0;
        buf_char(&json, '[');
        for (size_t i = 0; i < catalogue->n_procedures; i++)
                for (size_t k = 0; k < catalogue->procedures[i]->n_versions; k++) {
                        const struct version *v = catalogue->procedures[i]->versions[k];
                        for (size_t c = 0; c < v->n_clocks; c++) {
                                if (!v->clocks[c].of_party)
                                        continue;
                                buf_c(&json, n++ == 0 ? "" : ",");
                                value_write_json_string(
                                                &json, str_format(arena, "%.*s|%.*s|%zu",
                                                                       STR_FMT(v->procedure->name),
                                                                       STR_FMT(v->name), c));
                        }
                }
        buf_char(&json, ']');
        return buf_str(&json);
}

/* The first page of another order begins before everything. */
static int64_t beginning(const struct docket_filter *filter)
{
        if (filter->below > 0)
                return filter->below;
        return filter->order == DOCKET_NEWEST ? INT64_MAX : 0;
}

static bool open_list(struct arena *arena, struct snapshot *snapshot, enum query query,
                const struct docket_filter *filter, const struct asked *asked, size_t limit,
                struct rows *ret, struct err *err)
{
        bool has_until = filter->until.day != 0 && !date_is_none(filter->until);
        if (filter->order != DOCKET_BY_DUE)
                return open_rows(
                                snapshot, query, filter, asked, beginning(filter), limit, ret, err);
        return snapshot_rows(snapshot, query,
                        PARAMS(list_text_or_null(filter->procedure),
                                        list_text_or_null(filter->state),
                                        param_int(filter->closed ? 2 : filter->open),
                                        list_text_or_null(asked->units),
                                        list_text_or_null(filter->assigned),
                                        list_text_or_null(asked->match),
                                        param_int(beginning(filter)), param_int((int64_t)limit),
                                        filter->stranger ? param_int(filter->today.day)
                                                         : param_null(),
                                        param_int(filter->late), second_or_null(filter->from),
                                        has_until ? second_or_null(date_next(filter->until))
                                                  : param_null(),
                                        list_text_or_null(filter->scope),
                                        list_text_or_null(filter->scope_staff),
                                        param_int(filter->below > 0 ? filter->below_day.day
                                                                    : INT32_MIN),
                                        param_text(party_terms(arena, filter->catalogue))),
                        ret, err);
}

static bool read_list(struct arena *arena, struct snapshot *snapshot, enum query query,
                const struct docket_filter *filter, const struct asked *asked, size_t limit,
                struct list *ret, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!open_list(arena, snapshot, query, filter, asked, limit, &rows, err))
                return false;
        ret->n = 0;
        while (rows_next(&rows)) {
                struct docket_row *row = list_add(ret);
                *row = row_of(arena, &rows);
                if (filter->order == DOCKET_BY_DUE)
                        row->last_day = (struct date){ (int32_t)rows_int(&rows, 12) };
        }
        return rows_end(&rows, err);
}

/* Did the statement look at a part only, of what may be on the page? */
static bool looks_at_part(struct snapshot *snapshot, enum query query,
                const struct docket_filter *filter, bool *ret, struct err *err)
{
        int64_t n = 0;
        bool found;
        *ret = query == Q_DOCKET_NEAR;
        if (query != Q_DOCKET_OVERDUE)
                return true;
        if (!snapshot_int(snapshot, Q_DOCKET_OVERDUE_COUNT,
                            PARAMS(param_int(beginning(filter)), param_int(OVERDUE_NEAR)), &n,
                            &found, err))
                return false;
        *ret = n == OVERDUE_NEAR;
        return true;
}

/* What fills no page out of the newest is asked of each pair that is seen: whoever sees little of
 * much would else have all of it walked. */
static bool read_page(struct arena *arena, struct snapshot *snapshot,
                const struct docket_filter *filter, const struct asked *asked, size_t limit,
                struct list *ret, struct err *err)
{
        enum query query = best(filter, asked->n_units);
        bool open = filter->open || filter->overdue, part = false;
        if (!read_list(arena, snapshot, query, filter, asked, limit, ret, err))
                return false;
        if (ret->n == limit)
                return true;
        if (!looks_at_part(snapshot, query, filter, &part, err))
                return false;
        return !part || read_list(arena, snapshot, open ? Q_DOCKET_LINES_OPEN : Q_DOCKET_LINES,
                                        filter, asked, limit, ret, err);
}

bool docket_rows(struct arena *arena, struct snapshot *snapshot, const struct docket_filter *filter,
                const struct docket_row **ret, size_t *ret_n, bool *ret_more, struct err *err)
{
        struct asked asked;
        size_t limit = filter->limit < LIMIT_PAGE_ROWS ? filter->limit : LIMIT_PAGE_ROWS;
        struct list list = LIST(arena, struct docket_row);
        *ret = NULL;
        *ret_n = 0;
        *ret_more = false;
        if (!ask(arena, snapshot, filter, &asked, err))
                return false;
        if (asked.nothing)
                return true;
        assert(filter->order != DOCKET_BY_DUE || filter->catalogue != NULL);
        assert(!filter->overdue || filter->scope.n != 0);
        if (!read_page(arena, snapshot, filter, &asked, limit + 1, &list, err))
                return false;
        *ret = list.items;
        *ret_more = list.n > limit;
        *ret_n = *ret_more ? limit : list.n;
        return true;
}

bool docket_count(struct arena *arena, struct snapshot *snapshot,
                const struct docket_filter *filter, size_t limit, int64_t *ret, struct err *err)
{
        struct asked asked;
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!ask(arena, snapshot, filter, &asked, err))
                return false;
        *ret = 0;
        if (asked.nothing)
                return true;
        if (!open_rows(snapshot, best_count(filter), filter, &asked, INT64_MAX, limit, &rows, err))
                return false;
        if (rows_next(&rows))
                *ret = rows_int(&rows, 0);
        return rows_end(&rows, err);
}

bool docket_tallies(struct arena *arena, struct snapshot *snapshot, struct str unit,
                struct date today, const struct docket_tally **ret, size_t *ret_n, struct err *err)
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

bool docket_units(struct arena *arena, struct snapshot *snapshot, const struct docket_unit **ret,
                size_t *ret_n, struct err *err)
{
        struct list list = LIST(arena, struct docket_unit);
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!snapshot_rows(snapshot, Q_DOCKET_UNITS, NO_PARAMS, &rows, err))
                return false;
        while (rows_next(&rows))
                *(struct docket_unit *)list_add(&list) = (struct docket_unit){
                        .unit = str_copy(arena, rows_text(&rows, 0)),
                        .n = rows_int(&rows, 1),
                };
        *ret = list.items;
        *ret_n = list.n;
        return rows_end(&rows, err);
}

bool docket_outcomes(struct arena *arena, struct snapshot *snapshot, struct date from,
                struct date until, size_t limit, const struct docket_outcome **ret, size_t *ret_n,
                struct err *err)
{
        struct list list = LIST(arena, struct docket_outcome);
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!snapshot_rows(snapshot, Q_DOCKET_OUTCOMES,
                            PARAMS(param_int(moment_of(from, 0, 0, 0).second),
                                            param_int(moment_of(until, 0, 0, 0).second),
                                            param_int((int64_t)limit)),
                            &rows, err))
                return false;
        while (rows_next(&rows))
                *(struct docket_outcome *)list_add(&list) = (struct docket_outcome){
                        .procedure = str_copy(arena, rows_text(&rows, 0)),
                        .state = str_copy(arena, rows_text(&rows, 1)),
                        .n = rows_int(&rows, 2),
                };
        *ret = list.items;
        *ret_n = list.n;
        return rows_end(&rows, err);
}

bool docket_versions(struct arena *arena, struct snapshot *snapshot, struct str procedure,
                const struct docket_version **ret, size_t *ret_n, struct err *err)
{
        struct list list = LIST(arena, struct docket_version);
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!snapshot_rows(snapshot, Q_DOCKET_VERSIONS, PARAMS(param_text(procedure)), &rows, err))
                return false;
        while (rows_next(&rows))
                *(struct docket_version *)list_add(&list) = (struct docket_version){
                        .version = str_copy(arena, rows_text(&rows, 0)),
                        .n = rows_int(&rows, 1),
                };
        *ret = list.items;
        *ret_n = list.n;
        return rows_end(&rows, err);
}

/* A term of a party that has run out is a right that lapsed, not a duty done late. */
static bool is_ours(const struct catalogue *catalogue, const struct rows *rows)
{
        const struct procedure *procedure = catalogue_procedure(catalogue, rows_text(rows, 0));
        const struct version *version =
                        procedure != NULL ? procedure_version(procedure, rows_text(rows, 1)) : NULL;
        size_t clock = (size_t)rows_int(rows, 2);
        return version != NULL && clock < version->n_clocks && !version->clocks[clock].of_party;
}

static void add_alarm(struct arena *arena, struct list *list, const struct rows *rows)
{
        struct docket_alarm *alarms = list->items, *alarm;
        bool same = list->n != 0 && str_eq(alarms[list->n - 1].procedure, rows_text(rows, 0));
        int64_t n = rows_int(rows, 5);
        alarm = same ? &alarms[list->n - 1] : list_add(list);
        if (!same)
                alarm->procedure = str_copy(arena, rows_text(rows, 0));
        if (rows_int(rows, 3) == CLOCK_EXPIRED)
                alarm->late += n;
        else if (rows_int(rows, 4) == CLOCK_RED)
                alarm->red += n;
        else
                alarm->yellow += n;
}

bool docket_alarms(struct arena *arena, struct snapshot *snapshot,
                const struct catalogue *catalogue, struct str unit, struct date today,
                const struct docket_alarm **ret, size_t *ret_n, struct err *err)
{
        struct str units = { NULL, 0 };
        const struct str *texts;
        size_t n_units;
        struct list list = LIST(arena, struct docket_alarm);
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (unit.n != 0 &&
                        !world_units(arena, snapshot, unit, today, &units, &texts, &n_units, err))
                return false;
        if (!snapshot_rows(snapshot, Q_CLOCK_ALARMS, PARAMS(list_text_or_null(units)), &rows, err))
                return false;
        while (rows_next(&rows))
                if (is_ours(catalogue, &rows))
                        add_alarm(arena, &list, &rows);
        *ret = list.items;
        *ret_n = list.n;
        return rows_end(&rows, err);
}
