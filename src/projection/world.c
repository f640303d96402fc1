#include "projection/world.h"

#include <assert.h>

#include "projection/cache.h"
#include "projection/entries.h"
#include "projection/register_read.h"
#include "projection/list.h"
#include "projection/matter_row.h"

#define UNIT_DEPTH_MAX 32 /* units above each other; past it a circle is suspected */
#define ROLE_BYTES     512
#define REMEMBERED_MAX 200 /* further ones are read each time */

/* Notes the first failure; a lookup then answers "none". */
static bool sound(struct world *world, bool done, const struct err *err)
{
        if (!done && !world->failed) {
                world->failed = true;
                world->err = *err;
        }
        return done;
}

/* ---- Registers: what a reader asked before he is told again ---- */

struct remembered {
        struct str reg, key;
        struct date day;
        bool is_all; /* of the register; no key */
        bool found;
        struct value value;
        struct remembered *next;
};

static const struct remembered *recall(const struct world *world, bool is_all, struct str reg,
                struct str key, struct date day)
{
        for (const struct remembered *r = world->remembered; r != NULL; r = r->next)
                if (r->is_all == is_all && r->day.day == day.day && str_eq(r->key, key) &&
                                str_eq(r->reg, reg))
                        return r;
        return NULL;
}

static bool may_remember(const struct world *world)
{
        return world->memory != NULL && world->n_remembered < REMEMBERED_MAX;
}

/* Of what was read into the memory. */
static void remember(struct world *world, struct remembered what)
{
        struct remembered *kept = arena_new(world->memory, struct remembered);
        what.reg = str_copy(world->memory, what.reg);
        what.key = str_copy(world->memory, what.key);
        what.next = world->remembered;
        *kept = what;
        world->remembered = kept;
        world->n_remembered++;
}

bool world_entry(struct world *world, struct arena *arena, struct str reg, struct str key,
                struct date day, struct value *ret, bool *ret_found, struct err *err)
{
        const struct remembered *known = recall(world, false, reg, key, day);
        bool keep = known == NULL && may_remember(world);
        if (known == NULL && !entry_get(keep ? world->memory : arena, world->snapshot, world->cache,
                                             world->catalogue, reg, key, day, ret, ret_found, err))
                return false;
        if (known != NULL) {
                *ret_found = known->found;
                if (known->found)
                        *ret = known->value;
        }
        if (keep)
                remember(world, (struct remembered){ .reg = reg,
                                                .key = key,
                                                .day = day,
                                                .found = *ret_found,
                                                .value = *ret_found ? *ret : value_null() });
        return true;
}

static bool find(struct world *world, struct arena *arena, struct str reg, struct str key,
                struct date day, struct value *ret)
{
        struct err err;
        bool found = false;
        return sound(world, world_entry(world, arena, reg, key, day, ret, &found, &err), &err) &&
               found;
}

static bool look_entry(void *user, struct arena *arena, struct str reg, struct str key,
                struct date day, struct value *ret)
{
        return find(user, arena, reg, key, day, ret);
}

static bool look_entry_changed(
                void *user, struct str reg, struct str key, struct date day, struct date *ret)
{
        struct world *world = user;
        struct arena *arena = arena_open();
        struct err err;
        bool any = false;
        bool ok = sound(world,
                        entry_changed(arena, world->snapshot, world->cache, world->catalogue, reg,
                                        key, day, ret, &any, &err),
                        &err);
        arena_close(&arena);
        return ok && any;
}

static bool look_entries(
                void *user, struct arena *arena, struct str reg, struct date day, struct value *ret)
{
        struct world *world = user;
        const struct remembered *known = recall(world, true, reg, STR_LIT(""), day);
        bool keep = known == NULL && may_remember(world);
        struct err err;
        if (known != NULL)
                *ret = known->value;
        else if (!sound(world,
                                 entries_on_day(keep ? world->memory : arena, world->snapshot,
                                                 world->cache, world->catalogue, reg, day, ret,
                                                 &err),
                                 &err))
                return false;
        if (keep)
                remember(world, (struct remembered){ .reg = reg,
                                                .day = day,
                                                .is_all = true,
                                                .found = true,
                                                .value = *ret });
        return true;
}

/* ---- Roles ---- */

