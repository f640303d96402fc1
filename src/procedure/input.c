/* What a field may hold: taking what people give, and what expressions compute. */
#include "procedure/scope.h"

#include "base/limits.h"
#include "screen/identifier.h"

static struct err *refuse(struct err *err, const struct field *field, const char *why)
{
        err_field(err, E_FIELD_VALUE, field->label, "%s", why);
        return err;
}

#define REFUSE(field, why) (refuse(err, (field), (why)), false)

struct decimal input_reduce(struct arena *arena, struct decimal d)
{
        int64_t whole;
        struct err err;
        struct decimal short_form;
        if (decimal_to_int(d, &whole))
                return decimal_of(whole);
        return decimal_parse(decimal_format(arena, d), &short_form, &err) ? short_form : d;
}

static bool as_number(struct arena *arena, const struct value *v, struct decimal *ret)
{
        struct err err;
        if (v->kind == VALUE_NUMBER)
                *ret = v->number;
        else if (v->kind != VALUE_STRING || !decimal_parse(str_trim(v->string), ret, &err))
                return false;
        *ret = input_reduce(arena, *ret);
        return true;
}

static bool take_number(struct arena *arena, const struct field *field, const struct value *given,
                struct value *ret, struct err *err)
{
        struct decimal d;
        int64_t fen;
        if (!as_number(arena, given, &d))
                return REFUSE(field, "请填写数值，例如 12.50");
        if (field->type == FIELD_INTEGER && !decimal_is_integer(d))
                return REFUSE(field, "请填写整数");
        if (field->type == FIELD_MONEY && !decimal_to_scaled(d, 2, &fen))
                return REFUSE(field, "金额最多两位小数，单位为元");
        if (field->has_min && decimal_cmp(d, field->min) < 0)
                return err_field(err, E_FIELD_VALUE, field->label, "不能小于 %.*s",
                                STR_FMT(decimal_format(arena, field->min)));
        if (field->has_max && decimal_cmp(d, field->max) > 0)
                return err_field(err, E_FIELD_VALUE, field->label, "不能大于 %.*s",
                                STR_FMT(decimal_format(arena, field->max)));
        *ret = value_number(d);
        return true;
}

static bool has_control(struct str s, bool lines)
{
        for (size_t i = 0; i < s.n; i++) {
                unsigned char c = (unsigned char)s.p[i];
                if (c == 0x7F || (c < 0x20 && !(lines && (c == '\n' || c == '\t' || c == '\r'))))
                        return true;
        }
        return false;
}

static bool take_text(const struct field *field, const struct value *given, struct value *ret,
                struct err *err)
{
        if (given->kind != VALUE_STRING)
                return REFUSE(field, "请填写文字");
        struct str text = str_trim(given->string);
        if (!str_is_utf8(text))
                return REFUSE(field, "文字编码不正确");
        if (has_control(text, field->type == FIELD_LONG_TEXT))
                return REFUSE(field, "含有不可见的控制字符");
        if (text.n > LIMIT_FIELD_BYTES || (int64_t)str_n_code_points(text) > field->max_length)
                return err_field(err, E_FIELD_VALUE, field->label, "最多 %lld 个字",
                                (long long)field->max_length);
        *ret = value_string(text);
        return true;
}

static bool take_bool(const struct field *field, const struct value *given, struct value *ret,
                struct err *err)
{
        if (given->kind == VALUE_BOOL) {
                *ret = *given;
                return true;
        }
        if (given->kind == VALUE_STRING) {
                bool yes = str_is(given->string, "true") || str_is(given->string, "是");
                bool no = str_is(given->string, "false") || str_is(given->string, "否");
                if (yes || no) {
                        *ret = value_bool(yes);
                        return true;
                }
        }
        return REFUSE(field, "请选择是或否");
}

