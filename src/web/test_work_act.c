/* Acts in the workbench: the form, the answers, collisions, hostile hands, files. */
#include "base/limits.h"
#include "web/files.h"
#include "web/test_office.h"
#include "web/test_told.h"

/* ---- Doing ---- */

static void test_a_form_has_every_field(void **state)
{
        (void)state;
        static const char *const inputs[] = {
                "<label class=\"govuk-label govuk-label--s\" for=\"f.topic\">事由</label>",
                "一句话",
                "<textarea class=\"govuk-textarea\" id=\"f.memo\" name=\"f.memo\"",
                "name=\"f.n\" type=\"text\" inputmode=\"numeric\"",
                "name=\"f.share\" type=\"text\" inputmode=\"decimal\"",
                "aria-hidden=\"true\">元</div>",
                "name=\"f.urgent\" type=\"radio\" value=\"true\"",
                "name=\"f.on_day\" type=\"date\"",
                "name=\"f.at_time\" type=\"datetime-local\"",
                "name=\"f.kind\" type=\"radio\" value=\"a\"",
                "<select class=\"govuk-select pl-select\" id=\"f.many\"",
                "name=\"f.marks\" type=\"checkbox\" value=\"y\"",
                "name=\"f.id_no\"",
                "<option value=\"P1\">张仲景</option>",
                "<option value=\"e01\">东员</option>",
                "<option value=\"east\">东区司法局</option>",
                "name=\"f.proof\" type=\"file\"",
                "每行一项",
                "name=\"n.stages\" value=\"1\"",
                "name=\"f.stages.0.on_day\" type=\"date\"",
                "value=\"add:stages\"",
        };
        struct browser b = sign_in("e01");
        struct str page = look(&b, "/work/new/every_case/begin");
        for (size_t i = 0; i < N_ELEMENTS(inputs); i++)
                if (!test_has(page, inputs[i]))
                        fail_msg("lacks %s:\n%s", inputs[i], str_c(town->arena, page));
}

static void test_whole_way(void **state)
{
        (void)state;
        struct browser b = sign_in("e01");
        struct str form = look(&b, "/work/new/every_case/begin");
        const char *key = str_c(town->arena, between(form, "name=\"key\" value=\"", '"'));
        const char *const pairs[] = { "key", key, "do", "check", "f.topic", "铺路石", "f.memo",
                "第一行\r\n第二行", "f.n", "3", "f.share", "0.5", "f.fee", "12.50", "f.urgent",
                "true", "f.on_day", "2021-03-01", "f.at_time", "2021-03-01T08:30", "f.kind", "b",
                "f.many", "六", "f.marks", "x", "f.marks", "y", "f.id_no", "350203199003070014",
                "f.who", "P1", "f.officer", "e01", "f.place", "east", "f.names", "赵一\r\n钱二",
                "n.stages", "2", "f.stages.0.name", "初审", "f.stages.0.on_day", "2021-03-02",
                "f.stages.1.name", "", NULL };
        struct str check = post_as(&b, "/work/new/every_case/begin", "", b.token, pairs);
        static const char *const answers[] = { "核对：登记", "铺路石", "第一行\n第二行", "12.50 元",
                "乙类", "子、丑", "东员", "东区司法局", "初审", "赵一",
                "name=\"f.stages.0.name\" value=\"初审\"", "确认办理" };
        assert_int_equal(test_status(check), 200);
        for (size_t i = 0; i < N_ELEMENTS(answers); i++)
                if (!test_has(check, answers[i]))
                        fail_msg("lacks %s:\n%s", answers[i], str_c(town->arena, check));
        const char **again = arena_grow(town->arena, pairs, N_ELEMENTS(pairs), 0, sizeof(*pairs));
        again[3] = "do";
        struct str done = post_as(&b, "/work/new/every_case/begin", "", b.token, again);
        assert_int_equal(test_status(done), 303);
        struct str page = look(&b, str_c(town->arena, location(done)));
        expect(page, 200, "登记，已记入存证第");
        assert_true(test_has(page, "350203199003070014")); /* whose work it is sees it */
        assert_true(test_has(page, "办理期限"));
        assert_true(test_has(page, "2021年3月4日"));
        assert_true(test_has(page, ">批注</a>"));
        assert_true(test_has(page, "由head办理")); /* and who else might do what */
        expect(look(&b, "/work"), 200, "铺路石");
        expect(look(&b, "/work/matters?q=铺路石"), 400, ""); /* raw bytes are no address */
        expect(look(&b, "/work/matters"), 200, "铺路石");
        expect(look(&b, "/work/matters.csv"), 200, "铺路石");
}

