/* The draw console: steps made from the definition, a witness who confirms by his own sign-in, and
 * nothing that the acts themselves would not do. */
#include "account/account.h"
#include "web/test_browser.h"
#include "web/test_office.h"

static const char raffle[] =
                "procedure: raffle\n"
                "label: 抽签台\n"
                "visible: published\n"
                "versions:\n"
                "  - version: R1\n"
                "    effective: 2019-01-01\n"
                "    law: 试验办法\n"
                "    number: '台〔{year}〕{n}号'\n"
                "    title: topic\n"
                "    fields:\n"
                "      topic: {label: 事由, type: text, max: 200, class: public}\n"
                "      draws_on: {label: 号码产生日期, type: date, class: public}\n"
                "      values: {label: 公布的号码, type: list, class: published}\n"
                "      strata: {label: 分层, type: any}\n"
                "      pool: {label: 名单, type: any}\n"
                "      sizes: {label: 各层规模, type: any}\n"
                "      sources: {label: 来源, type: any}\n"
                "      announced: {label: 预告, type: any, class: published}\n"
                "      drawn: {label: 结果, type: any, class: published}\n"
                "      fault: {label: 故障, type: text, class: published}\n"
                "      to_unit: {label: 接收单位, type: unit}\n"
                "      to_handler: {label: 新的承办人, type: staff}\n"
                "    states: {frozen: 已冻结, announced: 已预告, drawn: 已抽取,\n"
                "             done: {label: 归档, final: true}, void: {label: 作废, final: true}}\n"
                "    acts:\n"
                "      freeze:\n"
                "        label: 冻结名单\n"
                "        by: clerk\n"
                "        from: new\n"
                "        to: frozen\n"
                "        needs: [topic]\n"
                "        set:\n"
                "          strata: '[{name: \"层\", count: 1, substitutes: 1}]'\n"
                "          pool: 'draw_freeze(for i in [\"甲\", \"乙\", \"丙\"] return {id: i, name: i, stratum: \"层\",\n"
                "                 region: \"\", weight: 1, excluded: if i = \"丙\" then \"已查\" else \"\"}, [])'\n"
                "          sizes: 'draw_sizes(pool, strata)'\n"
                "          sources: '[{source: \"彩票\", issue: \"1\", shape: \"99\"}]'\n"
                "      announce:\n"
                "        label: 预告抽签\n"
                "        by: clerk\n"
                "        from: frozen\n"
                "        to: announced\n"
                "        needs: [draws_on]\n"
                "        set: {announced: 'draw_announcement(number, pool, strata, null, sources)'}\n"
                "        publishes: notice\n"
                "      attend: {label: 监督人到场, by: witness, from: announced, differs_from: [announce]}\n"
                "      draw:\n"
                "        label: 随机抽取\n"
                "        by: clerk\n"
                "        from: announced\n"
                "        to: drawn\n"
                "        needs: [values]\n"
                "        differs_from: [attend]\n"
                "        set: {drawn: 'draw_publication(number, pool, strata, null, sources, values, [], [])'}\n"
                "        require:\n"
                "          - {that: 'today >= draws_on', say: 号码还没有产生, basis: 试验办法 第二条}\n"
                "          - {that: 'did.attend.count > 0', say: 监督人没有到场确认, basis: 试验办法 第三条}\n"
                "        publishes: result\n"
                "      file: {label: 归档, by: clerk, from: drawn, to: done}\n"
                "      void: {label: 作废, by: head, from: [frozen, announced], to: void, needs: [fault], publishes: gone}\n"
                "      change_unit: {label: 移交别的单位, by: clerk, from: any, needs: [to_unit], moves: to_unit, assigns: '[]'}\n"
                "      change_handler: {label: 改派承办人, by: clerk, from: any, needs: [to_handler], assigns: to_handler}\n"
                "    draw: {announced: announced, file: drawn, fault: fault}\n"
                "    publications:\n"
                "      notice: {label: 预告, title: topic, shows: [topic, announced]}\n"
                "      result: {label: 结果, title: topic, shows: [topic, drawn]}\n"
                "      gone: {label: 作废, title: topic, shows: [topic, fault]}\n";

