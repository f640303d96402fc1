/* Whom papers went to: read from an event, for ever as it was when they were issued. */
#include "procedure/matter.h"

bool recipients_has(const struct recipients *recipients, struct str name)
{
        for (size_t i = 0; i < recipients->n; i++)
                if (str_eq(recipients->names[i], name))
                        return true;
        return false;
}

static struct recipients noted(struct arena *arena, const struct value *list)
{
        struct str *names = arena_new_array(arena, list->list.n, struct str);
        size_t n = 0;
        for (size_t i = 0; i < list->list.n; i++)
                if (list->list.items[i].kind == VALUE_STRING)
                        names[n++] = list->list.items[i].string;
        return (struct recipients){ names, n, .is_noted = true };
}

struct recipients fact_recipients(struct arena *arena, const struct fact *fact, size_t document)
{
        const struct value *all = value_get(&fact->data, STR_LIT("$recipients"));
        const struct value *own =
                        all != NULL && all->kind == VALUE_CONTEXT
                                        ? value_get(all, fact->version->documents[document].name)
                                        : NULL;
        if (own != NULL && own->kind == VALUE_LIST)
                return noted(arena, own);
        int index = version_act(fact->version, fact->act);
        if (index < 0)
                return (struct recipients){ 0 };
        const struct act *act = &fact->version->acts[index];
        struct str *names = arena_new_array(arena, act->n_notifies + 1, struct str);
        struct recipients ret = { .names = names, .n = act->n_notifies };
        for (size_t i = 0; i < act->n_notifies; i++)
                names[i] = act->notifies[i];
        if (version_party(fact->version, fact->actor) >= 0 && !recipients_has(&ret, fact->actor))
                names[ret.n++] = fact->actor;
        return ret;
}
