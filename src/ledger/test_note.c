#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/hash.h"
#include "ledger/note.h"

static void parse_hex(const char *hex, void *ret, size_t n)
{
        assert_true(hash_parse_hex(str_of(hex), ret, n));
}

static void test_ed25519(void **state)
{
        (void)state;
        static const struct {
                const char *why, *seed, *public_key, *message, *signature;
        } rows[] = {
                { "RFC 8032 section 7.1, test 1",
                                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                                "",
                                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555f"
                                "b8821590a33bacc61e"
                                "39701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
                { "RFC 8032 section 7.1, test 2",
                                "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
                                "72",
                                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da08"
                                "5ac1e43e15996e458f"
                                "3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00" },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                uint8_t seed[32], public_key[SIGNATURE_PUBLIC_BYTES_MAX], wanted[32], message[8],
                                made[64], signature[64];
                struct str text = { (char *)message, strlen(rows[i].message) / 2 };
                parse_hex(rows[i].seed, seed, 32);
                parse_hex(rows[i].public_key, wanted, 32);
                parse_hex(rows[i].message, message, text.n);
                parse_hex(rows[i].signature, signature, 64);
                signature_public(SIGNATURE_ED25519, seed, public_key);
                assert_memory_equal(public_key, wanted, 32);
                signature_sign(SIGNATURE_ED25519, seed, text, made);
                assert_memory_equal(made, signature, 64);
                struct str given = { (char *)signature, 64 };
                assert_true(signature_verify(SIGNATURE_ED25519, public_key, text, given));
                for (size_t bit = 0; bit < 512; bit++) {
                        signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
                        assert_false(signature_verify(SIGNATURE_ED25519, public_key, text, given));
                        signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
                }
                given.n = 63;
                assert_false(signature_verify(SIGNATURE_ED25519, public_key, text, given));
        }
}

/* GB/T 32918.5-2017 appendix A.2, with the id "1234567812345678". */
static void test_sm2(void **state)
{
        struct arena *arena = *state;
        static const char seed_hex[] =
                        "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8";
        static const char public_hex[] =
                        "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
                        "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13";
        static const char signature_hex[] =
                        "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
                        "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa";
        uint8_t seed[32], public_key[SIGNATURE_PUBLIC_BYTES_MAX], wanted[65], signature[64];
        struct str text = STR_LIT("message digest"), given = { (char *)signature, 64 };
        parse_hex(seed_hex, seed, 32);
        parse_hex(public_hex, wanted, 65);
        parse_hex(signature_hex, signature, 64);
        assert_true(signature_is_seed(SIGNATURE_SM2, seed));
        signature_public(SIGNATURE_SM2, seed, public_key);
        assert_memory_equal(public_key, wanted, 65);
        assert_true(signature_verify(SIGNATURE_SM2, public_key, text, given));
        for (size_t bit = 0; bit < 512; bit += 7) {
                signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
                assert_false(signature_verify(SIGNATURE_SM2, public_key, text, given));
                signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        public_key[64] ^= 1; /* no point of the curve */
        assert_false(signature_verify(SIGNATURE_SM2, public_key, text, given));
        public_key[0] = 0x02;
        assert_false(signature_verify(SIGNATURE_SM2, public_key, text, given));

        /* A key of its own type, written and read again; a note signed by both kinds. */
        struct note_signer national, other;
        struct note_key keys[2];
        struct str note, opened;
        struct err err;
        assert_true(note_sm2_signer_init(STR_LIT("plumbline/350200"), seed, &national, &err));
        assert_true(note_signer_init(STR_LIT("plumbline/350200"), seed, &other, &err));
        assert_true(note_key_parse(arena, note_key_format(arena, &national.key), &keys[0], &err));
        assert_int_equal(keys[0].algorithm, SIGNATURE_SM2);
        assert_memory_equal(keys[0].id, national.key.id, 4);
        keys[1] = other.key;
        assert_true(note_sign(arena, STR_LIT("a\n1\n"), &national, &note, &err));
        assert_true(note_open(arena, note, &keys[0], 1, &opened, &err));
        assert_false(note_open(arena, note, &keys[1], 1, &opened, &err));
        assert_int_equal(err.code, E_NOTE_UNSIGNED);
        assert_true(note_sign_also(arena, note, &other, &note, &err));
        assert_true(note_open(arena, note, &keys[1], 1, &opened, &err));
        assert_true(note_open(arena, note, &keys[0], 1, &opened, &err));
        assert_true(str_is(opened, "a\n1\n"));
        assert_false(note_sign_also(arena, STR_LIT("a\n1\n"), &other, &note, &err));
        assert_int_equal(err.code, E_NOTE);

        static const uint8_t zero[32];
        memset(seed, 0xff, sizeof(seed)); /* past the order of the group */
        assert_false(signature_is_seed(SIGNATURE_SM2, seed));
        assert_false(signature_is_seed(SIGNATURE_SM2, zero));
        assert_false(note_sm2_signer_init(STR_LIT("k"), zero, &national, &err));
        assert_int_equal(err.code, E_NOTE_KEY);
}

/* The example of the reference implementation (golang.org/x/mod/sumdb/note). */
#define NEUMANN "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define ENOCH   "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
#define TEXT                                                                                       \
        "If you think cryptography is the answer to your problem,\n"                               \
        "then you don't know what your problem is.\n"
#define SIGNED_NEUMANN                                                                              \
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdng" \
        "otpRZb6KE6RyyBwJnAM=\n"
#define SIGNED_ENOCH                                                                                 \
        "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWL" \
        "ox33WWd1RvMc+QQ=\n"

static void test_the_reference_note(void **state)
{
        struct arena *arena = *state;
        struct note_key keys[2];
        struct note_signer signer;
        struct str text, note;
        struct err err;
        assert_true(note_key_parse(arena, STR_LIT(NEUMANN), &keys[0], &err));
        assert_true(note_key_parse(arena, STR_LIT(ENOCH), &keys[1], &err));
        assert_true(note_open(arena, STR_LIT(TEXT "\n" SIGNED_NEUMANN SIGNED_ENOCH), keys, 2, &text,
                        &err));
        assert_true(str_is(text, TEXT));

        /* Its published private key signs the same note again. */
        struct str secret;
        assert_true(hash_parse_base64(
                        arena, STR_LIT("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"), &secret));
        assert_true(note_signer_init(
                        STR_LIT("PeterNeumann"), (const uint8_t *)secret.p + 1, &signer, &err));
        assert_true(str_is(note_key_format(arena, &signer.key), NEUMANN));
        assert_true(note_sign(arena, STR_LIT(TEXT), &signer, &note, &err));
        assert_true(str_is(note, TEXT "\n" SIGNED_NEUMANN));
}

static void test_notes_refused(void **state)
{
        struct arena *arena = *state;
        static const struct {
                const char *why, *note;
                enum err_code code;
        } rows[] = {
                { "signed by the known key", TEXT "\n" SIGNED_NEUMANN, E_NONE },
                { "and by a stranger", TEXT "\n" SIGNED_ENOCH SIGNED_NEUMANN, E_NONE },
                { "by a stranger only", TEXT "\n" SIGNED_ENOCH, E_NOTE_UNSIGNED },
                { "another text", "x\n\n" SIGNED_NEUMANN, E_NOTE_SIGNATURE },
                { "no empty line", TEXT SIGNED_NEUMANN, E_NOTE },
                { "no signature", TEXT "\n", E_NOTE },
                { "last line not ended", TEXT "\n— PeterNeumann x08go/ZJ", E_NOTE },
                { "another dash", TEXT "\n- PeterNeumann x08go/ZJkuBS\n", E_NOTE },
                { "no base64", TEXT "\n— PeterNeumann\n", E_NOTE },
                { "bad base64", TEXT "\n— PeterNeumann x08go/ZJkuB\n", E_NOTE },
                { "a key id and nothing else", TEXT "\n— PeterNeumann x08gow==\n", E_NOTE },
                { "a signature too short", TEXT "\n— PeterNeumann x08go/ZJkuBS\n",
                                E_NOTE_SIGNATURE },
                { "a space in the name", TEXT "\n— Peter Neumann x08go/ZJkuBS\n", E_NOTE },
                { "a control character", "\t\n\n" SIGNED_NEUMANN, E_NOTE },
                { "not UTF-8", "\xff\n\n" SIGNED_NEUMANN, E_NOTE },
                { "nothing", "", E_NOTE },
        };
        struct note_key key;
        struct err err;
        assert_true(note_key_parse(arena, STR_LIT(NEUMANN), &key, &err));
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct str text;
                err.code = E_NONE;
                bool ok = note_open(arena, str_of(rows[i].note), &key, 1, &text, &err);
                if (ok != (rows[i].code == E_NONE) || err.code != rows[i].code)
                        fail_msg("%s: %s", rows[i].why, err_text(err.code)->name);
        }
}

static void test_too_much_of_a_note(void **state)
{
        struct arena *arena = *state;
        struct buf buf = BUF(arena);
        struct str text;
        struct err err;
        buf_c(&buf, TEXT "\n");
        for (unsigned i = 0; i <= NOTE_SIGNATURES_MAX; i++)
                buf_c(&buf, SIGNED_ENOCH);
        assert_false(note_open(arena, buf_str(&buf), NULL, 0, &text, &err));
        assert_int_equal(err.code, E_NOTE);

        struct str large = { arena_alloc(arena, NOTE_BYTES_MAX + 1), NOTE_BYTES_MAX + 1 };
        memset((char *)large.p, 'x', large.n);
        assert_false(note_open(arena, large, NULL, 0, &text, &err));
        assert_int_equal(err.code, E_NOTE);
}

static void test_texts_that_cannot_be_signed(void **state)
{
        struct arena *arena = *state;
        static const uint8_t seed[32];
        static const char *const rows[] = { "", "no line end", "a tab\t\n", "\xff\n" };
        struct note_signer signer;
        struct str note;
        struct err err;
        assert_true(note_signer_init(STR_LIT("k"), seed, &signer, &err));
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                assert_false(note_sign(arena, str_of(rows[i]), &signer, &note, &err));
                assert_int_equal(err.code, E_NOTE);
        }
}

