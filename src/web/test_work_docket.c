/* The docket of the workbench: in which order, found how, under which name kept, as a file. */
#include <unistd.h>

#include "account/saved_view.h"
#include "desk/files.h"
#include "web/test_office.h"

static const char *begin_as(struct browser *b, const char *topic, const char *id_no)
{
        struct str form = look(b, "/work/new/every_case/begin");
        const char *key = str_c(town->arena, between(form, "name=\"key\" value=\"", '"'));
        struct str answer = POST(b, "/work/new/every_case/begin", "key", key, "do", "do", "f.topic",
                        topic, "f.id_no", id_no);
        assert_int_equal(test_status(answer), 303);
        struct str rest = location(answer);
        return str_c(town->arena, str_split(&rest, '?'));
}

/* Do the texts stand in the answer, each behind the one before? */
static void expect_order(struct str answer, const char *const *texts)
{
        size_t at = 0;
        for (size_t i = 0; texts[i] != NULL; i++) {
                size_t found = str_find(str_slice(answer, at, answer.n), str_of(texts[i]));
                if (found == SIZE_MAX)
                        fail_msg("%s is not behind %s:\n%s", texts[i], i == 0 ? "" : texts[i - 1],
                                        str_c(town->arena, answer));
                at += found + 1;
        }
}

#define EXPECT_ORDER(answer, ...) expect_order((answer), (const char *const[]){ __VA_ARGS__, NULL })

/* Eleven matters: as text number 10 would stand before 9. */
static void test_orders(void **state)
{
        (void)state;
        struct browser b = sign_in("e01");
        const char *urls[11];
        for (int i = 0; i < 11; i++)
                urls[i] = begin_as(&b, str_format(town->arena, "第%d件", i + 1).p, "");
        expect(look(&b, "/work/matters"), 200, "aria-sort=\"descending\"");
        EXPECT_ORDER(look(&b, "/work/matters"), "第11件", "第10件", "第2件", "第1件");
        struct str old = look(&b, "/work/matters?sort=old");
        EXPECT_ORDER(old, "aria-sort=\"ascending\"", "第1件", "第2件", "第10件", "第11件");
        EXPECT_ORDER(look(&b, "/work/matters?procedure=every_case&sort=number"), "1号</a>",
                        "9号</a>", "10号</a>", "11号</a>");
        EXPECT_ORDER(look(&b, "/work/matters?procedure=every_case&sort=number-down"), "11号</a>",
                        "10号</a>", "9号</a>", "1号</a>");
        /* By number only where the list is narrow; a word that is no order is none. */
        EXPECT_ORDER(look(&b, "/work/matters?sort=number"), "第11件", "第1件");
        EXPECT_ORDER(look(&b, "/work/matters?sort=%27%20OR%201"), "第11件", "第1件");
        assert_int_equal(test_status(look(&b, "/work/matters?sort=due&day=x")), 400);
        /* The file keeps filter and order. */
        EXPECT_ORDER(test_body(look(&b, "/work/matters.csv?procedure=every_case&sort=number")),
                        "第1件", "第9件", "第10件");
        expect(look(&b, "/work/matters?procedure=every_case&sort=number"), 200,
                        "href=\"/work/matters.xlsx?procedure=every_case&amp;sort=number\"");
        /* A finished matter has no term that runs. */
        const char *finish = str_format(town->arena, "%s/acts/finish", urls[2]).p;
        const char *note = str_format(town->arena, "%s/acts/note", urls[2]).p;
        const char *seen =
                        str_c(town->arena, between(look(&b, note), "name=\"seen\" value=\"", '"'));
        POST(&b, note, "seen", seen, "do", "do", "f.memo", "经过");
        seen = str_c(town->arena, between(look(&b, finish), "name=\"seen\" value=\"", '"'));
        assert_int_equal(test_status(POST(&b, finish, "seen", seen, "do", "do")), 303);
        struct str due = look(&b, "/work/matters?sort=due");
        EXPECT_ORDER(due, "按期限先后排列", "第1件", "第2件", "第4件", "第11件");
        assert_false(test_has(due, "第3件"));
        /* Nor does anybody wait for it: it is nobody's work. */
        struct str home = look(&b, "/work");
        assert_true(test_has(home, ">第4件<") && !test_has(home, "第3件"));
        assert_true(test_has(look(&b, "/work.json"), "第4件"));
        assert_false(test_has(look(&b, "/work.json"), "第3件"));
}

