#include "procedure/lint.h"

#include <assert.h>
#include <stdio.h>

/* ---- Where a version says something ---- */

static const struct yaml *version_node(const struct yaml *root, struct str name)
{
        const struct yaml *list = yaml_get(root, "versions");
        for (size_t i = 0; list != NULL && list->kind == YAML_LIST && i < list->n; i++) {
                const struct yaml *node = yaml_get(&list->items[i], "version");
                if (node != NULL && str_eq(node->text, name))
                        return &list->items[i];
        }
        return NULL;
}

static const struct yaml_pair *pair_of(const struct yaml *map, struct str key)
{
        for (size_t i = 0; map != NULL && map->kind == YAML_MAP && i < map->n; i++)
                if (str_eq(map->pairs[i].key, key))
                        return &map->pairs[i];
        return NULL;
}

/* The line where `section: {name: ...}` was last written, going down the bases;
 * *ret_own is false where it is a base's. Without a name, the section's line. */
static int line_of(const struct lint *l, const char *section, struct str name, bool *ret_own)
{
        const struct yaml *node = version_node(l->root, l->v->name);
        int own_line = node != NULL ? node->line : 1;
        *ret_own = true;
        for (int steps = 0; node != NULL && steps < 64; steps++) {
                const struct yaml_pair *at = pair_of(node, str_of(section));
                const struct yaml_pair *in = at != NULL ? pair_of(&at->value, name) : NULL;
                if (in != NULL || (at != NULL && name.n == 0)) {
                        *ret_own = steps == 0;
                        return in != NULL ? in->line : at->line;
                }
                const struct yaml *base = yaml_get(node, "base");
                node = base != NULL ? version_node(l->root, base->text) : NULL;
        }
        return own_line;
}

static bool was_told(const struct lint *l, int line, struct str text)
{
        const struct problems *p = l->r->problems;
        for (size_t i = 0; i < p->n; i++)
                if (p->rows[i].source == l->r->source && p->rows[i].line == line &&
                                str_eq(p->rows[i].text, text))
                        return true;
        return false;
}

static void tell(struct lint *l, bool remark, const char *section, struct str name,
                const char *format, va_list args)
{
        char text[768];
        bool own;
        int line = line_of(l, section, name, &own);
        int n = vsnprintf(text, sizeof(text), format, args);
        assert(n >= 0);
        if (!own && was_told(l, line, str_of(text)))
                return;
        const char *open = own ? "" : "（版本 ", *close = own ? "" : "）";
        struct str version = own ? STR_LIT("") : l->v->name;
        if (remark)
                read_remark(l->r, line, "%s%s%.*s%s", text, open, STR_FMT(version), close);
        else
                read_fault(l->r, line, "%s%s%.*s%s", text, open, STR_FMT(version), close);
}

void lint_fault(struct lint *l, const char *section, struct str name, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        tell(l, false, section, name, format, args);
        va_end(args);
}

void lint_remark(struct lint *l, const char *section, struct str name, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        tell(l, true, section, name, format, args);
        va_end(args);
}

bool lint_may(const struct act *act, const char *role)
{
        for (size_t i = 0; i < act->n_roles; i++)
                if (str_is(act->roles[i], role))
                        return true;
        return false;
}

/* ---- Files ---- */

static void lint_register(struct reader *r, const struct yaml *root, struct str name)
{
        const struct reg *reg = catalogue_register(r->catalogue, name);
        for (size_t i = 0; reg != NULL && i < reg->n_fields; i++) {
                const struct field *field = &reg->fields[i];
                const struct yaml_pair *pair = pair_of(yaml_get(root, "fields"), field->name);
                if (field->reference.n != 0 && pair != NULL &&
                                catalogue_register(r->catalogue, field->reference) == NULL)
                        read_fault(r, pair->line, "字段 %.*s：没有名录“%.*s”", STR_FMT(field->name),
                                        STR_FMT(field->reference));
        }
}

static void lint_procedure(struct reader *r, const struct yaml *root, struct str name)
{
        struct lint l = {
                .r = r, .root = root, .procedure = catalogue_procedure(r->catalogue, name)
        };
        for (size_t i = 0; l.procedure != NULL && i < l.procedure->n_versions; i++) {
                l.v = l.procedure->versions[i];
                lint_flow(&l);
                lint_disclosure(&l);
                lint_numbers(&l);
                lint_links(&l);
        }
}

void lint_file(struct reader *r, const struct yaml *root)
{
        const struct yaml *procedure = yaml_get(root, "procedure");
        const struct yaml *reg = yaml_get(root, "register");
        if (procedure != NULL)
                lint_procedure(r, root, procedure->text);
        else if (reg != NULL)
                lint_register(r, root, reg->text);
        else if (yaml_get(root, "indicators") != NULL)
                lint_indicators(r, root);
}
