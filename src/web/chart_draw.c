#include "web/chart_draw.h"

#include <assert.h>

#include "web/chart_scale.h"

/* Hundredths of a percent across, pixels down. */
#define ALL         10000
#define LEFT        1100 /* for the ticks' words, left of upright bars */
#define TOP         26   /* for a value above the highest bar */
#define PLOT        180
#define LABEL_LINE  24
#define COLUMN_FILL 64 /* percent of its place that a bar takes */

#define ROW_LABEL 22
#define ROW_BAR   16
#define ROW_GAP   12
#define ROW_END   7600 /* lying bars end here at the latest; their values stand behind */

#define NARROW 320 /* pixels that a drawing has on a telephone, and on a desk */
#define WIDE   620
#define LETTER 13

struct drawing {
        struct arena *arena;
        const struct chart *chart;
        struct chart_scale scale;
        int64_t (*amounts)[CHART_SERIES_MAX];
        size_t n_bars; /* series that are bars */
        bool pile, lying;
        struct view_list ticks, bars, lines, dots, texts;
};

/* ---- Numbers ---- */

static bool read_amounts(struct drawing *d, int64_t *ret_least, int64_t *ret_most, bool *ret_whole)
{
        *ret_least = *ret_most = 0;
        *ret_whole = true;
        for (size_t i = 0; i < d->chart->n_items; i++) {
                int64_t pile = 0;
                for (size_t s = 0; s < d->chart->n_series; s++) {
                        int64_t *amount = &d->amounts[i][s];
                        const struct chart_value *v = &d->chart->items[i].values[s];
                        if (!v->has)
                                continue;
                        if (!chart_amount(v->number, amount))
                                return false;
                        if (d->pile && *amount < 0)
                                *amount = 0; /* nothing to pile up; the table has it */
                        pile = d->pile ? pile + *amount : *amount;
                        if (pile > CHART_AMOUNT_MAX)
                                return false;
                        *ret_least = pile < *ret_least ? pile : *ret_least;
                        *ret_most = pile > *ret_most ? pile : *ret_most;
                        *ret_whole &= *amount % CHART_ONE == 0;
                }
        }
        return true;
}

static struct str percent(struct arena *arena, int hundredths)
{
        return str_format(arena, "%d.%02d%%", hundredths / 100, hundredths % 100);
}

static struct str number(struct arena *arena, int n)
{
        return str_format(arena, "%d", n);
}

/* About how wide a text is; Chinese letters are squares. */
static int width_of(struct str text)
{
        int width = 0;
        for (size_t at = 0; at < text.n;)
                width += str_code_point(text, &at) < 0x2e80 ? LETTER * 6 / 10 : LETTER;
        return width;
}

/* ---- Pieces ---- */

enum anchor { START, MIDDLE, END };

static void add_text(struct drawing *d, const char *class, int x, int y, enum anchor anchor,
                struct str text, bool wide_only)
{
        static const char *const anchors[] = { "start", "middle", "end" };
        struct view view = VIEW(d->arena);
        view_c(&view, "class", class);
        view_text(&view, "x", percent(d->arena, x));
        view_text(&view, "y", number(d->arena, y));
        view_c(&view, "anchor", anchors[anchor]);
        view_text(&view, "text", text);
        if (strcmp(class, "beside") == 0)
                view_c(&view, "dx", "6");
        view_yes(&view, "wide_only", wide_only);
        view_add(&d->texts, view_end(&view));
}

static void add_line(struct view_list *list, struct arena *arena, size_t series, int x1, int y1,
                int x2, int y2)
{
        struct view view = VIEW(arena);
        view_text(&view, "series", str_format(arena, "%zu", series + 1));
        view_text(&view, "x1", percent(arena, x1));
        view_text(&view, "y1", number(arena, y1));
        view_text(&view, "x2", percent(arena, x2));
        view_text(&view, "y2", number(arena, y2));
        view_add(list, view_end(&view));
}

/* What every mark has: its series, its words and its address. */
static void add_mark(struct drawing *d, struct view *view, size_t item, size_t series)
{
        view_text(view, "series", str_format(d->arena, "%zu", series + 1));
        view_text(view, "words", chart_words(d->arena, d->chart, item, series));
        view_some(view, "url", d->chart->items[item].values[series].url);
}

/* `hit`: where a finger may press, larger than a short bar; {x, y, width, height}. */
static void add_bar(
                struct drawing *d, size_t item, size_t series, const int box[4], const int hit[4])
{
        struct view view = VIEW(d->arena);
        add_mark(d, &view, item, series);
        view_text(&view, "x", percent(d->arena, box[0]));
        view_text(&view, "y", number(d->arena, box[1]));
        view_text(&view, "width", percent(d->arena, box[2]));
        view_text(&view, "height", number(d->arena, box[3]));
        view_text(&view, "hit_x", percent(d->arena, hit[0]));
        view_text(&view, "hit_y", number(d->arena, hit[1]));
        view_text(&view, "hit_width", percent(d->arena, hit[2]));
        view_text(&view, "hit_height", number(d->arena, hit[3]));
        view_add(&d->bars, view_end(&view));
}

