#include "web/question.h"

#include "base/limits.h"
#include "ledger/hash.h"
#include "projection/register_read.h"
#include "web/disclosure.h"

#define RADIOS_MAX 7   /* more options are a list to choose from */
#define CHOOSE_MAX 600 /* entries of a register; past it the key is typed */

static const char *const kinds[] = {
        [FIELD_TEXT] = "text",
        [FIELD_LONG_TEXT] = "long",
        [FIELD_INTEGER] = "text",
        [FIELD_DECIMAL] = "text",
        [FIELD_MONEY] = "text",
        [FIELD_BOOL] = "radios",
        [FIELD_DATE] = "date",
        [FIELD_DATETIME] = "text",
        [FIELD_ENUM] = "radios",
        [FIELD_ENUM_SET] = "boxes",
        [FIELD_IDENTIFIER] = "text",
        [FIELD_REF] = "select",
        [FIELD_STAFF] = "text",
        [FIELD_UNIT] = "select",
        [FIELD_FILE] = "file",
        [FIELD_LIST] = "rows",
        [FIELD_ANY] = "",
};

bool question_is_asked(const struct field *field)
{
        return field->type != FIELD_ANY && field->type != FIELD_STAFF;
}

static struct str text_of(const struct value *typed)
{
        return typed != NULL && typed->kind == VALUE_STRING ? typed->string : STR_LIT("");
}

static bool has_text(const struct value *list, struct str text)
{
        for (size_t i = 0; list != NULL && list->kind == VALUE_LIST && i < list->list.n; i++)
                if (str_eq(text_of(&list->list.items[i]), text))
                        return true;
        return false;
}

/* ---- Options ---- */

static void add_option(struct visit *visit, struct view_list *options, struct str id,
                struct str value, struct str label, const struct value *typed)
{
        struct view view = VIEW(visit->arena);
        bool chosen = typed != NULL && typed->kind == VALUE_LIST
                                      ? has_text(typed, value)
                                      : value.n != 0 && str_eq(text_of(typed), value);
        view_text(&view, "id",
                        options->n == 0 ? id
                                        : str_format(visit->arena, "%.*s-%zu", STR_FMT(id),
                                                          options->n));
        view_text(&view, "value", value);
        view_text(&view, "label", label);
        view_put(&view, "chosen", value_bool(chosen));
        view_add(options, view_end(&view));
}

/* What an entry is called: its public field `name` or `title`, or the first public text. */
static struct str entry_label(const struct reg *reg, const struct register_row *row)
{
        static const char *const names[] = { "name", "item_name", "title" };
        for (size_t i = 0; i < N_ELEMENTS(names); i++) {
                const struct value *value = value_get(&row->entry, str_of(names[i]));
                if (value != NULL && value->kind == VALUE_STRING)
                        return value->string;
        }
        for (size_t i = 0; i < reg->n_fields; i++) {
                const struct value *value = value_get(&row->entry, reg->fields[i].name);
                if (disclosure_field(&reg->fields[i]) && !str_eq(reg->fields[i].name, reg->key) &&
                                value != NULL && value->kind == VALUE_STRING)
                        return value->string;
        }
        return row->key;
}

/* Entries in force of a public register; *ret_all false: too many, or not for strangers. */
static bool add_entries(struct visit *visit, struct view_list *options, struct str id,
                struct str name, const struct value *typed, bool *ret_all, struct err *err)
{
        const struct reg *reg = catalogue_register(visit->catalogue, name);
        struct str after = STR_LIT("");
        const struct register_row *rows;
        size_t n = LIMIT_PAGE_ROWS, seen = 0;
        *ret_all = false;
        if (!disclosure_register(reg))
                return true;
        while (n == LIMIT_PAGE_ROWS && seen <= CHOOSE_MAX) {
                if (!register_rows(visit->arena, visit->snapshot, visit->catalogue, name,
                                    visit->today, after, LIMIT_PAGE_ROWS, &rows, &n, err))
                        return false;
                for (size_t i = 0; i < n; i++, seen++) {
                        after = rows[i].key;
                        add_option(visit, options, id, rows[i].key,
                                        str_format(visit->arena, "%.*s　%.*s",
                                                        STR_FMT(entry_label(reg, &rows[i])),
                                                        STR_FMT(rows[i].key)),
                                        typed);
                }
        }
        *ret_all = seen <= CHOOSE_MAX;
        return true;
}

