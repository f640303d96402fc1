/* procedure/read_procedure.c - a procedure file: its head and its versions. */
#include "procedure/read_file.h"

#include <assert.h>
#include <stdlib.h>

#include "procedure/draft.h"
#include "procedure/schema.h"

#define VERSIONS_MAX 64u

static const char procedure_keys[] = "procedure label line visible versions";
static const char version_keys[] =
                "version effective base law note number title parties parameters "
                "keys lookups fields states acts clocks documents publications tables draw "
                "guide";

/* ---- Names ---- */

static void check_free(struct draft *d, struct str name, int line, const char *what,
                const struct str *taken, size_t n_taken)
{
        if (schema_is_reserved(name))
                read_fault(d->r, line, "%s“%.*s”与内置名称或 FEEL 关键字相同，请换一个名称", what,
                                STR_FMT(name));
        for (size_t i = 0; i < n_taken; i++)
                if (str_eq(taken[i], name))
                        read_fault(d->r, line, "%s“%.*s”与另一个字段、名录引用、参数或 as 名称相同",
                                        what, STR_FMT(name));
}

/* Fields, lookups, parameters and `as` names share one space. */
static void check_names(struct draft *d)
{
        const struct version *v = d->v;
        const struct yaml *fields = yaml_get(d->yaml, "fields");
        const struct yaml *lookups = yaml_get(d->yaml, "lookups");
        const struct yaml *parameters = yaml_get(d->yaml, "parameters");
        size_t n = v->n_fields + v->n_lookups + v->n_parameters;
        struct str *taken = arena_new_array(d->r->arena, n, struct str);
        n = 0;
        for (size_t i = 0; i < v->n_fields; taken[n++] = v->fields[i].name, i++)
                check_free(d, v->fields[i].name, fields->pairs[i].line, "字段", taken, n);
        for (size_t i = 0; i < v->n_lookups; taken[n++] = v->lookups[i].name, i++)
                check_free(d, v->lookups[i].name, lookups->pairs[i].line, "名录引用", taken, n);
        for (size_t i = 0; i < v->n_parameters; taken[n++] = v->parameters[i].name, i++)
                check_free(d, v->parameters[i].name, parameters->pairs[i].line, "参数", taken, n);
        for (size_t i = 0; i < v->n_locals; i++)
                check_free(d, v->locals[i], d->yaml->line, "as 名称", taken, n);
}

static const struct option *read_parties(struct draft *d, const struct yaml *map)
{
        d->parties = read_key_names(d->r, map, STR_LIT("当事人"));
        struct option *parties = arena_new_array(d->r->arena, d->parties.n, struct option);
        for (size_t i = 0; i < d->parties.n; i++) {
                if (map->pairs[i].value.kind != YAML_TEXT)
                        read_fault(d->r, map->pairs[i].line, "当事人 %.*s：应写中文名称",
                                        STR_FMT(d->parties.items[i]));
                parties[i] = (struct option){ d->parties.items[i], map->pairs[i].value.text };
        }
        d->v->parties = parties;
        d->v->n_parties = d->parties.n;
        return parties;
}

static void read_states(struct draft *d, const struct yaml *map)
{
        d->states = read_key_names(d->r, map, STR_LIT("状态"));
        struct state *states = arena_new_array(d->r->arena, d->states.n, struct state);
        for (size_t i = 0; i < d->states.n; i++) {
                const struct yaml *node = &map->pairs[i].value;
                struct str where =
                                str_format(d->r->arena, "状态 %.*s", STR_FMT(d->states.items[i]));
                states[i] = (struct state){ .name = d->states.items[i], .label = node->text };
                if (str_is(states[i].name, "new") || str_is(states[i].name, "any"))
                        read_fault(d->r, map->pairs[i].line, "%.*s：new 和 any 不能作状态名",
                                        STR_FMT(where));
                if (node->kind == YAML_TEXT || !read_keys(d->r, node, where, "label final"))
                        continue;
                states[i].label = read_must(d->r, node, "label", where);
                states[i].final = read_bool(d->r, node, "final", where);
        }
        d->v->states = states;
        d->v->n_states = d->states.n;
}

