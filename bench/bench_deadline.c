/* bench/bench_deadline.c - last days per second on one core, and what the tables
 * are worth against walking day by day (clock/walk.h). Medians of five runs.
 *
 * usage: PLUMBLINE_SOURCE=. bench_deadline */
#include <stdio.h>
#include <time.h>

#include "clock/deadline.h"
#include "clock/test_calendars.h"
#include "clock/walk.h"

#define N_TERMS 4096
#define N_RUNS  5

typedef int count_all(const struct deadline_term *terms, const struct calendar *calendar);

static uint64_t random_next(void)
{
        static uint64_t state = 20210928;
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        return state * UINT64_C(2685821657736338717) >> 16;
}

static int count_by_table(const struct deadline_term *terms, const struct calendar *calendar)
{
        int sum = 0;
        for (int i = 0; i < N_TERMS; i++) {
                struct deadline got;
                struct err err;
                if (!deadline_compute(&terms[i], calendar, &got, &err))
                        abort();
                sum += got.last_day.day;
        }
        return sum;
}

static int count_by_walk(const struct deadline_term *terms, const struct calendar *calendar)
{
        int sum = 0;
        for (int i = 0; i < N_TERMS; i++) {
                struct date last_day;
                if (!walk_deadline(&terms[i], calendar, &last_day))
                        abort();
                sum += last_day.day;
        }
        return sum;
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

/* Terms per second, and the sum of last days to compare the two ways by. */
static double rate(count_all *count, const struct deadline_term *terms,
                const struct calendar *calendar, int *sum)
{
        double rates[N_RUNS];
        for (int run = 0; run < N_RUNS; run++) {
                double start = seconds(), end;
                int rounds = 0;
                do {
                        *sum = count(terms, calendar);
                        rounds++;
                        end = seconds();
                } while (end - start < 0.2);
                rates[run] = (double)rounds * N_TERMS / (end - start);
        }
        qsort(rates, N_RUNS, sizeof(rates[0]), double_cmp);
        return rates[N_RUNS / 2];
}

int main(void)
{
        static const struct {
                const char *name;
                enum deadline_unit unit;
                int length;
                size_t n_pauses;
        } rows[] = {
                { "7 working days", DEADLINE_WORKING_DAYS, 7, 0 },
                { "20 working days", DEADLINE_WORKING_DAYS, 20, 0 },
                { "20 working days, two pauses", DEADLINE_WORKING_DAYS, 20, 2 },
                { "60 days", DEADLINE_DAYS, 60, 0 },
                { "6 months", DEADLINE_MONTHS, 6, 0 },
                { "250 working days", DEADLINE_WORKING_DAYS, 250, 0 },
        };
        double slowest = 0, fastest = 0;
        static struct deadline_term terms[N_TERMS];
        static struct deadline_pause pauses[N_TERMS][2];
        struct arena *arena = arena_open();
        const struct calendar *calendar = calendar_latest(test_calendars(arena));

        printf("%-30s %14s %14s %8s\n", "term", "table, /s", "walk, /s", "ratio");
        for (size_t r = 0; r < N_ELEMENTS(rows); r++) {
                struct deadline_rule rule = { "bench", "", rows[r].unit, rows[r].length };
                for (int i = 0; i < N_TERMS; i++) {
                        struct date start = { 17600 + (int)(random_next() % 2900) };
                        for (int p = 0; p < 2; p++) {
                                struct date from = date_add_days(start, 3 + 9 * p);
                                pauses[i][p] = deadline_pause_through(from, date_add_days(from, 4));
                        }
                        terms[i] = (struct deadline_term){ .rule = &rule,
                                .start = start,
                                .pauses = pauses[i],
                                .n_pauses = rows[r].n_pauses };
                }
                int by_table, by_walk;
                double table = rate(count_by_table, terms, calendar, &by_table);
                double walk = rate(count_by_walk, terms, calendar, &by_walk);
                if (by_table != by_walk) {
                        fprintf(stderr, "%s: the two ways differ\n", rows[r].name);
                        return 1;
                }
                printf("%-30s %14.0f %14.0f %7.1fx\n", rows[r].name, table, walk, table / walk);
                slowest = r == 0 || table < slowest ? table : slowest;
                fastest = table > fastest ? table : fastest;
        }
        printf("RESULT\tdeadlines: /s on one core, the slowest term\t%.3g\t>= 1e+06\t%s\t"
               "%.3g..%.3g\n",
                        slowest, slowest >= 1e6 ? "ok" : "NOT", slowest, fastest);
        arena_close(&arena);
        return 0;
}
