/* The workbench from outside: who gets in and what he sees. */
#include "web/route.h"
#include "web/test_office.h"

/* ---- Getting in ---- */

static void test_nobody_gets_in_without_signing_in(void **state)
{
        (void)state;
        static const char *const pages[] = { "/work", "/work/matters", "/work/matters.csv",
                "/work/new", "/work/new/every_case/begin", "/work/matters/x",
                "/work/second-factor" };
        for (size_t i = 0; i < N_ELEMENTS(pages); i++) {
                struct browser b = { 0 };
                struct str answer = look(&b, pages[i]);
                assert_int_equal(test_status(answer), 303);
                assert_true(str_starts(location(answer), STR_LIT("/work/sign-in?to=%2Fwork")));
                b.session = STR_LIT("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG");
                assert_int_equal(test_status(look(&b, pages[i])), 303);
        }
        struct browser b = { 0 };
        look(&b, "/work/sign-in");
        expect(POST(&b, "/work/new/every_case/begin", "do", "do", "f.topic", "x"), 403,
                        "E_ACCOUNT_SESSION");
}

static void test_sign_in(void **state)
{
        (void)state;
        struct browser b = { 0 };
        struct str page = look(&b, "/work/sign-in?to=/work/new");
        assert_true(test_has(test_head(page), "HttpOnly; SameSite=Lax"));
        assert_true(test_has(test_head(page), "Cache-Control: no-store"));
        expect(POST(&b, "/work/sign-in", "id", "e01", "password", "wrong", "to", "/work/new"), 403,
                        "账号、密码或者验证码不正确");
        expect(POST(&b, "/work/sign-in", "id", "nobody", "password", PASSWORD, "to", ""), 403,
                        "账号、密码或者验证码不正确");
        struct str answer = POST(
                        &b, "/work/sign-in", "id", "e01", "password", PASSWORD, "to", "/work/new");
        assert_int_equal(test_status(answer), 303);
        assert_true(str_is(location(answer), "/work/new"));
        assert_true(test_has(answer, "Set-Cookie: pl-session="));
        assert_true(test_has(between(answer, "Set-Cookie: pl-session=", '\r'),
                        "; Path=/; HttpOnly; SameSite=Lax"));
        expect(look(&b, "/work"), 200, "东员");
}

/* Runs last: time goes on. Whoever tries many passwords is stopped by where he comes from, before
 * they are looked at: each takes its time of the one thread that looks. */
static void test_wrong_passwords_from_one_address(void **state)
{
        (void)state;
        struct browser b = { 0 };
        look(&b, "/work/sign-in");
        for (int i = 0; i < 50; i++) {
                const char *id = str_format(town->arena, "nobody%d", i).p;
                if (!test_has(POST(&b, "/work/sign-in", "id", id, "password", "x", "to", ""),
                                    "E_HTTP_OFTEN"))
                        continue;
                assert_true(i > 40); /* those of the tests before count */
                break;
        }
        expect(POST(&b, "/work/sign-in", "id", "e01", "password", PASSWORD, "to", ""), 503,
                        "E_HTTP_OFTEN");
        town->now.second += 1000;
        expect(POST(&b, "/work/sign-in", "id", "e01", "password", PASSWORD, "to", ""), 303,
                        "Set-Cookie: pl-session=");
}

/* A session that somebody planted before is worth nothing after the sign-in, nor the old one. */
static void test_fixation(void **state)
{
        (void)state;
        struct browser b = sign_in("e01"), planted = b;
        look(&b, "/work/sign-in");
        POST(&b, "/work/sign-in", "id", "e01", "password", PASSWORD, "to", "");
        assert_false(str_eq(b.session, planted.session));
        assert_int_equal(test_status(look(&planted, "/work")), 303);
        assert_int_equal(test_status(look(&b, "/work")), 200);
}

static void test_landing_is_ours(void **state)
{
        (void)state;
        static const char *const targets[] = { "//evil.example", "https://evil.example/work",
                "/work//evil", "/work\\evil", "javascript:alert(1)", "/work\r\nSet-Cookie: x=y",
                "/matters" };
        for (size_t i = 0; i < N_ELEMENTS(targets); i++) {
                struct browser b = { 0 };
                look(&b, "/work/sign-in");
                struct str answer = POST(&b, "/work/sign-in", "id", "e01", "password", PASSWORD,
                                "to", targets[i]);
                if (test_status(answer) == 303 && !str_is(location(answer), "/work"))
                        fail_msg("%s", targets[i]);
        }
}

