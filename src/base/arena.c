#include "base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 16384u

struct block {
        struct block *next;
        size_t size, used;
        alignas(max_align_t) unsigned char bytes[];
};

struct arena {
        struct block *first; /* the newest block */
        struct block *spare; /* empty blocks of BLOCK_BYTES, for the next use */
        size_t held;
};

static struct block *block_new(size_t size)
{
        struct block *block = malloc(sizeof(*block) + size);
        if (block == NULL)
                abort();
        *block = (struct block){ .size = size };
        return block;
}

struct arena *arena_open(void)
{
        struct arena *arena = calloc(1, sizeof(*arena));
        if (arena == NULL)
                abort();
        return arena;
}

/* Frees the blocks, except so many of the usual size. */
static void drop_blocks(struct arena *arena, size_t keep)
{
        struct block *blocks[] = { arena->first, arena->spare };
        arena->first = arena->spare = NULL;
        arena->held = 0;
        for (size_t i = 0; i < N_ELEMENTS(blocks); i++)
                while (blocks[i] != NULL) {
                        struct block *block = blocks[i];
                        blocks[i] = block->next;
                        if (block->size != BLOCK_BYTES || keep == 0) {
                                free(block);
                                continue;
                        }
                        keep--;
                        block->used = 0;
                        block->next = arena->spare;
                        arena->spare = block;
                        arena->held += block->size;
                }
}

void arena_close(struct arena **arena)
{
        if (*arena == NULL)
                return;
        drop_blocks(*arena, 0);
        free(*arena);
        *arena = NULL;
}

void arena_reset(struct arena *arena)
{
        drop_blocks(arena, ARENA_KEPT_BYTES / BLOCK_BYTES);
}

static struct block *take_block(struct arena *arena, size_t bytes)
{
        struct block *block = arena->spare;
        if (block == NULL || bytes != BLOCK_BYTES) {
                arena->held += bytes;
                return block_new(bytes);
        }
        arena->spare = block->next;
        return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
        assert(arena != NULL);
        if (size > SIZE_MAX / 2)
                abort();
        size_t need = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);

        struct block *block = arena->first;
        if (block == NULL || block->size - block->used < need) {
                size_t bytes = need > BLOCK_BYTES ? need : BLOCK_BYTES;
                block = take_block(arena, bytes);
                /* A large piece gets a block of its own behind the current one,
                 * so that the rest of the current block is not wasted. */
                if (arena->first != NULL && bytes > BLOCK_BYTES) {
                        block->next = arena->first->next;
                        arena->first->next = block;
                } else {
                        block->next = arena->first;
                        arena->first = block;
                }
        }
        void *piece = block->bytes + block->used;
        block->used += need;
        memset(piece, 0, need);
        return piece;
}

void *arena_array(struct arena *arena, size_t n, size_t size)
{
        size_t bytes;
        if (__builtin_mul_overflow(n, size, &bytes))
                abort();
        return arena_alloc(arena, bytes);
}

void *arena_grow(struct arena *arena, const void *items, size_t n, size_t more, size_t size)
{
        size_t total;
        if (__builtin_add_overflow(n, more, &total))
                abort();
        void *grown = arena_array(arena, total, size);
        if (n != 0)
                memcpy(grown, items, n * size);
        return grown;
}

void *arena_push(struct arena *arena, void *items, size_t n, size_t size)
{
        bool full = (n & (n - 1)) == 0; /* also of none */
        return full ? arena_grow(arena, items, n, n == 0 ? 1 : n, size) : items;
}

size_t arena_held(const struct arena *arena)
{
        return arena->held;
}
