/* Direct keeping of a register: its own acts `put` and `end`. */
#include "procedure/decide.h"

#include <assert.h>

#include "base/limits.h"
#include "procedure/scope.h"

struct keeping {
        struct arena *arena;
        const struct reg *reg;
        const struct circumstances *world;
        struct scope scope; /* no version: fields are taken one by one */
        struct err *err;
};

static bool may_keep(const struct keeping *keeping, const struct actor *actor)
{
        const struct lookups *lookups = keeping->world->lookups;
        struct date today = moment_date(keeping->world->now);
        if (str_is(actor->id, "system"))
                return true;
        for (size_t i = 0; i < keeping->reg->n_keepers; i++)
                if (actor->is_staff &&
                                lookups->holds_role(lookups->user, actor, keeping->reg->keepers[i],
                                                actor->unit, today))
                        return true;
        return err_field(keeping->err, E_ACT_ROLE, keeping->reg->label, "不是这个名录的管理人");
}

static const struct field *register_field(const struct reg *reg, struct str name)
{
        for (size_t i = 0; i < reg->n_fields; i++)
                if (str_eq(reg->fields[i].name, name))
                        return &reg->fields[i];
        return NULL;
}

static bool take_entry(struct keeping *keeping, const struct value *given, struct value *ret)
{
        size_t n = given->context.n, kept = 0;
        struct member *members = arena_new_array(keeping->arena, n, struct member);
        for (size_t i = 0; i < n; i++) {
                const struct member *m = &given->context.members[i];
                if (str_eq(m->name, keeping->reg->key) || m->name.p[0] == '$')
                        continue;
                const struct field *field = register_field(keeping->reg, m->name);
                if (field == NULL)
                        return err_field(keeping->err, E_FIELD_UNKNOWN, m->name,
                                        "「%.*s」没有这一项", STR_FMT(keeping->reg->label));
                members[kept].name = field->name;
                if (!input_take(&keeping->scope, field, &m->value, true, &members[kept++].value,
                                    keeping->err))
                        return false;
        }
        *ret = value_context(members, kept);
        return true;
}

static bool take_day(struct keeping *keeping, const struct value *given, const char *name,
                const char *as, struct member *members, size_t *n)
{
        const struct value *v = value_get(given, str_of(name));
        struct date day;
        if (v == NULL || v->kind == VALUE_NULL)
                return true;
        if (v->kind == VALUE_DATE)
                day = v->date;
        else if (v->kind != VALUE_STRING || !date_parse(v->string, &day, keeping->err))
                return err_field(keeping->err, E_FIELD_VALUE, str_of(name), "请填写日期");
        members[(*n)++] = (struct member){ str_of(as), value_date(day) };
        return true;
}

/* An entry put with its last day ends too: what must hold for that must hold now. */
static bool check_until(struct keeping *keeping, struct str key, const struct member *members,
                size_t n, const struct value *entry)
{
        for (size_t i = 0; i < n; i++)
                if (str_is(members[i].name, "until"))
                        return register_may_end(keeping->arena, keeping->reg, key, entry,
                                        keeping->world, keeping->err);
        return true;
}

static bool check_days(struct keeping *keeping, const struct member *members, size_t n)
{
        struct date from = moment_date(keeping->world->now), until = DATE_NONE;
        for (size_t i = 0; i < n; i++) {
                if (str_is(members[i].name, "from"))
                        from = members[i].value.date;
                if (str_is(members[i].name, "until"))
                        until = members[i].value.date;
        }
        if (date_is_none(until) || date_cmp(until, from) >= 0)
                return true;
        return err_field(keeping->err, E_FIELD_VALUE, STR_LIT("$until"), "不能早于起始之日");
}

/* ---- Putting one ---- */

static struct date day_member(const struct member *members, size_t n, const char *name)
{
        for (size_t i = 0; i < n; i++)
                if (str_is(members[i].name, name))
                        return members[i].value.date;
        return DATE_NONE;
}

static bool is_alike(const struct reg *reg, const struct value *a, const struct value *b)
{
        static const struct value none = { .kind = VALUE_NULL };
        for (size_t i = 0; i < reg->n_alone; i++) {
                const struct value *x = value_get(a, reg->alone[i]);
                const struct value *y = value_get(b, reg->alone[i]);
                if (!value_eq(x != NULL ? x : &none, y != NULL ? y : &none))
                        return false;
        }
        return true;
}

static bool check_alone(struct keeping *keeping, struct str key, const struct member *members,
                size_t n, const struct value *entry)
{
        const struct reg *reg = keeping->reg;
        const struct lookups *lookups = keeping->world->lookups;
        const struct dated_entry *others;
        struct date from = day_member(members, n, "from"), until = day_member(members, n, "until");
        size_t n_others;
        if (reg->n_alone == 0)
                return true;
        if (date_is_none(from))
                from = moment_date(keeping->world->now);
        if (!lookups->entries_between(lookups->user, keeping->arena, reg->name, from, until,
                            &others, &n_others))
                return true; /* the store failed: the world says so */
        for (size_t i = 0; i < n_others; i++) {
                const struct dated_entry *other = &others[i];
                if (str_eq(other->key, key) || !is_alike(reg, &other->entry, entry))
                        continue;
                struct str last = date_is_none(other->until)
                                                  ? STR_LIT("长期")
                                                  : date_format(keeping->arena, other->until);
                return err_field(keeping->err, E_REGISTER_OVERLAP, reg->alone[0],
                                "「%.*s」已有相同的一条，自 %.*s 至 %.*s", STR_FMT(other->key),
                                STR_FMT(date_format(keeping->arena, other->from)), STR_FMT(last));
        }
        return true;
}

