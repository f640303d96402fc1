/* base/steady.h - condition variables waited for by a clock that nobody sets.
 *
 * A wall clock set back by an hour would hold up for an hour whoever waits until a moment of it.
 * The moments that pthread_cond_timedwait() is handed for these are of CLOCK_MONOTONIC. */
#ifndef BASE_STEADY_H
#define BASE_STEADY_H

#include <pthread.h>

/* Instead of pthread_cond_init(); pthread_cond_destroy() ends it. */
void steady_cond_init(pthread_cond_t *cond);

#endif
