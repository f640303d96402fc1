/* What staff record of a matter among themselves: a note (备注), and that a party was given another
 * query code (补发查询码). */
#include "procedure/decide_run.h"

static const struct field note_field = { .name = { "note", 4 },
        .label = { "备注", sizeof("备注") - 1 },
        .type = FIELD_LONG_TEXT,
        .max_length = NOTE_MAX };

static const struct field identity_field = { .name = { "identity", 8 },
        .label = { "核对的证件", sizeof("核对的证件") - 1 },
        .type = FIELD_TEXT,
        .max_length = IDENTITY_MAX };

static const struct act acts[] = {
        { .name = { ACT_NOTE, sizeof(ACT_NOTE) - 1 }, .label = { "备注", sizeof("备注") - 1 } },
        { .name = { ACT_CODE, sizeof(ACT_CODE) - 1 },
                        .label = { "补发查询码", sizeof("补发查询码") - 1 } },
};

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

/* Who may do any act of the matter, or has it assigned, and has not stepped back. */
static bool check_writer(struct decision_run *run, const struct act *act)
{
        bool may = run->actor->is_staff &&
                   (is_assigned(run->matter, run->actor->id) || holds_any(run));
        run->act = act;
        return may ? check_recusal(run)
                   : err_field(run->err, E_ACT_ROLE, act->label, "由经办本件的人员办理");
}

/* The text of a field that has to be given. */
static bool take_text(struct decision_run *run, const struct field *field,
                const struct value *fields, struct value *ret)
{
        const struct value *given =
                        fields->kind == VALUE_CONTEXT ? value_get(fields, field->name) : NULL;
        if (given == NULL || given->kind != VALUE_STRING || str_trim(given->string).n == 0)
                return err_field(run->err, E_FIELD_MISSING, field->label, "请填写%.*s",
                                STR_FMT(field->label));
        return input_take(&run->scope, field, given, false, ret, run->err);
}

static bool take_only(struct decision_run *run, const struct value *fields, size_t n)
{
        return fields->kind != VALUE_CONTEXT || fields->context.n <= n ||
               err_field(run->err, E_FIELD_UNKNOWN, run->act->label, "有不收的内容");
}

static struct decision_run run_of(struct arena *arena, const struct matter *matter,
                const struct actor *actor, const struct circumstances *circumstances,
                struct err *err)
{
        struct decision_run run = { .arena = arena,
                .version = matter->version,
                .matter = matter,
                .actor = actor,
                .world = circumstances,
                .err = err };
        run.scope = scope_of(arena, matter->version, matter, circumstances);
        run.scope.actor = actor;
        return run;
}

static struct fact fact_of(const struct decision_run *run, struct member *data, size_t n)
{
        return (struct fact){ .matter = run->matter->id,
                .version = run->version,
                .act = run->act->name,
                .actor = run->actor->id,
                .on_behalf = run->actor->on_behalf,
                .time = run->world->now,
                .data = sorted_context(data, n) };
}

bool procedure_note(struct arena *arena, const struct matter *matter, const struct actor *actor,
                const struct value *fields, const struct circumstances *circumstances,
                struct fact *ret, struct err *err)
{
        struct decision_run run = run_of(arena, matter, actor, circumstances, err);
        struct member *data = arena_new(arena, struct member);
        data->name = STR_LIT("$note");
        if (!check_writer(&run, &acts[0]) || !take_text(&run, &note_field, fields, &data->value) ||
                        !take_only(&run, fields, 1))
                return false;
        *ret = fact_of(&run, data, 1);
        return true;
}

static bool take_party(struct decision_run *run, const struct value *fields, struct value *ret)
{
        const struct version *version = run->version;
        const struct value *given =
                        fields->kind == VALUE_CONTEXT ? value_get(fields, STR_LIT("party")) : NULL;
        int party = given != NULL && given->kind == VALUE_STRING
                                    ? version_party(version, given->string)
                                    : -1;
        if (party < 0)
                return err_field(run->err, E_FIELD_MISSING, STR_LIT("当事人"), "请选择补发给谁");
        *ret = value_string(version->parties[party].key);
        return true;
}

bool procedure_code(struct arena *arena, const struct matter *matter, const struct actor *actor,
                const struct value *fields, const struct circumstances *circumstances,
                struct fact *ret, struct err *err)
{
        struct decision_run run = run_of(arena, matter, actor, circumstances, err);
        struct member *data = arena_new_array(arena, 2, struct member);
        data[0].name = STR_LIT("$party");
        data[1].name = STR_LIT("$identity");
        if (!check_writer(&run, &acts[1]) || !take_party(&run, fields, &data[0].value) ||
                        !take_text(&run, &identity_field, fields, &data[1].value) ||
                        !take_only(&run, fields, 2))
                return false;
        *ret = fact_of(&run, data, 2);
        return true;
}
