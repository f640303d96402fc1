/* web/work.h - the workbench's own frame: its navigation, and who has signed in.
 *
 * A page of the workbench begins with work_begin() and uses pages/workbench-layout.html. The
 * navigation is a table in work.c; a row may ask for a role. */
#ifndef WEB_WORK_H
#define WEB_WORK_H

#include "web/visit.h"

struct page work_begin(struct visit *visit, const char *name, const char *column, struct str title);

/* Sends the page; with `why`, what was wrong stands on top (`problem`) and the status is the
 * refusal's. What is our own fault or a full house is not told so: false, with *err = *why. */
MUST_CHECK bool work_send(struct page *page, const struct err *why, struct err *err);

/* {"sentence", "detail", "hint", "basis"} */
struct value work_problem(struct arena *arena, const struct err *why);

/* The acts that may be done in bulk on matters in that state: [{"bulk_act", "bulk_label"}]. */
struct value work_bulk_acts(struct visit *visit, const struct version *version, int state);

/* ---- For visit.c ---- */

struct value work_nav(struct visit *visit, const char *column);
void work_add_user(struct visit *visit, struct view *view);

#endif