static void test_every_flip_in_a_note_shows(void **state)
{
        struct arena *arena = *state;
        struct arena *scratch = arena_open();
        struct note_key key;
        struct err err;
        assert_true(note_key_parse(arena, STR_LIT(NEUMANN), &key, &err));
        struct str note = str_copy(arena, STR_LIT(TEXT "\n" SIGNED_NEUMANN)), text;
        for (size_t bit = 0; bit < 8 * note.n; bit++) {
                ((char *)note.p)[bit / 8] ^= (char)(1 << bit % 8);
                if (note_open(scratch, note, &key, 1, &text, &err))
                        fail_msg("bit %zu of byte %zu", bit % 8, bit / 8);
                ((char *)note.p)[bit / 8] ^= (char)(1 << bit % 8);
                arena_reset(scratch);
        }
        arena_close(&scratch);
}

static void test_keys_refused(void **state)
{
        struct arena *arena = *state;
        static const struct {
                const char *why, *key;
                bool ok;
        } rows[] = {
                { "the reference key", NEUMANN, true },
                { "another name has another id",
                                "PeterNeuman+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                                false },
                { "no name", "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", false },
                { "an ideographic space in the name",
                                "Peter\xe3\x80\x80N+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/"
                                "LDE4izWy10TW",
                                false },
                { "id in upper case",
                                "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/"
                                "LDE4izWy10TW",
                                false },
                { "no key", "PeterNeumann+c74f20a3", false },
                { "an empty key", "PeterNeumann+c74f20a3+", false },
                { "a key too short", "PeterNeumann+c74f20a3+ARpc", false },
                { "an algorithm we do not have",
                                "PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/"
                                "LDE4izWy10TW",
                                false },
                { "nothing", "", false },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct note_key key;
                struct err err = { .code = E_NONE };
                bool ok = note_key_parse(arena, str_of(rows[i].key), &key, &err);
                if (ok != rows[i].ok || err.code != (ok ? E_NONE : E_NOTE_KEY))
                        fail_msg("%s", rows[i].why);
        }
        static const char *const names[] = { "", "a b", "a+b", "a\n", "\xff", "a\xc2\xa0" };
        static const uint8_t seed[32];
        for (size_t i = 0; i < N_ELEMENTS(names); i++) {
                struct note_signer signer;
                struct err err;
                assert_false(note_signer_init(str_of(names[i]), seed, &signer, &err));
                assert_int_equal(err.code, E_NOTE_KEY);
        }
}

static int open_arena(void **state)
{
        *state = arena_open();
        return 0;
}

static int close_arena(void **state)
{
        arena_close((struct arena **)state);
        return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_arena, close_arena)

/* c2sp.org/tlog-cosignature: a witness signs the time and the text. */
static void test_cosignatures(void **state)
{
        static const uint8_t log_seed[32] = { 1 }, witness_seed[32] = { 2 };
        struct arena *arena = arena_open();
        struct note_signer log, witness, same_key;
        struct str note, line, text = STR_LIT("example.com/log\n7\nroot\n"), opened;
        struct err err;
        size_t n;
        (void)state;
        assert_true(note_signer_init(STR_LIT("example.com/log"), log_seed, &log, &err));
        assert_true(note_cosigner_init(STR_LIT("w1"), witness_seed, &witness, &err));
        assert_true(note_signer_init(STR_LIT("w1"), witness_seed, &same_key, &err));
        /* The kind of signature is part of the key's identity. */
        assert_memory_not_equal(witness.key.id, same_key.key.id, 4);
        assert_true(note_sign(arena, text, &log, &note, &err));
        assert_false(note_cosign(arena, STR_LIT("no line end"), (struct moment){ 5 }, &witness,
                        &line, &err));
        assert_int_equal(err.code, E_NOTE);
        assert_true(note_cosign(arena, text, (struct moment){ 1700000000 }, &witness, &line, &err));
        struct str both = str_format(arena, "%.*s%.*s", STR_FMT(note), STR_FMT(line));
        assert_true(note_open(arena, both, &witness.key, 1, &opened, &err));
        assert_true(str_eq(opened, text));
        struct note_key keys[] = { log.key, witness.key, witness.key };
        assert_true(note_count(arena, both, keys, 3, &n, &err));
        assert_int_equal(n, 2);
        assert_true(note_count(arena, note, keys, 3, &n, &err));
        assert_int_equal(n, 1);

        /* Another time under the same signature, or a signature cut off. */
        struct str bytes, head = STR_LIT("\xe2\x80\x94 w1 ");
        assert_true(hash_parse_base64(arena, str_slice(line, head.n, line.n - 1), &bytes));
        for (size_t i = 4; i <= 12; i++) {
                char *forged = (char *)str_c(arena, bytes);
                size_t m = i == 12 ? bytes.n - 1 : bytes.n;
                memcpy(forged, bytes.p, bytes.n);
                if (i < 12)
                        forged[i] = (char)(forged[i] ^ (i == 4 ? 0x80 : 1));
                struct str bad = str_format(arena, "%.*s%.*s%.*s\n", STR_FMT(note), STR_FMT(head),
                                STR_FMT(hash_base64(arena, forged, m)));
                assert_false(note_open(arena, bad, &witness.key, 1, &opened, &err));
                assert_int_equal(err.code, E_NOTE_SIGNATURE);
                assert_false(note_count(arena, bad, keys, 3, &n, &err));
        }
        arena_close(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_ed25519),
                TEST(test_sm2),
                TEST(test_the_reference_note),
                TEST(test_notes_refused),
                TEST(test_too_much_of_a_note),
                TEST(test_texts_that_cannot_be_signed),
                TEST(test_every_flip_in_a_note_shows),
                TEST(test_keys_refused),
                cmocka_unit_test(test_cosignatures),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