/* What each row needs is asked where it lacks, and of no row that is blank. */
static void test_a_row_lacks_what_it_needs(void **state)
{
        (void)state;
        struct browser b = sign_in("e01");
        struct str form = look(&b, "/work/new/every_case/begin");
        const char *key = str_c(town->arena, between(form, "name=\"key\" value=\"", '"'));
        assert_true(test_has(form, "for=\"f.stages.0.name\">名称</label>"));
        assert_true(test_has(form, "for=\"f.stages.0.on_day\">日期<span"));
        struct str page = POST(&b, "/work/new/every_case/begin", "key", key, "do", "check",
                        "f.topic", "缺名称", "n.stages", "3", "f.stages.0.name", "初审",
                        "f.stages.1.on_day", "2021-03-02");
        expect(page, 422, "请填写名称");
        assert_true(test_has(page, "href=\"#f.stages.1.name\""));
        assert_false(test_has(page, "href=\"#f.stages.2.name\""));
}

/* A column that the act's own condition demands of every row is not called optional there. */
static void test_what_a_condition_demands_is_not_optional(void **state)
{
        (void)state;
        struct browser b = sign_in("e01");
        const char *url = str_format(town->arena, "%s/acts/phase", begin(&b, "排期")).p;
        struct str form = look(&b, url);
        const char *seen = str_c(town->arena, between(form, "name=\"seen\" value=\"", '"'));
        assert_true(test_has(form, "for=\"f.stages.0.on_day\">日期</label>"));
        expect(look(&b, str_format(town->arena, "%s.json", url).p), 200,
                        "\"name\":\"on_day\",\"needed\":true");
        expect(POST(&b, url, "do", "do", "seen", seen, "n.stages", "1", "f.stages.0.name", "初审"),
                        422, "每一阶段都要有日期");
}

static void test_a_second_click_is_the_same_act(void **state)
{
        (void)state;
        struct browser b = sign_in("e01");
        struct str form = look(&b, "/work/new/every_case/begin");
        const char *key = str_c(town->arena, between(form, "name=\"key\" value=\"", '"'));
        struct str one = POST(&b, "/work/new/every_case/begin", "key", key, "do", "do", "f.topic",
                        "同一件");
        struct str two = POST(&b, "/work/new/every_case/begin", "key", key, "do", "do", "f.topic",
                        "同一件");
        assert_int_equal(test_status(one), 303);
        assert_true(str_eq(location(one), location(two)));
        struct str other = POST(&b, "/work/new/every_case/begin", "key", key, "do", "do", "f.topic",
                        "另一件");
        expect(other, 409, "另一件"); /* under the same key: refused, nothing typed is lost */
}

