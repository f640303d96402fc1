/* bench/bench.h - what every measurement needs: clocks, medians, one line of result.
 *
 * A line of result is "RESULT name value wanted ok|NOT noise", tab separated, for run.sh;
 * everything else that is printed explains it. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/err.h"
#include "desk/site.h"
#include "store/store.h"

#define N_RUNS_MAX 25

static inline double now_seconds(void)
{
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Of all threads, user and system. */
static inline double cpu_seconds(void)
{
        struct rusage u;
        getrusage(RUSAGE_SELF, &u);
        return (double)u.ru_utime.tv_sec + (double)u.ru_utime.tv_usec / 1e6 +
               (double)u.ru_stime.tv_sec + (double)u.ru_stime.tv_usec / 1e6;
}

static inline double peak_megabytes(void)
{
        struct rusage u;
        getrusage(RUSAGE_SELF, &u);
        return (double)u.ru_maxrss / 1024;
}

static inline void must(bool done, const struct err *err)
{
        if (done)
                return;
        fprintf(stderr, "%s: %s: %s\n", err_text(err->code)->name, err->field, err->detail);
        exit(1);
}

static inline void die(const char *what)
{
        fprintf(stderr, "bench: %s\n", what);
        exit(1);
}

static inline int double_cmp(const void *a, const void *b)
{
        double x = *(const double *)a, y = *(const double *)b;
        return (x > y) - (x < y);
}

struct spread {
        double median, min, max;
};

static inline struct spread spread_of(const double *values, int n)
{
        double sorted[N_RUNS_MAX];
        memcpy(sorted, values, (size_t)n * sizeof(*values));
        qsort(sorted, (size_t)n, sizeof(*sorted), double_cmp);
        return (struct spread){ sorted[n / 2], sorted[0], sorted[n - 1] };
}

/* `at_least`: the value must not be under `wanted`; else not over it. */
static inline void result(const char *name, struct spread value, double wanted, bool at_least)
{
        bool ok = at_least ? value.median >= wanted : value.median <= wanted;
        printf("RESULT\t%s\t%.3g\t%s %.3g\t%s\t%.3g..%.3g\n", name, value.median,
                        at_least ? ">=" : "<=", wanted, ok ? "ok" : "NOT", value.min, value.max);
        fflush(stdout);
}

static inline int number_argument(int argc, char **argv, int i, int otherwise)
{
        int64_t n;
        if (argc <= i)
                return otherwise;
        if (!str_to_int(str_of(argv[i]), &n) || n < 1 || n > 100000000)
                die("not a number");
        return (int)n;
}

#endif
