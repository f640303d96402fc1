/* What the rules of an act demand to be given: of a small definition, in words; and of all
 * definitions of this folder, that whoever does not meet a demand is refused by its rule. */
#include "procedure/test_decide.h"

#include <glob.h>
#include <stdlib.h>

#include "procedure/demand.h"
#include "procedure/scope.h"

/* ---- In words ---- */

static const char small[] =
                "procedure: small\n"
                "label: 小件\n"
                "visible: always\n"
                "versions:\n"
                "  - version: A\n"
                "    effective: 2020-01-01\n"
                "    law: 测试法\n"
                "    number: '测〔{year}〕{n:3}号'\n"
                "    title: subject\n"
                "    fields:\n"
                "      subject: {label: 事由, type: text, class: public}\n"
                "      kind: {label: 类别, type: enum, options: [甲, 乙, 丙]}\n"
                "      way: {label: 方式, type: enum, options: [寄, 取]}\n"
                "      fast: {label: 加急, type: bool}\n"
                "      size: {label: 数, type: integer}\n"
                "      note: {label: 说明, type: text}\n"
                "      why: {label: 理由, type: text}\n"
                "      who: {label: 何人, type: text}\n"
                "      on: {label: 日期, type: date}\n"
                "      rows: {label: 明细, type: list, item: {name: {label: 名, type: text}, ok: {label: 是否, type: bool}, say: {label: 话, type: text}}}\n"
                "    states: {open: 办理中, done: {label: 办结, final: true}}\n"
                "    acts:\n"
                "      begin: {label: 登记, by: clerk, from: new, to: open, needs: [subject, way, fast], takes: [kind, size, note, why, who, on, rows],\n"
                "              require: [%s]}\n"
                "      again: {label: 再办, by: clerk, from: open, takes: [kind, note, who], set: {why: note},\n"
                "              require: [%s]}\n"
                "      last: {label: 办结, by: clerk, from: open, to: done}\n";

static void say_terms(
                struct buf *buf, const struct demand_term *terms, size_t n, const char *between)
{
        for (size_t i = 0; i < n; i++) {
                buf_c(buf, i == 0 ? "" : between);
                buf_str_add(buf, terms[i].field->name);
                for (size_t k = 0; k < terms[i].n_among; k++) {
                        buf_c(buf, k == 0 ? "=" : "/");
                        buf_str_add(buf, value_text(buf->arena, &terms[i].among[k]));
                }
        }
}

/* "kind=甲 fast=true -> note or why"; "? note" is one that only the rule's words tell. */
static const char *in_words(struct arena *arena, const struct demand *demands, size_t n)
{
        struct buf buf = BUF(arena);
        for (size_t i = 0; i < n; i++) {
                buf_c(&buf, i == 0 ? "" : "; ");
                buf_c(&buf, demands[i].untold ? "? " : "");
                say_terms(&buf, demands[i].when, demands[i].n_when, " ");
                buf_c(&buf, demands[i].n_when != 0 ? " -> " : "");
                say_terms(&buf, demands[i].then, demands[i].n_then, " or ");
        }
        return str_c(arena, buf_str(&buf));
}

struct row {
        const char *why, *that, *demands;
};

