#include "procedure/decide.h"

#include <assert.h>

#include "base/limits.h"
#include "procedure/number.h"
#include "procedure/scope.h"

/* One decision on its way. */
struct decision_run {
        struct arena *arena;
        const struct version *version;
        const struct matter *matter; /* NULL: begins one */
        const struct actor *actor;
        const struct act_request *request;
        const struct circumstances *world;
        const struct act *act;
        struct scope scope;
        struct value *fields;   /* as they will stand */
        struct member *data;    /* what the event will hold */
        size_t n_data, max_data;
        size_t to;              /* the state afterwards */
        bool records_to;
        struct err *err;
};

static void record(struct decision_run *run, struct str name, struct value value)
{
        for (size_t i = 0; i < run->n_data; i++) {
                if (str_eq(run->data[i].name, name)) {
                        run->data[i].value = value;
                        return;
                }
        }
        assert(run->n_data < run->max_data);
        run->data[run->n_data++] = (struct member){ name, value };
}

static bool has_index(const size_t *indexes, size_t n, size_t index)
{
        for (size_t i = 0; i < n; i++)
                if (indexes[i] == index)
                        return true;
        return false;
}

static bool has_text(const struct str *texts, size_t n, struct str text)
{
        for (size_t i = 0; i < n; i++)
                if (str_eq(texts[i], text))
                        return true;
        return false;
}

/* ---- May this person, in this state, now? ---- */

static struct str role_list(struct arena *arena, const struct act *act)
{
        struct buf buf = BUF(arena);
        for (size_t i = 0; i < act->n_roles; i++)
                buf_format(&buf, "%s%.*s", i == 0 ? "" : "、", STR_FMT(act->roles[i]));
        return buf_str(&buf);
}

static bool check_role(struct decision_run *run)
{
        const struct act *act = run->act;
        const struct actor *actor = run->actor;
        const struct lookups *lookups = run->world->lookups;
        struct date today = moment_date(run->world->now);
        for (size_t i = 0; i < act->n_roles; i++) {
                if (!actor->is_staff && str_eq(actor->id, act->roles[i]))
                        return true;
                if (actor->is_staff && lookups->holds_role(lookups->user, actor, act->roles[i],
                                                        run->scope.unit, today))
                        return true;
        }
        return err_field(run->err, E_ACT_ROLE, act->label, "需要的岗位：%.*s",
                        STR_FMT(role_list(run->arena, act)));
}

static bool check_recusal(struct decision_run *run)
{
        const struct matter *matter = run->matter;
        if (matter == NULL || !run->actor->is_staff)
                return true;
        if (has_text(matter->recused, matter->n_recused, run->actor->id))
                return err_field(run->err, E_ACT_RECUSED, run->act->label, "%.*s",
                                STR_FMT(run->actor->name));
        return true;
}

static struct str states_text(struct arena *arena, const struct version *version,
                const struct act *act)
{
        struct buf buf = BUF(arena);
        for (size_t i = 0; i < act->n_from; i++)
                buf_format(&buf, "%s%.*s", i == 0 ? "" : "、",
                                STR_FMT(version->states[act->from[i]].label));
        return buf_str(&buf);
}

static bool check_state(struct decision_run *run)
{
        const struct act *act = run->act;
        const struct version *version = run->version;
        if (run->matter == NULL)
                return act->from_new || err_field(run->err, E_ACT_STATE, act->label,
                                                        "这个动作不能新建办件");
        const struct state *state = &version->states[run->matter->state];
        if (has_index(act->from, act->n_from, run->matter->state) ||
                        (act->from_any && !state->final))
                return true;
        if (act->from_new && act->n_from == 0)
                return err_field(run->err, E_ACT_STATE, act->label,
                                "办件已经登记，不能再次登记");
        if (state->final)
                return err_field(run->err, E_ACT_STATE, act->label, "办件已是「%.*s」，不能再办理",
                                STR_FMT(state->label));
        return err_field(run->err, E_ACT_STATE, act->label, "办件现为「%.*s」，要在「%.*s」时才能办",
                        STR_FMT(state->label), STR_FMT(states_text(run->arena, version, act)));
}