static bool take_date(const struct field *field, const struct value *given, struct value *ret,
                struct err *err)
{
        struct err why;
        struct date date;
        struct moment moment;
        if (given->kind == VALUE_DATE && field->type == FIELD_DATE) {
                *ret = *given;
                return true;
        }
        if (given->kind == VALUE_MOMENT) {
                *ret = field->type == FIELD_DATE ? value_date(moment_date(given->moment)) : *given;
                return true;
        }
        if (given->kind == VALUE_STRING && field->type == FIELD_DATE) {
                if (!date_parse(str_trim(given->string), &date, &why))
                        return REFUSE(field, "没有这一天，请按 年-月-日 填写，例如 2021-09-28");
                *ret = value_date(date);
                return true;
        }
        if (given->kind == VALUE_STRING && moment_parse(str_trim(given->string), &moment, &why)) {
                *ret = value_moment(moment);
                return true;
        }
        return REFUSE(field, field->type == FIELD_DATE ? "请填写日期，例如 2021-09-28"
                                                       : "请填写时间，例如 2021-09-28 09:00");
}

static bool has_option(const struct field *field, struct str key)
{
        for (size_t i = 0; i < field->n_options; i++)
                if (str_eq(field->options[i].key, key))
                        return true;
        return false;
}

static bool take_option(const struct field *field, const struct value *given, struct value *ret,
                struct err *err)
{
        if (given->kind != VALUE_STRING || !has_option(field, given->string))
                return err_field(err, E_FIELD_VALUE, field->label, "没有「%.*s」这个选项",
                                STR_FMT(given->kind == VALUE_STRING ? given->string : STR_LIT("")));
        *ret = *given;
        return true;
}

static bool take_options(struct arena *arena, const struct field *field, const struct value *given,
                struct value *ret, struct err *err)
{
        const struct value *items = given;
        size_t n = 1;
        if (given->kind == VALUE_LIST) {
                items = given->list.items;
                n = given->list.n;
        }
        if (n > field->n_options)
                return REFUSE(field, "选项重复");
        struct value *kept = arena_new_array(arena, n, struct value);
        for (size_t i = 0; i < n; i++) {
                if (!take_option(field, &items[i], &kept[i], err))
                        return false;
                for (size_t k = 0; k < i; k++)
                        if (str_eq(kept[k].string, kept[i].string))
                                return REFUSE(field, "选项重复");
        }
        *ret = value_list(kept, n);
        return true;
}

static bool take_identifier(struct scope *scope, const struct field *field,
                const struct value *given, struct value *ret, struct err *err)
{
        enum identifier_kind kind;
        const char *reason = "";
        if (given->kind != VALUE_STRING || !identifier_kind_of(field->identifier, &kind))
                return REFUSE(field, "请填写文字");
        struct str text = identifier_normalize(scope->arena, kind, given->string);
        if (!identifier_check(kind, text, moment_date(scope->now), &reason))
                return err_field(err, E_FIELD_IDENTIFIER, field->label, "%s", reason);
        *ret = value_string(text);
        return true;
}

static bool take_reference(struct scope *scope, const struct field *field,
                const struct value *given, struct value *ret, struct err *err)
{
        const struct lookups *lookups = scope->world->lookups;
        struct str reg = field->type == FIELD_STAFF  ? STR_LIT("staff")
                         : field->type == FIELD_UNIT ? STR_LIT("units")
                                                     : field->reference;
        struct value entry;
        if (given->kind != VALUE_STRING)
                return REFUSE(field, "请填写编号");
        if (!lookups->entry(lookups->user, scope->arena, reg, given->string,
                            moment_date(scope->now), &entry))
                return err_field(err, E_FIELD_REFERENCE, field->label,
                                "名录中没有现行有效的「%.*s」", STR_FMT(given->string));
        *ret = *given;
        return true;
}

static bool take_file(const struct field *field, const struct value *given, struct value *ret,
                struct err *err)
{
        bool hex = given->kind == VALUE_STRING && given->string.n == 64;
        for (size_t i = 0; hex && i < 64; i++)
                hex = memchr("0123456789abcdef", given->string.p[i], 16) != NULL;
        if (!hex)
                return REFUSE(field, "请先上传文件");
        *ret = *given;
        return true;
}

