/* web/form_read.c - what came back from a form: texts to values, and what is wrong with them. */
#include <assert.h>

#include "base/limits.h"
#include "web/form.h"

/* ---- Texts ---- */

static struct str text_named(const struct form *form, const char *prefix, struct str path)
{
        struct str name = str_format(form->visit->arena, "%s%.*s", prefix, STR_FMT(path));
        return posted_text(form->posted, name);
}

static struct value text_or_null(struct str text)
{
        return str_trim(text).n != 0 ? value_string(text) : value_null();
}

static struct value options_of(const struct form *form, struct str path)
{
        struct str name = form_name(form->visit->arena, path);
        struct value *items = arena_new_array(form->visit->arena, form->posted->n, struct value);
        const struct posted_field *found;
        size_t n = 0, at = 0;
        while ((found = posted_next(form->posted, name, &at)) != NULL)
                if (!found->is_file && found->value.n != 0)
                        items[n++] = value_string(found->value);
        return n != 0 ? value_list(items, n) : value_null();
}

/* "2021-09-28T09:00", as browsers send it. */
static struct value moment_of_input(struct arena *arena, struct str text)
{
        struct str copy = str_copy(arena, text);
        char *bytes = arena_alloc(arena, copy.n);
        for (size_t i = 0; i < copy.n; i++)
                bytes[i] = copy.p[i] == 'T' ? ' ' : copy.p[i];
        return text_or_null((struct str){ bytes, copy.n });
}

/* One text for each line. */
static struct value lines_of(struct arena *arena, struct str text)
{
        struct value *items = arena_new_array(arena, text.n + 1, struct value);
        size_t n = 0;
        while (text.n != 0) {
                struct str line = str_trim(str_split(&text, '\n'));
                if (line.n != 0)
                        items[n++] = value_string(line);
        }
        return n != 0 ? value_list(items, n) : value_null();
}

/* ---- Files ---- */

static struct value take_upload(
                struct form *form, struct str path, const struct posted_field *posted)
{
        struct err err;
        if (form->uploads == NULL)
                form->uploads = arena_new_array(
                                form->visit->arena, LIMIT_FORM_FILES, struct upload);
        struct upload *upload = &form->uploads[form->n_uploads];
        if (!files_take(form->visit->arena, site_config(form->visit->portal->site)->hash, posted,
                            upload, &err)) {
                form_add_problem(form, form_name(form->visit->arena, path),
                                str_format(form->visit->arena, "%s：%s",
                                                err_text(err.code)->sentence, err.detail));
                return value_null();
        }
        upload->field = path;
        form->n_uploads++;
        return value_string(upload->hex);
}

static struct value file_of(struct form *form, struct str path)
{
        struct str name = form_name(form->visit->arena, path);
        size_t at = 0;
        const struct posted_field *posted;
        while ((posted = posted_next(form->posted, name, &at)) != NULL)
                if (posted->is_file && posted->file_name.n != 0)
                        return take_upload(form, path, posted);
        return text_or_null(text_named(form, "h.", path));
}

/* ---- Fields ---- */

static struct value given_of(struct form *form, const struct field *field, struct str path);

size_t form_rows(const struct form *form, const struct field *field)
{
        int64_t n;
        if (form->posted == NULL || !str_to_int(text_named(form, "n.", field->name), &n) || n < 0)
                return 0;
        return n < FORM_ROWS_MAX ? (size_t)n : FORM_ROWS_MAX;
}

/* Rows in which nothing was typed are no rows. */
static struct value rows_of(struct form *form, const struct field *field, struct str path)
{
        struct arena *arena = form->visit->arena;
        size_t n_rows = form_rows(form, field), n = 0;
        struct value *rows = arena_new_array(arena, n_rows, struct value);
        for (size_t i = 0; i < n_rows; i++) {
                struct member *members = arena_new_array(arena, field->n_items, struct member);
                size_t n_members = 0;
                for (size_t k = 0; k < field->n_items; k++) {
                        const struct field *item = &field->items[k];
                        struct value given = given_of(form, item,
                                        str_format(arena, "%.*s.%zu.%.*s", STR_FMT(path), i,
                                                        STR_FMT(item->name)));
                        if (!value_is_null(given))
                                members[n_members++] = (struct member){ item->name, given };
                }
                bool unique = value_sort_members(members, n_members);
                assert(unique); /* of a definition */
                if (n_members != 0)
                        rows[n++] = value_context(members, n_members);
        }
        return n != 0 ? value_list(rows, n) : value_null();
}

