/* desk/meter.h - how long things took, counted in buckets, as Prometheus has histograms.
 *
 * Any thread may add and read; a reader may see counts that are ahead of their sum. */
#ifndef DESK_METER_H
#define DESK_METER_H

#include <stdatomic.h>

#include "base/base.h"

#define METER_BUCKETS 12u

struct meter {
        _Atomic uint64_t counts[METER_BUCKETS + 1]; /* the last: longer than any bound */
        _Atomic uint64_t microseconds;              /* of all */
};

/* Upper bounds in microseconds, rising. */
extern const int64_t meter_bounds[METER_BUCKETS];

void meter_add(struct meter *meter, int64_t microseconds);

/* As /metrics wants it: `counts[i]` = as many took at most meter_bounds[i]; the last: all. */
struct meter_reading {
        uint64_t counts[METER_BUCKETS + 1];
        double seconds;
};
struct meter_reading meter_read(const struct meter *meter);

#endif
