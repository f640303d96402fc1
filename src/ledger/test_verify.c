#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/verify.h"

#define ORIGIN "ledger.example.gov.cn/o"
#define N      9

/* A ledger of nine events with checkpoints after the fourth and the last, to be spoilt. */
struct book {
        struct arena *arena;
        enum ledger_hash algorithm;
        struct note_signer signer;
        struct event events[N];
        struct verify_record records[N];
        struct str notes[N + 1]; /* fed after that many events; empty = none */
        size_t n;
        struct verify_config config;
};

static void seal_all(struct book *book)
{
        struct merkle_frontier frontier = { 0 };
        struct err err;
        for (size_t i = 0; i < N; i++) {
                struct sealed sealed;
                assert_true(ledger_seal(
                                book->arena, book->algorithm, &book->events[i], &sealed, &err));
                book->records[i] = (struct verify_record){ .leaf = sealed.leaf,
                        .disclosed = sealed.disclosed,
                        .secret = book->events[i].secret };
                merkle_append(book->algorithm, &frontier, &sealed.leaf_hash, NULL, NULL);
                if (i + 1 != 4 && i + 1 != N)
                        continue;
                struct checkpoint checkpoint = { STR_LIT(ORIGIN), i + 1,
                        merkle_root(book->algorithm, &frontier) };
                assert_true(checkpoint_sign(book->arena, &checkpoint, &book->signer,
                                &book->notes[i + 1], &err));
        }
}

static void open_book(struct book *book, struct arena *arena, enum ledger_hash algorithm)
{
        *book = (struct book){ .arena = arena, .algorithm = algorithm, .n = N };
        uint8_t seed[SIGNATURE_SEED_BYTES] = { 42 };
        struct err err;
        assert_true(note_signer_init(STR_LIT(ORIGIN), seed, &book->signer, &err));
        for (size_t i = 0; i < N; i++) {
                struct event *event = &book->events[i];
                *event = (struct event){
                        .organ = STR_LIT("o"),
                        .seq = (int64_t)i,
                        .procedure = STR_LIT("p@1"),
                        .act = STR_LIT("a"),
                        .actor = STR_LIT("u"),
                        .time = { 1600000000 + (int64_t)i },
                };
                event->secret[0] = (uint8_t)i;
                assert_true(value_parse_json(arena, STR_LIT("{\"amount\":5,\"name\":\"林某\"}"),
                                &event->data, &err));
        }
        seal_all(book);
        book->config = (struct verify_config){ .algorithm = algorithm,
                .organ = STR_LIT("o"),
                .origin = STR_LIT(ORIGIN),
                .keys = &book->signer.key,
                .n_keys = 1 };
}

static bool read_book(struct book *book, struct verify_report *report, struct err *err)
{
        struct verify verify;
        verify_start(&verify, &book->config);
        for (size_t i = 0; i <= book->n; i++) {
                if (book->notes[i].n != 0)
                        verify_checkpoint(book->arena, &verify, book->notes[i]);
                if (i < book->n)
                        verify_event(book->arena, &verify, &book->records[i]);
        }
        return verify_finish(&verify, report, err);
}

static void test_a_sound_ledger(void **state)
{
        static struct book book;
        for (int a = 0; a < 2; a++) {
                open_book(&book, *state, a == 0 ? LEDGER_SHA256 : LEDGER_SM3);
                struct verify_report report;
                struct err err;
                assert_true(read_book(&book, &report, &err));
                assert_int_equal(report.n_events, N);
                assert_int_equal(report.n_fields, 2 * N);
                assert_int_equal(report.n_checkpoints, 2);
                assert_int_equal(report.n_erased + report.n_partly + report.n_unsigned, 0);
                assert_int_equal(report.n_problems + report.n_warnings, 0);
                assert_int_equal(report.problem.code, E_NONE);
        }
}

