/* desk/sealer.h - what is recorded becomes leaves of the log; for this room only.
 *
 * The writer decides and goes on; sealing - salts and commitments of the fields, the leaf, its
 * place in the tree - is handed over with the statements (tx_put_work()) and done beside them, in
 * the order of the acts. Nothing that the next act is decided by depends on it: the number, the
 * time and the secret of an event are given by the writer. Where so much is on its way that the
 * second thread has enough to do, the writer makes the leaf itself; the bytes are the same.
 *
 * Between two transactions, and between marks of a careful turn, it belongs to the writer's
 * thread; else to whoever runs the statements. */
#ifndef DESK_SEALER_H
#define DESK_SEALER_H

#include "desk/tree.h"
#include "ledger/event.h"

struct sealer {
        struct arena *arena; /* of one leaf */
        enum ledger_hash algorithm;
        bool knows; /* the frontier is that of the store */
        struct merkle_frontier frontier;
        struct tiles tiles;
};

/* One event on its way; lies in the turn's arena. */
struct sealing {
        struct sealer *sealer;
        struct event event;
        int64_t id, matter, previous; /* 0: none */
        struct str key;               /* that it settles, or empty */
        bool careful;                 /* a refusal is told as it is, else as E_STORE_CONFLICT */
        bool made;
        struct sealed sealed;
};

void sealer_open(struct sealer *sealer, enum ledger_hash algorithm);
void sealer_close(struct sealer *sealer);

/* A turn failed, or another process wrote. */
void sealer_forget(struct sealer *sealer);

/* Goes on from a frontier as the store keeps it. */
MUST_CHECK bool sealer_start(struct sealer *sealer, struct str packed, struct err *err);

/* Stores the event and appends its leaf. What ledger_seal() refuses fails the transaction like a
 * refused row, so that the turn is done again, carefully (desk/writer.h). */
MUST_CHECK bool sealer_put(
                struct arena *arena, struct tx *tx, struct sealing *sealing, struct err *err);

/* Stores where the ledger ends: before the commit. */
MUST_CHECK bool sealer_end(struct sealer *sealer, struct tx *tx, struct err *err);

#endif