bool input_is_given(const struct value *v)
{
        return v != NULL && v->kind != VALUE_NULL &&
               !(v->kind == VALUE_STRING && str_trim(v->string).n == 0) &&
               !(v->kind == VALUE_LIST && v->list.n == 0);
}

static const struct field *item_field(const struct field *field, struct str name)
{
        for (size_t i = 0; i < field->n_items; i++)
                if (str_eq(field->items[i].name, name))
                        return &field->items[i];
        return NULL;
}

static bool take_row(struct scope *scope, const struct field *field, size_t row, bool by_system,
                const struct value *given, struct value *ret, struct err *err)
{
        if (given->kind != VALUE_CONTEXT)
                return REFUSE(field, "每一行要有各栏的名称和内容");
        size_t n = given->context.n;
        struct member *members = arena_new_array(scope->arena, n, struct member);
        for (size_t i = 0; i < n; i++) {
                const struct member *m = &given->context.members[i];
                const struct field *item = item_field(field, m->name);
                if (item == NULL)
                        return err_field(err, E_FIELD_UNKNOWN, m->name, "「%.*s」没有这一栏",
                                        STR_FMT(field->label));
                members[i].name = item->name;
                if (!input_take(scope, item, &m->value, by_system, &members[i].value, err))
                        return false;
        }
        *ret = value_context(members, n);
        for (size_t i = 0; i < field->n_items; i++) {
                const struct field *item = &field->items[i];
                if (item->required && !input_is_given(value_get(ret, item->name)))
                        return err_field(err, E_FIELD_MISSING, item->label,
                                        "「%.*s」第%zu行没有填写", STR_FMT(field->label), row + 1);
        }
        return true;
}

static bool take_list(struct scope *scope, const struct field *field, const struct value *given,
                bool by_system, struct value *ret, struct err *err)
{
        if (given->kind != VALUE_LIST)
                return REFUSE(field, "请填写列表");
        if (given->list.n > LIMIT_LIST_ITEMS)
                return REFUSE(field, "列表太长");
        struct value *rows = arena_new_array(scope->arena, given->list.n, struct value);
        for (size_t i = 0; i < given->list.n; i++) {
                const struct value *row = &given->list.items[i];
                bool ok = field->n_items != 0
                                          ? take_row(scope, field, i, by_system, row, &rows[i], err)
                                          : take_text(field, row, &rows[i], err);
                if (!ok)
                        return false;
        }
        *ret = value_list(rows, given->list.n);
        return true;
}

bool input_take(struct scope *scope, const struct field *field, const struct value *given,
                bool by_system, struct value *ret, struct err *err)
{
        if (given->kind == VALUE_NULL) {
                *ret = value_null();
                return true;
        }
        switch (field->type) {
        case FIELD_TEXT:
        case FIELD_LONG_TEXT:
                return take_text(field, given, ret, err);
        case FIELD_INTEGER:
        case FIELD_DECIMAL:
        case FIELD_MONEY:
                return take_number(scope->arena, field, given, ret, err);
        case FIELD_BOOL:
                return take_bool(field, given, ret, err);
        case FIELD_DATE:
        case FIELD_DATETIME:
                return take_date(field, given, ret, err);
        case FIELD_ENUM:
                return take_option(field, given, ret, err);
        case FIELD_ENUM_SET:
                return take_options(scope->arena, field, given, ret, err);
        case FIELD_IDENTIFIER:
                return take_identifier(scope, field, given, ret, err);
        case FIELD_REF:
        case FIELD_STAFF:
        case FIELD_UNIT:
                return take_reference(scope, field, given, ret, err);
        case FIELD_FILE:
                return take_file(field, given, ret, err);
        case FIELD_LIST:
                return take_list(scope, field, given, by_system, ret, err);
        case FIELD_ANY:
                break;
        }
        if (!by_system)
                return REFUSE(field, "这一项由系统得出，不能填写");
        *ret = input_json_shape(scope->arena, given);
        return true;
}

