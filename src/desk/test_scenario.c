#include "desk/test_site.h"

#include "desk/scenario.h"

/* A whole scenario around one step, or around other lines of a stream. */
static const char head_text[] =
                "scenario: small\n"
                "seed: 7\n"
                "from: 2021-03-01\n"
                "until: 2021-12-31\n"
                "site: {organ: 测试局, prefix: 测, region: \"350200\", city: 测试市}\n"
                "staff: [{role: clerk, unit: b, count: 2}]\n"
                "streams: [notes.yaml]\n";

#define STEP(text)                                                                                 \
        "streams:\n  - name: 便函\n    procedure: note\n    unit: b\n    paths:\n"               \
        "      - name: 一\n        count: 2\n        acts:\n"                                     \
        "          - {begin: write, by: clerk}\n          - " text "\n"

#define STREAM(text)                                                                               \
        "pools: {money: {total: \"10\", min: 6}}\n"                                                \
        "streams:\n  - name: 便函\n    procedure: note\n    unit: b\n" text

#define ACTS "        acts: [{begin: write, by: clerk, give: {amount: $sum}}]\n"

static void write_file(const char *dir, const char *name, const char *text)
{
        char path[96];
        snprintf(path, sizeof(path), "%s/%s", dir, name);
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fputs(text, file);
        fclose(file);
}

static void make_folder(char dir[64])
{
        const char *base = getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp";
        snprintf(dir, 64, "%.40s/scenario-XXXXXX", base);
        assert_non_null(mkdtemp(dir));
}

static void drop_folder(const char *dir)
{
        char path[96];
        snprintf(path, sizeof(path), "%s/scenario.yaml", dir);
        unlink(path);
        snprintf(path, sizeof(path), "%s/notes.yaml", dir);
        unlink(path);
        assert_int_equal(rmdir(dir), 0);
}

static bool read_scenario(
                struct arena *arena, const char *streams, struct scenario *ret, struct err *err)
{
        char dir[64];
        make_folder(dir);
        write_file(dir, "scenario.yaml", head_text);
        write_file(dir, "notes.yaml", streams);
        bool ok = scenario_read(arena, str_of(dir), ret, err);
        drop_folder(dir);
        return ok;
}

static void test_refused(void **state)
{
        static const struct {
                const char *why, *streams, *place, *says;
        } rows[] = {
                { "a slip of the pen in a key", STEP("{act: sign, by: clerk, efter: 2 days}"),
                                "notes.yaml:10", "efter" },
                { "nobody said who", STEP("{act: sign}"), "notes.yaml:10", "by" },
                { "only timers act as the system", STEP("{act: sign, by: system}"), "notes.yaml:10",
                                "system" },
                { "an unknown delay", STEP("{act: sign, by: clerk, after: soon}"), "notes.yaml:10",
                                "soon" },
                { "a day outside the year", STEP("{act: sign, by: clerk, on_date: 2022-01-01}"),
                                "notes.yaml:10", "on_date" },
                { "a day and a delay",
                                STEP("{act: sign, by: clerk, on_date: 2021-05-01, after: 2 days}"),
                                "notes.yaml:10", "on_date" },
                { "no such day", STEP("{act: sign, by: clerk, on_date: 2021-02-30}"),
                                "notes.yaml:10", "2021-02-30" },
                { "an unknown target", STEP("{act: sign, by: clerk, on: parent}"), "notes.yaml:10",
                                "parent" },
                { "children of which procedure?", STEP("{act: sign, by: clerk, on: children}"),
                                "notes.yaml:10", "procedure" },
                { "a slice of nothing", STEP("{act: sign, by: clerk, slice: 1..2}"),
                                "notes.yaml:10", "slice" },
                { "a slice that ends before it begins",
                                STEP("{act: sign, by: clerk, on: children, procedure: copy, slice: 5..2}"),
                                "notes.yaml:10", "5..2" },
                { "children are counted from one",
                                STEP("{act: sign, by: clerk, on: children, procedure: copy, slice: 0..2}"),
                                "notes.yaml:10", "0..2" },
                { "more paths than matters",
                                STREAM("    count: 1\n    vars: {sum: {share: money}}\n    paths:\n"
                                       "      - name: 一\n        count: 2\n" ACTS),
                                "notes.yaml:9", "之和" },
                { "a total too small for all",
                                STREAM("    vars: {sum: {share: money}}\n    paths:\n"
                                       "      - name: 一\n        count: 2\n" ACTS),
                                "money", "最小值" },
                { "no such total",
                                STREAM("    vars: {sum: {share: gold}}\n    paths:\n"
                                       "      - name: 一\n        count: 2\n" ACTS),
                                "notes.yaml:6", "gold" },
        };
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct arena *arena = arena_open();
                struct scenario scenario;
                struct err err = { 0 };
                print_message("# %s\n", rows[i].why);
                assert_false(read_scenario(arena, rows[i].streams, &scenario, &err));
                assert_int_equal(err.code, E_SCENARIO);
                assert_string_equal(err.field, rows[i].place);
                assert_non_null(strstr(err.detail, rows[i].says));
                arena_close(&arena);
        }
}

static void test_steps(void **state)
{
        static const struct {
                const char *streams;
                enum step_target on;
                uint32_t from, to;
                bool assigned;
        } rows[] = {
                { STEP("{act: file, by: clerk}"), STEP_SELF, 0, 0, false },
                { STEP("{act: file, by: clerk, on: child}"), STEP_CHILD, 0, 0, false },
                { STEP("{act: file, by: assigned, on: children, procedure: copy}"), STEP_CHILDREN,
                                0, 0, true },
                { STEP("{act: file, by: assigned, on: children, procedure: copy, slice: 7}"),
                                STEP_CHILDREN, 7, 7, true },
                { STEP("{act: file, by: clerk, on: children, procedure: copy, slice: 2..20}"),
                                STEP_CHILDREN, 2, 20, false },
        };
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct arena *arena = arena_open();
                struct scenario scenario;
                struct err err = { 0 };
                assert_true(read_scenario(arena, rows[i].streams, &scenario, &err));
                const struct scenario_step *step = &scenario.streams[0].paths[0].steps[1];
                assert_int_equal(step->on, rows[i].on);
                assert_int_equal(step->slice_from, rows[i].from);
                assert_int_equal(step->slice_to, rows[i].to);
                assert_int_equal(step->by_assigned, rows[i].assigned);
                assert_false(step->by_party);
                arena_close(&arena);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_refused),
                cmocka_unit_test(test_steps),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
