/* Applying and following: what is typed is kept, what is foreign is refused, what is wrong is
 * said; somebody else's number, code and draft show nothing. */
#include "desk/codes.h"
#include "web/test_told.h"
#include "web/test_town.h"

static struct test_town *town;

static struct str get(const char *address, const char *cookie)
{
        return test_ask(town->arena, town->port, "GET", str_of(address),
                        cookie[0] == '\0' ? ""
                                          : str_format(town->arena, "Cookie: %s\r\n", cookie).p);
}

static struct str post_as_it_is(const char *address, const char *cookie, const char *body)
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

/* The browser: the cookie of its forms, and the token that goes with it. */
static const char *form_cookie, *form_token;

/* As a form of ours is sent. */
static struct str post(const char *address, const char *cookie, const char *body)
{
        return post_as_it_is(address, str_format(town->arena, "%s; %s", cookie, form_cookie).p,
                        str_format(town->arena, "token=%s&%s", form_token, body).p);
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
        return post("/apply/open_case/form", draft,
                        str_format(town->arena, "step=%d&do=next&%s", step, fields).p);
}

#define IDENTITY "f.who=%E5%BC%A0%E4%B8%89&f.id_no=350203199003070014&f.phone=13800138000"

/* A whole application; *ret_number is in the address, percent-encoded. */
static const char *apply(const char **ret_address)
{
        const char *draft = begin();
        check("step 1", send_step(draft, 1, "f.topic=%E6%9F%A5%E8%AF%A2"), 303, "step=2");
        check("step 2", send_step(draft, 2, IDENTITY), 303, "/check");
        struct str page = get("/apply/open_case/check", draft);
        check("check", page, 200, "提交申请");
        struct str done = post("/apply/open_case/submit", draft, "");
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
        check("receipt", page, 200, "<details class=\"govuk-details\" open>"); /* and on paper */
        assert_true(test_has(test_head(page), "no-store"));
}

