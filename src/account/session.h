/* account/session.h - who has signed in: a random token in a cookie, only its hash in the store.
 *
 * Whoever reads the store, or a copy of it, cannot be taken for somebody who signed in. A session
 * ends by itself when it is not used, and in any case after a working day. At sign-in and when
 * rights change it gets a new token, so that a token planted before is worth nothing. */
#ifndef ACCOUNT_SESSION_H
#define ACCOUNT_SESSION_H

#include "base/date.h"
#include "desk/desk.h"
#include "store/store.h"

#define SESSION_IDLE_SECONDS (2 * 3600)  /* a long opinion is written without a click */
#define SESSION_LONG_SECONDS (12 * 3600) /* a day at the desk; then one signs in again */
#define SESSION_SEEN_SECONDS 120         /* its last use is noted no more often */
#define SESSION_TOKEN_BYTES  32u

enum session_state {
        SESSION_OPEN,
        SESSION_HALF,   /* the password was right, the second factor is wanted */
        SESSION_CHANGE, /* a password that somebody else has set: it must be changed first */
};

struct session {
        struct str token; /* as the cookie has it */
        struct str account;
        enum session_state state;
        struct moment created, seen;
        struct str address; /* from where it was opened */
};

/* The session of a token that holds at `now`; *ret_found false: none. */
MUST_CHECK bool session_find(struct arena *arena, struct snapshot *snapshot, struct str token,
                struct moment now, struct session *ret, bool *ret_found, struct err *err);

/* Should its use be noted now? */
bool session_is_stale(const struct session *session, struct moment now);

/* Notes that it is used; the caller need not wait. */
void session_touch(struct desk *desk, const struct session *session, struct moment now);

/* Ends one; ends all of an account (sign out everywhere). */
MUST_CHECK bool session_end(struct desk *desk, struct str token, struct err *err);
MUST_CHECK bool session_end_all(struct desk *desk, struct str account, struct err *err);

/* ---- Within a chore ---- */

/* A new session under session->token; old ones that ran out are swept away with it. */
MUST_CHECK bool session_put(struct tx *tx, const struct session *session, struct err *err);
MUST_CHECK bool session_drop(struct tx *tx, struct str token, struct err *err);
MUST_CHECK bool session_drop_all(struct tx *tx, struct str account, struct err *err);

#endif
