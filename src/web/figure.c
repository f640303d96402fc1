/* web/figure.c - one figure, what it counts, and the records that make it. */
#include "projection/indicator.h"
#include "base/limits.h"
#include "web/disclosure.h"
#include "web/export.h"
#include "web/figures.h"
#include "web/route.h"

struct figure_page {
        struct visit *visit;
        struct page *page;
        const struct indicator *indicator; /* NULL: a parameter */
        struct report_line line;           /* figure NULL: asked for by the indicator's id */
        int year;
        struct figures_part part; /* which rows */
        bool frozen;
        size_t n_hidden;
        struct err *err;
};

/* ---- Where the next page goes on: "202103.17.0.0" or "k.KEY" ---- */

static bool parse_cursor(struct str text, struct indicator_cursor *ret)
{
        int64_t parts[4];
        *ret = (struct indicator_cursor){ 0 };
        if (text.n == 0)
                return true;
        if (str_starts(text, STR_LIT("k."))) {
                ret->key = str_slice(text, 2, text.n);
                return true;
        }
        for (size_t i = 0; i < N_ELEMENTS(parts); i++)
                if (!str_to_int(str_split(&text, '.'), &parts[i]) || parts[i] < 0)
                        return false;
        *ret = (struct indicator_cursor){ .month = (int)(parts[0] % 1000000),
                .matter = parts[1],
                .n = (int)(parts[2] % 65536),
                .late = parts[3] != 0 };
        return text.n == 0;
}

static struct str cursor_text(struct arena *arena, const struct indicator_cursor *cursor)
{
        if (cursor->key.n != 0)
                return str_format(arena, "k.%.*s", STR_FMT(cursor->key));
        return str_format(arena, "%d.%lld.%d.%d", cursor->month, (long long)cursor->matter,
                        cursor->n, cursor->late);
}

/* ---- Rows ---- */

static struct value row_view(struct figure_page *f, const struct indicator_row *row)
{
        struct visit *visit = f->visit;
        struct view view = VIEW(visit->arena);
        const struct procedure *procedure = catalogue_procedure(visit->catalogue, row->procedure);
        bool entry = row->matter == 0;
        bool open = entry ? disclosure_register(f->indicator->reg)
                          : date_cmp(row->seen_until, visit->today) > 0;
        view_text(&view, "no", open || !entry ? row->number : STR_LIT("—"));
        view_text(&view, "title", open ? row->title : STR_LIT("依法不公开"));
        view_text(&view, "procedure",
                        procedure != NULL ? procedure->label
                        : entry           ? f->indicator->reg->label
                                          : row->procedure);
        view_text(&view, "unit_name", visit_unit(visit, row->unit));
        view_text(&view, "date",
                        str_format(visit->arena, "%d年%d月%s", row->month / 100, row->month % 100,
                                        row->late ? "（补记）" : ""));
        view_text(&view, "amount",
                        view_grouped(visit->arena, decimal_format(visit->arena, row->amount)));
        if (open && entry)
                view_text(&view, "url", visit_url(visit, "/registers/", f->indicator->reg->name));
        else if (open)
                view_text(&view, "url", visit_url(visit, "/matters/", row->number));
        f->n_hidden += !open;
        return view_end(&view);
}

static struct str page_url(struct figure_page *f, const struct indicator_cursor *cursor, int64_t at)
{
        struct buf url = BUF(f->visit->arena);
        buf_str_add(&url, figures_part_url(f->visit, f->line.id, &f->part));
        if (cursor != NULL) {
                visit_query(&url, "after", cursor_text(f->visit->arena, cursor));
                visit_query(&url, "at", str_format(f->visit->arena, "%lld", (long long)at));
        }
        return buf_str(&url);
}

/* ---- As a file ---- */

static const struct export_column export_columns[] = {
        { "记录", "no", SHEET_TEXT },
        { "名称", "title", SHEET_TEXT },
        { "程序", "procedure", SHEET_TEXT },
        { "单位", "unit_name", SHEET_TEXT },
        { "时间", "date", SHEET_TEXT },
        { "计入", "amount", SHEET_NUMBER },
        { NULL, NULL, SHEET_TEXT },
};

