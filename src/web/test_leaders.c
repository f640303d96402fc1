/* Overview, administration and programs, from outside: who may, what is shown, what it does. */
#include "account/account.h"
#include "account/api_token.h"
#include "desk/timers.h"
#include "web/test_browser.h"

/* ---- The overview ---- */

static void test_overview_is_for_leaders(void **state)
{
        (void)state;
        struct browser none = { 0 }, clerk = sign_in("c01"), leader = sign_in("l01");
        assert_int_equal(test_status(look(&none, "/work/dashboard")), 303);
        expect(look(&clerk, "/work/dashboard"), 403, "总览由leader查看");
        assert_false(test_has(look(&clerk, "/work"), "/work/dashboard"));
        struct str page = look(&leader, "/work/dashboard");
        expect(page, 200, "在办事项");
        assert_true(test_has(look(&leader, "/work"), "href=\"/work/dashboard\""));
        static const char *const shown[] = { "在办", "已逾期", "今年与上年同期", "role=\"group\"",
                "data-live=\"/work/events\"", "公开事项", "不公开事项", "各月" };
        for (size_t i = 0; i < N_ELEMENTS(shown); i++)
                if (!test_has(page, shown[i]))
                        fail_msg("lacks %s: %s", shown[i], str_c(town->arena, page));
        expect(look(&leader, "/work/dashboard?figure=F1"), 200, "id=\"chosen\"");
        expect(page, 200, "各区、各单位");
        test_do(town, "开〔2021〕3号.file", "s01", "{}");
        page = look(&leader, "/work/dashboard");
        expect(page, 200, "公开事项：归档");
        expect(page, 200, "state=closed&amp;from=2021-01-01&amp;until=2021-12-31");
        expect(look(&leader, "/work/dashboard?year=2020"), 200, "2020年与2019年");
        expect(look(&leader, "/work/dashboard?year=2099"), 400, "不能晚于今年");
        expect(look(&leader, "/work/dashboard?year=x"), 404, "没有找到");
        expect(look(&leader, "/work/dashboard?figure=NOBODY"), 404, "没有找到");
}

/* ---- Keeping a register ---- */

static void test_administration_is_for_keepers(void **state)
{
        (void)state;
        struct browser clerk = sign_in("c01"), admin = sign_in("a01");
        static const char *const pages[] = { "/work/admin/registers/units",
                "/work/admin/registers/units/entry", "/work/admin/accounts", "/work/admin/tokens",
                "/work/admin/webhooks", "/work/admin/parameters" };
        for (size_t i = 0; i < N_ELEMENTS(pages); i++) {
                expect(look(&clerk, pages[i]), 404, "没有找到");
                assert_int_equal(test_status(look(&admin, pages[i])), 200);
        }
        expect(look(&clerk, "/work/admin"), 200, "提示与错误代码");
        assert_false(test_has(look(&clerk, "/work/admin"), "/work/admin/registers/"));
        expect(look(&admin, "/work/admin"), 200, "/work/admin/registers/units");
        expect(look(&admin, "/work/admin/registers/none"), 404, "没有找到");
        expect(look(&admin, "/work/admin/registers/units/entry?key=none"), 404, "没有找到");
        expect(look(&admin, "/work/admin/parameters"), 200, "清水市司法局");
}

static void test_an_entry_is_put_and_ended(void **state)
{
        (void)state;
        struct browser admin = sign_in("a01");
        look(&admin, "/work/admin/registers/units/entry");
        struct str empty = POST(&admin, "/work/admin/registers/units/entry", "f.name", "新区");
        expect(empty, 422, "新区"); /* what was typed stands there still */
        struct str put = POST(&admin, "/work/admin/registers/units/entry", "f.id", "north",
                        "f.name", "北区司法局", "f.parent", "bureau");
        assert_int_equal(test_status(put), 303);
        expect(look(&admin, "/work/admin/registers/units"), 200, "北区司法局");
        struct str form = look(&admin, "/work/admin/registers/units/entry?key=north");
        expect(form, 200, "value=\"北区司法局\"");
        put = POST(&admin, "/work/admin/registers/units/entry?key=north", "f.id", "north", "f.name",
                        "北区分局", "f.parent", "bureau");
        assert_int_equal(test_status(put), 303);
        expect(look(&admin, "/work/admin/registers/units"), 200, "北区分局");
        expect(look(&admin, "/work/admin/registers/units/entry?key=north"), 200,
                        "value=\"bureau\" selected"); /* what was not changed stays */
        look(&admin, "/work/admin/registers/units/entry?key=north");
        expect(POST(&admin, "/work/admin/registers/units/end", "no", "nobody", "day", ""), 404,
                        "没有现行有效");
        struct str end = POST(&admin, "/work/admin/registers/units/end", "no", "north", "day", "");
        assert_int_equal(test_status(end), 303);
        assert_false(test_has(look(&admin, "/work/admin/registers/units"), "北区"));
}

