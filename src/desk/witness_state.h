/* desk/witness_state.h - the files of a witness; for this room only. */
#ifndef DESK_WITNESS_STATE_H
#define DESK_WITNESS_STATE_H

#include "desk/witness.h"

MUST_CHECK bool witness_signer(
                struct arena *arena, struct str dir, struct note_signer *ret, struct err *err);

/* The file that is kept of a log: "checkpoint", "refused". */
struct str witness_path(struct arena *arena, struct str dir, struct str origin, const char *tail);

/* Replaces it; on the disk when it returns. */
MUST_CHECK bool witness_keep(struct arena *arena, struct str dir, struct str origin,
                const char *tail, struct str note, struct err *err);

#endif
