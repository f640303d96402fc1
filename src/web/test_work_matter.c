/* A matter's page in the workbench: who may do what, who the parties are, what was written down. */
#include "web/route.h"
#include "web/test_office.h"

/* The part of the page between two ids. */
static struct str section(struct str page, const char *id)
{
        struct str rest = between(page, str_format(town->arena, "id=\"%s\"", id).p, '\0');
        size_t end = str_find(rest, STR_LIT("</section>"));
        return end == SIZE_MAX ? rest : str_slice(rest, 0, end);
}

static void do_act(struct browser *b, const char *url, const char *act, const char *name,
                const char *value)
{
        const char *to = str_format(town->arena, "%s/acts/%s", url, act).p;
        const char *seen = str_c(town->arena, between(look(b, to), "name=\"seen\" value=\"", '"'));
        struct str answer = POST(b, to, "seen", seen, "do", "do", name, value);
        if (test_status(answer) != 303)
                fail_msg("%s: %s", act, str_c(town->arena, answer));
}

static void test_parties_and_what_is_kept_apart(void **state)
{
        (void)state;
        struct browser b = sign_in("e01");
        struct str form = look(&b, "/work/new/every_case/begin");
        const char *key = str_c(town->arena, between(form, "name=\"key\" value=\"", '"'));
        struct str done = POST(&b, "/work/new/every_case/begin", "key", key, "do", "do", "f.topic",
                        "修路", "f.applicant_name", "赵一", "f.id_no", "350203199003070014",
                        "f.names", "");
        struct str rest = location(done);
        struct str page = look(&b, str_c(town->arena, str_split(&rest, '?')));
        struct str parties = section(page, "parties"), facts = section(page, "facts");
        assert_true(test_has(parties, "<h3 class=\"govuk-heading-s\">申请人</h3>"));
        assert_true(test_has(parties, "赵一") && test_has(parties, "350203199003070014"));
        assert_true(test_has(facts, "修路") && !test_has(facts, "赵一"));
        size_t aside = str_find(facts, STR_LIT("系统记录"));
        assert_int_not_equal(aside, SIZE_MAX);
        assert_true(test_has(str_slice(facts, aside, facts.n), "同一人标记"));
        assert_true(test_has(str_slice(facts, aside, facts.n), "冻结内容"));
        assert_false(test_has(str_cut(facts, aside), "同一人标记"));
        assert_false(test_has(section(page, "events"), "同一人标记"));
        assert_false(test_has(page, ">名单</dt>")); /* nothing was given */
}

static void test_who_may_and_why_not(void **state)
{
        (void)state;
        struct browser b = sign_in("e01"), boss = sign_in("s01");
        const char *url = begin(&b, "谁能办");
        struct str acts = section(look(&b, url), "acts");
        assert_true(test_has(acts, "/acts/stamp\">盖章</a>"));
        assert_true(test_has(acts, "还差条件"));
        assert_true(test_has(acts, "要先写经过（试验办法 第二条）"));
        assert_true(test_has(acts, "<dt>批准</dt><dd>由head办理"));
        assert_true(test_has(acts, "<dt>恢复</dt><dd>「等待中」，由clerk办理"));
        assert_false(test_has(acts, "下级登记")); /* nobody's to do */
        assert_false(test_has(acts, "<dt>登记</dt>"));
        do_act(&b, url, "note", "f.memo", "写好了");
        assert_false(test_has(look(&b, url), "还差条件"));
        do_act(&boss, url, "step_back", "f.officer", "e01");
        struct str after = section(look(&b, url), "acts");
        assert_true(test_has(after, "现在没有您可以办理的动作"));
        assert_true(test_has(after, "已回避的人员不能再办理本件"));
        assert_true(test_has(look(&b, url), "已回避：东员"));
        assert_true(test_has(section(look(&boss, url), "acts"), "/acts/stamp\">盖章</a>"));
}

/* Whose turn it is stands there by name: who holds the post for the unit or one above it, himself
 * or for another; not who holds it elsewhere, nor who stays out. */
