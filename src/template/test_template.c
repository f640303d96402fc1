#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "template/template.h"

/* The parts and layouts of these tests. */
static const struct {
        const char *name, *text;
} parts[] = {
        { "part", "[{{name}}]" },
        { "loop", "{{>loop}}" },
        { "cell", "<td>{{.}}</td>" },
        { "layout", "<h1>{{$title}}准绳{{/title}}</h1>{{$body}}{{/body}}" },
        { "outer", "({{$body}}{{/body}})" },
        { "inner", "{{<outer}}{{$body}}<{{$middle}}m{{/middle}}>{{/body}}{{/outer}}" },
        { "broken", "\n\n{{#a}}" },
};

static bool load(void *context, struct str name, struct str *ret, struct err *err)
{
        (void)context;
        for (size_t i = 0; i < N_ELEMENTS(parts); i++) {
                if (str_is(name, parts[i].name)) {
                        *ret = str_of(parts[i].text);
                        return true;
                }
        }
        return err_field(err, E_NOT_FOUND, name, "没有这个部分");
}

static const struct template_source source = { load, NULL };

/* Parses and renders; on failure *ret is empty and err says why. */
static bool fill(struct arena *arena, struct str text, struct str view_json,
                enum template_escape escape, struct str *ret, struct err *err)
{
        const struct template *template = NULL;
        struct value view;
        struct buf out = BUF(arena);
        *ret = STR_LIT("");
        assert_true(value_parse_json(arena, view_json, &view, err));
        if (!template_parse(arena, STR_LIT("page"), text, escape, &source, &template, err) ||
                        !template_render(template, &view, &out, err)) {
                assert_int_equal(out.n, 0);
                return false;
        }
        *ret = buf_str(&out);
        return true;
}

struct row {
        const char *why, *text, *view, *want; /* want NULL = refused with `code` */
        enum err_code code;
};

static void check_rows(const struct row *rows, size_t n, enum template_escape escape)
{
        struct arena *arena = arena_open();
        for (size_t i = 0; i < n; i++) {
                struct str got;
                struct err err = { .code = E_NONE };
                bool ok = fill(arena, str_of(rows[i].text), str_of(rows[i].view), escape, &got,
                                &err);
                if (ok != (rows[i].want != NULL))
                        fail_msg("%s: %s", rows[i].why, ok ? str_c(arena, got) : err.detail);
                if (ok && !str_is(got, rows[i].want))
                        fail_msg("%s: got %s", rows[i].why, str_c(arena, got));
                if (!ok && err.code != rows[i].code)
                        fail_msg("%s: got %s", rows[i].why, err_text(err.code)->name);
        }
        arena_close(&arena);
}

static void test_names(void **state)
{
        (void)state;
        static const struct row rows[] = {
                { "a value", "你好，{{name}}。", "{\"name\":\"林\"}", "你好，林。", 0 },
                { "blanks in the tag do not matter", "{{ name }}", "{\"name\":\"林\"}", "林", 0 },
                { "a path", "{{a.b.c}}", "{\"a\":{\"b\":{\"c\":3}}}", "3", 0 },
                { "truth is 是", "{{a}}", "{\"a\":true}", "是", 0 },
                { "a list of values", "{{a}}", "{\"a\":[\"甲\",\"乙\"]}", "甲、乙", 0 },
                { "nothing prints nothing", "[{{a}}]", "{\"a\":null}", "[]", 0 },
                { "a slip of the pen is found", "{{nmae}}", "{\"name\":1}", NULL, E_TEMPLATE_NAME },
                { "also at the end of a path", "{{a.x}}", "{\"a\":{\"b\":1}}", NULL,
                                E_TEMPLATE_NAME },
                { "a step into a text", "{{a.x}}", "{\"a\":\"b\"}", NULL, E_TEMPLATE_NAME },
                { "unless it is optional", "[{{nmae?}}]", "{\"name\":1}", "[]", 0 },
                { "a group cannot be printed", "{{a}}", "{\"a\":{\"b\":1}}", NULL,
                                E_TEMPLATE_KIND },
                { "a comment", "a{{! 说明\n第二行 }}b", "{}", "ab", 0 },
                { "single braces are text", "{a} } {", "{}", "{a} } {", 0 },
                { "raw for markup made elsewhere", "{{{a_html}}}", "{\"a_html\":\"<b>\"}", "<b>",
                                0 },
                { "raw for nothing else", "{{{name}}}", "{\"name\":\"<b>\"}", NULL, E_TEMPLATE },
                { "raw for no nameless value", "{{{.}}}", "{}", NULL, E_TEMPLATE },
        };
        check_rows(rows, N_ELEMENTS(rows), TEMPLATE_HTML);
}

