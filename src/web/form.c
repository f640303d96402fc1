#include "web/form.h"

#include <assert.h>

static bool lists(const size_t *indexes, size_t n, size_t index)
{
        for (size_t i = 0; i < n; i++)
                if (indexes[i] == index)
                        return true;
        return false;
}

/* What only the system works out is not asked for. */
static void add_field(struct form *form, size_t index)
{
        const struct field *field = &form->version->fields[index];
        if (field->type != FIELD_ANY)
                form->fields[form->n_fields++] = field;
}

struct form form_new(struct visit *visit, const struct version *version, const struct act *act,
                const struct matter *matter, const struct posted *posted)
{
        struct arena *arena = visit->arena;
        size_t most = act->n_needs + act->n_takes;
        struct form form = { .visit = visit,
                .version = version,
                .act = act,
                .matter = matter,
                .posted = posted,
                .fields = arena_new_array(arena, most, const struct field *),
                .typed = arena_new_array(arena, most, struct value) };
        for (size_t i = 0; i < act->n_needs; i++)
                add_field(&form, act->needs[i]);
        form.n_needed = form.n_fields;
        for (size_t i = 0; i < act->n_takes; i++)
                if (!lists(act->needs, act->n_needs, act->takes[i]))
                        add_field(&form, act->takes[i]);
        for (size_t i = 0; i < form.n_fields; i++)
                form.typed[i] = value_null();
        return form;
}

void form_add_problem(struct form *form, struct str name, struct str text)
{
        if (form->n_problems == form->problems_capacity) {
                size_t more = form->problems_capacity + 8;
                form->problems = arena_grow(form->visit->arena, form->problems, form->n_problems,
                                more, sizeof(*form->problems));
                form->problems_capacity += more;
        }
        form->problems[form->n_problems++] = (struct form_problem){ name, text };
}

/* The desk names a field by its label, and cuts a long one. */
void form_add_refusal(struct form *form, const struct err *why)
{
        struct arena *arena = form->visit->arena;
        const struct err_text *text = err_text(why->code);
        struct str field = str_of(why->field), name = STR_LIT("");
        struct buf say = BUF(arena);
        for (size_t i = 0; i < form->n_fields && field.n != 0; i++)
                if (str_starts(form->fields[i]->label, field))
                        name = form_name(arena, form->fields[i]->name);
        buf_c(&say, why->detail[0] != '\0' && why->code == E_ACT_RULE ? why->detail
                                                                      : text->sentence);
        if (why->detail[0] != '\0' && why->code != E_ACT_RULE)
                buf_format(&say, "：%s", why->detail);
        if (err_basis(why)[0] != '\0')
                buf_format(&say, "（%s）", err_basis(why));
        form_add_problem(form, name, buf_str(&say));
}

struct str form_name(struct arena *arena, struct str path)
{
        return str_format(arena, "f.%.*s", STR_FMT(path));
}
