#include "web/export.h"

#include <assert.h>

/* ---- Cells from views ---- */

/* "state.label": a member of a member. */
static struct str member_text(struct arena *arena, const struct value *row, const char *path)
{
        struct str rest = str_of(path);
        const struct value *at = row;
        while (at != NULL && rest.n != 0) {
                struct str name = str_split(&rest, '.');
                at = at->kind == VALUE_CONTEXT ? value_get(at, name) : NULL;
        }
        return at != NULL && !value_is_null(*at) ? value_text(arena, at) : STR_LIT("");
}

bool export_rows(struct visit *visit, const struct export *export,
                const struct export_column *columns, const struct view_list *rows, struct err *err)
{
        struct sheet_column sheet[SHEET_COLUMNS_MAX];
        size_t n = 0, at = 0;
        for (; columns[n].label != NULL; n++) {
                assert(n < SHEET_COLUMNS_MAX);
                sheet[n] = (struct sheet_column){ str_of(columns[n].label), columns[n].kind };
        }
        struct str *cells = arena_new_array(visit->arena, rows->n * n, struct str);
        for (size_t row = 0; row < rows->n; row++)
                for (size_t i = 0; i < n; i++)
                        cells[at++] = member_text(
                                        visit->arena, &rows->items[row], columns[i].member);
        return export_cells(visit, export, sheet, n, cells, rows->n, err);
}

/* ---- The file ---- */

bool export_cells(struct visit *visit, const struct export *export,
                const struct sheet_column *columns, size_t n_columns, const struct str *cells,
                size_t n_rows, struct err *err)
{
        struct buf out = BUF(visit->arena);
        const struct str organ = site_config(visit->portal->site)->organ;
        const struct str notes[] = {
                str_format(visit->arena, "来源：%.*s", STR_FMT(organ)),
                str_format(visit->arena, "生成：%.*s",
                                STR_FMT(moment_format(visit->arena, visit->now))),
                export->note.n != 0 ? export->note : STR_LIT("范围：全部"),
                STR_LIT("只含导出的人可以看到的内容；以办件页面和存证账本为准。"),
        };
        const struct sheet sheet = { .title = export->title,
                .notes = notes,
                .n_notes = N_ELEMENTS(notes),
                .columns = columns,
                .n_columns = n_columns,
                .cells = cells,
                .n_rows = n_rows,
                .cut = export->more ? str_format(visit->arena,
                                                      "只列出前 %zu 条，还有更多：请加上筛选条件，"
                                                      "分几次导出",
                                                      n_rows)
                                    : STR_LIT(""),
                .made = visit->now };
        if (!sheet_write(&sheet, visit->sheet, &out, err))
                return false;
        visit_send(visit, sheet_type(visit->sheet), buf_str(&out));
        visit->answer->file_name =
                        str_format(visit->arena, "%s%s", export->name, sheet_suffix(visit->sheet));
        return true;
}

struct value export_links(struct visit *visit, struct str path, struct str query)
{
        static const struct {
                enum sheet_format format;
                const char *label;
        } files[] = { { SHEET_XLSX, "XLSX 表格" }, { SHEET_CSV, "CSV 文本" } };
        struct view_list list = VIEW_LIST(visit->arena);
        for (size_t i = 0; i < N_ELEMENTS(files); i++) {
                struct view view = VIEW(visit->arena);
                view_c(&view, "label", files[i].label);
                view_text(&view, "url",
                                str_format(visit->arena, "%.*s%s%.*s", STR_FMT(path),
                                                sheet_suffix(files[i].format), STR_FMT(query)));
                view_add(&list, view_end(&view));
        }
        return view_list_end(&list);
}