/* Two clerks at one matter: the second is told, and loses nothing. */
static void test_collision(void **state)
{
        (void)state;
        struct browser one = sign_in("e01"), two = sign_in("s01");
        const char *url = begin(&one, "两人同办");
        const char *act = str_format(town->arena, "%s/acts/note", url).p;
        struct str first = look(&one, act), second = look(&two, act);
        const char *seen = str_c(town->arena, between(second, "name=\"seen\" value=\"", '"'));
        const char *key1 = str_c(town->arena, between(first, "name=\"key\" value=\"", '"'));
        const char *key2 = str_c(town->arena, between(second, "name=\"key\" value=\"", '"'));
        assert_int_equal(test_status(POST(&one, act, "key", key1, "seen", seen, "do", "do",
                                         "f.memo", "先写的")),
                        303);
        struct str told =
                        POST(&two, act, "key", key2, "seen", seen, "do", "do", "f.memo", "后写的");
        expect(told, 409, "您打开页面以后，有人办理了这个办件");
        assert_true(test_has(told, "东员"));
        assert_true(test_has(told, "后写的</textarea>"));
        struct str check = POST(
                        &two, act, "key", key2, "seen", seen, "do", "check", "f.memo", "后写的");
        expect(check, 409, "后写的</textarea>"); /* told already before checking the answers */
        const char *now = str_c(town->arena, between(told, "name=\"seen\" value=\"", '"'));
        assert_int_equal(test_status(POST(&two, act, "key", key2, "seen", now, "do", "do", "f.memo",
                                         "后写的")),
                        303);
}

/* A form that was open too long does nothing, and keeps what was typed. */
static void test_a_stale_form_keeps_what_was_typed(void **state)
{
        (void)state;
        struct browser b = sign_in("e01");
        look(&b, "/work/new/every_case/begin");
        const char *const pairs[] = { "do", "do", "f.topic", "打了很久的字", NULL };
        struct str told = post_as(&b, "/work/new/every_case/begin", "", STR_LIT("stale"), pairs);
        expect(told, 403, "还没有提交");
        assert_true(test_has(told, "value=\"打了很久的字\""));
        assert_false(test_has(look(&b, "/work/matters"), "打了很久的字"));
}

static void test_refusals_of_the_desk(void **state)
{
        (void)state;
        struct browser b = sign_in("e01");
        const char *url = begin(&b, "要先写经过的");
        const char *act = str_format(town->arena, "%s/acts/finish", url).p;
        struct str form = look(&b, act);
        expect(form, 200, "这个动作不需要填写内容");
        const char *seen = str_c(town->arena, between(form, "name=\"seen\" value=\"", '"'));
        expect(POST(&b, act, "seen", seen, "do", "do"), 422, "要先写经过");
        expect(look(&b, str_format(town->arena, "%s/acts/approve", url).p), 403,
                        "您的岗位不能办理");
        expect(look(&b, str_format(town->arena, "%s/acts/none", url).p), 404, "没有找到");
        expect(look(&b, "/work/new/open_case/apply"), 403, "您的岗位不能办理");
        expect(look(&b, "/work/new/none/apply"), 404, "没有找到");
}

static void test_rows_of_a_list(void **state)
{
        (void)state;
        struct browser b = sign_in("e01");
        const char *form = "/work/new/every_case/begin";
        look(&b, form);
        struct str more = POST(&b, form, "do", "add:stages", "n.stages", "1", "f.stages.0.name",
                        "甲", "f.topic", "留着");
        expect(more, 200, "name=\"n.stages\" value=\"2\"");
        assert_true(test_has(more, "value=\"甲\"") && test_has(more, "value=\"留着\""));
        assert_true(test_has(more, "name=\"f.stages.1.name\""));
        struct str fewer = POST(&b, form, "do", "remove:stages.0", "n.stages", "2",
                        "f.stages.0.name", "甲", "f.stages.1.name", "乙");
        expect(fewer, 200, "name=\"n.stages\" value=\"1\"");
        assert_true(test_has(fewer,
                        "name=\"f.stages.0.name\" type=\"text\" inputmode=\"text\" value=\"乙\""));
        assert_false(test_has(fewer, "value=\"甲\""));
        expect(POST(&b, form, "do", "add:stages", "n.stages", "9999999999"), 200,
                        "name=\"n.stages\" value=\"50\"");
        expect(POST(&b, form, "do", "check", "f.topic", "x", "n.stages", "1", "f.stages.0.on_day",
                               "昨天"),
                        422, "href=\"#f.stages.0.on_day\"");
}

