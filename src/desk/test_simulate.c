#include "desk/test_site.h"

#include "desk/audit.h"
#include "desk/simulate.h"

static const char scenario_text[] =
                "scenario: small\n"
                "label: 小局\n"
                "seed: 7\n"
                "from: 2021-03-01\n"
                "until: 2021-12-31\n"
                "site: {organ: 测试局, prefix: 测, region: \"350200\", city: 测试市}\n"
                "entries:\n"
                "  - register: units\n"
                "    rows: [{id: b, name: 局}, {id: mid, name: 区局, parent: b}, {id: low, name: 所, parent: mid}]\n"
                "staff:\n"
                "  - {role: clerk, unit: [b, mid], count: 2}\n"
                "  - {role: head, unit: b, count: 1}\n"
                "frozen:\n"
                "  - {report: annual, year: 2020, figures: {F1: {indicator: N1, value: \"30\", unit: 件}}}\n"
                "pools: {money: {total: \"1000\", min: 1}}\n"
                "streams: [notes.yaml]\n"
                "freeze: {report: annual, on: 2022-01-04}\n";

static const char streams_text[] =
                "streams:\n"
                "  - name: 便函\n"
                "    procedure: note\n"
                "    count: 40\n"
                "    unit: low\n"
                "    vars: {sum: {share: money}, word: {pick: {甲: 1, 乙: 1}}}\n"
                "    paths:\n"
                "      - name: 签发\n"
                "        count: 25\n"
                "        acts:\n"
                "          - {begin: write, by: clerk, give: {subject: $word, amount: $sum}}\n"
                "          - {act: sign, by: head, after: 1..3 working days, give: {copies: 0}}\n"
                "      - name: 逾期\n"
                "        share: 1\n"
                "        acts:\n"
                "          - {begin: write, by: applicant, give: {subject: $word}}\n"
                "          - {act: ask, by: clerk, after: 1..2 days}\n"
                "          - {act: reply, by: clerk, after: 9 working days, expect: refused}\n";

/* One note with five copies; some of them are stamped, each by whoever it was given to. */
static const char copies_text[] =
                "streams:\n"
                "  - name: 抄件\n"
                "    procedure: note\n"
                "    unit: b\n"
                "    paths:\n"
                "      - name: 盖章\n"
                "        count: 1\n"
                "        acts:\n"
                "          - {begin: write, by: clerk, on_date: 2021-05-10, give: {subject: 通知}}\n"
                "          - {act: sign, by: head, on_date: 2021-05-12, give: {copies: 5}}\n"
                "          - {act: stamp, by: assigned, on: children, procedure: copy, slice: 2..4,\n"
                "             on_date: 2021-06-01}\n"
                "          - {act: stamp, by: clerk, on: children, procedure: copy, slice: 5}\n";

static void write_file(struct test_site *t, const char *name, const char *text)
{
        char path[96];
        snprintf(path, sizeof(path), "%s/%s", t->dir, name);
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fputs(text, file);
        fclose(file);
}

static struct test_site *open_desk_of(
                const char *streams, struct scenario *scenario, bool flush_behind)
{
        struct test_site *t = calloc(1, sizeof(*t));
        assert_non_null(t);
        t->arena = arena_open();
        const char *base = getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp";
        snprintf(t->dir, sizeof(t->dir), "%.40s/desk-XXXXXX", base);
        assert_non_null(mkdtemp(t->dir));
        write_file(t, "scenario.yaml", scenario_text);
        write_file(t, "notes.yaml", streams);
        test_must(t, scenario_read(t->arena, str_of(t->dir), scenario, &t->err));

        t->data = test_data();
        test_must(t, site_init(str_format(t->arena, "%s/site", t->dir), &scenario->site, &t->data,
                                     simulate_beginning(scenario), &t->err));
        test_must(t, site_open(str_format(t->arena, "%s/site", t->dir), &t->site, &t->err));
        /* The machine lives years after the simulated ones. */
        t->now = test_moment("2026-11-23 09:00");
        struct desk_options options = test_options(t, false);
        options.times_given = true;
        options.flush_behind = flush_behind;
        test_must(t, desk_open(t->site, &options, &t->desk, &t->err));
        return t;
}

