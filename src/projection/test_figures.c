/* Figures and reports: what matters contribute, and that frozen periods stay. */
#include "projection/test_case.h"

#include "projection/report.h"

static void test_figures_follow_changes(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        bureau_time(b, "2021-03-01 09:00");
        int64_t one = begin(b, "{\"subject\":\"一\",\"kind\":\"甲\",\"accepted_on\":\"2021-03-01\","
                               "\"amount\":12345.67,\"firm\":\"f1\",\"guests\":[{\"name\":\"甲\"},"
                               "{\"name\":\"乙\"}]}");
        int64_t two = begin(b, "{\"subject\":\"二\",\"kind\":\"乙\",\"accepted_on\":\"2021-04-01\","
                               "\"amount\":99.99,\"firm\":\"f1\",\"guests\":[{\"name\":\"乙\"}]}");
        (void)bureau_act(b,
                        &(struct bureau_act){ .procedure = "case",
                                        .who = "applicant",
                                        .act = "begin",
                                        .unit = "lujiang",
                                        .json = "{\"subject\":\"三\",\"kind\":\"甲\",\"accepted_on\":\"2021-05-01\","
                                                "\"firm\":\"f2\"}" });
        static const struct {
                const char *id, *unit, *first, *second;
        } rows[] = {
                /* before and after `two` has become 甲 and moved to 2020 */
                { "N1", NULL, "2", "2" }, { "N1", "siming", "1", "1" },
                { "S1", NULL, "1.24", "1.23" }, /* 12445.66 and 12345.67 元 in 万元 */
                { "D1", NULL, "2", "2" }, { "E1", NULL, "3", "2" }, { "E2", NULL, "2", "2" },
                { "F1", NULL, "0", "0" }, { "R1", NULL, "0.0", "0.0" }, { "T1", NULL, "1", "1" },
                { "G1", NULL, "—", "100.0" }, /* 2020: none, then one */
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++)
                assert_string_equal(figure_of(b, rows[i].id, 2021, rows[i].unit), rows[i].first);
        assert_rebuilds(b);
        change(b, two, "change", "{\"kind\":\"甲\",\"accepted_on\":\"2020-12-31\"}");
        for (size_t i = 0; i < N_ELEMENTS(rows); i++)
                assert_string_equal(figure_of(b, rows[i].id, 2021, rows[i].unit), rows[i].second);

        int n, late;
        assert_string_equal(summed(b, "N1", 2021, &n, &late), "2");
        assert_string_equal(summed(b, "S1", 2021, &n, &late), "12345.67");
        assert_string_equal(summed(b, "E1", 2021, &n, &late), "2");
        assert_string_equal(summed(b, "R1", 2021, &n, &late), "0"); /* no rows of its own */
        assert_int_equal(n, 0);

        assert_int_not_equal(bureau_act(b, &(struct bureau_act){ .matter = one,
                                                           .who = "clerk",
                                                           .act = "wait" }),
                        0);
        change(b, one, "go_on", NULL);
        bureau_must(b, bureau_entry(b, "staff", "put",
                                       "{\"id\":\"boss\",\"unit\":\"bureau\","
                                       "\"roles\":[\"head\"]}"));
        bureau_must(b, bureau_act(b, &(struct bureau_act){ .matter = one,
                                                     .who = "boss",
                                                     .act = "finish" }) != 0);
        assert_string_equal(figure_of(b, "F1", 2021, NULL), "1");
        assert_string_equal(figure_of(b, "M1", 2021, NULL), "1");
        assert_string_equal(figure_of(b, "R1", 2021, NULL), "50.0");

        struct reader r;
        const struct indicator_month *months;
        size_t n_months;
        reader_open(&r, b);
        bureau_must(b, indicator_months(r.arena, &r.world, STR_LIT("N1"), period_year(2021),
                                       STR_LIT(""), &months, &n_months, &b->err));
        assert_int_equal(n_months, 2);
        assert_int_equal(months[0].month, 202103);
        const struct indicator_unit *units;
        size_t n_units;
        struct decimal sum = decimal_of(0);
        struct figure all;
        bureau_must(b, indicator_by_unit(r.arena, &r.world, STR_LIT("N1"), period_year(2021),
                                       &units, &n_units, &b->err));
        assert_true(n_units > 0);
        for (size_t i = 0; i < n_units; i++)
                assert_true(decimal_add(sum, units[i].value, &sum));
        bureau_must(b, indicator_value(r.arena, &r.world, STR_LIT("N1"), period_year(2021),
                                       STR_LIT(""), &all, &b->err));
        assert_int_equal(decimal_cmp(sum, all.value), 0); /* the units make the whole */
        assert_false(indicator_by_unit(r.arena, &r.world, STR_LIT("NOBODY"), period_year(2021),
                        &units, &n_units, &b->err));
        struct figure figure;
        assert_false(indicator_value(r.arena, &r.world, STR_LIT("NOBODY"), period_year(2021),
                        STR_LIT(""), &figure, &b->err));
        assert_int_equal(b->err.code, E_NOT_FOUND);
        reader_close(&r);
        assert_rebuilds(b);
        bureau_close(&b);
}

