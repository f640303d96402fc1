#include "web/docket_page.h"

#include "base/limits.h"
#include "projection/register_read.h"
#include "web/disclosure.h"

/* The orders that staff may ask for; the first is that of a list nobody asked to be sorted. */
static const struct {
        const char *name;
        enum docket_order order;
        bool asks_for_few; /* only where a procedure or a text narrows the list */
} orders[] = {
        { "", DOCKET_NEWEST, false },
        { "old", DOCKET_OLDEST, false },
        { "number", DOCKET_BY_NUMBER, true },
        { "number-down", DOCKET_BY_NUMBER_DOWN, true },
        { "due", DOCKET_BY_DUE, false },
};

/* ---- Addresses: the filter as a query, one field left out ---- */

struct str docket_page_url(const struct docket_page *d, const char *without)
{
        struct buf url = BUF(d->visit->arena);
        const struct {
                const char *name;
                struct str value;
        } fields[] = {
                { "q", d->q },
                { "procedure", d->procedure },
                { "state", d->state },
                { "unit", d->unit },
                { "mine", d->mine },
                { "from", d->from },
                { "until", d->until },
                { "sort", d->sort },
        };
        buf_c(&url, d->base);
        for (size_t i = 0; i < N_ELEMENTS(fields); i++)
                if (strcmp(fields[i].name, without) != 0)
                        visit_query(&url, fields[i].name, fields[i].value);
        return buf_str(&url);
}

/* ---- The filter ---- */

bool docket_page_is_narrow(const struct docket_page *d)
{
        return d->procedure.n != 0 || d->q.n != 0;
}

static bool read_order(struct docket_page *d, struct err *err)
{
        int64_t day;
        d->sort = visit_field(d->visit, "sort");
        if (!visit_int(d->visit, "day", INT32_MAX, 0, &day, err))
                return false;
        for (size_t i = 0; i < N_ELEMENTS(orders); i++) {
                if (!str_is(d->sort, orders[i].name) ||
                                (orders[i].asks_for_few && !docket_page_is_narrow(d)))
                        continue;
                d->filter.order = orders[i].order;
                d->filter.below_day = (struct date){ (int32_t)day };
                d->filter.catalogue = d->visit->catalogue;
                return true;
        }
        d->sort = STR_LIT("");
        return true;
}

bool docket_page_read(struct docket_page *d, struct err *err)
{
        struct visit *visit = d->visit;
        struct date from, until;
        int64_t below;
        d->q = visit_field(visit, "q");
        d->procedure = visit_field(visit, "procedure");
        d->state = visit_field(visit, "state");
        d->unit = visit_field(visit, "unit");
        d->mine = d->is_work ? visit_field(visit, "mine") : STR_LIT("");
        d->from = visit_field(visit, "from");
        d->until = visit_field(visit, "until");
        if (!visit_date(visit, "from", &from, err) || !visit_date(visit, "until", &until, err) ||
                        !visit_int(visit, "after", INT64_MAX - 1, 0, &below, err))
                return false;
        d->filter = (struct docket_filter){
                .procedure = d->procedure,
                .unit = d->unit,
                .today = visit->today,
                .text = d->q,
                .stranger = true,
                .from = from,
                .until = until,
                .below = below,
                .limit = VISIT_PAGE_ROWS,
                .open = str_is(d->state, "open"),
                .closed = str_is(d->state, "closed"),
                .late = str_is(d->state, "late"),
        };
        if (!d->filter.open && !d->filter.closed && !d->filter.late)
                d->filter.state = d->state;
        if (d->is_work) {
                d->filter.stranger = false;
                d->filter.scope = visit->viewer.scope;
                d->filter.scope_staff = visit->viewer.actor.id;
                if (d->mine.n != 0)
                        d->filter.assigned = visit->viewer.actor.id;
        }
        return !d->is_work || read_order(d, err);
}

static void add_option(struct visit *visit, struct view_list *list, struct str value,
                struct str label, struct str chosen)
{
        struct view option = VIEW(visit->arena);
        view_text(&option, "value", value);
        view_text(&option, "label", label);
        view_yes(&option, "selected", str_eq(value, chosen));
        view_add(list, view_end(&option));
}

static void add_select(struct visit *visit, struct view_list *selects, const char *name,
                const char *label, const struct view_list *options)
{
        struct view select = VIEW(visit->arena);
        view_c(&select, "name", name);
        view_c(&select, "label", label);
        view_put(&select, "options", view_list_end(options));
        view_add(selects, view_end(&select));
}

static void add_procedures(struct docket_page *d, struct view_list *selects)
{
        struct visit *visit = d->visit;
        struct view_list options = VIEW_LIST(visit->arena);
        add_option(visit, &options, STR_LIT(""), STR_LIT("全部"), d->procedure);
        for (size_t i = 0; i < visit->catalogue->n_procedures; i++) {
                const struct procedure *p = visit->catalogue->procedures[i];
                if (d->is_work || disclosure_procedure(p))
                        add_option(visit, &options, p->name, p->label, d->procedure);
        }
        add_select(visit, selects, "procedure", "程序", &options);
}

const struct version *docket_page_newest(const struct procedure *procedure)
{
        return procedure != NULL && procedure->n_versions != 0
                               ? procedure->versions[procedure->n_versions - 1]
                               : NULL;
}

