#include "account/account.h"

#include <assert.h>

#include "account/password.h"
#include "account/secret.h"
#include "account/totp.h"
#include "desk/chore.h"

#define NOT_CONFIRMED (-1) /* totp_step of a secret that was not confirmed yet */

/* ---- Reading ---- */

bool account_read(struct arena *arena, struct snapshot *snapshot, struct str id,
                struct account *ret, bool *ret_found, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!snapshot_rows(snapshot, Q_ACCOUNT_GET, PARAMS(param_text(id)), &rows, err))
                return false;
        *ret_found = rows_next(&rows);
        if (*ret_found)
                *ret = (struct account){
                        .id = str_copy(arena, id),
                        .password = str_copy(arena, rows_text(&rows, 0)),
                        .totp = str_copy(arena, rows_blob(&rows, 1)),
                        .failures = (int)rows_int(&rows, 2),
                        .locked_until = { rows_int(&rows, 3) },
                        .changed = { rows_int(&rows, 4) },
                        .totp_step = rows_int(&rows, 5),
                        .totp_in_use = !rows_is_null(&rows, 1) &&
                                       rows_int(&rows, 5) != NOT_CONFIRMED,
                };
        return rows_end(&rows, err);
}

static bool read_now(struct arena *arena, struct desk *desk, struct str id, struct account *ret,
                bool *ret_found, struct err *err)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        return snapshot_open(site_store(desk_site(desk)), &snapshot, err) &&
               account_read(arena, snapshot, id, ret, ret_found, err);
}

static bool read_own(struct arena *arena, struct desk *desk, const struct session *session,
                struct account *ret, struct err *err)
{
        bool found;
        if (!read_now(arena, desk, session->account, ret, &found, err))
                return false;
        return found || err_set(err, E_ACCOUNT_SESSION, "%s", "");
}

/* ---- What a try leaves behind ---- */

struct writing {
        struct account account;
        const struct session *session; /* to be put; NULL = none */
        struct str old;                /* session that ends; empty = none */
        bool end_all;                  /* all sessions of the account end first */
        bool credentials;              /* password, second factor and `changed` are written too */
};

static bool write_account(void *user, struct tx *tx, struct err *err)
{
        const struct writing *w = user;
        const struct account *a = &w->account;
        if (w->credentials && !tx_run(tx, Q_ACCOUNT_PUT,
                                              PARAMS(param_text(a->id), param_text(a->password),
                                                              a->totp.n != 0 ? param_blob(a->totp)
                                                                             : param_null(),
                                                              param_int(a->changed.second)),
                                              err))
                return false;
        if (!tx_run(tx, Q_ACCOUNT_TRIED,
                            PARAMS(param_text(a->id), param_int(a->failures),
                                            param_int(a->locked_until.second),
                                            param_int(a->totp_step)),
                            err))
                return false;
        if (w->end_all && !session_drop_all(tx, a->id, err))
                return false;
        if (w->old.n != 0 && !session_drop(tx, w->old, err))
                return false;
        return w->session == NULL || session_put(tx, w->session, err);
}

static bool is_locked(const struct account *account, struct moment now)
{
        return now.second < account->locked_until.second;
}

static bool note_failure(struct desk *desk, const struct account *account, struct moment now,
                enum err_code code, struct err *err)
{
        struct writing w = { .account = *account };
        int more = ++w.account.failures - ACCOUNT_FAILURES_MAX;
        if (more >= 0) {
                int64_t seconds = ACCOUNT_LOCK_SECONDS;
                for (int i = 0; i < more && seconds < ACCOUNT_LOCK_MAX; i++)
                        seconds *= 2;
                w.account.locked_until.second =
                                now.second +
                                (seconds < ACCOUNT_LOCK_MAX ? seconds : ACCOUNT_LOCK_MAX);
        }
        return chore_do(desk, write_account, &w, err) && err_set(err, code, "%s", "");
}

static bool new_session(struct arena *arena, const struct account *account,
                enum session_state state, struct str address, struct moment now,
                struct session *ret, struct err *err)
{
        struct session session = { .account = account->id,
                .state = state,
                .created = now,
                .seen = now,
                .address = address };
        if (!secret_text(arena, SESSION_TOKEN_BYTES, &session.token, err))
                return false;
        *ret = session;
        return true;
}

static enum session_state state_of(const struct account *account)
{
        return account->changed.second == 0 ? SESSION_CHANGE : SESSION_OPEN;
}

/* ---- Signing in ---- */

bool account_sign_in(struct arena *arena, struct desk *desk, const struct sign_in *sign_in,
                struct session *ret, struct err *err)
{
        struct writing w = { .old = sign_in->old };
        struct session session;
        bool found, old;
        if (!read_now(arena, desk, sign_in->id, &w.account, &found, err))
                return false;
        bool right = password_verify(
                        arena, sign_in->password, found ? w.account.password : STR_LIT(""), &old);
        if (!found)
                return err_set(err, E_ACCOUNT_REFUSED, "%s", "");
        if (is_locked(&w.account, sign_in->now))
                return err_set(err, E_ACCOUNT_LOCKED, "%s", "");
        if (!right)
                return note_failure(desk, &w.account, sign_in->now, E_ACCOUNT_REFUSED, err);
        /* With a second factor to come, the tries are forgotten only after it. */
        if (!w.account.totp_in_use)
                w.account.failures = 0;
        if (old && !password_hash(arena, sign_in->password, &w.account.password, err))
                return false;
        w.credentials = old;
        if (!new_session(arena, &w.account,
                            w.account.totp_in_use ? SESSION_HALF : state_of(&w.account),
                            sign_in->address, sign_in->now, &session, err))
                return false;
        w.session = &session;
        if (!chore_do(desk, write_account, &w, err))
                return false;
        *ret = session;
        return true;
}