static void test_nothing_is_lost_and_all_is_said(void **state)
{
        (void)state;
        static const struct {
                const char *why, *fields, *says;
        } rows[] = {
                { "a number that does not check", "f.who=a&f.id_no=350203199003070015",
                                "证件号码：" },
                { "something needed is missing", "f.who=&f.id_no=", "请填写" },
                { "markup stays text", "f.who=%3Cscript%3Ealert(1)%3C%2Fscript%3E&f.id_no=x",
                                "&lt;script&gt;alert(1)" },
                { "a quote does not leave its attribute", "f.who=%22%3E%3Cb%3E&f.id_no=x",
                                "&quot;&gt;&lt;b&gt;" },
        };
        const char *draft = begin();
        check("step 1", send_step(draft, 1, "f.topic=%E6%9F%A5%E8%AF%A2"), 303, "step=2");
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct str answer = send_step(draft, 2, rows[i].fields);
                check(rows[i].why, answer, 422, rows[i].says);
                check(rows[i].why, get("/apply/open_case/form?step=2&checked=1", draft), 200,
                                rows[i].says);
        }
        check("doubled", send_step(draft, 2, "f.who=a&f.who=b&f.id_no=350203199003070014"), 422,
                        "收到了两个值");
        check("unknown fields are passed over", send_step(draft, 2, IDENTITY "&f.result=yes&$to=x"),
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
        const char *draft = begin();
        struct str other = get("/track", "");
        const char *ours = str_format(town->arena, "%s; %s", draft, form_cookie).p;
        const char *theirs =
                        str_format(town->arena, "token=%s&step=1&f.topic=kept", token_of(other)).p;
        assert_string_not_equal(token_of(other), form_token);
        struct str refused = post_as_it_is("/apply/open_case/form", ours, "step=1&f.topic=kept");
        check("no token: nothing is done", refused, 403, "还没有提交");
        check("and nothing typed is lost", refused, 403, "value=\"kept\"");
        check("somebody else's token", post_as_it_is("/apply/open_case/form", ours, theirs), 403,
                        "还没有提交");
        check("no cookie", post_as_it_is("/apply/open_case/form", draft, theirs), 403,
                        "还没有提交");
        assert_false(test_has(get("/apply/open_case/form?step=1", draft), "kept"));
        static const char *const strict[] = { "/apply/open_case", "/apply/open_case/submit",
                "/apply/open_case/drop", "/resume", "/track", "/track/x/leave" };
        for (size_t i = 0; i < N_ELEMENTS(strict); i++)
                check(strict[i], post_as_it_is(strict[i], ours, "party=applicant&unit=bureau"), 403,
                                "E_FORM_TOKEN");
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
        check("step 1", send_step(draft, 1, "f.topic=%E6%9F%A5%E8%AF%A2"), 303, "step=2");
        check("step 2", send_step(draft, 2, IDENTITY), 303, "/check");
        check("once", post("/apply/open_case/submit", draft, ""), 303, "?new=1");
        check("twice", post("/apply/open_case/submit", draft, ""), 404, "没有这份草稿");
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

/* The form as sent through the proxy by somebody at that address. */
static struct str try_code(const char *peer, const char *number, const char *code)
{
        bool closed;
        const char *body = str_format(
                        town->arena, "token=%s&number=%s&code=%s", form_token, number, code)
                                           .p;
        return test_exchange(town->arena, town->port,
                        str_format(town->arena,
                                        "POST /track HTTP/1.1\r\nHost: localhost\r\n"
                                        "Connection: close\r\nX-Forwarded-For: %s\r\n"
                                        "Content-Type: application/x-www-form-urlencoded\r\n"
                                        "Cookie: %s\r\nContent-Length: %zu\r\n\r\n%s",
                                        peer, form_cookie, strlen(body), body),
                        &closed);
}

/* Whoever guesses is stopped; he stops neither his neighbour behind the same proxy nor the party
 * of the matter that he tried. */
static void test_guessing_stops_only_who_guesses(void **state)
{
        (void)state;
        const char *address, *track = apply(&address);
        const char *number = between(str_of(address), "/track/", "?");
        const char *code = strrchr(track, '.') + 1;
        for (int i = 0; i < 10; i++)
                check("wrong", try_code("203.0.113.1", number, "3333-3333-3333"), 403,
                                "办件编号或者查询码不对");
        check("stopped", try_code("203.0.113.1", number, code), 503, "E_TRACK_TRIES");
        check("another", try_code("203.0.113.2", number, code), 303, "Set-Cookie: pl_track=");
        town->now.second += 1000;
}

/* A hundred begun from one address, and no more; others go on. */
static void test_drafts_from_one_address(void **state)
{
        (void)state;
        town->now.second += 1000;
        for (int i = 0; i < 100; i++)
                begin();
        check("too many", post("/apply/open_case", "", "party=applicant&unit=bureau"), 503,
                        "E_HTTP_OFTEN");
        town->now.second += 1000;
        begin();
}

/* Where TLS ends in front of us, what lets its bearer in goes over nothing else. Runs last: there
 * is another portal. */
static void test_cookies_for_tls_alone(void **state)
{
        (void)state;
        const char *address, *track = apply(&address);
        const char *number = between(str_of(address), "/track/", "?");
        const char *was_cookie = form_cookie, *was_token = form_token;
        const int was_port = town->port;
        struct portal *portal = NULL;
        const struct portal_options options = {
                .data = str_of(town->root), .clock = { test_now, town }, .https = true
        };
        test_must(town, portal_open(town->site, town->desk, &options, &portal, &town->err));
        town->port = portal_port(portal);
        struct str page = get("/apply/open_case", "");
        form_cookie = cookie_of(page, "__Host-pl-form");
        form_token = token_of(page);
        struct str begun = post("/apply/open_case", "", "party=applicant&unit=bureau");
        const char *draft = cookie_of(begun, "__Host-pl_draft");
        check("draft", begun, 303, "; Path=/; HttpOnly; SameSite=Lax; Secure");
        check("goes on", get("/apply/open_case/form?step=1", draft), 200, "第 1 步");
        struct str let_in = post("/track", "",
                        str_format(town->arena, "number=%s&code=%s", number,
                                        strrchr(track, '.') + 1)
                                        .p);
        check("let in", let_in, 303, "; Path=/; HttpOnly; SameSite=Lax; Secure");
        check("follows",
                        get(between(str_of(address), "", "?"),
                                        cookie_of(let_in, "__Host-pl_track")),
                        200, "决定期限");
        check("the other's", get(between(str_of(address), "", "?"), track), 403, "E_TRACK_CODE");
        portal_close(&portal);
        town->port = was_port;
        form_cookie = was_cookie;
        form_token = was_token;
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
        const char *body = str_format(town->arena, "once=%s&f.opinion=x",
                        between(form, "name=\"once\" value=\"", "\""))
                                           .p;
        check("no token", post_as_it_is(url, track, "once=2222-2222-2222-2222&f.opinion=typed"),
                        403, "typed");
        check("an act of staff", get(str_format(town->arena, "%s/decide", base).p, track), 404,
                        "没有这个动作");
        check("done", post(url, track, body), 303, "?done=1");
        check("sent again", post(url, track, body), 303, "?done=1"); /* the same answer */
        check("no longer possible", get(url, track), 409, "可以这样做");
        check("what stands now", get(base, track), 200, "这件事已经办完");
        check("papers to oneself", get(base, track), 200, "受理通知书");
        assert_false(test_has(get(base, track), "内部函")); /* kept on file: sent to nobody */
        check("left", post(str_format(town->arena, "%s/leave", base).p, track, ""), 303,
                        "Set-Cookie: pl_track=;");
}

/* A matter of two: each is written to, and none reads what the other gets. */
static const char pair_text[] =
                "procedure: pair_case\n"
                "label: 双方事项\n"
                "line: '1'\n"
                "visible: never\n"
                "versions:\n"
                "  - version: V1\n"
                "    effective: 2019-01-01\n"
                "    law: 试验办法\n"
                "    number: '双〔{year}〕{n}号'\n"
                "    title: '\"双方事项\"'\n"
                "    parties: {applicant: 申请人, neighbour: 相邻人}\n"
                "    fields:\n"
                "      one: {label: 甲, type: text, class: personal}\n"
                "      two: {label: 乙, type: text, class: personal}\n"
                "      more: {label: 另有, type: text}\n"
                "    states: {open: 已受理, told: {label: 已告知, final: true}}\n"
                "    acts:\n"
                "      apply: {label: 申请, by: applicant, from: new, to: open, needs: [one, two]}\n"
                "      amend: {label: 补正, by: applicant, from: open, takes: [one, two, more]}\n"
                "      write: {label: 改写, by: clerk, from: open, takes: [two]}\n"
                "      slip: {label: 单独致函, by: clerk, from: open, private: true, document: to_two}\n"
                "      aside: {label: 内部登记, by: clerk, from: open, private: true}\n"
                "      ring: {label: 单独通知, by: clerk, from: open, private: true, notifies: neighbour}\n"
                "      tell: {label: 告知, by: clerk, from: open, to: told, notifies: [applicant, neighbour],\n"
                "             document: [to_one, to_two, on_file]}\n"
                "    documents:\n"
                "      to_one: {label: 致申请人函, to: applicant, text: '甲为{{one}}'}\n"
                "      to_two: {label: 致相邻人函, to: neighbour, text: '乙为{{two}}'}\n"
                "      on_file: {label: 送达回证, to: [], text: '{{one}}{{two}}'}\n";

/* The cookie of a party of a matter, who comes with his code. */
static const char *comes(struct str number, const char *party)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        struct str code = { NULL, 0 };
        test_must(town, snapshot_open(site_store(town->site), &snapshot, &town->err) &&
                                        codes_of(town->arena, snapshot, number, str_of(party),
                                                        &code, &town->err));
        struct str in = post("/track", "",
                        str_format(town->arena, "%s&code=%s",
                                        test_url(town, "number=", str_c(town->arena, number)),
                                        str_c(town->arena, code))
                                        .p);
        check(party, in, 303, "Set-Cookie: pl_track=");
        return cookie_of(in, "pl_track");
}

