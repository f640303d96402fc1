#include "web/viewer.h"

#include <stdio.h>

#include "account/api_token.h"
#include "account/secret.h"
#include "base/limits.h"
#include "projection/register_read.h"
#include "web/cookie.h"
#include "web/visit.h"

#define PARTY_SECONDS 3600
#define PAIR_BYTES    (2 * LIMIT_KEY_BYTES + 2)

/* ---- Cookies ---- */

static const char *name_of(const struct visit *visit, const char *plain, const char *secure)
{
        return visit->portal->https ? secure : plain;
}

const char *viewer_session_name(const struct visit *visit)
{
        return name_of(visit, "pl-session", "__Host-pl-session");
}

static const char *party_name(const struct visit *visit)
{
        return name_of(visit, "pl-party", "__Host-pl-party");
}

struct str viewer_session_cookie(struct visit *visit, struct str token)
{
        return cookie_format(visit->arena, viewer_session_name(visit), token, visit->portal->https);
}

/* "MATTER.UNTIL.MAC" */
static struct str party_token(struct visit *visit, struct str matter_and_until)
{
        struct str mac = secret_token(
                        visit->arena, &visit->portal->secret, "party", matter_and_until);
        return str_format(visit->arena, "%.*s.%.*s", STR_FMT(matter_and_until), STR_FMT(mac));
}

struct str viewer_party_cookie(struct visit *visit, int64_t matter)
{
        struct str text = str_format(visit->arena, "%lld.%lld", (long long)matter,
                        (long long)visit->now.second + PARTY_SECONDS);
        return cookie_format(visit->arena, party_name(visit), party_token(visit, text),
                        visit->portal->https);
}

static bool party_of(struct visit *visit, int64_t *ret)
{
        struct str cookie = http_cookie(visit->request, party_name(visit)), rest = cookie;
        struct str matter = str_split(&rest, '.'), until = str_split(&rest, '.');
        int64_t id, second;
        if (!str_to_int(matter, &id) || !str_to_int(until, &second) || id <= 0 ||
                        second < visit->now.second)
                return false;
        struct str text = str_format(visit->arena, "%.*s.%.*s", STR_FMT(matter), STR_FMT(until));
        if (!secret_eq(cookie, party_token(visit, text)))
                return false;
        *ret = id;
        return true;
}

/* ---- What staff see ---- */

/* Who holds many posts has few different ones, in few different units: each is looked up once. */
struct known_role {
        struct str role;
        const struct procedure **procedures; /* in which it does something */
        size_t n;
};

struct known_unit {
        struct str unit;
        const struct str *units; /* it and those below it */
        size_t n;
};

struct scope {
        struct visit *visit;
        struct buf json;
        size_t n;
        struct known_role *roles;
        size_t n_roles;
        struct known_unit *units;
        size_t n_units;
        struct err *err;
};

static bool has_role(const struct procedure *procedure, struct str role)
{
        for (size_t v = 0; v < procedure->n_versions; v++) {
                const struct version *version = procedure->versions[v];
                for (size_t i = 0; i < version->n_acts; i++)
                        for (size_t k = 0; k < version->acts[i].n_roles; k++)
                                if (str_eq(version->acts[i].roles[k], role))
                                        return true;
        }
        return false;
}

static const struct known_role *role_of(struct scope *scope, struct str role)
{
        struct arena *arena = scope->visit->arena;
        const struct catalogue *catalogue = scope->visit->catalogue;
        for (size_t i = 0; i < scope->n_roles; i++)
                if (str_eq(scope->roles[i].role, role))
                        return &scope->roles[i];
        struct known_role known = { .role = role,
                .procedures = arena_new_array(
                                arena, catalogue->n_procedures, const struct procedure *) };
        for (size_t i = 0; i < catalogue->n_procedures; i++)
                if (has_role(catalogue->procedures[i], role))
                        known.procedures[known.n++] = catalogue->procedures[i];
        scope->roles = arena_grow(arena, scope->roles, scope->n_roles, 1, sizeof(known));
        scope->roles[scope->n_roles] = known;
        return &scope->roles[scope->n_roles++];
}

