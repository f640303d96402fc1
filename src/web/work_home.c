/* web/work_home.c - my work: what is overdue, due today, due soon, and what others have to do
 * first; each with the clock that says so.
 *
 * Looked at are, in this order: matters with a clock that ran out, then by the day the next one
 * does, then the newest without a clock. "Mine" is what the viewer may act on now. */
#include "projection/docket.h"
#include "projection/matter_read.h"
#include "web/disclosure.h"
#include "web/matter_view.h"
#include "web/route.h"
#include "web/words.h"
#include "web/work.h"

#define LOOKED_AT_MAX 200u /* matters; the rest stand in the docket */

enum group {
        GROUP_LATE,
        GROUP_TODAY,
        GROUP_RED,
        GROUP_YELLOW,
        GROUP_CALM,
        GROUP_UNTIMED,
        GROUP_OTHERS,
        N_GROUPS
};

static const struct {
        const char *label, *tone, *empty;
} groups[N_GROUPS] = {
        [GROUP_LATE] = { "已逾期", "red", "没有逾期的办件。" },
        [GROUP_TODAY] = { "今天到期", "red", "今天没有到期的办件。" },
        [GROUP_RED] = { "红灯", "red", "" },
        [GROUP_YELLOW] = { "黄灯", "yellow", "" },
        [GROUP_CALM] = { "期限未到", "blue", "没有其他待办。" },
        [GROUP_UNTIMED] = { "没有期限在计算", "blue", "" },
        [GROUP_OTHERS] = { "等别人办理", "grey", "" },
};

struct home {
        struct visit *visit;
        int64_t seen[LOOKED_AT_MAX];
        size_t n_seen;
        struct view_list lists[N_GROUPS];
        struct err *err;
};

static bool is_new(struct home *h, int64_t id)
{
        for (size_t i = 0; i < h->n_seen; i++)
                if (h->seen[i] == id)
                        return false;
        if (h->n_seen == LOOKED_AT_MAX)
                return false;
        h->seen[h->n_seen++] = id;
        return true;
}

static bool has_run_out(const struct matter *matter, size_t clock)
{
        return matter->clocks[clock].late && matter->clocks[clock].status == CLOCK_EXPIRED;
}

/* The clock of the bureau's own that runs out first, or has; -1 = none runs. */
static int next_clock(struct home *h, const struct matter *matter, struct date *ret_day)
{
        const struct calendar *calendar = h->visit->world.circumstances.calendar;
        int found = -1;
        for (size_t i = 0; i < matter->version->n_clocks; i++) {
                struct deadline deadline;
                if (matter->version->clocks[i].of_party ||
                                (matter->clocks[i].status != CLOCK_RUNNING &&
                                                !has_run_out(matter, i)) ||
                                !matter_deadline(matter, i, calendar, h->visit->today, &deadline))
                        continue;
                if (found < 0 || date_cmp(deadline.last_day, *ret_day) < 0) {
                        found = (int)i;
                        *ret_day = deadline.last_day;
                }
        }
        return found;
}

static bool is_late(const struct matter *matter)
{
        for (size_t i = 0; i < matter->version->n_clocks; i++)
                if (has_run_out(matter, i) && !matter->version->clocks[i].of_party)
                        return true;
        return false;
}

static bool may_act(struct home *h, const struct matter *matter)
{
        struct visit *visit = h->visit;
        const struct version *version = matter->version;
        struct err *errs = arena_new_array(visit->arena, version->n_acts, struct err);
        procedure_offer(visit->arena, matter, &visit->viewer.actor, &visit->world.circumstances,
                        errs);
        for (size_t i = 0; i < version->n_acts; i++)
                if (errs[i].code == E_NONE)
                        return true;
        return false;
}

static enum group group_of(struct home *h, const struct matter *matter, int clock, struct date day)
{
        if (!may_act(h, matter))
                return GROUP_OTHERS;
        if (is_late(matter))
                return GROUP_LATE;
        if (clock < 0)
                return GROUP_UNTIMED;
        if (date_cmp(day, h->visit->today) <= 0)
                return date_cmp(day, h->visit->today) < 0 ? GROUP_LATE : GROUP_TODAY;
        switch (matter->clocks[clock].warned) {
        case CLOCK_RED:
                return GROUP_RED;
        case CLOCK_YELLOW:
                return GROUP_YELLOW;
        case CLOCK_QUIET:
                break;
        }
        return GROUP_CALM;
}