static void test_one_party_does_not_read_what_the_other_gets(void **state)
{
        (void)state;
        struct str number = test_do(town, "pair_case.apply", "applicant",
                        "{\"one\":\"密甲\",\"two\":\"密乙\"}");
        test_do(town, str_format(town->arena, "%.*s.tell", STR_FMT(number)).p, "s01", "{}");
        static const struct {
                const char *who, *own, *says, *others, *foreign;
        } rows[] = {
                { "applicant", "致申请人函", "甲为密甲", "致相邻人函", "to_two" },
                { "neighbour", "致相邻人函", "乙为密乙", "致申请人函", "to_one" },
        };
        const char *address = test_url(town, "/track/", str_c(town->arena, number));
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                const char *cookie = comes(number, rows[i].who);
                struct str page = get(address, cookie);
                const char *paper = between(page, "/documents/", "\"");
                check(rows[i].who, page, 200, rows[i].own);
                assert_false(test_has(page, rows[i].others));
                assert_false(test_has(page, "送达回证"));
                struct str own = get(str_format(town->arena, "%s/documents/%s", address, paper).p,
                                cookie);
                check("his own", own, 200, rows[i].says);
                check("and what it is", own, 200, "这一页是发给你的一份文书的全文");
                assert_false(test_has(own, "依法公开"));
                const char *seq = str_format(
                                town->arena, "%.*s", (int)(strchr(paper, '-') - paper), paper)
                                                  .p;
                check("the other's",
                                get(str_format(town->arena, "%s/documents/%s-%s", address, seq,
                                                    rows[i].foreign)
                                                                .p,
                                                cookie),
                                404, "没有找到");
                check("of the file",
                                get(str_format(town->arena, "%s/documents/%s-on_file", address, seq)
                                                                .p,
                                                cookie),
                                404, "没有找到");
        }
}