/* One more row of a list is a longer form, not an entry. */
static void test_rows_of_an_entry(void **state)
{
        (void)state;
        struct browser admin = sign_in("a01");
        look(&admin, "/work/admin/registers/staff/entry");
        struct str longer = POST(&admin, "/work/admin/registers/staff/entry", "f.id", "x09",
                        "f.name", "行员", "do", "add:grants");
        expect(longer, 200, "第 2 行");
        expect(look(&admin, "/work/admin/registers/staff/entry?key=x09"), 404, "没有找到");
}

static void test_entries_of_others_are_not_put(void **state)
{
        (void)state;
        struct browser clerk = sign_in("c01"), admin = sign_in("a01"), forged = admin;
        look(&clerk, "/work");
        expect(POST(&clerk, "/work/admin/registers/units/entry", "f.id", "x", "f.name", "x"), 404,
                        "没有找到");
        forged.token = STR_LIT("00000000000000000000000000000000");
        expect(POST(&forged, "/work/admin/registers/units/entry", "f.id", "x", "f.name", "伪造"),
                        403, "还没有提交"); /* the form comes back, with a right token */
        forged.token = STR_LIT("00000000000000000000000000000000");
        expect(POST(&forged, "/work/admin/registers/units/end", "no", "bureau", "day", ""), 403,
                        "E_FORM_TOKEN");
        assert_false(test_has(look(&admin, "/work/admin/registers/units"), "伪造"));
}

/* ---- Accounts ---- */

static void test_accounts_of_others(void **state)
{
        (void)state;
        struct browser admin = sign_in("a01"), other = sign_in("c02");
        look(&admin, "/work/admin/accounts");
        expect(POST(&admin, "/work/admin/accounts", "id", "nobody", "do", "password"), 404,
                        "没有现行有效");
        assert_int_equal(test_status(look(&other, "/work")), 200);
        expect(POST(&admin, "/work/admin/accounts", "id", "c02", "do", "sessions"), 200,
                        "全部登录已结束");
        assert_int_equal(test_status(look(&other, "/work")), 303);
        struct str answer = POST(&admin, "/work/admin/accounts", "id", "c02", "do", "password");
        expect(answer, 200, "只显示这一次");
        struct str password = between(answer, "<code class=\"pl-code\">", '<');
        assert_true(password.n >= 10);
        assert_true(test_has(test_head(answer), "no-store"));
        struct browser again = { 0 };
        look(&again, "/work/sign-in");
        answer = POST(&again, "/work/sign-in", "id", "c02", "password",
                        str_c(town->arena, password), "to", "");
        assert_int_equal(test_status(answer), 303);
        assert_true(test_has(location(look(&again, "/work")), "/work/password"));
}

/* ---- Programs ---- */

static struct str bearer;

static struct str send_json(
                const char *address, const char *key, const char *lines, const char *body)
{
        struct browser b = { 0 };
        struct buf head = BUF(town->arena);
        buf_c(&head, "Content-Type: application/json\r\n");
        if (bearer.n != 0)
                buf_format(&head, "Authorization: Bearer %.*s\r\n", STR_FMT(bearer));
        if (key[0] != '\0')
                buf_format(&head, "Idempotency-Key: %s\r\n", key);
        buf_c(&head, lines);
        buf_char(&head, '\0');
        return ask(&b, "POST", address, head.p, str_of(body));
}

static struct str get_json(const char *address)
{
        struct browser b = { 0 };
        return ask(&b, "GET", address,
                        str_format(town->arena,
                                        "Accept: application/json\r\n"
                                        "Authorization: Bearer %.*s\r\n",
                                        STR_FMT(bearer))
                                        .p,
                        STR_LIT(""));
}

