/* The same tests run over SQLite and over a fake that fails at every n-th step. */
#include "store/test_store.h"

static opener *const openers[] = { open_sqlite, open_fake };

static void test_commit_and_rollback(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(openers); i++) {
                struct store *store = openers[i]();
                struct tx *tx = NULL;
                commit_one(store, "a", "1");
                assert_string_equal(stored(store, "a"), "1");

                assert_true(store_begin(store, &tx, &err));
                assert_true(put(tx, "a", "2"));
                assert_int_equal(tx_changed(tx), 1);
                assert_string_equal(seen(tx_snapshot(tx), "a"), "2");
                assert_string_equal(stored(store, "a"), "1"); /* others do not see it yet */
                tx_rollback(&tx);
                assert_null(tx);
                tx_rollback(&tx); /* harmless, for _cleanup_ */
                assert_string_equal(stored(store, "a"), "1");
                store_close(&store);
        }
}

static void test_savepoints(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(openers); i++) {
                struct store *store = openers[i]();
                struct tx *tx = NULL;
                assert_true(store_begin(store, &tx, &err));
                assert_true(put(tx, "kept", "1"));
                assert_true(tx_save(tx, &err));
                assert_true(put(tx, "kept", "2"));
                assert_true(put(tx, "undone", "2"));
                assert_true(tx_save(tx, &err)); /* marks nest */
                assert_true(put(tx, "inner", "3"));
                assert_true(tx_release(tx, &err));
                assert_true(tx_back(tx, &err)); /* takes the released one back too */
                assert_true(tx_save(tx, &err));
                assert_true(put(tx, "after", "4"));
                assert_true(tx_release(tx, &err));
                assert_true(tx_commit(&tx, &err));
                assert_string_equal(stored(store, "kept"), "1");
                assert_string_equal(stored(store, "undone"), "none");
                assert_string_equal(stored(store, "inner"), "none");
                assert_string_equal(stored(store, "after"), "4");
                store_close(&store);
        }
}

static void test_snapshot_stands_still(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(openers); i++) {
                struct store *store = openers[i]();
                struct snapshot *snapshot = NULL, *later = NULL;
                commit_one(store, "a", "1");
                assert_true(snapshot_open(store, &snapshot, &err));
                commit_one(store, "a", "2");
                commit_one(store, "b", "2");
                assert_string_equal(seen(snapshot, "a"), "1");
                assert_string_equal(seen(snapshot, "b"), "none");
                assert_true(snapshot_open(store, &later, &err));
                assert_string_equal(seen(later, "a"), "2");
                snapshot_close(&snapshot);
                snapshot_close(&later);
                assert_string_equal(stored(store, "a"), "2"); /* a pooled connection is fresh */
                store_close(&store);
        }
}

static void test_kinds_of_values(void **state)
{
        static const char bytes[] = { 0, 1, 2, (char)0xff };
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(openers); i++) {
                struct store *store = openers[i]();
                struct tx *tx = NULL;
                struct rows rows = { 0 };
                assert_true(store_begin(store, &tx, &err));
                assert_true(tx_run(tx, Q_EVENT_ADD,
                                PARAMS(param_int(id_of(3, 7)), param_null(), param_int(-5),
                                                param_blob((struct str){ bytes, 4 }),
                                                param_text(STR_LIT("办件")),
                                                param_blob((struct str){ NULL, 0 }), param_null()),
                                &err));
                assert_true(snapshot_rows(tx_snapshot(tx), Q_EVENT_GET,
                                PARAMS(param_int(id_of(3, 7))), &rows, &err));
                assert_true(rows_next(&rows));
                assert_int_equal(rows_width(&rows), 8);
                assert_int_equal(id_organ(rows_int(&rows, 0)), 3);
                assert_int_equal(id_seq(rows_int(&rows, 0)), 7);
                assert_true(rows_is_null(&rows, 1));
                assert_int_equal(rows_int(&rows, 1), 0);
                assert_int_equal(rows_int(&rows, 2), -5);
                assert_true(str_eq(rows_blob(&rows, 3), (struct str){ bytes, 4 }));
                assert_true(str_is(rows_text(&rows, 4), "办件"));
                assert_int_equal(rows_value(&rows, 0).kind, STORE_INT);
                assert_int_equal(rows_value(&rows, 1).kind, STORE_NULL);
                assert_int_equal(rows_value(&rows, 3).kind, STORE_BLOB);
                assert_int_equal(rows_value(&rows, 4).kind, STORE_TEXT);
                assert_int_equal(rows_blob(&rows, 5).n, 0);
                assert_false(rows_is_null(&rows, 5)); /* empty is not null */
                assert_false(rows_next(&rows));
                assert_true(rows_end(&rows, &err));
                rows_close(&rows); /* harmless */
                tx_rollback(&tx);
                store_close(&store);
        }
}

