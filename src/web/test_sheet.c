/* Files for office programs: what a cell becomes, as rows; XLSX is unzipped and read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "web/sheet.h"

static struct arena *arena;
static const char *root;

static struct str written(const struct sheet *sheet, enum sheet_format format)
{
        struct buf out = BUF(arena);
        struct err err;
        assert_true(sheet_write(sheet, format, &out, &err));
        return buf_str(&out);
}

static struct sheet one_cell(struct str *cell, struct sheet_column *column)
{
        return (struct sheet){ .title = STR_LIT("表"),
                .columns = column,
                .n_columns = 1,
                .cells = cell,
                .n_rows = 1 };
}

static void test_csv_cells(void **state)
{
        (void)state;
        static const struct {
                const char *why;
                enum sheet_kind kind;
                const char *cell, *csv;
        } rows[] = {
                { "a text stands in quotes", SHEET_TEXT, "密某", "\"密某\"" },
                { "a quote is doubled", SHEET_TEXT, "甲\"乙", "\"甲\"\"乙\"" },
                { "commas and lines stay in the cell", SHEET_TEXT, "甲,乙\n丙", "\"甲,乙\n丙\"" },
                { "a formula is a text", SHEET_TEXT, "=1+1", "\"'=1+1\"" },
                { "a command too", SHEET_TEXT, "=cmd|' /C calc'!A0", "\"'=cmd|' /C calc'!A0\"" },
                { "plus", SHEET_TEXT, "+86", "\"'+86\"" },
                { "minus", SHEET_TEXT, "-2+3", "\"'-2+3\"" },
                { "at", SHEET_TEXT, "@SUM(A1)", "\"'@SUM(A1)\"" },
                { "in full width", SHEET_TEXT, "＝1＋1", "\"'＝1＋1\"" },
                { "a tab before a formula", SHEET_TEXT, "\t=1", "\"'\t=1\"" },
                { "a number without its commas", SHEET_NUMBER, "1,234.50", "1234.50" },
                { "a correction is a number", SHEET_NUMBER, "-1", "-1" },
                { "no number is a text", SHEET_NUMBER, "=1", "\"'=1\"" },
                { "nothing is nothing", SHEET_NUMBER, "", "\"\"" },
                { "a day as it is", SHEET_DAY, "2021-09-28", "\"2021-09-28\"" },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct str cell = str_of(rows[i].cell);
                struct sheet_column column = { STR_LIT("列"), rows[i].kind };
                struct sheet sheet = one_cell(&cell, &column);
                struct str want = str_format(arena, "\xef\xbb\xbf\"列\"\r\n%s\r\n", rows[i].csv);
                if (!str_eq(written(&sheet, SHEET_CSV), want))
                        fail_msg("%s: %s", rows[i].why, str_c(arena, written(&sheet, SHEET_CSV)));
        }
}

static void test_cut_is_said(void **state)
{
        (void)state;
        struct str cell = STR_LIT("一");
        struct sheet_column column = { STR_LIT("列"), SHEET_TEXT };
        struct sheet sheet = one_cell(&cell, &column);
        sheet.cut = STR_LIT("只列出前 1 条");
        assert_true(str_ends(written(&sheet, SHEET_CSV), STR_LIT("\"只列出前 1 条\"\r\n")));
}

/* ---- XLSX, read back by another program ---- */

static struct str cells_of(struct str file)
{
        char from[] = "/tmp/sheet-XXXXXX", to[] = "/tmp/cells-XXXXXX";
        int in = mkstemp(from), out = mkstemp(to);
        assert_true(in >= 0 && out >= 0);
        assert_int_equal(write(in, file.p, file.n), (ssize_t)file.n);
        assert_int_equal(system(str_format(arena, "python3 %s/tests/xlsx_cells.py %s > %s", root,
                                         from, to)
                                                         .p),
                        0);
        struct buf buf = BUF(arena);
        char piece[4096];
        ssize_t n;
        while ((n = read(out, piece, sizeof(piece))) > 0)
                buf_add(&buf, piece, (size_t)n);
        close(in);
        close(out);
        unlink(from);
        unlink(to);
        return buf_str(&buf);
}

