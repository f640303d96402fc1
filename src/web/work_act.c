/* web/work_act.c - doing an act: the form made from the definition, the answers to check, the desk,
 * and back to the matter. A new matter begins the same way.
 *
 * The form carries the key that makes a second click the same act, and the newest event of the
 * matter that its reader has seen: whoever was overtaken is told what was done meanwhile, and what
 * he typed stands there still. */
#include "base/limits.h"
#include "desk/paper_draft.h"
#include "procedure/describe.h"
#include "web/disclosure.h"
#include "web/door.h"
#include "web/form.h"
#include "web/matter_view.h"
#include "web/route.h"
#include "web/work.h"
#include "web/words.h"

#define BASE "/work/matters/"

/* One act on its way. */
struct doing {
        struct visit *visit;
        const struct version *version;
        const struct act *act;
        const struct matter *matter; /* NULL: begins one */
        struct str title, url, back_url, key;
        int64_t seen; /* the newest event that the form's reader knew of */
        bool overtaken;
        struct form form;
        struct submission submission;
        struct desk_answer answer;
        struct err kept_err; /* of keeping files */
        bool kept;
        struct value drafts; /* the papers that it would make, if they were asked for */
        bool is_drawn_up;
        struct value trials; /* of the draws that it would begin, if they were tried */
        bool is_tried;
};

/* ---- Which act ---- */

static bool find_act(struct doing *d, struct str name, struct err *err)
{
        int index = version_act(d->version, name);
        if (index < 0)
                return err_set(err, E_NOT_FOUND, "%s", "");
        d->act = &d->version->acts[index];
        return true;
}

static bool open_on_matter(struct doing *d, struct err *err)
{
        struct visit *visit = d->visit;
        struct matter *matter;
        enum sight sight;
        if (!disclosure_open(visit->arena, visit->snapshot, visit->catalogue, &visit->viewer,
                            visit->parts[0], visit->today, &matter, &sight, err))
                return false;
        if (sight != SIGHT_ALL)
                return err_set(err, E_NOT_FOUND, "%s", "");
        d->matter = matter;
        d->version = matter->version;
        d->back_url = visit_url(visit, BASE, matter->number);
        if (!find_act(d, visit->parts[1], err) || !matter_title(visit, matter, &d->title, err))
                return false;
        d->url = str_format(visit->arena, "%.*s/acts/%.*s", STR_FMT(d->back_url),
                        STR_FMT(d->act->name));
        return true;
}

static bool open_new(struct doing *d, struct err *err)
{
        struct visit *visit = d->visit;
        const struct procedure *procedure = catalogue_procedure(visit->catalogue, visit->parts[0]);
        d->version = procedure != NULL ? procedure_version_on(procedure, visit->today) : NULL;
        if (d->version == NULL)
                return err_set(err, E_NOT_FOUND, "%s", "");
        if (!find_act(d, visit->parts[1], err))
                return false;
        if (!d->act->from_new)
                return err_set(err, E_NOT_FOUND, "%s", "");
        d->title = procedure->label;
        d->back_url = STR_LIT("/work/new");
        d->url = str_format(visit->arena, "/work/new/%.*s/%.*s", STR_FMT(procedure->name),
                        STR_FMT(d->act->name));
        return true;
}

bool work_may_begin(struct visit *visit, const struct act *act)
{
        for (size_t i = 0; i < act->n_roles; i++)
                if (viewer_holds(visit, act->roles[i], visit->viewer.actor.unit))
                        return true;
        return false;
}

/* May he do it at all, as things stand? The same that the desk will ask first. */
static bool check_standing(struct doing *d, struct err *err)
{
        struct visit *visit = d->visit;
        if (d->matter != NULL) {
                struct err *errs = arena_new_array(visit->arena, d->version->n_acts, struct err);
                procedure_offer(visit->arena, d->matter, &visit->viewer.actor,
                                &visit->world.circumstances, errs);
                *err = errs[d->act - d->version->acts];
                return err->code == E_NONE;
        }
        return work_may_begin(visit, d->act) ||
               err_field(err, E_ACT_ROLE, d->act->label, "由 %.*s 办理",
                               STR_FMT(words_people(visit->arena, visit->catalogue, d->version,
                                               d->act)));
}

/* ---- What was done meanwhile ---- */

