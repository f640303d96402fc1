/* web/form_view.c - the fields of a form as a page prints them. */
#include "procedure/demand.h"
#include "web/form.h"

#define RADIOS_MAX 6u  /* options; more are a list to choose from */
#define CHECKS_MAX 12u /* likewise; more stand in columns and scroll */

struct input {
        struct form *form;
        const struct field *field;
        struct str path;           /* "topic", "stages.0.name" */
        const struct value *value; /* typed, or the matter's; shown where nothing was posted */
        bool required;
        struct err *err;
};

static struct arena *arena_of(const struct input *input)
{
        return input->form->visit->arena;
}

/* ---- What stands in it ---- */

static struct str posted_named(const struct input *input, const char *prefix)
{
        return form_posted(input->form, prefix, input->path);
}

/* A value as an input takes it: dates as they are typed, decimals plain. */
static struct str as_typed(struct arena *arena, const struct value *value)
{
        struct buf buf = BUF(arena);
        switch (value->kind) {
        case VALUE_NULL:
                return STR_LIT("");
        case VALUE_BOOL:
                return value->boolean ? STR_LIT("true") : STR_LIT("false");
        case VALUE_LIST:
                for (size_t i = 0; i < value->list.n; i++) {
                        buf_c(&buf, i == 0 ? "" : "\n");
                        buf_str_add(&buf, value_text(arena, &value->list.items[i]));
                }
                return buf_str(&buf);
        case VALUE_MOMENT:
                return str_format(arena, "%.*sT%02d:%02d",
                                STR_FMT(date_format(arena, moment_date(value->moment))),
                                moment_second_of_day(value->moment) / 3600,
                                moment_second_of_day(value->moment) / 60 % 60);
        default:
                return value_text(arena, value);
        }
}

static struct str text_of(const struct input *input)
{
        if (input->form->posted != NULL)
                return posted_named(input, "f.");
        return input->value != NULL ? as_typed(arena_of(input), input->value) : STR_LIT("");
}

static bool value_has(const struct value *value, struct str key)
{
        if (value == NULL)
                return false;
        if (value->kind == VALUE_STRING)
                return str_eq(value->string, key);
        for (size_t i = 0; value->kind == VALUE_LIST && i < value->list.n; i++)
                if (value_has(&value->list.items[i], key))
                        return true;
        return false;
}

static bool is_chosen(const struct input *input, struct str key)
{
        const struct posted_field *found;
        struct str name = form_name(arena_of(input), input->path);
        size_t at = 0;
        if (input->form->posted == NULL)
                return value_has(input->value, key);
        while ((found = posted_next(input->form->posted, name, &at)) != NULL)
                if (!found->is_file && str_eq(found->value, key))
                        return true;
        return false;
}

/* ---- Kinds of inputs ---- */

static struct value option_view(
                const struct input *input, size_t i, struct str key, struct str label)
{
        struct view option = VIEW(arena_of(input));
        view_text(&option, "option_id",
                        i == 0 ? form_name(arena_of(input), input->path)
                               : str_format(arena_of(input), "f.%.*s.option%zu",
                                                 STR_FMT(input->path), i));
        view_text(&option, "key", key);
        view_text(&option, "option_label", label);
        view_yes(&option, "chosen", is_chosen(input, key));
        return view_end(&option);
}

static bool is_option(const struct field *field, struct str key)
{
        for (size_t i = 0; i < field->n_options; i++)
                if (str_eq(field->options[i].key, key))
                        return true;
        return false;
}

static void add_stale(const struct input *input, struct str key, size_t *n, struct view_list *list)
{
        if (key.n == 0 || is_option(input->field, key))
                return;
        view_add(list, option_view(input, (*n)++, key,
                                       str_format(arena_of(input), "%.*s（已不能选）",
                                                       STR_FMT(key))));
}

/* What stands there and is no option any more stays chosen until somebody takes it away: the
 * desk refuses it by its name, and nothing goes without being seen. */
static void add_all_stale(const struct input *input, size_t *n, struct view_list *list)
{
        const struct value *was = input->value;
        const struct posted_field *found;
        struct str name = form_name(arena_of(input), input->path);
        size_t at = 0;
        if (input->form->posted != NULL)
                while ((found = posted_next(input->form->posted, name, &at)) != NULL)
                        add_stale(input, found->is_file ? STR_LIT("") : found->value, n, list);
        else if (was != NULL && was->kind == VALUE_STRING)
                add_stale(input, was->string, n, list);
        else if (was != NULL && was->kind == VALUE_LIST)
                for (size_t i = 0; i < was->list.n; i++)
                        if (was->list.items[i].kind == VALUE_STRING)
                                add_stale(input, was->list.items[i].string, n, list);
}