static struct test_site *open_simulated(const char *streams, struct scenario *scenario)
{
        return open_desk_of(streams, scenario, true);
}

/* Everybody of the nearest unit that has the role takes turns, and nobody else. */
static void check_actors(struct test_site *t)
{
        struct snapshot *snapshot;
        size_t first = 0, second = 0;
        test_must(t, snapshot_open(site_store(t->site), &snapshot, &t->err));
        for (int64_t id = 1; id <= 1000; id++) { /* the number of the event that began it */
                struct matter *m;
                if (!matter_read(t->arena, snapshot, site_catalogue(t->site), id, &m, &t->err))
                        continue;
                struct str actor = m->deeds[0].actor;
                if (str_is(actor, "applicant"))
                        continue;
                first += str_is(actor, "clerk-1@mid");
                second += str_is(actor, "clerk-2@mid");
        }
        snapshot_close(&snapshot);
        assert_int_equal(first + second, 25);
        assert_true(first > 0 && second > 0);
}

static void test_a_year(void **state)
{
        struct scenario scenario;
        struct simulate_result result;
        struct receipt r;
        (void)state;
        struct test_site *t = open_simulated(streams_text, &scenario);
        test_must(t, simulate_run(t->desk, &scenario, NULL, NULL, &result, &t->err));
        assert_int_equal(result.n_faults, 0);
        assert_int_equal(result.n_matters, 40);
        assert_int_equal(result.n_acts, 25 * 2 + 15 * 3);
        assert_int_equal(result.n_refused, 15); /* the replies that came too late */
        check_actors(t);

        /* The year was frozen on its simulated day: acts before it are in the past. */
        struct submission s = test_act(t, "note.write", "clerk-1@b", "{\"subject\":\"后\"}");
        s.unit = STR_LIT("b");
        s.time = test_moment("2022-01-04 07:59");
        assert_false(desk_submit(t->arena, t->desk, &s, &r, &t->err));
        assert_int_equal(t->err.code, E_DESK_CLOCK);
        s.time = test_moment("2022-01-04 08:01");
        test_must(t, desk_submit(t->arena, t->desk, &s, &r, &t->err));
        test_close(t);
}

static void test_shares_add_up(void **state)
{
        struct scenario scenario;
        (void)state;
        struct test_site *t = open_simulated(streams_text, &scenario);
        int64_t sum = 0;
        assert_int_equal(scenario.n_pools, 1);
        for (size_t i = 0; i < scenario.pools[0].n; i++) {
                sum += scenario.pools[0].parts[i];
                assert_true(scenario.pools[0].parts[i] >= 100);
        }
        assert_int_equal(scenario.pools[0].n, 25);
        assert_int_equal(sum, 100000); /* 1000 yuan, in fen */
        test_close(t);
}

/* Every act that was done on matters of this procedure, one line each, in the order in
 * which the matters were begun. */
static struct str acts_of(struct test_site *t, const char *procedure)
{
        struct snapshot *snapshot;
        struct buf buf = BUF(t->arena);
        test_must(t, snapshot_open(site_store(t->site), &snapshot, &t->err));
        for (int64_t id = 1; id <= 1000; id++) {
                struct matter *m;
                if (!matter_read(t->arena, snapshot, site_catalogue(t->site), id, &m, &t->err) ||
                                !str_is(m->version->procedure->name, procedure))
                        continue;
                for (size_t i = 0; i < m->n_deeds; i++)
                        buf_format(&buf, "%.*s %.*s %.*s\n", STR_FMT(m->deeds[i].name),
                                        STR_FMT(m->deeds[i].actor),
                                        STR_FMT(date_format(
                                                        t->arena, moment_date(m->deeds[i].time))));
        }
        snapshot_close(&snapshot);
        return buf_str(&buf);
}

