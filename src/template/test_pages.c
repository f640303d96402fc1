/* Every page of the portal, filled with tests/pages/NAME.json on top of
 * common.json, is equal to tests/golden/pages/NAME.html. With PLUMBLINE_BLESS=1
 * the golden files are written anew; the diff is then what to review. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "template/template.h"

static const char *const pages[] = {
        "accessibility",
        "calculator",
        "calendar",
        "code",
        "codes",
        "compare",
        "column",
        "docket",
        "draw",
        "draws",
        "error",
        "figure",
        "heads",
        "help",
        "home",
        "index",
        "matter",
        "password",
        "procedure",
        "proof",
        "qr",
        "register",
        "report",
        "second-factor",
        "service",
        "services",
        "sign-in",
        "work-access",
        "work-accounts",
        "work-act",
        "work-bulk",
        "work-calendar",
        "work-code",
        "work-dashboard",
        "work-definition",
        "work-draw",
        "work-draws",
        "work-entry",
        "work-facts",
        "work-index",
        "work-register",
        "work-standing",
        "work-template",
        "work-tokens",
        "work-webhooks",
        "work-check",
        "work-docket",
        "work-document",
        "work-home",
        "work-matter",
        "work-new",
        "work-proof",
};

static struct arena *arena;
static const char *root;

static bool read_file(const char *path, struct str *ret)
{
        FILE *file = fopen(path, "rb");
        if (file == NULL)
                return false;
        struct buf buf = BUF(arena);
        char piece[4096];
        size_t n;
        while ((n = fread(piece, 1, sizeof(piece), file)) > 0)
                buf_add(&buf, piece, n);
        fclose(file);
        *ret = buf_str(&buf);
        return true;
}

static const char *path_of(const char *folder, const char *name, const char *suffix)
{
        return str_format(arena, "%s/%s/%s%s", root, folder, name, suffix).p;
}

static bool load(void *context, struct str name, struct str *ret, struct err *err)
{
        (void)context;
        if (read_file(path_of("pages", str_c(arena, name), ""), ret))
                return true;
        return err_field(err, E_NOT_FOUND, name, "没有这个模板");
}

static struct value read_view(const char *name)
{
        struct str text;
        struct value view;
        struct err err;
        if (!read_file(path_of("tests/pages", name, ".json"), &text))
                fail_msg("tests/pages/%s.json is missing", name);
        if (!value_parse_json(arena, text, &view, &err))
                fail_msg("%s.json: %s", name, err.detail);
        return view;
}

/* The page's own members on top of those that every page has. */
static struct value view_of(const char *name)
{
        struct value common = read_view("common"), own = read_view(name);
        size_t n = 0, most = common.context.n + own.context.n;
        struct member *members = arena_new_array(arena, most, struct member);
        for (size_t i = 0; i < own.context.n; i++)
                members[n++] = own.context.members[i];
        for (size_t i = 0; i < common.context.n; i++)
                if (value_get(&own, common.context.members[i].name) == NULL)
                        members[n++] = common.context.members[i];
        assert_true(value_sort_members(members, n));
        return value_context(members, n);
}

static struct str render_page(const char *name)
{
        static const struct template_source source = { load, NULL };
        const struct template *template;
        struct value view = view_of(name);
        struct buf out = BUF(arena);
        struct str text;
        struct err err;
        const char *file = str_format(arena, "%s.html", name).p;
        assert_true(read_file(path_of("pages", file, ""), &text));
        if (!template_parse(arena, str_of(file), text, TEMPLATE_HTML, &source, &template, &err) ||
                        !template_render(template, &view, &out, &err))
                fail_msg("%s", err_sentence(arena, &err).p);
        return buf_str(&out);
}

static void test_pages_are_golden(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(pages); i++) {
                const char *golden = path_of("tests/golden/pages", pages[i], ".html");
                struct str got = render_page(pages[i]), want;
                if (getenv("PLUMBLINE_BLESS") != NULL) {
                        FILE *file = fopen(golden, "wb");
                        assert_non_null(file);
                        assert_int_equal(fwrite(got.p, 1, got.n, file), got.n);
                        assert_int_equal(fclose(file), 0);
                        continue;
                }
                if (!read_file(golden, &want))
                        fail_msg("%s is missing: run with PLUMBLINE_BLESS=1", golden);
                size_t at = 0, line = 1;
                for (; at < got.n && at < want.n && got.p[at] == want.p[at]; at++)
                        line += got.p[at] == '\n';
                if (!str_eq(got, want))
                        fail_msg("%s differs at line %zu: see git diff after PLUMBLINE_BLESS=1",
                                        golden, line);
        }
}

/* One page, hostile in every text: no tag that the page does not have itself. */
static struct value poison(const struct value *v)
{
        struct value copy = *v;
        if (v->kind == VALUE_STRING && v->string.n != 0 && v->string.p[0] != '/' &&
                        v->string.p[0] != '2' && v->string.p[0] != '?') {
                copy.string = STR_LIT("\"'><i onclick=x>");
        } else if (v->kind == VALUE_LIST) {
                struct value *items = arena_new_array(arena, v->list.n, struct value);
                for (size_t i = 0; i < v->list.n; i++)
                        items[i] = poison(&v->list.items[i]);
                copy = value_list(items, v->list.n);
        } else if (v->kind == VALUE_CONTEXT) {
                struct member *members = arena_new_array(arena, v->context.n, struct member);
                for (size_t i = 0; i < v->context.n; i++) {
                        members[i] = v->context.members[i];
                        if (!str_ends(members[i].name, STR_LIT("_html")))
                                members[i].value = poison(&v->context.members[i].value);
                }
                copy = value_context(members, v->context.n);
        }
        return copy;
}

static void test_hostile_fields_stay_text(void **state)
{
        (void)state;
        static const struct template_source source = { load, NULL };
        for (size_t i = 0; i < N_ELEMENTS(pages); i++) {
                const struct template *template;
                struct value view = view_of(pages[i]), poisoned = poison(&view);
                struct buf out = BUF(arena);
                struct str text;
                struct err err;
                const char *file = str_format(arena, "%s.html", pages[i]).p;
                assert_true(read_file(path_of("pages", file, ""), &text));
                assert_true(template_parse(arena, str_of(file), text, TEMPLATE_HTML, &source,
                                &template, &err));
                if (!template_render(template, &poisoned, &out, &err))
                        fail_msg("%s: %s", pages[i], err_sentence(arena, &err).p);
                assert_int_equal(str_find(buf_str(&out), STR_LIT("<i onclick")), SIZE_MAX);
                assert_int_not_equal(str_find(buf_str(&out), STR_LIT("&lt;i onclick")), SIZE_MAX);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_pages_are_golden),
                cmocka_unit_test(test_hostile_fields_stay_text),
        };
        root = getenv("PLUMBLINE_SOURCE");
        if (root == NULL)
                root = ".";
        arena = arena_open();
        int failed = cmocka_run_group_tests(tests, NULL, NULL);
        arena_close(&arena);
        return failed;
}
