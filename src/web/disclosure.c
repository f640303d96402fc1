#include "web/disclosure.h"

bool disclosure_matter(struct arena *arena, struct snapshot *snapshot,
                const struct catalogue *catalogue, struct str number, struct date today,
                struct matter **ret, struct err *err)
{
        int64_t id;
        bool seen;
        if (!matter_find_seen(snapshot, number, today, &id, &seen, err))
                return false;
        if (!seen)
                return err_set(err, E_NOT_FOUND, "%s", "");
        return matter_read(arena, snapshot, catalogue, id, ret, err);
}

bool disclosure_field(const struct field *field)
{
        return field->class == CLASS_PUBLIC;
}

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
                if (of != NULL && disclosure_field(of))
                        members[n++] = item->context.members[i];
        }
        return value_context(members, n);
}

struct value disclosure_value(
                struct arena *arena, const struct field *field, const struct value *value)
{
        if (!disclosure_field(field))
                return value_null();
        if (field->type != FIELD_LIST || field->n_items == 0 || value->kind != VALUE_LIST)
                return *value;
        struct value *items = arena_new_array(arena, value->list.n, struct value);
        for (size_t i = 0; i < value->list.n; i++)
                items[i] = open_item(arena, field, &value->list.items[i]);
        return value_list(items, value->list.n);
}

bool disclosure_document(const struct document *document)
{
        return document->class == CLASS_PUBLIC;
}

bool disclosure_register(const struct reg *reg)
{
        return reg != NULL && reg->public;
}

bool disclosure_publication(const struct publication_row *row, struct date today)
{
        return date_cmp(row->from, today) <= 0 &&
               (date_is_none(row->until) || date_cmp(today, row->until) < 0);
}

bool disclosure_procedure(const struct procedure *procedure)
{
        return procedure->visible != VISIBLE_NEVER;
}
