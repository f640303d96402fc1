#include "desk/test_site.h"

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

static void write_file(struct test_site *t, const char *name, const char *text)
{
        char path[96];
        snprintf(path, sizeof(path), "%s/%s", t->dir, name);
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fputs(text, file);
        fclose(file);
}

static struct test_site *open_simulated(struct scenario *scenario)
{
        struct test_site *t = calloc(1, sizeof(*t));
        assert_non_null(t);
        t->arena = arena_open();
        const char *base = getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp";
        snprintf(t->dir, sizeof(t->dir), "%.40s/desk-XXXXXX", base);
        assert_non_null(mkdtemp(t->dir));
        write_file(t, "scenario.yaml", scenario_text);
        write_file(t, "notes.yaml", streams_text);
        test_must(t, scenario_read(t->arena, str_of(t->dir), scenario, &t->err));

        t->data = test_data();
        test_must(t, site_init(str_format(t->arena, "%s/site", t->dir), &scenario->site, &t->data,
                                  simulate_beginning(scenario), &t->err));
        test_must(t, site_open(str_format(t->arena, "%s/site", t->dir), &t->site, &t->err));
        /* The machine lives years after the simulated ones. */
        t->now = test_moment("2026-11-23 09:00");
        struct desk_options options = test_options(t, false);
        options.times_given = true;
        test_must(t, desk_open(t->site, &options, &t->desk, &t->err));
        return t;
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
        struct test_site *t = open_simulated(&scenario);
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
        struct test_site *t = open_simulated(&scenario);
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

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_year),
                cmocka_unit_test(test_shares_add_up),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
