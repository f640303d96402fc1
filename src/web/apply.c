/* web/apply.c - applying online: begin, fill in, check, submit; save and come back.
 *
 * Whatever was typed is stored before anything is said about it, so a refusal, a lost line or
 * a crash of the browser costs nothing. The act itself is one desk_submit() with the draft as
 * its idempotency key: sent twice, it happens once. */
#include "web/apply.h"

#include "desk/codes.h"
#include "ledger/hash.h"
#include "projection/register_read.h"
#include "web/door.h"
#include "web/offices.h"
#include "web/route.h"
#include "web/throttle.h"
#include "web/track.h"

/* ---- Words and links ---- */

static struct str step_url(const struct application *a, size_t step, bool checked)
{
        return str_format(a->visit->arena, "%.*s?step=%zu%s",
                        STR_FMT(apply_url(a->visit, a->draft.procedure, "/form")), step + 1,
                        checked ? "&checked=1" : "");
}

static struct str check_url(const struct application *a)
{
        return apply_url(a->visit, a->draft.procedure, "/check");
}

/* ---- /apply/PROCEDURE: who applies, and to which office ---- */

struct starting {
        struct visit *visit;
        const struct procedure *procedure;
        const struct version *version;
        const struct act *act;
        const struct office *offices;
        size_t n_offices;
};

static bool find_start(struct visit *visit, struct starting *ret, struct err *err)
{
        *ret = (struct starting){ .visit = visit,
                .procedure = catalogue_procedure(visit->catalogue, visit->parts[0]) };
        if (ret->procedure != NULL)
                ret->version = procedure_version_on(ret->procedure, visit->today);
        int act = ret->version != NULL ? guide_act(ret->version) : -1;
        if (act < 0)
                return err_set(err, E_NOT_FOUND, "没有这项服务");
        ret->act = &ret->version->acts[act];
        return offices_of(visit, ret->version, ret->act, &ret->offices, &ret->n_offices, err);
}

static bool is_role(const struct act *act, struct str role)
{
        for (size_t i = 0; i < act->n_roles; i++)
                if (str_eq(act->roles[i], role))
                        return true;
        return false;
}

static struct value parties_view(const struct starting *s)
{
        struct view_list list = VIEW_LIST(s->visit->arena);
        for (size_t i = 0; i < s->version->n_parties; i++) {
                const struct option *party = &s->version->parties[i];
                struct view view = VIEW(s->visit->arena);
                if (!is_role(s->act, party->key))
                        continue;
                view_text(&view, "id",
                                list.n == 0 ? STR_LIT("party")
                                            : str_format(s->visit->arena, "party-%zu", list.n));
                view_text(&view, "value", party->key);
                view_text(&view, "label", party->label);
                view_put(&view, "chosen", value_bool(list.n == 0));
                view_add(&list, view_end(&view));
        }
        return view_list_end(&list);
}

static struct value offices_view(const struct starting *s)
{
        struct view_list list = VIEW_LIST(s->visit->arena);
        for (size_t i = 0; i < s->n_offices; i++) {
                struct view view = VIEW(s->visit->arena);
                view_text(&view, "value", s->offices[i].id);
                view_text(&view, "label", s->offices[i].name);
                view_add(&list, view_end(&view));
        }
        return view_list_end(&list);
}

/* A draft that this browser still holds, of whatever service. */
static void add_kept(struct visit *visit, struct view *view)
{
        struct draft draft;
        struct str code;
        struct err ignored;
        if (!drafts_read_code(visit->arena, visit_cookie(visit, APPLY_COOKIE), &code) ||
                        !drafts_get(visit->arena, visit->snapshot, code, visit->now, &draft,
                                        &ignored))
                return;
        const struct procedure *procedure = catalogue_procedure(visit->catalogue, draft.procedure);
        if (procedure == NULL)
                return;
        view_text(view, "kept", procedure->label);
        view_text(view, "kept_url", apply_url(visit, draft.procedure, "/check"));
}

