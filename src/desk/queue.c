#include "desk/queue.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/steady.h"

struct queue {
        pthread_mutex_t mutex;
        pthread_cond_t arrived;
        struct job *first, **last;
        size_t n, max, n_under_way, n_a_flush;
        bool closed;
};

size_t jobs_count(const struct job *jobs)
{
        size_t n = 0;
        for (; jobs != NULL; jobs = jobs->next)
                n++;
        return n;
}

struct queue *queue_new(size_t max)
{
        struct queue *queue = calloc(1, sizeof(*queue));
        if (queue == NULL)
                abort();
        pthread_mutex_init(&queue->mutex, NULL);
        steady_cond_init(&queue->arrived);
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

static bool is_divided(const struct queue *queue)
{
        return !queue->closed && queue->n + queue->n_under_way > queue->n_a_flush;
}

/* Is there enough for a turn? While many are under way a handful is not, but as many are. */
static bool has_enough(const struct queue *queue)
{
        if (queue->n == 0)
                return false;
        if (queue->closed || queue->n_under_way == 0)
                return true;
        return is_divided(queue) && queue->n >= queue->n_under_way;
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
                if (has_enough(queue))
                        pthread_cond_signal(&queue->arrived);
        }
        pthread_mutex_unlock(&queue->mutex);
        return taken;
}

void queue_pace(struct queue *queue, size_t n_under_way, size_t n_a_flush)
{
        pthread_mutex_lock(&queue->mutex);
        queue->n_under_way = n_under_way;
        queue->n_a_flush = n_a_flush;
        if (has_enough(queue))
                pthread_cond_signal(&queue->arrived);
        pthread_mutex_unlock(&queue->mutex);
}

bool queue_goes_on(struct queue *queue, const struct job *jobs)
{
        pthread_mutex_lock(&queue->mutex);
        bool others = queue->n + queue->n_under_way > jobs_count(jobs);
        bool goes_on = others && is_divided(queue);
        pthread_mutex_unlock(&queue->mutex);
        return goes_on;
}

static struct timespec in_milliseconds(int milliseconds)
{
        struct timespec at;
        clock_gettime(CLOCK_MONOTONIC, &at);
        at.tv_sec += milliseconds / 1000;
        at.tv_nsec += milliseconds % 1000 * 1000000L;
        if (at.tv_nsec >= 1000000000) {
                at.tv_nsec -= 1000000000;
                at.tv_sec++;
        }
        return at;
}

static size_t share(const struct queue *queue)
{
        return is_divided(queue) ? (queue->n + queue->n_under_way + 1) / 2 : queue->n;
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

struct job *queue_take(struct queue *queue, size_t max, int milliseconds, bool *ret_closed)
{
        struct timespec until = in_milliseconds(milliseconds);
        int waited = 0;
        pthread_mutex_lock(&queue->mutex);
        while (!has_enough(queue) && !queue->closed && waited != ETIMEDOUT)
                waited = milliseconds > 0 ? pthread_cond_timedwait(
                                                            &queue->arrived, &queue->mutex, &until)
                                          : pthread_cond_wait(&queue->arrived, &queue->mutex);
        struct job *jobs = NULL;
        if (has_enough(queue))
                jobs = cut(queue, max < share(queue) ? max : share(queue));
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
