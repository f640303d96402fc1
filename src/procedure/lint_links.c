/* procedure/lint_links.c - do definitions that name each other fit together? */
#include "procedure/lint.h"

/* ---- Acts of other procedures ---- */

static bool takes_field(const struct version *v, const struct act *act, struct str name)
{
        int field = version_field(v, name);
        for (size_t i = 0; i < act->n_needs; i++)
                if (field >= 0 && act->needs[i] == (size_t)field)
                        return true;
        for (size_t i = 0; i < act->n_takes; i++)
                if (field >= 0 && act->takes[i] == (size_t)field)
                        return true;
        return false;
}

static bool is_handed(const struct assignment *with, size_t n, struct str name)
{
        for (size_t i = 0; i < n; i++)
                if (str_eq(with[i].name, name))
                        return true;
        return false;
}

/* What is handed over must be what the other act takes, and all that it needs. */
static void lint_handover(struct lint *l, const struct act *act, const struct version *other,
                const struct act *target, const struct assignment *with, size_t n)
{
        struct str place = str_format(l->r->arena, "%.*s.%.*s", STR_FMT(other->procedure->name),
                        STR_FMT(target->name));
        for (size_t i = 0; i < n; i++)
                if (!takes_field(other, target, with[i].name))
                        lint_fault(l, "acts", act->name,
                                        "办理动作 %.*s：%.*s 不收字段“%.*s”（needs 或 takes 中没有）",
                                        STR_FMT(act->name), STR_FMT(place), STR_FMT(with[i].name));
        for (size_t i = 0; i < target->n_needs; i++) {
                struct str name = other->fields[target->needs[i]].name;
                if (!is_handed(with, n, name))
                        lint_fault(l, "acts", act->name,
                                        "办理动作 %.*s：%.*s 需要字段“%.*s”，with 中没有",
                                        STR_FMT(act->name), STR_FMT(place), STR_FMT(name));
        }
        if (!lint_may(target, "system"))
                lint_fault(l, "acts", act->name,
                                "办理动作 %.*s：%.*s 的 by 中没有 system，"
                                "不能由别的办件带出",
                                STR_FMT(act->name), STR_FMT(place));
}

/* Can a matter under `v` meet one that begins under version i of the other? */
static bool may_meet(const struct version *v, const struct procedure *other, size_t i)
{
        return i + 1 == other->n_versions ||
               date_cmp(other->versions[i + 1]->effective, v->effective) > 0;
}

static void lint_opening(struct lint *l, const struct act *act, const struct opening *opening)
{
        const struct procedure *other = catalogue_procedure(l->r->catalogue, opening->procedure);
        if (other == NULL) {
                if (opening->procedure.n != 0)
                        lint_fault(l, "acts", act->name, "办理动作 %.*s：没有程序“%.*s”",
                                        STR_FMT(act->name), STR_FMT(opening->procedure));
                return;
        }
        for (size_t i = 0; i < other->n_versions; i++) {
                const struct version *v = other->versions[i];
                int index = version_act(v, opening->act);
                if (!may_meet(l->v, other, i))
                        continue;
                if (index < 0 || !v->acts[index].from_new)
                        lint_fault(l, "acts", act->name,
                                        "办理动作 %.*s：程序 %.*s（%.*s）没有 from: new 的动作“%.*s”",
                                        STR_FMT(act->name), STR_FMT(other->name), STR_FMT(v->name),
                                        STR_FMT(opening->act));
                else
                        lint_handover(l, act, v, &v->acts[index], opening->with, opening->n_with);
        }
}

static bool opens_procedure(const struct version *v, struct str name)
{
        for (size_t i = 0; i < v->n_acts; i++)
                for (size_t j = 0; j < v->acts[i].n_opens; j++)
                        if (str_eq(v->acts[i].opens[j].procedure, name))
                                return true;
        return false;
}

