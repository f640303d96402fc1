/* desk/flusher.h - waits for the disk, then answers; for this room only.
 *
 * The writer gives it each turn that has committed, with the arena in which its answers lie, and
 * goes on with the next. One flush serves all turns given until then. At most FLUSHER_TURNS
 * are under way: then the writer waits for an arena. */
#ifndef DESK_FLUSHER_H
#define DESK_FLUSHER_H

#include "base/arena.h"
#include "desk/queue.h"
#include "store/store.h"

#define FLUSHER_TURNS 4u

struct flusher;

/* NULL: no thread is to be had. */
struct flusher *flusher_open(struct store *store);

/* Answers what it was given. */
void flusher_close(struct flusher **flusher);

/* An empty arena for a turn. */
struct arena *flusher_arena(struct flusher *flusher);

/* The turn's jobs (none: its arena comes back unused). `idle`: nothing waits for the writer, so
 * it may as well flush and answer a single job itself. */
void flusher_give(struct flusher *flusher, struct job *jobs, struct arena *arena, bool idle);

#endif
