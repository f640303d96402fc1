/* procedure/read_fields.c - the fields of versions and registers, and parameters. */
#include "procedure/read.h"

#include <assert.h>

#include "base/limits.h"
#include "screen/identifier.h"

#define TEXT_DEFAULT      500
#define LONG_TEXT_DEFAULT 20000

static const char field_keys[] =
                "label type max min class mask help options register item check required";

/* A row for every type word; identifiers are asked of screen/. */
static const struct {
        const char *word;
        enum field_type type;
} types[] = {
        { "text", FIELD_TEXT },
        { "long_text", FIELD_LONG_TEXT },
        { "integer", FIELD_INTEGER },
        { "decimal", FIELD_DECIMAL },
        { "money", FIELD_MONEY },
        { "bool", FIELD_BOOL },
        { "date", FIELD_DATE },
        { "datetime", FIELD_DATETIME },
        { "enum", FIELD_ENUM },
        { "enum_set", FIELD_ENUM_SET },
        { "ref", FIELD_REF },
        { "staff", FIELD_STAFF },
        { "unit", FIELD_UNIT },
        { "file", FIELD_FILE },
        { "list", FIELD_LIST },
        { "any", FIELD_ANY },
};

const char *field_type_word(enum field_type type)
{
        for (size_t i = 0; i < N_ELEMENTS(types); i++)
                if (types[i].type == type)
                        return types[i].word;
        return "identifier";
}

/* Which keys only some types may have. */
static const struct {
        const char *key;
        unsigned types; /* bits of enum field_type */
} type_keys[] = {
        { "min", 1u << FIELD_INTEGER | 1u << FIELD_DECIMAL | 1u << FIELD_MONEY },
        { "max", 1u << FIELD_INTEGER | 1u << FIELD_DECIMAL | 1u << FIELD_MONEY | 1u << FIELD_TEXT |
                                        1u << FIELD_LONG_TEXT },
        { "options", 1u << FIELD_ENUM | 1u << FIELD_ENUM_SET },
        { "register", 1u << FIELD_REF },
        { "item", 1u << FIELD_LIST },
};

static bool is_identifier_type(struct str word)
{
        enum identifier_kind kind;
        return identifier_kind_of(word, &kind) && kind != IDENTIFIER_NAME &&
               kind != IDENTIFIER_ADDRESS;
}

static void read_type(
                struct reader *r, const struct yaml *node, struct field *field, struct str where)
{
        struct str word = read_must(r, node, "type", where);
        struct str known[N_ELEMENTS(types) + N_IDENTIFIER_KINDS];
        size_t n = 0;
        for (size_t i = 0; i < N_ELEMENTS(types); i++) {
                known[n++] = str_of(types[i].word);
                if (!str_is(word, types[i].word))
                        continue;
                field->type = types[i].type;
                return;
        }
        for (int kind = 0; kind < N_IDENTIFIER_KINDS; kind++)
                known[n++] = str_of(identifier_name((enum identifier_kind)kind));
        if (is_identifier_type(word)) {
                field->type = FIELD_IDENTIFIER;
                field->identifier = word;
        } else if (word.n != 0) {
                struct names among = { known, n };
                struct str hint = read_suggestion(r, word, &among);
                read_fault(r, yaml_get(node, "type")->line, "%.*s：不认识的类型“%.*s”%.*s",
                                STR_FMT(where), STR_FMT(word), STR_FMT(hint));
        }
}

/* The posts of the file of roles. Definitions without such a file know no names: any text. */
static void take_roles(const struct reader *r, struct field *field)
{
        field->options = r->catalogue->roles;
        field->n_options = r->catalogue->n_roles;
        if (field->n_options == 0)
                field->type = field->type == FIELD_ENUM ? FIELD_TEXT : FIELD_LIST;
}

static void read_options(
                struct reader *r, const struct yaml *node, struct field *field, struct str where)
{
        const struct yaml *list = yaml_get(node, "options");
        if (list != NULL && list->kind == YAML_TEXT && str_is(list->text, "roles")) {
                take_roles(r, field);
                return;
        }
        if (list == NULL || list->n == 0 || list->kind == YAML_TEXT) {
                read_fault(r, node->line, "%.*s：枚举没有选项（options）", STR_FMT(where));
                return;
        }
        struct option *options = arena_new_array(r->arena, list->n, struct option);
        for (size_t i = 0; i < list->n; i++) {
                const struct yaml *label =
                                list->kind == YAML_MAP ? &list->pairs[i].value : &list->items[i];
                if (label->kind != YAML_TEXT)
                        read_fault(r, label->line, "%.*s：选项应是一段文字", STR_FMT(where));
                options[i].label = label->text;
                options[i].key = list->kind == YAML_MAP ? list->pairs[i].key : label->text;
                for (size_t j = 0; j < i; j++)
                        if (str_eq(options[j].key, options[i].key))
                                read_fault(r, label->line, "%.*s：选项“%.*s”重复", STR_FMT(where),
                                                STR_FMT(options[i].key));
        }
        field->options = options;
        field->n_options = list->n;
}

