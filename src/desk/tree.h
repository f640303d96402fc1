/* desk/tree.h - the Merkle tree's hashes as the store keeps them: full tiles of 256 (C2SP
 * tlog-tiles); above the leaves also the tile of each level that is not full yet, written
 * again with every hash it gets, so that a proof reads a tile or two of each level. The
 * hashes of the newest leaves are taken from the events. */
#ifndef DESK_TREE_H
#define DESK_TREE_H

#include "ledger/tile_tree.h"
#include "store/store.h"

/* ---- Reading, for proofs ---- */

struct tree { /* on the caller's stack */
        struct snapshot *snapshot;
        struct tile_tree tiles; /* tiles.err: why a hash was not there */
};

void tree_init(struct tree *tree, struct snapshot *snapshot, enum ledger_hash algorithm,
                uint64_t size);
struct merkle_source tree_source(struct tree *tree);

/* The hashes of a tile, 1 to 256 of them, as C2SP serves it: n * 32 bytes. */
MUST_CHECK bool tree_tile(struct arena *arena, struct tree *tree, unsigned level, uint64_t index,
                unsigned n, struct str *ret, struct err *err);

/* The first n leaves of an entry bundle, as C2SP serves them. */
MUST_CHECK bool tree_entries(struct arena *arena, struct tree *tree, uint64_t index, unsigned n,
                struct str *ret, struct err *err);

/* ---- Writing ---- */

/* The tiles that are being filled. Hashes are only ever overwritten by those that stand in
 * their place after a rollback, so it needs no mark to come back to. */
struct tiles {
        struct {
                uint64_t warm; /* index of the first hash that is in `hashes` for sure */
                bool is_warm;
                struct hash hashes[TILE_WIDTH];
        } level[TILE_LEVELS];
};

/* Forgets what is known: another process wrote, or a turn failed. */
void tiles_forget(struct tiles *tiles);

/* Appends a leaf to the frontier and stores each tile that it fills, and those above: with
 * tx_work_run(). */
MUST_CHECK bool tiles_append(struct tiles *tiles, struct tx *tx, enum ledger_hash algorithm,
                struct merkle_frontier *frontier, const struct hash *leaf, struct err *err);

#endif
