/* web/sheet.h - a table as a file that office programs open: CSV (RFC 4180) or XLSX (ECMA-376).
 *
 * CSV is UTF-8 with a byte order mark, without which Excel reads Chinese as something else; a
 * text that a spreadsheet would take for a formula (it begins with = + - @, tab or carriage
 * return) gets an apostrophe before it. In XLSX texts are texts, numbers numbers and days
 * days, and a second leaf says where they come from. What a spreadsheet cannot hold in a cell
 * is cut there and ends in 「…」.
 *
 * libxlsxwriter stands behind this file alone. The same table gives the same bytes. */
#ifndef WEB_SHEET_H
#define WEB_SHEET_H

#include "base/err.h"
#include "base/value.h"

#define SHEET_COLUMNS_MAX 64u
#define SHEET_CELL_MAX    32767u /* UTF-16 units of a cell, by the format; we count characters */

enum sheet_format { SHEET_NONE, SHEET_CSV, SHEET_XLSX };

enum sheet_kind {
        SHEET_TEXT,
        SHEET_NUMBER, /* "1,234.5"; else it is a text */
        SHEET_DAY,    /* "2021-09-28"; else it is a text */
};

struct sheet_column {
        struct str label;
        enum sheet_kind kind;
};

struct sheet {
        struct str title;
        const struct str *notes; /* where it comes from, a line each; the second leaf of XLSX */
        size_t n_notes;
        const struct sheet_column *columns;
        size_t n_columns;
        const struct str *cells; /* row by row */
        size_t n_rows;
        struct str cut; /* said in a last row, if rows were left out; else empty */
        struct moment made;
};

/* Writes it to the end of `out`. E_SHEET_FILE: there is no room for temporary files. */
MUST_CHECK bool sheet_write(const struct sheet *sheet, enum sheet_format format, struct buf *out,
                struct err *err);

/* "text/csv; charset=utf-8" ... and ".csv" ... */
const char *sheet_type(enum sheet_format format);
const char *sheet_suffix(enum sheet_format format);

#endif
