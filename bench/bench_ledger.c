/* bench/bench_ledger.c - events sealed and verified per second on one core, beside
 * what libcrypto takes to hash alone. Medians of five runs.
 *
 * "inputs" hashes, through EVP with one reused context, every message that verification
 * must hash by the formula of ledger/event.h and RFC 6962 (salts, digests, list, leaf,
 * node): the ratio says what everything but hashing costs. "once" hashes the stored
 * bytes a single time, leaf and values as one message: the ratio says what it costs that
 * fields are committed to one by one.
 *
 * usage: bench_ledger */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <openssl/evp.h>

#include "ledger/verify.h"

#define N_EVENTS 2048
#define N_RUNS   5

static const char data_json[] =
                "{\"amount\":125000,\"decided_on\":\"2021-09-28\",\"id_no\":\"35020319900101001X\","
                "\"name\":\"林某某\",\"outcome\":\"罚款\",\"reason\":\"未取得许可从事经营活动，违法行为轻微并"
                "及时改正，没有造成危害后果\"}";

struct bench {
        enum ledger_hash algorithm;
        struct event events[N_EVENTS];
        struct verify_record records[N_EVENTS];
        size_t n_bytes;
        struct arena *scratch;
        EVP_MD *method;
        EVP_MD_CTX *context;
};

static double seconds(void)
{
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void prepare(struct bench *bench, struct arena *arena, enum ledger_hash algorithm)
{
        struct err err;
        *bench = (struct bench){ .algorithm = algorithm, .scratch = arena_open() };
        bench->method = EVP_MD_fetch(NULL, algorithm == LEDGER_SHA256 ? "SHA256" : "SM3", NULL);
        bench->context = EVP_MD_CTX_new();
        for (int i = 0; i < N_EVENTS; i++) {
                struct event *event = &bench->events[i];
                struct sealed sealed;
                *event = (struct event){ .organ = STR_LIT("思明区司法局"),
                        .seq = i,
                        .matter = str_format(arena, "思司罚〔2021〕%d号", i),
                        .procedure = STR_LIT("penalty@2021-07-15"),
                        .act = STR_LIT("decide"),
                        .actor = STR_LIT("chen.ming"),
                        .time = { 1632790800 + i } };
                event->secret[0] = (uint8_t)i;
                event->secret[1] = (uint8_t)(i >> 8);
                if (!value_parse_json(arena, str_of(data_json), &event->data, &err) ||
                                !ledger_seal(arena, algorithm, event, &sealed, &err))
                        abort();
                bench->records[i] = (struct verify_record){
                        .leaf = sealed.leaf, .disclosed = sealed.disclosed, .secret = event->secret
                };
                bench->n_bytes += sealed.leaf.n + sealed.disclosed.n;
        }
}

static void seal(struct bench *bench)
{
        for (int i = 0; i < N_EVENTS; i++) {
                struct sealed sealed;
                struct err err;
                if (!ledger_seal(bench->scratch, bench->algorithm, &bench->events[i], &sealed,
                                    &err))
                        abort();
                if (i % 8 == 0)
                        arena_reset(bench->scratch);
        }
}

static void verify(struct bench *bench)
{
        struct verify_config config = { .algorithm = bench->algorithm,
                .organ = STR_LIT("思明区司法局"),
                .without_checkpoints = true };
        struct verify verify;
        struct verify_report report;
        struct err err;
        verify_start(&verify, &config);
        for (int i = 0; i < N_EVENTS; i++)
                verify_event(bench->scratch, &verify, &bench->records[i]);
        if (!verify_finish(&verify, &report, &err) || report.n_fields != 6 * N_EVENTS)
                abort();
}

static void hash_message(struct bench *bench, const void *a, size_t n_a, const void *b, size_t n_b)
{
        uint8_t out[HASH_BYTES];
        if (EVP_DigestInit_ex2(bench->context, bench->method, NULL) != 1 ||
                        EVP_DigestUpdate(bench->context, a, n_a) != 1 ||
                        EVP_DigestUpdate(bench->context, b, n_b) != 1 ||
                        EVP_DigestFinal_ex(bench->context, out, NULL) != 1)
                abort();
}

static void hash_once(struct bench *bench)
{
        for (int i = 0; i < N_EVENTS; i++) {
                const struct verify_record *record = &bench->records[i];
                hash_message(bench, record->leaf.p, record->leaf.n, record->disclosed.p,
                                record->disclosed.n);
        }
}

static void hash_inputs(struct bench *bench)
{
        static const uint8_t block[64];
        for (int i = 0; i < N_EVENTS; i++) {
                const struct verify_record *record = &bench->records[i];
                const struct value *data = &bench->events[i].data;
                struct hash digests[6];
                for (size_t f = 0; f < data->context.n; f++) {
                        const struct member *member = &data->context.members[f];
                        size_t n_value = member->value.kind == VALUE_STRING
                                                         ? member->value.string.n + 2
                                                         : 6;
                        hash_message(bench, block, 64, record->leaf.p, 17 + member->name.n);
                        hash_message(bench, block, 64, digests, HASH_BYTES);
                        hash_message(bench, block, 19, record->leaf.p, member->name.n + n_value);
                }
                hash_message(bench, block, 1, digests, sizeof(digests));
                hash_message(bench, block, 1, record->leaf.p, record->leaf.n);
                hash_message(bench, block, 1, digests, 2 * HASH_BYTES);
        }
}

static int double_cmp(const void *a, const void *b)
{
        double x = *(const double *)a, y = *(const double *)b;
        return (x > y) - (x < y);
}

/* Microseconds an event. */
static double cost(struct bench *bench, void (*run)(struct bench *))
{
        double costs[N_RUNS];
        for (int i = 0; i < N_RUNS; i++) {
                double start = seconds(), end;
                int rounds = 0;
                do {
                        run(bench);
                        rounds++;
                        end = seconds();
                } while (end - start < 0.2);
                costs[i] = (end - start) * 1e6 / ((double)rounds * N_EVENTS);
        }
        qsort(costs, N_RUNS, sizeof(costs[0]), double_cmp);
        return costs[N_RUNS / 2];
}

int main(void)
{
        static struct bench bench;
        struct arena *arena = arena_open();
        printf("%-8s %10s %10s %12s %10s %14s %12s\n", "hash", "seal, us", "verify, us",
                        "inputs, us", "once, us", "inputs/verify", "once/verify");
        for (int a = 0; a < 2; a++) {
                prepare(&bench, arena, a == 0 ? LEDGER_SHA256 : LEDGER_SM3);
                double sealing = cost(&bench, seal), verifying = cost(&bench, verify);
                double inputs = cost(&bench, hash_inputs), once = cost(&bench, hash_once);
                printf("%-8s %10.2f %10.2f %12.2f %10.2f %14.2f %12.2f\n",
                                hash_name(bench.algorithm), sealing, verifying, inputs, once,
                                inputs / verifying, once / verifying);
                printf("         %zu bytes an event, 6 fields; %.0f sealed/s, %.0f verified/s, "
                       "%.0f MB/s verified\n",
                                bench.n_bytes / N_EVENTS, 1e6 / sealing, 1e6 / verifying,
                                (double)bench.n_bytes / N_EVENTS / verifying);
                EVP_MD_free(bench.method);
                EVP_MD_CTX_free(bench.context);
                arena_close(&bench.scratch);
        }
        arena_close(&arena);
        return 0;
}
