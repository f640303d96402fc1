/* Who takes gzip (RFC 9110 section 12.5.3), and that what is packed is what there was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <zlib.h>

#include <cmocka.h>

#include "web/packing.h"

static const struct {
        const char *why, *accepted;
        bool taken;
} rows[] = {
        { "nothing said", "", false },
        { "named", "gzip", true },
        { "among others", "br, gzip, deflate", true },
        { "its other name", "x-gzip", true },
        { "names have no cases", "GZIP", true },
        { "with a weight", "gzip;q=0.8", true },
        { "blanks around the weight", "gzip ; q=0.8", true },
        { "refused", "gzip;q=0", false },
        { "refused, in full", "gzip;q=0.000", false },
        { "refused, though all else is taken", "*;q=1, gzip;q=0", false },
        { "by the star", "*", true },
        { "the star refuses", "*;q=0", false },
        { "only as it is", "identity", false },
        { "rather as it is", "gzip;q=0.5, identity;q=0.9", false },
        { "rather packed", "identity;q=0.5, gzip;q=1.0", true },
        { "another name that begins alike", "gzipx", false },
        { "no weight", "gzip;q=", false },
        { "more than one", "gzip;q=1.5", false },
        { "weight of letters", "gzip;q=a", false },
        { "too many digits", "gzip;q=0.1234", false },
        { "another parameter", "gzip;level=9", false },
        { "only commas", ",,,", false },
};

static void test_who_takes_it(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(rows); i++)
                if (packing_is_taken(str_of(rows[i].accepted)) != rows[i].taken)
                        fail_msg("%s: %s", rows[i].why, rows[i].accepted);
}

static void unpack(struct str packed, char *to, size_t room, size_t *ret_n)
{
        z_stream stream = { 0 };
        assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
        union {
                const char *p;
                Bytef *bytes;
        } from = { .p = packed.p };
        stream.next_in = from.bytes;
        stream.avail_in = (uInt)packed.n;
        stream.next_out = (Bytef *)to;
        stream.avail_out = (uInt)room;
        assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
        *ret_n = stream.total_out;
        inflateEnd(&stream);
}

static void test_what_is_packed_is_what_there_was(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        struct buf buf = BUF(arena);
        struct str packed, again;
        size_t n;
        char noise[4096];
        for (int i = 0; i < 2000; i++)
                buf_format(&buf, "<td>清司许〔2023〕%d号</td>", i);
        struct str page = buf_str(&buf);
        assert_true(packing_pack(arena, page, &packed));
        assert_true(packed.n < page.n / 5);
        char *back = arena_alloc(arena, page.n);
        unpack(packed, back, page.n, &n);
        assert_true(str_eq((struct str){ back, n }, page));
        assert_true(packing_pack(arena, page, &again));
        assert_true(str_eq(packed, again)); /* no time, no name of a machine in it */
        assert_false(packing_pack(arena, str_slice(page, 0, PACKING_LEAST - 1), &packed));
        for (uint32_t i = 0, x = 1; i < sizeof(noise); i++)
                noise[i] = (char)((x = x * 1664525u + 1013904223u) >> 24);
        assert_false(packing_pack(arena, (struct str){ noise, sizeof(noise) }, &packed));
        assert_true(str_eq(packed, again)); /* left as it was */
        arena_close(&arena);
}

static void test_what_is_worth_it(void **state)
{
        (void)state;
        assert_true(packing_is_worth("text/html; charset=utf-8"));
        assert_true(packing_is_worth("application/json; charset=utf-8"));
        assert_true(packing_is_worth("image/svg+xml"));
        assert_false(packing_is_worth(
                        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"));
        assert_false(packing_is_worth("image/png"));
        assert_false(packing_is_worth(NULL));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_who_takes_it),
                cmocka_unit_test(test_what_is_packed_is_what_there_was),
                cmocka_unit_test(test_what_is_worth_it),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
