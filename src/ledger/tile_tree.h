/* ledger/tile_tree.h - the hashes of a tree out of its tiles, wherever those come from.
 *
 * A tile holds every eighth level of the tree; what lies between is worked out. The
 * newest tile of each level is kept, so that neighbours are read once. Pure: reading a
 * tile is the caller's. */
#ifndef LEDGER_TILE_TREE_H
#define LEDGER_TILE_TREE_H

#include "ledger/merkle.h"
#include "ledger/tile.h"

#define TILE_HEIGHT 8u
#define TILE_WIDTH  TILE_HASHES
#define TILE_LEVELS (TILE_LEVEL_MAX + 1)

/* Hands over the first `width` hashes of a tile. */
typedef bool tile_read(void *context, unsigned level, uint64_t index, unsigned width,
                struct hash to[TILE_WIDTH], struct err *err);

struct tile_tree { /* on the caller's stack; a context for merkle_source */
        enum ledger_hash algorithm;
        uint64_t size;
        tile_read *read;
        void *context;
        struct err err; /* why a tile could not be had; code E_NONE = none */
        struct {
                uint64_t index;
                unsigned width; /* 0 = none kept */
                struct hash hashes[TILE_WIDTH];
        } kept[TILE_LEVELS];
};

void tile_tree_init(struct tile_tree *tree, enum ledger_hash algorithm, uint64_t size,
                tile_read *read, void *context);
struct merkle_source tile_tree_source(struct tile_tree *tree);

/* The tile as it stands in the tree: its hashes and how many; NULL puts why in tree->err. */
const struct hash *tile_tree_tile(
                struct tile_tree *tree, unsigned level, uint64_t index, unsigned *ret_width);

/* The root of n hashes side by side, n a power of two; they are overwritten. */
struct hash tile_root(enum ledger_hash algorithm, struct hash *hashes, size_t n);

#endif
