/* web/register.c - public registers: what stands in them today, their public fields alone. */
#include "desk/history.h"
#include "projection/register_read.h"
#include "base/limits.h"
#include "web/disclosure.h"
#include "web/export.h"
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
                view_text(&view, "note", str_format(visit->arena, "现有 %lld 条", (long long)n));
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

#define COLUMNS_MAX 6 /* beside the key */

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

static bool is_short(const struct field *field)
{
        return field->type != FIELD_LIST && field->type != FIELD_ANY &&
               field->type != FIELD_LONG_TEXT && field->type != FIELD_FILE;
}

static bool is_used(const struct field *field, const struct register_row *rows, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                const struct value *value = value_get(&rows[i].entry, field->name);
                if (value != NULL && !value_is_null(*value))
                        return true;
        }
        return false;
}

/* The first public fields that are short and in use here; all of them stand on the page of
 * the entry. The key has its own column. */
static void choose_columns(struct listed *l, const struct register_row *rows, size_t n)
{
        l->fields = arena_new_array(l->visit->arena, COLUMNS_MAX, const struct field *);
        for (size_t i = 0; i < l->reg->n_fields && l->n_fields < COLUMNS_MAX; i++) {
                const struct field *field = &l->reg->fields[i];
                if (!str_eq(field->name, l->reg->key) && disclosure_field(field) &&
                                is_short(field) && is_used(field, rows, n))
                        l->fields[l->n_fields++] = field;
        }
}

static struct str key_label(const struct reg *reg)
{
        for (size_t i = 0; i < reg->n_fields; i++)
                if (str_eq(reg->fields[i].name, reg->key))
                        return reg->fields[i].label;
        return STR_LIT("编号");
}

/* A key may be a field that is not for everybody. */
static bool is_key_open(const struct reg *reg)
{
        for (size_t i = 0; i < reg->n_fields; i++)
                if (str_eq(reg->fields[i].name, reg->key))
                        return disclosure_field(&reg->fields[i]);
        return true;
}

/* An entry's address; its key may hold anything, so it goes into the query. */
static struct str entry_url(struct listed *l, struct str key)
{
        struct buf url = BUF(l->visit->arena);
        buf_str_add(&url, visit_url(l->visit, "/registers/", l->reg->name));
        visit_query(&url, "key", key);
        return buf_str(&url);
}