static void test_sign_out(void **state)
{
        (void)state;
        struct browser b = sign_in("e01"), other = sign_in("e01");
        look(&b, "/work");
        assert_int_equal(test_status(POST(&b, "/work/sign-out", "x", "")), 303);
        assert_int_equal(b.session.n, 0);
        assert_int_equal(test_status(look(&other, "/work")), 200);
        struct browser third = sign_in("e01");
        look(&third, "/work");
        POST(&third, "/work/sign-out", "everywhere", "1");
        assert_int_equal(test_status(look(&other, "/work")), 303);
}

static void test_lockout(void **state)
{
        (void)state;
        struct browser b = { 0 };
        look(&b, "/work/sign-in");
        for (int i = 0; i < ACCOUNT_FAILURES_MAX; i++)
                POST(&b, "/work/sign-in", "id", "lock", "password", "wrong", "to", "");
        expect(POST(&b, "/work/sign-in", "id", "lock", "password", PASSWORD, "to", ""), 403,
                        "账号暂时锁定");
}

static void test_password_and_factor_pages(void **state)
{
        (void)state;
        struct browser b = sign_in("w01");
        expect(look(&b, "/work/second-factor"), 200, "开始设置");
        POST(&b, "/work/second-factor", "do", "begin");
        struct str page = look(&b, "/work/second-factor");
        expect(page, 200, "<svg class=\"pl-qr\"");
        expect(POST(&b, "/work/second-factor", "do", "confirm", "code", "12345"), 422,
                        "验证码不正确");
        expect(look(&b, "/work/password"), 200, "再输入一次新密码");
        expect(POST(&b, "/work/password", "old", PASSWORD, "new", "Other-horse-99", "again", "x"),
                        422, "两次输入的新密码不一样");
        expect(POST(&b, "/work/password", "old", PASSWORD, "new", "short", "again", "short"), 422,
                        "应当有 10 至 128 个字符");
}

/* ---- Forged forms ---- */

static void test_forged(void **state)
{
        (void)state;
        struct browser b = sign_in("e01"), other = sign_in("w01");
        const char *const nothing[] = { "x", "", NULL };
        look(&b, "/work");
        look(&other, "/work");
        expect(post_as(&b, "/work/sign-out", "", STR_LIT(""), nothing), 403, "E_FORM_TOKEN");
        expect(post_as(&b, "/work/sign-out", "", other.token, nothing), 403, "E_FORM_TOKEN");
        expect(post_as(&b, "/work/sign-out", "Origin: http://evil.example\r\n", b.token, nothing),
                        403, "E_FORM_TOKEN");
        expect(post_as(&b, "/work/sign-out", "Origin: null\r\n", b.token, nothing), 403,
                        "E_FORM_TOKEN");
        expect(post_as(&b, "/work/sign-out", "Sec-Fetch-Site: cross-site\r\n", b.token, nothing),
                        403, "E_FORM_TOKEN");
        assert_int_equal(test_status(look(&b, "/work")), 200); /* still signed in */
        struct str fine = post_as(
                        &b, "/work/sign-out", "Origin: http://localhost\r\n", b.token, nothing);
        assert_int_equal(test_status(fine), 303);
}

/* ---- Who sees what ---- */

/* A member of staff of one unit cannot see another unit's hidden matter: not its page, not in a
 * list, a search or an export; and its number is answered, to the byte, as one that is none. */
static void test_other_units_matters(void **state)
{
        (void)state;
        struct browser east = sign_in("e01"), west = sign_in("w01"), boss = sign_in("s01");
        const char *url = begin(&east, "东区的秘密");
        static const char *const lists[] = { "/work", "/work/matters", "/work/matters.csv",
                "/work/matters?q=%E7%A7%98%E5%AF%86", "/work/matters?procedure=every_case",
                "/work/matters?procedure=every_case&state=open", "/work/matters?unit=east" };
        for (size_t i = 0; i < N_ELEMENTS(lists); i++) {
                if (!test_has(look(&east, lists[i]), "东区的秘密"))
                        fail_msg("%s hides it from its own unit", lists[i]);
                if (test_has(look(&west, lists[i]), "东区的秘密"))
                        fail_msg("%s shows it to another unit", lists[i]);
        }
        expect(look(&boss, url), 200, "东区的秘密"); /* the unit above sees those below */
        struct str hidden = look(&west, url);
        struct str none = look(&west, test_url(town, "/work/matters/", "全〔2021〕9999号"));
        assert_int_equal(test_status(hidden), 404);
        assert_true(str_eq(test_body(hidden), test_body(none)));
        assert_int_equal(test_status(look(&west, str_format(town->arena, "%s/acts/note", url).p)),
                        404);
        expect(POST(&west, str_format(town->arena, "%s/acts/note", url).p, "do", "do", "f.memo",
                               "x"),
                        404, "没有找到");
        struct browser stranger = { 0 };
        struct str public =
                        look(&stranger, str_c(town->arena, str_slice(str_of(url), 5, strlen(url))));
        assert_int_equal(test_status(public), 404);
}

