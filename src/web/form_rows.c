/* web/form_rows.c - rows of lists in a form: one more, one less. */
#include "web/form.h"

static void set_posted(struct posted_field *fields, size_t *n, struct str name, struct str value)
{
        for (size_t i = 0; i < *n; i++)
                if (str_eq(fields[i].name, name)) {
                        fields[i].value = value;
                        return;
                }
        fields[(*n)++] = (struct posted_field){ .name = name, .value = value };
}

/* "f.stages.2.name" of list "stages", row 1 removed: row 2 becomes row 1. */
static bool renumber(struct arena *arena, struct posted_field *field, struct str list, int64_t gone)
{
        static const char *const prefixes[] = { "f.", "h.", "hn." };
        for (size_t i = 0; i < N_ELEMENTS(prefixes); i++) {
                struct str head = str_format(arena, "%s%.*s.", prefixes[i], STR_FMT(list));
                if (!str_starts(field->name, head))
                        continue;
                struct str rest = str_slice(field->name, head.n, field->name.n);
                struct str number = str_split(&rest, '.');
                int64_t row;
                if (!str_to_int(number, &row) || row < gone)
                        return true;
                if (row == gone)
                        return false;
                field->name = str_format(arena, "%.*s%lld.%.*s", STR_FMT(head),
                                (long long)(row - 1), STR_FMT(rest));
                return true;
        }
        return true;
}

bool form_press(struct visit *visit, struct str pressed)
{
        struct arena *arena = visit->arena;
        struct str rest = pressed, verb = str_split(&rest, ':'), list = str_split(&rest, '.');
        int64_t count = 0, gone = -1;
        bool adds = str_is(verb, "add");
        if ((!adds && !str_is(verb, "remove")) || list.n == 0)
                return false;
        if (!adds && !str_to_int(rest, &gone))
                gone = -1;
        struct str name = str_format(arena, "n.%.*s", STR_FMT(list));
        if (!str_to_int(posted_text(&visit->posted, name), &count) || count < 1)
                count = 1;
        struct posted_field *fields =
                        arena_new_array(arena, visit->posted.n + 1, struct posted_field);
        size_t n = 0;
        for (size_t i = 0; i < visit->posted.n; i++) {
                fields[n] = visit->posted.fields[i];
                n += adds || renumber(arena, &fields[n], list, gone);
        }
        count += adds ? 1 : gone >= 0 && gone < count ? -1 : 0;
        set_posted(fields, &n, name, str_format(arena, "%lld", (long long)count));
        visit->posted = (struct posted){ fields, n };
        return true;
}