/* Pages go on where the one before ended, in every order. */
static void test_orders_over_pages(void **state)
{
        (void)state;
        static const char *const orders[] = { "", "old", "number", "number-down", "due" };
        struct browser b = sign_in("e01");
        for (int i = 0; i < 60; i++)
                begin(&b, str_format(town->arena, "多页%d", i).p);
        for (size_t i = 0; i < N_ELEMENTS(orders); i++) {
                const char *first = str_format(town->arena,
                                "/work/matters?q=%%E5%%A4%%9A%%E9%%A1%%B5&state=open%s%s",
                                orders[i][0] != '\0' ? "&sort=" : "", orders[i])
                                                    .p;
                struct str one = look(&b, first);
                struct str next = between(one,
                                "pagination__next\"><a class=\"govuk-link govuk-pagination__link\" "
                                "href=\"",
                                '"');
                struct buf url = BUF(town->arena);
                for (size_t k = 0; k < next.n; k++) {
                        buf_char(&url, next.p[k]);
                        if (str_starts(str_slice(next, k, next.n), STR_LIT("&amp;")))
                                k += 4;
                }
                buf_char(&url, '\0');
                struct str two = look(&b, url.p);
                size_t n = 0;
                for (int k = 0; k < 60; k++) {
                        const char *name = str_format(town->arena, ">多页%d<", k).p;
                        bool on_one = test_has(one, name), on_two = test_has(two, name);
                        if (on_one == on_two)
                                fail_msg("%s: %s is on %s (%s)", orders[i], name,
                                                on_one ? "both" : "neither", url.p);
                        n += on_one;
                }
                assert_int_equal(n, 50);
        }
}

static void test_search_by_number_name_and_code(void **state)
{
        (void)state;
        struct browser b = sign_in("e01"), west = sign_in("w01");
        begin_as(&b, "按证件找", "350203199003070014");
        begin_as(&b, "别的人", "");
        static const char *const found[] = { "/work/matters?q=350203199003070014",
                "/work/matters?q=%E6%8C%89%E8%AF%81%E4%BB%B6" };
        for (size_t i = 0; i < N_ELEMENTS(found); i++) {
                assert_true(test_has(look(&b, found[i]), "按证件找"));
                assert_false(test_has(look(&b, found[i]), "别的人"));
                assert_false(test_has(look(&west, found[i]), "按证件找"));
        }
        struct str page = look(&b, found[0]);
        const char *number = str_c(town->arena,
                        between(page, "<a class=\"govuk-link\" href=\"/work/matters/", '"'));
        expect(look(&b, str_format(town->arena, "/work/matters?q=%s", number).p), 200, "按证件找");
}

/* ---- As files ---- */

/* The cells of an XLSX, read by another program. */
static struct str cells_of(struct str file)
{
        char from[] = "/tmp/docket-XXXXXX", to[] = "/tmp/cells-XXXXXX";
        int in = mkstemp(from), out = mkstemp(to);
        struct str text;
        assert_true(in >= 0 && out >= 0);
        assert_int_equal(write(in, file.p, file.n), (ssize_t)file.n);
        assert_int_equal(system(str_format(town->arena, "python3 %s/tests/xlsx_cells.py %s > %s",
                                         town->root, from, to)
                                                         .p),
                        0);
        test_must(town, file_read(town->arena, str_of(to), 1 << 20, &text, &town->err));
        close(in);
        close(out);
        unlink(from);
        unlink(to);
        return text;
}

/* The page, the CSV and the XLSX of the same list hold the same matters: those of the reader. */
static void test_files_hold_what_their_reader_sees(void **state)
{
        (void)state;
        struct browser east = sign_in("e01"), west = sign_in("w01"), bureau = sign_in("s01");
        const char *given = begin(&east, "导出交西区");
        begin(&east, "导出东区一");
        begin(&west, "导出西区一");
        begin(&bureau, "导出局里一");
        const char *to = str_format(town->arena, "%s/acts/hand_over", given).p;
        const char *seen =
                        str_c(town->arena, between(look(&east, to), "name=\"seen\" value=\"", '"'));
        assert_int_equal(test_status(POST(&east, to, "seen", seen, "do", "do", "f.officer", "w01",
                                         "f.memo", "交接")),
                        303);
        static const char *const topics[] = { "导出交西区", "导出东区一", "导出西区一",
                "导出局里一" };
        struct {
                struct browser *b;
                const char *query;
                bool sees[N_ELEMENTS(topics)];
        } rows[] = {
                { &east, "", { true, true, false, false } },
                { &west, "", { true, false, true, false } }, /* one was given to him */
                { &bureau, "", { true, true, true, true } }, /* those below it, too */
                { &east, "&unit=west", { false, false, false, false } },
                { &bureau, "&unit=west", { false, false, true, false } },
                { &west, "&mine=1", { true, false, false, false } },
                { &west, "&state=closed", { false, false, false, false } },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                static const char *const kinds[] = { "", ".csv", ".xlsx" };
                for (size_t k = 0; k < N_ELEMENTS(kinds); k++) {
                        struct str answer = look(rows[i].b,
                                        str_format(town->arena,
                                                        "/work/matters%s?q=%%E5%%AF%%BC%%E5%%87%%BA%s",
                                                        kinds[k], rows[i].query)
                                                        .p);
                        assert_int_equal(test_status(answer), 200);
                        struct str text = k == 2 ? cells_of(test_body(answer)) : test_body(answer);
                        for (size_t t = 0; t < N_ELEMENTS(topics); t++)
                                if (test_has(text, topics[t]) != rows[i].sees[t])
                                        fail_msg("row %zu%s: %s", i, kinds[k], topics[t]);
                }
        }
        /* A file is its reader's, and nobody's without a sign-in. */
        struct browser nobody = { 0 };
        assert_int_equal(test_status(look(&nobody, "/work/matters.csv")), 303);
        assert_true(test_has(test_head(look(&east, "/work/matters.csv")), "no-store"));
}