static bool check_put(struct keeping *keeping, struct str key, const struct value *entry)
{
        const struct reg *reg = keeping->reg;
        struct value whole = scope_with_member(keeping->arena, entry, reg->key, key);
        struct scope scope = { .arena = keeping->arena,
                .world = keeping->world,
                .now = keeping->world->now,
                .reg = reg,
                .entry = &whole };
        for (size_t i = 0; i < reg->n_puts; i++)
                if (!rule_check(&scope, &reg->puts[i], E_REGISTER_RULE, reg->label, keeping->err))
                        return false;
        return true;
}

/* ---- Ending one ---- */

bool register_may_end(struct arena *arena, const struct reg *reg, struct str key,
                const struct value *entry, const struct circumstances *world, struct err *err)
{
        struct value whole = scope_with_member(arena, entry, reg->key, key);
        struct scope scope = {
                .arena = arena, .world = world, .now = world->now, .reg = reg, .entry = &whole
        };
        for (size_t i = 0; i < reg->n_ends; i++)
                if (!rule_check(&scope, &reg->ends[i], E_REGISTER_HELD, reg->label, err))
                        return false;
        return true;
}

/* Only what stands today, or on the day before it is to end, can be ended. */
static bool stands(
                struct keeping *keeping, struct str key, const struct value *end, struct value *ret)
{
        const struct lookups *lookups = keeping->world->lookups;
        if (lookups->entry(lookups->user, keeping->arena, keeping->reg->name, key,
                            moment_date(keeping->world->now), ret) ||
                        lookups->entry(lookups->user, keeping->arena, keeping->reg->name, key,
                                        date_add_days(end->date, -1), ret))
                return true;
        return err_field(keeping->err, E_NOT_FOUND, key, "「%.*s」中没有现行有效的这一条",
                        STR_FMT(keeping->reg->label));
}

bool register_decide(struct arena *arena, const struct reg *reg, const struct actor *actor,
                struct str act, const struct value *fields,
                const struct circumstances *circumstances, struct fact *ret, struct err *err)
{
        struct keeping keeping = { .arena = arena, .reg = reg, .world = circumstances, .err = err };
        keeping.scope = (struct scope){
                .arena = arena, .world = circumstances, .now = circumstances->now
        };
        bool ends = str_is(act, "end");
        if (!ends && !str_is(act, "put"))
                return err_field(err, E_ACT_UNKNOWN, act, "名录只有登记（put）和终止（end）");
        if (!may_keep(&keeping, actor))
                return false;
        if (fields->kind != VALUE_CONTEXT)
                return err_field(err, E_FIELD_MISSING, reg->key, "缺少主键");
        const struct value *key = value_get(fields, reg->key);
        if (key == NULL || key->kind != VALUE_STRING || key->string.n == 0 ||
                        key->string.n > LIMIT_KEY_BYTES)
                return err_field(err, E_FIELD_MISSING, reg->key, "「%.*s」的主键为空或过长",
                                STR_FMT(reg->label));

        struct member *members = arena_new_array(arena, 6, struct member);
        size_t n = 0;
        struct value set, entry;
        if (!take_day(&keeping, fields, ends ? "$end" : "$from", ends ? "end" : "from", members,
                            &n))
                return false;
        if (ends && n == 0)
                members[n++] = (struct member){ STR_LIT("end"),
                        value_date(moment_date(circumstances->now)) };
        if (ends && (!stands(&keeping, key->string, &members[0].value, &entry) ||
                                    !register_may_end(arena, reg, key->string, &entry,
                                                    circumstances, err)))
                return false;
        members[n++] = (struct member){ STR_LIT("key"), *key };
        members[n++] = (struct member){ STR_LIT("register"), value_string(reg->name) };
        if (!ends) {
                if (!take_day(&keeping, fields, "$until", "until", members, &n) ||
                                !check_days(&keeping, members, n) ||
                                !take_entry(&keeping, fields, &set) ||
                                !check_put(&keeping, key->string, &set) ||
                                !check_alone(&keeping, key->string, members, n, &set) ||
                                !check_until(&keeping, key->string, members, n, &set))
                        return false;
                members[n++] = (struct member){ STR_LIT("set"), set };
        }
        bool unique = value_sort_members(members, n);
        assert(unique);
        struct value *write = arena_new(arena, struct value);
        *write = value_context(members, n);
        struct member *data = arena_new(arena, struct member);
        *data = (struct member){ STR_LIT("$writes"), value_list(write, 1) };
        *ret = (struct fact){
                .reg = reg->name,
                .act = ends ? STR_LIT("end") : STR_LIT("put"),
                .actor = actor->id,
                .on_behalf = actor->on_behalf,
                .time = circumstances->now,
                .data = value_context(data, 1),
        };
        return true;
}

bool register_type_entry(
                struct arena *arena, const struct reg *reg, struct value *entry, struct err *err)
{
        if (entry->kind != VALUE_CONTEXT)
                return err_set(err, E_MATTER_FOLD, "名录条目不是一组字段");
        struct member *members = arena_new_array(arena, entry->context.n, struct member);
        for (size_t i = 0; i < entry->context.n; i++) {
                members[i] = entry->context.members[i];
                const struct field *field = register_field(reg, members[i].name);
                if (field != NULL && !input_compute(arena, field, &members[i].value,
                                                     &members[i].value, err))
                        return false;
        }
        entry->context.members = members;
        return true;
}