static bool has(const struct drawing *d, size_t item, size_t series)
{
        return d->chart->items[item].values[series].has;
}

static struct str shown(const struct drawing *d, size_t item, size_t series)
{
        return view_grouped(d->arena,
                        decimal_format(d->arena, d->chart->items[item].values[series].number));
}

/* ---- Upright ---- */

static int slot(const struct drawing *d)
{
        int n = (int)d->chart->n_items;
        assert(n >= 1);
        return (ALL - LEFT) / n;
}

static int middle(const struct drawing *d, size_t item)
{
        return LEFT + (int)item * slot(d) + slot(d) / 2;
}

static int height_of(const struct drawing *d, int64_t amount)
{
        return TOP + PLOT - chart_place(&d->scale, amount, PLOT);
}

static void add_ticks_across(struct drawing *d)
{
        for (int64_t at = d->scale.low; at <= d->scale.high; at += d->scale.step) {
                struct view view = VIEW(d->arena);
                int y = height_of(d, at);
                view_text(&view, "x1", percent(d->arena, 0));
                view_text(&view, "y1", number(d->arena, y));
                view_text(&view, "x2", percent(d->arena, ALL));
                view_text(&view, "y2", number(d->arena, y));
                view_yes(&view, "zero", at == 0);
                view_add(&d->ticks, view_end(&view));
                add_text(d, "tick", 0, y - 4, START, chart_tick(d->arena, &d->scale, at), false);
        }
}

static int ceiling(int a, int b)
{
        return (a + b - 1) / b;
}

/* Below the plot; every k-th where all would run into each other. */
static void add_labels_below(struct drawing *d)
{
        int widest = 1;
        for (size_t i = 0; i < d->chart->n_items; i++) {
                int width = width_of(d->chart->items[i].label) + 2;
                widest = width > widest ? width : widest;
        }
        int wide = ceiling(widest * ALL, slot(d) * WIDE);
        int narrow = ceiling(widest * ALL, slot(d) * NARROW);
        for (size_t i = 0; i < d->chart->n_items; i++)
                if (i % (size_t)wide == 0)
                        add_text(d, "label", middle(d, i), TOP + PLOT + LABEL_LINE - 6, MIDDLE,
                                        d->chart->items[i].label, i % (size_t)narrow != 0);
}

/* Above its bar, if it fits there. */
static void add_value_above(struct drawing *d, size_t item, size_t series, int x, int y, int room)
{
        struct str text = shown(d, item, series);
        int width = width_of(text) + 2;
        if (width * ALL <= room * WIDE)
                add_text(d, "value", x, y - 6, MIDDLE, text, width * ALL > room * NARROW);
}

static void add_column(struct drawing *d, size_t item, size_t series, int x, int width,
                int64_t from, int64_t to)
{
        int y1 = height_of(d, from > to ? from : to), y2 = height_of(d, from > to ? to : from);
        const int box[4] = { x, y1, width, y2 - y1 };
        const int whole[4] = { x, TOP, width, PLOT };
        add_bar(d, item, series, box, d->pile ? box : whole);
        if (!d->pile)
                add_value_above(d, item, series, x + width / 2, y1,
                                d->n_bars == 1 ? slot(d) : width);
}

static void add_columns(struct drawing *d)
{
        int all = slot(d) * COLUMN_FILL / 100;
        int each = d->pile ? all : all / (int)d->n_bars;
        for (size_t i = 0; i < d->chart->n_items; i++) {
                int64_t pile = 0;
                int left = middle(d, i) - all / 2;
                for (size_t s = 0; s < d->n_bars; s++) {
                        if (!has(d, i, s))
                                continue;
                        int64_t amount = d->amounts[i][s];
                        add_column(d, i, s, d->pile ? left : left + (int)s * each, each, pile,
                                        pile + amount);
                        pile += d->pile ? amount : 0;
                }
                size_t last = d->n_bars; /* the series that is a line across */
                if (d->chart->compares && has(d, i, last)) {
                        int y = height_of(d, d->amounts[i][last]), over = slot(d) / 12;
                        add_line(&d->lines, d->arena, last, left - over, y, left + all + over, y);
                }
        }
}

static void add_curves(struct drawing *d)
{
        for (size_t s = 0; s < d->chart->n_series; s++)
                for (size_t i = 0; i < d->chart->n_items; i++) {
                        struct view dot = VIEW(d->arena);
                        if (!has(d, i, s))
                                continue;
                        int x = middle(d, i), y = height_of(d, d->amounts[i][s]);
                        if (i > 0 && has(d, i - 1, s))
                                add_line(&d->lines, d->arena, s, middle(d, i - 1),
                                                height_of(d, d->amounts[i - 1][s]), x, y);
                        add_mark(d, &dot, i, s);
                        view_text(&dot, "x", percent(d->arena, x));
                        view_text(&dot, "y", number(d->arena, y));
                        view_add(&d->dots, view_end(&dot));
                        if (d->chart->n_series == 1)
                                add_value_above(d, i, s, x, y - 4, slot(d));
                }
}

