/* TOTP against the vectors of RFC 6238 appendix B and RFC 4226 appendix D. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "account/totp.h"

static const struct str rfc_secret = { "12345678901234567890", 20 };

static void test_vectors(void **state)
{
        (void)state;
        static const struct {
                int64_t second;
                uint32_t code;
        } rows[] = {
                { 59, 94287082 },
                { 1111111109, 7081804 },
                { 1111111111, 14050471 },
                { 1234567890, 89005924 },
                { 2000000000, 69279037 },
                { 20000000000, 65353130 },
        };
        static const uint32_t hotp[] = { 755224, 287082, 359152, 969429, 338314, 254676, 287922,
                162583, 399871, 520489 };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++)
                assert_int_equal(totp_code(rfc_secret, rows[i].second / TOTP_STEP_SECONDS, 8),
                                rows[i].code);
        for (size_t i = 0; i < N_ELEMENTS(hotp); i++)
                assert_int_equal(totp_code(rfc_secret, (int64_t)i, 6), hotp[i]);
}

static void test_window(void **state)
{
        (void)state;
        static const struct {
                const char *why, *code;
                int64_t second, used;
                bool ok;
        } rows[] = {
                { "its own step", "287082", 59, -1, true },
                { "the step before, for a slow telephone", "287082", 89, -1, true },
                { "the step after, for a fast one", "287082", 29, -1, true },
                { "two steps late", "287082", 90, -1, false },
                { "used already (RFC 6238 section 5.2)", "287082", 59, 1, false },
                { "an earlier step than the one used", "287082", 59, 2, false },
                { "wrong", "287083", 59, -1, false },
                { "too short", "28708", 59, -1, false },
                { "too long", "2870820", 59, -1, false },
                { "empty", "", 59, -1, false },
                { "not digits", "28708x", 59, -1, false },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                int64_t step = -7;
                bool ok = totp_check(rfc_secret, str_of(rows[i].code),
                                (struct moment){ rows[i].second }, rows[i].used, &step);
                if (ok != rows[i].ok)
                        fail_msg("%s", rows[i].why);
                assert_int_equal(step, ok ? 1 : -7);
        }
}

/* RFC 4648 section 10, without the padding that telephones do not want. */
static void test_base32(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        static const char *const rows[][2] = {
                { "", "" },
                { "f", "MY" },
                { "fo", "MZXQ" },
                { "foo", "MZXW 6" },
                { "foob", "MZXW 6YQ" },
                { "fooba", "MZXW 6YTB" },
                { "foobar", "MZXW 6YTB OI" },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++)
                if (!str_is(totp_base32(arena, str_of(rows[i][0])), rows[i][1]))
                        fail_msg("%s: %s", rows[i][0],
                                        str_c(arena, totp_base32(arena, str_of(rows[i][0]))));
        assert_true(str_is(totp_uri(arena, STR_LIT("市 局"), STR_LIT("a@b"), rfc_secret),
                        "otpauth://totp/%E5%B8%82%20%E5%B1%80:a%40b"
                        "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=%E5%B8%82%20%E5%B1%80"));
        arena_close(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_vectors),
                cmocka_unit_test(test_window),
                cmocka_unit_test(test_base32),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
