#include "procedure/guide.h"

#include "procedure/scope.h"

bool guide_is_open(const struct version *version, const struct act *act)
{
        for (size_t i = 0; act->from_new && i < act->n_roles; i++)
                if (version_party(version, act->roles[i]) >= 0)
                        return true;
        return false;
}

int guide_act(const struct version *version)
{
        for (size_t i = 0; i < version->n_acts; i++)
                if (guide_is_open(version, &version->acts[i]))
                        return (int)i;
        return -1;
}

bool guide_has_item(struct arena *arena, const struct guide *guide, const struct value *entry,
                const struct circumstances *circumstances, bool *ret, struct err *err)
{
        struct scope scope = { .arena = arena,
                .world = circumstances,
                .now = circumstances->now,
                .reg = guide->reg,
                .entry = entry };
        *ret = true;
        return guide->item_where == NULL || scope_holds(&scope, guide->item_where, ret, err);
}

bool guide_has_office(struct arena *arena, const struct catalogue *catalogue,
                const struct guide *guide, const struct value *unit,
                const struct circumstances *circumstances, bool *ret, struct err *err)
{
        struct scope scope = { .arena = arena,
                .world = circumstances,
                .now = circumstances->now,
                .reg = catalogue_register(catalogue, STR_LIT("units")),
                .entry = unit };
        *ret = true;
        return guide->office == NULL || scope_holds(&scope, guide->office, ret, err);
}

bool guide_asks(struct arena *arena, const struct version *version,
                const struct guide_question *question, const struct value *fields,
                const struct circumstances *circumstances, bool *ret, struct err *err)
{
        struct scope scope = scope_of(arena, version, NULL, circumstances);
        scope.fields = fields;
        *ret = true;
        return question->when == NULL || scope_holds(&scope, question->when, ret, err);
}

bool guide_length(struct arena *arena, const struct version *version,
                const struct clock_definition *clock, const struct value *fields,
                const struct circumstances *circumstances, int *ret, struct err *err)
{
        struct scope scope = scope_of(arena, version, NULL, circumstances);
        struct value value;
        int64_t length = clock->rule.length;
        scope.fields = fields;
        if (clock->length != NULL) {
                if (!scope_eval(&scope, clock->length, &value, err))
                        return false;
                if (value.kind != VALUE_NUMBER || !decimal_to_int(value.number, &length) ||
                                length < 0 || length > MATTER_LENGTH_MAX)
                        length = 0;
        }
        *ret = (int)length;
        return true;
}
