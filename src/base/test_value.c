#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/value.h"

static struct arena *arena;

static bool parse(struct str text, struct value *ret)
{
        struct err err = { .code = E_NONE };
        if (value_parse_json(arena, text, ret, &err))
                return true;
        assert_true(err.code == E_JSON || err.code == E_UTF8);
        assert_true(str_is_utf8(str_of(err.detail)));
        return false;
}

static const char *json(const struct value *v)
{
        struct buf buf = BUF(arena);
        value_write_json(&buf, v);
        return str_c(arena, buf_str(&buf));
}

static void test_json_canonical(void **state)
{
        (void)state;
        static const struct {
                const char *why, *text, *want;
        } rows[] = {
                { "members sorted, no blanks", "{ \"b\" : 1 , \"a\" : [ 2 , 3 ] }",
                                "{\"a\":[2,3],\"b\":1}" },
                { "by bytes, so capitals first", "{\"a\":1,\"B\":2}", "{\"B\":2,\"a\":1}" },
                { "words", "[null,true,false]", "[null,true,false]" },
                { "escapes that need none", "\"\\u0041\\/\"", "\"A/\"" },
                { "escapes that are needed", "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\"",
                                "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\"" },
                { "Chinese stays", "\"准\\u7ef3\"", "\"准绳\"" },
                { "a surrogate pair", "\"\\ud842\\udfb7\"", "\"\xF0\xA0\xAE\xB7\"" },
                { "one number, one form", "[1,1.0,1e0,10e-1,-0]", "[1,1,1,1,0]" },
                { "exact fractions are texts", "[0.10,1e-2]", "[\"0.1\",\"0.01\"]" },
                { "below 2^53 a number", "9007199254740991", "9007199254740991" },
                { "from 2^53 a text", "9007199254740992", "\"9007199254740992\"" },
                { "also below zero", "-9007199254740992", "\"-9007199254740992\"" },
                { "an empty name", "{\"\":{}}", "{\"\":{}}" },
                { "blanks around", " \t\r\n[ ] ", "[]" },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct value v, again;
                if (!parse(str_of(rows[i].text), &v))
                        fail_msg("%s", rows[i].why);
                if (strcmp(json(&v), rows[i].want) != 0)
                        fail_msg("%s: %s", rows[i].why, json(&v));
                /* Canonical text is a fixed point. */
                assert_true(parse(str_of(json(&v)), &again));
                assert_string_equal(json(&again), rows[i].want);
        }
}

static void test_json_refused(void **state)
{
        (void)state;
        static const struct {
                const char *why;
                struct str text;
        } rows[] = {
                { "nothing", STR_LIT("") },
                { "blanks", STR_LIT(" ") },
                { "two texts", STR_LIT("1 2") },
                { "a name twice", STR_LIT("{\"a\":1,\"a\":2}") },
                { "a name twice, written differently", STR_LIT("{\"a\":1,\"\\u0061\":2}") },
                { "no quotes", STR_LIT("{a:1}") },
                { "single quotes", STR_LIT("{'a':1}") },
                { "a comma too many", STR_LIT("[1,]") },
                { "a comma too few", STR_LIT("[1 2]") },
                { "a member too many", STR_LIT("{\"a\":1,}") },
                { "no value", STR_LIT("{\"a\"}") },
                { "not ended: list", STR_LIT("[1") },
                { "not ended: group", STR_LIT("{\"a\":1") },
                { "not ended: text", STR_LIT("\"a") },
                { "not ended: escape", STR_LIT("\"\\") },
                { "not ended: \\u", STR_LIT("\"\\u00") },
                { "unknown escape", STR_LIT("\"\\x41\"") },
                { "not hexadecimal", STR_LIT("\"\\u00g0\"") },
                { "half a pair", STR_LIT("\"\\ud842\"") },
                { "the wrong half first", STR_LIT("\"\\udfb7\\ud842\"") },
                { "a pair with another", STR_LIT("\"\\ud842\\u0041\"") },
                { "NUL escaped", STR_LIT("\"\\u0000\"") },
                { "NUL", STR_LIT("\"\0\"") },
                { "a control character", STR_LIT("\"a\nb\"") },
                { "GBK", STR_LIT("\"\xC9\xFE\"") },
                { "a byte order mark", STR_LIT("\xEF\xBB\xBF[]") },
                { "leading zero", STR_LIT("01") },
                { "plus", STR_LIT("+1") },
                { "no digit before the point", STR_LIT(".5") },
                { "no digit behind the point", STR_LIT("1.") },
                { "no digit in the exponent", STR_LIT("1e") },
                { "minus alone", STR_LIT("-") },
                { "NaN", STR_LIT("NaN") },
                { "35 digits", STR_LIT("12345678901234567890123456789012345") },
                { "a short text for 6,000 digits", STR_LIT("1e6000") },
                { "half a word", STR_LIT("tru") },
                { "a comment", STR_LIT("[1/* x */]") },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct value v = value_int(7);
                if (parse(rows[i].text, &v))
                        fail_msg("%s: accepted", rows[i].why);
                assert_string_equal(json(&v), "7");
        }
}

