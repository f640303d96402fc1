#include "web/live.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/steady.h"

#define PAUSE_SECONDS 1 /* between two rounds of waking */

struct waiting {
        struct http_connection *connection;
        time_t until; /* monotonic */
};

struct live {
        pthread_t thread;
        pthread_mutex_t mutex;
        pthread_cond_t wake;
        struct waiting waiting[LIVE_MAX];
        size_t n;
        bool changed, closing;
};

static time_t monotonic(void)
{
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return now.tv_sec;
}

/* Resumes all, or those whose time has come. Under the mutex. */
static void wake(struct live *live, bool all, time_t now)
{
        size_t kept = 0;
        for (size_t i = 0; i < live->n; i++)
                if (all || live->waiting[i].until <= now)
                        http_resume(live->waiting[i].connection);
                else
                        live->waiting[kept++] = live->waiting[i];
        live->n = kept;
}

static time_t next_of(const struct live *live, time_t now)
{
        time_t next = now + LIVE_SECONDS;
        for (size_t i = 0; i < live->n; i++)
                next = live->waiting[i].until < next ? live->waiting[i].until : next;
        return next;
}

static void *run(void *user)
{
        struct live *live = user;
        time_t woke = 0;
        pthread_mutex_lock(&live->mutex);
        while (!live->closing) {
                time_t now = monotonic();
                bool rested = now >= woke + PAUSE_SECONDS;
                if (live->changed && rested) {
                        live->changed = false;
                        woke = now;
                        wake(live, true, now);
                } else {
                        wake(live, false, now);
                }
                struct timespec until = { .tv_sec = live->changed ? now + PAUSE_SECONDS
                                                                  : next_of(live, now) };
                pthread_cond_timedwait(&live->wake, &live->mutex, &until);
        }
        wake(live, true, monotonic());
        pthread_mutex_unlock(&live->mutex);
        return NULL;
}

struct live *live_open(void)
{
        struct live *live = calloc(1, sizeof(*live));
        assert(live != NULL);
        pthread_mutex_init(&live->mutex, NULL);
        steady_cond_init(&live->wake);
        int started = pthread_create(&live->thread, NULL, run, live);
        assert(started == 0);
        return live;
}

void live_stop(struct live *live)
{
        pthread_mutex_lock(&live->mutex);
        bool running = !live->closing;
        live->closing = true;
        pthread_cond_signal(&live->wake);
        pthread_mutex_unlock(&live->mutex);
        if (running)
                pthread_join(live->thread, NULL);
}

void live_close(struct live **live)
{
        if (*live == NULL)
                return;
        live_stop(*live);
        pthread_cond_destroy(&(*live)->wake);
        pthread_mutex_destroy(&(*live)->mutex);
        free(*live);
        *live = NULL;
}

bool live_wait(struct live *live, struct http_request *request, void *kept)
{
        pthread_mutex_lock(&live->mutex);
        bool taken = !live->closing && live->n < LIVE_MAX;
        if (taken) {
                struct http_connection *connection = request->connection;
                http_suspend(request, kept);
                live->waiting[live->n++] =
                                (struct waiting){ connection, monotonic() + LIVE_SECONDS };
                pthread_cond_signal(&live->wake);
        }
        pthread_mutex_unlock(&live->mutex);
        return taken;
}

void live_changed(void *user)
{
        struct live *live = user;
        pthread_mutex_lock(&live->mutex);
        live->changed = true;
        pthread_cond_signal(&live->wake);
        pthread_mutex_unlock(&live->mutex);
}
