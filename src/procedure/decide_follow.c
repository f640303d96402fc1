/* What an accepted act brings about: register entries, sub-matters, acts on the
 * parent and on sub-matters, people recused and assigned. */
#include <assert.h>

#include "base/limits.h"
#include "procedure/decide_run.h"

/* A list of staff ids from one id or a list of them; null and "" are nobody. */
static bool eval_people(
                struct decision_run *run, const struct feel_expression *expression, struct str name)
{
        struct value v;
        if (expression == NULL)
                return true;
        if (!scope_eval(&run->scope, expression, &v, run->err))
                return false;
        if (v.kind == VALUE_LIST) {
                for (size_t i = 0; i < v.list.n; i++)
                        if (v.list.items[i].kind != VALUE_STRING)
                                return err_field(run->err, E_ACT_COMPUTED, run->act->label,
                                                "人员名单不正确");
                run_record(run, name, v);
        } else if (v.kind == VALUE_STRING && v.string.n != 0) {
                struct value *one = arena_new(run->arena, struct value);
                *one = v;
                run_record(run, name, value_list(one, 1));
        }
        return true;
}

static bool eval_assignments(struct decision_run *run, const struct assignment *with, size_t n,
                bool json, struct value *ret)
{
        struct member *members = arena_new_array(run->arena, n, struct member);
        for (size_t i = 0; i < n; i++) {
                struct value v;
                if (!scope_eval(&run->scope, with[i].value, &v, run->err))
                        return false;
                members[i].name = with[i].name;
                members[i].value = json ? input_json_shape(run->arena, &v) : v;
        }
        *ret = sorted_context(members, n);
        return true;
}

/* Runs `body` once for each item of `each` (or once), with the local set. */
static bool for_each(struct decision_run *run, const struct feel_expression *each, struct str as,
                const struct feel_expression *when, const void *what,
                bool (*body)(struct decision_run *, const void *))
{
        struct value list = value_list(NULL, 0);
        size_t n = 1;
        if (each != NULL) {
                if (!scope_eval(&run->scope, each, &list, run->err))
                        return false;
                n = list.kind == VALUE_LIST ? list.list.n : 0;
        }
        for (size_t i = 0; i < n; i++) {
                bool holds = true;
                if (each != NULL)
                        scope_set_local(&run->scope, as, list.list.items[i]);
                scope_changed(&run->scope);
                if (when != NULL && !scope_holds(&run->scope, when, &holds, run->err))
                        return false;
                if (holds && !body(run, what))
                        return false;
        }
        return true;
}

/* Growing lists of what follows; few, so an array is copied as it grows. */
struct follow {
        struct value *writes;
        size_t n_writes;
        struct consequence *consequences;
        size_t n_consequences;
};

struct write_job {
        const struct entry_write *write;
        struct follow *follow;
};

static bool type_entry(struct decision_run *run, const struct reg *reg, struct value *set)
{
        struct member *members = arena_new_array(run->arena, set->context.n, struct member);
        for (size_t i = 0; i < set->context.n; i++) {
                const struct member *m = &set->context.members[i];
                members[i] = *m;
                for (size_t f = 0; f < reg->n_fields; f++)
                        if (str_eq(reg->fields[f].name, m->name) &&
                                        !input_compute(run->arena, &reg->fields[f], &m->value,
                                                        &members[i].value, run->err))
                                return false;
        }
        *set = value_context(members, set->context.n);
        return true;
}

/* Adds what the entry in force says of the fields that are not set. */
static bool amend_entry(
                struct decision_run *run, const struct reg *reg, struct str key, struct value *set)
{
        const struct lookups *lookups = run->world->lookups;
        struct value stands;
        if (!lookups->entry(lookups->user, run->arena, reg->name, key, moment_date(run->world->now),
                            &stands) ||
                        stands.kind != VALUE_CONTEXT)
                return err_field(run->err, E_ACT_COMPUTED, reg->label,
                                "名录中没有现行有效的「%.*s」，无从变更", STR_FMT(key));
        struct member *members = arena_new_array(run->arena, reg->n_fields, struct member);
        size_t n = 0;
        for (size_t i = 0; i < reg->n_fields; i++) {
                const struct value *v = value_get(set, reg->fields[i].name);
                if (v == NULL)
                        v = value_get(&stands, reg->fields[i].name);
                if (v != NULL)
                        members[n++] = (struct member){ reg->fields[i].name, *v };
        }
        *set = sorted_context(members, n);
        return true;
}

