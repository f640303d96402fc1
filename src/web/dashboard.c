/* web/dashboard.c - what those who lead look at: how much is open, what is late, how the year goes.
 *
 * Made from totals, contributions and tallies; of the matters only the open ones are counted, and
 * the finished ones of one year by an index. Every mark leads to its rows, and all
 * of it stands as tables too. */
#include "web/dashboard.h"

#include <stdlib.h>

#include "projection/docket.h"
#include "web/chart.h"
#include "web/figures.h"
#include "web/route.h"
#include "web/viewer.h"
#include "web/work.h"

#define DOCKET_URL       "/work/matters"
#define PROCEDURES_SHOWN 15
#define COMPARED_SHOWN   20

struct board {
        struct visit *visit;
        struct page *page;
        const struct docket_tally *tallies; /* open matters by procedure and state */
        size_t n_tallies;
        const struct docket_alarm *alarms;
        size_t n_alarms;
        int year; /* that is compared with the one before it */
};

struct load { /* a procedure's open matters */
        const struct procedure *procedure;
        int64_t open, yellow, red, late;
};

/* ---- Addresses of lists ---- */

static struct str list_url(struct visit *visit, struct str procedure, const char *state)
{
        struct buf url = BUF(visit->arena);
        buf_c(&url, DOCKET_URL);
        visit_query(&url, "procedure", procedure);
        visit_query(&url, "state", str_of(state));
        return buf_str(&url);
}

/* ---- Open matters ---- */

static struct load *load_of(struct load *loads, size_t n, struct str procedure)
{
        for (size_t i = 0; i < n; i++)
                if (str_eq(loads[i].procedure->name, procedure))
                        return &loads[i];
        return NULL;
}

static int by_open(const void *a, const void *b)
{
        const struct load *x = a, *y = b;
        if (x->open != y->open)
                return x->open < y->open ? 1 : -1;
        return str_cmp(x->procedure->name, y->procedure->name);
}

/* One for each procedure that has open matters, the fullest first. */
static struct load *loads_of(struct board *b, size_t *ret_n)
{
        const struct catalogue *catalogue = b->visit->catalogue;
        struct load *loads = arena_new_array(b->visit->arena, catalogue->n_procedures, struct load);
        size_t n = 0;
        for (size_t i = 0; i < b->n_tallies; i++) {
                struct load *load = load_of(loads, n, b->tallies[i].procedure);
                const struct procedure *procedure =
                                catalogue_procedure(catalogue, b->tallies[i].procedure);
                if (load == NULL && procedure == NULL)
                        continue; /* of a definition that was taken away */
                if (load == NULL) {
                        load = &loads[n++];
                        load->procedure = procedure;
                }
                load->open += b->tallies[i].n;
        }
        for (size_t i = 0; i < b->n_alarms; i++) {
                struct load *load = load_of(loads, n, b->alarms[i].procedure);
                if (load == NULL)
                        continue;
                load->yellow = b->alarms[i].yellow;
                load->red = b->alarms[i].red;
                load->late = b->alarms[i].late;
        }
        qsort(loads, n, sizeof(*loads), by_open);
        *ret_n = n;
        return loads;
}

static void add_tile(struct board *b, struct view_list *tiles, const char *label, int64_t n,
                const char *unit, const char *state, const char *tone)
{
        struct view tile = VIEW(b->visit->arena);
        view_c(&tile, "label", label);
        view_text(&tile, "value",
                        view_grouped(b->visit->arena,
                                        str_format(b->visit->arena, "%lld", (long long)n)));
        view_c(&tile, "unit", unit);
        view_c(&tile, "tone", tone);
        view_text(&tile, "url", list_url(b->visit, STR_LIT(""), state));
        view_add(tiles, view_end(&tile));
}

static struct chart_value counted(struct visit *visit, int64_t n, struct str url)
{
        (void)visit;
        return (struct chart_value){ true, decimal_of(n), n != 0 ? url : STR_LIT("") };
}

