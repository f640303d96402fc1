/* web/pages.h - what the portal is printed with: templates and style sheet.
 *
 * Read once when the server starts, from the folder that the program comes with: pages (the
 * templates) and assets/dist. Never changes after, so threads share it. */
#ifndef WEB_PAGES_H
#define WEB_PAGES_H

#include "base/value.h"

struct pages;

struct asset {
        struct str name, bytes, packed; /* packed: gzip; empty = none */
        const char *type;
        bool is_file; /* to be saved: its name says nothing of its content */
};

/* E_PAGE_FILE names what is missing or wrong. */
MUST_CHECK bool pages_open(struct str folder, struct pages **ret, struct err *err);
void pages_close(struct pages **pages);

/* Prints the page `name` ("report") filled from the view to the end of `out`. */
MUST_CHECK bool pages_render(const struct pages *pages, const char *name, const struct value *view,
                struct buf *out, struct err *err);

/* pages/schemas.json: the views as JSON Schemas, by name; a context. */
const struct value *pages_schemas(const struct pages *pages);

/* What the page is for, in one Chinese sentence. */
const char *pages_purpose(const char *name);

/* "/assets/plumbline.8385c3487696.css" */
struct str pages_live_url(const struct pages *pages); /* the script of pages that follow */
struct str pages_css_url(const struct pages *pages);
const struct asset *pages_asset(const struct pages *pages, struct str name); /* or NULL */

#endif
