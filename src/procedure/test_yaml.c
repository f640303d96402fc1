#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/limits.h"
#include "procedure/yaml.h"

/* Writes a tree on one line, so that a row can say what it expects. */
static void show(struct buf *buf, const struct yaml *node)
{
        switch (node->kind) {
        case YAML_NULL:
                buf_c(buf, "null");
                break;
        case YAML_TEXT:
                buf_format(buf, node->quoted ? "'%.*s'" : "%.*s", STR_FMT(node->text));
                break;
        case YAML_LIST:
                buf_c(buf, "[");
                for (size_t i = 0; i < node->n; i++) {
                        buf_c(buf, i != 0 ? ", " : "");
                        show(buf, &node->items[i]);
                }
                buf_c(buf, "]");
                break;
        case YAML_MAP:
                buf_c(buf, "{");
                for (size_t i = 0; i < node->n; i++) {
                        buf_format(buf, "%s%.*s@%d: ", i != 0 ? ", " : "",
                                        STR_FMT(node->pairs[i].key), node->pairs[i].line);
                        show(buf, &node->pairs[i].value);
                }
                buf_c(buf, "}");
                break;
        }
}

static void test_reads(void **state)
{
        static const struct {
                const char *why, *text, *shown;
        } rows[] = {
                { "a map keeps its order and its lines", "b: 1\na: x\n", "{b@1: 1, a@2: x}" },
                { "nothing is guessed", "a: yes\nb: 012\nc: 2019-05-15\n",
                                "{a@1: yes, b@2: 012, c@3: 2019-05-15}" },
                { "null is told from text", "a: null\nb: ~\nc:\nd: 'null'\n",
                                "{a@1: null, b@2: null, c@3: null, d@4: 'null'}" },
                { "flow and block mix", "a: {b: [x, 'y, z'], c: {d: e}}\n",
                                "{a@1: {b@1: [x, 'y, z'], c@1: {d@1: e}}}" },
                { "blocks keep their lines", "t: |\n  一\n  二\nu: 三\n",
                                "{t@1: '一\n二\n', u@4: 三}" },
                { "a byte order mark does no harm",
                                "\xEF\xBB\xBF"
                                "a: b\n",
                                "{a@1: b}" },
                { "comments are not read", "# x\na: b # c\n", "{a@2: b}" },
        };
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct arena *arena = arena_open();
                const struct yaml *root = NULL;
                struct err err;
                int line;
                print_message("# %s\n", rows[i].why);
                assert_true(yaml_parse(arena, str_of(rows[i].text), &root, &line, &err));
                struct buf buf = BUF(arena);
                show(&buf, root);
                assert_string_equal(str_c(arena, buf_str(&buf)), rows[i].shown);
                arena_close(&arena);
        }
}

/* Hostile or careless files are refused with a line, never guessed at. */
static void test_refuses(void **state)
{
        static const struct {
                const char *why, *text;
                enum err_code code;
                int line;
                const char *says;
        } rows[] = {
                { "empty", "", E_DEFINITION_YAML, 1, "内容为空" },
                { "a key twice", "a: 1\nb: 2\na: 3\n", E_DEFINITION_YAML, 3, "第 1 行已有" },
                { "an anchor", "a: &x 1\n", E_DEFINITION_YAML, 1, "锚点" },
                { "an alias", "a: *x\n", E_DEFINITION_YAML, 1, "别名" },
                { "the bomb of a thousand laughs", "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
                                E_DEFINITION_YAML, 1, "锚点" },
                { "a binary tag", "a: !!binary aGVsbG8=\n", E_DEFINITION_YAML, 1, "标签" },
                { "a tag of some language", "a: !!python/object:x {}\n", E_DEFINITION_YAML, 1,
                                "标签" },
                { "a list as a key", "[a]: b\n", E_DEFINITION_YAML, 1, "键只能是文字" },
                { "an empty key", "'': b\n", E_DEFINITION_YAML, 1, "键不能为空" },
                { "two documents", "a: b\n---\nc: d\n", E_DEFINITION_YAML, 2, "只能有一份" },
                { "a tab for an indent", "a:\n\tb: c\n", E_DEFINITION_YAML, 2, "制表符" },
                { "an open brace", "a: {b: c\n", E_DEFINITION_YAML, 2, "右括号" },
                { "an open quote", "a: 'b\n", E_DEFINITION_YAML, 2, "引号" },
                { "a colon in a text", "a: b: c\n", E_DEFINITION_YAML, 1, "冒号" },
                { "half a character", "a: \xE4\xB8\n", E_UTF8, 1, "" },
                { "a surrogate", "a: \xED\xA0\x80\n", E_UTF8, 1, "" },
                { "a control character", "a: \x01\n", E_DEFINITION_YAML, 1, "控制字符" },
                { "a NUL by escape", "a: \"x\\0y\"\n", E_DEFINITION_YAML, 1, "不能使用的字符" },
        };
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct arena *arena = arena_open();
                const struct yaml *root = NULL;
                struct err err = { 0 };
                int line = 0;
                print_message("# %s\n", rows[i].why);
                assert_false(yaml_parse(arena, str_of(rows[i].text), &root, &line, &err));
                assert_null(root);
                assert_int_equal(err.code, rows[i].code);
                assert_int_equal(line, rows[i].line);
                if (strstr(err.detail, rows[i].says) == NULL)
                        fail_msg("%s", err.detail);
                arena_close(&arena);
        }
}

