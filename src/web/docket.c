/* web/docket.c - the list of matters that the viewer may see, filtered, a page at a time: at
 * /matters what strangers see, at /work/matters what a member of staff works on. */
#include "account/secret.h"
#include "base/limits.h"
#include "projection/docket.h"
#include "projection/matter_read.h"
#include "projection/register_read.h"
#include "web/disclosure.h"
#include "web/export.h"
#include "web/route.h"
#include "web/tally.h"
#include "web/words.h"
#include "web/work.h"

#define COUNT_MAX      5000 /* further the list is not counted */
#define BULK_KEY_BYTES 18u

struct docket_page {
        struct visit *visit;
        bool is_work;
        const char *base; /* "/matters" */
        struct docket_filter filter;
        struct str q, procedure, state, unit, mine, from, until, sort;
};

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

static struct str docket_url(const struct docket_page *d, const char *without)
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

static bool is_narrow(const struct docket_page *d)
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
                if (!str_is(d->sort, orders[i].name) || (orders[i].asks_for_few && !is_narrow(d)))
                        continue;
                d->filter.order = orders[i].order;
                d->filter.below_day = (struct date){ (int32_t)day };
                d->filter.catalogue = d->visit->catalogue;
                return true;
        }
        d->sort = STR_LIT("");
        return true;
}

static bool read_filter(struct docket_page *d, struct err *err)
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

static const struct version *newest(const struct procedure *procedure)
{
        return procedure != NULL && procedure->n_versions != 0
                               ? procedure->versions[procedure->n_versions - 1]
                               : NULL;
}

