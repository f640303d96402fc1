#include "web/offices.h"

#include <stdlib.h>

#include "procedure/guide.h"
#include "projection/register_read.h"

#define OFFICES_MAX 200u

struct gathering {
        struct visit *visit;
        const struct version *version;
        const struct str *roles;
        size_t n_roles;
        struct office *offices;
        size_t n;
};

static bool is_of_staff(const struct version *version, struct str role)
{
        return version_party(version, role) < 0 && !str_is(role, "system");
}

static void add_roles(struct gathering *g, const struct act *act, struct str *roles)
{
        for (size_t i = 0; i < act->n_roles; i++)
                if (is_of_staff(g->version, act->roles[i]))
                        roles[g->n_roles++] = act->roles[i];
}

/* Of the beginning act; or else of the acts from the state that it leads to. */
static void gather_roles(struct gathering *g, const struct act *act)
{
        size_t most = act->n_roles;
        for (size_t i = 0; i < g->version->n_acts; i++)
                most += g->version->acts[i].n_roles;
        struct str *roles = arena_new_array(g->visit->arena, most, struct str);
        g->roles = roles;
        add_roles(g, act, roles);
        for (size_t i = 0; act->n_to != 0 && g->n_roles == 0 && i < g->version->n_acts; i++)
                for (size_t k = 0; k < g->version->acts[i].n_from; k++)
                        if (g->version->acts[i].from[k] == act->to[0].state)
                                add_roles(g, &g->version->acts[i], roles);
}

static bool has_role(const struct gathering *g, const struct value *entry)
{
        const struct value *roles = value_get(entry, STR_LIT("roles"));
        for (size_t i = 0; roles != NULL && roles->kind == VALUE_LIST && i < roles->list.n; i++)
                for (size_t k = 0; k < g->n_roles; k++)
                        if (roles->list.items[i].kind == VALUE_STRING &&
                                        str_eq(roles->list.items[i].string, g->roles[k]))
                                return true;
        return false;
}

static bool add_office(struct gathering *g, struct str unit, struct err *err)
{
        struct visit *visit = g->visit;
        struct value entry;
        bool found, takes = true;
        for (size_t i = 0; i < g->n; i++)
                if (str_eq(g->offices[i].id, unit))
                        return true;
        if (g->n == OFFICES_MAX)
                return true;
        if (!register_entry(visit->arena, visit->snapshot, visit->catalogue, STR_LIT("units"), unit,
                            visit->today, &entry, &found, err))
                return false;
        if (found && g->version->guide != NULL &&
                        !guide_has_office(visit->arena, visit->catalogue, g->version->guide, &entry,
                                        &visit->world.circumstances, &takes, err))
                return false;
        if (found && takes)
                g->offices[g->n++] = (struct office){ unit, visit_unit(visit, unit) };
        return true;
}

static int by_id(const void *a, const void *b)
{
        return str_cmp(((const struct office *)a)->id, ((const struct office *)b)->id);
}

bool offices_of(struct visit *visit, const struct version *version, const struct act *act,
                const struct office **ret, size_t *ret_n, struct err *err)
{
        struct gathering g = { .visit = visit,
                .version = version,
                .offices = arena_new_array(visit->arena, OFFICES_MAX, struct office) };
        struct str after = STR_LIT("");
        const struct register_row *rows;
        size_t n = VISIT_PAGE_ROWS;
        gather_roles(&g, act);
        while (n == VISIT_PAGE_ROWS) {
                if (!register_rows(visit->arena, visit->snapshot, visit->catalogue,
                                    STR_LIT("staff"), visit->today, after, VISIT_PAGE_ROWS, &rows,
                                    &n, err))
                        return false;
                for (size_t i = 0; i < n; i++) {
                        const struct value *unit = value_get(&rows[i].entry, STR_LIT("unit"));
                        after = rows[i].key;
                        if (unit != NULL && unit->kind == VALUE_STRING &&
                                        has_role(&g, &rows[i].entry) &&
                                        !add_office(&g, unit->string, err))
                                return false;
                }
        }
        if (g.n > 1)
                qsort(g.offices, g.n, sizeof(*g.offices), by_id);
        *ret = g.offices;
        *ret_n = g.n;
        return true;
}