bool apply_start(struct visit *visit, struct err *err)
{
        struct starting s;
        struct view view = VIEW(visit->arena);
        if (!find_start(visit, &s, err))
                return false;
        struct page page = page_begin(visit, "apply_start", "/services", s.procedure->label);
        page.with_token = true;
        page_crumb(&page, s.procedure->label, visit_url(visit, "/services/", s.procedure->name));
        page_crumb(&page, STR_LIT("网上申请"), STR_LIT(""));
        view_text(&view, "label", s.procedure->label);
        view_text(&view, "action", apply_url(visit, s.procedure->name, ""));
        view_some(&view, "item", visit_field(visit, "item"));
        view_text(&view, "guide_url", visit_url(visit, "/services/", s.procedure->name));
        view_int(&view, "days", DRAFT_DAYS);
        add_kept(visit, &view);
        view_put(&page.view, "start", view_end(&view));
        view_put(&page.view, "parties", parties_view(&s));
        view_put(&page.view, "offices", offices_view(&s));
        return page_send(&page, err);
}

/* ---- Storing, on the worker's thread ---- */

struct form_page { /* some steps of an application as one form */
        const struct application *a;
        size_t first, n;
        struct form form;
};

static bool send_steps(struct form_page *f, int status, struct err *err);

struct saving {
        struct application a;
        struct form_page page;
        struct draft_file files[DRAFT_FILES_MAX];
        size_t n_files;
        bool fresh; /* the code is new: the browser is told */
        bool ok;
        struct err err;
        struct str to; /* where it goes on; empty: the same form again */
};

static void save(struct arena *arena, struct desk *desk, void *user)
{
        struct saving *s = user;
        struct store *store = site_store(desk_site(desk));
        s->ok = codes_prepare(store, &s->err) &&
                drafts_put(arena, store, s->a.code, &s->a.draft, s->files, s->n_files,
                                s->a.visit->now, &s->err);
}

static bool saved(struct visit *visit, void *user, struct err *err)
{
        struct saving *s = user;
        if (!s->ok) {
                *err = s->err;
                return false;
        }
        if (s->to.n == 0)
                return send_steps(&s->page, s->page.form.n_problems != 0 ? 422 : 200, err);
        visit_go(visit, s->to);
        if (s->fresh)
                visit->answer->cookies[0] = visit_cookie_set(visit, APPLY_COOKIE, s->a.code);
        return true;
}

static bool choose_party(struct starting *s, struct str *ret, struct err *err)
{
        struct str chosen = visit_posted(s->visit, "party");
        *ret = STR_LIT("");
        for (size_t i = 0; i < s->version->n_parties; i++) {
                struct str party = s->version->parties[i].key;
                if (is_role(s->act, party) && (str_eq(party, chosen) || ret->n == 0))
                        *ret = str_eq(party, chosen) || chosen.n == 0 ? party : *ret;
        }
        return ret->n != 0 || err_field(err, E_HTTP_FORM, STR_LIT("party"), "请选择以谁的名义申请");
}

static bool choose_office(struct starting *s, struct str *ret, struct err *err)
{
        struct str chosen = visit_posted(s->visit, "unit");
        if (s->n_offices == 1 && chosen.n == 0)
                chosen = s->offices[0].id;
        for (size_t i = 0; i < s->n_offices; i++)
                if (str_eq(s->offices[i].id, chosen))
                        *ret = chosen;
        return ret->n != 0 || err_field(err, E_HTTP_FORM, STR_LIT("unit"), "请选择向哪个单位申请");
}

