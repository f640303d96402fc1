/* desk/witness.h - another organ vouches that a log has one past only (见证).
 *
 * A witness is a folder of its own, on another machine: its key, and for each log the last
 * checkpoint it cosigned. It cosigns a new one only after it has read the published log from
 * there on and found it to be the continuation; it never cosigns two heads that cannot both
 * be true. What it refused for that reason is kept beside, as evidence.
 *
 *   witness.key            (mode 0600)
 *   <log>.checkpoint       the last one cosigned; written before the cosignature is given out
 *   <log>.refused          the last one that did not continue it */
#ifndef DESK_WITNESS_H
#define DESK_WITNESS_H

#include "desk/log_check.h"

/* Makes the folder and its key; refuses one that has a key. */
MUST_CHECK bool witness_init(struct arena *arena, struct str dir, struct str name,
                struct note_key *ret, struct err *err);
MUST_CHECK bool witness_key(
                struct arena *arena, struct str dir, struct note_key *ret, struct err *err);

struct witnessed {
        struct checkpoint head;
        uint64_t before; /* size it cosigned last; 0 = the first time it sees this log */
        struct str note; /* what was checked and cosigned */
        struct str line; /* the cosignature, a line of a signed note */
};

/* `check`: the log's keys and hash; the earlier checkpoint is the witness's own. Fails as
 * log_check() does: E_LOG_SPLIT, E_LOG_BEHIND ... */
MUST_CHECK bool witness_cosign(struct arena *arena, struct str dir, struct str log,
                const struct log_check *check, struct moment now, struct witnessed *ret,
                struct err *err);

/* Puts the line into the log's checkpoint, in the place of an older one by the same witness;
 * E_LOG_MOVED if that is no longer the one that was cosigned. */
MUST_CHECK bool witness_add(struct arena *arena, struct str log, const struct witnessed *witnessed,
                struct err *err);

#endif
