/* web/calendar.c - a year's working days, as every clock counts them. */
#include "clock/calendar.h"

#include "web/route.h"

struct year_page {
        struct visit *visit;
        const struct calendar *calendar;
        int year;
        int n_working, n_makeup, n_holidays;
        const struct notice *notice; /* what arranges the year; NULL: nothing yet */
};

static const char *kind_word(enum calendar_kind kind)
{
        static const char *const words[] = {
                [CALENDAR_WORKDAY] = "work",
                [CALENDAR_MAKEUP] = "makeup",
                [CALENDAR_WEEKEND] = "weekend",
                [CALENDAR_BRIDGE] = "holiday",
                [CALENDAR_STATUTORY] = "holiday",
        };
        return words[kind];
}

static struct value day_view(struct year_page *y, struct date date, int day)
{
        struct view view = VIEW(y->visit->arena);
        struct calendar_day known = calendar_day(y->calendar, date);
        bool off = known.kind == CALENDAR_BRIDGE || known.kind == CALENDAR_STATUTORY;
        y->n_working += known.kind == CALENDAR_WORKDAY || known.kind == CALENDAR_MAKEUP;
        y->n_makeup += known.kind == CALENDAR_MAKEUP;
        y->n_holidays += off;
        view_int(&view, "day", day);
        view_c(&view, "kind", kind_word(known.kind));
        if (off || known.kind == CALENDAR_MAKEUP)
                view_c(&view, "mark", off ? "休" : "班");
        view_some(&view, "name", known.name);
        return view_end(&view);
}

static struct value month_view(struct year_page *y, int month)
{
        struct arena *arena = y->visit->arena;
        struct view view = VIEW(arena);
        struct view_list weeks = VIEW_LIST(arena), days = VIEW_LIST(arena);
        struct date date;
        bool real = date_of(y->year, month, 1, &date);
        for (int i = 1; real && i < date_weekday(date); i++)
                view_add(&days, value_context(NULL, 0));
        for (int day = 1; date_of(y->year, month, day, &date); day++)
                view_add(&days, day_view(y, date, day));
        while (days.n % 7 != 0)
                view_add(&days, value_context(NULL, 0));
        for (size_t i = 0; i < days.n; i += 7) {
                struct view week = VIEW(arena);
                view_put(&week, "days", value_list(days.items + i, 7));
                view_add(&weeks, view_end(&week));
        }
        view_text(&view, "label", str_format(arena, "%d月", month));
        view_put(&view, "weeks", view_list_end(&weeks));
        return view_end(&view);
}

/* ---- Holidays: one line a festival ---- */

static void add_span(struct arena *arena, struct buf *buf, struct date from, struct date to)
{
        int year, month, day, to_month, to_day;
        date_parts(from, &year, &month, &day);
        date_parts(to, &year, &to_month, &to_day);
        if (buf->n != 0)
                buf_c(buf, "、");
        buf_str_add(buf, str_format(arena, "%d月%d日", month, day));
        if (date_cmp(from, to) != 0)
                buf_str_add(buf, str_format(arena, "至%d月%d日（%d天）", to_month, to_day,
                                                 to.day - from.day + 1));
}

/* Statutory and bridging days of one festival that adjoin are one span. */
static struct value holiday_view(
                struct arena *arena, const struct calendar_year *year, struct str name)
{
        struct view view = VIEW(arena);
        struct buf off = BUF(arena), makeup = BUF(arena);
        struct date from = DATE_NONE, to = DATE_NONE;
        for (size_t i = 0; i < year->n_spans; i++) {
                const struct calendar_span *span = &year->spans[i];
                if (!str_eq(span->day.name, name))
                        continue;
                if (span->day.kind == CALENDAR_MAKEUP) {
                        add_span(arena, &makeup, span->from, span->to);
                } else if (!date_is_none(to) && date_next(to).day == span->from.day) {
                        to = span->to;
                } else {
                        if (!date_is_none(from))
                                add_span(arena, &off, from, to);
                        from = span->from;
                        to = span->to;
                }
        }
        if (!date_is_none(from))
                add_span(arena, &off, from, to);
        view_text(&view, "name", name);
        view_text(&view, "off", buf_str(&off));
        if (makeup.n != 0)
                view_text(&view, "makeup", buf_str(&makeup));
        return view_end(&view);
}