/* ---- Papers before they are made ---- */

static void test_preview(void **state)
{
        (void)state;
        struct browser b = sign_in("e01"), west = sign_in("w01");
        const char *url = begin(&b, "预览的");
        const char *act = str_format(town->arena, "%s/acts/reply", url).p;
        struct str form = look(&b, act);
        const char *seen = str_c(town->arena, between(form, "name=\"seen\" value=\"", '"'));
        expect(form, 200, "value=\"preview\">预览文书");
        assert_false(test_has(look(&b, str_format(town->arena, "%s/acts/stamp", url).p),
                        "预览文书")); /* it makes none */
        struct str draft = POST(&b, act, "seen", seen, "do", "preview", "f.memo", "<b>已查明</b>",
                        "f.fee", "2");
        expect(draft, 200, "关于预览的：&lt;b&gt;已查明&lt;/b&gt;");
        assert_true(test_has(draft, "class=\"pl-draft\"") && test_has(draft, "2021年3月1日"));
        assert_true(test_has(draft, "清司答〔2021〕1号"));
        assert_true(test_has(draft, "&lt;b&gt;已查明&lt;/b&gt;</textarea>"));
        /* What the desk would refuse is told now; what is missing, as ever. */
        struct str refused =
                        POST(&b, act, "seen", seen, "do", "preview", "f.memo", "x", "f.fee", "5");
        expect(refused, 422, "金额超过上限");
        assert_false(test_has(refused, "class=\"pl-draft\""));
        expect(POST(&b, act, "seen", seen, "do", "preview", "f.memo", ""), 422, "请填写经过");
        /* Nothing came of it: no event, no number taken. */
        assert_false(test_has(look(&b, url), "moj-timeline__title\">答复"));
        assert_int_equal(test_status(POST(&b, act, "seen", seen, "do", "do", "f.memo", "办了")),
                        303);
        expect(look(&b, url), 200, "清司答〔2021〕1号");
        expect(POST(&b, act, "seen", seen, "do", "preview", "f.memo", "晚了"), 409,
                        "有人办理了这个办件");
        look(&west, "/work");
        expect(POST(&west, act, "seen", seen, "do", "preview", "f.memo", "x"), 404, "没有找到");
}

static void test_preview_of_the_first_paper(void **state)
{
        (void)state;
        struct browser b = sign_in("e01");
        struct str form = look(&b, "/work/new/every_case/receive");
        expect(form, 200, "预览文书");
        struct str draft = POST(&b, "/work/new/every_case/receive", "do", "preview", "f.topic",
                        "窗口新收", "f.memo", "窗口收的");
        expect(draft, 200, "关于窗口新收：窗口收的");
        assert_false(test_has(look(&b, "/work/matters"), "窗口新收"));
}

/* Also what sub-matters are told: of those that he sees, and to whom it goes. */
static void test_preview_of_what_others_are_told(void **state)
{
        (void)state;
        struct browser b = sign_in("e01");
        test_do(town, "asking_case.apply", "e01",
                        "{\"who\":\"某人\",\"asked\":[{\"name\":\"东邻\",\"unit\":\"east\"},"
                        "{\"name\":\"西邻\",\"unit\":\"west\"},{\"name\":\"北邻\",\"unit\":\"east\"},"
                        "{\"name\":\"南邻\",\"unit\":\"east\"}]}");
        test_do(town, "询〔2021〕1号.give", "e01", "{\"opinion\":\"不同意\"}");
        test_do(town, "询〔2021〕2号.give", "w01", "{\"opinion\":\"不同意\"}");
        test_do(town, "询〔2021〕3号.give", "e01", "{\"opinion\":\"同意\"}");
        test_do(town, "询〔2021〕4号.give", "e01", "{\"opinion\":\"不同意\"}");
        const char *url = test_url(town, "/work/matters/", "征〔2021〕1号");
        const char *act = str_format(town->arena, "%s/acts/answer", url).p;
        struct str form = look(&b, act);
        const char *seen = str_c(town->arena, between(form, "name=\"seen\" value=\"", '"'));
        struct str draft = POST(&b, act, "seen", seen, "do", "preview", "f.why", "公共利益");
        expect(draft, 200, "某人：理由是公共利益");
        expect(draft, 200, "东邻：因公共利益决定办理");
        expect(draft, 200, "相邻人（询〔2021〕1号）");
        /* Each has its own number, the one that it will be given. */
        expect(draft, 200, "告〔2021〕1号");
        assert_false(test_has(draft, "告〔2021〕2号"));
        expect(draft, 200, "告〔2021〕3号");
        assert_false(test_has(draft, "西邻")); /* of a unit that is not his */
        assert_false(test_has(draft, "北邻")); /* was for it, and is told nothing */
        assert_int_equal(test_status(POST(&b, act, "seen", seen, "do", "do", "f.why", "公共利益")),
                        303);
        expect(look(&b, test_url(town, "/work/matters/", "询〔2021〕1号")), 200, "决定告知书");
        expect(look(&b, test_url(town, "/work/matters/", "询〔2021〕4号")), 200, "告〔2021〕3号");
}