static struct value given_of(struct form *form, const struct field *field, struct str path)
{
        struct arena *arena = form->visit->arena;
        switch (field->type) {
        case FIELD_ENUM_SET:
                return options_of(form, path);
        case FIELD_FILE:
                return file_of(form, path);
        case FIELD_DATETIME:
                return moment_of_input(arena, text_named(form, "f.", path));
        case FIELD_LIST:
                return field->n_items != 0 ? rows_of(form, field, path)
                                           : lines_of(arena, text_named(form, "f.", path));
        case FIELD_ANY:
                return value_null();
        default:
                return text_or_null(text_named(form, "f.", path));
        }
}

static bool is_chosen(const struct field *field)
{
        return field->type == FIELD_ENUM || field->type == FIELD_ENUM_SET ||
               field->type == FIELD_BOOL || field->type == FIELD_FILE;
}

static void check_value(struct form *form, const struct field *field, struct str path,
                const struct value *given, struct value *ret)
{
        struct visit *visit = form->visit;
        struct err err;
        if (procedure_input(visit->arena, form->version, form->matter, field, given,
                            &visit->world.circumstances, ret, &err))
                return;
        struct str say = str_copy(visit->arena,
                        str_of(err.detail[0] != '\0' ? err.detail : err_text(err.code)->sentence));
        form_add_problem(form, form_name(visit->arena, path),
                        str_format(visit->arena, "%.*s：%.*s", STR_FMT(field->label),
                                        STR_FMT(say)));
}

/* Each cell of a list by itself, so that what is wrong stands beside it. */
static void check_rows(struct form *form, const struct field *field)
{
        struct arena *arena = form->visit->arena;
        for (size_t i = 0; i < form_rows(form, field); i++)
                for (size_t k = 0; k < field->n_items; k++) {
                        struct str path = str_format(arena, "%.*s.%zu.%.*s", STR_FMT(field->name),
                                        i, STR_FMT(field->items[k].name));
                        struct value given, typed;
                        if (field->items[k].type == FIELD_FILE)
                                continue; /* taken once */
                        given = given_of(form, &field->items[k], path);
                        check_value(form, &field->items[k], path, &given, &typed);
                }
}

static bool read_field(struct form *form, size_t i, struct value *ret)
{
        const struct field *field = form->fields[i];
        size_t before_n = form->n_problems;
        struct str name = form_name(form->visit->arena, field->name);
        *ret = given_of(form, field, field->name);
        if (form->n_problems != before_n)
                return false; /* a file */
        if (value_is_null(*ret) && i < form->n_needed) {
                form_add_problem(form, name,
                                str_format(form->visit->arena, "请%s%.*s",
                                                is_chosen(field) ? "选择" : "填写",
                                                STR_FMT(field->label)));
                return false;
        }
        if (field->type == FIELD_LIST && field->n_items != 0)
                check_rows(form, field);
        if (form->n_problems == before_n)
                check_value(form, field, field->name, ret, &form->typed[i]);
        return form->n_problems == before_n;
}

/* What the matter has in an optional field; null where the act begins it. */
static struct value before(const struct form *form, size_t i)
{
        if (form->matter == NULL)
                return value_null();
        return form->matter->fields[form->fields[i] - form->version->fields];
}

/* What it said before need not be recorded again; what was emptied must be. */
static bool is_new(const struct form *form, size_t i)
{
        struct value old = before(form, i);
        return i < form->n_needed || !value_eq(&old, &form->typed[i]);
}

void form_read(struct form *form)
{
        struct member *members = arena_new_array(form->visit->arena, form->n_fields, struct member);
        size_t n = 0;
        assert(form->posted != NULL);
        for (size_t i = 0; i < form->n_fields; i++) {
                struct value given;
                if (read_field(form, i, &given) && is_new(form, i))
                        members[n++] = (struct member){ form->fields[i]->name, given };
        }
        bool unique = value_sort_members(members, n);
        assert(unique);
        form->given = value_context(members, n);
}
