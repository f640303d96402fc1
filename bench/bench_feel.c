/* bench/bench_feel.c - evaluations per second of three guards such as procedures have,
 * and how long compiling one takes. One core; medians of five runs.
 *
 * usage: bench_feel */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "rules/feel.h"

#define N_RUNS 5

static struct value values[6];

static bool slot(void *user, size_t at, struct value *ret)
{
        (void)user;
        *ret = values[at];
        return true;
}

static double seconds(void)
{
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int double_cmp(const void *a, const void *b)
{
        double x = *(const double *)a, y = *(const double *)b;
        return (x > y) - (x < y);
}

static double evaluations(struct arena *scratch, const struct feel_expression *guard)
{
        struct feel_env env = { .slot = slot, .now = { 1632790800 } };
        double rates[N_RUNS];
        for (int run = 0; run < N_RUNS; run++) {
                double start = seconds(), end;
                int n = 0;
                do {
                        for (int i = 0; i < 1000; i++) {
                                struct err err;
                                bool holds;
                                if (!feel_holds(scratch, guard, &env, &holds, &err) || !holds)
                                        abort();
                        }
                        n += 1000;
                        arena_reset(scratch);
                        end = seconds();
                } while (end - start < 0.2);
                rates[run] = n / (end - start);
        }
        qsort(rates, N_RUNS, sizeof(rates[0]), double_cmp);
        return rates[N_RUNS / 2];
}

static double compilations(
                struct arena *scratch, const char *text, const struct feel_schema *schema)
{
        double start = seconds(), end;
        int n = 0;
        do {
                const struct feel_expression *guard;
                struct err err;
                if (!feel_compile(scratch, str_of(text), schema, NULL, &guard, &err))
                        abort();
                arena_reset(scratch);
                n++;
                end = seconds();
        } while (end - start < 0.2);
        return n / (end - start);
}

int main(void)
{
        static const struct {
                const char *name, *guard;
        } rows[] = {
                { "compare", "days <= 20" },
                { "decide", "outcome != \"O4-1\" or count(search_log) > 0" },
                { "discretion", "amount between 1000 and 5000 and grade in (\"一般\", \"轻微\") and "
                                "received + @\"P20D\" >= today()" },
                { "filter", "count(search_log[hits > 0]) >= 1" },
        };
        struct arena *arena = arena_open(), *scratch = arena_open();
        const struct feel_type *log;
        struct err err;
        if (!feel_type_parse(arena, STR_LIT("list<context<hits: number>>"), &log, &err))
                abort();
        struct feel_member names[] = {
                { STR_LIT("days"), feel_type_of(FEEL_NUMBER) },
                { STR_LIT("outcome"), feel_type_of(FEEL_STRING) },
                { STR_LIT("search_log"), log },
                { STR_LIT("amount"), feel_type_of(FEEL_NUMBER) },
                { STR_LIT("grade"), feel_type_of(FEEL_STRING) },
                { STR_LIT("received"), feel_type_of(FEEL_DATE) },
        };
        struct feel_schema schema = { .names = names, .n_names = N_ELEMENTS(names) };
        struct member hits = { STR_LIT("hits"), value_int(2) };
        struct value entry = value_context(&hits, 1);
        values[0] = value_int(7);
        values[1] = value_string(STR_LIT("O4-1"));
        values[2] = value_list(&entry, 1);
        values[3] = value_int(1500);
        values[4] = value_string(STR_LIT("轻微"));
        values[5] = value_date((struct date){ 18890 });

        printf("%-12s %14s %10s %14s\n", "guard", "evaluations/s", "ns", "compilations/s");
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                const struct feel_expression *guard;
                if (!feel_compile(arena, str_of(rows[i].guard), &schema, NULL, &guard, &err))
                        abort();
                double rate = evaluations(scratch, guard);
                printf("%-12s %14.0f %10.0f %14.0f\n", rows[i].name, rate, 1e9 / rate,
                                compilations(scratch, rows[i].guard, &schema));
        }
        arena_close(&scratch);
        arena_close(&arena);
        return 0;
}