static bool check_once(struct decision_run *run)
{
        size_t count = 0;
        if (!run->act->once || run->matter == NULL)
                return true;
        const struct deed *last = matter_did(run->matter, run->act->name, &count);
        if (count == 0)
                return true;
        char day[11];
        date_write(moment_date(last->time), day);
        err_field(run->err, E_ACT_ONCE, run->act->label, "已于 %s 办过", day);
        /* The article that limits it stands with the act's first rule or clock. */
        return run->act->n_require > 0 ? err_cite(run->err, run->act->require[0].basis) : false;
}

static bool check_separation(struct decision_run *run)
{
        const struct act *act = run->act;
        if (run->matter == NULL || !run->actor->is_staff)
                return true;
        for (size_t i = 0; i < run->matter->n_deeds; i++) {
                const struct deed *deed = &run->matter->deeds[i];
                if (deed->act == SIZE_MAX || !str_eq(deed->actor, run->actor->id) ||
                                !has_index(act->differs_from, act->n_differs_from, deed->act))
                        continue;
                return err_field(run->err, E_ACT_SAME_PERSON, act->label,
                                "%.*s 已在本件办过「%.*s」", STR_FMT(run->actor->name),
                                STR_FMT(run->version->acts[deed->act].label));
        }
        return true;
}

static bool has_run_out(const struct matter *matter, size_t clock,
                const struct circumstances *world, struct deadline *ret)
{
        if (!matter_deadline(matter, clock, world->calendar, moment_date(world->now), ret))
                return false;
        enum clock_status status = matter->clocks[clock].status;
        if (status == CLOCK_EXPIRED)
                return true;
        return status == CLOCK_RUNNING && ret->due.second < world->now.second;
}

static bool check_within(struct decision_run *run)
{
        struct deadline deadline;
        if (run->act->within < 0 || run->matter == NULL)
                return true;
        size_t clock = (size_t)run->act->within;
        if (!has_run_out(run->matter, clock, run->world, &deadline))
                return true;
        const struct clock_definition *definition = &run->version->clocks[clock];
        char day[11];
        date_write(deadline.last_day, day);
        err_field(run->err, E_ACT_LATE, run->act->label, "「%.*s」已于 %s 届满",
                        STR_FMT(definition->label), day);
        return err_cite(run->err, definition->basis);
}

static bool check_standing(struct decision_run *run)
{
        return check_role(run) && check_recusal(run) && check_state(run) && check_once(run) &&
                        check_separation(run) && check_within(run);
}

/* ---- What is given and computed ---- */

#define WHICH_MAX 10 /* cases named by one rule */

/* What a rule says: its sentence, and behind it which cases are meant. */
static bool say_rule(struct decision_run *run, const struct rule *rule, struct str *ret)
{
        struct value which;
        *ret = rule->say;
        if (rule->which == NULL)
                return true;
        if (!scope_eval(&run->scope, rule->which, &which, run->err))
                return false;
        size_t n = which.kind == VALUE_LIST ? which.list.n : 1, named = 0;
        const struct value *items = which.kind == VALUE_LIST ? which.list.items : &which;
        struct buf text = BUF(run->arena);
        buf_str_add(&text, rule->say);
        for (size_t i = 0; i < n; i++) {
                if (items[i].kind == VALUE_NULL || named++ >= WHICH_MAX)
                        continue;
                buf_format(&text, "%s%.*s", named == 1 ? "：" : "、",
                                STR_FMT(value_text(run->arena, &items[i])));
        }
        if (named > WHICH_MAX)
                buf_format(&text, " 等 %zu 项", named);
        *ret = buf_str(&text);
        return true;
}

static bool check_rule(struct decision_run *run, const struct rule *rule, enum err_code code,
                struct str field)
{
        bool holds;
        struct str say;
        if (!scope_holds(&run->scope, rule->that, &holds, run->err))
                return false;
        if (holds)
                return true;
        if (!say_rule(run, rule, &say))
                return false;
        err_field(run->err, code, field, "%.*s", STR_FMT(say));
        return err_cite(run->err, rule->basis);
}

