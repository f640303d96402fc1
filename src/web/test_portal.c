/* What a stranger gets: every page answers, hidden records leave no trace, nothing personal
 * stands anywhere, hostile text stays text. */
#include "ledger/proof.h"
#include "store/store.h"
#include "web/test_town.h"

static struct test_town *town;

/* ---- Every route ---- */

static void test_every_route(void **state)
{
        (void)state;
        static const struct {
                const char *address;
                int status;
                const char *says;
        } rows[] = {
                { "/", 200, "依法办理，逐件可查" },
                { "/?utm=1&utm_source=x", 200, "依法办理" },
                { "/services", 200, "找到 3 项服务" },
                { "/services.json", 200, "\"n_found\":3" },
                { "/services?audience=%E4%BC%81%E4%B8%9A", 200, "找到 1 项服务" },
                { "/services?audience=%E7%8E%8B", 200, "没有找到这样的服务" },
                { "/services?q=%E5%BC%A0%E4%BB%B2%E6%99%AF", 200, "/services/open_case?item=P1" },
                { "/services?q=%22%3E%3Cscript%3E", 200, "&quot;&gt;&lt;script&gt;" },
                { "/services/open_case", 200, "请选择要办的事项" },
                { "/services/open_case", 200, "试验办法 第二条" },
                { "/services/open_case?item=P1", 200, "张仲景" },
                { "/services/open_case?item=P9", 404, "没有找到" },
                { "/services/hidden_case?item=P1", 404, "没有找到" },
                { "/services/none", 404, "没有找到" },
                { "/columns", 200, "公示公告" },
                { "/columns/open_case/decision", 200, "共 1 件" },
                { "/columns/open_case/decision?q=%E8%80%81%E5%9F%8E", 200, "共 1 件" },
                { "/columns/open_case/decision?q=%E5%AF%86%E5%90%8D", 200, "本栏目没有含" },
                { "/columns/open_case/decision?q=%E5%87%86%E4%BA%88%E5%85%AC%E5%BC%80", 200,
                                "共 1 件" }, /* 准予公开: what is published for a time */
                { "/columns/open_case/decision?q=138", 200, "共 1 件" }, /* of a number, masked */
                { "/columns/open_case/decision?q=13800138000", 200, "本栏目没有含" },
                { "/columns/open_case/decision?q=%E5%87%86%E4%BA%88%20%E8%80%81%E5%9F%8E", 200,
                                "共 1 件" }, /* 准予 老城 */
                { "/columns/open_case/decision?q=%E5%AF%86%E6%9E%9C%E6%92%A4", 200,
                                "本栏目没有含" }, /* 密果撤: withdrawn */
                { "/columns/open_case/decision?q=%EF%BC%8C", 200, "本栏目没有含" }, /* ， */
                { "/columns/open_case/decision?after=x", 400, "查询条件不正确" },
                { "/columns/open_case/none", 404, "没有找到" },
                { "/columns/none/decision", 404, "没有找到" },
                { "/columns/feed", 200, "<feed xmlns=\"http://www.w3.org/2005/Atom\"" },
                { "/columns/open_case/decision/feed", 200, "老城区改造听证" },
                { "/columns/open_case/none/feed", 404, "没有找到" },
                { "/calculator", 200, "期限计算器" },
                { "/calculator?clock=open_case.decide&from=2021-09-28", 200, "2021年10月11日" },
                { "/calculator?clock=open_case.decide&from=2021-09-28&extension=1", 200,
                                "2021年10月12日" },
                { "/calculator?clock=open_case.decide&from=2021-09-28&pause_from=2021-10-08"
                  "&pause_until=2021-10-08",
                                200, "2021年10月12日" },
                { "/calculator?clock=open_case.decide&from=2021-09-28&length=1", 200,
                                "2021年9月29日" },
                { "/calculator?clock=open_case.decide&from=28.9.2021", 200, "还不能计算" },
                { "/calculator?clock=open_case.none&from=2021-09-28", 200, "没有这个期限" },
                { "/calculator?clock=x", 200, "请从列表中选择期限" },
                { "/calculator?clock=open_case.decide&from=2021-09-28&length=-1", 200,
                                "不超过 1000 的整数" },
                { "/calculator?clock=open_case.decide&from=2021-09-28&pause_from=2021-10-08", 200,
                                "起止日期都填上" },
                { "/calculator?clock=open_case.decide&from=2021-09-28&pause_from=2021-10-08"
                  "&pause_until=2021-10-01",
                                200, "起日应不晚于止日" },
                { "/calculator?clock=open_case.decide&from=9999-12-31", 200, "还不能计算" },
                { "/help", 200, "怎样看期限" },
                { "/accessibility", 200, "无障碍环境建设法" },
                { "/sitemap", 200, "/columns/open_case/decision" },
                { "/reports", 200, "清水市司法局关于2021年试验工作的报告" },
                { "/report/2021", 200, "共受理" },
                { "/report/2021.tsv", 200, "F1\t65\t件\t=\tALL\n" },
                { "/report/2021.json", 200, "\"n_included\":" },
                { "/report/2019", 404, "没有找到" },
                { "/report/21", 404, "没有找到" },
                { "/report/abcd", 404, "没有找到" },
                { "/figures/F1?year=2021", 200, "受理总数" },
                { "/figures/F1", 200, "2021年1月1日至12月31日" },
                { "/figures/F2?year=2021", 200, "775" },
                { "/figures/F3?year=2021", 200, "由这些数据得出" },
                { "/figures/F4?year=2021", 200, "依法不公开" },
                { "/figures/F5?year=2021", 200, "张仲景" },
                { "/figures/F6?year=2021", 200, "受理总数（2020年）" },
                { "/figures/F7?year=2021", 404, "没有找到" },
                { "/figures/OPEN?year=2021", 200, "公开事项数" },
                { "/figures/F1?year=20211", 404, "没有找到" },
                { "/figures/F1?year=2021", 200, "<title>3月：65 件</title>" },
                { "/figures/F1?year=2021&month=3", 200, "全部记录" },
                { "/figures/F1?year=2021&month=2", 200, "2021年2月" },
                { "/figures/F1?year=2021&month=13", 400, "查询条件不正确" },
                { "/figures/F1?year=2021&unit=nobody", 200, "nobody" },
                { "/figures/F3?year=2021&month=3", 200, "由这些数据得出" },
                { "/figures/F1?year=2021&after=x", 400, "查询条件不正确" },
                { "/figures/F1?year=2021&after=1.2.3.4.5", 400, "查询条件不正确" },
                { "/figures/NONE", 404, "没有找到" },
                { "/matters", 200, "共 61 件" },
                { "/matters?from=2021-13-01", 400, "查询条件不正确" },
                { "/matters?after=-1", 400, "查询条件不正确" },
                { "/matters?after=9223372036854775808", 400, "查询条件不正确" },
                { "/matters?procedure=nobody", 200, "没有符合条件的办件" },
                { "/matters?procedure=open_case&state=decided", 200, "共 2 件" },
                { "/matters?state=closed", 200, "没有符合条件的办件" },
                { "/matters?state=open", 200, "共 61 件" },
                { "/matters?unit=bureau", 200, "清水市司法局" },
                { "/matters?from=2021-03-02&until=2021-03-03", 200, "共 57 件" },
                { "/matters?from=2021-03-05", 200, "没有符合条件的办件" },
                { "/matters.csv", 200, "\"编号\",\"名称\"" },
                { "/matters.csv?from=2021-03-02&until=2021-03-03", 200, "Content-Disposition" },
                { "/matters.csv?procedure=hidden_case", 200, "\"编号\"" },
                { "/matters.xlsx", 200, "attachment; filename=\"matters.xlsx\"" },
                { "/figures/F1.csv?year=2021&month=3", 200, "\"计入\"" },
                { "/figures/F3.csv?year=2021", 200, "\"计入\"" },
                { "/report/2021.csv", 200, "\"F1\",\"共受理\",\"\",65" },
                { "/report/2021.xlsx", 200, "report-2021.xlsx" },
                { "/registers/people.csv", 200, "张仲景" },
                { "/registers/staff.csv", 404, "没有找到" },
                { "/calendar.csv", 404, "没有找到" },
                { "/procedures", 200, "不公开事项" },
                { "/procedures/open_case", 200, "<svg" },
                { "/procedures/open_case?version=V1", 200, "试验办法 第一条" },
                { "/procedures/open_case?version=V9", 404, "没有找到" },
                { "/procedures/hidden_case", 200, "依法不公开，只统计数量" },
                { "/procedures/none", 404, "没有找到" },
                { "/registers", 200, "人员名册" },
                { "/registers/people", 200, "张仲景" },
                { "/registers/people?key=P1", 200, "登记经过" },
                { "/registers/people?key=P9", 404, "没有找到" },
                { "/registers/blacklist?key=%E5%AF%86%E5%8D%95%E4%B8%80", 404, "没有找到" },
                { "/registers/units", 200, "清水市司法局" },
                { "/registers/staff", 404, "没有找到" },
                { "/registers/blacklist", 404, "没有找到" },
                { "/registers/none", 404, "没有找到" },
                { "/calendar", 200, "2021年工作日历" },
                { "/calendar?year=2020", 200, "调休上班" },
                { "/calendar?year=2090", 200, "暂定" },
                { "/calendar?year=1990", 404, "没有找到" },
                { "/calendar?year=x", 404, "没有找到" },
                { "/checkpoint", 200, "plumbline/330800\n" },
                { "/checkpoint/key", 200, "plumbline/330800+" },
                { "/tile/0/000.p/1", 200, "application/octet-stream" },
                { "/tile/0/999", 404, "没有找到" },
                { "/tile/entries/000", 404, "没有找到" },
                { "/log-keys", 404, "没有找到" },
                { "/checkpoints", 200, "最近的签署" },
                { "/checkpoints?from=2", 404, "没有签署" },
                { "/checkpoints?from=x", 400, "查询条件不正确" },
                { "/consistency/1/2", 404, "没有签署" },
                { "/consistency/0/0", 404, "没有找到" },
                { "/ledger/0/qr", 200, "PL1:" },
                { "/ledger/99999/qr", 404, "没有找到" },
                { "/assets/verify.html", 200, "存证证明离线核对" },
                { "/assets/verify.js", 200, "plumbline" },
                { "/ledger/0", 200, "包含证明" },
                { "/ledger/0.json", 200, "plumbline-proof 1" },
                { "/ledger/99999", 404, "没有找到" },
                { "/ledger/-1", 404, "没有找到" },
                { "/ledger/x", 404, "没有找到" },
                { "/healthz", 200, "ok\n" },
                { "/readyz", 200, "ok\n" },
                { "/metrics", 200, "plumbline_acts_total " },
                { "/metrics", 200, "plumbline_turn_seconds_bucket{le=\"0.001\"} " },
                { "/metrics", 200, "plumbline_http_seconds_count " },
                { "/metrics", 200, "plumbline_outbox_oldest_seconds " },
                { "/assets/plumbline.css", 404, "没有找到" },
                { "/assets/../pages/layout.html", 400, "地址不正确" },
                { "/admin", 404, "没有找到" },
                { "/%E4%B8%8D%E5%AD%98%E5%9C%A8", 404, "没有找到" },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct str answer = test_get(town, rows[i].address);
                if (test_status(answer) != rows[i].status || !test_has(answer, rows[i].says))
                        fail_msg("%s: %d\n%s", rows[i].address, test_status(answer),
                                        str_c(town->arena, str_cut(answer, 6000)));
                struct str head = test_ask(
                                town->arena, town->port, "HEAD", str_of(rows[i].address), "");
                assert_int_equal(test_status(head), rows[i].status);
                assert_int_equal(test_body(head).n, 0);
        }
}

