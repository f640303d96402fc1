/* desk/repeat.h - an act handed in twice under one idempotency key is done once; for this
 * room only.
 *
 * The event that settles a key keeps it as `$key`, and a digest of what was handed in as
 * `$content`. */
#ifndef DESK_REPEAT_H
#define DESK_REPEAT_H

#include "desk/writer.h"

/* Everything that makes two submissions the same act. */
struct str repeat_digest(struct arena *arena, const struct submission *submission);

/* The fact with both in its data. */
struct fact repeat_sign(
                struct arena *arena, const struct fact *fact, struct str key, struct str digest);

/* Was the key settled? *ret_id: by which event (0 = no). Other content: E_DESK_KEY. */
MUST_CHECK bool repeat_find(struct writer *writer, const struct submission *submission,
                struct str digest, int64_t *ret_id, struct err *err);

#endif
