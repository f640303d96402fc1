/* Errors for programs (RFC 9457) and the description of what they may ask: whatever the portal
 * answers fits /openapi.json, checked by tests/json_schema.py. */
#include "account/api_token.h"
#include "web/route.h"
#include "web/test_citizen.h"
#include "web/test_office.h"

#include <sys/stat.h>
#include <unistd.h>

static struct str draw; /* the number of a draw */

/* ---- Problem details ---- */

static void test_problems(void **state)
{
        (void)state;
        static const struct {
                const char *address, *headers;
                int status;
                bool problem;
                const char *says;
        } rows[] = {
                { "/matters/none.json", "", 404, true, "\"code\":\"E_NOT_FOUND\"" },
                { "/matters/none.json", "", 404, true, "\"type\":\"/help/errors#E_NOT_FOUND\"" },
                { "/none.json", "", 404, true, "\"status\":404" },
                { "/matters.json?from=x", "", 400, true, "\"field\":\"from\"" },
                { "/matters.json?from=x", "", 400, true, "\"hint\":" },
                { "/matters?from=x", "Accept: application/json\r\n", 400, true, "E_HTTP_QUERY" },
                { "/matters?from=x", "Accept: application/problem+json\r\n", 400, true,
                                "E_HTTP_QUERY" },
                { "/matters?from=x", "Accept: text/html, application/json\r\n", 400, false,
                                "查询条件不正确" },
                { "/matters?from=x", "", 400, false, "查询条件不正确" },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct str answer = test_ask(town->arena, town->port, "GET",
                                str_of(rows[i].address), rows[i].headers);
                bool problem = test_has(test_head(answer), "application/problem+json");
                if (test_status(answer) != rows[i].status || problem != rows[i].problem ||
                                !test_has(answer, rows[i].says))
                        fail_msg("%s: %s", rows[i].address, str_c(town->arena, answer));
        }
}

/* A hidden matter and one that does not exist are the same to a program, too. */
static void test_hidden_is_as_unknown(void **state)
{
        (void)state;
        struct str hidden =
                        test_get(town, "/matters/%E5%AF%86%E3%80%942021%E3%80%951%E5%8F%B7.json");
        assert_int_equal(test_status(hidden), 404);
        assert_false(test_has(hidden, "detail"));
}

static void test_every_code_is_explained(void **state)
{
        (void)state;
        struct str page = test_get(town, "/help/errors");
        for (size_t i = 1; i < N_ERR_CODES; i++)
                if (!test_has(page, str_format(town->arena, "id=\"%s\"", err_texts[i].name).p))
                        fail_msg("%s", err_texts[i].name);
}

/* ---- The description ---- */

static const struct value *member(const struct value *context, const char *name)
{
        const struct value *value = value_get(context, str_of(name));
        if (value == NULL)
                fail_msg("no %s", name);
        return value;
}

/* Does it answer JSON? All that do are described, the description itself among them. */
static bool answers_json(const struct route *route)
{
        return route->json || route->who == WHO_PROGRAM;
}

/* The schema of what a good answer holds is one of those with a name, and that one says what
 * stands in it. */
static bool says_what(const struct value *operation, const struct value *schemas)
{
        const struct value *done = member(member(operation, "responses"), "200");
        const struct value *media = member(member(done, "content"), "application/json");
        const struct value *name = value_get(member(media, "schema"), STR_LIT("$ref"));
        if (name == NULL)
                return false;
        struct str plain = str_slice(name->string, strlen("#/components/schemas/"), name->string.n);
        return value_get(member(schemas, str_c(town->arena, plain)), STR_LIT("properties")) != NULL;
}