static struct str nested(unsigned depth)
{
        struct buf buf = BUF(arena);
        for (unsigned i = 0; i < depth; i++)
                buf_char(&buf, '[');
        for (unsigned i = 0; i < depth; i++)
                buf_char(&buf, ']');
        return buf_str(&buf);
}

static struct str long_list(unsigned n)
{
        struct buf buf = BUF(arena);
        for (unsigned i = 0; i < n; i++)
                buf_c(&buf, i == 0 ? "[1" : ",1");
        buf_char(&buf, ']');
        return buf_str(&buf);
}

static void test_json_limits(void **state)
{
        (void)state;
        struct value v;
        assert_true(parse(nested(LIMIT_NESTING), &v));
        assert_false(parse(nested(LIMIT_NESTING + 1), &v));
        assert_false(parse(nested(100000), &v));
        assert_true(parse(long_list(LIMIT_LIST_ITEMS), &v));
        assert_false(parse(long_list(LIMIT_LIST_ITEMS + 1), &v));
}

static void test_members(void **state)
{
        (void)state;
        struct value v;
        assert_true(parse(STR_LIT("{\"c\":3,\"a\":1,\"b\":2,\"准\":4}"), &v));
        assert_int_equal(v.context.n, 4);
        assert_string_equal(json(value_get(&v, STR_LIT("a"))), "1");
        assert_string_equal(json(value_get(&v, STR_LIT("准"))), "4");
        assert_null(value_get(&v, STR_LIT("d")));
        assert_null(value_get(&v, STR_LIT("")));
        struct member twice[] = { { STR_LIT("b"), value_null() }, { STR_LIT("a"), value_null() },
                { STR_LIT("b"), value_null() } };
        assert_false(value_sort_members(twice, N_ELEMENTS(twice)));
        assert_true(value_sort_members(twice, 0));
}

/* One value of each kind, as no JSON text can hold them. */
static struct value every_kind(void)
{
        static struct value items[11];
        static struct member members[2];
        struct date day;
        assert_true(date_of(2021, 9, 28, &day));
        items[0] = value_null();
        items[1] = value_bool(true);
        items[2] = value_int(-1936);
        assert_true(parse(STR_LIT("96686.03"), &items[3]));
        items[4] = value_string(STR_LIT("准绳"));
        items[5] = value_date(day);
        items[6] = value_moment(moment_of(day, 9, 5, 7));
        items[7] = (struct value){ .kind = VALUE_TIME, .integer = 9 * 3600 + 307 };
        items[8] = (struct value){ .kind = VALUE_DURATION, .integer = -90061 };
        items[9] = (struct value){ .kind = VALUE_MONTHS, .integer = 14 };
        members[0] = (struct member){ STR_LIT("a"), value_date(DATE_NONE) };
        members[1] = (struct member){ STR_LIT("b"), value_list(NULL, 0) };
        items[10] = value_context(members, 2);
        return value_list(items, N_ELEMENTS(items));
}

static void test_every_kind_as_text(void **state)
{
        (void)state;
        struct value v = every_kind();
        assert_string_equal(json(&v),
                        "[null,true,-1936,\"96686.03\",\"准绳\",\"2021-09-28\","
                        "\"2021-09-28T09:05:07+08:00\",\"09:05:07\",\"-P1DT1H1M1S\",\"P1Y2M\","
                        "{\"a\":null,\"b\":[]}]");
        assert_string_equal(str_c(arena, value_text(arena, &v)),
                        "、是、-1936、96686.03、准绳、2021-09-28、2021-09-28T09:05:07+08:00、"
                        "09:05:07、-P1DT1H1M1S、P1Y2M、a：；b：");
}