static void test_sections(void **state)
{
        (void)state;
        static const struct row rows[] = {
                { "once for each item", "{{#a}}<{{.}}>{{/a}}", "{\"a\":[1,2]}", "<1><2>", 0 },
                { "an item's names go first", "{{#a}}{{x}}{{y}};{{/a}}",
                                "{\"x\":9,\"y\":8,\"a\":[{\"x\":1},{\"x\":2}]}", "18;28;", 0 },
                { "into a group", "{{#a}}{{b}}{{/a}}", "{\"a\":{\"b\":1}}", "1", 0 },
                { "once for a value, which is .", "{{#a}}{{.}}{{/a}}", "{\"a\":\"甲\"}", "甲", 0 },
                { "zero is a value", "{{#a}}{{.}}件{{/a}}", "{\"a\":0}", "0件", 0 },
                { "never for an empty list", "{{#a}}x{{/a}}", "{\"a\":[]}", "", 0 },
                { "never for an empty text", "{{#a}}x{{/a}}", "{\"a\":\"\"}", "", 0 },
                { "a truth changes no context", "{{#a}}{{b}}{{/a}}", "{\"a\":true,\"b\":2}", "2",
                                0 },
                { "a missing list is a slip", "{{#a}}x{{/a}}", "{}", NULL, E_TEMPLATE_NAME },
                { "unless optional", "{{#a?}}x{{/a}}", "{}", "", 0 },
                { "if given", "{{?a}}x{{/a}}{{?b}}y{{/b}}", "{\"a\":1}", "x", 0 },
                { "if given: a list, once", "{{?a}}x{{/a}}", "{\"a\":[1,2]}", "x", 0 },
                { "if not given", "{{^a}}x{{/a}}{{^b}}y{{/b}}", "{\"a\":1}", "y", 0 },
                { "no rows", "{{#a}}x{{/a}}{{^a}}没有{{/a}}", "{\"a\":[]}", "没有", 0 },
                { "sections nest", "{{#a}}{{#b}}{{.}}{{/b}};{{/a}}",
                                "{\"a\":[{\"b\":[1,2]},{\"b\":[3]}]}", "12;3;", 0 },
                { "a section ends", "{{#a}}x", "{\"a\":1}", NULL, E_TEMPLATE },
                { "in order", "{{#a}}{{#b}}x{{/a}}{{/b}}", "{\"a\":1,\"b\":1}", NULL, E_TEMPLATE },
                { "an end has a beginning", "x{{/a}}", "{}", NULL, E_TEMPLATE },
                { "a tag ends", "x{{a", "{\"a\":1}", NULL, E_TEMPLATE },
                { "on its line", "x{{a\n}}", "{\"a\":1}", "x1", 0 },
                { "not in the middle", "x{{a|\nzh}}", "{\"a\":1}", NULL, E_TEMPLATE },
                { "a name is a name", "{{a b}}", "{\"a\":1}", NULL, E_TEMPLATE },
                { "and not empty", "{{}}", "{\"a\":1}", NULL, E_TEMPLATE },
                { "no empty step", "{{a..b}}", "{\"a\":1}", NULL, E_TEMPLATE },
                { "nine steps are too many", "{{a.a.a.a.a.a.a.a.a}}", "{}", NULL, E_TEMPLATE },
                { "a line of its own goes", "a\n  {{#x}}\nb\n  {{/x}}\nc\n", "{\"x\":[1,2]}",
                                "a\nb\nb\nc\n", 0 },
                { "also with CRLF", "a\r\n{{?x}}\r\nb\r\n{{/x}}\r\n", "{\"x\":1}", "a\r\nb\r\n",
                                0 },
                { "a value's line stays", "a\n  {{x}}\nb", "{\"x\":1}", "a\n  1\nb", 0 },
        };
        check_rows(rows, N_ELEMENTS(rows), TEMPLATE_TEXT);
}

