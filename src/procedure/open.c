#include "procedure/open.h"

static const struct field *item_of(const struct field *field, struct str name)
{
        for (size_t i = 0; i < field->n_items; i++)
                if (str_eq(field->items[i].name, name))
                        return &field->items[i];
        return NULL;
}

static struct value open_item(
                struct arena *arena, const struct field *field, const struct value *item)
{
        if (item->kind != VALUE_CONTEXT)
                return value_null();
        struct member *members = arena_new_array(arena, item->context.n, struct member);
        size_t n = 0;
        for (size_t i = 0; i < item->context.n; i++) {
                const struct field *of = item_of(field, item->context.members[i].name);
                if (of != NULL && of->class == CLASS_PUBLIC)
                        members[n++] = item->context.members[i];
        }
        return value_context(members, n);
}

struct value open_value(struct arena *arena, const struct field *field, const struct value *value)
{
        if (field->class != CLASS_PUBLIC)
                return value_null();
        if (field->type != FIELD_LIST || field->n_items == 0 || value->kind != VALUE_LIST)
                return *value;
        struct value *items = arena_new_array(arena, value->list.n, struct value);
        for (size_t i = 0; i < value->list.n; i++)
                items[i] = open_item(arena, field, &value->list.items[i]);
        return value_list(items, value->list.n);
}
