#include "ledger/merkle.h"

#include <assert.h>

struct hash merkle_leaf(enum ledger_hash algorithm, struct str bytes)
{
        struct hasher hasher;
        hasher_start(&hasher, algorithm);
        hasher_add(&hasher, "\x00", 1);
        hasher_add(&hasher, bytes.p, bytes.n);
        return hasher_finish(&hasher);
}

struct hash merkle_node(
                enum ledger_hash algorithm, const struct hash *left, const struct hash *right)
{
        uint8_t bytes[1 + 2 * HASH_BYTES] = { 0x01 };
        memcpy(bytes + 1, left->b, HASH_BYTES);
        memcpy(bytes + 1 + HASH_BYTES, right->b, HASH_BYTES);
        return hash_bytes(algorithm, (struct str){ (char *)bytes, sizeof(bytes) });
}

struct hash merkle_empty_root(enum ledger_hash algorithm)
{
        return hash_bytes(algorithm, STR_LIT(""));
}

void merkle_append(enum ledger_hash algorithm, struct merkle_frontier *frontier,
                const struct hash *leaf, merkle_put *put, void *context)
{
        assert(frontier->size < MERKLE_SIZE_MAX);
        struct hash hash = *leaf;
        uint64_t index = frontier->size;
        unsigned level = 0;
        for (;; level++, index >>= 1) {
                if (put != NULL)
                        put(context, level, index, &hash);
                if ((index & 1) == 0)
                        break;
                hash = merkle_node(algorithm, &frontier->node[level], &hash);
        }
        frontier->node[level] = hash;
        frontier->size++;
}

struct hash merkle_root(enum ledger_hash algorithm, const struct merkle_frontier *frontier)
{
        if (frontier->size == 0)
                return merkle_empty_root(algorithm);
        unsigned level = (unsigned)__builtin_ctzll(frontier->size);
        struct hash hash = frontier->node[level];
        while (++level < MERKLE_LEVELS)
                if (frontier->size >> level & 1)
                        hash = merkle_node(algorithm, &frontier->node[level], &hash);
        return hash;
}

struct str merkle_frontier_pack(struct arena *arena, const struct merkle_frontier *frontier)
{
        size_t n = 8 + HASH_BYTES * (size_t)__builtin_popcountll(frontier->size);
        uint8_t *bytes = arena_alloc(arena, n), *to = bytes + 8;
        for (int i = 0; i < 8; i++)
                bytes[i] = (uint8_t)(frontier->size >> (56 - 8 * i));
        for (unsigned level = MERKLE_LEVELS; level-- > 0;) {
                if ((frontier->size >> level & 1) == 0)
                        continue;
                memcpy(to, frontier->node[level].b, HASH_BYTES);
                to += HASH_BYTES;
        }
        return (struct str){ (char *)bytes, n };
}

bool merkle_frontier_unpack(struct str packed, struct merkle_frontier *ret, struct err *err)
{
        if (packed.n < 8)
                return err_set(err, E_LEDGER_FRONTIER, "只有 %zu 字节", packed.n);
        const uint8_t *from = (const uint8_t *)packed.p;
        struct merkle_frontier frontier = { 0 };
        for (int i = 0; i < 8; i++)
                frontier.size = frontier.size << 8 | *from++;
        if (frontier.size > MERKLE_SIZE_MAX ||
                        packed.n != 8 + HASH_BYTES * (size_t)__builtin_popcountll(frontier.size))
                return err_set(err, E_LEDGER_FRONTIER, "长度与条数不符");
        for (unsigned level = MERKLE_LEVELS; level-- > 0;) {
                if ((frontier.size >> level & 1) == 0)
                        continue;
                memcpy(frontier.node[level].b, from, HASH_BYTES);
                from += HASH_BYTES;
        }
        *ret = frontier;
        return true;
}

static bool get_node(const struct merkle_source *source, unsigned level, uint64_t index,
                struct hash *ret, struct err *err)
{
        if (source->get(source->context, level, index, ret))
                return true;
        return err_set(err, E_LEDGER_NODE, "第 %u 层第 %llu 个", level, (unsigned long long)index);
}

