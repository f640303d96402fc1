/* bench/bench_year.c - a whole year through the program, with all checks on, against the same
 * rows and bytes written by SQLite alone; and what memory it takes.
 *
 * A year is lived as `plumbline run-year` does it: ordinary acts through the one door, each
 * window committed and flushed behind the next (desk_options.flush_behind), timers,
 * publications, figures, a signed end. The ceiling: every statement that year wrote, from the
 * first definition to the frozen report, written again in order into an empty database in
 * batches of 100 events (bench/capture.h), synchronous=FULL. The rate of the year counts its
 * events over the time of its simulation; year and ceiling run in turns on the same disk.
 *
 * usage: PLUMBLINE_SOURCE=. bench_year FOLDER [SCENARIO [RUNS [SCALE]]]
 * SCALE: thousandths of every path's count (bench/bureau.h). FOLDER must not exist. */
#include "bench/bench.h"
#include "bench/bureau.h"
#include "bench/capture.h"
#include "desk/files.h"

#define BATCH            100
#define WANTED           0.6
#define WANTED_MEGABYTES 300.0
#define WANTED_SECONDS   75.0

int main(int argc, char **argv)
{
        if (capture_has_replayed(argc, argv))
                return 0;
        if (argc < 2)
                return 2;
        const char *folder = argv[1];
        const char *scenario = argc > 2 ? argv[2] : path_in(bureau_source(), "bench/bureau");
        int runs = number_argument(argc, argv, 3, 5);
        int scale = number_argument(argc, argv, 4, argc > 2 ? 1000 : 10000);
        double ratios[N_RUNS_MAX], seconds[N_RUNS_MAX], acts[N_RUNS_MAX];
        char site[1000], raw[1000], statements[1000];
        struct capture_numbers captured = { 0 };
        struct err err;
        must(folder_make(str_of(folder), 0755, &err), &err);
        snprintf(site, sizeof(site), "%s/site", folder);
        snprintf(raw, sizeof(raw), "%s/raw.db", folder);
        snprintf(statements, sizeof(statements), "%s/statements", folder);
        if (runs > N_RUNS_MAX)
                runs = N_RUNS_MAX;

        for (int i = 0; i < runs; i++) {
                struct lived lived = bureau_live(scenario, site, scale);
                folder_remove(site);
                if (i == 0) { /* before anything else has made this process big */
                        double peak = peak_megabytes();
                        result("year: peak memory, MB", (struct spread){ peak, peak, peak },
                                        WANTED_MEGABYTES, false);
                }
                if (getenv("BENCH_PROFILE") != NULL) {
                        printf("%zu acts in %.1f s, %.1f s CPU\n", lived.result.n_acts,
                                        lived.seconds, lived.cpu);
                        continue;
                }
                char *rows = NULL;
                if (i == 0) {
                        capture_start(statements);
                        bureau_live(scenario, site, scale);
                        captured = capture_stop();
                        rows = database_rows(path_in(site, "plumbline.db"));
                        printf("%zu matters, %zu acts, %zu timers, %llu events: %.1f statements and "
                               "%.0f bytes of values each, %llu commits, a database of %.0f MB\n",
                                        lived.result.n_matters, lived.result.n_acts,
                                        lived.result.n_timers, (unsigned long long)captured.events,
                                        (double)captured.statements / (double)captured.events,
                                        (double)captured.bytes / (double)captured.events,
                                        (unsigned long long)captured.commits,
                                        file_megabytes(path_in(site, "plumbline.db")));
                        folder_remove(site);
                }
                database_create(raw);
                struct replay replay = capture_replay(statements, raw, BATCH);
                if (rows != NULL) {
                        char *same = database_rows(raw);
                        if (strcmp(rows, same) != 0)
                                fprintf(stderr, "%s\n---\n%s", rows, same),
                                                die("the rows written again are not the same");
                        free(same);
                        free(rows);
                }
                remove(raw);
                double events = (double)captured.events;
                seconds[i] = lived.seconds;
                acts[i] = events / lived.seconds;
                ratios[i] = acts[i] / (events / replay.seconds);
                printf("year %6.1f s, %6.0f events/s (%5.1f us CPU)   SQLite alone %6.1f s, %6.0f "
                       "events/s (%5.1f us CPU)   ratio %.2f\n",
                                lived.seconds, acts[i], lived.cpu / events * 1e6, replay.seconds,
                                events / replay.seconds, replay.cpu / events * 1e6, ratios[i]);
        }
        folder_remove(folder);
        if (getenv("BENCH_PROFILE") != NULL)
                return 0;
        result("year: events/s", spread_of(acts, runs), 0, true);
        if (scale == 1000)
                result("year: seconds", spread_of(seconds, runs), WANTED_SECONDS, false);
        result("year: of the rate of SQLite alone", spread_of(ratios, runs), WANTED, true);
        return 0;
}
