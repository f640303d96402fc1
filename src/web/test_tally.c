/* Counts are found again under the same key and under no other. */
#include "web/tally.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void test_found_again(void **state)
{
        (void)state;
        struct tally *tally = tally_open();
        int64_t n = 7;
        assert_false(tally_find(tally, STR_LIT("12 18700 /matters"), &n));
        assert_int_equal(n, 7);
        tally_note(tally, STR_LIT("12 18700 /matters"), 0);
        assert_true(tally_find(tally, STR_LIT("12 18700 /matters"), &n));
        assert_int_equal(n, 0);
        assert_false(tally_find(tally, STR_LIT("13 18700 /matters"), &n)); /* an event later */
        assert_false(tally_find(tally, STR_LIT("12 18701 /matters"), &n)); /* a day later */
        assert_false(tally_find(tally, STR_LIT("12 18700 /matters?q=a"), &n));
        tally_close(&tally);
        assert_null(tally);
        tally_close(&tally);
}

/* More keys than places: some are forgotten, none is mistaken for another. */
static void test_none_is_mistaken(void **state)
{
        (void)state;
        struct tally *tally = tally_open();
        int64_t n, kept = 0;
        char key[32];
        for (int i = 0; i < 5000; i++) {
                snprintf(key, sizeof(key), "%d", i);
                tally_note(tally, (struct str){ key, strlen(key) }, i);
        }
        for (int i = 0; i < 5000; i++) {
                snprintf(key, sizeof(key), "%d", i);
                if (!tally_find(tally, (struct str){ key, strlen(key) }, &n))
                        continue;
                assert_int_equal(n, i);
                kept++;
        }
        assert_true(kept > 0 && kept < 5000);
        tally_close(&tally);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_found_again),
                cmocka_unit_test(test_none_is_mistaken),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
