#include "desk/people.h"

#include <assert.h>

static struct str text_of(const struct value *context, const char *name)
{
        const struct value *v = value_get(context, str_of(name));
        return v != NULL && v->kind == VALUE_STRING ? v->string : (struct str){ NULL, 0 };
}

const struct actor *people_system(void)
{
        static const struct member members[] = {
                { { "id", 2 }, { .kind = VALUE_STRING, .string = { "system", 6 } } },
        };
        static const struct actor system = {
                .id = { "system", 6 },
                .name = { "系统", sizeof("系统") - 1 },
                .entry = { .kind = VALUE_CONTEXT, .context = { members, 1 } },
        };
        return &system;
}

/* The entry with its id, as expressions see `actor`. */
static struct value with_id(struct arena *arena, const struct value *entry, struct str id)
{
        size_t n = entry->kind == VALUE_CONTEXT ? entry->context.n : 0;
        if (n != 0 && str_eq(text_of(entry, "id"), id))
                return *entry;
        struct member *members = arena_new_array(arena, n + 1, struct member);
        size_t kept = 0;
        for (size_t i = 0; i < n; i++)
                if (!str_is(entry->context.members[i].name, "id"))
                        members[kept++] = entry->context.members[i];
        members[kept++] = (struct member){ STR_LIT("id"), value_string(id) };
        bool unique = value_sort_members(members, kept);
        assert(unique);
        return value_context(members, kept);
}

static bool staff_actor(struct arena *arena, const struct circumstances *c,
                const struct submission *s, struct actor *ret, struct err *err)
{
        struct value entry;
        if (!c->lookups->entry(c->lookups->user, arena, STR_LIT("staff"), s->actor,
                            moment_date(c->now), &entry))
                return err_field(err, E_DESK_ACTOR, s->actor, "人员名录里没有在岗的这个人");
        *ret = (struct actor){
                .id = s->actor,
                .name = text_of(&entry, "name"),
                .unit = text_of(&entry, "unit"),
                .on_behalf = s->on_behalf,
                .is_staff = true,
                .entry = with_id(arena, &entry, s->actor),
        };
        return true;
}

bool people_actor(struct arena *arena, const struct circumstances *circumstances,
                const struct submission *submission, struct actor *ret, struct err *err)
{
        struct value nothing = value_context(NULL, 0);
        switch (submission->by) {
        case BY_STAFF:
                return staff_actor(arena, circumstances, submission, ret, err);
        case BY_SYSTEM:
                *ret = *people_system();
                return true;
        case BY_PARTY:
                break;
        }
        if (submission->actor.n == 0 || str_is(submission->actor, "system"))
                return err_field(err, E_DESK_ACTOR, submission->actor, "没有这个当事人");
        *ret = (struct actor){
                .id = submission->actor,
                .name = submission->actor,
                .entry = with_id(arena, &nothing, submission->actor),
        };
        return true;
}
