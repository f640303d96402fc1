/* Drafts and query codes: who has the code has the draft, nobody else; they end by themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "desk/codes.h"
#include "desk/drafts.h"

struct shelf {
        struct arena *arena;
        struct store *store;
        struct moment now;
        struct err err;
};

static void must(struct shelf *s, bool ok)
{
        if (!ok)
                fail_msg("%s: %s", err_text(s->err.code)->name, s->err.detail);
}

static struct shelf open_shelf(void)
{
        struct shelf s = { .arena = arena_open(), .now = { 1700000000 } };
        const struct store_options options = { .create = true };
        must(&s, store_open(":memory:", &options, &s.store, &s.err));
        return s;
}

static void close_shelf(struct shelf *s)
{
        store_close(&s->store);
        arena_close(&s->arena);
}

static bool get(struct shelf *s, struct str code, struct draft *ret)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        must(s, snapshot_open(s->store, &snapshot, &s->err));
        return drafts_get(s->arena, snapshot, code, s->now, ret, &s->err);
}

static struct draft sample(void)
{
        return (struct draft){ .procedure = STR_LIT("p"),
                .act = STR_LIT("a"),
                .party = STR_LIT("applicant"),
                .unit = STR_LIT("u"),
                .fields = value_context(NULL, 0) };
}

static void test_kept_until_it_expires(void **state)
{
        (void)state;
        struct shelf s = open_shelf();
        struct draft draft = sample(), got;
        struct str code, again;
        must(&s, drafts_code(s.arena, &code, &s.err));
        assert_int_equal(code.n, DRAFT_CODE_CHARS);
        assert_true(drafts_read_code(s.arena, code, &again) && str_eq(code, again));
        must(&s, drafts_put(s.arena, s.store, code, &draft, NULL, 0, s.now, &s.err));
        must(&s, get(&s, code, &got));
        assert_true(str_is(got.procedure, "p") && str_is(got.party, "applicant"));
        assert_false(get(&s, STR_LIT("2222-2222-2222-2222"), &got));
        assert_int_equal(s.err.code, E_DRAFT_NONE);
        s.now.second += (int64_t)DRAFT_DAYS * 86400;
        assert_false(get(&s, code, &got));
        assert_int_equal(s.err.code, E_DRAFT_NONE);
        close_shelf(&s);
}

static void test_codes_as_typed(void **state)
{
        (void)state;
        static const struct {
                const char *typed;
                bool is;
        } rows[] = {
                { "abcd-efgh-jkmn-2345", true },
                { " ABCD EFGH JKMN 2345 ", true },
                { "ABCDEFGHJKMN2345", true },
                { "ABCD-EFGH-JKMN-234", false },
                { "ABCD-EFGH-JKMN-23456", false },
                { "ABCD-EFGH-JKMN-234O", false },
                { "ABCD-EFGH-JKMN-234\x80", false },
                { "", false },
        };
        struct arena *arena _cleanup_(arena_close) = arena_open();
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct str code;
                if (drafts_read_code(arena, str_of(rows[i].typed), &code) != rows[i].is)
                        fail_msg("%s", rows[i].typed);
        }
}

static void test_files_and_limits(void **state)
{
        (void)state;
        struct shelf s = open_shelf();
        struct draft draft = sample();
        struct draft_file files[DRAFT_FILES_MAX + 1];
        const struct draft_file *kept;
        struct snapshot *snapshot = NULL;
        struct str code;
        size_t n;
        for (size_t i = 0; i < N_ELEMENTS(files); i++)
                files[i] = (struct draft_file){ .hash = str_format(s.arena, "%064zx", i),
                        .name = STR_LIT("n.pdf"),
                        .type = STR_LIT("application/pdf"),
                        .bytes = str_format(s.arena, "%%PDF-%zu", i) };
        must(&s, drafts_code(s.arena, &code, &s.err));
        must(&s, drafts_put(s.arena, s.store, code, &draft, files, 2, s.now, &s.err));
        must(&s, drafts_put(s.arena, s.store, code, &draft, files, 2, s.now, &s.err));
        assert_false(drafts_put(
                        s.arena, s.store, code, &draft, files, N_ELEMENTS(files), s.now, &s.err));
        assert_int_equal(s.err.code, E_LIMIT);
        must(&s, snapshot_open(s.store, &snapshot, &s.err));
        must(&s, drafts_files(s.arena, snapshot, code, &kept, &n, &s.err));
        snapshot_close(&snapshot);
        assert_int_equal(n, 2);
        assert_int_equal(kept[0].hash.n, 64);
        must(&s, drafts_keep_files(s.store, code, &s.err));
        must(&s, drafts_end(s.store, code, &s.err));
        must(&s, snapshot_open(s.store, &snapshot, &s.err));
        must(&s, drafts_files(s.arena, snapshot, code, &kept, &n, &s.err));
        snapshot_close(&snapshot);
        assert_int_equal(n, 0);
        close_shelf(&s);
}

static void test_no_more_than_so_many(void **state)
{
        (void)state;
        struct shelf s = open_shelf();
        struct draft draft = sample();
        struct tx *tx = NULL;
        struct str code, begun;
        must(&s, drafts_code(s.arena, &begun, &s.err));
        must(&s, drafts_put(s.arena, s.store, begun, &draft, NULL, 0, s.now, &s.err));
        must(&s, store_begin(s.store, &tx, &s.err));
        for (uint32_t i = 1; i < DRAFTS_MAX; i++) {
                struct str hash = { (const char *)&i, sizeof(i) };
                must(&s, tx_run(tx, Q_DRAFT_PUT,
                                         PARAMS(param_blob(hash), param_blob(STR_LIT("{}")),
                                                         param_int(s.now.second + 1)),
                                         &s.err));
        }
        must(&s, tx_commit(&tx, &s.err));
        must(&s, drafts_code(s.arena, &code, &s.err));
        assert_false(drafts_put(s.arena, s.store, code, &draft, NULL, 0, s.now, &s.err));
        assert_int_equal(s.err.code, E_DRAFT_FULL);
        /* whoever has begun goes on */
        must(&s, drafts_put(s.arena, s.store, begun, &draft, NULL, 0, s.now, &s.err));
        s.now.second += 1; /* they have expired */
        must(&s, drafts_put(s.arena, s.store, code, &draft, NULL, 0, s.now, &s.err));
        close_shelf(&s);
}