bool apply_begin(struct visit *visit, struct door *door, struct err *err)
{
        struct saving *s = arena_new(visit->arena, struct saving);
        struct starting start;
        struct str item = visit_posted(visit, "item"), by_peer = visit_peer_key(visit, "d:");
        if (!find_start(visit, &start, err))
                return false;
        if (!throttle_may(visit->portal->throttle, by_peer, THROTTLE_DRAFTS, visit->now))
                return err_set(err, E_HTTP_OFTEN, "%s", "");
        *s = (struct saving){ .a = { .visit = visit }, .fresh = true };
        struct draft *draft = &s->a.draft;
        *draft = (struct draft){ .procedure = start.procedure->name, .act = start.act->name };
        if (!choose_party(&start, &draft->party, err) ||
                        !choose_office(&start, &draft->unit, err) ||
                        !drafts_code(visit->arena, &s->a.code, err))
                return false;
        const struct guide *guide = start.version->guide;
        struct member *member = arena_new(visit->arena, struct member);
        if (item.n != 0 && guide != NULL && guide->reg != NULL)
                *member = (struct member){ start.version->fields[guide->items].name,
                        value_string(item) };
        draft->fields = value_context(member, member->name.n != 0 ? 1 : 0);
        s->to = step_url(&s->a, 0, false);
        throttle_note(visit->portal->throttle, by_peer, visit->now);
        return door_do(door, visit, save, saved, s);
}

/* ---- /apply/PROCEDURE/form ---- */

static bool groups_view(struct form_page *f, struct value *ret, struct err *err)
{
        struct view_list list = VIEW_LIST(f->a->visit->arena);
        size_t at = 0;
        for (size_t i = f->first; i < f->first + f->n; i++) {
                const struct apply_step *step = &f->a->steps[i];
                struct view view = VIEW(f->a->visit->arena);
                struct value fields;
                if (!form_fields_view(&f->form, at, step->n, &fields, err))
                        return false;
                at += step->n;
                view_text(&view, "title", step->label);
                view_text(&view, "about", step->help);
                view_put(&view, "fields", fields);
                view_add(&list, view_end(&view));
        }
        *ret = view_list_end(&list);
        return true;
}

static struct value form_page_view(const struct form_page *f)
{
        const struct application *a = f->a;
        struct visit *visit = a->visit;
        struct view view = VIEW(visit->arena);
        struct str whole = str_format(visit->arena, "%.*s?step=all",
                        STR_FMT(apply_url(visit, a->draft.procedure, "/form")));
        view_text(&view, "label", a->version->procedure->label);
        view_text(&view, "action", apply_url(visit, a->draft.procedure, "/form"));
        view_text(&view, "code", a->code);
        view_int(&view, "number", (int64_t)f->first + 1);
        view_int(&view, "total", (int64_t)a->n_steps);
        view_put(&view, "whole", value_bool(f->n != 1 || a->n_steps == 1));
        view_text(&view, "step",
                        f->n != 1 ? STR_LIT("all") : str_format(visit->arena, "%zu", f->first + 1));
        if (f->first > 0)
                view_text(&view, "back_url", step_url(a, f->first - 1, false));
        if (a->n_steps > 1)
                view_text(&view, "other_url", f->n != 1 ? step_url(a, 0, false) : whole);
        view_day(&view, "until", moment_date(a->draft.expires));
        view_put(&view, "problems", form_problems_view(&f->form));
        return view_end(&view);
}

static bool send_steps(struct form_page *f, int status, struct err *err)
{
        const struct application *a = f->a;
        struct visit *visit = a->visit;
        struct str title = f->n == 1 ? a->steps[f->first].label : a->version->procedure->label;
        struct page page = page_begin(visit, "apply_form", "/services", title);
        struct value groups;
        page.with_token = true;
        page_crumb(&page, a->version->procedure->label,
                        visit_url(visit, "/services/", a->draft.procedure));
        page_crumb(&page, STR_LIT("网上申请"), STR_LIT(""));
        if (!groups_view(f, &groups, err))
                return false;
        view_put(&page.view, "groups", groups);
        view_put(&page.view, "form", form_page_view(f));
        view_yes(&page.view, "forged", visit->is_forged);
        if (!page_send(&page, err))
                return false;
        visit->answer->status = status;
        return true;
}

