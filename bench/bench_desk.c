/* bench/bench_desk.c - durable acts per second through the one door, with many people at it,
 * against the same rows and bytes written by SQLite alone.
 *
 * 64 threads each take mediations (procedures/mediation.yaml: apply, accept, session,
 * agree_written, archive) and hand in one act after the other with desk_submit(), which
 * returns when the act is on the disk. The ceiling: what those acts wrote, statement by
 * statement, written again into a copy of the same beginning in batches of 100 events
 * (bench/capture.h). Both flush with synchronous=FULL on the same disk, in turns.
 *
 * usage: PLUMBLINE_SOURCE=. bench_desk FOLDER [MATTERS [RUNS]]
 * tests/postgres/cluster.py --durable COMMAND does the same in PostgreSQL, against libpq alone.
 * FOLDER must not exist; it decides which disk is measured, and is removed again. */
#include <pthread.h>
#include <stdatomic.h>

#include "bench/bench.h"
#include "bench/bureau.h"
#include "bench/capture.h"
#include "desk/desk.h"
#include "desk/files.h"

#define N_SUBMITTERS 64
#define BATCH        100
#define WANTED       0.6
#define WANTED_SERVER 0.7
#define MOMENT       1614561000 /* 2021-03-01, in office hours */

struct step {
        const char *act, *actor, *fields;
};

static const struct step steps[] = {
        { "apply", "",
                        "{\"type\":\"人民\",\"dispute_kind\":\"邻里\",\"org\":\"PM-EAST\",\"source\":\"申请\","
                        "\"people\":[{\"kind\":\"自然人\",\"name\":\"王子轩\",\"id_no\":\"350200198105296176\"},"
                        "{\"kind\":\"自然人\",\"name\":\"王晓燕\",\"id_no\":\"35020019940702172X\"}]}" },
        { "accept", "committee_head-%d@east-mdn", "{\"mediator\":\"M1\",\"conflict\":\"无\"}" },
        { "session", "mediator-%d@east-mdn",
                        "{\"session_note\":\"双方到场，听取陈述，讲法说理，提出方案。\"}" },
        { "agree_written", "mediator-%d@east-mdn",
                        "{\"terms\":\"双方互谅互让，按约定履行，互不再追究。\","
                        "\"content_check\":\"合法\",\"consent\":true,\"amount_kind\":\"协议金额\","
                        "\"amount\":3800,\"performed_now\":true}" },
        { "archive", "committee_head-%d@east-mdn", "{}" },
};

struct run {
        struct desk *desk;
        int n_matters;
        _Atomic int next;
};

static void do_matter(struct arena *arena, struct desk *desk, int i)
{
        struct str number = STR_LIT("");
        for (size_t s = 0; s < N_ELEMENTS(steps); s++) {
                struct receipt receipt;
                struct err err;
                struct submission submission = {
                        .act = str_of(steps[s].act),
                        .by = s == 0 ? BY_PARTY : BY_STAFF,
                        .key = str_format(arena, "bench-%d-%zu", i, s),
                        .matter = number,
                };
                char actor[64];
                snprintf(actor, sizeof(actor), "mediator-%d@east-mdn", i % 5 + 1);
                if (strncmp(steps[s].actor, "committee", 9) == 0)
                        snprintf(actor, sizeof(actor), "committee_head-%d@east-mdn", i % 5 + 1);
                submission.actor = s == 0 ? STR_LIT("party") : str_of(actor);
                if (s == 0) {
                        submission.procedure = STR_LIT("mediation");
                        submission.unit = STR_LIT("east-mdn");
                }
                must(value_parse_json(arena, str_of(steps[s].fields), &submission.fields, &err),
                                &err);
                must(desk_submit(arena, desk, &submission, &receipt, &err), &err);
                if (s == 0)
                        number = receipt.number;
        }
}

static void *submit_all(void *user)
{
        struct run *run = user;
        struct arena *arena = arena_open();
        int i;
        while ((i = run->next++) < run->n_matters) {
                arena_reset(arena);
                do_matter(arena, run->desk, i);
        }
        arena_close(&arena);
        return NULL;
}

static struct moment bench_now(void *user)
{
        (void)user;
        return (struct moment){ MOMENT };
}

struct timing {
        double rate, cpu_us;
        uint64_t batches;
};

static struct timing measure_desk(const char *dir, int n_matters)
{
        const struct desk_options options = { .clock = { bench_now, NULL } };
        struct run run = { .n_matters = n_matters };
        pthread_t threads[N_SUBMITTERS];
        struct site *site;
        struct err err;
        must(site_open(str_of(dir), &site, &err), &err);
        must(desk_open(site, &options, &run.desk, &err), &err);
        double start = now_seconds(), cpu = cpu_seconds();
        for (int i = 0; i < N_SUBMITTERS; i++)
                if (pthread_create(&threads[i], NULL, submit_all, &run) != 0)
                        die("no thread");
        for (int i = 0; i < N_SUBMITTERS; i++)
                pthread_join(threads[i], NULL);
        double n = n_matters * (double)N_ELEMENTS(steps);
        struct timing timing = { n / (now_seconds() - start), (cpu_seconds() - cpu) / n * 1e6,
                desk_numbers(run.desk).batches };
        must(desk_close(&run.desk, &err), &err);
        site_close(&site);
        return timing;
}

/* ---- The same in PostgreSQL ---- */

