/* A page and its JSON: every page has one or says why not, it holds nothing that makes a form one,
 * and whoever is refused the page is refused the JSON, as a problem. */
#include "account/api_token.h"
#include "desk/prove.h"
#include "ledger/proof.h"
#include "web/route.h"
#include "web/test_citizen.h"
#include "web/test_office.h"

#define HTML "Content-Type: text/html"

static const char *json_of(const char *address)
{
        size_t query = str_find(str_of(address), STR_LIT("?"));
        int n = (int)(query != SIZE_MAX ? query : strlen(address));
        return str_format(town->arena, "%.*s.json%s", n, address, address + n).p;
}

/* ---- Which pages have one ---- */

/* What has none: it is no page, or (fixed texts, what signs in) one without anything of its own.
 * SIZE: of the newest signed head; CSS: the name of the style sheet. */
static const struct {
        const char *pattern, *address;
        int status;
        bool is_page;
} alone[] = {
        { "/mode", "/mode?set=elder&to=/", 303, false },
        { "/columns/feed", "/columns/feed", 200, false },
        { "/columns/{}/{}/feed", "/columns/open_case/decision/feed", 200, false },
        { "/consistency/{}/{}", "/consistency/SIZE/SIZE", 200, false },
        { "/checkpoint", "/checkpoint", 200, false },
        { "/tile/{*}", "/tile/0/000.p/SIZE", 200, false },
        { "/log-keys", "/log-keys", 404, false }, /* no key was changed here */
        { "/checkpoint/key", "/checkpoint/key", 200, false },
        { "/draws/{}/{}", "/draws/%E7%AD%BE%E3%80%942021%E3%80%951%E5%8F%B7/announced", 200,
                        false },
        { "/help", "/help", 200, true },
        { "/accessibility", "/accessibility", 200, true },
        { "/assets/{}", "/assets/CSS", 200, false },
        { "/healthz", "/healthz", 200, false },
        { "/readyz", "/readyz", 200, false },
        { "/metrics", "/metrics", 200, false },
        { "/work/sign-in", "/work/sign-in", 200, true },
        { "/work/code", "/work/code", 303, false }, /* nobody is half signed in */
        { "/work/matters/{}/files/{}", "/work/matters/x/files/y", 404, false },
        { "/work/events", "/work/events", 200, false },
};

static bool is_alone(const char *pattern)
{
        for (size_t i = 0; i < N_ELEMENTS(alone); i++)
                if (strcmp(alone[i].pattern, pattern) == 0)
                        return true;
        return false;
}

static void test_every_page_has_one(void **state)
{
        (void)state;
        size_t n = 0;
        for (const struct route *route = routes; route->pattern != NULL; route++) {
                bool none = route->method == HTTP_GET && !route->json;
                if (none != (route->no_json != NULL))
                        fail_msg("%s: has JSON, or says why not", route->pattern);
                if (none && !is_alone(route->pattern))
                        fail_msg("%s: is it no page?", route->pattern);
                n += none;
        }
        assert_int_equal(n, N_ELEMENTS(alone));
}

/* docs/api.md lists the same. */
static void test_the_list_is_documented(void **state)
{
        (void)state;
        struct str text;
        test_must(town, file_read(town->arena,
                                        str_format(town->arena, "%s/docs/api.md", town->root),
                                        1 << 20, &text, &town->err));
        for (size_t i = 0; i < N_ELEMENTS(alone); i++)
                if (!test_has(text, str_format(town->arena, "`%s`", alone[i].pattern).p))
                        fail_msg("docs/api.md: %s", alone[i].pattern);
}

static const char *with(const char *text, const char *word, struct str by)
{
        struct str all = str_of(text);
        size_t at = str_find(all, str_of(word));
        if (at == SIZE_MAX)
                return text;
        return with(str_format(town->arena, "%.*s%.*s%s", (int)at, text, STR_FMT(by),
                                    text + at + strlen(word))
                                        .p,
                        word, by);
}

