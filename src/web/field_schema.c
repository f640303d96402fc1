#include "web/field_schema.h"

#include "base/limits.h"
#include "web/view.h"

struct shape {
        const char *type, *format, *pattern;
};

static const struct shape shapes[] = {
        [FIELD_TEXT] = { "string", NULL, NULL },
        [FIELD_LONG_TEXT] = { "string", NULL, NULL },
        [FIELD_INTEGER] = { "integer", NULL, NULL },
        [FIELD_DECIMAL] = { NULL, NULL, "^-?[0-9]+(\\.[0-9]+)?$" },
        [FIELD_MONEY] = { NULL, NULL, "^-?[0-9]+(\\.[0-9]{1,2})?$" },
        [FIELD_BOOL] = { "boolean", NULL, NULL },
        [FIELD_DATE] = { "string", "date", NULL },
        [FIELD_DATETIME] = { "string", NULL, NULL },
        [FIELD_ENUM] = { "string", NULL, NULL },
        [FIELD_ENUM_SET] = { "array", NULL, NULL },
        [FIELD_IDENTIFIER] = { "string", NULL, NULL },
        [FIELD_REF] = { "string", NULL, NULL },
        [FIELD_STAFF] = { "string", NULL, NULL },
        [FIELD_UNIT] = { "string", NULL, NULL },
        [FIELD_FILE] = { "string", NULL, NULL },
        [FIELD_LIST] = { "array", NULL, NULL },
        [FIELD_ANY] = { NULL, NULL, NULL },
};

static struct value keys_of(struct arena *arena, const struct field *field)
{
        struct view_list keys = VIEW_LIST(arena);
        for (size_t i = 0; i < field->n_options; i++)
                view_add_text(&keys, field->options[i].key);
        return view_list_end(&keys);
}

/* "a = 甲类；b = 乙类": what the keys of an enumeration are called. */
static struct str words_of(struct arena *arena, const struct field *field)
{
        struct buf buf = BUF(arena);
        buf_str_add(&buf, field->help);
        for (size_t i = 0; i < field->n_options; i++) {
                buf_c(&buf, buf.n == 0 ? "" : "；");
                buf_str_add(&buf, field->options[i].key);
                buf_c(&buf, " = ");
                buf_str_add(&buf, field->options[i].label);
        }
        return buf_str(&buf);
}

static struct value exact_number(struct arena *arena, const char *pattern)
{
        struct view_list types = VIEW_LIST(arena);
        struct view number = VIEW(arena), text = VIEW(arena);
        view_c(&number, "type", "number");
        view_c(&text, "type", "string");
        view_c(&text, "pattern", pattern);
        view_add(&types, view_end(&number));
        view_add(&types, view_end(&text));
        return view_list_end(&types);
}

static struct value object(
                struct arena *arena, const struct field *const *fields, size_t n, size_t n_required)
{
        struct view view = VIEW(arena);
        struct view_list required = VIEW_LIST(arena);
        struct member *properties = arena_new_array(arena, n, struct member);
        size_t n_properties = 0;
        for (size_t i = 0; i < n; i++) {
                if (i < n_required || fields[i]->required)
                        view_add_text(&required, fields[i]->name);
                properties[n_properties++] =
                                (struct member){ fields[i]->name, field_schema(arena, fields[i]) };
        }
        bool unique = value_sort_members(properties, n_properties);
        view_c(&view, "type", "object");
        if (unique)
                view_put(&view, "properties", value_context(properties, n_properties));
        if (required.n != 0)
                view_put(&view, "required", view_list_end(&required));
        view_put(&view, "additionalProperties", value_bool(!unique));
        return view_end(&view);
}

static struct value items_of(struct arena *arena, const struct field *field)
{
        struct view view = VIEW(arena);
        const struct field **items;
        if (field->type == FIELD_ENUM_SET) {
                view_put(&view, "enum", keys_of(arena, field));
                return view_end(&view);
        }
        if (field->n_items == 0) {
                view_c(&view, "type", "string");
                return view_end(&view);
        }
        items = arena_new_array(arena, field->n_items, const struct field *);
        for (size_t i = 0; i < field->n_items; i++)
                items[i] = &field->items[i];
        return object(arena, items, field->n_items, 0);
}

static void add_limits(struct view *view, const struct field *field, bool whole)
{
        if (field->has_min && whole)
                view_put(view, "minimum", value_number(field->min));
        if (field->has_max && whole)
                view_put(view, "maximum", value_number(field->max));
}

struct value field_schema(struct arena *arena, const struct field *field)
{
        const struct shape *shape = &shapes[field->type];
        struct view view = VIEW(arena);
        bool text = field->type == FIELD_TEXT || field->type == FIELD_LONG_TEXT;
        view_text(&view, "title", field->label);
        view_some(&view, "description", words_of(arena, field));
        if (shape->type != NULL)
                view_c(&view, "type", shape->type);
        if (shape->format != NULL)
                view_c(&view, "format", shape->format);
        if (shape->pattern != NULL)
                view_put(&view, "anyOf", exact_number(arena, shape->pattern));
        if (text && field->max_length > 0)
                view_int(&view, "maxLength", field->max_length);
        if (field->type == FIELD_ENUM)
                view_put(&view, "enum", keys_of(arena, field));
        if (field->type == FIELD_ENUM_SET)
                view_put(&view, "uniqueItems", value_bool(true));
        if (field->type == FIELD_ENUM_SET || field->type == FIELD_LIST) {
                view_put(&view, "items", items_of(arena, field));
                view_int(&view, "maxItems", LIMIT_LIST_ITEMS);
        }
        add_limits(&view, field, field->type == FIELD_INTEGER);
        return view_end(&view);
}

struct value act_schema(struct arena *arena, const struct version *version, const struct act *act)
{
        size_t n = 0;
        const struct field **fields =
                        arena_new_array(arena, act->n_needs + act->n_takes, const struct field *);
        for (size_t i = 0; i < act->n_needs; i++)
                fields[n++] = &version->fields[act->needs[i]];
        for (size_t i = 0; i < act->n_takes; i++)
                fields[n++] = &version->fields[act->takes[i]];
        return object(arena, fields, n, act->n_needs);
}
