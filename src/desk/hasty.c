#include "desk/hasty.h"

#include "procedure/definition.h"

struct start { /* of a clock, from a day that a field says; no field: of hours, from anything */
        struct str act, field;
};

struct hasty {
        struct arena *arena;
        struct start *starts;
        size_t n;
};

static void note(struct hasty *hasty, struct str act, struct str field)
{
        for (size_t i = 0; i < hasty->n; i++)
                if (str_eq(hasty->starts[i].act, act) && str_eq(hasty->starts[i].field, field))
                        return;
        hasty->starts = arena_push(hasty->arena, hasty->starts, hasty->n, sizeof(*hasty->starts));
        hasty->starts[hasty->n++] = (struct start){ act, field };
}

static void note_step(struct hasty *hasty, const struct version *version, const struct act *act,
                const struct clock_step *step)
{
        size_t n;
        const size_t *slots = feel_slots_read(step->value, &n);
        if (version->clocks[step->clock].rule.unit == DEADLINE_HOURS)
                note(hasty, act->name, STR_LIT(""));
        for (size_t i = 0; i < n; i++)
                if (slots[i] < version->n_fields)
                        note(hasty, act->name, version->fields[slots[i]].name);
}

static void note_version(struct hasty *hasty, const struct version *version)
{
        for (size_t i = 0; i < version->n_acts; i++) {
                const struct act *act = &version->acts[i];
                for (size_t k = 0; k < act->n_clock_steps; k++) {
                        const struct clock_step *step = &act->clock_steps[k];
                        if (step->verb == CLOCK_START && step->value != NULL)
                                note_step(hasty, version, act, step);
                }
        }
}

struct hasty *hasty_acts(struct arena *arena, const struct catalogue *catalogue)
{
        struct hasty *hasty = arena_new(arena, struct hasty);
        hasty->arena = arena;
        for (size_t i = 0; i < catalogue->n_procedures; i++)
                for (size_t v = 0; v < catalogue->procedures[i]->n_versions; v++)
                        note_version(hasty, catalogue->procedures[i]->versions[v]);
        return hasty;
}

static bool is_past(const struct value *value, struct date today)
{
        struct date day;
        struct err ignored;
        if (value == NULL)
                return false;
        if (value->kind == VALUE_DATE)
                return date_cmp(value->date, today) < 0;
        return value->kind == VALUE_STRING && date_parse(value->string, &day, &ignored) &&
               date_cmp(day, today) < 0;
}

bool hasty_is(const struct hasty *hasty, const struct submission *submission)
{
        struct date today = moment_date(submission->time);
        for (size_t i = 0; i < hasty->n; i++) {
                const struct start *start = &hasty->starts[i];
                if (!str_eq(start->act, submission->act))
                        continue;
                if (start->field.n == 0 ||
                                is_past(value_get(&submission->fields, start->field), today))
                        return true;
        }
        return false;
}
