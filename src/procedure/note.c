/* A note (备注): what staff write down on a matter for each other. */
#include "procedure/decide_run.h"

static const struct field note_field = { .name = { "note", 4 },
        .label = { "备注", sizeof("备注") - 1 },
        .type = FIELD_LONG_TEXT,
        .max_length = NOTE_MAX };

static bool holds_any(struct decision_run *run)
{
        for (size_t i = 0; i < run->version->n_acts; i++) {
                run->act = &run->version->acts[i];
                if (holds_a_role(run))
                        return true;
        }
        return false;
}

static bool is_assigned(const struct matter *matter, struct str staff)
{
        for (size_t i = 0; i < matter->n_assigned; i++)
                if (str_eq(matter->assigned[i], staff))
                        return true;
        return false;
}

static bool check_writer(struct decision_run *run)
{
        static const struct act as_act = { .name = { ACT_NOTE, sizeof(ACT_NOTE) - 1 },
                .label = { "备注", sizeof("备注") - 1 } };
        bool may = run->actor->is_staff &&
                   (is_assigned(run->matter, run->actor->id) || holds_any(run));
        run->act = &as_act;
        return may ? check_recusal(run)
                   : err_field(run->err, E_ACT_ROLE, as_act.label, "由经办本件的人员写备注");
}

bool procedure_note(struct arena *arena, const struct matter *matter, const struct actor *actor,
                const struct value *fields, const struct circumstances *circumstances,
                struct fact *ret, struct err *err)
{
        struct decision_run run = { .arena = arena,
                .version = matter->version,
                .matter = matter,
                .actor = actor,
                .world = circumstances,
                .err = err };
        const struct value *given =
                        fields->kind == VALUE_CONTEXT ? value_get(fields, note_field.name) : NULL;
        struct member *data = arena_new(arena, struct member);
        struct value taken;
        run.scope = scope_of(arena, matter->version, matter, circumstances);
        run.scope.actor = actor;
        if (!check_writer(&run))
                return false;
        if (fields->kind == VALUE_CONTEXT && fields->context.n > (given != NULL ? 1 : 0))
                return err_field(err, E_FIELD_UNKNOWN, note_field.label, "备注只收 note 一项");
        if (given == NULL || given->kind != VALUE_STRING || str_trim(given->string).n == 0)
                return err_field(err, E_FIELD_MISSING, note_field.label, "请写备注的内容");
        if (!input_take(&run.scope, &note_field, given, false, &taken, err))
                return false;
        *data = (struct member){ STR_LIT("$note"), taken };
        *ret = (struct fact){ .matter = matter->id,
                .version = matter->version,
                .act = STR_LIT(ACT_NOTE),
                .actor = actor->id,
                .on_behalf = actor->on_behalf,
                .time = circumstances->now,
                .data = value_context(data, 1) };
        return true;
}