static void test_who_holds_the_post(void **state)
{
        (void)state;
        struct browser b = sign_in("e01"), boss = sign_in("s01");
        const char *url = begin(&b, "谁的岗位");
        assert_true(test_has(section(look(&b, url), "acts"), "<dt>批准</dt><dd>由head办理</dd>"));
        add_staff_as("h01", "局长甲", "bureau", "head");
        add_staff_as("h02", "东区长", "east", "head");
        add_staff("w09", "西代员", "west");
        add_staff_as("h03", "西区长", "west", "head");
        assert_true(test_has(section(look(&b, url), "acts"), "由head办理：局长甲、东区长</dd>"));
        test_do(town, "register:delegations.put", "system",
                        "{\"id\":\"D1\",\"from_staff\":\"h02\",\"to_staff\":\"w09\",\"role\":\"head\","
                        "\"reason\":\"出差\"}");
        assert_true(test_has(section(look(&b, url), "acts"), "：局长甲、东区长、西代员</dd>"));
        do_act(&boss, url, "step_back", "f.officer", "h01");
        test_do(town, "register:recusals.put", "system",
                        "{\"recusal_no\":\"R1\",\"staff\":\"w09\",\"procedure\":\"every_case\",\"ground\":\"亲属\",\"basis\":\"公务员法 第七十六条\"}");
        assert_true(test_has(section(look(&b, url), "acts"), "由head办理：东区长</dd>"));
        /* On the citizen's side it is the post alone. */
        assert_false(test_has(test_get(town, "/procedures/every_case"), "东区长"));
}

/* Beside each paper stands whom it went to; for those whose work it is alone. */
static void test_whom_papers_went_to(void **state)
{
        (void)state;
        struct browser b = sign_in("s01");
        struct str number = test_apply(town, "open_case", "发给谁");
        const char *n = str_c(town->arena, number);
        struct str papers = section(look(&b, test_url(town, "/work/matters/", n)), "documents");
        assert_true(test_has(
                        papers, "受理通知书</a><span class=\"pl-list__note\">发给谁：申请人<"));
        assert_true(test_has(
                        papers, "内部函</a><span class=\"pl-list__note\">发给谁：不发，只入卷<"));
        struct str open = test_get(town, test_url(town, "/matters/", n));
        assert_true(test_has(open, "受理通知书"));
        assert_false(test_has(open, "发给谁：")); /* what it is about is "发给谁" too */
}

static void test_pauses_and_relatives(void **state)
{
        (void)state;
        struct browser b = sign_in("e01");
        const char *url = begin(&b, "有中止的");
        do_act(&b, url, "wait", "x", "");
        expect(look(&b, url), 200, "中止不计：2021年3月1日起，还没有恢复");
        do_act(&b, url, "go_on", "x", "");
        expect(look(&b, url), 200, "中止不计：2021年3月1日至2021年3月1日");
        do_act(&b, url, "spawn", "x", "");
        struct str family = section(look(&b, url), "family");
        assert_true(test_has(family, "下级办件") && test_has(family, "下级有中止的"));
        const char *child = str_c(town->arena, between(family, "href=\"", '"'));
        assert_true(test_has(section(look(&b, child), "family"), "所属办件"));
}

/* ---- Notes ---- */

static struct str write_note(struct browser *b, const char *url, const char *text)
{
        const char *key = str_c(town->arena,
                        between(section(look(b, url), "note"), "name=\"key\" value=\"", '"'));
        return POST(b, str_format(town->arena, "%s/notes", url).p, "key", key, "note", text);
}

