/* What must hold after any acts whatever. */
#include "model.h"

#include <stdlib.h>

#include "desk/audit.h"
#include "desk/history.h"
#include "projection/indicator.h"
#include "projection/matter_read.h"
#include "projection/rebuild.h"
#include "projection/world.h"
#include "store/ids.h"

/* ---- The ledger holds what was acknowledged, and nothing else ---- */

int64_t model_store_events(struct model *model)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        int64_t n = 0;
        bool found;
        model_must(model,
                        snapshot_open(site_store(model->site), &snapshot, &model->err) &&
                                        snapshot_int(snapshot, Q_EVENT_COUNT, NO_PARAMS, &n, &found,
                                                        &model->err),
                        "event count");
        return n;
}

static bool is_kernel(struct str procedure)
{
        return str_is(procedure, "definition") || str_is(procedure, "calendar") ||
               str_is(procedure, "report") || str_is(procedure, "site");
}

static void check_events(struct model *model, struct snapshot *snapshot)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        int64_t n = 0;
        struct moment last = { INT64_MIN };
        model_must(model,
                        snapshot_rows(snapshot, Q_EVENTS_FROM,
                                        PARAMS(param_int(0), param_int(INT64_MAX),
                                                        param_int(INT64_MAX)),
                                        &rows, &model->err),
                        "events");
        while (rows_next(&rows)) {
                struct leaf leaf;
                model_must(model, ledger_parse_leaf(rows_blob(&rows, 3), &leaf, &model->err),
                                "leaf");
                if (leaf.time.second < last.second)
                        model_fail(model, "event %lld is earlier than the one before it",
                                        (long long)rows_int(&rows, 0));
                last = leaf.time;
                n += !is_kernel(leaf.procedure);
        }
        model_must(model, rows_end(&rows, &model->err), "events");
        if (n != model->n_events)
                model_fail(model, "%lld events in the ledger, %lld were acknowledged", (long long)n,
                                (long long)model->n_events);
}

/* Those since the last time, and at the end all. */
static void check_acknowledged(struct model *model, struct snapshot *snapshot)
{
        size_t from = model->step == model->steps ? 0 : model->n_checked;
        for (size_t i = from; i < model->n_acknowledged; i++) {
                const struct acknowledged *a = &model->acknowledged[i];
                struct past_event event;
                int64_t matter;
                model_must(model,
                                history_event(model->arena, snapshot, id_of(0, a->seq), &event,
                                                &matter, &model->err),
                                "an acknowledged event");
                if (matter != a->matter || model_hash(event.leaf.act) != a->act ||
                                (a->matter != 0 && model_hash(event.leaf.matter) != a->number))
                        model_fail(model, "event %lld is not what was acknowledged",
                                        (long long)a->seq);
        }
        model->n_checked = model->n_acknowledged;
}

/* ---- No clock is lost ---- */

static const struct clock_row *row_of(const struct clock_row *rows, size_t n, size_t clock)
{
        for (size_t i = 0; i < n; i++)
                if (rows[i].clock == clock)
                        return &rows[i];
        return NULL;
}

static void check_clock(struct model *model, const struct matter *matter, size_t i,
                const struct clock_row *row)
{
        const struct matter_clock *clock = &matter->clocks[i];
        const struct calendar *calendar =
                        calendar_as_known(site_calendars(model->site), moment_date(model->now));
        const struct site_facts *site = site_facts(model->site);
        struct str name = matter->version->clocks[i].name;
        struct moment look;
        if (clock->status == CLOCK_NONE && row == NULL)
                return;
        bool looks = matter_next_look(matter, i, calendar, site->yellow, site->red, &look);
        if (row == NULL || row->status != clock->status || row->warned != clock->warned ||
                        row->looks != looks || (looks && row->next_look.second != look.second))
                model_fail(model, "%.*s: clock %.*s is lost (row %s, looks %d, due %lld)",
                                STR_FMT(matter->number), STR_FMT(name),
                                row != NULL ? "there" : "missing", looks,
                                looks ? (long long)look.second : 0);
        if (looks && look.second <= model->now.second)
                model_fail(model, "%.*s: clock %.*s was due and is still to be looked at",
                                STR_FMT(matter->number), STR_FMT(name));
}