static void read_lookup_names(struct draft *d, const struct yaml *map)
{
        struct names names = read_key_names(d->r, map, STR_LIT("名录引用"));
        struct lookup *lookups = arena_new_array(d->r->arena, names.n, struct lookup);
        for (size_t i = 0; i < names.n; i++) {
                const struct yaml *node = &map->pairs[i].value;
                struct str where =
                                str_format(d->r->arena, "名录引用 %.*s", STR_FMT(names.items[i]));
                lookups[i].name = names.items[i];
                if (!read_keys(d->r, node, where, "register key on"))
                        continue;
                lookups[i].reg = read_must(d->r, node, "register", where);
                if (lookups[i].reg.n != 0 &&
                                catalogue_register(d->r->catalogue, lookups[i].reg) == NULL)
                        read_fault(d->r, node->line, "%.*s：没有名录“%.*s”", STR_FMT(where),
                                        STR_FMT(lookups[i].reg));
        }
        d->v->lookups = lookups;
        d->v->n_lookups = names.n;
}

static void read_lookup_keys(struct draft *d, const struct yaml *map)
{
        struct lookup *lookups = (struct lookup *)d->v->lookups;
        for (size_t i = 0; i < d->v->n_lookups; i++) {
                const struct yaml *node = &map->pairs[i].value;
                struct str where =
                                str_format(d->r->arena, "名录引用 %.*s", STR_FMT(lookups[i].name));
                lookups[i].key = read_feel_at(d->r, node, "key", &d->reach, FEEL_STRING, where);
                lookups[i].on = read_feel_at(d->r, node, "on", &d->reach, FEEL_DATE, where);
                if (node->kind == YAML_MAP && yaml_get(node, "key") == NULL)
                        read_fault(d->r, node->line, "%.*s：缺少 key", STR_FMT(where));
        }
}

/* ---- One version ---- */

static void read_head(struct draft *d, struct str where)
{
        struct reader *r = d->r;
        struct version *v = d->v;
        v->law = read_must(r, d->yaml, "law", where);
        v->note = read_text(r, d->yaml, "note", where);
        v->number = read_must(r, d->yaml, "number", where);
        struct str day = read_must(r, d->yaml, "effective", where);
        struct err err;
        v->effective = DATE_NONE;
        if (day.n != 0 && !date_parse(day, &v->effective, &err))
                read_fault(r, yaml_get(d->yaml, "effective")->line,
                                "%.*s：effective 应如 2019-05-15", STR_FMT(where));
}

static void read_names(struct draft *d, struct str where)
{
        struct reader *r = d->r;
        struct version *v = d->v;
        const struct yaml *fields = read_section(r, d->yaml, "fields", where);
        const struct yaml *states = read_section(r, d->yaml, "states", where);
        v->fields = read_fields(r, fields, where, &v->n_fields);
        version_place_fields(r->arena, v);
        d->fields = read_key_names(r, fields, where);
        read_states(d, states);
        if (states == NULL)
                read_fault(r, d->yaml->line, "%.*s：缺少 states", STR_FMT(where));
        read_parties(d, read_section(r, d->yaml, "parties", where));
        v->parameters = read_parameters(r, d->yaml, where, &v->n_parameters);
        if (v->number.n != 0)
                read_number_format(
                                r, v, v->number, yaml_get(d->yaml, "number")->line, false, where);
        read_lookup_names(d, read_section(r, d->yaml, "lookups", where));
        d->documents = read_key_names(r, read_section(r, d->yaml, "documents", where), where);
        d->publications = read_key_names(r, read_section(r, d->yaml, "publications", where), where);
        draft_act_names(d, read_section(r, d->yaml, "acts", where));
        draft_clock_names(d, read_section(r, d->yaml, "clocks", where));
        if (d->acts.n == 0)
                read_fault(r, d->yaml->line, "%.*s：缺少 acts", STR_FMT(where));
        check_names(d);
        draft_tables(d);
}