static void test_equality_and_copies(void **state)
{
        (void)state;
        static const struct {
                const char *a, *b;
                bool same;
        } rows[] = {
                { "1.0", "1.00", true },
                { "1", "\"1\"", false },
                { "[1,2]", "[1,2]", true },
                { "[1,2]", "[2,1]", false },
                { "[1]", "[1,1]", false },
                { "{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", true },
                { "{\"a\":1}", "{\"b\":1}", false },
                { "{\"a\":1}", "{}", false },
                { "null", "false", false },
                { "\"a\"", "\"a\"", true },
                { "true", "true", true },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct value a, b;
                assert_true(parse(str_of(rows[i].a), &a) && parse(str_of(rows[i].b), &b));
                if (value_eq(&a, &b) != rows[i].same)
                        fail_msg("%s and %s", rows[i].a, rows[i].b);
        }
        struct arena *other = arena_open();
        struct value v = every_kind();
        struct value copy = value_copy(other, &v);
        assert_true(value_eq(&v, &copy));
        assert_ptr_not_equal(copy.list.items[4].string.p, v.list.items[4].string.p);
        arena_close(&other);
}

static void test_pack_round_trip(void **state)
{
        (void)state;
        struct value v = every_kind(), again;
        struct buf buf = BUF(arena);
        struct err err;
        value_pack(&buf, &v);
        assert_true(value_unpack(arena, buf_str(&buf), &again, &err));
        assert_true(value_eq(&v, &again));
        /* Cut anywhere, it is refused and not guessed. */
        for (size_t n = 0; n < buf.n; n++) {
                assert_false(value_unpack(arena, str_slice(buf_str(&buf), 0, n), &again, &err));
                assert_int_equal(err.code, E_PACK);
        }
        buf_char(&buf, 0);
        assert_false(value_unpack(arena, buf_str(&buf), &again, &err));
}

/* Bytes that value_pack() cannot have written. */
static void test_pack_refuses_damage(void **state)
{
        (void)state;
        static const struct {
                const char *why;
                struct str packed;
        } rows[] = {
                { "nothing", { NULL, 0 } },
                { "no such kind", STR_LIT("\x0B") },
                { "a text of 2^63 bytes", STR_LIT("\x03\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F") },
                { "a count without end",
                                STR_LIT("\x03\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80") },
                { "a text that is not UTF-8", STR_LIT("\x03\x02\xC9\xFE") },
                { "a name that is not UTF-8", STR_LIT("\x0A\x01\x01\xFF\x00") },
                { "a name twice", STR_LIT("\x0A\x02\x01"
                                          "a\x00\x01"
                                          "a\x00") },
                { "a list longer than its bytes", STR_LIT("\x09\x7F\x00") },
                { "not a number", STR_LIT("\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x7C") },
                { "infinity", STR_LIT("\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x78") },
                { "a day past 2999", STR_LIT("\x04\x80\x80\x80\x80\x08") },
                { "a moment past 2999", STR_LIT("\x06\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01") },
                { "the 25th hour", STR_LIT("\x05\xA0\xFE\x0A") },
                { "a duration without opposite",
                                STR_LIT("\x07\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01") },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct value v = value_int(7);
                struct err err = { .code = E_NONE };
                if (value_unpack(arena, rows[i].packed, &v, &err))
                        fail_msg("%s: accepted as %s", rows[i].why, json(&v));
                assert_int_equal(err.code, E_PACK);
                assert_string_equal(json(&v), "7");
        }
        struct buf deep = BUF(arena);
        for (unsigned i = 0; i <= LIMIT_NESTING; i++)
                buf_add(&deep, "\x09\x01", 2);
        buf_char(&deep, 0);
        struct value v;
        struct err err;
        assert_false(value_unpack(arena, buf_str(&deep), &v, &err));
}

static int open_arena(void **state)
{
        (void)state;
        arena = arena_open();
        return 0;
}

static int close_arena(void **state)
{
        (void)state;
        arena_close(&arena);
        return 0;
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_json_canonical),
                cmocka_unit_test(test_json_refused),
                cmocka_unit_test(test_json_limits),
                cmocka_unit_test(test_members),
                cmocka_unit_test(test_every_kind_as_text),
                cmocka_unit_test(test_equality_and_copies),
                cmocka_unit_test(test_pack_round_trip),
                cmocka_unit_test(test_pack_refuses_damage),
        };
        return cmocka_run_group_tests(tests, open_arena, close_arena);
}
