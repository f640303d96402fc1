#include "web/worker.h"

#include <pthread.h>
#include <stdlib.h>

struct entry {
        worker_job *job;
        void *user;
};

struct worker {
        pthread_t thread;
        pthread_mutex_t mutex;
        pthread_cond_t changed;
        struct entry ring[WORKER_WAITING_MAX];
        size_t first, n;
        bool closing;
};

static bool take(struct worker *worker, struct entry *ret)
{
        pthread_mutex_lock(&worker->mutex);
        while (worker->n == 0 && !worker->closing)
                pthread_cond_wait(&worker->changed, &worker->mutex);
        bool taken = worker->n != 0;
        if (taken) {
                *ret = worker->ring[worker->first];
                worker->first = (worker->first + 1) % WORKER_WAITING_MAX;
                worker->n--;
        }
        pthread_mutex_unlock(&worker->mutex);
        return taken;
}

static void *run(void *user)
{
        struct worker *worker = user;
        struct entry entry;
        while (take(worker, &entry))
                entry.job(entry.user);
        return NULL;
}

struct worker *worker_open(void)
{
        struct worker *worker = calloc(1, sizeof(*worker));
        if (worker == NULL)
                abort();
        pthread_mutex_init(&worker->mutex, NULL);
        pthread_cond_init(&worker->changed, NULL);
        if (pthread_create(&worker->thread, NULL, run, worker) != 0)
                abort();
        return worker;
}

void worker_close(struct worker **closing)
{
        struct worker *worker = *closing;
        if (worker == NULL)
                return;
        *closing = NULL;
        pthread_mutex_lock(&worker->mutex);
        worker->closing = true;
        pthread_cond_signal(&worker->changed);
        pthread_mutex_unlock(&worker->mutex);
        pthread_join(worker->thread, NULL);
        pthread_cond_destroy(&worker->changed);
        pthread_mutex_destroy(&worker->mutex);
        free(worker);
}

bool worker_put(struct worker *worker, worker_job *job, void *user)
{
        pthread_mutex_lock(&worker->mutex);
        bool taken = worker->n < WORKER_WAITING_MAX && !worker->closing;
        if (taken) {
                worker->ring[(worker->first + worker->n) % WORKER_WAITING_MAX] =
                                (struct entry){ job, user };
                worker->n++;
                pthread_cond_signal(&worker->changed);
        }
        pthread_mutex_unlock(&worker->mutex);
        return taken;
}
