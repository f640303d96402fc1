#include "base/steady.h"

#include <assert.h>
#include <time.h>

void steady_cond_init(pthread_cond_t *cond)
{
        pthread_condattr_t attributes;
        assert(cond);
        pthread_condattr_init(&attributes);
        int failed = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        assert(failed == 0);
        pthread_cond_init(cond, &attributes);
        pthread_condattr_destroy(&attributes);
}
