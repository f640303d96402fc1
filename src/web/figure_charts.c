/* web/figure_charts.c - the charts beside figures: by month, by unit, this year against last. */
#include <stdlib.h>

#include "web/chart.h"
#include "web/figures.h"

#define UNITS_SHOWN  12 /* the largest; what the others make together is one more bar */
#define COMPARED_MAX 30

/* ---- Parts of a figure ---- */

struct period figures_period(const struct figures_part *part)
{
        int month = part->year * 100 + part->month;
        return part->month == 0 ? period_year(part->year) : (struct period){ month, month };
}

struct str figures_unit_json(struct visit *visit, const struct figures_part *part)
{
        struct buf json = BUF(visit->arena);
        if (part->unit.n == 0)
                return STR_LIT("");
        buf_char(&json, '[');
        value_write_json_string(&json, part->unit);
        buf_char(&json, ']');
        return buf_str(&json);
}

struct str figures_part_url(struct visit *visit, struct str id, const struct figures_part *part)
{
        struct buf url = BUF(visit->arena);
        buf_str_add(&url, figures_url(visit, id, part->year));
        if (part->month != 0)
                visit_query(&url, "month", str_format(visit->arena, "%d", part->month));
        visit_query(&url, "unit", part->unit);
        return buf_str(&url);
}

static struct str rows_url(struct visit *visit, struct str id, int year, int month, struct str unit)
{
        const struct figures_part part = { year, month, unit };
        struct buf url = BUF(visit->arena);
        buf_str_add(&url, figures_part_url(visit, id, &part));
        buf_c(&url, "#rows");
        return buf_str(&url);
}

/* ---- By month ---- */

struct by_month {
        struct visit *visit;
        const struct indicator *indicator;
        struct str id;
        struct chart_item items[12];
};

static bool fill_year(struct by_month *b, int year, size_t series, bool *ret_any, struct err *err)
{
        const struct indicator_month *months;
        size_t n;
        int today = period_of(b->visit->today);
        if (!indicator_months(b->visit->arena, &b->visit->world, b->indicator->id,
                            period_year(year), STR_LIT(""), &months, &n, err))
                return false;
        *ret_any = n != 0;
        for (int i = 0; i < 12; i++) {
                struct chart_value *value = &b->items[i].values[series];
                value->has = year * 100 + i + 1 <= today;
                value->number = decimal_of(0);
        }
        for (size_t i = 0; i < n; i++) {
                int month = months[i].month % 100;
                struct chart_value *value = &b->items[month - 1].values[series];
                value->has = true;
                value->number = decimal_round(
                                months[i].value, b->indicator->decimals, DECIMAL_HALF_UP);
                value->url = rows_url(b->visit, b->id, year, month, STR_LIT(""));
        }
        return true;
}

static bool add_by_month(struct visit *visit, const struct indicator *indicator, struct str id,
                int year, struct view_list *list, struct err *err)
{
        struct by_month b = { .visit = visit, .indicator = indicator, .id = id };
        bool now, last;
        const struct str series[] = { str_format(visit->arena, "%d年", year),
                str_format(visit->arena, "%d年", year - 1) };
        for (int i = 0; i < 12; i++)
                b.items[i].label = str_format(visit->arena, "%d月", i + 1);
        if (!fill_year(&b, year, 0, &now, err) || !fill_year(&b, year - 1, 1, &last, err))
                return false;
        const struct chart chart = { .kind = CHART_COLUMNS,
                .id = STR_LIT("months"),
                .title = last ? str_format(visit->arena, "%d年各月，与上年同月相比", year)
                              : str_format(visit->arena, "%d年各月", year),
                .unit = indicator->unit,
                .heading = STR_LIT("月份"),
                .series = series,
                .n_series = last ? 2 : 1,
                .compares = last,
                .items = b.items,
                .n_items = 12 };
        if (now)
                view_add(list, chart_view(visit->arena, &chart, !visit->as_json));
        return true;
}

/* ---- By unit ---- */

static int by_value(const void *a, const void *b)
{
        const struct indicator_unit *x = a, *y = b;
        int order = decimal_cmp(y->value, x->value);
        return order != 0 ? order : str_cmp(x->unit, y->unit);
}

/* What the units past the first make together; it leads nowhere. */
static struct chart_item others(struct visit *visit, const struct indicator *indicator,
                const struct indicator_unit *units, size_t n)
{
        struct decimal sum = decimal_of(0);
        for (size_t i = 0; i < n; i++)
                if (!decimal_add(sum, units[i].value, &sum))
                        return (struct chart_item){ .label = STR_LIT("其余单位") };
        return (struct chart_item){
                .label = str_format(visit->arena, "其余 %zu 个单位", n),
                .values[0] = { .has = true,
                                .number = decimal_round(
                                                sum, indicator->decimals, DECIMAL_HALF_UP) },
        };
}

