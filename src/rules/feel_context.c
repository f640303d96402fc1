#include <assert.h>

#include "rules/feel_builtin.h"

/* Members by name; a later one of the same name replaces the earlier. */
struct members {
        struct member *items;
        size_t n, capacity;
};

static bool put(struct machine *m, struct members *members, struct str name, const struct value *v)
{
        size_t at = 0;
        while (at < members->n && !str_eq(members->items[at].name, name))
                at++;
        if (!feel_spend(m, 1 + at / 8))
                return false;
        if (at == members->n && at == members->capacity) {
                members->capacity = at == 0 ? 8 : at * 2;
                struct member *more = arena_new_array(m->arena, members->capacity, struct member);
                if (at != 0)
                        memcpy(more, members->items, at * sizeof(*more));
                members->items = more;
        }
        members->n += at == members->n;
        members->items[at] = (struct member){ name, *v };
        return true;
}

static struct value finish(struct members *members)
{
        bool unique = value_sort_members(members->items, members->n);
        assert(unique); /* put() replaces */
        return value_context(members->items, members->n);
}

static bool put_all(struct machine *m, struct members *members, const struct value *context)
{
        for (size_t i = 0; i < context->context.n; i++)
                if (!put(m, members, context->context.members[i].name,
                                    &context->context.members[i].value))
                        return false;
        return true;
}

static bool call_get_value(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)m, (void)n;
        const struct value *found = value_get(&args[0], args[1].string);
        if (found != NULL)
                *ret = *found;
        return true;
}

static bool call_get_entries(
                struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)n;
        struct list list = { 0 };
        for (size_t i = 0; i < args[0].context.n; i++) {
                struct member *pair = arena_new_array(m->arena, 2, struct member);
                pair[0] = (struct member){ STR_LIT("key"),
                        value_string(args[0].context.members[i].name) };
                pair[1] = (struct member){ STR_LIT("value"), args[0].context.members[i].value };
                struct value entry = value_context(pair, 2);
                if (!list_push(m, &list, &entry))
                        return false;
        }
        *ret = list_value(&list);
        return true;
}

/* The inverse of get entries; null if an entry has no key or a key stands twice. */
static bool call_context(struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)n;
        struct members members = { 0 };
        for (size_t i = 0; i < args[0].list.n; i++) {
                const struct value *entry = &args[0].list.items[i];
                if (kind_of(entry) != VALUE_CONTEXT)
                        return true;
                const struct value *key = value_get(entry, STR_LIT("key"));
                const struct value *value = value_get(entry, STR_LIT("value"));
                size_t before = members.n;
                if (key == NULL || value == NULL || kind_of(key) != VALUE_STRING)
                        return true;
                if (!put(m, &members, key->string, value))
                        return false;
                if (members.n == before)
                        return true;
        }
        *ret = finish(&members);
        return true;
}

/* Puts v at the path of keys; what is no context on the way makes null. */
static bool put_at(struct machine *m, const struct value *context, const struct value *keys,
                size_t n_keys, const struct value *v, struct value *ret)
{
        struct members members = { 0 };
        struct value inner = *v;
        *ret = value_null();
        if (kind_of(context) != VALUE_CONTEXT || n_keys == 0 || kind_of(keys) != VALUE_STRING)
                return true;
        if (n_keys > LIMIT_NESTING)
                return feel_exhausted(m, "嵌套太深");
        if (n_keys > 1) {
                const struct value *child = value_get(context, keys->string);
                struct value none = value_null();
                if (!put_at(m, child != NULL ? child : &none, keys + 1, n_keys - 1, v, &inner))
                        return false;
                if (value_is_null(inner))
                        return true;
        }
        if (!put_all(m, &members, context) || !put(m, &members, keys->string, &inner))
                return false;
        *ret = finish(&members);
        return true;
}

static bool call_context_put(
                struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)n;
        if (kind_of(&args[1]) == VALUE_LIST)
                return put_at(m, &args[0], args[1].list.items, args[1].list.n, &args[2], ret);
        return put_at(m, &args[0], &args[1], 1, &args[2], ret);
}

static bool call_context_merge(
                struct machine *m, const struct value *args, size_t n, struct value *ret)
{
        (void)n;
        struct members members = { 0 };
        for (size_t i = 0; i < args[0].list.n; i++) {
                if (kind_of(&args[0].list.items[i]) != VALUE_CONTEXT)
                        return true;
                if (!put_all(m, &members, &args[0].list.items[i]))
                        return false;
        }
        *ret = finish(&members);
        return true;
}

const struct builtin feel_contexts[] = {
        { "get value", "m:c,key:s", 'a', call_get_value },
        { "get entries", "m:c", 'l', call_get_entries },
        { "context", "entries:l", 'c', call_context },
        { "context put", "context:c,key:a,value:a", 'c', call_context_put },
        { "context put", "context:c,keys:l,value:a", 'c', call_context_put },
        { "context merge", "contexts:l", 'c', call_context_merge },
        { 0 },
};
