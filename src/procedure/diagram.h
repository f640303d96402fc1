/* procedure/diagram.h - the states of a version as a picture (SVG).
 *
 * States stand in layers, one below what leads to them, in the order in which they
 * are declared; acts are the arrows. An arrow past a layer runs along the left side,
 * one back along the right. An act from any or many states is written below. The
 * same version gives the same bytes. All text is escaped; title and desc say the
 * same in words, for those who do not see. */
#ifndef PROCEDURE_DIAGRAM_H
#define PROCEDURE_DIAGRAM_H

#include "procedure/definition.h"

/* Writes an <svg> element to the end of `out`; `id` makes its ids unique in a page
 * (letters and digits). Fails if the labels are too much for the template room. */
MUST_CHECK bool diagram_write(
                struct buf *out, const struct version *version, const char *id, struct err *err);

#endif