static bool date_member(struct decision_run *run, const struct feel_expression *expression,
                const char *name, struct member *members, size_t *n)
{
        struct date day;
        if (expression == NULL)
                return true;
        if (!scope_date(&run->scope, expression, &day, run->err))
                return false;
        if (!date_is_none(day))
                members[(*n)++] = (struct member){ str_of(name), value_date(day) };
        return true;
}

/* An entry that an act ends must be free to end, as for its keeper; one that does not
 * stand is left to the fold. */
static bool check_end(struct decision_run *run, const struct reg *reg, struct str key)
{
        const struct lookups *lookups = run->world->lookups;
        struct value entry;
        return reg->n_ends == 0 ||
               !lookups->entry(lookups->user, run->arena, reg->name, key,
                               moment_date(run->world->now), &entry) ||
               register_may_end(run->arena, reg, key, &entry, run->world, run->err);
}

/* What follows from an expiry stands in the register from the day after the term ended, however
 * late the timer came to it; but what was written there in between is not taken back: then from
 * the day on which that began. *ret: DATE_NONE if it is from today. */
static void begin_of_entry(
                struct decision_run *run, const struct reg *reg, struct str key, struct date *ret)
{
        const struct lookups *lookups = run->world->lookups;
        struct date today = moment_date(run->world->now), from = moment_date(run_effect(run)),
                    changed;
        if (from.day < today.day && lookups->entry_changed != NULL &&
                        lookups->entry_changed(lookups->user, reg->name, key, today, &changed) &&
                        changed.day > from.day)
                from = changed;
        *ret = from.day < today.day ? from : DATE_NONE;
}

static bool write_entry(struct decision_run *run, const void *what)
{
        const struct write_job *job = what;
        const struct entry_write *write = job->write;
        const struct reg *reg = catalogue_register(run->world->catalogue, write->reg);
        struct str key;
        assert(reg != NULL);
        if (!scope_text(&run->scope, write->key, &key, run->err))
                return false;
        if (key.n == 0 || key.n > LIMIT_KEY_BYTES)
                return err_field(run->err, E_ACT_COMPUTED, reg->label, "名录的主键为空或过长");

        struct member *members = arena_new_array(run->arena, 6, struct member);
        size_t n = 0;
        members[n++] = (struct member){ STR_LIT("register"), value_string(reg->name) };
        members[n++] = (struct member){ STR_LIT("key"), value_string(key) };
        if (!date_member(run, write->end, "end", members, &n) ||
                        !date_member(run, write->from, "from", members, &n) ||
                        !date_member(run, write->until, "until", members, &n))
                return false;
        if (write->end != NULL && !check_end(run, reg, key))
                return false;
        if (write->end == NULL && write->from == NULL) {
                struct date from;
                begin_of_entry(run, reg, key, &from);
                if (!date_is_none(from))
                        members[n++] = (struct member){ STR_LIT("from"), value_date(from) };
        }
        if (write->end == NULL) {
                struct value set;
                if (!eval_assignments(run, write->set, write->n_set, false, &set) ||
                                !type_entry(run, reg, &set) ||
                                (write->amend && !amend_entry(run, reg, key, &set)))
                        return false;
                members[n++] = (struct member){ STR_LIT("set"), set };
        }
        struct follow *follow = job->follow;
        follow->writes = arena_push(
                        run->arena, follow->writes, follow->n_writes, sizeof(*follow->writes));
        follow->writes[follow->n_writes++] = sorted_context(members, n);
        return true;
}

static struct consequence *add_consequence(struct decision_run *run, struct follow *follow)
{
        follow->consequences = arena_push(run->arena, follow->consequences, follow->n_consequences,
                        sizeof(*follow->consequences));
        return &follow->consequences[follow->n_consequences++];
}

struct open_job {
        const struct opening *opening;
        struct follow *follow;
};

static bool open_matter(struct decision_run *run, const void *what)
{
        const struct open_job *job = what;
        const struct opening *opening = job->opening;
        struct value with;
        struct str unit = run->scope.unit;
        if (!eval_assignments(run, opening->with, opening->n_with, true, &with))
                return false;
        if (opening->unit != NULL && !scope_text(&run->scope, opening->unit, &unit, run->err))
                return false;
        *add_consequence(run, job->follow) = (struct consequence){
                .procedure = catalogue_procedure(run->world->catalogue, opening->procedure),
                .request = { .act = opening->act, .unit = unit, .fields = with },
        };
        return true;
}

