/* web/column.c - public columns (栏目): what is published, as lists, and as a feed.
 *
 * Each publication of each definition is a column, and so is each public register and each
 * yearly report. The columns of a list are the fields that the definition shows; a row leads
 * to the matter it was published from. */
#include "procedure/guide.h"
#include "projection/matter_read.h"
#include "projection/register_read.h"
#include "projection/search.h"
#include "web/disclosure.h"
#include "web/feed.h"
#include "web/figures.h"
#include "web/route.h"

#define SHOWN_MAX 5    /* fields of a list; all of them stand on the matter's page */
#define COUNT_MAX 5000 /* further a column is not counted */
#define READ_MAX  2000 /* rows of a column whose whole text is searched */

struct column {
        const struct procedure *procedure;
        const struct publication *publication; /* as the newest version that has it says */
};

static const struct publication *find_publication(
                const struct procedure *procedure, struct str name)
{
        for (size_t i = procedure->n_versions; i-- > 0;) {
                const struct version *version = procedure->versions[i];
                for (size_t k = 0; k < version->n_publications; k++)
                        if (str_eq(version->publications[k].name, name))
                                return &version->publications[k];
        }
        return NULL;
}

static struct publication_filter filter_of(struct visit *visit, const struct column *column)
{
        return (struct publication_filter){ .procedure = column->procedure->name,
                .publication = column->publication->name,
                .today = visit->today,
                .limit = VISIT_PAGE_ROWS + 1 };
}

static struct str column_url(struct visit *visit, const struct column *column)
{
        struct buf url = BUF(visit->arena);
        buf_c(&url, "/columns/");
        address_encode(&url, column->procedure->name);
        buf_char(&url, '/');
        address_encode(&url, column->publication->name);
        return buf_str(&url);
}

/* ---- /columns ---- */

static void add_link(struct visit *visit, struct view_list *items, struct str label, struct str url,
                struct str note)
{
        struct view view = VIEW(visit->arena);
        view_text(&view, "label", label);
        view_text(&view, "url", url);
        view_some(&view, "note", note);
        view_add(items, view_end(&view));
}

static void add_group(struct visit *visit, struct view_list *groups, const char *title,
                struct view_list *items)
{
        struct view group = VIEW(visit->arena);
        if (items->n == 0)
                return;
        view_c(&group, "title", title);
        view_put(&group, "items", view_list_end(items));
        view_add(groups, view_end(&group));
}

static struct str count_text(struct visit *visit, int64_t n, const char *unit)
{
        return str_format(visit->arena, n > COUNT_MAX ? "超过 %lld %s" : "现有 %lld %s",
                        (long long)(n > COUNT_MAX ? COUNT_MAX : n), unit);
}

static bool add_publications(struct visit *visit, struct view_list *items, struct err *err)
{
        for (size_t i = 0; i < visit->catalogue->n_procedures; i++) {
                const struct procedure *procedure = visit->catalogue->procedures[i];
                const struct version *version = procedure->versions[procedure->n_versions - 1];
                for (size_t k = 0; k < version->n_publications; k++) {
                        const struct column column = { procedure, &version->publications[k] };
                        struct publication_filter filter = filter_of(visit, &column);
                        int64_t n = 0;
                        filter.limit = COUNT_MAX + 1;
                        if (!publication_count(visit->arena, visit->snapshot, &filter, &n, err))
                                return false;
                        add_link(visit, items, column.publication->label,
                                        column_url(visit, &column), count_text(visit, n, "件"));
                }
        }
        return true;
}

static bool add_registers(struct visit *visit, struct view_list *items, struct err *err)
{
        for (size_t i = 0; i < visit->catalogue->n_registers; i++) {
                const struct reg *reg = visit->catalogue->registers[i];
                int64_t n = 0;
                if (!disclosure_register(reg))
                        continue;
                if (!register_count(visit->snapshot, reg->name, visit->today, &n, err))
                        return false;
                add_link(visit, items, reg->label, visit_url(visit, "/registers/", reg->name),
                                str_format(visit->arena, "现有 %lld 条", (long long)n));
        }
        return true;
}

static bool add_reports(struct visit *visit, struct view_list *items, struct err *err)
{
        const struct report_definition *report = figures_report(visit);
        struct figures_years years;
        if (report == NULL)
                return true;
        if (!figures_years(visit, &years, err))
                return false;
        for (int year = years.last; year >= years.first; year--)
                add_link(visit, items, figures_title(visit, report, year),
                                str_format(visit->arena, "/report/%d", year),
                                STR_LIT("每个数字都能点开看到由哪些办件得出"));
        return true;
}

