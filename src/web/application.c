/* web/application.c - finding an application, its steps, and what is wrong with it (apply.h). */
#include "desk/people.h"
#include "web/apply.h"
#include "web/mode.h"

/* ---- Steps ---- */

static bool is_preset(const struct application *a, size_t field)
{
        for (size_t i = 0; a->guide != NULL && i < a->guide->n_presets; i++)
                if (a->guide->presets[i].field == field)
                        return true;
        return false;
}

static bool is_taken(const struct act *act, size_t field)
{
        for (size_t i = 0; i < act->n_needs; i++)
                if (act->needs[i] == field)
                        return true;
        for (size_t i = 0; i < act->n_takes; i++)
                if (act->takes[i] == field)
                        return true;
        return false;
}

bool apply_needs(const struct application *a, size_t field)
{
        for (size_t i = 0; i < a->act->n_needs; i++)
                if (a->act->needs[i] == field)
                        return true;
        return false;
}

/* One page for the fields; in the elderly mode one for each. */
static void add_step(struct application *a, struct str label, struct str help, const size_t *fields,
                size_t n)
{
        struct arena *arena = a->visit->arena;
        size_t *asked = arena_new_array(arena, n, size_t), n_asked = 0;
        bool single = mode_is_elder(a->visit);
        for (size_t i = 0; i < n; i++) {
                const struct field *field = &a->version->fields[fields[i]];
                if (!is_taken(a->act, fields[i]) || is_preset(a, fields[i]) ||
                                !form_asks(a->visit, field))
                        continue;
                asked[n_asked++] = fields[i];
                if (single && a->n_steps < APPLY_STEPS_MAX)
                        a->steps[a->n_steps++] = (struct apply_step){ field->label, help,
                                &asked[n_asked - 1], 1 };
        }
        if (!single && n_asked != 0 && a->n_steps < APPLY_STEPS_MAX)
                a->steps[a->n_steps++] = (struct apply_step){ label, help, asked, n_asked };
}

/* Without questions in the guide: what is needed, then what may be given. */
static void add_plain_steps(struct application *a)
{
        add_step(a, STR_LIT("必须填写"), STR_LIT(""), a->act->needs, a->act->n_needs);
        add_step(a, STR_LIT("还可以填写"), STR_LIT("没有的不用填。"), a->act->takes,
                        a->act->n_takes);
}

static bool add_steps(struct application *a, struct err *err)
{
        const struct guide *guide = a->guide;
        if (guide == NULL || guide->n_questions == 0) {
                add_plain_steps(a);
                return true;
        }
        for (size_t i = 0; i < guide->n_questions; i++) {
                const struct guide_question *question = &guide->questions[i];
                bool asks;
                if (!guide_asks(a->visit->arena, a->version, question, a->values,
                                    &a->visit->world.circumstances, &asks, err))
                        return false;
                if (asks)
                        add_step(a, question->label, question->help, question->fields,
                                        question->n_fields);
        }
        return true;
}

/* ---- Values ---- */

const struct value *apply_typed(const struct application *a, size_t field)
{
        const struct value *value =
                        a->draft.fields.kind == VALUE_CONTEXT
                                        ? value_get(&a->draft.fields,
                                                          a->version->fields[field].name)
                                        : NULL;
        return value != NULL && !value_is_null(*value) ? value : NULL;
}

/* What is sound of what was typed, so that conditions may ask it. */
static void read_values(struct application *a)
{
        struct err ignored;
        a->values = arena_new_array(a->visit->arena, a->version->n_fields, struct value);
        for (size_t i = 0; i < a->version->n_fields; i++) {
                const struct value *typed = apply_typed(a, i);
                if (typed == NULL || !procedure_check_field(a->visit->arena, a->version, NULL, i,
                                                     typed, &a->visit->world.circumstances,
                                                     &a->values[i], &ignored))
                        a->values[i] = value_null();
        }
        for (size_t i = 0; a->guide != NULL && i < a->guide->n_presets; i++)
                a->values[a->guide->presets[i].field] = a->guide->presets[i].value;
}

struct value apply_fields(const struct application *a)
{
        size_t n_presets = a->guide != NULL ? a->guide->n_presets : 0, n = 0;
        struct member *members = arena_new_array(
                        a->visit->arena, a->version->n_fields + n_presets, struct member);
        for (size_t i = 0; i < a->version->n_fields; i++) {
                const struct value *typed = apply_typed(a, i);
                if (typed != NULL && is_taken(a->act, i) && !is_preset(a, i))
                        members[n++] = (struct member){ a->version->fields[i].name, *typed };
        }
        for (size_t i = 0; i < n_presets; i++) {
                size_t field = a->guide->presets[i].field;
                if (is_taken(a->act, field))
                        members[n++] = (struct member){ a->version->fields[field].name,
                                a->guide->presets[i].value };
        }
        bool unique = value_sort_members(members, n);
        return unique ? value_context(members, n) : value_context(NULL, 0);
}

/* ---- Finding it ---- */

static int act_named(const struct version *version, struct str name)
{
        int act = version_act(version, name);
        return act >= 0 && guide_is_open(version, &version->acts[act]) ? act : -1;
}

