/* procedure/read_register.c - a register file (名录/清单). */
#include "procedure/read_file.h"

#include "base/limits.h"
#include "procedure/schema.h"

static const char register_keys[] = "register label key keepers public fields ends puts alone";

/* Where the key has no field of its own, it gets one: first, and as text. */
static void add_key_field(struct reader *r, struct reg *reg)
{
        for (size_t i = 0; i < reg->n_fields; i++)
                if (str_eq(reg->fields[i].name, reg->key))
                        return;
        struct field *fields = arena_new_array(r->arena, reg->n_fields + 1, struct field);
        fields[0] = (struct field){
                .name = reg->key,
                .label = STR_LIT("编号"),
                .type = FIELD_TEXT,
                .class = reg->public ? CLASS_PUBLIC : CLASS_INTERNAL,
                .max_length = LIMIT_KEY_BYTES,
        };
        for (size_t i = 0; i < reg->n_fields; i++)
                fields[i + 1] = reg->fields[i];
        reg->fields = fields;
        reg->n_fields++;
}

static void check_key_type(struct reader *r, const struct reg *reg, int line)
{
        for (size_t i = 0; i < reg->n_fields; i++) {
                const struct field *field = &reg->fields[i];
                if (str_eq(field->name, reg->key) &&
                                schema_field_type(r->arena, field)->kind != FEEL_STRING)
                        read_fault(r, line, "名录 %.*s：键字段“%.*s”应是文字类型",
                                        STR_FMT(reg->name), STR_FMT(reg->key));
        }
}

static void check_field_names(struct reader *r, const struct yaml *fields)
{
        for (size_t i = 0; fields != NULL && i < fields->n; i++)
                if (schema_is_keyword(fields->pairs[i].key))
                        read_fault(r, fields->pairs[i].line,
                                        "字段“%.*s”与 FEEL 关键字相同，"
                                        "请换一个名称",
                                        STR_FMT(fields->pairs[i].key));
}

static const struct str *read_alone(
                struct reader *r, const struct yaml *root, struct reg *reg, struct str where)
{
        const struct yaml *items = read_list(r, root, "alone", where, &reg->n_alone);
        struct str *names = arena_new_array(r->arena, reg->n_alone, struct str);
        for (size_t i = 0; i < reg->n_alone; i++) {
                bool known = false;
                names[i] = items[i].text;
                for (size_t k = 0; k < reg->n_fields; k++)
                        known |= str_eq(reg->fields[k].name, names[i]);
                if (!known)
                        read_fault(r, items[i].line, "%.*s 的 alone：没有字段“%.*s”",
                                        STR_FMT(where), STR_FMT(names[i]));
        }
        return names;
}

const struct reg *read_register(struct reader *r, const struct yaml *root, struct str source)
{
        struct reg *reg = arena_new(r->arena, struct reg);
        read_keys(r, root, STR_LIT("名录"), register_keys);
        reg->name = read_must(r, root, "register", STR_LIT("名录"));
        struct str where = str_format(r->arena, "名录 %.*s", STR_FMT(reg->name));
        read_name(r, reg->name, root->line, where);
        reg->label = read_must(r, root, "label", where);
        reg->key = read_must(r, root, "key", where);
        read_name(r, reg->key, root->line, where);
        reg->keepers = read_role_names(r, root, "keepers", where, &reg->n_keepers);
        if (yaml_get(root, "keepers") == NULL)
                read_fault(r, root->line, "%.*s：缺少 keepers（没有就写 []）", STR_FMT(where));
        reg->public = read_bool(r, root, "public", where);
        reg->source = source;

        const struct yaml *fields = read_section(r, root, "fields", where);
        reg->fields = read_fields(r, fields, where, &reg->n_fields);
        if (reg->n_fields == 0)
                read_fault(r, root->line, "%.*s：缺少 fields", STR_FMT(where));
        check_field_names(r, fields);
        check_key_type(r, reg, root->line);
        add_key_field(r, reg);
        reg->schema = schema_of_register(r->arena, reg);
        struct reach reach = { .schema = reg->schema, .n_fields = reg->n_fields };
        read_checks(r, fields, &reach, (struct field *)reg->fields, reg->n_fields);
        reg->ends = read_rules(r, root, "ends", &reach, false, where, &reg->n_ends);
        reg->puts = read_rules(r, root, "puts", &reach, false, where, &reg->n_puts);
        reg->alone = read_alone(r, root, reg, where);
        return reg;
}
