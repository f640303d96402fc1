/* Administration: what is looked at before it is brought into force. A site on disk, because it
 * records what it runs under. */
#include "account/account.h"
#include "base/limits.h"
#include "desk/files.h"
#include "desk/notice_preview.h"
#include "web/test_browser.h"

#define DEFINITIONS "/work/admin/definitions"
#define CALENDAR    "/work/admin/calendar"

static const char desk_case[] =
                "procedure: desk_case\n"
                "label: 内勤事项\n"
                "visible: never\n"
                "versions:\n"
                "  - version: S1\n"
                "    effective: 2019-01-01\n"
                "    law: 试验办法\n"
                "    number: '勤〔{year}〕{n}号'\n"
                "    title: topic\n"
                "    fields:\n"
                "      topic: {label: 事由, type: text, max: 20}\n"
                "      officer: {label: 承办人, type: staff}\n"
                "    states: {open: 办理中, done: {label: 办结, final: true}}\n"
                "    acts:\n"
                "      begin: {label: 登记, by: clerk, from: new, to: open, needs: [topic]}\n"
                "      assign: {label: 指派, by: clerk, from: open, needs: [officer], assigns: officer}\n"
                "      stay_out: {label: 决定回避, by: clerk, from: open, needs: [officer], recuses: officer}\n"
                "      finish: {label: 办结, by: clerk, from: open, to: done}\n";

/* One in the hands of `officer`. */
static struct str begin_case(const char *topic, const char *officer)
{
        struct str number = test_do(town, "desk_case.begin", "c03",
                        str_format(town->arena, "{\"topic\":\"%s\"}", topic).p);
        test_do(town, str_format(town->arena, "%.*s.assign", STR_FMT(number)).p, "c03",
                        str_format(town->arena, "{\"officer\":\"%s\"}", officer).p);
        return number;
}

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

