#include "desk/tree.h"

#include <assert.h>

/* ---- Reading ---- */

/* The hashes of a tile that the store has: none, or as many as there were at the last change. */
static bool stored_hashes(struct snapshot *snapshot, unsigned level, uint64_t index,
                struct hash to[TILE_WIDTH], unsigned *ret_n, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!snapshot_rows(snapshot, Q_TILE_GET,
                            PARAMS(param_int(0), param_int((int64_t)level),
                                            param_int((int64_t)index)),
                            &rows, err))
                return false;
        struct str bytes = rows_next(&rows) ? rows_blob(&rows, 0) : STR_LIT("");
        if (bytes.n % HASH_BYTES != 0 || bytes.n > TILE_WIDTH * HASH_BYTES)
                return err_set(err, E_LEDGER_NODE, "哈希块长度不正确");
        if (bytes.n > 0)
                memcpy(to, bytes.p, bytes.n);
        *ret_n = (unsigned)(bytes.n / HASH_BYTES);
        return rows_end(&rows, err);
}

static bool full_tile(struct snapshot *snapshot, unsigned level, uint64_t index,
                struct hash to[TILE_WIDTH], struct err *err)
{
        unsigned n;
        return stored_hashes(snapshot, level, index, to, &n, err) &&
               (n == TILE_WIDTH || err_set(err, E_LEDGER_NODE, "哈希块 %u/%llu", level,
                                                   (unsigned long long)index));
}

/* Leaf hashes [from, from + n) out of the events themselves. */
static bool leaf_hashes(struct snapshot *snapshot, enum ledger_hash algorithm, uint64_t from,
                size_t n, struct hash *to, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!snapshot_rows(snapshot, Q_EVENTS_FROM,
                            PARAMS(param_int((int64_t)from), param_int((int64_t)(from + n)),
                                            param_int((int64_t)n)),
                            &rows, err))
                return false;
        size_t got = 0;
        while (got < n && rows_next(&rows))
                to[got++] = merkle_leaf(algorithm, rows_blob(&rows, 3));
        if (got < n)
                return rows_end(&rows, err) && err_set(err, E_LEDGER_NODE, "缺少存证条目");
        return rows_end(&rows, err);
}

/* What the store does not have of a tile that is not full: the leaves of the newest events;
 * above them the roots of the tiles below, in sites from before those were stored at once. */
static bool read_tile(void *context, unsigned level, uint64_t index, unsigned width,
                struct hash to[TILE_WIDTH], struct err *err)
{
        struct tree *tree = context;
        unsigned have;
        if (width == TILE_WIDTH)
                return full_tile(tree->snapshot, level, index, to, err);
        if (!stored_hashes(tree->snapshot, level, index, to, &have, err))
                return false;
        if (have < width && level == 0)
                return leaf_hashes(tree->snapshot, tree->tiles.algorithm, index * TILE_WIDTH + have,
                                width - have, to + have, err);
        struct hash below[TILE_WIDTH];
        for (unsigned i = have; i < width; i++) {
                if (!full_tile(tree->snapshot, level - 1, index * TILE_WIDTH + i, below, err))
                        return false;
                to[i] = tile_root(tree->tiles.algorithm, below, TILE_WIDTH);
        }
        return true;
}

void tree_init(struct tree *tree, struct snapshot *snapshot, enum ledger_hash algorithm,
                uint64_t size)
{
        tree->snapshot = snapshot;
        tile_tree_init(&tree->tiles, algorithm, size, read_tile, tree);
}

struct merkle_source tree_source(struct tree *tree)
{
        return tile_tree_source(&tree->tiles);
}