/* Of very many that may be chosen together, those that are come first. */
static struct value options_view(const struct input *input)
{
        struct view_list list = VIEW_LIST(arena_of(input));
        const struct field *field = input->field;
        bool sorts = field->type == FIELD_ENUM_SET && field->n_options > CHECKS_MAX;
        size_t n = 0;
        if (sorts)
                add_all_stale(input, &n, &list);
        for (int turn = sorts ? 0 : 1; turn < 2; turn++)
                for (size_t i = 0; i < field->n_options; i++)
                        if (!sorts || is_chosen(input, field->options[i].key) == (turn == 0))
                                view_add(&list, option_view(input, n++, field->options[i].key,
                                                                field->options[i].label));
        if (!sorts)
                add_all_stale(input, &n, &list);
        return view_list_end(&list);
}

static struct value yes_and_no(const struct input *input)
{
        struct view_list list = VIEW_LIST(arena_of(input));
        struct str text = text_of(input);
        static const char *const keys[] = { "true", "false" }, *const labels[] = { "是", "否" };
        for (size_t i = 0; i < 2; i++) {
                struct view option = VIEW(arena_of(input));
                view_text(&option, "option_id",
                                str_format(arena_of(input), i == 0 ? "f.%.*s" : "f.%.*s.no",
                                                STR_FMT(input->path)));
                view_c(&option, "key", keys[i]);
                view_c(&option, "option_label", labels[i]);
                view_yes(&option, "chosen", str_is(text, keys[i]));
                view_add(&list, view_end(&option));
        }
        return view_list_end(&list);
}

/* The file that is kept: what came along, else what came back, else what was there. */
static struct str kept_hash(const struct input *input, struct str *ret_name)
{
        const struct form *form = input->form;
        struct str hash = STR_LIT("");
        for (size_t i = 0; i < form->n_uploads; i++)
                if (str_eq(form->uploads[i].field, input->path)) {
                        *ret_name = form->uploads[i].name;
                        return form->uploads[i].hex;
                }
        if (form->posted != NULL) {
                *ret_name = posted_named(input, "hn.");
                return form_unseal(form->visit, posted_named(input, "h."));
        }
        if (input->value != NULL && input->value->kind == VALUE_STRING)
                hash = input->value->string;
        for (size_t i = 0; i < form->n_files; i++)
                if (str_eq(form->files[i].hash, hash))
                        *ret_name = form->files[i].name;
        return hash;
}

static struct value file_view(const struct input *input)
{
        struct view view = VIEW(arena_of(input));
        struct str name = STR_LIT(""), hash = kept_hash(input, &name);
        view_text(&view, "hash_name", str_format(arena_of(input), "h.%.*s", STR_FMT(input->path)));
        view_text(&view, "file_name_name",
                        str_format(arena_of(input), "hn.%.*s", STR_FMT(input->path)));
        view_some(&view, "kept_hash", form_seal(input->form->visit, hash));
        view_some(&view, "kept_name", name.n != 0 ? name : str_cut(hash, 12));
        return view_end(&view);
}

static const char *mode_of(const struct field *field)
{
        switch (field->type) {
        case FIELD_INTEGER:
                return "numeric";
        case FIELD_DECIMAL:
        case FIELD_MONEY:
                return "decimal";
        default:
                return "text";
        }
}

static const char *input_type(const struct field *field)
{
        return field->type == FIELD_DATE       ? "date"
               : field->type == FIELD_DATETIME ? "datetime-local"
                                               : "text";
}

static void add_line(const struct input *input, struct view *view)
{
        const struct field *field = input->field;
        struct view line = VIEW(arena_of(input));
        bool narrow = field->type == FIELD_INTEGER || field->type == FIELD_DECIMAL ||
                      field->type == FIELD_MONEY;
        view_c(&line, "type", input_type(field));
        view_c(&line, "mode", mode_of(field));
        view_text(&line, "value", text_of(input));
        view_yes(&line, "narrow", narrow);
        view_yes(&line, "dated", field->type == FIELD_DATE || field->type == FIELD_DATETIME);
        view_yes(&line, "money", field->type == FIELD_MONEY);
        view_put(view, "as_line", view_end(&line));
}

static void add_text_area(const struct input *input, struct view *view)
{
        struct view area = VIEW(arena_of(input));
        view_text(&area, "value", text_of(input));
        view_put(view, "as_area", view_end(&area));
}

