/* Events that are about no matter: definitions, calendars, reports. */
#include "projection/fold.h"
#include "projection/indicator.h"
#include "projection/list.h"

static struct str text_of(const struct value *context, const char *name)
{
        const struct value *v = context != NULL && context->kind == VALUE_CONTEXT
                                                ? value_get(context, str_of(name))
                                                : NULL;
        return v != NULL && v->kind == VALUE_STRING ? v->string : (struct str){ NULL, 0 };
}

/* ---- Definitions and calendars ---- */

static bool put_text(struct fold *fold, enum query query)
{
        struct str name = text_of(&fold->fact->data, "name");
        struct str text = text_of(&fold->fact->data, "text");
        if (name.n == 0 || text.n == 0)
                return fold_broken(fold, "缺少 name 或 text");
        fold->projection->stale = !fold->projection->given;
        return tx_put(fold->tx, query,
                        PARAMS(param_text(name), param_text(text), param_int(fold->id)), fold->err);
}

static bool activate(struct fold *fold)
{
        fold->projection->redefined = !fold->projection->given;
        return put_text(fold, Q_DEFINITION_PUT);
}

static bool retire(struct fold *fold)
{
        struct str name = text_of(&fold->fact->data, "name");
        if (name.n == 0)
                return fold_broken(fold, "缺少 name");
        fold->projection->stale = fold->projection->redefined = !fold->projection->given;
        return tx_put(fold->tx, Q_DEFINITION_DROP, PARAMS(param_text(name)), fold->err);
}

#define PORTION 256

/* The next matters with a running clock after `after`. */
static bool counting(struct fold *fold, int64_t after, int64_t *ids, size_t *ret_n)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        *ret_n = 0;
        if (!snapshot_rows(tx_snapshot(fold->tx), Q_CLOCKS_COUNTING,
                            PARAMS(param_int(after), param_int(PORTION)), &rows, fold->err))
                return false;
        while (*ret_n < PORTION && rows_next(&rows))
                ids[(*ret_n)++] = rows_int(&rows, 0);
        return rows_end(&rows, fold->err);
}

static bool clocks_again(struct fold *fold, int64_t id)
{
        struct matter *matter;
        if (!projection_matter(fold->arena, fold->tx, fold->projection, id, &matter, fold->err))
                return false;
        fold->after = matter;
        bool done = fold_clocks_again(fold);
        fold->after = NULL;
        return done;
}

/* A new notice moves every clock that runs. It is not read before there is one: a site begins
 * with a dozen of them. */
static bool load_calendar(struct fold *fold)
{
        int64_t ids[PORTION], after = 0;
        size_t n;
        if (!put_text(fold, Q_CALENDAR_PUT) || !counting(fold, after, ids, &n))
                return false;
        if (n == 0)
                return true;
        if (fold->projection->stale &&
                        !projection_reload(fold->projection, tx_snapshot(fold->tx), fold->err))
                return false;
        fold->world.calendar = calendar_as_known(
                        fold->projection->calendars, moment_date(fold->fact->time));
        fold->world.catalogue = fold->projection->catalogue;
        while (n != 0) {
                for (size_t i = 0; i < n; i++)
                        if (!clocks_again(fold, ids[i]))
                                return false;
                after = ids[n - 1];
                if (!counting(fold, after, ids, &n))
                        return false;
        }
        return true;
}

/* ---- Reports ---- */

static bool freeze_figure(struct fold *fold, struct str report, int64_t year,
                const struct value *figure, size_t n)
{
        struct str value = text_of(figure, "value");
        if (figure->kind != VALUE_CONTEXT || text_of(figure, "id").n == 0)
                return fold_broken(fold, "冻结的数据缺少编号");
        return tx_put(fold->tx, Q_FROZEN_PUT,
                        PARAMS(param_text(report), param_int(year),
                                        param_text(text_of(figure, "id")), param_int((int64_t)n),
                                        param_text(text_of(figure, "indicator")),
                                        list_text_or_null(value),
                                        param_text(text_of(figure, "shown")),
                                        param_text(text_of(figure, "unit")),
                                        param_text(text_of(figure, "qualifier"))),
                        fold->err);
}

static bool freeze(struct fold *fold)
{
        const struct value *figures = fold_data(fold, "figures");
        const struct value *given = fold_data(fold, "year");
        struct str report = text_of(&fold->fact->data, "report");
        int64_t year = 0, seq;
        bool found;
        if (report.n == 0 || given == NULL || given->kind != VALUE_NUMBER ||
                        !decimal_to_int(given->number, &year) || year < DATE_MIN_YEAR ||
                        year > DATE_MAX_YEAR || figures == NULL || figures->kind != VALUE_LIST)
                return fold_broken(fold, "缺少 report、year 或 figures");
        if (!snapshot_int(tx_snapshot(fold->tx), Q_FREEZE_GET,
                            PARAMS(param_text(report), param_int(year)), &seq, &found, fold->err))
                return false;
        if (found)
                return err_set(fold->err, E_FOLD_FROZEN, "%.*s %lld", STR_FMT(report),
                                (long long)year);
        if (!tx_put(fold->tx, Q_FREEZE_PUT,
                            PARAMS(param_text(report), param_int(year), param_int(fold->id)),
                            fold->err))
                return false;
        for (size_t i = 0; i < figures->list.n; i++)
                if (!freeze_figure(fold, report, year, &figures->list.items[i], i))
                        return false;
        int last = period_year((int)year).to;
        if (last > fold->projection->frozen_through)
                fold->projection->frozen_through = last;
        return true;
}

static bool nothing(struct fold *fold)
{
        (void)fold;
        return true;
}

bool fold_kernel(struct fold *fold)
{
        static const struct {
                const char *kind, *act;
                bool (*fold)(struct fold *fold);
        } kernel_acts[] = {
                { KIND_DEFINITION, ACT_ACTIVATE, activate },
                { KIND_DEFINITION, ACT_RETIRE, retire },
                { KIND_CALENDAR, ACT_LOAD, load_calendar },
                { KIND_REPORT, ACT_FREEZE, freeze },
                { KIND_REPORT, ACT_LOAD_FROZEN, freeze },
                { KIND_SITE, NULL, nothing },
                { KIND_ERASURE, ACT_ERASE, nothing },
        };
        for (size_t i = 0; i < N_ELEMENTS(kernel_acts); i++)
                if (str_is(fold->fact->reg, kernel_acts[i].kind) &&
                                (kernel_acts[i].act == NULL ||
                                                str_is(fold->fact->act, kernel_acts[i].act)))
                        return kernel_acts[i].fold(fold);
        return fold_broken(fold, "没有这种事件");
}