static void test_notes(void **state)
{
        (void)state;
        struct browser b = sign_in("e01"), boss = sign_in("s01"), west = sign_in("w01");
        const char *url = begin(&b, "有备注的");
        struct str answer = write_note(&b, url, "来电催办\r\n<b>勿外传</b>");
        assert_int_equal(test_status(answer), 303);
        expect(look(&b, str_c(town->arena, location(answer))), 200, "备注，已记入存证第");
        struct str events = section(look(&boss, url), "events");
        assert_true(test_has(events, "class=\"pl-note\">来电催办\n&lt;b&gt;勿外传&lt;/b&gt;"));
        assert_true(test_has(events, "东员"));
        /* Who has a form open is told; nothing of the matter has changed. */
        const char *act = str_format(town->arena, "%s/acts/note", url).p;
        const char *seen = str_c(
                        town->arena, between(look(&boss, act), "name=\"seen\" value=\"", '"'));
        assert_int_equal(test_status(write_note(&b, url, "再来电")), 303);
        struct str told = POST(&boss, act, "seen", seen, "do", "do", "f.memo", "经过");
        expect(told, 409, "　备注</li>");
        /* Somebody else's matter, and one that is none. */
        look(&west, "/work");
        expect(POST(&west, str_format(town->arena, "%s/notes", url).p, "note", "偷写"), 404,
                        "没有找到");
        const char *none = str_format(town->arena, "%s/notes",
                        test_url(town, "/work/matters/", "全〔2021〕9999号"))
                                           .p;
        expect(POST(&b, none, "note", "x"), 404, "没有找到");
}

static void test_notes_refused(void **state)
{
        (void)state;
        struct browser b = sign_in("e01");
        const char *url = begin(&b, "备注写不成");
        const char *to = str_format(town->arena, "%s/notes", url).p;
        struct buf text = BUF(town->arena);
        expect(write_note(&b, url, "  "), 422, "缺少必填项");
        for (int i = 0; i <= NOTE_MAX; i++)
                buf_c(&text, "长");
        buf_char(&text, '\0');
        struct str told = write_note(&b, url, text.p);
        expect(told, 422, "填写不正确");
        assert_true(test_has(told, "长长长</textarea>"));
        const char *const pairs[] = { "note", "打了很久的备注", NULL };
        struct str stale = post_as(&b, to, "", STR_LIT("stale"), pairs);
        expect(stale, 403, "这张表单已经失效");
        assert_true(test_has(stale, "打了很久的备注</textarea>"));
        assert_false(test_has(section(look(&b, url), "events"), "class=\"pl-note\""));
        struct browser stranger = { 0 };
        look(&stranger, "/work/sign-in");
        expect(POST(&stranger, to, "note", "x"), 403, "E_ACCOUNT_SESSION");
}

/* ---- Query codes ---- */

static struct str ask_code(struct browser *b, const char *url, const char *party,
                const char *identity, const char *checked)
{
        const char *to = str_format(town->arena, "%s/code", url).p;
        const char *key = str_c(town->arena, between(look(b, to), "name=\"key\" value=\"", '"'));
        return POST(b, to, "key", key, "party", party, "identity", identity, "checked", checked);
}

/* With number and code, and on to the matter. */
static int track(const char *number, const char *code)
{
        struct browser b = { 0 };
        look(&b, "/track");
        int status = test_status(POST(&b, "/track", "number", number, "code", code));
        return status != 303 ? status : test_status(look(&b, test_url(town, "/track/", number)));
}

static void test_another_query_code(void **state)
{
        (void)state;
        struct browser b = sign_in("s01"), east = sign_in("e01");
        const char *number = str_c(town->arena, test_apply(town, "hidden_case", "丢了码的"));
        const char *url = test_url(town, "/work/matters/", number);
        expect(look(&b, str_format(town->arena, "%s/code", url).p), 200, "350203199003070014");
        struct str first = ask_code(&b, url, "applicant", "居民身份证原件", "1");
        expect(first, 200, "只显示这一次");
        const char *one = str_c(town->arena, between(first, "pl-code-big\">", '<'));
        assert_int_equal(strlen(one), 14);
        assert_int_equal(track(number, one), 200);
        struct str second = ask_code(&b, url, "applicant", "护照原件", "1");
        const char *two = str_c(town->arena, between(second, "pl-code-big\">", '<'));
        assert_string_not_equal(one, two);
        assert_int_equal(track(number, two), 200);
        assert_int_equal(track(number, one), 403); /* the one before is void */
        struct str events = section(look(&b, url), "events");
        assert_true(test_has(events, "补发查询码") && test_has(events, "护照原件"));
        assert_false(test_has(events, two));
        /* The same form again: recorded once, not shown a second time. */
        const char *to = str_format(town->arena, "%s/code", url).p;
        const char *key = str_c(town->arena, between(look(&b, to), "name=\"key\" value=\"", '"'));
        struct str once = POST(&b, to, "key", key, "party", "applicant", "identity", "护照原件",
                        "checked", "1");
        struct str again = POST(&b, to, "key", key, "party", "applicant", "identity", "护照原件",
                        "checked", "1");
        expect(once, 200, "pl-code-big");
        expect(again, 200, "已经显示过");
        assert_false(test_has(again, "pl-code-big"));
        expect(look(&east, to), 404, "没有找到"); /* another unit's */
}

