#include "projection/report.h"

#include <assert.h>

#include "projection/entry_count.h"
#include "projection/list.h"

struct reading {
        struct arena *arena;
        struct world *world;
        const struct report_definition *definition;
        int year;
        bool anew;
        struct err *err;
};

/* ---- How a figure is shown ---- */

/* Rounded down to tens, thousands ...: 「9000余人次」. */
static struct str down_to(struct arena *arena, struct decimal value, int64_t step)
{
        struct decimal times;
        if (!decimal_div(value, decimal_of(step), &times) ||
                        !decimal_mul(decimal_round(times, 0, DECIMAL_DOWN), decimal_of(step),
                                        &value))
                return decimal_format(arena, value);
        return decimal_format(arena, value);
}

/* 「共办理各类业务1936件」; without a value 「共办理各类业务（未纳入）」. */
static struct str sentence(struct arena *arena, struct str text, struct str shown)
{
        struct str mark = STR_LIT("{value}");
        size_t at = str_find(text, mark);
        if (at == SIZE_MAX)
                return text;
        struct buf buf = BUF(arena);
        if (str_is(shown, REPORT_UNDEFINED)) {
                /* Words that lead up to a number stand alone without it. */
                struct str before = str_slice(text, 0, at);
                struct str lead = str_slice(text, at + mark.n, text.n);
                buf_str_add(&buf, before.n != 0 ? before : lead);
                buf_format(&buf, "（%s）", REPORT_UNDEFINED);
                return buf_str(&buf);
        }
        buf_str_add(&buf, str_slice(text, 0, at));
        buf_str_add(&buf, shown);
        buf_str_add(&buf, str_slice(text, at + mark.n, text.n));
        return buf_str(&buf);
}

static struct report_line line_of(const struct report_figure *figure)
{
        return (struct report_line){
                .figure = figure,
                .id = figure->id,
                .indicator = figure->indicator,
                .unit = figure->unit,
                .qualifier = figure->qualifier.n != 0 ? figure->qualifier : STR_LIT("="),
        };
}

/* ---- Computed ---- */

/* "IND-AID-06.threshold": the part before the last dot is the indicator. */
static bool parameter_line(struct reading *r, struct report_line *line)
{
        struct str name = line->figure->parameter;
        size_t dot = name.n;
        while (dot > 0 && name.p[dot - 1] != '.')
                dot--;
        const struct indicator *indicator = dot == 0 ? NULL
                                                     : catalogue_indicator(r->world->catalogue,
                                                                       str_slice(name, 0, dot - 1));
        if (indicator != NULL)
                line->indicator = indicator->id;
        for (size_t i = 0; indicator != NULL && i < indicator->n_parameters; i++) {
                const struct parameter *p = &indicator->parameters[i];
                if (!str_eq(p->name, str_slice(name, dot, name.n)))
                        continue;
                struct value v = indicator_parameter(indicator, p, &r->world->circumstances);
                line->has_value = v.kind == VALUE_NUMBER;
                if (line->has_value)
                        line->value = v.number;
                line->shown = value_text(r->arena, &v);
                return true;
        }
        line->shown = STR_LIT(REPORT_UNDEFINED);
        return true;
}

static bool indicator_line(struct reading *r, struct report_line *line)
{
        struct figure figure;
        const struct indicator *indicator =
                        catalogue_indicator(r->world->catalogue, line->indicator);
        if (indicator == NULL) {
                line->shown = STR_LIT(REPORT_UNDEFINED);
                return true;
        }
        if (line->unit.n == 0)
                line->unit = indicator->unit;
        if (!indicator_figure(r->arena, r->world, line->indicator, period_year(r->year),
                            STR_LIT(""), r->anew, &figure, r->err))
                return false;
        line->has_value = figure.has_value;
        line->value = figure.value;
        line->shown = figure.has_value && line->figure->down_to > 0
                                      ? down_to(r->arena, figure.value, line->figure->down_to)
                                      : figure.text;
        return true;
}

static bool compute_line(struct reading *r, struct report_line *line)
{
        return line->figure->parameter.n != 0 ? parameter_line(r, line) : indicator_line(r, line);
}

/* ---- Frozen ---- */

static bool frozen_lines(struct reading *r, struct list *list)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!snapshot_rows(r->world->snapshot, Q_FROZEN_LIST,
                            PARAMS(param_text(r->definition->name), param_int(r->year)), &rows,
                            r->err))
                return false;
        while (rows_next(&rows)) {
                struct report_line *line = list_add(list);
                line->id = str_copy(r->arena, rows_text(&rows, 0));
                line->indicator = str_copy(r->arena, rows_text(&rows, 1));
                line->has_value = !rows_is_null(&rows, 2);
                if (line->has_value && !decimal_parse(rows_text(&rows, 2), &line->value, r->err))
                        return false;
                line->shown = str_copy(r->arena, rows_text(&rows, 3));
                line->unit = str_copy(r->arena, rows_text(&rows, 4));
                line->qualifier = str_copy(r->arena, rows_text(&rows, 5));
        }
        return rows_end(&rows, r->err);
}

static struct report_line *line_by_id(struct list *list, struct str id)
{
        struct report_line *lines = list->items;
        for (size_t i = 0; i < list->n; i++)
                if (str_eq(lines[i].id, id))
                        return &lines[i];
        return NULL;
}

/* The definition's figures with their frozen values; then those it does not know. */
static void arrange(struct reading *r, struct list *frozen, struct list *lines)
{
        for (size_t i = 0; i < r->definition->n_figures; i++) {
                const struct report_figure *figure = &r->definition->figures[i];
                struct report_line *known = line_by_id(frozen, figure->id);
                struct report_line *line = list_add(lines);
                if (known == NULL) {
                        *line = line_of(figure);
                        line->shown = STR_LIT(REPORT_UNDEFINED);
                        continue;
                }
                known->figure = figure;
                *line = *known;
        }
        const struct report_line *rest = frozen->items;
        for (size_t i = 0; i < frozen->n; i++)
                if (rest[i].figure == NULL)
                        *(struct report_line *)list_add(lines) = rest[i];
}