/* `on: children` takes them in the order in which they were opened, a slice of them or
 * all; `by: assigned` is whoever the sub-matter was given to; `on_date` is that day. */
static void test_children(void **state)
{
        struct scenario scenario;
        struct simulate_result result;
        (void)state;
        struct test_site *t = open_simulated(copies_text, &scenario);
        test_must(t, simulate_run(t->desk, &scenario, NULL, NULL, &result, &t->err));
        assert_int_equal(result.n_faults, 0);
        assert_int_equal(result.n_matters, 1);
        assert_int_equal(result.n_acts, 2 + 3 + 1);
        assert_string_equal(str_c(t->arena, acts_of(t, "copy")),
                        "make system 2021-05-12\n"
                        "make system 2021-05-12\nstamp clerk-1@b 2021-06-01\n"
                        "make system 2021-05-12\nstamp clerk-1@b 2021-06-01\n"
                        "make system 2021-05-12\nstamp clerk-1@b 2021-06-01\n"
                        "make system 2021-05-12\nstamp clerk-2@b 2021-06-01\n");
        test_close(t);
}

/* More children than there are is a fault of the scenario, and is named. */
static void test_children_missing(void **state)
{
        struct scenario scenario;
        struct simulate_result result;
        char text[sizeof(copies_text)];
        (void)state;
        memcpy(text, copies_text, sizeof(text));
        memcpy(strstr(text, "2..4"), "2..9", 4);
        *strstr(text, "          - {act: stamp, by: clerk") = '\0';
        struct test_site *t = open_simulated(text, &scenario);
        test_must(t, simulate_run(t->desk, &scenario, NULL, NULL, &result, &t->err));
        assert_int_equal(result.n_faults, 1);
        assert_int_equal(result.faults[0].err.code, E_SCENARIO);
        assert_non_null(strstr(result.faults[0].err.detail, "只有 5 个"));
        test_close(t);
}

/* The same seed gives the same acts by the same people on the same days; another, others. */
static void test_same_seed_same_acts(void **state)
{
        struct str acts[3];
        struct test_site *t[3];
        struct simulate_result result;
        (void)state;
        for (size_t i = 0; i < 3; i++) {
                struct scenario scenario;
                t[i] = open_simulated(streams_text, &scenario);
                scenario.seed += i == 2;
                test_must(t[i], simulate_run(t[i]->desk, &scenario, NULL, NULL, &result,
                                                &t[i]->err));
                acts[i] = acts_of(t[i], "note");
        }
        assert_true(acts[0].n > 1000);
        assert_true(str_eq(acts[0], acts[1]));
        assert_false(str_eq(acts[0], acts[2]));
        for (size_t i = 0; i < 3; i++)
                test_close(t[i]);
}

static struct str lived(struct arena *arena, bool flush_behind)
{
        struct scenario scenario;
        struct simulate_result result;
        struct audit audit;
        struct test_site *t = open_desk_of(streams_text, &scenario, flush_behind);
        test_must(t, simulate_run(t->desk, &scenario, NULL, NULL, &result, &t->err));
        struct str acts = str_copy(arena, acts_of(t, "note"));
        test_must(t, desk_close(&t->desk, &t->err));
        test_must(t, site_audit(t->site, &audit, &t->err));
        test_close(t);
        return acts;
}

/* Whether each window is written before the next is decided or behind it, the year is the same. */
static void test_behind_or_not(void **state)
{
        struct arena *arena = arena_open();
        (void)state;
        struct str behind = lived(arena, true), in_step = lived(arena, false);
        assert_true(behind.n > 0);
        assert_true(str_eq(behind, in_step));
        arena_close(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_year),
                cmocka_unit_test(test_behind_or_not),
                cmocka_unit_test(test_children),
                cmocka_unit_test(test_children_missing),
                cmocka_unit_test(test_same_seed_same_acts),
                cmocka_unit_test(test_shares_add_up),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