static void test_parts_and_layouts(void **state)
{
        (void)state;
        static const struct row rows[] = {
                { "a part", "{{>part}}", "{\"name\":1}", "[1]", 0 },
                { "a part sees the item", "{{#a}}{{>part}}{{/a}}",
                                "{\"a\":[{\"name\":1},{\"name\":2}]}", "[1][2]", 0 },
                { "no such part", "{{>nothing}}", "{}", NULL, E_NOT_FOUND },
                { "no way out of the folder", "{{>../secret}}", "{}", NULL, E_TEMPLATE },
                { "nor by root", "{{>/etc/passwd}}", "{}", NULL, E_TEMPLATE },
                { "a part of itself", "{{>loop}}", "{}", NULL, E_LIMIT },
                { "a layout's own text", "{{<layout}}{{/layout}}", "{}", "<h1>准绳</h1>", 0 },
                { "a layout filled",
                                "{{<layout}}\n{{$title}}办件{{/title}}\n{{$body}}{{x}}{{/body}}\n"
                                "{{/layout}}\n",
                                "{\"x\":1}", "<h1>办件</h1>1", 0 },
                { "a layout in a layout", "{{<inner}}{{$middle}}x{{/middle}}{{/inner}}", "{}",
                                "(<x>)", 0 },
                { "its block left alone", "{{<inner}}{{/inner}}", "{}", "(<m>)", 0 },
                { "a page replaces the outer block too", "{{<inner}}{{$body}}b{{/body}}{{/inner}}",
                                "{}", "(b)", 0 },
                { "no such block", "{{<layout}}{{$titel}}x{{/titel}}{{/layout}}", "{}", NULL,
                                E_TEMPLATE },
                { "a block twice", "{{<layout}}{{$body}}{{/body}}{{$body}}{{/body}}{{/layout}}",
                                "{}", NULL, E_TEMPLATE },
                { "text that would vanish", "{{<layout}}x{{/layout}}", "{}", NULL, E_TEMPLATE },
                { "a tag that would vanish", "{{<layout}}{{x}}{{/layout}}", "{}", NULL,
                                E_TEMPLATE },
                { "a layout ends", "{{<layout}}", "{}", NULL, E_TEMPLATE },
                { "a block has a name", "{{$a.b}}{{/a.b}}", "{}", NULL, E_TEMPLATE },
                { "a block outside a layout is its text", "{{$a}}x{{/a}}", "{}", "x", 0 },
        };
        check_rows(rows, N_ELEMENTS(rows), TEMPLATE_TEXT);
}

static void test_filters(void **state)
{
        (void)state;
        static const struct row rows[] = {
                { "a date", "{{a|zh}}", "{\"a\":\"2021-09-28\"}", "2021年9月28日", 0 },
                { "the day of a moment", "{{a|zh}}", "{\"a\":\"2021-09-28T23:30:00+08:00\"}",
                                "2021年9月28日", 0 },
                { "a moment", "{{a|time}}", "{\"a\":\"2021-09-28T09:05:00+08:00\"}",
                                "2021年9月28日 09:05", 0 },
                { "a date has no hour", "{{a|time}}", "{\"a\":\"2021-09-28\"}", NULL,
                                E_TEMPLATE_KIND },
                { "not a date", "{{a|zh}}", "{\"a\":\"tomorrow\"}", NULL, E_TEMPLATE_KIND },
                { "money (F063)", "{{a|money}}", "{\"a\":96686.03}", "96,686.03", 0 },
                { "money has two places", "{{a|money}}", "{\"a\":1000}", "1,000.00", 0 },
                { "rounded half up", "{{a|money}}", "{\"a\":0.005}", "0.01", 0 },
                { "below zero", "{{a|money}}", "{\"a\":-123456}", "-123,456.00", 0 },
                { "a count (F058)", "{{a|grouped}}", "{\"a\":111015}", "111,015", 0 },
                { "three digits need no comma", "{{a|grouped}}", "{\"a\":-999}", "-999", 0 },
                { "decimals stay", "{{a|grouped}}", "{\"a\":1234.5678}", "1,234.5678", 0 },
                { "numbers as text", "{{a|grouped}}", "{\"a\":\"1936\"}", "1,936", 0 },
                { "not a number", "{{a|grouped}}", "{\"a\":\"余\"}", NULL, E_TEMPLATE_KIND },
                { "for an address", "/x?q={{a|url}}", "{\"a\":\"许可 a&b=c/~\"}",
                                "/x?q=%E8%AE%B8%E5%8F%AF%20a%26b%3Dc%2F~", 0 },
                { "how many", "{{a|count|grouped}}", "{\"a\":[1,2,3]}", "3", 0 },
                { "of a list only", "{{a|count}}", "{\"a\":\"abc\"}", NULL, E_TEMPLATE_KIND },
                { "a list is no part of an address", "{{a|url}}", "{\"a\":[1]}", NULL,
                                E_TEMPLATE_KIND },
                { "nothing stays nothing", "[{{a|zh}}{{b?|money}}]", "{\"a\":null}", "[]", 0 },
                { "no such filter", "{{a|upper}}", "{\"a\":1}", NULL, E_TEMPLATE },
                { "too many filters", "{{a|url|url|url|url|url}}", "{\"a\":1}", NULL, E_TEMPLATE },
        };
        check_rows(rows, N_ELEMENTS(rows), TEMPLATE_TEXT);
}

