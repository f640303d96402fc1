/* web/procedure.c - the definitions: what may be done, by whom, in what time, by which law. */
#include "procedure/diagram.h"
#include "projection/docket.h"
#include "web/disclosure.h"
#include "web/route.h"
#include "web/terms.h"
#include "web/words.h"

#define COUNT_MAX 5000 /* as on the docket */

/* ---- /procedures ---- */

static struct value item_view(struct visit *visit, const struct procedure *procedure)
{
        struct view view = VIEW(visit->arena);
        const struct version *version = procedure_version_on(procedure, visit->today);
        if (version == NULL)
                version = procedure->versions[0];
        view_text(&view, "label", procedure->label);
        view_text(&view, "url", visit_url(visit, "/procedures/", procedure->name));
        view_text(&view, "note",
                        str_format(visit->arena, "%.*s　%zu 个动作　%zu 个期限",
                                        STR_FMT(version->law), version->n_acts, version->n_clocks));
        if (!disclosure_procedure(procedure))
                view_put(&view, "tag", view_tag(visit->arena, STR_LIT("办件依法不公开"), "grey"));
        return view_end(&view);
}

/* Procedures of one line of business stand together. */
bool procedure_list(struct visit *visit, struct err *err)
{
        struct page page = page_begin(visit, "index", "/procedures", STR_LIT("程序"));
        struct view_list groups = VIEW_LIST(visit->arena), items = VIEW_LIST(visit->arena);
        const struct catalogue *catalogue = visit->catalogue;
        struct view group = VIEW(visit->arena);
        for (size_t i = 0; i < catalogue->n_procedures; i++)
                view_add(&items, item_view(visit, catalogue->procedures[i]));
        view_text(&group, "title", str_format(visit->arena, "共 %zu 个程序", items.n));
        view_put(&group, "items", view_list_end(&items));
        if (items.n != 0)
                view_add(&groups, view_end(&group));
        view_c(&page.view, "intro",
                        "每个程序写明谁可以做什么、多长时间之内、依据哪一条。办件从"
                        "收件到办结都按收件时施行的版本办理。");
        view_put(&page.view, "groups", view_list_end(&groups));
        page_crumb(&page, page.title, STR_LIT(""));
        return page_send(&page, err);
}

/* ---- /procedures/NAME ---- */

struct described {
        struct visit *visit;
        const struct procedure *procedure;
        const struct version *version;
};

static struct str version_url(struct described *d, const struct version *version)
{
        struct buf url = BUF(d->visit->arena);
        buf_str_add(&url, visit_url(d->visit, "/procedures/", d->procedure->name));
        visit_query(&url, "version", version->name);
        return buf_str(&url);
}

static struct date ended_on(const struct described *d)
{
        for (size_t i = 0; i + 1 < d->procedure->n_versions; i++)
                if (d->procedure->versions[i] == d->version)
                        return date_add_days(d->procedure->versions[i + 1]->effective, -1);
        return DATE_NONE;
}

static bool head_view(struct described *d, struct view *view, struct err *err)
{
        struct visit *visit = d->visit;
        const struct docket_filter filter = {
                .procedure = d->procedure->name, .stranger = true, .today = visit->today
        };
        int64_t n;
        view_text(view, "label", d->procedure->label);
        view_text(view, "law", d->version->law);
        view_text(view, "version", d->version->name);
        view_day(view, "effective", d->version->effective);
        view_day(view, "ended", ended_on(d));
        if (d->procedure->n_versions > 1)
                view_text(view, "compare_url",
                                str_format(visit->arena, "%.*s/compare",
                                                STR_FMT(visit_url(visit, "/procedures/",
                                                                d->procedure->name))));
        if (!disclosure_procedure(d->procedure))
                return true;
        if (!docket_count(visit->arena, visit->snapshot, &filter, COUNT_MAX + 1, &n, err))
                return false;
        struct buf url = BUF(visit->arena);
        buf_c(&url, "/matters");
        visit_query(&url, "procedure", d->procedure->name);
        view_int(view, "n_matters", n > COUNT_MAX ? COUNT_MAX : n);
        view_yes(view, "over", n > COUNT_MAX);
        view_text(view, "docket_url", buf_str(&url));
        return true;
}

