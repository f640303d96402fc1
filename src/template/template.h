/* template/template.h - text templates for pages and documents.
 *
 * A small language that a lawyer can read and that decides nothing: names,
 * repetitions, conditions "is it there", parts and layouts. README.md has the
 * whole of it on one page.
 *
 * In HTML every value is escaped, and a value may stand only where escaping
 * makes it harmless: in text or in a quoted attribute; never in a script, a
 * style, an event attribute, a tag or attribute name. A name that the view does
 * not have is an error unless the template marks it optional, so that a slip of
 * the pen is found by the first test that renders the page.
 *
 * Pure: no I/O, no clock. Parsed templates never change and are shared by all
 * threads. Templates and views may both be hostile: depth, size and work are
 * bounded by base/limits.h. */
#ifndef TEMPLATE_TEMPLATE_H
#define TEMPLATE_TEMPLATE_H

#include "base/value.h"

struct template;

enum template_escape {
        TEMPLATE_HTML, /* values are escaped for text and quoted attributes */
        TEMPLATE_TEXT, /* values are printed as they are, without control characters */
};

/* Where the text of `{{>part}}` and `{{<layout}}` comes from: finds it by name
 * and sets *ret, or fails with an error of its own (E_NOT_FOUND). Called while
 * parsing, never while rendering. The text has to live as long as the arena. */
struct template_source {
        bool (*load)(void *context, struct str name, struct str *ret, struct err *err);
        void *context;
};

/* Reads a template and everything it includes. `name` is what errors show;
 * `source` may be NULL if there are no parts. `name` and `text` have to live as
 * long as the arena. On failure *ret is left as it was and `err` names the
 * template and the line. */
MUST_CHECK bool template_parse(struct arena *arena, struct str name, struct str text,
                enum template_escape escape, const struct template_source *source,
                const struct template **ret, struct err *err);

/* Writes the template, filled from `view` (a context), to the end of `out`. On
 * failure `out` is as it was. Scratch memory is taken from the arena of `out`. */
MUST_CHECK bool template_render(const struct template *template, const struct value *view,
                struct buf *out, struct err *err);

#endif
