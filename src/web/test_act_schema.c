/* What the schemas of acts say of conditions (/openapi.json), for all definitions of this folder:
 * whoever leaves out what a rule demands is refused by the schema as well, and nobody else. That
 * the rule refuses him is src/procedure/test_demand.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/limits.h"
#include "desk/site.h"
#include "procedure/demand.h"
#include "web/field_schema.h"
#include "web/view.h"

struct schemas {
        struct arena *arena;
        struct member *members; /* "foi_request.FOI-2019a.submit" */
        size_t n;
        struct buf lines; /* of acts.tsv */
        size_t n_demands;
        const struct version *version;
        const struct act *act;
};

/* ---- What is given ---- */

struct given {
        struct arena *arena;
        struct member members[LIMIT_ACT_FIELDS];
        size_t n;
};

static struct value *given_as(struct given *given, struct str name)
{
        for (size_t i = 0; i < given->n; i++)
                if (str_eq(given->members[i].name, name))
                        return &given->members[i].value;
        return NULL;
}

static void take_out(struct given *given, struct str name)
{
        size_t n = 0;
        for (size_t i = 0; i < given->n; i++)
                if (!str_eq(given->members[i].name, name))
                        given->members[n++] = given->members[i];
        given->n = n;
}

static struct value sample(struct arena *arena, const struct field *field);

static struct value sample_list(struct arena *arena, const struct field *field)
{
        struct member *members = arena_new_array(arena, field->n_items, struct member);
        struct value *item = arena_new(arena, struct value);
        for (size_t i = 0; i < field->n_items; i++)
                members[i] = (struct member){ field->items[i].name,
                        sample(arena, &field->items[i]) };
        *item = value_string(field->n_options > 0 ? field->options[0].key : STR_LIT("x"));
        if (field->n_items > 0 && value_sort_members(members, field->n_items))
                *item = value_context(members, field->n_items);
        return value_list(item, 1);
}

/* As a program would send it. */
static struct value sample(struct arena *arena, const struct field *field)
{
        switch (field->type) {
        case FIELD_INTEGER:
        case FIELD_DECIMAL:
        case FIELD_MONEY:
                return field->has_min ? value_number(field->min) : value_int(0);
        case FIELD_BOOL:
                return value_bool(true);
        case FIELD_DATE:
                return value_string(STR_LIT("2021-03-01"));
        case FIELD_ENUM:
                return value_string(field->n_options > 0 ? field->options[0].key : STR_LIT("x"));
        case FIELD_LIST:
        case FIELD_ENUM_SET:
                return sample_list(arena, field);
        default:
                return value_string(STR_LIT("x"));
        }
}

static void give(struct given *given, const struct field *field)
{
        given->members[given->n++] = (struct member){ field->name, sample(given->arena, field) };
}

static void give_all(struct schemas *s, struct given *given)
{
        given->n = 0;
        for (size_t i = 0; i < s->act->n_needs; i++)
                give(given, &s->version->fields[s->act->needs[i]]);
        for (size_t i = 0; i < s->act->n_takes; i++)
                give(given, &s->version->fields[s->act->takes[i]]);
}

static void set_terms(struct given *given, const struct demand_term *terms, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (terms[i].n_among > 0)
                        *given_as(given, terms[i].field->name) = terms[i].among[0];
}

static bool is_met(struct given *given, const struct demand_term *term)
{
        const struct value *value = given_as(given, term->field->name);
        for (size_t i = 0; value != NULL && i < term->n_among; i++)
                if (value_eq(value, &term->among[i]))
                        return true;
        return value != NULL && term->n_among == 0;
}

/* Meets the others, too, as far as one thing after another can. */
static void meet(struct given *given, const struct demand *demands, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                bool asked = !demands[i].untold, met = false;
                for (size_t k = 0; k < demands[i].n_when; k++)
                        asked &= is_met(given, &demands[i].when[k]);
                for (size_t k = 0; k < demands[i].n_then; k++)
                        met |= is_met(given, &demands[i].then[k]);
                if (asked && !met)
                        set_terms(given, demands[i].then, 1);
        }
}

static void add_line(struct schemas *s, struct given *given, struct str name, bool fits)
{
        size_t n = given->n;
        struct member *members = arena_new_array(s->arena, n, struct member);
        memcpy(members, given->members, n * sizeof(*members));
        assert_true(n == 0 || value_sort_members(members, n));
        struct value all = value_context(members, n);
        buf_format(&s->lines, "%.*s\t%s\t", STR_FMT(name), fits ? "yes" : "no");
        value_write_json(&s->lines, &all);
        buf_char(&s->lines, '\n');
}

/* ---- Every demand of every act ---- */

