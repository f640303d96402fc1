#include "projection/plan.h"

#include "projection/list.h"

/* Functions that ask more than the matter. */
static const char *const asking[] = { "entry", "entries", "matters_with", "working_day",
        "document_number" };

static bool asks(const struct feel_expression *expression)
{
        struct str text = feel_text(expression);
        for (size_t i = 0; i < N_ELEMENTS(asking); i++)
                if (str_find(text, str_of(asking[i])) != SIZE_MAX)
                        return true;
        return false;
}

enum dependence { NOT, ON_SLOT, ON_MORE };

static enum dependence dependence(const struct version *v, size_t slot)
{
        if (slot < v->n_fields)
                return ON_SLOT;
        if (slot >= version_n_slots(v))
                return NOT; /* an indicator's parameter */
        if (slot >= version_slot_before(v))
                return ON_MORE;
        if (slot >= version_slot_did(v))
                return ON_SLOT;
        if (slot >= version_slot_parameters(v))
                return NOT;
        if (slot >= version_slot_lookups(v))
                return ON_MORE;
        switch ((enum fixed_name)(slot - v->n_fields)) {
        case NAME_STATE:
        case NAME_FINAL:
                return ON_SLOT;
        case NAME_NUMBER:
        case NAME_CREATED_ON:
        case NAME_SITE:
        case NAME_EACH:
        case NAME_VALUE:
                return NOT;
        default:
                return ON_MORE;
        }
}

static struct reads reads_of(struct arena *arena, const struct version *version,
                const struct feel_expression *const *expressions, size_t n)
{
        struct reads reads = { 0 };
        struct list list = LIST(arena, size_t);
        for (size_t i = 0; i < n; i++) {
                size_t n_slots = 0;
                if (expressions[i] == NULL)
                        continue;
                reads.always = reads.always || asks(expressions[i]);
                const size_t *slots = feel_slots_read(expressions[i], &n_slots);
                for (size_t k = 0; k < n_slots; k++) {
                        enum dependence d = dependence(version, slots[k]);
                        reads.always = reads.always || d == ON_MORE;
                        if (d == ON_SLOT)
                                *(size_t *)list_add(&list) = slots[k];
                }
        }
        reads.slots = list.items;
        reads.n_slots = list.n;
        return reads;
}

static struct reads reads_of_one(struct arena *arena, const struct version *version,
                const struct feel_expression *expression)
{
        return reads_of(arena, version, &expression, 1);
}

static void plan_keys(struct arena *arena, struct plan *plan)
{
        const struct version *v = plan->version;
        struct plan_key *keys = arena_new_array(arena, v->n_keys, struct plan_key);
        for (size_t i = 0; i < v->n_keys; i++)
                keys[i] = (struct plan_key){
                        .name = str_format(arena, "%.*s.%.*s", STR_FMT(v->procedure->name),
                                        STR_FMT(v->keys[i].name)),
                        .value = v->keys[i].value,
                        .reads = reads_of_one(arena, v, v->keys[i].value),
                };
        plan->keys = keys;
        plan->n_keys = v->n_keys;
}

static bool is_same_version(const struct version *a, const struct version *b)
{
        return a == b ||
               (str_eq(a->name, b->name) && str_eq(a->procedure->name, b->procedure->name));
}

static void plan_indicators(
                struct arena *arena, const struct catalogue *catalogue, struct plan *plan)
{
        struct list list = LIST(arena, struct plan_indicator);
        for (size_t i = 0; i < catalogue->n_indicators; i++) {
                const struct indicator *indicator = &catalogue->indicators[i];
                for (size_t k = 0; k < indicator->n_bindings; k++) {
                        const struct indicator_binding *b = &indicator->bindings[k];
                        if (!is_same_version(b->version, plan->version))
                                continue;
                        const struct feel_expression *all[] = { b->where, b->date, b->each,
                                b->amount };
                        *(struct plan_indicator *)list_add(&list) = (struct plan_indicator){
                                .indicator = indicator,
                                .binding = b,
                                .reads = reads_of(arena, plan->version, all, N_ELEMENTS(all)),
                        };
                }
        }
        plan->indicators = list.items;
        plan->n_indicators = list.n;
}

/* Names and numbers by which people look for a matter; not what is written about it. */
static enum searched searched(const struct field *field)
{
        if (field->type != FIELD_TEXT && field->type != FIELD_IDENTIFIER)
                return SEARCHED_NOT;
        if (field->class == CLASS_PUBLIC)
                return SEARCHED_PUBLIC;
        return field->class == CLASS_PERSONAL ? SEARCHED_STAFF : SEARCHED_NOT;
}

const struct plan *plan_new(struct arena *arena, const struct catalogue *catalogue,
                const struct version *version)
{
        struct plan *plan = arena_new(arena, struct plan);
        plan->version = version;
        if (version->title != NULL)
                plan->title = reads_of_one(arena, version, version->title);
        plan_keys(arena, plan);
        plan_indicators(arena, catalogue, plan);
        enum searched *fields = arena_new_array(arena, version->n_fields, enum searched);
        for (size_t i = 0; i < version->n_fields; i++)
                fields[i] = searched(&version->fields[i]);
        plan->searched = fields;
        return plan;
}

/* ---- What an act changed ---- */

/* Copies share their texts and lists, so what was not set anew is the same bytes; at
 * worst something unchanged is looked at once more. */
static bool same_bytes(const void *a, const void *b, size_t n)
{
        return memcmp(a, b, n) == 0;
}

struct changes changes_of(
                struct arena *arena, const struct matter *before, const struct matter *after)
{
        const struct version *v = after->version;
        if (before == NULL || before->version != v)
                return (struct changes){ .all = true };
        bool *slots = arena_new_array(arena, version_n_slots(v), bool);
        for (size_t i = 0; i < v->n_fields; i++)
                slots[i] = !same_bytes(
                                &before->fields[i], &after->fields[i], sizeof(after->fields[i]));
        if (before->state != after->state) {
                slots[version_slot_fixed(v, NAME_STATE)] = true;
                slots[version_slot_fixed(v, NAME_FINAL)] = true;
        }
        if (!str_eq(before->unit, after->unit))
                slots[version_slot_fixed(v, NAME_UNIT)] = true;
        for (size_t i = before->n_deeds; i < after->n_deeds; i++)
                if (after->deeds[i].act < v->n_acts)
                        slots[version_slot_did(v) + after->deeds[i].act] = true;
        for (size_t i = 0; i < v->n_clocks; i++)
                slots[version_slot_clocks(v) + i] = !same_bytes(
                                &before->clocks[i], &after->clocks[i], sizeof(after->clocks[i]));
        return (struct changes){ .slots = slots };
}