/* A matter that moves is found in its new unit; figures count it where it was begun. */
static void test_moved_matter(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        bureau_time(b, "2021-03-01 09:00");
        int64_t one = bureau_act(b,
                        &(struct bureau_act){ .procedure = "case",
                                        .who = "applicant",
                                        .act = "begin",
                                        .unit = "lujiang",
                                        .json = "{\"subject\":\"一\",\"kind\":\"甲\",\"amount\":5,"
                                                "\"accepted_on\":\"2021-03-01\"}" });
        change(b, one, "move", "{\"target\":\"bureau\"}");
        assert_string_equal(figure_of(b, "N1", 2021, "lujiang"), "1");
        assert_rebuilds(b);
        change(b, one, "change", "{\"amount\":7}");
        change(b, one, "change", "{\"kind\":\"乙\"}");
        assert_string_equal(figure_of(b, "N1", 2021, "lujiang"), "0");
        change(b, one, "change", "{\"kind\":\"甲\"}");
        assert_string_equal(figure_of(b, "N1", 2021, "lujiang"), "1");
        assert_string_equal(figure_of(b, "N1", 2021, NULL), "1");
        struct reader r;
        int64_t open = -1;
        reader_open(&r, b);
        const struct lookups *lookups = r.world.circumstances.lookups;
        assert_true(lookups->open_matters(lookups->user, STR_LIT("bureau"), &open));
        assert_int_equal(open, 1);
        assert_true(lookups->open_matters(lookups->user, STR_LIT("lujiang"), &open));
        assert_int_equal(open, 0);
        reader_close(&r);
        assert_rebuilds(b);
        bureau_close(&b);
}

static void test_entry_figures(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        bureau_must(b, bureau_entry(b, "firms", "put",
                                       "{\"code\":\"a\",\"name\":\"同名\","
                                       "\"staff\":3,\"unit\":\"siming\",\"$from\":\"2020-01-01\"}"));
        bureau_must(b, bureau_entry(b, "firms", "put",
                                       "{\"code\":\"b\",\"name\":\"同名\","
                                       "\"staff\":1,\"$from\":\"2020-07-01\"}"));
        bureau_must(b, bureau_entry(b, "firms", "put",
                                       "{\"code\":\"c\",\"name\":\"独名\","
                                       "\"staff\":2,\"$from\":\"2021-12-31\"}"));
        static const struct {
                const char *id;
                int year;
                const char *unit, *value;
        } rows[] = {
                { "C1", 2020, NULL, "1" },
                { "C1", 2021, NULL, "2" },
                { "C2", 2020, NULL, "4" },
                { "C2", 2021, NULL, "6" },
                { "C3", 2021, NULL, "2" },
                { "C1", 2021, "bureau", "1" },
                { "C1", 2021, "lujiang", "0" },
                { "C2", 2019, NULL, "0" },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++)
                assert_string_equal(figure_of(b, rows[i].id, rows[i].year, rows[i].unit),
                                rows[i].value);
        int n, late;
        assert_string_equal(summed(b, "C2", 2021, &n, &late), "6");
        assert_int_equal(n, 3);
        bureau_close(&b);
}

/* ---- Reports ---- */

static void freeze(struct bureau *b, int year)
{
        struct reader r;
        struct value data;
        reader_open(&r, b);
        bureau_must(b, report_freeze(r.arena, &r.world, STR_LIT("annual"), year, &data, &b->err));
        reader_close(&r);
        bureau_must(b, bureau_kernel(b, KIND_REPORT, ACT_FREEZE, data.context.members,
                                       data.context.n));
}

static struct report_view read_report(struct bureau *b, int year)
{
        struct reader r;
        struct report_view view;
        reader_open(&r, b);
        bureau_must(b, report_read(r.arena, &r.world, STR_LIT("annual"), year, &view, &b->err));
        reader_close(&r);
        return view;
}

