#include "web/field_schema.h"

#include "base/limits.h"
#include "procedure/demand.h"
#include "web/view.h"

struct shape {
        const char *type, *format, *pattern;
};

static const struct shape shapes[] = {
        [FIELD_TEXT] = { "string", NULL, NULL },
        [FIELD_LONG_TEXT] = { "string", NULL, NULL },
        [FIELD_INTEGER] = { "integer", NULL, NULL },
        [FIELD_DECIMAL] = { NULL, NULL, "^-?[0-9]+(\\.[0-9]+)?$" },
        [FIELD_MONEY] = { NULL, NULL, "^-?[0-9]+(\\.[0-9]{1,2})?$" },
        [FIELD_BOOL] = { "boolean", NULL, NULL },
        [FIELD_DATE] = { "string", "date", NULL },
        [FIELD_DATETIME] = { "string", NULL, NULL },
        [FIELD_ENUM] = { "string", NULL, NULL },
        [FIELD_ENUM_SET] = { "array", NULL, NULL },
        [FIELD_IDENTIFIER] = { "string", NULL, NULL },
        [FIELD_REF] = { "string", NULL, NULL },
        [FIELD_STAFF] = { "string", NULL, NULL },
        [FIELD_UNIT] = { "string", NULL, NULL },
        [FIELD_FILE] = { "string", NULL, NULL },
        [FIELD_LIST] = { "array", NULL, NULL },
        [FIELD_ANY] = { NULL, NULL, NULL },
};

static struct value field_schema(struct arena *arena, const struct act *act,
                const struct field *field, struct str untold);

static struct value keys_of(struct arena *arena, const struct field *field)
{
        struct view_list keys = VIEW_LIST(arena);
        for (size_t i = 0; i < field->n_options; i++)
                view_add_text(&keys, field->options[i].key);
        return view_list_end(&keys);
}

/* "a = 甲类；b = 乙类": what the keys of an enumeration are called. */
static struct str words_of(struct arena *arena, const struct field *field)
{
        struct buf buf = BUF(arena);
        buf_str_add(&buf, field->help);
        for (size_t i = 0; i < field->n_options; i++) {
                buf_c(&buf, buf.n == 0 ? "" : "；");
                buf_str_add(&buf, field->options[i].key);
                buf_c(&buf, " = ");
                buf_str_add(&buf, field->options[i].label);
        }
        return buf_str(&buf);
}

static struct str description_of(struct arena *arena, const struct field *field, struct str untold)
{
        struct str words = words_of(arena, field);
        if (words.n == 0 || untold.n == 0)
                return words.n == 0 ? untold : words;
        return str_format(arena, "%.*s；%.*s", STR_FMT(words), STR_FMT(untold));
}

static struct value exact_number(struct arena *arena, const char *pattern)
{
        struct view_list types = VIEW_LIST(arena);
        struct view number = VIEW(arena), text = VIEW(arena);
        view_c(&number, "type", "number");
        view_c(&text, "type", "string");
        view_c(&text, "pattern", pattern);
        view_add(&types, view_end(&number));
        view_add(&types, view_end(&text));
        return view_list_end(&types);
}

/* ---- What conditions demand: procedure/demand.h as `required`, `if` and `then` ---- */

struct told { /* of the act's fields, or of the columns of a list */
        const struct demand *demands;
        size_t n;
};

static bool is_required(const struct told *told, const struct field *field)
{
        for (size_t i = 0; i < told->n; i++) {
                const struct demand *d = &told->demands[i];
                if (!d->untold && d->n_when == 0 && d->n_then == 1 && d->then[0].field == field)
                        return true;
        }
        return field->required;
}

static struct value values_of(struct arena *arena, const struct demand_term *term)
{
        struct view view = VIEW(arena);
        if (term->n_among == 1)
                view_put(&view, "const", term->among[0]);
        else
                view_put(&view, "enum", value_list(term->among, term->n_among));
        return view_end(&view);
}

/* "Given, each of them as it says." */
static struct value terms_schema(
                struct arena *arena, const struct demand_term *terms, size_t n_terms)
{
        struct view view = VIEW(arena);
        struct view_list required = VIEW_LIST(arena);
        struct member *properties = arena_new_array(arena, n_terms, struct member);
        size_t n = 0;
        for (size_t i = 0; i < n_terms; i++) {
                view_add_text(&required, terms[i].field->name);
                if (terms[i].n_among > 0)
                        properties[n++] = (struct member){ terms[i].field->name,
                                values_of(arena, &terms[i]) };
        }
        if (n > 0 && value_sort_members(properties, n))
                view_put(&view, "properties", value_context(properties, n));
        view_put(&view, "required", view_list_end(&required));
        return view_end(&view);
}

static struct str words_of_rule(struct arena *arena, const struct rule *rule)
{
        if (rule->basis.n == 0)
                return rule->say;
        return str_format(arena, "%.*s（%.*s）", STR_FMT(rule->say), STR_FMT(rule->basis));
}

static struct value demand_schema(struct arena *arena, const struct demand *demand)
{
        struct view view = VIEW(arena), any = VIEW(arena);
        struct view_list choices = VIEW_LIST(arena);
        for (size_t i = 0; i < demand->n_then; i++)
                view_add(&choices, terms_schema(arena, &demand->then[i], 1));
        struct value then = choices.items[0];
        if (demand->n_then > 1) {
                view_put(&any, "anyOf", view_list_end(&choices));
                then = view_end(&any);
        }
        if (demand->n_when == 0)
                return then;
        view_text(&view, "description", words_of_rule(arena, demand->rule));
        view_put(&view, "if", terms_schema(arena, demand->when, demand->n_when));
        view_put(&view, "then", then);
        return view_end(&view);
}

