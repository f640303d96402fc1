/* web/matter_view.h - the parts that every page of a matter has, as far as its viewer sees; for
 * this room only. */
#ifndef WEB_MATTER_VIEW_H
#define WEB_MATTER_VIEW_H

#include "web/disclosure.h"
#include "web/visit.h"

/* What it is called, or its number. */
MUST_CHECK bool matter_title(
                struct visit *visit, const struct matter *matter, struct str *ret, struct err *err);

/* The members of page `matter` (pages/README.md). `base`: "/matters/"; papers and files stand
 * below that and the number. */
MUST_CHECK bool matter_fill(struct page *page, const struct matter *matter, enum sight sight,
                const char *base, struct err *err);

/* Those of page `document`: the paper that the second part of the path names. `url`: of the
 * matter. E_NOT_FOUND. */
MUST_CHECK bool matter_fill_document(struct page *page, const struct matter *matter,
                enum sight sight, struct str url, struct err *err);

#endif