/* "3", "all" or nothing (the first); past the end it is the last. */
static void choose_step(const struct application *a, struct str asked, struct form_page *f)
{
        int64_t number;
        *f = (struct form_page){ .a = a, .n = a->n_steps != 0 ? 1 : 0 };
        if (str_is(asked, "all"))
                f->n = a->n_steps;
        else if (str_to_int(asked, &number) && number >= 1)
                f->first = (size_t)number <= a->n_steps ? (size_t)number - 1 : a->n_steps - 1;
}

bool apply_form(struct visit *visit, struct err *err)
{
        struct application *a = arena_new(visit->arena, struct application);
        struct form_page f;
        if (!apply_find(visit, a, err))
                return false;
        choose_step(a, visit_field(visit, "step"), &f);
        f.form = apply_questions(a, f.first, f.n, NULL);
        if (visit_field(visit, "checked").n != 0)
                form_check(&f.form);
        return send_steps(&f, 200, err);
}

/* ---- What was posted ---- */

/* The draft's fields, those of the form replaced by what was posted. */
static struct value merge(const struct application *a, const struct form *form)
{
        struct member *members =
                        arena_new_array(a->visit->arena, a->version->n_fields, struct member);
        size_t n = 0;
        for (size_t i = 0; i < a->version->n_fields; i++) {
                const struct value *typed = apply_typed(a, i);
                struct value value = typed != NULL ? *typed : value_null();
                for (size_t k = 0; k < form->n_fields; k++)
                        if (form->fields[k].index == i)
                                value = form->fields[k].given;
                if (!value_is_null(value))
                        members[n++] = (struct member){ a->version->fields[i].name, value };
        }
        bool unique = value_sort_members(members, n);
        return value_context(members, unique ? n : 0);
}

static void take_files(struct saving *s, const struct form *form)
{
        for (size_t i = 0; i < form->n_uploads && s->n_files < DRAFT_FILES_MAX; i++) {
                const struct upload *u = &form->uploads[i];
                s->files[s->n_files++] = (struct draft_file){ .hash = u->hex,
                        .name = u->name,
                        .type = str_of(u->type),
                        .bytes = u->bytes,
                        .size = (int64_t)u->bytes.n };
        }
}

/* Where to go on: nowhere while something is wrong, else the next step. What was answered may
 * bring up other questions. */
static bool next_url(struct saving *s, struct str pressed, struct err *err)
{
        const struct form_page *f = &s->page;
        struct application then = { .visit = s->a.visit, .code = s->a.code, .draft = s->a.draft };
        bool to_check = str_is(pressed, "save") && !f->form.is_partial;
        if (!to_check && f->form.n_problems != 0)
                return true;
        if (!apply_open(&then, err))
                return false;
        s->to = !to_check && f->n == 1 && f->first + 1 < then.n_steps
                                ? step_url(&s->a, f->first + 1, false)
                                : check_url(&s->a);
        return true;
}

bool apply_take(struct visit *visit, struct door *door, struct err *err)
{
        struct saving *s = arena_new(visit->arena, struct saving);
        struct application *a = &s->a;
        struct str pressed = visit_posted(visit, "do");
        *s = (struct saving){ .ok = false };
        if (!apply_find(visit, a, err))
                return false;
        choose_step(a, visit_posted(visit, "step"), &s->page);
        bool changed = form_press(visit, pressed);
        s->page.form = apply_questions(a, s->page.first, s->page.n, &visit->posted);
        if (visit->is_forged)
                return send_steps(&s->page, 403, err);
        form_read(&s->page.form);
        a->draft.fields = merge(a, &s->page.form);
        take_files(s, &s->page.form);
        if (changed && !s->page.form.is_partial)
                s->page.form.n_problems = 0; /* he is not done yet */
        else if (!next_url(s, pressed, err))
                return false;
        return door_do(door, visit, save, saved, s);
}

/* ---- /apply/PROCEDURE/check ---- */