static bool is_number(enum field_type type)
{
        return type == FIELD_INTEGER || type == FIELD_DECIMAL || type == FIELD_MONEY;
}

static bool read_bound(struct reader *r, const struct yaml *node, const char *key,
                struct decimal *ret, struct str where)
{
        struct str text = read_text(r, node, key, where);
        struct err err;
        if (text.n == 0)
                return false;
        if (decimal_parse(text, ret, &err))
                return true;
        read_fault(r, yaml_get(node, key)->line, "%.*s：%s 应是一个数", STR_FMT(where), key);
        return false;
}

static void read_bounds(
                struct reader *r, const struct yaml *node, struct field *field, struct str where)
{
        if (is_number(field->type)) {
                field->has_min = read_bound(r, node, "min", &field->min, where);
                field->has_max = read_bound(r, node, "max", &field->max, where);
                if (field->has_min && field->has_max && decimal_cmp(field->min, field->max) > 0)
                        read_fault(r, node->line, "%.*s：min 大于 max", STR_FMT(where));
                return;
        }
        int64_t usual = field->type == FIELD_LONG_TEXT ? LONG_TEXT_DEFAULT : TEXT_DEFAULT;
        bool is_text = field->type == FIELD_TEXT || field->type == FIELD_LONG_TEXT;
        field->max_length = is_text ? read_int(r, node, "max", usual, 1, LIMIT_FIELD_BYTES, where)
                                    : usual;
}

static void read_class(struct reader *r, const struct yaml *node, struct field *field,
                enum field_class usual, struct str where)
{
        static const enum field_class classes[] = { CLASS_INTERNAL, CLASS_PUBLIC, CLASS_PUBLISHED,
                CLASS_PERSONAL };
        field->class = usual;
        if (yaml_get(node, "class") != NULL)
                field->class = classes[read_word(
                                r, node, "class", "internal public published personal", where)];
        bool open = field->class == CLASS_PUBLIC || field->class == CLASS_PUBLISHED;
        if (open && (str_is(field->identifier, "resident_id") ||
                                    str_is(field->identifier, "bank_card") ||
                                    str_is(field->identifier, "passport")))
                read_fault(r, node->line, "%.*s：%.*s 不能公开，应为 class: personal",
                                STR_FMT(where), STR_FMT(field->identifier));
}

static void check_type_keys(
                struct reader *r, const struct yaml *node, enum field_type type, struct str where)
{
        for (size_t i = 0; i < N_ELEMENTS(type_keys); i++) {
                const struct yaml *value = yaml_get(node, type_keys[i].key);
                if (value != NULL && (type_keys[i].types & 1u << type) == 0)
                        read_fault(r, value->line, "%.*s：这种类型没有 %s", STR_FMT(where),
                                        type_keys[i].key);
        }
}

static const struct field *read_items(struct reader *r, const struct yaml *map,
                enum field_class usual, struct str where, size_t *ret_n);

/* How far a field may be shown: the smaller, the wider. */
static int closeness(enum field_class class)
{
        static const int order[] = { [CLASS_PUBLIC] = 0,
                [CLASS_PUBLISHED] = 1,
                [CLASS_INTERNAL] = 2,
                [CLASS_PERSONAL] = 3 };
        return order[class];
}

static void read_list_items(
                struct reader *r, const struct yaml *node, struct field *field, struct str where)
{
        const struct yaml *map = read_section(r, node, "item", where);
        if (map == NULL)
                return;
        field->items = read_items(r, map, field->class, where, &field->n_items);
        for (size_t i = 0; i < field->n_items; i++) /* the array is ours until it is handed out */
                ((struct field *)field->items)[i].required = read_bool(
                                r, &map->pairs[i].value, "required", field->items[i].label);
        for (size_t i = 0; i < field->n_items; i++)
                if (yaml_get(&map->pairs[i].value, "check") != NULL)
                        read_fault(r, map->pairs[i].line,
                                        "%.*s：列表里的字段不能有 check，"
                                        "请写在列表上",
                                        STR_FMT(where));
        for (size_t i = 0; i < field->n_items; i++)
                if (closeness(field->items[i].class) > closeness(field->class))
                        read_fault(r, map->pairs[i].line,
                                        "%.*s：列表的 class 不能比其中“%.*s”"
                                        "更公开",
                                        STR_FMT(where), STR_FMT(field->items[i].name));
}