/* ---- Saved views ---- */

static void test_saved_views(void **state)
{
        (void)state;
        struct browser b = sign_in("e01"), other = sign_in("s01");
        look(&b, "/work/matters?procedure=every_case&state=open&sort=due");
        struct str saved = POST(&b, "/work/views", "do", "save", "name", " 我的<急>件 ", "query",
                        "?procedure=every_case&state=open&sort=due");
        assert_int_equal(test_status(saved), 303);
        assert_true(str_is(
                        location(saved), "/work/matters?procedure=every_case&state=open&sort=due"));
        struct str page = look(&b, "/work/matters");
        assert_true(test_has(page, "我的&lt;急&gt;件</a>"));
        assert_true(test_has(page,
                        "href=\"/work/matters?procedure=every_case&amp;state=open&amp;sort=due\""));
        assert_true(test_has(look(&b, str_c(town->arena, location(saved))),
                        "aria-current=\"page\">我的&lt;急&gt;件"));
        assert_false(test_has(look(&other, "/work/matters"), "我的&lt;急&gt;件")); /* his own */
        look(&other, "/work/matters");
        expect(POST(&other, "/work/views", "do", "drop", "name", "我的<急>件"), 404, "没有找到");
        /* The same name again replaces it. */
        POST(&b, "/work/views", "do", "save", "name", "我的<急>件", "query", "?state=late");
        page = look(&b, "/work/matters");
        assert_true(test_has(page, "href=\"/work/matters?state=late\""));
        assert_false(test_has(page, "state=open&amp;sort=due\""));
        assert_int_equal(test_status(POST(&b, "/work/views", "do", "drop", "name", "我的<急>件",
                                         "query", "")),
                        303);
        assert_false(test_has(look(&b, "/work/matters"), "我的&lt;急&gt;件"));
}

static void test_saved_views_refused(void **state)
{
        (void)state;
        static const char *const queries[] = { "//evil.example", "https://evil.example", "?a=%00",
                "?a=\r\nSet-Cookie: x", "/../admin", "x", "?q=%zz" };
        struct browser b = sign_in("w01");
        look(&b, "/work/matters");
        for (size_t i = 0; i < N_ELEMENTS(queries); i++)
                expect(POST(&b, "/work/views", "do", "save", "name", "坏的", "query", queries[i]),
                                400, "E_HTTP_FORM");
        expect(POST(&b, "/work/views", "do", "save", "name", " ", "query", ""), 422, "E_VIEW_NAME");
        expect(POST(&b, "/work/views", "do", "save", "name",
                               "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一",
                               "query", ""),
                        422, "1 至 30 个字");
        expect(POST(&b, "/work/views", "do", "save", "name", "a\nb", "query", ""), 422,
                        "E_VIEW_NAME");
        const char *const pairs[] = { "do", "save", "name", "假的", "query", "", NULL };
        expect(post_as(&b, "/work/views", "", STR_LIT("stale"), pairs), 403, "E_FORM_TOKEN");
        for (unsigned i = 0; i < SAVED_VIEWS_MAX; i++)
                assert_int_equal(test_status(POST(&b, "/work/views", "do", "save", "name",
                                                 str_format(town->arena, "第%u个", i).p, "query",
                                                 "")),
                                303);
        expect(POST(&b, "/work/views", "do", "save", "name", "多出来的", "query", ""), 422,
                        "最多保存 30 个");
        assert_int_equal(test_status(POST(&b, "/work/views", "do", "save", "name", "第3个", "query",
                                         "?state=open")),
                        303); /* one that is there may change */
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_orders),
                cmocka_unit_test(test_orders_over_pages),
                cmocka_unit_test(test_search_by_number_name_and_code),
                cmocka_unit_test(test_files_hold_what_their_reader_sees),
                cmocka_unit_test(test_saved_views),
                cmocka_unit_test(test_saved_views_refused),
        };
        office_open();
        int failed = cmocka_run_group_tests(tests, NULL, NULL);
        test_close(town);
        return failed;
}