static bool unit_of(struct scope *scope, struct str unit, const struct known_unit **ret)
{
        struct visit *visit = scope->visit;
        struct known_unit known = { .unit = unit };
        struct str json;
        for (size_t i = 0; i < scope->n_units; i++)
                if (str_eq(scope->units[i].unit, unit)) {
                        *ret = &scope->units[i];
                        return true;
                }
        if (!world_units(visit->arena, visit->snapshot, unit, visit->today, &json, &known.units,
                            &known.n, scope->err))
                return false;
        scope->units = arena_grow(visit->arena, scope->units, scope->n_units, 1, sizeof(known));
        scope->units[scope->n_units] = known;
        *ret = &scope->units[scope->n_units++];
        return true;
}

/* All procedures in which the role does something, in the unit and those below it. */
static bool add_role(struct scope *scope, struct str role, struct str unit)
{
        const struct known_role *known = role_of(scope, role);
        const struct known_unit *where;
        if (known->n == 0)
                return true;
        if (!unit_of(scope, unit, &where))
                return false;
        for (size_t i = 0; i < known->n; i++)
                for (size_t u = 0; u < where->n; u++) {
                        buf_c(&scope->json, scope->n++ == 0 ? "" : ",");
                        value_write_json_string(&scope->json,
                                        str_format(scope->visit->arena, "%.*s|%.*s",
                                                        STR_FMT(known->procedures[i]->name),
                                                        STR_FMT(where->units[u])));
                }
        return true;
}

static struct str text_of(const struct value *context, const char *name)
{
        const struct value *value = value_get(context, str_of(name));
        return value != NULL && value->kind == VALUE_STRING ? value->string : STR_LIT("");
}

static bool is_in_force(const struct value *grant, struct date today)
{
        const struct value *from = value_get(grant, STR_LIT("from"));
        const struct value *until = value_get(grant, STR_LIT("until"));
        return (from == NULL || from->kind != VALUE_DATE || date_cmp(from->date, today) <= 0) &&
               (until == NULL || until->kind != VALUE_DATE || date_cmp(today, until->date) <= 0);
}

/* Of an entry of `staff`; `only`: no other role; `within`: instead of the entry's own units
 * (both of a delegation; empty = all). What is too much here is refused again where an act is
 * done: there each role is asked for one by one. */
static bool add_entry(
                struct scope *scope, const struct value *entry, struct str only, struct str within)
{
        const struct value *roles = value_get(entry, STR_LIT("roles"));
        const struct value *grants = value_get(entry, STR_LIT("grants"));
        struct str unit = text_of(entry, "unit");
        for (size_t i = 0; roles != NULL && roles->kind == VALUE_LIST && i < roles->list.n; i++) {
                const struct value *role = &roles->list.items[i];
                if (role->kind == VALUE_STRING && (only.n == 0 || str_eq(only, role->string)) &&
                                !add_role(scope, role->string, within.n != 0 ? within : unit))
                        return false;
        }
        for (size_t i = 0; grants != NULL && grants->kind == VALUE_LIST && i < grants->list.n;
                        i++) {
                const struct value *grant = &grants->list.items[i];
                struct str role = text_of(grant, "role");
                if (is_in_force(grant, scope->visit->today) &&
                                (only.n == 0 || str_eq(only, role)) &&
                                !add_role(scope, role,
                                                within.n != 0 ? within : text_of(grant, "unit")))
                        return false;
        }
        return true;
}

static bool add_delegations(struct scope *scope, struct str staff)
{
        struct visit *visit = scope->visit;
        const struct register_row *rows;
        struct str after = STR_LIT("");
        size_t n;
        do {
                if (!register_rows(visit->arena, visit->snapshot, visit->catalogue,
                                    STR_LIT("delegations"), visit->today, after, LIMIT_PAGE_ROWS,
                                    &rows, &n, scope->err))
                        return false;
                for (size_t i = 0; i < n; i++) {
                        struct value entry;
                        bool found;
                        after = rows[i].key;
                        if (!str_eq(text_of(&rows[i].entry, "to_staff"), staff))
                                continue;
                        if (!register_entry(visit->arena, visit->snapshot, visit->catalogue,
                                            STR_LIT("staff"), text_of(&rows[i].entry, "from_staff"),
                                            visit->today, &entry, &found, scope->err))
                                return false;
                        if (found && !add_entry(scope, &entry, text_of(&rows[i].entry, "role"),
                                                     text_of(&rows[i].entry, "unit")))
                                return false;
                }
        } while (n == LIMIT_PAGE_ROWS);
        return true;
}