static const struct row of_begin[] = {
        { "one value", "kind != \"甲\" or note != null", "kind=甲 -> note" },
        { "the other way round", "null != note or \"甲\" != kind", "kind=甲 -> note" },
        { "as if", "if kind = \"甲\" then note != null else true", "kind=甲 -> note" },
        { "and else", "if kind = \"甲\" then note != null else why != null",
                        "kind=甲 -> note; kind=甲 or why" },
        { "what is always given is turned round",
                        "if way = \"寄\" then note != null else why != null",
                        "way=寄 -> note; way=取 -> why" },
        { "two values", "if kind = \"甲\" or kind = \"乙\" then note != null else true",
                        "kind=甲 -> note; kind=乙 -> note" },
        { "one of a list", "not(kind in (\"甲\", \"乙\")) or note != null", "kind=甲/乙 -> note" },
        { "all but one", "kind = null or kind = \"甲\" or note != null", "kind=乙/丙 -> note" },
        { "all but one of what is given", "way = \"寄\" or note != null", "way=取 -> note" },
        { "a truth", "fast or note != null", "fast=否 -> note" },
        { "no truth", "not(fast) or note != null", "fast=是 -> note" },
        { "no truth, compared", "fast != true or note != null", "fast=是 -> note" },
        { "another field", "note = null or why != null", "note -> why" },
        { "two demands", "kind != \"甲\" or (note != null and on <= today)",
                        "kind=甲 -> note; kind=甲 -> on" },
        { "either will do", "kind != \"甲\" or note != null or why != null",
                        "kind=甲 -> note or why" },
        { "always", "note != null", "note" },
        { "always one", "note != null or why != null", "note or why" },
        { "of two conditions", "kind != \"甲\" or way != \"寄\" or note != null",
                        "kind=甲 way=寄 -> note" },
        { "compared", "size >= 3", "size" },
        { "counted", "kind != \"甲\" or count(rows) > 0", "kind=甲 -> rows" },
        { "a list that is walked", "every r in rows satisfies r.ok", "rows" },
        { "a list of which there is one", "some r in rows satisfies r.ok", "rows" },
        { "a list that may be none", "rows = null or (every r in rows satisfies r.ok)", "" },
        { "a text is compared as it was typed", "who != \"某\" or note != null", "? note" },
        { "a number has many spellings", "size = 0 or note != null", "? size or note" },
        { "the calendar decides", "today < date(2030, 1, 1) or note != null", "? note" },
        { "the actor decides", "actor.id != \"x\" or note != null", "? note" },
        { "what a function says of it", "kind != \"甲\" or identifier_ok(\"mobile\", note)", "" },
        { "what it must not be", "kind != \"甲\"", "" },
        { "what must not be given", "kind != \"甲\" or note = null", "" },
        { "nothing that could be left out", "way != \"寄\" or subject != null", "" },
        { "given or not", "note = null or note != null", "" },
        { "not both at once", "kind != \"甲\" or kind != \"乙\" or note != null", "" },
};

/* `begin` may have given kind, note and who; why is computed. */
static const struct row of_again[] = {
        { "may stand from before", "note != null", "? note" },
        { "may stand from before, under a condition", "kind != \"甲\" or note != null", "? note" },
        { "not given here", "fast or note != null", "? note" },
        { "computed here", "why != null", "" },
};

static const struct row of_rows[] = {
        { "every row", "every r in rows satisfies r.name != null", "name" },
        { "under a condition", "every r in rows satisfies r.ok or r.say != null", "ok=是 or say" },
        { "not where it is so", "every r in rows satisfies not(r.ok = true) or r.say != null",
                        "ok=是 -> say" },
        { "where there are rows", "rows = null or (every r in rows satisfies r.name != null)",
                        "name" },
        { "beside something else", "fast or (every r in rows satisfies r.name != null)", "? name" },
        { "of some", "some r in rows satisfies r.name != null", "" },
};

static const struct version *version_with(struct arena *arena, struct catalogue *catalogue,
                const char *begin, const char *again)
{
        struct str problems;
        struct err err;
        char *text = arena_alloc(arena, sizeof(small) + 1000);
        struct str rules[2];
        for (int i = 0; i < 2; i++)
                rules[i] = str_format(arena, "{that: '%s', say: 不行, basis: 测试法 第一条}",
                                i == 0 ? begin : again);
        (void)snprintf(text, sizeof(small) + 1000, small, str_c(arena, rules[0]),
                        str_c(arena, rules[1]));
        const struct definition_source source = { STR_LIT("procedures/small.yaml"), str_of(text) };
        if (!catalogue_load(arena, &source, 1, catalogue, &problems, &err))
                fail_msg("%s: %.*s", begin, STR_FMT(problems));
        return catalogue->procedures[0]->versions[0];
}

static void test_in_words(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        struct catalogue catalogue;
        const struct demand *demands;
        for (size_t i = 0; i < N_ELEMENTS(of_begin); i++) {
                const struct version *v = version_with(arena, &catalogue, of_begin[i].that, "true");
                size_t n = act_demands(arena, v, &v->acts[0], &demands);
                const char *words = in_words(arena, demands, n);
                if (strcmp(words, of_begin[i].demands) != 0)
                        fail_msg("%s: %s", of_begin[i].why, words);
        }
        for (size_t i = 0; i < N_ELEMENTS(of_again); i++) {
                const struct version *v = version_with(arena, &catalogue, "true", of_again[i].that);
                size_t n = act_demands(arena, v, &v->acts[1], &demands);
                const char *words = in_words(arena, demands, n);
                if (strcmp(words, of_again[i].demands) != 0)
                        fail_msg("%s: %s", of_again[i].why, words);
        }
        for (size_t i = 0; i < N_ELEMENTS(of_rows); i++) {
                const struct version *v = version_with(arena, &catalogue, of_rows[i].that, "true");
                const struct field *rows = &v->fields[version_field(v, STR_LIT("rows"))];
                size_t n = row_demands(arena, &v->acts[0], rows, &demands);
                const char *words = in_words(arena, demands, n);
                if (strcmp(words, of_rows[i].demands) != 0)
                        fail_msg("%s: %s", of_rows[i].why, words);
        }
        arena_close(&arena);
}

