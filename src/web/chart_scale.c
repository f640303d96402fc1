#include "web/chart_scale.h"

#include <assert.h>

#include "web/view.h"

#define STEPS_MAX 5

bool chart_amount(struct decimal number, int64_t *ret)
{
        int64_t amount;
        struct decimal rounded = decimal_round(number, CHART_DECIMALS, DECIMAL_HALF_UP);
        if (!decimal_to_scaled(rounded, CHART_DECIMALS, &amount) || amount > CHART_AMOUNT_MAX ||
                        amount < -CHART_AMOUNT_MAX)
                return false;
        *ret = amount;
        return true;
}

static int64_t below(int64_t amount, int64_t step)
{
        return amount >= 0 ? 0 : -((-amount + step - 1) / step * step);
}

static int64_t above(int64_t amount, int64_t step)
{
        return amount <= 0 ? 0 : (amount + step - 1) / step * step;
}

struct chart_scale chart_scale(int64_t least, int64_t most, bool whole)
{
        static const int factors[] = { 1, 2, 5 };
        assert(-CHART_AMOUNT_MAX <= least && most <= CHART_AMOUNT_MAX);
        least = least < 0 ? least : 0;
        most = most > 0 ? most : 0;
        int64_t power = whole ? CHART_ONE : 1;
        for (size_t i = 0;; i++) {
                if (i == N_ELEMENTS(factors)) {
                        i = 0;
                        power *= 10;
                }
                int64_t step = power * factors[i];
                int64_t low = below(least, step), high = above(most, step);
                if (low == high)
                        high += step;
                if ((high - low) / step <= STEPS_MAX)
                        return (struct chart_scale){ low, high, step };
        }
}

int chart_place(const struct chart_scale *scale, int64_t amount, int length)
{
        int64_t from = amount - scale->low, range = scale->high - scale->low;
        while (range >= (int64_t)1 << 48) { /* more than any length can show */
                from /= 2;
                range /= 2;
        }
        return (int)(from * length / range);
}

struct str chart_tick(struct arena *arena, const struct chart_scale *scale, int64_t amount)
{
        static const struct {
                int64_t least; /* the step that asks for it */
                int places;
                const char *word;
        } units[] = {
                { (int64_t)CHART_ONE * 50000000, 8, "亿" },
                { (int64_t)CHART_ONE * 5000, 4, "万" },
                { 0, 0, "" },
        };
        size_t i = 0;
        int64_t most = scale->high > -scale->low ? scale->high : -scale->low;
        while (scale->step < units[i].least || (units[i].least > 0 && most < units[i].least * 2))
                i++;
        struct decimal number = decimal_from_scaled(amount, CHART_DECIMALS + units[i].places);
        return str_format(arena, "%.*s%s",
                        STR_FMT(view_grouped(arena, decimal_format(arena, number))),
                        amount != 0 ? units[i].word : "");
}
