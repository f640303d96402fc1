#include "web/work.h"

#include "account/secret.h"
#include "web/route.h"

#define KEY_BYTES 18u

static const struct {
        const char *label, *url;
        const char *role; /* shown to those who hold it for their unit; NULL = to all */
        bool (*open)(struct visit *visit); /* asks otherwise; NULL = does not */
} columns[] = {
        { "我的工作", "/work", NULL },
        { "办件", "/work/matters", NULL },
        { "新建", "/work/new", NULL },
        { "抽取台", "/work/draws", NULL, work_draws_are_open },
        { "总览", "/work/dashboard", NULL, dashboard_is_open },
        { "管理", "/work/admin", NULL },
        { "身份验证", "/work/second-factor", NULL },
};

struct page work_begin(struct visit *visit, const char *name, const char *column, struct str title)
{
        struct page page = { .visit = visit,
                .name = name,
                .column = column,
                .title = title,
                .with_token = true, /* at least the form that signs out */
                .is_work = true,
                .published = DATE_NONE,
                .view = VIEW(visit->arena),
                .crumbs = VIEW_LIST(visit->arena) };
        return page;
}

struct value work_problem(struct arena *arena, const struct err *why)
{
        const struct err_text *text = err_text(why->code);
        struct view problem = VIEW(arena);
        view_c(&problem, "sentence", text->sentence);
        view_some(&problem, "detail", str_of(why->detail));
        view_some(&problem, "hint", str_of(text->hint));
        view_some(&problem, "basis", str_of(err_basis(why)));
        return view_end(&problem);
}

bool work_send(struct page *page, const struct err *why, struct err *err)
{
        enum err_kind kind = why != NULL ? err_text(why->code)->kind : ERR_INVALID;
        if (kind == ERR_BROKEN || kind == ERR_BUSY) {
                *err = *why;
                return false;
        }
        if (why != NULL)
                view_put(&page->view, "problem", work_problem(page->visit->arena, why));
        if (!page_send(page, err))
                return false;
        if (why != NULL)
                page->visit->answer->status = http_status(why);
        return true;
}

bool work_key(struct visit *visit, struct str posted, struct str *ret, struct err *err)
{
        *ret = posted;
        return posted.n == KEY_BYTES / 3 * 4 || secret_text(visit->arena, KEY_BYTES, ret, err);
}

struct value work_nav(struct visit *visit, const char *column)
{
        struct view_list list = VIEW_LIST(visit->arena);
        const struct viewer *viewer = &visit->viewer;
        for (size_t i = 0; viewer->kind == VIEWER_STAFF && i < N_ELEMENTS(columns); i++) {
                struct view item = VIEW(visit->arena);
                if (columns[i].role != NULL &&
                                !viewer_holds(visit, str_of(columns[i].role), viewer->actor.unit))
                        continue;
                if (columns[i].open != NULL && !columns[i].open(visit))
                        continue;
                view_c(&item, "label", columns[i].label);
                view_c(&item, "url", columns[i].url);
                view_put(&item, "current", value_bool(strcmp(columns[i].url, column) == 0));
                view_add(&list, view_end(&item));
        }
        return view_list_end(&list);
}

void work_add_user(struct visit *visit, struct view *view)
{
        const struct viewer *viewer = &visit->viewer;
        struct view user = VIEW(visit->arena);
        if (viewer->kind != VIEWER_STAFF)
                return;
        view_text(&user, "name", viewer->actor.name.n != 0 ? viewer->actor.name : viewer->actor.id);
        view_text(&user, "unit_name", visit_unit(visit, viewer->actor.unit));
        view_put(view, "user", view_end(&user));
}