static void test_style_sheet(void **state)
{
        (void)state;
        struct str page = test_get(town, "/");
        size_t at = str_find(page, STR_LIT("href=\"/assets/"));
        assert_int_not_equal(at, SIZE_MAX);
        struct str rest = str_slice(page, at + 6, page.n), url = str_split(&rest, '"');
        struct str plain = test_ask(town->arena, town->port, "GET", url, "");
        struct str packed = test_ask(
                        town->arena, town->port, "GET", url, "Accept-Encoding: br, gzip\r\n");
        assert_true(test_has(test_head(plain), "text/css"));
        assert_true(test_has(test_head(plain), "max-age=31536000, immutable"));
        assert_false(test_has(test_head(plain), "Content-Encoding"));
        assert_true(test_has(test_head(packed), "Content-Encoding: gzip"));
        assert_true(test_has(test_head(packed), "Vary: Accept-Encoding"));
        assert_true(test_body(packed).n < test_body(plain).n);
}

/* ---- Packed ---- */

static struct str ask_packed(const char *address, const char *more)
{
        return test_ask(town->arena, town->port, "GET", str_of(address), more);
}

/* What all see alike is packed, under an ETag of its own; what holds a secret never is. */
static void test_packed(void **state)
{
        (void)state;
        struct str plain = ask_packed("/matters", "");
        struct str packed = ask_packed("/matters", "Accept-Encoding: gzip, br\r\n");
        assert_true(test_has(test_head(packed), "Content-Encoding: gzip"));
        assert_true(test_has(test_head(packed), "Vary: Accept-Encoding"));
        assert_true(test_has(test_head(plain), "Vary: Accept-Encoding"));
        assert_false(test_has(test_head(plain), "Content-Encoding"));
        assert_true(test_body(packed).n < test_body(plain).n / 3);
        assert_true(str_starts(test_body(packed), STR_LIT("\x1f\x8b")));
        struct str rest = str_slice(packed, str_find(packed, STR_LIT("ETag: ")) + 6, packed.n);
        const char *tag = str_c(town->arena, str_split(&rest, '\r'));
        assert_true(test_has(str_of(tag), "-z\""));
        struct str again = ask_packed("/matters", str_format(town->arena,
                                                                  "Accept-Encoding: gzip\r\n"
                                                                  "If-None-Match: %s\r\n",
                                                                  tag)
                                                                  .p);
        assert_int_equal(test_status(again), 304);
        assert_int_equal(test_body(again).n, 0);
        /* The same tag is not that of the plain bytes. */
        assert_int_equal(test_status(ask_packed("/matters",
                                         str_format(town->arena, "If-None-Match: %s\r\n", tag).p)),
                        200);
        static const struct {
                const char *why, *address, *more;
        } never[] = {
                { "refused", "/matters", "Accept-Encoding: gzip;q=0\r\n" },
                { "a form with a token", "/track", "Accept-Encoding: gzip\r\n" },
                { "a form with a token", "/work/sign-in", "Accept-Encoding: gzip\r\n" },
                { "a refusal", "/matters/none", "Accept-Encoding: gzip\r\n" },
                { "short", "/healthz", "Accept-Encoding: gzip\r\n" },
        };
        for (size_t i = 0; i < N_ELEMENTS(never); i++)
                if (test_has(test_head(ask_packed(never[i].address, never[i].more)),
                                    "Content-Encoding"))
                        fail_msg("%s: %s", never[i].why, never[i].address);
        assert_true(test_has(test_head(ask_packed("/matters.json", "Accept-Encoding: gzip\r\n")),
                        "Content-Encoding: gzip"));
}