struct question {
        struct world *world;
        struct arena *arena;
        struct str role;
        struct str line[UNIT_DEPTH_MAX]; /* the unit, the one above it, ... */
        size_t n_line;
        struct date day;
};

static bool covers(const struct question *q, struct str unit)
{
        for (size_t i = 0; i < q->n_line; i++)
                if (str_eq(q->line[i], unit))
                        return true;
        return false;
}

static void climb(struct question *q, struct str unit)
{
        while (unit.n != 0 && q->n_line < UNIT_DEPTH_MAX && !covers(q, unit)) {
                struct value entry;
                q->line[q->n_line++] = unit;
                if (!find(q->world, q->arena, STR_LIT("units"), unit, q->day, &entry))
                        return;
                unit = entry_text(&entry, "parent");
        }
}

static bool lists(const struct value *list, struct str text)
{
        if (list == NULL || list->kind != VALUE_LIST)
                return list != NULL && list->kind == VALUE_STRING && str_eq(list->string, text);
        for (size_t i = 0; i < list->list.n; i++)
                if (list->list.items[i].kind == VALUE_STRING &&
                                str_eq(list->list.items[i].string, text))
                        return true;
        return false;
}

/* Days of a grant may be dates, or texts where the register did not type them. */
static struct date day_of(const struct value *context, const char *name)
{
        const struct value *v = value_get(context, str_of(name));
        struct date day;
        struct err err;
        if (v != NULL && v->kind == VALUE_DATE)
                return v->date;
        if (v != NULL && v->kind == VALUE_STRING && date_parse(v->string, &day, &err))
                return day;
        return DATE_NONE;
}

static bool grant_holds(const struct question *q, const struct value *grant)
{
        if (grant->kind != VALUE_CONTEXT || !str_eq(entry_text(grant, "role"), q->role) ||
                        !covers(q, entry_text(grant, "unit")))
                return false;
        struct date from = day_of(grant, "from"), until = day_of(grant, "until");
        return (date_is_none(from) || date_cmp(from, q->day) <= 0) &&
               (date_is_none(until) || date_cmp(q->day, until) <= 0);
}

static bool staff_holds(const struct question *q, struct str staff)
{
        struct value entry;
        if (!find(q->world, q->arena, STR_LIT("staff"), staff, q->day, &entry))
                return false;
        if (lists(value_get(&entry, STR_LIT("roles")), q->role) &&
                        covers(q, entry_text(&entry, "unit")))
                return true;
        const struct value *grants = value_get(&entry, STR_LIT("grants"));
        for (size_t i = 0; grants != NULL && grants->kind == VALUE_LIST && i < grants->list.n; i++)
                if (grant_holds(q, &grants->list.items[i]))
                        return true;
        return false;
}

static bool delegation_holds(
                const struct question *q, const struct value *delegation, const struct actor *actor)
{
        struct str from = entry_text(delegation, "from_staff");
        struct str unit = entry_text(delegation, "unit");
        const struct value *roles = value_get(delegation, STR_LIT("roles"));
        if (roles == NULL)
                roles = value_get(delegation, STR_LIT("role"));
        bool any_role = roles == NULL || roles->kind == VALUE_NULL ||
                        (roles->kind == VALUE_LIST && roles->list.n == 0);
        return str_eq(entry_text(delegation, "to_staff"), actor->id) &&
               (actor->on_behalf.n == 0 || str_eq(from, actor->on_behalf)) &&
               (any_role || lists(roles, q->role)) && (unit.n == 0 || covers(q, unit)) &&
               staff_holds(q, from);
}

static bool delegated(const struct question *q, const struct actor *actor)
{
        struct value all;
        if (!look_entries(q->world, q->arena, STR_LIT("delegations"), q->day, &all))
                return false;
        for (size_t i = 0; i < all.list.n; i++)
                if (delegation_holds(q, &all.list.items[i], actor))
                        return true;
        return false;
}

static bool work_role_out(struct world *world, const struct actor *actor, struct str role,
                struct str unit, struct date day)
{
        struct arena *arena = arena_open();
        struct question q = { .world = world, .arena = arena, .role = role, .day = day };
        climb(&q, unit);
        /* Who says to act for somebody must have been delegated to. */
        bool holds = (actor->on_behalf.n == 0 && staff_holds(&q, actor->id)) ||
                     delegated(&q, actor);
        arena_close(&arena);
        return holds;
}