/* What the slot tells of other people, in words: a personal field of the version, as it is or as it
 * was before the act, or what stands in other matters; NULL: nothing. */
static const char *foreign_at(const struct version *v, size_t slot)
{
        if (slot == version_slot_fixed(v, NAME_CHILDREN) ||
                        slot == version_slot_fixed(v, NAME_PARENT))
                return "其他办件的内容";
        if (slot >= version_slot_before(v))
                slot -= version_slot_before(v);
        return slot < v->n_fields && v->fields[slot].class == CLASS_PERSONAL ? "个人信息" : NULL;
}

/* The parties of a sub-matter are other people than those of this one and of the other sub-matters,
 * and its papers are made from its fields: what is theirs does not go there. */
static void lint_told_below(struct lint *l, const struct act *act, const struct reaction *reaction)
{
        for (size_t i = 0; i < reaction->n_with; i++) {
                const struct feel_expression *value = reaction->with[i].value;
                size_t n = 0;
                const size_t *slots = value != NULL ? feel_slots_read(value, &n) : NULL;
                for (size_t k = 0; k < n; k++) {
                        const char *foreign = foreign_at(l->v, slots[k]);
                        if (foreign != NULL)
                                lint_fault(l, "acts", act->name,
                                                "办理动作 %.*s：then 不能把%s“%.*s”交给下级办件，"
                                                "那里的当事人是另外的人",
                                                STR_FMT(act->name), foreign,
                                                STR_FMT(l->v->schema->names[slots[k]].name));
                }
        }
}

/* The act must be there in every version that a sub-matter may run under. */
static void lint_reaction_below(
                struct lint *l, const struct act *act, const struct reaction *reaction)
{
        const struct procedure *other = catalogue_procedure(l->r->catalogue, reaction->procedure);
        if (other == NULL || !opens_procedure(l->v, reaction->procedure)) {
                lint_fault(l, "acts", act->name,
                                "办理动作 %.*s：then 要告知下级办件，但本程序没有动作开启“%.*s”",
                                STR_FMT(act->name), STR_FMT(reaction->procedure));
                return;
        }
        for (size_t i = 0; i < other->n_versions; i++) {
                const struct version *v = other->versions[i];
                int index = version_act(v, reaction->act);
                if (!may_meet(l->v, other, i))
                        continue;
                if (index < 0)
                        lint_fault(l, "acts", act->name,
                                        "办理动作 %.*s：下级程序 %.*s（%.*s）没有动作“%.*s”",
                                        STR_FMT(act->name), STR_FMT(other->name), STR_FMT(v->name),
                                        STR_FMT(reaction->act));
                else
                        lint_handover(l, act, v, &v->acts[index], reaction->with, reaction->n_with);
        }
        if (reaction->when == NULL)
                lint_remark(l, "acts", act->name,
                                "办理动作 %.*s：then 没有 when，下级办件办结或者换了状态以后这个动作会被拒绝；"
                                "请写 when: '%.*s.state = …'",
                                STR_FMT(act->name), STR_FMT(reaction->as));
        lint_told_below(l, act, reaction);
}

static bool has_party(const struct procedure *procedure, struct str who)
{
        for (size_t i = 0; i < procedure->n_versions; i++)
                if (version_party(procedure->versions[i], who) >= 0)
                        return true;
        return false;
}

/* Is it somebody who is no party here, but one of the sub-matters that the version opens? Which. */
static const struct procedure *party_below(const struct lint *l, struct str who)
{
        const struct version *v = l->v;
        if (version_party(v, who) >= 0)
                return NULL;
        for (size_t i = 0; i < v->n_acts; i++)
                for (size_t j = 0; j < v->acts[i].n_opens; j++) {
                        const struct procedure *other = catalogue_procedure(
                                        l->r->catalogue, v->acts[i].opens[j].procedure);
                        if (other != NULL && has_party(other, who))
                                return other;
                }
        return NULL;
}

