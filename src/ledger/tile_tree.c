#include "ledger/tile_tree.h"

#include <assert.h>

void tile_tree_init(struct tile_tree *tree, enum ledger_hash algorithm, uint64_t size,
                tile_read *read, void *context)
{
        tree->algorithm = algorithm;
        tree->size = size;
        tree->read = read;
        tree->context = context;
        tree->err = (struct err){ 0 };
        for (unsigned level = 0; level < TILE_LEVELS; level++)
                tree->kept[level].width = 0;
}

struct hash tile_root(enum ledger_hash algorithm, struct hash *hashes, size_t n)
{
        assert(n != 0 && (n & (n - 1)) == 0);
        for (; n > 1; n /= 2)
                for (size_t i = 0; i < n / 2; i++)
                        hashes[i] = merkle_node(algorithm, &hashes[2 * i], &hashes[2 * i + 1]);
        return hashes[0];
}

const struct hash *tile_tree_tile(
                struct tile_tree *tree, unsigned level, uint64_t index, unsigned *ret_width)
{
        assert(level < TILE_LEVELS);
        struct hash *hashes = tree->kept[level].hashes;
        unsigned width = tree->kept[level].width;
        if (width == 0 || tree->kept[level].index != index) {
                width = tile_width(level, index, tree->size);
                tree->kept[level].width = 0;
                if (width == 0) {
                        err_set(&tree->err, E_LEDGER_NODE, "账本没有哈希块 %u/%llu", level,
                                        (unsigned long long)index);
                        return NULL;
                }
                if (!tree->read(tree->context, level, index, width, hashes, &tree->err))
                        return NULL;
                tree->kept[level].index = index;
                tree->kept[level].width = width;
        }
        *ret_width = width;
        return hashes;
}

static bool get(void *context, unsigned level, uint64_t index, struct hash *ret)
{
        struct tile_tree *tree = context;
        unsigned up = level % TILE_HEIGHT, width;
        uint64_t first = index << up; /* among the hashes of that level of tiles */
        size_t n = (size_t)1 << up, at = first % TILE_WIDTH;
        if (level / TILE_HEIGHT >= TILE_LEVELS)
                return false;
        const struct hash *tile =
                        tile_tree_tile(tree, level / TILE_HEIGHT, first / TILE_WIDTH, &width);
        if (tile == NULL || at + n > width)
                return false;
        struct hash hashes[TILE_WIDTH];
        memcpy(hashes, tile + at, n * sizeof(*hashes));
        *ret = tile_root(tree->algorithm, hashes, n);
        return true;
}

struct merkle_source tile_tree_source(struct tile_tree *tree)
{
        return (struct merkle_source){ tree->algorithm, get, tree };
}