static void test_every_route_is_described(void **state)
{
        (void)state;
        struct value document;
        size_t n_routes = 0, n_described = 0, n_bare = 0;
        test_must(town, value_parse_json(town->arena, test_body(test_get(town, "/openapi.json")),
                                        &document, &town->err));
        const struct value *paths = member(&document, "paths");
        const struct value *schemas = member(member(&document, "components"), "schemas");
        for (const struct route *route = routes; route->pattern != NULL; route++)
                n_routes += answers_json(route);
        for (size_t i = 0; i < paths->context.n; i++) {
                const struct value *item = &paths->context.members[i].value;
                for (size_t k = 0; k < item->context.n; k++, n_described++)
                        if (!says_what(&item->context.members[k].value, schemas)) {
                                print_error("only an object: %s\n",
                                                str_c(town->arena, paths->context.members[i].name));
                                n_bare++;
                        }
        }
        assert_int_equal(n_described, n_routes);
        assert_int_equal(n_bare, 0);
}

static void save(const char *folder, const char *name, struct str text)
{
        FILE *file = fopen(str_format(town->arena, "%s/%s", folder, name).p, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(text.p, 1, text.n, file), text.n);
        assert_int_equal(fclose(file), 0);
}

static void add_answer(struct buf *lines, const char *folder, const char *method,
                const char *address, struct str answer)
{
        const char *file = str_format(town->arena, "answer-%zu.json", lines->n).p;
        save(folder, file, test_body(answer));
        buf_format(lines, "%s\t%d\t%s\t%s\n", address, test_status(answer), file, method);
}

static void add_answers(struct buf *lines, struct browser *b, const char *folder,
                const char *const *addresses, size_t n)
{
        for (size_t i = 0; i < n; i++)
                add_answer(lines, folder, "get", addresses[i], look(b, addresses[i]));
}

/* ---- What programs are answered ---- */

static const char *head_of_program(const char *key, const char *lines)
{
        struct str token;
        test_must(town, api_token_add(town->arena, town->desk, STR_LIT("s01"), STR_LIT("试验"),
                                        town->now, &token, &town->err));
        return str_format(town->arena,
                        "Accept: application/json\r\nAuthorization: Bearer %.*s\r\n"
                        "Idempotency-Key: %s\r\n%s",
                        STR_FMT(token), key, lines)
                        .p;
}

static struct str post_json(const char *address, const char *key, const char *body)
{
        struct browser program = { 0 };
        return ask(&program, "POST", address,
                        head_of_program(key, "Content-Type: application/json\r\n"), str_of(body));
}

static void add_program(struct buf *lines, const char *folder)
{
        static const char begin[] = "{\"procedure\":\"lot\",\"act\":\"open\","
                                    "\"fields\":{\"topic\":\"程序新建\"}}";
        struct browser program = { 0 };
        struct str made = post_json("/api/matters", "k1", begin);
        assert_int_equal(test_status(made), 201);
        const char *matter = str_c(town->arena, location(made));
        const char *note = str_format(town->arena, "%s/acts/sys_note", matter).p;
        const char *head = head_of_program("none", "");
        add_answer(lines, folder, "post", "/api/matters", made);
        add_answer(lines, folder, "post", "/api/matters", post_json("/api/matters", "k1", begin));
        add_answer(lines, folder, "post", "/api/matters", post_json("/api/matters", "k2", "{}"));
        add_answer(lines, folder, "post", note,
                        post_json(note, "k3", "{\"fields\":{\"note\":\"记\"}}"));
        add_answer(lines, folder, "post", note, post_json(note, "k4", "{\"fields\":7}"));
        add_answer(lines, folder, "get", matter, ask(&program, "GET", matter, head, STR_LIT("")));
        add_answer(lines, folder, "get", "/api/matters",
                        ask(&program, "GET", "/api/matters", head, STR_LIT("")));
        add_answer(lines, folder, "get", "/api/matters?mine=x",
                        ask(&program, "GET", "/api/matters?mine=x", head, STR_LIT("")));
}

#define APPLY "open_case.apply\t%s\t{\"topic\":\"甲\",\"who\":\"甲\",\"id_no\":\"35\"%s}\n"

