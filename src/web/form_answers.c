/* web/form_answers.c - what was typed, as its writer reads it back, and as it is sent on. */
#include "web/form.h"

/* ---- Read back ---- */

static struct str file_name(const struct form_file *files, size_t n, struct str hash)
{
        for (size_t i = 0; i < n; i++)
                if (str_eq(files[i].hash, hash))
                        return files[i].name;
        return STR_LIT("已上传");
}

static void add_row(struct visit *visit, const struct field *list, const struct value *row,
                const struct form_file *files, size_t n_files, struct buf *buf)
{
        for (size_t k = 0, n = 0; k < list->n_items; k++) {
                const struct field *item = &list->items[k];
                struct str text =
                                form_said(visit, item, value_get(row, item->name), files, n_files);
                if (text.n == 0)
                        continue;
                buf_format(buf, "%s%.*s %.*s", n++ == 0 ? "" : "，", STR_FMT(item->label),
                                STR_FMT(text));
        }
}

struct str form_said(struct visit *visit, const struct field *field, const struct value *value,
                const struct form_file *files, size_t n_files)
{
        struct buf buf = BUF(visit->arena);
        if (value == NULL || value_is_null(*value))
                return STR_LIT("");
        if (field->type == FIELD_FILE && value->kind == VALUE_STRING)
                return file_name(files, n_files, value->string);
        if (field->type == FIELD_REF && value->kind == VALUE_STRING)
                return form_entry(visit, field, value->string);
        if (field->type == FIELD_BOOL && value->kind == VALUE_STRING)
                return str_is(value->string, "true") ? STR_LIT("是") : STR_LIT("否");
        if (field->type != FIELD_LIST || field->n_items == 0 || value->kind != VALUE_LIST)
                return visit_value(visit, field, value);
        for (size_t i = 0; i < value->list.n; i++) {
                buf_c(&buf, i == 0 ? "" : "；");
                add_row(visit, field, &value->list.items[i], files, n_files, &buf);
        }
        return buf_str(&buf);
}

/* The names of files that came along, of those that came back, of those kept before. */
static const struct form_file *all_files(const struct form *form, size_t *ret_n)
{
        size_t n_posted = form->posted != NULL ? form->posted->n : 0, n = 0;
        struct form_file *files = arena_new_array(form->visit->arena,
                        form->n_uploads + form->n_files + n_posted, struct form_file);
        for (size_t i = 0; i < form->n_uploads; i++)
                files[n++] = (struct form_file){ form->uploads[i].hex, form->uploads[i].name };
        for (size_t i = 0; i < n_posted; i++) {
                const struct posted_field *hidden = &form->posted->fields[i];
                if (hidden->is_file || !str_starts(hidden->name, STR_LIT("h.")))
                        continue;
                struct str path = str_slice(hidden->name, 2, hidden->name.n);
                files[n++] = (struct form_file){ form_unseal(form->visit, hidden->value),
                        form_posted(form, "hn.", path) };
        }
        for (size_t i = 0; i < form->n_files; i++)
                files[n++] = form->files[i];
        *ret_n = n;
        return files;
}

/* What it means where it is sound, else as it was typed. */
struct str form_answer(const struct form *form, const struct form_field *field)
{
        size_t n;
        const struct form_file *files = all_files(form, &n);
        const struct value *value = value_is_null(field->typed) ? &field->given : &field->typed;
        return form_said(form->visit, field->field, value, files, n);
}

struct value form_answers(struct form *form)
{
        struct view_list list = VIEW_LIST(form->visit->arena);
        for (size_t i = 0; i < form->n_fields; i++) {
                struct view pair = VIEW(form->visit->arena);
                struct str text = form_answer(form, &form->fields[i]);
                view_text(&pair, "label", form->fields[i].field->label);
                view_text(&pair, "value", text.n != 0 ? text : STR_LIT("（未填）"));
                view_add(&list, view_end(&pair));
        }
        return view_list_end(&list);
}

/* ---- Sent on ---- */

static void add_hidden(struct view_list *list, struct str name, struct str value)
{
        struct view pair = VIEW(list->arena);
        view_text(&pair, "name", name);
        view_text(&pair, "value", value);
        view_add(list, view_end(&pair));
}

/* In front of an older one of the same name: the first counts. */
static void add_uploads(struct form *form, struct view_list *list)
{
        struct arena *arena = form->visit->arena;
        for (size_t i = 0; i < form->n_uploads; i++) {
                const struct upload *u = &form->uploads[i];
                add_hidden(list, str_format(arena, "h.%.*s", STR_FMT(u->field)),
                                form_seal(form->visit, u->hex));
                add_hidden(list, str_format(arena, "hn.%.*s", STR_FMT(u->field)), u->name);
        }
}

struct value form_hidden(struct form *form)
{
        static const char *const prefixes[] = { "f.", "n.", "h.", "hn." };
        struct view_list list = VIEW_LIST(form->visit->arena);
        add_uploads(form, &list);
        for (size_t i = 0; i < form->posted->n; i++) {
                const struct posted_field *field = &form->posted->fields[i];
                for (size_t k = 0; k < N_ELEMENTS(prefixes) && !field->is_file; k++)
                        if (str_starts(field->name, str_of(prefixes[k])))
                                add_hidden(&list, field->name, field->value);
        }
        return view_list_end(&list);
}