static struct value states_view(struct described *d)
{
        struct view_list list = VIEW_LIST(d->visit->arena);
        for (size_t i = 0; i < d->version->n_states; i++) {
                const struct state *state = &d->version->states[i];
                struct view view = VIEW(d->visit->arena);
                view_text(&view, "label", state->label);
                view_c(&view, "tone", state->final ? "green" : "blue");
                if (state->final)
                        view_c(&view, "note", "终结");
                view_add(&list, view_end(&view));
        }
        return view_list_end(&list);
}

/* ---- Acts ---- */

static struct str states_text(struct described *d, const struct act *act, bool from)
{
        struct buf buf = BUF(d->visit->arena);
        size_t n = from ? act->n_from : act->n_to;
        if (from && act->from_new)
                return STR_LIT("（新收）");
        if (from && act->from_any)
                return STR_LIT("任何未终结的状态");
        if (!from && n == 0)
                return STR_LIT("不变");
        for (size_t i = 0; i < n; i++) {
                size_t state = from ? act->from[i] : act->to[i].state;
                buf_c(&buf, i == 0 ? "" : "、");
                buf_str_add(&buf, d->version->states[state].label);
        }
        return buf_str(&buf);
}

static void add_clock_notes(struct described *d, const struct act *act, struct view_list *notes)
{
        static const char *const verbs[] = {
                [CLOCK_START] = "起算",
                [CLOCK_STOP] = "停止",
                [CLOCK_VOID] = "作废",
                [CLOCK_PAUSE] = "中止",
                [CLOCK_RESUME] = "恢复",
                [CLOCK_EXTEND] = "延长",
        };
        for (size_t i = 0; i < act->n_clock_steps; i++)
                view_add_text(notes,
                                str_format(d->visit->arena, "%s：%.*s",
                                                verbs[act->clock_steps[i].verb],
                                                STR_FMT(d->version->clocks[act->clock_steps[i].clock]
                                                                                .label)));
}

static struct value notes_of(struct described *d, const struct act *act)
{
        struct arena *arena = d->visit->arena;
        struct view_list notes = VIEW_LIST(arena);
        if (act->once)
                view_add_text(&notes, STR_LIT("只能一次"));
        if (act->within >= 0)
                view_add_text(&notes,
                                str_format(arena, "应在%.*s届满之前",
                                                STR_FMT(d->version->clocks[act->within].label)));
        for (size_t i = 0; i < act->n_differs_from; i++)
                view_add_text(&notes, str_format(arena, "不得由做过“%.*s”的人做",
                                                      STR_FMT(d->version->acts[act->differs_from[i]]
                                                                                      .label)));
        add_clock_notes(d, act, &notes);
        for (size_t i = 0; i < act->n_documents; i++)
                view_add_text(&notes,
                                str_format(arena, "出具：%.*s",
                                                STR_FMT(d->version->documents[act->documents[i]]
                                                                                .label)));
        for (size_t i = 0; i < act->n_publishes; i++)
                view_add_text(&notes,
                                str_format(arena, "公开：%.*s",
                                                STR_FMT(d->version->publications[act->publishes[i]]
                                                                                .label)));
        if (act->moves != NULL)
                view_add_text(&notes, STR_LIT("此后由另一个单位承办，期限照常进行"));
        for (size_t i = 0; i < act->n_require; i++)
                view_add_text(&notes, str_format(arena, "不符合时：%.*s%s%.*s%s",
                                                      STR_FMT(act->require[i].say),
                                                      act->require[i].basis.n != 0 ? "（" : "",
                                                      STR_FMT(act->require[i].basis),
                                                      act->require[i].basis.n != 0 ? "）" : ""));
        return view_list_end(&notes);
}

static struct value act_view(struct described *d, const struct act *act)
{
        struct view view = VIEW(d->visit->arena);
        view_text(&view, "label", act->label);
        view_text(&view, "from", states_text(d, act, true));
        view_text(&view, "to", states_text(d, act, false));
        view_put(&view, "notes", notes_of(d, act));
        return view_end(&view);
}