static void add_options(const struct input *input, struct view *view, const char *how)
{
        struct view choice = VIEW(arena_of(input));
        view_put(&choice, "options",
                        input->field->type == FIELD_BOOL ? yes_and_no(input) : options_view(input));
        view_yes(&choice, "many", input->field->n_options > CHECKS_MAX);
        view_put(view, how, view_end(&choice));
}

static bool add_kind(const struct input *input, struct view *view)
{
        switch (input->field->type) {
        case FIELD_LONG_TEXT:
        case FIELD_LIST: /* of texts, a line each */
                add_text_area(input, view);
                break;
        case FIELD_BOOL:
                add_options(input, view, "as_radios");
                break;
        case FIELD_ENUM:
                add_options(input, view,
                                input->field->n_options <= RADIOS_MAX ? "as_radios" : "as_select");
                break;
        case FIELD_ENUM_SET:
                add_options(input, view, "as_checks");
                break;
        case FIELD_REF:
        case FIELD_STAFF:
        case FIELD_UNIT:
                return form_add_choices(input->form, input->field, input->path, text_of(input),
                                view, input->err);
        case FIELD_FILE:
                view_put(view, "as_file", file_view(input));
                break;
        default:
                add_line(input, view);
        }
        return true;
}

/* ---- One input ---- */

/* What its definition says, else how such a thing is written. */
static const char *written(const struct field *field)
{
        static const struct {
                const char *identifier, *hint;
        } rows[] = {
                { "resident_id", "18 位，末位可以是 X" },
                { "credit_code", "18 位统一社会信用代码" },
                { "mobile", "11 位手机号码" },
                { "email", "例如 name@example.cn" },
        };
        if (field->type == FIELD_FILE)
                return FILES_HINT;
        if (field->type == FIELD_LIST && field->n_items == 0)
                return "每行一项";
        for (size_t i = 0; i < N_ELEMENTS(rows); i++)
                if (str_is(field->identifier, rows[i].identifier))
                        return rows[i].hint;
        return "";
}

static struct str hint_of(const struct input *input)
{
        const struct field *field = input->field;
        const char *how = written(field);
        if (field->help.n == 0 || (field->type != FIELD_FILE && field->type != FIELD_LIST))
                return field->help.n != 0 ? field->help : str_of(how);
        return how[0] == '\0' ? field->help
                              : str_format(arena_of(input), "%.*s。%s", STR_FMT(field->help), how);
}

static struct str problem_of(const struct form *form, struct str name)
{
        for (size_t i = 0; i < form->n_problems; i++)
                if (str_eq(form->problems[i].name, name))
                        return form->problems[i].text;
        return STR_LIT("");
}

static bool input_view(const struct input *input, struct value *ret)
{
        struct view view = VIEW(arena_of(input));
        struct str name = form_name(arena_of(input), input->path);
        view_text(&view, "id", name);
        view_text(&view, "name", name);
        view_text(&view, "label", input->field->label);
        view_text(&view, "help", hint_of(input));
        view_text(&view, "error", problem_of(input->form, name));
        view_put(&view, "optional", value_bool(!input->required));
        if (!add_kind(input, &view))
                return false;
        *ret = view_end(&view);
        if (input->form->visit->as_json)
                *ret = form_plain_input(arena_of(input), input->field, ret);
        return true;
}

/* ---- Lists of rows ---- */

static const struct value *cell_of(const struct value *list, size_t row, struct str name)
{
        if (list == NULL || list->kind != VALUE_LIST || row >= list->list.n)
                return NULL;
        return value_get(&list->list.items[row], name);
}

static bool row_view(const struct input *list, size_t row, bool is_only, struct value *ret)
{
        struct arena *arena = arena_of(list);
        struct view view = VIEW(arena);
        struct view_list inputs = VIEW_LIST(arena);
        for (size_t k = 0; k < list->field->n_items; k++) {
                const struct field *item = &list->field->items[k];
                struct value cell;
                if (!form_asks(list->form->visit, item))
                        continue;
                const struct input input = { .form = list->form,
                        .field = item,
                        .path = str_format(arena, "%.*s.%zu.%.*s", STR_FMT(list->path), row,
                                        STR_FMT(item->name)),
                        .value = cell_of(list->value, row, item->name),
                        .required = column_is_demanded(arena, list->form->act, list->field, item),
                        .err = list->err };
                if (!input_view(&input, &cell))
                        return false;
                view_add(&inputs, cell);
        }
        view_int(&view, "row_number", (int64_t)row + 1);
        if (!is_only)
                view_text(&view, "remove",
                                str_format(arena, "remove:%.*s.%zu", STR_FMT(list->path), row));
        view_put(&view, "inputs", view_list_end(&inputs));
        *ret = view_end(&view);
        return true;
}

