/* bench/bench_report.c - what reading costs as matters grow in number: the report, opening a
 * figure, a page of the docket, one matter, a search.
 *
 * For each number of matters a bureau lives its year (bench/bureau), and each question is
 * asked as a page would: a snapshot is opened, the answer made, the snapshot closed.
 * Medians of 15 after one that is not counted. The reports are computed, not frozen.
 *
 * usage: PLUMBLINE_SOURCE=. bench_report FOLDER [MATTERS ...]
 * A million matters take several minutes and about 6 GB. FOLDER must not exist. */
#include <unistd.h>

#include "bench/bench.h"
#include "bench/bureau.h"
#include "desk/files.h"
#include "projection/docket.h"
#include "projection/matter_read.h"
#include "projection/report.h"
#include "projection/search.h"
#include "store/store.h"

#define N_RUNS    15
#define ROWS      50
#define SIZES_MAX 6
#define YEAR      2021

struct asking {
        struct arena *arena;
        struct site *site;
        struct snapshot *snapshot;
        struct world world;
        struct str indicator; /* of the figure to open */
        int64_t matter;       /* of the page to show */
};

static void ask_report(struct asking *a)
{
        struct report_view view;
        struct err err;
        must(report_compute(a->arena, &a->world, STR_LIT("annual"), YEAR, &view, &err), &err);
}

static void open_figure(struct asking *a, struct str id)
{
        struct indicator_cursor cursor = { 0 };
        const struct indicator_row *rows;
        size_t n;
        bool more;
        struct err err;
        must(indicator_rows(a->arena, &a->world, id, period_year(YEAR), STR_LIT(""), &cursor, ROWS,
                             &rows, &n, &more, &err),
                        &err);
}

static void ask_figure(struct asking *a)
{
        open_figure(a, a->indicator);
}

static void ask_docket_with(struct asking *a, const struct docket_filter *filter)
{
        const struct docket_row *rows;
        size_t n;
        bool more;
        struct err err;
        must(docket_rows(a->arena, a->snapshot, filter, &rows, &n, &more, &err), &err);
        if (n == 0)
                die("an empty page");
        a->matter = rows[n / 2].id;
}

static void ask_docket(struct asking *a)
{
        ask_docket_with(a, &(struct docket_filter){ .procedure = STR_LIT("mediation"),
                                           .limit = ROWS,
                                           .today = moment_date(a->world.now) });
}

static void ask_search(struct asking *a)
{
        ask_docket_with(a, &(struct docket_filter){ .text = STR_LIT("邻里"),
                                           .limit = ROWS,
                                           .today = moment_date(a->world.now) });
}

static void ask_matter(struct asking *a)
{
        struct matter *matter;
        const struct clock_row *clocks;
        struct rows rows _cleanup_(rows_close) = { 0 };
        size_t n;
        struct err err;
        must(matter_read(a->arena, a->snapshot, site_catalogue(a->site), a->matter, &matter,
                             &err) &&
                                        clock_rows(a->arena, a->snapshot, a->matter, &clocks, &n,
                                                        &err) &&
                                        snapshot_rows(a->snapshot, Q_EVENTS_OF_MATTER,
                                                        PARAMS(param_int(a->matter)), &rows, &err),
                        &err);
        while (rows_next(&rows))
                (void)rows_blob(&rows, 3);
        must(rows_end(&rows, &err), &err);
}

static const struct question {
        const char *name;
        void (*ask)(struct asking *a);
        double wanted; /* milliseconds, at any number of matters */
} questions[] = {
        { "report", ask_report, 50 },
        { "figure opened, 50 rows", ask_figure, 20 },
        { "docket page, 50 rows", ask_docket, 20 },
        { "two-character search, 50 rows", ask_search, 20 },
        { "matter with its events", ask_matter, 20 },
};

static struct moment year_end(void)
{
        struct date day = DATE_NONE;
        if (!date_of(YEAR, 12, 31, &day))
                die("no such day");
        return moment_of(day, 18, 0, 0);
}

