#include "procedure/scope.h"

#include <assert.h>

#include "base/limits.h"

struct scope scope_of(struct arena *arena, const struct version *version,
                const struct matter *matter, const struct circumstances *world)
{
        struct scope scope = {
                .arena = arena,
                .version = version,
                .matter = matter,
                .world = world,
                .now = world->now,
        };
        if (matter != NULL) {
                scope.fields = matter->fields;
                scope.unit = matter->unit;
        }
        return scope;
}

void scope_changed(struct scope *scope)
{
        scope->n_kept = 0;
}

static struct date today(const struct scope *scope)
{
        return moment_date(scope->now);
}

/* Members must be given in the order of their names. */
static struct value context_of(struct arena *arena, const struct member *members, size_t n)
{
        return value_context(arena_grow(arena, members, n, 0, sizeof(*members)), n);
}

static struct value text_or_null(struct str s)
{
        return s.n != 0 ? value_string(s) : value_null();
}

static struct value did_value(struct scope *scope, size_t act)
{
        size_t count = 0;
        const struct deed *last = NULL;
        if (scope->matter != NULL)
                last = matter_did(scope->matter, scope->version->acts[act].name, &count);
        const struct member members[] = {
                { STR_LIT("by"), last != NULL ? value_string(last->actor) : value_null() },
                { STR_LIT("count"), value_int((int64_t)count) },
                { STR_LIT("on"),
                                last != NULL ? value_date(moment_date(last->time)) : value_null() },
        };
        return context_of(scope->arena, members, N_ELEMENTS(members));
}

static struct value clock_value(struct scope *scope, size_t index)
{
        static const char *const names[] = { "none", "running", "paused", "stopped", "expired",
                "voided" };
        struct deadline deadline;
        struct value last_day = value_null(), left = value_null(), met = value_null();
        struct value started = value_null();
        enum clock_status status = CLOCK_NONE;
        if (scope->matter != NULL) {
                const struct matter_clock *clock = &scope->matter->clocks[index];
                const struct calendar *calendar = scope->world->calendar;
                status = clock->status;
                if (status == CLOCK_STOPPED || status == CLOCK_EXPIRED)
                        met = value_bool(!clock->late);
                if (status != CLOCK_NONE)
                        started = value_date(moment_date(clock->started));
                if (matter_deadline(scope->matter, index, calendar, today(scope), &deadline)) {
                        last_day = value_date(deadline.last_day);
                        left = value_int(matter_units_left(scope->matter, index, calendar,
                                        today(scope), deadline.last_day));
                }
        }
        const struct member members[] = {
                { STR_LIT("last_day"), last_day },
                { STR_LIT("left"), left },
                { STR_LIT("met"), met },
                { STR_LIT("started"), started },
                { STR_LIT("status"), value_string(str_of(names[status])) },
        };
        return context_of(scope->arena, members, N_ELEMENTS(members));
}

/* The entry with one more member, `name`. */
struct value scope_with_member(
                struct arena *arena, const struct value *entry, struct str name, struct str text)
{
        size_t n = entry->kind == VALUE_CONTEXT ? entry->context.n : 0;
        const struct value *own = n != 0 ? value_get(entry, name) : NULL;
        if (own != NULL && own->kind == VALUE_STRING && str_eq(own->string, text))
                return *entry;
        struct member *members = arena_new_array(arena, n + 1, struct member);
        size_t k = 0;
        for (size_t i = 0; i < n; i++)
                if (!str_eq(entry->context.members[i].name, name))
                        members[k++] = entry->context.members[i];
        members[k++] = (struct member){ name, value_string(text) };
        bool unique = value_sort_members(members, k);
        assert(unique);
        return value_context(members, k);
}

static struct value unit_value(struct scope *scope)
{
        const struct lookups *lookups = scope->world->lookups;
        struct value entry = value_null();
        if (scope->unit.n == 0)
                return entry;
        if (!lookups->entry(lookups->user, scope->arena, STR_LIT("units"), scope->unit,
                            today(scope), &entry))
                entry = value_null();
        return scope_with_member(scope->arena, &entry, STR_LIT("id"), scope->unit);
}

