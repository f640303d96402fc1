/* web/admin_account.c - accounts of others: a new password, no second factor, no session.
 *
 * Who a person is and what he may do stands in the register of staff; here is only how he proves
 * to be the one. A new password is made by us, shown once, and has to be changed at the first
 * sign-in; it also unlocks the account and ends its sessions. */
#include "account/account.h"
#include "account/password.h"
#include "web/admin.h"
#include "web/door.h"
#include "web/route.h"
#include "web/work.h"

enum account_deed { DEED_PASSWORD, DEED_FACTOR, DEED_SESSIONS };

static const struct {
        const char *name, *label, *said;
} deeds[] = {
        [DEED_PASSWORD] = { "password", "重设密码并解除锁定", "新密码已设好，只显示这一次：" },
        [DEED_FACTOR] = { "factor", "取消身份验证器", "身份验证器已取消，请本人重新启用。" },
        [DEED_SESSIONS] = { "sessions", "结束全部登录", "这个账号的全部登录已结束。" },
};

struct change {
        struct str id, password;
        size_t deed;
        struct moment now;
        bool ok;
        struct err err;
};

/* `done`: what was just done; `asked`: whose account was asked for. */
static bool send_accounts(struct visit *visit, struct str asked, const struct change *done,
                const struct err *why, struct err *err)
{
        struct page page = admin_begin(visit, "work-accounts", STR_LIT("账号"));
        struct view_list list = VIEW_LIST(visit->arena);
        page_crumb(&page, page.title, STR_LIT(""));
        for (size_t i = 0; i < N_ELEMENTS(deeds); i++) {
                struct view view = VIEW(visit->arena);
                view_c(&view, "value", deeds[i].name);
                view_c(&view, "label", deeds[i].label);
                view_add(&list, view_end(&view));
        }
        view_put(&page.view, "deeds", view_list_end(&list));
        view_text(&page.view, "account", asked);
        if (done != NULL) {
                view_c(&page.view, "said", deeds[done->deed].said);
                view_some(&page.view, "secret", done->password);
        }
        return work_send(&page, why, err);
}

bool accounts_show(struct visit *visit, struct err *err)
{
        return admin_is_let_in(visit, err) && send_accounts(visit, STR_LIT(""), NULL, NULL, err);
}

/* On the worker's thread. */
static void work_change(struct arena *arena, struct desk *desk, void *user)
{
        struct change *c = user;
        if (c->deed == DEED_PASSWORD)
                c->ok = password_generate(arena, &c->password, &c->err) &&
                        account_set_password(
                                        arena, desk, c->id, c->password, true, c->now, &c->err);
        else if (c->deed == DEED_FACTOR)
                c->ok = account_drop_totp(arena, desk, c->id, &c->err);
        else
                c->ok = session_end_all(desk, c->id, &c->err);
}

static bool changed(struct visit *visit, void *user, struct err *err)
{
        struct change *c = user;
        return c->ok ? send_accounts(visit, c->id, c, NULL, err)
                     : send_accounts(visit, c->id, NULL, &c->err, err);
}

bool accounts_do(struct visit *visit, struct door *door, struct err *err)
{
        struct change *c = arena_new(visit->arena, struct change);
        struct str deed = visit_posted(visit, "do");
        struct err why;
        c->id = str_trim(visit_posted(visit, "id"));
        c->now = visit->now;
        while (c->deed < N_ELEMENTS(deeds) && !str_is(deed, deeds[c->deed].name))
                c->deed++;
        if (!admin_is_let_in(visit, err))
                return false;
        if (c->deed == N_ELEMENTS(deeds))
                return err_set(err, E_HTTP_FORM, "没有这个操作");
        if (!admin_is_staff(visit, c->id, &why))
                return send_accounts(visit, c->id, NULL, &why, err);
        return door_do(door, visit, work_change, changed, c);
}