static struct spread milliseconds(struct asking *a, void (*ask)(struct asking *a))
{
        double times[N_RUNS];
        for (int i = -1; i < N_RUNS; i++) {
                struct err err;
                arena_reset(a->arena);
                double start = now_seconds();
                must(snapshot_open(site_store(a->site), &a->snapshot, &err), &err);
                world_open(&a->world, a->snapshot, site_catalogue(a->site), site_calendars(a->site),
                                site_facts(a->site), year_end());
                ask(a);
                snapshot_close(&a->snapshot);
                if (i >= 0)
                        times[i] = (now_seconds() - start) * 1e3;
        }
        return spread_of(times, N_RUNS);
}

/* Every figure of the report that counts anything is opened once; kept is the slowest. */
static void find_slowest_figure(struct asking *a)
{
        const struct report_definition *report =
                        catalogue_report(site_catalogue(a->site), STR_LIT("annual"));
        struct err err;
        double slowest = -1;
        must(snapshot_open(site_store(a->site), &a->snapshot, &err), &err);
        world_open(&a->world, a->snapshot, site_catalogue(a->site), site_calendars(a->site),
                        site_facts(a->site), year_end());
        for (size_t i = 0; i < report->n_figures; i++) {
                struct str id = report->figures[i].indicator;
                struct figure figure;
                if (id.n == 0 || !indicator_value(a->arena, &a->world, id, period_year(YEAR),
                                                 STR_LIT(""), &figure, &err))
                        continue;
                if (figure.indicator->kind == INDICATOR_RATIO ||
                                figure.indicator->kind == INDICATOR_GROWTH)
                        continue;
                open_figure(a, id); /* once, so that all are equally warm */
                double start = now_seconds();
                open_figure(a, id);
                double seconds = now_seconds() - start;
                if (seconds > slowest) {
                        slowest = seconds;
                        a->indicator = id;
                }
        }
        snapshot_close(&a->snapshot);
}

int main(int argc, char **argv)
{
        if (argc < 2)
                return 2;
        double at_first = 0, at_last = 0;
        char site[1000], name[100];
        int sizes[SIZES_MAX] = { 10000, 100000 }, n_sizes = 2;
        struct err err;
        if (argc > 2) {
                n_sizes = argc - 2 < SIZES_MAX ? argc - 2 : SIZES_MAX;
                for (int i = 0; i < n_sizes; i++)
                        sizes[i] = number_argument(argc, argv, 2 + i, 0);
        }
        must(folder_make(str_of(argv[1]), 0755, &err), &err);
        snprintf(site, sizeof(site), "%s/site", argv[1]);
        for (int i = 0; i < n_sizes; i++) {
                struct asking a = { .arena = arena_open() };
                struct lived lived = bureau_live(
                                path_in(bureau_source(), "bench/bureau"), site, sizes[i]);
                printf("%zu matters, %zu acts in %.0f s, database %.0f MB, memory %.0f MB\n",
                                lived.result.n_matters, lived.result.n_acts, lived.seconds,
                                file_megabytes(path_in(site, "plumbline.db")), peak_megabytes());
                must(site_open(str_of(site), &a.site, &err), &err);
                find_slowest_figure(&a);
                for (size_t q = 0; q < N_ELEMENTS(questions); q++) {
                        struct spread ms = milliseconds(&a, questions[q].ask);
                        snprintf(name, sizeof(name), "%s at %d, ms", questions[q].name, sizes[i]);
                        result(name, ms, questions[q].wanted, false);
                        if (q == 0 && i == 0)
                                at_first = ms.median;
                        if (q == 0)
                                at_last = ms.median;
                }
                site_close(&a.site);
                arena_close(&a.arena);
                folder_remove(site);
        }
        double ratio = at_last / at_first;
        snprintf(name, sizeof(name), "report: time at %d over time at %d", sizes[n_sizes - 1],
                        sizes[0]);
        result(name, (struct spread){ ratio, ratio, ratio }, 1.3, false);
        folder_remove(argv[1]);
        return 0;
}
