/* web/admin.h - what the pages of administration share; for this room only.
 *
 * Who may is said by data: a register is kept by the roles in its `keepers`. What no register says
 * (accounts, parameters) is for ADMIN_ROLE. Three separate administrators come later: then each
 * area below names its own role. */
#ifndef WEB_ADMIN_H
#define WEB_ADMIN_H

#include "web/visit.h"

#define ADMIN_ROLE   "system_admin"
#define AUDITOR_ROLE "auditor"

/* Does the viewer keep the register? */
bool admin_keeps(struct visit *visit, const struct reg *reg);

/* Is the viewer an administrator? If not, E_NOT_FOUND: the page is none to him. */
MUST_CHECK bool admin_is_let_in(struct visit *visit, struct err *err);

/* May he read what others read, and the leaves of the log? Whoever administers is not therefore an
 * auditor. */
bool admin_is_auditor(struct visit *visit);

/* Does he keep a register of admin_standing.c? */
bool admin_keeps_standing(struct visit *visit);

/* Does somebody of that id work here today? E_NOT_FOUND. */
MUST_CHECK bool admin_is_staff(struct visit *visit, struct str id, struct err *err);

/* What was pasted into `text`, or the file chosen as `file`: that one goes before. */
struct str admin_pasted(const struct visit *visit);

/* A page of it, under its crumbs; `label` empty: the index. */
struct page admin_begin(struct visit *visit, const char *name, struct str label);

#endif
