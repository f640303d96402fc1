/* ledger/tile.h - the names of published tiles and entry bundles (c2sp.org/tlog-tiles).
 *
 *   tile/<level>/<index>[.p/<width>]     up to 256 hashes: nodes of level 8 * level
 *   tile/entries/<index>[.p/<width>]     the leaves themselves
 *
 * The index is written in groups of three digits, all but the last after an x:
 * x001/x234/067. Names come from strangers: a name is refused unless it is the one way
 * to write it. Pure. */
#ifndef LEDGER_TILE_H
#define LEDGER_TILE_H

#include "base/err.h"

#define TILE_HASHES    256u
#define TILE_LEVEL_MAX 6u /* 2^56 leaves: more than we hold */

struct tile_name {
        bool is_entries;
        unsigned level; /* 0 where is_entries */
        uint64_t index;
        unsigned width; /* 1..256; less than 256 = partial */
};

struct str tile_format(struct arena *arena, const struct tile_name *name);
MUST_CHECK bool tile_parse(struct str path, struct tile_name *ret, struct err *err);

/* How many hashes the tile of this level and index has in a tree of `size` leaves. */
unsigned tile_width(unsigned level, uint64_t index, uint64_t size);

/* One leaf of an entry bundle: its length in two bytes, big-endian, and its bytes. */
void tile_add_entry(struct buf *bundle, struct str leaf);

#endif