static struct value step_answers(const struct application *a, size_t step)
{
        struct view_list list = VIEW_LIST(a->visit->arena);
        struct form form = apply_questions(a, step, 1, NULL);
        form_check(&form);
        for (size_t i = 0; i < form.n_fields; i++) {
                const struct field *field = form.fields[i].field;
                struct view answer = VIEW(a->visit->arena);
                view_text(&answer, "label", field->label);
                view_text(&answer, "value", form_answer(&form, &form.fields[i]));
                view_text(&answer, "url",
                                str_format(a->visit->arena, "%.*s#f.%.*s",
                                                STR_FMT(step_url(a, step, false)),
                                                STR_FMT(field->name)));
                view_add(&list, view_end(&answer));
        }
        return view_list_end(&list);
}

static struct value answers_view(const struct application *a)
{
        struct view_list steps = VIEW_LIST(a->visit->arena);
        for (size_t i = 0; i < a->n_steps; i++) {
                struct view step = VIEW(a->visit->arena);
                view_text(&step, "title", a->steps[i].label);
                view_put(&step, "answers", step_answers(a, i));
                view_add(&steps, view_end(&step));
        }
        return view_list_end(&steps);
}

static struct value problems_view(
                const struct application *a, const struct apply_problem *problems, size_t n)
{
        struct view_list list = VIEW_LIST(a->visit->arena);
        for (size_t i = 0; i < n; i++) {
                const struct apply_problem *p = &problems[i];
                struct view view = VIEW(a->visit->arena);
                view_text(&view, "text", p->say);
                view_text(&view, "target",
                                str_format(a->visit->arena, "%.*s%s%.*s",
                                                STR_FMT(step_url(a, p->step, p->name.n != 0)),
                                                p->name.n != 0 ? "#" : "", STR_FMT(p->name)));
                view_add(&list, view_end(&view));
        }
        return view_list_end(&list);
}

bool apply_check(struct visit *visit, struct err *err)
{
        struct application *a = arena_new(visit->arena, struct application);
        const struct apply_problem *problems;
        struct view view = VIEW(visit->arena);
        size_t n;
        if (!apply_find(visit, a, err) || !apply_problems(a, &problems, &n, err))
                return false;
        struct page page = page_begin(visit, "apply_check", "/services", STR_LIT("核对后提交"));
        page.with_token = true;
        page_crumb(&page, a->version->procedure->label,
                        visit_url(visit, "/services/", a->draft.procedure));
        page_crumb(&page, page.title, STR_LIT(""));
        view_text(&view, "label", a->version->procedure->label);
        view_text(&view, "submit_action", apply_url(visit, a->draft.procedure, "/submit"));
        view_text(&view, "drop_action", apply_url(visit, a->draft.procedure, "/drop"));
        view_text(&view, "code", a->code);
        view_text(&view, "unit", visit_unit(visit, a->draft.unit));
        view_day(&view, "until", moment_date(a->draft.expires));
        view_put(&view, "problems", problems_view(a, problems, n));
        view_put(&page.view, "form", view_end(&view));
        view_put(&page.view, "steps", answers_view(a));
        return page_send(&page, err);
}

/* ---- Submitting ---- */

struct submitting {
        struct application a;
        struct submission submission;
        struct receipt receipt;
        bool ok;
        struct err err;
};

/* The files first: an act never names a file that is not there. */
static void submit(struct arena *arena, struct desk *desk, void *user)
{
        struct submitting *s = user;
        struct store *store = site_store(desk_site(desk));
        struct err ignored;
        s->ok = codes_prepare(store, &s->err) && drafts_keep_files(store, s->a.code, &s->err) &&
                desk_submit(arena, desk, &s->submission, &s->receipt, &s->err);
        if (s->ok && !drafts_end(store, s->a.code, &ignored))
                s->a.code = STR_LIT(""); /* it expires by itself; the act is done */
}

