/* web/form_choices.c - the entries of a register that a field names one of.
 *
 * As far as a page of a register goes they are a list to choose from; past it the key is typed, and
 * the input searches the first ones by itself. Citizens are shown public registers only. */
#include "base/limits.h"
#include "projection/register_read.h"
#include "web/disclosure.h"
#include "web/form.h"
#include "web/route.h"

struct choices {
        struct visit *visit;
        const struct reg *reg;
        bool all; /* is everything of an entry shown, or only what is public? */
        const struct register_row *rows;
        size_t n;
};

static struct str register_of(const struct field *field)
{
        return field->type == FIELD_STAFF  ? STR_LIT("staff")
               : field->type == FIELD_UNIT ? STR_LIT("units")
                                           : field->reference;
}

/* ---- What an entry is called ---- */

static struct str text_at(const struct choices *c, const struct value *entry, size_t field)
{
        const struct value *value = value_get(entry, c->reg->fields[field].name);
        bool shown = c->all || disclosure_field(&c->reg->fields[field]);
        return shown && value != NULL && value->kind == VALUE_STRING ? value->string : STR_LIT("");
}

/* Its name or title, else the first text that is not its key. */
static struct str name_of(const struct choices *c, const struct register_row *row)
{
        static const char *const names[] = { "name", "item_name", "title", "label", "item" };
        struct str text = STR_LIT("");
        for (size_t i = 0; i < N_ELEMENTS(names); i++)
                for (size_t k = 0; k < c->reg->n_fields && text.n == 0; k++)
                        if (str_is(c->reg->fields[k].name, names[i]))
                                text = text_at(c, &row->entry, k);
        for (size_t k = 0; k < c->reg->n_fields && text.n == 0; k++)
                if (!str_eq(c->reg->fields[k].name, c->reg->key))
                        text = text_at(c, &row->entry, k);
        return text.n != 0 ? text : row->key;
}

/* Two of one name are told apart by their keys. */
static struct str label_of(const struct choices *c, const struct str *names, size_t i)
{
        bool unique = true;
        for (size_t k = 0; k < c->n; k++)
                unique &= k == i || !str_eq(names[k], names[i]);
        return unique ? names[i]
                      : str_format(c->visit->arena, "%.*s（%.*s）", STR_FMT(names[i]),
                                        STR_FMT(c->rows[i].key));
}

/* ---- The options ---- */

static void add_option(struct choices *c, struct view_list *list, struct str key, struct str label,
                struct str chosen)
{
        struct view option = VIEW(c->visit->arena);
        view_text(&option, "key", key);
        view_text(&option, "option_label", label);
        view_yes(&option, "chosen", key.n != 0 && str_eq(key, chosen));
        view_add(list, view_end(&option));
}

/* What stands there is kept, although it is none of them (any more). */
static struct value options_view(struct choices *c, struct str chosen)
{
        struct arena *arena = c->visit->arena;
        struct view_list list = VIEW_LIST(arena);
        struct str *names = arena_new_array(arena, c->n, struct str);
        bool found = chosen.n == 0;
        for (size_t i = 0; i < c->n; i++)
                names[i] = name_of(c, &c->rows[i]);
        for (size_t i = 0; i < c->n; i++) {
                found |= str_eq(c->rows[i].key, chosen);
                add_option(c, &list, c->rows[i].key, label_of(c, names, i), chosen);
        }
        if (!found)
                add_option(c, &list, chosen, chosen, chosen);
        return view_list_end(&list);
}

/* The first entries in force; one more than a list holds. */
static bool read_entries(struct choices *c, struct err *err)
{
        struct visit *visit = c->visit;
        return register_rows(visit->arena, visit->snapshot, visit->catalogue, c->reg->name,
                        visit->today, STR_LIT(""), LIMIT_PAGE_ROWS, &c->rows, &c->n, err);
}

static void add_line(struct form *form, struct str text, struct view *view)
{
        struct view line = VIEW(form->visit->arena);
        view_c(&line, "type", "text");
        view_c(&line, "mode", "text");
        view_text(&line, "value", text);
        view_put(view, "as_line", view_end(&line));
}

static bool choices_open(struct choices *c, struct visit *visit, const struct field *field)
{
        *c = (struct choices){ .visit = visit,
                .reg = catalogue_register(visit->catalogue, register_of(field)),
                .all = visit->route->who == WHO_STAFF };
        return c->reg != NULL && (c->all || disclosure_register(c->reg));
}

struct str form_entry(struct visit *visit, const struct field *field, struct str key)
{
        struct choices c;
        struct register_row row = { .key = key };
        struct err err;
        bool found;
        if (!choices_open(&c, visit, field) ||
                        !register_entry(visit->arena, visit->snapshot, visit->catalogue,
                                        c.reg->name, key, visit->today, &row.entry, &found, &err) ||
                        !found)
                return key;
        return name_of(&c, &row);
}

bool form_add_choices(struct form *form, const struct field *field, struct str path,
                struct str text, struct view *view, struct err *err)
{
        struct visit *visit = form->visit;
        struct choices c;
        struct view choice = VIEW(visit->arena);
        if (!choices_open(&c, visit, field)) {
                add_line(form, text, view);
                return true;
        }
        if (!read_entries(&c, err))
                return false;
        bool few = c.n < LIMIT_PAGE_ROWS;
        view_text(&choice, "value", text);
        view_text(&choice, "list_id", str_format(visit->arena, "list-%.*s", STR_FMT(path)));
        view_put(&choice, "options", options_view(&c, text));
        view_put(view, few ? "as_select" : "as_search", view_end(&choice));
        return true;
}
