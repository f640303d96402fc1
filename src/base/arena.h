/* base/arena.h - memory by lifetime.
 *
 * One arena per request, command or timer run: everything is handed out from
 * it and dropped with it, nothing is freed alone. Running out of memory is a
 * fault of the machine and aborts; inputs are bounded before they get here. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/base.h"

struct arena;

struct arena *arena_open(void);
void arena_close(struct arena **arena);

#define ARENA_KEPT_BYTES ((size_t)1 << 20) /* what a reset keeps at most, for the next use */

/* Forgets everything handed out. Memory of the usual size is kept, up to a limit: giving it
 * back and asking the system again costs more than many a request. */
void arena_reset(struct arena *arena);

/* Zeroed memory aligned for any type; size 0 is a valid pointer. */
void *arena_alloc(struct arena *arena, size_t size);

/* Zeroed array; aborts if n * size overflows. */
void *arena_array(struct arena *arena, size_t n, size_t size);

/* A copy of n items with zeroed room for `more` behind them. */
void *arena_grow(struct arena *arena, const void *items, size_t n, size_t more, size_t size);

/* n items with zeroed room for one more behind them: for lists that grow one by one. They are
 * copied only when n is a power of two, so items must be NULL or what this gave for n - 1. */
void *arena_push(struct arena *arena, void *items, size_t n, size_t size);

/* Bytes currently held from the system, for bounds in tests. */
size_t arena_held(const struct arena *arena);

#define arena_new(arena, type)          ((type *)arena_alloc((arena), sizeof(type)))
#define arena_new_array(arena, n, type) ((type *)arena_array((arena), (n), sizeof(type)))

#endif
