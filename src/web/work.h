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

/* Who may do what on a matter (pages/README.md: work-matter); work_offer.c. */
MUST_CHECK bool work_add_offer(struct page *page, const struct matter *matter, struct err *err);

/* [{"why", "why_basis"?}]: what already stands in the way of the act, whatever is filled in; of
 * the viewer (`mine`), or of whoever does it. */
struct value work_missing(struct visit *visit, const struct matter *matter, size_t act, bool mine);
bool work_is_for_people(const struct act *act); /* those of the program alone are nobody's */
bool work_starts_from(const struct act *act, const struct version *version, size_t state);
struct str work_act_url(struct visit *visit, const struct matter *matter, size_t act);

/* `family`: the matter it belongs to and those that belong to it; work_matter.c */
MUST_CHECK bool work_add_family(struct page *page, const struct matter *matter, struct err *err);

/* {"why", "why_basis"?} */
struct value work_reason(struct arena *arena, const struct err *why);

/* `pool` and `sizes` of a draw, out of its fields; work_trial.c. */
void work_add_pool(struct view *to, const struct version *version, const struct value *fields);

/* Would the act begin a draw? Then it can be tried before: [trial] of pages/README.md (work-act),
 * or what the desk would refuse of the act itself. */
bool work_may_try(struct visit *visit, const struct version *version, const struct act *act);
MUST_CHECK bool work_try(struct visit *visit, const struct version *version,
                const struct matter *matter, const struct act *act, const struct value *given,
                struct value *ret, struct err *err);

/* Does the version draw lots; does the viewer see such matters? work_draw.c */
bool work_is_draw(const struct version *version);
bool work_draws_are_open(struct visit *visit);

/* May the viewer begin a matter with the act, for his own unit? work_act.c */
bool work_may_begin(struct visit *visit, const struct act *act);

/* Adds the saved views of the viewer (`views`), and the form that saves this one (`save`), whose
 * query is `query`; work_view.c. */
MUST_CHECK bool work_add_views(struct page *page, struct str query, struct err *err);

/* A key that makes a second click the same act: the one posted, or a new one. */
MUST_CHECK bool work_key(struct visit *visit, struct str posted, struct str *ret, struct err *err);

/* The page of the matter that the path names; `typed`: a note that was not taken, because of
 * `why` (both may be NULL). work_matter.c */
MUST_CHECK bool work_matter_send(struct visit *visit, const struct str *typed,
                const struct err *why, struct err *err);

/* ---- For visit.c ---- */

struct value work_nav(struct visit *visit, const char *column);
void work_add_user(struct visit *visit, struct view *view);

#endif
