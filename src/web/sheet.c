#include "web/sheet.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xlsxwriter.h>

#define COLUMN_WIDTH_MIN 10
#define COLUMN_WIDTH_MAX 48

static const struct {
        const char *type, *suffix;
} formats[] = {
        [SHEET_NONE] = { "", "" },
        [SHEET_CSV] = { "text/csv; charset=utf-8", ".csv" },
        [SHEET_XLSX] = { "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                        ".xlsx" },
};

const char *sheet_type(enum sheet_format format)
{
        return formats[format].type;
}

const char *sheet_suffix(enum sheet_format format)
{
        return formats[format].suffix;
}

/* ---- Cells ---- */

static struct str without_commas(struct arena *arena, struct str text)
{
        struct buf buf = BUF(arena);
        for (size_t i = 0; i < text.n; i++)
                if (text.p[i] != ',')
                        buf_char(&buf, text.p[i]);
        return buf_str(&buf);
}

/* The number as plain text; false if it is none. */
static bool as_number(struct arena *arena, struct str cell, struct str *ret)
{
        struct decimal number;
        struct err err;
        struct str plain = without_commas(arena, cell);
        if (!decimal_parse(plain, &number, &err))
                return false;
        *ret = plain;
        return true;
}

/* ---- CSV ---- */

/* What a spreadsheet would work out instead of showing it; full-width signs too. */
static bool is_formula(struct str cell)
{
        static const char *const wide[] = { "＝", "＋", "－", "＠" };
        for (size_t i = 0; i < N_ELEMENTS(wide); i++)
                if (str_starts(cell, str_of(wide[i])))
                        return true;
        return cell.n != 0 && strchr("=+-@\t\r", cell.p[0]) != NULL;
}

/* Always in quotes: whatever stands in it is one cell. */
static void csv_text(struct buf *out, struct str cell)
{
        buf_char(out, '"');
        if (is_formula(cell))
                buf_char(out, '\'');
        for (size_t i = 0; i < cell.n; i++) {
                if (cell.p[i] == '"')
                        buf_char(out, '"');
                buf_char(out, cell.p[i]);
        }
        buf_char(out, '"');
}

static void csv_row(const struct sheet *sheet, const struct str *cells, struct buf *out)
{
        for (size_t i = 0; i < sheet->n_columns; i++) {
                struct str number;
                if (i != 0)
                        buf_char(out, ',');
                if (sheet->columns[i].kind == SHEET_NUMBER &&
                                as_number(out->arena, cells[i], &number))
                        buf_str_add(out, number);
                else
                        csv_text(out, cells[i]);
        }
        buf_c(out, "\r\n");
}

static void write_csv(const struct sheet *sheet, struct buf *out)
{
        buf_c(out, "\xef\xbb\xbf");
        for (size_t i = 0; i < sheet->n_columns; i++) {
                buf_c(out, i != 0 ? "," : "");
                csv_text(out, sheet->columns[i].label);
        }
        buf_c(out, "\r\n");
        for (size_t i = 0; i < sheet->n_rows; i++)
                csv_row(sheet, sheet->cells + i * sheet->n_columns, out);
        if (sheet->cut.n != 0) {
                csv_text(out, sheet->cut);
                buf_c(out, "\r\n");
        }
}

/* ---- XLSX ---- */

struct book {
        struct arena *arena;
        lxw_workbook *workbook;
        lxw_format *head, *day, *text;
        const struct sheet *sheet;
};

/* As a cell holds it: no longer than the format allows, no character that XML forbids. */
static const char *cell_text(struct arena *arena, struct str cell)
{
        struct buf buf = BUF(arena);
        size_t n = 0;
        for (size_t at = 0; at < cell.n; n++) {
                size_t from = at;
                uint32_t c = str_code_point(cell, &at);
                if (n == SHEET_CELL_MAX / 2 - 1) { /* every character might be two units */
                        buf_c(&buf, "…");
                        break;
                }
                if ((c < 0x20 && c != '\n' && c != '\t') || c == 0xfffe || c == 0xffff)
                        continue;
                buf_add(&buf, cell.p + from, at - from);
        }
        buf_char(&buf, '\0');
        return buf.p;
}

static bool write_day(struct book *book, lxw_worksheet *leaf, lxw_row_t row, lxw_col_t column,
                struct str cell)
{
        struct date day;
        struct err err;
        if (!date_parse(cell, &day, &err) || date_year(day) < 1900)
                return false;
        int year, month, of_month;
        date_parts(day, &year, &month, &of_month);
        lxw_datetime when = { .year = year, .month = month, .day = of_month };
        return worksheet_write_datetime(leaf, row, column, &when, book->day) == LXW_NO_ERROR;
}

/* Past fifteen digits a spreadsheet would round it: then it stays a text. */
static bool write_number(struct book *book, lxw_worksheet *leaf, lxw_row_t row, lxw_col_t column,
                struct str cell)
{
        struct str plain;
        if (!as_number(book->arena, cell, &plain) || plain.n > 15)
                return false;
        double number = strtod(str_c(book->arena, plain), NULL);
        return worksheet_write_number(leaf, row, column, number, NULL) == LXW_NO_ERROR;
}

static void write_cell(struct book *book, lxw_worksheet *leaf, lxw_row_t row, lxw_col_t column,
                struct str cell)
{
        enum sheet_kind kind = book->sheet->columns[column].kind;
        if (cell.n == 0 || (kind == SHEET_DAY && write_day(book, leaf, row, column, cell)) ||
                        (kind == SHEET_NUMBER && write_number(book, leaf, row, column, cell)))
                return;
        worksheet_write_string(leaf, row, column, cell_text(book->arena, cell), book->text);
}

/* Wide enough for what stands in the first rows; a Chinese letter is two wide. */
static double width_of(const struct sheet *sheet, size_t column)
{
        size_t widest = COLUMN_WIDTH_MIN;
        for (size_t row = 0; row <= sheet->n_rows && row <= 50; row++) {
                struct str text = row == 0 ? sheet->columns[column].label
                                           : sheet->cells[(row - 1) * sheet->n_columns + column];
                size_t width = 2, at = 0;
                while (at < text.n)
                        width += str_code_point(text, &at) < 0x2e80 ? 1 : 2;
                widest = width > widest ? width : widest;
        }
        return (double)(widest < COLUMN_WIDTH_MAX ? widest : COLUMN_WIDTH_MAX);
}

static void write_table(struct book *book)
{
        const struct sheet *sheet = book->sheet;
        lxw_worksheet *leaf = workbook_add_worksheet(book->workbook, "数据");
        for (size_t i = 0; i < sheet->n_columns; i++) {
                lxw_col_t column = (lxw_col_t)i;
                worksheet_set_column(leaf, column, column, width_of(sheet, i), NULL);
                worksheet_write_string(leaf, 0, column,
                                cell_text(book->arena, sheet->columns[i].label), book->head);
        }
        for (size_t row = 0; row < sheet->n_rows; row++)
                for (size_t i = 0; i < sheet->n_columns; i++)
                        write_cell(book, leaf, (lxw_row_t)(row + 1), (lxw_col_t)i,
                                        sheet->cells[row * sheet->n_columns + i]);
        if (sheet->cut.n != 0)
                worksheet_write_string(leaf, (lxw_row_t)(sheet->n_rows + 1), 0,
                                cell_text(book->arena, sheet->cut), book->head);
        worksheet_freeze_panes(leaf, 1, 0);
        worksheet_repeat_rows(leaf, 0, 0);
        worksheet_set_landscape(leaf);
        worksheet_set_paper(leaf, 9); /* A4 */
        worksheet_fit_to_pages(leaf, 1, 0);
}

static void write_notes(struct book *book)
{
        const struct sheet *sheet = book->sheet;
        lxw_worksheet *leaf = workbook_add_worksheet(book->workbook, "说明");
        worksheet_set_column(leaf, 0, 0, 100, NULL);
        worksheet_write_string(leaf, 0, 0, cell_text(book->arena, sheet->title), book->head);
        for (size_t i = 0; i < sheet->n_notes; i++)
                worksheet_write_string(leaf, (lxw_row_t)(i + 1), 0,
                                cell_text(book->arena, sheet->notes[i]), book->text);
}

static void write_book(struct book *book)
{
        char title[128]; /* the format allows 255 */
        struct str cut = str_cut(book->sheet->title, sizeof(title) - 1);
        memcpy(title, cut.p != NULL ? cut.p : "", cut.n);
        title[cut.n] = '\0';
        lxw_doc_properties properties = { .title = title, .created = book->sheet->made.second };
        workbook_set_properties(book->workbook, &properties);
        book->head = workbook_add_format(book->workbook);
        format_set_bold(book->head);
        book->day = workbook_add_format(book->workbook);
        format_set_num_format(book->day, "yyyy-mm-dd");
        format_set_align(book->day, LXW_ALIGN_LEFT);
        book->text = workbook_add_format(book->workbook);
        format_set_align(book->text, LXW_ALIGN_VERTICAL_TOP);
        write_table(book);
        write_notes(book);
}

static bool read_back(int file, struct buf *out)
{
        char piece[16384];
        ssize_t n;
        if (lseek(file, 0, SEEK_SET) != 0)
                return false;
        while ((n = read(file, piece, sizeof(piece))) > 0)
                buf_add(out, piece, (size_t)n);
        return n == 0;
}

/* The library writes to a path only: that of a file in memory. */
static bool write_xlsx(const struct sheet *sheet, struct buf *out, struct err *err)
{
        char path[64];
        int file = memfd_create("sheet", MFD_CLOEXEC);
        if (file < 0)
                return err_set(err, E_SHEET_FILE, "%s", strerror(errno));
        snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
        struct book book = { .arena = out->arena, .workbook = workbook_new(path), .sheet = sheet };
        if (book.workbook == NULL) {
                close(file);
                return err_set(err, E_SHEET_FILE, "workbook_new");
        }
        write_book(&book);
        lxw_error result = workbook_close(book.workbook); /* frees it in any case */
        bool done = result == LXW_NO_ERROR && read_back(file, out);
        close(file);
        return done || err_set(err, E_SHEET_FILE, "%s", lxw_strerror(result));
}

bool sheet_write(const struct sheet *sheet, enum sheet_format format, struct buf *out,
                struct err *err)
{
        assert(format == SHEET_CSV || format == SHEET_XLSX);
        assert(sheet->n_columns >= 1 && sheet->n_columns <= SHEET_COLUMNS_MAX);
        if (format == SHEET_XLSX)
                return write_xlsx(sheet, out, err);
        write_csv(sheet, out);
        return true;
}
