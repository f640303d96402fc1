/* web/tile.c - the log as C2SP tlog-tiles asks for it: hash tiles for everybody, the entries
 * themselves for auditors (desk/auditor.h). */
#include "base/log.h"
#include "desk/auditor.h"
#include "desk/rotate.h"
#include "desk/tree.h"
#include "web/admin.h"
#include "web/route.h"

#define BEARER "Bearer "

static bool signed_size(struct visit *visit, uint64_t *ret, struct err *err)
{
        int64_t size = 0;
        bool found;
        if (!snapshot_int(visit->snapshot, Q_LEDGER_SIGNED, PARAMS(param_int(0)), &size, &found,
                            err))
                return false;
        *ret = found ? (uint64_t)size : 0;
        return true;
}

/* Who may read the leaves, which name matters and officers: by a token, or in a session with the
 * role. Everybody else is answered as if there were none. */
static bool is_auditor(struct visit *visit, struct err *err)
{
        struct str token = http_header(visit->request, "Authorization"), name;
        if (token.n == 0 && admin_is_auditor(visit)) {
                log_line(LOG_INFO, "web", "auditor %.*s reads %.*s",
                                STR_FMT(visit->viewer.actor.id),
                                STR_FMT(visit->request->address.path));
                return true;
        }
        if (!str_starts(token, STR_LIT(BEARER)))
                return err_set(err, E_NOT_FOUND, "%s", "");
        token = str_slice(token, strlen(BEARER), token.n);
        if (!auditor_find(visit->arena, site_dir(visit->portal->site), token, &name, err))
                return err->code == E_NOT_FOUND ? err_set(err, E_NOT_FOUND, "%s", "") : false;
        log_line(LOG_INFO, "web", "auditor %.*s reads %.*s", STR_FMT(name),
                        STR_FMT(visit->request->address.path));
        return true;
}

bool tile_show(struct visit *visit, struct err *err)
{
        struct str path = visit->request->address.path, bytes;
        struct tile_name name;
        struct tree tree;
        uint64_t size;
        if (!tile_parse(str_slice(path, 1, path.n), &name, err))
                return err_set(err, E_NOT_FOUND, "%s", "");
        if ((name.is_entries && !is_auditor(visit, err)) || !signed_size(visit, &size, err))
                return false;
        tree_init(&tree, visit->snapshot, site_config(visit->portal->site)->hash, size);
        bool ok = name.is_entries ? tree_entries(visit->arena, &tree, name.index, name.width,
                                                    &bytes, err)
                                  : tree_tile(visit->arena, &tree, name.level, name.index,
                                                    name.width, &bytes, err);
        if (!ok)
                return false;
        visit_send(visit, "application/octet-stream", bytes);
        visit->answer->keeping = name.is_entries ? HTTP_STORE_NEVER : HTTP_FOR_GOOD;
        return true;
}

/* How the log's key changed; nothing while it never did. */
bool tile_keys(struct visit *visit, struct err *err)
{
        struct str text;
        if (!log_keys(visit->arena, visit->portal->site, &text, err))
                return false;
        if (text.n == 0)
                return err_set(err, E_NOT_FOUND, "%s", "");
        visit_send(visit, "text/plain; charset=utf-8", text);
        return true;
}