static void add_open(struct board *b, const struct load *loads, size_t n, struct view_list *charts)
{
        struct visit *visit = b->visit;
        struct chart_item *items =
                        arena_new_array(visit->arena, PROCEDURES_SHOWN, struct chart_item);
        const struct str series[] = { STR_LIT("在办") };
        size_t shown = n < PROCEDURES_SHOWN ? n : PROCEDURES_SHOWN;
        for (size_t i = 0; i < shown; i++) {
                items[i].label = loads[i].procedure->label;
                items[i].values[0] = counted(visit, loads[i].open,
                                list_url(visit, loads[i].procedure->name, "open"));
        }
        const struct chart chart = { .kind = CHART_ROWS,
                .id = STR_LIT("open"),
                .title = STR_LIT("在办事项"),
                .unit = STR_LIT("件"),
                .heading = STR_LIT("程序"),
                .note = shown < n ? str_format(visit->arena, "只列在办最多的 %zu 个程序，共 %zu 个",
                                                    shown, n)
                                  : STR_LIT(""),
                .series = series,
                .n_series = 1,
                .items = items,
                .n_items = shown };
        if (shown != 0)
                view_add(charts, chart_view(visit->arena, &chart, !visit->as_json));
}

static void add_alarms(
                struct board *b, const struct load *loads, size_t n, struct view_list *charts)
{
        struct visit *visit = b->visit;
        struct chart_item *items =
                        arena_new_array(visit->arena, PROCEDURES_SHOWN, struct chart_item);
        const struct str series[] = { STR_LIT("已逾期"), STR_LIT("即将届满（红）"),
                STR_LIT("即将届满（黄）") };
        size_t shown = 0;
        for (size_t i = 0; i < n && shown < PROCEDURES_SHOWN; i++) {
                const struct load *load = &loads[i];
                if (load->late + load->red + load->yellow == 0)
                        continue;
                struct str late = list_url(visit, load->procedure->name, "late");
                struct str open = list_url(visit, load->procedure->name, "open");
                items[shown].label = load->procedure->label;
                items[shown].values[0] = counted(visit, load->late, late);
                items[shown].values[1] = counted(visit, load->red, open);
                items[shown++].values[2] = counted(visit, load->yellow, open);
        }
        const struct chart chart = { .kind = CHART_ROWS_PILE,
                .id = STR_LIT("alarms"),
                .title = STR_LIT("在办事项的期限"),
                .unit = STR_LIT("项"),
                .heading = STR_LIT("程序"),
                .note = STR_LIT("数的是期限，一件办件可以有几项；点开的列表里还有已经办结的。"),
                .series = series,
                .n_series = 3,
                .items = items,
                .n_items = shown };
        if (shown != 0)
                view_add(charts, chart_view(visit->arena, &chart, !visit->as_json));
}

static bool read_tallies(struct board *b, struct err *err)
{
        struct visit *visit = b->visit;
        return docket_tallies(visit->arena, visit->snapshot, STR_LIT(""), visit->today, &b->tallies,
                               &b->n_tallies, err) &&
               docket_alarms(visit->arena, visit->snapshot, visit->catalogue, STR_LIT(""),
                               visit->today, &b->alarms, &b->n_alarms, err);
}

static void add_work(struct board *b, struct view_list *charts)
{
        size_t n;
        const struct load *loads = loads_of(b, &n);
        struct load all = { 0 };
        struct view_list tiles = VIEW_LIST(b->visit->arena);
        for (size_t i = 0; i < n; i++) {
                all.open += loads[i].open;
                all.late += loads[i].late;
                all.red += loads[i].red;
                all.yellow += loads[i].yellow;
        }
        add_tile(b, &tiles, "在办", all.open, "件", "open", "blue");
        add_tile(b, &tiles, "期限已逾期", all.late, "项", "late", "red");
        add_tile(b, &tiles, "期限即将届满（红）", all.red, "项", "open", "red");
        add_tile(b, &tiles, "期限即将届满（黄）", all.yellow, "项", "open", "yellow");
        view_put(&b->page->view, "tiles", view_list_end(&tiles));
        add_alarms(b, loads, n, charts);
        add_open(b, loads, n, charts);
}

/* ---- The year so far, against the same months of the last ---- */