/* What a stranger may put into any field must not become markup. */
static void test_hostile_values(void **state)
{
        (void)state;
        static const struct row rows[] = {
                { "a script", "<p>{{a}}</p>", "{\"a\":\"<script>alert(1)</script>\"}",
                                "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>", 0 },
                { "out of a double-quoted attribute", "<p title=\"{{a}}\">",
                                "{\"a\":\"\\\" onclick=\\\"x()\"}",
                                "<p title=\"&quot; onclick=&quot;x()\">", 0 },
                { "out of a single-quoted attribute", "<p title='{{a}}'>",
                                "{\"a\":\"' onclick='x()\"}", "<p title='&#39; onclick=&#39;x()'>",
                                0 },
                { "entities are not made", "{{a}}", "{\"a\":\"&lt;\"}", "&amp;lt;", 0 },
                { "controls are shown", "{{a}}", "{\"a\":\"a\\u0008\\u001b[31mb\\u007f\\u0085\"}",
                                "a��[31mb��", 0 },
                { "tab and line end are text", "{{a}}", "{\"a\":\"a\\tb\\nc\"}", "a\tb\nc", 0 },
                { "no turned direction", "{{a}}", "{\"a\":\"a\\u202egpj.exe\\u2066\"}",
                                "a�gpj.exe�", 0 },
                { "a value is never a template", "{{a}}", "{\"a\":\"{{b}}\",\"b\":1}", "{{b}}", 0 },
                { "a script address", "<a href=\"{{a}}\">", "{\"a\":\"javascript:alert(1)\"}", NULL,
                                E_TEMPLATE_URL },
                { "in disguise", "<a href=\"{{a}}\">", "{\"a\":\" java\\tscript:x\"}", NULL,
                                E_TEMPLATE_URL },
                { "in capitals", "<a HREF=\"{{a}}\">", "{\"a\":\"JavaScript:x\"}", NULL,
                                E_TEMPLATE_URL },
                { "a data address", "<img src='{{a}}'>", "{\"a\":\"data:text/html,x\"}", NULL,
                                E_TEMPLATE_URL },
                { "a form's target", "<form action=\"{{a}}\">", "{\"a\":\"javascript:x\"}", NULL,
                                E_TEMPLATE_URL },
                { "our own address", "<a href=\"{{a}}\">", "{\"a\":\"/m/1?x=a:b\"}",
                                "<a href=\"/m/1?x=a:b\">", 0 },
                { "a page of the web", "<a href=\"{{a}}\">", "{\"a\":\"https://x.cn/\"}",
                                "<a href=\"https://x.cn/\">", 0 },
                { "behind our own beginning", "<a href=\"/q/{{a}}\">", "{\"a\":\"b:c\"}",
                                "<a href=\"/q/b:c\">", 0 },
                { "behind a blank", "<a href=\" {{a}}\">", "{\"a\":\"javascript:x\"}", NULL,
                                E_TEMPLATE_URL },
                { "behind a value that may be empty", "<a href=\"{{b?}}{{a}}\">",
                                "{\"a\":\"javascript:x\"}", NULL, E_TEMPLATE_URL },
                { "in two halves", "<a href=\"{{a}}{{b}}\">", "{\"a\":\"javascript\",\"b\":\":x\"}",
                                NULL, E_TEMPLATE_URL },
                { "the beginning may be missing", "<a href=\"{{?b}}/q{{/b}}{{a}}\">",
                                "{\"a\":\"javascript:x\"}", NULL, E_TEMPLATE_URL },
        };
        check_rows(rows, N_ELEMENTS(rows), TEMPLATE_HTML);
}