static bool add_options(struct visit *visit, const struct field *field, struct str id,
                const struct value *typed, struct view_list *options, bool *ret_all,
                struct err *err)
{
        *ret_all = true;
        if (field->type == FIELD_REF || field->type == FIELD_UNIT)
                return add_entries(visit, options, id,
                                field->type == FIELD_UNIT ? STR_LIT("units") : field->reference,
                                typed, ret_all, err);
        if (field->type == FIELD_BOOL) {
                add_option(visit, options, id, STR_LIT("true"), STR_LIT("是"), typed);
                add_option(visit, options, id, STR_LIT("false"), STR_LIT("否"), typed);
        }
        for (size_t i = 0; i < field->n_options; i++)
                add_option(visit, options, id, field->options[i].key, field->options[i].label,
                                typed);
        return true;
}

/* ---- One input ---- */

static struct str hint_of(struct visit *visit, const struct field *field)
{
        static const struct {
                const char *identifier, *hint;
        } hints[] = {
                { "resident_id", "18 位，末位可以是 X" },
                { "credit_code", "18 位统一社会信用代码" },
                { "mobile", "11 位手机号码" },
                { "email", "例如 name@example.cn" },
        };
        if (field->help.n != 0)
                return field->help;
        if (field->type == FIELD_FILE)
                return str_format(visit->arena, "%s，不超过 %u 兆字节", QUESTION_FILE_KINDS,
                                QUESTION_FILE_BYTES >> 20);
        if (field->type == FIELD_LIST && field->n_items == 0)
                return STR_LIT("一行写一项");
        if (field->type == FIELD_MONEY)
                return STR_LIT("单位为元，例如 12.50");
        for (size_t i = 0; i < N_ELEMENTS(hints); i++)
                if (str_is(field->identifier, hints[i].identifier))
                        return str_of(hints[i].hint);
        return STR_LIT("");
}

static struct str file_name(const struct question *question, const struct value *typed)
{
        for (size_t i = 0; i < question->n_files; i++)
                if (str_eq(question->files[i].hash, text_of(typed)))
                        return question->files[i].name;
        return STR_LIT("");
}

static struct str lines_of(struct visit *visit, const struct value *typed)
{
        struct buf buf = BUF(visit->arena);
        for (size_t i = 0; typed != NULL && typed->kind == VALUE_LIST && i < typed->list.n; i++) {
                buf_c(&buf, i == 0 ? "" : "\n");
                buf_str_add(&buf, text_of(&typed->list.items[i]));
        }
        return buf_str(&buf);
}

static const char *kind_of(const struct field *field, size_t n_options, bool all)
{
        if (field->type == FIELD_LIST && field->n_items == 0)
                return "lines";
        if (field->type == FIELD_ENUM && n_options > RADIOS_MAX)
                return "select";
        if ((field->type == FIELD_REF || field->type == FIELD_UNIT) && !all)
                return "text";
        return kinds[field->type];
}