/* 个人信息保护法 第四十七条: erasing values leaves the ledger whole. */
static void test_erasure_leaves_the_proofs(void **state)
{
        static struct book book;
        open_book(&book, *state, LEDGER_SHA256);
        struct leaf leaf;
        struct str name = STR_LIT("amount");
        struct verify_report report;
        struct err err;
        book.records[2] = (struct verify_record){ .leaf = book.records[2].leaf };
        assert_true(ledger_parse_leaf(book.records[5].leaf, &leaf, &err));
        assert_true(ledger_prove_fields(book.arena, LEDGER_SHA256, &leaf, book.records[5].disclosed,
                        book.records[5].secret, &name, 1, &book.records[5].proof, &err));
        book.records[5].disclosed = (struct str){ NULL, 0 };
        book.records[5].secret = NULL;
        assert_true(read_book(&book, &report, &err));
        assert_int_equal(report.n_erased, 1);
        assert_int_equal(report.n_partly, 1);
        assert_int_equal(report.n_fields, 2 * (N - 2) + 1);
}

static void change_value(struct book *book)
{
        struct str copy = str_copy(book->arena, book->records[3].disclosed);
        ((char *)copy.p)[str_find(copy, STR_LIT("5"))] = '6';
        book->records[3].disclosed = copy;
}

static void change_secret(struct book *book)
{
        book->events[3].secret[31] ^= 1;
}

static void drop_secret(struct book *book)
{
        book->records[3].secret = NULL;
}

static void drop_disclosed(struct book *book)
{
        book->records[3].disclosed = (struct str){ NULL, 0 };
}

static void change_actor(struct book *book)
{
        struct str copy = str_copy(book->arena, book->records[3].leaf);
        ((char *)copy.p)[str_find(copy, STR_LIT("\"u\"")) + 1] = 'v';
        book->records[3].leaf = copy;
}

static void break_leaf(struct book *book)
{
        book->records[3].leaf = STR_LIT("{}");
}

static void drop_event(struct book *book)
{
        memmove(&book->records[3], &book->records[4], (N - 4) * sizeof(book->records[0]));
        book->n--;
        book->notes[N - 1] = book->notes[N];
}

static void double_event(struct book *book)
{
        book->records[4] = book->records[3];
}

static void swap_events(struct book *book)
{
        struct verify_record record = book->records[1];
        book->records[1] = book->records[2];
        book->records[2] = record;
}

static void cut_tail(struct book *book)
{
        book->n = N - 1;
        book->notes[N - 1] = book->notes[N];
}

/* The whole log rewritten, seals and all: only a signed head of before tells. */
static void rewrite(struct book *book)
{
        struct str before = book->notes[N];
        book->events[3].actor = STR_LIT("v");
        seal_all(book);
        book->notes[4] = (struct str){ NULL, 0 };
        book->notes[N] = before;
}

static void take_other_organ(struct book *book)
{
        book->events[3].organ = STR_LIT("o2");
        seal_all(book);
}

static void turn_clock_back(struct book *book)
{
        book->events[3].time.second = 1;
        seal_all(book);
}

static void sign_otherwise(struct book *book)
{
        static const uint8_t seed[SIGNATURE_SEED_BYTES] = { 43 };
        struct err err;
        assert_true(note_signer_init(STR_LIT(ORIGIN), seed, &book->signer, &err));
}

static void spoil_signature(struct book *book)
{
        struct str copy = str_copy(book->arena, book->notes[N]);
        size_t at = str_find(copy, STR_LIT("\n9\n")) + 1;
        ((char *)copy.p)[at] = '8';
        book->notes[N] = copy;
}

static void late_checkpoint(struct book *book)
{
        book->notes[5] = book->notes[4];
        book->notes[4] = (struct str){ NULL, 0 };
}

static void empty(struct book *book)
{
        book->n = 0;
        book->notes[4] = book->notes[N] = (struct str){ NULL, 0 };
}

static void no_checkpoints(struct book *book)
{
        book->notes[4] = book->notes[N] = (struct str){ NULL, 0 };
}