/* Where escaping would not help, a template with a value is refused when read,
 * whatever the value. */
static void test_places(void **state)
{
        (void)state;
        static const struct {
                const char *why, *text;
                bool ok;
        } rows[] = {
                { "text", "<p>{{a}}</p>", true },
                { "title", "<title>{{a}}</title>", true },
                { "a quoted attribute", "<p class=\"x {{a}}\" id='{{a}}'>", true },
                { "blanks around =", "<p class = \"{{a}}\">", true },
                { "a bare attribute", "<p class={{a}}>", false },
                { "half a bare attribute", "<p class=x{{a}}>", false },
                { "an attribute name", "<p {{a}}>", false },
                { "behind a quoted attribute", "<p id=\"x\"{{a}}>", false },
                { "a tag name", "<{{a}}>", false },
                { "half a tag name", "<x{{a}}>", false },
                { "a closing tag", "</{{a}}>", false },
                { "a script", "<script>var a = \"{{a}}\";</script>", false },
                { "a script with attributes", "<SCRIPT defer src=\"/a.js\">{{a}}</SCRIPT>", false },
                { "behind a script", "<script>x</script>{{a}}", true },
                { "what looks like its end", "<script>'</p>'; {{a}}</script>", false },
                { "a style sheet", "<style>p { color: {{a}} }</style>", false },
                { "a style attribute", "<p style=\"{{a}}\">", false },
                { "an event attribute", "<p onclick=\"f('{{a}}')\">", false },
                { "a frame's page", "<iframe srcdoc=\"{{a}}\">", false },
                { "a comment", "<!-- {{a}} -->", false },
                { "behind a comment", "<!-- > -->{{a}}", true },
                { "behind the doctype", "<!DOCTYPE html>{{a}}", true },
                { "a less-than sign", "1 < 2 {{a}}", true },
                { "raw in an attribute", "<p class=\"{{{a_html}}}\">", false },
                { "a section around an attribute", "<p{{?a}} class=\"x\"{{/a}} id=\"{{b}}\">",
                                true },
                { "around a bare word", "<option{{?a}} selected{{/a}}>{{b}}</option>", true },
                { "a tag name in two", "<scr{{?a}}ipt{{/a}}>{{b}}", false },
                { "an attribute name in two", "<p{{?a}} on{{/a}}load=\"{{b}}\">", false },
                { "around half a tag", "<p {{?a}}class=\"x\">{{/a}}", false },
                { "around one quote", "<p class=\"{{?a}}\"{{/a}}>", false },
                { "a script that may end", "<script>{{?a}}</script>{{/a}}", false },
                { "a script with an optional attribute", "<script{{?a}} defer{{/a}}>{{b}}</script>",
                                false },
                { "a section inside an attribute", "<p class=\"a{{?b}} b{{c}}{{/b}}\">", true },
                { "a part in a cell", "<tr>{{#a}}{{>cell}}{{/a}}</tr>", true },
        };
        struct arena *arena = arena_open();
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                const struct template *template;
                struct err err;
                bool ok = template_parse(arena, STR_LIT("page"), str_of(rows[i].text),
                                TEMPLATE_HTML, &source, &template, &err);
                if (ok != rows[i].ok || (!ok && err.code != E_TEMPLATE_PLACE))
                        fail_msg("%s: %s", rows[i].why, ok ? "accepted" : err.detail);
        }
        arena_close(&arena);
}