/* Fields of acts as their schema has them: by type, limit and name. */
static struct str acts(void)
{
        static const struct {
                const char *fits, *more;
        } rows[] = {
                { "yes", "" },
                { "yes", ",\"kind\":\"b\",\"place\":\"bureau\",\"fee\":12.50" },
                { "yes", ",\"fee\":\"12.50\"" },
                { "yes", ",\"stages\":[{\"name\":\"初审\",\"on\":\"2021-03-02\"}]" },
                { "no", ",\"kind\":\"nobody\"" },
                { "no", ",\"fee\":\"12.345\"" },
                { "no", ",\"fee\":true" },
                { "no", ",\"stages\":[{\"on\":\"2021-13-02\"}]" },
                { "no", ",\"stages\":[{\"nobody\":1}]" },
                { "no", ",\"result\":\"不是本步的字段\"" },
        };
        struct buf lines = BUF(town->arena);
        for (size_t i = 0; i < N_ELEMENTS(rows); i++)
                buf_format(&lines, APPLY, rows[i].fits, rows[i].more);
        buf_c(&lines, "open_case.decide\tyes\t{\"result\":\"准予\"}\n"
                      "open_case.decide\tno\t{\"result\":7}\n"
                      "open_case.decide\tno\t{\"opinion\":\"缺少必填\"}\n");
        return buf_str(&lines);
}

/* What a rule demands, asked of the desk and of the schema alike. */
static void add_conditions(struct buf *lines)
{
        static const struct {
                int status;
                const char *fields, *says;
        } rows[] = {
                { 201, "{\"topic\":\"甲\",\"kind\":\"a\"}", "" },
                { 422, "{\"topic\":\"甲\",\"kind\":\"b\"}", "乙类要写经过" },
                { 201, "{\"topic\":\"甲\",\"kind\":\"b\",\"memo\":\"因\"}", "" },
                { 201, "{\"topic\":\"甲\",\"kind\":\"a\",\"stages\":[{\"name\":\"初审\"}]}", "" },
                { 422, "{\"topic\":\"甲\",\"kind\":\"a\",\"stages\":[{\"name\":\"初审\"},{}]}",
                                "没有填写" },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                const char *body = str_format(town->arena,
                                "{\"procedure\":\"every_case\",\"act\":\"enter\",\"fields\":%s}",
                                rows[i].fields)
                                                   .p;
                struct str answer = post_json("/api/matters",
                                str_format(town->arena, "condition-%zu", i).p, body);
                expect(answer, rows[i].status, rows[i].says);
                buf_format(lines, "every_case.enter\t%s\t%s\n",
                                rows[i].status == 201 ? "yes" : "no", rows[i].fields);
        }
}

/* A condition that no schema can say is told in its rule's words, at the field that it demands. */
static void test_conditions_are_told(void **state)
{
        (void)state;
        struct value document;
        test_must(town, value_parse_json(town->arena, test_body(test_get(town, "/openapi.json")),
                                        &document, &town->err));
        const struct value *schemas = member(member(&document, "components"), "schemas");
        const struct value *enter = member(schemas, "every_case.enter");
        const struct value *memo = member(member(enter, "properties"), "memo");
        const struct value *all = member(enter, "allOf");
        assert_true(test_has(member(memo, "description")->string,
                        "有时必填：件数多的要写经过（试验办法 第六条）"));
        assert_int_equal(all->list.n, 1);
        assert_true(str_is(member(&all->list.items[0], "description")->string,
                        "乙类要写经过（试验办法 第五条）"));
        const struct value *phase =
                        member(member(member(schemas, "every_case.phase"), "properties"), "stages");
        assert_int_equal(member(member(phase, "items"), "required")->list.n, 2);
}

/* The address of the JSON of a matter's first paper. */
static const char *document_of(const char *number)
{
        const char *url = test_url(town, "/matters/", number);
        struct str paper = between(test_get(town, url), "/documents/", '"');
        assert_int_not_equal(paper.n, 0);
        return str_format(town->arena, "%s/documents/%.*s.json", url, STR_FMT(paper)).p;
}

