/* web/work_bulk.c - one act on many matters at once: only where it asks for nothing, or only for
 * who gets them and why (assigning), so that nobody fills in for fifty what he has read for one.
 * Each is done or refused by itself. */
#include "base/limits.h"
#include "web/disclosure.h"
#include "web/door.h"
#include "web/form.h"
#include "web/route.h"
#include "web/words.h"
#include "web/work.h"

struct bulk {
        struct str act, key;
        struct str numbers[VISIT_PAGE_ROWS];
        struct submission submissions[VISIT_PAGE_ROWS];
        struct desk_answer answers[VISIT_PAGE_ROWS];
        struct str refused[VISIT_PAGE_ROWS]; /* before the desk was asked; empty = it was */
        size_t index[VISIT_PAGE_ROWS];       /* of a submission: whose answer it is */
        size_t n, n_submissions;
        const struct version *version; /* of the first that may be done: what is asked for */
        struct desk_answer answered[VISIT_PAGE_ROWS];
        bool ok;
        struct err err;
};

static void refuse(struct bulk *bulk, struct visit *visit, size_t i, const struct err *why)
{
        bulk->refused[i] = str_format(visit->arena, "%s%s%s", err_text(why->code)->sentence,
                        why->detail[0] != '\0' ? "：" : "", why->detail);
}

static bool is_bare(const struct act *act)
{
        return act->n_needs == 0 && act->n_takes == 0;
}

/* Who gets them, and a word about it: the same for all. */
static bool is_assigning(const struct version *version, const struct act *act)
{
        static const bool same[FIELD_ANY + 1] = { [FIELD_STAFF] = true,
                [FIELD_UNIT] = true,
                [FIELD_TEXT] = true,
                [FIELD_LONG_TEXT] = true };
        if (act->assigns == NULL || act->n_takes != 0)
                return false;
        for (size_t i = 0; i < act->n_needs; i++)
                if (!same[version->fields[act->needs[i]].type])
                        return false;
        return true;
}

static bool is_bulk(const struct version *version, const struct act *act)
{
        return is_bare(act) || is_assigning(version, act);
}

/* May it be done in bulk, as far as one can tell from here? */
static bool check_one(struct bulk *bulk, struct visit *visit, struct str number, int64_t *ret_seen,
                struct err *err)
{
        struct matter *matter;
        enum sight sight;
        if (!disclosure_open(visit->arena, visit->snapshot, visit->catalogue, &visit->viewer,
                            number, visit->today, &matter, &sight, err))
                return false;
        int index = sight == SIGHT_ALL ? version_act(matter->version, bulk->act) : -1;
        if (index < 0)
                return err_set(err, E_NOT_FOUND, "%s", "");
        if (!is_bulk(matter->version, &matter->version->acts[index]))
                return err_field(err, E_FIELD_MISSING, matter->version->acts[index].label,
                                "这个动作要逐件填写");
        if (bulk->version == NULL)
                bulk->version = matter->version;
        *ret_seen = matter->last_seq;
        return true;
}

static bool take(struct bulk *bulk, struct visit *visit, struct err *err)
{
        const struct posted_field *field;
        size_t at = 0;
        while ((field = posted_next(&visit->posted, STR_LIT("m"), &at)) != NULL) {
                struct err why;
                int64_t seen;
                if (bulk->n == VISIT_PAGE_ROWS)
                        return err_set(err, E_HTTP_FORM, "一次最多 %d 件", VISIT_PAGE_ROWS);
                size_t i = bulk->n++;
                bulk->numbers[i] = field->value;
                if (!check_one(bulk, visit, field->value, &seen, &why)) {
                        refuse(bulk, visit, i, &why);
                        continue;
                }
                bulk->index[bulk->n_submissions] = i;
                bulk->submissions[bulk->n_submissions++] = (struct submission){
                        .matter = field->value,
                        .act = bulk->act,
                        .by = BY_STAFF,
                        .actor = visit->viewer.actor.id,
                        .fields = value_context(NULL, 0),
                        .key = str_format(visit->arena, "%.*s.%lld", STR_FMT(bulk->key),
                                        (long long)seen),
                        .seen = seen,
                };
        }
        return bulk->n != 0 || err_set(err, E_HTTP_FORM, "没有选中办件");
}

static void submit(struct arena *arena, struct desk *desk, void *user)
{
        struct bulk *bulk = user;
        bulk->ok = desk_submit_many(arena, desk, bulk->submissions, bulk->n_submissions,
                        bulk->answered, &bulk->err);
}

static struct value result_view(struct visit *visit, struct bulk *bulk, size_t i)
{
        struct view view = VIEW(visit->arena);
        const struct desk_answer *answer = &bulk->answers[i];
        view_text(&view, "no", bulk->numbers[i]);
        if (bulk->refused[i].n == 0 && !answer->done)
                refuse(bulk, visit, i, &answer->err);
        bool done = bulk->refused[i].n == 0;
        if (done)
                view_text(&view, "url", visit_url(visit, "/work/matters/", bulk->numbers[i]));
        view_put(&view, "result",
                        done ? view_tag(visit->arena, STR_LIT("已办理"), "green")
                             : view_tag(visit->arena, STR_LIT("未办理"), "red"));
        view_text(&view, "say", done ? answer->receipt.state_label : bulk->refused[i]);
        return view_end(&view);
}

