#include "procedure/schema.h"

#include <assert.h>

#include "rules/decision.h"

/* The types of enum fixed_name, in its order. */
static const struct {
        const char *name, *type;
} fixed_names[N_FIXED_NAMES] = {
        [NAME_TODAY] = { "today", "date" },
        [NAME_NOW] = { "now", "date and time" },
        [NAME_STATE] = { "state", "string" },
        [NAME_FINAL] = { "final", "boolean" },
        [NAME_NUMBER] = { "number", "string" },
        [NAME_CREATED_ON] = { "created_on", "date" },
        [NAME_UNIT] = { "unit", "context" },
        [NAME_ACTOR] = { "actor", "context" },
        [NAME_CHILDREN] = { "children", "list<context>" },
        [NAME_PARENT] = { "parent", "context" },
        [NAME_SITE] = { "site",
                        "context<organ: string, prefix: string, region: string, city: string>" },
        [NAME_VALUE] = { "value", "Any" },
        [NAME_EACH] = { "each", "Any" },
};

static const char did_type[] = "context<count: number, on: date, by: string>";
static const char clock_type[] = "context<status: string, started: date, last_day: date, "
                                 "left: number, met: boolean>";

static const char *const keywords[] = {
        "if",
        "then",
        "else",
        "for",
        "in",
        "return",
        "some",
        "every",
        "satisfies",
        "and",
        "or",
        "not",
        "between",
        "instance",
        "of",
        "true",
        "false",
        "null",
        "function",
        "external",
};

static const enum feel_kind field_kinds[] = {
        [FIELD_TEXT] = FEEL_STRING,
        [FIELD_LONG_TEXT] = FEEL_STRING,
        [FIELD_INTEGER] = FEEL_NUMBER,
        [FIELD_DECIMAL] = FEEL_NUMBER,
        [FIELD_MONEY] = FEEL_NUMBER,
        [FIELD_BOOL] = FEEL_BOOLEAN,
        [FIELD_DATE] = FEEL_DATE,
        [FIELD_DATETIME] = FEEL_DATE_TIME,
        [FIELD_ENUM] = FEEL_STRING,
        [FIELD_ENUM_SET] = FEEL_LIST,
        [FIELD_IDENTIFIER] = FEEL_STRING,
        [FIELD_REF] = FEEL_STRING,
        [FIELD_STAFF] = FEEL_STRING,
        [FIELD_UNIT] = FEEL_STRING,
        [FIELD_FILE] = FEEL_STRING,
        [FIELD_LIST] = FEEL_LIST,
        [FIELD_ANY] = FEEL_ANY,
};

/* ---- Types ---- */

static const struct feel_type *parsed(struct arena *arena, const char *text)
{
        const struct feel_type *type = NULL;
        struct err err;
        bool ok = feel_type_parse(arena, str_of(text), &type, &err);
        assert(ok); /* our own texts */
        return type;
}

static const struct feel_type *list_of(struct arena *arena, const struct feel_type *item)
{
        struct feel_type *type = arena_new(arena, struct feel_type);
        *type = (struct feel_type){ .kind = FEEL_LIST, .item = item };
        return type;
}

/* A context with these fields, and `key` before them if it is not one of them. */
static const struct feel_type *context_of(
                struct arena *arena, const struct field *fields, size_t n, bool with_key)
{
        struct feel_member *members = arena_new_array(arena, n + 1, struct feel_member);
        size_t n_members = 0;
        for (size_t i = 0; i < n; i++) {
                members[n_members++] = (struct feel_member){ fields[i].name,
                        schema_field_type(arena, &fields[i]) };
                with_key = with_key && !str_is(fields[i].name, "key");
        }
        if (with_key)
                members[n_members++] =
                                (struct feel_member){ STR_LIT("key"), feel_type_of(FEEL_STRING) };
        struct feel_type *type = arena_new(arena, struct feel_type);
        *type = (struct feel_type){
                .kind = FEEL_CONTEXT, .members = members, .n_members = n_members
        };
        return type;
}

const struct feel_type *schema_field_type(struct arena *arena, const struct field *field)
{
        if (field->type == FIELD_LIST && field->n_items != 0)
                return list_of(arena, context_of(arena, field->items, field->n_items, false));
        if (field->type == FIELD_LIST || field->type == FIELD_ENUM_SET)
                return list_of(arena, feel_type_of(FEEL_STRING));
        return feel_type_of(field_kinds[field->type]);
}

const struct feel_type *schema_value_type(const struct value *value)
{
        switch (value->kind) {
        case VALUE_BOOL:
                return feel_type_of(FEEL_BOOLEAN);
        case VALUE_NUMBER:
                return feel_type_of(FEEL_NUMBER);
        case VALUE_STRING:
                return feel_type_of(FEEL_STRING);
        case VALUE_DATE:
                return feel_type_of(FEEL_DATE);
        case VALUE_LIST:
                return feel_type_of(FEEL_LIST);
        default:
                return feel_type_of(FEEL_ANY);
        }
}

bool schema_is_keyword(struct str name)
{
        for (size_t i = 0; i < N_ELEMENTS(keywords); i++)
                if (str_is(name, keywords[i]))
                        return true;
        return false;
}

bool schema_is_reserved(struct str name)
{
        for (size_t i = 0; i < N_ELEMENTS(fixed_names); i++)
                if (str_is(name, fixed_names[i].name))
                        return true;
        return schema_is_keyword(name) || str_is(name, "did") || str_is(name, "clock") ||
               str_is(name, "before");
}

/* ---- Names ---- */

struct names_writer {
        struct arena *arena;
        struct feel_member *members;
        size_t n;
};

static void add(struct names_writer *w, struct str name, const struct feel_type *type)
{
        w->members[w->n++] = (struct feel_member){ name, type };
}