static void test_query_code_refused(void **state)
{
        (void)state;
        struct browser b = sign_in("s01");
        const char *number = str_c(town->arena, test_apply(town, "hidden_case", "不补发的"));
        const char *url = test_url(town, "/work/matters/", number);
        expect(ask_code(&b, url, "applicant", "身份证", ""), 422, "请当面核对证件");
        expect(ask_code(&b, url, "applicant", " ", "1"), 422, "请填写核对的证件");
        expect(ask_code(&b, url, "", "身份证", "1"), 422, "请选择补发给谁");
        expect(ask_code(&b, url, "system", "身份证", "1"), 422, "请选择补发给谁");
        struct str told = ask_code(&b, url, "applicant", "<b>证</b>", "");
        assert_true(test_has(told, "value=\"&lt;b&gt;证&lt;/b&gt;\""));
        const char *to = str_format(town->arena, "%s/code", url).p;
        const char *const pairs[] = { "party", "applicant", "identity", "证", "checked", "1",
                NULL };
        expect(post_as(&b, to, "", STR_LIT("stale"), pairs), 403, "这张表单已经失效");
        assert_false(test_has(look(&b, url), "补发查询码</h3>"));
}

/* ---- Proofs ---- */

static void test_proof_of_a_hidden_matter(void **state)
{
        (void)state;
        struct browser b = sign_in("e01"), west = sign_in("w01"), stranger = { 0 };
        const char *url = begin(&b, "要证明的"), *other = begin(&b, "别的");
        struct str page = look(&b, url);
        const char *proof = str_c(town->arena, between(section(page, "events"), "href=\"", '"'));
        assert_true(str_starts(str_of(proof), str_of(url)));
        expect(look(&b, proof), 200, "记录的散列值");
        assert_int_equal(test_status(look(&west, proof)), 404);
        assert_int_equal(test_status(look(&stranger, proof)), 303);
        const char *seq = strrchr(proof, '/') + 1;
        assert_int_equal(test_status(look(&stranger, str_format(town->arena, "/ledger/%s", seq).p)),
                        404);
        assert_int_equal(test_status(look(&b,
                                         str_format(town->arena, "%s/proofs/%s", other, seq).p)),
                        404); /* it is another matter's */
        static const char *const bad[] = { "x", "-1", "99999", "0" };
        for (size_t i = 0; i < N_ELEMENTS(bad); i++)
                assert_int_equal(test_status(look(&b, str_format(town->arena, "%s/proofs/%s", url,
                                                                      bad[i])
                                                                      .p)),
                                404);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_parties_and_what_is_kept_apart),
                cmocka_unit_test(test_who_may_and_why_not),
                cmocka_unit_test(test_who_holds_the_post),
                cmocka_unit_test(test_whom_papers_went_to),
                cmocka_unit_test(test_pauses_and_relatives),
                cmocka_unit_test(test_notes),
                cmocka_unit_test(test_notes_refused),
                cmocka_unit_test(test_another_query_code),
                cmocka_unit_test(test_query_code_refused),
                cmocka_unit_test(test_proof_of_a_hidden_matter),
        };
        office_open();
        int failed = cmocka_run_group_tests(tests, NULL, NULL);
        test_close(town);
        return failed;
}
