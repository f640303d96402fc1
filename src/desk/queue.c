#include "desk/queue.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct queue {
        pthread_mutex_t mutex;
        pthread_cond_t arrived;
        struct job *first, **last;
        size_t n, max;
        bool closed;
};

struct queue *queue_new(size_t max)
{
        struct queue *queue = calloc(1, sizeof(*queue));
        if (queue == NULL)
                abort();
        pthread_condattr_t attributes;
        pthread_condattr_init(&attributes);
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        pthread_mutex_init(&queue->mutex, NULL);
        pthread_cond_init(&queue->arrived, &attributes);
        pthread_condattr_destroy(&attributes);
        queue->last = &queue->first;
        queue->max = max;
        return queue;
}

void queue_free(struct queue **queue)
{
        if (*queue == NULL)
                return;
        assert((*queue)->first == NULL);
        pthread_cond_destroy(&(*queue)->arrived);
        pthread_mutex_destroy(&(*queue)->mutex);
        free(*queue);
        *queue = NULL;
}

bool queue_put(struct queue *queue, struct job *job)
{
        pthread_mutex_lock(&queue->mutex);
        bool taken = !queue->closed && queue->n < queue->max;
        if (taken) {
                job->next = NULL;
                *queue->last = job;
                queue->last = &job->next;
                queue->n++;
                pthread_cond_signal(&queue->arrived);
        }
        pthread_mutex_unlock(&queue->mutex);
        return taken;
}

static struct timespec in_seconds(int seconds)
{
        struct timespec at;
        clock_gettime(CLOCK_MONOTONIC, &at);
        at.tv_sec += seconds;
        return at;
}

/* The first `max` jobs as a list of their own. */
static struct job *cut(struct queue *queue, size_t max)
{
        struct job *first = queue->first, **end = &queue->first;
        for (size_t i = 0; i < max && *end != NULL; i++) {
                end = &(*end)->next;
                queue->n--;
        }
        queue->first = *end;
        *end = NULL;
        if (queue->first == NULL)
                queue->last = &queue->first;
        return first;
}

struct job *queue_take(struct queue *queue, size_t max, int seconds, bool *ret_closed)
{
        struct timespec until = in_seconds(seconds);
        int waited = 0;
        pthread_mutex_lock(&queue->mutex);
        while (queue->n == 0 && !queue->closed && waited != ETIMEDOUT)
                waited = seconds > 0 ? pthread_cond_timedwait(
                                                       &queue->arrived, &queue->mutex, &until)
                                     : pthread_cond_wait(&queue->arrived, &queue->mutex);
        struct job *jobs = queue->n > 0 ? cut(queue, max) : NULL;
        *ret_closed = jobs == NULL && queue->closed;
        pthread_mutex_unlock(&queue->mutex);
        return jobs;
}

void queue_close(struct queue *queue)
{
        pthread_mutex_lock(&queue->mutex);
        queue->closed = true;
        pthread_cond_broadcast(&queue->arrived);
        pthread_mutex_unlock(&queue->mutex);
}

size_t queue_waiting(struct queue *queue)
{
        pthread_mutex_lock(&queue->mutex);
        size_t n = queue->n;
        pthread_mutex_unlock(&queue->mutex);
        return n;
}