static bool is_frozen(struct reading *r, bool *ret)
{
        int64_t seq;
        return snapshot_int(r->world->snapshot, Q_FREEZE_GET,
                        PARAMS(param_text(r->definition->name), param_int(r->year)), &seq, ret,
                        r->err);
}

/* ---- All of it ---- */

static bool find(struct reading *r, struct str report)
{
        if (r->year < DATE_MIN_YEAR || r->year > DATE_MAX_YEAR)
                return err_set(r->err, E_DATE, "%d", r->year);
        r->definition = catalogue_report(r->world->catalogue, report);
        return r->definition != NULL || err_field(r->err, E_NOT_FOUND, report, "没有这个报告");
}

static bool read_lines(struct reading *r, bool frozen, struct report_view *ret)
{
        struct list known = LIST(r->arena, struct report_line);
        struct list lines = LIST(r->arena, struct report_line);
        if (frozen) {
                if (!frozen_lines(r, &known))
                        return false;
                arrange(r, &known, &lines);
        }
        for (size_t i = 0; !frozen && i < r->definition->n_figures; i++) {
                struct report_line *line = list_add(&lines);
                *line = line_of(&r->definition->figures[i]);
                if (!compute_line(r, line))
                        return false;
        }
        struct report_line *items = lines.items;
        for (size_t i = 0; i < lines.n; i++)
                if (items[i].figure != NULL)
                        items[i].text = sentence(r->arena, items[i].figure->text, items[i].shown);
        *ret = (struct report_view){ .definition = r->definition,
                .year = r->year,
                .frozen = frozen,
                .lines = items,
                .n_lines = lines.n };
        return true;
}

bool report_read(struct arena *arena, struct world *world, struct str report, int year,
                struct report_view *ret, struct err *err)
{
        struct reading r = { .arena = arena, .world = world, .year = year, .err = err };
        bool frozen;
        return find(&r, report) && is_frozen(&r, &frozen) && read_lines(&r, frozen, ret);
}

bool report_compute(struct arena *arena, struct world *world, struct str report, int year,
                struct report_view *ret, struct err *err)
{
        struct reading r = {
                .arena = arena, .world = world, .year = year, .anew = true, .err = err
        };
        return find(&r, report) && read_lines(&r, false, ret);
}

static bool compute_one(struct reading *r, struct str id, struct report_line *ret)
{
        for (size_t i = 0; i < r->definition->n_figures; i++) {
                if (!str_eq(r->definition->figures[i].id, id))
                        continue;
                *ret = line_of(&r->definition->figures[i]);
                if (!compute_line(r, ret))
                        return false;
                ret->text = sentence(r->arena, ret->figure->text, ret->shown);
                return true;
        }
        return err_field(r->err, E_NOT_FOUND, id, "报告里没有这项数据");
}

bool report_line_read(struct arena *arena, struct world *world, struct str report, int year,
                struct str id, bool anew, struct report_line *ret, bool *ret_frozen,
                struct err *err)
{
        struct reading r = {
                .arena = arena, .world = world, .year = year, .anew = anew, .err = err
        };
        struct report_view view;
        if (!find(&r, report) || !is_frozen(&r, ret_frozen))
                return false;
        if (anew || !*ret_frozen)
                return compute_one(&r, id, ret);
        if (!read_lines(&r, true, &view))
                return false;
        for (size_t i = 0; i < view.n_lines; i++)
                if (str_eq(view.lines[i].id, id)) {
                        *ret = view.lines[i];
                        return true;
                }
        return err_field(err, E_NOT_FOUND, id, "报告里没有这项数据");
}

static struct value figure_value(struct arena *arena, const struct report_line *line)
{
        struct member *members = arena_new_array(arena, 6, struct member);
        members[0] = (struct member){ STR_LIT("id"), value_string(line->id) };
        members[1] = (struct member){ STR_LIT("indicator"), value_string(line->indicator) };
        members[2] = (struct member){ STR_LIT("qualifier"), value_string(line->qualifier) };
        members[3] = (struct member){ STR_LIT("shown"), value_string(line->shown) };
        members[4] = (struct member){ STR_LIT("unit"), value_string(line->unit) };
        members[5] = (struct member){ STR_LIT("value"),
                line->has_value ? value_string(decimal_format(arena, line->value)) : value_null() };
        return value_context(members, 6);
}

bool report_freeze(struct arena *arena, struct world *world, struct str report, int year,
                struct value *ret, struct err *err)
{
        struct reading r = { .arena = arena, .world = world, .year = year, .err = err };
        struct report_view view;
        bool frozen;
        if (!find(&r, report) || !is_frozen(&r, &frozen))
                return false;
        if (frozen)
                return err_set(err, E_FOLD_FROZEN, "%.*s %d", STR_FMT(report), year);
        if (!read_lines(&r, false, &view))
                return false;
        struct value *figures = arena_new_array(arena, view.n_lines, struct value);
        for (size_t i = 0; i < view.n_lines; i++)
                figures[i] = figure_value(arena, &view.lines[i]);
        struct member *members = arena_new_array(arena, 3, struct member);
        members[0] = (struct member){ STR_LIT("figures"), value_list(figures, view.n_lines) };
        members[1] = (struct member){ STR_LIT("report"), value_string(report) };
        members[2] = (struct member){ STR_LIT("year"), value_int(year) };
        *ret = value_context(members, 3);
        return true;
}