static struct value holidays_view(struct visit *visit, const struct calendar_year *year)
{
        struct view_list list = VIEW_LIST(visit->arena);
        for (size_t i = 0; i < year->n_spans; i++) {
                bool before = year->spans[i].day.name.n == 0;
                for (size_t k = 0; k < i; k++)
                        before |= str_eq(year->spans[k].day.name, year->spans[i].day.name);
                if (!before)
                        view_add(&list, holiday_view(visit->arena, year, year->spans[i].day.name));
        }
        return view_list_end(&list);
}

/* ---- The notice ---- */

static const struct notice *notice_of(const struct calendar *calendar, int year)
{
        size_t n;
        const struct notice *const *notices = calendar_notices(calendar, &n), *found = NULL;
        for (size_t i = 0; i < n; i++)
                if (notices[i]->year == year && notices[i]->kind != NOTICE_LAW)
                        found = notices[i];
        return found;
}

static struct value notice_view(struct arena *arena, const struct notice *notice)
{
        struct view view = VIEW(arena);
        view_text(&view, "title",
                        str_format(arena, "%.*s（%.*s）", STR_FMT(notice->title),
                                        STR_FMT(notice->id)));
        if (str_starts(notice->source, STR_LIT("https://")) ||
                        str_starts(notice->source, STR_LIT("http://")))
                view_text(&view, "url", notice->source);
        view_day(&view, "published_on", notice->known);
        return view_end(&view);
}

/* ---- /calendar?year= ---- */

static void add_neighbour(struct year_page *y, struct view *view, const char *name, int year)
{
        struct date day;
        if (date_of(year, 1, 1, &day) && calendar_holds(day))
                view_text(view, name, str_format(y->visit->arena, "/calendar?year=%d", year));
}

static bool send_year(struct year_page *y, const struct calendar_year *year, struct err *err)
{
        struct visit *visit = y->visit;
        struct page page = page_begin(visit, "calendar", "/calendar",
                        str_format(visit->arena, "%d年工作日历", y->year));
        struct view view = VIEW(visit->arena);
        struct view_list months = VIEW_LIST(visit->arena);
        for (int month = 1; month <= 12; month++)
                view_add(&months, month_view(y, month));
        view_int(&view, "year", y->year);
        view_int(&view, "n_working", y->n_working);
        view_int(&view, "n_makeup", y->n_makeup);
        view_int(&view, "n_holidays", y->n_holidays);
        view_yes(&view, "provisional", year->provisional);
        if (y->notice != NULL)
                view_put(&view, "notice", notice_view(visit->arena, y->notice));
        add_neighbour(y, &view, "previous_url", y->year - 1);
        add_neighbour(y, &view, "next_url", y->year + 1);
        view_put(&page.view, "calendar", view_end(&view));
        view_put(&page.view, "months", view_list_end(&months));
        view_put(&page.view, "holidays", holidays_view(visit, year));
        page_crumb(&page, str_format(visit->arena, "%d年", y->year), STR_LIT(""));
        return page_send(&page, err);
}

bool calendar_show(struct visit *visit, struct err *err)
{
        struct year_page y = { .visit = visit, .year = date_year(visit->today) };
        struct str text = visit_field(visit, "year");
        struct calendar_year year;
        struct err why;
        y.calendar = calendar_as_known(site_calendars(visit->portal->site), visit->today);
        if (text.n != 0 && !visit_year(text, &y.year, err))
                return false;
        if (!calendar_year(visit->arena, y.calendar, y.year, &year, &why))
                return err_set(err, E_NOT_FOUND, "日历只到 %d 年至 %d 年", CALENDAR_FIRST_YEAR,
                                CALENDAR_LAST_YEAR);
        y.notice = notice_of(y.calendar, y.year);
        return send_year(&y, &year, err);
}