static struct value site_value(const struct scope *scope)
{
        const struct site_facts *site = scope->world->site;
        const struct member members[] = {
                { STR_LIT("city"), value_string(site->city) },
                { STR_LIT("organ"), value_string(site->organ) },
                { STR_LIT("prefix"), value_string(site->prefix) },
                { STR_LIT("region"), value_string(site->region) },
        };
        return context_of(scope->arena, members, N_ELEMENTS(members));
}

static struct value family_value(struct scope *scope, bool parent)
{
        const struct lookups *lookups = scope->world->lookups;
        struct value found = value_null();
        if (scope->matter == NULL || (parent && scope->matter->parent == 0))
                return parent ? value_null() : value_list(NULL, 0);
        bool ok = parent ? lookups->parent(lookups->user, scope->arena, scope->matter->parent,
                                           &found)
                         : lookups->children(
                                           lookups->user, scope->arena, scope->matter->id, &found);
        return ok ? found : value_null();
}

static struct value fixed_value(struct scope *scope, enum fixed_name name)
{
        const struct matter *matter = scope->matter;
        const struct state *state = matter != NULL ? &scope->version->states[matter->state] : NULL;
        switch (name) {
        case NAME_TODAY:
                return value_date(today(scope));
        case NAME_NOW:
                return value_moment(scope->now);
        case NAME_STATE:
                return state != NULL ? value_string(state->name) : value_null();
        case NAME_FINAL:
                return value_bool(state != NULL && state->final);
        case NAME_NUMBER:
                return matter != NULL ? text_or_null(matter->number) : value_null();
        case NAME_CREATED_ON:
                return value_date(matter != NULL ? moment_date(matter->created) : today(scope));
        case NAME_UNIT:
                return unit_value(scope);
        case NAME_ACTOR:
                return scope->actor != NULL ? scope->actor->entry : value_null();
        case NAME_CHILDREN:
                return family_value(scope, false);
        case NAME_PARENT:
                return family_value(scope, true);
        case NAME_SITE:
                return site_value(scope);
        case NAME_VALUE:
                return scope->value != NULL ? *scope->value : value_null();
        case NAME_EACH:
                return scope->each != NULL ? *scope->each : value_null();
        case N_FIXED_NAMES:
                break;
        }
        return value_null();
}

static bool lookup_value(struct scope *scope, const struct lookup *lookup, struct value *ret,
                struct err *err)
{
        const struct lookups *lookups = scope->world->lookups;
        struct str key;
        struct date on = today(scope);
        if (!scope_text(scope, lookup->key, &key, err))
                return false;
        if (lookup->on != NULL && !scope_date(scope, lookup->on, &on, err))
                return false;
        if (date_is_none(on))
                on = today(scope);
        if (key.n == 0 || !lookups->entry(lookups->user, scope->arena, lookup->reg, key, on, ret))
                *ret = value_null();
        return true;
}

/* A parameter as the site has settled it, "owner.name", or as the definition says. */
static struct value settled(const struct circumstances *world, struct str owner,
                const struct parameter *parameter)
{
        const struct lookups *lookups = world->lookups;
        struct value own;
        char name[2 * LIMIT_NAME_BYTES + 2];
        if (lookups->parameter == NULL || owner.n + parameter->name.n + 1 > sizeof(name))
                return parameter->value;
        memcpy(name, owner.p, owner.n);
        name[owner.n] = '.';
        memcpy(name + owner.n + 1, parameter->name.p, parameter->name.n);
        struct str whole = { name, owner.n + 1 + parameter->name.n };
        return lookups->parameter(lookups->user, whole, &own) ? own : parameter->value;
}

struct value scope_parameter(const struct scope *scope, const struct parameter *parameter)
{
        return settled(scope->world, scope->version->procedure->name, parameter);
}

struct value indicator_parameter(const struct indicator *indicator,
                const struct parameter *parameter, const struct circumstances *circumstances)
{
        return settled(circumstances, indicator->id, parameter);
}

