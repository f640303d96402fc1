/* bench/bench_store.c - durable acts per second, and where their time goes.
 *
 * An ordinary act changes a state, a field, a clock or what counts for an indicator. First
 * the rows of such acts are written by their statements alone (what SQLite can do), then
 * the acts themselves are done: decided, folded, sealed, stored and projected.
 *
 * usage: PLUMBLINE_SOURCE=. bench_store FILE [BATCH [MATTERS]]
 * FILE must not exist; it decides which disk is measured. */
#include "raw.h"

#include "projection/test_bureau.h"

#define N_ACTS 21000 /* three acts a matter */

static uint64_t random_next(void)
{
        static uint64_t state = 20210928;
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        return state * UINT64_C(2685821657736338717) >> 16;
}

struct run {
        struct bureau *b;
        int batch, matters;
        int64_t *ids;
};

static void statements(struct run *run, struct tx *tx, int i, int64_t id)
{
        raw_act(tx, run->b->next++, id, i);
}

/* ---- Whole acts ---- */

static void whole_act(struct run *run, struct tx *tx, int i, int64_t id)
{
        static const char *const acts[] = { "change", "wait", "go_on" };
        char json[64] = "{}";
        int64_t ignored;
        if (i % 3 == 0)
                snprintf(json, sizeof(json), "{\"amount\":%d}", (int)(random_next() % 100000));
        arena_reset(run->b->act);
        must(bureau_try(run->b, tx,
                             &(struct bureau_act){ .matter = id,
                                             .who = "clerk",
                                             .act = acts[i % 3],
                                             .json = json },
                             &ignored),
                        &run->b->err);
}

static void measure(struct run *run, const char *what,
                void (*act)(struct run *run, struct tx *tx, int i, int64_t id))
{
        double start = now_seconds(), cpu = cpu_seconds();
        for (int i = 0; i < N_ACTS; i += run->batch) {
                struct tx *tx = NULL;
                must(store_begin(run->b->store, &tx, &run->b->err), &run->b->err);
                for (int k = i; k < i + run->batch && k < N_ACTS; k++)
                        act(run, tx, k, run->ids[k / 3 * 7919 % run->matters]);
                must(tx_commit(&tx, &run->b->err), &run->b->err);
                projection_keep(run->b->projection);
        }
        double seconds = now_seconds() - start;
        printf("%-12s %8.0f acts/s %8.1f us CPU/act\n", what, N_ACTS / seconds,
                        (cpu_seconds() - cpu) / N_ACTS * 1e6);
}

static void begin_all(struct run *run)
{
        double start = now_seconds();
        for (int i = 0; i < run->matters; i += 1000) {
                struct tx *tx = NULL;
                must(store_begin(run->b->store, &tx, &run->b->err), &run->b->err);
                for (int k = i; k < i + 1000 && k < run->matters; k++) {
                        char json[256];
                        snprintf(json, sizeof(json),
                                        "{\"subject\":\"第%d号房屋拆迁申请\","
                                        "\"applicant_name\":\"张三%d\",\"kind\":\"甲\","
                                        "\"accepted_on\":\"2021-03-01\",\"amount\":%d}",
                                        k, k, k);
                        arena_reset(run->b->act);
                        must(bureau_try(run->b, tx,
                                             &(struct bureau_act){ .procedure = "case",
                                                             .who = "clerk",
                                                             .act = "begin",
                                                             .json = json },
                                             &run->ids[k]),
                                        &run->b->err);
                }
                must(tx_commit(&tx, &run->b->err), &run->b->err);
                projection_keep(run->b->projection);
        }
        printf("%-12s %8.0f acts/s (batch 1000)\n", "begin",
                        run->matters / (now_seconds() - start));
}

static int number(const char *text)
{
        int64_t n;
        if (!str_to_int(str_of(text), &n) || n < 1 || n > 10000000)
                exit(2);
        return (int)n;
}

int main(int argc, char **argv)
{
        static const char *const files[] = { "tests/data/projection/case.yaml",
                "tests/data/projection/firms.yaml", "tests/data/projection/indicators.yaml" };
        struct store_options options = { .create = true };
        struct store *store = NULL;
        struct err err;
        struct arena *arena = arena_open();
        if (argc < 2)
                return 2;
        must(store_open(argv[1], &options, &store, &err), &err);
        struct run run = { .batch = argc > 2 ? number(argv[2]) : 100,
                .matters = argc > 3 ? number(argv[3]) : 5000 };
        run.ids = arena_new_array(arena, (size_t)run.matters, int64_t);
        run.b = bureau_open(store, files, N_ELEMENTS(files));
        bureau_time(run.b, "2021-03-01 09:00");
        begin_all(&run);
        measure(&run, "whole acts", whole_act);
        measure(&run, "whole acts", whole_act);
        measure(&run, "statements", statements); /* last: what it writes are no matters */
        measure(&run, "statements", statements);
        bureau_close(&run.b);
        arena_close(&arena);
        return 0;
}
