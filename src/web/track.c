/* web/track.c - following one's own matter by number and query code (查进度), and acting in it.
 *
 * Who comes with both is the party that the code belongs to: he sees where the matter stands,
 * who acts next and until when, what he gave himself, the papers that were issued to him, and
 * the acts that he may do now. Nothing else of it. Wrong number or wrong code: one answer. */
#include "web/track.h"

#include "desk/codes.h"
#include "desk/drafts.h"
#include "desk/history.h"
#include "desk/paper.h"
#include "desk/people.h"
#include "projection/matter_read.h"
#include "web/door.h"
#include "web/form.h"
#include "web/route.h"
#include "web/terms.h"
#include "web/throttle.h"
#include "web/words.h"

struct tracked {
        struct visit *visit;
        struct matter *matter;
        const struct version *version;
        struct str party;
        struct actor actor;
        const struct past_event *events;
        size_t n_events;
};

/* ---- Being let in ---- */

static void give_cookie(struct visit *visit, int64_t matter, struct str code)
{
        visit->answer->cookies[0] = visit_cookie_set(visit, TRACK_COOKIE,
                        str_format(visit->arena, "%lld.%.*s", (long long)matter, STR_FMT(code)));
}

bool track_admit(struct visit *visit, struct str number, int64_t matter, struct str party,
                struct err *err)
{
        struct str code;
        if (!codes_of(visit->arena, visit->snapshot, number, party, &code, err))
                return false;
        give_cookie(visit, matter, code);
        return true;
}

static bool refuse(struct err *err)
{
        return err_set(err, E_TRACK_CODE, "%s", "");
}

/* The matter of that number, if the code is one of its parties'. */
static bool let_in(struct tracked *t, struct str number, struct str code, struct err *err)
{
        struct visit *visit = t->visit;
        struct err why;
        if (!matter_read_by_number(visit->arena, visit->snapshot, visit->catalogue, number,
                            &t->matter, &why)) {
                if (why.code == E_NOT_FOUND)
                        return refuse(err);
                *err = why;
                return false;
        }
        t->version = t->matter->version;
        if (!codes_party(visit->arena, visit->snapshot, t->matter, code, &t->party, err))
                return false;
        return t->party.n != 0 || refuse(err);
}

/* Whom the cookie lets in; the number in the address must be that of its matter. */
static bool find_tracked(struct visit *visit, struct tracked *ret, struct err *err)
{
        struct str code = visit_cookie(visit, TRACK_COOKIE);
        struct str id = str_split(&code, '.');
        int64_t matter;
        *ret = (struct tracked){ .visit = visit };
        if (!str_to_int(id, &matter) || !let_in(ret, visit->parts[0], code, err))
                return refuse(err);
        if (ret->matter->id != matter)
                return refuse(err);
        const struct submission s = { .by = BY_PARTY, .actor = ret->party };
        return people_actor(visit->arena, &visit->world.circumstances, &s, &ret->actor, err) &&
               history_read(visit->arena, visit->snapshot, ret->version, ret->matter->id,
                               &ret->events, &ret->n_events, err);
}

static struct str track_url(const struct tracked *t, const char *behind)
{
        return str_format(t->visit->arena, "%.*s%s",
                        STR_FMT(visit_url(t->visit, "/track/", t->matter->number)), behind);
}

/* ---- /track ---- */

static bool send_form(struct visit *visit, struct str number, bool failed, struct err *err)
{
        struct page page = page_begin(visit, "track_form", "/track", STR_LIT("查进度"));
        page.with_token = true;
        struct view view = VIEW(visit->arena);
        page_crumb(&page, page.title, STR_LIT(""));
        view_text(&view, "number", number);
        view_put(&view, "failed", value_bool(failed));
        view_put(&page.view, "track", view_end(&view));
        if (!page_send(&page, err))
                return false;
        visit->answer->status = failed ? 403 : 200;
        return true;
}

bool track_ask(struct visit *visit, struct err *err)
{
        return send_form(visit, visit_field(visit, "number"), false, err);
}