static bool add_matter(struct home *h, int64_t id)
{
        struct visit *visit = h->visit;
        struct matter *matter;
        struct str title;
        struct date day = DATE_NONE;
        struct view view = VIEW(visit->arena);
        if (!is_new(h, id))
                return true;
        if (!matter_read(visit->arena, visit->snapshot, visit->catalogue, id, &matter, h->err) ||
                        !matter_title(visit, matter, &title, h->err))
                return false;
        const struct state *state = &matter->version->states[matter->state];
        int clock = next_clock(h, matter, &day);
        view_text(&view, "no", matter->number);
        view_text(&view, "row_title", title);
        view_text(&view, "url", visit_url(visit, "/work/matters/", matter->number));
        view_text(&view, "procedure", matter->version->procedure->label);
        view_put(&view, "state",
                        words_state(visit->arena, state->label, state->final, is_late(matter)));
        if (clock >= 0) {
                view_text(&view, "clock_label", matter->version->clocks[clock].label);
                view_day(&view, "clock_day", day);
                view_some(&view, "clock_left",
                                words_left(visit->arena, matter, (size_t)clock,
                                                visit->world.circumstances.calendar, visit->today,
                                                day));
        }
        view_add(&h->lists[group_of(h, matter, clock, day)], view_end(&view));
        return true;
}

static bool add_docket(struct home *h, bool overdue, size_t limit)
{
        const struct docket_row *rows;
        struct visit *visit = h->visit;
        size_t n;
        bool more;
        const struct docket_filter filter = { .open = true,
                .overdue = overdue,
                .today = visit->today,
                .from = DATE_NONE,
                .until = DATE_NONE,
                .scope = visit->viewer.scope,
                .scope_staff = visit->viewer.actor.id,
                .limit = limit };
        if (!docket_rows(visit->arena, visit->snapshot, &filter, &rows, &n, &more, h->err))
                return false;
        for (size_t i = 0; i < n; i++)
                if (!add_matter(h, rows[i].id))
                        return false;
        return true;
}

static bool add_due(struct home *h)
{
        const struct clock_row *rows;
        struct visit *visit = h->visit;
        size_t n;
        if (!clock_rows_work(visit->arena, visit->snapshot, visit->viewer.scope,
                            visit->viewer.actor.id, LOOKED_AT_MAX, &rows, &n, h->err))
                return false;
        for (size_t i = 0; i < n; i++)
                if (!add_matter(h, rows[i].matter))
                        return false;
        return true;
}

static struct value group_view(struct home *h, size_t i)
{
        struct view view = VIEW(h->visit->arena);
        view_c(&view, "group_label", groups[i].label);
        view_c(&view, "group_tone", groups[i].tone);
        view_c(&view, "group_empty", groups[i].empty);
        view_int(&view, "group_n", (int64_t)h->lists[i].n);
        view_put(&view, "rows", view_list_end(&h->lists[i]));
        return view_end(&view);
}

bool work_home_show(struct visit *visit, struct err *err)
{
        struct home *h = arena_new(visit->arena, struct home);
        struct view_list list = VIEW_LIST(visit->arena);
        h->visit = visit;
        h->err = err;
        for (size_t i = 0; i < N_GROUPS; i++)
                h->lists[i] = VIEW_LIST(visit->arena);
        if (!add_docket(h, true, LOOKED_AT_MAX / 4) || !add_due(h) ||
                        !add_docket(h, false, LOOKED_AT_MAX / 4))
                return false;
        struct page page = work_begin(visit, "work-home", "/work", STR_LIT("我的工作"));
        for (size_t i = 0; i < N_GROUPS; i++)
                if (h->lists[i].n != 0 || groups[i].empty[0] != '\0')
                        view_add(&list, group_view(h, i));
        view_put(&page.view, "groups", view_list_end(&list));
        view_day(&page.view, "today", visit->today);
        view_yes(&page.view, "full", h->n_seen == LOOKED_AT_MAX);
        return page_send(&page, err);
}