static void test_a_program_acts(void **state)
{
        (void)state;
        struct browser admin = sign_in("a01");
        look(&admin, "/work/admin/tokens");
        struct str page =
                        POST(&admin, "/work/admin/tokens", "account", "c01", "label", "窗口取号机");
        expect(page, 200, "只显示这一次");
        bearer = between(page, "<code class=\"pl-code\">", '<');
        assert_true(str_starts(bearer, STR_LIT(API_TOKEN_PREFIX)));
        expect(look(&admin, "/work/admin/tokens"), 200, "窗口取号机");
        assert_false(test_has(look(&admin, "/work/admin/tokens"), str_c(town->arena, bearer)));

        static const char body[] = "{\"procedure\":\"staff_case\",\"act\":\"begin\","
                                   "\"fields\":{\"topic\":\"机器登记\"}}";
        expect(send_json("/api/matters", "", "", body), 400, "Idempotency-Key");
        struct str made = send_json("/api/matters", "k1", "", body);
        expect(made, 201, "\"position\":");
        struct str url = location(made);
        assert_true(str_starts(url, STR_LIT("/api/matters/")));
        struct str again = send_json("/api/matters", "k1", "", body);
        expect(again, 200, "\"repeated\":true");
        assert_false(test_has(test_head(again), "Location:"));

        const char *address = str_c(town->arena, url);
        struct str matter = get_json(address);
        expect(matter, 200, "\"acts\":[");
        struct str etag = between(matter, "ETag: ", '\r');
        assert_true(etag.n > 2);
        const char *act = str_format(town->arena, "%s/acts/note", address).p;
        struct str noted = send_json(act, "k2",
                        str_format(town->arena, "If-Match: %.*s\r\n", STR_FMT(etag)).p,
                        "{\"fields\":{\"memo\":\"第一次\"}}");
        expect(noted, 200, "\"matter\":");
        expect(send_json(act, "k3", str_format(town->arena, "If-Match: %.*s\r\n", STR_FMT(etag)).p,
                               "{\"fields\":{\"memo\":\"第二次\"}}"),
                        412, "E_HTTP_MATCH");
        matter = get_json(address);
        etag = between(matter, "ETag: ", '\r');
        struct browser program = { 0 };
        struct str same = ask(&program, "GET", address,
                        str_format(town->arena,
                                        "If-None-Match: %.*s\r\nAuthorization: Bearer %.*s\r\n",
                                        STR_FMT(etag), STR_FMT(bearer))
                                        .p,
                        STR_LIT(""));
        assert_int_equal(test_status(same), 304);
        assert_int_equal(test_body(same).n, 0);
        struct str list = get_json("/api/matters?procedure=staff_case");
        expect(list, 200, str_format(town->arena, "\"url\":\"%s\"", address).p);
        assert_false(test_has(list, "机器登记")); /* no titles */
        expect(get_json("/api/matters?from=x"), 400, "E_HTTP_QUERY");
        expect(send_json(act, "k4", "If-Match: x\r\n", "{}"), 400, "If-Match");
        const char *note = str_format(town->arena, "%s/acts/sys_note", address).p;
        expect(send_json(note, "k5", "", "{\"fields\":{\"note\":\"来自程序\"}}"), 200,
                        "\"matter\":");
        expect(send_json(note, "k6", "", "{\"fields\":{\"note\":\"\"}}"), 422, "E_FIELD_MISSING");
}

