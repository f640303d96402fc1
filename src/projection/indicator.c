#include "projection/indicator.h"

#include "projection/entries.h"
#include "projection/entry_count.h"
#include "projection/list.h"

#define OPERAND_DEPTH 8

/* ---- Months ---- */

int period_of(struct date day)
{
        int year, month, d;
        date_parts(day, &year, &month, &d);
        return year * 100 + month;
}

int period_next(int month)
{
        return month % 100 == 12 ? month + 89 : month + 1;
}

struct date period_last_day(int month)
{
        struct date first;
        int next = period_next(month);
        return date_of(next / 100, next % 100, 1, &first) ? date_add_days(first, -1) : DATE_NONE;
}

static bool is_year(struct period period)
{
        return period.from % 100 == 1 && period.to == period.from + 11;
}

/* ---- Values ---- */

struct asking {
        struct arena *arena;
        struct world *world;
        struct str units_json;
        bool anew; /* the asked figure itself is computed, whatever is frozen */
        int depth;
        struct err *err;
};

struct answer {
        bool has, frozen;
        struct decimal value;
};

static bool answer_of(struct asking *a, struct str id, struct period period, bool anew,
                struct answer *ret);

/* A line that prints a parameter of an indicator is kept under that indicator, but is
 * not its figure. */
static bool is_parameter(const struct world *world, struct str report, struct str id)
{
        const struct report_definition *definition = catalogue_report(world->catalogue, report);
        for (size_t i = 0; definition != NULL && i < definition->n_figures; i++)
                if (str_eq(definition->figures[i].id, id))
                        return definition->figures[i].parameter.n > 0;
        return false;
}

static bool frozen_value(struct asking *a, struct str id, int year, struct answer *ret)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct decimal value;
        if (!snapshot_rows(a->world->snapshot, Q_FROZEN_OF_INDICATOR,
                            PARAMS(param_text(id), param_int(year)), &rows, a->err))
                return false;
        while (!ret->has && rows_next(&rows)) {
                if (is_parameter(a->world, rows_text(&rows, 1), rows_text(&rows, 2)))
                        continue;
                if (!decimal_parse(rows_text(&rows, 0), &value, a->err))
                        return false;
                *ret = (struct answer){ .has = true, .frozen = true, .value = value };
        }
        return rows_end(&rows, a->err);
}

static bool total(struct asking *a, const struct indicator *indicator, struct period period,
                struct answer *ret)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!snapshot_rows(a->world->snapshot, Q_TOTAL_SUM,
                            PARAMS(param_text(indicator->id), param_int(period.from),
                                            param_int(period.to), list_text_or_null(a->units_json)),
                            &rows, a->err))
                return false;
        if (rows_next(&rows))
                ret->value = indicator->kind == INDICATOR_COUNT
                                             ? decimal_of(rows_int(&rows, 0))
                                             : decimal_from_scaled(rows_int(&rows, 1),
                                                               INDICATOR_AMOUNT_DECIMALS);
        ret->has = true;
        return rows_end(&rows, a->err);
}

static bool distinct(struct asking *a, const struct indicator *indicator, struct period period,
                struct answer *ret)
{
        int64_t n;
        bool found;
        if (!snapshot_int(a->world->snapshot, Q_DISTINCT_COUNT,
                            PARAMS(param_text(indicator->id), param_int(period.from),
                                            param_int(period.to), list_text_or_null(a->units_json)),
                            &n, &found, a->err))
                return false;
        *ret = (struct answer){ .has = true, .value = decimal_of(n) };
        return true;
}

/* Division where there is something to divide by; else there is no value. */
static void divide(const struct answer *a, const struct answer *b, struct answer *ret)
{
        if (!a->has || !b->has || decimal_cmp(b->value, decimal_of(0)) == 0)
                return;
        ret->has = decimal_div(a->value, b->value, &ret->value);
}

static bool ratio(struct asking *a, const struct indicator *indicator, struct period period,
                struct answer *ret)
{
        struct answer top = { 0 }, bottom = { 0 };
        if (!answer_of(a, indicator->operand[0], period, a->anew, &top) ||
                        !answer_of(a, indicator->operand[1], period, a->anew, &bottom))
                return false;
        divide(&top, &bottom, ret);
        if (ret->has && indicator->percent)
                ret->has = decimal_mul(ret->value, decimal_of(100), &ret->value);
        return true;
}

/* Against the same months of the year before; that year's frozen figure if it has one. */
static bool growth(struct asking *a, const struct indicator *indicator, struct period period,
                struct answer *ret)
{
        struct answer now = { 0 }, before = { 0 }, difference = { .has = true };
        struct period last = { period.from - 100, period.to - 100 };
        if (!answer_of(a, indicator->operand[0], period, a->anew, &now) ||
                        !answer_of(a, indicator->operand[0], last, false, &before))
                return false;
        if (!now.has || !before.has || !decimal_sub(now.value, before.value, &difference.value))
                return true;
        divide(&difference, &before, ret);
        if (ret->has)
                ret->has = decimal_mul(ret->value, decimal_of(100), &ret->value);
        return true;
}