static bool show(struct visit *visit, void *user, struct err *err)
{
        struct bulk *bulk = user;
        struct view_list list = VIEW_LIST(visit->arena);
        if (!bulk->ok) {
                *err = bulk->err;
                return false;
        }
        for (size_t i = 0; i < bulk->n_submissions; i++)
                bulk->answers[bulk->index[i]] = bulk->answered[i];
        for (size_t i = 0; i < bulk->n; i++)
                view_add(&list, result_view(visit, bulk, i));
        struct page page = work_begin(visit, "work-bulk", "/work/matters", STR_LIT("批量办理"));
        page_crumb(&page, STR_LIT("办件"), STR_LIT("/work/matters"));
        page_crumb(&page, page.title, STR_LIT(""));
        view_put(&page.view, "results", view_list_end(&list));
        return page_send(&page, err);
}

/* ---- What an assigning act asks for, once for all ---- */

static bool send_form(struct bulk *bulk, struct visit *visit, struct form *form, struct err *err)
{
        struct view view = VIEW(visit->arena);
        struct view_list numbers = VIEW_LIST(visit->arena);
        struct value fields;
        const struct act *act = &bulk->version->acts[version_act(bulk->version, bulk->act)];
        struct page page = work_begin(visit, "work-bulk", "/work/matters", STR_LIT("批量办理"));
        page_crumb(&page, STR_LIT("办件"), STR_LIT("/work/matters"));
        page_crumb(&page, page.title, STR_LIT(""));
        for (size_t i = 0; i < bulk->n; i++)
                view_add_text(&numbers, bulk->numbers[i]);
        view_text(&view, "bulk_label", act->label);
        view_text(&view, "bulk_act", bulk->act);
        view_text(&view, "bulk_key", bulk->key);
        view_put(&view, "numbers", view_list_end(&numbers));
        view_put(&page.view, "bulk_form", view_end(&view));
        if (!form_view(form, &fields, err))
                return false;
        view_put(&page.view, "form", fields);
        view_yes(&page.view, "forged", visit->is_forged);
        if (!page_send(&page, err))
                return false;
        visit->answer->status = visit->is_forged ? 403 : form->n_problems != 0 ? 422 : 200;
        return true;
}

/* *ret_sent: the form was sent; else the values stand in every submission. */
static bool ask_once(struct bulk *bulk, struct visit *visit, bool *ret_sent, struct err *err)
{
        int index = bulk->version != NULL ? version_act(bulk->version, bulk->act) : -1;
        const struct act *act = index >= 0 ? &bulk->version->acts[index] : NULL;
        bool given = str_is(visit_posted(visit, "do"), "do");
        *ret_sent = false;
        if (act == NULL || is_bare(act))
                return !visit->is_forged || err_set(err, E_FORM_TOKEN, "%s", "");
        struct form form = form_new(visit, bulk->version, act, NULL, given ? &visit->posted : NULL);
        if (given && !visit->is_forged)
                form_read(&form);
        *ret_sent = !given || visit->is_forged || form.n_problems != 0;
        if (*ret_sent)
                return send_form(bulk, visit, &form, err);
        for (size_t i = 0; i < bulk->n_submissions; i++)
                bulk->submissions[i].fields = form.given;
        return true;
}

bool work_bulk_do(struct visit *visit, struct door *door, struct err *err)
{
        struct bulk *bulk = arena_new(visit->arena, struct bulk);
        bool sent;
        if (visit->is_forged && !str_is(visit_posted(visit, "do"), "do"))
                return err_set(err, E_FORM_TOKEN, "%s", ""); /* nothing was typed yet */
        bulk->act = visit_posted(visit, "act");
        bulk->key = visit_posted(visit, "key");
        if (bulk->act.n == 0)
                return err_set(err, E_HTTP_FORM, "没有选择动作");
        if (!take(bulk, visit, err) || !ask_once(bulk, visit, &sent, err))
                return false;
        return sent || door_do(door, visit, submit, show, bulk);
}

/* ---- What the docket offers ---- */

static bool starts_from(const struct act *act, size_t state)
{
        for (size_t i = 0; i < act->n_from; i++)
                if (act->from[i] == state)
                        return true;
        return act->from_any;
}

static bool may_anywhere(struct visit *visit, const struct act *act)
{
        for (size_t i = 0; i < act->n_roles; i++)
                if (viewer_holds(visit, act->roles[i], visit->viewer.actor.unit))
                        return true;
        return false;
}

struct value work_bulk_acts(struct visit *visit, const struct version *version, int state)
{
        struct view_list list = VIEW_LIST(visit->arena);
        for (size_t i = 0; version != NULL && state >= 0 && i < version->n_acts; i++) {
                const struct act *act = &version->acts[i];
                struct view view = VIEW(visit->arena);
                if (!is_bulk(version, act) || !starts_from(act, (size_t)state) ||
                                !may_anywhere(visit, act))
                        continue;
                view_text(&view, "bulk_act", act->name);
                view_text(&view, "bulk_label", act->label);
                view_add(&list, view_end(&view));
        }
        return view_list_end(&list);
}