bool track_enter(struct visit *visit, struct door *door, struct err *err)
{
        struct tracked t = { .visit = visit };
        struct throttle *throttle = visit->portal->throttle;
        struct str number = visit_posted(visit, "number"), code = visit_posted(visit, "code");
        struct str by_number = str_format(visit->arena, "n:%.*s", STR_FMT(number));
        struct str by_peer = visit_peer_key(visit, "p:");
        struct err why;
        (void)door;
        if (!throttle_may(throttle, by_number, THROTTLE_CODES_MATTER, visit->now) ||
                        !throttle_may(throttle, by_peer, THROTTLE_CODES_PEER, visit->now))
                return err_set(err, E_TRACK_TRIES, "%s", "");
        if (!let_in(&t, number, code, &why)) {
                if (why.code != E_TRACK_CODE) {
                        *err = why;
                        return false;
                }
                throttle_note(throttle, by_number, visit->now);
                throttle_note(throttle, by_peer, visit->now);
                return send_form(visit, number, true, err);
        }
        struct str now; /* not the first one, where he was given another */
        if (!codes_now(visit->arena, visit->snapshot, t.matter, t.party, &now, err))
                return false;
        give_cookie(visit, t.matter->id, now);
        visit_go(visit, track_url(&t, ""));
        return true;
}

bool track_leave(struct visit *visit, struct door *door, struct err *err)
{
        (void)door;
        (void)err;
        visit_go(visit, STR_LIT("/track"));
        visit->answer->cookies[0] = visit_cookie_set(visit, TRACK_COOKIE, STR_LIT(""));
        return true;
}

/* ---- Who acts next ---- */

static bool is_from(const struct act *act, size_t state)
{
        for (size_t i = 0; i < act->n_from; i++)
                if (act->from[i] == state)
                        return true;
        return false;
}

static bool is_of_staff(const struct version *version, const struct act *act)
{
        for (size_t i = 0; i < act->n_roles; i++)
                if (version_party(version, act->roles[i]) < 0 && !str_is(act->roles[i], "system"))
                        return true;
        return false;
}

static struct str targets(const struct tracked *t, const struct act *act)
{
        struct buf buf = BUF(t->visit->arena);
        for (size_t i = 0; i < act->n_to; i++) {
                buf_c(&buf, i == 0 ? "" : "、");
                buf_str_add(&buf, t->version->states[act->to[i].state].label);
        }
        return buf_str(&buf);
}

/* The acts that lead on from here, those of staff: what, by whom, to where. */
static struct value next_view(const struct tracked *t)
{
        struct view_list list = VIEW_LIST(t->visit->arena);
        for (size_t i = 0; i < t->version->n_acts; i++) {
                const struct act *act = &t->version->acts[i];
                struct view view = VIEW(t->visit->arena);
                if (act->n_to == 0 || !is_from(act, t->matter->state) ||
                                !is_of_staff(t->version, act))
                        continue;
                view_text(&view, "label", act->label);
                view_text(&view, "people",
                                words_people(t->visit->arena, t->visit->catalogue, t->version,
                                                act));
                view_text(&view, "to", targets(t, act));
                view_add(&list, view_end(&view));
        }
        return view_list_end(&list);
}

/* ---- What he may do now ---- */

static bool is_his(const struct tracked *t, const struct act *act)
{
        for (size_t i = 0; i < act->n_roles; i++)
                if (str_eq(act->roles[i], t->party))
                        return true;
        return false;
}

static struct value acts_view(struct tracked *t)
{
        struct err *errs = arena_new_array(t->visit->arena, t->version->n_acts, struct err);
        struct view_list list = VIEW_LIST(t->visit->arena);
        procedure_offer(t->visit->arena, t->matter, &t->actor, &t->visit->world.circumstances,
                        errs);
        for (size_t i = 0; i < t->version->n_acts; i++) {
                const struct act *act = &t->version->acts[i];
                struct view view = VIEW(t->visit->arena);
                if (!is_his(t, act) || act->from_new || errs[i].code != E_NONE)
                        continue;
                view_text(&view, "label", act->label);
                view_text(&view, "url",
                                str_format(t->visit->arena, "%.*s/%.*s", STR_FMT(track_url(t, "")),
                                                STR_FMT(act->name)));
                view_add(&list, view_end(&view));
        }
        return view_list_end(&list);
}

/* ---- What he gave, and what was issued to him ---- */

static struct value given_view(struct tracked *t)
{
        struct view_list list = VIEW_LIST(t->visit->arena);
        for (size_t i = 0; i < t->n_events; i++) {
                const struct past_event *event = &t->events[i];
                int index = version_act(t->version, event->fact.act);
                if (!str_eq(event->fact.actor, t->party) || index < 0)
                        continue;
                const struct act *act = &t->version->acts[index];
                for (size_t k = 0; k < act->n_needs + act->n_takes; k++) {
                        size_t f = k < act->n_needs ? act->needs[k] : act->takes[k - act->n_needs];
                        const struct field *field = &t->version->fields[f];
                        const struct value *value = value_get(&event->fact.data, field->name);
                        struct view view = VIEW(t->visit->arena);
                        if (value == NULL || value_is_null(*value))
                                continue;
                        view_text(&view, "label", field->label);
                        view_text(&view, "value", form_said(t->visit, field, value, NULL, 0));
                        view_add(&list, view_end(&view));
                }
        }
        return view_list_end(&list);
}