/* ---- One matter ---- */

static void test_matter_page(void **state)
{
        (void)state;
        struct str page = test_get(town, test_url(town, "/matters/", "开〔2021〕3号"));
        static const char *const shown[] = {
                "老城区改造听证",
                "乙类",
                "清水市司法局",
                "名称 初审，日期 2021年3月2日",
                "决定期限",
                "试验办法 第一条",
                "起算日不计入",
                "已决定",
                "申请人",
                "决定公示",
                "准予公开",
                "密某",
                "138****8000",
                "受理通知书",
                "开受〔2021〕3号",
                "存证第",
        };
        assert_int_equal(test_status(page), 200);
        for (size_t i = 0; i < N_ELEMENTS(shown); i++)
                if (!test_has(page, shown[i]))
                        fail_msg("lacks %s:\n%s", shown[i], str_c(town->arena, test_body(page)));
        assert_false(test_has(page, "内部函"));
        assert_false(test_has(page, "s01"));
        assert_false(test_has(page, "证件号码"));
}

/* A text that is published to be read (`reads`) stands before what is told of the matter, once. */
static void test_a_text_to_read_stands_first(void **state)
{
        (void)state;
        struct str page = test_get(town, test_url(town, "/matters/", "开〔2021〕3号"));
        size_t head = str_find(page, STR_LIT("<h2 class=\"govuk-heading-m\">结果</h2>"));
        size_t text = str_find(page, STR_LIT("<p class=\"govuk-body\">准予公开</p>"));
        size_t facts = str_find(page, STR_LIT("本页目录"));
        assert_true(head < text && text < facts && facts != SIZE_MAX);
        struct str rest = str_slice(page, facts, page.n);
        assert_false(test_has(rest, "准予公开"));
        assert_true(test_has(rest, "决定公示")); /* what else was published is told there still */
        assert_true(test_has(page, "<meta name=\"PubDate\" content=\"2021-03-01"));
        struct str json = test_get(town, test_url(town, "/matters/", "开〔2021〕3号.json"));
        assert_true(test_has(json, "\"paragraphs\":[\"准予公开\"],\"value\":\"准予公开\""));
        page = test_get(town, test_url(town, "/matters/", "开〔2021〕1号"));
        assert_false(test_has(page, "govuk-section-break"));
}