/* Is the matter on his list, and its page open to him, or neither? */
static void expect_seen(const char *why, struct browser *b, const char *url, bool seen)
{
        for (int i = 0; i < 2; i++) { /* worked out; then out of what is kept */
                if (test_has(look(b, "/work/matters"), "随时收回") != seen)
                        fail_msg("%s: the list", why);
                if ((test_status(look(b, url)) == 200) != seen)
                        fail_msg("%s: the page", why);
        }
}

/* What somebody sees is kept, and never longer than it is true: each row changes a register, and
 * the very next request knows it. */
static void test_what_is_taken_is_gone(void **state)
{
        (void)state;
        static const struct {
                const char *why, *what, *json;
                bool seen;
        } rows[] = {
                { "the role taken", "register:staff.put",
                                "{\"id\":\"t01\",\"name\":\"暂员\",\"unit\":\"east\",\"roles\":[]}",
                                false },
                { "a grant for today", "register:staff.put",
                                "{\"id\":\"t01\",\"name\":\"暂员\",\"unit\":\"east\",\"roles\":[],"
                                "\"grants\":[{\"role\":\"clerk\",\"unit\":\"north\","
                                "\"from\":\"2021-01-01\",\"until\":\"2099-01-01\"}]}",
                                true },
                { "its unit moved elsewhere", "register:staff.put",
                                "{\"id\":\"t01\",\"name\":\"暂员\",\"unit\":\"west\","
                                "\"roles\":[\"clerk\"]}",
                                false },
                { "the matter's unit put below it", "register:units.put",
                                "{\"id\":\"north\",\"name\":\"北区司法局\",\"parent\":\"west\"}",
                                true },
                { "and taken away again", "register:units.put",
                                "{\"id\":\"north\",\"name\":\"北区司法局\",\"parent\":\"bureau\"}",
                                false },
                { "delegated to him", "register:delegations.put",
                                "{\"id\":\"t1\",\"from_staff\":\"n01\",\"to_staff\":\"t01\","
                                "\"role\":\"clerk\",\"unit\":\"north\"}",
                                true },
                { "by somebody who has left", "register:staff.end", "{\"id\":\"n01\"}", false },
        };
        test_do(town, "register:units.put", "system",
                        "{\"id\":\"north\",\"name\":\"北区司法局\",\"parent\":\"bureau\"}");
        add_staff("n01", "北员", "north");
        add_staff("t01", "暂员", "north");
        struct browser author = sign_in("n01"), b = sign_in("t01");
        const char *url = begin(&author, "随时收回");
        expect_seen("as appointed", &b, url, true);
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                test_do(town, rows[i].what, "system", rows[i].json);
                expect_seen(rows[i].why, &b, url, rows[i].seen);
        }
        test_do(town, "register:staff.end", "system", "{\"id\":\"t01\"}");
        assert_int_equal(test_status(look(&b, "/work/matters")), 303); /* nobody any more */
}

/* A grant runs out by the day alone, without an event. */
static void test_the_day_takes_too(void **state)
{
        (void)state;
        struct moment now = town->now;
        test_do(town, "register:staff.put", "system",
                        str_format(town->arena,
                                        "{\"id\":\"t02\",\"name\":\"日员\",\"unit\":\"west\",\"roles\":[],"
                                        "\"grants\":[{\"role\":\"clerk\",\"unit\":\"east\",\"until\":\"%.*s\"}]}"
                                        "%c",
                                        STR_FMT(date_format(town->arena, moment_date(now))), '\0')
                                        .p);
        test_must(town, account_set_password(town->arena, town->desk, STR_LIT("t02"),
                                        STR_LIT(PASSWORD), false, now, &town->err));
        struct browser author = sign_in("e01");
        const char *url = begin(&author, "随时收回");
        struct browser b = sign_in("t02");
        expect_seen("the last day", &b, url, true);
        town->now = moment_of(date_next(moment_date(now)), 0, 0, 0);
        b = sign_in("t02");
        expect_seen("the day after", &b, url, false);
        town->now = now;
}