static struct value cells_of(const struct value *row)
{
        return *value_get(row, STR_LIT("inputs"));
}

/* The columns once, as an empty row asks them, and the rows that there are. */
static bool plain_list(const struct input *list, struct value *ret)
{
        struct arena *arena = arena_of(list);
        struct view_list rows = VIEW_LIST(arena);
        const struct value *given = list->value;
        size_t n = given != NULL && given->kind == VALUE_LIST ? given->list.n : 0;
        struct value row, empty;
        n = n < FORM_ROWS_MAX ? n : FORM_ROWS_MAX;
        if (!row_view(list, FORM_ROWS_MAX, true, &empty))
                return false;
        for (size_t i = 0; i < n; i++) {
                if (!row_view(list, i, true, &row))
                        return false;
                view_add(&rows, cells_of(&row));
        }
        *ret = form_plain_list(arena, list->field, list->required,
                        problem_of(list->form, form_name(arena, list->path)), cells_of(&empty),
                        view_list_end(&rows));
        return true;
}

static bool list_view(const struct input *list, struct value *ret)
{
        if (list->form->visit->as_json)
                return plain_list(list, ret);
        struct arena *arena = arena_of(list);
        struct view view = VIEW(arena), outer = VIEW(arena);
        struct view_list rows = VIEW_LIST(arena);
        struct str name = form_name(arena, list->path);
        size_t n = form_rows(list->form, list->field);
        if (list->form->posted == NULL)
                n = list->value != NULL && list->value->kind == VALUE_LIST ? list->value->list.n
                                                                           : 0;
        n = n == 0 ? 1 : n < FORM_ROWS_MAX ? n : FORM_ROWS_MAX;
        for (size_t i = 0; i < n; i++) {
                struct value row;
                if (!row_view(list, i, n == 1, &row))
                        return false;
                view_add(&rows, row);
        }
        view_text(&view, "list_id", name);
        view_text(&view, "list_label", list->field->label);
        view_text(&view, "list_help", list->field->help);
        view_text(&view, "list_error", problem_of(list->form, name));
        view_put(&view, "list_optional", value_bool(!list->required));
        view_text(&view, "count_name", str_format(arena, "n.%.*s", STR_FMT(list->path)));
        view_int(&view, "count", (int64_t)n);
        if (n < FORM_ROWS_MAX)
                view_text(&view, "add", str_format(arena, "add:%.*s", STR_FMT(list->path)));
        view_put(&view, "rows", view_list_end(&rows));
        view_put(&outer, "as_rows", view_end(&view));
        *ret = view_end(&outer);
        return true;
}

/* ---- The whole form ---- */

struct value form_problems_view(const struct form *form)
{
        struct view_list list = VIEW_LIST(form->visit->arena);
        for (size_t i = 0; i < form->n_problems; i++) {
                struct view problem = VIEW(form->visit->arena);
                view_text(&problem, "text", form->problems[i].text);
                if (form->problems[i].name.n != 0)
                        view_text(&problem, "target",
                                        str_format(form->visit->arena, "#%.*s",
                                                        STR_FMT(form->problems[i].name)));
                view_add(&list, view_end(&problem));
        }
        return view_list_end(&list);
}

bool form_fields_view(struct form *form, size_t first, size_t n, struct value *ret, struct err *err)
{
        struct view_list list = VIEW_LIST(form->visit->arena);
        for (size_t i = first; i < first + n; i++) {
                const struct form_field *f = &form->fields[i];
                bool is_list = f->field->type == FIELD_LIST && f->field->n_items != 0;
                struct value shown;
                const struct input input = { .form = form,
                        .field = f->field,
                        .path = f->field->name,
                        .value = &f->was,
                        .required = f->needed,
                        .err = err };
                if (!(is_list ? list_view(&input, &shown) : input_view(&input, &shown)))
                        return false;
                view_add(&list, shown);
        }
        *ret = view_list_end(&list);
        return true;
}

bool form_view(struct form *form, struct value *ret, struct err *err)
{
        struct view view = VIEW(form->visit->arena);
        struct value fields;
        if (!form_fields_view(form, 0, form->n_fields, &fields, err))
                return false;
        view_put(&view, "fields", fields);
        if (form->n_problems != 0)
                view_put(&view, "problems", form_problems_view(form));
        *ret = view_end(&view);
        return true;
}