bool merkle_frontier_at(const struct merkle_source *source, uint64_t size,
                struct merkle_frontier *ret, struct err *err)
{
        if (size > MERKLE_SIZE_MAX)
                return err_set(err, E_LEDGER_RANGE, "条数太大");
        struct merkle_frontier frontier = { .size = size };
        for (unsigned level = 0; level < MERKLE_LEVELS; level++)
                if ((size >> level & 1) != 0 && !get_node(source, level, (size >> level) - 1,
                                                                &frontier.node[level], err))
                        return false;
        *ret = frontier;
        return true;
}

bool merkle_root_at(const struct merkle_source *source, uint64_t size, struct hash *ret,
                struct err *err)
{
        struct merkle_frontier frontier;
        if (!merkle_frontier_at(source, size, &frontier, err))
                return false;
        *ret = merkle_root(source->algorithm, &frontier);
        return true;
}

/* The hash of the leaves [index << level, size), the ragged edge: its full subtrees
 * are those of `size` below `level`, which must not be empty. */
static bool get_edge(const struct merkle_source *source, unsigned level, uint64_t size,
                struct hash *ret, struct err *err)
{
        bool found = false;
        struct hash hash;
        for (unsigned l = 0; l < level; l++) {
                if ((size >> l & 1) == 0)
                        continue;
                struct hash left;
                if (!get_node(source, l, (size >> l) - 1, &left, err))
                        return false;
                hash = found ? merkle_node(source->algorithm, &left, &hash) : left;
                found = true;
        }
        assert(found);
        *ret = hash;
        return true;
}

static bool add_node(const struct merkle_source *source, unsigned level, uint64_t index,
                struct merkle_proof *proof, struct err *err)
{
        assert(proof->n < MERKLE_PROOF_MAX);
        return get_node(source, level, index, &proof->hashes[proof->n++], err);
}

/* The siblings on the way up from node (level, index) to the root of `size` leaves. */
static bool add_path(const struct merkle_source *source, unsigned level, uint64_t index,
                uint64_t size, struct merkle_proof *proof, struct err *err)
{
        for (; (uint64_t)1 << level < size; level++, index >>= 1) {
                uint64_t sibling = index ^ 1, first = sibling << level;
                if (first >= size)
                        continue; /* the node stands alone and moves up as it is */
                if (size - first >= (uint64_t)1 << level) {
                        if (!add_node(source, level, sibling, proof, err))
                                return false;
                        continue;
                }
                assert(proof->n < MERKLE_PROOF_MAX);
                if (!get_edge(source, level, size, &proof->hashes[proof->n++], err))
                        return false;
        }
        return true;
}

bool merkle_prove_inclusion(const struct merkle_source *source, uint64_t index, uint64_t size,
                struct merkle_proof *ret, struct err *err)
{
        if (size > MERKLE_SIZE_MAX || index >= size)
                return err_set(err, E_LEDGER_RANGE, "第 %llu 条不在 %llu 条之内",
                                (unsigned long long)index, (unsigned long long)size);
        struct merkle_proof proof = { .n = 0 };
        if (!add_path(source, 0, index, size, &proof, err))
                return false;
        *ret = proof;
        return true;
}

bool merkle_prove_consistency(const struct merkle_source *source, uint64_t size1, uint64_t size2,
                struct merkle_proof *ret, struct err *err)
{
        if (size1 == 0 || size1 > size2 || size2 > MERKLE_SIZE_MAX)
                return err_set(err, E_LEDGER_RANGE, "不能证明 %llu 条是 %llu 条的前段",
                                (unsigned long long)size1, (unsigned long long)size2);
        struct merkle_proof proof = { .n = 0 };
        if (size1 < size2) {
                /* The last full subtree of the old tree is where both paths begin; it
                 * is the old root itself if size1 is a power of two, and then untold. */
                unsigned level = (unsigned)__builtin_ctzll(size1);
                uint64_t index = (size1 >> level) - 1;
                if (index != 0 && !add_node(source, level, index, &proof, err))
                        return false;
                if (!add_path(source, level, index, size2, &proof, err))
                        return false;
        }
        *ret = proof;
        return true;
}

