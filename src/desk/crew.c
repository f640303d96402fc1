#include "desk/crew.h"

static struct str unit_above(const struct scenario *s, struct str unit)
{
        for (size_t i = 0; i < s->n_entries; i++) {
                const struct scenario_entry *e = &s->entries[i];
                if (!str_is(e->reg, "units") || e->fields.kind != VALUE_CONTEXT)
                        continue;
                const struct value *id = value_get(&e->fields, STR_LIT("id"));
                const struct value *up = value_get(&e->fields, STR_LIT("parent"));
                if (id != NULL && id->kind == VALUE_STRING && str_eq(id->string, unit))
                        return up != NULL && up->kind == VALUE_STRING ? up->string : STR_LIT("");
        }
        return STR_LIT("");
}

static bool is_of(const struct scenario_staff *staff, struct str role, struct str unit)
{
        return str_eq(staff->role, role) && str_eq(staff->unit, unit);
}

/* All who hold the role in the nearest unit that has any: this one, or one above it. */
static void gather(struct arena *arena, const struct scenario *s, struct crew *crew)
{
        struct str unit = crew->unit;
        size_t n = 0;
        for (int depth = 0; depth < 16 && unit.n != 0; depth++) {
                for (size_t i = 0; i < s->n_staff; i++)
                        n += is_of(&s->staff[i], crew->role, unit);
                if (n != 0)
                        break;
                unit = unit_above(s, unit);
        }
        crew->people = arena_new_array(arena, n, const struct scenario_staff *);
        for (size_t i = 0; n != 0 && i < s->n_staff; i++)
                if (is_of(&s->staff[i], crew->role, unit))
                        crew->people[crew->n++] = &s->staff[i];
}

static size_t crew_hash(struct str role, struct str unit)
{
        size_t hash = role.n;
        for (size_t i = 0; i < role.n; i++)
                hash = hash * 31 + (unsigned char)role.p[i];
        for (size_t i = 0; i < unit.n; i++)
                hash = hash * 31 + (unsigned char)unit.p[i];
        return hash;
}

static struct crew **crew_place(const struct crews *crews, struct str role, struct str unit)
{
        size_t at = crew_hash(role, unit) & (crews->n_places - 1);
        while (crews->places[at] != NULL && !(str_eq(crews->places[at]->role, role) &&
                                                            str_eq(crews->places[at]->unit, unit)))
                at = (at + 1) & (crews->n_places - 1);
        return &crews->places[at];
}

static void grow_crews(struct crews *crews)
{
        struct crews grown = *crews;
        grown.n_places = crews->n_places == 0 ? 64 : 2 * crews->n_places;
        grown.places = arena_new_array(crews->arena, grown.n_places, struct crew *);
        for (size_t i = 0; i < crews->n_places; i++) {
                struct crew *crew = crews->places[i];
                if (crew != NULL)
                        *crew_place(&grown, crew->role, crew->unit) = crew;
        }
        *crews = grown;
}

const struct crew *crew_of(struct crews *crews, struct str role, struct str unit)
{
        if (2 * crews->n >= crews->n_places)
                grow_crews(crews);
        struct crew **place = crew_place(crews, role, unit);
        if (*place != NULL)
                return *place;
        struct crew *crew = arena_new(crews->arena, struct crew);
        crew->role = role;
        crew->unit = unit;
        gather(crews->arena, crews->scenario, crew);
        *place = crew;
        crews->n++;
        return crew;
}
