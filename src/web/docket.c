/* web/docket.c - the list of matters that the viewer may see, filtered, a page at a time: at
 * /matters what strangers see, at /work/matters what a member of staff works on. */
#include "account/secret.h"
#include "base/limits.h"
#include "projection/matter_read.h"
#include "web/disclosure.h"
#include "web/docket_page.h"
#include "web/export.h"
#include "web/route.h"
#include "web/tally.h"
#include "web/words.h"
#include "web/work.h"

#define COUNT_MAX      5000 /* further the list is not counted */
#define BULK_KEY_BYTES 18u

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
        buf_str_add(&url, docket_page_url(d, ""));
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
        struct str url = docket_page_url(d, "");
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
                                        docket_page_url(d, ""),
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
        struct str url = docket_page_url(d, "");
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
        struct str url = docket_page_url(d, ""), path = str_of(d->base);
        view_put(&page->view, "downloads",
                        export_links(d->visit, path, str_slice(url, path.n, url.n)));
}

/* Where one procedure and one state are chosen, the same acts are open to all rows. */
static bool add_bulk(struct docket_page *d, struct page *page, struct err *err)
{
        struct visit *visit = d->visit;
        const struct version *version =
                        docket_page_newest(catalogue_procedure(visit->catalogue, d->procedure));
        struct view view = VIEW(visit->arena);
        struct value acts = work_bulk_acts(
                        visit, version, version != NULL ? version_state(version, d->state) : -1);
        struct str key;
        if (acts.list.n == 0)
                return true;
        if (!secret_text(visit->arena, BULK_KEY_BYTES, &key, err))
                return false;
        view_put(&view, "acts", acts);
        visit_carry(visit, &view, "bulk_key", key);
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
                view_text(&view, "sort_url", docket_page_url(&other, ""));
        if (is_up || is_down) {
                view_c(&view, "sorted", is_up ? "ascending" : "descending");
                view_c(&view, "arrow", is_up ? "↑" : "↓");
        }
        view_add(list, view_end(&view));
}

static void add_heads(struct docket_page *d, struct page *page)
{
        struct view_list list = VIEW_LIST(d->visit->arena);
        bool narrow = docket_page_is_narrow(d);
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
        struct str url = docket_page_url(d, "");
        size_t base = strlen(d->base);
        return work_add_views(page, str_slice(url, base, url.n), err);
}

static bool show(struct docket_page *d, struct page *page, struct err *err)
{
        if (d->visit->sheet != SHEET_NONE)
                return docket_page_read(d, err) && send_file(d, err);
        if (!docket_page_read(d, err) || !docket_page_add_filter(d, page, err) ||
                        !add_rows(d, page, err))
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
        if (!docket_page_read(&d, err) || !docket_rows(visit->arena, visit->snapshot, &d.filter,
                                                          &rows, &n, &more, err))
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
