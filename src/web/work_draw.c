/* web/work_draw.c - the draw console (抽取台): a draw by lot as steps, made from the definition: what
 * is done and by whom, what comes next and who may do it, what still stands in its way, and, before
 * anything is drawn, who takes part. It is a view: each step leads to the form of its act. */
#include "base/limits.h"
#include "projection/docket.h"
#include "projection/matter_read.h"
#include "web/disclosure.h"
#include "web/matter_view.h"
#include "web/route.h"
#include "web/words.h"
#include "web/work.h"

#define BASE       "/work/draws/"
#define STATES_MAX 256u

bool work_is_draw(const struct version *version)
{
        return version->draw.announced >= 0;
}

static bool has_draw(const struct procedure *procedure)
{
        for (size_t i = 0; i < procedure->n_versions; i++)
                if (work_is_draw(procedure->versions[i]))
                        return true;
        return false;
}

/* Does the viewer see matters of the procedure? The scope lists "procedure|unit". */
static bool is_in_scope(const struct visit *visit, const struct procedure *procedure)
{
        return str_find(visit->viewer.scope, str_format(visit->arena, "\"%.*s|",
                                                             STR_FMT(procedure->name))) != SIZE_MAX;
}

static bool opens_draws(struct visit *visit, const struct procedure *procedure)
{
        for (size_t v = 0; v < procedure->n_versions; v++)
                for (size_t i = 0; i < procedure->versions[v]->n_acts; i++)
                        if (procedure->versions[v]->acts[i].n_opens != 0 &&
                                        work_may_try(visit, procedure->versions[v],
                                                        &procedure->versions[v]->acts[i]))
                                return true;
        return false;
}

bool work_draws_are_open(struct visit *visit)
{
        for (size_t i = 0; i < visit->catalogue->n_procedures; i++)
                if ((has_draw(visit->catalogue->procedures[i]) ||
                                    opens_draws(visit, visit->catalogue->procedures[i])) &&
                                is_in_scope(visit, visit->catalogue->procedures[i]))
                        return true;
        return false;
}

/* ---- Where a step stands ---- */

/* Handing the matter to another unit or person is no step of the draw: nothing of it comes of that.
 * The page of the matter has it. */
static bool is_step(const struct act *act)
{
        return act->n_to != 0 || (act->moves == NULL && act->assigns == NULL);
}

struct console {
        struct visit *visit;
        const struct matter *matter;
        const struct version *version;
        struct err *errs;           /* for each act: may the viewer do it now? */
        bool reachable[STATES_MAX]; /* states that the matter is in or may come to */
        struct view_list steps;
};

/* Follows every way on from where the matter stands. */
static void find_reachable(struct console *c)
{
        bool grown = c->version->n_states <= STATES_MAX;
        if (grown)
                c->reachable[c->matter->state] = true;
        while (grown) {
                grown = false;
                for (size_t i = 0; i < c->version->n_acts; i++)
                        for (size_t s = 0; s < c->version->n_states; s++) {
                                const struct act *act = &c->version->acts[i];
                                if (!c->reachable[s] || !work_starts_from(act, c->version, s))
                                        continue;
                                for (size_t t = 0; t < act->n_to; t++)
                                        if (!c->reachable[act->to[t].state])
                                                grown = c->reachable[act->to[t].state] = true;
                        }
        }
}

static bool may_come(const struct console *c, const struct act *act)
{
        for (size_t s = 0; s < c->version->n_states && s < STATES_MAX; s++)
                if (c->reachable[s] && work_starts_from(act, c->version, s))
                        return true;
        return false;
}

static const struct deed *last_deed(const struct console *c, size_t act)
{
        const struct deed *last = NULL;
        for (size_t i = 0; i < c->matter->n_deeds; i++)
                if (c->matter->deeds[i].act == act)
                        last = &c->matter->deeds[i];
        return last;
}