/* All that the answer depends on, beside the registers. */
static bool as_bytes(const struct actor *actor, struct str role, struct str unit, struct date day,
                char to[ROLE_BYTES], struct str *ret)
{
        const struct str parts[] = { actor->id, actor->on_behalf, role, unit };
        size_t n = sizeof(day.day);
        memcpy(to, &day.day, n);
        for (size_t i = 0; i < N_ELEMENTS(parts); i++) {
                if (n + parts[i].n + 1 > ROLE_BYTES)
                        return false;
                if (parts[i].n != 0)
                        memcpy(to + n, parts[i].p, parts[i].n);
                n += parts[i].n;
                to[n++] = '\0';
        }
        *ret = (struct str){ to, n };
        return true;
}

static bool look_role(void *user, const struct actor *actor, struct str role, struct str unit,
                struct date day)
{
        struct world *world = user;
        char bytes[ROLE_BYTES];
        struct str question;
        bool holds;
        if (!actor->is_staff)
                return str_eq(actor->id, role);
        bool known = world->cache != NULL && as_bytes(actor, role, unit, day, bytes, &question);
        if (known && cache_get_role(world->cache, question, &holds))
                return holds;
        holds = work_role_out(world, actor, role, unit, day);
        if (known && !world->failed)
                cache_put_role(world->cache, question, holds);
        return holds;
}

/* ---- Recusals ---- */

static bool names_or_all(const struct value *entry, const char *field, struct str text)
{
        struct str named = entry_text(entry, field);
        return named.n == 0 || str_eq(named, text);
}

static bool look_recused(
                void *user, const struct actor *actor, const struct matter *matter, struct date day)
{
        struct world *world = user;
        struct str reg = STR_LIT("recusals");
        struct value all;
        bool recused = false;
        if (catalogue_register(world->catalogue, reg) == NULL)
                return false;
        struct arena *arena = arena_open();
        if (look_entries(world, arena, reg, day, &all))
                for (size_t i = 0; i < all.list.n; i++) {
                        const struct value *entry = &all.list.items[i];
                        recused |= str_eq(entry_text(entry, "staff"), actor->id) &&
                                   names_or_all(entry, "matter", matter->number) &&
                                   names_or_all(entry, "procedure",
                                                   matter->version->procedure->name);
                }
        arena_close(&arena);
        return recused;
}

static bool look_entries_between(void *user, struct arena *arena, struct str reg, struct date from,
                struct date until, const struct dated_entry **ret, size_t *ret_n)
{
        struct world *world = user;
        const struct register_row *rows;
        struct err err;
        if (!sound(world,
                            register_rows_between(arena, world->snapshot, world->catalogue, reg,
                                            from, until, INT32_MAX, &rows, ret_n, &err),
                            &err))
                return false;
        struct dated_entry *entries = arena_new_array(arena, *ret_n, struct dated_entry);
        for (size_t i = 0; i < *ret_n; i++)
                entries[i] = (struct dated_entry){ rows[i].key, rows[i].from,
                        date_is_none(rows[i].until) ? DATE_NONE : date_add_days(rows[i].until, -1),
                        rows[i].entry };
        *ret = entries;
        return true;
}

static bool look_assigned(void *user, struct arena *arena, struct str staff, struct value *ret)
{
        struct world *world = user;
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct list list = LIST(arena, struct value);
        struct err err;
        if (!sound(world,
                            snapshot_rows(world->snapshot, Q_ASSIGNED_OPEN,
                                            PARAMS(param_text(staff), param_int(ASSIGNED_MAX)),
                                            &rows, &err),
                            &err))
                return false;
        while (rows_next(&rows))
                *(struct value *)list_add(&list) =
                                value_string(str_copy(arena, rows_text(&rows, 0)));
        *ret = value_list(list.items, list.n);
        return sound(world, rows_end(&rows, &err), &err);
}

/* ---- Other matters ---- */