bool column_list(struct visit *visit, struct err *err)
{
        struct page page = page_begin(visit, "index", "/columns", STR_LIT("信息公开"));
        struct view_list groups = VIEW_LIST(visit->arena), notices = VIEW_LIST(visit->arena);
        struct view_list registers = VIEW_LIST(visit->arena), reports = VIEW_LIST(visit->arena);
        if (!add_publications(visit, &notices, err) || !add_registers(visit, &registers, err) ||
                        !add_reports(visit, &reports, err))
                return false;
        add_group(visit, &groups, "公示公告", &notices);
        add_group(visit, &groups, "年度报告", &reports);
        add_group(visit, &groups, "清单和名录", &registers);
        view_c(&page.view, "intro",
                        "依法主动公开的决定、计划、结果和清单。每一条都由办件或者登记得出，并有存证。");
        view_put(&page.view, "groups", view_list_end(&groups));
        page_crumb(&page, page.title, STR_LIT(""));
        return page_send(&page, err);
}

/* ---- /columns/PROCEDURE/PUBLICATION ---- */

struct listed {
        struct visit *visit;
        struct column column;
        struct str q;
        bool by_title;                /* too many to read: only what the index holds was searched */
        struct str fields[SHOWN_MAX]; /* the columns of the list, after the title */
        size_t n_fields;
};

static const struct field *field_of(const struct procedure *procedure, struct str name)
{
        for (size_t i = procedure->n_versions; i-- > 0;) {
                int index = version_field(procedure->versions[i], name);
                if (index >= 0)
                        return &procedure->versions[i]->fields[index];
        }
        return NULL;
}

static struct str text_of(const struct value *shown, const char *name)
{
        const struct value *value = value_get(shown, str_of(name));
        return value != NULL && value->kind == VALUE_STRING ? value->string : STR_LIT("");
}

/* What a row shows under the field; NULL: nothing. */
static const struct value *shown_value(const struct publication_row *row, struct str field)
{
        for (size_t i = 0; i < row->shown.list.n; i++)
                if (str_eq(text_of(&row->shown.list.items[i], "field"), field))
                        return value_get(&row->shown.list.items[i], STR_LIT("value"));
        return NULL;
}

static bool is_short(const struct field *field)
{
        return field->type != FIELD_LIST && field->type != FIELD_ANY &&
               field->type != FIELD_LONG_TEXT && field->type != FIELD_FILE;
}

/* Is it shown by some row, and different from the title there? */
static bool is_told(const struct publication_row *rows, size_t n, struct str field)
{
        for (size_t i = 0; i < n; i++) {
                const struct value *value = shown_value(&rows[i], field);
                if (value != NULL && !value_is_null(*value) &&
                                !(value->kind == VALUE_STRING &&
                                                str_eq(value->string, rows[i].title)))
                        return true;
        }
        return false;
}

static void choose_fields(struct listed *l, const struct publication_row *rows, size_t n)
{
        const struct publication *publication = l->column.publication;
        const struct version *version =
                        l->column.procedure->versions[l->column.procedure->n_versions - 1];
        size_t n_all = publication->n_masked + publication->n_shows;
        for (size_t i = 0; i < n_all && l->n_fields < SHOWN_MAX; i++) {
                size_t index = i < publication->n_masked
                                               ? publication->masked[i].field
                                               : publication->shows[i - publication->n_masked];
                const struct field *field = &version->fields[index];
                if (is_short(field) && is_told(rows, n, field->name))
                        l->fields[l->n_fields++] = field->name;
        }
}

static struct value columns_view(struct listed *l)
{
        struct view_list list = VIEW_LIST(l->visit->arena);
        for (size_t i = 0; i < l->n_fields; i++) {
                struct view view = VIEW(l->visit->arena);
                view_text(&view, "label", field_of(l->column.procedure, l->fields[i])->label);
                view_add(&list, view_end(&view));
        }
        return view_list_end(&list);
}

static struct str shown_text(struct listed *l, const struct publication_row *row, struct str field)
{
        const struct value *value = shown_value(row, field);
        const struct field *of = field_of(l->column.procedure, field);
        if (value == NULL || value_is_null(*value))
                return STR_LIT("");
        return value->kind == VALUE_STRING && of->type != FIELD_ENUM && of->type != FIELD_UNIT &&
                                               of->type != FIELD_DATE
                               ? value->string
                               : visit_value(l->visit, of, value);
}