/* Every member is put, so that a part prints nothing of what surrounds it. */
static bool input_view(struct visit *visit, const struct question *question,
                const struct field *field, struct str name, const struct value *typed,
                struct view *view, struct err *err)
{
        struct view_list options = VIEW_LIST(visit->arena);
        bool all, is_number = field->type == FIELD_INTEGER;
        if (!add_options(visit, field, name, typed, &options, &all, err))
                return false;
        const char *kind = kind_of(field, options.n, all);
        bool is_lines = strcmp(kind, "lines") == 0;
        view_text(view, "id", name);
        view_text(view, "name", name);
        view_text(view, "label", field->label);
        view_text(view, "help", hint_of(visit, field));
        view_c(view, "mode", is_number ? "numeric" : "text");
        view_text(view, "value", is_lines ? lines_of(visit, typed) : text_of(typed));
        view_text(view, "file", file_name(question, typed));
        view_put(view, "options", view_list_end(&options));
        view_put(view, "is_text", value_bool(strcmp(kind, "text") == 0));
        view_put(view, "is_long", value_bool(strcmp(kind, "long") == 0 || is_lines));
        view_put(view, "is_date", value_bool(strcmp(kind, "date") == 0));
        view_put(view, "is_radios", value_bool(strcmp(kind, "radios") == 0));
        view_put(view, "is_boxes", value_bool(strcmp(kind, "boxes") == 0));
        view_put(view, "is_select", value_bool(strcmp(kind, "select") == 0));
        view_put(view, "is_file", value_bool(strcmp(kind, "file") == 0));
        return true;
}

/* ---- Lists of contexts ---- */

static bool row_view(struct visit *visit, const struct question *question, size_t i,
                const struct value *row, struct value *ret, struct err *err)
{
        const struct field *field = question->field;
        struct view_list inputs = VIEW_LIST(visit->arena);
        struct view view = VIEW(visit->arena);
        for (size_t k = 0; k < field->n_items; k++) {
                struct view input = VIEW(visit->arena);
                struct str name = str_format(visit->arena, "%.*s.%zu.%.*s", STR_FMT(field->name), i,
                                STR_FMT(field->items[k].name));
                const struct value *typed =
                                row != NULL ? value_get(row, field->items[k].name) : NULL;
                if (!question_is_asked(&field->items[k]))
                        continue;
                if (!input_view(visit, question, &field->items[k], name, typed, &input, err))
                        return false;
                view_put(&input, "needed", value_bool(false));
                view_text(&input, "problem", STR_LIT(""));
                view_add(&inputs, view_end(&input));
        }
        view_int(&view, "number", (int64_t)i + 1);
        view_put(&view, "inputs", view_list_end(&inputs));
        *ret = view_end(&view);
        return true;
}

static bool rows_view(struct visit *visit, const struct question *question, struct value *ret,
                struct err *err)
{
        const struct value *typed = question->typed;
        struct view_list rows = VIEW_LIST(visit->arena);
        size_t n = typed != NULL && typed->kind == VALUE_LIST ? typed->list.n : 0;
        size_t n_shown = n + (n == 0 ? 2 : 0) + question->more_rows;
        for (size_t i = 0; i < n_shown && i < QUESTION_ROWS_MAX; i++) {
                struct value row;
                if (!row_view(visit, question, i, i < n ? &typed->list.items[i] : NULL, &row, err))
                        return false;
                view_add(&rows, row);
        }
        *ret = view_list_end(&rows);
        return true;
}

bool question_view(struct visit *visit, const struct question *question, struct value *ret,
                struct err *err)
{
        const struct field *field = question->field;
        bool is_rows = field->type == FIELD_LIST && field->n_items != 0;
        struct view view = VIEW(visit->arena);
        struct value rows = value_list(NULL, 0);
        if (!input_view(visit, question, field, field->name, question->typed, &view, err) ||
                        (is_rows && !rows_view(visit, question, &rows, err)))
                return false;
        view_put(&view, "needed", value_bool(question->needed));
        view_text(&view, "problem", question->problem);
        view_put(&view, "rows", rows);
        *ret = view_end(&view);
        return true;
}

/* ---- Files ---- */

static bool begins(struct str bytes, const char *mark, size_t n)
{
        return bytes.n >= n && memcmp(bytes.p, mark, n) == 0;
}