/* The beginning once more, its records in a schema of its own. */
static void copy_to_server(const char *from, const char *to, const char *address)
{
        struct err err;
        must(site_copy(str_of(from), str_of(to), str_of(address), &err), &err);
}

static void on_server(const char *server, const char *folder, const char *beginning,
                const char *statements, int n_matters, int runs)
{
        double ratios[N_RUNS_MAX], acts[N_RUNS_MAX];
        char work[1000], raw_dir[1000], address[600], raw_address[600];
        for (int i = 0; i < runs && i < N_RUNS_MAX; i++) {
                snprintf(work, sizeof(work), "%s/desk%d", folder, i);
                snprintf(raw_dir, sizeof(raw_dir), "%s/raw%d", folder, i);
                snprintf(address, sizeof(address), "%s#desk_%d", server, i);
                snprintf(raw_address, sizeof(raw_address), "%s#raw_%d", server, i);
                copy_to_server(beginning, work, address);
                copy_to_server(beginning, raw_dir, raw_address);
                struct timing desk = measure_desk(work, n_matters);
                struct replay raw = capture_replay_postgres(statements, raw_address, BATCH);
                double ceiling = (double)raw.events / raw.seconds;
                acts[i] = desk.rate;
                ratios[i] = acts[i] / ceiling;
                printf("desk %6.0f acts/s (%5.1f us CPU, %llu commits)   libpq alone %6.0f acts/s "
                       "(%5.1f us CPU, %llu commits)   ratio %.2f\n",
                                acts[i], desk.cpu_us, (unsigned long long)desk.batches, ceiling,
                                raw.cpu / (double)raw.events * 1e6, (unsigned long long)raw.commits,
                                ratios[i]);
        }
        result("desk on PostgreSQL: acts/s", spread_of(acts, runs), 0, true);
        result("desk on PostgreSQL: of the rate of a libpq pipeline alone",
                        spread_of(ratios, runs), WANTED_SERVER, true);
}

int main(int argc, char **argv)
{
        if (argc < 2)
                return 2;
        const char *folder = argv[1], *server = getenv("PLUMBLINE_TEST_STORE");
        unsetenv("PLUMBLINE_TEST_STORE"); /* the beginning is a file */
        int n_matters = number_argument(argc, argv, 2, 4000);
        int runs = number_argument(argc, argv, 3, 5);
        double ratios[N_RUNS_MAX], acts[N_RUNS_MAX], ceiling[N_RUNS_MAX], costs[N_RUNS_MAX];
        char beginning[1000], work[1000], statements[1000];
        struct err err;
        must(folder_make(str_of(folder), 0755, &err), &err);
        snprintf(beginning, sizeof(beginning), "%s/beginning", folder);
        snprintf(work, sizeof(work), "%s/work", folder);
        snprintf(statements, sizeof(statements), "%s/statements", folder);
        bureau_live(path_in(bureau_source(), "bench/bureau"), beginning, 0);

        if (getenv("BENCH_PROFILE") != NULL) { /* for a profiler: the desk alone, once */
                struct timing alone = measure_desk(beginning, n_matters);
                printf("%.0f acts/s, %.1f us CPU\n", alone.rate, alone.cpu_us);
                folder_remove(folder);
                return 0;
        }
        folder_copy(beginning, work);
        capture_start(statements);
        measure_desk(work, n_matters);
        struct capture_numbers captured = capture_stop();
        printf("%llu acts: %.1f statements and %.0f bytes of values each; %llu commits of the desk\n",
                        (unsigned long long)captured.events,
                        (double)captured.statements / (double)captured.events,
                        (double)captured.bytes / (double)captured.events,
                        (unsigned long long)captured.commits);
        char *rows = database_rows(path_in(work, "plumbline.db"));
        folder_remove(work);
        if (server != NULL) {
                on_server(server, folder, beginning, statements, n_matters, runs);
                folder_remove(folder);
                return 0;
        }

        for (int i = 0; i < runs && i < N_RUNS_MAX; i++) {
                folder_copy(beginning, work);
                struct timing desk = measure_desk(work, n_matters);
                folder_remove(work);
                folder_copy(beginning, work);
                struct replay raw =
                                capture_replay(statements, path_in(work, "plumbline.db"), BATCH);
                char *same = database_rows(path_in(work, "plumbline.db"));
                if (strcmp(rows, same) != 0)
                        die("the rows written again are not the same");
                free(same);
                folder_remove(work);
                acts[i] = desk.rate;
                ceiling[i] = (double)raw.events / raw.seconds;
                ratios[i] = acts[i] / ceiling[i];
                costs[i] = desk.cpu_us;
                printf("desk %6.0f acts/s (%5.1f us CPU, %llu commits)   SQLite alone %6.0f acts/s "
                       "(%5.1f us CPU, %llu commits)   ratio %.2f\n",
                                acts[i], desk.cpu_us, (unsigned long long)desk.batches, ceiling[i],
                                raw.cpu / (double)raw.events * 1e6, (unsigned long long)raw.commits,
                                ratios[i]);
        }
        free(rows);
        folder_remove(folder);
        result("desk: acts/s", spread_of(acts, runs), 0, true);
        result("desk: us CPU an act, all threads", spread_of(costs, runs), 0, true);
        result("desk: of the rate of SQLite alone", spread_of(ratios, runs), WANTED, true);
        return 0;
}