/* The address of the JSON of the proof of a hidden matter's first event, as staff see it. */
static const char *work_proof(struct browser *b)
{
        struct str page = look(b, test_url(town, "/work/matters/", "密〔2021〕1号"));
        struct str proof = between(page, "/proofs/", '"');
        assert_int_equal(test_status(page), 200);
        assert_int_not_equal(proof.n, 0);
        return str_format(town->arena, "%s/proofs/%.*s.json",
                        test_url(town, "/work/matters/", "密〔2021〕1号"), STR_FMT(proof))
                        .p;
}

/* The JSON of a paper, as staff see it. */
static const char *work_document(struct browser *b)
{
        struct str page = look(b, test_url(town, "/work/matters/", "开〔2021〕3号"));
        struct str paper = between(page, "/documents/", '"');
        assert_int_not_equal(paper.n, 0);
        return str_format(town->arena, "%s/documents/%.*s.json",
                        test_url(town, "/work/matters/", "开〔2021〕3号"), STR_FMT(paper))
                        .p;
}

/* ---- Administration, forms, and what a party is answered ---- */

static const char *json_of(const char *address)
{
        return str_format(town->arena, "%s.json", address).p;
}

static const char *behind(const char *address, const char *more)
{
        return str_format(town->arena, "%s%s", address, more).p;
}

/* Something of all that administration lists. */
static void administer(struct browser *admin)
{
        struct str hooks = look(admin, "/work/admin/webhooks");
        expect(hooks, 200, "对外推送");
        expect(POST(admin, "/work/admin/webhooks", "do", "add", "label", "接收方", "url",
                               "https://receiver.example.cn/in", "filter", "open_case"),
                        200, "验签密钥只显示这一次");
        look(admin, "/work/admin/tokens");
        expect(POST(admin, "/work/admin/tokens", "account", "s01", "label", "试验"), 200, "plt_");
        test_do(town, "register:delegations.put", "system",
                        "{\"id\":\"w1\",\"from_staff\":\"s01\",\"to_staff\":\"e01\"}");
        test_do(town, "register:recusals.put", "system",
                        "{\"recusal_no\":\"h1\",\"staff\":\"s01\",\"procedure\":\"open_case\","
                        "\"ground\":\"近亲属\",\"basis\":\"公务员法 第七十六条\"}");
}

static void add_administration(struct buf *lines, const char *folder, struct browser *clerk)
{
        static const char *const addresses[] = {
                "/work/admin.json",
                "/work/admin/registers/units.json",
                "/work/admin/registers/staff.json?after=e01",
                "/work/admin/registers/units/entry.json",
                "/work/admin/registers/staff/entry.json?key=s01",
                "/work/admin/registers/staff/entry.json?key=nobody",
                "/work/admin/registers/none.json",
                "/work/admin/accounts.json",
                "/work/admin/tokens.json",
                "/work/admin/webhooks.json",
                "/work/admin/parameters.json",
                "/work/admin/definitions.json",
                "/work/admin/definitions.json?name=procedures/open_case.yaml",
                "/work/admin/definitions.json?name=none",
                "/work/admin/templates.json",
                "/work/admin/templates.json?procedure=open_case&document=receipt",
                "/work/admin/templates.json?procedure=open_case&document=none",
                "/work/admin/standing.json",
                "/work/admin/calendar.json",
                "/work/password.json",
                "/work/second-factor.json",
        };
        static const char *const audited[] = { "/work/admin/access.json",
                "/work/admin/access.json?staff=s01&from=2021-01-01",
                "/work/admin/access.json?from=x" };
        struct browser admin = sign_in("a01"), auditor = sign_in("u01");
        administer(&admin);
        look(clerk, test_url(town, "/work/matters/", "密〔2021〕1号")); /* something is read */
        add_answers(lines, &admin, folder, addresses, N_ELEMENTS(addresses));
        add_answers(lines, clerk, folder, addresses, N_ELEMENTS(addresses)); /* refused */
        add_answers(lines, &auditor, folder, audited, N_ELEMENTS(audited));
        look(&admin, "/work/second-factor");
        POST(&admin, "/work/second-factor", "do", "begin");
        add_answers(lines, &admin, folder, &addresses[N_ELEMENTS(addresses) - 1], 1);
}