static void test_report(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        bureau_time(b, "2021-03-01 09:00");
        begin(b, "{\"subject\":\"一\",\"kind\":\"甲\",\"accepted_on\":\"2021-03-01\","
                 "\"amount\":12345.67,"
                 "\"guests\":[{\"name\":\"甲\"},{\"name\":\"乙\"},{\"name\":\"丙\"}]}");
        static const char *const texts[] = { "受理1件", "涉及1.23万元", "参加2余人次",
                "大额为100元以上", "同比增长—", "未建（未纳入）", "其中大额1件" };
        struct report_view view = read_report(b, 2021);
        assert_false(view.frozen);
        assert_int_equal(view.n_lines, N_ELEMENTS(texts));
        for (size_t i = 0; i < N_ELEMENTS(texts); i++)
                assert_true(str_is(view.lines[i].text, texts[i]));
        freeze(b, 2021);
        view = read_report(b, 2021);
        assert_true(view.frozen);
        for (size_t i = 0; i < N_ELEMENTS(texts); i++)
                assert_true(str_is(view.lines[i].text, texts[i]));
        assert_true(str_is(view.lines[2].qualifier, ">"));
        /* The threshold that the report prints as well is not the figure. */
        assert_string_equal(figure_of(b, "T1", 2021, NULL), "1");

        struct reader r;
        struct value data;
        reader_open(&r, b);
        assert_false(report_freeze(r.arena, &r.world, STR_LIT("annual"), 2021, &data, &b->err));
        assert_int_equal(b->err.code, E_FOLD_FROZEN);
        assert_false(report_read(r.arena, &r.world, STR_LIT("other"), 2021, &view, &b->err));
        assert_int_equal(b->err.code, E_NOT_FOUND);
        reader_close(&r);
        assert_rebuilds(b);
        bureau_close(&b);
}

/* 已固定的期间不再变动；迟到和更正的计入下一期，并作标记。 */
static void test_frozen_period(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        int n, late;
        bureau_time(b, "2021-03-01 09:00");
        int64_t one = begin(b, "{\"subject\":\"一\",\"kind\":\"甲\",\"accepted_on\":\"2021-03-01\","
                               "\"amount\":100,\"firm\":\"f1\"}");
        int64_t two = begin(b, "{\"subject\":\"二\",\"kind\":\"甲\",\"accepted_on\":\"2021-04-01\","
                               "\"amount\":200}");
        bureau_time(b, "2022-01-10 09:00");
        freeze(b, 2021);
        bureau_time(b, "2022-02-01 09:00");
        begin(b, "{\"subject\":\"迟到\",\"kind\":\"甲\",\"accepted_on\":\"2021-12-31\","
                 "\"amount\":10}");
        change(b, one, "change", "{\"kind\":\"乙\",\"amount\":150}");
        static const struct {
                const char *why, *id;
                int year;
                const char *figure, *sum;
                int n, late;
        } rows[] = {
                { "the frozen year stays", "N1", 2021, "2", "2", 2, 0 },
                { "and so do its sums", "S1", 2021, "0.03", "300", 2, 0 },
                { "one came late, one was taken back", "N1", 2022, "0", "0", 2, 2 },
                { "the sum is corrected by the difference", "S1", 2022, "0.01", "60", 2, 2 },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                assert_string_equal(figure_of(b, rows[i].id, rows[i].year, NULL), rows[i].figure);
                const char *sum = summed(b, rows[i].id, rows[i].year, &n, &late);
                if (strcmp(sum, rows[i].sum) != 0 || n != rows[i].n || late != rows[i].late)
                        fail_msg("%s: %s (%d, %d)", rows[i].why, sum, n, late);
        }
        assert_rebuilds(b);
        change(b, one, "change", "{\"kind\":\"甲\",\"amount\":100}"); /* and back again */
        change(b, two, "change", "{\"accepted_on\":\"2022-03-01\"}"); /* leaves the frozen year */
        assert_string_equal(figure_of(b, "N1", 2021, NULL), "2");
        assert_string_equal(figure_of(b, "N1", 2022, NULL), "1"); /* late 1, two: -1 + 1 */
        assert_string_equal(summed(b, "N1", 2022, &n, &late), "1");
        assert_string_equal(summed(b, "S1", 2022, &n, &late), "10"); /* 10 - 200 + 200 */
        assert_rebuilds(b);
        freeze(b, 2022);
        change(b, two, "change", "{\"kind\":\"乙\"}"); /* now into 2023 */
        assert_string_equal(figure_of(b, "N1", 2022, NULL), "1");
        assert_string_equal(figure_of(b, "N1", 2023, NULL), "-1");
        assert_rebuilds(b);
        bureau_close(&b);
}

