/* web/admin_standing.c - /work/admin/standing: who stays out (回避) and who acts for whom (委托代行).
 *
 * Both are registers (`recusals`, `delegations`): an entry is put and ended by acts, on its own
 * page. Here they stand beside each other, with those of the days to come, and with the open
 * matters that each is about. Besides, the recusals that were decided inside an open matter (an
 * act that `recuses`), which need no entry. */
#include "base/limits.h"
#include "projection/docket.h"
#include "projection/matter_read.h"
#include "projection/register_read.h"
#include "web/admin.h"
#include "web/route.h"

#define ENTRIES_SHOWN 200u
#define MATTERS_SHOWN 10u
#define LOOKED_AT_MAX 1000u /* open matters of one procedure, the newest, in which one may be */

static struct str text_of(const struct register_row *row, const char *name)
{
        const struct value *v = value_get(&row->entry, str_of(name));
        return v != NULL && v->kind == VALUE_STRING ? v->string : STR_LIT("");
}

static struct str days_text(struct visit *visit, const struct register_row *row)
{
        struct str last = date_is_none(row->until) ? STR_LIT("长期")
                                                   : date_format(visit->arena,
                                                                     date_add_days(row->until, -1));
        return str_format(visit->arena, "%.*s 至 %.*s",
                        STR_FMT(date_format(visit->arena, row->from)), STR_FMT(last));
}

static struct value when_tag(struct visit *visit, const struct register_row *row)
{
        bool begun = date_cmp(row->from, visit->today) <= 0;
        bool last = !date_is_none(row->until) && date_next(visit->today).day == row->until.day;
        if (begun && last)
                return view_tag(visit->arena, STR_LIT("今天到期"), "yellow");
        return view_tag(visit->arena, begun ? STR_LIT("现行") : STR_LIT("未到起始日"),
                        begun ? "green" : "grey");
}

/* Open matters in the hands of `staff` that the entry is about. */
static bool add_matters(struct visit *visit, struct view *view, struct str staff,
                struct str procedure, struct str number, struct err *err)
{
        const struct docket_filter filter = { .procedure = procedure,
                .open = true,
                .assigned = staff,
                .today = visit->today,
                .limit = LIMIT_PAGE_ROWS };
        const struct docket_row *rows;
        struct view_list list = VIEW_LIST(visit->arena);
        size_t n, n_about = 0;
        bool more;
        if (!docket_rows(visit->arena, visit->snapshot, &filter, &rows, &n, &more, err))
                return false;
        for (size_t i = 0; i < n; i++) {
                struct view item = VIEW(visit->arena);
                if (number.n != 0 && !str_eq(rows[i].number, number))
                        continue;
                if (n_about++ >= MATTERS_SHOWN)
                        continue;
                view_text(&item, "matter_no", rows[i].number);
                view_text(&item, "matter_url", visit_url(visit, "/work/matters/", rows[i].number));
                view_add(&list, view_end(&item));
        }
        view_put(view, "matters", view_list_end(&list));
        view_int(view, "n_matters", (int64_t)n_about);
        view_yes(view, "over", more || n_about > MATTERS_SHOWN);
        return true;
}

static struct str entry_url(struct visit *visit, const struct reg *reg, struct str key)
{
        struct buf url = BUF(visit->arena);
        buf_str_add(&url, visit_url(visit, "/work/admin/registers/", reg->name));
        buf_c(&url, "/entry");
        visit_query(&url, "key", key);
        return buf_str(&url);
}

static struct str or_all(struct str text, const char *all)
{
        return text.n != 0 ? text : str_of(all);
}

