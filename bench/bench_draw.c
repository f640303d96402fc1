/* bench/bench_draw.c - 1,000 objects drawn from 1,000,000, beside the hashing alone.
 *
 * "inputs" hashes the same ticket messages through EVP with one reused context: the
 * ratio says what everything but hashing costs. Medians of five runs.
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

static double seconds(void)
{
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
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
        double freeze[N_RUNS], hash[N_RUNS], draw_time[N_RUNS], inputs[N_RUNS];
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
                double start = seconds();
                if (!pool_freeze(scratch, objects, N_OBJECTS, NULL, 0, &pool, &err))
                        return 1;
                freeze[run] = seconds() - start;
                start = seconds();
                struct pool_hash digest = pool_hash(scratch, &pool);
                hash[run] = seconds() - start;
                seed.bytes[1] = digest.bytes[0];
                start = seconds();
                if (!draw_compute(scratch, &pool, &plan, &seed, &draw, &err))
                        return 1;
                draw_time[run] = seconds() - start;
                start = seconds();
                hash_inputs(&pool, &seed);
                inputs[run] = seconds() - start;
        }
        printf("freeze  %6.3f s\nhash    %6.3f s\ndraw    %6.3f s\ninputs  %6.3f s\n",
                        median(freeze), median(hash), median(draw_time), median(inputs));
        arena_close(&arena);
        arena_close(&scratch);
        return 0;
}
