/* bench/bench_draw.c - 1,000 objects drawn from 1,000,000, beside the hashing alone.
 *
 * "inputs" hashes the same ticket messages through EVP with one reused context: the
 * ratio says what everything but hashing costs. Medians of five runs, by the clock and by
 * the processor's time, which a busy machine does not lengthen.
 *
 * usage: bench_draw */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "draw/draw.h"
#include "draw/ticket.h"

#define N_OBJECTS 1000000
#define N_PICKS   1000
#define N_RUNS    5

struct took {
        double clock[N_RUNS], processor[N_RUNS]; /* seconds */
};

static double seconds(clockid_t clock)
{
        struct timespec now;
        clock_gettime(clock, &now);
        return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void start(struct took *took, int run)
{
        took->clock[run] = -seconds(CLOCK_MONOTONIC);
        took->processor[run] = -seconds(CLOCK_PROCESS_CPUTIME_ID);
}

static void stop(struct took *took, int run)
{
        took->clock[run] += seconds(CLOCK_MONOTONIC);
        took->processor[run] += seconds(CLOCK_PROCESS_CPUTIME_ID);
}

static int compare_doubles(const void *a, const void *b)
{
        return (*(const double *)a > *(const double *)b) -
               (*(const double *)a < *(const double *)b);
}

static double median(double *runs)
{
        qsort(runs, N_RUNS, sizeof(*runs), compare_doubles);
        return runs[N_RUNS / 2];
}

static void print(const char *what, struct took *took)
{
        printf("%-7s %6.3f s, %6.3f s of the processor\n", what, median(took->clock),
                        median(took->processor));
}

static void hash_inputs(const struct pool *pool, const struct seed *seed)
{
        _cleanup_(hasher_close) struct hasher *hasher = hasher_open();
        uint8_t ticket[TICKET_BYTES];
        for (size_t i = 0; i < pool->n_objects; i++) {
                const struct str parts[] = { { (const char *)seed->bytes, 32 }, STR_LIT("object"),
                        pool->objects[i].stratum, pool->objects[i].id, STR_LIT("1") };
                hasher_parts(hasher, parts, N_ELEMENTS(parts), ticket);
        }
}

int main(void)
{
        struct arena *arena = arena_open(), *scratch = arena_open();
        struct pool_object *objects = arena_new_array(arena, N_OBJECTS, struct pool_object);
        struct pool pool;
        struct err err;
        struct took freeze, hash, drawing, inputs;
        for (size_t i = 0; i < N_OBJECTS; i++)
                objects[i] = (struct pool_object){ .id = str_format(arena, "3135020%011zu", i),
                        .stratum = i % 10 == 0 ? STR_LIT("大型") : STR_LIT("小型"),
                        .weight = 1 };
        const struct draw_stratum strata[] = {
                { STR_LIT("大型"), DRAW_COUNT, .count = N_PICKS / 2, .n_substitutes = 100 },
                { STR_LIT("小型"), DRAW_COUNT, .count = N_PICKS / 2, .n_substitutes = 100 },
        };
        const struct draw_plan plan = { DRAW_TICKET, strata, 2, N_PICKS, STR_LIT("") };
        for (int run = 0; run < N_RUNS; run++) {
                struct seed seed = { { (uint8_t)run } };
                struct draw draw;
                arena_reset(scratch);
                start(&freeze, run);
                if (!pool_freeze(scratch, objects, N_OBJECTS, NULL, 0, &pool, &err))
                        return 1;
                stop(&freeze, run);
                start(&hash, run);
                struct pool_hash digest = pool_hash(scratch, &pool);
                stop(&hash, run);
                seed.bytes[1] = digest.bytes[0];
                start(&drawing, run);
                if (!draw_compute(scratch, &pool, &plan, &seed, &draw, &err))
                        return 1;
                stop(&drawing, run);
                start(&inputs, run);
                hash_inputs(&pool, &seed);
                stop(&inputs, run);
        }
        print("freeze", &freeze);
        print("hash", &hash);
        print("draw", &drawing);
        print("inputs", &inputs);
        arena_close(&arena);
        arena_close(&scratch);
        return 0;
}