/* A loop may run the very statement it is looping over. */
static void test_nested_statement(void **state)
{
        (void)state;
        struct store *store = open_sqlite();
        struct tx *tx = NULL;
        int64_t pairs = 0, n = 0;
        bool found;
        assert_true(store_begin(store, &tx, &err));
        for (int i = 0; i < 3; i++)
                assert_true(tx_run(tx, Q_LEDGER_NEW,
                                PARAMS(param_int(i), param_text(STR_LIT("机关")),
                                                param_text(STR_LIT("sha256")),
                                                param_blob(STR_LIT("x"))),
                                &err));
        struct rows outer = { 0 };
        assert_true(snapshot_rows(tx_snapshot(tx), Q_LEDGER_LIST, NO_PARAMS, &outer, &err));
        while (rows_next(&outer)) {
                struct rows inner = { 0 };
                assert_true(snapshot_rows(tx_snapshot(tx), Q_LEDGER_LIST, NO_PARAMS, &inner, &err));
                while (rows_next(&inner))
                        pairs += rows_int(&outer, 0) * 3 + rows_int(&inner, 0);
                assert_true(rows_end(&inner, &err));
        }
        assert_true(rows_end(&outer, &err));
        assert_int_equal(pairs, 36); /* 0 + 1 + ... + 8 */
        assert_true(snapshot_int(tx_snapshot(tx), Q_EVENT_COUNT, NO_PARAMS, &n, &found, &err));
        assert_true(found);
        assert_int_equal(n, 0);
        assert_true(snapshot_int(tx_snapshot(tx), Q_COUNTER_GET, PARAMS(param_text(STR_LIT("x"))),
                        &n, &found, &err));
        assert_false(found);
        tx_rollback(&tx);
        store_close(&store);
}

/* A refused row undoes its statement only. */
static void test_conflict(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(openers); i++) {
                struct store *store = openers[i]();
                struct tx *tx = NULL;
                assert_true(store_begin(store, &tx, &err));
                assert_true(put(tx, "a", "1"));
                for (int n = 0; n < 2; n++) {
                        bool done = tx_run(tx, Q_RECEIPT_PUT,
                                        PARAMS(param_text(STR_LIT("k")), param_int(n)), &err);
                        assert_int_equal(done, n == 0);
                }
                assert_int_equal(err.code, E_STORE_CONFLICT);
                assert_true(tx_commit(&tx, &err));
                assert_string_equal(stored(store, "a"), "1");
                store_close(&store);
        }
}

static bool put_receipt(struct tx *tx, int64_t n)
{
        return tx_put(tx, Q_RECEIPT_PUT, PARAMS(param_text(STR_LIT("k")), param_int(n)), &err);
}

/* What is handed over without waiting takes effect in its place among the others. */
static void test_put(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(openers); i++) {
                struct store *store = openers[i]();
                struct tx *tx = NULL;
                assert_true(store_begin(store, &tx, &err));
                for (int n = 0; n < 3000; n++) { /* more than any driver holds back */
                        char value[16];
                        snprintf(value, sizeof(value), "%d", n);
                        assert_true(hand_over(tx, "a", value));
                }
                assert_string_equal(seen(tx_snapshot(tx), "a"), "2999");
                assert_int_equal(tx_runs(tx), 3000);
                assert_true(hand_over(tx, "a", "put"));
                assert_true(put(tx, "b", "run"));
                assert_true(put(tx, "a", "run"));
                assert_true(hand_over(tx, "b", "put"));
                assert_true(tx_save(tx, &err));
                assert_true(hand_over(tx, "c", "undone"));
                assert_true(tx_back(tx, &err));
                assert_true(hand_over(tx, "d", "last"));
                assert_true(tx_commit(&tx, &err));
                assert_string_equal(stored(store, "a"), "run");
                assert_string_equal(stored(store, "b"), "put");
                assert_string_equal(stored(store, "c"), "none");
                assert_string_equal(stored(store, "d"), "last");
                store_close(&store);
        }
}