struct value input_json_shape(struct arena *arena, const struct value *v)
{
        switch (v->kind) {
        case VALUE_NULL:
        case VALUE_BOOL:
        case VALUE_STRING:
                return *v;
        case VALUE_NUMBER: {
                int64_t whole;
                if (decimal_to_int(v->number, &whole) && whole < (int64_t)1 << 53 &&
                                whole > -((int64_t)1 << 53))
                        return value_int(whole);
                return value_string(decimal_format(arena, v->number));
        }
        case VALUE_LIST: {
                struct value *items = arena_new_array(arena, v->list.n, struct value);
                for (size_t i = 0; i < v->list.n; i++)
                        items[i] = input_json_shape(arena, &v->list.items[i]);
                return value_list(items, v->list.n);
        }
        case VALUE_CONTEXT: {
                struct member *members = arena_new_array(arena, v->context.n, struct member);
                for (size_t i = 0; i < v->context.n; i++) {
                        members[i].name = v->context.members[i].name;
                        members[i].value = input_json_shape(arena, &v->context.members[i].value);
                }
                return value_context(members, v->context.n);
        }
        default:
                return value_string(value_text(arena, v));
        }
}

/* A computed list: rows take the types of the item fields, nothing is checked twice. */
static bool compute_rows(struct arena *arena, const struct field *field, const struct value *list,
                struct value *ret, struct err *err)
{
        struct value *rows = arena_new_array(arena, list->list.n, struct value);
        for (size_t i = 0; i < list->list.n; i++) {
                const struct value *row = &list->list.items[i];
                if (row->kind != VALUE_CONTEXT || field->n_items == 0) {
                        rows[i] = input_json_shape(arena, row);
                        continue;
                }
                struct member *members = arena_new_array(arena, row->context.n, struct member);
                size_t n = 0;
                for (size_t k = 0; k < row->context.n; k++) {
                        const struct member *m = &row->context.members[k];
                        const struct field *item = item_field(field, m->name);
                        if (item == NULL)
                                continue; /* a list may be made of wider rows */
                        members[n].name = item->name;
                        if (!input_compute(arena, item, &m->value, &members[n++].value, err))
                                return false;
                }
                rows[i] = value_context(members, n);
        }
        *ret = value_list(rows, list->list.n);
        return true;
}

bool input_compute(struct arena *arena, const struct field *field, const struct value *computed,
                struct value *ret, struct err *err)
{
        struct err why;
        struct decimal d;
        if (computed->kind == VALUE_NULL) {
                *ret = value_null();
                return true;
        }
        switch (field->type) {
        case FIELD_INTEGER:
        case FIELD_DECIMAL:
        case FIELD_MONEY:
                if (!as_number(arena, computed, &d))
                        break;
                if (field->type == FIELD_MONEY)
                        d = input_reduce(arena, decimal_round(d, 2, DECIMAL_HALF_UP));
                *ret = value_number(d);
                return true;
        case FIELD_BOOL:
                if (computed->kind != VALUE_BOOL)
                        break;
                *ret = *computed;
                return true;
        case FIELD_DATE:
        case FIELD_DATETIME:
                if (computed->kind == VALUE_DATE && field->type == FIELD_DATETIME) {
                        *ret = value_moment(moment_of(computed->date, 0, 0, 0));
                        return true;
                }
                if (!take_date(field, computed, ret, &why))
                        break;
                return true;
        case FIELD_ENUM_SET:
        case FIELD_LIST:
                if (computed->kind != VALUE_LIST)
                        break;
                return compute_rows(arena, field, computed, ret, err);
        case FIELD_ANY:
                *ret = input_json_shape(arena, computed);
                return true;
        default:
                *ret = value_string(value_text(arena, computed));
                return true;
        }
        return err_field(err, E_ACT_COMPUTED, field->label, "算式没有得出这一项应有的类型");
}

bool procedure_input(struct arena *arena, const struct version *version,
                const struct matter *matter, const struct field *field, const struct value *given,
                const struct circumstances *circumstances, struct value *ret, struct err *err)
{
        struct scope scope = scope_of(arena, version, matter, circumstances);
        return input_take(&scope, field, given, false, ret, err);
}
