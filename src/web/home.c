/* web/home.c - the front page: six figures, what is new, five promises and where each is
 * proven. */
#include "projection/docket.h"
#include "web/figures.h"
#include "web/route.h"

#define TILES  6
#define RECENT 6

/* The first figure of each section that has a value; then further ones, up to six. */
static void add_figures(
                struct visit *visit, const struct report_view *report, struct view_list *tiles)
{
        bool *taken = arena_new_array(visit->arena, report->n_lines, bool);
        for (int pass = 0; pass < 2; pass++) {
                struct str section = STR_LIT("");
                for (size_t i = 0; i < report->n_lines && tiles->n < TILES; i++) {
                        const struct report_line *line = &report->lines[i];
                        bool again = pass == 0 && line->figure != NULL &&
                                     str_eq(line->figure->section, section);
                        if (taken[i] || again || !line->has_value || str_is(line->shown, "0"))
                                continue;
                        taken[i] = true;
                        if (line->figure != NULL)
                                section = line->figure->section;
                        view_add(tiles, figures_view(visit, line, NULL, report->year));
                }
        }
}

static bool add_report(struct visit *visit, struct page *page, struct err *err)
{
        const struct report_definition *report = figures_report(visit);
        struct view_list tiles = VIEW_LIST(visit->arena);
        struct view view = VIEW(visit->arena);
        struct figures_years years;
        struct report_view lines;
        if (!figures_years(visit, &years, err))
                return false;
        int year = years.frozen != 0 ? years.frozen : years.last;
        view_text(&page->view, "year", str_format(visit->arena, "%d", year));
        if (report == NULL)
                return true;
        if (!report_read(visit->arena, &visit->world, report->name, year, &lines, err))
                return false;
        add_figures(visit, &lines, &tiles);
        view_put(&page->view, "figures", view_list_end(&tiles));
        view_text(&view, "title",
                        str_format(visit->arena, "%d年%.*s", year, STR_FMT(report->label)));
        view_text(&view, "url", str_format(visit->arena, "/report/%d", year));
        view_int(&view, "n_figures", (int64_t)lines.n_lines);
        view_put(&page->view, "report", view_end(&view));
        return true;
}

static bool add_recent(struct visit *visit, struct page *page, struct err *err)
{
        const struct docket_filter filter = {
                .stranger = true, .today = visit->today, .limit = RECENT
        };
        struct view_list list = VIEW_LIST(visit->arena);
        const struct docket_row *rows;
        size_t n;
        bool more;
        if (!docket_rows(visit->arena, visit->snapshot, &filter, &rows, &n, &more, err))
                return false;
        for (size_t i = 0; i < n; i++) {
                const struct procedure *procedure =
                                catalogue_procedure(visit->catalogue, rows[i].procedure);
                struct view view = VIEW(visit->arena);
                view_text(&view, "title", rows[i].title.n != 0 ? rows[i].title : rows[i].number);
                view_text(&view, "procedure",
                                procedure != NULL ? procedure->label : rows[i].procedure);
                view_day(&view, "date", moment_date(rows[i].created));
                view_text(&view, "url", visit_url(visit, "/matters/", rows[i].number));
                view_add(&list, view_end(&view));
        }
        view_put(&page->view, "recent", view_list_end(&list));
        return true;
}

static void add_promises(struct visit *visit, struct page *page)
{
        static const struct {
                const char *label, *proof, *url;
        } promises[] = {
                { "期限不会无声逾期", "每个期限都有逐日计算和法条，日历公开", "/calendar" },
                { "记录不会无声更改", "每一步办理都在签署的账本里", "/checkpoint" },
                { "数字都有记录", "点开即是逐件清单", "/reports" },
                { "抽取可以重演", "名单、随机数、结果三样公开，规则写在程序里", "/procedures" },
                { "不误公开个人信息", "每一页都经过同一道审查，不公开的办件只计数", "/matters" },
        };
        struct view_list list = VIEW_LIST(visit->arena);
        for (size_t i = 0; i < N_ELEMENTS(promises); i++) {
                struct view view = VIEW(visit->arena);
                view_c(&view, "label", promises[i].label);
                view_c(&view, "proof", promises[i].proof);
                view_c(&view, "url", promises[i].url);
                view_add(&list, view_end(&view));
        }
        view_put(&page->view, "promises", view_list_end(&list));
}

bool home_show(struct visit *visit, struct err *err)
{
        struct page page = page_begin(visit, "home", "/", STR_LIT("首页"));
        add_promises(visit, &page);
        return add_report(visit, &page, err) && add_recent(visit, &page, err) &&
               page_send(&page, err);
}