/* Whatever comes next may tell that a row was refused; all of it is gone. */
static void test_put_fails_late(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(openers); i++) {
                struct store *store = openers[i]();
                struct tx *tx = NULL;
                int64_t seq;
                bool found, done = true;
                commit_one(store, "a", "1");
                assert_true(store_begin(store, &tx, &err));
                assert_true(hand_over(tx, "a", "2"));
                assert_true(put_receipt(tx, 1));
                done = put_receipt(tx, 2) && hand_over(tx, "a", "3");
                assert_true(done || err.code == E_STORE_CONFLICT);
                assert_false(tx_commit(&tx, &err));
                assert_int_equal(err.code, E_STORE_CONFLICT);
                assert_string_equal(stored(store, "a"), "1");

                assert_true(store_begin(store, &tx, &err)); /* the failure is forgotten */
                assert_true(put_receipt(tx, 1));
                done = put_receipt(tx, 2) &&
                       snapshot_int(tx_snapshot(tx), Q_RECEIPT_GET,
                                       PARAMS(param_text(STR_LIT("k"))), &seq, &found, &err);
                assert_false(done);
                assert_int_equal(err.code, E_STORE_CONFLICT);
                tx_rollback(&tx);

                assert_true(store_begin(store, &tx, &err)); /* with a mark it is told at once */
                assert_true(tx_save(tx, &err) && put_receipt(tx, 1) && tx_release(tx, &err));
                assert_true(tx_save(tx, &err));
                assert_false(put_receipt(tx, 2));
                assert_int_equal(err.code, E_STORE_CONFLICT);
                assert_true(tx_back(tx, &err) && tx_commit(&tx, &err));
                store_close(&store);
        }
}

/* Adds what it finds under "a" to the numbers it has seen, and writes the next one. */
struct counting {
        int calls;
        int64_t last;
        bool fails;
};

static bool count_on(struct tx *tx, void *user, struct err *ret)
{
        struct counting *c = user;
        struct rows rows _cleanup_(rows_close) = { 0 };
        char next[24];
        if (c->fails)
                return err_set(ret, E_LIMIT, "so it was asked");
        if (!snapshot_rows(tx_snapshot(tx), Q_META_GET, PARAMS(param_text(STR_LIT("a"))), &rows,
                            ret) ||
                        !rows_next(&rows))
                return false;
        c->calls++;
        if (!str_to_int(rows_text(&rows, 0), &c->last))
                return false;
        snprintf(next, sizeof(next), "%lld", (long long)c->last + 1);
        rows_close(&rows);
        return tx_work_run(tx, Q_META_PUT,
                        PARAMS(param_text(STR_LIT("a")), param_text(str_of(next))), ret);
}

/* Work sees all that was handed over before it, and nothing that came after. */
static void test_work(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(openers); i++) {
                struct store *store = openers[i]();
                struct tx *tx = NULL;
                struct counting c = { 0 };
                assert_true(store_begin(store, &tx, &err));
                for (int n = 0; n < 1000; n++) {
                        char value[16];
                        snprintf(value, sizeof(value), "%d", 2 * n);
                        assert_true(hand_over(tx, "a", value));
                        assert_true(tx_put_work(tx, count_on, &c, &err));
                        (void)tx_is_behind(tx); /* whatever it says */
                }
                assert_string_equal(seen(tx_snapshot(tx), "a"), "1999");
                assert_true(c.calls == 1000 && c.last == 1998);
                assert_int_equal(tx_runs(tx), 2000);
                assert_true(tx_save(tx, &err));
                assert_true(tx_put_work(tx, count_on, &c, &err)); /* between marks: at once */
                assert_int_equal(c.last, 1999);
                assert_true(tx_back(tx, &err));
                assert_string_equal(seen(tx_snapshot(tx), "a"), "1999");
                assert_true(tx_put_work(tx, count_on, &c, &err));
                assert_true(tx_commit(&tx, &err));
                assert_string_equal(stored(store, "a"), "2000");
                store_close(&store);
        }
}

static void test_work_fails_late(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(openers); i++) {
                struct store *store = openers[i]();
                struct tx *tx = NULL;
                struct counting fails = { .fails = true }, after = { 0 };
                commit_one(store, "a", "1");
                assert_true(store_begin(store, &tx, &err));
                assert_true(hand_over(tx, "a", "2"));
                bool done = tx_put_work(tx, count_on, &fails, &err) &&
                            tx_put_work(tx, count_on, &after, &err);
                assert_true(done || err.code == E_LIMIT);
                assert_false(tx_commit(&tx, &err));
                assert_int_equal(err.code, E_LIMIT);
                assert_int_equal(after.calls, 0);
                assert_string_equal(stored(store, "a"), "1");

                assert_true(store_begin(store, &tx, &err));
                assert_true(tx_save(tx, &err));
                assert_false(tx_put_work(tx, count_on, &fails, &err));
                assert_int_equal(err.code, E_LIMIT);
                assert_true(tx_back(tx, &err));
                assert_true(tx_put_work(tx, count_on, &after, &err) && tx_commit(&tx, &err));
                assert_string_equal(stored(store, "a"), "2");
                store_close(&store);
        }
}

