/* Administration: what is looked at before it is brought into force. A site on disk, because it
 * records what it runs under. */
#include "account/account.h"
#include "base/limits.h"
#include "desk/files.h"
#include "desk/notice_preview.h"
#include "web/test_browser.h"

#define DEFINITIONS "/work/admin/definitions"
#define CALENDAR    "/work/admin/calendar"

static const char forged[] = "00000000000000000000000000000000";

static struct str file_of(const char *name)
{
        struct str text;
        struct err err;
        if (!file_read(town->arena, str_format(town->arena, "%s/%s", town->root, name), 1 << 20,
                            &text, &err))
                fail_msg("%s: %s", name, err.detail);
        return text;
}

static const char *definition(const char *name)
{
        return str_c(town->arena, file_of(str_format(town->arena, "tests/data/portal/%s", name).p));
}

/* The text with `from` once in the place of which stands `to`. */
static const char *changed(const char *text, const char *from, const char *to)
{
        struct str all = str_of(text);
        size_t at = str_find(all, str_of(from));
        assert_true(at != SIZE_MAX);
        return str_format(town->arena, "%.*s%s%s", (int)at, text, to, text + at + strlen(from)).p;
}

/* ---- Definitions ---- */

static void test_definitions_are_checked(void **state)
{
        (void)state;
        struct browser admin = sign_in("a01");
        const char *open_case = definition("procedures/open_case.yaml");
        const char *two = str_format(town->arena,
                        "%s  - version: V2\n    effective: 2021-06-01\n    base: V1\n"
                        "    law: 新试验办法\n",
                        open_case)
                                          .p;
        const struct {
                const char *why, *text;
                int status;
                const char *says, *lacks;
        } rows[] = {
                { "as it is in force", open_case, 200, "与现行的一字不差", "第 1 行" },
                { "its label alone", changed(open_case, "公开事项", "公开的事项"), 200,
                                "没有问题，可以启用", "不能启用" },
                { "a new version", two, 200, "自施行之日起新建的办件用它", "不能启用" },
                { "and its law in the difference", two, 200, "新试验办法", "不能启用" },
                { "a term of running matters", changed(open_case, "length: 5", "length: 6"), 200,
                                "已有办件在用，不能启用", "可以启用" },
                { "an unknown key", changed(open_case, "law: ", "laww: "), 200, "href=\"#line-",
                                "<svg" },
                { "the place of it", changed(open_case, "by: clerk", "by: nobody_at_all x"), 200,
                                "有问题，不能启用", "<svg" },
                { "no YAML", "procedure: [", 200, "有问题，不能启用", "<svg" },
                { "an alias", "a: &a [1]\nb: *a\n", 200, "有问题，不能启用", "<svg" },
                { "no definition", "hello: world\n", 200, "看不出是什么定义", "<svg" },
                { "what others rest on",
                                "register: people\nlabel: 人员\nkey: code\nkeepers: []\n"
                                "public: true\nfields:\n  code: {label: 编号, type: text}\n",
                                200, "别的定义因此出现的问题", "可以启用" },
                { "markup", "\"<script>alert(1)</script>\": 1\n", 200, "&lt;script&gt;",
                                "<script>alert" },
                { "nothing", "  ", 422, "请粘贴定义的全文", "检查结果" },
        };
        look(&admin, DEFINITIONS);
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct str answer = POST(&admin, DEFINITIONS, "name", "", "text", rows[i].text);
                if (test_status(answer) != rows[i].status || !test_has(answer, rows[i].says) ||
                                test_has(answer, rows[i].lacks))
                        fail_msg("%s: %s", rows[i].why, str_c(town->arena, answer));
        }
        /* Nothing of it was kept. */
        expect(look(&admin, DEFINITIONS "?name=procedures/open_case.yaml"), 200, "length: 5");
        expect(look(&admin, DEFINITIONS "?name=none"), 404, "没有找到");
}