static struct str repeated(struct arena *arena, const char *what, size_t times)
{
        struct buf buf = BUF(arena);
        for (size_t i = 0; i < times; i++)
                buf_c(&buf, what);
        return buf_str(&buf);
}

static void test_bounds(void **state)
{
        static const struct {
                const char *why, *what;
                size_t times;
                enum err_code code;
        } rows[] = {
                { "ten thousand brackets", "[", 10000, E_LIMIT },
                { "ten thousand braces", "{a: ", 10000, E_LIMIT },
                { "ten thousand dashes", "- ", 10000, E_LIMIT },
                { "two megabytes", "a: bbbbbbbbbbbbb\n", 131072, E_LIMIT },
        };
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct arena *arena = arena_open();
                const struct yaml *root = NULL;
                struct err err = { 0 };
                int line;
                print_message("# %s\n", rows[i].why);
                struct str text = repeated(arena, rows[i].what, rows[i].times);
                assert_false(yaml_parse(arena, text, &root, &line, &err));
                assert_int_equal(err.code, rows[i].code);
                arena_close(&arena);
        }
}

static void test_too_many_keys(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        struct buf buf = BUF(arena);
        for (int i = 0; i < 5000; i++)
                buf_format(&buf, "k%d: v\n", i);
        const struct yaml *root = NULL;
        struct err err = { 0 };
        int line;
        assert_false(yaml_parse(arena, buf_str(&buf), &root, &line, &err));
        assert_int_equal(err.code, E_LIMIT);
        arena_close(&arena);
}

/* docs/procedures.md section 1: what a version takes from its base. */
static void test_merge(void **state)
{
        static const struct {
                const char *why, *base, *over, *shown;
        } rows[] = {
                { "maps merge key by key, old keys first", "a: {x: 1, y: 2}\nb: 3",
                                "a: {y: 4, z: 5}", "{a@1: {x@1: 1, y@1: 4, z@1: 5}, b@2: 3}" },
                { "a list replaces", "a: [1, 2]", "a: [3]", "{a@1: [3]}" },
                { "a text replaces a map", "a: {x: 1}", "a: b", "{a@1: b}" },
                { "a map replaces a text", "a: b", "a: {x: 1}", "{a@1: {x@1: 1}}" },
                { "null takes away", "a: 1\nb: 2", "a: null", "{b@2: 2}" },
                { "null deep down takes away", "a: {x: 1, y: 2}", "a: {x: ~}", "{a@1: {y@1: 2}}" },
                { "null where nothing was is a null", "a: {y: 2}", "a: {x: null}",
                                "{a@1: {y@1: 2, x@1: null}}" },
        };
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct arena *arena = arena_open();
                const struct yaml *base = NULL, *over = NULL;
                struct err err;
                int line;
                print_message("# %s\n", rows[i].why);
                assert_true(yaml_parse(arena, str_of(rows[i].base), &base, &line, &err));
                assert_true(yaml_parse(arena, str_of(rows[i].over), &over, &line, &err));
                struct yaml merged = yaml_merge(arena, base, over);
                struct buf buf = BUF(arena);
                show(&buf, &merged);
                assert_string_equal(str_c(arena, buf_str(&buf)), rows[i].shown);
                arena_close(&arena);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_reads),
                cmocka_unit_test(test_refuses),
                cmocka_unit_test(test_bounds),
                cmocka_unit_test(test_too_many_keys),
                cmocka_unit_test(test_merge),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