/* Committed is seen by others at once; on the disk it is when it was flushed. */
static void test_flush(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(openers); i++) {
                struct store *store = openers[i]();
                struct tx *tx = NULL;
                assert_true(store_flush(store, &err)); /* nothing to do yet */
                for (int n = 0; n < 3; n++) {
                        assert_true(store_begin_unflushed(store, &tx, &err));
                        assert_true(hand_over(tx, "a", n == 2 ? "2" : "1"));
                        assert_true(tx_commit(&tx, &err));
                }
                assert_string_equal(stored(store, "a"), "2");
                assert_true(store_flush(store, &err));
                commit_one(store, "b", "1"); /* the other kind in between */
                assert_true(store_begin_unflushed(store, &tx, &err));
                assert_true(hand_over(tx, "a", "3"));
                tx_rollback(&tx);
                assert_true(store_flush(store, &err));
                assert_string_equal(stored(store, "a"), "2");
                store_close(&store);
        }
}

/* After a flush that failed nobody knows what the disk holds: nothing more is begun. */
static void test_flush_fails(void **state)
{
        (void)state;
        struct store *store = open_fake();
        struct tx *tx = NULL;
        commit_one(store, "a", "1");
        assert_true(store_begin_unflushed(store, &tx, &err));
        assert_true(put(tx, "a", "2") && tx_commit(&tx, &err));
        fake_fail_at(store, 1);
        assert_false(store_flush(store, &err));
        assert_int_equal(err.code, E_STORE_IO);
        fake_fail_at(store, 0);
        assert_false(store_flush(store, &err));
        assert_false(store_begin(store, &tx, &err));
        assert_int_equal(err.code, E_STORE_IO);
        assert_false(store_begin_unflushed(store, &tx, &err));
        assert_string_equal(stored(store, "a"), "2"); /* reading goes on */
        store_close(&store);
}

static void test_reader_cannot_write(void **state)
{
        (void)state;
        struct store *store = open_sqlite();
        struct snapshot *snapshot = NULL;
        struct rows rows = { 0 };
        assert_true(snapshot_open(store, &snapshot, &err));
        /* A statement that writes, run where only reading is possible. */
        assert_true(snapshot_rows(snapshot, Q_META_PUT,
                        PARAMS(param_text(STR_LIT("a")), param_text(STR_LIT("1"))), &rows, &err));
        assert_false(rows_next(&rows));
        assert_false(rows_end(&rows, &err));
        assert_int_equal(err.code, E_STORE_READONLY);
        snapshot_close(&snapshot);
        assert_string_equal(stored(store, "a"), "none");
        store_close(&store);
}

/* ---- Every n-th step fails, and nothing is left of what was begun ---- */

static bool work(struct store *store)
{
        struct tx *tx _cleanup_(tx_rollback) = NULL;
        int64_t n;
        bool found;
        return store_begin(store, &tx, &err) && put(tx, "a", "2") && hand_over(tx, "d", "2") &&
               tx_save(tx, &err) && put(tx, "b", "2") && tx_release(tx, &err) &&
               tx_save(tx, &err) && put(tx, "c", "2") && tx_back(tx, &err) &&
               snapshot_int(tx_snapshot(tx), Q_EVENT_COUNT, NO_PARAMS, &n, &found, &err) &&
               tx_commit(&tx, &err);
}

static void test_every_step_may_fail(void **state)
{
        (void)state;
        struct store *store = open_fake();
        commit_one(store, "a", "1");
        fake_fail_at(store, 0);
        int64_t failed = 0;
        for (int64_t n = 1;; n++) {
                fake_fail_at(store, n);
                bool done = work(store);
                if (done)
                        break;
                failed++;
                assert_int_equal(err.code, E_STORE_IO);
                fake_fail_at(store, 0);
                assert_string_equal(stored(store, "a"), "1");
                assert_string_equal(stored(store, "b"), "none");
                assert_string_equal(stored(store, "d"), "none");
        }
        /* begin, 3 runs, a put, 2 saves, release, back, rows, row, commit */
        assert_int_equal(failed, 12);
        assert_int_equal(fake_steps(store), 12);
        fake_fail_at(store, 0);
        assert_string_equal(stored(store, "a"), "2");
        assert_string_equal(stored(store, "b"), "2");
        assert_string_equal(stored(store, "c"), "none");
        fake_fail_at(store, 1);
        assert_string_equal(stored(store, "a"), "failed");
        fake_fail_at(store, 1);
        assert_false(store_check(store, &err));
        store_close(&store);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_commit_and_rollback),
                cmocka_unit_test(test_savepoints),
                cmocka_unit_test(test_snapshot_stands_still),
                cmocka_unit_test(test_kinds_of_values),
                cmocka_unit_test(test_nested_statement),
                cmocka_unit_test(test_conflict),
                cmocka_unit_test(test_put),
                cmocka_unit_test(test_put_fails_late),
                cmocka_unit_test(test_work),
                cmocka_unit_test(test_work_fails_late),
                cmocka_unit_test(test_flush),
                cmocka_unit_test(test_flush_fails),
                cmocka_unit_test(test_reader_cannot_write),
                cmocka_unit_test(test_every_step_may_fail),
        };
        return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
