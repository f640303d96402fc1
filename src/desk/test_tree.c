/* The tiles in the store while a ledger grows, is rolled back and is taken over by others: at
 * every size what a proof reads is what the leaves make. Also over PostgreSQL. */
#include "desk/tree.h"

#include "desk/test_site.h"

#define N_LEAVES (66000 / TILE_WIDTH * TILE_WIDTH) /* a tile of level 1 and the next begun */
#define TURN     (8 * TILE_WIDTH)

static struct err err;

#define must(OK)                                                                                   \
        do {                                                                                       \
                if (!(OK))                                                                         \
                        fail_msg("%s: %s", err_text(err.code)->name, err.detail);                  \
        } while (0)

static struct hash leaf_of(uint64_t i)
{
        return merkle_leaf(LEDGER_SHA256, (struct str){ (const char *)&i, sizeof(i) });
}

static struct store *open_empty(void)
{
        struct store_options options = { .create = true };
        struct store *store = NULL;
        must(store_open(":memory:", &options, &store, &err));
        return store;
}

/* Appends n leaves in one transaction, which may come to nothing. */
static void append(struct store *store, struct tiles *tiles, struct merkle_frontier *frontier,
                uint64_t n, bool commit)
{
        struct merkle_frontier grown = *frontier;
        struct tx *tx;
        must(store_begin(store, &tx, &err));
        for (uint64_t i = 0; i < n; i++) {
                struct hash leaf = leaf_of(grown.size);
                must(tiles_append(tiles, tx, LEDGER_SHA256, &grown, &leaf, &err));
        }
        if (commit) {
                must(tx_commit(&tx, &err));
                *frontier = grown;
        } else {
                tx_rollback(&tx);
                tiles_forget(tiles);
        }
}

static void check_proofs(struct store *store, const struct merkle_frontier *frontier)
{
        struct hash root = merkle_root(LEDGER_SHA256, frontier);
        struct snapshot *snapshot;
        struct tree tree;
        must(snapshot_open(store, &snapshot, &err));
        tree_init(&tree, snapshot, LEDGER_SHA256, frontier->size);
        struct merkle_source source = tree_source(&tree);
        for (uint64_t i = 0; i < frontier->size; i += 1 + frontier->size / 7) {
                struct merkle_proof proof;
                struct hash leaf = leaf_of(i);
                must(merkle_prove_inclusion(&source, i, frontier->size, &proof, &err));
                must(merkle_verify_inclusion(LEDGER_SHA256, i, frontier->size, &leaf, proof.hashes,
                                proof.n, &root, &err));
        }
        snapshot_close(&snapshot);
}

static size_t stored_bytes(struct store *store, unsigned level, uint64_t index)
{
        struct snapshot *snapshot;
        struct rows rows = { 0 };
        must(snapshot_open(store, &snapshot, &err));
        must(snapshot_rows(snapshot, Q_TILE_GET,
                        PARAMS(param_int(0), param_int((int64_t)level), param_int((int64_t)index)),
                        &rows, &err));
        size_t n = rows_next(&rows) ? rows_blob(&rows, 0).n : 0;
        must(rows_end(&rows, &err));
        snapshot_close(&snapshot);
        return n;
}

/* A turn that fails, a process that takes over, and every unfinished tile is there. */
static void test_unfinished_tiles(void **state)
{
        struct store *store = open_empty();
        struct merkle_frontier frontier = { 0 };
        static struct tiles tiles;
        (void)state;
        for (uint64_t turn = 0; frontier.size < N_LEAVES; turn++) {
                uint64_t n = N_LEAVES - frontier.size < TURN ? N_LEAVES - frontier.size : TURN;
                if (turn % 5 == 1)
                        append(store, &tiles, &frontier, n / 2 + 3, false);
                if (turn % 7 == 2)
                        tiles_forget(&tiles);
                append(store, &tiles, &frontier, n, true);
                check_proofs(store, &frontier);
                uint64_t index = frontier.size >> 2 * TILE_HEIGHT;
                assert_int_equal(stored_bytes(store, 1, index),
                                tile_width(1, index, frontier.size) * HASH_BYTES);
        }
        assert_int_equal(stored_bytes(store, 1, 0), TILE_WIDTH * HASH_BYTES);
        assert_int_equal(stored_bytes(store, 2, 0), HASH_BYTES);
        store_close(&store);
}

static void drop_tile(struct store *store, int level)
{
        struct tx *tx;
        must(store_begin(store, &tx, &err));
        must(tx_run(tx, Q_TILE_CUT, PARAMS(param_int(0), param_int(level), param_int(0)), &err));
        must(tx_commit(&tx, &err));
}

/* A site from before unfinished tiles were stored: its proofs hold, and the next leaf that
 * reaches a tile stores all of it. */
static void test_without_them(void **state)
{
        struct store *store = open_empty();
        struct merkle_frontier frontier = { 0 };
        static struct tiles tiles;
        (void)state;
        append(store, &tiles, &frontier, 11 * TILE_WIDTH, true);
        drop_tile(store, 1);
        check_proofs(store, &frontier);
        tiles_forget(&tiles);
        append(store, &tiles, &frontier, TILE_WIDTH, true);
        assert_int_equal(stored_bytes(store, 1, 0), 12 * HASH_BYTES);
        check_proofs(store, &frontier);
        store_close(&store);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_unfinished_tiles),
                cmocka_unit_test(test_without_them),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
