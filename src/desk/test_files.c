/* The few things the desk does with files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "desk/files.h"

static void test_reading_and_creating(void **state)
{
        (void)state;
        char folder[] = "/tmp/plumbline-files-XXXXXX";
        struct arena *arena = arena_open();
        struct err err;
        struct str text;
        assert_non_null(mkdtemp(folder));
        struct str path = str_format(arena, "%s/a", folder);

        assert_false(file_read(arena, path, 10, &text, &err));
        assert_int_equal(err.code, E_NOT_FOUND);
        assert_false(file_read(arena, str_of(folder), 10, &text, &err));
        assert_int_equal(err.code, E_IO); /* a folder is no file */

        assert_true(file_create(path, STR_LIT("0123456789"), 0600, &err));
        assert_true(file_read(arena, path, 10, &text, &err));
        assert_true(str_is(text, "0123456789"));
        assert_false(file_read(arena, path, 9, &text, &err));
        assert_int_equal(err.code, E_LIMIT);

        /* A file that is there is never overwritten by creating it. */
        assert_false(file_create(path, STR_LIT("x"), 0600, &err));
        assert_true(file_read(arena, path, 10, &text, &err));
        assert_true(str_is(text, "0123456789"));
        assert_true(file_replace(path, STR_LIT("y"), &err));
        assert_true(file_read(arena, path, 10, &text, &err));
        assert_true(str_is(text, "y"));

        unlink(path.p);
        rmdir(folder);
        arena_close(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_reading_and_creating),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