bool tree_tile(struct arena *arena, struct tree *tree, unsigned level, uint64_t index, unsigned n,
                struct str *ret, struct err *err)
{
        if (level >= TILE_LEVELS || index >= MERKLE_SIZE_MAX >> TILE_HEIGHT || n == 0 ||
                        n > tile_width(level, index, tree->tiles.size))
                return err_set(err, E_NOT_FOUND, "没有这个哈希块");
        struct hash hashes[TILE_WIDTH];
        if (!read_tile(tree, level, index, n, hashes, err))
                return false;
        *ret = str_copy(arena, (struct str){ (const char *)hashes, n * HASH_BYTES });
        return true;
}

bool tree_entries(struct arena *arena, struct tree *tree, uint64_t index, unsigned n,
                struct str *ret, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct buf bundle = BUF(arena);
        unsigned got = 0;
        if (index >= MERKLE_SIZE_MAX >> TILE_HEIGHT || n == 0 ||
                        n > tile_width(0, index, tree->tiles.size))
                return err_set(err, E_NOT_FOUND, "没有这些存证条目");
        int64_t from = (int64_t)(index * TILE_WIDTH);
        if (!snapshot_rows(tree->snapshot, Q_EVENTS_FROM,
                            PARAMS(param_int(from), param_int(from + n), param_int(n)), &rows, err))
                return false;
        for (; rows_next(&rows); got++)
                tile_add_entry(&bundle, rows_blob(&rows, 3));
        if (!rows_end(&rows, err))
                return false;
        if (got != n)
                return err_set(err, E_LEDGER_NODE, "缺少存证条目");
        *ret = buf_str(&bundle);
        return true;
}

/* ---- Writing ---- */

void tiles_forget(struct tiles *tiles)
{
        for (size_t i = 0; i < TILE_LEVELS; i++)
                tiles->level[i].is_warm = false;
}

struct appending {
        struct tiles *tiles;
        struct tx *tx;
        enum ledger_hash algorithm;
        struct err *err;
        bool failed;
};

/* Fills in the hashes of a tile that were appended before we were there. */
static bool warm_up(struct appending *a, unsigned level, uint64_t tile, unsigned n)
{
        struct tree tree;
        tree_init(&tree, tx_snapshot(a->tx), a->algorithm, 0);
        return read_tile(&tree, level, tile, n, a->tiles->level[level].hashes, a->err);
}

static bool store_tile(struct appending *a, unsigned level, uint64_t tile, unsigned n)
{
        uint64_t from = tile * TILE_WIDTH, *warm = &a->tiles->level[level].warm;
        const struct hash *hashes = a->tiles->level[level].hashes;
        if (*warm > from) {
                if (!warm_up(a, level, tile, (unsigned)(*warm - from)))
                        return false;
                *warm = from;
        }
        return tx_work_run(a->tx, Q_TILE_PUT,
                        PARAMS(param_int(0), param_int((int64_t)level), param_int((int64_t)tile),
                                        param_blob((struct str){
                                                        (const char *)hashes, n * HASH_BYTES })),
                        a->err);
}

static void put(void *context, unsigned node_level, uint64_t index, const struct hash *hash)
{
        struct appending *a = context;
        if (a->failed || node_level % TILE_HEIGHT != 0)
                return;
        unsigned level = node_level / TILE_HEIGHT, at = (unsigned)(index % TILE_WIDTH);
        assert(level < TILE_LEVELS);
        if (!a->tiles->level[level].is_warm) {
                a->tiles->level[level].warm = index;
                a->tiles->level[level].is_warm = true;
        }
        a->tiles->level[level].hashes[at] = *hash;
        if (level > 0 || at + 1 == TILE_WIDTH)
                a->failed = !store_tile(a, level, index / TILE_WIDTH, at + 1);
}

bool tiles_append(struct tiles *tiles, struct tx *tx, enum ledger_hash algorithm,
                struct merkle_frontier *frontier, const struct hash *leaf, struct err *err)
{
        struct appending a = { tiles, tx, algorithm, err, false };
        merkle_append(algorithm, frontier, leaf, put, &a);
        return !a.failed;
}