/* A paper is his if it was sent to him (docs/procedures.md, `to` of a document). */
static bool is_issued_to(const struct tracked *t, const struct issued_document *issued)
{
        for (size_t i = 0; i < t->n_events; i++) {
                if (t->events[i].id != issued->seq)
                        continue;
                struct recipients to = fact_recipients(
                                t->visit->arena, &t->events[i].fact, issued->document);
                return recipients_has(&to, t->party);
        }
        return false;
}

static struct str document_id(const struct tracked *t, const struct issued_document *issued)
{
        return str_format(t->visit->arena, "%lld-%.*s", (long long)issued->seq,
                        STR_FMT(t->version->documents[issued->document].name));
}

static struct value papers_view(struct tracked *t)
{
        struct view_list list = VIEW_LIST(t->visit->arena);
        for (size_t i = 0; i < t->matter->n_documents; i++) {
                const struct issued_document *issued = &t->matter->documents[i];
                struct view view = VIEW(t->visit->arena);
                if (!is_issued_to(t, issued))
                        continue;
                view_text(&view, "label", t->version->documents[issued->document].label);
                view_text(&view, "no", issued->number);
                view_day(&view, "on", moment_date(issued->time));
                view_text(&view, "url",
                                str_format(t->visit->arena, "%.*s/documents/%.*s",
                                                STR_FMT(track_url(t, "")),
                                                STR_FMT(document_id(t, issued))));
                view_add(&list, view_end(&view));
        }
        return view_list_end(&list);
}

/* ---- /track/NUMBER ---- */

static struct value clocks_view(struct tracked *t)
{
        struct view_list list = VIEW_LIST(t->visit->arena);
        for (size_t i = 0; i < t->version->n_clocks; i++)
                if (t->matter->clocks[i].status == CLOCK_RUNNING ||
                                t->matter->clocks[i].status == CLOCK_PAUSED)
                        view_add(&list, terms_clock_view(t->visit, t->matter, i));
        return view_list_end(&list);
}

/* Was the step his, or is he told of it, by a notice or a paper? Else one that is private is not
 * for him. */
static bool is_told(const struct tracked *t, const struct past_event *event, const struct act *act)
{
        if (!act->private || str_eq(event->fact.actor, t->party))
                return true;
        for (size_t i = 0; i < act->n_notifies; i++)
                if (str_eq(act->notifies[i], t->party))
                        return true;
        for (size_t i = 0; i < act->n_documents; i++) {
                struct recipients to =
                                fact_recipients(t->visit->arena, &event->fact, act->documents[i]);
                if (recipients_has(&to, t->party))
                        return true;
        }
        return false;
}

static struct value steps_view(struct tracked *t)
{
        struct view_list list = VIEW_LIST(t->visit->arena);
        for (size_t i = 0; i < t->n_events; i++) {
                const struct past_event *event = &t->events[i];
                int index = version_act(t->version, event->fact.act);
                struct view view = VIEW(t->visit->arena);
                if (index < 0)
                        continue;
                const struct act *act = &t->version->acts[index];
                if (!is_told(t, event, act))
                        continue;
                view_text(&view, "label", act->label);
                view_text(&view, "actor",
                                words_actor(t->visit->arena, t->visit->catalogue, t->version, act,
                                                event->fact.actor));
                view_moment(&view, "at", event->leaf.time);
                view_add(&list, view_end(&view));
        }
        return view_list_end(&list);
}

static struct str party_label(const struct tracked *t)
{
        int party = version_party(t->version, t->party);
        return party >= 0 ? t->version->parties[party].label : t->party;
}

static bool head_view(struct tracked *t, struct value *ret, struct err *err)
{
        struct visit *visit = t->visit;
        const struct state *state = &t->version->states[t->matter->state];
        struct view view = VIEW(visit->arena);
        struct str code;
        if (!codes_now(visit->arena, visit->snapshot, t->matter, t->party, &code, err))
                return false;
        view_text(&view, "no", t->matter->number);
        view_text(&view, "procedure", t->version->procedure->label);
        view_text(&view, "procedure_url",
                        visit_url(visit, "/procedures/", t->version->procedure->name));
        view_text(&view, "party", party_label(t));
        view_text(&view, "unit", visit_unit(visit, t->matter->unit));
        view_day(&view, "opened_on", moment_date(t->matter->created));
        view_put(&view, "state", words_state(visit->arena, state->label, state->final, false));
        view_put(&view, "final", value_bool(state->final));
        view_yes(&view, "fresh", visit_field(visit, "new").n != 0);
        view_yes(&view, "done", visit_field(visit, "done").n != 0);
        if (visit_field(visit, "new").n != 0) /* the receipt has it, no other page */
                view_text(&view, "code", code);
        view_text(&view, "leave_action", track_url(t, "/leave"));
        *ret = view_end(&view);
        return true;
}