static void test_programs_are_refused(void **state)
{
        (void)state;
        static const char begin[] = "{\"procedure\":\"staff_case\",\"act\":\"begin\","
                                    "\"fields\":{\"topic\":\"机器登记\"}}";
        static const struct {
                const char *why, *address, *body;
                int status;
                const char *says;
        } rows[] = {
                { "no JSON", "/api/matters", "{", 400, "E_HTTP_FORM" },
                { "no object", "/api/matters", "[]", 400, "E_HTTP_FORM" },
                { "a member twice", "/api/matters", "{\"act\":\"a\",\"act\":\"b\"}", 400,
                                "E_HTTP_FORM" },
                { "a member that nobody asked for", "/api/matters", "{\"actor\":\"l01\"}", 400,
                                "actor" },
                { "no procedure", "/api/matters", "{\"act\":\"begin\"}", 400, "procedure" },
                { "a number for a name", "/api/matters", "{\"procedure\":1,\"act\":\"x\"}", 400,
                                "procedure" },
                { "an unknown procedure", "/api/matters",
                                "{\"procedure\":\"none\",\"act\":\"begin\"}", 404, "code" },
                { "a field of the wrong kind", "/api/matters",
                                "{\"procedure\":\"staff_case\",\"act\":\"begin\","
                                "\"fields\":{\"topic\":[1]}}",
                                422, "E_FIELD" },
                { "a field that is missing", "/api/matters",
                                "{\"procedure\":\"staff_case\",\"act\":\"begin\"}", 422,
                                "E_FIELD_MISSING" },
                { "an act of another role", "/api/matters",
                                "{\"procedure\":\"open_case\",\"act\":\"apply\","
                                "\"fields\":{\"topic\":\"x\",\"who\":\"x\",\"id_no\":\"x\"}}",
                                403, "E_ACT_ROLE" },
                { "a matter that is not there", "/api/matters/none/acts/note", "{}", 404,
                                "E_NOT_FOUND" },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct str answer = send_json(rows[i].address, str_format(town->arena, "r%zu", i).p,
                                "", rows[i].body);
                if (test_status(answer) != rows[i].status || !test_has(answer, rows[i].says) ||
                                !test_has(answer, "application/problem+json"))
                        fail_msg("%s: %s", rows[i].why, str_c(town->arena, answer));
        }
        struct str token = bearer;
        bearer = STR_LIT("");
        assert_int_equal(test_status(send_json("/api/matters", "n1", "", begin)), 401);
        bearer = STR_LIT("plt_0000000000000000000000000000000000000000000");
        assert_int_equal(test_status(send_json("/api/matters", "n2", "", begin)), 401);
        expect(get_json("/api/matters"), 401, "WWW-Authenticate: Bearer");
        bearer = token;
        /* A browser's session is no token: another site could make the browser send it. */
        struct browser clerk = sign_in("c01");
        struct str sent = ask(&clerk, "POST", "/api/matters",
                        "Content-Type: application/json\r\nIdempotency-Key: n3\r\n", str_of(begin));
        expect(sent, 401, "E_HTTP_TOKEN");
}

static void test_a_token_ends(void **state)
{
        (void)state;
        struct browser admin = sign_in("a01");
        struct str page = look(&admin, "/work/admin/tokens");
        struct str id = between(page, "name=\"end\" value=\"", '"');
        assert_true(id.n != 0);
        expect(POST(&admin, "/work/admin/tokens", "end", str_c(town->arena, id)), 200, "已停用");
        assert_int_equal(test_status(send_json("/api/matters", "e1", "",
                                         "{\"procedure\":\"staff_case\",\"act\":\"begin\","
                                         "\"fields\":{\"topic\":\"机器登记\"}}")),
                        401);
        expect(POST(&admin, "/work/admin/tokens", "end", "nobody"), 404, "没有这个令牌");
        struct str text;
        assert_false(api_token_add(town->arena, town->desk, STR_LIT("c01"), STR_LIT(" "), town->now,
                        &text, &town->err));
        assert_int_equal(town->err.code, E_ACCOUNT_TOKEN);
        expect(POST(&admin, "/work/admin/tokens", "account", "c01", "label", ""), 422,
                        "请写明给哪个程序用");
        expect(POST(&admin, "/work/admin/tokens", "account", "nobody", "label", "x"), 404,
                        "没有现行有效");
}

static const char staff_case[] =
                "procedure: staff_case\n"
                "label: 内部办件\n"
                "visible: never\n"
                "versions:\n"
                "  - version: S1\n"
                "    effective: 2019-01-01\n"
                "    law: 试验办法\n"
                "    number: '内〔{year}〕{n}号'\n"
                "    title: topic\n"
                "    fields:\n"
                "      topic: {label: 事由, type: text, max: 20}\n"
                "      memo: {label: 经过, type: long_text, max: 500}\n"
                "    states: {open: 办理中, done: {label: 办结, final: true}}\n"
                "    acts:\n"
                "      begin: {label: 登记, by: clerk, from: new, to: open, needs: [topic]}\n"
                "      note: {label: 批注, by: clerk, from: open, takes: [memo]}\n"
                "      finish: {label: 办结, by: clerk, from: open, to: done}\n";

static void add_person(const char *id, const char *role)
{
        test_do(town, "register:staff.put", "system",
                        str_format(town->arena,
                                        "{\"id\":\"%s\",\"name\":\"人员%s\",\"unit\":\"bureau\","
                                        "\"roles\":[\"%s\"]}",
                                        id, id, role)
                                        .p);
        test_must(town, account_set_password(town->arena, town->desk, str_of(id), STR_LIT(PASSWORD),
                                        false, town->now, &town->err));
}

