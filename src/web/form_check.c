/* web/form_check.c - what is wrong with what was typed, beside its field; and what it means. */
#include <assert.h>

#include "web/form.h"

/* "请填写申请人", "请选择类别" */
static struct str ask(const struct form *form, const struct field *field)
{
        bool chosen = field->type == FIELD_ENUM || field->type == FIELD_ENUM_SET ||
                      field->type == FIELD_BOOL || field->type == FIELD_FILE;
        return str_format(form->visit->arena, "请%s%.*s", chosen ? "选择" : "填写",
                        STR_FMT(field->label));
}

static void add_problem(
                struct form *form, const struct field *field, struct str path, const char *say)
{
        struct arena *arena = form->visit->arena;
        form_add_problem(form, form_name(arena, path),
                        str_format(arena, "%.*s：%s", STR_FMT(field->label), say));
}

static void add_refusal(struct form *form, const struct field *field, struct str path,
                const struct err *why)
{
        const char *basis = err_basis(why);
        const char *say = why->detail[0] != '\0' ? why->detail : err_text(why->code)->sentence;
        add_problem(form, field, path,
                        basis[0] == '\0'
                                        ? say
                                        : str_format(form->visit->arena, "%s（%s）", say, basis).p);
}

/* ---- One value ---- */

/* A value that can be only one was sent twice: nobody knows which was meant. */
static bool is_doubled(const struct form *form, const struct field *field, struct str path)
{
        struct str name = form_name(form->visit->arena, path);
        size_t at = 0;
        if (form->posted == NULL || field->type == FIELD_ENUM_SET ||
                        posted_next(form->posted, name, &at) == NULL)
                return false;
        return posted_next(form->posted, name, &at) != NULL;
}

static bool is_single(struct form *form, const struct field *field, struct str path)
{
        if (!is_doubled(form, field, path))
                return true;
        add_problem(form, field, path, "收到了两个值，请核对后再提交");
        form->is_partial = true;
        return false;
}

/* ---- Lists of rows ---- */

/* Rows in which nothing was typed are no rows. */
static struct value without_empty_rows(struct arena *arena, const struct value *list)
{
        struct value *rows = arena_new_array(arena, list->list.n, struct value);
        size_t n = 0;
        for (size_t i = 0; i < list->list.n; i++)
                if (list->list.items[i].kind != VALUE_CONTEXT || list->list.items[i].context.n != 0)
                        rows[n++] = list->list.items[i];
        return n != 0 ? value_list(rows, n) : value_null();
}

static void check_cell(struct form *form, const struct field *item, struct str path,
                const struct value *given)
{
        struct visit *visit = form->visit;
        struct value typed;
        struct err err;
        if (is_single(form, item, path) && given != NULL &&
                        !procedure_input(visit->arena, form->version, form->matter, item, given,
                                        &visit->world.circumstances, &typed, &err))
                add_refusal(form, item, path, &err);
}

/* Each cell by itself, so that what is wrong stands beside it; of a row in which nothing was
 * typed nothing is asked. */
static void check_rows(struct form *form, const struct field *field, const struct value *rows)
{
        for (size_t i = 0; i < rows->list.n; i++)
                for (size_t k = 0; k < field->n_items; k++) {
                        const struct field *item = &field->items[k];
                        const struct value *row = &rows->list.items[i];
                        bool typed_in = row->kind == VALUE_CONTEXT && row->context.n != 0;
                        const struct value *given = typed_in ? value_get(row, item->name) : NULL;
                        struct str path = str_format(form->visit->arena, "%.*s.%zu.%.*s",
                                        STR_FMT(field->name), i, STR_FMT(item->name));
                        if (typed_in && given == NULL && item->required)
                                form_add_problem(form, form_name(form->visit->arena, path),
                                                ask(form, item));
                        else
                                check_cell(form, item, path, given);
                }
}

/* ---- One field ---- */

static void check_field(struct form *form, struct form_field *f)
{
        struct visit *visit = form->visit;
        size_t n_before = form->n_problems;
        struct err err;
        if (f->field->type == FIELD_LIST && f->field->n_items != 0 && f->given.kind == VALUE_LIST) {
                check_rows(form, f->field, &f->given);
                f->given = without_empty_rows(visit->arena, &f->given);
        }
        if (!is_single(form, f->field, f->field->name) || form->n_problems != n_before)
                return;
        if (value_is_null(f->given)) {
                if (f->needed)
                        form_add_problem(form, form_name(visit->arena, f->field->name),
                                        ask(form, f->field));
                return;
        }
        if (!procedure_check_field(visit->arena, form->version, form->matter, f->index, &f->given,
                            &visit->world.circumstances, &f->typed, &err))
                add_refusal(form, f->field, f->field->name, &err);
}

static bool has_problem(const struct form *form, struct str name)
{
        for (size_t i = 0; i < form->n_problems; i++)
                if (str_eq(form->problems[i].name, name))
                        return true;
        return false;
}

/* A file that was refused has been said already. */
static void check_all(struct form *form)
{
        for (size_t i = 0; i < form->n_fields; i++)
                if (!has_problem(form, form_name(form->visit->arena, form->fields[i].field->name)))
                        check_field(form, &form->fields[i]);
}

/* What it said before need not be recorded again; what was emptied must be. */
static bool is_new(const struct form *form, const struct form_field *f)
{
        return f->needed || form->is_whole || !value_eq(&f->was, &f->typed);
}

void form_read(struct form *form)
{
        struct member *members = arena_new_array(form->visit->arena, form->n_fields, struct member);
        size_t n = 0;
        assert(form->posted != NULL);
        form_take(form);
        check_all(form);
        for (size_t i = 0; i < form->n_fields; i++)
                if (is_new(form, &form->fields[i]))
                        members[n++] = (struct member){ form->fields[i].field->name,
                                form->fields[i].given };
        bool unique = value_sort_members(members, n);
        assert(unique);
        form->given = value_context(members, n);
}

void form_check(struct form *form)
{
        for (size_t i = 0; i < form->n_fields; i++)
                form->fields[i].given = form->fields[i].was;
        check_all(form);
}
