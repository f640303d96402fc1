/* web/admin_token.c - keys for programs: who has one, a new one, an end to one. */
#include "account/api_token.h"
#include "web/admin.h"
#include "web/door.h"
#include "web/route.h"
#include "web/work.h"

struct change {
        struct str account, label, end; /* end: the id of the one to end; else a new one */
        struct str text;                /* the new token */
        struct moment now;
        bool ok;
        struct err err;
};

static bool add_tokens(struct visit *visit, struct page *page, struct err *err)
{
        struct view_list list = VIEW_LIST(visit->arena);
        const struct api_token *tokens;
        size_t n;
        if (!api_token_list(visit->arena, visit->snapshot, visit->now, &tokens, &n, err))
                return false;
        for (size_t i = 0; i < n; i++) {
                struct view view = VIEW(visit->arena);
                view_text(&view, "id", tokens[i].id);
                view_text(&view, "owner", tokens[i].account);
                view_text(&view, "label", tokens[i].label);
                view_text(&view, "from", date_format(visit->arena, moment_date(tokens[i].created)));
                view_text(&view, "until", date_format(visit->arena, moment_date(tokens[i].until)));
                view_add(&list, view_end(&view));
        }
        view_put(&page->view, "tokens", view_list_end(&list));
        return true;
}

static bool send_tokens(
                struct visit *visit, const struct change *c, const struct err *why, struct err *err)
{
        struct page page = admin_begin(visit, "work-tokens", STR_LIT("程序令牌"));
        page_crumb(&page, page.title, STR_LIT(""));
        if (!add_tokens(visit, &page, err))
                return false;
        view_text(&page.view, "account", c != NULL ? c->account : STR_LIT(""));
        view_text(&page.view, "purpose", c != NULL ? c->label : STR_LIT(""));
        if (c != NULL && why == NULL && c->end.n != 0)
                view_c(&page.view, "said", "这个令牌已停用。");
        if (c != NULL && why == NULL && c->end.n == 0) {
                view_c(&page.view, "said", "新令牌只显示这一次，请立即交给使用的程序：");
                view_text(&page.view, "secret", c->text);
        }
        return work_send(&page, why, err);
}

bool tokens_show(struct visit *visit, struct err *err)
{
        return admin_is_let_in(visit, err) && send_tokens(visit, NULL, NULL, err);
}

/* On the worker's thread. */
static void work_change(struct arena *arena, struct desk *desk, void *user)
{
        struct change *c = user;
        c->ok = c->end.n != 0 ? api_token_end(desk, c->end, &c->err)
                              : api_token_add(arena, desk, c->account, c->label, c->now, &c->text,
                                                &c->err);
}

static bool changed(struct visit *visit, void *user, struct err *err)
{
        const struct change *c = user;
        return send_tokens(visit, c, c->ok ? NULL : &c->err, err);
}

bool tokens_do(struct visit *visit, struct door *door, struct err *err)
{
        struct change *c = arena_new(visit->arena, struct change);
        struct err why;
        if (!admin_is_let_in(visit, err))
                return false;
        c->account = str_trim(visit_posted(visit, "account"));
        c->label = visit_posted(visit, "label");
        c->end = visit_posted(visit, "end");
        c->now = visit->now;
        if (c->end.n == 0 && !admin_is_staff(visit, c->account, &why))
                return send_tokens(visit, c, &why, err);
        return door_do(door, visit, work_change, changed, c);
}
