/* ledger/merkle.h - the Merkle tree of RFC 6962 and RFC 9162 section 2.1.
 *
 * The tree is never held: a writer keeps a frontier (the roots of the full subtrees,
 * at most one a level) and appends a leaf in constant amortised time; a prover asks
 * for single hashes of full subtrees, as stored or as read from tiles.
 *
 * A node is named by (level, index): it covers the leaves [index << level,
 * (index + 1) << level). Only full subtrees are named or stored; the ragged right
 * edge is worked out.
 *
 * Verification takes sizes, indices and hashes from strangers and refuses whatever
 * is not exactly a proof. Pure. */
#ifndef LEDGER_MERKLE_H
#define LEDGER_MERKLE_H

#include "base/err.h"
#include "ledger/hash.h"

#define MERKLE_LEVELS    63u
#define MERKLE_SIZE_MAX  ((uint64_t)1 << 62) /* leaves we ourselves may hold */
#define MERKLE_PROOF_MAX 64u                 /* hashes in any proof we make */

struct hash merkle_leaf(enum ledger_hash algorithm, struct str bytes); /* H(0x00 || bytes) */
struct hash merkle_node(enum ledger_hash algorithm, const struct hash *left,
                const struct hash *right);                 /* H(0x01 || left || right) */
struct hash merkle_empty_root(enum ledger_hash algorithm); /* H("") */

/* The full subtrees of a tree of `size` leaves: node[level] counts where that bit of
 * size is set. { 0 } is the empty tree. */
struct merkle_frontier {
        uint64_t size;
        struct hash node[MERKLE_LEVELS];
};

/* Called for each subtree that an append completes, the leaf itself (level 0) first. */
typedef void merkle_put(void *context, unsigned level, uint64_t index, const struct hash *hash);

/* `put` may be NULL. */
void merkle_append(enum ledger_hash algorithm, struct merkle_frontier *frontier,
                const struct hash *leaf, merkle_put *put, void *context);
struct hash merkle_root(enum ledger_hash algorithm, const struct merkle_frontier *frontier);

/* 8 bytes of size, big-endian, then the nodes from the highest level down. */
struct str merkle_frontier_pack(struct arena *arena, const struct merkle_frontier *frontier);
MUST_CHECK bool merkle_frontier_unpack(
                struct str packed, struct merkle_frontier *ret, struct err *err);

/* Hands over the hash of a full subtree; false if it has none, which fails the proof. */
typedef bool merkle_get(void *context, unsigned level, uint64_t index, struct hash *ret);

struct merkle_source {
        enum ledger_hash algorithm;
        merkle_get *get;
        void *context;
};

struct merkle_proof {
        size_t n;
        struct hash hashes[MERKLE_PROOF_MAX];
};

/* The root of the first `size` leaves. */
MUST_CHECK bool merkle_root_at(const struct merkle_source *source, uint64_t size, struct hash *ret,
                struct err *err);

/* The frontier of the first `size` leaves, to go on appending from there. */
MUST_CHECK bool merkle_frontier_at(const struct merkle_source *source, uint64_t size,
                struct merkle_frontier *ret, struct err *err);

/* That leaf `index` stands in the tree of `size` leaves. */
MUST_CHECK bool merkle_prove_inclusion(const struct merkle_source *source, uint64_t index,
                uint64_t size, struct merkle_proof *ret, struct err *err);

/* That the tree of `size1` leaves is the beginning of the tree of `size2`. */
MUST_CHECK bool merkle_prove_consistency(const struct merkle_source *source, uint64_t size1,
                uint64_t size2, struct merkle_proof *ret, struct err *err);

/* RFC 9162 section 2.1.3.2 and 2.1.4.2; any sizes, also foreign ones. A consistency
 * proof from the empty tree says nothing and is refused. */
MUST_CHECK bool merkle_verify_inclusion(enum ledger_hash algorithm, uint64_t index, uint64_t size,
                const struct hash *leaf, const struct hash *proof, size_t n_proof,
                const struct hash *root, struct err *err);
MUST_CHECK bool merkle_verify_consistency(enum ledger_hash algorithm, uint64_t size1,
                uint64_t size2, const struct hash *proof, size_t n_proof, const struct hash *root1,
                const struct hash *root2, struct err *err);

#endif