static int read_draw_field(struct draft *d, const struct yaml *draw, const char *key)
{
        struct str where = STR_LIT("draw");
        struct str name = read_must(d->r, draw, key, where);
        return name.n == 0 ? -1 : read_index(d->r, yaml_get(draw, key), &d->fields, "字段", where);
}

/* Which fields hold the files by which strangers repeat a draw. */
static void read_draw(struct draft *d, const struct yaml *draw)
{
        d->v->draw = (struct draw_files){ -1, -1, -1 };
        if (draw == NULL || !read_keys(d->r, draw, STR_LIT("draw"), "announced file fault"))
                return;
        d->v->draw = (struct draw_files){
                .announced = read_draw_field(d, draw, "announced"),
                .file = read_draw_field(d, draw, "file"),
                .fault = read_draw_field(d, draw, "fault"),
        };
}

static void read_rest(struct draft *d, struct str where)
{
        struct reader *r = d->r;
        struct version *v = d->v;
        v->schema = schema_of_version(r->arena, v, r->catalogue);
        d->reach = (struct reach){ .schema = v->schema, .version = v, .n_fields = v->n_fields };
        v->title = read_feel_at(r, d->yaml, "title", &d->reach, FEEL_STRING, where);
        v->keys = read_assignments(r, d->yaml, "keys", &d->reach, where, &v->n_keys);
        read_lookup_keys(d, yaml_get(d->yaml, "lookups"));
        read_checks(r, yaml_get(d->yaml, "fields"), &d->reach, (struct field *)v->fields,
                        v->n_fields);
        draft_clocks(d, yaml_get(d->yaml, "clocks")); /* acts ask for their units */
        draft_acts(d, yaml_get(d->yaml, "acts"));
        draft_documents(d, yaml_get(d->yaml, "documents"));
        draft_publications(d, yaml_get(d->yaml, "publications"));
        read_draw(d, read_section(r, d->yaml, "draw", where));
        draft_guide(d);
}

static const struct version *read_version(
                struct reader *r, const struct procedure *procedure, const struct yaml *yaml)
{
        struct version *v = arena_new(r->arena, struct version);
        struct draft draft = { .r = r, .v = v, .yaml = yaml };
        v->procedure = procedure;
        v->name = read_text(r, yaml, "version", STR_LIT("版本"));
        struct str where = str_format(r->arena, "版本 %.*s", STR_FMT(v->name));
        read_keys(r, yaml, where, version_keys);
        read_head(&draft, where);
        read_names(&draft, where);
        read_rest(&draft, where);
        return v;
}

/* ---- Versions on versions ---- */

struct merging {
        struct reader *r;
        const struct yaml *versions; /* the list in the file */
        struct yaml merged[VERSIONS_MAX];
        enum { UNTOUCHED, AT_WORK, DONE, GROUNDLESS } status[VERSIONS_MAX];
};

static int version_named(const struct merging *m, struct str name)
{
        for (size_t i = 0; i < m->versions->n; i++) {
                const struct yaml *node = yaml_get(&m->versions->items[i], "version");
                if (node != NULL && str_eq(node->text, name))
                        return (int)i;
        }
        return -1;
}

static void merge_version(struct merging *m, size_t i);

/* True if version i can stand on the one named by `base`, which is merged then. */
static bool find_base(struct merging *m, const struct yaml *base, size_t *ret)
{
        int from = version_named(m, base->text);
        if (from < 0) {
                read_fault(m->r, base->line, "base：没有版本“%.*s”", STR_FMT(base->text));
                return false;
        }
        if (m->status[from] == AT_WORK) {
                read_fault(m->r, base->line, "base：版本“%.*s”绕回了自己", STR_FMT(base->text));
                return false;
        }
        if (m->status[from] == UNTOUCHED)
                merge_version(m, (size_t)from);
        *ret = (size_t)from;
        return m->status[from] == DONE;
}