static void say_delegation(struct visit *visit, struct view *view, const struct register_row *row)
{
        struct str role = text_of(row, "role"), unit = text_of(row, "unit");
        view_text(view, "who", visit_staff(visit, text_of(row, "from_staff")));
        view_text(view, "whom", visit_staff(visit, text_of(row, "to_staff")));
        view_text(view, "about",
                        str_format(visit->arena, "%.*s，%.*s",
                                        STR_FMT(role.n != 0 ? catalogue_role(visit->catalogue, role)
                                                            : STR_LIT("全部岗位")),
                                        STR_FMT(unit.n != 0 ? visit_unit(visit, unit)
                                                            : STR_LIT("全部单位"))));
        view_text(view, "reason", or_all(text_of(row, "reason"), "—"));
}

static void say_recusal(struct visit *visit, struct view *view, const struct register_row *row)
{
        const struct procedure *procedure =
                        catalogue_procedure(visit->catalogue, text_of(row, "procedure"));
        struct str about = text_of(row, "matter");
        if (about.n == 0)
                about = procedure != NULL ? procedure->label
                                          : or_all(text_of(row, "procedure"), "全部办件");
        view_text(view, "who", visit_staff(visit, text_of(row, "staff")));
        view_text(view, "about", about);
        view_text(view, "reason",
                        str_format(visit->arena, "%.*s（%.*s）",
                                        STR_FMT(or_all(text_of(row, "ground"), "—")),
                                        STR_FMT(or_all(text_of(row, "basis"), "—"))));
}

struct kind {
        const char *reg, *title, *about_label, *none;
        const char *staff; /* the field whose matters are meant */
        void (*say)(struct visit *visit, struct view *view, const struct register_row *row);
};

static const struct kind kinds[] = {
        { "delegations", "委托代行", "岗位和范围", "现在没有委托代行，今后的也没有。", "from_staff",
                        say_delegation },
        { "recusals", "回避", "办件", "现在没有登记的回避，今后的也没有。", "staff", say_recusal },
};

static bool kind_view(struct visit *visit, const struct kind *kind, const struct reg *reg,
                struct value *ret, struct err *err)
{
        struct view view = VIEW(visit->arena);
        struct view_list list = VIEW_LIST(visit->arena);
        const struct register_row *rows;
        size_t n;
        if (!register_rows_between(visit->arena, visit->snapshot, visit->catalogue, reg->name,
                            visit->today, DATE_NONE, ENTRIES_SHOWN, &rows, &n, err))
                return false;
        for (size_t i = 0; i < n; i++) {
                struct view row = VIEW(visit->arena);
                kind->say(visit, &row, &rows[i]);
                view_text(&row, "no", rows[i].key);
                view_text(&row, "url", entry_url(visit, reg, rows[i].key));
                view_text(&row, "days", days_text(visit, &rows[i]));
                view_put(&row, "tag", when_tag(visit, &rows[i]));
                if (!add_matters(visit, &row, text_of(&rows[i], kind->staff),
                                    text_of(&rows[i], "procedure"), text_of(&rows[i], "matter"),
                                    err))
                        return false;
                view_add(&list, view_end(&row));
        }
        view_c(&view, "title", kind->title);
        view_c(&view, "about_label", kind->about_label);
        view_c(&view, "none", kind->none);
        view_text(&view, "new_url", entry_url(visit, reg, STR_LIT("")));
        view_text(&view, "all_url", visit_url(visit, "/work/admin/registers/", reg->name));
        view_put(&view, "entries", view_list_end(&list));
        *ret = view_end(&view);
        return true;
}

/* ---- Decided inside a matter ---- */

static bool may_recuse(const struct procedure *procedure)
{
        for (size_t v = 0; v < procedure->n_versions; v++)
                for (size_t i = 0; i < procedure->versions[v]->n_acts; i++)
                        if (procedure->versions[v]->acts[i].recuses != NULL)
                                return true;
        return false;
}

/* The last act by which somebody was told to stay out. */
static const struct deed *deciding_deed(const struct matter *matter)
{
        const struct deed *last = NULL;
        for (size_t i = 0; i < matter->n_deeds; i++) {
                size_t act = matter->deeds[i].act;
                if (act < matter->version->n_acts && matter->version->acts[act].recuses != NULL)
                        last = &matter->deeds[i];
        }
        return last;
}