static void add_states(struct docket_page *d, struct view_list *selects)
{
        struct visit *visit = d->visit;
        struct view_list options = VIEW_LIST(visit->arena);
        const struct version *version =
                        docket_page_newest(catalogue_procedure(visit->catalogue, d->procedure));
        add_option(visit, &options, STR_LIT(""), STR_LIT("全部"), d->state);
        add_option(visit, &options, STR_LIT("open"), STR_LIT("办理中"), d->state);
        add_option(visit, &options, STR_LIT("closed"), STR_LIT("已办结"), d->state);
        add_option(visit, &options, STR_LIT("late"), STR_LIT("有期限逾期"), d->state);
        for (size_t i = 0; version != NULL && i < version->n_states; i++)
                add_option(visit, &options, version->states[i].name, version->states[i].label,
                                d->state);
        add_select(visit, selects, "state", "状态", &options);
}

static bool add_units(struct docket_page *d, struct view_list *selects, struct err *err)
{
        struct visit *visit = d->visit;
        struct view_list options = VIEW_LIST(visit->arena);
        const struct register_row *rows;
        size_t n;
        if (!register_rows(visit->arena, visit->snapshot, visit->catalogue, STR_LIT("units"),
                            visit->today, STR_LIT(""), LIMIT_PAGE_ROWS, &rows, &n, err))
                return false;
        add_option(visit, &options, STR_LIT(""), STR_LIT("全部"), d->unit);
        for (size_t i = 0; i < n; i++) {
                const struct value *name = value_get(&rows[i].entry, STR_LIT("name"));
                add_option(visit, &options, rows[i].key,
                                name != NULL && name->kind == VALUE_STRING ? name->string
                                                                           : rows[i].key,
                                d->unit);
        }
        if (n != 0)
                add_select(visit, selects, "unit", "单位", &options);
        return true;
}

static void add_mine(struct docket_page *d, struct view_list *selects)
{
        struct visit *visit = d->visit;
        struct view_list options = VIEW_LIST(visit->arena);
        add_option(visit, &options, STR_LIT(""), STR_LIT("全部"), d->mine);
        add_option(visit, &options, STR_LIT("1"), STR_LIT("交给我的"), d->mine);
        add_select(visit, selects, "mine", "承办人", &options);
}

static void add_sorts(struct docket_page *d, struct view_list *selects)
{
        struct visit *visit = d->visit;
        struct view_list options = VIEW_LIST(visit->arena);
        add_option(visit, &options, STR_LIT(""), STR_LIT("收件，新的在前"), d->sort);
        add_option(visit, &options, STR_LIT("old"), STR_LIT("收件，旧的在前"), d->sort);
        add_option(visit, &options, STR_LIT("due"), STR_LIT("期限，急的在前"), d->sort);
        if (docket_page_is_narrow(d)) {
                add_option(visit, &options, STR_LIT("number"), STR_LIT("编号，小的在前"), d->sort);
                add_option(visit, &options, STR_LIT("number-down"), STR_LIT("编号，大的在前"),
                                d->sort);
        }
        add_select(visit, selects, "sort", "排列", &options);
}

static void add_chosen(struct docket_page *d, struct view_list *list, const char *name,
                const char *label, struct str value)
{
        struct view chosen = VIEW(d->visit->arena);
        if (value.n == 0)
                return;
        view_text(&chosen, "label", str_format(d->visit->arena, "%s：%.*s", label, STR_FMT(value)));
        view_text(&chosen, "remove_url", docket_page_url(d, name));
        view_add(list, view_end(&chosen));
}

/* What a chosen state is called. */
static struct str state_word(struct docket_page *d)
{
        const struct version *version =
                        docket_page_newest(catalogue_procedure(d->visit->catalogue, d->procedure));
        int state = version != NULL ? version_state(version, d->state) : -1;
        if (d->filter.open || d->filter.closed || d->filter.late)
                return d->filter.open     ? STR_LIT("办理中")
                       : d->filter.closed ? STR_LIT("已办结")
                                          : STR_LIT("有期限逾期");
        return state >= 0 ? version->states[state].label : d->state;
}

bool docket_page_add_filter(struct docket_page *d, struct page *page, struct err *err)
{
        struct visit *visit = d->visit;
        struct view view = VIEW(visit->arena);
        struct view_list selects = VIEW_LIST(visit->arena), chosen = VIEW_LIST(visit->arena);
        const struct procedure *procedure = catalogue_procedure(visit->catalogue, d->procedure);
        bool known = procedure != NULL && (d->is_work || disclosure_procedure(procedure));
        add_procedures(d, &selects);
        add_states(d, &selects);
        if (d->is_work)
                add_mine(d, &selects);
        if (!add_units(d, &selects, err))
                return false;
        if (d->is_work)
                add_sorts(d, &selects);
        add_chosen(d, &chosen, "q", "编号或名称", d->q);
        add_chosen(d, &chosen, "procedure", "程序", known ? procedure->label : d->procedure);
        add_chosen(d, &chosen, "state", "状态", state_word(d));
        add_chosen(d, &chosen, "unit", "单位", visit_unit(visit, d->unit));
        add_chosen(d, &chosen, "mine", "承办人", d->mine.n != 0 ? STR_LIT("我") : d->mine);
        add_chosen(d, &chosen, "from", "收件自", d->from);
        add_chosen(d, &chosen, "until", "收件至", d->until);
        view_c(&view, "action", d->base);
        if (d->sort.n != 0)
                view_text(&view, "unsorted_url", docket_page_url(d, "sort"));
        view_some(&view, "q", d->q);
        view_some(&view, "from", d->from);
        view_some(&view, "until", d->until);
        view_put(&view, "selects", view_list_end(&selects));
        if (chosen.n != 0) {
                view_put(&view, "chosen", view_list_end(&chosen));
                view_c(&view, "clear_url", d->base);
        }
        view_put(&page->view, "filter", view_end(&view));
        return true;
}
