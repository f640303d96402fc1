/* Applying and following: what is typed is kept, what is foreign is refused, what is wrong is
 * said; somebody else's number, code and draft show nothing. */
#include "web/test_town.h"

static struct test_town *town;

static struct str get(const char *address, const char *cookie)
{
        return test_ask(town->arena, town->port, "GET", str_of(address),
                        cookie[0] == '\0' ? ""
                                          : str_format(town->arena, "Cookie: %s\r\n", cookie).p);
}

static struct str post(const char *address, const char *cookie, const char *body)
{
        bool closed;
        return test_exchange(town->arena, town->port,
                        str_format(town->arena,
                                        "POST %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                                        "Content-Type: application/x-www-form-urlencoded\r\n"
                                        "Cookie: %s\r\nContent-Length: %zu\r\n\r\n%s",
                                        address, cookie, strlen(body), body),
                        &closed);
}

/* What stands between two texts; empty if they do not. */
static const char *between(struct str text, const char *before, const char *after)
{
        size_t at = str_find(text, str_of(before));
        if (at == SIZE_MAX)
                return "";
        struct str rest = str_slice(text, at + strlen(before), text.n);
        size_t end = str_find(rest, str_of(after));
        return str_c(town->arena, str_slice(rest, 0, end == SIZE_MAX ? 0 : end));
}

static const char *cookie_of(struct str answer, const char *name)
{
        const char *value = between(
                        test_head(answer), str_format(town->arena, "Set-Cookie: %s=", name).p, ";");
        return str_format(town->arena, "%s=%s", name, value).p;
}

static const char *location(struct str answer)
{
        return between(test_head(answer), "Location: ", "\r\n");
}

static void check(const char *what, struct str answer, int status, const char *says)
{
        if (test_status(answer) != status || !test_has(answer, says))
                fail_msg("%s: %d\n%s", what, test_status(answer),
                                str_c(town->arena, str_cut(answer, 8000)));
}

static const char *token_of(struct str page)
{
        return between(page, "name=\"token\" value=\"", "\"");
}

static const char *begin(void)
{
        struct str answer = post("/apply/open_case", "", "party=applicant&unit=bureau");
        check("begin", answer, 303, "Location: /apply/open_case/form?step=1");
        return cookie_of(answer, "pl_draft");
}

static struct str send_step(const char *draft, int step, const char *fields)
{
        struct str page = get(
                        str_format(town->arena, "/apply/open_case/form?step=%d", step).p, draft);
        return post("/apply/open_case/form", draft,
                        str_format(town->arena, "token=%s&step=%d&go=next&%s", token_of(page), step,
                                        fields)
                                        .p);
}

#define IDENTITY "who=%E5%BC%A0%E4%B8%89&id_no=350203199003070014&phone=13800138000"

/* A whole application; *ret_number is in the address, percent-encoded. */
static const char *apply(const char **ret_address)
{
        const char *draft = begin();
        check("step 1", send_step(draft, 1, "topic=%E6%9F%A5%E8%AF%A2"), 303, "step=2");
        check("step 2", send_step(draft, 2, IDENTITY), 303, "/check");
        struct str page = get("/apply/open_case/check", draft);
        check("check", page, 200, "提交申请");
        struct str done = post("/apply/open_case/submit", draft,
                        str_format(town->arena, "token=%s", token_of(page)).p);
        check("submit", done, 303, "?new=1");
        *ret_address = location(done);
        return cookie_of(done, "pl_track");
}

static void test_from_start_to_receipt(void **state)
{
        (void)state;
        const char *address, *track = apply(&address);
        struct str page = get(address, track);
        check("receipt", page, 200, "已经提交");
        check("receipt", page, 200, "决定期限");
        check("receipt", page, 200, "350203199003070014"); /* what he gave himself */
        assert_true(test_has(test_head(page), "no-store"));
}