/* 同比以上一年已固定的数据为准。 */
static void test_growth_against_loaded_figures(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        struct value data;
        bureau_time(b, "2021-03-01 09:00");
        bureau_must(b, value_parse_json(b->arena,
                                       STR_LIT("{\"figures\":[{\"id\":\"L1\",\"indicator\":\"N1\","
                                               "\"qualifier\":\"=\","
                                               "\"shown\":\"4\",\"unit\":\"件\",\"value\":\"4\"}],"
                                               "\"report\":\"annual\",\"year\":2020}"),
                                       &data, &b->err));
        bureau_must(b, bureau_kernel(b, KIND_REPORT, ACT_LOAD_FROZEN, data.context.members,
                                       data.context.n));
        for (int i = 0; i < 5; i++)
                begin(b, "{\"subject\":\"一\",\"kind\":\"甲\",\"accepted_on\":\"2021-03-01\"}");
        assert_string_equal(figure_of(b, "N1", 2020, NULL), "4");
        assert_string_equal(figure_of(b, "G1", 2021, NULL), "25.0");
        struct report_view view = read_report(b, 2020);
        assert_true(view.frozen);
        assert_true(str_is(
                        view.lines[0].shown, REPORT_UNDEFINED)); /* F1 was not in what was loaded */
        assert_true(str_is(view.lines[view.n_lines - 1].id, "L1"));
        assert_false(bureau_kernel(
                        b, KIND_REPORT, ACT_LOAD_FROZEN, data.context.members, data.context.n));
        assert_int_equal(b->err.code, E_FOLD_FROZEN);
        assert_rebuilds(b);
        bureau_close(&b);
}

/* An indicator that comes later counts what is there; one that goes leaves nothing. */
static void test_new_indicator_counts_the_past(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        bureau_time(b, "2021-03-01 09:00");
        begin(b, "{\"subject\":\"一\",\"kind\":\"乙\",\"accepted_on\":\"2021-03-01\"}");
        bureau_definition(b, "indicators/more.yaml",
                        STR_LIT("indicators:\n  X1: {label: 乙类, unit: 件, count: case,"
                                " where: 'kind = \"乙\"',"
                                " date: accepted_on}\n"));
        begin(b, "{\"subject\":\"二\",\"kind\":\"乙\",\"accepted_on\":\"2021-03-02\"}");
        assert_string_equal(figure_of(b, "X1", 2021, NULL), "2");
        assert_rebuilds(b);
        bureau_must(b, bureau_text(b, KIND_DEFINITION, ACT_RETIRE, "indicators/more.yaml",
                                       STR_LIT("")));
        begin(b, "{\"subject\":\"三\"}");
        struct snapshot *snapshot = NULL;
        struct rows rows = { 0 };
        bureau_must(b, snapshot_open(b->store, &snapshot, &b->err));
        bureau_must(b, snapshot_rows(snapshot, Q_TOTAL_SUM,
                                       PARAMS(param_text(STR_LIT("X1")), param_int(202101),
                                                       param_int(202112), param_null()),
                                       &rows, &b->err));
        assert_true(rows_next(&rows));
        assert_int_equal(rows_int(&rows, 0), 0);
        rows_close(&rows);
        snapshot_close(&snapshot);
        assert_rebuilds(b);
        bureau_close(&b);
}

static void test_indicator_loop(void **state)
{
        (void)state;
        struct bureau *b = open_bureau();
        struct reader r;
        struct figure figure;
        struct catalogue catalogue = *projection_catalogue(b->projection);
        struct indicator loop = { .id = STR_LIT("LOOP"),
                .kind = INDICATOR_RATIO,
                .operand = { STR_LIT("LOOP"), STR_LIT("LOOP") } };
        catalogue.indicators = &loop; /* the loader refuses it; a reader must not hang */
        catalogue.n_indicators = 1;
        reader_open(&r, b);
        r.world.catalogue = &catalogue;
        assert_false(indicator_value(r.arena, &r.world, STR_LIT("LOOP"), period_year(2021),
                        STR_LIT(""), &figure, &b->err));
        assert_int_equal(b->err.code, E_INDICATOR_LOOP);
        reader_close(&r);
        bureau_close(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_figures_follow_changes),
                cmocka_unit_test(test_moved_matter),
                cmocka_unit_test(test_entry_figures),
                cmocka_unit_test(test_report),
                cmocka_unit_test(test_frozen_period),
                cmocka_unit_test(test_growth_against_loaded_figures),
                cmocka_unit_test(test_new_indicator_counts_the_past),
                cmocka_unit_test(test_indicator_loop),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