/* Once for each sub-matter of the procedure, as it stood before this act. */
static bool react_below(
                struct decision_run *run, const struct reaction *reaction, struct follow *follow)
{
        const struct lookups *lookups = run->world->lookups;
        struct value children = value_list(NULL, 0), with;
        if (run->matter == NULL)
                return true;
        if (!lookups->children(lookups->user, run->arena, run->matter->id, &children))
                children = value_list(NULL, 0); /* the desk refuses: it could not be read */
        if (children.list.n >= FAMILY_MAX)
                return err_field(run->err, E_ACT_COMPUTED, run->act->label,
                                "下级办件已有 %zu 件，不能逐件告知", children.list.n);
        for (size_t i = 0; i < children.list.n; i++) {
                const struct value *child = &children.list.items[i];
                const struct value *procedure = value_get(child, STR_LIT("procedure"));
                const struct value *number = value_get(child, STR_LIT("number"));
                bool holds = true;
                if (!str_eq(procedure->string, reaction->procedure))
                        continue;
                scope_set_local(&run->scope, reaction->as, *child);
                scope_changed(&run->scope);
                if (reaction->when != NULL &&
                                !scope_holds(&run->scope, reaction->when, &holds, run->err))
                        return false;
                if (!holds)
                        continue;
                if (!eval_assignments(run, reaction->with, reaction->n_with, true, &with))
                        return false;
                *add_consequence(run, follow) = (struct consequence){
                        .child = number->string,
                        .request = { .act = reaction->act, .fields = with },
                };
        }
        return true;
}

static bool react(struct decision_run *run, const struct reaction *reaction, struct follow *follow)
{
        bool holds = true;
        struct value with;
        if (reaction->procedure.n != 0)
                return react_below(run, reaction, follow);
        if (reaction->when != NULL && !scope_holds(&run->scope, reaction->when, &holds, run->err))
                return false;
        if (!holds || run->matter == NULL || run->matter->parent == 0)
                return true;
        if (!eval_assignments(run, reaction->with, reaction->n_with, true, &with))
                return false;
        *add_consequence(run, follow) = (struct consequence){
                .on_parent = true,
                .request = { .act = reaction->act, .fields = with },
        };
        return true;
}

/* The unit that the matter belongs to from now on: one in force, and another than before. */
static bool move_unit(struct decision_run *run)
{
        const struct lookups *lookups = run->world->lookups;
        struct value to, entry;
        if (run->act->moves == NULL)
                return true;
        if (!scope_eval(&run->scope, run->act->moves, &to, run->err))
                return false;
        if (to.kind != VALUE_STRING || to.string.n == 0)
                return true;
        struct str unit = to.string;
        if (str_eq(unit, run->scope.unit))
                return err_field(run->err, E_ACT_MOVE, run->act->label, "本件已经由「%.*s」承办",
                                STR_FMT(unit));
        if (!lookups->entry(lookups->user, run->arena, STR_LIT("units"), unit,
                            moment_date(run->world->now), &entry))
                return err_field(run->err, E_ACT_MOVE, run->act->label,
                                "没有现行有效的单位「%.*s」", STR_FMT(unit));
        run_record(run, STR_LIT("$unit"), value_string(unit));
        return true;
}

bool follow_up(struct decision_run *run, struct outcome *ret)
{
        const struct act *act = run->act;
        struct follow follow = { 0 };
        for (size_t i = 0; i < act->n_writes; i++) {
                struct write_job job = { &act->writes[i], &follow };
                if (!for_each(run, job.write->each, job.write->as, job.write->when, &job,
                                    write_entry))
                        return false;
        }
        if (follow.n_writes != 0)
                run_record(run, STR_LIT("$writes"), value_list(follow.writes, follow.n_writes));
        for (size_t i = 0; i < act->n_opens; i++) {
                struct open_job job = { &act->opens[i], &follow };
                if (!for_each(run, job.opening->each, job.opening->as, job.opening->when, &job,
                                    open_matter))
                        return false;
        }
        scope_changed(&run->scope);
        for (size_t i = 0; i < act->n_then; i++)
                if (!react(run, &act->then[i], &follow))
                        return false;
        if (!eval_people(run, act->recuses, STR_LIT("$recused")) ||
                        !eval_people(run, act->assigns, STR_LIT("$assigned")) || !move_unit(run))
                return false;
        ret->consequences = follow.consequences;
        ret->n_consequences = follow.n_consequences;
        return true;
}
