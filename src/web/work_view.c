/* web/work_view.c - lists that somebody looks at often, under a name of his own: kept, shown above
 * the docket, dropped. */
#include "account/saved_view.h"
#include "web/door.h"
#include "web/route.h"
#include "web/work.h"

#define BASE "/work/matters"

bool work_add_views(struct page *page, struct str query, struct err *err)
{
        struct visit *visit = page->visit;
        struct view_list list = VIEW_LIST(visit->arena);
        struct view save = VIEW(visit->arena);
        const struct saved_view *views;
        size_t n;
        if (!saved_view_list(
                            visit->arena, visit->snapshot, visit->viewer.actor.id, &views, &n, err))
                return false;
        for (size_t i = 0; i < n; i++) {
                struct view view = VIEW(visit->arena);
                view_text(&view, "view_name", views[i].name);
                view_text(&view, "view_query", views[i].query);
                view_text(&view, "view_url",
                                str_format(visit->arena, BASE "%.*s", STR_FMT(views[i].query)));
                view_yes(&view, "view_current", str_eq(views[i].query, query));
                view_add(&list, view_end(&view));
        }
        if (n != 0)
                view_put(&page->view, "views", view_list_end(&list));
        view_text(&save, "save_query", query);
        view_int(&save, "save_max", SAVED_VIEW_NAME);
        view_put(&page->view, "save", view_end(&save));
        return true;
}

struct viewing {
        struct visit *visit;
        struct str account;
        struct saved_view view;
        bool drop, ok;
        struct err err;
};

static void work(struct arena *arena, struct desk *desk, void *user)
{
        struct viewing *v = user;
        (void)arena;
        v->ok = v->drop ? saved_view_drop(desk, v->account, v->view.name, &v->err)
                        : saved_view_put(desk, v->account, &v->view, v->visit->now, &v->err);
}

static bool worked(struct visit *visit, void *user, struct err *err)
{
        struct viewing *v = user;
        if (!v->ok) {
                *err = v->err;
                return false;
        }
        visit_go(visit, str_format(visit->arena, BASE "%.*s", STR_FMT(v->view.query)));
        return true;
}

/* A query of the docket's own page, and nothing that would lead elsewhere. */
static bool is_query(struct visit *visit, struct str query)
{
        struct address address;
        struct err err;
        if (query.n == 0)
                return true;
        return query.p[0] == '?' && query.n <= SAVED_VIEW_QUERY &&
               address_parse(visit->arena, str_format(visit->arena, BASE "%.*s", STR_FMT(query)),
                               &address, &err) &&
               address.n_segments == 2;
}

bool work_view_do(struct visit *visit, struct door *door, struct err *err)
{
        struct viewing *v = arena_new(visit->arena, struct viewing);
        *v = (struct viewing){ .visit = visit,
                .account = visit->viewer.actor.id,
                .view = { visit_posted(visit, "name"), visit_posted(visit, "query") },
                .drop = str_is(visit_posted(visit, "do"), "drop") };
        if (!is_query(visit, v->view.query))
                return err_set(err, E_HTTP_FORM, "筛选条件不是本页的");
        return door_do(door, visit, work, worked, v);
}
