/* web/admin_calendar.c - /work/admin/calendar: a holiday notice, looked at before it is loaded.
 *
 * First what would change (days, and the clocks of running matters with their old and new last
 * day), then, if wanted, the load itself: the act of `plumbline calendar load`. */
#include "clock/calendar.h"
#include "desk/notice_preview.h"
#include "web/admin.h"
#include "web/door.h"
#include "web/route.h"
#include "web/work.h"

#define YEARS_SHOWN 4 /* from last year on */

struct loading {
        struct site *site;
        struct str text, actor;
        struct date today;
        bool load; /* else only looked at */
        bool ok;
        struct err err;
        struct notice_preview preview;
        const struct moved_clock *moved; /* by the load */
        size_t n_moved;
};

/* ---- On the worker's thread ---- */

static bool look(struct arena *arena, struct loading *l)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        return snapshot_open(site_store(l->site), &snapshot, &l->err) &&
               notice_preview(arena, snapshot, site_catalogue(l->site), l->text, l->today,
                               &l->preview, &l->err);
}

static void work_load(struct arena *arena, struct desk *desk, void *user)
{
        struct loading *l = user;
        l->ok = look(arena, l);
        if (!l->ok || !l->load)
                return;
        const struct calendar_file file = { l->preview.name, l->text };
        l->ok = calendar_load(arena, desk, &file, l->actor, &l->moved, &l->n_moved, &l->err);
}

/* ---- What it changes ---- */

static struct value days_view(struct arena *arena, const struct notice_preview *p)
{
        static const char *const weekdays[] = { "", "周一", "周二", "周三", "周四", "周五", "周六",
                "周日" };
        struct view_list list = VIEW_LIST(arena);
        for (size_t i = 0; i < p->n_days; i++) {
                const struct notice_day *day = &p->days[i];
                struct view view = VIEW(arena);
                struct str name = day->after.name.n != 0 ? day->after.name : day->before.name;
                view_text(&view, "day", date_format(arena, day->day));
                view_c(&view, "weekday", weekdays[date_weekday(day->day)]);
                view_some(&view, "name", name);
                view_c(&view, "old_kind", calendar_kind_name(day->before.kind));
                view_c(&view, "new_kind", calendar_kind_name(day->after.kind));
                view_add(&list, view_end(&view));
        }
        return view_list_end(&list);
}

static struct value moved_view(struct visit *visit, const struct moved_clock *moved, size_t n)
{
        struct view_list list = VIEW_LIST(visit->arena);
        for (size_t i = 0; i < n && i < NOTICE_MOVED_SHOWN; i++) {
                struct view view = VIEW(visit->arena);
                view_text(&view, "no", moved[i].number);
                view_text(&view, "url", visit_url(visit, "/work/matters/", moved[i].number));
                view_text(&view, "clock_label", moved[i].label);
                view_text(&view, "old_day", date_format(visit->arena, moved[i].old_day));
                view_text(&view, "new_day", date_format(visit->arena, moved[i].new_day));
                view_yes(&view, "earlier", date_cmp(moved[i].new_day, moved[i].old_day) < 0);
                view_yes(&view, "provisional", moved[i].provisional);
                view_add(&list, view_end(&view));
        }
        return view_list_end(&list);
}

static bool is_arranged(const struct calendar *calendar, int year)
{
        struct date day;
        return date_of(year, 7, 1, &day) && calendar_covers(calendar, day, day);
}

/* The years around today, with and without the notice. */
static struct value years_view(struct arena *arena, struct date today,
                const struct calendar *before, const struct calendar *after)
{
        struct view_list list = VIEW_LIST(arena);
        for (int i = 0; i < YEARS_SHOWN; i++) {
                int year = date_year(today) - 1 + i;
                bool was = is_arranged(before, year), is = is_arranged(after, year);
                struct view view = VIEW(arena);
                view_text(&view, "label", str_format(arena, "%d 年", year));
                view_text(&view, "url", str_format(arena, "/calendar?year=%d", year));
                view_put(&view, "tag",
                                view_tag(arena, is ? STR_LIT("已有通知") : STR_LIT("暂定"),
                                                is ? "green" : "yellow"));
                view_yes(&view, "firm_now", is && !was);
                view_add(&list, view_end(&view));
        }
        return view_list_end(&list);
}