static bool add_decided(struct visit *visit, const struct docket_row *row, struct view_list *list,
                struct err *err)
{
        struct matter *matter;
        struct view view = VIEW(visit->arena);
        struct buf who = BUF(visit->arena);
        if (!matter_read(visit->arena, visit->snapshot, visit->catalogue, row->id, &matter, err))
                return false;
        const struct deed *deed = deciding_deed(matter);
        if (matter->n_recused == 0 || deed == NULL)
                return true;
        for (size_t i = 0; i < matter->n_recused; i++)
                buf_format(&who, "%s%.*s", i == 0 ? "" : "、",
                                STR_FMT(visit_staff(visit, matter->recused[i])));
        view_text(&view, "who", buf_str(&who));
        view_text(&view, "matter_no", matter->number);
        view_text(&view, "matter_url", visit_url(visit, "/work/matters/", matter->number));
        view_text(&view, "about", matter->version->procedure->label);
        view_text(&view, "act_label", matter->version->acts[deed->act].label);
        view_day(&view, "day", moment_date(deed->time));
        view_add(list, view_end(&view));
        return true;
}

static bool add_decided_of(struct visit *visit, const struct procedure *procedure,
                struct view_list *list, bool *over, struct err *err)
{
        struct docket_filter filter = { .procedure = procedure->name,
                .open = true,
                .today = visit->today,
                .limit = LIMIT_PAGE_ROWS };
        const struct docket_row *rows;
        size_t n, looked_at = 0;
        bool more;
        do {
                if (!docket_rows(visit->arena, visit->snapshot, &filter, &rows, &n, &more, err))
                        return false;
                for (size_t i = 0; i < n; i++)
                        if (!add_decided(visit, &rows[i], list, err))
                                return false;
                looked_at += n;
                if (n != 0)
                        filter.below = rows[n - 1].id;
        } while (more && looked_at < LOOKED_AT_MAX);
        *over |= more;
        return true;
}

static bool add_all_decided(struct page *page, struct err *err)
{
        struct visit *visit = page->visit;
        struct view view = VIEW(visit->arena);
        struct view_list list = VIEW_LIST(visit->arena);
        bool over = false;
        for (size_t i = 0; i < visit->catalogue->n_procedures; i++)
                if (may_recuse(visit->catalogue->procedures[i]) &&
                                !add_decided_of(visit, visit->catalogue->procedures[i], &list,
                                                &over, err))
                        return false;
        view_put(&view, "entries", view_list_end(&list));
        view_yes(&view, "decided_over", over);
        view_int(&view, "looked_at", LOOKED_AT_MAX);
        view_put(&page->view, "decided", view_end(&view));
        return true;
}

bool admin_keeps_standing(struct visit *visit)
{
        for (size_t i = 0; i < N_ELEMENTS(kinds); i++)
                if (admin_keeps(visit, catalogue_register(visit->catalogue, str_of(kinds[i].reg))))
                        return true;
        return false;
}

bool standing_show(struct visit *visit, struct err *err)
{
        struct view_list list = VIEW_LIST(visit->arena);
        if (!admin_keeps_standing(visit))
                return err_set(err, E_NOT_FOUND, "%s", "");
        struct page page = admin_begin(visit, "work-standing", STR_LIT("委托和回避"));
        page_crumb(&page, page.title, STR_LIT(""));
        for (size_t i = 0; i < N_ELEMENTS(kinds); i++) {
                const struct reg *reg = catalogue_register(visit->catalogue, str_of(kinds[i].reg));
                struct value view;
                if (!admin_keeps(visit, reg))
                        continue;
                if (!kind_view(visit, &kinds[i], reg, &view, err))
                        return false;
                view_add(&list, view);
        }
        view_put(&page.view, "kinds", view_list_end(&list));
        if (admin_keeps(visit, catalogue_register(visit->catalogue, STR_LIT("recusals"))) &&
                        !add_all_decided(&page, err))
                return false;
        return page_send(&page, err);
}
