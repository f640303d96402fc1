#include "web/pages.h"

#include <assert.h>
#include <stdlib.h>

#include "base/limits.h"
#include "desk/files.h"
#include "template/template.h"

/* Every page; each has a row in pages/README.md. */
static const char *const page_names[] = {
        "calendar",
        "codes",
        "compare",
        "docket",
        "document",
        "entry",
        "error",
        "figure",
        "home",
        "index",
        "matter",
        "procedure",
        "proof",
        "register",
        "report",
};

struct pages {
        struct arena *arena;
        struct str folder;
        const struct template *templates[N_ELEMENTS(page_names)];
        struct str css_url;
        struct value schemas;
        struct asset assets[1];
};

static bool read_file(const struct pages *pages, struct str name, struct str *ret, struct err *err)
{
        struct err why;
        struct str path = str_format(
                        pages->arena, "%.*s/%.*s", STR_FMT(pages->folder), STR_FMT(name));
        if (!file_read(pages->arena, path, LIMIT_TEMPLATE_BYTES, ret, &why))
                return err_field(err, E_PAGE_FILE, name, "%s", why.detail);
        return true;
}

/* ---- Templates ---- */

static bool load_part(void *context, struct str name, struct str *ret, struct err *err)
{
        const struct pages *pages = context;
        return read_file(pages, str_format(pages->arena, "pages/%.*s", STR_FMT(name)), ret, err);
}

static bool read_template(struct pages *pages, size_t i, struct err *err)
{
        const struct template_source source = { load_part, pages };
        struct str name = str_format(pages->arena, "pages/%s.html", page_names[i]), text;
        return read_file(pages, name, &text, err) &&
               template_parse(pages->arena, name, text, TEMPLATE_HTML, &source,
                               &pages->templates[i], err);
}

bool pages_render(const struct pages *pages, const char *name, const struct value *view,
                struct buf *out, struct err *err)
{
        size_t i = 0;
        while (i < N_ELEMENTS(page_names) && strcmp(page_names[i], name) != 0)
                i++;
        assert(i < N_ELEMENTS(page_names));
        return template_render(pages->templates[i], view, out, err);
}

/* ---- The style sheet ---- */

static bool read_style(struct pages *pages, struct err *err)
{
        struct str text;
        struct value manifest;
        struct asset *css = &pages->assets[0];
        if (!read_file(pages, STR_LIT("assets/dist/manifest.json"), &text, err))
                return false;
        if (!value_parse_json(pages->arena, text, &manifest, err) || manifest.kind != VALUE_CONTEXT)
                return err_set(err, E_PAGE_FILE, "assets/dist/manifest.json");
        const struct value *name = value_get(&manifest, STR_LIT("css"));
        if (name == NULL || name->kind != VALUE_STRING)
                return err_set(err, E_PAGE_FILE, "assets/dist/manifest.json: css");
        css->name = name->string;
        css->type = "text/css; charset=utf-8";
        pages->css_url = str_format(pages->arena, "/assets/%.*s", STR_FMT(css->name));
        return read_file(pages, str_format(pages->arena, "assets/dist/%.*s", STR_FMT(css->name)),
                               &css->bytes, err) &&
               read_file(pages, str_format(pages->arena, "assets/dist/%.*s.gz", STR_FMT(css->name)),
                               &css->packed, err);
}

struct str pages_css_url(const struct pages *pages)
{
        return pages->css_url;
}

const struct asset *pages_asset(const struct pages *pages, struct str name)
{
        for (size_t i = 0; i < N_ELEMENTS(pages->assets); i++)
                if (str_eq(pages->assets[i].name, name))
                        return &pages->assets[i];
        return NULL;
}

/* ---- Schemas ---- */

static bool read_schemas(struct pages *pages, struct err *err)
{
        struct str text;
        struct err why;
        if (!read_file(pages, STR_LIT("pages/schemas.json"), &text, err))
                return false;
        if (!value_parse_json(pages->arena, text, &pages->schemas, &why) ||
                        pages->schemas.kind != VALUE_CONTEXT)
                return err_set(err, E_PAGE_FILE, "pages/schemas.json: %s", why.detail);
        return true;
}

const struct value *pages_schemas(const struct pages *pages)
{
        return &pages->schemas;
}

/* ---- All ---- */

static bool read_all(struct pages *pages, struct err *err)
{
        for (size_t i = 0; i < N_ELEMENTS(page_names); i++)
                if (!read_template(pages, i, err))
                        return false;
        return read_schemas(pages, err) && read_style(pages, err);
}

bool pages_open(struct str folder, struct pages **ret, struct err *err)
{
        struct arena *arena = arena_open();
        struct pages *pages = arena_new(arena, struct pages);
        *pages = (struct pages){ .arena = arena, .folder = str_copy(arena, folder) };
        if (!read_all(pages, err)) {
                arena_close(&arena);
                return false;
        }
        *ret = pages;
        return true;
}

void pages_close(struct pages **closing)
{
        struct pages *pages = *closing;
        if (pages == NULL)
                return;
        *closing = NULL;
        struct arena *arena = pages->arena;
        arena_close(&arena);
}
