/* web/viewer.h - who is looking: a stranger or a member of staff. (A party of a matter, who comes
 * with its query code, looks through web/track.h alone.)
 *
 * Staff see the matters of a unit and a procedure in which they hold a role (for the unit or one
 * above it, by entry, grant or delegation), those assigned to them, and what strangers see. That
 * set is worked out once (web/remit.h) and joined into lists by the database. */
#ifndef WEB_VIEWER_H
#define WEB_VIEWER_H

#include "account/session.h"
#include "procedure/decide.h"

struct visit;

enum viewer_kind { VIEWER_STRANGER, VIEWER_STAFF };

struct viewer {
        enum viewer_kind kind;
        bool is_program;        /* VIEWER_STAFF by a token instead of a session */
        bool has_session;       /* of whatever state: it may be half a sign-in */
        struct session session; /* of a program only the account */
        struct actor actor;     /* VIEWER_STAFF */
        struct str scope;       /* VIEWER_STAFF: JSON list of "procedure|unit" */
};

/* Finds out by the cookies, of staff only where the session is open and the entry in the register
 * of staff is in force today. */
MUST_CHECK bool viewer_open(struct visit *visit, struct err *err);

#define SESSION_COOKIE "pl-session" /* see visit_cookie() */

/* The cookie of a session, and of none. */
struct str viewer_session_cookie(struct visit *visit, struct str token);

/* Does the scope have the pair? */
bool viewer_has(const struct viewer *viewer, struct str procedure, struct str unit);

/* Does the member of staff hold the role for the unit? */
bool viewer_holds(struct visit *visit, struct str role, struct str unit);

#endif
