/* projection/mask.h - a personal value as a publication shows it; for this room only. */
#ifndef PROJECTION_MASK_H
#define PROJECTION_MASK_H

#include "base/value.h"

/* By kind: "name" keeps the first character, "mobile" 3 and 4, "resident_id" 6 and 4,
 * "address" 6, "bank_card" the last 4, "email" the host; an unknown kind shows nothing. */
struct str mask_value(struct arena *arena, struct str kind, const struct value *value);

#endif
