/* May this person, in this state, now? The order is the order of the answers. */
#include "procedure/decide_run.h"

static bool has_text(const struct str *texts, size_t n, struct str text)
{
        for (size_t i = 0; i < n; i++)
                if (str_eq(texts[i], text))
                        return true;
        return false;
}

static struct str role_label(const struct decision_run *run, struct str role)
{
        int party = version_party(run->version, role);
        return party >= 0 ? run->version->parties[party].label
                          : catalogue_role(run->world->catalogue, role);
}

static struct str role_list(const struct decision_run *run)
{
        const struct act *act = run->act;
        struct buf buf = BUF(run->arena);
        for (size_t i = 0; i < act->n_roles; i++)
                buf_format(&buf, "%s%.*s", i == 0 ? "" : "、",
                                STR_FMT(role_label(run, act->roles[i])));
        return buf_str(&buf);
}

/* For the matter's unit; or, if the matter was assigned to this person (抽调), for
 * the person's own. */
static bool holds_role(struct decision_run *run, struct str role)
{
        const struct actor *actor = run->actor;
        const struct matter *matter = run->matter;
        const struct lookups *lookups = run->world->lookups;
        struct date today = moment_date(run->world->now);
        if (lookups->holds_role(lookups->user, actor, role, run->scope.unit, today))
                return true;
        return matter != NULL && has_text(matter->assigned, matter->n_assigned, actor->id) &&
               lookups->holds_role(lookups->user, actor, role, actor->unit, today);
}

bool holds_a_role(struct decision_run *run)
{
        const struct act *act = run->act;
        const struct actor *actor = run->actor;
        for (size_t i = 0; i < act->n_roles; i++) {
                if (!actor->is_staff && str_eq(actor->id, act->roles[i]))
                        return true;
                if (actor->is_staff && holds_role(run, act->roles[i]))
                        return true;
        }
        return false;
}

static bool check_role(struct decision_run *run)
{
        const struct act *act = run->act;
        if (holds_a_role(run))
                return true;
        return err_field(run->err, E_ACT_ROLE, act->label, "需要的岗位：%.*s",
                        STR_FMT(role_list(run)));
}

bool check_recusal(struct decision_run *run)
{
        const struct matter *matter = run->matter;
        if (matter == NULL || !run->actor->is_staff)
                return true;
        if (has_text(matter->recused, matter->n_recused, run->actor->id))
                return err_field(run->err, E_ACT_RECUSED, run->act->label, "%.*s",
                                STR_FMT(run->actor->name));
        const struct lookups *lookups = run->world->lookups;
        if (lookups->is_recused != NULL && lookups->is_recused(lookups->user, run->actor, matter,
                                                           moment_date(run->world->now)))
                return err_field(run->err, E_ACT_RECUSED, run->act->label, "%.*s（回避登记）",
                                STR_FMT(run->actor->name));
        return true;
}

static struct str states_text(
                struct arena *arena, const struct version *version, const struct act *act)
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
                return act->from_new ||
                       err_field(run->err, E_ACT_STATE, act->label, "这个动作不能新建办件");
        const struct state *state = &version->states[run->matter->state];
        if (has_index(act->from, act->n_from, run->matter->state) ||
                        (act->from_any && !state->final))
                return true;
        if (act->from_new && act->n_from == 0)
                return err_field(run->err, E_ACT_STATE, act->label, "办件已经登记，不能再次登记");
        if (state->final)
                return err_field(run->err, E_ACT_STATE, act->label, "办件已是「%.*s」，不能再办理",
                                STR_FMT(state->label));
        return err_field(run->err, E_ACT_STATE, act->label,
                        "办件现为「%.*s」，要在「%.*s」时才能办", STR_FMT(state->label),
                        STR_FMT(states_text(run->arena, version, act)));
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

static bool check_within(struct decision_run *run)
{
        struct deadline deadline;
        if (run->act->within < 0 || run->matter == NULL)
                return true;
        size_t clock = (size_t)run->act->within;
        if (!clock_has_run_out(
                            run->matter, clock, run->world->now, run->world->calendar, &deadline))
                return true;
        const struct clock_definition *definition = &run->version->clocks[clock];
        char day[11];
        date_write(deadline.last_day, day);
        err_field(run->err, E_ACT_LATE, run->act->label, "「%.*s」已于 %s 届满",
                        STR_FMT(definition->label), day);
        return err_cite(run->err, definition->basis);
}

bool check_standing(struct decision_run *run)
{
        return check_role(run) && check_recusal(run) && check_state(run) && check_once(run) &&
               check_separation(run) && check_within(run);
}
