/* desk/flusher.h - waits for the disk, then answers; for this room only.
 *
 * The writer gives it each turn that has committed, with the arena in which its answers lie, and
 * goes on with the next. One flush serves all turns given until then. At most FLUSHER_TURNS
 * are under way: then the writer waits for an arena.
 *
 * It also sees how long deciding and flushing take, and paces the queue by it (queue_pace()). */
#ifndef DESK_FLUSHER_H
#define DESK_FLUSHER_H

#include "base/arena.h"
#include "desk/queue.h"
#include "store/store.h"

#define FLUSHER_TURNS 4u

struct flusher;

/* NULL: no thread is to be had. */
struct flusher *flusher_open(struct store *store, struct queue *queue);

/* Answers what it was given. */
void flusher_close(struct flusher **flusher);

/* An empty arena; the turn of these jobs (at least one) begins. */
struct arena *flusher_arena(struct flusher *flusher, const struct job *jobs);

/* The turn is decided; what follows until it is given is not the writer's time. */
void flusher_decided(struct flusher *flusher);

/* From the writer's thread, or from that of the statements. The turn's jobs (none: its arena
 * comes back unused). `idle`: nothing waits for the writer, so it may as well flush and answer a
 * single job itself. */
void flusher_give(struct flusher *flusher, struct job *jobs, struct arena *arena, bool idle);

#endif
