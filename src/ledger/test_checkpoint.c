#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/checkpoint.h"
#include "ledger/merkle.h"

#define ORIGIN "ledger.example.gov.cn/思明区"

static struct note_signer signer_of(uint8_t seed_byte)
{
        uint8_t seed[SIGNATURE_SEED_BYTES];
        struct note_signer signer;
        struct err err;
        memset(seed, seed_byte, sizeof(seed));
        assert_true(note_signer_init(STR_LIT(ORIGIN), seed, &signer, &err));
        return signer;
}

static void test_round_trip(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        struct note_signer signer = signer_of(1), other = signer_of(2);
        struct checkpoint checkpoint = { .origin = STR_LIT(ORIGIN),
                .size = 20852163,
                .root = merkle_empty_root(LEDGER_SM3) },
                          again = { .size = 7 };
        struct str note;
        struct err err;
        assert_true(checkpoint_sign(arena, &checkpoint, &signer, &note, &err));
        assert_true(str_starts(note, STR_LIT(ORIGIN "\n20852163\n")));
        assert_true(checkpoint_open(arena, note, STR_LIT(ORIGIN), &signer.key, 1, &again, &err));
        assert_true(str_is(again.origin, ORIGIN));
        assert_int_equal(again.size, 20852163);
        assert_true(hash_eq(&again.root, &checkpoint.root));

        again.size = 7;
        assert_false(checkpoint_open(
                        arena, note, STR_LIT("elsewhere"), &signer.key, 1, &again, &err));
        assert_int_equal(err.code, E_CHECKPOINT);
        assert_false(checkpoint_open(arena, note, STR_LIT(ORIGIN), &other.key, 1, &again, &err));
        assert_int_equal(err.code, E_NOTE_UNSIGNED);
        assert_int_equal(again.size, 7);

        checkpoint.origin = STR_LIT("two\nlines");
        assert_false(checkpoint_sign(arena, &checkpoint, &signer, &note, &err));
        assert_int_equal(err.code, E_CHECKPOINT);
        arena_close(&arena);
}

static void test_texts(void **state)
{
        (void)state;
#define ROOT "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
        static const struct {
                const char *why, *text;
                bool ok;
        } rows[] = {
                { "as c2sp.org/tlog-checkpoint has it",
                                "example.com/behind-the-sofa\n20852163\n" ROOT "\n", true },
                { "an empty log", "o\n0\n" ROOT "\n", true },
                { "extension lines are read past", "o\n1\n" ROOT "\nmore\nstill more\n", true },
                { "an empty extension line", "o\n1\n" ROOT "\n\n", false },
                { "no origin", "\n1\n" ROOT "\n", false },
                { "leading zero", "o\n01\n" ROOT "\n", false },
                { "a sign", "o\n+1\n" ROOT "\n", false },
                { "minus zero", "o\n-0\n" ROOT "\n", false },
                { "no number", "o\n\n" ROOT "\n", false },
                { "past 64 bits", "o\n18446744073709551616\n" ROOT "\n", false },
                { "a short root", "o\n1\n47DEQpj8HBSa\n", false },
                { "no root", "o\n1\n", false },
                { "line not ended", "o\n1\n" ROOT, false },
                { "carriage returns", "o\r\n1\r\n" ROOT "\r\n", false },
                { "nothing", "", false },
        };
        struct arena *arena = arena_open();
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct checkpoint checkpoint;
                struct err err = { .code = E_NONE };
                bool ok = checkpoint_parse(arena, str_of(rows[i].text), &checkpoint, &err);
                if (ok != rows[i].ok || err.code != (ok ? E_NONE : E_CHECKPOINT))
                        fail_msg("%s", rows[i].why);
        }
        arena_close(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_round_trip),
                cmocka_unit_test(test_texts),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
