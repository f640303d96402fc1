/* bench/bench_store.c - durable acts per second, and where their time goes.
 *
 * An ordinary act changes a state, a field, a clock or what counts for an indicator. First
 * the rows of such acts are written by their statements alone (what SQLite can do), then
 * the acts themselves are done: decided, folded, sealed, stored and projected.
 *
 * usage: PLUMBLINE_SOURCE=. bench_store FILE [BATCH [MATTERS]]
 * FILE must not exist; it decides which disk is measured. */
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "projection/test_bureau.h"

#define N_ACTS 21000 /* three acts a matter */

static double now_seconds(void)
{
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu_seconds(void)
{
        struct rusage u;
        getrusage(RUSAGE_SELF, &u);
        return (double)u.ru_utime.tv_sec + (double)u.ru_utime.tv_usec / 1e6 +
                        (double)u.ru_stime.tv_sec + (double)u.ru_stime.tv_usec / 1e6;
}

static uint64_t random_next(void)
{
        static uint64_t state = 20210928;
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        return state * UINT64_C(2685821657736338717) >> 16;
}

static void must(bool done, const struct err *err)
{
        if (done)
                return;
        fprintf(stderr, "%s: %s\n", err_text(err->code)->name, err->detail);
        exit(1);
}

struct run {
        struct bureau *b;
        int batch, matters;
        int64_t *ids;
};

/* ---- The statements alone ---- */

static void raw_act(struct run *run, struct tx *tx, int i, int64_t id)
{
        static char bytes[600];
        struct err *err = &run->b->err;
        struct str leaf = { bytes, 330 }, data = { bytes, 60 }, body = { bytes, 260 };
        struct str secret = { bytes, 32 }, counted = { bytes, 90 };
        if (bytes[0] == 0)
                memset(bytes, 'x', sizeof(bytes));
        must(tx_run(tx, Q_EVENT_ADD,
                             PARAMS(param_int(run->b->next++), param_int(id), param_int(id),
                                             param_blob(leaf), param_text(data),
                                             param_blob(secret), param_null()),
                             err), err);
        must(tx_run(tx, Q_MATTER_SET,
                             PARAMS(param_int(id), param_text(STR_LIT("open")), param_int(0),
                                             param_int(1614560400 + i), param_int(run->b->next),
                                             param_blob(body), param_blob(counted)),
                             err), err);
        if (i % 3 == 0) {
                must(tx_run(tx, Q_CONTRIBUTION_ADD,
                                     PARAMS(param_text(STR_LIT("S1")), param_int(202103),
                                                     param_int(id), param_int(0), param_int(0),
                                                     param_text(STR_LIT("bureau")), param_int(1),
                                                     param_null()),
                                     err), err);
                must(tx_run(tx, Q_TOTAL_ADD,
                                     PARAMS(param_text(STR_LIT("S1")), param_int(202103),
                                                     param_text(STR_LIT("bureau")), param_int(0),
                                                     param_int(1)),
                                     err), err);
                return;
        }
        must(tx_run(tx, Q_CLOCK_PUT,
                             PARAMS(param_int(id), param_int(0), param_int(1 + i % 2), param_int(0),
                                             param_int(18715), param_int(1617000000 + i),
                                             i % 2 ? param_int(1616000000 + i) : param_null(),
                                             param_int(0), param_int(0)),
                             err), err);
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
                             &(struct bureau_act){ .matter = id, .who = "clerk", .act = acts[i % 3],
                                             .json = json },
                             &ignored), &run->b->err);
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
                        snprintf(json, sizeof(json), "{\"subject\":\"第%d号房屋拆迁申请\","
                                        "\"applicant_name\":\"张三%d\",\"kind\":\"甲\","
                                        "\"accepted_on\":\"2021-03-01\",\"amount\":%d}", k, k, k);
                        arena_reset(run->b->act);
                        must(bureau_try(run->b, tx,
                                             &(struct bureau_act){ .procedure = "case",
                                                             .who = "clerk", .act = "begin",
                                                             .json = json },
                                             &run->ids[k]), &run->b->err);
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
        measure(&run, "statements", raw_act); /* last: what it writes are no matters */
        measure(&run, "statements", raw_act);
        bureau_close(&run.b);
        arena_close(&arena);
        return 0;
}