static bool take_field(struct decision_run *run, size_t index, const struct value *given)
{
        const struct field *field = &run->version->fields[index];
        struct value taken;
        bool by_system = str_is(run->actor->id, "system");
        if (!input_take(&run->scope, field, given, by_system, &taken, run->err))
                return false;
        run->fields[index] = taken;
        record(run, field->name, taken);
        return true;
}

static bool is_given(const struct value *v)
{
        return v != NULL && v->kind != VALUE_NULL &&
                        !(v->kind == VALUE_STRING && str_trim(v->string).n == 0) &&
                        !(v->kind == VALUE_LIST && v->list.n == 0);
}

static bool take_fields(struct decision_run *run)
{
        const struct act *act = run->act;
        const struct value *given = &run->request->fields;
        size_t n = given->kind == VALUE_CONTEXT ? given->context.n : 0;
        if (n > LIMIT_ACT_FIELDS)
                return err_set(run->err, E_LIMIT, "一次最多 %u 个字段", LIMIT_ACT_FIELDS);
        for (size_t i = 0; i < n; i++) {
                const struct member *m = &given->context.members[i];
                int index = version_field(run->version, m->name);
                if (index < 0 || (!has_index(act->needs, act->n_needs, (size_t)index) &&
                                                 !has_index(act->takes, act->n_takes,
                                                                 (size_t)index)))
                        return err_field(run->err, E_FIELD_UNKNOWN, m->name,
                                        "「%.*s」不收这一项", STR_FMT(act->label));
                if (!is_given(&m->value) && has_index(act->needs, act->n_needs, (size_t)index))
                        continue; /* reported below, with its label */
                if (!take_field(run, (size_t)index, &m->value))
                        return false;
        }
        for (size_t i = 0; i < act->n_needs; i++) {
                const struct field *field = &run->version->fields[act->needs[i]];
                const struct value *v = n != 0 ? value_get(given, field->name) : NULL;
                if (!is_given(v))
                        return err_field(run->err, E_FIELD_MISSING, field->label, "办理「%.*s」时必填",
                                        STR_FMT(act->label));
        }
        return true;
}

static bool check_fields(struct decision_run *run)
{
        size_t n = run->n_data;
        for (size_t i = 0; i < n; i++) {
                int index = version_field(run->version, run->data[i].name);
                if (index < 0 || run->fields[index].kind == VALUE_NULL)
                        continue;
                const struct field *field = &run->version->fields[index];
                for (size_t k = 0; k < field->n_checks; k++) {
                        run->scope.value = &run->fields[index];
                        scope_changed(&run->scope);
                        if (!check_rule(run, &field->checks[k], E_FIELD_RULE, field->label))
                                return false;
                }
        }
        run->scope.value = NULL;
        return true;
}

static bool compute_fields(struct decision_run *run)
{
        for (size_t i = 0; i < run->act->n_set; i++) {
                const struct assignment *set = &run->act->set[i];
                int index = version_field(run->version, set->name);
                struct value computed;
                assert(index >= 0);
                if (!scope_eval(&run->scope, set->value, &computed, run->err))
                        return false;
                if (!input_compute(run->arena, &run->version->fields[index], &computed,
                                    &run->fields[index], run->err))
                        return false;
                record(run, set->name, run->fields[index]);
                scope_changed(&run->scope);
        }
        return true;
}

static bool check_requirements(struct decision_run *run)
{
        for (size_t i = 0; i < run->act->n_require; i++)
                if (!check_rule(run, &run->act->require[i], E_ACT_RULE, run->act->label))
                        return false;
        return true;
}