/* ---- In bulk ---- */

static void test_bulk(void **state)
{
        (void)state;
        struct browser b = sign_in("e01"), west = sign_in("w01");
        struct buf body = BUF(town->arena);
        const char *one = begin(&b, "批一"), *two = begin(&b, "批二"),
                   *not_mine = begin(&west, "西区的");
        struct str page = look(&b, "/work/matters?procedure=every_case&state=open");
        expect(page, 200, "<option value=\"stamp\">盖章</option>");
        assert_false(test_has(page, "<option value=\"note\">")); /* it asks for something */
        assert_false(test_has(look(&b, "/work/matters"), "name=\"m\""));
        add_pair(&body, "token", b.token);
        add_pair(&body, "key", between(page, "name=\"key\" value=\"", '"'));
        add_pair(&body, "act", STR_LIT("stamp"));
        const char *const urls[] = { one, two, not_mine };
        for (size_t i = 0; i < N_ELEMENTS(urls); i++) /* numbers stand encoded in addresses */
                buf_format(&body, "&m=%s", urls[i] + strlen("/work/matters/"));
        struct str answer = ask(&b, "POST", "/work/bulk", FORM_LINE, buf_str(&body));
        expect(answer, 200, "批量办理");
        assert_true(test_has(answer, "没有找到")); /* and nothing about what it is */
        assert_true(test_has(look(&b, one), "盖章") && test_has(look(&b, two), "盖章"));
        assert_false(test_has(look(&west, not_mine), "class=\"moj-timeline__title\">盖章"));
        assert_true(test_has(look(&b, one), "class=\"moj-timeline__title\">盖章"));
        expect(POST(&b, "/work/bulk", "act", "note", "m", "全〔2021〕1号"), 200, "要逐件填写");
        expect(POST(&b, "/work/bulk", "act", "stamp"), 400, "没有选中办件");
}

