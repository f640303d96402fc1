#include "web/mode.h"

#include "web/cookie.h"
#include "web/route.h"

#define MODE_COOKIE "pl_mode"
#define ELDER       "elder"

bool mode_is_elder(const struct visit *visit)
{
        return visit->request != NULL && str_is(http_cookie(visit->request, MODE_COOKIE), ELDER);
}

struct str mode_url(struct visit *visit, bool to_this_page)
{
        struct buf url = BUF(visit->arena);
        buf_c(&url, "/mode");
        visit_query(&url, "set", mode_is_elder(visit) ? STR_LIT("standard") : STR_LIT(ELDER));
        if (to_this_page && visit->request != NULL && visit->route != NULL &&
                        visit->route->method == HTTP_GET &&
                        visit->request->address.path.n <= ROUTE_FIELD_BYTES)
                visit_query(&url, "to", visit->request->address.path);
        return buf_str(&url);
}

/* Only an address of ours: one slash at the beginning, printable, nothing that a browser could
 * take for another host. */
static bool is_ours(struct str to)
{
        if (to.n == 0 || to.p[0] != '/' || (to.n > 1 && (to.p[1] == '/' || to.p[1] == '\\')))
                return false;
        for (size_t i = 0; i < to.n; i++)
                if (to.p[i] <= 0x20 || to.p[i] >= 0x7F || to.p[i] == '\\')
                        return false;
        return true;
}

/* GET /mode?set=elder&to=/services: a preference of the reader's, nothing else changes. */
bool mode_switch(struct visit *visit, struct err *err)
{
        struct str set = visit_field(visit, "set"), to = visit_field(visit, "to");
        bool elder = str_is(set, ELDER);
        if (!elder && !str_is(set, "standard"))
                return err_field(err, E_HTTP_QUERY, STR_LIT("set"), "应当是 elder 或 standard");
        visit_go(visit, is_ours(to) ? to : STR_LIT("/"));
        visit->answer->cookies[0] = cookie_format(visit->arena, MODE_COOKIE,
                        elder ? STR_LIT(ELDER) : STR_LIT("standard"), false);
        return true;
}