static bool submitted(struct visit *visit, void *user, struct err *err)
{
        struct submitting *s = user;
        if (!s->ok && err_text(s->err.code)->kind != ERR_BUSY &&
                        err_text(s->err.code)->kind != ERR_BROKEN) {
                visit_go(visit, check_url(&s->a)); /* says what is in the way */
                return true;
        }
        if (!s->ok) {
                *err = s->err;
                return false;
        }
        if (!track_admit(visit, s->receipt.number, s->receipt.matter, s->a.draft.party, err))
                return false;
        visit_go(visit, str_format(visit->arena, "%.*s?new=1",
                                        STR_FMT(visit_url(visit, "/track/", s->receipt.number))));
        visit->answer->cookies[1] = visit_cookie_set(visit, APPLY_COOKIE, STR_LIT(""));
        return true;
}

static struct str key_of(const struct application *a)
{
        struct hash hash = hash_bytes(LEDGER_SHA256, a->code);
        char *hex = arena_alloc(a->visit->arena, HASH_HEX);
        hash_write_hex(hash.b, HASH_BYTES, hex);
        return str_format(a->visit->arena, "draft:%.*s", HASH_HEX, hex);
}

bool apply_submit(struct visit *visit, struct door *door, struct err *err)
{
        struct submitting *s = arena_new(visit->arena, struct submitting);
        const struct apply_problem *problems;
        size_t n;
        if (!apply_find(visit, &s->a, err) || !apply_problems(&s->a, &problems, &n, err))
                return false;
        if (n != 0) {
                visit_go(visit, check_url(&s->a));
                return true;
        }
        s->submission = (struct submission){ .procedure = s->a.draft.procedure,
                .act = s->a.act->name,
                .by = BY_PARTY,
                .actor = s->a.draft.party,
                .unit = s->a.draft.unit,
                .fields = apply_fields(&s->a),
                .key = key_of(&s->a) };
        return door_do(door, visit, submit, submitted, s);
}

/* ---- Dropping it; coming back ---- */

static void drop(struct arena *arena, struct desk *desk, void *user)
{
        struct saving *s = user;
        (void)arena;
        s->ok = drafts_end(site_store(desk_site(desk)), s->a.code, &s->err);
}

static bool dropped(struct visit *visit, void *user, struct err *err)
{
        const struct saving *s = user;
        if (!s->ok) {
                *err = s->err;
                return false;
        }
        visit_go(visit, STR_LIT("/services"));
        visit->answer->cookies[0] = visit_cookie_set(visit, APPLY_COOKIE, STR_LIT(""));
        return true;
}

bool apply_drop(struct visit *visit, struct door *door, struct err *err)
{
        struct saving *s = arena_new(visit->arena, struct saving);
        *s = (struct saving){ .ok = false };
        return apply_find(visit, &s->a, err) && door_do(door, visit, drop, dropped, s);
}

bool resume_show(struct visit *visit, struct err *err)
{
        struct page page = page_begin(visit, "resume", "/services", STR_LIT("继续填写"));
        page.with_token = true;
        struct view view = VIEW(visit->arena);
        page_crumb(&page, page.title, STR_LIT(""));
        view_int(&view, "days", DRAFT_DAYS);
        view_text(&view, "problem",
                        visit_field(visit, "failed").n != 0
                                        ? STR_LIT("没有这份草稿，或者它已经过期，请核对续办码")
                                        : STR_LIT(""));
        view_put(&page.view, "resume", view_end(&view));
        return page_send(&page, err);
}

bool resume_take(struct visit *visit, struct door *door, struct err *err)
{
        struct str code;
        struct draft draft;
        (void)door;
        if (!drafts_read_code(visit->arena, visit_posted(visit, "code"), &code) ||
                        !drafts_get(visit->arena, visit->snapshot, code, visit->now, &draft, err)) {
                visit_go(visit, STR_LIT("/resume?failed=1"));
                return true;
        }
        visit_go(visit, apply_url(visit, draft.procedure, "/check"));
        visit->answer->cookies[0] = visit_cookie_set(visit, APPLY_COOKIE, code);
        return true;
}