static bool compute(struct asking *a, const struct indicator *indicator, struct period period,
                struct answer *ret)
{
        switch (indicator->kind) {
        case INDICATOR_COUNT:
        case INDICATOR_SUM:
                return total(a, indicator, period, ret);
        case INDICATOR_DISTINCT:
                return distinct(a, indicator, period, ret);
        case INDICATOR_COUNT_ENTRIES:
        case INDICATOR_SUM_ENTRIES:
        case INDICATOR_DISTINCT_ENTRIES:
                ret->has = true;
                return entry_count(a->arena, a->world, indicator, period_last_day(period.to),
                                a->units_json, &ret->value, a->err);
        case INDICATOR_RATIO:
                return ratio(a, indicator, period, ret);
        case INDICATOR_GROWTH:
                return growth(a, indicator, period, ret);
        }
        return true;
}

static bool answer_of(struct asking *a, struct str id, struct period period, bool anew,
                struct answer *ret)
{
        const struct indicator *indicator = catalogue_indicator(a->world->catalogue, id);
        if (indicator == NULL)
                return err_field(a->err, E_NOT_FOUND, id, "没有这个指标");
        if (a->depth == OPERAND_DEPTH)
                return err_field(a->err, E_INDICATOR_LOOP, id, "引用超过 %d 层", OPERAND_DEPTH);
        *ret = (struct answer){ 0 };
        if (!anew && is_year(period) && a->units_json.n == 0 &&
                        !frozen_value(a, id, period.from / 100, ret))
                return false;
        if (ret->has)
                return true;
        a->depth++;
        bool done = compute(a, indicator, period, ret);
        a->depth--;
        if (!done)
                return false;
        if (ret->has && indicator->scale > 1)
                ret->has = decimal_div(ret->value, decimal_of(indicator->scale), &ret->value);
        return true;
}

bool indicator_figure(struct arena *arena, struct world *world, struct str id, struct period period,
                struct str units_json, bool anew, struct figure *ret, struct err *err)
{
        struct asking asking = {
                .arena = arena, .world = world, .units_json = units_json, .anew = anew, .err = err
        };
        struct answer answer = { 0 };
        if (!answer_of(&asking, id, period, anew, &answer))
                return false;
        const struct indicator *indicator = catalogue_indicator(world->catalogue, id);
        *ret = (struct figure){ .indicator = indicator,
                .has_value = answer.has,
                .frozen = answer.frozen,
                .exact = answer.value,
                .text = STR_LIT("—") };
        if (!answer.has)
                return true;
        ret->value = decimal_round(answer.value, indicator->decimals, DECIMAL_HALF_UP);
        ret->text = decimal_format_fixed(arena, answer.value, indicator->decimals);
        return true;
}

bool indicator_value(struct arena *arena, struct world *world, struct str id, struct period period,
                struct str units_json, struct figure *ret, struct err *err)
{
        return indicator_figure(arena, world, id, period, units_json, false, ret, err);
}

/* One row of totals: its number or its sum, scaled. */
static struct decimal scaled(const struct indicator *indicator, int64_t n, int64_t amount)
{
        struct decimal value =
                        indicator->kind == INDICATOR_COUNT
                                        ? decimal_of(n)
                                        : decimal_from_scaled(amount, INDICATOR_AMOUNT_DECIMALS);
        if (indicator->scale > 1 && !decimal_div(value, decimal_of(indicator->scale), &value))
                value = decimal_of(0);
        return value;
}

bool indicator_months(struct arena *arena, struct world *world, struct str id, struct period period,
                struct str units_json, const struct indicator_month **ret, size_t *ret_n,
                struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct list list = LIST(arena, struct indicator_month);
        const struct indicator *indicator = catalogue_indicator(world->catalogue, id);
        if (indicator == NULL)
                return err_field(err, E_NOT_FOUND, id, "没有这个指标");
        if (!snapshot_rows(world->snapshot, Q_TOTAL_BY_PERIOD,
                            PARAMS(param_text(id), param_int(period.from), param_int(period.to),
                                            list_text_or_null(units_json)),
                            &rows, err))
                return false;
        while (rows_next(&rows)) {
                struct indicator_month *month = list_add(&list);
                month->month = (int)rows_int(&rows, 0);
                month->value = scaled(indicator, rows_int(&rows, 1), rows_int(&rows, 2));
        }
        *ret = list.items;
        *ret_n = list.n;
        return rows_end(&rows, err);
}

bool indicator_by_unit(struct arena *arena, struct world *world, struct str id,
                struct period period, const struct indicator_unit **ret, size_t *ret_n,
                struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct list list = LIST(arena, struct indicator_unit);
        const struct indicator *indicator = catalogue_indicator(world->catalogue, id);
        if (indicator == NULL)
                return err_field(err, E_NOT_FOUND, id, "没有这个指标");
        if (!snapshot_rows(world->snapshot, Q_TOTAL_BY_UNIT,
                            PARAMS(param_text(id), param_int(period.from), param_int(period.to)),
                            &rows, err))
                return false;
        while (rows_next(&rows)) {
                struct indicator_unit *unit = list_add(&list);
                unit->unit = str_copy(arena, rows_text(&rows, 0));
                unit->value = scaled(indicator, rows_int(&rows, 1), rows_int(&rows, 2));
        }
        *ret = list.items;
        *ret_n = list.n;
        return rows_end(&rows, err);
}
