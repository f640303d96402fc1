/* account/account.h - credentials of staff: password, second factor, lockout.
 *
 * An account carries the id of an entry in the register of staff, which says who the person is and
 * what he may do; here stands only how he proves to be the one. Nothing of it is a record, so it
 * is written by chores (desk/chore.h).
 *
 * All of these wait for the desk and take their time (argon2id): not on a web thread. A refused
 * sign-in does not say whether the account, the password or the code was wrong.
 *
 * OIDC comes later: a further way to get a session from what somebody else has checked. */
#ifndef ACCOUNT_ACCOUNT_H
#define ACCOUNT_ACCOUNT_H

#include "account/session.h"

/* After so many wrong tries in a row the account is locked, first for a minute, then twice as long
 * with every further one, up to a quarter of an hour (GB/T 22239 8.1.4.1 b: 登录失败处理). */
#define ACCOUNT_FAILURES_MAX 5
#define ACCOUNT_LOCK_SECONDS 60
#define ACCOUNT_LOCK_MAX     900

struct account {
        struct str id, password;
        struct str totp;   /* the secret; empty = none */
        bool totp_in_use;  /* confirmed with a code */
        int64_t totp_step; /* of the last code that was used */
        int failures;
        struct moment locked_until;
        struct moment changed; /* second 0: set by somebody else, to be changed */
};

MUST_CHECK bool account_read(struct arena *arena, struct snapshot *snapshot, struct str id,
                struct account *ret, bool *ret_found, struct err *err);

/* Sets the password of somebody (plumbline user password): makes the account where there is none,
 * unlocks it, ends its sessions. `must_change`: at the first sign-in he chooses his own.
 * E_ACCOUNT_PASSWORD. */
MUST_CHECK bool account_set_password(struct arena *arena, struct desk *desk, struct str id,
                struct str password, bool must_change, struct moment now, struct err *err);

/* Takes the second factor away, for who has lost his telephone. E_ACCOUNT_NONE. */
MUST_CHECK bool account_drop_totp(
                struct arena *arena, struct desk *desk, struct str id, struct err *err);

/* Who signs in: `old` is the session that the browser had; it ends. */
struct sign_in {
        struct str id, password, address, old;
        struct moment now;
};

/* *ret: the new session, in whatever state. E_ACCOUNT_REFUSED, E_ACCOUNT_LOCKED. */
MUST_CHECK bool account_sign_in(struct arena *arena, struct desk *desk,
                const struct sign_in *sign_in, struct session *ret, struct err *err);

/* The second step: session->state is SESSION_HALF. *ret: a new session in its place. */
MUST_CHECK bool account_second_factor(struct arena *arena, struct desk *desk,
                const struct session *session, struct str code, struct moment now,
                struct session *ret, struct err *err);

/* Changes one's own password; all sessions of the account end, *ret is the new one. */
MUST_CHECK bool account_change_password(struct arena *arena, struct desk *desk,
                const struct session *session, struct str old, struct str password,
                struct moment now, struct session *ret, struct err *err);

/* A new secret, which counts once it is confirmed with a code. E_ACCOUNT_STATE if one is in use. */
MUST_CHECK bool account_totp_begin(struct arena *arena, struct desk *desk,
                const struct session *session, struct err *err);
MUST_CHECK bool account_totp_confirm(struct arena *arena, struct desk *desk,
                const struct session *session, struct str code, struct moment now,
                struct session *ret, struct err *err);

#endif
