#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/tile.h"

static void test_names(void **state)
{
        (void)state;
        static const struct {
                const char *path;
                struct tile_name name;
        } rows[] = {
                { "tile/0/000", { false, 0, 0, 256 } },
                { "tile/0/x001/x234/067", { false, 0, 1234067, 256 } }, /* the specification's */
                { "tile/1/x001/000.p/255", { false, 1, 1000, 255 } },
                { "tile/entries/999.p/1", { true, 0, 999, 1 } },
                { "tile/6/x072/x057/x594/x037/x927/935", { false, 6, 72057594037927935, 256 } },
        };
        struct arena *arena = arena_open();
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct tile_name name;
                struct err err;
                if (!tile_parse(str_of(rows[i].path), &name, &err))
                        fail_msg("%s", rows[i].path);
                assert_int_equal(name.is_entries, rows[i].name.is_entries);
                assert_int_equal(name.level, rows[i].name.level);
                assert_int_equal(name.index, rows[i].name.index);
                assert_int_equal(name.width, rows[i].name.width);
                assert_string_equal(str_c(arena, tile_format(arena, &name)), rows[i].path);
        }
        arena_close(&arena);
}

static void test_names_refused(void **state)
{
        (void)state;
        static const struct {
                const char *why, *path;
        } rows[] = {
                { "nothing", "" },
                { "no index", "tile/0" },
                { "empty index", "tile/0/" },
                { "two digits", "tile/0/67" },
                { "four digits", "tile/0/1234" },
                { "no x", "tile/0/001/234" },
                { "x on the last", "tile/0/x001" },
                { "a group of zeros in front", "tile/0/x000/001" },
                { "a sign", "tile/0/-01" },
                { "level with a zero", "tile/00/001" },
                { "level past ours", "tile/7/001" },
                { "no level", "tile//001" },
                { "a full tile is not partial", "tile/0/001.p/256" },
                { "an empty tile", "tile/0/001.p/0" },
                { "width with a zero", "tile/0/001.p/01" },
                { "no width", "tile/0/001.p" },
                { "more behind", "tile/0/001/" },
                { "more behind the width", "tile/0/001.p/1/" },
                { "up and away", "tile/../checkpoint" },
                { "past 2^56", "tile/0/x072/x057/x594/x037/x927/936" },
                { "past 2^64", "tile/0/x999/x999/x999/x999/x999/x999/x999/999" },
                { "another folder", "tiles/0/001" },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct tile_name name;
                struct err err = { .code = E_NONE };
                if (tile_parse(str_of(rows[i].path), &name, &err) || err.code != E_LEDGER_TILE)
                        fail_msg("%s: %s", rows[i].why, rows[i].path);
        }
}

/* The specification's example: a tree of 70,000. */
static void test_widths(void **state)
{
        (void)state;
        static const struct {
                unsigned level;
                uint64_t index;
                unsigned width;
        } rows[] = {
                { 0, 0, 256 },
                { 0, 272, 256 },
                { 0, 273, 112 },
                { 0, 274, 0 },
                { 1, 0, 256 },
                { 1, 1, 17 },
                { 1, 2, 0 },
                { 2, 0, 1 },
                { 2, 1, 0 },
                { 3, 0, 0 },
                { 0, UINT64_MAX, 0 },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++)
                assert_int_equal(tile_width(rows[i].level, rows[i].index, 70000), rows[i].width);
}

static void test_bundles(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        struct buf bundle = BUF(arena);
        char large[0x102];
        memset(large, 'x', sizeof(large));
        tile_add_entry(&bundle, STR_LIT("abc"));
        tile_add_entry(&bundle, (struct str){ large, sizeof(large) });
        assert_int_equal(bundle.n, 2 + 3 + 2 + sizeof(large));
        assert_memory_equal(bundle.p,
                        "\x00\x03"
                        "abc"
                        "\x01\x02"
                        "xxx",
                        10);
        arena_close(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_names),
                cmocka_unit_test(test_names_refused),
                cmocka_unit_test(test_widths),
                cmocka_unit_test(test_bundles),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
