/* web/problem.h - refusals for programs: problem details (RFC 9457) instead of a page.
 *
 * For whoever asked for NAME.json or accepts JSON and no HTML. `type` leads to the page that
 * lists every code; `code` is it alone, `hint` says what to do next, `basis` cites the article,
 * `field` names the field concerned. What is our own fault says nothing of its cause. There is
 * no `instance`: a hidden matter is refused to the byte as one that does not exist. */
#ifndef WEB_PROBLEM_H
#define WEB_PROBLEM_H

#include "web/visit.h"

/* Does the visit want its refusal as JSON? */
bool problem_is_wanted(const struct visit *visit);

/* Fills the answer. */
void problem_send(struct visit *visit, const struct err *why);

#endif
