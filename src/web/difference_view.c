#include "web/difference_view.h"

#include "web/difference.h"

#define AROUND 3 /* lines that stayed, shown around those that changed */

static bool is_near(const struct difference_line *lines, size_t n, size_t at)
{
        size_t from = at < AROUND ? 0 : at - AROUND, to = at + AROUND + 1 < n ? at + AROUND + 1 : n;
        for (size_t i = from; i < to; i++)
                if (lines[i].kind != DIFFERENCE_SAME)
                        return true;
        return false;
}

static struct value line_view(struct arena *arena, const struct difference_line *line)
{
        static const struct {
                const char *sign, *kind, *word;
        } kinds[] = {
                [DIFFERENCE_SAME] = { " ", "same", "" },
                [DIFFERENCE_GONE] = { "−", "gone", "删去" },
                [DIFFERENCE_NEW] = { "+", "new", "新增" },
        };
        struct view view = VIEW(arena);
        view_c(&view, "sign", kinds[line->kind].sign);
        view_c(&view, "kind", kinds[line->kind].kind);
        view_c(&view, "word", kinds[line->kind].word);
        view_text(&view, "text", line->text);
        if (line->before != 0)
                view_int(&view, "before", line->before);
        if (line->after != 0)
                view_int(&view, "after", line->after);
        return view_end(&view);
}

static struct value gap_view(struct arena *arena)
{
        struct view view = VIEW(arena);
        view_c(&view, "sign", "⋯");
        view_c(&view, "kind", "gap");
        view_c(&view, "word", "相同的部分");
        view_c(&view, "text", "");
        return view_end(&view);
}

void difference_add(struct view *view, struct str before, struct str after)
{
        struct arena *arena = view->arena;
        struct view_list list = VIEW_LIST(arena);
        int64_t n_gone = 0, n_new = 0;
        size_t n;
        bool gap = false;
        const struct difference_line *lines = difference_lines(arena, before, after, &n);
        for (size_t i = 0; i < n; i++) {
                bool near = is_near(lines, n, i);
                n_gone += lines[i].kind == DIFFERENCE_GONE;
                n_new += lines[i].kind == DIFFERENCE_NEW;
                if (near)
                        view_add(&list, line_view(arena, &lines[i]));
                else if (!gap)
                        view_add(&list, gap_view(arena));
                gap = !near;
        }
        view_put(view, "lines", view_list_end(&list));
        view_int(view, "n_gone", n_gone);
        view_int(view, "n_new", n_new);
}