static bool collect(struct figure_page *f, struct view_list *list, bool *ret_more, struct err *err)
{
        struct visit *visit = f->visit;
        struct indicator_cursor cursor = { 0 };
        *ret_more = f->indicator != NULL && f->indicator->kind < INDICATOR_RATIO;
        while (*ret_more && list->n < EXPORT_ROWS_MAX) {
                const struct indicator_row *rows;
                size_t n;
                if (!indicator_rows(visit->arena, &visit->world, f->indicator->id,
                                    figures_period(&f->part), figures_unit_json(visit, &f->part),
                                    &cursor, LIMIT_PAGE_ROWS, &rows, &n, ret_more, err))
                        return false;
                for (size_t i = 0; i < n; i++)
                        view_add(list, row_view(f, &rows[i]));
        }
        return true;
}

static bool send_file(struct figure_page *f, struct err *err)
{
        struct visit *visit = f->visit;
        struct view_list list = VIEW_LIST(visit->arena);
        struct export export = { .name = "figure",
                .title = figures_label(visit, &f->line),
                .note = str_format(visit->arena, "数据 %.*s，%d年：%.*s %.*s", STR_FMT(f->line.id),
                                f->year, STR_FMT(f->line.shown), STR_FMT(f->line.unit)) };
        return collect(f, &list, &export.more, err) &&
               export_rows(visit, &export, export_columns, &list, err);
}

static void add_downloads(struct figure_page *f)
{
        struct str url = figures_part_url(f->visit, f->line.id, &f->part), path = url;
        struct str all = str_split(&url, '?');
        path = str_slice(path, all.n, path.n);
        view_put(&f->page->view, "downloads", export_links(f->visit, all, path));
}

/* ---- A page of them ---- */

/* How many rows there are, where that is the figure itself; -1 = not known. */
static int64_t n_rows(const struct figure_page *f, const struct figure *figure)
{
        int64_t n;
        bool counts = f->indicator->kind == INDICATOR_COUNT ||
                      f->indicator->kind == INDICATOR_COUNT_ENTRIES;
        return counts && f->indicator->scale <= 1 && figure->has_value &&
                                               decimal_to_int(figure->value, &n)
                               ? n
                               : -1;
}

static bool add_rows(struct figure_page *f, struct err *err)
{
        struct visit *visit = f->visit;
        struct indicator_cursor cursor;
        const struct indicator_row *rows;
        struct view_list list = VIEW_LIST(visit->arena);
        struct figure figure;
        struct period period = figures_period(&f->part);
        struct str unit = figures_unit_json(visit, &f->part);
        int64_t at;
        size_t n;
        bool more;
        if (!parse_cursor(visit_field(visit, "after"), &cursor))
                return err_field(err, E_HTTP_QUERY, STR_LIT("after"), "不是本站给出的地址");
        if (!visit_int(visit, "at", 100000000, 0, &at, err) ||
                        !indicator_value(visit->arena, &visit->world, f->indicator->id, period,
                                        unit, &figure, err) ||
                        !indicator_rows(visit->arena, &visit->world, f->indicator->id, period, unit,
                                        &cursor, VISIT_PAGE_ROWS, &rows, &n, &more, err))
                return false;
        for (size_t i = 0; i < n; i++)
                view_add(&list, row_view(f, &rows[i]));
        if (n == 0)
                return true;
        add_downloads(f);
        view_put(&f->page->view, "rows", view_list_end(&list));
        view_put(&f->page->view, "paging",
                        visit_paging(visit, at, n, n_rows(f, &figure), false, page_url(f, NULL, 0),
                                        more ? page_url(f, &cursor, at + (int64_t)n)
                                             : STR_LIT("")));
        if (f->n_hidden != 0)
                view_text(&f->page->view, "hidden",
                                str_format(visit->arena,
                                                "本页有 %zu 条依法不公开：计入数据，只列"
                                                "编号、单位和时间，不能点开。",
                                                f->n_hidden));
        return true;
}

/* ---- Which of them ---- */