static struct value matter_context(struct arena *arena, const struct matter *matter)
{
        const struct version *v = matter->version;
        const struct state *state = &v->states[matter->state];
        const struct member own[] = {
                { STR_LIT("created_on"), value_date(moment_date(matter->created)) },
                { STR_LIT("final"), value_bool(state->final) },
                { STR_LIT("number"), value_string(matter->number) },
                { STR_LIT("procedure"), value_string(v->procedure->name) },
                { STR_LIT("state"), value_string(state->name) },
        };
        struct member *members =
                        arena_new_array(arena, v->n_fields + N_ELEMENTS(own), struct member);
        size_t n = 0;
        for (size_t i = 0; i < N_ELEMENTS(own); i++)
                members[n++] = own[i];
        for (size_t i = 0; i < v->n_fields; i++) {
                bool taken = false;
                for (size_t k = 0; k < N_ELEMENTS(own); k++)
                        taken = taken || str_eq(own[k].name, v->fields[i].name);
                if (!taken)
                        members[n++] = (struct member){ v->fields[i].name, matter->fields[i] };
        }
        bool unique = value_sort_members(members, n);
        assert(unique);
        return value_context(members, n);
}

static bool read_matter(struct world *world, struct arena *arena, int64_t id, struct value *ret)
{
        struct matter_row row;
        struct matter *matter;
        struct err err;
        bool found;
        if (!sound(world,
                            matter_row_get(arena, world->snapshot, world->cache, id, &row, &found,
                                            &err),
                            &err) ||
                        !found ||
                        !sound(world, matter_row_open(arena, world->catalogue, &row, &matter, &err),
                                        &err))
                return false;
        *ret = matter_context(arena, matter);
        return true;
}

/* The matters whose ids the statement gives, but one. */
static bool read_all(struct world *world, struct arena *arena, enum query query,
                const struct store_param *params, size_t n_params, int64_t but, struct value *ret)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct list list = LIST(arena, struct value);
        struct err err;
        if (!sound(world, snapshot_rows(world->snapshot, query, params, n_params, &rows, &err),
                            &err))
                return false;
        while (list.n < FAMILY_MAX && rows_next(&rows)) {
                struct value one;
                int64_t id = rows_int(&rows, 0);
                if (id == but)
                        continue;
                if (!read_matter(world, arena, id, &one))
                        return false;
                *(struct value *)list_add(&list) = one;
        }
        if (!sound(world, rows_end(&rows, &err), &err))
                return false;
        *ret = value_list(list.items, list.n);
        return true;
}

static bool look_matters_with(void *user, struct arena *arena, struct str key, struct str text,
                int64_t but, struct value *ret)
{
        return read_all(user, arena, Q_KEY_MATTERS,
                        PARAMS(param_text(key), param_text(text), param_int(FAMILY_MAX)), but, ret);
}

static bool look_open_matters(void *user, struct str unit, int64_t *ret)
{
        struct world *world = user;
        struct err err;
        bool found = false;
        return sound(world,
                               snapshot_int(world->snapshot, Q_UNIT_OPEN, PARAMS(param_text(unit)),
                                               ret, &found, &err),
                               &err) &&
               found;
}

static bool look_has_matter(void *user, struct str number)
{
        struct world *world = user;
        struct err err;
        int64_t id = 0;
        bool found = false;
        return sound(world,
                               snapshot_int(world->snapshot, Q_MATTER_ID,
                                               PARAMS(param_text(number)), &id, &found, &err),
                               &err) &&
               found;
}

static bool look_children(void *user, struct arena *arena, int64_t matter, struct value *ret)
{
        return read_all(user, arena, Q_MATTER_CHILDREN, PARAMS(param_int(matter)), 0, ret);
}

static bool look_parent(void *user, struct arena *arena, int64_t matter, struct value *ret)
{
        return read_matter(user, arena, matter, ret);
}

/* ---- Numbers and parameters ---- */

static bool look_next_number(void *user, struct str series, int64_t *ret, struct err *err)
{
        struct world *world = user;
        int64_t last = 0;
        bool found;
        if (world->tx == NULL)
                return err_set(err, E_FOLD_READER, "%.*s", STR_FMT(series));
        if ((world->cache == NULL || !cache_get_counter(world->cache, series, &last)) &&
                        !snapshot_int(world->snapshot, Q_COUNTER_GET, PARAMS(param_text(series)),
                                        &last, &found, err))
                return false;
        if (!tx_put(world->tx, Q_COUNTER_NEXT, PARAMS(param_text(series)), err))
                return false;
        if (world->cache != NULL)
                cache_put_counter(world->cache, series, last + 1);
        *ret = last + 1;
        return true;
}

