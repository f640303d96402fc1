/* projection/test_case.h - a bureau with the definitions of tests/data/projection, and what
 * tests ask of it. */
#ifndef PROJECTION_TEST_CASE_H
#define PROJECTION_TEST_CASE_H

#include "projection/indicator.h"
#include "projection/rebuild.h"
#include "projection/test_bureau.h"

static inline struct bureau *open_bureau_on(struct store *store)
{
        static const char *const files[] = { "tests/data/projection/case.yaml",
                "tests/data/projection/firms.yaml", "tests/data/projection/indicators.yaml",
                "tests/data/projection/report.yaml" };
        return bureau_open(store, files, N_ELEMENTS(files));
}

static inline struct bureau *open_bureau(void)
{
        return open_bureau_on(bureau_store(false));
}

static inline int64_t begin(struct bureau *b, const char *json)
{
        int64_t id = bureau_act(b, &(struct bureau_act){ .procedure = "case",
                                                   .who = "clerk",
                                                   .act = "begin",
                                                   .json = json });
        bureau_must(b, id != 0);
        return id;
}

static inline void change(struct bureau *b, int64_t id, const char *act, const char *json)
{
        bureau_must(b, bureau_act(b, &(struct bureau_act){ .matter = id,
                                                     .who = "clerk",
                                                     .act = act,
                                                     .json = json }) == id);
}

/* ---- Reading, as a page would ---- */

struct reader {
        struct arena *arena;
        struct snapshot *snapshot;
        struct world world;
};

static inline void reader_open(struct reader *r, struct bureau *b)
{
        r->arena = b->arena;
        r->snapshot = NULL;
        bureau_must(b, snapshot_open(b->store, &r->snapshot, &b->err));
        world_open(&r->world, r->snapshot, projection_catalogue(b->projection),
                        projection_calendars(b->projection), &test_site, b->now);
}

static inline void reader_close(struct reader *r)
{
        assert_false(r->world.failed);
        snapshot_close(&r->snapshot);
}

/* The shown value of an indicator for a year, of a unit or the whole site. */
static inline const char *figure_of(struct bureau *b, const char *id, int year, const char *unit)
{
        struct reader r;
        struct figure figure;
        struct str units = { NULL, 0 };
        const struct str *texts;
        size_t n;
        reader_open(&r, b);
        if (unit != NULL)
                bureau_must(b, world_units(r.arena, r.snapshot, str_of(unit), moment_date(b->now),
                                               &units, &texts, &n, &b->err));
        bureau_must(b, indicator_value(r.arena, &r.world, str_of(id), period_year(year), units,
                                       &figure, &b->err));
        reader_close(&r);
        return str_c(b->arena, figure.text);
}

/* Sums the drilled-down rows, a page of two at a time: what the figure must be. */
static inline const char *summed(
                struct bureau *b, const char *id, int year, int *ret_n, int *ret_late)
{
        struct reader r;
        struct indicator_cursor cursor = { 0 };
        struct decimal sum = decimal_of(0);
        bool more = true;
        *ret_n = *ret_late = 0;
        reader_open(&r, b);
        while (more) {
                const struct indicator_row *rows;
                size_t n;
                bureau_must(b, indicator_rows(r.arena, &r.world, str_of(id), period_year(year),
                                               STR_LIT(""), &cursor, 2, &rows, &n, &more, &b->err));
                for (size_t i = 0; i < n; i++) {
                        assert_true(decimal_add(sum, rows[i].amount, &sum));
                        *ret_late += rows[i].late;
                        assert_true(rows[i].number.n != 0);
                }
                *ret_n += (int)n;
        }
        reader_close(&r);
        return str_c(b->arena, decimal_format(b->arena, sum));
}

/* ---- Rebuilding ---- */

static inline void assert_rebuilds(struct bureau *b)
{
        struct store *again = bureau_store(false);
        struct snapshot *live = NULL, *made = NULL;
        struct projection_difference difference;
        bureau_must(b, projection_rebuild(b->store, again, &test_site, NULL, NULL, &b->err));
        bureau_must(b, snapshot_open(b->store, &live, &b->err));
        bureau_must(b, snapshot_open(again, &made, &b->err));
        bureau_must(b, projection_compare(b->arena, live, made, &difference, &b->err));
        if (difference.differs)
                fail_msg("%s row %lld column %s:\n%.*s\n%.*s", difference.table,
                                (long long)difference.row, difference.column, STR_FMT(difference.a),
                                STR_FMT(difference.b));
        snapshot_close(&live);
        snapshot_close(&made);
        store_close(&again);
}

#endif