static bool to_date(struct visit *visit, const struct indicator *indicator, int year, int months,
                struct decimal *ret, struct err *err)
{
        const struct indicator_month *parts;
        size_t n;
        int until = months;
        *ret = decimal_of(0);
        if (!indicator_months(visit->arena, &visit->world, indicator->id,
                            (struct period){ year * 100 + 1, year * 100 + until }, STR_LIT(""),
                            &parts, &n, err))
                return false;
        for (size_t i = 0; i < n; i++)
                if (!decimal_add(*ret, parts[i].value, ret))
                        *ret = decimal_of(0);
        *ret = decimal_round(*ret, indicator->decimals, DECIMAL_HALF_UP);
        return true;
}

static bool adds_up(const struct indicator *indicator)
{
        return indicator != NULL &&
               (indicator->kind == INDICATOR_COUNT || indicator->kind == INDICATOR_SUM);
}

static struct value year_row(struct visit *visit, const struct report_figure *figure,
                const struct indicator *indicator, struct decimal now, struct decimal last,
                int year)
{
        struct view row = VIEW(visit->arena);
        struct decimal quotient, percent;
        view_text(&row, "label", indicator->label);
        view_text(&row, "unit", indicator->unit);
        view_text(&row, "now", view_grouped(visit->arena, decimal_format(visit->arena, now)));
        view_text(&row, "last", view_grouped(visit->arena, decimal_format(visit->arena, last)));
        view_text(&row, "url", figures_url(visit, figure->id, year));
        struct buf chosen = BUF(visit->arena);
        buf_c(&chosen, "/work/dashboard");
        visit_query(&chosen, "figure", figure->id);
        if (year != date_year(visit->today))
                visit_query(&chosen, "year", str_format(visit->arena, "%d", year));
        buf_c(&chosen, "#chosen");
        view_text(&row, "chart_url", buf_str(&chosen));
        if (decimal_cmp(last, decimal_of(0)) > 0 && decimal_div(now, last, &quotient) &&
                        decimal_mul(quotient, decimal_of(100), &percent))
                view_text(&row, "percent",
                                str_format(visit->arena, "%.*s%%",
                                                STR_FMT(decimal_format(visit->arena,
                                                                decimal_round(percent, 1,
                                                                                DECIMAL_HALF_UP)))));
        return view_end(&row);
}

/* Every figure of the report that adds up and is not nothing; *ret_first: the first of them. */
static bool add_year(struct board *b, const struct report_definition *report,
                const struct report_figure **ret_first, struct err *err)
{
        struct visit *visit = b->visit;
        struct view_list rows = VIEW_LIST(visit->arena);
        int year = b->year;
        int months = year == date_year(visit->today) ? period_of(visit->today) % 100 : 12;
        for (size_t i = 0; i < report->n_figures; i++) {
                const struct report_figure *figure = &report->figures[i];
                const struct indicator *indicator =
                                catalogue_indicator(visit->catalogue, figure->indicator);
                struct decimal now, last, zero = decimal_of(0);
                if (!adds_up(indicator))
                        continue;
                if (!to_date(visit, indicator, year, months, &now, err) ||
                                !to_date(visit, indicator, year - 1, months, &last, err))
                        return false;
                if (decimal_cmp(now, zero) == 0 && decimal_cmp(last, zero) == 0)
                        continue;
                if (*ret_first == NULL)
                        *ret_first = figure;
                view_add(&rows, year_row(visit, figure, indicator, now, last, year));
        }
        view_put(&b->page->view, "year", view_list_end(&rows));
        return true;
}

static const struct report_figure *figure_of(const struct report_definition *report, struct str id)
{
        for (size_t i = 0; i < report->n_figures; i++)
                if (str_eq(report->figures[i].id, id))
                        return &report->figures[i];
        return NULL;
}

/* The charts of one figure: that which was asked for, or the first. */
static bool add_chosen(struct board *b, const struct report_figure *figure, struct err *err)
{
        struct visit *visit = b->visit;
        const struct indicator *indicator =
                        catalogue_indicator(visit->catalogue, figure->indicator);
        struct view view = VIEW(visit->arena);
        struct value charts;
        if (!adds_up(indicator))
                return true;
        if (!figures_charts(visit, indicator, figure->id, b->year, &charts, err))
                return false;
        view_text(&view, "label", indicator->label);
        view_put(&view, "charts", charts);
        if (charts.list.n != 0)
                view_put(&b->page->view, "chosen", view_end(&view));
        return true;
}