static bool add_by_unit(struct visit *visit, const struct indicator *indicator, struct str id,
                int year, struct view_list *list, struct err *err)
{
        const struct indicator_unit *found;
        struct chart_item items[UNITS_SHOWN + 1];
        const struct str series[] = { str_format(visit->arena, "%d年", year) };
        size_t n;
        if (!indicator_by_unit(visit->arena, &visit->world, indicator->id, period_year(year),
                            &found, &n, err))
                return false;
        if (n < 2) /* one unit is the figure itself */
                return true;
        struct indicator_unit *units = arena_grow(visit->arena, found, n, 0, sizeof(*units));
        qsort(units, n, sizeof(*units), by_value);
        size_t shown = n <= UNITS_SHOWN + 1 ? n : UNITS_SHOWN;
        for (size_t i = 0; i < shown; i++)
                items[i] = (struct chart_item){
                        .label = visit_unit(visit, units[i].unit),
                        .values[0] = { .has = true,
                                        .number = decimal_round(units[i].value, indicator->decimals,
                                                        DECIMAL_HALF_UP),
                                        .url = rows_url(visit, id, year, 0, units[i].unit) },
                };
        if (shown < n)
                items[shown] = others(visit, indicator, units + shown, n - shown);
        const struct chart chart = { .kind = CHART_ROWS,
                .id = STR_LIT("units"),
                .title = str_format(visit->arena, "%d年各单位", year),
                .unit = indicator->unit,
                .heading = STR_LIT("单位"),
                .series = series,
                .n_series = 1,
                .items = items,
                .n_items = shown < n ? shown + 1 : n };
        view_add(list, chart_view(visit->arena, &chart, !visit->as_json));
        return true;
}

bool figures_charts(struct visit *visit, const struct indicator *indicator, struct str id, int year,
                struct value *ret, struct err *err)
{
        struct view_list list = VIEW_LIST(visit->arena);
        bool adds_up = indicator->kind == INDICATOR_COUNT || indicator->kind == INDICATOR_SUM;
        if (adds_up && (!add_by_month(visit, indicator, id, year, &list, err) ||
                                       !add_by_unit(visit, indicator, id, year, &list, err)))
                return false;
        *ret = view_list_end(&list);
        return true;
}

/* ---- This year against last ---- */

static const struct report_line *line_of(const struct report_view *view, struct str id)
{
        for (size_t i = 0; i < view->n_lines; i++)
                if (str_eq(view->lines[i].id, id))
                        return &view->lines[i];
        return NULL;
}

/* now / last in percent, one decimal; false where there is nothing to compare. */
static bool compare(
                const struct report_line *now, const struct report_line *last, struct decimal *ret)
{
        struct decimal quotient, percent;
        if (last == NULL || !now->has_value || !last->has_value ||
                        decimal_cmp(last->value, decimal_of(0)) <= 0 ||
                        decimal_cmp(now->value, decimal_of(0)) < 0 ||
                        !decimal_div(now->value, last->value, &quotient) ||
                        !decimal_mul(quotient, decimal_of(100), &percent))
                return false;
        *ret = decimal_round(percent, 1, DECIMAL_HALF_UP);
        return true;
}

struct value figures_compared(
                struct visit *visit, const struct report_view *now, const struct report_view *last)
{
        struct chart_item *items = arena_new_array(visit->arena, COMPARED_MAX, struct chart_item);
        const struct str series[] = { str_format(visit->arena, "%d年", now->year),
                str_format(visit->arena, "%d年", now->year - 1) };
        size_t n = 0;
        for (size_t i = 0; last != NULL && i < now->n_lines && n < COMPARED_MAX; i++) {
                const struct report_line *line = &now->lines[i];
                struct decimal percent;
                if (!compare(line, line_of(last, line->id), &percent)) /* also none last year */
                        continue;
                const struct report_line *before = line_of(last, line->id);
                struct str label = figures_label(visit, line);
                items[n] = (struct chart_item){ .label = label,
                        .name = str_format(visit->arena, "%.*s（%.*s %.*s，上年 %.*s）",
                                        STR_FMT(label), STR_FMT(line->shown), STR_FMT(line->unit),
                                        STR_FMT(before->shown)) };
                items[n].values[0] = (struct chart_value){ true, percent,
                        figures_url(visit, line->id, now->year) };
                items[n++].values[1] = (struct chart_value){ true, decimal_of(100),
                        figures_url(visit, line->id, now->year - 1) };
        }
        const struct chart chart = { .kind = CHART_ROWS,
                .id = STR_LIT("compared"),
                .title = STR_LIT("与上年相比（上年为 100）"),
                .unit = STR_LIT("%"),
                .heading = STR_LIT("指标"),
                .note = STR_LIT("只列两年都有记录的数据；竖线是上年。"),
                .series = series,
                .n_series = 2,
                .compares = true,
                .items = items,
                .n_items = n };
        return n == 0 ? value_null() : chart_view(visit->arena, &chart, !visit->as_json);
}