/* A publication that was withdrawn shows nothing any more. */
static void test_withdrawn_publication(void **state)
{
        (void)state;
        struct str page = test_get(town, test_url(town, "/matters/", "开〔2021〕4号"));
        assert_int_equal(test_status(page), 200);
        assert_false(test_has(page, "决定公示"));
        assert_false(test_has(page, "密果"));
}

static void test_document(void **state)
{
        (void)state;
        struct str page = test_get(town, test_url(town, "/matters/", "开〔2021〕3号"));
        size_t at = str_find(page, STR_LIT("/documents/"));
        assert_int_not_equal(at, SIZE_MAX);
        size_t begin = at;
        while (page.p[begin - 1] != '"')
                begin--;
        struct str rest = str_slice(page, begin, page.n), url = str_split(&rest, '"');
        struct str paper = test_ask(town->arena, town->port, "GET", url, "");
        assert_int_equal(test_status(paper), 200);
        assert_true(test_has(paper, "老城区改造听证：现予受理。"));
        struct str letter = str_format(town->arena, "%.*sletter",
                        STR_FMT(str_slice(url, 0, url.n - strlen("receipt"))));
        assert_int_equal(test_status(test_ask(town->arena, town->port, "GET", letter, "")), 404);
}

/* ---- Golden views ---- */