static void add_forms(struct buf *lines, const char *folder, struct browser *clerk)
{
        const char *matter = begin(clerk, "表单");
        const char *const addresses[] = {
                "/work/new/every_case/begin.json",
                "/work/new/every_case/none.json",
                json_of(behind(matter, "/acts/hand_over")),
                json_of(behind(matter, "/acts/reply")),
                json_of(behind(matter, "/acts/approve")), /* refused: another's */
                json_of(behind(matter, "/code")),
        };
        add_answers(lines, clerk, folder, addresses, N_ELEMENTS(addresses));
}

static void add_citizen(struct buf *lines, const char *folder)
{
        const char *url;
        struct str heads = test_get(town, "/checkpoints.json"),
                   size = between(heads, "\"size\":", '}');
        struct browser stranger = { 0 }, writing = citizen_begin(), party = citizen_apply(&url);
        struct str page = look(&party, url), paper = between(page, "/documents/", '"');
        assert_int_not_equal(paper.n, 0);
        static const char *const steps[] = { "/apply/open_case.json", "/apply/open_case/form.json",
                "/apply/open_case/form.json?step=2&checked=1",
                "/apply/open_case/form.json?step=all", "/apply/open_case/check.json" };
        static const char *const doors[] = { "/apply/open_case.json?item=P1", "/apply/none.json",
                "/apply/open_case/form.json", "/resume.json?failed=1", "/track.json?number=x",
                "/checkpoints.json", "/checkpoints.json?from=20", "/ledger/8/qr.json" };
        const char *const own[] = { json_of(url), behind(json_of(url), "?new=1"),
                json_of(behind(url, "/withdraw")), json_of(behind(url, "/decide")),
                json_of(str_format(town->arena, "%s/documents/%.*s", url, STR_FMT(paper)).p) };
        const char *from = str_format(town->arena, "/checkpoints.json?from=%.*s", STR_FMT(size)).p;
        add_answers(lines, &writing, folder, steps, N_ELEMENTS(steps));
        add_answers(lines, &stranger, folder, &from, 1);
        add_answers(lines, &stranger, folder, doors, N_ELEMENTS(doors));
        add_answers(lines, &party, folder, own, N_ELEMENTS(own));
        add_answers(lines, &stranger, folder, own, N_ELEMENTS(own)); /* refused */
}