static void read_field(struct reader *r, const struct yaml_pair *pair, enum field_class usual,
                struct field *field, struct str where)
{
        const struct yaml *node = &pair->value;
        field->name = pair->key;
        field->label = pair->key;
        if (!read_keys(r, node, where, field_keys))
                return;
        field->label = read_must(r, node, "label", where);
        field->help = read_text(r, node, "help", where);
        field->mask = read_text(r, node, "mask", where);
        read_type(r, node, field, where);
        read_class(r, node, field, usual, where);
        read_bounds(r, node, field, where);
        check_type_keys(r, node, field->type, where);
        if (field->type == FIELD_ENUM || field->type == FIELD_ENUM_SET)
                read_options(r, node, field, where);
        if (field->type == FIELD_REF)
                field->reference = read_must(r, node, "register", where);
        if (field->type == FIELD_LIST)
                read_list_items(r, node, field, where);
        if (field->mask.n != 0 && field->class != CLASS_PERSONAL)
                read_fault(r, node->line, "%.*s：只有 class: personal 的字段才用 mask",
                                STR_FMT(where));
}

static const struct field *read_items(struct reader *r, const struct yaml *map,
                enum field_class usual, struct str where, size_t *ret_n)
{
        struct names names = read_key_names(r, map, where);
        struct field *fields = arena_new_array(r->arena, names.n, struct field);
        for (size_t i = 0; i < names.n; i++)
                read_field(r, &map->pairs[i], usual, &fields[i],
                                str_format(r->arena, "字段 %.*s", STR_FMT(names.items[i])));
        *ret_n = names.n;
        return fields;
}

const struct field *read_fields(
                struct reader *r, const struct yaml *map, struct str where, size_t *ret_n)
{
        *ret_n = 0;
        for (size_t i = 0; map != NULL && map->kind == YAML_MAP && i < map->n; i++)
                if (yaml_get(&map->pairs[i].value, "required") != NULL)
                        read_fault(r, map->pairs[i].line,
                                        "字段 %.*s：只有列表里的字段才写 required，"
                                        "其他字段是否必填由动作的 needs 说",
                                        STR_FMT(map->pairs[i].key));
        return map != NULL ? read_items(r, map, CLASS_INTERNAL, where, ret_n) : NULL;
}

void read_checks(struct reader *r, const struct yaml *map, const struct reach *reach,
                struct field *fields, size_t n_fields)
{
        struct reach inner = *reach;
        inner.value = true;
        for (size_t i = 0; map != NULL && map->kind == YAML_MAP && i < map->n; i++) {
                struct field *field = NULL;
                for (size_t j = 0; j < n_fields; j++)
                        if (str_eq(fields[j].name, map->pairs[i].key))
                                field = &fields[j];
                assert(field != NULL);
                field->checks = read_rules(r, &map->pairs[i].value, "check", &inner, true,
                                str_format(r->arena, "字段 %.*s", STR_FMT(field->name)),
                                &field->n_checks);
        }
}

/* ---- Parameters ---- */

static void read_parameter(struct reader *r, const struct yaml_pair *pair, struct parameter *ret)
{
        struct str where = str_format(r->arena, "参数 %.*s", STR_FMT(pair->key));
        *ret = (struct parameter){ .name = pair->key, .label = pair->key };
        if (pair->value.kind != YAML_MAP) { /* the value alone */
                ret->value = read_value(r, &pair->value);
                return;
        }
        read_keys(r, &pair->value, where, "value label note");
        const struct yaml *value = yaml_get(&pair->value, "value");
        if (value == NULL)
                read_fault(r, pair->line, "%.*s：缺少 value", STR_FMT(where));
        else
                ret->value = read_value(r, value);
        ret->label = read_must(r, &pair->value, "label", where);
        ret->note = read_text(r, &pair->value, "note", where);
}

const struct parameter *read_parameters(
                struct reader *r, const struct yaml *map, struct str where, size_t *ret_n)
{
        *ret_n = 0;
        const struct yaml *section = read_section(r, map, "parameters", where);
        struct names names = read_key_names(r, section, where);
        struct parameter *parameters = arena_new_array(r->arena, names.n, struct parameter);
        for (size_t i = 0; i < names.n; i++)
                read_parameter(r, &section->pairs[i], &parameters[i]);
        *ret_n = names.n;
        return parameters;
}
