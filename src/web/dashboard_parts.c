/* Two charts of the overview: where the work lies, and what became of what came in. */
#include "web/dashboard.h"

#include <stdlib.h>

#include "projection/docket.h"
#include "projection/register_read.h"
#include "web/chart.h"

#define DOCKET_URL     "/work/matters"
#define UNITS_MAX      10000u
#define UNITS_SHOWN    20u
#define OUTCOMES_SHOWN 20u
#define DEPTH_MAX      16

/* ---- Units: those right below the top, each with all below it ---- */

struct branch {
        struct str unit;
        bool is_top; /* what belongs to the top itself */
        int64_t open, late;
};

static struct str parent_of(const struct register_row *units, size_t n, struct str unit)
{
        size_t low = 0, high = n;
        while (low < high) { /* sorted by key */
                size_t middle = (low + high) / 2;
                int order = str_cmp(units[middle].key, unit);
                if (order == 0) {
                        const struct value *v = value_get(&units[middle].entry, STR_LIT("parent"));
                        return v != NULL && v->kind == VALUE_STRING ? v->string : STR_LIT("");
                }
                if (order < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return STR_LIT("");
}

static struct branch branch_of(const struct register_row *units, size_t n, struct str unit)
{
        struct str parent = parent_of(units, n, unit);
        if (parent.n == 0)
                return (struct branch){ .unit = unit, .is_top = true };
        for (int i = 0; i < DEPTH_MAX; i++) {
                struct str above = parent_of(units, n, parent);
                if (above.n == 0)
                        break;
                unit = parent;
                parent = above;
        }
        return (struct branch){ .unit = unit };
}

static int by_open(const void *a, const void *b)
{
        const struct branch *x = a, *y = b;
        if (x->open != y->open)
                return x->open < y->open ? 1 : -1;
        return str_cmp(x->unit, y->unit);
}

static bool find_branches(struct visit *visit, struct branch **ret, size_t *ret_n, struct err *err)
{
        const struct register_row *units;
        const struct docket_unit *counts;
        size_t n_units, n_counts, n = 0;
        if (!register_rows(visit->arena, visit->snapshot, visit->catalogue, STR_LIT("units"),
                            visit->today, STR_LIT(""), UNITS_MAX, &units, &n_units, err) ||
                        !docket_units(visit->arena, visit->snapshot, &counts, &n_counts, err))
                return false;
        struct branch *branches = arena_new_array(visit->arena, n_counts, struct branch);
        for (size_t i = 0; i < n_counts; i++) {
                struct branch branch = branch_of(units, n_units, counts[i].unit);
                size_t k = 0;
                while (k < n && !str_eq(branches[k].unit, branch.unit))
                        k++;
                if (k == n)
                        branches[n++] = branch;
                branches[k].open += counts[i].n;
        }
        if (n != 0)
                qsort(branches, n, sizeof(*branches), by_open);
        *ret = branches;
        *ret_n = n;
        return true;
}

static bool count_late(struct visit *visit, struct branch *branch, struct err *err)
{
        const struct docket_alarm *alarms;
        size_t n;
        if (!docket_alarms(visit->arena, visit->snapshot, visit->catalogue, branch->unit,
                            visit->today, &alarms, &n, err))
                return false;
        for (size_t i = 0; i < n; i++)
                branch->late += alarms[i].late;
        return true;
}

static struct chart_value counted(
                struct visit *visit, int64_t n, const struct branch *branch, const char *state)
{
        struct buf url = BUF(visit->arena);
        buf_c(&url, DOCKET_URL);
        visit_query(&url, "unit", branch->unit);
        visit_query(&url, "state", str_of(state));
        bool leads = n != 0 && !branch->is_top; /* a list of the top has all below it too */
        return (struct chart_value){ true, decimal_of(n), leads ? buf_str(&url) : STR_LIT("") };
}

bool dashboard_add_units(struct visit *visit, struct view_list *charts, struct err *err)
{
        static const struct str series[] = { STR_LIT("在办（件）"), STR_LIT("期限已逾期（项）") };
        struct branch *branches;
        size_t n;
        if (!find_branches(visit, &branches, &n, err))
                return false;
        size_t shown = n < UNITS_SHOWN ? n : UNITS_SHOWN;
        struct chart_item *items = arena_new_array(visit->arena, shown, struct chart_item);
        for (size_t i = 0; i < shown; i++) {
                struct branch *branch = &branches[i];
                if (!branch->is_top && !count_late(visit, branch, err))
                        return false;
                items[i].label = visit_unit(visit, branch->unit);
                items[i].values[0] = counted(visit, branch->open, branch, "open");
                if (!branch->is_top)
                        items[i].values[1] = counted(visit, branch->late, branch, "late");
        }
        const struct chart chart = { .kind = CHART_ROWS,
                .id = STR_LIT("units"),
                .title = STR_LIT("各区、各单位"),
                .unit = STR_LIT("件、项"),
                .heading = STR_LIT("单位"),
                .note = STR_LIT("每个单位含它的下级。"),
                .series = series,
                .n_series = N_ELEMENTS(series),
                .items = items,
                .n_items = shown };
        if (shown != 0)
                view_add(charts, chart_view(visit->arena, &chart, !visit->as_json));
        return true;
}

/* ---- Outcomes ---- */

static struct str state_label(const struct procedure *procedure, struct str name)
{
        for (size_t i = procedure->n_versions; i-- > 0;) {
                int state = version_state(procedure->versions[i], name);
                if (state >= 0)
                        return procedure->versions[i]->states[state].label;
        }
        return name;
}

static struct str outcome_url(struct visit *visit, const struct docket_outcome *outcome, int year)
{
        struct buf url = BUF(visit->arena);
        buf_c(&url, DOCKET_URL);
        visit_query(&url, "procedure", outcome->procedure);
        visit_query(&url, "state", outcome->state);
        visit_query(&url, "from", str_format(visit->arena, "%d-01-01", year));
        visit_query(&url, "until", str_format(visit->arena, "%d-12-31", year));
        return buf_str(&url);
}

bool dashboard_add_outcomes(
                struct visit *visit, int year, struct view_list *charts, struct err *err)
{
        static const struct str series[] = { STR_LIT("件数") };
        const struct docket_outcome *outcomes;
        struct date from, until;
        size_t n, shown = 0;
        if (!date_of(year, 1, 1, &from) || !date_of(year + 1, 1, 1, &until))
                return true;
        if (!docket_outcomes(visit->arena, visit->snapshot, from, until, OUTCOMES_SHOWN, &outcomes,
                            &n, err))
                return false;
        struct chart_item *items = arena_new_array(visit->arena, n, struct chart_item);
        for (size_t i = 0; i < n; i++) {
                const struct procedure *procedure =
                                catalogue_procedure(visit->catalogue, outcomes[i].procedure);
                if (procedure == NULL)
                        continue; /* of a definition that was taken away */
                items[shown].label =
                                str_format(visit->arena, "%.*s：%.*s", STR_FMT(procedure->label),
                                                STR_FMT(state_label(procedure, outcomes[i].state)));
                items[shown++].values[0] = (struct chart_value){ true, decimal_of(outcomes[i].n),
                        outcome_url(visit, &outcomes[i], year) };
        }
        const struct chart chart = { .kind = CHART_ROWS,
                .id = STR_LIT("outcomes"),
                .title = str_format(visit->arena, "%d年收到的办件，办成什么结果", year),
                .unit = STR_LIT("件"),
                .heading = STR_LIT("办件和结果"),
                .note = STR_LIT("只数已经办结的，列最多的二十种。"),
                .series = series,
                .n_series = 1,
                .items = items,
                .n_items = shown };
        if (shown != 0)
                view_add(charts, chart_view(visit->arena, &chart, !visit->as_json));
        return true;
}