/* What the main pages print, as their JSON has it, a line for each item: the pages themselves
 * are golden in tests/golden/pages. PLUMBLINE_BLESS=1 writes them anew. */
static struct str in_lines(struct str json)
{
        struct buf buf = BUF(town->arena);
        for (size_t i = 0; i < json.n; i++) {
                buf_char(&buf, json.p[i]);
                if (json.p[i] == ',' && i > 0 && (json.p[i - 1] == '}' || json.p[i - 1] == ']'))
                        buf_char(&buf, '\n');
        }
        buf_char(&buf, '\n');
        return buf_str(&buf);
}

static void check_golden(const char *name, struct str got)
{
        const char *path =
                        str_format(town->arena, "%s/tests/golden/portal/%s.json", town->root, name)
                                        .p;
        if (getenv("PLUMBLINE_BLESS") != NULL) {
                FILE *file = fopen(path, "wb");
                assert_non_null(file);
                assert_int_equal(fwrite(got.p, 1, got.n, file), got.n);
                assert_int_equal(fclose(file), 0);
                return;
        }
        FILE *file = fopen(path, "rb");
        if (file == NULL)
                fail_msg("%s is missing: run with PLUMBLINE_BLESS=1", path);
        char *want = arena_alloc(town->arena, got.n + 1);
        size_t n = fread(want, 1, got.n + 1, file);
        fclose(file);
        if (n != got.n || memcmp(want, got.p, n) != 0)
                fail_msg("%s differs: see git diff after PLUMBLINE_BLESS=1", path);
}

static void test_golden_views(void **state)
{
        (void)state;
        const struct {
                const char *name, *address;
        } pages[] = {
                { "home", "/home.json" },
                { "reports", "/reports.json" },
                { "report", "/report/2021.json" },
                { "figure", "/figures/F1.json?year=2021" },
                { "figure-ratio", "/figures/F3.json?year=2021" },
                { "docket", "/matters.json?state=open&from=2021-03-01" },
                { "matter", str_format(town->arena, "%s.json",
                                            test_url(town, "/matters/", "开〔2021〕3号"))
                                                .p },
                { "procedure", "/procedures/open_case.json" },
                { "register", "/registers/people.json" },
                { "entry", "/registers/people.json?key=P1" },
                { "calendar", "/calendar.json?year=2021" },
                { "proof", "/ledger/8.json" },
        };
        for (size_t i = 0; i < N_ELEMENTS(pages); i++) {
                struct str answer = test_get(town, pages[i].address);
                assert_int_equal(test_status(answer), 200);
                check_golden(pages[i].name, in_lines(test_body(answer)));
        }
}

/* ---- Hostile text ---- */

static void test_hostile_text_stays_text(void **state)
{
        (void)state;
        const char *const addresses[] = {
                test_url(town, "/matters/", "开〔2021〕1号"),
                "/matters?q=script",
                "/matters?q=%3Cscript%3Ealert(1)%3C/script%3E",
                "/matters?procedure=%22%3E%3Cscript%3E",
                "/matters?unit=%3Cscript%3E&state=%3Cscript%3E",
                "/figures/OPEN?year=2021",
        };
        for (size_t i = 0; i < N_ELEMENTS(addresses); i++) {
                struct str answer = test_get(town, addresses[i]);
                assert_int_equal(test_status(answer), 200);
                if (test_has(answer, "<script") || !test_has(answer, "&lt;script"))
                        fail_msg("%s", addresses[i]);
        }
}

/* ---- Lists ---- */

/* Goes from page to page by their own links; counts the rows' links. */
static size_t count_rows(const char *address, const char *link, size_t *ret_pages)
{
        size_t n = 0, bound = 50;
        struct str next = str_of(address);
        *ret_pages = 0;
        while (next.n != 0 && bound-- > 0) {
                struct str page = test_ask(town->arena, town->port, "GET", next, "");
                assert_int_equal(test_status(page), 200);
                ++*ret_pages;
                struct str rest = page, needle = str_format(town->arena, "href=\"%s", link);
                for (size_t at; (at = str_find(rest, needle)) != SIZE_MAX; n++)
                        rest = str_slice(rest, at + needle.n, rest.n);
                size_t at = str_find(page, STR_LIT("\" rel=\"next\""));
                next.n = 0;
                if (at == SIZE_MAX)
                        break;
                size_t begin = at;
                while (page.p[begin - 1] != '"')
                        begin--;
                struct buf plain = BUF(town->arena);
                for (size_t i = begin; i < at; i++) {
                        buf_char(&plain, page.p[i]);
                        if (page.p[i] == '&' &&
                                        str_starts(str_slice(page, i, at), STR_LIT("&amp;")))
                                i += 4;
                }
                next = buf_str(&plain);
        }
        return n;
}

