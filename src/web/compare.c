/* web/compare.c - two versions of a procedure beside each other: their text and their diagrams. */
#include "procedure/diagram.h"
#include "web/difference_view.h"
#include "web/route.h"

struct compared {
        struct visit *visit;
        const struct procedure *procedure;
        const struct version *from, *to;
};

/* ---- The text of one version, as its file has it ---- */

static size_t indent_of(struct str line)
{
        size_t n = 0;
        while (n < line.n && line.p[n] == ' ')
                n++;
        return n;
}

static bool begins_item(struct str line, size_t indent)
{
        return indent_of(line) == indent && line.n > indent + 1 && line.p[indent] == '-' &&
               line.p[indent + 1] == ' ';
}

/* "- version: V1" and "version: 'V1'" name it. */
static bool names(struct str line, struct str version)
{
        struct str key = STR_LIT("version:"), text = str_trim(line);
        if (str_starts(text, STR_LIT("- ")))
                text = str_trim(str_slice(text, 2, text.n));
        if (!str_starts(text, key))
                return false;
        text = str_trim(str_slice(text, key.n, text.n));
        if (text.n >= 2 && (text.p[0] == '\'' || text.p[0] == '"'))
                text = str_slice(text, 1, text.n - 1);
        return str_eq(text, version);
}

/* The item of the list of versions that names it; empty if none does. */
static struct str text_of(const struct version *version)
{
        struct str rest = version->procedure->source, all = rest;
        size_t begin = SIZE_MAX, indent = SIZE_MAX;
        bool among = false, found = false;
        while (rest.n != 0) {
                size_t at = (size_t)(rest.p - all.p);
                struct str line = str_split(&rest, '\n');
                size_t n = indent_of(line);
                if (among && indent == SIZE_MAX && begins_item(line, n))
                        indent = n;
                among |= str_starts(line, STR_LIT("versions:"));
                if (indent != SIZE_MAX && begins_item(line, indent)) {
                        if (found)
                                return str_slice(all, begin, at);
                        begin = at;
                }
                found |= begin != SIZE_MAX && names(line, version->name);
        }
        return found ? str_slice(all, begin, all.n) : STR_LIT("");
}

/* ---- The page ---- */

static bool version_view(struct compared *c, const struct version *version, const char *id,
                struct value *ret, struct err *err)
{
        struct view view = VIEW(c->visit->arena);
        struct buf diagram = BUF(c->visit->arena), url = BUF(c->visit->arena);
        if (!diagram_write(&diagram, version, id, err))
                return false;
        buf_str_add(&url, visit_url(c->visit, "/procedures/", c->procedure->name));
        visit_query(&url, "version", version->name);
        view_text(&view, "name", version->name);
        view_text(&view, "law", version->law);
        view_day(&view, "effective", version->effective);
        view_text(&view, "url", buf_str(&url));
        view_text(&view, "diagram_html", buf_str(&diagram));
        *ret = view_end(&view);
        return true;
}

static struct value options_view(struct compared *c, const struct version *chosen)
{
        struct view_list list = VIEW_LIST(c->visit->arena);
        for (size_t i = 0; i < c->procedure->n_versions; i++) {
                const struct version *version = c->procedure->versions[i];
                struct view view = VIEW(c->visit->arena);
                view_text(&view, "value", version->name);
                view_text(&view, "label",
                                str_format(c->visit->arena, "%.*s（%.*s 起）",
                                                STR_FMT(version->name),
                                                STR_FMT(date_format(c->visit->arena,
                                                                version->effective))));
                view_yes(&view, "selected", version == chosen);
                view_add(&list, view_end(&view));
        }
        return view_list_end(&list);
}

/* By name; not given: the newest, and the one before it. */
static bool choose(struct compared *c, struct err *err)
{
        struct str from = visit_field(c->visit, "from"), to = visit_field(c->visit, "to");
        size_t n;
        c->procedure = catalogue_procedure(c->visit->catalogue, c->visit->parts[0]);
        if (c->procedure == NULL)
                return err_set(err, E_NOT_FOUND, "没有这个程序");
        n = c->procedure->n_versions;
        c->to = to.n != 0 ? procedure_version(c->procedure, to) : c->procedure->versions[n - 1];
        c->from = from.n != 0 ? procedure_version(c->procedure, from)
                              : c->procedure->versions[n > 1 ? n - 2 : 0];
        return (c->from != NULL && c->to != NULL) || err_set(err, E_NOT_FOUND, "没有这个版本");
}

bool compare_show(struct visit *visit, struct err *err)
{
        struct compared c = { .visit = visit };
        struct view view = VIEW(visit->arena);
        struct value from, to;
        if (!choose(&c, err) || !version_view(&c, c.from, "before", &from, err) ||
                        !version_view(&c, c.to, "after", &to, err))
                return false;
        struct page page = page_begin(visit, "compare", "/procedures",
                        str_format(visit->arena, "%.*s：版本比较", STR_FMT(c.procedure->label)));
        page_crumb(&page, c.procedure->label, visit_url(visit, "/procedures/", c.procedure->name));
        page_crumb(&page, STR_LIT("版本比较"), STR_LIT(""));
        view_text(&view, "label", c.procedure->label);
        view_text(&view, "action",
                        str_format(visit->arena, "%.*s/compare",
                                        STR_FMT(visit_url(visit, "/procedures/",
                                                        c.procedure->name))));
        view_put(&view, "from", from);
        view_put(&view, "to", to);
        view_put(&view, "from_options", options_view(&c, c.from));
        view_put(&view, "to_options", options_view(&c, c.to));
        difference_add(&view, text_of(c.from), text_of(c.to));
        view_put(&page.view, "compare", view_end(&view));
        return page_send(&page, err);
}