/* He holds the code of the sub-matter, which opens no paper of this one; and a notice would tell
 * him the number of this one, which is not his. */
static void lint_told_from_above(struct lint *l)
{
        for (size_t i = 0; i < l->v->n_acts; i++) {
                const struct act *act = &l->v->acts[i];
                for (size_t k = 0; k < act->n_notifies; k++) {
                        const struct procedure *other = party_below(l, act->notifies[k]);
                        if (other != NULL)
                                lint_remark(l, "acts", act->name,
                                                "办理动作 %.*s：“%.*s”只是下级程序 %.*s 的当事人，notifies 会告诉他"
                                                "本件的编号；请由下级办件通知（then 的 on: children）",
                                                STR_FMT(act->name), STR_FMT(act->notifies[k]),
                                                STR_FMT(other->name));
                }
        }
        for (size_t i = 0; i < l->v->n_documents; i++) {
                const struct document *document = &l->v->documents[i];
                for (size_t k = 0; k < document->n_to; k++) {
                        const struct procedure *other = party_below(l, document->to[k].who);
                        if (other != NULL)
                                lint_remark(l, "documents", document->name,
                                                "文书 %.*s：“%.*s”只是下级程序 %.*s 的当事人，凭那里的查询码看不到"
                                                "本件的文书；要让他看到，请由下级办件出具（then 的 on: children）",
                                                STR_FMT(document->name),
                                                STR_FMT(document->to[k].who), STR_FMT(other->name));
                }
        }
}

/* The act must be there in every procedure that opens this one; where the reaction
 * is conditional, in at least one. */
static void lint_reaction(struct lint *l, const struct act *act, const struct reaction *reaction)
{
        const struct catalogue *catalogue = l->r->catalogue;
        size_t n_parents = 0, n_found = 0;
        if (reaction->procedure.n != 0) {
                lint_reaction_below(l, act, reaction);
                return;
        }
        for (size_t i = 0; i < catalogue->n_procedures; i++) {
                const struct procedure *p = catalogue->procedures[i];
                const struct version *v =
                                p->n_versions != 0 ? p->versions[p->n_versions - 1] : NULL;
                if (v == NULL || !opens_procedure(v, l->procedure->name))
                        continue;
                int index = version_act(v, reaction->act);
                n_parents++;
                n_found += index >= 0;
                if (index >= 0)
                        lint_handover(l, act, v, &v->acts[index], reaction->with, reaction->n_with);
                else if (reaction->when == NULL)
                        lint_fault(l, "acts", act->name,
                                        "办理动作 %.*s：上级程序 %.*s 没有动作“%.*s”",
                                        STR_FMT(act->name), STR_FMT(p->name),
                                        STR_FMT(reaction->act));
        }
        if (n_parents == 0)
                lint_fault(l, "acts", act->name,
                                "办理动作 %.*s：then 要告知上级办件，"
                                "但没有程序会开启本程序",
                                STR_FMT(act->name));
        else if (reaction->when == NULL)
                lint_remark(l, "acts", act->name,
                                "办理动作 %.*s：then 没有 when，上级办件办结或者换了状态以后这个动作会被拒绝；"
                                "请写 when: 'parent.state = …'",
                                STR_FMT(act->name));
        else if (n_found == 0)
                lint_fault(l, "acts", act->name, "办理动作 %.*s：上级程序都没有动作“%.*s”",
                                STR_FMT(act->name), STR_FMT(reaction->act));
}

/* ---- Acts that only the program does ---- */

static bool is_triggered_by(const struct version *v, const struct lint *l, struct str act)
{
        for (size_t i = 0; i < v->n_acts; i++) {
                const struct act *a = &v->acts[i];
                for (size_t j = 0; j < a->n_opens; j++)
                        if (str_eq(a->opens[j].procedure, l->procedure->name) &&
                                        str_eq(a->opens[j].act, act))
                                return true;
                for (size_t j = 0; j < a->n_then; j++) {
                        const struct reaction *then = &a->then[j];
                        bool reaches = then->procedure.n != 0
                                                       ? str_eq(then->procedure, l->procedure->name)
                                                       : opens_procedure(l->v, v->procedure->name);
                        if (reaches && str_eq(then->act, act))
                                return true;
                }
        }
        return false;
}