/* Works a slot out; those that come cheap are not kept. */
static bool slot_value(struct scope *scope, size_t slot, struct value *ret)
{
        const struct version *v = scope->version;
        struct err err;
        if (slot < version_slot_lookups(v)) {
                *ret = fixed_value(scope, (enum fixed_name)(slot - v->n_fields));
                return true;
        }
        if (slot < version_slot_parameters(v))
                return lookup_value(scope, &v->lookups[slot - version_slot_lookups(v)], ret, &err);
        if (slot < version_slot_locals(v)) {
                *ret = scope_parameter(scope, &v->parameters[slot - version_slot_parameters(v)]);
                return true;
        }
        if (slot < version_slot_clocks(v))
                *ret = did_value(scope, slot - version_slot_did(v));
        else
                *ret = clock_value(scope, slot - version_slot_clocks(v));
        return true;
}

/* Behind all other names stand the parameters of the indicator being evaluated. */
static bool indicator_slot(struct scope *scope, size_t index, struct value *ret)
{
        assert(scope->indicator != NULL && index < scope->indicator->n_parameters);
        *ret = indicator_parameter(
                        scope->indicator, &scope->indicator->parameters[index], scope->world);
        return true;
}

static bool entry_slot(struct scope *scope, size_t index, struct value *ret)
{
        const struct reg *reg = scope->reg;
        if (index >= reg->n_fields + N_FIXED_NAMES)
                return indicator_slot(scope, index - reg->n_fields - N_FIXED_NAMES, ret);
        if (index >= reg->n_fields) {
                *ret = fixed_value(scope, (enum fixed_name)(index - reg->n_fields));
                return true;
        }
        const struct value *v = value_get(scope->entry, reg->fields[index].name);
        *ret = v != NULL ? *v : value_null();
        return true;
}

static void keep(struct scope *scope, size_t slot, const struct value *value)
{
        if (scope->n_kept == SCOPE_KEPT)
                return;
        if (scope->kept == NULL)
                scope->kept = arena_new_array(scope->arena, SCOPE_KEPT, struct scope_kept);
        scope->kept[scope->n_kept++] = (struct scope_kept){ slot, *value };
}

static bool slot(void *user, size_t index, struct value *ret)
{
        struct scope *scope = user;
        const struct version *v = scope->version;
        if (scope->reg != NULL)
                return entry_slot(scope, index, ret);
        if (index >= version_n_slots(v))
                return indicator_slot(scope, index - version_n_slots(v), ret);
        if (index < v->n_fields) {
                *ret = scope->fields != NULL ? scope->fields[index] : value_null();
                return true;
        }
        if (index >= version_slot_before(v)) {
                index -= version_slot_before(v);
                *ret = scope->matter != NULL ? scope->matter->fields[index] : value_null();
                return true;
        }
        size_t local = index - version_slot_locals(v);
        if (index >= version_slot_locals(v) && local < v->n_locals) {
                *ret = scope->locals != NULL ? scope->locals[local] : value_null();
                return true;
        }
        for (size_t i = 0; i < scope->n_kept; i++) {
                if (scope->kept[i].slot == index) {
                        *ret = scope->kept[i].value;
                        return true;
                }
        }
        if (!slot_value(scope, index, ret))
                return false;
        keep(scope, index, ret);
        return true;
}

static struct feel_env env_of(struct scope *scope)
{
        return (struct feel_env){ .user = scope, .slot = slot, .now = scope->now };
}

bool scope_eval(struct scope *scope, const struct feel_expression *expression, struct value *ret,
                struct err *err)
{
        struct feel_env env = env_of(scope);
        return feel_eval(scope->arena, expression, &env, ret, err);
}

bool scope_holds(struct scope *scope, const struct feel_expression *expression, bool *ret,
                struct err *err)
{
        struct feel_env env = env_of(scope);
        return feel_holds(scope->arena, expression, &env, ret, err);
}

bool scope_text(struct scope *scope, const struct feel_expression *expression, struct str *ret,
                struct err *err)
{
        struct value v;
        if (!scope_eval(scope, expression, &v, err))
                return false;
        *ret = v.kind == VALUE_STRING ? v.string : value_text(scope->arena, &v);
        return true;
}

bool scope_date(struct scope *scope, const struct feel_expression *expression, struct date *ret,
                struct err *err)
{
        struct value v;
        if (!scope_eval(scope, expression, &v, err))
                return false;
        switch (v.kind) {
        case VALUE_NULL:
                *ret = DATE_NONE;
                return true;
        case VALUE_DATE:
                *ret = v.date;
                return true;
        case VALUE_MOMENT:
                *ret = moment_date(v.moment);
                return true;
        case VALUE_STRING:
                return date_parse(v.string, ret, err);
        default:
                return err_set(err, E_ACT_COMPUTED, "算式没有得出日期");
        }
}

