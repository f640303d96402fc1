/* web/export.h - the rows of a page as a file to take along.
 *
 * The rows are those of the view, made by the same functions as the page's, so that a file holds
 * what its reader may see and nothing else. It holds at most EXPORT_ROWS_MAX of them and says
 * in its last row if there are more. */
#ifndef WEB_EXPORT_H
#define WEB_EXPORT_H

#include "web/sheet.h"
#include "web/visit.h"

#define EXPORT_ROWS_MAX 10000u

struct export_column {
        const char *label;
        const char *member; /* of a row: "no", "state.label" */
        enum sheet_kind kind;
};

/* What is said of every file; `name` is ASCII, without suffix. */
struct export
{
        const char *name;
        struct str title;
        struct str note; /* the filter in words; may be empty */
        bool more;       /* there are rows that it does not hold */
};

/* Rows of a view, a column for each member; ends with a column without label. */
MUST_CHECK bool export_rows(struct visit *visit, const struct export *export,
                const struct export_column *columns, const struct view_list *rows, struct err *err);

/* Columns that are known only now; `cells` row by row. */
MUST_CHECK bool export_cells(struct visit *visit, const struct export *export,
                const struct sheet_column *columns, size_t n_columns, const struct str *cells,
                size_t n_rows, struct err *err);

/* The links of a page to its files: `path` with each suffix, then the query. */
struct value export_links(struct visit *visit, struct str path, struct str query);

#endif