static void add_meanwhile(struct doing *d, struct page *page)
{
        struct visit *visit = d->visit;
        struct view_list list = VIEW_LIST(visit->arena);
        for (size_t i = 0; d->matter != NULL && i < d->matter->n_deeds; i++) {
                const struct deed *deed = &d->matter->deeds[i];
                struct view view = VIEW(visit->arena);
                if (deed->seq <= d->seen)
                        continue;
                view_text(&view, "deed_label",
                                deed->act < d->version->n_acts ? d->version->acts[deed->act].label
                                : str_is(deed->name, ACT_NOTE) ? STR_LIT("备注")
                                : str_starts(deed->name, STR_LIT(ACT_CODE)) ? STR_LIT("补发查询码")
                                                                            : STR_LIT("期限提醒"));
                view_text(&view, "deed_actor", visit_staff(visit, deed->actor));
                view_moment(&view, "deed_at", deed->time);
                view_add(&list, view_end(&view));
        }
        view_put(&page->view, "meanwhile", view_list_end(&list));
}

/* ---- Pages ---- */

/* Where a program hands the same act in (api.c). */
static struct str program_url(struct doing *d)
{
        if (d->matter == NULL)
                return STR_LIT("/api/matters");
        return str_format(d->visit->arena, "%.*s/acts/%.*s",
                        STR_FMT(visit_url(d->visit, "/api/matters/", d->matter->number)),
                        STR_FMT(d->act->name));
}

static struct page begin_page(struct doing *d, const char *name)
{
        struct visit *visit = d->visit;
        struct page page = work_begin(visit, name,
                        d->matter != NULL ? "/work/matters" : "/work/new", d->act->label);
        struct view view = VIEW(visit->arena);
        page_crumb(&page, d->matter != NULL ? STR_LIT("办件") : STR_LIT("新建"),
                        d->matter != NULL ? STR_LIT("/work/matters") : STR_LIT("/work/new"));
        if (d->matter != NULL)
                page_crumb(&page, d->matter->number, d->back_url);
        page_crumb(&page, d->act->label, STR_LIT(""));
        view_text(&view, "act_label", d->act->label);
        view_text(&view, "act_hint", d->act->hint);
        view_text(&view, "about", d->title);
        view_text(&view, "about_no", d->matter != NULL ? d->matter->number : STR_LIT(""));
        view_text(&view, "act_url", d->url);
        view_text(&view, "back_url", d->back_url);
        view_text(&view, "way", describe_way(visit->arena, d->version, d->act));
        visit_carry(visit, &view, "key", d->key);
        view_text(&view, "act_name", d->act->name);
        view_text(&view, "procedure", d->version->procedure->name);
        view_text(&view, "program_url", program_url(d));
        view_int(&view, "seen", d->matter != NULL ? d->matter->last_seq : 0);
        view_put(&page.view, "act", view_end(&view));
        return page;
}

/* A paper of a sub-matter is read by whoever sees that matter, and that he read it is noted. */
static bool may_read_below(struct doing *d, const struct paper_draft *draft)
{
        struct visit *visit = d->visit;
        struct matter *matter;
        enum sight sight;
        struct err ignored;
        if (draft->below.n == 0)
                return true;
        if (!disclosure_open(visit->arena, visit->snapshot, visit->catalogue, &visit->viewer,
                            draft->below, visit->today, &matter, &sight, &ignored) ||
                        sight != SIGHT_ALL)
                return false;
        matter_note_reading(visit, matter);
        return true;
}

/* "第三方", of a sub-matter with its number. */
static struct str addressees(const struct doing *d, const struct paper_draft *draft)
{
        struct arena *arena = d->visit->arena;
        struct str to = words_recipients(arena, d->visit->catalogue, draft->version, &draft->to);
        return draft->below.n == 0 ? to
                                   : str_format(arena, "%.*s（%.*s）", STR_FMT(to),
                                                     STR_FMT(draft->below));
}

static bool makes_papers(const struct act *act)
{
        for (size_t i = 0; i < act->n_then; i++)
                if (act->then[i].procedure.n != 0)
                        return true;
        return act->n_documents != 0;
}

/* The papers that it would make, with what was typed; nothing is done by it. What the desk would
 * refuse is said as it will say it. */
static void draw_up(struct doing *d)
{
        struct visit *visit = d->visit;
        struct act_request request = { .act = d->act->name, .fields = d->form.given };
        struct view_list list = VIEW_LIST(visit->arena);
        const struct paper_draft *drafts;
        size_t n;
        struct err why;
        if (!paper_drafts(visit->arena, &visit->world, d->version, d->matter, &visit->viewer.actor,
                            &request, &drafts, &n, &why)) {
                form_add_refusal(&d->form, &why);
                return;
        }
        for (size_t i = 0; i < n; i++) {
                struct view view = VIEW(visit->arena);
                if (!may_read_below(d, &drafts[i]))
                        continue;
                view_text(&view, "paper_label", drafts[i].label);
                view_text(&view, "paper_no", drafts[i].number);
                view_text(&view, "paper_text", drafts[i].text);
                view_text(&view, "paper_to", addressees(d, &drafts[i]));
                view_add(&list, view_end(&view));
        }
        d->drafts = view_list_end(&list);
        d->is_drawn_up = true;
}

