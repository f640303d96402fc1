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

/* Adds [label, value, file_url?] of a field with its value, if it is seen and says something;
 * nothing of any other, not even that it was filled in. `url`: of the matter's page. */
void matter_add_field(struct visit *visit, const struct matter *matter, enum sight sight,
                struct str url, struct view_list *list, size_t field, const struct value *value);

/* Instead of its facts, for those whose work it is: parties, files, facts, and apart from them
 * what the program keeps for itself (work_facts.c). */
MUST_CHECK bool work_fill_facts(
                struct page *page, const struct matter *matter, struct str url, struct err *err);

/* Notes that staff are shown the personal fields of the matter. */
void matter_note_reading(struct visit *visit, const struct matter *matter);

/* The same of some fields: `shown[i]`, one for each of the version. */
void matter_note_fields(struct visit *visit, const struct matter *matter, const bool *shown);

/* For each field: is it one of the latter? */
const bool *work_aside(struct arena *arena, const struct matter *matter);

/* Those of page `document`: the paper that the second part of the path names. `url`: of the
 * matter. E_NOT_FOUND. */
MUST_CHECK bool matter_fill_document(struct page *page, const struct matter *matter,
                enum sight sight, struct str url, struct err *err);

#endif