static bool collect_warnings(struct decision_run *run, struct outcome *ret)
{
        struct str *warnings = arena_new_array(run->arena, run->act->n_warn, struct str);
        size_t n = 0;
        for (size_t i = 0; i < run->act->n_warn; i++) {
                const struct rule *rule = &run->act->warn[i];
                bool holds;
                struct str say;
                if (!scope_holds(&run->scope, rule->that, &holds, run->err))
                        return false;
                if (holds)
                        continue;
                if (!say_rule(run, rule, &say))
                        return false;
                warnings[n++] = rule->basis.n != 0 ?
                                str_format(run->arena, "%.*s（%.*s）", STR_FMT(say),
                                                STR_FMT(rule->basis)) :
                                say;
        }
        ret->warnings = warnings;
        ret->n_warnings = n;
        return true;
}

/* ---- What follows: state, clocks, papers, people, registers ---- */

static bool choose_state(struct decision_run *run)
{
        const struct act *act = run->act;
        run->to = run->matter != NULL ? run->matter->state : 0;
        run->records_to = act->n_to > 1 || (act->n_to == 1 && act->to[0].when != NULL);
        for (size_t i = 0; i < act->n_to; i++) {
                bool holds = true;
                if (act->to[i].when != NULL &&
                                !scope_holds(&run->scope, act->to[i].when, &holds, run->err))
                        return false;
                if (!holds)
                        continue;
                run->to = act->to[i].state;
                break;
        }
        if (run->records_to)
                record(run, STR_LIT("$to"), value_string(run->version->states[run->to].name));
        return true;
}

static struct value sorted_context(struct member *members, size_t n)
{
        bool unique = value_sort_members(members, n);
        assert(unique);
        return value_context(members, n);
}

static bool eval_count(struct decision_run *run, const struct feel_expression *expression,
                const struct clock_definition *clock, int64_t *ret)
{
        struct value v;
        if (!scope_eval(&run->scope, expression, &v, run->err))
                return false;
        if (v.kind == VALUE_NUMBER && decimal_to_int(v.number, ret) && *ret >= 1 &&
                        *ret <= MATTER_LENGTH_MAX)
                return true;
        return err_field(run->err, E_CLOCK_LENGTH, clock->label, "应为 1 到 %d 的整数",
                        MATTER_LENGTH_MAX);
}

/* What starting this clock records: the day it runs from, its length, its target;
 * or that it is not started this time. */
static bool start_clock(struct decision_run *run, const struct clock_step *step,
                struct member *facts, size_t *n)
{
        const struct clock_definition *clock = &run->version->clocks[step->clock];
        const struct feel_expression *target =
                        clock->before != NULL ? clock->before : clock->fixed;
        struct date day;
        int64_t length;
        bool holds = true;
        if (step->when != NULL && !scope_holds(&run->scope, step->when, &holds, run->err))
                return false;
        if (!holds) {
                facts[(*n)++] = (struct member){ STR_LIT("skip"), value_bool(true) };
                return true;
        }
        if (step->value != NULL) {
                if (!scope_date(&run->scope, step->value, &day, run->err))
                        return false;
                if (date_is_none(day))
                        return err_field(run->err, E_CLOCK_START, clock->label, "起算日期未填");
                facts[(*n)++] = (struct member){ STR_LIT("from"), value_date(day) };
        }
        if (clock->length != NULL) {
                if (!eval_count(run, clock->length, clock, &length))
                        return false;
                facts[(*n)++] = (struct member){ STR_LIT("length"), value_int(length) };
        }
        if (target != NULL) {
                if (!scope_date(&run->scope, target, &day, run->err))
                        return false;
                if (date_is_none(day))
                        return err_field(run->err, E_CLOCK_START, clock->label, "目标日期未填");
                facts[(*n)++] = (struct member){ STR_LIT("target"), value_date(day) };
        }
        return true;
}