/* Whoever gives everything is taken; then what is demanded is left out. */
static void try_act(struct schemas *s, struct str name)
{
        const struct demand *demands;
        struct given given = { .arena = s->arena };
        size_t n = act_demands(s->arena, s->version, s->act, &demands);
        for (size_t i = 0; i < n; i++) {
                if (demands[i].untold)
                        continue;
                give_all(s, &given);
                set_terms(&given, demands[i].when, demands[i].n_when);
                meet(&given, demands, n);
                add_line(s, &given, name, true);
                for (size_t k = 0; k < demands[i].n_then; k++)
                        take_out(&given, demands[i].then[k].field->name);
                add_line(s, &given, name, false);
                s->n_demands++;
        }
}

static struct value without(struct arena *arena, const struct value *list, const struct demand *d)
{
        struct given row = { .arena = arena };
        struct value *item = arena_new(arena, struct value);
        for (size_t i = 0; i < list->list.items[0].context.n; i++)
                row.members[row.n++] = list->list.items[0].context.members[i];
        set_terms(&row, d->when, d->n_when);
        for (size_t k = 0; k < d->n_then; k++)
                take_out(&row, d->then[k].field->name);
        struct member *members = arena_new_array(arena, row.n, struct member);
        memcpy(members, row.members, row.n * sizeof(*members));
        *item = value_context(members, row.n);
        return value_list(item, 1);
}

static void try_rows(struct schemas *s, struct str name, size_t field)
{
        const struct demand *demands, *of_act;
        const struct field *list = &s->version->fields[field];
        struct given given = { .arena = s->arena };
        size_t n = list->n_items == 0 ? 0 : row_demands(s->arena, s->act, list, &demands);
        size_t n_of_act = act_demands(s->arena, s->version, s->act, &of_act);
        for (size_t i = 0; i < n; i++) {
                if (demands[i].untold)
                        continue;
                give_all(s, &given);
                meet(&given, of_act, n_of_act);
                struct value *rows = given_as(&given, list->name);
                *rows = without(s->arena, rows, &demands[i]);
                add_line(s, &given, name, false);
                s->n_demands++;
        }
}

static void add_act(struct schemas *s)
{
        struct str name =
                        str_format(s->arena, "%.*s.%.*s.%.*s", STR_FMT(s->version->procedure->name),
                                        STR_FMT(s->version->name), STR_FMT(s->act->name));
        s->members = arena_push(s->arena, s->members, s->n, sizeof(*s->members));
        s->members[s->n++] = (struct member){ name, act_schema(s->arena, s->version, s->act) };
        try_act(s, name);
        for (size_t i = 0; i < s->act->n_needs; i++)
                try_rows(s, name, s->act->needs[i]);
        for (size_t i = 0; i < s->act->n_takes; i++)
                try_rows(s, name, s->act->takes[i]);
}

static void save(const char *folder, const char *name, struct str text)
{
        char path[100];
        (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(text.p, 1, text.n, file), text.n);
        assert_int_equal(fclose(file), 0);
}

static struct str document_of(struct schemas *s)
{
        struct view components = VIEW(s->arena), document = VIEW(s->arena);
        struct buf json = BUF(s->arena);
        assert_true(value_sort_members(s->members, s->n));
        view_put(&components, "schemas", value_context(s->members, s->n));
        view_put(&document, "components", view_end(&components));
        view_put(&document, "paths", value_context(NULL, 0));
        struct value all = view_end(&document);
        value_write_json(&json, &all);
        return buf_str(&json);
}

static void test_all_definitions(void **state)
{
        (void)state;
        const char *source = getenv("PLUMBLINE_SOURCE"), *root = source != NULL ? source : ".";
        char folder[] = "/tmp/act-schema-XXXXXX";
        struct schemas s = { .arena = arena_open() };
        struct site_data data;
        struct catalogue catalogue;
        struct str problems;
        struct err err;
        s.lines = BUF(s.arena);
        assert_true(site_read_data(s.arena, str_of(root), &data, &err));
        assert_true(catalogue_load(s.arena, data.definitions, data.n_definitions, &catalogue,
                        &problems, &err));
        for (size_t p = 0; p < catalogue.n_procedures; p++)
                for (size_t v = 0; v < catalogue.procedures[p]->n_versions; v++) {
                        s.version = catalogue.procedures[p]->versions[v];
                        for (size_t a = 0; a < s.version->n_acts; a++) {
                                s.act = &s.version->acts[a];
                                add_act(&s);
                        }
                }
        print_message("# %zu acts, %zu demands\n", s.n, s.n_demands);
        assert_true(s.n_demands >= 150);
        assert_non_null(mkdtemp(folder));
        save(folder, "openapi.json", document_of(&s));
        save(folder, "answers.tsv", STR_LIT(""));
        save(folder, "acts.tsv", buf_str(&s.lines));
        int fits = system(
                        str_format(s.arena, "python3 %s/tests/json_schema.py %s", root, folder).p);
        assert_int_equal(system(str_format(s.arena, "rm -r %s", folder).p), 0);
        assert_int_equal(fits, 0);
        arena_close(&s.arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_all_definitions),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
