/* desk/witness_answer.h - what a witness answers to "add-checkpoint" (c2sp.org/tlog-witness).
 *
 *   old <size>                   of the checkpoint it cosigned last
 *   <base64 of a hash> ...       the consistency proof from there, at most 63
 *   (empty line)
 *   <checkpoint>
 *
 * 200 with the cosignature; 400 what is none of this, or an old size past the new one; 403 no
 * signature of the log; 404 a log it does not watch; 409 another old size than it holds, whose
 * answer is the size it holds, or another root for the same size; 422 a proof that does not
 * hold. The checkpoint is on the disk before the cosignature leaves; two requests at once wait
 * for each other. A head that cannot be true beside the one it holds is kept as evidence.
 *
 * The logs it watches stand in DIR/logs, a verifier key and a hash on each line. */
#ifndef DESK_WITNESS_ANSWER_H
#define DESK_WITNESS_ANSWER_H

#include "desk/witness.h"

#define WITNESS_REQUEST_BYTES_MAX (64u << 10)
#define WITNESS_PROOF_LINES_MAX   63u
#define WITNESS_LOGS_MAX          1000u

/* Watches this log from now on. A log whose key changed has several. */
MUST_CHECK bool witness_watch(struct arena *arena, struct str dir, const struct note_key *key,
                enum ledger_hash algorithm, struct err *err);

struct witness_answer {
        int status;
        const char *type;
        struct str body;
        struct str origin; /* for the witness's own journal; empty = not known */
        uint64_t size;
};

/* Fails only where the machine does (E_IO ...): then nothing was cosigned. */
MUST_CHECK bool witness_answer(struct arena *arena, struct str dir, struct str body,
                struct moment now, struct witness_answer *ret, struct err *err);

#endif
