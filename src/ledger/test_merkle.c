#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/merkle.h"

/* RFC 9162 section 2.1.5's tree in the reference implementations: eight leaves, and the
 * roots of its first n. */
static const struct {
        const char *leaf; /* hex */
        const char *root; /* of the tree that ends with it */
} reference[] = {
        { "", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d" },
        { "00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125" },
        { "10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77" },
        { "2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" },
        { "3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4" },
        { "40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef" },
        { "5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c" },
        { "606162636465666768696a6b6c6d6e6f",
                        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328" },
};

#define MANY 70u

/* A tree held whole, for tests: the nodes as an append hands them over. */
struct forest {
        enum ledger_hash algorithm;
        struct merkle_frontier frontier;
        struct hash nodes[8][MANY], roots[MANY + 1];
        size_t n[8];
        bool broken; /* hands over no node any more */
};

static void put(void *context, unsigned level, uint64_t index, const struct hash *hash)
{
        struct forest *forest = context;
        assert_true(level < 8);
        assert_int_equal(index, forest->n[level]); /* each node once, in order */
        forest->nodes[level][forest->n[level]++] = *hash;
}

static bool get(void *context, unsigned level, uint64_t index, struct hash *ret)
{
        struct forest *forest = context;
        if (forest->broken || level >= 8 || index >= forest->n[level])
                return false;
        *ret = forest->nodes[level][index];
        return true;
}

static void grow(struct forest *forest, enum ledger_hash algorithm)
{
        *forest = (struct forest){ .algorithm = algorithm };
        forest->roots[0] = merkle_root(algorithm, &forest->frontier);
        for (unsigned i = 0; i < MANY; i++) {
                char text[2] = { (char)i, 'x' };
                struct hash leaf = merkle_leaf(algorithm, (struct str){ text, 2 });
                merkle_append(algorithm, &forest->frontier, &leaf, put, forest);
                forest->roots[i + 1] = merkle_root(algorithm, &forest->frontier);
        }
}

static void test_reference_roots(void **state)
{
        (void)state;
        struct merkle_frontier frontier = { 0 };
        char hex[HASH_HEX + 1] = { 0 };
        for (size_t i = 0; i < N_ELEMENTS(reference); i++) {
                uint8_t bytes[16];
                size_t n = strlen(reference[i].leaf) / 2;
                assert_true(hash_parse_hex(str_of(reference[i].leaf), bytes, n));
                struct hash leaf = merkle_leaf(LEDGER_SHA256, (struct str){ (char *)bytes, n });
                merkle_append(LEDGER_SHA256, &frontier, &leaf, NULL, NULL);
                struct hash root = merkle_root(LEDGER_SHA256, &frontier);
                hash_write_hex(root.b, HASH_BYTES, hex);
                assert_string_equal(hex, reference[i].root);
        }
        struct hash empty = merkle_empty_root(LEDGER_SHA256);
        hash_write_hex(empty.b, HASH_BYTES, hex);
        assert_string_equal(
                        hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* MTH of RFC 9162 section 2.1.1, word for word: slow and plain. */
static struct hash plain_root(const struct forest *forest, size_t from, size_t to)
{
        if (to - from == 1)
                return forest->nodes[0][from];
        size_t k = 1;
        while (2 * k < to - from)
                k *= 2;
        struct hash left = plain_root(forest, from, from + k);
        struct hash right = plain_root(forest, from + k, to);
        return merkle_node(forest->algorithm, &left, &right);
}

static void test_roots_are_the_definition(void **state)
{
        (void)state;
        static struct forest forest;
        for (int a = 0; a < 2; a++) {
                grow(&forest, a == 0 ? LEDGER_SHA256 : LEDGER_SM3);
                struct merkle_source source = { forest.algorithm, get, &forest };
                for (size_t n = 1; n <= MANY; n++) {
                        struct hash root = plain_root(&forest, 0, n), again;
                        struct err err;
                        assert_true(hash_eq(&root, &forest.roots[n]));
                        assert_true(merkle_root_at(&source, n, &again, &err));
                        assert_true(hash_eq(&root, &again));
                }
        }
}

static void test_every_inclusion(void **state)
{
        (void)state;
        static struct forest forest;
        grow(&forest, LEDGER_SHA256);
        struct merkle_source source = { forest.algorithm, get, &forest };
        for (uint64_t size = 1; size <= MANY; size++)
                for (uint64_t index = 0; index < size; index++) {
                        struct merkle_proof proof;
                        struct err err;
                        assert_true(merkle_prove_inclusion(&source, index, size, &proof, &err));
                        assert_true(merkle_verify_inclusion(forest.algorithm, index, size,
                                        &forest.nodes[0][index], proof.hashes, proof.n,
                                        &forest.roots[size], &err));
                        /* The same proof holds for no other leaf. */
                        assert_false(merkle_verify_inclusion(forest.algorithm, index ^ 1, size,
                                        &forest.nodes[0][index], proof.hashes, proof.n,
                                        &forest.roots[size], &err));
                        assert_int_equal(err.code, E_LEDGER_PROOF);
                }
}

static void test_every_consistency(void **state)
{
        (void)state;
        static struct forest forest;
        grow(&forest, LEDGER_SHA256);
        struct merkle_source source = { forest.algorithm, get, &forest };
        for (uint64_t size2 = 1; size2 <= MANY; size2++)
                for (uint64_t size1 = 1; size1 <= size2; size1++) {
                        struct merkle_proof proof;
                        struct err err;
                        assert_true(merkle_prove_consistency(&source, size1, size2, &proof, &err));
                        assert_true(merkle_verify_consistency(forest.algorithm, size1, size2,
                                        proof.hashes, proof.n, &forest.roots[size1],
                                        &forest.roots[size2], &err));
                        assert_false(merkle_verify_consistency(forest.algorithm, size1, size2,
                                        proof.hashes, proof.n, &forest.roots[size1 - 1],
                                        &forest.roots[size2], &err));
                        assert_false(merkle_verify_consistency(forest.algorithm, size1, size2,
                                        proof.hashes, proof.n, &forest.roots[size1],
                                        &forest.roots[size2 - 1], &err));
                }
}

static void test_every_flip_in_a_proof_shows(void **state)
{
        (void)state;
        static struct forest forest;
        grow(&forest, LEDGER_SM3);
        struct merkle_source source = { forest.algorithm, get, &forest };
        struct merkle_proof proof;
        struct err err;
        assert_true(merkle_prove_inclusion(&source, 37, 70, &proof, &err));
        for (size_t bit = 0; bit < 8 * HASH_BYTES * proof.n; bit++) {
                uint8_t *byte = &proof.hashes[bit / 256].b[bit / 8 % 32];
                *byte ^= (uint8_t)(1 << bit % 8);
                assert_false(merkle_verify_inclusion(forest.algorithm, 37, 70, &forest.nodes[0][37],
                                proof.hashes, proof.n, &forest.roots[70], &err));
                *byte ^= (uint8_t)(1 << bit % 8);
        }
        assert_true(merkle_prove_consistency(&source, 22, 70, &proof, &err));
        for (size_t bit = 0; bit < 8 * HASH_BYTES * proof.n; bit++) {
                uint8_t *byte = &proof.hashes[bit / 256].b[bit / 8 % 32];
                *byte ^= (uint8_t)(1 << bit % 8);
                assert_false(merkle_verify_consistency(forest.algorithm, 22, 70, proof.hashes,
                                proof.n, &forest.roots[22], &forest.roots[70], &err));
                *byte ^= (uint8_t)(1 << bit % 8);
        }
}

static void test_frontier_survives_storage(void **state)
{
        (void)state;
        static struct forest forest;
        struct arena *arena = arena_open();
        grow(&forest, LEDGER_SHA256);
        struct merkle_source source = { forest.algorithm, get, &forest };
        for (uint64_t size = 0; size < MANY; size++) {
                struct merkle_frontier frontier, again;
                struct err err;
                assert_true(merkle_frontier_at(&source, size, &frontier, &err));
                struct str packed = merkle_frontier_pack(arena, &frontier);
                assert_true(merkle_frontier_unpack(packed, &again, &err));
                struct hash root = merkle_root(LEDGER_SHA256, &again);
                assert_true(hash_eq(&root, &forest.roots[size]));
                merkle_append(LEDGER_SHA256, &again, &forest.nodes[0][size], NULL, NULL);
                root = merkle_root(LEDGER_SHA256, &again);
                assert_true(hash_eq(&root, &forest.roots[size + 1]));

                assert_false(merkle_frontier_unpack(
                                str_slice(packed, 0, packed.n - 1), &again, &err));
                assert_int_equal(err.code, E_LEDGER_FRONTIER);
        }
        struct merkle_frontier frontier;
        struct err err;
        assert_false(merkle_frontier_unpack(
                        STR_LIT("\xff\xff\xff\xff\xff\xff\xff\xff"), &frontier, &err));
        assert_int_equal(err.code, E_LEDGER_FRONTIER);
        arena_close(&arena);
}

static void test_provers_refuse(void **state)
{
        (void)state;
        static struct forest forest;
        grow(&forest, LEDGER_SHA256);
        struct merkle_source source = { forest.algorithm, get, &forest };
        struct merkle_proof proof;
        struct merkle_frontier frontier;
        struct hash root;
        struct err err;
        assert_false(merkle_prove_inclusion(&source, 5, 5, &proof, &err));
        assert_int_equal(err.code, E_LEDGER_RANGE);
        assert_false(merkle_prove_inclusion(&source, 0, UINT64_MAX, &proof, &err));
        assert_int_equal(err.code, E_LEDGER_RANGE);
        assert_false(merkle_prove_consistency(&source, 0, 5, &proof, &err));
        assert_int_equal(err.code, E_LEDGER_RANGE);
        assert_false(merkle_prove_consistency(&source, 6, 5, &proof, &err));
        assert_int_equal(err.code, E_LEDGER_RANGE);
        assert_false(merkle_frontier_at(&source, UINT64_MAX, &frontier, &err));
        assert_int_equal(err.code, E_LEDGER_RANGE);
        forest.broken = true;
        assert_false(merkle_prove_inclusion(&source, 3, 5, &proof, &err));
        assert_int_equal(err.code, E_LEDGER_NODE);
        assert_false(merkle_prove_consistency(&source, 3, 5, &proof, &err));
        assert_int_equal(err.code, E_LEDGER_NODE);
        assert_false(merkle_root_at(&source, 5, &root, &err));
        assert_int_equal(err.code, E_LEDGER_NODE);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_reference_roots),
                cmocka_unit_test(test_roots_are_the_definition),
                cmocka_unit_test(test_every_inclusion),
                cmocka_unit_test(test_every_consistency),
                cmocka_unit_test(test_every_flip_in_a_proof_shows),
                cmocka_unit_test(test_frontier_survives_storage),
                cmocka_unit_test(test_provers_refuse),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