static void only_an_empty_head(struct book *book)
{
        struct err err;
        no_checkpoints(book);
        struct checkpoint checkpoint = { STR_LIT(ORIGIN), 0, merkle_empty_root(book->algorithm) };
        assert_true(checkpoint_sign(
                        book->arena, &checkpoint, &book->signer, &book->notes[0], &err));
}

static void test_what_is_found(void **state)
{
        static const struct {
                const char *why;
                void (*spoil)(struct book *);
                enum err_code code;
                uint64_t at;
        } rows[] = {
                { "a value changed", change_value, E_EVENT_CHANGED, 3 },
                { "the secret changed", change_secret, E_EVENT_CHANGED, 3 },
                { "values without their secret are not erased", drop_secret, E_EVENT_CHANGED, 3 },
                { "nor is a secret without its values", drop_disclosed, E_EVENT_CHANGED, 3 },
                { "the leaf changed: the next head tells", change_actor, E_VERIFY_ROOT, 4 },
                { "the leaf is no leaf", break_leaf, E_EVENT_LEAF, 3 },
                { "an event taken out", drop_event, E_VERIFY_SEQ, 3 },
                { "an event twice", double_event, E_VERIFY_SEQ, 4 },
                { "two events swapped", swap_events, E_VERIFY_SEQ, 1 },
                { "the end cut off", cut_tail, E_VERIFY_ORDER, N - 1 },
                { "the log rewritten", rewrite, E_VERIFY_ROOT, N },
                { "another organ's event", take_other_organ, E_VERIFY_ORGAN, 3 },
                { "the time goes back", turn_clock_back, E_VERIFY_TIME, 3 },
                { "signed by somebody else", sign_otherwise, E_NOTE_UNSIGNED, 4 },
                { "a head changed after it was signed", spoil_signature, E_NOTE_SIGNATURE, N },
                { "a head in the wrong place", late_checkpoint, E_VERIFY_ORDER, 5 },
                { "an empty ledger proves nothing", empty, E_VERIFY_NOTHING, 0 },
                { "without a head it proves nothing", no_checkpoints, E_VERIFY_NOTHING, 0 },
                { "the head of an empty ledger vouches for nothing", only_an_empty_head,
                                E_VERIFY_NOTHING, 0 },
        };
        static struct book book;
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                open_book(&book, *state, LEDGER_SHA256);
                rows[i].spoil(&book);
                struct verify_report report;
                struct err err = { .code = E_NONE };
                bool ok = read_book(&book, &report, &err);
                if (ok || err.code != rows[i].code)
                        fail_msg("%s: %s %s", rows[i].why, err_text(err.code)->name, err.detail);
                if (report.n_problems != 0 && report.problem_at != rows[i].at)
                        fail_msg("%s: found at %d", rows[i].why, (int)report.problem_at);
        }
}

static void test_what_may_be_allowed(void **state)
{
        static struct book book;
        struct verify_report report;
        struct err err;
        open_book(&book, *state, LEDGER_SHA256);
        turn_clock_back(&book);
        book.config.time_may_go_back = true;
        assert_true(read_book(&book, &report, &err));
        assert_int_equal(report.n_warnings, 1);
        assert_int_equal(report.warning.code, E_VERIFY_TIME);
        assert_int_equal(report.warning_at, 3);

        open_book(&book, *state, LEDGER_SHA256);
        no_checkpoints(&book);
        book.config.without_checkpoints = true;
        assert_true(read_book(&book, &report, &err));
        assert_int_equal(report.n_unsigned, N);

        open_book(&book, *state, LEDGER_SHA256);
        book.notes[N] = (struct str){ NULL, 0 };
        assert_true(read_book(&book, &report, &err));
        assert_int_equal(report.n_unsigned, N - 4);
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

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_a_sound_ledger),
                TEST(test_erasure_leaves_the_proofs),
                TEST(test_what_is_found),
                TEST(test_what_may_be_allowed),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