/* What it is by its first bytes, where its name agrees; NULL: not one of those taken. */
static const char *file_type(const struct posted_field *file)
{
        static const struct {
                const char *suffix, *mark;
                size_t n;
                const char *type;
        } types[] = {
                { ".pdf", "%PDF-", 5, "application/pdf" },
                { ".jpg", "\xFF\xD8\xFF", 3, "image/jpeg" },
                { ".jpeg", "\xFF\xD8\xFF", 3, "image/jpeg" },
                { ".png", "\x89PNG", 4, "image/png" },
                { ".ofd", "PK\x03\x04", 4, "application/ofd" },
                { ".docx", "PK\x03\x04", 4,
                                "application/vnd.openxmlformats-officedocument."
                                "wordprocessingml.document" },
                { ".xlsx", "PK\x03\x04", 4,
                                "application/vnd.openxmlformats-officedocument."
                                "spreadsheetml.sheet" },
                { ".doc", "\xD0\xCF\x11\xE0", 4, "application/msword" },
        };
        struct str name = file->file_name;
        for (size_t i = 0; i < N_ELEMENTS(types); i++) {
                struct str suffix = str_of(types[i].suffix);
                if (name.n <= suffix.n)
                        continue;
                struct str end = str_slice(name, name.n - suffix.n, name.n);
                bool same = true;
                for (size_t k = 0; k < suffix.n; k++)
                        same &= (end.p[k] | 32) == (suffix.p[k] | 32);
                if (same && begins(file->value, types[i].mark, types[i].n))
                        return types[i].type;
        }
        return NULL;
}

static struct value take_file(
                struct question_taker *taker, struct str name, const struct value *old)
{
        size_t at = 0;
        const struct posted_field *file = posted_next(&taker->visit->posted, name, &at);
        struct value kept = old != NULL && old->kind == VALUE_STRING ? *old : value_null();
        if (file == NULL || !file->is_file || file->file_name.n == 0)
                return kept;
        const char *type = file_type(file);
        if (type == NULL || file->value.n > QUESTION_FILE_BYTES ||
                        file->file_name.n > LIMIT_KEY_BYTES || taker->n_files == DRAFT_FILES_MAX) {
                taker->bad_file = name;
                return kept;
        }
        struct hash hash = hash_bytes(LEDGER_SHA256, file->value);
        char *hex = arena_alloc(taker->visit->arena, HASH_HEX);
        hash_write_hex(hash.b, HASH_BYTES, hex);
        taker->files[taker->n_files++] = (struct draft_file){ .hash = { hex, HASH_HEX },
                .name = file->file_name,
                .type = str_of(type),
                .bytes = file->value,
                .size = (int64_t)file->value.n };
        return value_string((struct str){ hex, HASH_HEX });
}

/* ---- Texts ---- */

static struct value take_text(struct question_taker *taker, struct str name)
{
        size_t at = 0;
        const struct posted_field *first = posted_next(&taker->visit->posted, name, &at);
        if (first == NULL || first->is_file)
                return value_null();
        if (posted_next(&taker->visit->posted, name, &at) != NULL)
                taker->doubled = true;
        struct str text = str_trim(first->value);
        return text.n != 0 ? value_string(text) : value_null();
}

static struct value take_boxes(struct question_taker *taker, struct str name)
{
        struct view_list list = VIEW_LIST(taker->visit->arena);
        const struct posted_field *field;
        size_t at = 0;
        while ((field = posted_next(&taker->visit->posted, name, &at)) != NULL)
                if (!field->is_file && field->value.n != 0)
                        view_add_text(&list, field->value);
        return list.n != 0 ? view_list_end(&list) : value_null();
}

