#include "web/form.h"

#include <assert.h>

#include "account/secret.h"
#include "web/route.h"

/* ---- What is asked ---- */

struct form form_empty(struct visit *visit, const struct version *version,
                const struct matter *matter, const struct posted *posted, size_t capacity)
{
        return (struct form){ .visit = visit,
                .version = version,
                .matter = matter,
                .posted = posted,
                .fields = arena_new_array(visit->arena, capacity, struct form_field),
                .capacity = capacity };
}

void form_ask(struct form *form, size_t index, bool needed, struct value was)
{
        assert(form->n_fields < form->capacity);
        form->fields[form->n_fields++] =
                        (struct form_field){ .field = &form->version->fields[index],
                                .index = index,
                                .needed = needed,
                                .was = was,
                                .given = value_null(),
                                .typed = value_null() };
}

bool form_asks(const struct visit *visit, const struct field *field)
{
        return field->type != FIELD_ANY &&
               (field->type != FIELD_STAFF || visit->route->who == WHO_STAFF);
}

static bool lists(const size_t *indexes, size_t n, size_t index)
{
        for (size_t i = 0; i < n; i++)
                if (indexes[i] == index)
                        return true;
        return false;
}

static void ask_of_act(struct form *form, size_t index, bool needed)
{
        const struct matter *matter = form->matter;
        if (form_asks(form->visit, &form->version->fields[index]))
                form_ask(form, index, needed,
                                matter != NULL ? matter->fields[index] : value_null());
}

struct form form_new(struct visit *visit, const struct version *version, const struct act *act,
                const struct matter *matter, const struct posted *posted)
{
        struct form form = form_empty(visit, version, matter, posted, act->n_needs + act->n_takes);
        form.act = act;
        for (size_t i = 0; i < act->n_needs; i++)
                ask_of_act(&form, act->needs[i], true);
        for (size_t i = 0; i < act->n_takes; i++)
                if (!lists(act->needs, act->n_needs, act->takes[i]))
                        ask_of_act(&form, act->takes[i], false);
        return form;
}

/* ---- What is wrong ---- */

void form_add_problem(struct form *form, struct str name, struct str text)
{
        form->problems = arena_push(form->visit->arena, form->problems, form->n_problems,
                        sizeof(*form->problems));
        form->problems[form->n_problems++] = (struct form_problem){ name, text };
}

/* The desk names a field by its label, and cuts a long one; what is in the way of the whole act
 * it names by the act's, which may be how a field's begins. */
static bool is_named(const struct field *field, const struct err *why)
{
        struct str name = str_of(why->field);
        bool is_cut = name.n + 4 >= sizeof(why->field);
        if (name.n == 0)
                return false;
        return is_cut ? str_starts(field->label, name) : str_eq(field->label, name);
}

void form_add_refusal(struct form *form, const struct err *why)
{
        struct arena *arena = form->visit->arena;
        const struct err_text *text = err_text(why->code);
        struct str name = STR_LIT("");
        struct buf say = BUF(arena);
        for (size_t i = 0; i < form->n_fields; i++)
                if (is_named(form->fields[i].field, why))
                        name = form_name(arena, form->fields[i].field->name);
        buf_c(&say, why->detail[0] != '\0' && why->code == E_ACT_RULE ? why->detail
                                                                      : text->sentence);
        if (why->detail[0] != '\0' && why->code != E_ACT_RULE)
                buf_format(&say, "：%s", why->detail);
        if (err_basis(why)[0] != '\0')
                buf_format(&say, "（%s）", err_basis(why));
        form_add_problem(form, name, buf_str(&say));
}

/* ---- Names ---- */

struct str form_name(struct arena *arena, struct str path)
{
        return str_format(arena, "f.%.*s", STR_FMT(path));
}

struct str form_posted(const struct form *form, const char *prefix, struct str path)
{
        return posted_text(form->posted,
                        str_format(form->visit->arena, "%s%.*s", prefix, STR_FMT(path)));
}

/* ---- Files that are kept ---- */

static struct str seal_of(struct visit *visit, struct str hash)
{
        return secret_token(visit->arena, &visit->portal->secret, "file of a form", hash);
}

struct str form_seal(struct visit *visit, struct str hash)
{
        if (hash.n == 0)
                return hash;
        return str_format(visit->arena, "%.*s.%.*s", STR_FMT(hash), STR_FMT(seal_of(visit, hash)));
}

struct str form_unseal(struct visit *visit, struct str sealed)
{
        struct str rest = sealed, hash = str_split(&rest, '.');
        return hash.n != 0 && secret_eq(rest, seal_of(visit, hash)) ? hash : STR_LIT("");
}