static void test_definitions_are_drawn(void **state)
{
        (void)state;
        struct browser admin = sign_in("a01");
        look(&admin, DEFINITIONS);
        struct str answer = POST(&admin, DEFINITIONS, "text",
                        changed(definition("procedures/open_case.yaml"), "已决定", "决定好了"));
        expect(answer, 200, "现行：V1");
        expect(answer, 200, "改后：V1");
        assert_true(test_has(answer, "决定好了"));
        assert_true(test_has(answer, "pl-difference__line--gone"));
        answer = POST(&admin, DEFINITIONS, "text",
                        changed(definition("procedures/open_case.yaml"), "procedure: open_case",
                                        "procedure: other_case"));
        expect(answer, 200, "procedures/other_case.yaml");
        expect(answer, 200, "新的定义");
        expect(answer, 200, "新的：V1");
}

static struct str send_file(
                struct browser *b, const char *address, const char *what, struct str bytes)
{
        struct buf body = BUF(town->arena);
        buf_format(&body,
                        "--X\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\n%.*s\r\n"
                        "--X\r\nContent-Disposition: form-data; name=\"do\"\r\n\r\n%s\r\n"
                        "--X\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n\r\n"
                        "--X\r\nContent-Disposition: form-data; name=\"file\"; "
                        "filename=\"x.yaml\"\r\n\r\n",
                        STR_FMT(b->token), what);
        buf_str_add(&body, bytes);
        buf_c(&body, "\r\n--X--\r\n");
        return ask(b, "POST", address, "Content-Type: multipart/form-data; boundary=X\r\n",
                        buf_str(&body));
}

static struct str filled(char c, size_t n)
{
        char *bytes = arena_alloc(town->arena, n);
        memset(bytes, c, n);
        return (struct str){ bytes, n };
}

/* Lists in lists in lists. */
static struct str nested(size_t n)
{
        struct buf buf = BUF(town->arena);
        buf_c(&buf, "procedure: ");
        for (size_t i = 0; i < n; i++)
                buf_char(&buf, '[');
        return buf_str(&buf);
}

static void test_hostile_definitions(void **state)
{
        (void)state;
        struct browser admin = sign_in("a01"), other = admin, clerk = sign_in("c01");
        look(&admin, DEFINITIONS);
        expect(send_file(&admin, DEFINITIONS, "", filled('x', LIMIT_DEFINITION_BYTES + 1)), 422,
                        "最多 1048576 字节");
        expect(send_file(&admin, DEFINITIONS, "", filled('\n', LIMIT_DEFINITION_BYTES)), 422,
                        "请粘贴定义的全文");
        expect(send_file(&admin, DEFINITIONS, "", filled('#', LIMIT_DEFINITION_BYTES)), 200,
                        "有问题，不能启用");
        expect(send_file(&admin, DEFINITIONS, "", STR_LIT("procedure: \xFF\xFE")), 200,
                        "有问题，不能启用");
        expect(send_file(&admin, DEFINITIONS, "", nested(100000)), 200, "有问题，不能启用");
        other.token = str_of(forged);
        struct str answer = POST(&other, DEFINITIONS, "text", "procedure: typed_here");
        expect(answer, 403, "还没有提交");
        assert_true(test_has(answer, "procedure: typed_here"));
        look(&clerk, "/work");
        expect(look(&clerk, DEFINITIONS), 404, "没有找到");
        expect(POST(&clerk, DEFINITIONS, "text", "procedure: x"), 404, "没有找到");
}

/* ---- Calendar ---- */

static const char notice[] = "notice\t试办发〔2021〕1号\n"
                             "title\t关于调整放假安排的通知\n"
                             "source\thttps://example.gov.cn/1\n"
                             "known\t2021-03-01\n"
                             "amends\t2021\n"
                             "off\t试验节\t2021-03-04\t2021-03-05\n"
                             "statutory\t试验节\t2021-03-04\n";