static void add_dotted(struct names_writer *w, const char *first, struct str name,
                const struct feel_type *type)
{
        add(w, str_format(w->arena, "%s.%.*s", first, STR_FMT(name)), type);
}

static void add_fields(struct names_writer *w, const struct field *fields, size_t n)
{
        for (size_t i = 0; i < n; i++)
                add(w, fields[i].name, schema_field_type(w->arena, &fields[i]));
}

static void add_fixed(struct names_writer *w)
{
        for (size_t i = 0; i < N_FIXED_NAMES; i++)
                add(w, str_of(fixed_names[i].name), parsed(w->arena, fixed_names[i].type));
}

static void add_lookups(
                struct names_writer *w, const struct version *v, const struct catalogue *catalogue)
{
        for (size_t i = 0; i < v->n_lookups; i++) {
                const struct reg *reg = catalogue_register(catalogue, v->lookups[i].reg);
                add(w, v->lookups[i].name,
                                reg == NULL ? feel_type_of(FEEL_ANY)
                                            : context_of(w->arena, reg->fields, reg->n_fields,
                                                              true));
        }
}

static void add_acts_and_clocks(struct names_writer *w, const struct version *v)
{
        const struct feel_type *did = parsed(w->arena, did_type);
        const struct feel_type *clock = parsed(w->arena, clock_type);
        for (size_t i = 0; i < v->n_acts; i++)
                add_dotted(w, "did", v->acts[i].name, did);
        for (size_t i = 0; i < v->n_clocks; i++)
                add_dotted(w, "clock", v->clocks[i].name, clock);
}

/* ---- Functions ---- */

/* A table of the definition, called by its name: its decision is self->data. */
static bool call_table(const struct feel_host *self, void *user, struct arena *arena,
                const struct value *args, size_t n_args, struct value *ret, struct err *err)
{
        const struct decision *decision = self->data;
        struct decision_result result;
        (void)user;
        assert(n_args == decision_table_of(decision)->n_inputs);
        if (!decision_apply(arena, decision, args, NULL, &result, err))
                return false;
        *ret = result.value;
        return true;
}

static struct feel_host host_of_table(struct arena *arena, const struct table *table)
{
        const struct decision_table *t = decision_table_of(table->decision);
        struct buf params = BUF(arena);
        for (size_t i = 0; i < t->n_inputs; i++) {
                buf_c(&params, i != 0 ? ", " : "");
                buf_str_add(&params, feel_type_format(arena, t->inputs[i].type));
        }
        return (struct feel_host){
                .name = str_c(arena, table->name),
                .params = str_c(arena, buf_str(&params)),
                .result = str_c(arena, feel_type_format(arena, decision_type(table->decision))),
                .call = call_table,
                .data = table->decision,
        };
}

static void add_hosts(struct arena *arena, const struct version *v, struct feel_schema *schema)
{
        struct feel_host *hosts =
                        arena_new_array(arena, n_procedure_hosts + v->n_tables, struct feel_host);
        for (size_t i = 0; i < n_procedure_hosts; i++)
                hosts[schema->n_hosts++] = procedure_hosts[i];
        for (size_t i = 0; i < v->n_tables; i++)
                hosts[schema->n_hosts++] = host_of_table(arena, &v->tables[i]);
        schema->hosts = hosts;
}

const struct feel_schema *schema_of_version(
                struct arena *arena, const struct version *v, const struct catalogue *catalogue)
{
        struct names_writer w = { .arena = arena,
                .members = arena_new_array(arena, version_n_slots(v), struct feel_member) };
        add_fields(&w, v->fields, v->n_fields);
        add_fixed(&w);
        add_lookups(&w, v, catalogue);
        for (size_t i = 0; i < v->n_parameters; i++)
                add(&w, v->parameters[i].name, schema_value_type(&v->parameters[i].value));
        for (size_t i = 0; i < v->n_locals; i++)
                add(&w, v->locals[i], feel_type_of(FEEL_ANY));
        add_acts_and_clocks(&w, v);
        for (size_t i = 0; i < v->n_fields; i++)
                add_dotted(&w, "before", v->fields[i].name, w.members[i].type);
        assert(w.n == version_n_slots(v));

        struct feel_schema *schema = arena_new(arena, struct feel_schema);
        *schema = (struct feel_schema){ .names = w.members, .n_names = w.n };
        add_hosts(arena, v, schema);
        return schema;
}

const struct feel_schema *schema_of_register(struct arena *arena, const struct reg *reg)
{
        struct names_writer w = { .arena = arena,
                .members = arena_new_array(
                                arena, reg->n_fields + N_FIXED_NAMES, struct feel_member) };
        add_fields(&w, reg->fields, reg->n_fields);
        add_fixed(&w);
        struct feel_schema *schema = arena_new(arena, struct feel_schema);
        *schema = (struct feel_schema){ .names = w.members,
                .n_names = w.n,
                .hosts = procedure_hosts,
                .n_hosts = n_procedure_hosts };
        return schema;
}

const struct feel_schema *schema_with_parameters(struct arena *arena,
                const struct feel_schema *schema, const struct parameter *parameters, size_t n)
{
        struct feel_schema *wider = arena_new(arena, struct feel_schema);
        struct feel_member *names = arena_new_array(arena, schema->n_names + n, struct feel_member);
        for (size_t i = 0; i < schema->n_names; i++)
                names[i] = schema->names[i];
        for (size_t i = 0; i < n; i++)
                names[schema->n_names + i] = (struct feel_member){ parameters[i].name,
                        schema_value_type(&parameters[i].value) };
        *wider = *schema;
        wider->names = names;
        wider->n_names = schema->n_names + n;
        return wider;
}