static void test_nothing_is_lost_and_all_is_said(void **state)
{
        (void)state;
        static const struct {
                const char *why, *fields, *says;
        } rows[] = {
                { "a number that does not check", "who=a&id_no=350203199003070015", "证件号码：" },
                { "something needed is missing", "who=&id_no=", "请填写这一项" },
                { "markup stays text", "who=%3Cscript%3Ealert(1)%3C%2Fscript%3E&id_no=x",
                                "&lt;script&gt;alert(1)" },
                { "a quote does not leave its attribute", "who=%22%3E%3Cb%3E&id_no=x",
                                "&quot;&gt;&lt;b&gt;" },
        };
        const char *draft = begin();
        check("step 1", send_step(draft, 1, "topic=%E6%9F%A5%E8%AF%A2"), 303, "step=2");
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct str answer = send_step(draft, 2, rows[i].fields);
                check(rows[i].why, answer, 303, "checked=1");
                check(rows[i].why, get(location(answer), draft), 200, rows[i].says);
        }
        check("doubled", send_step(draft, 2, "who=a&who=b&id_no=350203199003070014"), 303,
                        "doubled=1");
        check("unknown fields are passed over", send_step(draft, 2, IDENTITY "&result=yes&$to=x"),
                        303, "/check");
        check("still there", get("/apply/open_case/form?step=1", draft), 200, "查询");
        check("the code continues it elsewhere",
                        post("/resume", "",
                                        str_format(town->arena, "code=%s", strchr(draft, '=') + 1)
                                                        .p),
                        303, "Set-Cookie: pl_draft=");
        check("a wrong code", post("/resume", "", "code=2222-2222-2222-2222"), 303, "failed=1");
}

static void test_foreign_forms(void **state)
{
        (void)state;
        const char *draft = begin(), *other = begin();
        struct str page = get("/apply/open_case/form?step=1", draft);
        check("no token", post("/apply/open_case/form", draft, "step=1&topic=a"), 403,
                        "E_HTTP_TOKEN");
        check("no token, in words", post("/apply/open_case/form", draft, "step=1&topic=a"), 403,
                        "不是从本站的页面提交的");
        check("somebody else's token",
                        post("/apply/open_case/form", other,
                                        str_format(town->arena, "step=1&topic=a&token=%s",
                                                        token_of(page))
                                                        .p),
                        403, "不是从本站的页面提交的");
        check("no draft", get("/apply/open_case/check", ""), 404, "没有这份草稿");
        check("another service's draft", get("/apply/noted_case/check", draft), 404, "另一项服务");
        check("unknown service", get("/apply/none", ""), 404, "没有找到");
        check("an office that is none", post("/apply/open_case", "", "party=applicant&unit=../x"),
                        400, "请选择向哪个单位申请");
}

static void test_sent_twice_it_happens_once(void **state)
{
        (void)state;
        const char *draft = begin();
        check("step 1", send_step(draft, 1, "topic=%E6%9F%A5%E8%AF%A2"), 303, "step=2");
        check("step 2", send_step(draft, 2, IDENTITY), 303, "/check");
        const char *token = token_of(get("/apply/open_case/check", draft));
        const char *body = str_format(town->arena, "token=%s", token).p;
        check("once", post("/apply/open_case/submit", draft, body), 303, "?new=1");
        check("twice", post("/apply/open_case/submit", draft, body), 404, "没有这份草稿");
}

static void test_somebody_elses_matter(void **state)
{
        (void)state;
        const char *address, *track = apply(&address), *mine;
        const char *theirs = apply(&mine);
        const char *number = between(str_of(address), "/track/", "?");
        const char *code = strrchr(track, '.') + 1;
        check("the cookie of another matter", get(address, theirs), 403, "办件编号或者查询码不对");
        check("no cookie", get(address, ""), 403, "E_TRACK_CODE");
        struct str wrong = post("/track", "",
                        str_format(town->arena, "number=%s&code=2222-2222-2222", number).p);
        struct str none = post("/track", "", "number=none&code=2222-2222-2222");
        check("wrong code", wrong, 403, "办件编号或者查询码不对");
        check("wrong number", none, 403, "办件编号或者查询码不对");
        check("right",
                        post("/track", "",
                                        str_format(town->arena, "number=%s&code=%s", number, code)
                                                        .p),
                        303, "Set-Cookie: pl_track=");
        for (int i = 0; i < 10; i++)
                post("/track", "",
                                str_format(town->arena, "number=%s&code=3333-3333-3333", number).p);
        check("too many",
                        post("/track", "",
                                        str_format(town->arena, "number=%s&code=%s", number, code)
                                                        .p),
                        503, "E_TRACK_TRIES");
        town->now.second += 1000;
        check("a while later",
                        post("/track", "",
                                        str_format(town->arena, "number=%s&code=%s", number, code)
                                                        .p),
                        303, "Set-Cookie: pl_track=");
}