static void test_paging(void **state)
{
        (void)state;
        size_t pages;
        assert_int_equal(count_rows("/matters", "/matters/", &pages), TEST_OPEN_CASES + 1);
        assert_int_equal(pages, 2);
        assert_int_equal(count_rows("/figures/OPEN?year=2021", "/matters/", &pages),
                        TEST_OPEN_CASES);
        assert_int_equal(pages, 2);
        /* hidden ones are counted, and lead nowhere */
        assert_int_equal(count_rows("/figures/F1?year=2021", "/matters/", &pages),
                        TEST_OPEN_CASES + 1);
        assert_int_equal(pages, 2);
}

/* Any two characters that stand together, rare ones, numbers; nothing that is not public. */
static void test_search(void **state)
{
        (void)state;
        static const struct {
                const char *q;
                size_t n;
        } rows[] = {
                { "公证", 57 },
                { "改造", 1 },
                { "龘", 1 },
                { "𠮷野", 1 },
                { "老城区改造听证", 1 },
                { "公证 第60号", 1 },
                { "开〔2021〕7号", 1 },
                { "证公", 0 },
                { "\"", 0 },
                { "*", 0 },
                { "公示以后", 1 },
                { "密名", 0 },
                { "密由", 0 },
                { "350203199003070014", 0 },
                { "密见", 0 },
                { "准予", 0 },
                { "a OR b", 0 },
                { "公证 OR 改造", 0 },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                size_t pages, n = count_rows(test_url(town, "/matters?q=", rows[i].q), "/matters/",
                                              &pages);
                if (n != rows[i].n)
                        fail_msg("%s: %zu", rows[i].q, n);
        }
}

/* ---- Disclosure ---- */

/* Without the line that tells the time. */
static struct str without_date(struct str answer)
{
        size_t at = str_find(answer, STR_LIT("Date: "));
        if (at == SIZE_MAX)
                return answer;
        return str_format(town->arena, "%.*s%.*s", STR_FMT(str_slice(answer, 0, at)),
                        STR_FMT(str_slice(answer, at + 35, answer.n)));
}

static void assert_same(const char *a, const char *b)
{
        struct str x = without_date(test_get(town, a)), y = without_date(test_get(town, b));
        if (!str_eq(x, y))
                fail_msg("%s and %s differ", a, b);
}

/* A hidden matter is answered to the byte as one that does not exist; so are its papers, its
 * events and hidden registers. */
static void test_hidden_is_as_unknown(void **state)
{
        (void)state;
        static const char *const hidden[] = { "示〔2021〕1号", "示〔2021〕3号", "密〔2021〕1号",
                "密〔2021〕2号" };
        for (size_t i = 0; i < N_ELEMENTS(hidden); i++) {
                assert_same(test_url(town, "/matters/", hidden[i]),
                                test_url(town, "/matters/", "示〔2021〕99号"));
                const char *url = test_url(town, "/matters/", hidden[i]);
                assert_same(str_format(town->arena, "%s.json", url).p, "/matters/none.json");
                assert_same(str_format(town->arena, "%s/documents/1-receipt", url).p,
                                "/matters/none/documents/1-receipt");
        }
        assert_same("/registers/blacklist", "/registers/none");
        assert_int_equal(test_status(test_get(town, test_url(town, "/matters/", "示〔2021〕2号"))),
                        200);
}

/* Pages are, to the byte, the same before and after a hidden record comes to be. */
static void test_pages_do_not_tell_of_hidden_records(void **state)
{
        (void)state;
        const char *const addresses[] = {
                "/matters",
                "/matters?state=open",
                "/matters?unit=bureau",
                "/matters.json",
                test_url(town, "/matters?q=", "密由"),
                test_url(town, "/matters?q=", "公证"),
                "/matters?procedure=noted_case",
                "/matters?procedure=hidden_case",
                test_url(town, "/matters/", "开〔2021〕3号"),
                test_url(town, "/matters/", "密〔2021〕3号"),
                test_url(town, "/matters/", "示〔2021〕4号"),
                "/procedures",
                "/procedures/hidden_case",
                "/procedures/noted_case",
                "/registers",
                "/registers/people",
                "/calendar",
                "/none",
        };
        struct str before[N_ELEMENTS(addresses)];
        for (size_t i = 0; i < N_ELEMENTS(addresses); i++)
                before[i] = without_date(test_get(town, addresses[i]));
        struct str number = test_apply(town, "hidden_case", "密由三");
        test_apply(town, "noted_case", "密由四");
        test_decide(town, number, "密果三");
        test_do(town, "register:blacklist.put", "system", "{\"code\":\"密单二\"}");
        for (size_t i = 0; i < N_ELEMENTS(addresses); i++)
                if (!str_eq(before[i], without_date(test_get(town, addresses[i]))))
                        fail_msg("%s differs", addresses[i]);
}

