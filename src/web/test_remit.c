/* What is kept is found again under the same key and under no other, within bounds. */
#include "web/remit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void test_found_again(void **state)
{
        (void)state;
        struct remits *remits = remits_open();
        struct arena *arena = arena_open();
        struct str text = STR_LIT("as it was");
        assert_false(remits_find(remits, arena, STR_LIT("12 18700 a"), &text));
        assert_true(str_is(text, "as it was"));
        remits_note(remits, STR_LIT("12 18700 a"), STR_LIT("[\"permit|east\"]"));
        remits_note(remits, STR_LIT("12 18700 b"), STR_LIT("[]"));
        assert_true(remits_find(remits, arena, STR_LIT("12 18700 b"), &text));
        assert_true(str_is(text, "[]"));
        assert_true(remits_find(remits, arena, STR_LIT("12 18700 a"), &text));
        assert_false(remits_find(remits, arena, STR_LIT("13 18700 a"), &(struct str){ 0 }));
        remits_close(&remits);
        assert_null(remits);
        remits_close(&remits);
        assert_true(str_is(text, "[\"permit|east\"]")); /* a copy, the reader's own */
        arena_close(&arena);
}

static void test_bounds(void **state)
{
        (void)state;
        struct remits *remits = remits_open();
        struct arena *arena = arena_open();
        size_t n = 1 << 20, kept = 0;
        char *long_text = arena_alloc(arena, n);
        memset(long_text, ' ', n);
        remits_note(remits, STR_LIT("long"), (struct str){ long_text, n });
        assert_false(remits_find(remits, arena, STR_LIT("long"), &(struct str){ 0 }));
        for (int i = 0; i < 2000; i++) {
                struct str key = str_format(arena, "%d", i);
                remits_note(remits, key, key);
        }
        for (int i = 0; i < 2000; i++) {
                struct str key = str_format(arena, "%d", i), text;
                if (!remits_find(remits, arena, key, &text))
                        continue;
                assert_true(str_eq(text, key));
                kept++;
        }
        assert_true(kept > 0 && kept < 2000);
        arena_close(&arena);
        remits_close(&remits);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_found_again),
                cmocka_unit_test(test_bounds),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