static void test_what_has_none_is_no_page(void **state)
{
        (void)state;
        struct browser b = sign_in("s01"), stranger = { 0 };
        struct str size = between(look(&b, "/checkpoints.json"), "\"size\":", '}');
        struct str css = between(look(&b, "/"), "href=\"/assets/", '"');
        for (size_t i = 0; i < N_ELEMENTS(alone); i++) {
                const char *address = with(with(alone[i].address, "SIZE", size), "CSS", css);
                bool work = str_starts(str_of(address), STR_LIT("/work/"));
                bool signs_in = alone[i].is_page || alone[i].status == 303;
                struct str answer = ask(work && !signs_in ? &b : &stranger, "GET", address,
                                "Last-Event-ID: 0\r\n", STR_LIT(""));
                bool page = test_status(answer) == 200 && test_has(test_head(answer), "text/html");
                if (test_status(answer) != alone[i].status || page != alone[i].is_page)
                        fail_msg("%s: %s", address, str_c(town->arena, test_head(answer)));
                assert_int_equal(test_status(look(&b, json_of(address))), 404);
        }
}

/* ---- What is in it ---- */

/* What the page carries so that its form is taken (token, keys, sealed hashes) is in its source,
 * and nothing of it in the JSON. */
static void check_carries_nothing(struct browser *b, const char *address, size_t *n)
{
        struct str page = look(b, address), json = look(b, json_of(address)), rest = page;
        expect(page, 200, HTML);
        expect(json, 200, "Content-Type: application/json");
        assert_true(test_has(test_head(json), "Cache-Control: no-store"));
        for (size_t at; (at = str_find(rest, STR_LIT("type=\"hidden\" name=\""))) != SIZE_MAX;) {
                rest = str_slice(rest, at + 1, rest.n);
                struct str value = between(rest, "value=\"", '"');
                if (value.n < 16)
                        continue;
                if (test_has(json, str_c(town->arena, value)))
                        fail_msg("%s has %s", address, str_c(town->arena, value));
                ++*n;
        }
}

static void test_nothing_of_the_form_itself(void **state)
{
        (void)state;
        const char *url;
        struct browser b = sign_in("s01"), admin = sign_in("a01");
        struct browser writing = citizen_begin(), party = citizen_apply(&url);
        const char *matter = begin(&b, "表单");
        static const char *const of_admin[] = { "/work/admin/registers/units/entry?key=bureau",
                "/work/admin/accounts", "/work/admin/tokens", "/work/admin/webhooks",
                "/work/admin/definitions", "/work/admin/calendar",
                "/work/admin/templates?procedure=open_case&document=receipt", "/work/password",
                "/work/second-factor" };
        static const char *const of_draft[] = { "/apply/open_case",
                "/apply/open_case/form?step=all", "/apply/open_case/check", "/resume", "/track" };
        size_t n = 0, n_pages = 0;
        for (size_t i = 0; i < N_ELEMENTS(of_admin); i++, n_pages++)
                check_carries_nothing(&admin, of_admin[i], &n);
        for (size_t i = 0; i < N_ELEMENTS(of_draft); i++, n_pages++)
                check_carries_nothing(&writing, of_draft[i], &n);
        check_carries_nothing(&b, "/work/new/every_case/begin", &n);
        check_carries_nothing(&b, matter, &n);
        check_carries_nothing(&b, str_format(town->arena, "%s/acts/reply", matter).p, &n);
        check_carries_nothing(&b, str_format(town->arena, "%s/code", matter).p, &n);
        check_carries_nothing(&b, "/work/matters?procedure=every_case&state=open", &n);
        check_carries_nothing(&party, url, &n);
        check_carries_nothing(&party, str_format(town->arena, "%s/withdraw", url).p, &n);
        assert_true(n >= n_pages + 7); /* a token on each */
}

/* The query code is on the receipt alone, as on the page. */
static void test_query_code_on_the_receipt(void **state)
{
        (void)state;
        const char *url;
        struct browser party = citizen_apply(&url);
        struct str code = between(party.matter, ".", ';');
        const char *again = json_of(url);
        const char *receipt = str_format(town->arena, "%s?new=1", again).p;
        assert_int_equal(code.n, 14);
        expect(look(&party, receipt), 200, str_c(town->arena, code));
        assert_false(test_has(test_body(look(&party, again)), str_c(town->arena, code)));
}