/* ---- All definitions ---- */

struct trial {
        struct arena *arena;
        const struct version *version;
        const struct act *act;
        struct value *fields;
        struct scope scope;
        uint32_t random;
        size_t n_told, n_untold;
};

static uint32_t throw_of(struct trial *t, uint32_t n)
{
        t->random = t->random * 1664525u + 1013904223u;
        return (t->random >> 8) % n;
}

static struct value sample(struct trial *t, const struct field *field);

static struct value sample_row(struct trial *t, const struct field *list)
{
        struct member *members = arena_new_array(t->arena, list->n_items, struct member);
        for (size_t i = 0; i < list->n_items; i++)
                members[i] = (struct member){ list->items[i].name,
                        throw_of(t, 3) == 0 ? value_null() : sample(t, &list->items[i]) };
        bool unique = value_sort_members(members, list->n_items);
        assert_true(unique);
        return value_context(members, list->n_items);
}

static struct value sample_list(struct trial *t, const struct field *field)
{
        size_t n = 1 + throw_of(t, 3);
        struct value *items = arena_new_array(t->arena, n, struct value);
        for (size_t i = 0; i < n; i++) {
                items[i] = value_string(STR_LIT("x"));
                if (field->type == FIELD_ENUM_SET && field->n_options > 0)
                        items[i] = value_string(
                                        field->options[throw_of(t, (uint32_t)field->n_options)]
                                                        .key);
                if (field->n_items > 0)
                        items[i] = sample_row(t, field);
        }
        return value_list(items, n);
}

static struct value sample(struct trial *t, const struct field *field)
{
        struct date day = { 18600 + (int32_t)throw_of(t, 400) };
        switch (field->type) {
        case FIELD_INTEGER:
        case FIELD_DECIMAL:
        case FIELD_MONEY:
                return value_int(throw_of(t, 2) == 0 ? 0 : throw_of(t, 100));
        case FIELD_BOOL:
                return value_bool(throw_of(t, 2) == 0);
        case FIELD_DATE:
                return value_date(day);
        case FIELD_DATETIME:
                return value_moment(moment_of(day, 9, 0, 0));
        case FIELD_ENUM:
                if (field->n_options > 0)
                        return value_string(field->options[throw_of(t, (uint32_t)field->n_options)]
                                                            .key);
                return value_string(STR_LIT("x"));
        case FIELD_LIST:
        case FIELD_ENUM_SET:
                return sample_list(t, field);
        default:
                return value_string(STR_LIT("x"));
        }
}

static struct value one_of(struct trial *t, const struct demand_term *term)
{
        return term->n_among == 0 ? sample(t, term->field)
                                  : term->among[throw_of(t, (uint32_t)term->n_among)];
}

static void must_refuse(struct trial *t, const struct demand *demand)
{
        struct err err;
        bool holds;
        scope_changed(&t->scope);
        if (!scope_holds(&t->scope, demand->rule->that, &holds, &err))
                return; /* an evaluation that ends at a limit is refused as well */
        if (holds)
                fail_msg("%.*s %.*s.%.*s: %.*s holds, against %s",
                                STR_FMT(t->version->procedure->name), STR_FMT(t->version->name),
                                STR_FMT(t->act->name), STR_FMT(demand->rule->source),
                                in_words(t->arena, demand, 1));
}

static void fill(struct trial *t)
{
        for (size_t i = 0; i < t->version->n_fields; i++)
                t->fields[i] = throw_of(t, 3) == 0 ? value_null()
                                                   : sample(t, &t->version->fields[i]);
}

/* Whatever else is given. */
static void try_act(struct trial *t, const struct demand *demand)
{
        const struct field *first = t->version->fields;
        for (int round = 0; round < 20; round++) {
                fill(t);
                for (size_t i = 0; i < demand->n_then; i++)
                        t->fields[demand->then[i].field - first] = value_null();
                for (size_t i = 0; i < demand->n_when; i++)
                        t->fields[demand->when[i].field - first] = one_of(t, &demand->when[i]);
                must_refuse(t, demand);
        }
}

static void set_member(struct value *row, struct str name, struct value value)
{
        for (size_t i = 0; i < row->context.n; i++)
                if (str_eq(row->context.members[i].name, name))
                        ((struct member *)row->context.members)[i].value = value;
}

