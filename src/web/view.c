#include "web/view.h"

#include <assert.h>

void view_put(struct view *view, const char *name, struct value value)
{
        assert(view->n < VIEW_MEMBERS_MAX);
        view->members[view->n++] = (struct member){ str_of(name), value };
}

void view_text(struct view *view, const char *name, struct str text)
{
        view_put(view, name, value_string(text.p != NULL ? text : STR_LIT("")));
}

void view_c(struct view *view, const char *name, const char *text)
{
        view_put(view, name, value_string(str_of(text)));
}

void view_int(struct view *view, const char *name, int64_t number)
{
        view_put(view, name, value_int(number));
}

void view_moment(struct view *view, const char *name, struct moment moment)
{
        view_put(view, name, value_moment(moment));
}

void view_some(struct view *view, const char *name, struct str text)
{
        if (text.n != 0)
                view_text(view, name, text);
}

void view_day(struct view *view, const char *name, struct date day)
{
        if (!date_is_none(day))
                view_put(view, name, value_date(day));
}

void view_yes(struct view *view, const char *name, bool yes)
{
        if (yes)
                view_put(view, name, value_bool(true));
}

struct value view_end(const struct view *view)
{
        struct member *members = arena_new_array(view->arena, view->n, struct member);
        if (view->n != 0)
                memcpy(members, view->members, view->n * sizeof(*members));
        bool unique = value_sort_members(members, view->n);
        assert(unique);
        return value_context(members, view->n);
}

struct value view_tag(struct arena *arena, struct str label, const char *tone)
{
        struct view tag = VIEW(arena);
        view_text(&tag, "label", label);
        view_c(&tag, "tone", tone);
        return view_end(&tag);
}

void view_add(struct view_list *list, struct value value)
{
        list->items = arena_push(list->arena, list->items, list->n, sizeof(*list->items));
        list->items[list->n++] = value;
}

void view_add_text(struct view_list *list, struct str text)
{
        view_add(list, value_string(text));
}

struct value view_list_end(const struct view_list *list)
{
        return value_list(list->items, list->n);
}

struct str view_grouped(struct arena *arena, struct str number)
{
        struct buf buf = BUF(arena);
        size_t point = str_find(number, STR_LIT("."));
        size_t whole = point == SIZE_MAX ? number.n : point;
        size_t first = number.n != 0 && number.p[0] == '-' ? 1 : 0;
        for (size_t i = first; i < whole; i++)
                if (number.p[i] < '0' || number.p[i] > '9')
                        return number;
        for (size_t i = 0; i < number.n; i++) {
                if (i > first && i < whole && (whole - i) % 3 == 0)
                        buf_char(&buf, ',');
                buf_char(&buf, number.p[i]);
        }
        return buf_str(&buf);
}