/* What is asked, as its definition has it, and what stands there by now. */
static void test_fields_of_a_form(void **state)
{
        (void)state;
        static const char *const says[] = {
                "\"label\":\"事由\",\"max_length\":20,\"name\":\"topic\",\"needed\":true,\"type\":\"text\"",
                "\"min\":0,\"name\":\"n\",\"needed\":false,\"type\":\"integer\"",
                "\"options\":[{\"key\":\"a\",\"label\":\"甲类\"},{\"key\":\"b\",\"label\":\"乙类\"}],\"type\":"
                "\"enum\"",
                "\"kind\":\"resident_id\"",
                "\"options\":[{\"key\":\"P1\",\"label\":\"张仲景\"}],\"register\":\"people\",\"type\":\"ref\"",
                "\"max_bytes\":16777216,\"name\":\"proof\"",
                "\"columns\":[{\"label\":\"名称\",\"max_length\":20,\"name\":\"name\",\"needed\":true,"
                "\"type\":\"text\"},{\"label\":\"日期\",\"name\":\"on_day\",\"needed\":false,\"type\":"
                "\"date\"}],\"label\":\"阶段\",\"max_rows\":50,\"name\":\"stages\",\"needed\":false,\"rows\":[]",
                "\"program_url\":\"/api/matters\"",
        };
        struct browser b = sign_in("s01"), writing = citizen_begin();
        struct str json = look(&b, "/work/new/every_case/begin.json");
        for (size_t i = 0; i < N_ELEMENTS(says); i++)
                expect(json, 200, says[i]);
        POST(&writing, "/apply/open_case/form", "step", "all", "do", "save", "f.topic", "听证",
                        "f.id_no", "35", "n.stages", "1", "f.stages.0.name", "初审");
        json = look(&writing, "/apply/open_case/form.json?step=all&checked=1");
        expect(json, 200,
                        "\"name\":\"topic\",\"needed\":true,\"type\":\"text\",\"value\":\"听证\"");
        expect(json, 200, "\"error\":\"请填写姓名\"");
        expect(json, 200, "\"rows\":[[{");
        expect(json, 200, "\"type\":\"text\",\"value\":\"初审\"");
}

/* ---- Files ---- */

static struct str program(
                const char *who, const char *method, const char *address, const char *body)
{
        static int key;
        struct browser none = { 0 };
        struct str token;
        test_must(town, api_token_add(town->arena, town->desk, str_of(who), STR_LIT("试验"),
                                        town->now, &token, &town->err));
        struct str head = str_format(town->arena,
                        "Accept: application/json\r\nAuthorization: Bearer %.*s\r\n"
                        "Idempotency-Key: file-%d\r\n%s",
                        STR_FMT(token), key++,
                        *body != '\0' ? "Content-Type: application/json\r\n" : "");
        return ask(&none, method, address, str_c(town->arena, head), str_of(body));
}

/* A matter with this file, handed in as in a browser; *ret_sealed: what the form carried. */
static const char *begin_with_file(struct browser *b, struct str bytes, const char **ret_sealed)
{
        const char *form = "/work/new/every_case/begin";
        look(b, form);
        struct str check = post_file(b, form, "证据.pdf", bytes, "check");
        *ret_sealed = str_c(town->arena, between(check, "name=\"h.proof\" value=\"", '"'));
        struct str done = POST(b, form, "do", "do", "f.topic", "有附件的", "h.proof", *ret_sealed);
        assert_int_equal(test_status(done), 303);
        struct str rest = location(done);
        return str_c(town->arena, str_split(&rest, '?'));
}

/* The log proves that the event says so: under the signed head, against the log's key. */
static void check_logged(int64_t position, const char *hex)
{
        struct str name = STR_LIT("proof"), text;
        struct proof_shown shown;
        for (int i = 0; i < 20; i++) /* a head is signed after so many */
                test_do(town, "every_case.begin", "s01", "{\"topic\":\"后来的\"}");
        test_must(town, prove_event(town->arena, town->site, STR_LIT(""), position, &name, 1,
                                        STR_LIT(""), &text, &town->err));
        test_must(town, proof_check(town->arena, text, site_key(town->site), 1, &shown,
                                        &town->err));
        const struct value *proof = value_get(&shown.fields, name);
        assert_non_null(proof);
        assert_true(proof->kind == VALUE_STRING && str_is(proof->string, hex));
}

