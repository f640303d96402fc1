/* web/work_offer.c - who may do what on a matter: what the viewer may do now, what is still
 * missing for it, what others may, and what has its turn in another state. */
#include "web/holders.h"
#include "web/matter_view.h"
#include "web/visit.h"
#include "web/words.h"
#include "web/work.h"

#define MISSING_MAX 5u /* reasons told of one act */

bool work_is_for_people(const struct act *act)
{
        for (size_t i = 0; i < act->n_roles; i++)
                if (!str_is(act->roles[i], "system"))
                        return true;
        return false;
}

bool work_starts_from(const struct act *act, const struct version *version, size_t state)
{
        for (size_t i = 0; i < act->n_from; i++)
                if (act->from[i] == state)
                        return true;
        return act->from_any && !version->states[state].final;
}

static struct str states_text(
                struct arena *arena, const struct version *version, const struct act *act)
{
        struct buf buf = BUF(arena);
        for (size_t i = 0; i < act->n_from; i++)
                buf_format(&buf, "%s「%.*s」", i == 0 ? "" : "、",
                                STR_FMT(version->states[act->from[i]].label));
        if (act->from_any)
                buf_c(&buf, "办结以前");
        return buf_str(&buf);
}

struct value work_reason(struct arena *arena, const struct err *why)
{
        struct view view = VIEW(arena);
        const char *sentence = err_text(why->code)->sentence;
        bool ruled = why->code == E_ACT_RULE && why->detail[0] != '\0';
        view_text(&view, "why",
                        ruled ? str_copy(arena, str_of(why->detail))
                              : str_format(arena, "%s%s%s", sentence,
                                                why->detail[0] != '\0' ? "：" : "", why->detail));
        view_some(&view, "why_basis", str_copy(arena, str_of(err_basis(why))));
        return view_end(&view);
}

struct value work_missing(struct visit *visit, const struct matter *matter, size_t act, bool mine)
{
        struct view_list list = VIEW_LIST(visit->arena);
        struct err errs[MISSING_MAX];
        size_t n = procedure_ahead(visit->arena, matter, act, mine ? &visit->viewer.actor : NULL,
                        &visit->world.circumstances, errs, MISSING_MAX);
        for (size_t i = 0; i < n; i++)
                view_add(&list, work_reason(visit->arena, &errs[i]));
        return view_list_end(&list);
}

struct str work_act_url(struct visit *visit, const struct matter *matter, size_t act)
{
        return str_format(visit->arena, "%.*s/acts/%.*s",
                        STR_FMT(visit_url(visit, "/work/matters/", matter->number)),
                        STR_FMT(matter->version->acts[act].name));
}

struct offer {
        struct visit *visit;
        const struct matter *matter;
        struct str holders; /* of its unit */
        struct view_list may, lacking, others, later;
};

static struct view begin_act(struct offer *o, size_t i)
{
        const struct act *act = &o->matter->version->acts[i];
        struct view view = VIEW(o->visit->arena);
        view_text(&view, "act_label", act->label);
        view_text(&view, "who",
                        words_people(o->visit->arena, o->visit->catalogue, o->matter->version,
                                        act));
        return view;
}

/* He may; but a rule can already be known to stand in the way. */
static void add_mine(struct offer *o, size_t i)
{
        struct view view = begin_act(o, i);
        struct value missing = work_missing(o->visit, o->matter, i, true);
        view_text(&view, "act_url", work_act_url(o->visit, o->matter, i));
        if (missing.list.n != 0)
                view_put(&view, "reasons", missing);
        view_add(missing.list.n != 0 ? &o->lacking : &o->may, view_end(&view));
}

/* It has its turn now, and somebody else may do it; or nobody, for a reason. */
static void add_other(struct offer *o, size_t i, const struct err *why)
{
        struct view view = begin_act(o, i);
        struct value missing = work_missing(o->visit, o->matter, i, why->code != E_ACT_ROLE);
        struct view_list reasons = VIEW_LIST(o->visit->arena);
        view_some(&view, "holders",
                        holders_names(o->visit, o->holders, o->matter,
                                        &o->matter->version->acts[i]));
        if (why->code != E_ACT_ROLE)
                view_add(&reasons, work_reason(o->visit->arena, why));
        for (size_t k = 0; k < missing.list.n; k++)
                view_add(&reasons, missing.list.items[k]);
        view_put(&view, "reasons", view_list_end(&reasons));
        view_add(&o->others, view_end(&view));
}

static void add_later(struct offer *o, size_t i)
{
        const struct version *version = o->matter->version;
        struct view view = begin_act(o, i);
        if (version->acts[i].from_new && version->acts[i].n_from == 0)
                return;
        view_text(&view, "when", states_text(o->visit->arena, version, &version->acts[i]));
        view_add(&o->later, view_end(&view));
}

bool work_add_offer(struct page *page, const struct matter *matter, struct err *err)
{
        struct visit *visit = page->visit;
        const struct version *version = matter->version;
        struct err *errs = arena_new_array(visit->arena, version->n_acts, struct err);
        struct offer o = { visit, matter, STR_LIT(""), VIEW_LIST(visit->arena),
                VIEW_LIST(visit->arena), VIEW_LIST(visit->arena), VIEW_LIST(visit->arena) };
        if (!holders_read(visit, matter->unit, &o.holders, err))
                return false;
        procedure_offer(visit->arena, matter, &visit->viewer.actor, &visit->world.circumstances,
                        errs);
        for (size_t i = 0; i < version->n_acts; i++) {
                if (!work_is_for_people(&version->acts[i]))
                        continue;
                if (errs[i].code == E_NONE)
                        add_mine(&o, i);
                else if (work_starts_from(&version->acts[i], version, matter->state))
                        add_other(&o, i, &errs[i]);
                else
                        add_later(&o, i);
        }
        view_put(&page->view, "may", view_list_end(&o.may));
        view_put(&page->view, "lacking", view_list_end(&o.lacking));
        view_put(&page->view, "others", view_list_end(&o.others));
        view_put(&page->view, "later", view_list_end(&o.later));
        return true;
}