/* ---- Who is told of events ---- */

static void test_a_subscription_is_kept(void **state)
{
        (void)state;
        struct browser admin = sign_in("a01"), clerk = sign_in("c01");
        expect(look(&clerk, "/work/admin/webhooks"), 404, "没有找到");
        expect(look(&admin, "/work/admin/webhooks"), 200, "没有配置投递目录");
        static const struct {
                const char *label, *url, *filter, *code;
        } bad[] = {
                { "", "https://a.example/", "", "E_HOOK_LABEL" },
                { "接收", "http://127.0.0.1/", "", "E_HOOK_TARGET" },
                { "接收", "https://a.example/", "hidden_case", "E_HOOK_FILTER" },
        };
        for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
                struct str page = POST(&admin, "/work/admin/webhooks", "do", "add", "label",
                                bad[i].label, "url", bad[i].url, "filter", bad[i].filter);
                expect(page, 422, bad[i].url); /* what was typed stands there still */
                assert_false(test_has(page, "whsec_"));
        }
        struct str page = POST(&admin, "/work/admin/webhooks", "do", "add", "label", "共享平台",
                        "url", "https://share.example/in?a=1&b=2", "filter", "open_case.decide");
        expect(page, 200, "<code class=\"pl-code\">whsec_");
        struct str secret = between(page, "<code class=\"pl-code\">", '<');
        page = look(&admin, "/work/admin/webhooks");
        expect(page, 200, "https://share.example/in?a=1&amp;b=2");
        assert_false(test_has(page, "whsec_"));
        const char *id = str_c(town->arena, between(page, "name=\"id\" value=\"", '"'));
        const char *position = str_c(town->arena, between(page, "name=\"position\" value=\"", '"'));
        look(&clerk, "/work/second-factor"); /* a form of his own: its token */
        expect(POST(&clerk, "/work/admin/webhooks", "do", "end", "id", id), 404, "没有找到");
        page = POST(&admin, "/work/admin/webhooks", "do", "renew", "id", id);
        expect(page, 200, "whsec_");
        assert_false(test_has(page, str_c(town->arena, secret)));
        expect(POST(&admin, "/work/admin/webhooks", "do", "retry", "id", id), 200, "马上再送");
        expect(POST(&admin, "/work/admin/webhooks", "do", "skip", "id", id, "position", position),
                        200, "跳过账本第");
        expect(POST(&admin, "/work/admin/webhooks", "do", "skip", "id", id, "position", position),
                        409, "已经跳过");
        expect(POST(&admin, "/work/admin/webhooks", "do", "steal", "id", id), 400, "操作");
        expect(POST(&admin, "/work/admin/webhooks", "do", "skip", "id", id, "position", "x"), 400,
                        "整数");
        expect(test_get(town, "/metrics"), 200, "plumbline_webhooks 1\n");
        expect(POST(&admin, "/work/admin/webhooks", "do", "end", "id", id), 200, "不再推送");
        expect(POST(&admin, "/work/admin/webhooks", "do", "end", "id", id), 404, "没有这个订阅");
        expect(test_get(town, "/metrics"), 200, "plumbline_webhooks 0\n");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_overview_is_for_leaders),
                cmocka_unit_test(test_administration_is_for_keepers),
                cmocka_unit_test(test_an_entry_is_put_and_ended),
                cmocka_unit_test(test_rows_of_an_entry),
                cmocka_unit_test(test_entries_of_others_are_not_put),
                cmocka_unit_test(test_accounts_of_others),
                cmocka_unit_test(test_a_program_acts),
                cmocka_unit_test(test_programs_are_refused),
                cmocka_unit_test(test_a_token_ends),
                cmocka_unit_test(test_a_subscription_is_kept),
        };
        const struct definition_source more[] = {
                { STR_LIT("procedures/staff_case.yaml"), { staff_case, sizeof(staff_case) - 1 } },
                { STR_LIT(""), { NULL, 0 } }
        };
        town = test_open_with(more, true);
        test_people(town);
        test_matters(town);
        add_person("c01", "clerk");
        add_person("c02", "clerk");
        add_person("l01", "leader");
        add_person("a01", "system_admin");
        int failed = cmocka_run_group_tests(tests, NULL, NULL);
        test_close(town);
        return failed;
}