/* A file that was posted is in the JSON of its matter and in the ledger by its hash, and by
 * nothing of what its form carried. */
static void test_a_file_by_its_hash(void **state)
{
        (void)state;
        struct browser b = sign_in("e01"), west = sign_in("w01");
        struct str bytes = STR_LIT("%PDF-1.7 a paper of its own");
        char hex[2 * HASH_BYTES + 1] = { 0 };
        const char *sealed, *url = begin_with_file(&b, bytes, &sealed);
        struct hash hash = hash_bytes(LEDGER_SHA256, bytes);
        hash_write_hex(hash.b, HASH_BYTES, hex);
        assert_true(str_starts(str_of(sealed), str_of(hex)) && strlen(sealed) > strlen(hex) + 16);
        struct str json = look(&b, json_of(url));
        const char *file = str_format(town->arena, "%s/files/%s", url, hex).p;
        expect(json, 200, str_format(town->arena, "\"file_url\":\"%s\"", file).p);
        expect(json, 200, "\"file_name\":\"证据.pdf\"");
        assert_false(test_has(json, sealed + strlen(hex)));
        assert_true(str_eq(test_body(look(&b, file)), bytes));

        const char *api = str_format(town->arena, "/api%s", url + strlen("/work")).p;
        const char *member = str_format(town->arena, "\"proof\":\"%s\"", hex).p;
        json = program("e01", "GET", api, "");
        expect(json, 200, member);
        int64_t position;
        assert_true(str_to_int(between(json, "\"position\":", ','), &position));
        check_logged(position, hex);
        assert_int_equal(test_status(program("w01", "GET", api, "")), 404);
        assert_int_equal(test_status(look(&west, json_of(url))), 404);

        const char *body = str_format(town->arena,
                        "{\"procedure\":\"every_case\",\"act\":\"begin\",\"fields\":{\"topic\":\"x\",%s}}",
                        member)
                                           .p;
        expect(program("w01", "POST", "/api/matters", body), 422, "附件请在网页的表单里上传");
        expect(program("e01", "POST", "/api/matters",
                               "{\"procedure\":\"every_case\",\"act\":\"begin\",\"fields\":"
                               "{\"topic\":\"x\",\"stages\":[\"x\"],\"proof\":7}}"),
                        422, "E_FIELD_VALUE");
        /* Of a matter that has it, it may be written again. */
        body = str_format(town->arena, "{\"fields\":{\"memo\":\"有\",%s}}", member).p;
        expect(program("e01", "POST", str_format(town->arena, "%s/acts/replace", api).p, body), 200,
                        "");
        expect(program("e01", "POST",
                               str_format(town->arena, "/api%s/acts/replace",
                                               begin(&b, "没有附件的") + strlen("/work"))
                                               .p,
                               body),
                        422, "附件请在网页的表单里上传");
}

/* A hash in a field that holds no file is a text: it opens nothing, in whatever field, and gives
 * no right to name the file. One that nobody uploaded yet cannot be claimed beforehand. */