void scope_set_local(struct scope *scope, struct str name, struct value value)
{
        const struct version *v = scope->version;
        if (scope->locals == NULL)
                scope->locals = arena_new_array(scope->arena, v->n_locals, struct value);
        for (size_t i = 0; i < v->n_locals; i++)
                if (str_eq(v->locals[i], name))
                        scope->locals[i] = value;
}

/* ---- What other rooms ask of a matter as it stands ---- */

bool matter_eval(struct arena *arena, const struct matter *matter,
                const struct feel_expression *expression, const struct value *each,
                const struct circumstances *circumstances, struct value *ret, struct err *err)
{
        struct scope scope = scope_of(arena, matter->version, matter, circumstances);
        scope.each = each;
        return scope_eval(&scope, expression, ret, err);
}

bool indicator_eval(struct arena *arena, const struct indicator *indicator,
                const struct matter *matter, const struct feel_expression *expression,
                const struct value *each, const struct circumstances *circumstances,
                struct value *ret, struct err *err)
{
        struct scope scope = scope_of(arena, matter->version, matter, circumstances);
        scope.each = each;
        scope.indicator = indicator;
        return scope_eval(&scope, expression, ret, err);
}

bool indicator_eval_entry(struct arena *arena, const struct indicator *indicator,
                const struct value *entry, const struct feel_expression *expression,
                const struct circumstances *circumstances, struct value *ret, struct err *err)
{
        struct scope scope = { .arena = arena,
                .world = circumstances,
                .now = circumstances->now,
                .indicator = indicator,
                .reg = indicator->reg,
                .entry = entry };
        return scope_eval(&scope, expression, ret, err);
}

struct value matter_view(struct arena *arena, const struct matter *matter,
                const struct circumstances *circumstances)
{
        const struct version *v = matter->version;
        struct scope scope = scope_of(arena, v, matter, circumstances);
        struct member *clocks = arena_new_array(arena, v->n_clocks, struct member);
        for (size_t i = 0; i < v->n_clocks; i++)
                clocks[i] = (struct member){ v->clocks[i].name, clock_value(&scope, i) };
        bool unique = value_sort_members(clocks, v->n_clocks);

        struct value unit = unit_value(&scope);
        const struct value *unit_name =
                        unit.kind == VALUE_CONTEXT ? value_get(&unit, STR_LIT("name")) : NULL;
        const struct member own[] = {
                { STR_LIT("clock"), value_context(clocks, v->n_clocks) },
                { STR_LIT("created_on"), value_date(moment_date(matter->created)) },
                { STR_LIT("law"), value_string(v->law) },
                { STR_LIT("number"), value_string(matter->number) },
                { STR_LIT("organ"), value_string(circumstances->site->organ) },
                { STR_LIT("procedure_label"), value_string(v->procedure->label) },
                { STR_LIT("state"), value_string(v->states[matter->state].label) },
                { STR_LIT("today"), value_date(moment_date(circumstances->now)) },
                { STR_LIT("unit_name"), unit_name != NULL ? *unit_name : value_null() },
        };
        struct member *all = arena_new_array(
                        arena, v->n_fields + v->n_lookups + N_ELEMENTS(own), struct member);
        size_t n = 0;
        for (size_t i = 0; i < v->n_fields; i++)
                all[n++] = (struct member){ v->fields[i].name, matter->fields[i] };
        for (size_t i = 0; i < v->n_lookups; i++) {
                struct err err;
                struct value entry;
                if (!lookup_value(&scope, &v->lookups[i], &entry, &err))
                        entry = value_null();
                all[n++] = (struct member){ v->lookups[i].name, entry };
        }
        /* A field of the same name wins: the kernel's names come after. */
        for (size_t i = 0; i < N_ELEMENTS(own); i++)
                if (version_field(v, own[i].name) < 0)
                        all[n++] = own[i];
        unique = value_sort_members(all, n) && unique;
        assert(unique);
        return value_context(all, n);
}