/* What was looked at, and nothing else, comes into force; in the name of who did it. */
static void test_definitions_are_activated(void **state)
{
        (void)state;
        struct browser admin = sign_in("a01"), other = sign_in("b01"), clerk = sign_in("c01");
        const char *fresh = changed(definition("procedures/open_case.yaml"), "procedure: open_case",
                        "procedure: later_case");
        const char *later = changed(fresh, "公开事项", "后来的事项");
        look(&admin, DEFINITIONS);
        struct str checked = POST(&admin, DEFINITIONS, "do", "check", "text", later);
        expect(checked, 200, "启用 procedures/later_case.yaml</button>");
        const char *seen = str_c(town->arena, between(checked, "name=\"seen\" value=\"", '"'));
        const char *stood = str_c(town->arena, between(checked, "name=\"stood\" value=\"", '"'));
        const struct {
                const char *why, *text, *seen, *stood, *sure, *says;
        } rows[] = {
                { "not ticked", later, seen, stood, "", "没有勾选" },
                { "changed after the check", fresh, seen, stood, "yes", "内容在检查以后改过" },
                { "never checked", later, "", stood, "yes", "内容在检查以后改过" },
                { "compared with another text", later, seen, seen, "yes",
                                "现行的定义在检查以后换过" },
                { "what does not pass", "procedure: [", seen, stood, "yes", "没有通过检查" },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct str answer = POST(&admin, DEFINITIONS, "do", "activate", "text",
                                rows[i].text, "seen", rows[i].seen, "stood", rows[i].stood, "sure",
                                rows[i].sure);
                if (test_status(answer) != 409 || !test_has(answer, rows[i].says) ||
                                !test_has(answer, err_text(E_DEFINITION_HELD)->sentence))
                        fail_msg("%s: %s", rows[i].why, str_c(town->arena, answer));
                assert_true(test_has(answer, rows[i].text == later ? "后来的事项" : "procedure"));
        }
        look(&clerk, "/work");
        expect(POST(&clerk, DEFINITIONS, "do", "activate", "text", later, "seen", seen, "stood",
                               stood, "sure", "yes"),
                        404, "没有找到");
        expect(look(&admin, DEFINITIONS "?name=procedures/later_case.yaml"), 404, "没有找到");
        struct str done = POST(&admin, DEFINITIONS, "do", "activate", "text", later, "seen", seen,
                        "stood", stood, "sure", "yes");
        expect(done, 200, "procedures/later_case.yaml 已经启用");
        assert_false(test_has(done, "name=\"seen\""));
        expect(look(&admin, DEFINITIONS "?name=procedures/later_case.yaml"), 200, "后来的事项");
        expect(test_get(town, "/procedures/later_case"), 200, "后来的事项");
        /* A second click changes nothing; nor does whoever still has the old page open. */
        expect(POST(&admin, DEFINITIONS, "do", "activate", "text", later, "seen", seen, "stood",
                               stood, "sure", "yes"),
                        409, "与现行的一字不差");
        look(&other, DEFINITIONS);
        expect(POST(&other, DEFINITIONS, "do", "activate", "text", fresh, "seen", seen, "stood",
                               stood, "sure", "yes"),
                        409, "内容在检查以后改过");
        /* What matters run under is not changed here either. */
        checked = POST(&admin, DEFINITIONS, "text",
                        changed(definition("procedures/open_case.yaml"), "length: 5", "length: 6"));
        assert_false(test_has(checked, "name=\"seen\""));
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

/* ---- Units and people: what belongs to one, it does not leave behind ---- */

#define UNITS       "/work/admin/registers/units"
#define STAFF       "/work/admin/registers/staff"
#define DELEGATIONS "/work/admin/registers/delegations"
#define RECUSALS    "/work/admin/registers/recusals"

/* Two keepers at once: the second is told, and loses nothing that he typed. */
static void test_two_keepers(void **state)
{
        (void)state;
        struct browser a = sign_in("a01"), b = sign_in("b01");
        test_do(town, "register:units.put", "system", "{\"id\":\"pair\",\"name\":\"两人科\"}");
        const char *entry = UNITS "/entry?key=pair";
        const char *seen_a =
                        str_c(town->arena, between(look(&a, entry), "name=\"seen\" value=\"", '"'));
        const char *seen_b =
                        str_c(town->arena, between(look(&b, entry), "name=\"seen\" value=\"", '"'));
        assert_string_equal(seen_a, seen_b);
        assert_int_equal(test_status(POST(&b, entry, "seen", seen_b, "do", "do", "f.id", "pair",
                                         "f.name", "乙改的科")),
                        303);
        struct str told = POST(&a, entry, "seen", seen_a, "do", "do", "f.id", "pair", "f.name",
                        "甲改的科");
        expect(told, 409, err_text(E_DESK_ENTRY_SEEN)->sentence);
        assert_true(test_has(told, "value=\"甲改的科\""));
        assert_true(test_has(look(&a, UNITS), "乙改的科"));
        /* Who was told may do it all the same. */
        const char *again = str_c(town->arena, between(told, "name=\"seen\" value=\"", '"'));
        assert_string_not_equal(again, seen_a);
        assert_int_equal(test_status(POST(&a, entry, "seen", again, "do", "do", "f.id", "pair",
                                         "f.name", "甲改的科")),
                        303);
        assert_true(test_has(look(&a, UNITS), "甲改的科"));
        /* A new one does not fall upon one that stands, however often it is sent. */
        for (int i = 0; i < 2; i++) {
                struct str form = look(&a, UNITS "/entry");
                const char *none = str_c(town->arena, between(form, "name=\"seen\" value=\"", '"'));
                expect(POST(&a, UNITS "/entry", "seen", none, "do", "do", "f.id", "pair", "f.name",
                                       "新的科"),
                                409, "有人登记了这一条");
        }
        assert_false(test_has(look(&a, UNITS), "新的科"));
        assert_int_equal(test_status(POST(&a, UNITS "/entry", "seen", "-1", "do", "do", "f.id",
                                         "pair-2", "f.name", "新的科")),
                        303);
}

static void test_units_end_empty(void **state)
{
        (void)state;
        struct browser admin = sign_in("a01");
        look(&admin, UNITS "/entry");
        assert_int_equal(test_status(POST(&admin, UNITS "/entry", "f.id", "south", "f.name",
                                         "南区司法局", "f.parent", "bureau", "f.kind", "district")),
                        303);
        assert_int_equal(test_status(POST(&admin, UNITS "/entry", "f.id", "south-1", "f.name",
                                         "南一司法所", "f.parent", "south", "f.kind", "street")),
                        303);
        struct str answer = POST(&admin, UNITS "/end", "no", "south", "day", "");
        expect(answer, 409, "还有下级单位");
        expect(answer, 409, "南一司法所");
        answer = POST(&admin, UNITS "/end", "no", "bureau", "day", "");
        expect(answer, 409, "南区司法局");
        assert_int_equal(test_status(POST(&admin, UNITS "/end", "no", "south-1", "day", "")), 303);
        assert_int_equal(test_status(POST(&admin, UNITS "/end", "no", "south", "day", "")), 303);
}

static void test_who_has_work_does_not_leave(void **state)
{
        (void)state;
        struct browser admin = sign_in("a01");
        struct str number = begin_case("指派给人的办件", "c02");
        look(&admin, STAFF);
        struct str answer = POST(&admin, STAFF "/end", "no", "c02", "day", "");
        expect(answer, 409, "还有在办的办件");
        expect(answer, 409, str_c(town->arena, number));
        expect(POST(&admin, STAFF "/end", "no", "c02", "day", "x"), 422, "请填写日期");
        test_do(town, str_format(town->arena, "%.*s.finish", STR_FMT(number)).p, "c03", "{}");
        assert_int_equal(test_status(POST(&admin, STAFF "/end", "no", "c02", "day", "2021-03-20")),
                        303);
}

/* A role for some days, and no two that contradict. */
static void test_roles_have_days(void **state)
{
        (void)state;
        struct browser admin = sign_in("a01"), clerk = sign_in("c03");
        expect(look(&clerk, "/work/admin"), 200, "提示与错误代码");
        assert_false(test_has(look(&clerk, "/work/admin"), UNITS));
        look(&admin, STAFF "/entry?key=c03");
        struct str answer = POST(&admin, STAFF "/entry?key=c03", "f.id", "c03", "f.name", "人员c03",
                        "f.unit", "bureau", "f.roles", "clerk", "n.grants", "1", "f.grants.0.role",
                        "system_admin", "f.grants.0.unit", "bureau", "f.grants.0.from",
                        "2021-03-10", "f.grants.0.until", "2021-03-01");
        expect(answer, 422, "另授岗位的止日不能早于起日");
        assert_true(test_has(
                        answer, "value=\"system_admin\" selected")); /* what was typed is there */
        answer = POST(&admin, STAFF "/entry?key=c03", "f.id", "c03", "f.name", "人员c03", "f.unit",
                        "bureau", "f.roles", "clerk", "n.grants", "1", "f.grants.0.role",
                        "system_admin", "f.grants.0.unit", "bureau", "f.grants.0.from",
                        "2021-03-01", "f.grants.0.until", "2021-03-01");
        assert_int_equal(test_status(answer), 303);
        assert_true(test_has(look(&clerk, "/work/admin"), UNITS)); /* today */
        struct moment now = town->now;
        town->now.second += 86400;
        assert_false(test_has(look(&clerk, "/work/admin"), UNITS)); /* and no longer */
        town->now = now;
}

/* Posts are chosen by their names; what is no post is refused by name and nothing else is lost. */
static void test_posts_are_chosen(void **state)
{
        (void)state;
        struct browser admin = sign_in("a01");
        struct str page = look(&admin, STAFF "/entry?key=c02");
        assert_true(test_has(page, "value=\"clerk\" checked"));
        assert_true(test_has(page, "许可窗口人员"));
        assert_false(test_has(page, "value=\"court\"")); /* a party */
        struct str answer = POST(&admin, STAFF "/entry?key=c02", "f.id", "c02", "f.name", "人员c02",
                        "f.unit", "bureau", "f.roles", "clerk", "f.roles", "pm_windw");
        expect(answer, 422, "没有「pm_windw」这个选项");
        assert_true(test_has(answer, "value=\"clerk\" checked"));
        assert_true(test_has(answer, "value=\"pm_windw\" checked"));
        assert_true(test_has(answer, "pm_windw（已不能选）"));
        answer = POST(&admin, STAFF "/entry?key=c02", "f.id", "c02", "f.name", "人员c02", "f.unit",
                        "bureau", "f.roles", "clerk", "n.grants", "1", "f.grants.0.role", "court",
                        "f.grants.0.unit", "bureau");
        expect(answer, 422, "没有「court」这个选项");
        answer = POST(&admin, STAFF "/entry?key=c02", "f.id", "c02", "f.name", "人员c02", "f.unit",
                        "bureau", "f.roles", "clerk", "f.roles", "pm_window");
        assert_int_equal(test_status(answer), 303);
        page = look(&admin, STAFF "/entry?key=c02");
        assert_true(test_has(page, "value=\"pm_window\" checked"));
}

/* ---- Acting for others, and staying out ---- */

static void test_delegations(void **state)
{
        (void)state;
        struct browser admin = sign_in("a01"), clerk = sign_in("c01");
        const struct {
                const char *why, *no, *from, *to, *first, *last;
                int status;
                const char *says;
        } rows[] = {
                { "from nobody", "w1", "", "c01", "", "", 422, "请选择委托人和受托人" },
                { "to himself", "w1", "c01", "c01", "", "", 422, "不能是同一个人" },
                { "against a rule of the register", "w1", "c01", "c01", "", "", 422,
                                err_text(E_REGISTER_RULE)->sentence },
                { "an end before its beginning", "w1", "l01", "c01", "2021-03-05", "2021-03-04",
                                422, "不能早于起始之日" },
                { "a day that is none", "w1", "l01", "c01", "2021-02-30", "", 422, "没有这一天" },
                { "well", "w1", "l01", "c01", "2021-03-05", "2021-03-09", 303, "" },
                { "the same again, within", "w2", "l01", "c01", "2021-03-09", "2021-03-12", 409,
                                "「w1」已有相同的一条，自 2021-03-05 至 2021-03-09" },
                { "for good, around it", "w2", "l01", "c01", "", "", 409,
                                err_text(E_REGISTER_OVERLAP)->sentence },
                { "the day after", "w2", "l01", "c01", "2021-03-10", "2021-03-12", 303, "" },
                { "itself, longer", "w2", "l01", "c01", "2021-03-10", "2021-03-20", 303, "" },
                { "to somebody else meanwhile", "w3", "l01", "c03", "2021-03-05", "", 303, "" },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                look(&admin, DELEGATIONS "/entry");
                struct str answer = POST(&admin, DELEGATIONS "/entry", "f.id", rows[i].no,
                                "f.from_staff", rows[i].from, "f.to_staff", rows[i].to, "f.$from",
                                rows[i].first, "f.$until", rows[i].last);
                if (test_status(answer) != rows[i].status || !test_has(answer, rows[i].says))
                        fail_msg("%s: %s", rows[i].why, str_c(town->arena, answer));
        }
        struct str page = look(&admin, "/work/admin/standing");
        expect(page, 200, "人员l01 → 人员c01");
        expect(page, 200, "2021-03-05 至 2021-03-09");
        expect(page, 200, "未到起始日");
        expect(look(&clerk, "/work/admin/standing"), 404, "没有找到");
        assert_false(test_has(look(&clerk, "/work/admin"), "/work/admin/standing"));
}

static void test_recusals(void **state)
{
        (void)state;
        struct browser admin = sign_in("a01");
        struct str number = begin_case("应当回避的办件", "c01");
        look(&admin, RECUSALS "/entry");
        expect(POST(&admin, RECUSALS "/entry", "f.recusal_no", "h1", "f.staff", "c01"), 422,
                        "请写明回避的事由");
        expect(POST(&admin, RECUSALS "/entry", "f.recusal_no", "h1", "f.staff", "c01", "f.matter",
                               "开〔2021〕99999号", "f.ground", "近亲属", "f.basis", "同上"),
                        422, "没有这个编号的办件");
        expect(POST(&admin, RECUSALS "/entry", "f.recusal_no", "h1", "f.staff", "c01",
                               "f.procedure", "open_cas", "f.ground", "近亲属", "f.basis", "同上"),
                        422, "没有这个代号的程序");
        struct str answer = POST(&admin, RECUSALS "/entry", "f.recusal_no", "h1", "f.staff", "c01",
                        "f.matter", str_c(town->arena, number), "f.ground", "与当事人有近亲属关系",
                        "f.basis", "公务员法 第七十六条");
        assert_int_equal(test_status(answer), 303);
        expect(POST(&admin, RECUSALS "/entry", "f.recusal_no", "h2", "f.staff", "c01", "f.matter",
                               str_c(town->arena, number), "f.ground", "又一次", "f.basis", "同上"),
                        409, "「h1」已有相同的一条");
        struct str page = look(&admin, "/work/admin/standing");
        expect(page, 200, "与当事人有近亲属关系");
        expect(page, 200, str_c(town->arena, number)); /* it is in his hands */
        struct submission s = {
                .matter = number, .act = STR_LIT("finish"), .actor = STR_LIT("c01"), .by = BY_STAFF
        };
        struct receipt receipt;
        assert_false(desk_submit(town->arena, town->desk, &s, &receipt, &town->err));
        assert_int_equal(town->err.code, E_ACT_RECUSED);
        look(&admin, RECUSALS);
        assert_int_equal(test_status(POST(&admin, RECUSALS "/end", "no", "h1", "day", "")), 303);
        /* Decided inside a matter: it stands there as long as that is open. */
        page = look(&admin, "/work/admin/standing");
        expect(page, 200, "在办的办件中没有决定过回避");
        test_do(town, str_format(town->arena, "%.*s.stay_out", STR_FMT(number)).p, "c03",
                        "{\"officer\":\"c02\"}");
        page = look(&admin, "/work/admin/standing");
        struct str decided = between(page, "在办件中决定的回避</h2>", '\0');
        assert_true(test_has(decided, str_c(town->arena, number)));
        assert_true(test_has(decided, "人员c02") && test_has(decided, "决定回避"));
        test_must(town, desk_submit(town->arena, town->desk, &s, &receipt, &town->err));
        expect(look(&admin, "/work/admin/standing"), 200, "在办的办件中没有决定过回避");
}

/* ---- Templates ---- */

#define TEMPLATES "/work/admin/templates"
#define LETTER    TEMPLATES "?procedure=open_case&document=letter"

static void test_templates(void **state)
{
        (void)state;
        struct browser admin = sign_in("a01"), other = admin, clerk = sign_in("c01");
        struct str number = test_apply(town, "open_case", "文书里的办件");
        const char *seen = str_c(town->arena, number);
        expect(look(&admin, TEMPLATES), 200, "内部函");
        expect(look(&admin, LETTER), 200, "【姓名】 【证件号码】");
        expect(look(&admin, TEMPLATES "?procedure=open_case&document=none"), 404, "没有找到");
        expect(look(&admin, TEMPLATES "?procedure=none&document=letter"), 404, "没有找到");
        const struct {
                const char *why, *text, *number;
                int status;
                const char *says, *lacks;
        } rows[] = {
                { "another text", "事由：{{topic}}", "", 200, "事由：【事由】", "{{/" },
                { "a name that is none", "{{tpoic}}", "", 422, err_text(E_TEMPLATE_TRIED)->sentence,
                                "用示例打印" },
                { "a section that stays open", "{{#topic}}", "", 422, "govuk-error-summary",
                                "用示例打印" },
                { "markup stays text", "<script>alert(1)</script>", "", 200, "&lt;script&gt;",
                                "<script>alert" },
                { "another file", "{{>../../etc/passwd}}", "", 422, "govuk-error-summary",
                                "root:" },
                { "a matter that he may not see", "{{who}}", seen, 404, "没有找到", "密名" },
                { "a matter that is none", "{{who}}", "无〔2021〕1号", 404, "没有找到", "密名" },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct str answer = POST(&admin, TEMPLATES, "procedure", "open_case", "document",
                                "letter", "number", rows[i].number, "text", rows[i].text);
                if (test_status(answer) != rows[i].status || !test_has(answer, rows[i].says) ||
                                test_has(answer, rows[i].lacks))
                        fail_msg("%s: %s", rows[i].why, str_c(town->arena, answer));
        }
        struct browser both = sign_in("b01"); /* administers, and has the case's role */
        look(&both, LETTER);
        struct str answer = POST(&both, TEMPLATES, "procedure", "open_case", "document", "letter",
                        "number", seen, "text", "致{{who}}");
        expect(answer, 200, "致密名");
        other.token = str_of(forged);
        expect(POST(&other, TEMPLATES, "procedure", "open_case", "document", "letter", "number", "",
                               "text", "伪造"),
                        403, "还没有提交");
        look(&clerk, "/work");
        expect(look(&clerk, TEMPLATES), 404, "没有找到");
        expect(POST(&clerk, TEMPLATES, "procedure", "open_case", "document", "letter", "number", "",
                               "text", "x"),
                        404, "没有找到");
}

/* ---- Auditors ---- */

#define ACCESS "/work/admin/access"

static void test_access_is_read_by_auditors(void **state)
{
        (void)state;
        struct browser admin = sign_in("a01"), auditor = sign_in("u01"), clerk = sign_in("c01");
        struct browser none = { 0 };
        struct str number = test_apply(town, "open_case", "有人看过的办件");
        const char *url = test_url(town, "/work/matters/", str_c(town->arena, number));
        assert_int_equal(test_status(look(&clerk, url)), 200);
        expect(look(&clerk, url), 200, "密名");
        assert_int_equal(test_status(look(&none, ACCESS)), 303);
        expect(look(&clerk, ACCESS), 404, "没有找到");
        expect(look(&admin, ACCESS), 404, "没有找到"); /* who administers is no auditor */
        assert_true(test_has(look(&auditor, "/work/admin"), ACCESS));
        struct str page = look(&auditor, ACCESS);
        for (int i = 0; i < 200 && !test_has(page, "人员c01"); i++) {
                usleep(50000);
                page = look(&auditor, ACCESS);
        }
        expect(page, 200, "人员c01");
        expect(page, 200, "姓名、证件号码");
        expect(page, 200, str_c(town->arena, number));
        static const struct {
                const char *query;
                int status;
                const char *says;
        } rows[] = {
                { "?staff=c01", 200, "人员c01" },
                { "?staff=nobody", 200, "没有符合条件的" },
                { "?matter=none", 200, "没有符合条件的" },
                { "?from=2021-03-01&until=2021-03-01", 200, "人员c01" },
                { "?from=2021-03-02", 200, "没有符合条件的" },
                { "?until=2021-02-28", 200, "没有符合条件的" },
                { "?from=yesterday", 400, "查询条件不正确" },
                { "?below=x", 400, "查询条件不正确" },
                { "?below=1", 200, "没有符合条件的" },
                { "?staff=%27%20OR%201=1", 200, "没有符合条件的" },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++)
                expect(look(&auditor, str_format(town->arena, ACCESS "%s", rows[i].query).p),
                                rows[i].status, rows[i].says);
        page = look(&auditor, test_url(town, ACCESS "?matter=", str_c(town->arena, number)));
        expect(page, 200, "人员c01");
        for (int i = 0; i < 50; i++)
                look(&clerk, url);
        /* Nobody waits for the rows: they come with the writer's next turns. */
        for (int i = 0; i < 200 && !test_has(page, "rel=\"next\""); i++) {
                usleep(50000);
                page = look(&auditor, ACCESS);
        }
        expect(page, 200, "rel=\"next\"");
        assert_true(test_has(page, "below="));
}

/* The leaves themselves, in a session; nobody else learns that there are any. */
static void test_auditors_take_entries(void **state)
{
        (void)state;
        struct browser none = { 0 }, auditor = sign_in("u01"), admin = sign_in("a01");
        struct str page = look(&auditor, ACCESS);
        struct str url = between(page, "href=\"/tile/entries/", '"');
        assert_true(url.n != 0);
        const char *address = str_format(town->arena, "/tile/entries/%.*s", STR_FMT(url)).p;
        struct str bundle = look(&auditor, address);
        assert_int_equal(test_status(bundle), 200);
        assert_true(test_has(test_head(bundle), "application/octet-stream"));
        assert_true(test_has(test_head(bundle), "no-store"));
        assert_true(test_has(bundle, "open_case"));
        assert_int_equal(test_status(look(&none, address)), 404);
        assert_int_equal(test_status(look(&admin, address)), 404);
        struct str hash = look(&none, "/tile/0/000.p/1");
        assert_true(test_status(hash) == 200 || test_status(hash) == 404); /* hashes are open */
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
                cmocka_unit_test(test_definitions_are_activated),
                cmocka_unit_test(test_definitions_are_drawn),
                cmocka_unit_test(test_hostile_definitions),
                cmocka_unit_test(test_notices_are_looked_at),
                cmocka_unit_test(test_notices_are_loaded),
                cmocka_unit_test(test_two_keepers),
                cmocka_unit_test(test_units_end_empty),
                cmocka_unit_test(test_who_has_work_does_not_leave),
                cmocka_unit_test(test_roles_have_days),
                cmocka_unit_test(test_posts_are_chosen),
                cmocka_unit_test(test_delegations),
                cmocka_unit_test(test_recusals),
                cmocka_unit_test(test_templates),
                cmocka_unit_test(test_access_is_read_by_auditors),
                cmocka_unit_test(test_auditors_take_entries),
        };
        const struct definition_source more[] = {
                { STR_LIT("procedures/desk_case.yaml"), { desk_case, sizeof(desk_case) - 1 } },
                { STR_LIT(""), { NULL, 0 } }
        };
        town = test_open_as(more, true, true);
        test_people(town);
        test_apply(town, "open_case", "期限会变动的办件");
        add_person("c01", "clerk");
        add_person("c02", "clerk");
        add_person("c03", "clerk");
        add_person("l01", "leader");
        add_person("u01", "auditor");
        add_person("a01", "system_admin");
        add_person("b01", "system_admin\",\"clerk");
        int failed = cmocka_run_group_tests(tests, NULL, NULL);
        test_close(town);
        return failed;
}
