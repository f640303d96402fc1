/* procedure/read_feel.c - expressions of a definition, and what they may read. */
#include "procedure/read.h"

#include <assert.h>

/* ---- Names out of reach ---- */

static bool is_fixed(const struct reach *reach, size_t slot, enum fixed_name name)
{
        return slot == reach->n_fields + (size_t)name;
}

static bool is_out_of_reach(const struct reach *reach, size_t slot)
{
        if (is_fixed(reach, slot, NAME_VALUE))
                return !reach->value;
        if (is_fixed(reach, slot, NAME_EACH))
                return !reach->each;
        const struct version *v = reach->version;
        if (v == NULL || slot < version_slot_locals(v) || slot >= version_slot_did(v))
                return false;
        return !str_eq(v->locals[slot - version_slot_locals(v)], reach->local);
}

static void check_reach(struct reader *r, const struct yaml *node, const struct reach *reach,
                const struct feel_expression *expression, struct str where)
{
        size_t n;
        const size_t *slots = feel_slots_read(expression, &n);
        for (size_t i = 0; i < n; i++)
                if (is_out_of_reach(reach, slots[i]))
                        read_fault(r, node->line, "%.*s：表达式 %.*s 在这里不能用“%.*s”",
                                        STR_FMT(where), STR_FMT(node->text),
                                        STR_FMT(reach->schema->names[slots[i]].name));
}

/* ---- Compiling ---- */

const struct feel_expression *read_feel(struct reader *r, const struct yaml *node,
                const struct reach *reach, enum feel_kind expected, struct str where)
{
        assert(reach->schema != NULL);
        if (node == NULL)
                return NULL;
        if (node->kind != YAML_TEXT && node->kind != YAML_NULL) {
                read_fault(r, node->line, "%.*s：这里应是一个 FEEL 表达式", STR_FMT(where));
                return NULL;
        }
        const struct feel_expression *expression = NULL;
        struct err err;
        struct str text = node->kind == YAML_NULL ? STR_LIT("null") : node->text;
        const struct feel_type *type = expected == FEEL_ANY ? NULL : feel_type_of(expected);
        if (!feel_compile(r->arena, text, reach->schema, type, &expression, &err)) {
                read_fault(r, node->line, "%.*s：表达式 %.*s：%s（%s）", STR_FMT(where),
                                STR_FMT(text), err_text(err.code)->sentence, err.detail);
                return NULL;
        }
        check_reach(r, node, reach, expression, where);
        return expression;
}

const struct feel_expression *read_feel_at(struct reader *r, const struct yaml *map,
                const char *key, const struct reach *reach, enum feel_kind expected,
                struct str where)
{
        return read_feel(r, yaml_get(map, key), reach, expected,
                        str_format(r->arena, "%.*s 的 %s", STR_FMT(where), key));
}

const struct assignment *read_assignments(struct reader *r, const struct yaml *map, const char *key,
                const struct reach *reach, struct str where, size_t *ret_n)
{
        *ret_n = 0;
        const struct yaml *section = read_section(r, map, key, where);
        if (section == NULL)
                return NULL;
        struct assignment *rows = arena_new_array(r->arena, section->n, struct assignment);
        for (size_t i = 0; i < section->n; i++) {
                const struct yaml_pair *pair = &section->pairs[i];
                struct str place = str_format(r->arena, "%.*s 的 %s.%.*s", STR_FMT(where), key,
                                STR_FMT(pair->key));
                rows[i] = (struct assignment){
                        .name = pair->key,
                        .value = read_feel(r, &pair->value, reach, FEEL_ANY, place),
                        .source = pair->value.text,
                };
        }
        *ret_n = section->n;
        return rows;
}

const struct rule *read_rules(struct reader *r, const struct yaml *map, const char *key,
                const struct reach *reach, bool wants_basis, struct str where, size_t *ret_n)
{
        const struct yaml *items = read_rows(r, map, key, where, ret_n);
        struct rule *rules = arena_new_array(r->arena, *ret_n, struct rule);
        for (size_t i = 0; i < *ret_n; i++) {
                const struct yaml *item = &items[i];
                struct str place = str_format(
                                r->arena, "%.*s 的 %s 第 %zu 条", STR_FMT(where), key, i + 1);
                if (!read_keys(r, item, place, "that say which basis"))
                        continue;
                rules[i] = (struct rule){
                        .that = read_feel_at(r, item, "that", reach, FEEL_BOOLEAN, place),
                        .which = read_feel_at(r, item, "which", reach, FEEL_ANY, place),
                        .say = read_must(r, item, "say", place),
                        .basis = read_text(r, item, "basis", place),
                        .source = read_must(r, item, "that", place),
                };
                if (wants_basis && rules[i].basis.n == 0)
                        read_remark(r, item->line, "%.*s：没有写依据（basis）", STR_FMT(place));
        }
        return rules;
}
