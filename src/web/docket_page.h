/* web/docket_page.h - a list of matters as it was asked for: the filter and the order that the
 * address names, and the form that asks for another; for this room only. */
#ifndef WEB_DOCKET_PAGE_H
#define WEB_DOCKET_PAGE_H

#include "projection/docket.h"
#include "web/visit.h"

struct docket_page {
        struct visit *visit;
        bool is_work;
        const char *base; /* "/matters" */
        struct docket_filter filter;
        struct str q, procedure, state, unit, mine, from, until, sort;
};

/* The same list again, one field of the query left out ("" = none). */
struct str docket_page_url(const struct docket_page *d, const char *without);

/* Is it of one procedure, or searched? Only then may it be ordered by number. */
bool docket_page_is_narrow(const struct docket_page *d);

/* The filter, of strangers or (`is_work`) of what the viewer works on. E_HTTP_QUERY. */
MUST_CHECK bool docket_page_read(struct docket_page *d, struct err *err);

/* `filter`: fields, choices, and what was chosen. */
MUST_CHECK bool docket_page_add_filter(struct docket_page *d, struct page *page, struct err *err);

/* The version whose states are offered; NULL: no procedure. */
const struct version *docket_page_newest(const struct procedure *procedure);

#endif