/* ---- Lying ---- */

static int length_to(const struct drawing *d, int64_t amount)
{
        return chart_place(&d->scale, amount, ROW_END);
}

static int row_height(const struct drawing *d)
{
        return ROW_LABEL + ROW_BAR * (d->pile ? 1 : (int)d->n_bars) + ROW_GAP;
}

static void add_lying(
                struct drawing *d, size_t item, size_t series, int y, int64_t from, int64_t to)
{
        int x1 = length_to(d, from < to ? from : to), x2 = length_to(d, from < to ? to : from);
        const int box[4] = { x1, y, x2 - x1, ROW_BAR };
        const int whole[4] = { 0, y, ALL, ROW_BAR };
        add_bar(d, item, series, box, d->pile ? box : whole);
        if (!d->pile)
                add_text(d, "beside", x2, y + ROW_BAR - 3, START, shown(d, item, series), false);
}

static void add_rows(struct drawing *d)
{
        for (size_t i = 0; i < d->chart->n_items; i++) {
                int64_t pile = 0;
                int y = (int)i * row_height(d) + ROW_LABEL;
                add_text(d, "name", 0, y - 6, START, d->chart->items[i].label, false);
                for (size_t s = 0; s < d->n_bars; s++) {
                        int64_t amount = d->amounts[i][s];
                        if (!has(d, i, s))
                                continue;
                        add_lying(d, i, s, d->pile ? y : y + (int)s * ROW_BAR, pile, pile + amount);
                        pile += d->pile ? amount : 0;
                }
                size_t last = d->n_bars;
                if (d->chart->compares && has(d, i, last)) {
                        int x = length_to(d, d->amounts[i][last]);
                        add_line(&d->lines, d->arena, last, x, y - 3, x, y + ROW_BAR + 3);
                }
        }
}

static void add_zero(struct drawing *d)
{
        struct view view = VIEW(d->arena);
        int x = length_to(d, 0);
        view_text(&view, "x1", percent(d->arena, x));
        view_text(&view, "y1", number(d->arena, ROW_LABEL - 6));
        view_text(&view, "x2", percent(d->arena, x));
        view_text(&view, "y2",
                        number(d->arena, (int)d->chart->n_items * row_height(d) - ROW_GAP + 4));
        view_yes(&view, "zero", true);
        view_add(&d->ticks, view_end(&view));
}

/* ---- All ---- */

static void draw_upright(struct drawing *d)
{
        add_ticks_across(d);
        add_labels_below(d);
        if (d->chart->kind == CHART_LINES)
                add_curves(d);
        else
                add_columns(d);
}

static void draw_lying(struct drawing *d)
{
        if (d->scale.low < 0) /* else it is the edge, and would cross the names */
                add_zero(d);
        add_rows(d);
}

bool chart_draw(struct view *view, const struct chart *chart)
{
        struct arena *arena = view->arena;
        struct drawing d = { .arena = arena,
                .chart = chart,
                .amounts = arena_array(arena, chart->n_items, sizeof(*d.amounts)),
                .n_bars = chart->n_series - (chart->compares ? 1 : 0),
                .pile = chart->kind == CHART_COLUMNS_PILE || chart->kind == CHART_ROWS_PILE,
                .lying = chart->kind == CHART_ROWS || chart->kind == CHART_ROWS_PILE,
                .ticks = VIEW_LIST(arena),
                .bars = VIEW_LIST(arena),
                .lines = VIEW_LIST(arena),
                .dots = VIEW_LIST(arena),
                .texts = VIEW_LIST(arena) };
        int64_t least, most;
        bool whole;
        assert(chart->n_items >= 1 && chart->n_items <= CHART_ITEMS_MAX);
        assert(!chart->compares || !d.pile);
        if (!read_amounts(&d, &least, &most, &whole))
                return false;
        d.scale = chart_scale(least, most, whole);
        if (d.lying) /* their values stand beside them: no ticks to round up to */
                d.scale = (struct chart_scale){ least, most > least ? most : least + CHART_ONE, 1 };
        (d.lying ? draw_lying : draw_upright)(&d);
        view_text(view, "height",
                        number(arena, d.lying ? (int)chart->n_items * row_height(&d)
                                              : TOP + PLOT + LABEL_LINE));
        view_yes(view, "compares", chart->compares);
        view_put(view, "ticks", view_list_end(&d.ticks));
        view_put(view, "bars", view_list_end(&d.bars));
        view_put(view, "lines", view_list_end(&d.lines));
        view_put(view, "dots", view_list_end(&d.dots));
        view_put(view, "texts", view_list_end(&d.texts));
        return true;
}