/* E_HTTP_QUERY names a month that is none; a unit without records has no rows. */
static bool read_part(struct figure_page *f, struct err *err)
{
        int64_t month;
        if (!visit_int(f->visit, "month", 12, 0, &month, err))
                return false;
        f->part = (struct figures_part){ f->year, (int)month, visit_field(f->visit, "unit") };
        return true;
}

static void add_part(struct figure_page *f)
{
        struct visit *visit = f->visit;
        struct view view = VIEW(visit->arena);
        struct buf label = BUF(visit->arena);
        if (f->part.month == 0 && f->part.unit.n == 0)
                return;
        buf_format(&label, "%d年", f->year);
        if (f->part.month != 0)
                buf_format(&label, "%d月", f->part.month);
        if (f->part.unit.n != 0)
                buf_format(&label, "，%.*s", STR_FMT(visit_unit(visit, f->part.unit)));
        view_text(&view, "text", buf_str(&label));
        view_text(&view, "all_url", figures_url(visit, f->line.id, f->year));
        view_put(&f->page->view, "part", view_end(&view));
}

static bool add_charts(struct figure_page *f, struct err *err)
{
        struct value charts;
        if (!figures_charts(f->visit, f->indicator, f->line.id, f->year, &charts, err))
                return false;
        if (charts.list.n != 0)
                view_put(&f->page->view, "charts", charts);
        return true;
}

/* ---- Figures made of figures ---- */

static bool add_operand(struct figure_page *f, struct view_list *list, struct str id, int year,
                struct err *err)
{
        struct figure figure;
        struct view view = VIEW(f->visit->arena);
        if (!indicator_value(f->visit->arena, &f->visit->world, id, period_year(year), STR_LIT(""),
                            &figure, err))
                return false;
        view_text(&view, "label",
                        year == f->year ? figure.indicator->label
                                        : str_format(f->visit->arena, "%.*s（%d年）",
                                                          STR_FMT(figure.indicator->label), year));
        view_text(&view, "value", view_grouped(f->visit->arena, figure.text));
        view_text(&view, "unit", figure.indicator->unit);
        view_text(&view, "url", figures_url(f->visit, id, year));
        view_add(list, view_end(&view));
        return true;
}

static bool add_parts(struct figure_page *f, struct err *err)
{
        const struct indicator *indicator = f->indicator;
        struct view_list list = VIEW_LIST(f->visit->arena);
        bool growth = indicator->kind == INDICATOR_GROWTH;
        struct str second = growth ? indicator->operand[0] : indicator->operand[1];
        if (!add_operand(f, &list, indicator->operand[0], f->year, err) ||
                        !add_operand(f, &list, second, growth ? f->year - 1 : f->year, err))
                return false;
        view_put(&f->page->view, "parts", view_list_end(&list));
        return true;
}

/* ---- The head ---- */

static const char *dated_by(const struct indicator *indicator)
{
        if (indicator == NULL)
                return "由本局设定，不随办件变化";
        if (indicator->kind >= INDICATOR_RATIO)
                return "与构成它的数据相同";
        if (indicator->kind >= INDICATOR_COUNT_ENTRIES)
                return "年末在名录中有效的条目";
        return "按定义中的日期归入月份；所在年度已冻结的，计入之后的月份并注明补记";
}

/* A frozen figure is counted again now, so that the reader sees whether it still holds. */
static bool add_recount(struct figure_page *f, struct view *view, struct err *err)
{
        const struct report_definition *report = figures_report(f->visit);
        struct report_line again;
        bool frozen;
        if (!f->frozen || f->line.figure == NULL) {
                view_c(view, "recounted", "尚未冻结：打开本页时按现有记录算出。");
                return true;
        }
        if (!report_line_read(f->visit->arena, &f->visit->world, report->name, f->year, f->line.id,
                            true, &again, &frozen, err))
                return false;
        view_text(view, "recounted",
                        str_eq(again.shown, f->line.shown)
                                        ? STR_LIT("已随年度报告冻结。刚刚按记录重新计算，结果一致。")
                                        : str_format(f->visit->arena,
                                                          "已随年度报告冻结。按现有记录重新计算为 %.*s。",
                                                          STR_FMT(again.shown)));
        return true;
}