/* How many siblings of leaf `index` in a tree of `size` lie below the point where its
 * path meets the right edge (inner), and how many above, all to the left (border). */
static void split_path(uint64_t index, uint64_t size, unsigned *inner, unsigned *border)
{
        uint64_t differ = index ^ (size - 1);
        *inner = differ != 0 ? 64 - (unsigned)__builtin_clzll(differ) : 0;
        *border = *inner < 64 ? (unsigned)__builtin_popcountll(index >> *inner) : 0;
}

static struct hash climb(enum ledger_hash algorithm, struct hash hash, const struct hash *proof,
                size_t n, uint64_t index)
{
        for (size_t i = 0; i < n; i++)
                hash = (index >> i & 1) != 0 ? merkle_node(algorithm, &proof[i], &hash)
                                             : merkle_node(algorithm, &hash, &proof[i]);
        return hash;
}

/* As climb(), but past siblings on the right, which the older tree did not have. */
static struct hash climb_left(enum ledger_hash algorithm, struct hash hash,
                const struct hash *proof, size_t n, uint64_t index)
{
        for (size_t i = 0; i < n; i++)
                if ((index >> i & 1) != 0)
                        hash = merkle_node(algorithm, &proof[i], &hash);
        return hash;
}

static bool is_root(const struct hash *computed, const struct hash *root, struct err *err)
{
        return hash_eq(computed, root) || err_set(err, E_LEDGER_PROOF, "算出的根与给定的根不同");
}

bool merkle_verify_inclusion(enum ledger_hash algorithm, uint64_t index, uint64_t size,
                const struct hash *leaf, const struct hash *proof, size_t n_proof,
                const struct hash *root, struct err *err)
{
        if (index >= size)
                return err_set(err, E_LEDGER_PROOF, "序号不在账本之内");
        unsigned inner, border;
        split_path(index, size, &inner, &border);
        if (n_proof != inner + border)
                return err_set(err, E_LEDGER_PROOF, "应有 %u 个哈希，给了 %zu 个", inner + border,
                                n_proof);
        struct hash hash = climb(algorithm, *leaf, proof, inner, index);
        hash = climb_left(algorithm, hash, proof + inner, border, UINT64_MAX);
        return is_root(&hash, root, err);
}

bool merkle_verify_consistency(enum ledger_hash algorithm, uint64_t size1, uint64_t size2,
                const struct hash *proof, size_t n_proof, const struct hash *root1,
                const struct hash *root2, struct err *err)
{
        if (size1 == 0 || size1 > size2)
                return err_set(err, E_LEDGER_PROOF, "条数不能这样比较");
        if (size1 == size2 && n_proof != 0)
                return err_set(err, E_LEDGER_PROOF, "条数相同，不应再有哈希");
        if (size1 == size2)
                return is_root(root1, root2, err);

        unsigned inner, border, level = (unsigned)__builtin_ctzll(size1);
        split_path(size1 - 1, size2, &inner, &border);
        inner -= level; /* level < inner, as size1 < size2 */
        bool told = size1 != (uint64_t)1 << level;
        if (n_proof != (size_t)told + inner + border)
                return err_set(err, E_LEDGER_PROOF, "应有 %zu 个哈希，给了 %zu 个",
                                (size_t)told + inner + border, n_proof);
        struct hash seed = told ? proof[0] : *root1;
        const struct hash *path = proof + told;
        uint64_t index = (size1 - 1) >> level;

        struct hash hash = climb_left(algorithm, seed, path, inner, index);
        hash = climb_left(algorithm, hash, path + inner, border, UINT64_MAX);
        if (!is_root(&hash, root1, err))
                return false;
        hash = climb(algorithm, seed, path, inner, index);
        hash = climb_left(algorithm, hash, path + inner, border, UINT64_MAX);
        return is_root(&hash, root2, err);
}