bool apply_open(struct application *a, struct err *err)
{
        struct visit *visit = a->visit;
        const struct procedure *procedure =
                        catalogue_procedure(visit->catalogue, a->draft.procedure);
        a->version = procedure != NULL ? procedure_version_on(procedure, visit->today) : NULL;
        int act = a->version != NULL ? act_named(a->version, a->draft.act) : -1;
        if (act < 0)
                return err_set(err, E_DRAFT_NONE, "这项服务现在不接收网上申请");
        a->guide = a->version->guide;
        a->act = &a->version->acts[act];
        read_values(a);
        return add_steps(a, err) &&
               drafts_files(visit->arena, visit->snapshot, a->code, &a->files, &a->n_files, err);
}

bool apply_find(struct visit *visit, struct application *ret, struct err *err)
{
        *ret = (struct application){ .visit = visit };
        if (!drafts_read_code(visit->arena, visit_cookie(visit, APPLY_COOKIE), &ret->code))
                return err_set(err, E_DRAFT_NONE, "%s", "");
        if (!drafts_get(visit->arena, visit->snapshot, ret->code, visit->now, &ret->draft, err))
                return false;
        if (!str_eq(ret->draft.procedure, visit->parts[0]))
                return err_set(err, E_DRAFT_NONE, "现在填写的是另一项服务，请用那一份的续办码继续");
        return apply_open(ret, err);
}

struct str apply_url(struct visit *visit, struct str procedure, const char *behind)
{
        return str_format(visit->arena, "%.*s%s", STR_FMT(visit_url(visit, "/apply/", procedure)),
                        behind);
}

/* ---- Questions ---- */

static const struct form_file *file_names(const struct application *a)
{
        struct form_file *names = arena_new_array(a->visit->arena, a->n_files, struct form_file);
        for (size_t i = 0; i < a->n_files; i++)
                names[i] = (struct form_file){ a->files[i].hash, a->files[i].name };
        return names;
}

struct form apply_questions(
                const struct application *a, size_t first, size_t n, const struct posted *posted)
{
        size_t n_fields = 0;
        for (size_t i = first; i < first + n; i++)
                n_fields += a->steps[i].n;
        struct form form = form_empty(a->visit, a->version, NULL, posted, n_fields);
        for (size_t i = first; i < first + n; i++)
                for (size_t k = 0; k < a->steps[i].n; k++) {
                        size_t field = a->steps[i].fields[k];
                        const struct value *typed = apply_typed(a, field);
                        form_ask(&form, field, apply_needs(a, field),
                                        typed != NULL ? *typed : value_null());
                }
        form.act = a->act;
        form.files = file_names(a);
        form.n_files = a->n_files;
        return form;
}

/* ---- What is wrong ---- */

static struct str sentence(struct visit *visit, const struct err *why)
{
        const char *basis = err_basis(why);
        struct str say = why->detail[0] != '\0' ? str_copy(visit->arena, str_of(why->detail))
                                                : str_of(err_text(why->code)->sentence);
        return basis[0] == '\0' ? say : str_format(visit->arena, "%.*s（%s）", STR_FMT(say), basis);
}

/* Would the act be accepted now? A reader has no numbers to give: to come as far as that is
 * to be accepted. */
static bool rehearse(const struct application *a, struct str *ret, struct err *err)
{
        struct visit *visit = a->visit;
        const struct submission s = { .by = BY_PARTY, .actor = a->draft.party };
        const struct act_request request = {
                .act = a->act->name, .unit = a->draft.unit, .fields = apply_fields(a)
        };
        struct world world;
        struct actor actor;
        struct outcome outcome;
        struct err why;
        world_open(&world, visit->snapshot, visit->catalogue, site_calendars(visit->portal->site),
                        site_facts(visit->portal->site), visit->now);
        world.parameters = &site_config(visit->portal->site)->parameters;
        *ret = STR_LIT("");
        if (!people_actor(visit->arena, &world.circumstances, &s, &actor, err))
                return false;
        if (procedure_decide(visit->arena, a->version, NULL, &actor, &request, &world.circumstances,
                            &outcome, &why) ||
                        why.code == E_FOLD_READER)
                return true;
        if (err_text(why.code)->kind == ERR_BROKEN) {
                *err = why;
                return false;
        }
        *ret = sentence(visit, &why);
        return true;
}

static bool check_whole(const struct application *a, struct apply_problem *ret, size_t *ret_n,
                struct err *err)
{
        struct str say;
        if (!rehearse(a, &say, err))
                return false;
        *ret_n = say.n != 0 ? 1 : 0;
        *ret = (struct apply_problem){ .say = say };
        return true;
}

bool apply_problems(const struct application *a, const struct apply_problem **ret, size_t *ret_n,
                struct err *err)
{
        struct arena *arena = a->visit->arena;
        struct form *forms = arena_new_array(arena, a->n_steps, struct form);
        size_t n = 0, n_most = 1;
        for (size_t i = 0; i < a->n_steps; i++) {
                forms[i] = apply_questions(a, i, 1, NULL);
                form_check(&forms[i]);
                n_most += forms[i].n_problems;
        }
        struct apply_problem *list = arena_new_array(arena, n_most, struct apply_problem);
        for (size_t i = 0; i < a->n_steps; i++)
                for (size_t k = 0; k < forms[i].n_problems; k++)
                        list[n++] = (struct apply_problem){ i, forms[i].problems[k].name,
                                forms[i].problems[k].text };
        *ret = list;
        *ret_n = n;
        return n != 0 || check_whole(a, list, ret_n, err);
}