/* A plan that opens a draw with inspectors, whose list the program freezes. */
static const char patrol[] =
                "procedure: patrol\n"
                "label: 巡查批次\n"
                "visible: published\n"
                "versions:\n"
                "  - version: P1\n"
                "    effective: 2019-01-01\n"
                "    law: 试验办法\n"
                "    number: '巡〔{year}〕{n}号'\n"
                "    title: topic\n"
                "    fields:\n"
                "      topic: {label: 事由, type: text, max: 200, class: public}\n"
                "      share: {label: 个数, type: integer}\n"
                "      strata: {label: 分层, type: any}\n"
                "      rule: {label: 配对规则, type: any}\n"
                "      pool: {label: 名单, type: any}\n"
                "      sizes: {label: 各层规模, type: any}\n"
                "      gaps: {label: 配不齐人员的对象, type: list}\n"
                "      announced: {label: 预告, type: any, class: published}\n"
                "      drawn: {label: 结果, type: any, class: published}\n"
                "      fault: {label: 故障, type: text, class: published}\n"
                "    states: {open: 在办, frozen: 已冻结, void: {label: 作废, final: true}}\n"
                "    acts:\n"
                "      plan: {label: 编制计划, by: clerk, from: new, to: open, needs: [topic]}\n"
                "      start: {label: 启动一批, by: clerk, from: open, needs: [share],\n"
                "              opens: [{procedure: patrol, act: freeze, with: {topic: topic, share: share}}]}\n"
                "      freeze:\n"
                "        label: 冻结名录库\n"
                "        by: system\n"
                "        from: new\n"
                "        to: frozen\n"
                "        needs: [topic, share]\n"
                "        set:\n"
                "          strata: '[{name: \"层\", count: share}]'\n"
                "          rule: '{day: today + duration(\"P1D\"), officers: 2, guests: 0, basis: \"试验办法 第二条\"}'\n"
                "          pool: >-\n"
                "            draw_freeze(for i in [\"甲所\", \"乙所\", \"丙所\"] return {id: i, name: i, stratum: \"层\", region: \"\",\n"
                "              weight: 1, excluded: \"\"}, for p in entries(\"people\") return {id: p.key, name: p.name, unit: \"局\",\n"
                "              district: \"\", kind: \"officer\", valid_to: date(\"2029-12-31\"), lead: false, load: 0, recusals: []})\n"
                "          sizes: 'draw_sizes(pool, strata)'\n"
                "          gaps: 'draw_gaps(pool, rule)'\n"
                "        require:\n"
                "          - {that: 'share <= 3', say: 要抽的比名单里的多, basis: 试验办法 第一条}\n"
                "          - {that: 'count(gaps) = 0', say: 有对象配不齐两名人员, which: gaps, basis: 试验办法 第二条}\n"
                "      announce: {label: 预告, by: clerk, from: frozen, set: {announced: '1', drawn: '1'}, publishes: notice}\n"
                "      void: {label: 作废, by: head, from: [open, frozen], to: void, needs: [fault], publishes: gone}\n"
                "    draw: {announced: announced, file: drawn, fault: fault}\n"
                "    publications:\n"
                "      notice: {label: 预告, title: topic, shows: [topic, announced, drawn]}\n"
                "      gone: {label: 作废, title: topic, shows: [topic, fault]}\n";

/* The part of the console that is about the step. */
static struct str step(struct str page, const char *label)
{
        size_t at = str_find(page, str_format(town->arena, "pl-console__title\">%s ", label));
        if (at == SIZE_MAX)
                fail_msg("no step %s:\n%s", label, str_c(town->arena, page));
        struct str rest = str_slice(page, at, page.n);
        return str_cut(rest, str_find(rest, STR_LIT("</li>")));
}

static void act(struct browser *b, const char *number, const char *name, const char *field,
                const char *value)
{
        const char *to = str_format(
                        town->arena, "%s/acts/%s", test_url(town, "/work/matters/", number), name)
                                         .p;
        const char *seen = str_c(town->arena, between(look(b, to), "name=\"seen\" value=\"", '"'));
        struct str answer = POST(b, to, "seen", seen, "do", "do", field, value);
        if (test_status(answer) != 303)
                fail_msg("%s: %s", name, str_c(town->arena, answer));
}