/* Who was shown personal data is on record, with what; who saw none is not. */
/* What was noted of the matter at this address, a line for each reading. */
static struct str readings_of(const char *url)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct address address;
        struct buf buf = BUF(town->arena);
        int64_t id;
        test_must(town, address_parse(town->arena, str_of(url), &address, &town->err));
        test_must(town, snapshot_open(site_store(town->site), &snapshot, &town->err));
        test_must(town, snapshot_int(snapshot, Q_MATTER_ID, PARAMS(param_text(address.segments[2])),
                                        &id, &(bool){ false }, &town->err));
        test_must(town, snapshot_rows(snapshot, Q_ACCESS_OF_MATTER, PARAMS(param_int(id)), &rows,
                                        &town->err));
        while (rows_next(&rows))
                buf_format(&buf, "%.*s %.*s\n", STR_FMT(rows_text(&rows, 2)),
                                STR_FMT(rows_text(&rows, 3)));
        return buf_str(&buf);
}

/* Whatever page shows them: the matter's, the form of an act, a paper; not one that does not. */
static void test_readings_are_noted(void **state)
{
        (void)state;
        struct browser b = sign_in("e01");
        struct str form = look(&b, "/work/new/every_case/begin");
        const char *key = str_c(town->arena, between(form, "name=\"key\" value=\"", '"'));
        struct str done = POST(&b, "/work/new/every_case/begin", "key", key, "do", "do", "f.topic",
                        "有证件的", "f.id_no", "350203199003070014");
        struct str rest = location(done);
        const char *url = str_c(town->arena, str_split(&rest, '?'));
        look(&b, url);
        const char *plain = begin(&b, "没有证件的");
        look(&b, plain);
        look(&b, str_format(town->arena, "%s/acts/note", url).p);
        struct str amend = look(&b, str_format(town->arena, "%s/acts/amend", url).p);
        const char *seen = str_c(town->arena, between(amend, "name=\"seen\" value=\"", '"'));
        struct str amended = POST(&b, str_format(town->arena, "%s/acts/amend", url).p, "key",
                        "abcdefghijklmnopqrstuvwx", "seen", seen, "do", "do", "f.id_no",
                        "350203199003070014", "f.memo", "x");
        expect(amended, 303, "done=");
        struct str page = look(&b, url);
        struct str paper = between(page, "/documents/", '"');
        assert_true(str_ends(paper, STR_LIT("letter")));
        expect(look(&b, str_format(town->arena, "%s/documents/%.*s", url, STR_FMT(paper)).p), 200,
                        "更正为350203199003070014");
        begin(&b, "写在后面的"); /* behind what was to be noted */
        assert_true(str_is(readings_of(url), "e01 id_no\ne01 id_no\ne01 id_no\ne01 id_no\n"));
        assert_true(str_is(readings_of(plain), ""));
}

/* The table says who may; printed, it names every row. */
static void test_matrix(void **state)
{
        (void)state;
        struct buf buf = BUF(town->arena);
        route_print(&buf);
        struct str text = buf_str(&buf);
        assert_true(test_has(text, "GET\t/matters/{}\t任何人\t"));
        assert_true(test_has(
                        text, "POST\t/work/matters/{}/acts/{}\t工作人员\ttoken key seen do\t"));
        for (const struct route *route = routes; route->pattern != NULL; route++) {
                assert_true(route->says != NULL && route->says[0] != '\0');
                assert_true((route->method == HTTP_POST) == (route->act != NULL));
                assert_true((route->method == HTTP_GET) == (route->show != NULL));
                bool work = strncmp(route->pattern, "/work", 5) == 0;
                if (route->who == WHO_STAFF)
                        assert_true(work);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_nobody_gets_in_without_signing_in),
                cmocka_unit_test(test_sign_in),
                cmocka_unit_test(test_fixation),
                cmocka_unit_test(test_landing_is_ours),
                cmocka_unit_test(test_sign_out),
                cmocka_unit_test(test_lockout),
                cmocka_unit_test(test_password_and_factor_pages),
                cmocka_unit_test(test_forged),
                cmocka_unit_test(test_other_units_matters),
                cmocka_unit_test(test_what_is_taken_is_gone),
                cmocka_unit_test(test_the_day_takes_too),
                cmocka_unit_test(test_readings_are_noted),
                cmocka_unit_test(test_matrix),
                cmocka_unit_test(test_wrong_passwords_from_one_address),
        };
        office_open();
        int failed = cmocka_run_group_tests(tests, NULL, NULL);
        test_close(town);
        return failed;
}