static void add_conditions(struct view *view, const struct told *told)
{
        struct view_list all = VIEW_LIST(view->arena);
        for (size_t i = 0; i < told->n; i++) {
                const struct demand *d = &told->demands[i];
                bool plain = d->n_when == 0 && d->n_then == 1 && d->then[0].n_among == 0;
                if (!d->untold && !plain)
                        view_add(&all, demand_schema(view->arena, d));
        }
        if (all.n != 0)
                view_put(view, "allOf", view_list_end(&all));
}

/* When a field is demanded that no schema can say: the words of the rules. */
static struct str untold_of(struct arena *arena, const struct told *told, const struct field *field)
{
        struct buf buf = BUF(arena);
        const struct rule *last = NULL;
        for (size_t i = 0; i < told->n; i++) {
                const struct demand *d = &told->demands[i];
                bool names = false;
                for (size_t k = 0; k < d->n_then; k++)
                        names |= d->then[k].field == field;
                if (!d->untold || !names || d->rule == last)
                        continue;
                buf_c(&buf, buf.n == 0 ? "有时必填：" : "；");
                buf_str_add(&buf, words_of_rule(arena, d->rule));
                last = d->rule;
        }
        return buf_str(&buf);
}

static struct value object(struct arena *arena, const struct act *act,
                const struct field *const *fields, size_t n, size_t n_required, struct told told)
{
        struct view view = VIEW(arena);
        struct view_list required = VIEW_LIST(arena);
        struct member *properties = arena_new_array(arena, n, struct member);
        size_t n_properties = 0;
        for (size_t i = 0; i < n; i++) {
                bool needed = i < n_required || is_required(&told, fields[i]);
                struct str untold = untold_of(arena, &told, fields[i]);
                if (needed)
                        view_add_text(&required, fields[i]->name);
                properties[n_properties++] = (struct member){ fields[i]->name,
                        field_schema(arena, act, fields[i], needed ? STR_LIT("") : untold) };
        }
        bool unique = value_sort_members(properties, n_properties);
        view_c(&view, "type", "object");
        if (unique)
                view_put(&view, "properties", value_context(properties, n_properties));
        if (required.n != 0)
                view_put(&view, "required", view_list_end(&required));
        add_conditions(&view, &told);
        view_put(&view, "additionalProperties", value_bool(!unique));
        return view_end(&view);
}

static struct value items_of(struct arena *arena, const struct act *act, const struct field *field)
{
        struct view view = VIEW(arena);
        const struct field **items;
        struct told told;
        if (field->type == FIELD_ENUM_SET) {
                view_put(&view, "enum", keys_of(arena, field));
                return view_end(&view);
        }
        if (field->n_items == 0) {
                view_c(&view, "type", "string");
                return view_end(&view);
        }
        items = arena_new_array(arena, field->n_items, const struct field *);
        for (size_t i = 0; i < field->n_items; i++)
                items[i] = &field->items[i];
        told.n = row_demands(arena, act, field, &told.demands);
        return object(arena, act, items, field->n_items, 0, told);
}

static void add_limits(struct view *view, const struct field *field, bool whole)
{
        if (field->has_min && whole)
                view_put(view, "minimum", value_number(field->min));
        if (field->has_max && whole)
                view_put(view, "maximum", value_number(field->max));
}

static struct value field_schema(struct arena *arena, const struct act *act,
                const struct field *field, struct str untold)
{
        const struct shape *shape = &shapes[field->type];
        struct view view = VIEW(arena);
        bool text = field->type == FIELD_TEXT || field->type == FIELD_LONG_TEXT;
        view_text(&view, "title", field->label);
        view_some(&view, "description", description_of(arena, field, untold));
        if (shape->type != NULL)
                view_c(&view, "type", shape->type);
        if (shape->format != NULL)
                view_c(&view, "format", shape->format);
        if (shape->pattern != NULL)
                view_put(&view, "anyOf", exact_number(arena, shape->pattern));
        if (text && field->max_length > 0)
                view_int(&view, "maxLength", field->max_length);
        if (field->type == FIELD_ENUM)
                view_put(&view, "enum", keys_of(arena, field));
        if (field->type == FIELD_ENUM_SET)
                view_put(&view, "uniqueItems", value_bool(true));
        if (field->type == FIELD_ENUM_SET || field->type == FIELD_LIST) {
                view_put(&view, "items", items_of(arena, act, field));
                view_int(&view, "maxItems", LIMIT_LIST_ITEMS);
        }
        add_limits(&view, field, field->type == FIELD_INTEGER);
        return view_end(&view);
}

struct value act_schema(struct arena *arena, const struct version *version, const struct act *act)
{
        size_t n = 0;
        struct told told;
        const struct field **fields =
                        arena_new_array(arena, act->n_needs + act->n_takes, const struct field *);
        for (size_t i = 0; i < act->n_needs; i++)
                fields[n++] = &version->fields[act->needs[i]];
        for (size_t i = 0; i < act->n_takes; i++)
                fields[n++] = &version->fields[act->takes[i]];
        told.n = act_demands(arena, version, act, &told.demands);
        return object(arena, act, fields, n, act->n_needs, told);
}