static bool add_head(struct figure_page *f, struct err *err)
{
        struct visit *visit = f->visit;
        const struct indicator *indicator = f->indicator;
        struct view view = VIEW(visit->arena);
        struct str scope = f->line.figure != NULL ? f->line.figure->scope : STR_LIT("");
        if (scope.n == 0 && indicator != NULL)
                scope = indicator->scope;
        view_text(&view, "id", f->line.id);
        view_text(&view, "label", f->page->title);
        view_text(&view, "value", view_grouped(visit->arena, f->line.shown));
        view_text(&view, "unit", f->line.has_value ? f->line.unit : STR_LIT(""));
        view_some(&view, "qualifier", figures_qualifier(visit, f->line.qualifier));
        view_text(&view, "period", str_format(visit->arena, "%d年1月1日至12月31日", f->year));
        view_text(&view, "definition", indicator != NULL ? indicator->label : f->line.text);
        view_c(&view, "dated_by", dated_by(indicator));
        view_text(&view, "scope", scope.n != 0 ? scope : STR_LIT("本局"));
        if (indicator != NULL) {
                view_some(&view, "formula", indicator->definition);
                view_some(&view, "basis", indicator->law);
                view_some(&view, "note", indicator->note);
        }
        if (!add_recount(f, &view, err))
                return false;
        view_put(&f->page->view, "figure", view_end(&view));
        return true;
}

/* "F058" of the report, or an indicator's own id. */
static bool find_line(struct figure_page *f, struct str id, struct err *err)
{
        struct visit *visit = f->visit;
        const struct report_definition *report = figures_report(visit);
        struct err none;
        if (report != NULL && report_line_read(visit->arena, &visit->world, report->name, f->year,
                                              id, false, &f->line, &f->frozen, &none)) {
                f->indicator = catalogue_indicator(visit->catalogue, f->line.indicator);
                return f->indicator != NULL || f->line.has_value ||
                       err_set(err, E_NOT_FOUND, "这项业务还没有办件记录");
        }
        struct figure figure;
        f->indicator = catalogue_indicator(visit->catalogue, id);
        if (f->indicator == NULL)
                return err_set(err, E_NOT_FOUND, "没有这项数据");
        if (!indicator_value(visit->arena, &visit->world, id, period_year(f->year), STR_LIT(""),
                            &figure, err))
                return false;
        f->frozen = figure.frozen;
        f->line = (struct report_line){ .id = f->indicator->id,
                .indicator = f->indicator->id,
                .unit = f->indicator->unit,
                .qualifier = STR_LIT("="),
                .has_value = figure.has_value,
                .value = figure.value,
                .shown = figure.text };
        return true;
}

bool figure_show(struct visit *visit, struct err *err)
{
        struct figure_page f = { .visit = visit, .err = err };
        struct figures_years years;
        struct str text = visit_field(visit, "year");
        if (!figures_years(visit, &years, err))
                return false;
        f.year = years.frozen != 0 ? years.frozen : years.last;
        if (text.n != 0 && !visit_year(text, &f.year, err))
                return false;
        if (!find_line(&f, visit->parts[0], err) || !read_part(&f, err))
                return false;
        if (visit->sheet != SHEET_NONE)
                return send_file(&f, err);
        struct page page = page_begin(visit, "figure", "/reports", figures_label(visit, &f.line));
        f.page = &page;
        if (f.year >= years.first && f.year <= years.last)
                page_crumb(&page, str_format(visit->arena, "%d年", f.year),
                                str_format(visit->arena, "/report/%d", f.year));
        page_crumb(&page, f.line.id, STR_LIT(""));
        if (!add_head(&f, err))
                return false;
        bool made_of = f.indicator != NULL && f.indicator->kind >= INDICATOR_RATIO;
        if (f.indicator != NULL && !(made_of ? add_parts(&f, err) : add_rows(&f, err)))
                return false;
        if (f.indicator != NULL && !add_charts(&f, err))
                return false;
        add_part(&f);
        page.with_ledger = true;
        return page_send(&page, err);
}