/* Who gets them and why is asked once for all; each is done or refused by itself. */
static void test_assigning_in_bulk(void **state)
{
        (void)state;
        struct browser b = sign_in("e01"), west = sign_in("w01");
        const char *one = begin(&b, "改派一"), *two = begin(&b, "改派二");
        const char *not_mine = begin(&west, "西区不派");
        struct str page = look(&b, "/work/matters?procedure=every_case&state=open");
        expect(page, 200, "<option value=\"hand_over\">改派</option>");
        assert_false(test_has(page, "<option value=\"reply\">")); /* that is no assigning */
        struct buf body = BUF(town->arena);
        add_pair(&body, "token", b.token);
        add_pair(&body, "key", between(page, "name=\"key\" value=\"", '"'));
        add_pair(&body, "act", STR_LIT("hand_over"));
        const char *const urls[] = { one, two, not_mine };
        for (size_t i = 0; i < N_ELEMENTS(urls); i++)
                buf_format(&body, "&m=%s", urls[i] + strlen("/work/matters/"));
        struct str form = ask(&b, "POST", "/work/bulk", FORM_LINE, buf_str(&body));
        expect(form, 200, "改派：3 件");
        assert_true(test_has(form, "name=\"f.officer\"") && test_has(form, "name=\"m\""));
        struct buf empty = BUF(town->arena), full = BUF(town->arena);
        buf_str_add(&empty, buf_str(&body));
        buf_c(&empty, "&do=do&f.officer=nobody&f.memo=%3Cb%3E");
        struct str told = ask(&b, "POST", "/work/bulk", FORM_LINE, buf_str(&empty));
        expect(told, 422, "名录中没有现行有效的");
        assert_true(test_has(told, "&lt;b&gt;</textarea>") && test_has(told, "改派：3 件"));
        assert_false(test_has(look(&b, one), "承办："));
        struct buf forged = BUF(town->arena); /* open too long: what was typed stays */
        size_t token = str_find(buf_str(&body), STR_LIT("&key="));
        buf_c(&forged, "token=x");
        buf_str_add(&forged, str_slice(buf_str(&body), token, body.n));
        buf_c(&forged, "&do=do&f.officer=s01&f.memo=%3Cb%3E");
        struct str again = ask(&b, "POST", "/work/bulk", FORM_LINE, buf_str(&forged));
        expect(again, 403, "还没有提交");
        assert_true(test_has(again, "&lt;b&gt;</textarea>"));
        assert_false(test_has(look(&b, one), "承办："));
        buf_str_add(&full, buf_str(&body));
        buf_c(&full, "&do=do&f.officer=s01&f.memo=x");
        struct str done = ask(&b, "POST", "/work/bulk", FORM_LINE, buf_str(&full));
        expect(done, 200, "批量办理");
        assert_true(test_has(done, "没有找到"));
        assert_true(test_has(look(&b, one), "承办：局员") && test_has(look(&b, two), "承办：局员"));
        assert_false(test_has(look(&west, not_mine), "承办："));
}

/* ---- Hostile values ---- */

static void test_hostile_values(void **state)
{
        (void)state;
        static const struct {
                const char *name, *value, *says;
        } rows[] = {
                { "f.topic", "", "请填写事由" },
                { "f.topic", "123456789012345678901", "最多 20 个字" },
                { "f.n", "三", "请填写数值" },
                { "f.n", "-1", "不能小于 0" },
                { "f.n", "1.5", "请填写整数" },
                { "f.n", "1e999999", "件数：" },
                { "f.share", "0x10", "请填写数值" },
                { "f.fee", "1.234", "金额最多两位小数" },
                { "f.fee", "' OR '1'='1", "请填写数值" },
                { "f.urgent", "maybe", "请选择是或否" },
                { "f.on_day", "2021-02-30", "没有这一天" },
                { "f.on_day", "99999-01-01", "没有这一天" },
                { "f.at_time", "2021-03-01T25:00", "请填写时间" },
                { "f.kind", "c", "没有「c」这个选项" },
                { "f.kind", "<script>alert(1)</script>", "没有「&lt;script" },
                { "f.marks", "z", "没有「z」这个选项" },
                { "f.id_no", "350203199003070015", "证件号码：" },
                { "f.who", "../../etc/passwd", "名录中没有现行有效的" },
                { "f.officer", "nobody", "名录中没有现行有效的" },
                { "f.place", "east' --", "名录中没有现行有效的" },
                { "h.proof", "zz", "请先上传文件" },
                { "h.proof", "../../plumbline.db", "请先上传文件" },
        };
        struct browser b = sign_in("e01");
        look(&b, "/work/new/every_case/begin");
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct str answer = strcmp(rows[i].name, "f.topic") == 0
                                                    ? POST(&b, "/work/new/every_case/begin", "do",
                                                                      "check", rows[i].name,
                                                                      rows[i].value)
                                                    : POST(&b, "/work/new/every_case/begin", "do",
                                                                      "check", "f.topic", "留着的",
                                                                      rows[i].name, rows[i].value);
                if (test_status(answer) != 422 || !test_has(answer, rows[i].says) ||
                                !test_has(answer, "请先改正下面的问题"))
                        fail_msg("%s=%s: %d\n%s", rows[i].name, rows[i].value, test_status(answer),
                                        str_c(town->arena, answer));
                assert_true(i < 2 || test_has(answer, "留着的"));
                assert_false(test_has(answer, "<script>alert"));
        }
}