static bool is_triggered(const struct lint *l, size_t act)
{
        for (size_t i = 0; i < l->v->n_clocks; i++)
                if (l->v->clocks[i].expires == (int)act)
                        return true;
        const struct catalogue *catalogue = l->r->catalogue;
        for (size_t i = 0; i < catalogue->n_procedures; i++)
                for (size_t j = 0; j < catalogue->procedures[i]->n_versions; j++)
                        if (is_triggered_by(catalogue->procedures[i]->versions[j], l,
                                            l->v->acts[act].name))
                                return true;
        return false;
}

static void lint_reference(struct lint *l, const struct field *field, struct str top)
{
        if (field->reference.n != 0 &&
                        catalogue_register(l->r->catalogue, field->reference) == NULL)
                lint_fault(l, "fields", top, "字段 %.*s：没有名录“%.*s”", STR_FMT(field->name),
                                STR_FMT(field->reference));
        for (size_t i = 0; i < field->n_items; i++)
                lint_reference(l, &field->items[i], top);
}

void lint_links(struct lint *l)
{
        const struct version *v = l->v;
        for (size_t i = 0; i < v->n_acts; i++) {
                const struct act *act = &v->acts[i];
                for (size_t j = 0; j < act->n_opens; j++)
                        lint_opening(l, act, &act->opens[j]);
                for (size_t j = 0; j < act->n_then; j++)
                        lint_reaction(l, act, &act->then[j]);
                if (act->n_roles == 1 && lint_may(act, "system") && !is_triggered(l, i))
                        lint_remark(l, "acts", act->name,
                                        "办理动作 %.*s：只有 system 能做，"
                                        "但没有期限、opens 或 then 会引起它",
                                        STR_FMT(act->name));
        }
        lint_told_from_above(l);
        for (size_t i = 0; i < v->n_fields; i++)
                lint_reference(l, &v->fields[i], v->fields[i].name);
}

/* ---- Indicators ---- */

#define OPERANDS_MAX 8 /* ratios of ratios of ... */

static bool is_cyclic(const struct catalogue *catalogue, const struct indicator *at, struct str id,
                int depth)
{
        if (depth == OPERANDS_MAX)
                return true;
        for (size_t i = 0; i < N_ELEMENTS(at->operand); i++) {
                const struct indicator *next =
                                at->operand[i].n != 0
                                                ? catalogue_indicator(catalogue, at->operand[i])
                                                : NULL;
                if (next != NULL &&
                                (str_eq(next->id, id) || is_cyclic(catalogue, next, id, depth + 1)))
                        return true;
        }
        return false;
}

void lint_indicators(struct reader *r, const struct yaml *root)
{
        const struct yaml *map = yaml_get(root, "indicators");
        for (size_t i = 0; map->kind == YAML_MAP && i < map->n; i++) {
                const struct indicator *indicator =
                                catalogue_indicator(r->catalogue, map->pairs[i].key);
                int line = map->pairs[i].line;
                for (size_t j = 0; j < N_ELEMENTS(indicator->operand); j++)
                        if (indicator->operand[j].n != 0 &&
                                        catalogue_indicator(r->catalogue, indicator->operand[j]) ==
                                                        NULL)
                                read_fault(r, line, "指标 %.*s：没有指标“%.*s”",
                                                STR_FMT(indicator->id),
                                                STR_FMT(indicator->operand[j]));
                if (is_cyclic(r->catalogue, indicator, indicator->id, 0))
                        read_fault(r, line, "指标 %.*s：算来算去绕回了自己",
                                        STR_FMT(indicator->id));
        }
}