/* The day on which the program does it by itself: the last of the term whose end it is. */
static struct date due_day(const struct console *c, size_t act)
{
        struct deadline deadline;
        for (size_t i = 0; i < c->version->n_clocks; i++)
                if (c->version->clocks[i].expires == (int)act &&
                                c->matter->clocks[i].status == CLOCK_RUNNING &&
                                matter_deadline(c->matter, i,
                                                c->visit->world.circumstances.calendar,
                                                c->visit->today, &deadline))
                        return deadline.last_day;
        return DATE_NONE;
}

/* "没有办过预告抽取、第二名抽取人到场的人" */
static void add_apart(const struct console *c, struct view *view, const struct act *act)
{
        struct buf buf = BUF(c->visit->arena);
        for (size_t i = 0; i < act->n_differs_from; i++)
                buf_format(&buf, "%s「%.*s」", i == 0 ? "" : "、",
                                STR_FMT(c->version->acts[act->differs_from[i]].label));
        view_some(view, "apart", buf_str(&buf));
}

static void add_turn(struct console *c, struct view *view, size_t i)
{
        bool mine = c->errs[i].code == E_NONE;
        struct value missing = work_missing(c->visit, c->matter, i, mine);
        if (missing.list.n != 0)
                view_put(view, "reasons", missing);
        else if (mine)
                view_text(view, "act_url", work_act_url(c->visit, c->matter, i));
        if (mine)
                view_yes(view, "mine", true);
        else if (c->errs[i].code != E_ACT_ROLE)
                view_text(view, "why_not",
                                str_format(c->visit->arena, "%s：%s",
                                                err_text(c->errs[i].code)->sentence,
                                                c->errs[i].detail));
}

static struct value step_view(struct console *c, size_t i)
{
        const struct act *act = &c->version->acts[i];
        const struct deed *deed = last_deed(c, i);
        bool by_system = !work_is_for_people(act);
        bool turn = !by_system && work_starts_from(act, c->version, c->matter->state);
        bool later = deed == NULL && !turn && may_come(c, act);
        struct view view = VIEW(c->visit->arena);
        view_text(&view, "step_label", act->label);
        view_text(&view, "step_who",
                        words_people(c->visit->arena, c->visit->catalogue, c->version, act));
        view_yes(&view, "step_done", deed != NULL);
        view_put(&view, "step_state",
                        deed != NULL ? view_tag(c->visit->arena, STR_LIT("已办"), "green")
                        : turn       ? view_tag(c->visit->arena, STR_LIT("现在"), "blue")
                        : later      ? view_tag(c->visit->arena, STR_LIT("以后"), "grey")
                                     : view_tag(c->visit->arena, STR_LIT("没有办"), "grey"));
        if (deed != NULL) {
                view_moment(&view, "step_at", deed->time);
                view_text(&view, "step_by",
                                by_system ? catalogue_role(c->visit->catalogue, STR_LIT("system"))
                                          : visit_staff(c->visit, deed->actor));
        }
        view_day(&view, "step_due", due_day(c, i));
        add_apart(c, &view, act);
        if (turn)
                add_turn(c, &view, i);
        return view_end(&view);
}

/* ---- What is known before the draw ---- */

static void add_days(struct console *c, struct page *page)
{
        struct visit *visit = c->visit;
        struct view_list list = VIEW_LIST(visit->arena);
        for (size_t i = 0; i < c->version->n_fields; i++) {
                const struct field *field = &c->version->fields[i];
                const struct value *value = &c->matter->fields[i];
                struct view view = VIEW(visit->arena);
                if (field->type != FIELD_DATE || value->kind != VALUE_DATE)
                        continue;
                int left = value->date.day - visit->today.day;
                view_text(&view, "day_label", field->label);
                view_put(&view, "day", *value);
                view_text(&view, "day_note",
                                left == 0  ? STR_LIT("就是今天")
                                : left > 0 ? str_format(visit->arena, "还有 %d 天", left)
                                           : STR_LIT("已过"));
                view_add(&list, view_end(&view));
        }
        view_put(&page->view, "days", view_list_end(&list));
}

/* ---- /work/draws/NUMBER ---- */

