/* web/credentials.c - one's own password and second factor. */
#include "account/account.h"
#include "account/password.h"
#include "account/totp.h"
#include "web/door.h"
#include "web/problem.h"
#include "web/qr.h"
#include "web/route.h"
#include "web/work.h"

struct change {
        struct session session, next;
        struct str old, password, code;
        struct moment now;
        bool begin; /* a new secret for the second factor */
        bool ok;
        struct err err;
};

static struct change *change_new(struct visit *visit)
{
        struct change *change = arena_new(visit->arena, struct change);
        change->session = visit->viewer.session;
        change->now = visit->now;
        return change;
}

/* ---- /work/password ---- */

static bool may_change(const struct visit *visit)
{
        return visit->viewer.has_session && visit->viewer.session.state != SESSION_HALF;
}

static bool send_password(struct visit *visit, const struct err *why, struct err *err)
{
        struct page page = work_begin(visit, "password", "", STR_LIT("修改密码"));
        view_yes(&page.view, "must", visit->viewer.session.state == SESSION_CHANGE);
        view_int(&page.view, "shortest", PASSWORD_MIN);
        view_int(&page.view, "kinds", PASSWORD_KINDS);
        view_int(&page.view, "long_enough", PASSWORD_LONG);
        return work_send(&page, why, err);
}

bool password_show(struct visit *visit, struct err *err)
{
        if (may_change(visit))
                return send_password(visit, NULL, err);
        if (problem_is_wanted(visit))
                return err_set(err, E_ACCOUNT_SESSION, "%s", "");
        visit_go(visit, STR_LIT("/work/sign-in"));
        return true;
}

static void work_password(struct arena *arena, struct desk *desk, void *user)
{
        struct change *c = user;
        c->ok = account_change_password(
                        arena, desk, &c->session, c->old, c->password, c->now, &c->next, &c->err);
}

static bool password_changed(struct visit *visit, void *user, struct err *err)
{
        struct change *c = user;
        if (!c->ok)
                return send_password(visit, &c->err, err);
        visit->answer->cookies[0] = viewer_session_cookie(visit, c->next.token);
        visit_go(visit, STR_LIT("/work"));
        return true;
}

bool password_do(struct visit *visit, struct door *door, struct err *err)
{
        struct change *c = change_new(visit);
        struct err why;
        if (!may_change(visit))
                return err_set(err, E_ACCOUNT_SESSION, "%s", "");
        c->old = visit_posted(visit, "old");
        c->password = visit_posted(visit, "new");
        if (!str_eq(c->password, visit_posted(visit, "again"))) {
                (void)err_set(&why, E_ACCOUNT_PASSWORD, "两次输入的新密码不一样");
                return send_password(visit, &why, err);
        }
        return door_do(door, visit, work_password, password_changed, c);
}

/* ---- /work/second-factor ---- */

static bool send_factor(struct visit *visit, const struct err *why, struct err *err)
{
        struct page page = work_begin(
                        visit, "second-factor", "/work/second-factor", STR_LIT("身份验证"));
        struct account account;
        bool found;
        if (!account_read(visit->arena, visit->snapshot, visit->viewer.session.account, &account,
                            &found, err))
                return false;
        if (found && account.totp_in_use) {
                view_yes(&page.view, "in_use", true);
        } else if (found && account.totp.n != 0) {
                struct view secret = VIEW(visit->arena);
                struct qr qr;
                struct str organ = site_config(visit->portal->site)->organ;
                struct str uri = totp_uri(visit->arena, organ, account.id, account.totp);
                view_text(&secret, "words", totp_base32(visit->arena, account.totp));
                if (!qr_encode_bytes(visit->arena, uri, &qr))
                        return err_set(err, E_LIMIT, "二维码");
                view_int(&secret, "size", qr.size);
                view_text(&secret, "path", qr.path);
                view_put(&page.view, "secret", view_end(&secret));
        }
        return work_send(&page, why, err);
}

bool factor_show(struct visit *visit, struct err *err)
{
        return send_factor(visit, NULL, err);
}

static void work_factor(struct arena *arena, struct desk *desk, void *user)
{
        struct change *c = user;
        c->ok = c->begin ? account_totp_begin(arena, desk, &c->session, &c->err)
                         : account_totp_confirm(arena, desk, &c->session, c->code, c->now, &c->next,
                                           &c->err);
}

static bool factor_changed(struct visit *visit, void *user, struct err *err)
{
        struct change *c = user;
        if (!c->ok)
                return send_factor(visit, &c->err, err);
        if (!c->begin)
                visit->answer->cookies[0] = viewer_session_cookie(visit, c->next.token);
        visit_go(visit, STR_LIT("/work/second-factor"));
        return true;
}

bool factor_do(struct visit *visit, struct door *door, struct err *err)
{
        struct change *c = change_new(visit);
        (void)err;
        c->begin = str_is(visit_posted(visit, "do"), "begin");
        c->code = str_trim(visit_posted(visit, "code"));
        return door_do(door, visit, work_factor, factor_changed, c);
}
