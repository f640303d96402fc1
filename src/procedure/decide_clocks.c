/* What an act does to the clocks, and which of them it stops too late. */
#include "procedure/decide_run.h"

bool clock_has_run_out(const struct matter *matter, size_t clock, struct moment then,
                const struct calendar *calendar, struct deadline *ret)
{
        if (!matter_deadline(matter, clock, calendar, moment_date(then), ret))
                return false;
        enum clock_status status = matter->clocks[clock].status;
        if (status == CLOCK_EXPIRED)
                return true;
        return status == CLOCK_RUNNING && ret->due.second < then.second;
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

/* The day a clock runs from; for a clock of hours the very moment, which cannot lie ahead. */
static bool start_from(struct decision_run *run, const struct clock_step *step, struct member *ret)
{
        const struct clock_definition *clock = &run->version->clocks[step->clock];
        struct date day;
        if (clock->rule.unit == DEADLINE_HOURS) {
                if (!scope_eval(&run->scope, step->value, &ret->value, run->err))
                        return false;
                if (ret->value.kind != VALUE_MOMENT)
                        return err_field(run->err, E_CLOCK_START, clock->label, "起算时刻未填");
                return ret->value.moment.second <= run->world->now.second ||
                       err_field(run->err, E_CLOCK_START, clock->label, "起算时刻还没有到");
        }
        if (!scope_date(&run->scope, step->value, &day, run->err))
                return false;
        ret->value = value_date(day);
        return !date_is_none(day) ||
               err_field(run->err, E_CLOCK_START, clock->label, "起算日期未填");
}

/* A clock whose last day cannot be worked out (a date mistyped by a century, a term of centuries)
 * would never run out, and nobody would be told. */
static bool check_start(struct decision_run *run, const struct clock_definition *clock,
                const struct member *facts, size_t n)
{
        struct deadline_rule rule = clock->rule;
        struct deadline_term term = { .rule = &rule,
                .start = moment_date(run_effect(run)),
                .start_moment = run_effect(run) };
        struct deadline deadline;
        struct err why;
        int64_t length;
        for (size_t i = 0; i < n; i++) {
                const struct value *v = &facts[i].value;
                if (v->kind == VALUE_DATE)
                        term.start = v->date;
                else if (v->kind == VALUE_MOMENT)
                        term.start_moment = v->moment;
                else if (v->kind == VALUE_NUMBER && decimal_to_int(v->number, &length))
                        rule.length = (int)length;
        }
        return deadline_compute(&term, run->world->calendar, &deadline, &why) ||
               err_field(run->err, E_CLOCK_START, clock->label,
                               "算不出届满日（%s），请核对日期和长度", why.detail);
}

/* What starting this clock records: the day it runs from, its length, its target;
 * or that it is not started this time. */
static bool start_clock(struct decision_run *run, const struct clock_step *step,
                struct member *facts, size_t *n)
{
        const struct clock_definition *clock = &run->version->clocks[step->clock];
        const struct feel_expression *target = clock->before != NULL ? clock->before : clock->fixed;
        struct date day;
        int64_t length;
        bool holds = true;
        if (step->when != NULL && !scope_holds(&run->scope, step->when, &holds, run->err))
                return false;
        if (!holds) {
                facts[(*n)++] = (struct member){ STR_LIT("skip"), value_bool(true) };
                return true;
        }
        if (step->value != NULL && !start_from(run, step, &facts[*n]))
                return false;
        if (step->value != NULL)
                facts[(*n)++].name = STR_LIT("from");
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
        return check_start(run, clock, facts, *n);
}

static bool has_end(struct decision_run *run, size_t clock, int64_t by)
{
        struct matter_term term;
        struct deadline deadline;
        struct err why;
        if (!matter_term(run->matter, clock, moment_date(run->world->now), &term))
                return false;
        term.term.extension += (int)by;
        return deadline_compute(&term.term, run->world->calendar, &deadline, &why) ||
               why.code == E_DEADLINE_STOPPED;
}

static bool extend_clock(struct decision_run *run, const struct clock_step *step,
                struct member *facts, size_t *n)
{
        const struct clock_definition *clock = &run->version->clocks[step->clock];
        const struct matter_clock *now =
                        run->matter != NULL ? &run->matter->clocks[step->clock] : NULL;
        struct deadline deadline;
        int64_t by = clock->extend_by;
        if (now == NULL || (now->status != CLOCK_RUNNING && now->status != CLOCK_PAUSED))
                err_field(run->err, E_CLOCK_EXTEND, clock->label, "期限没有在进行，不能延长");
        else if (clock->extend_once && now->extended > 0)
                err_field(run->err, E_CLOCK_EXTEND, clock->label, "已经延长过一次");
        else if (clock_has_run_out(run->matter, step->clock, run->world->now, run->world->calendar,
                                 &deadline))
                err_field(run->err, E_CLOCK_EXTEND, clock->label, "期限已经届满，不能再延长");
        else if (step->value == NULL && clock->extend_by == 0)
                err_field(run->err, E_CLOCK_EXTEND, clock->label, "法律没有规定可以延长");
        else if (step->value != NULL && !eval_count(run, step->value, clock, &by))
                return false;
        else if (clock->extend_by > 0 && by > clock->extend_by)
                err_field(run->err, E_CLOCK_EXTEND, clock->label, "最长延长 %d", clock->extend_by);
        else if (!has_end(run, step->clock, by))
                err_field(run->err, E_CLOCK_EXTEND, clock->label, "延长以后算不出届满日");
        else if (step->value == NULL)
                return true;
        else {
                facts[(*n)++] = (struct member){ STR_LIT("by"), value_int(by) };
                return true;
        }
        return err_cite(run->err, clock->basis);
}

bool move_clocks(struct decision_run *run)
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
                        clocks[n_clocks++] =
                                        (struct member){ run->version->clocks[step->clock].name,
                                                sorted_context(facts, n) };
        }
        if (n_clocks != 0)
                run_record(run, STR_LIT("$clocks"), sorted_context(clocks, n_clocks));
        return true;
}

static bool stops_clock(const struct decision_run *run, size_t clock)
{
        const struct act *act = run->act;
        for (size_t i = 0; i < act->n_clock_steps; i++)
                if (act->clock_steps[i].clock == clock && act->clock_steps[i].verb == CLOCK_STOP)
                        return true;
        return run->version->states[run->to].final;
}

/* Clocks that had run out before this act stops them, though no timer said so. */
void note_late(struct decision_run *run)
{
        if (run->matter == NULL)
                return;
        struct value *late = NULL;
        size_t n = 0;
        for (size_t i = 0; i < run->version->n_clocks; i++) {
                struct deadline deadline;
                if (run->matter->clocks[i].status != CLOCK_RUNNING || !stops_clock(run, i) ||
                                !clock_has_run_out(run->matter, i, run_effect(run),
                                                run->world->calendar, &deadline))
                        continue;
                if (late == NULL)
                        late = arena_new_array(run->arena, run->version->n_clocks, struct value);
                late[n++] = value_string(run->version->clocks[i].name);
        }
        if (n != 0)
                run_record(run, STR_LIT("$late"), value_list(late, n));
}
