/* bench/bench_desk.c - durable acts per second through the one door, with many people at it,
 * against the same rows and bytes written by SQLite alone.
 *
 * 64 threads each take mediations (procedures/mediation.yaml: apply, accept, session,
 * agree_written, archive) and hand in one act after the other with desk_submit(), which
 * returns when the act is on the disk. The ceiling: what those acts wrote, statement by
 * statement, written again into a copy of the same beginning (bench/capture.h), once in
 * batches of 100 events and once committed where the desk committed. Both are on the same disk, in
 * turns; the ceiling flushes with synchronous=FULL, the desk before it answers. Last, one
 * thread alone: how long it waits for an act, against one commit of the rows of one act.
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

#define N_SUBMITTERS  64
#define BATCH         100
#define WANTED        0.6        /* of the rate in batches of 100 */
#define WANTED_SAME   0.7        /* of the rate in the desk's own batches */
#define WANTED_SERVER 0.7        /* of the rate of a libpq pipeline */
#define WANTED_ALONE  1.5        /* times a commit: the longest that one submitter may wait */
#define ONE_IN        20         /* of the matters, for a submitter alone */
#define MOMENT        1614561000 /* 2021-03-01, in office hours */

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
        _Atomic int64_t submitting_ns; /* CPU of the threads that hand in */
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
        struct timespec cpu;
        int i;
        while ((i = run->next++) < run->n_matters) {
                arena_reset(arena);
                do_matter(arena, run->desk, i);
        }
        arena_close(&arena);
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
        run->submitting_ns += (int64_t)cpu.tv_sec * 1000000000 + cpu.tv_nsec;
        return NULL;
}

static struct moment bench_now(void *user)
{
        (void)user;
        return (struct moment){ MOMENT };
}

struct timing {
        double rate, cpu_us, submitting_us; /* the latter: of the threads that hand in */
        uint64_t batches;
};

static struct timing measure_desk(const char *dir, int n_matters, int n_submitters)
{
        const struct desk_options options = { .clock = { bench_now, NULL } };
        struct run run = { .n_matters = n_matters };
        pthread_t threads[N_SUBMITTERS];
        struct site *site;
        struct err err;
        must(site_open(str_of(dir), &site, &err), &err);
        must(desk_open(site, &options, &run.desk, &err), &err);
        double start = now_seconds(), cpu = cpu_seconds();
        for (int i = 0; i < n_submitters; i++)
                if (pthread_create(&threads[i], NULL, submit_all, &run) != 0)
                        die("no thread");
        for (int i = 0; i < n_submitters; i++)
                pthread_join(threads[i], NULL);
        double n = n_matters * (double)N_ELEMENTS(steps);
        struct timing timing = { n / (now_seconds() - start), (cpu_seconds() - cpu) / n * 1e6,
                (double)run.submitting_ns / n / 1e3, desk_numbers(run.desk).batches };
        must(desk_close(&run.desk, &err), &err);
        site_close(&site);
        return timing;
}

struct pair {
        const char *work, *statements;
        const char *beginning;
        int n_matters, n_submitters;
};

/* What the acts write, and how many rows stand in each table after them. */
static char *capture_acts(const struct pair *p)
{
        folder_copy(p->beginning, p->work);
        capture_start(p->statements);
        measure_desk(p->work, p->n_matters, p->n_submitters);
        struct capture_numbers captured = capture_stop();
        printf("%d submitters, %llu acts: %.1f statements and %.0f bytes of values each; "
               "%llu commits of the desk\n",
                        p->n_submitters, (unsigned long long)captured.events,
                        (double)captured.statements / (double)captured.events,
                        (double)captured.bytes / (double)captured.events,
                        (unsigned long long)captured.commits);
        char *rows = database_rows(path_in(p->work, "plumbline.db"));
        folder_remove(p->work);
        return rows;
}

static struct timing run_desk(const struct pair *p)
{
        folder_copy(p->beginning, p->work);
        struct timing desk = measure_desk(p->work, p->n_matters, p->n_submitters);
        folder_remove(p->work);
        return desk;
}

