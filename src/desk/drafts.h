/* desk/drafts.h - what somebody without an account has begun to fill in, kept until he comes back.
 *
 * A draft is no record: no act, no event, nothing anybody else reads. Who has its code has the
 * draft; only the code's hash is stored. It is gone after DRAFT_DAYS, when its matter has begun,
 * or when its owner drops it. Bounded in number and size: past DRAFTS_MAX no other is begun
 * (E_DRAFT_FULL), those that are there go on. */
#ifndef DESK_DRAFTS_H
#define DESK_DRAFTS_H

#include "base/value.h"
#include "store/store.h"

#define DRAFT_DAYS       30
#define DRAFTS_MAX       20000
#define DRAFT_BYTES      (256u << 10) /* the texts of one */
#define DRAFT_FILES_MAX  20u
#define DRAFT_FILE_BYTES (32u << 20) /* the files of one, all together */
#define DRAFT_CODE_CHARS 19u         /* XXXX-XXXX-XXXX-XXXX: 80 bits */

struct draft {
        struct str procedure, act;
        struct str party;    /* whose name he acts in */
        struct str unit;     /* the office that takes it */
        struct value fields; /* context: what was typed, as texts and lists of texts */
        struct moment expires;
};

struct draft_file {
        struct str hash; /* in hex, by the site's algorithm: what a field of type file holds */
        struct str name, type, bytes;
        int64_t size;
};

/* A new code. E_DESK_ENTROPY. */
MUST_CHECK bool drafts_code(struct arena *arena, struct str *ret, struct err *err);

/* A code as a person typed it: capitals, its four groups. False: it is none. */
bool drafts_read_code(struct arena *arena, struct str typed, struct str *ret);

/* Stores what was typed, and files added to it, for DRAFT_DAYS from now; what has expired goes.
 * E_LIMIT, E_DRAFT_FULL. */
MUST_CHECK bool drafts_put(struct arena *arena, struct store *store, struct str code,
                const struct draft *draft, const struct draft_file *files, size_t n_files,
                struct moment now, struct err *err);

/* E_DRAFT_NONE: no such code, or it has expired. */
MUST_CHECK bool drafts_get(struct arena *arena, struct snapshot *snapshot, struct str code,
                struct moment now, struct draft *ret, struct err *err);

/* Its files without their bytes, by hash. */
MUST_CHECK bool drafts_files(struct arena *arena, struct snapshot *snapshot, struct str code,
                const struct draft_file **ret, size_t *ret_n, struct err *err);

/* Its files become attached files of the site: before the act that names them. */
MUST_CHECK bool drafts_keep_files(struct store *store, struct str code, struct err *err);

MUST_CHECK bool drafts_end(struct store *store, struct str code, struct err *err);

#endif
