/* web/form_plain.c - a field of a form for a program: what the page asks, without how it is drawn.
 *
 * It is made from the page's own input, so a program is offered what its reader is offered: the
 * same options, the same value, the same error. What only carries the form back (a sealed hash,
 * ids) is left out. */
#include "base/limits.h"
#include "web/form.h"

/* What is asked: type and limits, as the definition has them. */
static void add_limits(struct view *view, const struct field *field)
{
        view_c(view, "type", field_type_word(field->type));
        view_some(view, "kind", field->identifier);
        view_some(view, "register", field->reference);
        if (field->type == FIELD_TEXT || field->type == FIELD_LONG_TEXT)
                view_int(view, "max_length", field->max_length);
        if (field->has_min)
                view_put(view, "min", value_number(field->min));
        if (field->has_max)
                view_put(view, "max", value_number(field->max));
        if (field->type == FIELD_FILE)
                view_int(view, "max_bytes", LIMIT_FILE_BYTES);
}

static struct value options_of(struct arena *arena, const struct value *drawn)
{
        struct view_list list = VIEW_LIST(arena);
        for (size_t i = 0; i < drawn->list.n; i++) {
                const struct value *option = &drawn->list.items[i];
                struct view view = VIEW(arena);
                view_put(&view, "key", *value_get(option, STR_LIT("key")));
                view_put(&view, "label", *value_get(option, STR_LIT("option_label")));
                view_yes(&view, "chosen", value_get(option, STR_LIT("chosen")) != NULL);
                view_add(&list, view_end(&view));
        }
        return view_list_end(&list);
}

static void add_text_of(
                struct view *view, const char *name, const struct value *from, const char *member)
{
        const struct value *text = value_get(from, str_of(member));
        if (text != NULL && text->kind == VALUE_STRING)
                view_some(view, name, text->string);
}

/* The part of a drawn input that holds its value. */
static void add_given(struct view *view, const struct value *drawn)
{
        static const char *const parts[] = { "as_line", "as_area", "as_search", "as_select",
                "as_radios", "as_checks", "as_file" };
        for (size_t i = 0; i < N_ELEMENTS(parts); i++) {
                const struct value *part = value_get(drawn, str_of(parts[i]));
                if (part == NULL)
                        continue;
                const struct value *options = value_get(part, STR_LIT("options"));
                if (options != NULL)
                        view_put(view, "options", options_of(view->arena, options));
                view_yes(view, "more_options", strcmp(parts[i], "as_search") == 0);
                add_text_of(view, "value", part, "value");
                add_text_of(view, "file_name", part, "kept_name");
        }
}

struct value form_plain_input(
                struct arena *arena, const struct field *field, const struct value *drawn)
{
        struct view view = VIEW(arena);
        view_text(&view, "name", field->name);
        view_text(&view, "label", field->label);
        add_text_of(&view, "help", drawn, "help");
        view_put(&view, "needed", value_bool(!value_get(drawn, STR_LIT("optional"))->boolean));
        add_limits(&view, field);
        add_given(&view, drawn);
        add_text_of(&view, "error", drawn, "error");
        return view_end(&view);
}

struct value form_plain_list(struct arena *arena, const struct field *field, bool needed,
                struct str error, struct value columns, struct value rows)
{
        struct view view = VIEW(arena);
        view_text(&view, "name", field->name);
        view_text(&view, "label", field->label);
        view_some(&view, "help", field->help);
        view_put(&view, "needed", value_bool(needed));
        add_limits(&view, field);
        view_int(&view, "max_rows", FORM_ROWS_MAX);
        view_put(&view, "columns", columns);
        view_put(&view, "rows", rows);
        view_some(&view, "error", error);
        return view_end(&view);
}