static void test_acts_of_a_party(void **state)
{
        (void)state;
        const char *address, *track = apply(&address);
        const char *base = between(str_of(address), "", "?");
        const char *url = str_format(town->arena, "%s/withdraw", base).p;
        struct str form = get(url, track);
        check("offered", get(base, track), 200, "/withdraw\">撤回");
        check("the form", form, 200, "内部意见");
        const char *body = str_format(town->arena, "token=%s&once=%s&opinion=x", token_of(form),
                        between(form, "name=\"once\" value=\"", "\""))
                                           .p;
        check("no token", post(url, track, "once=2222-2222-2222-2222"), 403,
                        "不是从本站的页面提交的");
        check("an act of staff", get(str_format(town->arena, "%s/decide", base).p, track), 404,
                        "没有这个动作");
        check("done", post(url, track, body), 303, "?done=1");
        check("sent again", post(url, track, body), 303, "?done=1"); /* the same answer */
        check("no longer possible", get(url, track), 409, "可以这样做");
        check("what stands now", get(base, track), 200, "这件事已经办完");
        check("papers to oneself", get(base, track), 200, "受理通知书");
        check("left", post(str_format(town->arena, "%s/leave", base).p, track, ""), 303,
                        "Set-Cookie: pl_track=;");
}

static void test_elderly_mode(void **state)
{
        (void)state;
        check("switched", get("/mode?set=elder&to=/services", ""), 303,
                        "Set-Cookie: pl_mode=elder");
        check("and back where one was", get("/mode?set=elder&to=/services", ""), 303,
                        "Location: /services");
        check("nowhere else", get("/mode?set=elder&to=//evil.example", ""), 303, "Location: /\r\n");
        check("no host behind a backslash", get("/mode?set=elder&to=/%5Cevil.example", ""), 303,
                        "Location: /\r\n");
        check("no line of its own", get("/mode?set=elder&to=/a%20b", ""), 303, "Location: /\r\n");
        check("another word", get("/mode?set=x", ""), 400, "查询条件不正确");
        check("large type", get("/services", "pl_mode=elder"), 200, "pl-elder");
        const char *draft = begin();
        const char *both = str_format(town->arena, "%s; pl_mode=elder", draft).p;
        check("one thing on a page", get("/apply/open_case/form?step=1", both), 200, "共 7 步");
}

static void test_elsewhere(void **state)
{
        (void)state;
        check("offered", get("/services/open_case?item=P1", ""), 200, "/apply/open_case?item=P1");
        check("start", get("/apply/open_case?item=P1", ""), 200, "以谁的名义");
        check("resume", get("/resume", ""), 200, "续办码");
        check("track", get("/track", ""), 200, "查询码");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_from_start_to_receipt),
                cmocka_unit_test(test_nothing_is_lost_and_all_is_said),
                cmocka_unit_test(test_foreign_forms),
                cmocka_unit_test(test_sent_twice_it_happens_once),
                cmocka_unit_test(test_somebody_elses_matter),
                cmocka_unit_test(test_acts_of_a_party),
                cmocka_unit_test(test_elderly_mode),
                cmocka_unit_test(test_elsewhere),
        };
        town = test_open();
        test_people(town);
        int failed = cmocka_run_group_tests(tests, NULL, NULL);
        test_close(town);
        return failed;
}