static void add_steps(struct console *c, struct page *page)
{
        struct view_list steps = VIEW_LIST(c->visit->arena);
        c->errs = arena_new_array(c->visit->arena, c->version->n_acts, struct err);
        procedure_offer(c->visit->arena, c->matter, &c->visit->viewer.actor,
                        &c->visit->world.circumstances, c->errs);
        find_reachable(c);
        for (size_t i = 0; i < c->version->n_acts; i++)
                if (is_step(&c->version->acts[i]))
                        view_add(&steps, step_view(c, i));
        view_put(&page->view, "steps", view_list_end(&steps));
}

static void add_public_page(struct console *c, struct page *page)
{
        if (!value_is_null(c->matter->fields[c->version->draw.announced]))
                view_text(&page->view, "public_url",
                                visit_url(c->visit, "/draws/", c->matter->number));
}

bool work_draw_show(struct visit *visit, struct err *err)
{
        struct console c = { .visit = visit };
        struct matter *matter;
        enum sight sight;
        struct str title;
        if (!disclosure_open(visit->arena, visit->snapshot, visit->catalogue, &visit->viewer,
                            visit->parts[0], visit->today, &matter, &sight, err) ||
                        !matter_title(visit, matter, &title, err))
                return false;
        if (sight != SIGHT_ALL || !work_is_draw(matter->version))
                return err_set(err, E_NOT_FOUND, "%s", "");
        c.matter = matter;
        c.version = matter->version;
        const struct state *state = &c.version->states[matter->state];
        struct page page = work_begin(visit, "work-draw", "/work/draws", title);
        page_crumb(&page, STR_LIT("抽取台"), STR_LIT("/work/draws"));
        page_crumb(&page, matter->number, STR_LIT(""));
        view_text(&page.view, "draw_no", matter->number);
        view_text(&page.view, "draw_procedure", c.version->procedure->label);
        view_put(&page.view, "draw_state",
                        words_state(visit->arena, state->label, state->final, false));
        view_text(&page.view, "matter_url", visit_url(visit, "/work/matters/", matter->number));
        add_public_page(&c, &page);
        add_steps(&c, &page);
        add_days(&c, &page);
        work_add_pool(&page.view, c.version, matter->fields);
        return work_add_family(&page, matter, err) && page_send(&page, err);
}

/* ---- /work/draws ---- */

static bool add_draw(struct visit *visit, const struct docket_row *row, struct view_list *list,
                struct err *err)
{
        struct console c = { .visit = visit };
        struct view view = VIEW(visit->arena);
        struct matter *matter;
        struct buf next = BUF(visit->arena);
        if (!matter_read(visit->arena, visit->snapshot, visit->catalogue, row->id, &matter, err))
                return false;
        c.version = matter->version;
        for (size_t i = 0; i < c.version->n_acts; i++)
                if (is_step(&c.version->acts[i]) && work_is_for_people(&c.version->acts[i]) &&
                                work_starts_from(&c.version->acts[i], c.version, matter->state))
                        buf_format(&next, "%s%.*s", next.n == 0 ? "" : "、",
                                        STR_FMT(c.version->acts[i].label));
        view_text(&view, "no", row->number);
        view_text(&view, "row_title", row->title);
        view_text(&view, "url", visit_url(visit, BASE, row->number));
        view_some(&view, "next", buf_str(&next));
        view_put(&view, "state",
                        words_state(visit->arena, c.version->states[matter->state].label,
                                        row->final, false));
        view_add(list, view_end(&view));
        return true;
}

/* The matters of one procedure that the viewer may see, the newest first; a page of them. */
static bool rows_of(struct visit *visit, const struct procedure *procedure, bool open,
                const struct docket_row **ret, size_t *ret_n, struct err *err)
{
        const struct docket_filter filter = { .procedure = procedure->name,
                .open = open,
                .today = visit->today,
                .scope = visit->viewer.scope,
                .scope_staff = visit->viewer.actor.id,
                .from = DATE_NONE,
                .until = DATE_NONE,
                .limit = VISIT_PAGE_ROWS };
        bool more;
        return docket_rows(visit->arena, visit->snapshot, &filter, ret, ret_n, &more, err);
}

