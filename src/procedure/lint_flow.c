/* procedure/lint_flow.c - can a matter run through its states, and do its clocks run? */
#include "procedure/lint.h"

/* ---- States ---- */

static bool leaves_from(const struct version *v, const struct act *act, size_t state)
{
        if (act->from_any && !v->states[state].final)
                return true;
        for (size_t i = 0; i < act->n_from; i++)
                if (act->from[i] == state)
                        return true;
        return false;
}

static bool starts_somewhere(const struct version *v, const struct act *act, const bool *reached)
{
        if (act->from_new)
                return true;
        for (size_t i = 0; i < v->n_states; i++)
                if (reached[i] && leaves_from(v, act, i))
                        return true;
        return false;
}

/* Which states a matter can come to, from `new` on. */
static const bool *reach_states(struct lint *l)
{
        const struct version *v = l->v;
        bool *reached = arena_new_array(l->r->arena, v->n_states, bool);
        for (bool more = true; more;) {
                more = false;
                for (size_t i = 0; i < v->n_acts; i++) {
                        const struct act *act = &v->acts[i];
                        if (!starts_somewhere(v, act, reached))
                                continue;
                        for (size_t j = 0; j < act->n_to; j++) {
                                more = more || !reached[act->to[j].state];
                                reached[act->to[j].state] = true;
                        }
                }
        }
        return reached;
}

/* Does any act, or one that names the state itself, lead from it to another? */
static const struct act *way_out(const struct version *v, size_t state)
{
        for (size_t i = 0; i < v->n_acts; i++) {
                const struct act *act = &v->acts[i];
                if (!leaves_from(v, act, state))
                        continue;
                for (size_t j = 0; j < act->n_to; j++)
                        if (act->to[j].state != state)
                                return act;
        }
        return NULL;
}

static void lint_states(struct lint *l)
{
        const struct version *v = l->v;
        const bool *reached = reach_states(l);
        bool begins = false;
        for (size_t i = 0; i < v->n_acts; i++)
                begins = begins || v->acts[i].from_new;
        if (!begins && v->n_acts != 0)
                lint_fault(l, "acts", STR_LIT(""), "没有 from: new 的动作，办件无从开始");
        for (size_t i = 0; i < v->n_states; i++) {
                const struct state *state = &v->states[i];
                const struct act *out = way_out(v, i);
                if (begins && !reached[i])
                        lint_fault(l, "states", state->name, "状态 %.*s：没有动作能到达",
                                        STR_FMT(state->name));
                if (!state->final && out == NULL)
                        lint_fault(l, "states", state->name,
                                        "状态 %.*s：没有出口；如果到此为止，请写 final: true",
                                        STR_FMT(state->name));
                if (state->final && out != NULL)
                        lint_fault(l, "states", state->name,
                                        "状态 %.*s：是终结状态，却能经“%.*s”离开",
                                        STR_FMT(state->name), STR_FMT(out->name));
        }
}

/* ---- Fields ---- */

static bool holds(const size_t *indexes, size_t n, size_t index)
{
        for (size_t i = 0; i < n; i++)
                if (indexes[i] == index)
                        return true;
        return false;
}

static bool is_given(const struct act *act, size_t field)
{
        return holds(act->needs, act->n_needs, field) || holds(act->takes, act->n_takes, field);
}

static bool is_filled(const struct version *v, size_t field)
{
        for (size_t i = 0; i < v->n_acts; i++) {
                const struct act *act = &v->acts[i];
                if (is_given(act, field))
                        return true;
                for (size_t j = 0; j < act->n_set; j++)
                        if (str_eq(act->set[j].name, v->fields[field].name))
                                return true;
        }
        return false;
}

static bool is_for_people(const struct act *act)
{
        for (size_t i = 0; i < act->n_roles; i++)
                if (!str_is(act->roles[i], "system"))
                        return true;
        return false;
}

static void lint_fields(struct lint *l)
{
        const struct version *v = l->v;
        for (size_t i = 0; i < v->n_fields; i++) {
                const struct field *field = &v->fields[i];
                if (!is_filled(v, i))
                        lint_fault(l, "fields", field->name,
                                        "字段 %.*s：没有动作填写它（needs、takes 或 set）",
                                        STR_FMT(field->name));
                for (size_t j = 0; field->type == FIELD_ANY && j < v->n_acts; j++)
                        if (is_for_people(&v->acts[j]) && is_given(&v->acts[j], i))
                                lint_fault(l, "acts", v->acts[j].name,
                                                "办理动作 %.*s：any 类型的字段“%.*s”不能由人填写",
                                                STR_FMT(v->acts[j].name), STR_FMT(field->name));
        }
}

/* ---- Clocks ---- */

static bool has_step(const struct version *v, size_t clock, enum clock_verb verb)
{
        for (size_t i = 0; i < v->n_acts; i++)
                for (size_t j = 0; j < v->acts[i].n_clock_steps; j++)
                        if (v->acts[i].clock_steps[j].clock == clock &&
                                        v->acts[i].clock_steps[j].verb == verb)
                                return true;
        return false;
}

