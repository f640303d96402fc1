#include "web/viewer.h"

#include <stdio.h>

#include "account/api_token.h"
#include "base/limits.h"
#include "web/remit.h"
#include "web/visit.h"

#define PAIR_BYTES (2 * LIMIT_KEY_BYTES + 2)

struct str viewer_session_cookie(struct visit *visit, struct str token)
{
        return visit_cookie_set(visit, SESSION_COOKIE, token);
}

/* ---- Staff and programs ---- */

static bool open_staff(struct visit *visit, struct err *err)
{
        struct viewer *viewer = &visit->viewer;
        struct str account = viewer->session.account;
        struct value entry;
        bool found;
        if (!world_entry(&visit->world, visit->arena, STR_LIT("staff"), account, visit->today,
                            &entry, &found, err))
                return false;
        if (!found) {
                viewer->has_session = false; /* no longer of the staff */
                return true;
        }
        if (!world_actor(visit->arena, &visit->world, account, &viewer->actor, err) ||
                        !remit_of(visit, account, &entry, &viewer->scope, err))
                return false;
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
        if (!session_find(visit->arena, visit->snapshot, visit_cookie(visit, SESSION_COOKIE),
                            visit->now, &viewer->session, &viewer->has_session, err))
                return false;
        return !viewer->has_session || viewer->session.state != SESSION_OPEN ||
               open_staff(visit, err);
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
