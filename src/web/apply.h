/* web/apply.h - an application on its way: its draft, its steps, what is wrong with it; for this
 * room only.
 *
 * The draft is found by a cookie, which holds the code that its owner may also write down
 * (续办码). */
#ifndef WEB_APPLY_H
#define WEB_APPLY_H

#include "desk/drafts.h"
#include "procedure/guide.h"
#include "web/form.h"
#include "web/visit.h"

#define APPLY_COOKIE    "pl_draft"
#define APPLY_STEPS_MAX 128u

struct apply_step { /* what stands on one page */
        struct str label, help;
        const size_t *fields;
        size_t n;
};

struct apply_problem {
        size_t step;
        struct str name; /* of the input; empty: the whole */
        struct str say;
};

struct application {
        struct visit *visit;
        struct str code;
        struct draft draft;
        const struct version *version;
        const struct guide *guide; /* may be NULL */
        const struct act *act;
        struct value *values; /* what was typed as far as it is sound, for conditions */
        struct apply_step steps[APPLY_STEPS_MAX];
        size_t n_steps;
        const struct draft_file *files;
        size_t n_files;
};

/* The draft of the cookie, which must be of the procedure in the address; its steps.
 * E_DRAFT_NONE. */
MUST_CHECK bool apply_find(struct visit *visit, struct application *ret, struct err *err);

/* The same from a draft in hand, whose code is known. */
MUST_CHECK bool apply_open(struct application *a, struct err *err);

/* What was typed for a field; NULL: nothing. */
const struct value *apply_typed(const struct application *a, size_t field);
bool apply_needs(const struct application *a, size_t field);

/* The questions of some steps, as a form that begins with what the draft has. */
struct form apply_questions(
                const struct application *a, size_t first, size_t n, const struct posted *posted);

/* Everything that is wrong, fields in the order of the steps; if they are sound, what the act
 * itself says against it. */
MUST_CHECK bool apply_problems(const struct application *a, const struct apply_problem **ret,
                size_t *ret_n, struct err *err);

/* What the act is handed: what was typed, and what the guide presets. */
struct value apply_fields(const struct application *a);

/* "/apply/foi_request" and what stands behind it. */
struct str apply_url(struct visit *visit, struct str procedure, const char *behind);

#endif
