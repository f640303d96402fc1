/* web/register.c - public registers: what stands in them today, their public fields alone. */
#include "desk/history.h"
#include "projection/register_read.h"
#include "web/disclosure.h"
#include "web/route.h"

/* ---- /registers ---- */

bool register_list(struct visit *visit, struct err *err)
{
        struct page page = page_begin(visit, "index", "/registers", STR_LIT("名录"));
        struct view_list groups = VIEW_LIST(visit->arena), items = VIEW_LIST(visit->arena);
        struct view group = VIEW(visit->arena);
        for (size_t i = 0; i < visit->catalogue->n_registers; i++) {
                const struct reg *reg = visit->catalogue->registers[i];
                struct view view = VIEW(visit->arena);
                int64_t n;
                if (!disclosure_register(reg))
                        continue;
                if (!register_count(visit->snapshot, reg->name, visit->today, &n, err))
                        return false;
                view_text(&view, "label", reg->label);
                view_text(&view, "url", visit_url(visit, "/registers/", reg->name));
                view_text(&view, "note", str_format(visit->arena, "现有 %lld 条",
                                                (long long)n));
                view_add(&items, view_end(&view));
        }
        view_c(&group, "title", "公开的名录");
        view_put(&group, "items", view_list_end(&items));
        if (items.n != 0)
                view_add(&groups, view_end(&group));
        view_c(&page.view, "intro", "名录里的每一条都由办件或登记写入，并有存证。");
        view_put(&page.view, "groups", view_list_end(&groups));
        page_crumb(&page, page.title, STR_LIT(""));
        return page_send(&page, err);
}

/* ---- /registers/NAME ---- */

struct listed {
        struct visit *visit;
        const struct reg *reg;
        const struct field **fields; /* the columns */
        size_t n_fields;
};

static bool is_number(const struct field *field)
{
        return field->type == FIELD_INTEGER || field->type == FIELD_DECIMAL ||
               field->type == FIELD_MONEY;
}

/* The key first, then the public fields in their order. */
static void choose_columns(struct listed *l)
{
        l->fields = arena_new_array(l->visit->arena, l->reg->n_fields + 1,
                        const struct field *);
        for (size_t pass = 0; pass < 2; pass++)
                for (size_t i = 0; i < l->reg->n_fields; i++) {
                        const struct field *field = &l->reg->fields[i];
                        bool key = str_eq(field->name, l->reg->key);
                        if (key == (pass == 0) && disclosure_field(field))
                                l->fields[l->n_fields++] = field;
                }
}

static struct value columns_view(struct listed *l)
{
        struct view_list list = VIEW_LIST(l->visit->arena);
        for (size_t i = 0; i < l->n_fields; i++) {
                struct view view = VIEW(l->visit->arena);
                view_text(&view, "label", l->fields[i]->label);
                view_yes(&view, "numeric", is_number(l->fields[i]));
                view_add(&list, view_end(&view));
        }
        return view_list_end(&list);
}

static struct value row_view(struct listed *l, const struct register_row *row)
{
        struct view_list cells = VIEW_LIST(l->visit->arena);
        struct view view = VIEW(l->visit->arena);
        for (size_t i = 0; i < l->n_fields; i++) {
                const struct value *value = value_get(&row->entry, l->fields[i]->name);
                struct view cell = VIEW(l->visit->arena);
                struct str text = STR_LIT("");
                if (value != NULL && !value_is_null(*value)) {
                        struct value open = disclosure_value(l->visit->arena, l->fields[i],
                                        value);
                        text = visit_value(l->visit, l->fields[i], &open);
                }
                view_text(&cell, "text", text);
                view_yes(&cell, "numeric", is_number(l->fields[i]));
                view_add(&cells, view_end(&cell));
        }
        view_put(&view, "cells", view_list_end(&cells));
        return view_end(&view);
}

static struct str page_url(struct listed *l, struct str after, int64_t at)
{
        struct buf url = BUF(l->visit->arena);
        buf_str_add(&url, visit_url(l->visit, "/registers/", l->reg->name));
        visit_query(&url, "after", after);
        if (at > 0)
                visit_query(&url, "at", str_format(l->visit->arena, "%lld", (long long)at));
        return buf_str(&url);
}

static bool add_rows(struct listed *l, struct page *page, int64_t total, struct err *err)
{
        struct visit *visit = l->visit;
        struct view_list list = VIEW_LIST(visit->arena);
        const struct register_row *rows;
        size_t n;
        int64_t at;
        if (!visit_int(visit, "at", 100000000, 0, &at, err) ||
                        !register_rows(visit->arena, visit->snapshot, visit->catalogue,
                                        l->reg->name, visit->today, visit_field(visit, "after"),
                                        VISIT_PAGE_ROWS + 1, &rows, &n, err))
                return false;
        bool more = n > VISIT_PAGE_ROWS;
        n = more ? VISIT_PAGE_ROWS : n;
        for (size_t i = 0; i < n; i++)
                view_add(&list, row_view(l, &rows[i]));
        view_put(&page->view, "columns", columns_view(l));
        view_put(&page->view, "rows", view_list_end(&list));
        if (n != 0)
                view_put(&page->view, "paging",
                                visit_paging(visit, at, n, total, false,
                                                page_url(l, STR_LIT(""), 0),
                                                more ? page_url(l, rows[n - 1].key,
                                                               at + (int64_t)n) :
                                                       STR_LIT("")));
        return true;
}

bool register_show(struct visit *visit, struct err *err)
{
        struct listed l = { .visit = visit,
                .reg = catalogue_register(visit->catalogue, visit->parts[0]) };
        int64_t n;
        if (!disclosure_register(l.reg))
                return err_set(err, E_NOT_FOUND, "%s", "");
        if (!register_count(visit->snapshot, l.reg->name, visit->today, &n, err))
                return false;
        choose_columns(&l);
        struct page page = page_begin(visit, "register", "/registers", l.reg->label);
        struct view view = VIEW(visit->arena);
        page_crumb(&page, page.title, STR_LIT(""));
        view_text(&view, "label", l.reg->label);
        view_int(&view, "n_entries", n);
        view_day(&view, "as_of", visit->today);
        view_put(&page.view, "register", view_end(&view));
        return add_rows(&l, &page, n, err) && page_send(&page, err);
}