static void check_clocks(struct model *model, struct snapshot *snapshot)
{
        for (size_t i = 0; i < model->n_matters; i++) {
                struct matter *matter;
                const struct clock_row *rows;
                size_t n;
                model_must(model,
                                matter_read(model->arena, snapshot, site_catalogue(model->site),
                                                model->matters[i], &matter, &model->err) &&
                                                clock_rows(model->arena, snapshot, matter->id,
                                                                &rows, &n, &model->err),
                                "clocks");
                for (size_t c = 0; c < matter->version->n_clocks; c++)
                        check_clock(model, matter, c, row_of(rows, n, c));
        }
}

/* ---- Figures are sums of records ---- */

struct sum {
        uint64_t key;
        int64_t n, amount;
};

static struct sum *sum_of(struct sum *sums, size_t *n, uint64_t key)
{
        for (size_t i = 0; i < *n; i++)
                if (sums[i].key == key)
                        return &sums[i];
        sums[*n] = (struct sum){ .key = key };
        return &sums[(*n)++];
}

static uint64_t sum_key(const struct rows *rows, int unit)
{
        return model_hash(rows_text(rows, 0)) * 31 + (uint64_t)rows_int(rows, 1) * 7 +
               model_hash(rows_text(rows, unit));
}

/* The table of totals against the contributions. A late row may hold a correction that
 * counts -1, so totals are compared by amount where that is a count, and by rows else. */
static void check_totals(struct model *model, struct snapshot *snapshot)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct rows totals _cleanup_(rows_close) = { 0 };
        struct sum *sums = calloc(100000, sizeof(*sums));
        size_t n = 0;
        model_must(model,
                        sums != NULL && snapshot_rows(snapshot, Q_ROWS_CONTRIBUTION, NO_PARAMS,
                                                        &rows, &model->err),
                        "contributions");
        while (n < 99999 && rows_next(&rows)) {
                struct sum *sum = sum_of(sums, &n, sum_key(&rows, 5));
                sum->n++;
                sum->amount += rows_int(&rows, 6);
        }
        model_must(model,
                        rows_end(&rows, &model->err) &&
                                        snapshot_rows(snapshot, Q_ROWS_TOTAL, NO_PARAMS, &totals,
                                                        &model->err),
                        "totals");
        while (rows_next(&totals)) {
                struct sum *sum = sum_of(sums, &n, sum_key(&totals, 2));
                if (sum->amount != rows_int(&totals, 4))
                        model_fail(model, "total %.*s, %lld, %.*s: %lld; contributions %lld",
                                        STR_FMT(rows_text(&totals, 0)),
                                        (long long)rows_int(&totals, 1),
                                        STR_FMT(rows_text(&totals, 2)),
                                        (long long)rows_int(&totals, 4), (long long)sum->amount);
                sum->amount = 0;
        }
        model_must(model, rows_end(&totals, &model->err), "totals");
        for (size_t i = 0; i < n; i++)
                if (sums[i].amount != 0)
                        model_fail(model, "contributions without a total");
        free(sums);
}

