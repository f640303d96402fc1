#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"

static void test_utf8(void **state)
{
        (void)state;
        static const struct {
                const char *why;
                struct str text;
                bool ok;
        } rows[] = {
                { "nothing", { NULL, 0 }, true },
                { "ASCII", STR_LIT("plumbline"), true },
                { "Chinese", STR_LIT("准绳"), true },
                { "beyond the first plane: 𠮷", STR_LIT("\xF0\xA0\xAE\xB7"), true },
                { "the last code point", STR_LIT("\xF4\x8F\xBF\xBF"), true },
                { "past it", STR_LIT("\xF4\x90\x80\x80"), false },
                { "five bytes", STR_LIT("\xF8\x88\x80\x80\x80"), false },
                { "a NUL", STR_LIT("a\0b"), false },
                { "a NUL in two bytes", STR_LIT("\xC0\x80"), false },
                { "a slash in two bytes", STR_LIT("\xC0\xAF"), false },
                { "a slash in three bytes", STR_LIT("\xE0\x80\xAF"), false },
                { "overlong in four bytes", STR_LIT("\xF0\x80\x80\xAF"), false },
                { "half a surrogate pair", STR_LIT("\xED\xA0\x80"), false },
                { "before the surrogates", STR_LIT("\xED\x9F\xBF"), true },
                { "cut after the first byte", STR_LIT("\xE5"), false },
                { "cut after the second", STR_LIT("\xE5\x87"), false },
                { "a continuation alone", STR_LIT("\x80"), false },
                { "GBK text", STR_LIT("\xD7\xBC\xC9\xFE"), false },
        };
        /* Alone, and wherever it may stand among what is taken eight or three at a time. */
        for (size_t i = 0; i < N_ELEMENTS(rows); i++)
                for (size_t before = 0; before < 40; before++)
                        for (size_t after = 0; after < 12; after++) {
                                char bytes[80] = "";
                                size_t n = 0, fill;
                                for (fill = 0; fill < before % 20; fill++)
                                        bytes[n++] = 'a';
                                if (before >= 20) {
                                        memcpy(bytes + n, "准绳", 6);
                                        n += 6;
                                }
                                if (rows[i].text.n > 0)
                                        memcpy(bytes + n, rows[i].text.p, rows[i].text.n);
                                n += rows[i].text.n;
                                for (fill = 0; fill < after; fill++)
                                        bytes[n++] = 'z';
                                if (str_is_utf8((struct str){ bytes, n }) != rows[i].ok)
                                        fail_msg("%s, %zu before, %zu after", rows[i].why, before,
                                                        after);
                        }
}

/* Every code point that UTF-8 may hold goes out and comes back. */
static void test_code_points_round_trip(void **state)
{
        (void)state;
        for (uint32_t c = 1; c <= 0x10FFFF; c++) {
                char bytes[4];
                size_t at = 0, n = str_encode_utf8(c, bytes);
                struct str text = { bytes, n };
                bool surrogate = c >= 0xD800 && c <= 0xDFFF;
                assert_int_equal(str_is_utf8(text), !surrogate);
                if (surrogate)
                        continue;
                assert_int_equal(str_code_point(text, &at), c);
                assert_int_equal(at, n);
                assert_int_equal(str_n_code_points(text), 1);
        }
}

static void test_find_and_compare(void **state)
{
        (void)state;
        static const struct {
                const char *text, *needle;
                size_t at;
        } rows[] = {
                { "", "", 0 },
                { "abc", "", 0 },
                { "", "a", SIZE_MAX },
                { "abc", "abcd", SIZE_MAX },
                { "aab", "ab", 1 },
                { "行政许可", "许可", 6 },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++)
                assert_int_equal(
                                str_find(str_of(rows[i].text), str_of(rows[i].needle)), rows[i].at);
        assert_true(str_cmp(STR_LIT("a"), STR_LIT("ab")) < 0);
        assert_true(str_cmp(STR_LIT("b"), STR_LIT("ab")) > 0);
        assert_int_equal(str_cmp(str_of(NULL), STR_LIT("")), 0);
        /* Byte order is code-point order: U+FFFD before U+10000. */
        assert_true(str_cmp(STR_LIT("\xEF\xBF\xBD"), STR_LIT("\xF0\x90\x80\x80")) < 0);
        assert_true(str_eq(str_of(NULL), STR_LIT("")));
        assert_true(str_starts(STR_LIT("abc"), STR_LIT("ab")));
        assert_true(str_starts(STR_LIT("abc"), STR_LIT("")));
        assert_false(str_starts(STR_LIT("a"), STR_LIT("ab")));
        assert_true(str_ends(STR_LIT("abc"), STR_LIT("bc")));
        assert_false(str_ends(STR_LIT("c"), STR_LIT("bc")));
}

