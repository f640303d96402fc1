/* bench/bench_proof.c - an inclusion proof out of a ledger of ten million events.
 *
 * The tree is made of synthetic leaves and kept as a site keeps it: tiles in the store, and
 * the events whose leaves are in no tile yet (desk/tree.h). Each proof begins with nothing at
 * hand, as a request does, and is checked against the root. Beside it, in the same run,
 * libcrypto alone hashing as many bytes as the tiles hold that the proof has to read.
 *
 * usage: bench_proof FOLDER [EVENTS [RUNS]] */
#include <openssl/evp.h>

#include "bench/bench.h"
#include "desk/files.h"
#include "desk/tree.h"

#define PROOFS     1000
#define LEAF_BYTES 400 /* about that of an event of a matter */

struct ledger {
        struct store *store;
        struct merkle_frontier frontier;
        struct hash root;
};

static struct str leaf_bytes(uint64_t i)
{
        static char bytes[LEAF_BYTES];
        memcpy(bytes, &i, sizeof(i));
        return (struct str){ bytes, sizeof(bytes) };
}

static struct hash leaf_of(uint64_t i)
{
        return merkle_leaf(LEDGER_SHA256, leaf_bytes(i));
}

static void add_event(struct tx *tx, uint64_t i)
{
        struct err err;
        must(tx_put(tx, Q_EVENT_ADD,
                             PARAMS(param_int((int64_t)i), param_null(), param_null(),
                                             param_blob(leaf_bytes(i)), param_null(), param_null(),
                                             param_null()),
                             &err),
                        &err);
}

static void fill(struct ledger *ledger, uint64_t n)
{
        static struct tiles tiles;
        struct err err;
        for (uint64_t i = 0; i < n;) {
                struct tx *tx;
                must(store_begin(ledger->store, &tx, &err), &err);
                for (uint64_t end = i + 500000; i < n && i < end; i++) {
                        struct hash leaf = leaf_of(i);
                        must(tiles_append(&tiles, tx, LEDGER_SHA256, &ledger->frontier, &leaf,
                                             &err),
                                        &err);
                        if (i >= n / TILE_WIDTH * TILE_WIDTH)
                                add_event(tx, i);
                }
                must(tx_commit(&tx, &err), &err);
        }
        ledger->root = merkle_root(LEDGER_SHA256, &ledger->frontier);
}

static uint64_t next_random(uint64_t *state)
{
        *state = *state * 6364136223846793005u + 1442695040888963407u;
        return *state >> 20;
}

/* Microseconds a proof, the slowest of them in *ret_worst. */
static double prove(const struct ledger *ledger, uint64_t *state, double *ret_worst)
{
        double all = 0;
        *ret_worst = 0;
        for (int i = 0; i < PROOFS; i++) {
                uint64_t index = next_random(state) % ledger->frontier.size;
                struct snapshot *snapshot;
                struct merkle_proof proof;
                struct tree tree;
                struct err err;
                double start = now_seconds();
                must(snapshot_open(ledger->store, &snapshot, &err), &err);
                tree_init(&tree, snapshot, LEDGER_SHA256, ledger->frontier.size);
                struct merkle_source source = tree_source(&tree);
                must(merkle_prove_inclusion(&source, index, ledger->frontier.size, &proof, &err),
                                &err);
                snapshot_close(&snapshot);
                double took = (now_seconds() - start) * 1e6;
                struct hash leaf = leaf_of(index);
                must(merkle_verify_inclusion(LEDGER_SHA256, index, ledger->frontier.size, &leaf,
                                     proof.hashes, proof.n, &ledger->root, &err),
                                &err);
                all += took;
                *ret_worst = took > *ret_worst ? took : *ret_worst;
        }
        return all / PROOFS;
}

/* Microseconds for the tiles of a proof: one of each level. */
static double hash_tiles(uint64_t size)
{
        static const uint8_t tile[TILE_WIDTH * HASH_BYTES];
        EVP_MD *method = EVP_MD_fetch(NULL, "SHA256", NULL);
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        uint8_t out[HASH_BYTES];
        double start = now_seconds();
        for (int i = 0; i < PROOFS; i++)
                for (uint64_t n = size; n > 0; n >>= TILE_HEIGHT)
                        if (EVP_DigestInit_ex2(context, method, NULL) != 1 ||
                                        EVP_DigestUpdate(context, tile, sizeof(tile)) != 1 ||
                                        EVP_DigestFinal_ex(context, out, NULL) != 1)
                                die("cannot hash");
        double took = (now_seconds() - start) * 1e6 / PROOFS;
        EVP_MD_CTX_free(context);
        EVP_MD_free(method);
        return took;
}

int main(int argc, char **argv)
{
        if (argc < 2)
                return 2;
        uint64_t n = (uint64_t)number_argument(argc, argv, 2, 10000000);
        int runs = number_argument(argc, argv, 3, 5);
        struct ledger ledger = { .store = NULL };
        double means[N_RUNS_MAX], worst[N_RUNS_MAX], ratios[N_RUNS_MAX];
        uint64_t state = 1;
        char path[1000];
        struct err err;
        must(folder_make(str_of(argv[1]), 0755, &err), &err);
        snprintf(path, sizeof(path), "%s/proof.db", argv[1]);
        remove(path);
        must(store_open(path, &(struct store_options){ .create = true }, &ledger.store, &err),
                        &err);
        fill(&ledger, n);
        printf("%llu leaves, %d proofs a run\n", (unsigned long long)n, PROOFS);
        for (int i = 0; i < runs && i < N_RUNS_MAX; i++) {
                means[i] = prove(&ledger, &state, &worst[i]) / 1000;
                double hashing = hash_tiles(n) / 1000;
                worst[i] /= 1000;
                ratios[i] = means[i] / hashing;
                printf("a proof %.3f ms, the slowest %.3f ms; libcrypto alone over its tiles %.3f "
                       "ms\n",
                                means[i], worst[i], hashing);
        }
        result("proof: ms for one of 10,000,000 events", spread_of(means, runs), 1, false);
        result("proof: times libcrypto over its tiles", spread_of(ratios, runs), 20, false);
        store_close(&ledger.store);
        return 0;
}