static bool extend_clock(struct decision_run *run, const struct clock_step *step,
                struct member *facts, size_t *n)
{
        const struct clock_definition *clock = &run->version->clocks[step->clock];
        const struct matter_clock *now =
                        run->matter != NULL ? &run->matter->clocks[step->clock] : NULL;
        struct deadline deadline;
        int64_t by;
        if (now == NULL || (now->status != CLOCK_RUNNING && now->status != CLOCK_PAUSED))
                err_field(run->err, E_CLOCK_EXTEND, clock->label, "期限没有在进行，不能延长");
        else if (clock->extend_once && now->extended > 0)
                err_field(run->err, E_CLOCK_EXTEND, clock->label, "已经延长过一次");
        else if (has_run_out(run->matter, step->clock, run->world, &deadline))
                err_field(run->err, E_CLOCK_EXTEND, clock->label, "期限已经届满，不能再延长");
        else if (step->value == NULL && clock->extend_by == 0)
                err_field(run->err, E_CLOCK_EXTEND, clock->label, "法律没有规定可以延长");
        else if (step->value == NULL)
                return true;
        else if (!eval_count(run, step->value, clock, &by))
                return false;
        else if (clock->extend_by > 0 && by > clock->extend_by)
                err_field(run->err, E_CLOCK_EXTEND, clock->label, "最长延长 %d", clock->extend_by);
        else {
                facts[(*n)++] = (struct member){ STR_LIT("by"), value_int(by) };
                return true;
        }
        return err_cite(run->err, clock->basis);
}

static bool move_clocks(struct decision_run *run)
{
        const struct act *act = run->act;
        struct member *clocks = arena_new_array(run->arena, act->n_clock_steps, struct member);
        size_t n_clocks = 0;
        for (size_t i = 0; i < act->n_clock_steps; i++) {
                const struct clock_step *step = &act->clock_steps[i];
                struct member *facts = arena_new_array(run->arena, 3, struct member);
                size_t n = 0;
                if (step->verb == CLOCK_START && !start_clock(run, step, facts, &n))
                        return false;
                if (step->verb == CLOCK_EXTEND && !extend_clock(run, step, facts, &n))
                        return false;
                if (n != 0)
                        clocks[n_clocks++] = (struct member){
                                run->version->clocks[step->clock].name, sorted_context(facts, n)
                        };
        }
        if (n_clocks != 0)
                record(run, STR_LIT("$clocks"), sorted_context(clocks, n_clocks));
        return true;
}

static bool stops_clock(const struct decision_run *run, size_t clock)
{
        const struct act *act = run->act;
        for (size_t i = 0; i < act->n_clock_steps; i++)
                if (act->clock_steps[i].clock == clock &&
                                act->clock_steps[i].verb == CLOCK_STOP)
                        return true;
        return run->version->states[run->to].final;
}

/* Clocks that had run out before this act stops them, though no timer said so. */
static void note_late(struct decision_run *run)
{
        if (run->matter == NULL)
                return;
        struct value *late = NULL;
        size_t n = 0;
        for (size_t i = 0; i < run->version->n_clocks; i++) {
                struct deadline deadline;
                if (run->matter->clocks[i].status != CLOCK_RUNNING || !stops_clock(run, i) ||
                                !has_run_out(run->matter, i, run->world, &deadline))
                        continue;
                if (late == NULL)
                        late = arena_new_array(run->arena, run->version->n_clocks, struct value);
                late[n++] = value_string(run->version->clocks[i].name);
        }
        if (n != 0)
                record(run, STR_LIT("$late"), value_list(late, n));
}

