/* web/report.c - the yearly report: all figures of a year, each a link to its records. */
#include <assert.h>

#include "desk/history.h"
#include "web/export.h"
#include "web/figures.h"
#include "web/route.h"

#define LIST_YEARS 30

/* ---- /reports ---- */

static void add_year(struct visit *visit, struct view_list *list, int year, int frozen_newest)
{
        const struct report_definition *report = figures_report(visit);
        struct view item = VIEW(visit->arena);
        bool current = year >= date_year(visit->today);
        view_text(&item, "label", figures_title(visit, report, year));
        view_text(&item, "url", str_format(visit->arena, "/report/%d", year));
        view_put(&item, "tag",
                        view_tag(visit->arena,
                                        year <= frozen_newest ? STR_LIT("已冻结")
                                        : current             ? STR_LIT("数据收集中")
                                                              : STR_LIT("尚未冻结"),
                                        year <= frozen_newest ? "green"
                                        : current             ? "blue"
                                                              : "yellow"));
        view_add(list, view_end(&item));
}

bool report_list(struct visit *visit, struct err *err)
{
        struct page page = page_begin(visit, "index", "/reports", STR_LIT("年度报告"));
        struct view_list items = VIEW_LIST(visit->arena), groups = VIEW_LIST(visit->arena);
        struct figures_years years;
        if (!figures_years(visit, &years, err))
                return false;
        int first = years.first > years.last - LIST_YEARS ? years.first : years.last - LIST_YEARS;
        for (int year = years.last; figures_report(visit) != NULL && year >= first; year--)
                add_year(visit, &items, year, years.frozen);
        struct view group = VIEW(visit->arena);
        view_text(&group, "title",
                        figures_report(visit) != NULL ? figures_report(visit)->label
                                                      : STR_LIT("年度报告"));
        view_put(&group, "items", view_list_end(&items));
        if (items.n != 0)
                view_add(&groups, view_end(&group));
        view_c(&page.view, "intro",
                        "每年 4 月 1 日之前公开上一年度报告。报告里的数据由办件逐件算出，点开即见。");
        view_put(&page.view, "groups", view_list_end(&groups));
        page_crumb(&page, page.title, STR_LIT(""));
        return page_send(&page, err);
}

/* ---- /report/YEAR ---- */

static const struct report_line *line_of(const struct report_view *view, struct str id)
{
        for (size_t i = 0; view != NULL && i < view->n_lines; i++)
                if (str_eq(view->lines[i].id, id))
                        return &view->lines[i];
        return NULL;
}

static struct str section_of(const struct report_line *line)
{
        return line->figure != NULL && line->figure->section.n != 0 ? line->figure->section
                                                                    : STR_LIT("其他");
}

static void add_piece(
                struct visit *visit, struct view_list *pieces, struct str text, struct str url)
{
        struct view piece = VIEW(visit->arena);
        if (text.n == 0)
                return;
        view_text(&piece, "text", text);
        view_some(&piece, "url", url);
        view_add(pieces, view_end(&piece));
}

/* The sentence of a line, its value a link: 「受理依申请公开」「36件」. */
static void add_sentence(struct visit *visit, struct view_list *pieces,
                const struct report_line *line, int year)
{
        struct str mark = STR_LIT("{value}");
        if (line->figure == NULL || !line->has_value)
                return;
        struct str text = line->figure->text;
        size_t at = str_find(text, mark);
        if (pieces->n != 0)
                add_piece(visit, pieces, STR_LIT("；"), STR_LIT(""));
        if (at == SIZE_MAX) {
                add_piece(visit, pieces, text, figures_url(visit, line->id, year));
                return;
        }
        add_piece(visit, pieces, str_slice(text, 0, at), STR_LIT(""));
        add_piece(visit, pieces,
                        str_format(visit->arena, "%.*s%.*s", STR_FMT(line->shown),
                                        STR_FMT(str_slice(text, at + mark.n, text.n))),
                        figures_url(visit, line->id, year));
}

static struct value section_view(struct visit *visit, const struct report_view *view,
                const struct report_view *last, size_t from, size_t to, size_t number)
{
        struct view_list figures = VIEW_LIST(visit->arena), pieces = VIEW_LIST(visit->arena);
        struct view_list paragraphs = VIEW_LIST(visit->arena);
        struct view section = VIEW(visit->arena), paragraph = VIEW(visit->arena);
        for (size_t i = from; i < to; i++) {
                const struct report_line *line = &view->lines[i];
                view_add(&figures, figures_view(visit, line, line_of(last, line->id), view->year));
                add_sentence(visit, &pieces, line, view->year);
        }
        if (pieces.n != 0) {
                add_piece(visit, &pieces, STR_LIT("。"), STR_LIT(""));
                view_put(&paragraph, "pieces", view_list_end(&pieces));
                view_add(&paragraphs, view_end(&paragraph));
                view_put(&section, "paragraphs", view_list_end(&paragraphs));
        }
        view_text(&section, "id", str_format(visit->arena, "s%zu", number));
        view_text(&section, "title", section_of(&view->lines[from]));
        view_put(&section, "figures", view_list_end(&figures));
        return view_end(&section);
}

/* Lines of one section stand together. */
static struct value sections_view(
                struct visit *visit, const struct report_view *view, const struct report_view *last)
{
        struct view_list sections = VIEW_LIST(visit->arena);
        size_t from = 0;
        while (from < view->n_lines) {
                size_t to = from + 1;
                while (to < view->n_lines && str_eq(section_of(&view->lines[to]),
                                                             section_of(&view->lines[from])))
                        to++;
                view_add(&sections, section_view(visit, view, last, from, to, sections.n + 1));
                from = to;
        }
        return view_list_end(&sections);
}