static void test_cut_never_halves_a_character(void **state)
{
        (void)state;
        static const struct {
                const char *text;
                size_t n;
                const char *want;
        } rows[] = {
                { "abc", 5, "abc" },
                { "abc", 2, "ab" },
                { "准绳", 6, "准绳" },
                { "准绳", 5, "准" },
                { "准绳", 3, "准" },
                { "准绳", 2, "" },
                { "", 0, "" },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++)
                assert_true(str_is(str_cut(str_of(rows[i].text), rows[i].n), rows[i].want));
}

static void test_split_and_trim(void **state)
{
        (void)state;
        static const struct {
                const char *text, *joined; /* the pieces, each in brackets */
        } rows[] = {
                { "a,b", "[a][b]" },
                { "", "[]" },
                { ",", "[][]" },
                { "a,", "[a][]" },
                { "a,,b", "[a][][b]" },
                { "abc", "[abc]" },
        };
        struct arena *arena = arena_open();
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct str rest = str_of(rows[i].text);
                struct buf buf = BUF(arena);
                while (rest.p != NULL) {
                        struct str piece = str_split(&rest, ',');
                        buf_format(&buf, "[%.*s]", STR_FMT(piece));
                }
                assert_true(str_is(buf_str(&buf), rows[i].joined));
                assert_null(str_split(&rest, ',').p);
        }
        assert_true(str_is(str_trim(STR_LIT(" \t\r\na b \n")), "a b"));
        assert_true(str_is(str_trim(STR_LIT(" \n")), ""));
        /* The ideographic space is a character of the text, not of its frame. */
        assert_true(str_is(str_trim(STR_LIT("\xE3\x80\x80x")), "\xE3\x80\x80x"));
        arena_close(&arena);
}

static void test_integers(void **state)
{
        (void)state;
        static const struct {
                const char *text;
                bool ok;
                int64_t n;
        } rows[] = {
                { "0", true, 0 },
                { "-1", true, -1 },
                { "007", true, 7 },
                { "9223372036854775807", true, INT64_MAX },
                { "-9223372036854775808", true, INT64_MIN },
                { "9223372036854775808", false, 0 },
                { "-9223372036854775809", false, 0 },
                { "99999999999999999999", false, 0 },
                { "", false, 0 },
                { "-", false, 0 },
                { "+1", false, 0 },
                { " 1", false, 0 },
                { "1 ", false, 0 },
                { "1.0", false, 0 },
                { "１", false, 0 },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                int64_t n = -77;
                bool ok = str_to_int(str_of(rows[i].text), &n);
                if (ok != rows[i].ok || n != (ok ? rows[i].n : -77))
                        fail_msg("%s", rows[i].text);
        }
}

static void test_buffers_grow(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        struct buf buf = BUF(arena);
        assert_int_equal(buf_str(&buf).n, 0);
        for (int i = 0; i < 5000; i++)
                buf_format(&buf, "%d,", i % 10);
        assert_int_equal(buf.n, 10000);
        assert_memory_equal(buf.p + 9980, "0,1,2,3,4,5,6,7,8,9,", 20);
        buf_reset(&buf);
        buf_int(&buf, INT64_MIN);
        buf_char(&buf, ' ');
        buf_c(&buf, "准绳");
        assert_string_equal(buf.p, "-9223372036854775808 准绳");
        assert_string_equal(str_c(arena, str_of(NULL)), "");
        assert_true(str_is(str_format(arena, "%s-%d", "a", 7), "a-7"));
        arena_close(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_utf8),
                cmocka_unit_test(test_code_points_round_trip),
                cmocka_unit_test(test_find_and_compare),
                cmocka_unit_test(test_cut_never_halves_a_character),
                cmocka_unit_test(test_split_and_trim),
                cmocka_unit_test(test_integers),
                cmocka_unit_test(test_buffers_grow),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