static struct str row_url(struct visit *visit, const struct publication_row *row)
{
        return str_format(visit->arena, "%.*s#publications",
                        STR_FMT(visit_url(visit, "/matters/", row->number)));
}

static struct value row_view(struct listed *l, const struct publication_row *row)
{
        struct view view = VIEW(l->visit->arena);
        struct view_list cells = VIEW_LIST(l->visit->arena);
        for (size_t i = 0; i < l->n_fields; i++)
                view_add_text(&cells, shown_text(l, row, l->fields[i]));
        view_text(&view, "title", row->title.n != 0 ? row->title : row->number);
        view_text(&view, "url", row_url(l->visit, row));
        view_text(&view, "no", row->number);
        view_text(&view, "unit", visit_unit(l->visit, row->unit));
        view_day(&view, "from", row->from);
        view_put(&view, "cells", view_list_end(&cells));
        return view_end(&view);
}

static struct str page_url(struct listed *l, int64_t after, int64_t at)
{
        struct buf url = BUF(l->visit->arena);
        buf_str_add(&url, column_url(l->visit, &l->column));
        visit_query(&url, "q", l->q);
        if (at > 0) {
                visit_query(&url, "after", str_format(l->visit->arena, "%lld", (long long)after));
                visit_query(&url, "at", str_format(l->visit->arena, "%lld", (long long)at));
        }
        return buf_str(&url);
}

/* ---- What is searched ---- */

/* All that a reader sees of the row on its own page: title, number, unit, days, each value. */
static struct str row_text(struct listed *l, const struct publication_row *row)
{
        struct buf text = BUF(l->visit->arena);
        buf_format(&text, "%.*s\n%.*s\n%.*s\n", STR_FMT(row->title), STR_FMT(row->number),
                        STR_FMT(visit_unit(l->visit, row->unit)));
        for (size_t i = 0; i < row->shown.list.n; i++) {
                struct str field = text_of(&row->shown.list.items[i], "field");
                if (field_of(l->column.procedure, field) != NULL)
                        buf_format(&text, "%.*s\n", STR_FMT(shown_text(l, row, field)));
        }
        return buf_str(&text);
}

/* The index of searches holds no text that is published for a time only, lest what was withdrawn
 * be found by it. So the text of a column that is not too long is read, as it is in force today. */
static bool read_and_find(struct listed *l, struct publication_filter filter,
                const struct publication_row **ret, size_t *ret_n, int64_t *ret_total,
                struct err *err)
{
        struct visit *visit = l->visit;
        const struct publication_row *rows;
        struct publication_row *found;
        size_t n, n_found = 0;
        int64_t below = filter.below, total = 0;
        filter.below = 0;
        filter.limit = READ_MAX;
        if (!publication_rows_list(visit->arena, visit->snapshot, &filter, &rows, &n, err))
                return false;
        found = arena_new_array(visit->arena, n, struct publication_row);
        for (size_t i = 0; i < n; i++) {
                if (!search_finds(visit->arena, row_text(l, &rows[i]), l->q))
                        continue;
                total++;
                if ((below == 0 || rows[i].id < below) && n_found <= VISIT_PAGE_ROWS)
                        found[n_found++] = rows[i];
        }
        *ret = found;
        *ret_n = n_found;
        *ret_total = total;
        return true;
}

/* A page of rows, one more if there are more, and how many there are. */
static bool find_rows(struct listed *l, struct publication_filter filter,
                const struct publication_row **ret, size_t *ret_n, int64_t *ret_total,
                struct err *err)
{
        struct visit *visit = l->visit;
        struct publication_filter all = filter;
        all.below = 0;
        all.limit = COUNT_MAX + 1;
        if (!publication_count(visit->arena, visit->snapshot, &all, ret_total, err))
                return false;
        if (l->q.n != 0 && *ret_total <= READ_MAX)
                return read_and_find(l, filter, ret, ret_n, ret_total, err);
        l->by_title = l->q.n != 0;
        filter.text = all.text = l->q;
        return publication_rows_list(visit->arena, visit->snapshot, &filter, ret, ret_n, err) &&
               (l->q.n == 0 || publication_count(visit->arena, visit->snapshot, &all, ret_total,
                                               err));
}

