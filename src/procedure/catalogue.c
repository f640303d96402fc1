/* procedure/catalogue.c - all definitions of a site, read, linked and found again. */
#include "procedure/definition.h"

#include <assert.h>
#include <stdlib.h>

#include "procedure/lint.h"
#include "procedure/read_file.h"

/* ---- Finding ---- */

static int procedure_cmp(const void *a, const void *b)
{
        const struct procedure *const *x = a, *const *y = b;
        return str_cmp((*x)->name, (*y)->name);
}

static int register_cmp(const void *a, const void *b)
{
        const struct reg *const *x = a, *const *y = b;
        return str_cmp((*x)->name, (*y)->name);
}

static int indicator_cmp(const void *a, const void *b)
{
        const struct indicator *x = a, *y = b;
        return str_cmp(x->id, y->id);
}

const struct procedure *catalogue_procedure(const struct catalogue *catalogue, struct str name)
{
        struct procedure wanted = { .name = name };
        const struct procedure *key = &wanted;
        if (catalogue->n_procedures == 0)
                return NULL;
        const struct procedure *const *found = bsearch(&key, catalogue->procedures,
                        catalogue->n_procedures, sizeof(key), procedure_cmp);
        return found != NULL ? *found : NULL;
}

const struct reg *catalogue_register(const struct catalogue *catalogue, struct str name)
{
        struct reg wanted = { .name = name };
        const struct reg *key = &wanted;
        if (catalogue->n_registers == 0)
                return NULL;
        const struct reg *const *found = bsearch(&key, catalogue->registers, catalogue->n_registers,
                        sizeof(key), register_cmp);
        return found != NULL ? *found : NULL;
}

const struct indicator *catalogue_indicator(const struct catalogue *catalogue, struct str id)
{
        struct indicator wanted = { .id = id };
        if (catalogue->n_indicators == 0)
                return NULL;
        return bsearch(&wanted, catalogue->indicators, catalogue->n_indicators, sizeof(wanted),
                        indicator_cmp);
}

const struct report_definition *catalogue_report(const struct catalogue *catalogue, struct str name)
{
        for (size_t i = 0; i < catalogue->n_reports; i++)
                if (str_eq(catalogue->reports[i].name, name))
                        return &catalogue->reports[i];
        return NULL;
}

const struct version *procedure_version_on(const struct procedure *procedure, struct date day)
{
        const struct version *found = NULL;
        for (size_t i = 0; i < procedure->n_versions; i++)
                if (date_cmp(procedure->versions[i]->effective, day) <= 0)
                        found = procedure->versions[i];
        return found;
}

const struct version *procedure_version(const struct procedure *procedure, struct str name)
{
        for (size_t i = 0; i < procedure->n_versions; i++)
                if (str_eq(procedure->versions[i]->name, name))
                        return procedure->versions[i];
        return NULL;
}

