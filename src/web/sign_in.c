/* web/sign_in.c - signing in, in one step or two, and out. */
#include "account/account.h"
#include "web/door.h"
#include "web/route.h"
#include "web/throttle.h"
#include "web/work.h"

/* What a step works out on the worker's thread. */
struct step {
        struct sign_in sign_in;
        struct session session; /* before: the half one; after: the new one */
        struct str code, to;
        struct err err;
        bool ok;
};

/* Only to a page of ours: "/work...", without anything that could name another host. */
static struct str landing(struct visit *visit, struct str to)
{
        bool ours = str_starts(to, STR_LIT("/work")) && str_find(to, STR_LIT("//")) == SIZE_MAX &&
                    str_find(to, STR_LIT("\\")) == SIZE_MAX;
        struct buf url = BUF(visit->arena);
        for (size_t i = 0; ours && i < to.n; i++)
                ours = (unsigned char)to.p[i] > 0x20 && (unsigned char)to.p[i] < 0x7F;
        buf_str_add(&url, ours ? to : STR_LIT("/work"));
        return buf_str(&url);
}

static struct str next_page(struct visit *visit, const struct session *session, struct str to)
{
        struct buf url = BUF(visit->arena);
        if (session->state == SESSION_CHANGE)
                return STR_LIT("/work/password");
        if (session->state == SESSION_OPEN)
                return landing(visit, to);
        buf_c(&url, "/work/code");
        visit_query(&url, "to", landing(visit, to));
        return buf_str(&url);
}

static void go_on_with(struct visit *visit, const struct session *session, struct str to)
{
        visit->answer->cookies[0] = viewer_session_cookie(visit, session->token);
        visit_go(visit, next_page(visit, session, to));
}

/* ---- /work/sign-in ---- */

static bool send_sign_in(struct visit *visit, struct str id, struct str to, const struct err *why,
                struct err *err)
{
        struct page page = work_begin(visit, "sign-in", "", STR_LIT("登录"));
        view_text(&page.view, "id", id);
        view_text(&page.view, "to", to);
        return work_send(&page, why, err);
}

bool sign_in_show(struct visit *visit, struct err *err)
{
        return send_sign_in(visit, STR_LIT(""), visit_field(visit, "to"), NULL, err);
}

static void work_sign_in(struct arena *arena, struct desk *desk, void *user)
{
        struct step *step = user;
        step->ok = account_sign_in(arena, desk, &step->sign_in, &step->session, &step->err);
}

static bool signed_in(struct visit *visit, void *user, struct err *err)
{
        struct step *step = user;
        if (!step->ok && step->err.code == E_ACCOUNT_REFUSED)
                throttle_note(visit->portal->throttle, visit_peer_key(visit, "s:"), visit->now);
        if (!step->ok)
                return send_sign_in(visit, step->sign_in.id, step->to, &step->err, err);
        go_on_with(visit, &step->session, step->to);
        return true;
}

bool sign_in_do(struct visit *visit, struct door *door, struct err *err)
{
        struct step *step = arena_new(visit->arena, struct step);
        if (!throttle_may(visit->portal->throttle, visit_peer_key(visit, "s:"), THROTTLE_PASSWORDS,
                            visit->now))
                return err_set(err, E_HTTP_OFTEN, "%s", "");
        step->to = visit_posted(visit, "to");
        step->sign_in = (struct sign_in){ .id = str_trim(visit_posted(visit, "id")),
                .password = visit_posted(visit, "password"),
                .address = http_peer(visit->arena, visit->request),
                .old = visit->viewer.has_session ? visit->viewer.session.token : STR_LIT(""),
                .now = visit->now };
        return door_do(door, visit, work_sign_in, signed_in, step);
}

/* ---- /work/code ---- */

static bool is_half(const struct visit *visit)
{
        return visit->viewer.has_session && visit->viewer.session.state == SESSION_HALF;
}

static bool send_code(struct visit *visit, struct str to, const struct err *why, struct err *err)
{
        struct page page = work_begin(visit, "code", "", STR_LIT("输入验证码"));
        view_text(&page.view, "to", to);
        return work_send(&page, why, err);
}

bool code_show(struct visit *visit, struct err *err)
{
        if (is_half(visit))
                return send_code(visit, visit_field(visit, "to"), NULL, err);
        visit_go(visit, STR_LIT("/work"));
        return true;
}

static void work_code(struct arena *arena, struct desk *desk, void *user)
{
        struct step *step = user;
        struct session half = step->session;
        step->ok = account_second_factor(arena, desk, &half, step->code, step->sign_in.now,
                        &step->session, &step->err);
}

static bool code_checked(struct visit *visit, void *user, struct err *err)
{
        struct step *step = user;
        if (!step->ok)
                return send_code(visit, step->to, &step->err, err);
        go_on_with(visit, &step->session, step->to);
        return true;
}

bool code_do(struct visit *visit, struct door *door, struct err *err)
{
        struct step *step = arena_new(visit->arena, struct step);
        if (!is_half(visit))
                return err_set(err, E_ACCOUNT_SESSION, "%s", "");
        step->to = visit_posted(visit, "to");
        step->code = str_trim(visit_posted(visit, "code"));
        step->session = visit->viewer.session;
        step->sign_in.now = visit->now;
        return door_do(door, visit, work_code, code_checked, step);
}

/* ---- /work/sign-out ---- */

struct leaving {
        struct str token, account;
        bool everywhere, ok;
        struct err err;
};

static void work_sign_out(struct arena *arena, struct desk *desk, void *user)
{
        struct leaving *leaving = user;
        (void)arena;
        leaving->ok = leaving->everywhere ? session_end_all(desk, leaving->account, &leaving->err)
                                          : session_end(desk, leaving->token, &leaving->err);
}

static bool signed_out(struct visit *visit, void *user, struct err *err)
{
        struct leaving *leaving = user;
        if (!leaving->ok) {
                *err = leaving->err;
                return false;
        }
        visit->answer->cookies[0] = viewer_session_cookie(visit, STR_LIT(""));
        visit_go(visit, STR_LIT("/work/sign-in"));
        return true;
}

bool sign_out_do(struct visit *visit, struct door *door, struct err *err)
{
        struct leaving *leaving = arena_new(visit->arena, struct leaving);
        if (!visit->viewer.has_session)
                return err_set(err, E_ACCOUNT_SESSION, "%s", "");
        *leaving = (struct leaving){ .token = visit->viewer.session.token,
                .account = visit->viewer.session.account,
                .everywhere = visit_posted(visit, "everywhere").n != 0 };
        return door_do(door, visit, work_sign_out, signed_out, leaving);
}