/* A private step is told to whom it writes or gives notice, and to no other party; one that is told
 * to nobody, to none. */
static void test_a_private_step_is_told_to_whom_it_writes(void **state)
{
        (void)state;
        struct str number = test_do(town, "pair_case.apply", "applicant",
                        "{\"one\":\"密甲\",\"two\":\"密乙\"}");
        test_do(town, str_format(town->arena, "%.*s.slip", STR_FMT(number)).p, "s01", "{}");
        test_do(town, str_format(town->arena, "%.*s.aside", STR_FMT(number)).p, "s01", "{}");
        test_do(town, str_format(town->arena, "%.*s.ring", STR_FMT(number)).p, "s01", "{}");
        static const struct {
                const char *who;
                bool is_told;
        } rows[] = { { "applicant", false }, { "neighbour", true } };
        static const char *const forms[] = { "", ".json" };
        for (size_t i = 0; i < N_ELEMENTS(rows) * N_ELEMENTS(forms); i++) {
                const char *address = str_format(town->arena, "%s%s",
                                test_url(town, "/track/", str_c(town->arena, number)), forms[i % 2])
                                                      .p;
                struct str page = get(address, comes(number, rows[i / 2].who));
                check(rows[i / 2].who, page, 200, "申请");
                assert_true(test_has(page, "单独致函") == rows[i / 2].is_told);
                assert_true(test_has(page, "致相邻人函") == rows[i / 2].is_told);
                assert_true(test_has(page, "单独通知") == rows[i / 2].is_told);
                assert_false(test_has(page, "内部登记"));
        }
}

/* Whoever was asked in a sub-matter reads there, by its number and his own code, what the decision
 * of the other matter told him; and neither that matter, nor who applied, nor what others got. */
static void test_who_was_asked_reads_what_was_decided(void **state)
{
        (void)state;
        test_do(town, "asking_case.apply", "applicant",
                        "{\"who\":\"密申请\",\"asked\":[{\"name\":\"密甲\",\"unit\":\"bureau\"},"
                        "{\"name\":\"密乙\",\"unit\":\"bureau\"},{\"name\":\"密丙\",\"unit\":\"bureau\"}]}");
        test_do(town, "询〔2021〕1号.give", "s01", "{\"opinion\":\"不同意\"}");
        test_do(town, "询〔2021〕2号.give", "s01", "{\"opinion\":\"同意\"}");
        test_do(town, "询〔2021〕3号.give", "s01", "{\"opinion\":\"不同意\"}");
        test_do(town, "征〔2021〕1号.answer", "s01", "{\"why\":\"公共利益\"}");
        static const struct {
                const char *number, *own;
                const char *notice; /* NULL: none */
                const char *others[2];
        } rows[] = {
                { "询〔2021〕1号", "密甲", "告〔2021〕1号", { "密乙", "密丙" } },
                { "询〔2021〕2号", "密乙", NULL, { "密甲", "密丙" } },
                { "询〔2021〕3号", "密丙", "告〔2021〕2号", { "密甲", "密乙" } },
        };
        static const char *const never[] = { "密申请", "征〔2021〕1号", "答复书", "reply" };
        static const char *const forms[] = { "", ".json" };
        for (size_t i = 0; i < N_ELEMENTS(rows) * N_ELEMENTS(forms); i++) {
                const size_t r = i / 2, k = (r + 1) % N_ELEMENTS(rows);
                const char *form = forms[i % 2];
                const char *cookie = comes(str_of(rows[r].number), "neighbour");
                const char *address = test_url(town, "/track/", rows[r].number);
                struct str page = get(str_format(town->arena, "%s%s", address, form).p, cookie);
                check(rows[r].number, page, 200, "征询函");
                assert_true(test_has(page, "告知决定") == (rows[r].notice != NULL));
                assert_true(test_has(page, "决定告知书") == (rows[r].notice != NULL));
                for (size_t n = 0; n < N_ELEMENTS(never); n++)
                        assert_false(test_has(page, never[n]));
                check("another who was asked",
                                get(test_url(town, "/track/", rows[k].number), cookie), 403,
                                "E_TRACK_CODE");
                check("the matter itself", get(test_url(town, "/track/", "征〔2021〕1号"), cookie),
                                403, "E_TRACK_CODE");
                if (rows[r].notice == NULL)
                        continue;
                const char *at = strstr(str_c(town->arena, page), "-notice");
                assert_non_null(at);
                const char *from = at;
                while (from[-1] >= '0' && from[-1] <= '9')
                        from--;
                struct str paper = get(str_format(town->arena, "%s/documents/%.*s-notice%s",
                                                       address, (int)(at - from), from, form)
                                                       .p,
                                cookie);
                check("his own", paper, 200, rows[r].notice);
                check("in full", paper, 200,
                                str_format(town->arena, "%s：因公共利益决定办理", rows[r].own).p);
                for (size_t n = 0; n < N_ELEMENTS(never); n++)
                        assert_false(test_has(paper, never[n]));
                for (size_t n = 0; n < N_ELEMENTS(rows[r].others); n++)
                        assert_false(test_has(paper, rows[r].others[n]));
        }
        const char *cookie = comes(STR_LIT("征〔2021〕1号"), "applicant");
        struct str page = get(test_url(town, "/track/", "征〔2021〕1号"), cookie);
        check("who applied", page, 200, "答复书");
        assert_false(test_has(page, "决定告知书"));
        assert_false(test_has(page, "询〔2021〕"));
}

