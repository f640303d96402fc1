#include "projection/draw_read.h"

#include <stdlib.h>

#include "projection/list.h"
#include "projection/matter_read.h"

#define PUBLICATIONS_AT_ONCE 200u

static bool draws(const struct procedure *procedure)
{
        for (size_t i = 0; i < procedure->n_versions; i++)
                if (procedure->versions[i]->draw.announced >= 0)
                        return true;
        return false;
}

/* The value of a field that a publication shows, if it is a text. */
static struct str shown_text(
                const struct publication_row *row, const struct version *version, int field)
{
        if (field < 0 || row->shown.kind != VALUE_LIST)
                return STR_LIT("");
        for (size_t i = 0; i < row->shown.list.n; i++) {
                const struct value *item = &row->shown.list.items[i];
                const struct value *name = value_get(item, STR_LIT("field"));
                const struct value *value = value_get(item, STR_LIT("value"));
                if (name != NULL && name->kind == VALUE_STRING && value != NULL &&
                                value->kind == VALUE_STRING &&
                                str_eq(name->string, version->fields[field].name))
                        return value->string;
        }
        return STR_LIT("");
}

/* A later publication takes the place of an earlier one, but not its day: what counts is when
 * it was first told. */
static void take(struct draw_published *published, struct str text, struct date on)
{
        if (text.n == 0)
                return;
        if (published->text.n == 0)
                published->on = on;
        published->text = text;
}

static bool in_force(const struct publication_row *row, struct date today)
{
        return date_cmp(row->from, today) <= 0 &&
               (date_is_none(row->until) || date_cmp(today, row->until) < 0);
}

bool draw_read(struct arena *arena, struct snapshot *snapshot, const struct catalogue *catalogue,
                int64_t id, struct date today, struct draw_row *ret, bool *ret_seen,
                struct err *err)
{
        const struct publication_row *rows;
        struct matter *matter;
        size_t n;
        if (!matter_read(arena, snapshot, catalogue, id, &matter, err) ||
                        !publication_rows(arena, snapshot, id, &rows, &n, err))
                return false;
        const struct draw_files *draw = &matter->version->draw;
        struct draw_row row = { .matter = id,
                .number = matter->number,
                .version = matter->version,
                .state = matter->state };
        bool seen = false;
        for (size_t i = 0; i < n && draw->announced >= 0; i++) {
                if (!in_force(&rows[i], today))
                        continue;
                seen = true;
                row.title = rows[i].title;
                take(&row.announced, shown_text(&rows[i], row.version, draw->announced),
                                rows[i].from);
                take(&row.file, shown_text(&rows[i], row.version, draw->file), rows[i].from);
                take(&row.fault, shown_text(&rows[i], row.version, draw->fault), rows[i].from);
        }
        *ret_seen = seen;
        if (seen)
                *ret = row;
        return true;
}

struct found { /* a matter, and the newest event that published something of it */
        int64_t matter, newest;
};

static int by_newest(const void *a, const void *b)
{
        const struct found *x = a, *y = b;
        return (x->newest < y->newest) - (x->newest > y->newest);
}

static void add_found(struct list *found, const struct publication_row *row)
{
        struct found *items = found->items;
        for (size_t i = 0; i < found->n; i++)
                if (items[i].matter == row->matter)
                        return;
        *(struct found *)list_add(found) = (struct found){ row->matter, row->id };
}

static bool find_of(struct snapshot *snapshot, struct str procedure, struct date today,
                size_t limit, struct list *found, struct err *err)
{
        const struct publication_row *rows;
        size_t n = PUBLICATIONS_AT_ONCE, before = found->n;
        struct publication_filter filter = {
                .procedure = procedure, .today = today, .limit = PUBLICATIONS_AT_ONCE
        };
        struct arena *scratch _cleanup_(arena_close) = arena_open();

        while (n == PUBLICATIONS_AT_ONCE && found->n < before + limit) {
                arena_reset(scratch);
                if (!publication_rows_list(scratch, snapshot, &filter, &rows, &n, err))
                        return false;
                for (size_t i = 0; i < n; i++)
                        add_found(found, &rows[i]);
                if (n > 0)
                        filter.below = rows[n - 1].id;
        }
        return true;
}

bool draw_matters(struct arena *arena, struct snapshot *snapshot, const struct catalogue *catalogue,
                struct date today, size_t limit, const int64_t **ret, size_t *ret_n,
                struct err *err)
{
        struct list found = LIST(arena, struct found);
        for (size_t i = 0; i < catalogue->n_procedures; i++)
                if (draws(catalogue->procedures[i]) &&
                                !find_of(snapshot, catalogue->procedures[i]->name, today, limit,
                                                &found, err))
                        return false;
        struct found *items = found.items;
        if (found.n > 1)
                qsort(items, found.n, sizeof(*items), by_newest);
        size_t n = found.n < limit ? found.n : limit;
        int64_t *matters = arena_new_array(arena, n, int64_t);
        for (size_t i = 0; i < n; i++)
                matters[i] = items[i].matter;
        *ret = matters;
        *ret_n = n;
        return true;
}