static struct value columns_view(struct listed *l)
{
        struct view_list list = VIEW_LIST(l->visit->arena);
        struct view key = VIEW(l->visit->arena);
        view_text(&key, "label", key_label(l->reg));
        view_add(&list, view_end(&key));
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
        struct view view = VIEW(l->visit->arena), key = VIEW(l->visit->arena);
        view_text(&key, "text", is_key_open(l->reg) ? row->key : STR_LIT("—"));
        if (is_key_open(l->reg))
                view_text(&key, "url", entry_url(l, row->key));
        view_add(&cells, view_end(&key));
        for (size_t i = 0; i < l->n_fields; i++) {
                const struct value *value = value_get(&row->entry, l->fields[i]->name);
                struct view cell = VIEW(l->visit->arena);
                struct str text = STR_LIT("");
                if (value != NULL && !value_is_null(*value)) {
                        struct value open = disclosure_value(l->visit->arena, l->fields[i], value);
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
        choose_columns(l, rows, n);
        for (size_t i = 0; i < n; i++)
                view_add(&list, row_view(l, &rows[i]));
        view_put(&page->view, "columns", columns_view(l));
        view_put(&page->view, "rows", view_list_end(&list));
        if (n != 0)
                view_put(&page->view, "paging",
                                visit_paging(visit, at, n, total, false,
                                                page_url(l, STR_LIT(""), 0),
                                                more && is_key_open(l->reg)
                                                                ? page_url(l, rows[n - 1].key,
                                                                                  at + (int64_t)n)
                                                                : STR_LIT("")));
        return true;
}

/* ---- As a file: all public fields, not only those that a page has room for ---- */

static struct str cell_of(
                struct listed *l, const struct register_row *row, const struct field *field)
{
        const struct value *value = value_get(&row->entry, field->name);
        if (value == NULL || value_is_null(*value))
                return STR_LIT("");
        struct value open = disclosure_value(l->visit->arena, field, value);
        if (open.kind == VALUE_NUMBER || open.kind == VALUE_DATE)
                return value_text(l->visit->arena, &open);
        return visit_value(l->visit, field, &open);
}

static size_t choose_file_columns(struct listed *l, struct sheet_column *columns)
{
        size_t n = 0;
        l->fields = arena_new_array(l->visit->arena, SHEET_COLUMNS_MAX, const struct field *);
        l->n_fields = 0;
        columns[n++] = (struct sheet_column){ key_label(l->reg), SHEET_TEXT };
        for (size_t i = 0; i < l->reg->n_fields && n < SHEET_COLUMNS_MAX; i++) {
                const struct field *field = &l->reg->fields[i];
                if (str_eq(field->name, l->reg->key) || !disclosure_field(field))
                        continue;
                l->fields[l->n_fields++] = field;
                columns[n++] = (struct sheet_column){ field->label, is_number(field) ? SHEET_NUMBER
                                                                    : field->type == FIELD_DATE
                                                                                    ? SHEET_DAY
                                                                                    : SHEET_TEXT };
        }
        return n;
}

static bool send_file(struct listed *l, struct err *err)
{
        struct visit *visit = l->visit;
        struct sheet_column columns[SHEET_COLUMNS_MAX];
        size_t n_columns = choose_file_columns(l, columns), n_rows = 0, n;
        struct str *cells = arena_new_array(
                        visit->arena, (EXPORT_ROWS_MAX + LIMIT_PAGE_ROWS) * n_columns, struct str);
        struct export export = { .name = "register",
                .title = l->reg->label,
                .note = str_format(visit->arena, "%.*s 有效的条目",
                                STR_FMT(date_format_zh(visit->arena, visit->today))),
                .more = true };
        struct str after = STR_LIT("");
        while (export.more && n_rows < EXPORT_ROWS_MAX) {
                const struct register_row *rows;
                if (!register_rows(visit->arena, visit->snapshot, visit->catalogue, l->reg->name,
                                    visit->today, after, LIMIT_PAGE_ROWS, &rows, &n, err))
                        return false;
                for (size_t i = 0; i < n; i++) {
                        struct str *row = cells + n_rows++ * n_columns;
                        row[0] = is_key_open(l->reg) ? rows[i].key : STR_LIT("—");
                        for (size_t k = 0; k < l->n_fields; k++)
                                row[k + 1] = cell_of(l, &rows[i], l->fields[k]);
                }
                export.more = n == LIMIT_PAGE_ROWS;
                after = n != 0 ? rows[n - 1].key : after;
        }
        return export_cells(visit, &export, columns, n_columns, cells, n_rows, err);
}

static bool send_list(struct listed *l, struct err *err)
{
        struct visit *visit = l->visit;
        struct page page = page_begin(visit, "register", "/registers", l->reg->label);
        struct view view = VIEW(visit->arena);
        int64_t n;
        if (!register_count(visit->snapshot, l->reg->name, visit->today, &n, err))
                return false;
        page_crumb(&page, page.title, STR_LIT(""));
        view_text(&view, "label", l->reg->label);
        view_int(&view, "n_entries", n);
        view_day(&view, "as_of", visit->today);
        view_put(&page.view, "register", view_end(&view));
        view_put(&page.view, "downloads",
                        export_links(visit, visit_url(visit, "/registers/", l->reg->name),
                                        STR_LIT("")));
        return add_rows(l, &page, n, err) && page_send(&page, err);
}

/* ---- /registers/NAME?key=KEY ---- */

static bool is_public(const struct listed *l, const char *name)
{
        for (size_t i = 0; i < l->reg->n_fields; i++)
                if (str_is(l->reg->fields[i].name, name))
                        return disclosure_field(&l->reg->fields[i]);
        return false;
}

static struct value facts_view(struct listed *l, const struct register_row *row)
{
        struct view_list facts = VIEW_LIST(l->visit->arena);
        for (size_t i = 0; i < l->reg->n_fields; i++) {
                const struct field *field = &l->reg->fields[i];
                const struct value *value = value_get(&row->entry, field->name);
                struct view view = VIEW(l->visit->arena);
                if (!disclosure_field(field) || value == NULL || value_is_null(*value))
                        continue;
                struct value open = disclosure_value(l->visit->arena, field, value);
                view_text(&view, "label", field->label);
                view_text(&view, "value", visit_value(l->visit, field, &open));
                view_add(&facts, view_end(&view));
        }
        return view_list_end(&facts);
}

/* Each writing, newest first; its proof only where the event may be seen (a matter that is
 * hidden may have written here). */
static bool history_view(struct listed *l, const struct register_row *rows, size_t n,
                struct value *ret, struct err *err)
{
        struct view_list list = VIEW_LIST(l->visit->arena);
        for (size_t i = n; i-- > 0;) {
                struct view view = VIEW(l->visit->arena), proof = VIEW(l->visit->arena);
                bool seen;
                if (!proof_is_seen(l->visit, rows[i].id, &seen, err))
                        return false;
                view_day(&view, "from", rows[i].from);
                view_day(&view, "until", rows[i].until);
                view_int(&proof, "seq", rows[i].id);
                view_text(&proof, "url",
                                str_format(l->visit->arena, "/ledger/%lld", (long long)rows[i].id));
                if (seen)
                        view_put(&view, "proof", view_end(&proof));
                view_add(&list, view_end(&view));
        }
        *ret = view_list_end(&list);
        return true;
}

static bool send_entry(struct listed *l, struct str key, struct err *err)
{
        struct visit *visit = l->visit;
        const struct register_row *rows, *row = NULL;
        struct value history;
        struct view view = VIEW(visit->arena);
        size_t n;
        if (!register_history(visit->arena, visit->snapshot, visit->catalogue, l->reg->name, key,
                            &rows, &n, err))
                return false;
        for (size_t i = 0; i < n; i++)
                if (date_cmp(rows[i].from, visit->today) <= 0)
                        row = &rows[i];
        if (row == NULL || !is_key_open(l->reg))
                return err_set(err, E_NOT_FOUND, "%s", "");
        const struct value *name = value_get(&row->entry, STR_LIT("name"));
        struct page page = page_begin(visit, "entry", "/registers",
                        name != NULL && name->kind == VALUE_STRING && is_public(l, "name")
                                        ? name->string
                                        : key);
        page_crumb(&page, l->reg->label, visit_url(visit, "/registers/", l->reg->name));
        page_crumb(&page, page.title, STR_LIT(""));
        view_text(&view, "register", l->reg->label);
        view_text(&view, "key", key);
        view_day(&view, "from", row->from);
        view_day(&view, "until", row->until);
        view_put(&page.view, "entry", view_end(&view));
        view_put(&page.view, "facts", facts_view(l, row));
        if (!history_view(l, rows, n, &history, err))
                return false;
        view_put(&page.view, "history", history);
        return page_send(&page, err);
}

bool register_show(struct visit *visit, struct err *err)
{
        struct listed l = { .visit = visit,
                .reg = catalogue_register(visit->catalogue, visit->parts[0]) };
        struct str key = visit_field(visit, "key");
        if (!disclosure_register(l.reg))
                return err_set(err, E_NOT_FOUND, "%s", "");
        if (visit->sheet != SHEET_NONE)
                return send_file(&l, err);
        return key.n != 0 ? send_entry(&l, key, err) : send_list(&l, err);
}
