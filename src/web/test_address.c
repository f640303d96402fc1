/* Request targets: what is read from them, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "web/address.h"

static struct arena *arena;

struct row {
        const char *why, *raw;
        const char *read; /* "a|b?x=1;y=2"; NULL = refused */
};

static const struct row rows[] = {
        { "the front page", "/", "" },
        { "segments", "/matters/FOI-2021-0003", "matters|FOI-2021-0003" },
        { "a slash at the end says nothing", "/matters/", "matters" },
        { "Chinese numbers are percent-encoded",
                        "/matters/%E5%8E%A6%E5%8F%B8%E3%80%942021%E3%80%951",
                        "matters|厦司〔2021〕1" },
        { "a query", "/matters?q=%E5%85%AC%E8%AF%81&state=open", "matters?q=公证;state=open" },
        { "plus is a blank in a query only", "/a+b?q=a+b", "a+b?q=a b" },
        { "an empty field", "/a?q=&b", "a?q=;b=" },
        { "an empty query", "/a?", "a" },
        { "an empty pair is passed over", "/a?&x=1&&", "a?x=1" },
        { "a field's value may hold =", "/a?x=1=2", "a?x=1=2" },
        { "an encoded slash in a value", "/a?x=%2F", "a?x=/" },
        { "a question mark in a value", "/a?x=1?2", "a?x=1?2" },
        { "small letters in the encoding", "/%e5%8e%a6", "厦" },

        { "nothing", "", NULL },
        { "no slash in front", "matters", NULL },
        { "a whole address (RFC 9112 section 3.2.2)", "http://evil.example/", NULL },
        { "the asterisk", "*", NULL },
        { "an authority", "evil.example:443", NULL },
        { "two slashes in front: another host to a browser", "//evil.example/", NULL },
        { "an empty segment", "/a//b", NULL },
        { "the segment ..", "/../etc/passwd", NULL },
        { "the segment .. encoded", "/%2e%2e/x", NULL },
        { "the segment .", "/a/./b", NULL },
        { "an encoded slash in the path", "/a%2Fb", NULL },
        { "half an encoding", "/%E5%8", NULL },
        { "an encoding that ends at %", "/%", NULL },
        { "an encoding that is none", "/%zz", NULL },
        { "an encoding with a sign", "/%+1", NULL },
        { "an encoded NUL", "/a%00b", NULL },
        { "an encoded line feed", "/a?x=%0A", NULL },
        { "an encoded DEL", "/%7F", NULL },
        { "not UTF-8", "/%FF", NULL },
        { "a surrogate half", "/%ED%A0%80", NULL },
        { "an overlong slash", "/%C0%AF", NULL },
        { "bytes that should be encoded", "/\xe5\x8e\xa6", NULL },
        { "a fragment does not travel", "/a#b", NULL },
        { "a blank", "/a b", NULL },
        { "a field twice", "/a?x=1&x=2", NULL },
        { "a field twice, once encoded", "/a?x=1&%78=2", NULL },
        { "nine segments", "/1/2/3/4/5/6/7/8/9", NULL },
};

static struct str written(const struct address *address)
{
        struct buf buf = BUF(arena);
        for (size_t i = 0; i < address->n_segments; i++)
                buf_format(&buf, "%s%.*s", i == 0 ? "" : "|", STR_FMT(address->segments[i]));
        for (size_t i = 0; i < address->n_fields; i++)
                buf_format(&buf, "%s%.*s=%.*s", i == 0 ? "?" : ";",
                                STR_FMT(address->fields[i].name),
                                STR_FMT(address->fields[i].value));
        return buf_str(&buf);
}

static void test_rows(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct address address;
                struct err err = { 0 };
                bool ok = address_parse(arena, str_of(rows[i].raw), &address, &err);
                if (ok != (rows[i].read != NULL))
                        fail_msg("%s: %s", rows[i].why, ok ? "read" : err.detail);
                if (ok && !str_is(written(&address), rows[i].read))
                        fail_msg("%s: %s", rows[i].why, str_c(arena, written(&address)));
                if (!ok)
                        assert_int_equal(err.code, E_HTTP_TARGET);
        }
}

static void test_length_is_bounded(void **state)
{
        (void)state;
        char raw[ADDRESS_BYTES_MAX + 2];
        struct address address;
        struct err err;
        memset(raw, 'a', sizeof(raw));
        raw[0] = '/';
        assert_true(address_parse(arena, (struct str){ raw, ADDRESS_BYTES_MAX }, &address, &err));
        assert_false(address_parse(
                        arena, (struct str){ raw, ADDRESS_BYTES_MAX + 1 }, &address, &err));
        assert_int_equal(err.code, E_HTTP_TARGET_LONG);
}

static void test_number_of_fields_is_bounded(void **state)
{
        (void)state;
        for (size_t n = ADDRESS_FIELDS_MAX; n <= ADDRESS_FIELDS_MAX + 1; n++) {
                struct buf raw = BUF(arena);
                struct address address;
                struct err err;
                buf_c(&raw, "/?");
                for (size_t i = 0; i < n; i++)
                        buf_format(&raw, "f%zu=1&", i);
                assert_int_equal(address_parse(arena, buf_str(&raw), &address, &err),
                                n == ADDRESS_FIELDS_MAX);
        }
}

/* Whatever is encoded is read back as it was. */
static void test_encoding_round_trip(void **state)
{
        (void)state;
        static const char *const texts[] = { "厦司公开申〔2021〕1号", "a b+c%d/e?f#g&h=i", "~._-",
                "\"'<>", "𠮷" };
        for (size_t i = 0; i < N_ELEMENTS(texts); i++) {
                struct buf raw = BUF(arena);
                struct address address;
                struct err err;
                buf_c(&raw, "/x?q=");
                address_encode(&raw, str_of(texts[i]));
                assert_true(address_parse(arena, buf_str(&raw), &address, &err));
                assert_true(str_is(address_field(&address, "q"), texts[i]));
                assert_int_equal(address_field(&address, "r").n, 0);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_rows),
                cmocka_unit_test(test_length_is_bounded),
                cmocka_unit_test(test_number_of_fields_is_bounded),
                cmocka_unit_test(test_encoding_round_trip),
        };
        arena = arena_open();
        int failed = cmocka_run_group_tests(tests, NULL, NULL);
        arena_close(&arena);
        return failed;
}