bool track_show(struct visit *visit, struct err *err)
{
        struct tracked t;
        struct value head;
        if (!find_tracked(visit, &t, err) || !head_view(&t, &head, err))
                return false;
        struct page page = page_begin(visit, "track", "/track", t.matter->number);
        page.with_token = true;
        page_crumb(&page, t.matter->number, STR_LIT(""));
        view_put(&page.view, "matter", head);
        view_put(&page.view, "next", next_view(&t));
        view_put(&page.view, "clocks", clocks_view(&t));
        view_put(&page.view, "acts", acts_view(&t));
        view_put(&page.view, "papers", papers_view(&t));
        view_put(&page.view, "given", given_view(&t));
        view_put(&page.view, "passed", steps_view(&t));
        return page_send(&page, err);
}

/* ---- /track/NUMBER/documents/ID ---- */

bool track_paper(struct visit *visit, struct err *err)
{
        struct tracked t;
        const struct issued_document *issued = NULL;
        struct matter *then;
        struct world world;
        struct str text;
        if (!find_tracked(visit, &t, err))
                return false;
        for (size_t i = 0; i < t.matter->n_documents; i++)
                if (is_issued_to(&t, &t.matter->documents[i]) &&
                                str_eq(document_id(&t, &t.matter->documents[i]), visit->parts[1]))
                        issued = &t.matter->documents[i];
        if (issued == NULL)
                return err_set(err, E_NOT_FOUND, "%s", "");
        world_open(&world, visit->snapshot, visit->catalogue, site_calendars(visit->portal->site),
                        site_facts(visit->portal->site), issued->time);
        world.parameters = &site_config(visit->portal->site)->parameters;
        if (!history_matter_at(visit->arena, visit->snapshot, t.version, t.matter->id, issued->seq,
                            &then, err) ||
                        !paper_document(visit->arena, then, issued, &world.circumstances, &text,
                                        err))
                return false;
        const struct document *document = &t.version->documents[issued->document];
        struct page page = page_begin(visit, "track_paper", "/track", document->label);
        struct view view = VIEW(visit->arena);
        page_crumb(&page, t.matter->number, track_url(&t, ""));
        page_crumb(&page, document->label, STR_LIT(""));
        view_text(&view, "label", document->label);
        view_text(&view, "no", issued->number);
        view_day(&view, "issued_on", moment_date(issued->time));
        view_text(&view, "matter_no", t.matter->number);
        view_text(&view, "matter_url", track_url(&t, ""));
        view_text(&view, "text", text);
        view_put(&page.view, "document", view_end(&view));
        if (!page_send(&page, err))
                return false;
        visit->answer->keeping = HTTP_STORE_NEVER;
        return true;
}

/* ---- /track/NUMBER/ACT: an act of his ---- */

struct acting {
        struct tracked t;
        const struct act *act;
        struct str once; /* makes the act happen once, however often it is sent */
        struct form form;
        struct submission submission;
        struct receipt receipt;
        bool ok;
        struct err err;
};

static bool find_act(struct visit *visit, struct acting *a, struct err *err)
{
        if (!find_tracked(visit, &a->t, err))
                return false;
        int index = version_act(a->t.version, visit->parts[1]);
        if (index < 0 || !is_his(&a->t, &a->t.version->acts[index]))
                return err_set(err, E_NOT_FOUND, "没有这个动作");
        a->act = &a->t.version->acts[index];
        return true;
}

/* What he wrote there himself, if nobody wrote it anew. Rows and files are given again: what was
 * handed in before stays with what is handed in now. */
static struct value own_words(const struct tracked *t, const struct field *field)
{
        bool begins_empty = field->type == FIELD_LIST || field->type == FIELD_FILE ||
                            field->type == FIELD_ANY;
        for (size_t i = t->n_events; i-- > 0 && !begins_empty;) {
                const struct value *value = value_get(&t->events[i].fact.data, field->name);
                if (value != NULL)
                        return str_eq(t->events[i].fact.actor, t->party) ? *value : value_null();
        }
        return value_null();
}