static void test_answers_fit(void **state)
{
        (void)state;
        char folder[] = "/tmp/openapi-XXXXXX";
        static const char *const overviews[] = { "/work/dashboard.json",
                "/work/dashboard.json?figure=F1&year=2021" };
        struct browser b = sign_in("s01"), leader = sign_in("l01");
        assert_int_equal(test_status(look(&leader, overviews[1])), 200);
        assert_non_null(mkdtemp(folder));
        const char *const addresses[] = {
                "/home.json",
                "/services.json",
                "/services.json?q=x",
                "/services.json?subject=%E5%85%B6%E4%BB%96&audience=nobody",
                "/services/open_case.json",
                "/services/open_case.json?item=P1",
                "/columns.json",
                "/columns/open_case/decision.json",
                "/columns/open_case/decision.json?q=nobody",
                "/calculator.json",
                "/calculator.json?clock=open_case.decide&from=2021-09-28",
                "/calculator.json?clock=open_case.decide&from=2021-09-28&length=500",
                "/calculator.json?clock=nobody&pause_from=2021-09-28",
                "/sitemap.json",
                "/reports.json",
                "/report/2021.json",
                "/figures/F1.json?year=2021",
                "/figures/F2.json?year=2021&month=3",
                "/figures/F3.json",
                "/figures/F4.json",
                "/figures/F5.json",
                "/figures/F6.json",
                "/matters.json",
                "/matters.json?procedure=nobody",
                "/matters.json?q=script&from=2021-01-01&until=2021-12-31&unit=bureau",
                "/matters.json?after=30&at=50",
                str_format(town->arena, "%s.json", test_url(town, "/matters/", "开〔2021〕1号")).p,
                str_format(town->arena, "%s.json", test_url(town, "/matters/", "开〔2021〕3号")).p,
                document_of("开〔2021〕3号"),
                "/ledger/0.json",
                "/ledger/8.json",
                "/procedures.json",
                "/procedures/open_case.json",
                "/procedures/hidden_case.json?version=V1",
                "/procedures/open_case/compare.json",
                "/registers.json",
                "/registers/people.json",
                "/registers/people.json?key=P1",
                "/registers/units.json",
                "/calendar.json",
                "/calendar.json?year=2090",
                "/draws.json",
                str_format(town->arena, "%s.json", test_url(town, "/draws/", draw.p)).p,
                str_format(town->arena, "%s.json", test_url(town, "/draws/", "签〔2021〕2号")).p,
                work_proof(&b),
                "/work.json",
                "/work/matters.json",
                "/work/matters.json?q=%E5%85%AC%E8%AF%81&sort=number&procedure=open_case",
                "/work/matters.json?procedure=open_case&state=received&sort=due",
                str_format(town->arena, "%s.json",
                                test_url(town, "/work/matters/", "密〔2021〕1号"))
                                .p,
                str_format(town->arena, "%s.json",
                                test_url(town, "/work/matters/", "开〔2021〕3号"))
                                .p,
                str_format(town->arena, "%s.json", test_url(town, "/work/matters/", draw.p)).p,
                work_document(&b),
                "/work/new.json",
                "/work/draws.json",
                str_format(town->arena, "%s.json", test_url(town, "/work/draws/", draw.p)).p,
                str_format(town->arena, "%s.json", test_url(town, "/work/draws/", "签〔2021〕2号"))
                                .p,
                "/work/dashboard.json", /* refused: he does not lead */
                "/work/matters/none.json",
                "/draws/none.json",
                "/help/errors.json",
                "/openapi.json",
                "/matters/none.json",
                "/matters.json?from=x",
                "/report/1.json",
        };
        struct str document = test_get(town, "/openapi.json");
        assert_int_equal(test_status(document), 200);
        save(folder, "openapi.json", test_body(document));
        struct buf lines = BUF(town->arena);
        add_answers(&lines, &b, folder, addresses, N_ELEMENTS(addresses));
        add_answers(&lines, &leader, folder, overviews, N_ELEMENTS(overviews));
        add_program(&lines, folder);
        add_administration(&lines, folder, &b);
        add_forms(&lines, folder, &b);
        add_citizen(&lines, folder);
        save(folder, "answers.tsv", buf_str(&lines));
        struct buf given = BUF(town->arena);
        buf_str_add(&given, acts());
        add_conditions(&given);
        save(folder, "acts.tsv", buf_str(&given));
        int fits = system(str_format(
                        town->arena, "python3 %s/tests/json_schema.py %s", town->root, folder)
                                          .p);
        assert_int_equal(system(str_format(town->arena, "rm -r %s", folder).p), 0);
        assert_int_equal(fits, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_problems),
                cmocka_unit_test(test_hidden_is_as_unknown),
                cmocka_unit_test(test_every_code_is_explained),
                cmocka_unit_test(test_every_route_is_described),
                cmocka_unit_test(test_conditions_are_told),
                cmocka_unit_test(test_answers_fit),
        };
        const struct definition_source more[] = {
                { STR_LIT("procedures/every_case.yaml"), { every_case, sizeof(every_case) - 1 } },
                { STR_LIT(""), { NULL, 0 } }
        };
        town = test_open_as(more, true, true);
        test_people(town);
        test_matters(town);
        draw = test_draws(town);
        add_staff("s01", "密员甲", "bureau");
        add_staff("e01", "局员", "bureau");
        add_staff_as("l01", "局长", "bureau", "leader");
        add_staff_as("a01", "管理员", "bureau", "system_admin");
        add_staff_as("u01", "审计员", "bureau", "auditor");
        int failed = cmocka_run_group_tests(tests, NULL, NULL);
        test_close(town);
        return failed;
}
