/* Signing in, locking out, changing: what a session is worth, and when it ends. */
#include "account/account.h"
#include "account/secret.h"
#include "account/totp.h"
#include "desk/chore.h"
#include "desk/test_site.h"

#define GOOD  "Correct-horse-9"
#define OTHER "Battery-staple-7"

static struct test_site *t;

static bool sign_in(const char *id, const char *password, struct session *ret)
{
        const struct sign_in s = { .id = str_of(id),
                .password = str_of(password),
                .address = STR_LIT("127.0.0.1"),
                .now = t->now };
        return account_sign_in(t->arena, t->desk, &s, ret, &t->err);
}

static void must_not(bool ok, enum err_code code)
{
        assert_false(ok);
        if (t->err.code != code)
                fail_msg("%s, not %s", err_text(t->err.code)->name, err_text(code)->name);
}

static bool is_known(struct str token)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        struct session found_session;
        bool found;
        test_must(t, snapshot_open(site_store(t->site), &snapshot, &t->err));
        test_must(t, session_find(t->arena, snapshot, token, t->now, &found_session, &found,
                                     &t->err));
        return found;
}

static struct account read_account(const char *id)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        struct account account = { 0 };
        bool found;
        test_must(t, snapshot_open(site_store(t->site), &snapshot, &t->err));
        test_must(t, account_read(t->arena, snapshot, str_of(id), &account, &found, &t->err));
        assert_true(found);
        return account;
}

static void set_password(const char *id, const char *password, bool must_change)
{
        test_must(t, account_set_password(t->arena, t->desk, str_of(id), str_of(password),
                                     must_change, t->now, &t->err));
}

static int open_site(void **state)
{
        (void)state;
        t = test_open(true);
        set_password("li", GOOD, false);
        return 0;
}

static int close_site(void **state)
{
        (void)state;
        test_close(t);
        return 0;
}

static void later(int64_t seconds)
{
        t->now.second += seconds;
}

static void test_sign_in(void **state)
{
        (void)state;
        struct session one, two;
        test_must(t, sign_in("li", GOOD, &one));
        test_must(t, sign_in("li", GOOD, &two));
        assert_int_equal(one.state, SESSION_OPEN);
        assert_false(str_eq(one.token, two.token));
        assert_true(is_known(one.token) && is_known(two.token));
        assert_false(is_known(STR_LIT("")));
        assert_false(is_known(STR_LIT("planted")));
        must_not(sign_in("li", "wrong", &two), E_ACCOUNT_REFUSED);
        must_not(sign_in("nobody", GOOD, &two), E_ACCOUNT_REFUSED);
        must_not(sign_in("li", "", &two), E_ACCOUNT_REFUSED);
}

/* The store never holds the token itself. */
static void test_only_its_hash_is_kept(void **state)
{
        (void)state;
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct session session;
        struct hash hash;
        test_must(t, sign_in("li", GOOD, &session));
        hash = hash_bytes(LEDGER_SHA256, session.token);
        test_must(t, snapshot_open(site_store(t->site), &snapshot, &t->err));
        test_must(t, snapshot_rows(snapshot, Q_SESSION_GET, PARAMS(param_blob(session.token)),
                                     &rows, &t->err));
        assert_false(rows_next(&rows));
        rows_close(&rows);
        test_must(t, snapshot_rows(snapshot, Q_SESSION_GET,
                                     PARAMS(param_blob((struct str){
                                                     (const char *)hash.b, HASH_BYTES })),
                                     &rows, &t->err));
        assert_true(rows_next(&rows));
}

static void test_sessions_end(void **state)
{
        (void)state;
        struct session session, next;
        test_must(t, sign_in("li", GOOD, &session));
        later(SESSION_IDLE_SECONDS - 1);
        assert_true(is_known(session.token));
        assert_true(session_is_stale(&session, t->now));
        session_touch(t->desk, &session, t->now);
        test_must(t, session_end(t->desk, STR_LIT("another"), &t->err)); /* behind the touch */
        later(SESSION_IDLE_SECONDS - 1);
        assert_true(is_known(session.token)); /* it was used meanwhile */
        later(1);
        assert_false(is_known(session.token));

        test_must(t, sign_in("li", GOOD, &session));
        for (int i = 0; i < SESSION_LONG_SECONDS / 3600; i++) {
                assert_true(is_known(session.token));
                later(3600);
                session_touch(t->desk, &session, t->now);
                test_must(t, session_end(t->desk, STR_LIT("another"), &t->err));
        }
        assert_false(is_known(session.token)); /* however busy */

        test_must(t, sign_in("li", GOOD, &session));
        test_must(t, session_end(t->desk, session.token, &t->err));
        assert_false(is_known(session.token));
        test_must(t, sign_in("li", GOOD, &session));
        test_must(t, sign_in("li", GOOD, &next));
        test_must(t, session_end_all(t->desk, STR_LIT("li"), &t->err));
        assert_false(is_known(session.token) || is_known(next.token));
}

