/* web/work_trial.c - a draw before it: who takes part, how many are drawn of each stratum, and,
 * tried before anything is frozen (desk/draw_trial.h), whether every object finds inspectors. */
#include "desk/draw_trial.h"
#include "web/form.h"
#include "web/work.h"

#define LISTED_MAX 100u /* of what is missing, one line each */

/* ---- Who takes part ---- */

static const struct value *list_in(const struct value *value, const char *name)
{
        const struct value *list =
                        value->kind == VALUE_CONTEXT ? value_get(value, str_of(name)) : NULL;
        return list != NULL && list->kind == VALUE_LIST ? list : NULL;
}

static size_t count_out(const struct value *objects)
{
        size_t n = 0;
        for (size_t i = 0; i < objects->list.n; i++) {
                const struct value *item = &objects->list.items[i];
                const struct value *why = item->kind == VALUE_CONTEXT
                                                          ? value_get(item, STR_LIT("excluded"))
                                                          : NULL;
                n += why != NULL && why->kind == VALUE_STRING && why->string.n != 0;
        }
        return n;
}

/* A list as draw_freeze() makes it (docs/procedures.md): who may be drawn, and who inspects. */
static void add_pool(struct view *to, const struct version *version, const struct value *fields)
{
        for (size_t i = 0; i < version->n_fields; i++) {
                const struct value *objects = list_in(&fields[i], "objects");
                const struct value *people = list_in(&fields[i], "inspectors");
                struct view view = VIEW(to->arena);
                if (objects == NULL || people == NULL)
                        continue;
                size_t out = count_out(objects);
                view_int(&view, "pool_in", (int64_t)(objects->list.n - out));
                view_int(&view, "pool_out", (int64_t)out);
                if (people->list.n != 0)
                        view_int(&view, "pool_people", (int64_t)people->list.n);
                view_put(to, "pool", view_end(&view));
                return;
        }
}

/* As draw_sizes() makes it: how many take part in each stratum, and how many are drawn. */
static void add_sizes(struct view *to, const struct version *version, const struct value *fields)
{
        struct view_list list = VIEW_LIST(to->arena);
        for (size_t i = 0; i < version->n_fields; i++) {
                const struct value *v = &fields[i];
                for (size_t k = 0; v->kind == VALUE_LIST && k < v->list.n; k++) {
                        const struct value *item = &v->list.items[k];
                        struct view view = VIEW(to->arena);
                        if (version->fields[i].type != FIELD_ANY || item->kind != VALUE_CONTEXT ||
                                        value_get(item, STR_LIT("sample")) == NULL ||
                                        value_get(item, STR_LIT("size")) == NULL ||
                                        value_get(item, STR_LIT("stratum")) == NULL ||
                                        value_get(item, STR_LIT("picks")) != NULL)
                                continue;
                        view_put(&view, "stratum", *value_get(item, STR_LIT("stratum")));
                        view_put(&view, "size", *value_get(item, STR_LIT("size")));
                        view_put(&view, "sample", *value_get(item, STR_LIT("sample")));
                        view_add(&list, view_end(&view));
                }
        }
        view_put(to, "sizes", view_list_end(&list));
}

void work_add_pool(struct view *to, const struct version *version, const struct value *fields)
{
        add_pool(to, version, fields);
        add_sizes(to, version, fields);
}

/* ---- Tried ---- */

bool work_may_try(struct visit *visit, const struct version *version, const struct act *act)
{
        return draw_trial_is_for(visit->catalogue, version, act, visit->today);
}

/* Lists of texts that the act works out: the rules' own findings, in full. */
static void add_findings(
                struct view *to, const struct version *version, const struct draw_trial *one)
{
        struct view_list lists = VIEW_LIST(to->arena);
        for (size_t i = 0; one->trial.fields != NULL && i < one->act->n_set; i++) {
                int field = version_field(version, one->act->set[i].name);
                const struct value *v = &one->trial.fields[field];
                struct view view = VIEW(to->arena);
                struct view_list lines = VIEW_LIST(to->arena);
                if (version->fields[field].type != FIELD_LIST || v->kind != VALUE_LIST)
                        continue;
                for (size_t k = 0; k < v->list.n && k < LISTED_MAX; k++)
                        if (v->list.items[k].kind == VALUE_STRING)
                                view_add_text(&lines, v->list.items[k].string);
                if (lines.n == 0)
                        continue;
                view_text(&view, "finding_label", version->fields[field].label);
                view_int(&view, "finding_n", (int64_t)v->list.n);
                view_put(&view, "lines", view_list_end(&lines));
                view_add(&lists, view_end(&view));
        }
        view_put(to, "findings", view_list_end(&lists));
}

static struct value trial_view(struct visit *visit, const struct draw_trial *one)
{
        struct view view = VIEW(visit->arena);
        struct view_list refusals = VIEW_LIST(visit->arena);
        bool holds = one->trial.n_refusals == 0;
        view_text(&view, "draw_label",
                        str_format(visit->arena, "%.*s：%.*s",
                                        STR_FMT(one->version->procedure->label),
                                        STR_FMT(one->act->label)));
        view_put(&view, "verdict",
                        holds ? view_tag(visit->arena, STR_LIT("可以冻结"), "green")
                              : view_tag(visit->arena, STR_LIT("现在不能冻结"), "red"));
        view_yes(&view, "holds", holds);
        for (size_t i = 0; i < one->trial.n_refusals; i++)
                view_add(&refusals, work_reason(visit->arena, &one->trial.refusals[i]));
        view_put(&view, "refusals", view_list_end(&refusals));
        add_findings(&view, one->version, one);
        if (one->trial.fields != NULL)
                work_add_pool(&view, one->version, one->trial.fields);
        return view_end(&view);
}

bool work_try(struct visit *visit, const struct version *version, const struct matter *matter,
                const struct act *act, const struct value *given, struct value *ret,
                struct err *err)
{
        struct act_request request = { .act = act->name, .fields = *given };
        struct view_list list = VIEW_LIST(visit->arena);
        const struct draw_trial *trials;
        size_t n;
        if (!draw_trials(visit->arena, &visit->world, version, matter, &visit->viewer.actor,
                            &request, &trials, &n, err))
                return false;
        for (size_t i = 0; i < n; i++)
                if (trials[i].act != NULL)
                        view_add(&list, trial_view(visit, &trials[i]));
        *ret = view_list_end(&list);
        return true;
}