static bool add_draws(struct visit *visit, const struct procedure *procedure,
                struct view_list *list, struct err *err)
{
        const struct docket_row *rows;
        size_t n;
        if (!rows_of(visit, procedure, false, &rows, &n, err))
                return false;
        for (size_t i = 0; i < n; i++)
                if (!add_draw(visit, &rows[i], list, err))
                        return false;
        return true;
}

/* ---- What could be begun: each is tried before on the form of its act ---- */

static void add_beginning(struct visit *visit, struct view_list *list, const struct act *act,
                struct str about, struct str url)
{
        struct view view = VIEW(visit->arena);
        view_text(&view, "begin_label", act->label);
        view_text(&view, "begin_about", about);
        view_text(&view, "begin_url", url);
        view_add(list, view_end(&view));
}

static void add_new(struct visit *visit, const struct version *version, struct view_list *list)
{
        for (size_t i = 0; i < version->n_acts; i++)
                if (version->acts[i].from_new && work_is_for_people(&version->acts[i]) &&
                                work_may_begin(visit, &version->acts[i]))
                        add_beginning(visit, list, &version->acts[i], version->procedure->label,
                                        str_format(visit->arena, "/work/new/%.*s/%.*s",
                                                        STR_FMT(version->procedure->name),
                                                        STR_FMT(version->acts[i].name)));
}

/* Of the matter the acts that the viewer may do now and that open a draw. */
static bool add_openings(struct visit *visit, const struct docket_row *row, struct view_list *list,
                struct err *err)
{
        struct matter *matter;
        if (!matter_read(visit->arena, visit->snapshot, visit->catalogue, row->id, &matter, err))
                return false;
        struct err *errs = arena_new_array(visit->arena, matter->version->n_acts, struct err);
        procedure_offer(visit->arena, matter, &visit->viewer.actor, &visit->world.circumstances,
                        errs);
        for (size_t i = 0; i < matter->version->n_acts; i++)
                if (errs[i].code == E_NONE &&
                                work_may_try(visit, matter->version, &matter->version->acts[i]))
                        add_beginning(visit, list, &matter->version->acts[i],
                                        str_format(visit->arena, "%.*s　%.*s", STR_FMT(row->number),
                                                        STR_FMT(row->title)),
                                        work_act_url(visit, matter, i));
        return true;
}

static bool add_all_openings(struct visit *visit, const struct procedure *procedure,
                struct view_list *list, struct err *err)
{
        const struct docket_row *rows;
        size_t n;
        if (!rows_of(visit, procedure, true, &rows, &n, err))
                return false;
        for (size_t i = 0; i < n; i++)
                if (!add_openings(visit, &rows[i], list, err))
                        return false;
        return true;
}

static bool add_beginnings(struct page *page, struct err *err)
{
        struct visit *visit = page->visit;
        struct view_list list = VIEW_LIST(visit->arena);
        for (size_t i = 0; i < visit->catalogue->n_procedures; i++) {
                const struct procedure *procedure = visit->catalogue->procedures[i];
                const struct version *version = procedure_version_on(procedure, visit->today);
                if (version != NULL && work_is_draw(version))
                        add_new(visit, version, &list);
                if (opens_draws(visit, procedure) &&
                                !add_all_openings(visit, procedure, &list, err))
                        return false;
        }
        if (list.n != 0)
                view_put(&page->view, "beginnings", view_list_end(&list));
        return true;
}

bool work_draws_show(struct visit *visit, struct err *err)
{
        struct page page = work_begin(visit, "work-draws", "/work/draws", STR_LIT("抽取台"));
        struct view_list list = VIEW_LIST(visit->arena);
        for (size_t i = 0; i < visit->catalogue->n_procedures; i++)
                if (has_draw(visit->catalogue->procedures[i]) &&
                                !add_draws(visit, visit->catalogue->procedures[i], &list, err))
                        return false;
        view_put(&page.view, "rows", view_list_end(&list));
        return add_beginnings(&page, err) && page_send(&page, err);
}