static void test_a_hash_is_no_file(void **state)
{
        (void)state;
        struct browser b = sign_in("e01"), west = sign_in("w01");
        struct str bytes = STR_LIT("%PDF-1.7 another paper");
        char hex[2 * HASH_BYTES + 1] = { 0 };
        struct hash hash = hash_bytes(LEDGER_SHA256, bytes);
        hash_write_hex(hash.b, HASH_BYTES, hex);
        const char *claim = str_format(town->arena,
                        "{\"procedure\":\"every_case\",\"act\":\"begin\",\"fields\":"
                        "{\"topic\":\"x\",\"proof\":\"%s\"}}",
                        hex)
                                            .p;
        expect(program("w01", "POST", "/api/matters", claim), 422, "附件请在网页的表单里上传");
        const char *sealed, *url = begin_with_file(&b, bytes, &sealed);
        expect(look(&b, str_format(town->arena, "%s/files/%s", url, hex).p), 200, "");
        static const struct {
                const char *before, *behind;
        } rows[] = {
                { "\"memo\":\"", "\"" },
                { "\"names\":[\"", "\"]" },
                { "\"memo\":\"x\",\"names\":[\"y\",\"", "\"]" },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct str answer = program("w01", "POST", "/api/matters",
                                str_format(town->arena,
                                                "{\"procedure\":\"every_case\",\"act\":\"begin\","
                                                "\"fields\":{\"topic\":\"x\",%s%s%s}}",
                                                rows[i].before, hex, rows[i].behind)
                                                .p);
                expect(answer, 201, "");
                struct str api = location(answer);
                const char *own = str_format(town->arena, "/work%.*s/files/%s",
                                STR_FMT(str_slice(api, strlen("/api"), api.n)), hex)
                                                  .p;
                assert_int_equal(test_status(look(&west, own)), 404);
                expect(program("w01", "POST",
                                       str_format(town->arena, "%.*s/acts/replace", STR_FMT(api)).p,
                                       str_format(town->arena,
                                                       "{\"fields\":{\"memo\":\"x\",\"proof\":\"%s\"}}",
                                                       hex)
                                                       .p),
                                422, "附件请在网页的表单里上传");
        }
}

/* ---- Who is refused ---- */

static void check_refused(struct browser *b, const char *address, int page, int json)
{
        struct str answer = look(b, json_of(address));
        if (test_status(look(b, address)) != page || test_status(answer) != json ||
                        !test_has(test_head(answer), "application/problem+json"))
                fail_msg("%s: %s", address, str_c(town->arena, answer));
}

/* Without a session the page leads to where one signs in, and a program is told. */
static void test_without_a_session(void **state)
{
        (void)state;
        struct browser stranger = { 0 };
        for (const struct route *route = routes; route->pattern != NULL; route++) {
                if (route->method != HTTP_GET || route->who != WHO_STAFF || !route->json)
                        continue;
                const char *address = with(route->pattern, "{}", STR_LIT("x"));
                check_refused(&stranger, address, 303, 403);
                expect(look(&stranger, json_of(address)), 403, "E_ACCOUNT_SESSION");
        }
        check_refused(&stranger, "/work/password", 303, 403);
}

static void test_refused_alike(void **state)
{
        (void)state;
        const char *url;
        struct browser b = sign_in("s01"), stranger = { 0 }, party = citizen_apply(&url);
        const char *matter = begin(&b, "别人的");
        static const char *const admin[] = { "/work/admin/registers/units",
                "/work/admin/registers/units/entry?key=bureau", "/work/admin/accounts",
                "/work/admin/tokens", "/work/admin/webhooks", "/work/admin/parameters",
                "/work/admin/definitions", "/work/admin/templates", "/work/admin/standing",
                "/work/admin/access", "/work/admin/calendar" };
        for (size_t i = 0; i < N_ELEMENTS(admin); i++)
                check_refused(&b, admin[i], 404, 404);
        check_refused(&stranger, url, 403, 403);
        check_refused(&stranger, str_format(town->arena, "%s/withdraw", url).p, 403, 403);
        check_refused(&party, str_format(town->arena, "%s/decide", url).p, 404, 404);
        check_refused(&party, "/track/x", 403, 403);
        check_refused(&stranger, "/apply/open_case/form", 404, 404);
        check_refused(&b, str_format(town->arena, "%s/acts/approve", matter).p, 403, 403);
        check_refused(&b, "/work/matters/x/code", 404, 404);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_every_page_has_one),
                cmocka_unit_test(test_what_has_none_is_no_page),
                cmocka_unit_test(test_the_list_is_documented),
                cmocka_unit_test(test_nothing_of_the_form_itself),
                cmocka_unit_test(test_query_code_on_the_receipt),
                cmocka_unit_test(test_fields_of_a_form),
                cmocka_unit_test(test_a_file_by_its_hash),
                cmocka_unit_test(test_a_hash_is_no_file),
                cmocka_unit_test(test_without_a_session),
                cmocka_unit_test(test_refused_alike),
        };
        office_open();
        add_staff_as("a01", "管理员", "bureau", "system_admin");
        test_matters(town);
        test_draws(town);
        int failed = cmocka_run_group_tests(tests, NULL, NULL);
        test_close(town);
        return failed;
}