/* Merges version i with its base, which is merged with its own first. */
static void merge_version(struct merging *m, size_t i)
{
        const struct yaml *own = &m->versions->items[i];
        const struct yaml *base = yaml_get(own, "base");
        size_t from;
        m->merged[i] = *own;
        m->status[i] = AT_WORK;
        if (base != NULL && !find_base(m, base, &from)) {
                m->status[i] = GROUNDLESS;
                return;
        }
        if (base != NULL)
                m->merged[i] = yaml_merge(m->r->arena, &m->merged[from], own);
        m->status[i] = DONE;
}

/* Versions stand by effective date, each later than the one before. */
static void check_order(struct reader *r, const struct version *const *versions,
                const struct yaml *const *nodes, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                for (size_t j = 0; j < i; j++)
                        if (str_eq(versions[j]->name, versions[i]->name))
                                read_fault(r, nodes[i]->line, "版本“%.*s”重复",
                                                STR_FMT(versions[i]->name));
                if (i == 0 || date_is_none(versions[i]->effective) ||
                                date_is_none(versions[i - 1]->effective))
                        continue;
                if (date_cmp(versions[i - 1]->effective, versions[i]->effective) >= 0)
                        read_fault(r, nodes[i]->line, "版本 %.*s：施行日期应晚于前一版本 %.*s",
                                        STR_FMT(versions[i]->name), STR_FMT(versions[i - 1]->name));
        }
}

static bool merge_all(struct merging *m)
{
        for (size_t i = 0; i < m->versions->n; i++) {
                const struct yaml *node = &m->versions->items[i];
                if (node->kind != YAML_MAP) {
                        read_fault(m->r, node->line, "versions 的每一项应是“键: 值”");
                        return false;
                }
                read_must(m->r, node, "version", STR_LIT("版本"));
        }
        for (size_t i = 0; i < m->versions->n; i++)
                if (m->status[i] == UNTOUCHED)
                        merge_version(m, i);
        return true;
}

static void read_versions(struct reader *r, struct procedure *procedure, const struct yaml *list)
{
        const struct version **versions =
                        arena_new_array(r->arena, list->n, const struct version *);
        const struct yaml **nodes = arena_new_array(r->arena, list->n, const struct yaml *);
        struct merging *m = arena_new(r->arena, struct merging);
        size_t n = 0;
        m->r = r;
        m->versions = list;
        if (!merge_all(m))
                return;
        for (size_t i = 0; i < list->n; i++) {
                if (m->status[i] != DONE)
                        continue;
                nodes[n] = &list->items[i];
                versions[n++] = read_version(r, procedure, &m->merged[i]);
        }
        check_order(r, versions, nodes, n);
        procedure->versions = versions;
        procedure->n_versions = n;
}

const struct procedure *read_procedure(struct reader *r, const struct yaml *root, struct str source)
{
        static const enum visibility visibilities[] = { VISIBLE_ALWAYS, VISIBLE_PUBLISHED,
                VISIBLE_NEVER };
        struct procedure *procedure = arena_new(r->arena, struct procedure);
        struct str where = STR_LIT("程序");
        read_keys(r, root, where, procedure_keys);
        procedure->name = read_must(r, root, "procedure", where);
        procedure->label = read_must(r, root, "label", where);
        procedure->line = read_text(r, root, "line", where);
        read_must(r, root, "visible", where);
        procedure->visible = visibilities[read_word(
                        r, root, "visible", "always published never", where)];
        procedure->source = source;
        read_name(r, procedure->name, root->line, where);
        const struct yaml *list = yaml_get(root, "versions");
        if (list == NULL || list->kind != YAML_LIST || list->n == 0)
                read_fault(r, root->line, "程序：缺少 versions");
        else if (list->n > VERSIONS_MAX)
                read_fault(r, list->line, "程序：版本超过 %u 个", VERSIONS_MAX);
        else
                read_versions(r, procedure, list);
        return procedure;
}