static void test_notices_are_looked_at(void **state)
{
        (void)state;
        struct browser admin = sign_in("a01"), other = admin, clerk = sign_in("c01");
        const struct {
                const char *why, *text;
                int status;
                const char *says;
        } rows[] = {
                { "the days", notice, 200, "变动的日子：2 天" },
                { "what they were", notice, 200, "<strong>法定节假日</strong>" },
                { "the clocks", notice, 200, "2021-03-10" },
                { "no notice", "hello", 422, "节假日数据格式不正确" },
                { "not yet published", changed(notice, "2021-03-01", "2021-12-01"), 422,
                                "放假通知尚未公布" },
                { "a year that nobody arranged", changed(notice, "amends\t2021", "amends\t2090"),
                                422, "节假日数据" },
                { "markup", "notice\t<script>alert(1)</script>\n", 422, "&lt;script&gt;" },
                { "nothing", " ", 422, "请粘贴通知的内容" },
        };
        look(&admin, CALENDAR);
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct str answer = POST(&admin, CALENDAR, "do", "look", "text", rows[i].text);
                if (test_status(answer) != rows[i].status || !test_has(answer, rows[i].says))
                        fail_msg("%s: %s", rows[i].why, str_c(town->arena, answer));
        }
        expect(send_file(&admin, CALENDAR, "look", filled('x', LIMIT_DEFINITION_BYTES + 1)), 422,
                        "通知最多");
        expect(send_file(&admin, CALENDAR, "look", str_of(notice)), 200, "登记这份通知");
        other.token = str_of(forged);
        expect(POST(&other, CALENDAR, "do", "load", "text", notice), 403, "还没有提交");
        look(&clerk, "/work");
        expect(look(&clerk, CALENDAR), 404, "没有找到");
        expect(POST(&clerk, CALENDAR, "do", "load", "text", notice), 404, "没有找到");
}

/* What the preview said is what happens; a second time is refused. */
static void test_notices_are_loaded(void **state)
{
        (void)state;
        struct browser admin = sign_in("a01");
        struct str page = look(&admin, CALENDAR);
        expect(page, 200, "暂定"); /* 2022: its notice is not out yet */
        page = POST(&admin, CALENDAR, "do", "look", "text", notice);
        struct str n = between(page, "会变动的期限：", ' ');
        assert_true(n.n != 0 && !str_is(n, "0"));
        page = POST(&admin, CALENDAR, "do", "load", "text", notice);
        expect(page, 200, "已登记");
        expect(page, 200, str_format(town->arena, "%.*s 个期限已经变动", STR_FMT(n)).p);
        expect(page, 200, "2021-03-10");
        expect(look(&admin, "/calendar?year=2021"), 200, "试验节");
        expect(POST(&admin, CALENDAR, "do", "load", "text", notice), 422, "已经登记过");
        struct snapshot *snapshot;
        struct notice_preview preview;
        test_must(town, snapshot_open(site_store(town->site), &snapshot, &town->err));
        assert_false(notice_preview(town->arena, snapshot, site_catalogue(town->site),
                        str_of(notice), moment_date(town->now), &preview, &town->err));
        assert_int_equal(town->err.code, E_CALENDAR_KNOWN);
        snapshot_close(&snapshot);
}

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

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_definitions_are_checked),
                cmocka_unit_test(test_definitions_are_drawn),
                cmocka_unit_test(test_hostile_definitions),
                cmocka_unit_test(test_notices_are_looked_at),
                cmocka_unit_test(test_notices_are_loaded),
        };
        town = test_open_as(NULL, true, true);
        test_people(town);
        test_apply(town, "open_case", "期限会变动的办件");
        add_person("c01", "clerk");
        add_person("a01", "system_admin");
        int failed = cmocka_run_group_tests(tests, NULL, NULL);
        test_close(town);
        return failed;
}