/* Fixation: the session that the browser had before ends with the sign-in. */
static void test_sign_in_ends_the_old_session(void **state)
{
        (void)state;
        struct session old, next;
        test_must(t, sign_in("li", GOOD, &old));
        const struct sign_in s = {
                .id = STR_LIT("li"), .password = STR_LIT(GOOD), .old = old.token, .now = t->now
        };
        test_must(t, account_sign_in(t->arena, t->desk, &s, &next, &t->err));
        assert_false(is_known(old.token));
        assert_true(is_known(next.token));
}

static void test_lockout(void **state)
{
        (void)state;
        struct session session;
        set_password("wang", GOOD, false);
        for (int i = 0; i < ACCOUNT_FAILURES_MAX; i++)
                must_not(sign_in("wang", "wrong", &session), E_ACCOUNT_REFUSED);
        must_not(sign_in("wang", GOOD, &session), E_ACCOUNT_LOCKED); /* even the right one */
        later(ACCOUNT_LOCK_SECONDS - 1);
        must_not(sign_in("wang", GOOD, &session), E_ACCOUNT_LOCKED);
        later(1);
        must_not(sign_in("wang", "wrong", &session), E_ACCOUNT_REFUSED);
        later(ACCOUNT_LOCK_SECONDS); /* the next lock lasts twice as long */
        must_not(sign_in("wang", GOOD, &session), E_ACCOUNT_LOCKED);
        later(ACCOUNT_LOCK_SECONDS);
        for (int i = 0; i < 10; i++) {
                must_not(sign_in("wang", "wrong", &session), E_ACCOUNT_REFUSED);
                later(ACCOUNT_LOCK_MAX); /* never longer */
        }
        test_must(t, sign_in("wang", GOOD, &session));
        assert_int_equal(read_account("wang").failures, 0);
        must_not(sign_in("li", "wrong", &session), E_ACCOUNT_REFUSED);
        test_must(t, sign_in("li", GOOD, &session)); /* others are not concerned */
}

static void test_changing_the_password(void **state)
{
        (void)state;
        struct session one, two, next;
        set_password("wang", GOOD, true);
        test_must(t, sign_in("wang", GOOD, &one));
        assert_int_equal(one.state, SESSION_CHANGE);
        test_must(t, sign_in("wang", GOOD, &two));
        must_not(account_change_password(t->arena, t->desk, &one, STR_LIT("wrong"), STR_LIT(OTHER),
                                 t->now, &next, &t->err),
                        E_ACCOUNT_REFUSED);
        must_not(account_change_password(t->arena, t->desk, &one, STR_LIT(GOOD), STR_LIT("short"),
                                 t->now, &next, &t->err),
                        E_ACCOUNT_PASSWORD);
        must_not(account_change_password(t->arena, t->desk, &one, STR_LIT(GOOD), STR_LIT(GOOD),
                                 t->now, &next, &t->err),
                        E_ACCOUNT_PASSWORD);
        test_must(t, account_change_password(t->arena, t->desk, &one, STR_LIT(GOOD), STR_LIT(OTHER),
                                     t->now, &next, &t->err));
        assert_int_equal(next.state, SESSION_OPEN);
        assert_true(is_known(next.token));
        assert_false(is_known(one.token) || is_known(two.token)); /* rotated; the others ended */
        must_not(sign_in("wang", GOOD, &one), E_ACCOUNT_REFUSED);
        test_must(t, sign_in("wang", OTHER, &one));
        assert_int_equal(one.state, SESSION_OPEN);
}

static struct str code_of(const char *id, int64_t steps_later)
{
        struct account account = read_account(id);
        return str_format(t->arena, "%06u",
                        totp_code(account.totp, t->now.second / TOTP_STEP_SECONDS + steps_later,
                                        TOTP_DIGITS));
}

