/* bench/raw.h - what SQLite can do: the rows of an ordinary act and nothing else. */
#ifndef BENCH_RAW_H
#define BENCH_RAW_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "store/store.h"

static inline double now_seconds(void)
{
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static inline double cpu_seconds(void)
{
        struct rusage u;
        getrusage(RUSAGE_SELF, &u);
        return (double)u.ru_utime.tv_sec + (double)u.ru_utime.tv_usec / 1e6 +
               (double)u.ru_stime.tv_sec + (double)u.ru_stime.tv_usec / 1e6;
}

static inline void must(bool done, const struct err *err)
{
        if (done)
                return;
        fprintf(stderr, "%s: %s\n", err_text(err->code)->name, err->detail);
        exit(1);
}

/* The rows of one ordinary act, by their statements alone. */

static inline void raw_act(struct tx *tx, int64_t event, int64_t id, int i)
{
        static char bytes[600];
        struct err err;
        struct str leaf = { bytes, 330 }, data = { bytes, 60 }, body = { bytes, 500 };
        struct str secret = { bytes, 32 }, counted = { bytes, 90 };
        if (bytes[0] == 0)
                memset(bytes, 'x', sizeof(bytes));
        must(tx_run(tx, Q_EVENT_ADD,
                             PARAMS(param_int(event), param_int(id), param_int(id),
                                             param_blob(leaf), param_text(data), param_blob(secret),
                                             param_null()),
                             &err),
                        &err);
        must(tx_run(tx, Q_MATTER_SET,
                             PARAMS(param_int(id), param_text(STR_LIT("open")),
                                             param_int(1614560400 + i), param_int(event),
                                             param_blob(body), param_blob(counted)),
                             &err),
                        &err);
        if (i % 3 == 0) {
                must(tx_run(tx, Q_CONTRIBUTION_ADD,
                                     PARAMS(param_text(STR_LIT("S1")), param_int(202103),
                                                     param_int(id), param_int(0), param_int(0),
                                                     param_text(STR_LIT("bureau")), param_int(1),
                                                     param_null()),
                                     &err),
                                &err);
                must(tx_run(tx, Q_TOTAL_ADD,
                                     PARAMS(param_text(STR_LIT("S1")), param_int(202103),
                                                     param_text(STR_LIT("bureau")), param_int(0),
                                                     param_int(1)),
                                     &err),
                                &err);
                return;
        }
        must(tx_run(tx, Q_CLOCK_PUT,
                             PARAMS(param_int(id), param_int(0), param_int(1 + i % 2), param_int(0),
                                             param_int(18715), param_int(1617000000 + i),
                                             i % 2 ? param_int(1616000000 + i) : param_null(),
                                             param_int(0), param_int(0)),
                             &err),
                        &err);
}

#endif