/* Text is text, wherever it turns up again. */
static void test_markup_stays_text(void **state)
{
        (void)state;
        struct browser b = sign_in("e01");
        const char *url = begin(&b, "<b>\"'&</b>");
        static const char *const pages[] = { "/work", "/work/matters", NULL };
        for (size_t i = 0; pages[i] != NULL; i++)
                assert_false(test_has(look(&b, pages[i]), "<b>\"'&</b>"));
        expect(look(&b, url), 200, "&lt;b&gt;");
        const char *formula = begin(&b, "=HYPERLINK(1)");
        assert_non_null(formula);
        assert_false(test_has(look(&b, "/work/matters.csv"), ",=HYPERLINK"));
}

static void test_fields_that_the_act_does_not_take(void **state)
{
        (void)state;
        struct browser b = sign_in("e01");
        const char *url = begin(&b, "不该动的事由");
        const char *act = str_format(town->arena, "%s/acts/note", url).p;
        struct str form = look(&b, act);
        const char *seen = str_c(town->arena, between(form, "name=\"seen\" value=\"", '"'));
        assert_int_equal(test_status(POST(&b, act, "seen", seen, "do", "do", "f.topic", "改掉",
                                         "f.memo", "写经过", "f.$to", "done", "$number",
                                         "全〔2099〕1号")),
                        303);
        struct str page = look(&b, url);
        assert_true(test_has(page, "不该动的事由") && test_has(page, "写经过"));
        assert_false(test_has(page, "改掉"));
}

/* ---- Files ---- */