static void test_second_factor(void **state)
{
        (void)state;
        struct session session, half, next;
        set_password("wang", GOOD, false);
        test_must(t, sign_in("wang", GOOD, &session));
        must_not(account_totp_confirm(t->arena, t->desk, &session, STR_LIT("123456"), t->now, &next,
                                 &t->err),
                        E_ACCOUNT_STATE);
        test_must(t, account_totp_begin(t->arena, t->desk, &session, &t->err));
        must_not(account_totp_confirm(t->arena, t->desk, &session, STR_LIT("12345"), t->now, &next,
                                 &t->err),
                        E_ACCOUNT_CODE);
        test_must(t, sign_in("wang", GOOD, &half)); /* not confirmed: not asked for yet */
        assert_int_equal(half.state, SESSION_OPEN);
        test_must(t, account_totp_confirm(t->arena, t->desk, &session, code_of("wang", 0), t->now,
                                     &next, &t->err));
        assert_false(is_known(session.token));
        must_not(account_totp_begin(t->arena, t->desk, &next, &t->err), E_ACCOUNT_STATE);

        test_must(t, sign_in("wang", GOOD, &half));
        assert_int_equal(half.state, SESSION_HALF);
        must_not(account_change_password(t->arena, t->desk, &half, STR_LIT(GOOD), STR_LIT(OTHER),
                                 t->now, &next, &t->err),
                        E_ACCOUNT_STATE); /* half a session can do nothing */
        must_not(account_second_factor(t->arena, t->desk, &half, code_of("wang", 0), t->now, &next,
                                 &t->err),
                        E_ACCOUNT_CODE); /* that step was used to confirm */
        later(TOTP_STEP_SECONDS);
        test_must(t, account_second_factor(t->arena, t->desk, &half, code_of("wang", 0), t->now,
                                     &next, &t->err));
        assert_int_equal(next.state, SESSION_OPEN);
        assert_false(is_known(half.token));
        must_not(account_second_factor(t->arena, t->desk, &next, code_of("wang", 0), t->now, &half,
                                 &t->err),
                        E_ACCOUNT_STATE);
}

/* Guessing codes locks too: the password does not buy endless tries. */
static void test_codes_lock(void **state)
{
        (void)state;
        struct session half, next;
        test_must(t, sign_in("wang", GOOD, &half));
        assert_int_equal(half.state, SESSION_HALF);
        for (int i = 0; i < ACCOUNT_FAILURES_MAX; i++)
                must_not(account_second_factor(t->arena, t->desk, &half, STR_LIT("x"), t->now,
                                         &next, &t->err),
                                E_ACCOUNT_CODE);
        must_not(account_second_factor(t->arena, t->desk, &half, code_of("wang", 0), t->now, &next,
                                 &t->err),
                        E_ACCOUNT_LOCKED);
        must_not(sign_in("wang", GOOD, &next), E_ACCOUNT_LOCKED);
        test_must(t, account_drop_totp(t->arena, t->desk, STR_LIT("wang"), &t->err));
        assert_false(is_known(half.token));
        must_not(account_drop_totp(t->arena, t->desk, STR_LIT("nobody"), &t->err), E_ACCOUNT_NONE);
}

static void test_secret_is_made_once(void **state)
{
        (void)state;
        struct hmac one, two;
        test_must(t, secret_of_site(t->desk, &one, &t->err));
        test_must(t, secret_of_site(t->desk, &two, &t->err));
        assert_true(str_eq(secret_token(t->arena, &one, "p", STR_LIT("x")),
                        secret_token(t->arena, &two, "p", STR_LIT("x"))));
}

/* A chore that fails leaves nothing, and what was handed in beside it stays. */
static bool write_and_fail(void *user, struct tx *tx, struct err *err)
{
        (void)user;
        return tx_run(tx, Q_ACCOUNT_PUT,
                               PARAMS(param_text(STR_LIT("ghost")), param_text(STR_LIT("x")),
                                               param_null(), param_int(0)),
                               err) &&
               err_set(err, E_ACCOUNT_SESSION, "%s", "");
}

static void test_failed_chore(void **state)
{
        (void)state;
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        struct account account;
        bool found;
        must_not(chore_do(t->desk, write_and_fail, NULL, &t->err), E_ACCOUNT_SESSION);
        test_must(t, snapshot_open(site_store(t->site), &snapshot, &t->err));
        test_must(t, account_read(t->arena, snapshot, STR_LIT("ghost"), &account, &found, &t->err));
        assert_false(found);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_sign_in),
                cmocka_unit_test(test_only_its_hash_is_kept),
                cmocka_unit_test(test_sessions_end),
                cmocka_unit_test(test_sign_in_ends_the_old_session),
                cmocka_unit_test(test_lockout),
                cmocka_unit_test(test_changing_the_password),
                cmocka_unit_test(test_second_factor),
                cmocka_unit_test(test_codes_lock),
                cmocka_unit_test(test_secret_is_made_once),
                cmocka_unit_test(test_failed_chore),
        };
        return cmocka_run_group_tests(tests, open_site, close_site);
}