static bool open_staff(struct visit *visit, struct err *err)
{
        struct viewer *viewer = &visit->viewer;
        struct scope scope = { .visit = visit, .json = BUF(visit->arena), .err = err };
        struct value entry;
        bool found;
        if (!register_entry(visit->arena, visit->snapshot, visit->catalogue, STR_LIT("staff"),
                            viewer->session.account, visit->today, &entry, &found, err))
                return false;
        if (!found) {
                viewer->has_session = false; /* no longer of the staff */
                return true;
        }
        if (!world_actor(visit->arena, &visit->world, viewer->session.account, &viewer->actor, err))
                return false;
        buf_char(&scope.json, '[');
        if (!add_entry(&scope, &entry, STR_LIT(""), STR_LIT("")) ||
                        !add_delegations(&scope, viewer->actor.id))
                return false;
        buf_char(&scope.json, ']');
        viewer->scope = buf_str(&scope.json);
        viewer->kind = VIEWER_STAFF;
        return true;
}

/* "Authorization: Bearer plt_..." (RFC 6750 section 2.1). */
static bool open_program(struct visit *visit, bool *ret_found, struct err *err)
{
        struct str scheme = STR_LIT("Bearer "),
                   given = http_header(visit->request, "Authorization");
        struct api_token token;
        *ret_found = false;
        if (!str_starts(given, scheme))
                return true;
        if (!api_token_find(visit->arena, visit->snapshot,
                            str_trim(str_slice(given, scheme.n, given.n)), visit->now, &token,
                            ret_found, err))
                return false;
        if (!*ret_found)
                return true;
        visit->viewer.session.account = token.account;
        if (!open_staff(visit, err))
                return false;
        visit->viewer.is_program = visit->viewer.kind == VIEWER_STAFF;
        return true;
}

bool viewer_open(struct visit *visit, struct err *err)
{
        bool program;
        struct viewer *viewer = &visit->viewer;
        *viewer = (struct viewer){ .kind = VIEWER_STRANGER };
        if (visit->portal->door == NULL)
                return true;
        if (!open_program(visit, &program, err))
                return false;
        if (program)
                return true;
        if (!session_find(visit->arena, visit->snapshot,
                            http_cookie(visit->request, viewer_session_name(visit)), visit->now,
                            &viewer->session, &viewer->has_session, err))
                return false;
        if (viewer->has_session && viewer->session.state == SESSION_OPEN)
                return open_staff(visit, err);
        if (party_of(visit, &viewer->matter))
                viewer->kind = VIEWER_PARTY;
        return true;
}

bool viewer_has(const struct viewer *viewer, struct str procedure, struct str unit)
{
        char pair[PAIR_BYTES];
        if (viewer->kind != VIEWER_STAFF || procedure.n > LIMIT_KEY_BYTES ||
                        unit.n > LIMIT_KEY_BYTES - 4)
                return false;
        /* Keys of units are plain names: what JSON would escape does not occur in them, and if it
         * did, the pair would not be found, which only hides. */
        int n = snprintf(pair, sizeof(pair), "\"%.*s|%.*s\"", STR_FMT(procedure), STR_FMT(unit));
        return str_find(viewer->scope, (struct str){ pair, (size_t)n }) != SIZE_MAX;
}

bool viewer_holds(struct visit *visit, struct str role, struct str unit)
{
        const struct lookups *lookups = &visit->world.lookups;
        return visit->viewer.kind == VIEWER_STAFF &&
               lookups->holds_role(lookups->user, &visit->viewer.actor, role, unit, visit->today);
}