/* A list of staff ids from one id or a list of them; null and "" are nobody. */
static bool eval_people(struct decision_run *run, const struct feel_expression *expression,
                struct str name)
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
                record(run, name, v);
        } else if (v.kind == VALUE_STRING && v.string.n != 0) {
                struct value *one = arena_new(run->arena, struct value);
                *one = v;
                record(run, name, value_list(one, 1));
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
static bool amend_entry(struct decision_run *run, const struct reg *reg, struct str key,
                struct value *set)
{
        const struct lookups *lookups = run->world->lookups;
        struct value stands;
        if (!lookups->entry(lookups->user, run->arena, reg->name, key,
                            moment_date(run->world->now), &stands) ||
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
        if (write->end == NULL) {
                struct value set;
                if (!eval_assignments(run, write->set, write->n_set, false, &set) ||
                                !type_entry(run, reg, &set) ||
                                (write->amend && !amend_entry(run, reg, key, &set)))
                        return false;
                members[n++] = (struct member){ STR_LIT("set"), set };
        }
        struct follow *follow = job->follow;
        struct value *grown = arena_grow(run->arena, follow->writes, follow->n_writes, 1,
                        sizeof(*grown));
        grown[follow->n_writes++] = sorted_context(members, n);
        follow->writes = grown;
        return true;
}

static struct consequence *add_consequence(struct decision_run *run, struct follow *follow)
{
        struct consequence *grown = arena_grow(run->arena, follow->consequences,
                        follow->n_consequences, 1, sizeof(*grown));
        follow->consequences = grown;
        return &grown[follow->n_consequences++];
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

static bool react(struct decision_run *run, const struct reaction *reaction, struct follow *follow)
{
        bool holds = true;
        struct value with;
        if (reaction->when != NULL &&
                        !scope_holds(&run->scope, reaction->when, &holds, run->err))
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

static bool follow_up(struct decision_run *run, struct outcome *ret)
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
                record(run, STR_LIT("$writes"), value_list(follow.writes, follow.n_writes));
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
                        !eval_people(run, act->assigns, STR_LIT("$assigned")))
                return false;
        if (act->n_notifies != 0) {
                struct value *whom = arena_new_array(run->arena, act->n_notifies, struct value);
                for (size_t i = 0; i < act->n_notifies; i++)
                        whom[i] = value_string(act->notifies[i]);
                record(run, STR_LIT("$notified"), value_list(whom, act->n_notifies));
        }
        ret->consequences = follow.consequences;
        ret->n_consequences = follow.n_consequences;
        return true;
}

/* ---- Numbers come last: only an act that will be accepted takes one ---- */

static bool number_matter(struct decision_run *run, struct str *ret)
{
        if (run->matter != NULL) {
                *ret = run->matter->number;
                return true;
        }
        if (!number_allocate(&run->scope, run->version->number, STR_LIT(""), ret, run->err))
                return false;
        record(run, STR_LIT("$number"), value_string(*ret));
        record(run, STR_LIT("$unit"), value_string(run->scope.unit));
        if (run->request->parent != 0)
                record(run, STR_LIT("$parent"), value_int(run->request->parent));
        return true;
}

static bool number_documents(struct decision_run *run, struct str matter_number,
                struct buf *message)
{
        const struct act *act = run->act;
        struct member *numbers = arena_new_array(run->arena, act->n_documents, struct member);
        size_t n = 0;
        for (size_t i = 0; i < act->n_documents; i++) {
                const struct document *document = &run->version->documents[act->documents[i]];
                const struct feel_expression *when =
                                act->documents_when != NULL ? act->documents_when[i] : NULL;
                struct str number = matter_number;
                bool holds = true;
                if (when != NULL && !scope_holds(&run->scope, when, &holds, run->err))
                        return false;
                if (!holds)
                        continue;
                if (document->number.n != 0 &&
                                !number_allocate(&run->scope, document->number, matter_number,
                                                &number, run->err))
                        return false;
                numbers[n++] = (struct member){ document->name, value_string(number) };
                buf_format(message, " %.*s %.*s", STR_FMT(document->label), STR_FMT(number));
        }
        if (n != 0)
                record(run, STR_LIT("$documents"), sorted_context(numbers, n));
        return true;
}

static bool take_up(struct decision_run *run)
{
        int index = version_act(run->version, run->request->act);
        if (index < 0)
                return err_field(run->err, E_ACT_UNKNOWN, run->request->act, "「%.*s」没有这个动作",
                                STR_FMT(run->version->procedure->label));
        run->act = &run->version->acts[index];

        run->scope = scope_of(run->arena, run->version, run->matter, run->world);
        run->scope.actor = run->actor;
        if (run->matter == NULL)
                run->scope.unit = run->request->unit.n != 0 ? run->request->unit :
                                                              run->actor->unit;
        size_t n_fields = run->version->n_fields;
        run->fields = run->matter != NULL ?
                        arena_grow(run->arena, run->matter->fields, n_fields, 0,
                                        sizeof(*run->fields)) :
                        arena_new_array(run->arena, n_fields, struct value);
        run->scope.fields = run->fields;
        run->max_data = run->act->n_needs + run->act->n_takes + run->act->n_set + 12;
        run->data = arena_new_array(run->arena, run->max_data, struct member);
        return true;
}

static bool check_unit(struct decision_run *run)
{
        const struct lookups *lookups = run->world->lookups;
        struct value entry;
        if (run->matter != NULL)
                return true;
        if (run->scope.unit.n != 0 &&
                        lookups->entry(lookups->user, run->arena, STR_LIT("units"),
                                        run->scope.unit, moment_date(run->world->now), &entry))
                return true;
        return err_field(run->err, E_ACT_UNIT, run->act->label, "没有单位「%.*s」",
                        STR_FMT(run->scope.unit));
}

bool procedure_decide(struct arena *arena, const struct version *version,
                const struct matter *matter, const struct actor *actor,
                const struct act_request *request, const struct circumstances *circumstances,
                struct outcome *ret, struct err *err)
{
        assert(arena && version && actor && request && circumstances && ret && err);
        assert(matter == NULL || matter->version == version);
        struct decision_run run = { .arena = arena, .version = version, .matter = matter,
                .actor = actor, .request = request, .world = circumstances, .err = err };
        struct outcome outcome = { 0 };
        struct str number;

        if (!take_up(&run) || !check_unit(&run) || !check_standing(&run))
                return false;
        if (!take_fields(&run) || !check_fields(&run) || !compute_fields(&run))
                return false;
        scope_changed(&run.scope);
        if (!check_requirements(&run) || !collect_warnings(&run, &outcome) ||
                        !choose_state(&run) || !move_clocks(&run))
                return false;
        note_late(&run);
        if (request->expired.n != 0)
                record(&run, STR_LIT("$expired"), value_string(request->expired));
        if (!follow_up(&run, &outcome) || !number_matter(&run, &number))
                return false;

        struct buf message = BUF(arena);
        buf_str_add(&message, run.act->label);
        if (!number_documents(&run, number, &message))
                return false;
        outcome.message = buf_str(&message);
        outcome.fact = (struct fact){
                .matter = matter != NULL ? matter->id : 0, .version = version,
                .act = run.act->name, .actor = actor->id, .on_behalf = actor->on_behalf,
                .time = circumstances->now, .data = sorted_context(run.data, run.n_data),
        };
        *ret = outcome;
        return true;
}

void procedure_offer(struct arena *arena, const struct matter *matter, const struct actor *actor,
                const struct circumstances *circumstances, struct err *errs)
{
        const struct version *version = matter->version;
        for (size_t i = 0; i < version->n_acts; i++) {
                errs[i] = (struct err){ .code = E_NONE };
                struct decision_run run = { .arena = arena, .version = version, .matter = matter,
                        .actor = actor, .world = circumstances, .act = &version->acts[i],
                        .err = &errs[i] };
                run.scope = scope_of(arena, version, matter, circumstances);
                if (!check_standing(&run))
                        assert(errs[i].code != E_NONE);
        }
}

struct outcome procedure_timer_fact(struct arena *arena, const struct matter *matter, size_t clock,
                enum clock_warning level, bool expired, struct moment now)
{
        struct member *members = arena_new_array(arena, 2, struct member);
        size_t n = 0;
        members[n++] = (struct member){ STR_LIT("$clock"),
                value_string(matter->version->clocks[clock].name) };
        if (!expired)
                members[n++] = (struct member){ STR_LIT("$level"),
                        value_string(level == CLOCK_RED ? STR_LIT("red") : STR_LIT("yellow")) };
        return (struct outcome){
                .fact = {
                        .matter = matter->id, .version = matter->version,
                        .act = expired ? STR_LIT(ACT_EXPIRE) : STR_LIT(ACT_WARN),
                        .actor = STR_LIT("system"), .time = now,
                        .data = value_context(members, n),
                },
                .message = expired ? STR_LIT("期限届满") : STR_LIT("期限预警"),
        };
}