static void try_row(struct trial *t, const struct field *list, const struct demand *demand)
{
        struct value *given = &t->fields[list - t->version->fields];
        for (int round = 0; round < 20; round++) {
                fill(t);
                *given = sample_list(t, list);
                struct value *row = (struct value *)&given->list
                                                    .items[throw_of(t, (uint32_t)given->list.n)];
                for (size_t i = 0; i < demand->n_then; i++)
                        set_member(row, demand->then[i].field->name, value_null());
                for (size_t i = 0; i < demand->n_when; i++)
                        set_member(row, demand->when[i].field->name, one_of(t, &demand->when[i]));
                t->scope.value = given;
                must_refuse(t, demand);
        }
        t->scope.value = NULL;
}

static void count(struct trial *t, const struct demand *demand)
{
        t->n_told += !demand->untold;
        t->n_untold += demand->untold;
}

static bool is_taken(const struct act *act, size_t field)
{
        for (size_t i = 0; i < act->n_needs; i++)
                if (act->needs[i] == field)
                        return true;
        for (size_t i = 0; i < act->n_takes; i++)
                if (act->takes[i] == field)
                        return true;
        return false;
}

static void try_all(struct trial *t)
{
        const struct demand *demands;
        size_t n = act_demands(t->arena, t->version, t->act, &demands);
        for (size_t i = 0; i < n; i++) {
                count(t, &demands[i]);
                if (!demands[i].untold)
                        try_act(t, &demands[i]);
        }
        for (size_t f = 0; f < t->version->n_fields; f++) {
                const struct field *list = &t->version->fields[f];
                n = !is_taken(t->act, f) ? 0 : row_demands(t->arena, t->act, list, &demands);
                for (size_t i = 0; i < n; i++) {
                        count(t, &demands[i]);
                        if (!demands[i].untold)
                                try_row(t, list, &demands[i]);
                }
        }
}

static struct str read_whole(struct arena *arena, const char *path)
{
        FILE *file = fopen(path, "rb");
        assert_non_null(file);
        char *text = arena_alloc(arena, 1 << 20);
        size_t n = fread(text, 1, 1 << 20, file);
        assert_int_equal(fclose(file), 0);
        return (struct str){ text, n };
}

static void load_all(struct world *world)
{
        static const char *const rooms[] = { "procedures", "registers", "indicators", "reports" };
        const char *root = getenv("PLUMBLINE_SOURCE");
        struct definition_source *sources =
                        arena_new_array(world->arena, 500, struct definition_source);
        struct str problems;
        struct err err;
        size_t n = 0;
        for (size_t i = 0; i < N_ELEMENTS(rooms); i++) {
                glob_t found;
                struct str pattern = str_format(
                                world->arena, "%s/%s/*.yaml", root != NULL ? root : ".", rooms[i]);
                assert_int_equal(glob(str_c(world->arena, pattern), 0, NULL, &found), 0);
                for (size_t k = 0; k < found.gl_pathc && n < 500; k++, n++)
                        sources[n] = (struct definition_source){
                                str_copy(world->arena, str_of(found.gl_pathv[k])),
                                read_whole(world->arena, found.gl_pathv[k])
                        };
                globfree(&found);
        }
        if (!catalogue_load(world->arena, sources, n, &world->catalogue, &problems, &err))
                fail_msg("%.*s", STR_FMT(problems));
}

static void test_what_is_demanded_is_refused(void **state)
{
        struct world *world = *state;
        struct trial t = { .random = 1 };
        set_time(world, "2021-03-01 09:00");
        load_all(world);
        const struct actor clerk = actor_of("clerk1");
        for (size_t p = 0; p < world->catalogue.n_procedures; p++) {
                const struct procedure *procedure = world->catalogue.procedures[p];
                for (size_t v = 0; v < procedure->n_versions; v++) {
                        t.version = procedure->versions[v];
                        for (size_t a = 0; a < t.version->n_acts; a++) {
                                t.arena = arena_open();
                                t.act = &t.version->acts[a];
                                t.fields = arena_new_array(
                                                t.arena, t.version->n_fields, struct value);
                                t.scope = scope_of(t.arena, t.version, NULL, &world->now);
                                t.scope.fields = t.fields;
                                t.scope.actor = &clerk;
                                try_all(&t);
                                arena_close(&t.arena);
                        }
                }
        }
        print_message("# %zu demands are told, %zu in words\n", t.n_told, t.n_untold);
        assert_true(t.n_told >= 150);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_in_words),
                cmocka_unit_test_setup_teardown(
                                test_what_is_demanded_is_refused, world_open, world_close),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