static void test_kinds_of_files(void **state)
{
        (void)state;
        static const struct {
                const char *name, *bytes;
                bool ok;
        } rows[] = {
                { "a.pdf", "%PDF-1.4", true },
                { "A.JPG", "\xFF\xD8\xFF\xE0", true },
                { "申请书.docx", "PK\x03\x04", true },
                { "旧.doc", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", true },
                { "a.jpg", "%PDF-1.4", false },
                { "a.pdf.exe", "%PDF-1.4", false },
                { ".pdf", "%PDF-1.4", false },
                { "a:b.pdf", "%PDF-1.4", false },
                { "a.svg", "<svg onload=alert(1)>", false },
                { "a.pdf", "", false },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                const struct posted_field posted = { .file_name = str_of(rows[i].name),
                        .value = str_of(rows[i].bytes),
                        .is_file = true };
                struct upload upload;
                struct err err;
                bool ok = files_take(town->arena, LEDGER_SHA256, &posted, &upload, &err);
                if (ok != rows[i].ok || (!ok && err.code != E_FILE_TYPE))
                        fail_msg("%s", rows[i].name);
        }
}

static void test_files_too_large(void **state)
{
        (void)state;
        char *bytes = arena_alloc(town->arena, LIMIT_FILE_BYTES + 1);
        struct posted_field posted = {
                .file_name = STR_LIT("a.pdf"), .value = { bytes, LIMIT_FILE_BYTES }, .is_file = true
        };
        struct upload upload;
        struct err err;
        memset(bytes, ' ', LIMIT_FILE_BYTES + 1);
        memcpy(bytes, "%PDF-", 5);
        assert_true(files_take(town->arena, LEDGER_SHA256, &posted, &upload, &err));
        posted.value.n++;
        assert_false(files_take(town->arena, LEDGER_SHA256, &posted, &upload, &err));
        assert_int_equal(err.code, E_FILE_TYPE);
        assert_string_equal(err.detail, "「a.pdf」超过 16 MB");
}

static void test_files(void **state)
{
        (void)state;
        struct browser b = sign_in("e01"), west = sign_in("w01");
        const char *form = "/work/new/every_case/begin";
        struct str pdf = STR_LIT("%PDF-1.7 a paper");
        look(&b, form);
        expect(post_file(&b, form, "a.pdf", STR_LIT("MZ\x90 a program"), "check"), 422,
                        "不接受这种文件");
        expect(post_file(&b, form, "a.exe", pdf, "check"), 422, "内容与文件名不符");
        expect(post_file(&b, form, "a.zip", pdf, "check"), 422, "内容与文件名不符");
        expect(post_file(&b, form, "a.html", STR_LIT("<script>alert(1)</script>"), "check"), 422,
                        "不接受这种文件");
        expect(post_file(&b, form, "a.pdf\";x=\"", pdf, "check"), 400, "提交的内容不完整");
        struct str check = post_file(&b, form, "../../证据.PDF", pdf, "check");
        expect(check, 200, "证据.PDF");
        const char *sealed = str_c(town->arena, between(check, "name=\"h.proof\" value=\"", '"'));
        const char *hex = str_c(town->arena, str_cut(str_of(sealed), 64));
        assert_int_equal(strlen(sealed), 64 + 1 + 32);
        /* Who only knows what a file's hash is has not got it by that. */
        expect(POST(&b, form, "do", "do", "f.topic", "x", "h.proof", hex), 422, "请先上传文件");
        struct str done = POST(&b, form, "do", "do", "f.topic", "有附件的", "h.proof", sealed);
        assert_int_equal(test_status(done), 303);
        struct str rest = location(done);
        const char *url = str_c(town->arena, str_split(&rest, '?'));
        const char *file = str_format(town->arena, "%s/files/%s", url, hex).p;
        struct str got = look(&b, file);
        assert_int_equal(test_status(got), 200);
        assert_true(str_eq(test_body(got), pdf));
        assert_true(test_has(test_head(got), "Content-Disposition: attachment"));
        assert_true(test_has(test_head(got), "X-Content-Type-Options: nosniff"));
        assert_int_equal(test_status(look(&west, file)), 404);
        const char *other = begin(&b, "没有附件的");
        assert_int_equal(
                        test_status(look(&b, str_format(town->arena, "%s/files/%s", other, hex).p)),
                        404);
        assert_int_equal(test_status(look(&b, str_format(town->arena, "%s/files/zz", url).p)), 404);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_form_has_every_field),
                cmocka_unit_test(test_whole_way),
                cmocka_unit_test(test_a_row_lacks_what_it_needs),
                cmocka_unit_test(test_what_a_condition_demands_is_not_optional),
                cmocka_unit_test(test_a_second_click_is_the_same_act),
                cmocka_unit_test(test_collision),
                cmocka_unit_test(test_a_stale_form_keeps_what_was_typed),
                cmocka_unit_test(test_refusals_of_the_desk),
                cmocka_unit_test(test_rows_of_a_list),
                cmocka_unit_test(test_preview),
                cmocka_unit_test(test_preview_of_the_first_paper),
                cmocka_unit_test(test_preview_of_what_others_are_told),
                cmocka_unit_test(test_bulk),
                cmocka_unit_test(test_assigning_in_bulk),
                cmocka_unit_test(test_hostile_values),
                cmocka_unit_test(test_markup_stays_text),
                cmocka_unit_test(test_fields_that_the_act_does_not_take),
                cmocka_unit_test(test_kinds_of_files),
                cmocka_unit_test(test_files_too_large),
                cmocka_unit_test(test_files),
        };
        static const struct definition_source two[] = { TOLD_DEFINITIONS };
        office_open_with(two);
        int failed = cmocka_run_group_tests(tests, NULL, NULL);
        test_close(town);
        return failed;
}