/* For the whole bureau, so more than one's own work: the report says whose it is. */
bool dashboard_is_open(struct visit *visit)
{
        const struct report_definition *report = figures_report(visit);
        for (size_t i = 0; report != NULL && i < report->n_readers; i++)
                if (viewer_holds(visit, report->readers[i], visit->viewer.actor.unit))
                        return true;
        return false;
}

static struct str year_url(struct visit *visit, int year)
{
        return str_format(visit->arena, "/work/dashboard?year=%d", year);
}

/* Which year is compared, what it is called, and the ones beside it. */
static void add_year_names(struct board *b)
{
        struct visit *visit = b->visit;
        struct view view = VIEW(visit->arena);
        bool now = b->year == date_year(visit->today);
        view_text(&view, "title",
                        now ? STR_LIT("今年与上年同期")
                            : str_format(visit->arena, "%d年与%d年", b->year, b->year - 1));
        view_text(&view, "now_label",
                        now ? STR_LIT("今年") : str_format(visit->arena, "%d年", b->year));
        view_text(&view, "last_label",
                        now ? STR_LIT("上年同期") : str_format(visit->arena, "%d年", b->year - 1));
        view_text(&view, "previous_url", year_url(visit, b->year - 1));
        view_text(&view, "previous_label", str_format(visit->arena, "%d年", b->year - 1));
        if (!now) {
                view_text(&view, "next_url", year_url(visit, b->year + 1));
                view_text(&view, "next_label", str_format(visit->arena, "%d年", b->year + 1));
        }
        view_put(&b->page->view, "compared", view_end(&view));
}

static bool read_year(struct board *b, struct err *err)
{
        struct str text = visit_field(b->visit, "year");
        b->year = date_year(b->visit->today);
        if (text.n == 0)
                return true;
        if (!visit_year(text, &b->year, err))
                return false;
        return b->year <= date_year(b->visit->today) ||
               err_field(err, E_HTTP_QUERY, STR_LIT("year"), "不能晚于今年");
}

static bool refuse(const struct visit *visit, struct err *err)
{
        const struct report_definition *report = figures_report(visit);
        struct buf posts = BUF(visit->arena);
        for (size_t i = 0; report != NULL && i < report->n_readers; i++) {
                buf_str_add(&posts, i > 0 ? STR_LIT("、") : STR_LIT(""));
                buf_str_add(&posts, catalogue_role(visit->catalogue, report->readers[i]));
        }
        return posts.n != 0 ? err_set(err, E_ACT_ROLE, "总览由%.*s查看", (int)posts.n, posts.p)
                            : err_set(err, E_ACT_ROLE, "年度报告还没有写明总览由谁查看");
}

bool dashboard_show(struct visit *visit, struct err *err)
{
        if (!dashboard_is_open(visit))
                return refuse(visit, err);
        struct page page = work_begin(visit, "work-dashboard", "/work/dashboard", STR_LIT("总览"));
        struct board b = { .visit = visit, .page = &page };
        struct view_list charts = VIEW_LIST(visit->arena);
        const struct report_definition *report = figures_report(visit);
        const struct report_figure *first = NULL;
        struct str asked = visit_field(visit, "figure");
        if (!read_year(&b, err) || !read_tallies(&b, err))
                return false;
        add_work(&b, &charts);
        add_year_names(&b);
        if (!dashboard_add_units(visit, &charts, err) ||
                        !dashboard_add_outcomes(visit, b.year, &charts, err))
                return false;
        view_put(&page.view, "charts", view_list_end(&charts));
        if (report != NULL && !add_year(&b, report, &first, err))
                return false;
        if (report != NULL && asked.n != 0 && figure_of(report, asked) == NULL)
                return err_set(err, E_NOT_FOUND, "没有这项数据");
        if (report != NULL && asked.n != 0)
                first = figure_of(report, asked);
        if (first != NULL && !add_chosen(&b, first, err))
                return false;
        view_text(&page.view, "as_of", date_format_zh(visit->arena, visit->today));
        view_text(&page.view, "live_js", pages_live_url(visit->portal->pages));
        page_crumb(&page, STR_LIT("我的工作"), STR_LIT("/work"));
        page_crumb(&page, page.title, STR_LIT(""));
        return page_send(&page, err);
}