/* ---- Nothing personal anywhere: every link is followed ---- */

struct crawl {
        struct str *urls;
        size_t n, capacity;
};

static void add_url(struct crawl *crawl, struct str url)
{
        struct buf plain = BUF(town->arena);
        for (size_t i = 0; i < url.n && url.p[i] != '#'; i++) {
                buf_char(&plain, url.p[i]);
                if (url.p[i] == '&' && str_starts(str_slice(url, i, url.n), STR_LIT("&amp;")))
                        i += 4;
        }
        url = buf_str(&plain);
        if (url.n == 0 || url.p[0] != '/' || crawl->n == crawl->capacity)
                return;
        for (size_t i = 0; i < crawl->n; i++)
                if (str_eq(crawl->urls[i], url))
                        return;
        crawl->urls[crawl->n++] = url;
}

static void add_links(struct crawl *crawl, struct str page)
{
        struct str rest = page, mark = STR_LIT("href=\"");
        for (size_t at; (at = str_find(rest, mark)) != SIZE_MAX;) {
                rest = str_slice(rest, at + mark.n, rest.n);
                add_url(crawl, str_split(&rest, '"'));
        }
}

/* The text and, as in addresses, percent-encoded. */
static void assert_no_marker(struct str url, struct str answer)
{
        for (size_t i = 0; i < N_ELEMENTS(test_markers); i++) {
                struct buf encoded = BUF(town->arena);
                address_encode(&encoded, str_of(test_markers[i]));
                if (test_has(answer, test_markers[i]) ||
                                str_find(answer, buf_str(&encoded)) != SIZE_MAX)
                        fail_msg("%s tells %s", str_c(town->arena, url), test_markers[i]);
        }
}

static struct str json_of(struct str url)
{
        struct str path = url, query = { NULL, 0 };
        size_t at = str_find(url, STR_LIT("?"));
        if (at != SIZE_MAX) {
                path = str_slice(url, 0, at);
                query = str_slice(url, at, url.n);
        }
        if (path.n == 1)
                path = STR_LIT("/home");
        return str_format(town->arena, "%.*s.json%.*s", STR_FMT(path), STR_FMT(query));
}

/* Not even that there is one: its number in the ledger is answered as one that is none. */
static bool test_notes_are_hidden(void)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        int64_t size = 0;
        test_must(town, snapshot_open(site_store(town->site), &snapshot, &town->err));
        test_must(town, snapshot_int(snapshot, Q_LEDGER_SIZE, PARAMS(param_int(0)), &size,
                                        &(bool){ false }, &town->err));
        const char *url = str_format(town->arena, "/ledger/%lld", (long long)size - 1).p;
        struct str note = test_get(town, url);
        return test_status(note) == 404 &&
               str_eq(test_body(note), test_body(test_get(town, "/ledger/99999")));
}

static void test_nothing_personal_on_any_route(void **state)
{
        (void)state;
        struct crawl crawl = { .capacity = 4000 };
        /* What staff write down on a matter that everybody sees: no route tells of it. */
        test_do(town, "开〔2021〕1号.sys_note", "s01", "{\"note\":\"密见备注\"}");
        assert_false(test_has(
                        test_get(town, test_url(town, "/matters/", "开〔2021〕1号")), "备注"));
        assert_true(test_notes_are_hidden());
        test_do(town, "开〔2021〕1号.sys_code", "s01",
                        "{\"party\":\"applicant\",\"identity\":\"密见证件\"}");
        assert_false(test_has(
                        test_get(town, test_url(town, "/matters/", "开〔2021〕1号")), "补发"));
        assert_true(test_notes_are_hidden());
        crawl.urls = arena_new_array(town->arena, crawl.capacity, struct str);
        add_url(&crawl, STR_LIT("/"));
        add_url(&crawl, STR_LIT("/metrics"));
        add_url(&crawl, STR_LIT("/readyz"));
        for (int i = 0; i < 250; i++)
                add_url(&crawl, str_format(town->arena, "/ledger/%d", i));
        size_t n_open = 0;
        for (size_t i = 0; i < crawl.n; i++) {
                struct str url = crawl.urls[i];
                struct str page = test_ask(town->arena, town->port, "GET", url, "");
                struct str json = test_ask(town->arena, town->port, "GET", json_of(url), "");
                bool linked = !str_starts(url, STR_LIT("/ledger/")) &&
                              !str_starts(url, STR_LIT("/mode?")); /* 303, as it has to be */
                if (linked && test_status(page) != 200)
                        fail_msg("%s: %d", str_c(town->arena, url), test_status(page));
                n_open += test_status(page) == 200;
                assert_no_marker(url, page);
                assert_no_marker(url, json);
                add_links(&crawl, page);
        }
        assert_true(crawl.n < crawl.capacity);
        assert_true(n_open > 300);
}