bool account_second_factor(struct arena *arena, struct desk *desk, const struct session *session,
                struct str code, struct moment now, struct session *ret, struct err *err)
{
        struct writing w = { .old = session->token };
        struct session next;
        int64_t step;
        if (session->state != SESSION_HALF)
                return err_set(err, E_ACCOUNT_STATE, "%s", "");
        if (!read_own(arena, desk, session, &w.account, err))
                return false;
        if (is_locked(&w.account, now))
                return err_set(err, E_ACCOUNT_LOCKED, "%s", "");
        if (!totp_check(w.account.totp, code, now, w.account.totp_step, &step))
                return note_failure(desk, &w.account, now, E_ACCOUNT_CODE, err);
        w.account.totp_step = step;
        w.account.failures = 0;
        if (!new_session(arena, &w.account, state_of(&w.account), session->address, now, &next,
                            err))
                return false;
        w.session = &next;
        if (!chore_do(desk, write_account, &w, err))
                return false;
        *ret = next;
        return true;
}

/* ---- Changing ---- */

bool account_set_password(struct arena *arena, struct desk *desk, struct str id,
                struct str password, bool must_change, struct moment now, struct err *err)
{
        struct writing w = { .end_all = true, .credentials = true };
        bool found;
        if (!password_check(password, id, err) ||
                        !read_now(arena, desk, id, &w.account, &found, err))
                return false;
        if (!found)
                w.account = (struct account){ .id = id, .totp_step = NOT_CONFIRMED };
        w.account.failures = 0;
        w.account.locked_until.second = 0;
        w.account.changed.second = must_change ? 0 : now.second;
        return password_hash(arena, password, &w.account.password, err) &&
               chore_do(desk, write_account, &w, err);
}

bool account_drop_totp(struct arena *arena, struct desk *desk, struct str id, struct err *err)
{
        struct writing w = { .end_all = true, .credentials = true };
        bool found;
        if (!read_now(arena, desk, id, &w.account, &found, err))
                return false;
        if (!found)
                return err_field(err, E_ACCOUNT_NONE, id, "%s", "");
        w.account.totp = STR_LIT("");
        w.account.totp_step = NOT_CONFIRMED;
        return chore_do(desk, write_account, &w, err);
}

/* Rights have changed: every session of the account ends, and one begins under a new token. */
static bool begin_anew(struct arena *arena, struct desk *desk, struct writing *w,
                const struct session *session, struct moment now, struct session *ret,
                struct err *err)
{
        struct session next;
        if (!new_session(arena, &w->account, SESSION_OPEN, session->address, now, &next, err))
                return false;
        w->session = &next;
        w->end_all = true;
        if (!chore_do(desk, write_account, w, err))
                return false;
        *ret = next;
        return true;
}

bool account_change_password(struct arena *arena, struct desk *desk, const struct session *session,
                struct str old, struct str password, struct moment now, struct session *ret,
                struct err *err)
{
        struct writing w = { .credentials = true };
        bool weak;
        if (session->state == SESSION_HALF)
                return err_set(err, E_ACCOUNT_STATE, "%s", "");
        if (!read_own(arena, desk, session, &w.account, err))
                return false;
        if (is_locked(&w.account, now))
                return err_set(err, E_ACCOUNT_LOCKED, "%s", "");
        if (!password_verify(arena, old, w.account.password, &weak))
                return note_failure(desk, &w.account, now, E_ACCOUNT_REFUSED, err);
        if (str_eq(old, password))
                return err_set(err, E_ACCOUNT_PASSWORD, "与原来的相同");
        if (!password_check(password, w.account.id, err) ||
                        !password_hash(arena, password, &w.account.password, err))
                return false;
        w.account.changed = now;
        w.account.failures = 0;
        return begin_anew(arena, desk, &w, session, now, ret, err);
}

bool account_totp_begin(struct arena *arena, struct desk *desk, const struct session *session,
                struct err *err)
{
        struct writing w = { .credentials = true };
        char secret[TOTP_SECRET_BYTES];
        if (!read_own(arena, desk, session, &w.account, err))
                return false;
        if (session->state != SESSION_OPEN || w.account.totp_in_use)
                return err_set(err, E_ACCOUNT_STATE, "%s", "");
        if (!secret_random(secret, sizeof(secret), err))
                return false;
        w.account.totp = (struct str){ secret, sizeof(secret) };
        w.account.totp_step = NOT_CONFIRMED;
        return chore_do(desk, write_account, &w, err);
}

bool account_totp_confirm(struct arena *arena, struct desk *desk, const struct session *session,
                struct str code, struct moment now, struct session *ret, struct err *err)
{
        struct writing w = { 0 };
        int64_t step;
        if (!read_own(arena, desk, session, &w.account, err))
                return false;
        if (session->state != SESSION_OPEN || w.account.totp.n == 0 || w.account.totp_in_use)
                return err_set(err, E_ACCOUNT_STATE, "%s", "");
        if (!totp_check(w.account.totp, code, now, NOT_CONFIRMED, &step))
                return err_set(err, E_ACCOUNT_CODE, "%s", "");
        w.account.totp_step = step;
        return begin_anew(arena, desk, &w, session, now, ret, err);
}