static bool frozen_on(struct visit *visit, const struct report_view *view, struct date *ret,
                struct err *err)
{
        int64_t seq, matter;
        bool found;
        struct past_event event;
        *ret = DATE_NONE;
        if (!snapshot_int(visit->snapshot, Q_FREEZE_GET,
                            PARAMS(param_text(view->definition->name), param_int(view->year)), &seq,
                            &found, err))
                return false;
        if (!found)
                return true;
        if (!history_event(visit->arena, visit->snapshot, seq, &event, &matter, err))
                return false;
        *ret = moment_date(event.leaf.time);
        return true;
}

static bool head_view(struct visit *visit, const struct report_view *view, struct view *ret,
                struct err *err)
{
        size_t n_included = 0;
        struct date end, frozen;
        for (size_t i = 0; i < view->n_lines; i++)
                n_included += view->lines[i].has_value;
        if (!date_of(view->year, 12, 31, &end) || !frozen_on(visit, view, &frozen, err))
                return false;
        if (!view->frozen && date_cmp(visit->today, end) < 0)
                end = visit->today;
        view_text(ret, "title", figures_title(visit, view->definition, view->year));
        view_day(ret, "as_of", end);
        view_day(ret, "frozen_on", frozen);
        view_int(ret, "n_figures", (int64_t)view->n_lines);
        view_int(ret, "n_included", (int64_t)n_included);
        view_int(ret, "n_left_out", (int64_t)(view->n_lines - n_included));
        view_text(ret, "data_url", str_format(visit->arena, "/report/%d.tsv", view->year));
        view_put(ret, "files",
                        export_links(visit, str_format(visit->arena, "/report/%d", view->year),
                                        STR_LIT("")));
        return true;
}

static bool send_report(struct visit *visit, const struct report_view *view,
                const struct report_view *last, struct err *err)
{
        struct page page = page_begin(visit, "report", "/reports",
                        figures_title(visit, view->definition, view->year));
        struct view head = VIEW(visit->arena);
        if (!head_view(visit, view, &head, err))
                return false;
        view_put(&page.view, "report", view_end(&head));
        view_put(&page.view, "sections", sections_view(visit, view, last));
        struct value compared = figures_compared(visit, view, last);
        if (!value_is_null(compared))
                view_put(&page.view, "compared", compared);
        page_crumb(&page, str_format(visit->arena, "%d年", view->year), STR_LIT(""));
        page.with_ledger = true;
        return page_send(&page, err);
}

/* The same lines as `plumbline report YEAR --tsv`. */
static void send_tsv(struct visit *visit, const struct report_view *view)
{
        struct buf out = BUF(visit->arena);
        for (size_t i = 0; i < view->n_lines; i++) {
                const struct report_line *line = &view->lines[i];
                buf_format(&out, "%.*s\t%.*s\t%.*s\t%.*s\t%.*s\n", STR_FMT(line->id),
                                STR_FMT(line->shown), STR_FMT(line->unit), STR_FMT(line->qualifier),
                                STR_FMT(line->indicator));
        }
        visit_send(visit, "text/tab-separated-values; charset=utf-8", buf_str(&out));
        visit->answer->file_name = str_format(visit->arena, "report-%d.tsv", view->year);
}

static const struct export_column export_columns[] = {
        { "编号", "id", SHEET_TEXT },
        { "指标", "label", SHEET_TEXT },
        { "限定", "qualifier", SHEET_TEXT },
        { "数值", "value", SHEET_NUMBER },
        { "单位", "unit", SHEET_TEXT },
        { "上年", "previous", SHEET_NUMBER },
        { "范围", "scope", SHEET_TEXT },
        { "说明", "note", SHEET_TEXT },
        { NULL, NULL, SHEET_TEXT },
};

static bool send_file(struct visit *visit, const struct report_view *view,
                const struct report_view *last, struct err *err)
{
        struct view_list rows = VIEW_LIST(visit->arena);
        const struct export export = {
                .name = str_format(visit->arena, "report-%d", view->year).p,
                .title = figures_title(visit, view->definition, view->year),
                .note = view->frozen ? STR_LIT("已冻结") : STR_LIT("尚未冻结，数据随办件更新"),
        };
        for (size_t i = 0; i < view->n_lines; i++) {
                const struct report_line *line = &view->lines[i];
                view_add(&rows, figures_view(visit, line, line_of(last, line->id), view->year));
        }
        return export_rows(visit, &export, export_columns, &rows, err);
}

bool report_show(struct visit *visit, struct err *err)
{
        const struct report_definition *report = figures_report(visit);
        struct report_view view, last;
        struct figures_years years;
        struct str name = visit->parts[0], tsv = STR_LIT(".tsv");
        bool as_tsv = str_ends(name, tsv);
        int year;
        if (as_tsv)
                name = str_slice(name, 0, name.n - tsv.n);
        if (!visit_year(name, &year, err) || !figures_years(visit, &years, err))
                return false;
        if (report == NULL || year < years.first || year > years.last)
                return err_set(err, E_NOT_FOUND, "没有这一年度的报告");
        if (!report_read(visit->arena, &visit->world, report->name, year, &view, err))
                return false;
        if (as_tsv) {
                send_tsv(visit, &view);
                return true;
        }
        bool has_last = year > years.first;
        if (has_last && !report_read(visit->arena, &visit->world, report->name, year - 1, &last,
                                        err))
                return false;
        return (visit->sheet != SHEET_NONE ? send_file : send_report)(
                        visit, &view, has_last ? &last : NULL, err);
}