/* Likewise the draws that it would begin: could they be held? */
static void try_draws(struct doing *d)
{
        struct err why;
        d->is_tried = work_try(
                        d->visit, d->version, d->matter, d->act, &d->form.given, &d->trials, &why);
        if (!d->is_tried)
                form_add_refusal(&d->form, &why);
}

/* The personal fields that the form begins with; papers drawn up may show any. */
static void note_reading(struct doing *d)
{
        struct visit *visit = d->visit;
        if (d->matter == NULL)
                return;
        if (d->is_drawn_up) {
                matter_note_reading(visit, d->matter);
                return;
        }
        bool *shown = arena_new_array(visit->arena, d->version->n_fields, bool);
        for (size_t i = 0; i < d->form.n_fields; i++)
                shown[d->form.fields[i].index] = true;
        matter_note_fields(visit, d->matter, shown);
}

static bool send_form(struct doing *d, int status, struct err *err)
{
        struct visit *visit = d->visit;
        struct value form;
        struct page page = begin_page(d, "work-act");
        if (d->is_drawn_up)
                view_put(&page.view, "drafts", d->drafts);
        view_yes(&page.view, "no_drafts", d->is_drawn_up && d->drafts.list.n == 0);
        if (d->is_tried)
                view_put(&page.view, "trials", d->trials);
        view_yes(&page.view, "begins_draw", work_may_try(visit, d->version, d->act));
        view_yes(&page.view, "makes_papers", makes_papers(d->act));
        if (!form_view(&d->form, &form, err))
                return false;
        view_put(&page.view, "form", form);
        view_yes(&page.view, "forged", visit->is_forged);
        if (d->overtaken)
                add_meanwhile(d, &page);
        note_reading(d);
        if (!page_send(&page, err))
                return false;
        visit->answer->status = status;
        return true;
}

static bool send_check(struct doing *d, struct err *err)
{
        struct page page = begin_page(d, "work-check");
        view_put(&page.view, "answers", form_answers(&d->form));
        view_put(&page.view, "hidden", form_hidden(&d->form));
        return page_send(&page, err);
}

/* ---- The desk ---- */

static bool done(struct visit *visit, void *user, struct err *err)
{
        struct doing *d = user;
        struct buf url = BUF(visit->arena);
        const struct receipt *receipt = &d->answer.receipt;
        if (d->answer.done) {
                buf_str_add(&url, visit_url(visit, BASE, receipt->number));
                visit_query(&url, "done",
                                str_format(visit->arena, "%lld", (long long)receipt->seq));
                visit_go(visit, buf_str(&url));
                return true;
        }
        const struct err *why = &d->answer.err;
        enum err_kind kind = err_text(why->code)->kind;
        if (kind == ERR_BROKEN || kind == ERR_BUSY) {
                *err = *why;
                return false;
        }
        d->overtaken = why->code == E_DESK_SEEN;
        if (d->matter != NULL && !open_on_matter(d, err)) /* as it is now */
                return false;
        d->form.matter = d->matter;
        if (!d->overtaken)
                form_add_refusal(&d->form, why);
        return send_form(d, http_status(why), err);
}

static bool submit(struct doing *d, struct door *door)
{
        struct visit *visit = d->visit;
        d->submission = (struct submission){ .act = d->act->name,
                .by = BY_STAFF,
                .actor = visit->viewer.actor.id,
                .fields = d->form.given,
                .key = d->key,
                .seen = d->matter != NULL ? d->seen : 0 };
        if (d->matter != NULL)
                d->submission.matter = d->matter->number;
        else
                d->submission.procedure = d->version->procedure->name;
        return door_submit(door, visit, &d->submission, &d->answer, done, d);
}

/* ---- Files that came with it are kept before anything is shown ---- */

static void keep_files(struct arena *arena, struct desk *desk, void *user)
{
        struct doing *d = user;
        (void)arena;
        d->kept = files_keep(desk, d->form.uploads, d->form.n_uploads, &d->kept_err);
}

