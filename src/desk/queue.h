/* desk/queue.h - what waits for the writer, in the order it came; for this room only.
 *
 * Many threads put, one takes. A job lies in its owner's memory and must stay there
 * until it is answered. */
#ifndef DESK_QUEUE_H
#define DESK_QUEUE_H

#include "base/err.h"

struct writer;

struct job {
        struct job *next;
        /* Does the work in the writer's transaction; a refusal undoes only this job. */
        bool (*run)(struct writer *writer, struct job *job, struct err *err);
        /* May be NULL. Reads what run() will ask for into the writer's caches; called for all jobs
         * of a turn before the first of them runs. False: the store failed. */
        bool (*look_ahead)(struct writer *writer, const struct job *job, struct err *err);
        /* Told once it is durable (err NULL), or why not; not always on the writer's thread. */
        void (*answered)(struct job *job, const struct err *err);
        void *owner;    /* whoever handed it in */
        struct err err; /* the writer's note */
        bool done;
        bool repeatable; /* run() may be called again, after a rollback, with the same effect */
};

size_t jobs_count(const struct job *jobs);

struct queue;

struct queue *queue_new(size_t max);
void queue_free(struct queue **queue);

/* False if it is full or closed. */
bool queue_put(struct queue *queue, struct job *job);

/* Waits until something is there that is worth a turn, and takes at most `max`, in order. NULL
 * once the queue is closed and empty, or when so many milliseconds (0 = for ever) have passed:
 * then *ret_closed tells the two apart. */
struct job *queue_take(struct queue *queue, size_t max, int milliseconds, bool *ret_closed);

/* How many that were taken are not answered yet, and how many are done in the time of one
 * flush. Those who wait for an answer will be back. If they are many, only half of all is
 * taken, so that one half is decided while the other is written; if the disk is so slow, or
 * they are so few, that fewer flushes are better, all are waited for. */
void queue_pace(struct queue *queue, size_t n_under_way, size_t n_a_flush);

/* Will others follow before these, which were taken last, are answered? */
bool queue_goes_on(struct queue *queue, const struct job *jobs);

/* No more is taken in; what waits is still handed out. */
void queue_close(struct queue *queue);
size_t queue_waiting(struct queue *queue);

#endif