static struct value take_lines(struct question_taker *taker, struct str name)
{
        struct view_list list = VIEW_LIST(taker->visit->arena);
        struct value whole = take_text(taker, name);
        struct str rest = text_of(&whole);
        while (rest.n != 0) {
                struct str line = str_trim(str_split(&rest, '\n'));
                if (line.n != 0)
                        view_add_text(&list, line);
        }
        return list.n != 0 ? view_list_end(&list) : value_null();
}

static struct value take_simple(struct question_taker *taker, const struct field *field,
                struct str name, const struct value *old)
{
        if (field->type == FIELD_FILE)
                return take_file(taker, name, old);
        if (field->type == FIELD_ENUM_SET)
                return take_boxes(taker, name);
        if (field->type == FIELD_LIST)
                return take_lines(taker, name);
        return take_text(taker, name);
}

/* A row that has nothing in it is none. */
static bool take_row(struct question_taker *taker, const struct field *field, size_t i,
                const struct value *old, struct value *ret)
{
        struct arena *arena = taker->visit->arena;
        struct member *members = arena_new_array(arena, field->n_items, struct member);
        size_t n = 0;
        for (size_t k = 0; k < field->n_items; k++) {
                const struct field *item = &field->items[k];
                struct str name = str_format(arena, "%.*s.%zu.%.*s", STR_FMT(field->name), i,
                                STR_FMT(item->name));
                const struct value *before = old != NULL ? value_get(old, item->name) : NULL;
                struct value value = take_simple(taker, item, name, before);
                if (!value_is_null(value))
                        members[n++] = (struct member){ item->name, value };
        }
        bool unique = value_sort_members(members, n);
        *ret = value_context(members, n);
        return unique && n != 0;
}

struct value question_take(
                struct question_taker *taker, const struct field *field, const struct value *old)
{
        struct view_list rows = VIEW_LIST(taker->visit->arena);
        if (field->type != FIELD_LIST || field->n_items == 0)
                return take_simple(taker, field, field->name, old);
        for (size_t i = 0; i < QUESTION_ROWS_MAX; i++) {
                bool has_old = old != NULL && old->kind == VALUE_LIST && i < old->list.n;
                struct value row;
                if (take_row(taker, field, i, has_old ? &old->list.items[i] : NULL, &row))
                        view_add(&rows, row);
        }
        return rows.n != 0 ? view_list_end(&rows) : value_null();
}

/* ---- Reading back ---- */

struct str question_text(struct visit *visit, const struct field *field, const struct value *typed,
                const struct draft_file *files, size_t n_files)
{
        struct buf buf = BUF(visit->arena);
        struct err err;
        if (typed == NULL || value_is_null(*typed))
                return STR_LIT("");
        if (field->type == FIELD_FILE) {
                const struct question question = { .files = files, .n_files = n_files };
                struct str name = file_name(&question, typed);
                return name.n != 0 ? name : STR_LIT("已上传");
        }
        if (field->type == FIELD_BOOL)
                return str_is(text_of(typed), "true") ? STR_LIT("是") : STR_LIT("否");
        if (field->type == FIELD_DATE && typed->kind == VALUE_STRING) {
                struct date date;
                return date_parse(typed->string, &date, &err) ? date_format_zh(visit->arena, date)
                                                              : typed->string;
        }
        if (field->type != FIELD_LIST || field->n_items == 0 || typed->kind != VALUE_LIST)
                return visit_value(visit, field, typed);
        for (size_t i = 0; i < typed->list.n; i++) {
                buf_c(&buf, i == 0 ? "" : "；");
                for (size_t k = 0, n = 0; k < field->n_items; k++) {
                        const struct value *value =
                                        value_get(&typed->list.items[i], field->items[k].name);
                        struct str text = question_text(
                                        visit, &field->items[k], value, files, n_files);
                        if (text.n == 0)
                                continue;
                        buf_c(&buf, n++ == 0 ? "" : "，");
                        buf_format(&buf, "%.*s %.*s", STR_FMT(field->items[k].label),
                                        STR_FMT(text));
                }
        }
        return buf_str(&buf);
}