static void add_states(struct docket_page *d, struct view_list *selects)
{
        struct visit *visit = d->visit;
        struct view_list options = VIEW_LIST(visit->arena);
        const struct version *version = newest(catalogue_procedure(visit->catalogue, d->procedure));
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
        if (is_narrow(d)) {
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
        view_text(&chosen, "remove_url", docket_url(d, name));
        view_add(list, view_end(&chosen));
}

/* What a chosen state is called. */
static struct str state_word(struct docket_page *d)
{
        const struct version *version =
                        newest(catalogue_procedure(d->visit->catalogue, d->procedure));
        int state = version != NULL ? version_state(version, d->state) : -1;
        if (d->filter.open || d->filter.closed || d->filter.late)
                return d->filter.open     ? STR_LIT("办理中")
                       : d->filter.closed ? STR_LIT("已办结")
                                          : STR_LIT("有期限逾期");
        return state >= 0 ? version->states[state].label : d->state;
}

static bool add_filter(struct docket_page *d, struct page *page, struct err *err)
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
                view_text(&view, "unsorted_url", docket_url(d, "sort"));
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

/* ---- Rows ---- */

/* The clocks of the rows of a page, ordered by matter. */
struct page_clocks {
        const struct clock_row *rows;
        size_t n;
};

static bool read_clocks(struct visit *visit, const struct docket_row *rows, size_t n,
                struct page_clocks *ret, struct err *err)
{
        int64_t *ids = arena_new_array(visit->arena, n, int64_t);
        for (size_t i = 0; i < n; i++)
                ids[i] = rows[i].id;
        return clock_rows_of_all(visit->arena, visit->snapshot, ids, n, &ret->rows, &ret->n, err);
}

/* The first of the matter's, or where it would stand. */
static size_t first_clock(const struct page_clocks *clocks, int64_t matter)
{
        size_t low = 0, high = clocks->n;
        while (low < high) {
                size_t middle = (low + high) / 2;
                if (clocks->rows[middle].matter < matter)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

/* What is due next of a matter that is open, and whether something is late. */
static struct date due_of(const struct docket_page *d, const struct docket_row *row,
                const struct version *version, const struct page_clocks *clocks, bool *ret_late)
{
        struct date due = DATE_NONE;
        *ret_late = false;
        if (row->final || version == NULL)
                return due;
        for (size_t i = first_clock(clocks, row->id);
                        i < clocks->n && clocks->rows[i].matter == row->id; i++) {
                const struct clock_row *clock = &clocks->rows[i];
                if (clock->clock >= version->n_clocks || version->clocks[clock->clock].of_party)
                        continue;
                bool out = clock->late && clock->status == CLOCK_EXPIRED;
                *ret_late |= out;
                if ((clock->status == CLOCK_RUNNING || (out && d->is_work)) &&
                                !date_is_none(clock->last_day) &&
                                (date_is_none(due) || date_cmp(clock->last_day, due) < 0))
                        due = clock->last_day;
        }
        return due;
}

static void row_view(struct docket_page *d, const struct docket_row *row,
                const struct page_clocks *clocks, struct view_list *list)
{
        struct visit *visit = d->visit;
        const struct procedure *procedure = catalogue_procedure(visit->catalogue, row->procedure);
        const struct version *version =
                        procedure != NULL ? procedure_version(procedure, row->version) : NULL;
        int state = version != NULL ? version_state(version, row->state) : -1;
        bool late;
        struct date due = due_of(d, row, version, clocks, &late);
        struct view view = VIEW(visit->arena);
        view_text(&view, "no", row->number);
        view_text(&view, "url",
                        visit_url(visit, d->is_work ? "/work/matters/" : "/matters/", row->number));
        view_text(&view, "title", row->title);
        view_text(&view, "procedure", procedure != NULL ? procedure->label : row->procedure);
        view_text(&view, "opened_on", date_format(visit->arena, moment_date(row->created)));
        if (!date_is_none(due))
                view_text(&view, "due", date_format(visit->arena, due));
        view_put(&view, "state",
                        words_state(visit->arena,
                                        state >= 0 ? version->states[state].label : row->state,
                                        row->final, late));
        view_add(list, view_end(&view));
}

static bool add_row_views(struct docket_page *d, const struct docket_row *rows, size_t n,
                struct view_list *list, struct err *err)
{
        struct page_clocks clocks;
        if (!read_clocks(d->visit, rows, n, &clocks, err))
                return false;
        for (size_t i = 0; i < n; i++)
                row_view(d, &rows[i], &clocks, list);
        return true;
}

static struct str next_url(const struct docket_page *d, const struct docket_row *last, int64_t at)
{
        struct buf url = BUF(d->visit->arena);
        buf_str_add(&url, docket_url(d, ""));
        visit_query(&url, "after", str_format(d->visit->arena, "%lld", (long long)last->id));
        if (d->filter.order == DOCKET_BY_DUE)
                visit_query(&url, "day", str_format(d->visit->arena, "%d", last->last_day.day));
        visit_query(&url, "at", str_format(d->visit->arena, "%lld", (long long)at));
        return buf_str(&url);
}

/* A procedure whose matters nobody may see needs no looking. */
static bool is_in_vain(const struct docket_page *d)
{
        const struct procedure *procedure = catalogue_procedure(d->visit->catalogue, d->procedure);
        return !d->is_work && d->procedure.n != 0 &&
               (procedure == NULL || !disclosure_procedure(procedure));
}

/* The filter, the day and the end of the ledger: what the count hangs on. */
static bool count_key(const struct docket_page *d, struct str *ret, struct err *err)
{
        struct visit *visit = d->visit;
        int64_t size;
        bool found;
        if (!snapshot_int(visit->snapshot, Q_LEDGER_SIZE, PARAMS(param_int(0)), &size, &found, err))
                return false;
        struct str url = docket_url(d, "");
        *ret = str_format(visit->arena, "%lld %d %.*s", (long long)(found ? size : 0),
                        visit->today.day, STR_FMT(url));
        return true;
}

/* What a member of staff sees is not counted: the last page says how many there were. */
static bool count_rows(
                struct docket_page *d, int64_t seen, bool more, int64_t *ret, struct err *err)
{
        struct tally *tally = d->visit->portal->tally;
        struct str key;
        if (d->is_work) {
                *ret = more ? -1 : seen;
                return true;
        }
        if (!count_key(d, &key, err))
                return false;
        if (tally_find(tally, key, ret))
                return true;
        if (!docket_count(d->visit->arena, d->visit->snapshot, &d->filter, COUNT_MAX + 1, ret, err))
                return false;
        tally_note(tally, key, *ret);
        return true;
}

static bool add_rows(struct docket_page *d, struct page *page, struct err *err)
{
        struct visit *visit = d->visit;
        struct view_list list = VIEW_LIST(visit->arena);
        const struct docket_row *rows;
        size_t n;
        bool more;
        int64_t total, at;
        if (is_in_vain(d))
                return true;
        if (!visit_int(visit, "at", 100000000, 0, &at, err) ||
                        !docket_rows(visit->arena, visit->snapshot, &d->filter, &rows, &n, &more,
                                        err) ||
                        !count_rows(d, at + (int64_t)n, more, &total, err))
                return false;
        if (!add_row_views(d, rows, n, &list, err))
                return false;
        bool over = total > COUNT_MAX;
        if (n == 0)
                return true;
        view_put(&page->view, "rows", view_list_end(&list));
        view_put(&page->view, "paging",
                        visit_paging(visit, at, n, over ? COUNT_MAX : total, over,
                                        docket_url(d, ""),
                                        more ? next_url(d, &rows[n - 1], at + (int64_t)n)
                                             : STR_LIT("")));
        return true;
}

/* ---- As a file ---- */

static const struct export_column export_columns[] = {
        { "编号", "no", SHEET_TEXT },
        { "名称", "title", SHEET_TEXT },
        { "程序", "procedure", SHEET_TEXT },
        { "收件日期", "opened_on", SHEET_DAY },
        { "期限届满", "due", SHEET_DAY },
        { "状态", "state.label", SHEET_TEXT },
        { NULL, NULL, SHEET_TEXT },
};

/* All rows in their order, a page at a time, as many as a file holds. */
static bool collect(struct docket_page *d, struct view_list *list, bool *ret_more, struct err *err)
{
        struct docket_filter filter = d->filter;
        *ret_more = !is_in_vain(d);
        filter.below = 0;
        filter.limit = LIMIT_PAGE_ROWS;
        while (*ret_more && list->n < EXPORT_ROWS_MAX) {
                const struct docket_row *rows;
                size_t n;
                if (!docket_rows(d->visit->arena, d->visit->snapshot, &filter, &rows, &n, ret_more,
                                    err))
                        return false;
                if (!add_row_views(d, rows, n, list, err))
                        return false;
                filter.below = n != 0 ? rows[n - 1].id : 0;
                filter.below_day = n != 0 ? rows[n - 1].last_day : DATE_NONE;
        }
        return true;
}

/* "?procedure=permit&from=2021-01-01" in words that a reader of the file can type again. */
static struct str filter_note(struct docket_page *d)
{
        struct str url = docket_url(d, "");
        return url.n == strlen(d->base)
                               ? STR_LIT("")
                               : str_format(d->visit->arena, "筛选条件：%.*s", STR_FMT(url));
}

static bool send_file(struct docket_page *d, struct err *err)
{
        struct view_list list = VIEW_LIST(d->visit->arena);
        struct export export = { .name = "matters",
                .title = d->is_work ? STR_LIT("办件") : STR_LIT("办件公开"),
                .note = filter_note(d) };
        return collect(d, &list, &export.more, err) &&
               export_rows(d->visit, &export, export_columns, &list, err);
}

static void add_downloads(struct docket_page *d, struct page *page)
{
        struct str url = docket_url(d, ""), path = str_of(d->base);
        view_put(&page->view, "downloads",
                        export_links(d->visit, path, str_slice(url, path.n, url.n)));
}

/* Where one procedure and one state are chosen, the same acts are open to all rows. */
static bool add_bulk(struct docket_page *d, struct page *page, struct err *err)
{
        struct visit *visit = d->visit;
        const struct version *version = newest(catalogue_procedure(visit->catalogue, d->procedure));
        struct view view = VIEW(visit->arena);
        struct value acts = work_bulk_acts(
                        visit, version, version != NULL ? version_state(version, d->state) : -1);
        struct str key;
        if (acts.list.n == 0)
                return true;
        if (!secret_text(visit->arena, BULK_KEY_BYTES, &key, err))
                return false;
        view_put(&view, "acts", acts);
        view_text(&view, "bulk_key", key);
        view_put(&page->view, "bulk", view_end(&view));
        return true;
}

/* ---- In which order ---- */

/* A column's head: what a click on it asks for, and how the list stands now. */
static void add_head(struct docket_page *d, struct view_list *list, const char *label,
                const char *up, const char *down, bool wide_only)
{
        struct view view = VIEW(d->visit->arena);
        bool is_up = up != NULL && str_is(d->sort, up);
        bool is_down = down != NULL && str_is(d->sort, down);
        struct docket_page other = *d;
        other.sort = str_of(is_up && down != NULL ? down : up != NULL ? up : "");
        view_c(&view, "head_label", label);
        view_yes(&view, "wide_only", wide_only);
        if (up != NULL)
                view_text(&view, "sort_url", docket_url(&other, ""));
        if (is_up || is_down) {
                view_c(&view, "sorted", is_up ? "ascending" : "descending");
                view_c(&view, "arrow", is_up ? "↑" : "↓");
        }
        view_add(list, view_end(&view));
}

static void add_heads(struct docket_page *d, struct page *page)
{
        struct view_list list = VIEW_LIST(d->visit->arena);
        bool narrow = is_narrow(d);
        add_head(d, &list, "办件", narrow ? "number" : NULL, narrow ? "number-down" : NULL, false);
        add_head(d, &list, "程序", NULL, NULL, true);
        add_head(d, &list, "收件", "old", "", true);
        add_head(d, &list, "期限", "due", NULL, true);
        add_head(d, &list, "状态", NULL, NULL, false);
        view_put(&page->view, "heads", view_list_end(&list));
        view_yes(&page->view, "by_due", d->filter.order == DOCKET_BY_DUE);
}

/* What makes this list again, to be kept under a name. */
static bool add_views(struct docket_page *d, struct page *page, struct err *err)
{
        struct str url = docket_url(d, "");
        size_t base = strlen(d->base);
        return work_add_views(page, str_slice(url, base, url.n), err);
}

static bool show(struct docket_page *d, struct page *page, struct err *err)
{
        if (d->visit->sheet != SHEET_NONE)
                return read_filter(d, err) && send_file(d, err);
        if (!read_filter(d, err) || !add_filter(d, page, err) || !add_rows(d, page, err))
                return false;
        add_downloads(d, page);
        if (!d->is_work)
                return page_send(page, err);
        add_heads(d, page);
        return add_views(d, page, err) && add_bulk(d, page, err) && page_send(page, err);
}

bool docket_show(struct visit *visit, struct err *err)
{
        struct docket_page d = { .visit = visit, .base = "/matters" };
        struct page page = page_begin(visit, "docket", "/matters", STR_LIT("办件公开"));
        page_crumb(&page, page.title, STR_LIT(""));
        return show(&d, &page, err);
}

bool work_docket_show(struct visit *visit, struct err *err)
{
        struct docket_page d = { .visit = visit, .is_work = true, .base = "/work/matters" };
        struct page page = work_begin(visit, "work-docket", "/work/matters", STR_LIT("办件"));
        return show(&d, &page, err);
}

/* ---- For programs: where each stands, without its title, which may name somebody ---- */

static void add_short(struct visit *visit, const struct docket_row *row, struct view_list *list)
{
        struct view view = VIEW(visit->arena);
        view_text(&view, "matter", row->number);
        view_text(&view, "url", visit_url(visit, "/api/matters/", row->number));
        view_text(&view, "procedure", row->procedure);
        view_text(&view, "version", row->version);
        view_text(&view, "unit", row->unit);
        view_text(&view, "state", row->state);
        view_put(&view, "final", value_bool(row->final));
        view_moment(&view, "created", row->created);
        view_moment(&view, "changed", row->changed);
        view_add(list, view_end(&view));
}

bool api_docket(struct visit *visit, struct err *err)
{
        struct docket_page d = { .visit = visit, .is_work = true, .base = "/api/matters" };
        struct view view = VIEW(visit->arena);
        struct view_list list = VIEW_LIST(visit->arena);
        struct buf out = BUF(visit->arena);
        const struct docket_row *rows;
        size_t n;
        bool more;
        if (!read_filter(&d, err) || !docket_rows(visit->arena, visit->snapshot, &d.filter, &rows,
                                                     &n, &more, err))
                return false;
        for (size_t i = 0; i < n; i++)
                add_short(visit, &rows[i], &list);
        view_put(&view, "rows", view_list_end(&list));
        if (more)
                view_text(&view, "next_url", next_url(&d, &rows[n - 1], 0));
        struct value value = view_end(&view);
        value_write_json(&out, &value);
        visit_send(visit, "application/json; charset=utf-8", buf_str(&out));
        return true;
}