static void test_xlsx_cells(void **state)
{
        (void)state;
        static const struct sheet_column columns[] = {
                { STR_LIT("名称"), SHEET_TEXT },
                { STR_LIT("数值"), SHEET_NUMBER },
                { STR_LIT("日期"), SHEET_DAY },
        };
        static const struct str cells[] = {
                STR_LIT("=HYPERLINK(\"http://x\")"),
                STR_LIT("1,234.5"),
                STR_LIT("2021-09-28"),
                STR_LIT("𠮷野家<b>&amp;"),
                STR_LIT("—"),
                STR_LIT("待定"),
                STR_LIT("控\x01制\n行"),
                STR_LIT("12345678901234567890"),
                STR_LIT(""),
        };
        static const struct str notes[] = { STR_LIT("来源：清水市司法局") };
        const struct sheet sheet = { .title = STR_LIT("表"),
                .notes = notes,
                .n_notes = 1,
                .columns = columns,
                .n_columns = 3,
                .cells = cells,
                .n_rows = 3,
                .cut = STR_LIT("只列出前 3 条") };
        struct str got = cells_of(written(&sheet, SHEET_XLSX));
        const char *want = "[sheet1.xml]\n"
                           "名称\t数值\t日期\n"
                           "=HYPERLINK(\"http://x\")\t#1234.5\t2021-09-28\n"
                           "𠮷野家<b>&amp;\t—\t待定\n"
                           "控制\\n行\t12345678901234567890\n"
                           "只列出前 3 条\n"
                           "[sheet2.xml]\n"
                           "表\n"
                           "来源：清水市司法局\n";
        assert_string_equal(str_c(arena, got), want);
        assert_true(str_eq(written(&sheet, SHEET_XLSX), written(&sheet, SHEET_XLSX)));
}

static void test_long_text_is_cut(void **state)
{
        (void)state;
        struct buf text = BUF(arena);
        for (int i = 0; i < 40000; i++)
                buf_c(&text, "长");
        struct str cell = buf_str(&text);
        struct sheet_column column = { STR_LIT("列"), SHEET_TEXT };
        struct sheet sheet = one_cell(&cell, &column);
        struct str got = cells_of(written(&sheet, SHEET_XLSX));
        assert_int_not_equal(str_find(got, STR_LIT("长…")), SIZE_MAX);
        assert_true(str_n_code_points(got) < SHEET_CELL_MAX);
}

/* The library has no files to work in: a refusal, not a broken file. */
static void test_no_room(void **state)
{
        (void)state;
        struct str cell = STR_LIT("一");
        struct sheet_column column = { STR_LIT("列"), SHEET_TEXT };
        struct sheet sheet = one_cell(&cell, &column);
        struct buf out = BUF(arena);
        struct err err;
        struct rlimit before, none;
        assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
        none = (struct rlimit){ 3, before.rlim_max };
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
        bool done = sheet_write(&sheet, SHEET_XLSX, &out, &err);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
        assert_false(done);
        assert_int_equal(err.code, E_SHEET_FILE);
        assert_int_equal(out.n, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_csv_cells),
                cmocka_unit_test(test_cut_is_said),
                cmocka_unit_test(test_xlsx_cells),
                cmocka_unit_test(test_long_text_is_cut),
                cmocka_unit_test(test_no_room),
        };
        arena = arena_open();
        root = getenv("PLUMBLINE_SOURCE") != NULL ? getenv("PLUMBLINE_SOURCE") : ".";
        int failed = cmocka_run_group_tests(tests, NULL, NULL);
        arena_close(&arena);
        return failed;
}
