/* desk/flusher.h - waits for the disk, then answers; for this room only.
 *
 * The writer gives it each turn that has committed, with the arena in which its answers lie, and
 * goes on with the next. One flush serves all turns given until then. At most FLUSHER_TURNS
 * are under way: then the writer waits for an arena.
 *
 * Going on at once splits those who are at work into two groups, of which one is decided while
 * the other waits for the disk. That is worth it where the disk is the faster of the two; where
 * it is the slower, fewer and larger turns are, and the writer waits until all are answered. */
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

/* Before a turn: waits while a larger one would be better, `queued` being what there is for it
 * now. */
void flusher_pace(struct flusher *flusher, size_t queued);

/* An empty arena; the turn begins. */
struct arena *flusher_arena(struct flusher *flusher);

/* The turn is decided; what follows until it is given is not the writer's time. */
void flusher_decided(struct flusher *flusher);

/* Should the writer go on with what is queued before this turn is committed? Not if the disk is
 * the slower of the two, nor if the next turn would be a small one. */
bool flusher_may_go_on(struct flusher *flusher, const struct job *jobs, size_t queued);

/* From the writer's thread, or from that of the statements. The turn's jobs (none: its arena
 * comes back unused). `idle`: nothing waits for the writer, so it may as well flush and answer a
 * single job itself. */
void flusher_give(struct flusher *flusher, struct job *jobs, struct arena *arena, bool idle);

#endif