static int by_text(const void *a, const void *b)
{
        return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* The rows that a figure opens to: their number, sum or number of different texts. */
static struct decimal add_up(struct model *model, struct world *world,
                const struct indicator *indicator, struct period period)
{
        struct indicator_cursor cursor = { 0 };
        struct decimal sum = decimal_of(0);
        bool more = true, distinct = indicator->kind == INDICATOR_DISTINCT ||
                                     indicator->kind == INDICATOR_DISTINCT_ENTRIES;
        struct str *texts = NULL;
        size_t n_texts = 0, different = 0;
        while (more) {
                const struct indicator_row *rows;
                size_t n;
                model_must(model,
                                indicator_rows(model->arena, world, indicator->id, period,
                                                STR_LIT(""), &cursor, 7, &rows, &n, &more,
                                                &model->err),
                                "rows of a figure");
                texts = arena_grow(model->arena, texts, n_texts, n, sizeof(*texts));
                for (size_t i = 0; i < n; i++) {
                        if (rows[i].distinct.n > 0)
                                texts[n_texts++] = rows[i].distinct;
                        if (!decimal_add(sum, rows[i].amount, &sum))
                                model_fail(model, "sum of %.*s", STR_FMT(indicator->id));
                }
        }
        if (!distinct)
                return sum;
        if (n_texts > 0)
                qsort(texts, n_texts, sizeof(*texts), by_text);
        for (size_t i = 0; i < n_texts; i++)
                different += i == 0 || !str_eq(texts[i], texts[i - 1]);
        return decimal_of((int64_t)different);
}

static void check_figures(struct model *model, struct snapshot *snapshot)
{
        const struct catalogue *catalogue = site_catalogue(model->site);
        struct world world;
        int year = date_year(moment_date(model->now)) - (int)model_below(model, 2);
        world_open(&world, snapshot, catalogue, site_calendars(model->site),
                        site_facts(model->site), model->now);
        for (size_t i = 0; i < catalogue->n_indicators; i++) {
                const struct indicator *indicator = &catalogue->indicators[i];
                struct figure figure;
                struct decimal scaled;
                if (indicator->kind == INDICATOR_RATIO || indicator->kind == INDICATOR_GROWTH)
                        continue;
                model_must(model,
                                indicator_value(model->arena, &world, indicator->id,
                                                period_year(year), STR_LIT(""), &figure,
                                                &model->err),
                                "figure");
                if (!figure.has_value || figure.frozen)
                        continue;
                struct decimal sum = add_up(model, &world, indicator, period_year(year));
                if (indicator->scale > 1 && decimal_div(sum, decimal_of(indicator->scale), &scaled))
                        sum = scaled;
                if (decimal_cmp(sum, figure.exact) != 0)
                        model_fail(model, "%.*s in %d: %.*s, but its rows make %.*s",
                                        STR_FMT(indicator->id), year,
                                        STR_FMT(decimal_format(model->arena, figure.exact)),
                                        STR_FMT(decimal_format(model->arena, sum)));
        }
        if (world.failed)
                model_fail(model, "the store could not be read");
}

/* ---- Rebuilt = live; the ledger verifies ---- */

static void check_rebuilt(struct model *model, struct snapshot *live)
{
        struct store_options options = { .create = true };
        struct store *again = NULL;
        struct snapshot *made = NULL;
        struct projection_difference difference;
        model_must(model,
                        store_open(":memory:", &options, &again, &model->err) &&
                                        projection_rebuild(site_store(model->site), again,
                                                        site_facts(model->site), NULL, NULL,
                                                        &model->err) &&
                                        snapshot_open(again, &made, &model->err) &&
                                        projection_compare(model->arena, live, made, &difference,
                                                        &model->err),
                        "rebuild");
        if (difference.differs)
                model_fail(model, "rebuilt: %s row %lld column %s\n# live  %.*s\n# again %.*s",
                                difference.table, (long long)difference.row, difference.column,
                                STR_FMT(difference.a), STR_FMT(difference.b));
        snapshot_close(&made);
        store_close(&again);
}

static void check_audit(struct model *model)
{
        struct audit audit;
        model_must(model, site_audit(model->site, &audit, &model->err), "audit");
        if ((int64_t)audit.n_matters != (int64_t)model->n_matters)
                model_fail(model, "%zu matters, the audit saw %llu", model->n_matters,
                                (unsigned long long)audit.n_matters);
}

/* Matters that acts opened beside those that were begun. */
static void find_matters(struct model *model, struct snapshot *snapshot)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        model->n_matters = 0;
        model_must(model,
                        snapshot_rows(snapshot, Q_MATTERS_FROM,
                                        PARAMS(param_int(0), param_int(1 << 24)), &rows,
                                        &model->err),
                        "matters");
        while (rows_next(&rows)) {
                if (model->n_matters == model->matters_capacity) {
                        model->matters_capacity = 2 * model->matters_capacity + 256;
                        model->matters = realloc(model->matters,
                                        model->matters_capacity * sizeof(*model->matters));
                        if (model->matters == NULL)
                                abort();
                }
                model->matters[model->n_matters++] = rows_int(&rows, 0);
        }
        model_must(model, rows_end(&rows, &model->err), "matters");
}

void check_everything(struct model *model)
{
        struct snapshot *snapshot = NULL;
        arena_reset(model->arena);
        model_must(model, snapshot_open(site_store(model->site), &snapshot, &model->err),
                        "snapshot");
        find_matters(model, snapshot);
        check_events(model, snapshot);
        check_acknowledged(model, snapshot);
        check_clocks(model, snapshot);
        check_series(model, snapshot);
        check_totals(model, snapshot);
        check_figures(model, snapshot);
        check_rebuilt(model, snapshot);
        snapshot_close(&snapshot);
        check_audit(model);
}
