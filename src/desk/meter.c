#include "desk/meter.h"

const int64_t meter_bounds[METER_BUCKETS] = { 250, 500, 1000, 2500, 5000, 10000, 25000, 50000,
        100000, 250000, 1000000, 5000000 };

void meter_add(struct meter *meter, int64_t microseconds)
{
        size_t i = 0;
        while (i < METER_BUCKETS && microseconds > meter_bounds[i])
                i++;
        meter->counts[i]++;
        meter->microseconds += microseconds > 0 ? (uint64_t)microseconds : 0;
}

struct meter_reading meter_read(const struct meter *meter)
{
        struct meter_reading reading = { .seconds = (double)meter->microseconds / 1e6 };
        uint64_t n = 0;
        for (size_t i = 0; i <= METER_BUCKETS; i++)
                reading.counts[i] = n += meter->counts[i];
        return reading;
}