static void test_console(void **state)
{
        (void)state;
        struct browser clerk = sign_in("s01"), witness = sign_in("wit"), east = sign_in("e01");
        const char *number = str_c(town->arena,
                        test_do(town, "raffle.freeze", "s01", "{\"topic\":\"质量抽查\"}"));
        const char *console = test_url(town, "/work/draws/", number);
        expect(look(&clerk, "/work"), 200, "href=\"/work/draws\"");
        struct str list = look(&clerk, "/work/draws");
        expect(list, 200, "质量抽查");
        assert_true(test_has(list, "预告抽签、作废"));
        struct str page = look(&clerk, console);
        expect(page, 200, "参加抽取 2 个，不参加 1 个");
        assert_true(test_has(page, "<td class=\"govuk-table__cell\">层</td>"));
        assert_true(test_has(step(page, "冻结名单"), "已办"));
        assert_true(test_has(step(page, "预告抽签"), "/acts/announce\">预告抽签</a>"));
        assert_true(test_has(step(page, "随机抽取"), "以后"));
        assert_false(test_has(page, "/draws/%E5%8F%B0%E3%80%942021%E3%80%951%E5%8F%B7\">公示页"));
        /* Handing it over is no step of the draw: the page of the matter has that. */
        static const char *const handing[] = { "移交别的单位", "改派承办人" };
        for (size_t i = 0; i < N_ELEMENTS(handing); i++) {
                assert_false(test_has(page, handing[i]));
                assert_false(test_has(list, handing[i]));
                expect(look(&clerk, test_url(town, "/work/matters/", number)), 200, handing[i]);
        }
        act(&clerk, number, "announce", "f.draws_on", "2021-03-02");

        /* What the draw waits for is told before anybody presses the button. */
        page = look(&clerk, console);
        struct str draw = step(page, "随机抽取");
        assert_true(test_has(draw, "号码还没有产生（试验办法 第二条）"));
        assert_true(test_has(draw, "监督人没有到场确认（试验办法 第三条）"));
        assert_false(test_has(draw, "/acts/draw\""));
        assert_true(test_has(page, "2021年3月2日（还有 1 天）"));
        assert_true(test_has(page, "公示页"));
        assert_true(test_has(step(page, "监督人到场"),
                        "由witness办理，须是没有办过「预告抽签」的另一人"));
        assert_false(test_has(step(page, "监督人到场"), "/acts/attend\""));

        /* The witness confirms by his own sign-in; the clerk cannot do it for him. */
        struct str seen_by_witness = look(&witness, console);
        assert_true(test_has(step(seen_by_witness, "监督人到场"), "/acts/attend\""));
        assert_false(test_has(step(seen_by_witness, "随机抽取"), "/acts/draw\""));
        const char *attend = str_format(
                        town->arena, "%s/acts/attend", test_url(town, "/work/matters/", number))
                                             .p;
        expect(look(&clerk, attend), 403, "您的岗位不能办理");
        expect(POST(&clerk, attend, "do", "do"), 403, "您的岗位不能办理");
        act(&witness, number, "attend", "x", "");
        page = look(&clerk, console);
        assert_true(test_has(step(page, "监督人到场"), "见证员于 2021年3月1日"));
        assert_false(test_has(step(page, "随机抽取"), "监督人没有到场确认"));
        assert_true(test_has(step(page, "随机抽取"), "号码还没有产生"));

        /* Somebody else's, and what is no draw. */
        assert_int_equal(test_status(look(&east, console)), 404);
        assert_false(test_has(look(&east, "/work/draws"), "质量抽查"));
        const char *other = str_c(town->arena, test_apply(town, "hidden_case", "不是抽取"));
        assert_int_equal(test_status(look(&clerk, test_url(town, "/work/draws/", other))), 404);
        assert_int_equal(test_status(look(&clerk, "/work/draws/%3Cscript%3E")), 404);
}

/* The day has come: the numbers are entered, the lots follow, and the steps say so. */
static void test_the_day_has_come(void **state)
{
        (void)state;
        struct browser clerk = sign_in("s01"), witness = sign_in("wit");
        const char *number = str_c(town->arena,
                        test_do(town, "raffle.freeze", "s01", "{\"topic\":\"当天抽\"}"));
        const char *console = test_url(town, "/work/draws/", number);
        act(&clerk, number, "announce", "f.draws_on", "2021-03-01");
        act(&witness, number, "attend", "x", "");
        struct str page = look(&clerk, console);
        assert_true(test_has(page, "（就是今天）"));
        assert_true(test_has(step(page, "随机抽取"), "/acts/draw\">随机抽取</a>"));
        act(&clerk, number, "draw", "f.values", "42");
        page = look(&clerk, console);
        assert_true(test_has(step(page, "随机抽取"), "已办"));
        assert_true(test_has(step(page, "归档"), "现在"));
        assert_true(test_has(step(page, "作废"), "没有办"));
        expect(look(&clerk, test_url(town, "/work/matters/", number)), 200, "在抽取台按步骤办理");
}

