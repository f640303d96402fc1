#include "procedure/decide.h"

#include <assert.h>

#include "procedure/decide_run.h"
#include "procedure/number.h"

void run_record(struct decision_run *run, struct str name, struct value value)
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

bool has_index(const size_t *indexes, size_t n, size_t index)
{
        for (size_t i = 0; i < n; i++)
                if (indexes[i] == index)
                        return true;
        return false;
}

struct value sorted_context(struct member *members, size_t n)
{
        bool unique = value_sort_members(members, n);
        assert(unique);
        return value_context(members, n);
}

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
                run_record(run, STR_LIT("$to"), value_string(run->version->states[run->to].name));
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
        run_record(run, STR_LIT("$number"), value_string(*ret));
        run_record(run, STR_LIT("$unit"), value_string(run->scope.unit));
        if (run->request->parent != 0)
                run_record(run, STR_LIT("$parent"), value_int(run->request->parent));
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
                run->scope.unit = run->request->unit.n != 0 ? run->request->unit : run->actor->unit;
        size_t n_fields = run->version->n_fields;
        run->fields = run->matter != NULL ? arena_grow(run->arena, run->matter->fields, n_fields, 0,
                                                            sizeof(*run->fields))
                                          : arena_new_array(run->arena, n_fields, struct value);
        run->scope.fields = run->fields;
        run->max_data = run->act->n_needs + run->act->n_takes + run->act->n_set + 14;
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
                        lookups->entry(lookups->user, run->arena, STR_LIT("units"), run->scope.unit,
                                        moment_date(run->world->now), &entry))
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
        struct decision_run run = { .arena = arena,
                .version = version,
                .matter = matter,
                .actor = actor,
                .request = request,
                .world = circumstances,
                .err = err };
        struct outcome outcome = { 0 };
        struct str number;

        if (!take_up(&run) || !check_unit(&run) || !check_standing(&run))
                return false;
        if (!take_fields(&run) || !check_fields(&run) || !compute_fields(&run))
                return false;
        scope_changed(&run.scope);
        if (!check_requirements(&run) || !collect_warnings(&run, &outcome) || !choose_state(&run) ||
                        !move_clocks(&run))
                return false;
        note_late(&run);
        if (request->expired.n != 0)
                run_record(&run, STR_LIT("$expired"), value_string(request->expired));
        if (request->due.second != 0)
                run_record(&run, STR_LIT("$due"), value_moment(request->due));
        if (!follow_up(&run, &outcome) || !number_matter(&run, &number))
                return false;

        struct buf message = BUF(arena);
        buf_str_add(&message, run.act->label);
        if (!issue_papers(&run, number, &message))
                return false;
        outcome.message = buf_str(&message);
        outcome.fact = (struct fact){
                .matter = matter != NULL ? matter->id : 0,
                .version = version,
                .act = run.act->name,
                .actor = actor->id,
                .on_behalf = actor->on_behalf,
                .time = circumstances->now,
                .data = sorted_context(run.data, run.n_data),
        };
        *ret = outcome;
        return true;
}

bool procedure_try(struct arena *arena, const struct version *version, const struct matter *matter,
                const struct actor *actor, const struct act_request *request,
                const struct circumstances *circumstances, struct act_trial *ret, struct err *err)
{
        struct decision_run run = { .arena = arena,
                .version = version,
                .matter = matter,
                .actor = actor,
                .request = request,
                .world = circumstances,
                .err = err };
        struct err *refusals = arena_new_array(arena, TRIAL_REFUSALS_MAX, struct err);
        size_t n = 0;
        if (!take_up(&run) || !check_unit(&run) || !check_standing(&run) || !take_fields(&run) ||
                        !check_fields(&run) || !compute_fields(&run))
                return false;
        scope_changed(&run.scope);
        for (size_t i = 0; i < run.act->n_require && n < TRIAL_REFUSALS_MAX; i++)
                if (!rule_check(&run.scope, &run.act->require[i], E_ACT_RULE, run.act->label,
                                    &refusals[n]))
                        n++;
        *ret = (struct act_trial){ run.fields, refusals, n };
        return true;
}

void procedure_offer(struct arena *arena, const struct matter *matter, const struct actor *actor,
                const struct circumstances *circumstances, struct err *errs)
{
        const struct version *version = matter->version;
        for (size_t i = 0; i < version->n_acts; i++) {
                errs[i] = (struct err){ .code = E_NONE };
                struct decision_run run = { .arena = arena,
                        .version = version,
                        .matter = matter,
                        .actor = actor,
                        .world = circumstances,
                        .act = &version->acts[i],
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
