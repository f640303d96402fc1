/* bench/bench_verify.c - `plumbline verify` against libcrypto alone hashing the same bytes.
 *
 * Verified is a bureau's whole ledger as the command does it: read from the database,
 * parsed, every field into its commitment, every leaf into the tree, tiles, checkpoints,
 * idempotency keys, the chain of every matter. Beside it, from memory, libcrypto on one
 * core with one context kept (EVP_DigestInit_ex2, no fetching):
 * "all that must be hashed": for every event the messages that ledger/event.h and RFC 6962
 *     name: HKDF's two hashes for each field's salt, the field's digest, the list of
 *     digests, the leaf, and one inner node (there are as many as leaves, less one);
 * "once": leaf and values as one message: the stored bytes a single time, without what it
 *     costs to commit to fields one by one.
 *
 * usage: PLUMBLINE_SOURCE=. bench_verify FOLDER [MATTERS [RUNS]] */
#include <unistd.h>

#include <openssl/evp.h>

#include "bench/bench.h"
#include "bench/bureau.h"
#include "desk/audit.h"
#include "desk/files.h"
#include "ledger/fields.h"
#include "store/ids.h"

#define WANTED      0.5
#define BLOCK_BYTES 64 /* of SHA-256, as HMAC pads its key */

struct message {
        uint32_t n_head; /* bytes before, whatever they are */
        struct str bytes;
};

struct messages {
        struct message *items;
        size_t n, capacity;
        double bytes;
};

static void add(struct messages *messages, size_t n_head, struct str bytes)
{
        if (messages->n == messages->capacity) {
                messages->capacity = 2 * messages->capacity + 4096;
                messages->items = realloc(
                                messages->items, messages->capacity * sizeof(*messages->items));
                if (messages->items == NULL)
                        abort();
        }
        messages->items[messages->n++] = (struct message){ (uint32_t)n_head, bytes };
        messages->bytes += (double)(n_head + bytes.n);
}

static void add_event(
                struct messages *all, struct messages *once, struct str leaf, struct str disclosed)
{
        struct fields fields = fields_of(disclosed);
        struct str name, value, none = STR_LIT("");
        struct err err;
        size_t n = 0;
        while (fields_next(&fields, &name, &value, &err) == FIELDS_ONE) {
                add(all, BLOCK_BYTES + sizeof("plumbline field"), name); /* HMAC, inside; */
                add(all, BLOCK_BYTES + HASH_BYTES, none);                /* outside */
                add(all, 1 + EVENT_SALT_BYTES + 2 + name.n, value);
                n++;
        }
        add(all, 1 + n * HASH_BYTES, none);
        add(all, 1, leaf);
        add(all, 1 + 2 * HASH_BYTES, none);
        add(once, disclosed.n, leaf);
}

static uint64_t read_ledger(
                struct arena *arena, struct site *site, struct messages *all, struct messages *once)
{
        struct snapshot *snapshot;
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct err err;
        uint64_t n = 0;
        const struct store_param all_of_organ[] = { param_int(0),
                param_int((int64_t)1 << ID_SEQ_BITS), param_int(INT64_MAX) };
        must(snapshot_open(site_store(site), &snapshot, &err), &err);
        must(snapshot_rows(snapshot, Q_EVENTS_FROM, all_of_organ, N_ELEMENTS(all_of_organ), &rows,
                             &err),
                        &err);
        for (; rows_next(&rows); n++)
                add_event(all, once, str_copy(arena, rows_blob(&rows, 3)),
                                str_copy(arena, rows_text(&rows, 4)));
        must(rows_end(&rows, &err), &err);
        snapshot_close(&snapshot);
        return n;
}

struct hashed {
        double seconds, cpu;
};

static struct hashed hash_all(const struct messages *messages)
{
        static const uint8_t head[1 << 22]; /* zeros; a definition is a long text */
        EVP_MD *method = EVP_MD_fetch(NULL, "SHA256", NULL);
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        uint8_t out[HASH_BYTES];
        double start = now_seconds(), cpu = cpu_seconds();
        for (size_t i = 0; i < messages->n; i++) {
                const struct message *m = &messages->items[i];
                if (m->n_head > sizeof(head) || EVP_DigestInit_ex2(context, method, NULL) != 1 ||
                                EVP_DigestUpdate(context, head, m->n_head) != 1 ||
                                EVP_DigestUpdate(context, m->bytes.p, m->bytes.n) != 1 ||
                                EVP_DigestFinal_ex(context, out, NULL) != 1)
                        die("cannot hash");
        }
        struct hashed hashed = { now_seconds() - start, cpu_seconds() - cpu };
        EVP_MD_CTX_free(context);
        EVP_MD_free(method);
        return hashed;
}

int main(int argc, char **argv)
{
        if (argc < 2)
                return 2;
        int n_matters = number_argument(argc, argv, 2, 10000);
        int runs = number_argument(argc, argv, 3, 5);
        double ratios[N_RUNS_MAX], by_cpu[N_RUNS_MAX], plain[N_RUNS_MAX], rates[N_RUNS_MAX];
        struct messages all = { 0 }, once = { 0 };
        struct arena *arena = arena_open();
        struct site *site;
        char dir[1000];
        struct err err;
        must(folder_make(str_of(argv[1]), 0755, &err), &err);
        snprintf(dir, sizeof(dir), "%s/site", argv[1]);
        bureau_live(path_in(bureau_source(), "bench/bureau"), dir, n_matters);
        must(site_open(str_of(dir), &site, &err), &err);
        double n = (double)read_ledger(arena, site, &all, &once);
        printf("%.0f events; %.1f messages of %.0f bytes in all must be hashed for each, %.0f bytes "
               "are stored; %ld processors\n",
                        n, (double)all.n / n, all.bytes / n, once.bytes / n,
                        sysconf(_SC_NPROCESSORS_ONLN));
        for (int i = 0; i < runs && i < N_RUNS_MAX; i++) {
                struct audit audit;
                double start = now_seconds(), cpu = cpu_seconds();
                must(site_audit(site, &audit, &err), &err);
                double verify = now_seconds() - start, verify_cpu = cpu_seconds() - cpu;
                struct hashed every = hash_all(&all), single = hash_all(&once);
                rates[i] = n / verify;
                ratios[i] = every.seconds / verify;
                by_cpu[i] = every.cpu / verify_cpu;
                plain[i] = single.cpu / verify_cpu;
                printf("verify %6.2f us an event (%5.2f us CPU)   libcrypto alone: all that must be "
                       "hashed %5.2f us (%5.2f us CPU), once %5.2f us CPU\n",
                                verify / n * 1e6, verify_cpu / n * 1e6, every.seconds / n * 1e6,
                                every.cpu / n * 1e6, single.cpu / n * 1e6);
        }
        site_close(&site);
        folder_remove(argv[1]);
        arena_close(&arena);
        free(all.items);
        free(once.items);
        result("verify: events/s", spread_of(rates, runs), 0, true);
        result("verify: of libcrypto alone, as it runs", spread_of(ratios, runs), WANTED, true);
        result("verify: of libcrypto alone, one core's time", spread_of(by_cpu, runs), WANTED,
                        true);
        result("verify: of hashing the stored bytes once", spread_of(plain, runs), 0, true);
        return 0;
}
