/* web/form_read.c - what came back from a form: what was posted, as texts. */
#include <assert.h>

#include "base/limits.h"
#include "web/form.h"

/* ---- Texts ---- */

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

static struct value kept_file(const struct form *form, struct str path)
{
        return text_or_null(form_unseal(form->visit, form_posted(form, "h.", path)));
}

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
                                str_format(form->visit->arena, "%s：%s。%s",
                                                err_text(err.code)->sentence, err.detail,
                                                err_text(err.code)->hint));
                form->is_partial = true;
                return kept_file(form, path);
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
        struct value kept = kept_file(form, path);
        if (value_is_null(kept) && form_posted(form, "h.", path).n != 0) {
                form_add_problem(form, name, STR_LIT("请先上传文件：以前的没有找到，请重新选择"));
                form->is_partial = true;
        }
        return kept;
}

/* ---- Fields ---- */

static struct value given_of(struct form *form, const struct field *field, struct str path);

size_t form_rows(const struct form *form, const struct field *field)
{
        int64_t n;
        if (form->posted == NULL || !str_to_int(form_posted(form, "n.", field->name), &n) || n < 0)
                return 0;
        return n < FORM_ROWS_MAX ? (size_t)n : FORM_ROWS_MAX;
}

/* All of them, also those in which nothing was typed: their numbers are those of the page. */
static struct value rows_of(struct form *form, const struct field *field, struct str path)
{
        struct arena *arena = form->visit->arena;
        size_t n_rows = form_rows(form, field);
        struct value *rows = arena_new_array(arena, n_rows, struct value);
        for (size_t i = 0; i < n_rows; i++) {
                struct member *members = arena_new_array(arena, field->n_items, struct member);
                size_t n = 0;
                for (size_t k = 0; k < field->n_items; k++) {
                        const struct field *item = &field->items[k];
                        struct value given = given_of(form, item,
                                        str_format(arena, "%.*s.%zu.%.*s", STR_FMT(path), i,
                                                        STR_FMT(item->name)));
                        if (form_asks(form->visit, item) && !value_is_null(given))
                                members[n++] = (struct member){ item->name, given };
                }
                bool unique = value_sort_members(members, n);
                assert(unique); /* of a definition */
                rows[i] = value_context(members, n);
        }
        return n_rows != 0 ? value_list(rows, n_rows) : value_null();
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
                return moment_of_input(arena, form_posted(form, "f.", path));
        case FIELD_LIST:
                return field->n_items != 0 ? rows_of(form, field, path)
                                           : lines_of(arena, form_posted(form, "f.", path));
        case FIELD_ANY:
                return value_null();
        default:
                return text_or_null(form_posted(form, "f.", path));
        }
}

void form_take(struct form *form)
{
        for (size_t i = 0; i < form->n_fields; i++)
                form->fields[i].given =
                                given_of(form, form->fields[i].field, form->fields[i].field->name);
}
