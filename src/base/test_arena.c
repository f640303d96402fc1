#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"

/* Every size around the block's is zeroed, aligned and nobody else's. */
static void test_pieces_are_apart(void **state)
{
        (void)state;
        static const size_t sizes[] = { 0, 1, 7, 15, 16, 17, 16383, 16384, 16385, 1, 100000, 3 };
        struct arena *arena = arena_open();
        unsigned char *pieces[N_ELEMENTS(sizes)];
        for (size_t i = 0; i < N_ELEMENTS(sizes); i++) {
                pieces[i] = arena_alloc(arena, sizes[i]);
                assert_non_null(pieces[i]);
                assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
                for (size_t k = 0; k < sizes[i]; k++)
                        assert_int_equal(pieces[i][k], 0);
                memset(pieces[i], (int)i + 1, sizes[i]);
        }
        for (size_t i = 0; i < N_ELEMENTS(sizes); i++)
                for (size_t k = 0; k < sizes[i]; k++)
                        assert_int_equal(pieces[i][k], i + 1);
        arena_close(&arena);
        assert_null(arena);
        arena_close(&arena);
}

/* A request that was large once must not hold its memory for ever, and the next
 * one must not ask the system again. */
static void test_reset_keeps_some_blocks(void **state)
{
        (void)state;
        static const struct {
                const char *why;
                size_t sizes[4], times, kept;
        } rows[] = {
                { "small pieces", { 10, 10 }, 1, 1 },
                { "several blocks", { 16000, 16000, 16000 }, 1, 3 },
                { "a small piece, then a large one", { 10, 50000 }, 1, 1 },
                { "a large piece, then a small one", { 50000, 10 }, 1, 1 },
                { "a large piece alone", { 50000 }, 1, 0 },
                { "nothing", { 0 }, 1, 0 },
                { "more than is kept", { 16000, 16000 }, 500, 64 },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct arena *arena = arena_open();
                for (size_t k = 0; k < rows[i].times * N_ELEMENTS(rows[i].sizes); k++) {
                        size_t size = rows[i].sizes[k % N_ELEMENTS(rows[i].sizes)];
                        if (size != 0)
                                memset(arena_alloc(arena, size), 0xff, size);
                }
                for (int again = 0; again < 2; again++) {
                        arena_reset(arena);
                        if (arena_held(arena) != rows[i].kept * 16384)
                                fail_msg("%s: %zu bytes held", rows[i].why, arena_held(arena));
                        if (rows[i].kept == 0)
                                continue;
                        unsigned char *piece = arena_alloc(arena, 100);
                        for (size_t k = 0; k < 100; k++)
                                assert_int_equal(piece[k], 0);
                        assert_int_equal(arena_held(arena), rows[i].kept * 16384);
                }
                arena_close(&arena);
        }
}

static void test_arrays(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        uint64_t *numbers = arena_new_array(arena, 1000, uint64_t);
        for (size_t i = 0; i < 1000; i++)
                assert_int_equal(numbers[i], 0);
        assert_non_null(arena_new_array(arena, 0, uint64_t));
        assert_true(arena_held(arena) >= 8000);
        arena_close(&arena);
}

/* One by one: all are there, in no more than four times their bytes. */
static void test_a_list_that_grows(void **state)
{
        (void)state;
        enum { N = 100000 };
        struct arena *arena = arena_open();
        uint64_t *numbers = NULL;
        for (size_t n = 0; n < N; n++) {
                numbers = arena_push(arena, numbers, n, sizeof(*numbers));
                assert_int_equal(numbers[n], 0);
                numbers[n] = n + 1;
        }
        for (size_t n = 0; n < N; n++)
                assert_int_equal(numbers[n], n + 1);
        assert_in_range(arena_held(arena), N * sizeof(*numbers), 4 * N * sizeof(*numbers));
        arena_close(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_pieces_are_apart),
                cmocka_unit_test(test_reset_keeps_some_blocks),
                cmocka_unit_test(test_arrays),
                cmocka_unit_test(test_a_list_that_grows),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