static void lint_expiry(struct lint *l, const struct clock_definition *clock)
{
        const struct act *act = &l->v->acts[clock->expires];
        if (!lint_may(act, "system"))
                lint_fault(l, "clocks", clock->name,
                                "期限 %.*s：到期动作“%.*s”的 by 中没有 system，无人能做",
                                STR_FMT(clock->name), STR_FMT(act->name));
        if (act->n_needs != 0)
                lint_fault(l, "clocks", clock->name,
                                "期限 %.*s：到期动作“%.*s”有 needs，system 无从填写",
                                STR_FMT(clock->name), STR_FMT(act->name));
}

static void lint_extensions(struct lint *l)
{
        const struct version *v = l->v;
        for (size_t i = 0; i < v->n_acts; i++)
                for (size_t j = 0; j < v->acts[i].n_clock_steps; j++) {
                        const struct clock_step *step = &v->acts[i].clock_steps[j];
                        const struct clock_definition *clock = &v->clocks[step->clock];
                        if (step->verb == CLOCK_EXTEND && step->value == NULL &&
                                        clock->extend_by == 0)
                                lint_fault(l, "acts", v->acts[i].name,
                                                "办理动作 %.*s：期限“%.*s”没有写可延长多久（extend）",
                                                STR_FMT(v->acts[i].name), STR_FMT(clock->name));
                }
}

static void lint_clocks(struct lint *l)
{
        const struct version *v = l->v;
        for (size_t i = 0; i < v->n_clocks; i++) {
                const struct clock_definition *clock = &v->clocks[i];
                if (!has_step(v, i, CLOCK_START))
                        lint_fault(l, "clocks", clock->name,
                                        "期限 %.*s：没有动作让它起算（starts）",
                                        STR_FMT(clock->name));
                if (has_step(v, i, CLOCK_PAUSE) && !has_step(v, i, CLOCK_RESUME))
                        lint_fault(l, "clocks", clock->name,
                                        "期限 %.*s：有动作中止它（pauses），没有动作恢复它（resumes）",
                                        STR_FMT(clock->name));
                if (has_step(v, i, CLOCK_RESUME) && !has_step(v, i, CLOCK_PAUSE))
                        lint_fault(l, "clocks", clock->name,
                                        "期限 %.*s：有动作恢复它（resumes），没有动作中止它（pauses）",
                                        STR_FMT(clock->name));
                if (clock->expires >= 0)
                        lint_expiry(l, clock);
        }
        lint_extensions(l);
}

/* ---- What nobody uses ---- */

static bool is_issued(const struct version *v, size_t document)
{
        for (size_t i = 0; i < v->n_acts; i++)
                if (holds(v->acts[i].documents, v->acts[i].n_documents, document))
                        return true;
        return false;
}

static bool is_published(const struct version *v, size_t publication)
{
        for (size_t i = 0; i < v->n_acts; i++)
                if (holds(v->acts[i].publishes, v->acts[i].n_publishes, publication))
                        return true;
        return false;
}

static void lint_unused(struct lint *l)
{
        const struct version *v = l->v;
        for (size_t i = 0; i < v->n_documents; i++)
                if (!is_issued(v, i))
                        lint_remark(l, "documents", v->documents[i].name,
                                        "文书 %.*s：没有动作出具它", STR_FMT(v->documents[i].name));
        for (size_t i = 0; i < v->n_publications; i++)
                if (!is_published(v, i))
                        lint_remark(l, "publications", v->publications[i].name,
                                        "公示 %.*s：没有动作公示它",
                                        STR_FMT(v->publications[i].name));
}

/* Where posts have names, one without cannot be given to anybody. */
static bool is_known_role(const struct lint *l, struct str role)
{
        return version_party(l->v, role) >= 0 || catalogue_is_post(l->r->catalogue, role) ||
               str_is(role, "system");
}

static void lint_roles(struct lint *l)
{
        for (size_t i = 0; i < l->v->n_acts; i++) {
                const struct act *act = &l->v->acts[i];
                for (size_t k = 0; k < act->n_roles; k++)
                        if (!is_known_role(l, act->roles[k]))
                                lint_remark(l, "acts", act->name,
                                                "办理动作 %.*s：岗位“%.*s”在岗位名称里没有，"
                                                "不能授予任何人",
                                                STR_FMT(act->name), STR_FMT(act->roles[k]));
        }
}

/* Whom a paper may go to: a party, a post, someone who acts here or has a name there. */
static bool is_known_recipient(const struct lint *l, struct str who)
{
        if (str_is(who, "system"))
                return false;
        if (version_party(l->v, who) >= 0 || catalogue_has_role(l->r->catalogue, who))
                return true;
        for (size_t i = 0; i < l->v->n_acts; i++)
                for (size_t k = 0; k < l->v->acts[i].n_roles; k++)
                        if (str_eq(l->v->acts[i].roles[k], who))
                                return true;
        return false;
}

static void lint_recipients(struct lint *l)
{
        for (size_t i = 0; i < l->v->n_documents; i++) {
                const struct document *document = &l->v->documents[i];
                for (size_t k = 0; k < document->n_to; k++)
                        if (!is_known_recipient(l, document->to[k].who))
                                lint_fault(l, "documents", document->name,
                                                "文书 %.*s：发给“%.*s”，但没有这样的当事人或者岗位",
                                                STR_FMT(document->name),
                                                STR_FMT(document->to[k].who));
        }
}

void lint_flow(struct lint *l)
{
        lint_states(l);
        lint_fields(l);
        lint_roles(l);
        lint_recipients(l);
        lint_clocks(l);
        lint_unused(l);
}