/* The same walk for every kind of thing that has a name. */
#define INDEX_OF(things)                                                                           \
        for (size_t i = 0; i < version->n_##things; i++)                                           \
                if (str_eq(version->things[i].name, name))                                         \
                        return (int)i;                                                             \
        return -1

/* Fields are asked for by name for every member of every event, so a version has a table of
 * them: a field stands at its name's hash or, where that is taken, at the next free place; 0 is
 * free, else the field's index + 1. Without a table they are walked. */
static size_t name_hash(struct str name)
{
        const unsigned char *p = (const unsigned char *)name.p;
        size_t n = name.n;
        return n == 0 ? 0 : ((n * 31 + p[0]) * 31 + p[n / 2]) * 31 + p[n - 1];
}

void version_place_fields(struct arena *arena, struct version *version)
{
        size_t n = 16;
        if (version->n_fields >= UINT16_MAX)
                return;
        while (n < 4 * version->n_fields)
                n *= 2;
        uint16_t *places = arena_new_array(arena, n, uint16_t);
        for (size_t i = 0; i < version->n_fields; i++) {
                size_t at = name_hash(version->fields[i].name) & (n - 1);
                while (places[at] != 0)
                        at = (at + 1) & (n - 1);
                places[at] = (uint16_t)(i + 1);
        }
        version->field_places = places;
        version->n_field_places = n;
}

static int walk_fields(const struct version *version, struct str name)
{
        INDEX_OF(fields);
}

int version_field(const struct version *version, struct str name)
{
        if (version->field_places == NULL)
                return walk_fields(version, name);
        size_t mask = version->n_field_places - 1;
        for (size_t at = name_hash(name) & mask;; at = (at + 1) & mask) {
                size_t place = version->field_places[at];
                if (place == 0)
                        return -1;
                if (str_eq(version->fields[place - 1].name, name))
                        return (int)(place - 1);
        }
}

int version_state(const struct version *version, struct str name)
{
        INDEX_OF(states);
}

int version_act(const struct version *version, struct str name)
{
        INDEX_OF(acts);
}

int version_clock(const struct version *version, struct str name)
{
        INDEX_OF(clocks);
}

int version_document(const struct version *version, struct str name)
{
        INDEX_OF(documents);
}

int version_publication(const struct version *version, struct str name)
{
        INDEX_OF(publications);
}

int version_party(const struct version *version, struct str name)
{
        for (size_t i = 0; i < version->n_parties; i++)
                if (str_eq(version->parties[i].key, name))
                        return (int)i;
        return -1;
}

/* ---- Loading ---- */

enum file_kind {
        FILE_UNREADABLE,
        FILE_PROCEDURE,
        FILE_REGISTER,
        FILE_INDICATORS,
        FILE_REPORT,
        FILE_ROLES,
        FILE_GROUNDS
};

static const char *const file_keys[] = {
        [FILE_PROCEDURE] = "procedure",
        [FILE_REGISTER] = "register",
        [FILE_INDICATORS] = "indicators",
        [FILE_REPORT] = "report",
        [FILE_ROLES] = "roles",
        [FILE_GROUNDS] = "erasure_grounds",
};

struct load {
        struct arena *arena;
        const struct definition_source *sources;
        size_t n_sources;
        struct str *names;         /* of the sources */
        const struct yaml **roots; /* of each source */
        enum file_kind *kinds;
        struct catalogue *catalogue;
        struct problems problems;
};

static struct reader reader_of(struct load *load, size_t source)
{
        return (struct reader){ .arena = load->arena,
                .problems = &load->problems,
                .source = source,
                .catalogue = load->catalogue };
}

static enum file_kind kind_of(const struct yaml *root)
{
        for (size_t kind = FILE_PROCEDURE; kind < N_ELEMENTS(file_keys); kind++)
                if (yaml_get(root, file_keys[kind]) != NULL)
                        return (enum file_kind)kind;
        return FILE_UNREADABLE;
}

static void parse_all(struct load *load)
{
        for (size_t i = 0; i < load->n_sources; i++) {
                struct reader r = reader_of(load, i);
                struct err err;
                int line;
                load->names[i] = load->sources[i].name;
                if (!yaml_parse(load->arena, load->sources[i].text, &load->roots[i], &line, &err)) {
                        problems_add(&load->problems, i, line, false, err.code,
                                        str_format(load->arena, "%s：%s",
                                                        err_text(err.code)->sentence, err.detail));
                        continue;
                }
                load->kinds[i] = kind_of(load->roots[i]);
                if (load->kinds[i] == FILE_UNREADABLE)
                        read_fault(&r, 1,
                                        "看不出是什么定义：第一个键应是 procedure、register、"
                                        "indicators、report、roles 或 erasure_grounds");
        }
}

/* "procedures/permit.yaml" holds the procedure `permit`: whoever looks for one finds it, and
 * a second file of the same name cannot stand beside it. */
static void check_file_name(struct load *load, struct reader *r, const char *what, struct str name)
{
        struct str file = load->names[r->source];
        for (size_t at; (at = str_find(file, STR_LIT("/"))) != SIZE_MAX;)
                file = str_slice(file, at + 1, file.n);
        struct str wanted = str_format(load->arena, "%.*s.yaml", STR_FMT(name));
        if (!load->sources[r->source].accepted && name.n != 0 && !str_eq(file, wanted))
                read_fault(r, 1, "%s“%.*s”的文件应名为 %.*s", what, STR_FMT(name), STR_FMT(wanted));
}

static void load_registers(struct load *load)
{
        const struct reg **rows = arena_new_array(load->arena, load->n_sources, const struct reg *);
        size_t n = 0;
        for (size_t i = 0; i < load->n_sources; i++) {
                if (load->kinds[i] != FILE_REGISTER)
                        continue;
                struct reader r = reader_of(load, i);
                rows[n] = read_register(&r, load->roots[i], load->sources[i].text);
                check_file_name(load, &r, "名录", rows[n]->name);
                for (size_t j = 0; j < n; j++)
                        if (str_eq(rows[j]->name, rows[n]->name))
                                read_fault(&r, 1, "名录“%.*s”在另一个文件中已有",
                                                STR_FMT(rows[n]->name));
                n++;
        }
        if (n != 0)
                qsort(rows, n, sizeof(*rows), register_cmp);
        load->catalogue->registers = rows;
        load->catalogue->n_registers = n;
}

static void load_procedures(struct load *load)
{
        const struct procedure **rows =
                        arena_new_array(load->arena, load->n_sources, const struct procedure *);
        size_t n = 0;
        for (size_t i = 0; i < load->n_sources; i++) {
                if (load->kinds[i] != FILE_PROCEDURE)
                        continue;
                struct reader r = reader_of(load, i);
                rows[n] = read_procedure(&r, load->roots[i], load->sources[i].text);
                check_file_name(load, &r, "程序", rows[n]->name);
                for (size_t j = 0; j < n; j++)
                        if (str_eq(rows[j]->name, rows[n]->name))
                                read_fault(&r, 1, "程序“%.*s”在另一个文件中已有",
                                                STR_FMT(rows[n]->name));
                n++;
        }
        if (n != 0)
                qsort(rows, n, sizeof(*rows), procedure_cmp);
        load->catalogue->procedures = rows;
        load->catalogue->n_procedures = n;
}

/* Appends one file's indicators; notes those that another has. */
static void add_indicators(struct load *load, struct reader *r, const struct yaml *root,
                struct indicator **rows, size_t *n, size_t *capacity)
{
        size_t n_new;
        const struct indicator *more = read_indicators(r, root, &n_new);
        if (*n + n_new > *capacity) {
                *capacity = 2 * (*n + n_new);
                struct indicator *wider = arena_new_array(load->arena, *capacity, struct indicator);
                for (size_t i = 0; i < *n; i++)
                        wider[i] = (*rows)[i];
                *rows = wider;
        }
        const struct yaml *map = yaml_get(root, "indicators");
        for (size_t i = 0; i < n_new; i++) {
                for (size_t j = 0; j < *n; j++)
                        if (str_eq((*rows)[j].id, more[i].id))
                                read_fault(r, map->pairs[i].line, "指标“%.*s”在另一个文件中已有",
                                                STR_FMT(more[i].id));
                (*rows)[*n + i] = more[i];
        }
        *n += n_new;
}

static void load_indicators(struct load *load)
{
        struct indicator *rows = NULL;
        size_t n = 0, capacity = 0;
        for (size_t i = 0; i < load->n_sources; i++) {
                if (load->kinds[i] != FILE_INDICATORS)
                        continue;
                struct reader r = reader_of(load, i);
                add_indicators(load, &r, load->roots[i], &rows, &n, &capacity);
        }
        if (n != 0)
                qsort(rows, n, sizeof(*rows), indicator_cmp);
        load->catalogue->indicators = rows;
        load->catalogue->n_indicators = n;
}

static void load_reports(struct load *load)
{
        struct report_definition *rows =
                        arena_new_array(load->arena, load->n_sources, struct report_definition);
        for (size_t i = 0; i < load->n_sources; i++) {
                if (load->kinds[i] != FILE_REPORT)
                        continue;
                struct reader r = reader_of(load, i);
                struct report_definition report = *read_report(&r, load->roots[i]);
                if (catalogue_report(load->catalogue, report.name) != NULL)
                        read_fault(&r, 1, "报告“%.*s”在另一个文件中已有", STR_FMT(report.name));
                rows[load->catalogue->n_reports++] = report;
                load->catalogue->reports = rows;
        }
}

/* People choose a post by its label. */
static void check_role(struct load *load, struct reader *r, const struct yaml_pair *pair,
                const struct option *earlier, size_t n)
{
        if (pair->value.kind != YAML_TEXT)
                read_fault(r, pair->line, "岗位 %.*s：缺少名称", STR_FMT(pair->key));
        for (size_t i = 0; i < n && !load->sources[r->source].accepted; i++)
                if (str_eq(earlier[i].label, pair->value.text))
                        read_fault(r, pair->line, "岗位 %.*s：与 %.*s 同名“%.*s”",
                                        STR_FMT(pair->key), STR_FMT(earlier[i].key),
                                        STR_FMT(pair->value.text));
}

/* Labels are chosen from among posts, so there no two are alike. */
static void add_roles(struct load *load, struct reader *r, const struct yaml *map,
                const struct option **roles, size_t *n, bool is_post)
{
        struct option *all = arena_grow(load->arena, *roles, *n, map->n, sizeof(*all));
        for (size_t i = 0; map->kind == YAML_MAP && i < map->n; i++) {
                const struct yaml_pair *pair = &map->pairs[i];
                check_role(load, r, pair, all, is_post ? *n : 0);
                all[(*n)++] = (struct option){ pair->key, pair->value.text };
        }
        *roles = all;
}

static void load_roles(struct load *load)
{
        for (size_t i = 0; i < load->n_sources; i++) {
                if (load->kinds[i] != FILE_ROLES)
                        continue;
                struct reader r = reader_of(load, i);
                read_keys(&r, load->roots[i], STR_LIT("岗位"), "roles parties");
                struct catalogue *c = load->catalogue;
                add_roles(load, &r, yaml_get(load->roots[i], "roles"), &c->roles, &c->n_roles,
                                true);
                const struct yaml *parties = yaml_get(load->roots[i], "parties");
                if (parties != NULL)
                        add_roles(load, &r, parties, &c->parties, &c->n_parties, false);
        }
}

static const struct option *option_of(const struct option *options, size_t n, struct str key)
{
        for (size_t i = 0; i < n; i++)
                if (str_eq(options[i].key, key))
                        return &options[i];
        return NULL;
}

struct str catalogue_role(const struct catalogue *catalogue, struct str role)
{
        const struct option *found = option_of(catalogue->roles, catalogue->n_roles, role);
        if (found == NULL)
                found = option_of(catalogue->parties, catalogue->n_parties, role);
        return found != NULL ? found->label : role;
}

bool catalogue_has_role(const struct catalogue *catalogue, struct str role)
{
        return option_of(catalogue->roles, catalogue->n_roles, role) != NULL ||
               option_of(catalogue->parties, catalogue->n_parties, role) != NULL;
}

bool catalogue_is_post(const struct catalogue *catalogue, struct str role)
{
        return catalogue->n_roles == 0 ||
               option_of(catalogue->roles, catalogue->n_roles, role) != NULL;
}

static void load_grounds(struct load *load)
{
        struct catalogue *catalogue = load->catalogue;
        for (size_t i = 0; i < load->n_sources; i++) {
                if (load->kinds[i] != FILE_GROUNDS)
                        continue;
                struct reader r = reader_of(load, i);
                if (catalogue->n_grounds != 0)
                        read_fault(&r, 1, "删除个人信息的情形在另一个文件中已有");
                else
                        catalogue->grounds =
                                        read_grounds(&r, load->roots[i], &catalogue->n_grounds);
        }
}

const struct erasure_ground *catalogue_ground(const struct catalogue *catalogue, struct str key)
{
        for (size_t i = 0; i < catalogue->n_grounds; i++)
                if (str_eq(catalogue->grounds[i].key, key))
                        return &catalogue->grounds[i];
        return NULL;
}

/* Roles and registers first, because fields and lookups point at them; then procedures,
 * which indicators bind to; then reports, which print indicators. */
static void read_all(struct load *load)
{
        parse_all(load);
        load_roles(load);
        load_grounds(load);
        load_registers(load);
        load_procedures(load);
        load_indicators(load);
        load_reports(load);
        for (size_t i = 0; i < load->n_sources; i++) {
                struct reader r = reader_of(load, i);
                lint_file(&r, load->roots[i]);
        }
}

static struct load load_of(struct arena *arena, const struct definition_source *sources,
                size_t n_sources, struct catalogue *catalogue)
{
        *catalogue = (struct catalogue){ 0 };
        return (struct load){
                .arena = arena,
                .sources = sources,
                .n_sources = n_sources,
                .names = arena_new_array(arena, n_sources, struct str),
                .roots = arena_new_array(arena, n_sources, const struct yaml *),
                .kinds = arena_new_array(arena, n_sources, enum file_kind),
                .catalogue = catalogue,
                .problems = { .arena = arena },
        };
}

bool catalogue_load(struct arena *arena, const struct definition_source *sources, size_t n_sources,
                struct catalogue *ret, struct str *ret_problems, struct err *err)
{
        assert(arena && ret && ret_problems && err);
        assert(sources || n_sources == 0);

        struct catalogue catalogue;
        struct load load = load_of(arena, sources, n_sources, &catalogue);
        read_all(&load);
        *ret_problems = problems_text(&load.problems, load.names);
        if (problems_first(&load.problems, load.names, err))
                return false;
        *ret = catalogue;
        return true;
}

bool catalogue_lint(struct arena *arena, const struct definition_source *sources, size_t n_sources,
                struct catalogue *ret, struct problems *ret_problems)
{
        assert(arena && ret && ret_problems);
        assert(sources || n_sources == 0);

        struct catalogue catalogue;
        struct load load = load_of(arena, sources, n_sources, &catalogue);
        read_all(&load);
        problems_sort(&load.problems);
        *ret_problems = load.problems;
        if (load.problems.n_faults != 0)
                return false;
        *ret = catalogue;
        return true;
}
