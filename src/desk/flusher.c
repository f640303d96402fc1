#include "desk/flusher.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"

#define WHOLE 2 /* times the deciding: with its statements and its answer */

struct turn {
        struct job *jobs;
        struct arena *arena;
};

/* What a turn takes up until it is answered. */
struct place {
        struct arena *arena;
        size_t n_jobs;
};

struct flusher {
        struct store *store;
        struct queue *queue;
        pthread_t thread;
        pthread_mutex_t mutex;
        pthread_cond_t given, returned;
        struct turn turns[FLUSHER_TURNS]; /* given, in order */
        size_t n_turns;
        struct place places[FLUSHER_TURNS]; /* the free ones come first */
        size_t n_free;
        size_t n_under_way; /* jobs: being decided, written or flushed */
        bool closing;
        int64_t turn_began; /* of the writer's, with so many jobs */
        size_t n_turn;
        int64_t job_ns, flush_ns; /* how long the last ones took */
};

static void answer(struct job *jobs, const struct err *failure)
{
        while (jobs != NULL) {
                struct job *next = jobs->next; /* gone once it is answered */
                jobs->answered(jobs, failure != NULL ? failure : jobs->done ? NULL : &jobs->err);
                jobs = next;
        }
}

static int64_t now_ns(void)
{
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* One that took long, as a flush does while something else is flushed, is not a slow disk; what
 * stays slow doubles until it has been followed. */
static int64_t average(int64_t before, int64_t newest)
{
        if (before > 0 && newest > 2 * before)
                newest = 2 * before;
        return before + (newest - before) / 4;
}

/* How long the flush took. */
static int64_t flush_and_answer(struct flusher *flusher, const struct turn *turns, size_t n)
{
        struct err err = { 0 };
        int64_t began = now_ns();
        bool done = store_flush(flusher->store, &err);
        int64_t took = now_ns() - began;
        if (!done)
                log_line(LOG_ERROR, "desk", "flush failed: %s: %s", err_text(err.code)->name,
                                err.detail);
        for (size_t i = 0; i < n; i++) {
                answer(turns[i].jobs, done ? NULL : &err);
                arena_reset(turns[i].arena);
        }
        return took;
}

static void tell_queue(const struct flusher *flusher)
{
        int64_t whole = WHOLE * flusher->job_ns;
        size_t n_a_flush = (size_t)(flusher->flush_ns / (whole > 0 ? whole : 1));
        queue_pace(flusher->queue, flusher->n_under_way, n_a_flush);
}

static void give_back(struct flusher *flusher, struct arena *arena)
{
        struct place *free = &flusher->places[flusher->n_free], *place = free;
        while (place->arena != arena)
                place++;
        flusher->n_under_way -= place->n_jobs;
        *place = *free;
        *free = (struct place){ arena, 0 };
        flusher->n_free++;
        pthread_cond_signal(&flusher->returned);
        tell_queue(flusher);
}

static void *flush_forever(void *user)
{
        struct flusher *flusher = user;
        pthread_mutex_lock(&flusher->mutex);
        for (;;) {
                struct turn turns[FLUSHER_TURNS];
                size_t n = flusher->n_turns;
                if (n == 0 && flusher->closing)
                        break;
                if (n == 0) {
                        pthread_cond_wait(&flusher->given, &flusher->mutex);
                        continue;
                }
                memcpy(turns, flusher->turns, n * sizeof(*turns));
                flusher->n_turns = 0;
                pthread_mutex_unlock(&flusher->mutex);
                int64_t took = flush_and_answer(flusher, turns, n);
                pthread_mutex_lock(&flusher->mutex);
                flusher->flush_ns = average(flusher->flush_ns, took);
                for (size_t i = 0; i < n; i++)
                        give_back(flusher, turns[i].arena);
        }
        pthread_mutex_unlock(&flusher->mutex);
        return NULL;
}

static void close_arenas(struct flusher *flusher)
{
        while (flusher->n_free > 0)
                arena_close(&flusher->places[--flusher->n_free].arena);
}

struct flusher *flusher_open(struct store *store, struct queue *queue)
{
        struct flusher *flusher = calloc(1, sizeof(*flusher));
        if (flusher == NULL)
                abort();
        flusher->store = store;
        flusher->queue = queue;
        pthread_mutex_init(&flusher->mutex, NULL);
        pthread_cond_init(&flusher->given, NULL);
        pthread_cond_init(&flusher->returned, NULL);
        while (flusher->n_free < FLUSHER_TURNS)
                flusher->places[flusher->n_free++].arena = arena_open();
        if (pthread_create(&flusher->thread, NULL, flush_forever, flusher) == 0)
                return flusher;
        close_arenas(flusher);
        free(flusher);
        return NULL;
}

void flusher_close(struct flusher **closing)
{
        struct flusher *flusher = *closing;
        if (flusher == NULL)
                return;
        *closing = NULL;
        pthread_mutex_lock(&flusher->mutex);
        flusher->closing = true;
        pthread_cond_signal(&flusher->given);
        pthread_mutex_unlock(&flusher->mutex);
        pthread_join(flusher->thread, NULL);
        close_arenas(flusher);
        pthread_cond_destroy(&flusher->given);
        pthread_cond_destroy(&flusher->returned);
        pthread_mutex_destroy(&flusher->mutex);
        free(flusher);
}

struct arena *flusher_arena(struct flusher *flusher, const struct job *jobs)
{
        pthread_mutex_lock(&flusher->mutex);
        while (flusher->n_free == 0)
                pthread_cond_wait(&flusher->returned, &flusher->mutex);
        struct place *place = &flusher->places[--flusher->n_free];
        struct arena *arena = place->arena; /* the place may be another's when we have let go */
        place->n_jobs = flusher->n_turn = jobs_count(jobs);
        flusher->n_under_way += place->n_jobs;
        flusher->turn_began = now_ns();
        tell_queue(flusher);
        pthread_mutex_unlock(&flusher->mutex);
        return arena;
}

void flusher_decided(struct flusher *flusher)
{
        pthread_mutex_lock(&flusher->mutex);
        int64_t took = now_ns() - flusher->turn_began;
        flusher->job_ns = average(flusher->job_ns, took / (int64_t)flusher->n_turn);
        pthread_mutex_unlock(&flusher->mutex);
}

void flusher_give(struct flusher *flusher, struct job *jobs, struct arena *arena, bool idle)
{
        const struct turn turn = { jobs, arena };
        bool alone = jobs != NULL && jobs->next == NULL;
        bool here = jobs == NULL || (idle && alone);
        if (jobs == NULL)
                arena_reset(arena);
        else if (here)
                (void)flush_and_answer(flusher, &turn, 1);
        pthread_mutex_lock(&flusher->mutex);
        if (here)
                give_back(flusher, arena);
        else
                flusher->turns[flusher->n_turns++] = turn;
        pthread_cond_signal(&flusher->given);
        pthread_mutex_unlock(&flusher->mutex);
}