/* ---- Before anything is frozen ---- */

static void test_tried_before_it_is_frozen(void **state)
{
        (void)state;
        struct browser clerk = sign_in("s01");
        const char *number = str_c(town->arena,
                        test_do(town, "patrol.plan", "s01", "{\"topic\":\"年度巡查\"}"));
        struct str list = look(&clerk, "/work/draws");
        expect(list, 200, "可以启动的抽取");
        assert_true(test_has(list, "冻结名单</a>　抽签台")); /* of the clerk's own act */
        assert_true(test_has(list, "启动一批</a>"));
        const char *to = str_format(
                        town->arena, "%s/acts/start", test_url(town, "/work/matters/", number))
                                         .p;
        struct str form = look(&clerk, to);
        expect(form, 200, "先试算，不冻结");
        const char *seen = str_c(town->arena, between(form, "name=\"seen\" value=\"", '"'));
        /* One inspector for teams of two: what is missing is told in full, with the article. */
        struct str tried = POST(&clerk, to, "seen", seen, "do", "try", "f.share", "2");
        expect(tried, 200, "现在不能冻结");
        assert_true(test_has(tried, "有对象配不齐两名人员"));
        assert_true(test_has(tried, "（试验办法 第二条）"));
        assert_true(test_has(tried, "配不齐人员的对象（3）"));
        assert_true(test_has(tried, "参加抽取 3 个，不参加 0 个；人员 1 名"));
        assert_false(test_has(tried, "要抽的比名单里的多"));
        assert_true(test_has(tried, "value=\"2\"")); /* nothing that was typed is lost */
        tried = POST(&clerk, to, "seen", seen, "do", "try", "f.share", "4");
        expect(tried, 200, "现在不能冻结"); /* what cannot even be worked out is told as well */
        assert_true(test_has(tried, "4"));
        test_do(town, "register:people.put", "system",
                        "{\"code\":\"P2\",\"name\":\"李时珍\",\"n\":3}");
        tried = POST(&clerk, to, "seen", seen, "do", "try", "f.share", "3");
        expect(tried, 200, "可以冻结");
        assert_false(test_has(tried, "现在不能冻结"));
        assert_true(test_has(tried,
                        "<td class=\"govuk-table__cell govuk-table__cell--numeric\">3</td>"));
        /* What is wrong on the form, or refused of the act itself, is told as ever. */
        expect(POST(&clerk, to, "seen", seen, "do", "try", "f.share", "viele"), 422, "个数");
        /* Nothing was done by any of it. */
        expect(look(&clerk, test_url(town, "/work/matters/", number)), 200, "编制计划");
        assert_false(test_has(look(&clerk, test_url(town, "/work/matters/", number)), "下级办件"));
        /* And it holds what it promised. */
        assert_int_equal(test_status(POST(&clerk, to, "seen", seen, "do", "do", "f.share", "3")),
                        303);
        expect(look(&clerk, test_url(town, "/work/matters/", number)), 200, "下级办件");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_console),
                cmocka_unit_test(test_tried_before_it_is_frozen),
                cmocka_unit_test(test_the_day_has_come),
        };
        const struct definition_source more[] = { { STR_LIT("procedures/raffle.yaml"),
                                                                  { raffle, sizeof(raffle) - 1 } },
                { STR_LIT("procedures/patrol.yaml"), { patrol, sizeof(patrol) - 1 } },
                { STR_LIT(""), { NULL, 0 } } };
        town = test_open_with(more, true);
        test_people(town);
        test_do(town, "register:units.put", "system",
                        "{\"id\":\"east\",\"name\":\"东区司法局\",\"parent\":\"bureau\"}");
        add_staff("s01", "局员", "bureau");
        add_staff("e01", "东员", "east");
        add_staff_as("wit", "见证员", "bureau", "witness");
        int failed = cmocka_run_group_tests(tests, NULL, NULL);
        test_close(town);
        return failed;
}