static bool answer_posted(struct doing *d, struct err *err)
{
        struct str pressed = visit_posted(d->visit, "do");
        bool wants_check = str_is(pressed, "check");
        if (str_is(pressed, "preview") && !d->overtaken && d->form.n_problems == 0)
                draw_up(d);
        if (str_is(pressed, "try") && !d->overtaken && d->form.n_problems == 0)
                try_draws(d);
        if (d->overtaken || d->form.n_problems != 0 || !wants_check)
                return send_form(d, d->overtaken ? 409 : d->form.n_problems != 0 ? 422 : 200, err);
        return send_check(d, err);
}

static bool files_kept(struct visit *visit, void *user, struct err *err)
{
        struct doing *d = user;
        (void)visit;
        if (!d->kept) {
                *err = d->kept_err;
                return false;
        }
        return answer_posted(d, err);
}

/* ---- Requests ---- */

static bool first_form(struct doing *d, struct err *err)
{
        if (!check_standing(d, err) || !work_key(d->visit, STR_LIT(""), &d->key, err))
                return false;
        d->form = form_new(d->visit, d->version, d->act, d->matter, NULL);
        return send_form(d, 200, err);
}

/* A key of ours, or a new one: it is what makes two clicks one act. */
static bool take_key(struct doing *d, struct err *err)
{
        return work_key(d->visit, visit_posted(d->visit, "key"), &d->key, err);
}

static bool take_form(struct doing *d, struct door *door, struct err *err)
{
        struct visit *visit = d->visit;
        struct str pressed = visit_posted(visit, "do");
        bool changed = form_press(visit, pressed);
        if (!take_key(d, err))
                return false;
        if (!str_to_int(visit_posted(visit, "seen"), &d->seen) || d->seen < 0)
                d->seen = 0;
        d->form = form_new(visit, d->version, d->act, d->matter, &visit->posted);
        if (changed || visit->is_forged || str_is(pressed, "back"))
                return send_form(d, visit->is_forged ? 403 : 200, err);
        form_read(&d->form);
        d->overtaken = d->matter != NULL && d->seen < d->matter->last_seq;
        if (str_is(pressed, "do") && d->form.n_problems == 0 && d->form.n_uploads == 0)
                return submit(d, door); /* it sees to the rest, the same act again among it */
        if (d->form.n_uploads != 0)
                return door_do(door, visit, keep_files, files_kept, d);
        return answer_posted(d, err);
}

static struct doing *doing_new(struct visit *visit)
{
        struct doing *d = arena_new(visit->arena, struct doing);
        d->visit = visit;
        return d;
}

bool work_act_show(struct visit *visit, struct err *err)
{
        struct doing *d = doing_new(visit);
        return open_on_matter(d, err) && first_form(d, err);
}

bool work_act_do(struct visit *visit, struct door *door, struct err *err)
{
        struct doing *d = doing_new(visit);
        return open_on_matter(d, err) && take_form(d, door, err);
}

bool work_begin_show(struct visit *visit, struct err *err)
{
        struct doing *d = doing_new(visit);
        return open_new(d, err) && first_form(d, err);
}

bool work_begin_do(struct visit *visit, struct door *door, struct err *err)
{
        struct doing *d = doing_new(visit);
        return open_new(d, err) && take_form(d, door, err);
}

/* ---- /work/new ---- */

static void add_beginnings(
                struct visit *visit, const struct procedure *procedure, struct view_list *groups)
{
        const struct version *version = procedure_version_on(procedure, visit->today);
        struct view_list acts = VIEW_LIST(visit->arena);
        struct view group = VIEW(visit->arena);
        for (size_t i = 0; version != NULL && i < version->n_acts; i++) {
                struct doing d = { .visit = visit, .version = version, .act = &version->acts[i] };
                struct view item = VIEW(visit->arena);
                struct err err;
                if (!d.act->from_new || !check_standing(&d, &err))
                        continue;
                view_text(&item, "act_label", d.act->label);
                view_text(&item, "act_url",
                                str_format(visit->arena, "/work/new/%.*s/%.*s",
                                                STR_FMT(procedure->name), STR_FMT(d.act->name)));
                view_add(&acts, view_end(&item));
        }
        if (acts.n == 0)
                return;
        view_text(&group, "group_label", procedure->label);
        view_put(&group, "acts", view_list_end(&acts));
        view_add(groups, view_end(&group));
}

bool work_new_show(struct visit *visit, struct err *err)
{
        struct page page = work_begin(visit, "work-new", "/work/new", STR_LIT("新建办件"));
        struct view_list groups = VIEW_LIST(visit->arena);
        for (size_t i = 0; i < visit->catalogue->n_procedures; i++)
                add_beginnings(visit, visit->catalogue->procedures[i], &groups);
        view_put(&page.view, "groups", view_list_end(&groups));
        return page_send(&page, err);
}