static struct value preview_view(struct visit *visit, const struct loading *l)
{
        static const char *const kinds[] = { [NOTICE_YEAR] = "安排全年",
                [NOTICE_AMENDS] = "变更已有安排",
                [NOTICE_LAW] = "法定节假日" };
        const struct notice_preview *p = &l->preview;
        struct view view = VIEW(visit->arena);
        view_text(&view, "id", p->notice.id);
        view_text(&view, "title", p->notice.title);
        view_text(&view, "source", p->notice.source);
        view_text(&view, "known", date_format(visit->arena, p->notice.known));
        view_text(&view, "about",
                        str_format(visit->arena, "%d 年，%s", p->notice.year,
                                        kinds[p->notice.kind]));
        view_put(&view, "days", days_view(visit->arena, p));
        view_int(&view, "n_days", (int64_t)p->n_days_all);
        view_yes(&view, "more_days", p->n_days_all > p->n_days);
        const struct moved_clock *moved = l->load ? l->moved : p->moved;
        size_t n = l->load ? l->n_moved : p->n_moved;
        view_put(&view, "moved", moved_view(visit, moved, n));
        view_int(&view, "n_moved", (int64_t)(l->load ? n : p->n_moved_all));
        view_yes(&view, "more_moved", (l->load ? n : p->n_moved_all) > NOTICE_MOVED_SHOWN);
        if (p->n_firm != 0)
                view_int(&view, "n_firm", (int64_t)p->n_firm);
        view_yes(&view, "loaded", l->load);
        return view_end(&view);
}

/* ---- The page ---- */

static bool send_calendar(struct visit *visit, const struct loading *l, const struct err *why,
                struct err *err)
{
        struct page page = admin_begin(visit, "work-calendar", STR_LIT("放假通知"));
        const struct calendar *known =
                        calendar_as_known(site_calendars(visit->portal->site), visit->today);
        page_crumb(&page, page.title, STR_LIT(""));
        view_put(&page.view, "years",
                        l->ok ? years_view(visit->arena, visit->today, l->preview.before,
                                                l->preview.after)
                              : years_view(visit->arena, visit->today, known, known));
        view_text(&page.view, "text",
                        str_is_utf8(l->text) && !(l->ok && l->load) ? l->text : STR_LIT(""));
        view_yes(&page.view, "forged", visit->is_forged);
        if (l->ok)
                view_put(&page.view, "preview", preview_view(visit, l));
        if (!work_send(&page, why, err))
                return false;
        if (visit->is_forged)
                visit->answer->status = 403;
        return true;
}

bool notices_show(struct visit *visit, struct err *err)
{
        static const struct loading none;
        return admin_is_let_in(visit, err) && send_calendar(visit, &none, NULL, err);
}

static bool loaded(struct visit *visit, void *user, struct err *err)
{
        struct loading *l = user;
        return send_calendar(visit, l, l->ok ? NULL : &l->err, err);
}

bool notices_do(struct visit *visit, struct door *door, struct err *err)
{
        struct loading *l = arena_new(visit->arena, struct loading);
        struct err why;
        if (!admin_is_let_in(visit, err))
                return false;
        l->site = visit->portal->site;
        l->text = admin_pasted(visit);
        l->actor = visit->viewer.actor.id;
        l->today = visit->today;
        l->load = str_is(visit_posted(visit, "do"), "load");
        if (visit->is_forged)
                return send_calendar(visit, l, NULL, err);
        if (str_trim(l->text).n == 0) {
                err_set(&why, E_FIELD_MISSING, "请粘贴通知的内容，或者选一个文件");
                return send_calendar(visit, l, &why, err);
        }
        return door_do(door, visit, work_load, loaded, l);
}
