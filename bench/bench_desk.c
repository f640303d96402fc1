/* bench/bench_desk.c - durable acts per second through the one door, against the rows they
 * write by their statements alone, in the same store, committed just as often.
 *
 * usage: PLUMBLINE_SOURCE=. bench_desk DIRECTORY [BATCH [MATTERS]]
 * DIRECTORY must not exist; it decides which disk is measured. BATCH acts are handed in
 * together and waited for. */
#include "raw.h"

#include "clock/test_calendars.h"
#include "desk/desk.h"
#include "store/store.h"

#define N_ACTS 30000

struct run {
        struct arena *arena, *act;
        struct site *site;
        struct desk *desk;
        int batch, matters, n_commits;
        struct str *numbers;
        struct err err;
};

static int number(const char *text)
{
        int64_t n;
        if (!str_to_int(str_of(text), &n) || n < 1 || n > 10000000)
                exit(2);
        return (int)n;
}

static struct moment bench_now(void *user)
{
        (void)user;
        return test_moment("2021-03-01 09:00");
}

static struct site_data data(struct arena *arena)
{
        static const char *const files[] = { "registers/units.yaml", "registers/staff.yaml",
                "registers/delegations.yaml", "tests/data/projection/case.yaml",
                "tests/data/projection/firms.yaml", "tests/data/projection/indicators.yaml" };
        const char *source = getenv("PLUMBLINE_SOURCE");
        struct definition_source *definitions =
                        arena_new_array(arena, N_ELEMENTS(files), struct definition_source);
        for (size_t i = 0; i < N_ELEMENTS(files); i++)
                definitions[i] = (struct definition_source){ str_of(files[i]),
                        test_read_file(arena, str_format(arena, "%s/%s",
                                                            source != NULL ? source : ".",
                                                            files[i]).p) };
        return (struct site_data){ definitions, N_ELEMENTS(files), NULL, 0 };
}

static struct submission submission_of(struct run *run, const char *act, const char *json)
{
        struct submission s = { .act = str_of(act), .by = BY_STAFF, .actor = STR_LIT("clerk") };
        must(value_parse_json(run->act, str_copy(run->act, str_of(json)), &s.fields, &run->err),
                        &run->err);
        return s;
}

static void put(struct run *run, const char *reg, const char *json)
{
        struct submission s = submission_of(run, "put", json);
        struct receipt receipt;
        s.by = BY_SYSTEM;
        s.actor = STR_LIT("system");
        s.reg = str_of(reg);
        must(desk_submit(run->act, run->desk, &s, &receipt, &run->err), &run->err);
}

static void hand_in(struct run *run, const struct submission *submissions, size_t n,
                struct desk_answer *answers)
{
        must(desk_submit_many(run->act, run->desk, submissions, n, answers, &run->err),
                        &run->err);
        for (size_t i = 0; i < n; i++)
                must(answers[i].done, &answers[i].err);
}

static void begin_all(struct run *run)
{
        for (int i = 0; i < run->matters; i++) {
                struct desk_answer answer;
                char json[200];
                snprintf(json, sizeof(json), "{\"subject\":\"第%d号房屋拆迁申请\",\"kind\":\"甲\","
                                "\"accepted_on\":\"2021-03-01\",\"amount\":%d}", i, i);
                arena_reset(run->act);
                struct submission s = submission_of(run, "begin", json);
                s.procedure = STR_LIT("case");
                hand_in(run, &s, 1, &answer);
                run->numbers[i] = str_copy(run->arena, answer.receipt.number);
        }
}

static void acts(struct run *run)
{
        static const char *const names[] = { "change", "wait", "go_on" };
        uint64_t batches = desk_numbers(run->desk).batches;
        double start = now_seconds(), cpu = cpu_seconds();
        for (int i = 0; i < N_ACTS; i += run->batch) {
                int n = N_ACTS - i < run->batch ? N_ACTS - i : run->batch;
                arena_reset(run->act);
                struct submission *s = arena_new_array(run->act, (size_t)n, struct submission);
                struct desk_answer *answers =
                                arena_new_array(run->act, (size_t)n, struct desk_answer);
                for (int k = 0; k < n; k++) {
                        char json[64] = "{}";
                        if ((i + k) % 3 == 0)
                                snprintf(json, sizeof(json), "{\"amount\":%d}", i * 7 % 100000 + k);
                        s[k] = submission_of(run, names[(i + k) % 3], json);
                        s[k].matter = run->numbers[(i + k) / 3 * 7919 % run->matters];
                }
                hand_in(run, s, (size_t)n, answers);
        }
        double seconds = now_seconds() - start;
        run->n_commits = (int)(desk_numbers(run->desk).batches - batches);
        printf("acts         %8.0f /s %6.1f us CPU each, %d commits\n", N_ACTS / seconds,
                        (cpu_seconds() - cpu) / N_ACTS * 1e6, run->n_commits);
}

static void raw(struct run *run)
{
        double start = now_seconds(), cpu = cpu_seconds();
        int per_commit = (N_ACTS + run->n_commits - 1) / run->n_commits, commits = 0;
        int64_t first = 1000000000;
        for (int i = 0; i < N_ACTS; i += per_commit, commits++) {
                struct tx *tx = NULL;
                must(store_begin(site_store(run->site), &tx, &run->err), &run->err);
                for (int k = i; k < i + per_commit && k < N_ACTS; k++)
                        raw_act(tx, first + k, 20 + k / 3 * 7919 % run->matters, k);
                must(tx_commit(&tx, &run->err), &run->err);
        }
        printf("statements   %8.0f /s %6.1f us CPU each, %d commits\n",
                        N_ACTS / (now_seconds() - start), (cpu_seconds() - cpu) / N_ACTS * 1e6,
                        commits);
}

int main(int argc, char **argv)
{
        struct arena *arena = arena_open();
        struct run run = { .arena = arena, .act = arena_open() };
        struct desk_options options = { .clock = { bench_now, NULL } };
        struct site_config config = {
                .organ = STR_LIT("测试局"), .prefix = STR_LIT("测"), .region = STR_LIT("350200"),
                .city = STR_LIT("测试市"), .store = STR_LIT("sqlite"), .yellow = 5, .red = 2,
                .port = 8080, .hash = LEDGER_SHA256, .parameters = value_context(NULL, 0),
        };
        struct site_data definitions = data(arena);
        if (argc < 2)
                return 2;
        run.batch = argc > 2 ? number(argv[2]) : 100;
        run.matters = argc > 3 ? number(argv[3]) : 3000;
        run.numbers = arena_new_array(arena, (size_t)run.matters, struct str);
        must(site_init(str_of(argv[1]), &config, &definitions, test_moment("2020-01-02 09:00"),
                             &run.err), &run.err);
        must(site_open(str_of(argv[1]), &run.site, &run.err), &run.err);
        must(desk_open(run.site, &options, &run.desk, &run.err), &run.err);
        put(&run, "units", "{\"id\":\"bureau\",\"name\":\"局\",\"$from\":\"2015-01-01\"}");
        put(&run, "staff", "{\"id\":\"clerk\",\"name\":\"林某\",\"unit\":\"bureau\","
                           "\"roles\":[\"clerk\"],\"$from\":\"2015-01-01\"}");
        begin_all(&run);
        for (int i = 0; i < 2; i++)
                acts(&run);
        must(desk_close(&run.desk, &run.err), &run.err);
        raw(&run); /* last: what it writes are no events */
        site_close(&run.site);
        arena_close(&run.act);
        arena_close(&arena);
        return 0;
}
