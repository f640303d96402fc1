/* web/heads.c - the signed heads of the log, and that one goes on from another: as a page, and as
 * a file that is checked offline (ledger/consistency.h). */
#include <assert.h>

#include "desk/tree.h"
#include "ledger/consistency.h"
#include "web/route.h"

struct two_heads {
        struct visit *visit;
        struct consistency consistency;
        int64_t from, to;
};

static bool find_note(struct visit *visit, int64_t size, struct str *ret, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!snapshot_rows(visit->snapshot, Q_CHECKPOINT_AT, PARAMS(param_int(0), param_int(size)),
                            &rows, err))
                return false;
        if (!rows_next(&rows))
                return rows_end(&rows, err) &&
                       err_set(err, E_NOT_FOUND, "账本在 %lld 条处没有签署", (long long)size);
        *ret = str_copy(visit->arena, rows_text(&rows, 0));
        return rows_end(&rows, err);
}

static bool prove(struct two_heads *heads, struct err *err)
{
        struct visit *visit = heads->visit;
        struct consistency *c = &heads->consistency;
        struct tree tree;
        c->algorithm = site_config(visit->portal->site)->hash;
        if (heads->from > heads->to)
                return err_field(err, E_HTTP_QUERY, STR_LIT("from"), "前一个应不多于后一个");
        if (!find_note(visit, heads->from, &c->from, err) ||
                        !find_note(visit, heads->to, &c->to, err))
                return false;
        tree_init(&tree, visit->snapshot, c->algorithm, (uint64_t)heads->to);
        struct merkle_source source = tree_source(&tree);
        return heads->from == heads->to || merkle_prove_consistency(&source, (uint64_t)heads->from,
                                                           (uint64_t)heads->to, &c->proof, err);
}

/* ---- /consistency/FROM/TO: the file ---- */

bool heads_file(struct visit *visit, struct err *err)
{
        struct two_heads heads = { .visit = visit };
        if (!str_to_int(visit->parts[0], &heads.from) || heads.from < 1 ||
                        !str_to_int(visit->parts[1], &heads.to) || heads.to < 1)
                return err_set(err, E_NOT_FOUND, "%s", "");
        if (!prove(&heads, err))
                return false;
        visit_send(visit, "application/json; charset=utf-8",
                        consistency_format(visit->arena, &heads.consistency));
        visit->answer->file_name = str_format(visit->arena, "consistency-%lld-%lld.json",
                        (long long)heads.from, (long long)heads.to);
        return true;
}

/* ---- /checkpoints ---- */

static bool list_heads(struct visit *visit, struct view *view, int64_t *ret_newest, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct view_list list = VIEW_LIST(visit->arena);
        *ret_newest = 0;
        if (!snapshot_rows(visit->snapshot, Q_CHECKPOINT_NEWEST,
                            PARAMS(param_int(0), param_int(VISIT_PAGE_ROWS)), &rows, err))
                return false;
        while (rows_next(&rows)) {
                struct view item = VIEW(visit->arena);
                int64_t size = rows_int(&rows, 0);
                if (*ret_newest == 0)
                        *ret_newest = size;
                view_int(&item, "size", size);
                view_text(&item, "compare_url",
                                str_format(visit->arena, "/checkpoints?from=%lld&to=%lld",
                                                (long long)size, (long long)*ret_newest));
                view_add(&list, view_end(&item));
        }
        view_put(view, "heads", view_list_end(&list));
        return rows_end(&rows, err);
}

static struct value proof_view(struct two_heads *heads)
{
        struct visit *visit = heads->visit;
        struct view view = VIEW(visit->arena);
        struct view_list path = VIEW_LIST(visit->arena);
        for (size_t i = 0; i < heads->consistency.proof.n; i++) {
                char *hex = arena_alloc(visit->arena, HASH_HEX);
                hash_write_hex(heads->consistency.proof.hashes[i].b, HASH_BYTES, hex);
                view_add_text(&path, (struct str){ hex, HASH_HEX });
        }
        view_int(&view, "from_size", heads->from);
        view_int(&view, "to_size", heads->to);
        view_text(&view, "from_note", heads->consistency.from);
        view_text(&view, "to_note", heads->consistency.to);
        view_put(&view, "path", view_list_end(&path));
        view_text(&view, "file_url",
                        str_format(visit->arena, "/consistency/%lld/%lld", (long long)heads->from,
                                        (long long)heads->to));
        return view_end(&view);
}

bool heads_show(struct visit *visit, struct err *err)
{
        struct two_heads heads = { .visit = visit };
        struct page page = page_begin(visit, "heads", "/matters", STR_LIT("签署的账本状态"));
        int64_t newest;
        if (!list_heads(visit, &page.view, &newest, err) ||
                        !visit_int(visit, "from", INT64_MAX / 2, 0, &heads.from, err) ||
                        !visit_int(visit, "to", INT64_MAX / 2, newest, &heads.to, err))
                return false;
        if (heads.from > 0) {
                if (!prove(&heads, err))
                        return false;
                view_put(&page.view, "proof", proof_view(&heads));
        }
        page_crumb(&page, page.title, STR_LIT(""));
        return page_send(&page, err);
}