static bool look_parameter(void *user, struct str name, struct value *ret)
{
        const struct world *world = user;
        const struct value *v =
                        world->parameters != NULL && world->parameters->kind == VALUE_CONTEXT
                                        ? value_get(world->parameters, name)
                                        : NULL;
        if (v == NULL)
                return false;
        *ret = *v;
        return true;
}

void world_open(struct world *ret, struct snapshot *snapshot, const struct catalogue *catalogue,
                const struct calendar_set *calendars, const struct site_facts *site,
                struct moment now)
{
        *ret = (struct world){
                .snapshot = snapshot,
                .catalogue = catalogue,
                .calendar = calendar_as_known(calendars, moment_date(now)),
                .site = site,
                .now = now,
        };
        ret->lookups = (struct lookups){
                .user = ret,
                .holds_role = look_role,
                .entry = look_entry,
                .entries = look_entries,
                .matters_with = look_matters_with,
                .open_matters = look_open_matters,
                .children = look_children,
                .parent = look_parent,
                .next_number = look_next_number,
                .parameter = look_parameter,
                .entries_between = look_entries_between,
                .is_recused = look_recused,
                .assigned_to = look_assigned,
                .has_matter = look_has_matter,
                .entry_changed = look_entry_changed,
        };
        ret->circumstances = (struct circumstances){
                .now = now,
                .calendar = ret->calendar,
                .catalogue = catalogue,
                .site = site,
                .lookups = &ret->lookups,
        };
}

/* ---- Units and people ---- */

static bool is_below(const struct value *units, struct str unit, struct str top)
{
        for (size_t depth = 0; unit.n != 0 && depth < UNIT_DEPTH_MAX; depth++) {
                struct str above = { NULL, 0 };
                if (str_eq(unit, top))
                        return true;
                /* sorted by key */
                size_t low = 0, high = units->list.n;
                while (low < high) {
                        size_t middle = (low + high) / 2;
                        const struct value *entry = &units->list.items[middle];
                        int order = str_cmp(entry_text(entry, "key"), unit);
                        if (order == 0) {
                                above = entry_text(entry, "parent");
                                break;
                        }
                        if (order < 0)
                                low = middle + 1;
                        else
                                high = middle;
                }
                unit = above;
        }
        return false;
}

bool world_units(struct arena *arena, struct snapshot *snapshot, struct str unit, struct date day,
                struct str *ret_json, const struct str **ret_units, size_t *ret_n, struct err *err)
{
        struct value units;
        if (!entries_on(arena, snapshot, NULL, STR_LIT("units"), day, &units, err))
                return false;
        struct str *found = arena_new_array(arena, units.list.n + 1, struct str);
        struct buf json = BUF(arena);
        size_t n = 0;
        found[n++] = unit;
        buf_char(&json, '[');
        value_write_json_string(&json, unit);
        for (size_t i = 0; i < units.list.n; i++) {
                struct str one = entry_text(&units.list.items[i], "key");
                if (str_eq(one, unit) || !is_below(&units, one, unit))
                        continue;
                found[n++] = one;
                buf_char(&json, ',');
                value_write_json_string(&json, one);
        }
        buf_char(&json, ']');
        *ret_json = buf_str(&json);
        *ret_units = found;
        *ret_n = n;
        return true;
}

bool world_actor(struct arena *arena, struct world *world, struct str staff, struct actor *ret,
                struct err *err)
{
        struct value entry;
        bool found;
        if (!world_entry(world, arena, STR_LIT("staff"), staff, moment_date(world->now), &entry,
                            &found, err))
                return false;
        if (!found)
                return err_field(err, E_NOT_FOUND, staff, "人员名录里没有在岗的这个人");
        struct member *members = arena_new_array(arena, entry.context.n + 1, struct member);
        size_t n = 0;
        for (size_t i = 0; i < entry.context.n; i++)
                if (!str_is(entry.context.members[i].name, "id"))
                        members[n++] = entry.context.members[i];
        members[n++] = (struct member){ STR_LIT("id"), value_string(staff) };
        bool unique = value_sort_members(members, n);
        assert(unique);
        *ret = (struct actor){
                .id = staff,
                .name = entry_text(&entry, "name"),
                .unit = entry_text(&entry, "unit"),
                .is_staff = true,
                .entry = value_context(members, n),
        };
        return true;
}