/* He goes on from his own words; what the office wrote in the matter is not his to read. What was
 * posted is recorded as it came, so that the same form sent twice is the same act. */
static struct form questions(const struct acting *a, const struct posted *posted)
{
        struct form form = form_new(a->t.visit, a->t.version, a->act, a->t.matter, posted);
        for (size_t i = 0; i < form.n_fields; i++)
                form.fields[i].was = posted == NULL ? own_words(&a->t, form.fields[i].field)
                                                    : value_null();
        return form;
}

static bool send_act(struct acting *a, int status, struct err *err)
{
        struct visit *visit = a->t.visit;
        struct view view = VIEW(visit->arena);
        struct value form;
        struct page page = page_begin(visit, "track_act", "/track", a->act->label);
        page.with_token = true;
        page_crumb(&page, a->t.matter->number, track_url(&a->t, ""));
        page_crumb(&page, a->act->label, STR_LIT(""));
        if (!form_view(&a->form, &form, err))
                return false;
        view_text(&view, "no", a->t.matter->number);
        view_text(&view, "procedure", a->t.version->procedure->label);
        view_text(&view, "action",
                        str_format(visit->arena, "%.*s/%.*s", STR_FMT(track_url(&a->t, "")),
                                        STR_FMT(a->act->name)));
        view_text(&view, "back_url", track_url(&a->t, ""));
        visit_carry(visit, &view, "once", a->once);
        view_text(&view, "hint", a->act->hint);
        view_put(&page.view, "act", view_end(&view));
        view_put(&page.view, "form", form);
        view_yes(&page.view, "forged", visit->is_forged);
        if (!page_send(&page, err))
                return false;
        visit->answer->status = status;
        return true;
}

bool track_act(struct visit *visit, struct err *err)
{
        struct acting *a = arena_new(visit->arena, struct acting);
        struct err *errs;
        if (!find_act(visit, a, err) || !drafts_code(visit->arena, &a->once, err))
                return false;
        errs = arena_new_array(visit->arena, a->t.version->n_acts, struct err);
        procedure_offer(visit->arena, a->t.matter, &a->t.actor, &visit->world.circumstances, errs);
        const struct err *why = &errs[a->act - a->t.version->acts];
        if (why->code != E_NONE) {
                *err = *why; /* no longer possible: says why */
                return false;
        }
        a->form = questions(a, NULL);
        return send_act(a, 200, err);
}

/* Its files first: an act never names one that is not there, and a form that is shown again has
 * them still. */
static void do_act(struct arena *arena, struct desk *desk, void *user)
{
        struct acting *a = user;
        a->ok = files_keep(desk, a->form.uploads, a->form.n_uploads, &a->err) &&
                (a->submission.act.n == 0 ||
                                desk_submit(arena, desk, &a->submission, &a->receipt, &a->err));
}

/* Refused: the same form again with all that was typed, and what is in the way. */
static bool acted(struct visit *visit, void *user, struct err *err)
{
        struct acting *a = user;
        enum err_kind kind = a->ok ? ERR_INVALID : err_text(a->err.code)->kind;
        if (!a->ok && (kind == ERR_BUSY || kind == ERR_BROKEN)) {
                *err = a->err;
                return false;
        }
        if (a->ok && a->submission.act.n != 0) {
                visit_go(visit, track_url(&a->t, "?done=1"));
                return true;
        }
        if (!a->ok)
                form_add_refusal(&a->form, &a->err);
        return send_act(a, a->form.n_problems != 0 ? 422 : 200, err);
}

bool track_do(struct visit *visit, struct door *door, struct err *err)
{
        struct acting *a = arena_new(visit->arena, struct acting);
        if (!find_act(visit, a, err))
                return false;
        if (!drafts_read_code(visit->arena, visit_posted(visit, "once"), &a->once))
                return err_field(err, E_HTTP_FORM, STR_LIT("once"), "请重新打开这一页再填写");
        bool changed = form_press(visit, visit_posted(visit, "do"));
        a->form = questions(a, &visit->posted);
        if (visit->is_forged)
                return send_act(a, 403, err);
        form_read(&a->form);
        if (changed && !a->form.is_partial)
                a->form.n_problems = 0; /* he is not done yet */
        if (!changed && a->form.n_problems == 0)
                a->submission = (struct submission){ .matter = a->t.matter->number,
                        .act = a->act->name,
                        .by = BY_PARTY,
                        .actor = a->t.party,
                        .fields = a->form.given,
                        .key = str_format(visit->arena, "party:%.*s", STR_FMT(a->once)) };
        return door_do(door, visit, do_act, acted, a);
}
