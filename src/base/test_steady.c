/* Which clock a wait goes by: a moment long past for the one is years ahead for the other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <time.h>

#include "base/steady.h"

struct waiting {
        pthread_mutex_t mutex;
        pthread_cond_t cond;
        bool woken;
};

static void *wake(void *user)
{
        struct waiting *w = user;
        pthread_mutex_lock(&w->mutex);
        w->woken = true;
        pthread_cond_signal(&w->cond);
        pthread_mutex_unlock(&w->mutex);
        return NULL;
}

static void test_not_by_the_wall_clock(void **state)
{
        /* Of the wall clock; of the other three years after the machine began. */
        const struct timespec in_1973 = { .tv_sec = 100000000 };
        struct waiting w = { .mutex = PTHREAD_MUTEX_INITIALIZER };
        bool timed_out = false;
        pthread_t thread;
        (void)state;
        steady_cond_init(&w.cond);
        pthread_mutex_lock(&w.mutex);
        assert_int_equal(pthread_create(&thread, NULL, wake, &w), 0);
        while (!w.woken)
                timed_out |= pthread_cond_timedwait(&w.cond, &w.mutex, &in_1973) == ETIMEDOUT;
        pthread_mutex_unlock(&w.mutex);
        assert_int_equal(pthread_join(thread, NULL), 0);
        pthread_cond_destroy(&w.cond);
        assert_false(timed_out);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_not_by_the_wall_clock) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
