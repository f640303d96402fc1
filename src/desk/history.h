/* desk/history.h - the events of a matter read back from the ledger, as facts. */
#ifndef DESK_HISTORY_H
#define DESK_HISTORY_H

#include "ledger/event.h"
#include "procedure/matter.h"
#include "store/store.h"

struct past_event {
        int64_t id;
        struct leaf leaf;
        struct str leaf_bytes;
        struct str disclosed; /* canonical JSON of the data, or of what an erasure left of it */
        struct fact fact;     /* data typed; of an erased event what was left */
        bool erased;          /* at least in part */
};

/* All events of a matter, oldest first. `version` is the one it runs under. */
MUST_CHECK bool history_read(struct arena *arena, struct snapshot *snapshot,
                const struct version *version, int64_t matter, const struct past_event **ret,
                size_t *ret_n, struct err *err);

/* One event of the ledger, whatever it is about. Its data is not typed; E_NOT_FOUND. */
MUST_CHECK bool history_event(struct arena *arena, struct snapshot *snapshot, int64_t id,
                struct past_event *ret, int64_t *ret_matter, struct err *err);

/* The matter as it stood right after event `id` (0 = as it stands). */
MUST_CHECK bool history_matter_at(struct arena *arena, struct snapshot *snapshot,
                const struct version *version, int64_t matter, int64_t id, struct matter **ret,
                struct err *err);

#endif
