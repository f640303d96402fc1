#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/hash.h"

static void assert_hex(const char *why, const void *bytes, size_t n, const char *expected)
{
        char hex[2 * 64 + 1] = { 0 };
        hash_write_hex(bytes, n, hex);
        if (strcmp(hex, expected) != 0)
                fail_msg("%s: %s, not %s", why, hex, expected);
}

static const struct {
        const char *why;
        enum ledger_hash algorithm;
        const char *text, *hash;
} known[] = {
        { "FIPS 180-4, example B.1", LEDGER_SHA256, "abc",
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        { "FIPS 180-4, example B.2: two blocks", LEDGER_SHA256,
                        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
        { "the empty text", LEDGER_SHA256, "",
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { "GB/T 32905-2016, A.1", LEDGER_SM3, "abc",
                        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0" },
        { "GB/T 32905-2016, A.2: a full block", LEDGER_SM3,
                        "abcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcd",
                        "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732" },
        { "the empty text", LEDGER_SM3, "",
                        "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b" },
};

static void test_known_answers(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(known); i++) {
                assert_true(hash_is_available(known[i].algorithm));
                struct hash hash = hash_bytes(known[i].algorithm, str_of(known[i].text));
                assert_hex(known[i].why, hash.b, HASH_BYTES, known[i].hash);
        }
}

static void test_pieces_are_the_whole(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(known); i++) {
                struct hasher hasher;
                hasher_start(&hasher, known[i].algorithm);
                for (const char *c = known[i].text; *c != '\0'; c++)
                        hasher_add(&hasher, c, 1);
                struct hash hash = hasher_finish(&hasher);
                assert_hex(known[i].why, hash.b, HASH_BYTES, known[i].hash);
        }
}

/* RFC 4231 for SHA-256; for SM3 the construction of RFC 2104 by hand. */
static void test_hmac(void **state)
{
        (void)state;
        uint8_t long_key[131];
        memset(long_key, 0xaa, sizeof(long_key));
        struct hmac hmac;
        hmac_init(&hmac, LEDGER_SHA256, "Jefe", 4);
        struct hash hash = hmac_bytes(&hmac, STR_LIT("what do ya want for nothing?"));
        assert_hex("RFC 4231 case 2", hash.b, HASH_BYTES,
                        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        hmac_init(&hmac, LEDGER_SHA256, long_key, sizeof(long_key));
        hash = hmac_bytes(&hmac, STR_LIT("Test Using Larger Than Block-Size Key - "
                                         "Hash Key First"));
        assert_hex("RFC 4231 case 6", hash.b, HASH_BYTES,
                        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");

        uint8_t inner[64 + 1], outer[64 + HASH_BYTES];
        for (size_t i = 0; i < 64; i++) {
                inner[i] = (uint8_t)((i == 0 ? 'k' : 0) ^ 0x36);
                outer[i] = (uint8_t)((i == 0 ? 'k' : 0) ^ 0x5c);
        }
        inner[64] = 'x';
        hash = hash_bytes(LEDGER_SM3, (struct str){ (char *)inner, sizeof(inner) });
        memcpy(outer + 64, hash.b, HASH_BYTES);
        struct hash expected = hash_bytes(LEDGER_SM3, (struct str){ (char *)outer, sizeof(outer) });
        hmac_init(&hmac, LEDGER_SM3, "k", 1);
        for (int again = 0; again < 2; again++) { /* a prepared key serves any number of times */
                hash = hmac_bytes(&hmac, STR_LIT("x"));
                assert_true(hash_eq(&hash, &expected));
        }
}

static void test_expand(void **state)
{
        (void)state;
        static const char prk[] =
                        "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5";
        uint8_t key[HASH_BYTES];
        assert_true(hash_parse_hex(str_of(prk), key, sizeof(key)));
        struct hmac hmac;
        hmac_init(&hmac, LEDGER_SHA256, key, sizeof(key));
        struct hash hash = hmac_expand(
                        &hmac, STR_LIT("\xf0\xf1\xf2\xf3\xf4"), STR_LIT("\xf5\xf6\xf7\xf8\xf9"));
        assert_hex("RFC 5869 test case 1, first block", hash.b, HASH_BYTES,
                        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
}

static void test_names(void **state)
{
        (void)state;
        enum ledger_hash algorithm = LEDGER_SHA256;
        assert_true(hash_by_name(STR_LIT("sm3"), &algorithm));
        assert_int_equal(algorithm, LEDGER_SM3);
        assert_string_equal(hash_name(LEDGER_SHA256), "sha256");
        assert_false(hash_by_name(STR_LIT("SHA256"), &algorithm));
        assert_int_equal(algorithm, LEDGER_SM3);
}

static void test_hex(void **state)
{
        (void)state;
        static const struct {
                const char *why, *text;
                bool ok;
        } rows[] = {
                { "two bytes", "00ff", true },
                { "upper case is another text for the same hash", "00FF", false },
                { "too short", "00f", false },
                { "too long", "00ff0", false },
                { "not a digit", "00fg", false },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                uint8_t bytes[2];
                if (hash_parse_hex(str_of(rows[i].text), bytes, 2) != rows[i].ok)
                        fail_msg("%s", rows[i].why);
        }
}

static void test_base64(void **state)
{
        (void)state;
        static const struct {
                const char *why, *text, *bytes; /* NULL = refused */
        } rows[] = {
                { "RFC 4648 section 10", "Zm9vYmFy", "foobar" },
                { "one pad", "Zm9vYmE=", "fooba" },
                { "two pads", "Zm9vYg==", "foob" },
                { "nothing", "", "" },
                { "pad missing", "Zm9vYg", NULL },
                { "stray bits under the pad", "Zm9vYh==", NULL },
                { "white space", "Zm9v\nmFy", NULL },
                { "white space around", " Zm9vYmE", NULL },
                { "URL alphabet", "Zm9-YmFy", NULL },
                { "only pads", "====", NULL },
                { "pad inside", "Zm==YmFy", NULL },
        };
        struct arena *arena = arena_open();
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct str bytes;
                bool ok = hash_parse_base64(arena, str_of(rows[i].text), &bytes);
                if (ok != (rows[i].bytes != NULL) || (ok && !str_is(bytes, rows[i].bytes)))
                        fail_msg("%s: %s", rows[i].why, rows[i].text);
        }
        arena_close(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_known_answers),
                cmocka_unit_test(test_pieces_are_the_whole),
                cmocka_unit_test(test_hmac),
                cmocka_unit_test(test_expand),
                cmocka_unit_test(test_names),
                cmocka_unit_test(test_hex),
                cmocka_unit_test(test_base64),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
