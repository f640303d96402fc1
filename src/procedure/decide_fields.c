/* What is given, what is computed, and what must hold. */
#include <assert.h>

#include "base/limits.h"
#include "procedure/decide_run.h"

static bool check_rule(struct decision_run *run, const struct rule *rule, enum err_code code,
                struct str field)
{
        return rule_check(&run->scope, rule, code, field, run->err);
}

static bool take_field(struct decision_run *run, size_t index, const struct value *given)
{
        const struct field *field = &run->version->fields[index];
        struct value taken;
        bool by_system = str_is(run->actor->id, "system");
        if (!input_take(&run->scope, field, given, by_system, &taken, run->err))
                return false;
        run->fields[index] = taken;
        run_record(run, field->name, taken);
        return true;
}

bool take_fields(struct decision_run *run)
{
        const struct act *act = run->act;
        const struct value *given = &run->request->fields;
        size_t n = given->kind == VALUE_CONTEXT ? given->context.n : 0;
        if (n > LIMIT_ACT_FIELDS)
                return err_set(run->err, E_LIMIT, "一次最多 %u 个字段", LIMIT_ACT_FIELDS);
        for (size_t i = 0; i < n; i++) {
                const struct member *m = &given->context.members[i];
                int index = version_field(run->version, m->name);
                if (index < 0 || (!has_index(act->needs, act->n_needs, (size_t)index) &&
                                                 !has_index(act->takes, act->n_takes,
                                                                 (size_t)index)))
                        return err_field(run->err, E_FIELD_UNKNOWN, m->name, "「%.*s」不收这一项",
                                        STR_FMT(act->label));
                if (!input_is_given(&m->value) &&
                                has_index(act->needs, act->n_needs, (size_t)index))
                        continue; /* reported below, with its label */
                if (!take_field(run, (size_t)index, &m->value))
                        return false;
        }
        for (size_t i = 0; i < act->n_needs; i++) {
                const struct field *field = &run->version->fields[act->needs[i]];
                const struct value *v = n != 0 ? value_get(given, field->name) : NULL;
                if (!input_is_given(v))
                        return err_field(run->err, E_FIELD_MISSING, field->label,
                                        "办理「%.*s」时必填", STR_FMT(act->label));
        }
        return true;
}

bool check_fields(struct decision_run *run)
{
        size_t n = run->n_data;
        for (size_t i = 0; i < n; i++) {
                int index = version_field(run->version, run->data[i].name);
                if (index < 0 || run->fields[index].kind == VALUE_NULL)
                        continue;
                const struct field *field = &run->version->fields[index];
                for (size_t k = 0; k < field->n_checks; k++) {
                        run->scope.value = &run->fields[index];
                        scope_changed(&run->scope);
                        if (!check_rule(run, &field->checks[k], E_FIELD_RULE, field->label))
                                return false;
                }
        }
        run->scope.value = NULL;
        return true;
}

bool procedure_check_field(struct arena *arena, const struct version *version,
                const struct matter *matter, size_t index, const struct value *given,
                const struct circumstances *circumstances, struct value *ret, struct err *err)
{
        const struct field *field = &version->fields[index];
        struct decision_run run = { .arena = arena,
                .version = version,
                .matter = matter,
                .world = circumstances,
                .err = err };
        struct value *fields = arena_new_array(arena, version->n_fields, struct value);
        for (size_t i = 0; matter != NULL && i < version->n_fields; i++)
                fields[i] = matter->fields[i];
        run.fields = fields;
        run.scope = scope_of(arena, version, matter, circumstances);
        run.scope.fields = fields;
        if (!input_take(&run.scope, field, given, false, &fields[index], err))
                return false;
        for (size_t k = 0; k < field->n_checks; k++) {
                run.scope.value = &fields[index];
                scope_changed(&run.scope);
                if (!check_rule(&run, &field->checks[k], E_FIELD_RULE, field->label))
                        return false;
        }
        *ret = fields[index];
        return true;
}

bool compute_fields(struct decision_run *run)
{
        for (size_t i = 0; i < run->act->n_set; i++) {
                const struct assignment *set = &run->act->set[i];
                int index = version_field(run->version, set->name);
                struct value computed;
                assert(index >= 0);
                if (!scope_eval(&run->scope, set->value, &computed, run->err))
                        return false;
                if (!input_compute(run->arena, &run->version->fields[index], &computed,
                                    &run->fields[index], run->err))
                        return false;
                run_record(run, set->name, run->fields[index]);
                scope_changed(&run->scope);
        }
        return true;
}

bool check_requirements(struct decision_run *run)
{
        for (size_t i = 0; i < run->act->n_require; i++)
                if (!check_rule(run, &run->act->require[i], E_ACT_RULE, run->act->label))
                        return false;
        return true;
}

bool collect_warnings(struct decision_run *run, struct outcome *ret)
{
        struct str *warnings = arena_new_array(run->arena, run->act->n_warn, struct str);
        size_t n = 0;
        for (size_t i = 0; i < run->act->n_warn; i++) {
                const struct rule *rule = &run->act->warn[i];
                bool holds;
                struct str say;
                if (!scope_holds(&run->scope, rule->that, &holds, run->err))
                        return false;
                if (holds)
                        continue;
                if (!rule_say(&run->scope, rule, &say, run->err))
                        return false;
                warnings[n++] = rule->basis.n != 0 ? str_format(run->arena, "%.*s（%.*s）",
                                                                     STR_FMT(say),
                                                                     STR_FMT(rule->basis))
                                                   : say;
        }
        ret->warnings = warnings;
        ret->n_warnings = n;
        return true;
}