static void test_where_an_error_is(void **state)
{
        (void)state;
        static const struct {
                const char *text, *field, *detail;
        } rows[] = {
                { "a\n{{x}}", "page", "第 2 行：{{x}} 在页面数据里没有" },
                { "a\n\n{{x", "page", "第 3 行：标记没有结束，缺少 }}" },
                { "{{#a}}\n\n\n", "page", "第 1 行：{{a}} 没有结束" },
                { "\n{{>broken}}", "broken", "第 3 行：{{a}} 没有结束" },
                { "\n{{! a\n\n }}\n{{x}}", "page", "第 5 行：{{x}} 在页面数据里没有" },
        };
        struct arena *arena = arena_open();
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct str got;
                struct err err = { .code = E_NONE };
                assert_false(fill(arena, str_of(rows[i].text), STR_LIT("{}"), TEMPLATE_TEXT, &got,
                                &err));
                assert_string_equal(err.field, rows[i].field);
                assert_string_equal(err.detail, rows[i].detail);
        }
        arena_close(&arena);
}

static struct str repeat(struct arena *arena, const char *text, size_t n)
{
        struct buf buf = BUF(arena);
        for (size_t i = 0; i < n; i++)
                buf_c(&buf, text);
        return buf_str(&buf);
}

static void test_limits(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        struct str ten = STR_LIT("{\"a\":[1,2,3,4,5,6,7,8,9,10]}");
        struct str large = str_format(arena, "{\"a\":[%.*s0],\"x\":\"%.*s\"}",
                        STR_FMT(repeat(arena, "1,", 999)), STR_FMT(repeat(arena, "x", 99999)));
        const struct {
                const char *why;
                struct str text, view;
        } rows[] = {
                { "sections too deep", repeat(arena, "{{#a}}", LIMIT_NESTING + 1), ten },
                { "too many tags", repeat(arena, "{{a}}", LIMIT_TEMPLATE_NODES + 1), ten },
                { "too much text", repeat(arena, "xxxxxxxx", LIMIT_TEMPLATE_BYTES / 8 + 1), ten },
                { "work without output: 10^7 turns",
                                STR_LIT("{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{/a}}{{/a}}{{/a}}"
                                        "{{/a}}{{/a}}{{/a}}{{/a}}"),
                                ten },
                { "output of 100 MB", STR_LIT("{{#a}}{{x}}{{/a}}"), large },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct str got;
                struct err err = { .code = E_NONE };
                assert_false(fill(arena, rows[i].text, rows[i].view, TEMPLATE_TEXT, &got, &err));
                if (err.code != E_LIMIT)
                        fail_msg("%s: %s", rows[i].why, err.detail);
        }
        const struct template *template;
        struct err err;
        assert_false(template_parse(arena, STR_LIT("page"), STR_LIT("\xC3("), TEMPLATE_TEXT, NULL,
                        &template, &err));
        assert_int_equal(err.code, E_UTF8);
        assert_false(template_parse(arena, STR_LIT("page"), STR_LIT("{{>part}}"), TEMPLATE_TEXT,
                        NULL, &template, &err));
        assert_int_equal(err.code, E_TEMPLATE);
        arena_close(&arena);
}

/* A failed rendering leaves the page as it was; a second one continues it. */
static void test_output_is_appended(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        const struct template *good, *bad;
        struct err err;
        struct value view;
        struct buf out = BUF(arena);
        assert_true(value_parse_json(arena, STR_LIT("{\"a\":1}"), &view, &err));
        assert_true(template_parse(arena, STR_LIT("good"), STR_LIT("x{{a}}"), TEMPLATE_HTML, NULL,
                        &good, &err));
        assert_true(template_parse(
                        arena, STR_LIT("bad"), STR_LIT("y{{b}}"), TEMPLATE_HTML, NULL, &bad, &err));
        assert_true(template_render(good, &view, &out, &err));
        assert_false(template_render(bad, &view, &out, &err));
        assert_true(template_render(good, &view, &out, &err));
        assert_true(str_is(buf_str(&out), "x1x1"));
        arena_close(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_names),
                cmocka_unit_test(test_sections),
                cmocka_unit_test(test_parts_and_layouts),
                cmocka_unit_test(test_filters),
                cmocka_unit_test(test_hostile_values),
                cmocka_unit_test(test_places),
                cmocka_unit_test(test_where_an_error_is),
                cmocka_unit_test(test_limits),
                cmocka_unit_test(test_output_is_appended),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