static bool add_rows(struct listed *l, struct page *page, struct err *err)
{
        struct visit *visit = l->visit;
        struct publication_filter filter = filter_of(visit, &l->column);
        struct view_list list = VIEW_LIST(visit->arena);
        const struct publication_row *rows;
        int64_t at, total = 0;
        size_t n;
        if (!visit_int(visit, "at", 100000000, 0, &at, err) ||
                        !visit_int(visit, "after", INT64_MAX - 1, 0, &filter.below, err) ||
                        !find_rows(l, filter, &rows, &n, &total, err))
                return false;
        view_yes(&page->view, "by_title", l->by_title);
        bool more = n > VISIT_PAGE_ROWS;
        n = more ? VISIT_PAGE_ROWS : n;
        choose_fields(l, rows, n);
        for (size_t i = 0; i < n; i++)
                view_add(&list, row_view(l, &rows[i]));
        view_put(&page->view, "columns", columns_view(l));
        view_put(&page->view, "rows", view_list_end(&list));
        if (n != 0)
                view_put(&page->view, "paging",
                                visit_paging(visit, at, n, total > COUNT_MAX ? COUNT_MAX : total,
                                                total > COUNT_MAX, page_url(l, 0, 0),
                                                more ? page_url(l, rows[n - 1].id, at + (int64_t)n)
                                                     : STR_LIT("")));
        return true;
}

static bool find_column(struct visit *visit, struct column *ret, struct err *err)
{
        ret->procedure = catalogue_procedure(visit->catalogue, visit->parts[0]);
        ret->publication = ret->procedure != NULL
                                           ? find_publication(ret->procedure, visit->parts[1])
                                           : NULL;
        return ret->publication != NULL || err_set(err, E_NOT_FOUND, "没有这个栏目");
}

bool column_show(struct visit *visit, struct err *err)
{
        struct listed l = { .visit = visit, .q = visit_field(visit, "q") };
        struct view view = VIEW(visit->arena);
        if (!find_column(visit, &l.column, err))
                return false;
        struct page page = page_begin(visit, "column", "/columns", l.column.publication->label);
        page_crumb(&page, page.title, STR_LIT(""));
        view_text(&view, "label", l.column.publication->label);
        view_text(&view, "procedure", l.column.procedure->label);
        view_text(&view, "procedure_url",
                        visit_url(visit, "/procedures/", l.column.procedure->name));
        view_text(&view, "action", column_url(visit, &l.column));
        view_text(&view, "feed_url",
                        str_format(visit->arena, "%.*s/feed",
                                        STR_FMT(column_url(visit, &l.column))));
        view_some(&view, "q", l.q);
        if (l.column.publication->days > 0)
                view_int(&view, "days", l.column.publication->days);
        view_put(&page.view, "column", view_end(&view));
        return add_rows(&l, &page, err) && page_send(&page, err);
}

/* ---- The same as a feed ---- */

static bool add_entries(struct visit *visit, const struct column *column, size_t limit,
                struct feed *feed, struct err *err)
{
        struct publication_filter filter = filter_of(visit, column);
        const struct publication_row *rows;
        size_t n;
        filter.limit = limit;
        if (!publication_rows_list(visit->arena, visit->snapshot, &filter, &rows, &n, err))
                return false;
        for (size_t i = 0; i < n; i++)
                feed_add(feed, &(struct feed_entry){ .id = rows[i].id,
                                               .title = rows[i].title.n != 0 ? rows[i].title
                                                                             : rows[i].number,
                                               .url = row_url(visit, &rows[i]),
                                               .category = column->publication->label,
                                               .on = rows[i].from });
        return true;
}

bool column_feed(struct visit *visit, struct err *err)
{
        struct column column;
        if (!find_column(visit, &column, err))
                return false;
        struct str url = column_url(visit, &column);
        struct feed feed = feed_begin(visit, column.publication->label, url);
        return add_entries(visit, &column, FEED_ENTRIES_MAX, &feed, err) && feed_send(&feed, err);
}

/* The newest of all columns. */
bool column_feed_all(struct visit *visit, struct err *err)
{
        struct feed feed = feed_begin(visit, STR_LIT("信息公开"), STR_LIT("/columns"));
        for (size_t i = 0; i < visit->catalogue->n_procedures; i++) {
                const struct procedure *procedure = visit->catalogue->procedures[i];
                const struct version *version = procedure->versions[procedure->n_versions - 1];
                for (size_t k = 0; k < version->n_publications; k++) {
                        const struct column column = { procedure, &version->publications[k] };
                        if (!add_entries(visit, &column, FEED_ENTRIES_MAX, &feed, err))
                                return false;
                }
        }
        return feed_send(&feed, err);
}
