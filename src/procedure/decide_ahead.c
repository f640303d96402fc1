/* What already stands in the way of an act, before anything is given for it. */
#include "procedure/decide_run.h"

struct ahead {
        struct decision_run run;
        bool *unknown; /* for each field: it will be given, or follows from what is */
        bool *is_set;  /* for each field: the act works it out */
};

static bool reads_actor(const struct ahead *a, const struct feel_expression *expression)
{
        size_t n;
        const size_t *slots = feel_slots_read(expression, &n);
        for (size_t i = 0; i < n; i++)
                if (slots[i] == version_slot_fixed(a->run.version, NAME_ACTOR))
                        return true;
        return false;
}

static bool reads(
                const struct ahead *a, const struct feel_expression *expression, const bool *which)
{
        size_t n;
        const size_t *slots = feel_slots_read(expression, &n);
        for (size_t i = 0; i < n; i++)
                if (slots[i] < a->run.version->n_fields && which[slots[i]])
                        return true;
        return false;
}

/* ... or who will act, where nobody is named. */
static bool is_open(const struct ahead *a, const struct feel_expression *expression)
{
        return reads(a, expression, a->unknown) ||
               (a->run.actor == NULL && reads_actor(a, expression));
}

static void note_given(struct ahead *a)
{
        const struct act *act = a->run.act;
        for (size_t i = 0; i < act->n_needs; i++)
                a->unknown[act->needs[i]] = true;
        for (size_t i = 0; i < act->n_takes; i++)
                a->unknown[act->takes[i]] = true;
        for (size_t i = 0; i < act->n_set; i++)
                a->is_set[version_field(a->run.version, act->set[i].name)] = true;
}

/* Working out a field may be dear: only where a rule asks for one. */
static bool asks_for_set(const struct ahead *a)
{
        const struct act *act = a->run.act;
        for (size_t i = 0; i < act->n_require; i++)
                if (!reads(a, act->require[i].that, a->unknown) &&
                                reads(a, act->require[i].that, a->is_set))
                        return true;
        return false;
}

static void work_out(struct ahead *a)
{
        struct decision_run *run = &a->run;
        for (size_t i = 0; i < run->act->n_set; i++) {
                const struct assignment *set = &run->act->set[i];
                int index = version_field(run->version, set->name);
                struct value computed;
                a->unknown[index] = is_open(a, set->value) ||
                                    !scope_eval(&run->scope, set->value, &computed, run->err) ||
                                    !input_compute(run->arena, &run->version->fields[index],
                                                    &computed, &run->fields[index], run->err);
                scope_changed(&run->scope);
        }
}

static bool fails(struct ahead *a, const struct rule *rule)
{
        bool holds = true;
        if (is_open(a, rule->that) || (rule->which != NULL && is_open(a, rule->which)))
                return false;
        return scope_holds(&a->run.scope, rule->that, &holds, a->run.err) && !holds;
}

size_t procedure_ahead(struct arena *arena, const struct matter *matter, size_t act,
                const struct actor *actor, const struct circumstances *circumstances,
                struct err *errs, size_t max)
{
        const struct version *version = matter->version;
        struct err ignored;
        struct ahead a = { .run = { .arena = arena,
                                           .version = version,
                                           .matter = matter,
                                           .actor = actor,
                                           .world = circumstances,
                                           .act = &version->acts[act],
                                           .err = &ignored },
                .unknown = arena_new_array(arena, version->n_fields, bool),
                .is_set = arena_new_array(arena, version->n_fields, bool) };
        size_t n = 0;
        a.run.scope = scope_of(arena, version, matter, circumstances);
        a.run.scope.actor = actor;
        a.run.fields = arena_grow(
                        arena, matter->fields, version->n_fields, 0, sizeof(*a.run.fields));
        a.run.scope.fields = a.run.fields;
        note_given(&a);
        if (asks_for_set(&a))
                work_out(&a);
        for (size_t i = 0; i < a.run.act->n_require && n < max; i++) {
                const struct rule *rule = &a.run.act->require[i];
                if (fails(&a, rule) && !rule_check(&a.run.scope, rule, E_ACT_RULE, a.run.act->label,
                                                       &errs[n]))
                        n++;
        }
        return n;
}