/* ---- Files ---- */

static size_t n_lines(struct str text)
{
        size_t n = 0;
        for (size_t i = 0; i < text.n; i++)
                n += text.p[i] == '\n';
        return n;
}

/* A file has the rows of all pages, hidden ones as little as they: 61 and the head. */
static void test_file_has_what_the_pages_have(void **state)
{
        (void)state;
        struct str file = test_get(town, "/matters.csv");
        assert_int_equal(n_lines(test_body(file)), 62);
        assert_no_marker(STR_LIT("/matters.csv"), file);
        assert_true(test_has(file, "公证服务收费第60号"));
        assert_true(test_has(file, "公证服务收费第5号"));
        struct str rows = test_get(town, "/figures/F1.csv?year=2021");
        struct str total = str_format(town->arena, "\"total\":%zu}", n_lines(test_body(rows)) - 1);
        assert_true(test_has(test_get(town, "/figures/F1.json?year=2021"), total.p));
        assert_no_marker(STR_LIT("/figures/F1.csv"), rows);
        assert_int_equal(
                        n_lines(test_body(test_get(town, "/figures/F1.csv?year=2021&month=2"))), 1);
        assert_no_marker(STR_LIT("/registers/people.csv"), test_get(town, "/registers/people.csv"));
}

/* ---- Proofs ---- */

/* The proof file of an event of a matter: its public fields, none of the others. */
static void test_proof_shows_public_fields(void **state)
{
        (void)state;
        struct str page = test_get(town, test_url(town, "/matters/", "开〔2021〕3号"));
        size_t at = str_find(page, STR_LIT("href=\"/ledger/"));
        assert_int_not_equal(at, SIZE_MAX);
        struct str rest = str_slice(page, at + 6, page.n), url = str_split(&rest, '"');
        struct str file = test_ask(town->arena, town->port, "GET",
                        str_format(town->arena, "%.*s.json", STR_FMT(url)), "");
        assert_int_equal(test_status(file), 200);
        struct proof_shown shown;
        test_must(town, proof_check(town->arena, test_body(file), site_key(town->site), 1, &shown,
                                        &town->err));
        assert_non_null(value_get(&shown.fields, STR_LIT("topic")));
        assert_null(value_get(&shown.fields, STR_LIT("who")));
        assert_true(test_has(file, "\"name\":\"topic\""));
        assert_true(test_has(file, "\"digests\""));
        assert_false(test_has(file, "\"name\":\"who\""));
        assert_true(test_has(test_head(file), "attachment; filename=\"proof-"));
}

/* A count is remembered only while nothing happens. */
static void test_count_follows_an_act(void **state)
{
        (void)state;
        struct str before = test_get(town, "/matters");
        assert_true(test_has(before, "共 61 件") &&
                        test_has(test_get(town, "/matters"), "共 61 件"));
        test_apply(town, "open_case", "又一件");
        assert_true(test_has(test_get(town, "/matters"), "共 62 件"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_every_route), cmocka_unit_test(test_golden_views),
                cmocka_unit_test(test_style_sheet), cmocka_unit_test(test_packed),
                cmocka_unit_test(test_matter_page),
                cmocka_unit_test(test_a_text_to_read_stands_first),
                cmocka_unit_test(test_withdrawn_publication), cmocka_unit_test(test_document),
                cmocka_unit_test(test_hostile_text_stays_text), cmocka_unit_test(test_paging),
                cmocka_unit_test(test_search), cmocka_unit_test(test_hidden_is_as_unknown),
                cmocka_unit_test(test_pages_do_not_tell_of_hidden_records),
                cmocka_unit_test(test_nothing_personal_on_any_route),
                cmocka_unit_test(test_file_has_what_the_pages_have),
                cmocka_unit_test(test_proof_shows_public_fields),
                cmocka_unit_test(test_count_follows_an_act), /* last: one more */
        };
        town = test_open();
        test_people(town);
        test_matters(town);
        int failed = cmocka_run_group_tests(tests, NULL, NULL);
        test_close(town);
        return failed;
}
