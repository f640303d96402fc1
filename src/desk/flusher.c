#include "desk/flusher.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"

struct turn {
        struct job *jobs;
        struct arena *arena;
        size_t n_jobs;
};

struct flusher {
        struct store *store;
        pthread_t thread;
        pthread_mutex_t mutex;
        pthread_cond_t given, returned;
        struct turn turns[FLUSHER_TURNS]; /* given, in order */
        size_t n_turns;
        struct arena *arenas[FLUSHER_TURNS]; /* free */
        size_t n_arenas;
        size_t n_waiting; /* jobs that wait for the disk */
        bool closing;
        int64_t turn_began, turn_ns, flush_ns; /* how long the last ones took */
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

static void give_back(struct flusher *flusher, const struct turn *turns, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                flusher->arenas[flusher->n_arenas++] = turns[i].arena;
                flusher->n_waiting -= turns[i].n_jobs;
        }
        pthread_cond_signal(&flusher->returned);
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
                flusher->flush_ns = took;
                give_back(flusher, turns, n);
        }
        pthread_mutex_unlock(&flusher->mutex);
        return NULL;
}

struct flusher *flusher_open(struct store *store)
{
        struct flusher *flusher = calloc(1, sizeof(*flusher));
        if (flusher == NULL)
                abort();
        flusher->store = store;
        pthread_mutex_init(&flusher->mutex, NULL);
        pthread_cond_init(&flusher->given, NULL);
        pthread_cond_init(&flusher->returned, NULL);
        while (flusher->n_arenas < FLUSHER_TURNS)
                flusher->arenas[flusher->n_arenas++] = arena_open();
        if (pthread_create(&flusher->thread, NULL, flush_forever, flusher) == 0)
                return flusher;
        while (flusher->n_arenas > 0)
                arena_close(&flusher->arenas[--flusher->n_arenas]);
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
        while (flusher->n_arenas > 0)
                arena_close(&flusher->arenas[--flusher->n_arenas]);
        pthread_cond_destroy(&flusher->given);
        pthread_cond_destroy(&flusher->returned);
        pthread_mutex_destroy(&flusher->mutex);
        free(flusher);
}

void flusher_pace(struct flusher *flusher, size_t queued)
{
        pthread_mutex_lock(&flusher->mutex);
        while (flusher->n_waiting > 0 &&
                        (flusher->flush_ns > flusher->turn_ns || queued < flusher->n_waiting / 2))
                pthread_cond_wait(&flusher->returned, &flusher->mutex);
        pthread_mutex_unlock(&flusher->mutex);
}

struct arena *flusher_arena(struct flusher *flusher)
{
        pthread_mutex_lock(&flusher->mutex);
        while (flusher->n_arenas == 0)
                pthread_cond_wait(&flusher->returned, &flusher->mutex);
        struct arena *arena = flusher->arenas[--flusher->n_arenas];
        flusher->turn_began = now_ns();
        pthread_mutex_unlock(&flusher->mutex);
        return arena;
}

static size_t count(const struct job *jobs)
{
        size_t n = 0;
        for (; jobs != NULL; jobs = jobs->next)
                n++;
        return n;
}

void flusher_decided(struct flusher *flusher)
{
        pthread_mutex_lock(&flusher->mutex);
        flusher->turn_ns = now_ns() - flusher->turn_began;
        pthread_mutex_unlock(&flusher->mutex);
}

bool flusher_may_go_on(struct flusher *flusher, const struct job *jobs, size_t queued)
{
        pthread_mutex_lock(&flusher->mutex);
        bool quick = flusher->flush_ns <= flusher->turn_ns;
        pthread_mutex_unlock(&flusher->mutex);
        return quick && queued > 0 && 2 * queued >= count(jobs);
}

void flusher_give(struct flusher *flusher, struct job *jobs, struct arena *arena, bool idle)
{
        const struct turn turn = { jobs, arena, count(jobs) };
        bool here = turn.n_jobs == 0 || (idle && turn.n_jobs == 1);
        if (turn.n_jobs == 0)
                arena_reset(arena);
        else if (here)
                (void)flush_and_answer(flusher, &turn, 1);
        pthread_mutex_lock(&flusher->mutex);
        flusher->n_waiting += turn.n_jobs;
        if (here)
                give_back(flusher, &turn, 1);
        else
                flusher->turns[flusher->n_turns++] = turn;
        pthread_cond_signal(&flusher->given);
        pthread_mutex_unlock(&flusher->mutex);
}