/* Acts that the same hands may do stand under one heading, in the order of the first. */
static struct value roles_view(struct described *d)
{
        struct arena *arena = d->visit->arena;
        struct view_list list = VIEW_LIST(arena);
        struct str *people = arena_new_array(arena, d->version->n_acts, struct str);
        for (size_t i = 0; i < d->version->n_acts; i++)
                people[i] = words_people(
                                arena, d->visit->catalogue, d->version, &d->version->acts[i]);
        for (size_t i = 0; i < d->version->n_acts; i++) {
                struct view_list acts = VIEW_LIST(arena);
                struct view role = VIEW(arena);
                bool before = false;
                for (size_t k = 0; k < i; k++)
                        before |= str_eq(people[k], people[i]);
                if (before)
                        continue;
                for (size_t k = i; k < d->version->n_acts; k++)
                        if (str_eq(people[k], people[i]))
                                view_add(&acts, act_view(d, &d->version->acts[k]));
                view_text(&role, "label", people[i]);
                view_put(&role, "acts", view_list_end(&acts));
                view_add(&list, view_end(&role));
        }
        return view_list_end(&list);
}

/* ---- Papers, indicators ---- */

static struct value documents_view(struct described *d)
{
        struct view_list list = VIEW_LIST(d->visit->arena);
        for (size_t i = 0; i < d->version->n_documents; i++) {
                const struct document *document = &d->version->documents[i];
                struct view view = VIEW(d->visit->arena);
                view_text(&view, "label", document->label);
                view_c(&view, "note", disclosure_document(document) ? "公开" : "不公开");
                view_add(&list, view_end(&view));
        }
        return view_list_end(&list);
}

static struct value indicators_view(struct described *d)
{
        struct view_list list = VIEW_LIST(d->visit->arena);
        for (size_t i = 0; i < d->visit->catalogue->n_indicators; i++) {
                const struct indicator *indicator = &d->visit->catalogue->indicators[i];
                bool counts = false;
                for (size_t k = 0; k < indicator->n_bindings; k++)
                        counts |= indicator->bindings[k].version->procedure == d->procedure;
                if (!counts)
                        continue;
                struct view view = VIEW(d->visit->arena);
                view_text(&view, "id", indicator->id);
                view_text(&view, "label", indicator->label);
                view_text(&view, "url", visit_url(d->visit, "/figures/", indicator->id));
                view_add(&list, view_end(&view));
        }
        return view_list_end(&list);
}

static struct value versions_view(struct described *d)
{
        struct view_list list = VIEW_LIST(d->visit->arena);
        for (size_t i = 0; i < d->procedure->n_versions; i++) {
                const struct version *version = d->procedure->versions[i];
                struct view view = VIEW(d->visit->arena);
                if (version == d->version)
                        continue;
                view_text(&view, "label",
                                str_format(d->visit->arena, "%.*s（%.*s 起）",
                                                STR_FMT(version->name),
                                                STR_FMT(date_format(d->visit->arena,
                                                                version->effective))));
                view_text(&view, "url", version_url(d, version));
                view_add(&list, view_end(&view));
        }
        return view_list_end(&list);
}

static bool find(struct described *d, struct err *err)
{
        struct visit *visit = d->visit;
        struct str name = visit_field(visit, "version");
        d->procedure = catalogue_procedure(visit->catalogue, visit->parts[0]);
        if (d->procedure == NULL)
                return err_set(err, E_NOT_FOUND, "没有这个程序");
        d->version = name.n != 0 ? procedure_version(d->procedure, name)
                                 : procedure_version_on(d->procedure, visit->today);
        if (d->version == NULL && name.n == 0)
                d->version = d->procedure->versions[0];
        return d->version != NULL || err_set(err, E_NOT_FOUND, "没有这个版本");
}

bool procedure_show(struct visit *visit, struct err *err)
{
        struct described d = { .visit = visit };
        struct view head = VIEW(visit->arena);
        struct buf diagram = BUF(visit->arena);
        if (!find(&d, err) || !head_view(&d, &head, err) ||
                        !diagram_write(&diagram, d.version, "flow", err))
                return false;
        struct page page = page_begin(visit, "procedure", "/procedures", d.procedure->label);
        page_crumb(&page, page.title, STR_LIT(""));
        view_put(&page.view, "procedure", view_end(&head));
        view_put(&page.view, "versions", versions_view(&d));
        view_text(&page.view, "diagram_html", buf_str(&diagram));
        view_put(&page.view, "states", states_view(&d));
        view_put(&page.view, "roles", roles_view(&d));
        view_put(&page.view, "clocks", terms_view(visit, d.version));
        view_put(&page.view, "documents", documents_view(&d));
        view_put(&page.view, "indicators", indicators_view(&d));
        return page_send(&page, err);
}
