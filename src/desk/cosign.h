/* desk/cosign.h - asks the witnesses of a site for their cosignatures (c2sp.org/tlog-witness).
 *
 * The newest checkpoint is sent to each witness that has not cosigned it, with the proof that it
 * continues what that witness saw last; the cosignature is checked and kept behind the
 * checkpoint. A witness that holds a longer log, or does not find the proof to hold, has been
 * shown another past: E_LOG_SPLIT, to be looked into at once. */
#ifndef DESK_COSIGN_H
#define DESK_COSIGN_H

#include "desk/site.h"
#include "ledger/note.h"

struct cosigned {
        struct str name;
        uint64_t size; /* of the checkpoint sent */
        bool done, already;
        struct err err; /* why not */
};

/* One for each witness of site.yaml, in its order. False only if the site itself cannot be
 * read: E_LOG_UNSIGNED ... */
MUST_CHECK bool cosign_newest(struct arena *arena, struct site *site, const struct cosigned **ret,
                size_t *ret_n, struct err *err);

/* A thread that does so whenever there is a new checkpoint; looks every `seconds`. NULL where
 * the site has no witnesses. */
struct cosigner;
MUST_CHECK bool cosigner_start(
                struct site *site, int seconds, struct cosigner **ret, struct err *err);
void cosigner_stop(struct cosigner **cosigner);

#endif