/* Events a second of SQLite alone; the rows must come out the same. */
static double run_raw(const struct pair *p, int batch, const char *rows)
{
        folder_copy(p->beginning, p->work);
        struct replay raw = capture_replay(p->statements, path_in(p->work, "plumbline.db"), batch);
        char *same = database_rows(path_in(p->work, "plumbline.db"));
        if (strcmp(rows, same) != 0)
                die("the rows written again are not the same");
        free(same);
        folder_remove(p->work);
        printf("  SQLite alone %6.0f acts/s (%5.1f us CPU, %llu commits)",
                        (double)raw.events / raw.seconds, raw.cpu / (double)raw.events * 1e6,
                        (unsigned long long)raw.commits);
        return (double)raw.events / raw.seconds;
}

static void measure_many(const struct pair *p, int runs)
{
        double rates[N_RUNS_MAX], costs[N_RUNS_MAX], ratios[N_RUNS_MAX], same[N_RUNS_MAX];
        char *rows = capture_acts(p);
        for (int i = 0; i < runs; i++) {
                struct timing desk = run_desk(p);
                printf("desk %6.0f acts/s (%5.1f us CPU, %.1f of them handing in, %llu commits)",
                                desk.rate, desk.cpu_us, desk.submitting_us,
                                (unsigned long long)desk.batches);
                rates[i] = desk.rate;
                costs[i] = desk.cpu_us;
                ratios[i] = desk.rate / run_raw(p, BATCH, rows);
                same[i] = desk.rate / run_raw(p, 0, rows);
                printf("  ratios %.2f %.2f\n", ratios[i], same[i]);
        }
        free(rows);
        result("desk: acts/s", spread_of(rates, runs), 0, true);
        result("desk: us CPU an act, all threads", spread_of(costs, runs), 0, true);
        result("desk: of the rate of SQLite alone", spread_of(ratios, runs), WANTED, true);
        result("desk: the same, in its own batches", spread_of(same, runs), WANTED_SAME, true);
}

static void measure_alone(const struct pair *p, int runs)
{
        double ratios[N_RUNS_MAX];
        char *rows = capture_acts(p);
        for (int i = 0; i < runs; i++) {
                struct timing desk = run_desk(p);
                printf("desk, one submitter %6.0f acts/s", desk.rate);
                ratios[i] = run_raw(p, 1, rows) / desk.rate;
                printf("  a wait is %.2f commits\n", ratios[i]);
        }
        free(rows);
        result("desk: one submitter's wait, in commits", spread_of(ratios, runs), WANTED_ALONE,
                        false);
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
                struct timing desk = measure_desk(work, n_matters, N_SUBMITTERS);
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
        result("desk on PostgreSQL: of the rate of a libpq pipeline alone", spread_of(ratios, runs),
                        WANTED_SERVER, true);
}

int main(int argc, char **argv)
{
        if (capture_has_replayed(argc, argv))
                return 0;
        if (argc < 2)
                return 2;
        const char *folder = argv[1], *server = getenv("PLUMBLINE_TEST_STORE");
        unsetenv("PLUMBLINE_TEST_STORE"); /* the beginning is a file */
        int n_matters = number_argument(argc, argv, 2, 4000);
        int runs = number_argument(argc, argv, 3, 5);
        char beginning[1000], work[1000], statements[1000];
        struct err err;
        must(folder_make(str_of(folder), 0755, &err), &err);
        snprintf(beginning, sizeof(beginning), "%s/beginning", folder);
        snprintf(work, sizeof(work), "%s/work", folder);
        snprintf(statements, sizeof(statements), "%s/statements", folder);
        bureau_live(path_in(bureau_source(), "bench/bureau"), beginning, 0);
        if (runs > N_RUNS_MAX)
                runs = N_RUNS_MAX;
        struct pair many = { work, statements, beginning, n_matters, N_SUBMITTERS };
        struct pair alone = { work, statements, beginning, 1 + n_matters / ONE_IN, 1 };

        if (getenv("BENCH_PROFILE") != NULL) { /* for a profiler: the desk alone, once */
                struct timing desk = run_desk(&many);
                printf("%.0f acts/s, %.1f us CPU, %.1f of them handing in\n", desk.rate,
                                desk.cpu_us, desk.submitting_us);
        } else if (server != NULL) {
                free(capture_acts(&many));
                on_server(server, folder, beginning, statements, n_matters, runs);
        } else {
                measure_many(&many, runs);
                measure_alone(&alone, runs);
        }
        folder_remove(folder);
        return 0;
}