static void test_query_codes(void **state)
{
        (void)state;
        struct shelf s = open_shelf();
        struct snapshot *snapshot = NULL;
        struct str none, one, same, other;
        must(&s, snapshot_open(s.store, &snapshot, &s.err));
        must(&s, codes_of(s.arena, snapshot, STR_LIT("1"), STR_LIT("a"), &none, &s.err));
        assert_int_equal(none.n, 0); /* no secret yet: no codes */
        snapshot_close(&snapshot);
        must(&s, codes_prepare(s.store, &s.err));
        must(&s, codes_prepare(s.store, &s.err)); /* the secret stays */
        must(&s, snapshot_open(s.store, &snapshot, &s.err));
        must(&s, codes_of(s.arena, snapshot, STR_LIT("1"), STR_LIT("a"), &one, &s.err));
        must(&s, codes_of(s.arena, snapshot, STR_LIT("1"), STR_LIT("a"), &same, &s.err));
        must(&s, codes_of(s.arena, snapshot, STR_LIT("1"), STR_LIT("b"), &other, &s.err));
        snapshot_close(&snapshot);
        assert_int_equal(one.n, 14);
        assert_true(str_eq(one, same));
        assert_false(str_eq(one, other));
        close_shelf(&s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_kept_until_it_expires),
                cmocka_unit_test(test_codes_as_typed),
                cmocka_unit_test(test_files_and_limits),
                cmocka_unit_test(test_no_more_than_so_many),
                cmocka_unit_test(test_query_codes),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
