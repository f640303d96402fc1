#include "web/chart.h"

#include <assert.h>

#include "web/chart_draw.h"

struct str chart_words(struct arena *arena, const struct chart *chart, size_t item, size_t series)
{
        const struct chart_item *i = &chart->items[item];
        struct buf buf = BUF(arena);
        buf_str_add(&buf, i->name.n != 0 ? i->name : i->label);
        if (chart->n_series > 1) {
                buf_c(&buf, "，");
                buf_str_add(&buf, chart->series[series]);
        }
        buf_c(&buf, "：");
        buf_str_add(&buf, view_grouped(arena, decimal_format(arena, i->values[series].number)));
        if (chart->unit.n != 0) {
                buf_char(&buf, ' ');
                buf_str_add(&buf, chart->unit);
        }
        return buf_str(&buf);
}

/* ---- The table ---- */

static struct value row_view(struct arena *arena, const struct chart *chart, size_t item)
{
        const struct chart_item *i = &chart->items[item];
        struct view row = VIEW(arena);
        struct view_list cells = VIEW_LIST(arena);
        view_text(&row, "label", i->name.n != 0 ? i->name : i->label);
        for (size_t s = 0; s < chart->n_series; s++) {
                const struct chart_value *v = &i->values[s];
                struct view cell = VIEW(arena);
                view_text(&cell, "text",
                                v->has ? view_grouped(arena, decimal_format(arena, v->number))
                                       : STR_LIT("—"));
                if (v->has)
                        view_some(&cell, "url", v->url);
                view_add(&cells, view_end(&cell));
        }
        view_put(&row, "cells", view_list_end(&cells));
        return view_end(&row);
}

static void add_table(struct arena *arena, const struct chart *chart, struct view *view)
{
        struct view_list columns = VIEW_LIST(arena), rows = VIEW_LIST(arena);
        for (size_t s = 0; s < chart->n_series; s++)
                view_add_text(&columns, chart->series[s]);
        for (size_t i = 0; i < chart->n_items; i++)
                view_add(&rows, row_view(arena, chart, i));
        view_put(view, "columns", view_list_end(&columns));
        view_put(view, "rows", view_list_end(&rows));
}

/* ---- In words, for those who do not see ---- */

/* The largest and the smallest of the first series. */
static struct str description(struct arena *arena, const struct chart *chart)
{
        size_t most = SIZE_MAX, least = SIZE_MAX;
        for (size_t i = 0; i < chart->n_items; i++) {
                const struct chart_value *v = &chart->items[i].values[0];
                if (!v->has)
                        continue;
                if (most == SIZE_MAX ||
                                decimal_cmp(v->number, chart->items[most].values[0].number) > 0)
                        most = i;
                if (least == SIZE_MAX ||
                                decimal_cmp(v->number, chart->items[least].values[0].number) < 0)
                        least = i;
        }
        if (most == SIZE_MAX || most == least)
                return STR_LIT("数据列在图旁的表中。");
        return str_format(arena, "共 %zu 项。最高：%.*s；最低：%.*s。数据列在图旁的表中。",
                        chart->n_items, STR_FMT(chart_words(arena, chart, most, 0)),
                        STR_FMT(chart_words(arena, chart, least, 0)));
}

static bool has_any(const struct chart *chart)
{
        for (size_t i = 0; i < chart->n_items; i++)
                for (size_t s = 0; s < chart->n_series; s++)
                        if (chart->items[i].values[s].has)
                                return true;
        return false;
}

static bool has_link(const struct chart *chart)
{
        for (size_t i = 0; i < chart->n_items; i++)
                for (size_t s = 0; s < chart->n_series; s++)
                        if (chart->items[i].values[s].has && chart->items[i].values[s].url.n != 0)
                                return true;
        return false;
}

static struct value legend_view(struct arena *arena, const struct chart *chart)
{
        struct view_list list = VIEW_LIST(arena);
        for (size_t s = 0; s < chart->n_series; s++) {
                struct view entry = VIEW(arena);
                bool mark = chart->compares && s == chart->n_series - 1;
                view_text(&entry, "label", chart->series[s]);
                view_text(&entry, "series", str_format(arena, "%zu", s + 1));
                view_yes(&entry, "line", mark);
                view_yes(&entry, "stroke", chart->kind == CHART_LINES);
                view_add(&list, view_end(&entry));
        }
        return view_list_end(&list);
}

static bool draw(struct arena *arena, const struct chart *chart, struct value *ret)
{
        struct view drawing = VIEW(arena);
        if (!has_any(chart) || chart->n_items > CHART_ITEMS_MAX || !chart_draw(&drawing, chart))
                return false;
        view_text(&drawing, "id", chart->id);
        view_c(&drawing, "role", has_link(chart) ? "group" : "img");
        view_text(&drawing, "desc", description(arena, chart));
        if (chart->n_series > 1)
                view_put(&drawing, "legend", legend_view(arena, chart));
        *ret = view_end(&drawing);
        return true;
}

struct value chart_view(struct arena *arena, const struct chart *chart, bool drawn)
{
        struct view view = VIEW(arena);
        struct value drawing;
        assert(chart->n_series >= 1 && chart->n_series <= CHART_SERIES_MAX);
        assert(!chart->compares || chart->n_series >= 2);
        view_text(&view, "title", chart->title);
        view_text(&view, "unit", chart->unit);
        view_text(&view, "heading", chart->heading);
        view_some(&view, "note", chart->note);
        add_table(arena, chart, &view);
        if (drawn && draw(arena, chart, &drawing))
                view_put(&view, "drawing", drawing);
        return view_end(&view);
}
