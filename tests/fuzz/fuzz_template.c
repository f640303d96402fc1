/* fuzz/fuzz_template.c - templates, their parts and their views, all hostile.
 *
 * The input is parted by form feeds: the template, the view as JSON, and the parts
 * "a" and "b". */
#include <assert.h>

#include "fuzz.h"
#include "template/template.h"

static bool load(void *context, struct str name, struct str *ret, struct err *err)
{
        const struct str *pieces = context;
        if (!str_is(name, "a") && !str_is(name, "b"))
                return err_field(err, E_NOT_FOUND, name, "%s", "");
        *ret = pieces[name.p[0] == 'a' ? 2 : 3];
        return true;
}

static void render(struct arena *arena, const struct str *pieces, enum template_escape escape)
{
        struct template_source source = { load, (void *)pieces };
        const struct template *template;
        struct value view;
        struct err err;
        struct buf out = BUF(arena);
        buf_char(&out, '=');
        if (!template_parse(arena, STR_LIT("page"), pieces[0], escape, &source, &template, &err)) {
                assert(str_is_utf8(err_sentence(arena, &err)));
                return;
        }
        if (!value_parse_json(arena, pieces[1], &view, &err))
                view = value_context(NULL, 0);
        if (template_render(template, &view, &out, &err)) {
                assert(str_is_utf8(buf_str(&out)));
        } else {
                assert(out.n == 1);
                assert(str_is_utf8(err_sentence(arena, &err)));
        }
}

/* The input as a hostile value of an honest page: the page stays the page. */
static void fill_honest_page(struct arena *arena, struct str text)
{
        static const char page[] = "<p title=\"{{a}}\">{{a}}</p>";
        const struct template *template;
        struct err err;
        struct buf out = BUF(arena);
        if (!str_is_utf8(text))
                return;
        struct member member = { STR_LIT("a"), value_string(text) };
        struct value view = value_context(&member, 1);
        bool ok = template_parse(
                        arena, STR_LIT("page"), str_of(page), TEMPLATE_HTML, NULL, &template, &err);
        assert(ok);
        if (!template_render(template, &view, &out, &err))
                return;
        size_t n_tags = 0, n_quotes = 0;
        for (size_t i = 0; i < out.n; i++) {
                n_tags += out.p[i] == '<';
                n_quotes += out.p[i] == '"';
        }
        assert(n_tags == 2 && n_quotes == 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct arena *arena = arena_open();
        struct str rest = { (const char *)data, size };
        struct str pieces[4];
        fill_honest_page(arena, rest);
        for (size_t i = 0; i < N_ELEMENTS(pieces); i++)
                pieces[i] = str_split(&rest, '\f');
        render(arena, pieces, TEMPLATE_HTML);
        render(arena, pieces, TEMPLATE_TEXT);
        arena_close(&arena);
        return 0;
}