/* What he is asked again begins with his own words, not with those of the office; what he leaves
 * alone or empties stays. */
static void test_he_goes_on_from_his_own_words(void **state)
{
        (void)state;
        struct str number = test_do(town, "pair_case.apply", "applicant",
                        "{\"one\":\"自写甲\",\"two\":\"自写乙\"}");
        test_do(town, str_format(town->arena, "%.*s.write", STR_FMT(number)).p, "s01",
                        "{\"two\":\"机关写\"}");
        const char *address = test_url(town, "/track/", str_c(town->arena, number));
        const char *cookie = comes(number, "applicant");
        const char *url = str_format(town->arena, "%s/amend", address).p;
        struct str form = get(url, cookie);
        check("his own", form, 200, "value=\"自写甲\"");
        assert_false(test_has(form, "自写乙")); /* it is no longer so */
        assert_false(test_has(form, "机关写"));
        const char *once = between(form, "name=\"once\" value=\"", "\"");
        check("sent",
                        post(url, cookie,
                                        str_format(town->arena, "once=%s&f.one=&f.two=&f.more=x",
                                                        once)
                                                        .p),
                        303, "?done=1");
        form = get(url, cookie);
        check("what was added", form, 200, "value=\"x\"");
        check("what was left empty", form, 200, "value=\"自写甲\"");
        test_do(town, str_format(town->arena, "%.*s.tell", STR_FMT(number)).p, "s01", "{}");
        cookie = comes(number, "neighbour");
        struct str page = get(address, cookie);
        const char *paper = between(page, "/documents/", "\"");
        check("what the office wrote stays",
                        get(str_format(town->arena, "%s/documents/%s", address, paper).p, cookie),
                        200, "乙为机关写");
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
                cmocka_unit_test(test_guessing_stops_only_who_guesses),
                cmocka_unit_test(test_drafts_from_one_address),
                cmocka_unit_test(test_acts_of_a_party),
                cmocka_unit_test(test_one_party_does_not_read_what_the_other_gets),
                cmocka_unit_test(test_a_private_step_is_told_to_whom_it_writes),
                cmocka_unit_test(test_who_was_asked_reads_what_was_decided),
                cmocka_unit_test(test_he_goes_on_from_his_own_words),
                cmocka_unit_test(test_elderly_mode),
                cmocka_unit_test(test_elsewhere),
                cmocka_unit_test(test_cookies_for_tls_alone),
        };
        const struct definition_source more[] = {
                { STR_LIT("procedures/pair_case.yaml"), { pair_text, sizeof(pair_text) - 1 } },
                TOLD_DEFINITIONS
        };
        town = test_open_with(more, false);
        test_people(town);
        struct str page = get("/track", "");
        form_cookie = cookie_of(page, "pl-form");
        form_token = token_of(page);
        int failed = cmocka_run_group_tests(tests, NULL, NULL);
        test_close(town);
        return failed;
}
