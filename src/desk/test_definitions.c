/* Sites, and how definitions, calendars and reports come into force. */
#include "desk/test_site.h"

#include <string.h>
#include <sys/stat.h>

#include "desk/definitions.h"
#include "desk/freeze.h"
#include "projection/report.h"
#include "projection/world.h"

/* ---- site.yaml ---- */

#define WHO "organ: 测试局\nprefix: 测\nregion: '350200'\ncity: 测试市\n"

static void test_settings(void **state)
{
        static const struct {
                const char *why, *text;
                enum err_code code; /* E_NONE: taken */
        } rows[] = {
                { "the four that are needed", WHO, E_NONE },
                { "all",
                                WHO "hash: sm3\nstore: sqlite\nyellow: 3\nred: 1\nport: 80\n"
                                    "parameters: {note.reply_days: 5, note.x: true, note.y: 词}\n",
                                E_NONE },
                { "one is missing", "organ: 测试局\nprefix: 测\ncity: 测试市\n", E_SITE_CONFIG },
                { "an unknown one", WHO "colour: red\n", E_SITE_CONFIG },
                { "an unknown hash", WHO "hash: md5\n", E_SITE_CONFIG },
                { "no number", WHO "yellow: many\n", E_SITE_CONFIG },
                { "a negative number", WHO "red: -1\n", E_SITE_CONFIG },
                { "a port that is none", WHO "port: 65536\n", E_SITE_CONFIG },
                { "a list for a text", WHO "store: [a]\n", E_SITE_CONFIG },
                { "parameters that are a text", WHO "parameters: x\n", E_SITE_CONFIG },
                { "a parameter that is a list", WHO "parameters: {a.b: [1]}\n", E_SITE_CONFIG },
                { "no map at all", "- a\n", E_SITE_CONFIG },
                { "no YAML at all", "a: [\n", E_DEFINITION_YAML },
                { "a key twice", WHO "city: 甲\n", E_DEFINITION_YAML },
        };
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct arena *arena = arena_open();
                struct site_config config, again;
                struct err err = { 0 };
                bool ok = site_config_parse(arena, str_of(rows[i].text), &config, &err);
                if (ok != (rows[i].code == E_NONE) || (!ok && err.code != rows[i].code))
                        fail_msg("%s: %s %s", rows[i].why, err_text(err.code)->name, err.detail);
                if (ok) { /* what is written can be read */
                        assert_true(site_config_parse(
                                        arena, site_config_format(arena, &config), &again, &err));
                        assert_true(str_eq(config.organ, again.organ));
                        assert_true(value_eq(&config.parameters, &again.parameters));
                        assert_int_equal(config.hash, again.hash);
                }
                arena_close(&arena);
        }
}

/* A making that fails leaves nothing behind, and is made in the same folder when all is well. What
 * was there before stays. */
static void test_made_again(void **state)
{
        static const char *const wheres[] = { "again", "mine" };
        struct test_site *t = test_open(false);
        struct site_config config = test_config();
        struct site_data bad = t->data;
        const struct definition_source broken = { STR_LIT("procedures/x.yaml"), STR_LIT("x: [") };
        struct site *site = NULL;
        (void)state;
        bad.definitions = &broken;
        bad.n_definitions = 1;
        for (size_t i = 0; i < N_ELEMENTS(wheres); i++) {
                const char *dir = str_format(t->arena, "%s/%s", t->dir, wheres[i]).p;
                const char *note = str_format(t->arena, "%s/note", dir).p;
                const char *key = str_format(t->arena, "%s/keys/log.key", dir).p;
                const char *records = str_format(t->arena, "%s/plumbline.db", dir).p;
                bool mine = i == 1;
                if (mine) {
                        assert_int_equal(mkdir(dir, 0700), 0);
                        FILE *file = fopen(note, "w");
                        assert_non_null(file);
                        assert_int_equal(fclose(file), 0);
                }
                assert_false(site_init(str_of(dir), &config, &bad, t->now, &t->err));
                assert_int_equal(t->err.code, E_DEFINITION_YAML);
                assert_int_equal(access(key, F_OK), -1);
                assert_int_equal(access(records, F_OK), -1);
                assert_int_equal(access(dir, F_OK), mine ? 0 : -1);
                assert_int_equal(access(note, F_OK), mine ? 0 : -1);
                test_must(t, site_init(str_of(dir), &config, &t->data, t->now, &t->err));
                test_must(t, site_open(str_of(dir), &site, &t->err));
                site_close(&site);
        }
        test_close(t);
}

static void test_making_and_opening(void **state)
{
        struct test_site *t = test_open(false);
        struct site_config config = test_config();
        struct site *site = NULL;
        struct stat stat_key;
        char path[128];
        (void)state;
        /* A site is not made over another. */
        assert_false(site_init(str_of(t->dir), &config, &t->data, t->now, &t->err));
        assert_int_equal(t->err.code, E_SITE_EXISTS);
        assert_false(site_open(STR_LIT("/nonexistent/site"), &site, &t->err));
        assert_int_equal(t->err.code, E_SITE_NONE);
        /* Nobody else may read the key; a spoilt one is refused. */
        snprintf(path, sizeof(path), "%s/keys/log.key", t->dir);
        assert_int_equal(stat(path, &stat_key), 0);
        assert_int_equal(stat_key.st_mode & 0777, 0600);
        test_must(t, desk_close(&t->desk, &t->err));
        FILE *key = fopen(path, "w");
        assert_non_null(key);
        fputs("plumbline-log-key-v1 x zz\n", key);
        fclose(key);
        assert_false(site_open(str_of(t->dir), &site, &t->err));
        assert_int_equal(t->err.code, E_SITE_KEY);
        test_close(t);
}

static void test_a_store_without_a_ledger(void **state)
{
        struct test_site *t = test_open(false);
        struct store *empty = NULL;
        (void)state;
        test_must(t, desk_close(&t->desk, &t->err));
        test_must(t, store_open(":memory:", &(struct store_options){ .create = true }, &empty,
                                     &t->err));
        store_close(&t->site->store);
        t->site->store = empty;
        test_open_desk(t, false);
        assert_false(test_do(t, "note.write", "li", "{\"subject\":\"甲\"}", NULL));
        assert_int_equal(t->err.code, E_SITE_LEDGER);
        test_close(t);
}

/* National algorithms, and the site's own value for a parameter. */
static void test_sm3_and_parameters(void **state)
{
        struct test_site *t = test_open(false);
        struct site_config config = test_config();
        struct member five = { STR_LIT("note.reply_days"), value_int(5) };
        struct receipt r;
        struct str dir = str_format(t->arena, "%s/other", t->dir);
        (void)state;
        test_must(t, desk_close(&t->desk, &t->err));
        site_close(&t->site);
        config.hash = LEDGER_SM3;
        config.parameters = value_context(&five, 1);
        test_must(t, site_init(dir, &config, &t->data, t->now, &t->err));
        test_must(t, site_open(dir, &t->site, &t->err));
        assert_int_equal(site_config(t->site)->hash, LEDGER_SM3);
        test_open_desk(t, false);
        test_people(t);
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"甲\"}", &r));
        test_must(t, test_do(t, "测函〔2021〕1号.ask", "li", NULL, &r));
        assert_true(str_is(r.clocks[0].text, "2021-03-08")); /* five working days, not three */
        test_close(t);
}

/* ---- Definitions ---- */

static struct str changed(struct test_site *t, const char *from, const char *to)
{
        struct str text = str_of(test_note), old = str_of(from);
        size_t at = str_find(text, old);
        assert_true(at != SIZE_MAX);
        return str_format(t->arena, "%.*s%s%.*s", (int)at, text.p, to,
                        STR_FMT(str_slice(text, at + old.n, text.n)));
}

static void test_what_may_change(void **state)
{
        static const struct {
                const char *why, *from, *to;
                enum err_code code;
        } rows[] = {
                { "a label is for people", "label: 起草", "label: 拟稿", E_NONE },
                { "a hint too", "hint: 请送签", "hint: 送签", E_NONE },
                { "a role is not", "by: [clerk, applicant]", "by: [clerk]", E_DEFINITION_PINNED },
                { "a term is not", "value: reply_days", "value: 10", E_DEFINITION_PINNED },
                { "a version that is gone", "version: N1", "version: N0", E_DEFINITION_PINNED },
                { "what makes no sense", "from: waiting", "from: nowhere", E_NONE + 1 },
        };
        struct test_site *t = test_open(false);
        (void)state;
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"甲\"}", NULL));
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct definition_source source = { STR_LIT("procedures/note.yaml"),
                        changed(t, rows[i].from, rows[i].to) };
                bool ok = definitions_activate(t->desk, &source, STR_LIT("li"), &t->err);
                enum err_code got = ok ? E_NONE : t->err.code;
                bool wrong = rows[i].code == E_NONE + 1 ? ok : got != rows[i].code;
                if (wrong)
                        fail_msg("%s: %s %s", rows[i].why, err_text(t->err.code)->name,
                                        t->err.detail);
        }
        test_close(t);
}

/* A new version is for new matters; those that run keep theirs. */
static void test_a_new_version(void **state)
{
        static const char n2[] =
                        "  - version: N2\n    effective: 2021-03-02\n    base: N1\n"
                        "    parameters: {reply_days: {value: 10, label: 答复期限, note: 可配置}}\n";
        struct test_site *t = test_open(false);
        struct definition_source source = { STR_LIT("procedures/note.yaml"),
                str_format(t->arena, "%s%s", test_note, n2) };
        struct receipt r;
        (void)state;
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"甲\"}", NULL));
        test_must(t, definitions_activate(t->desk, &source, STR_LIT("li"), &t->err));
        t->now = test_moment("2021-03-03 09:00");
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"乙\"}", NULL));
        test_reopen(t, false); /* the site carries its definitions */
        test_must(t, test_do(t, "测函〔2021〕1号.ask", "li", NULL, &r));
        assert_true(str_is(r.clocks[0].text, "2021-03-08"));
        test_must(t, test_do(t, "测函〔2021〕2号.ask", "li", NULL, &r));
        assert_true(str_is(r.clocks[0].text, "2021-03-17"));
        test_close(t);
}

static void test_before_the_first_version(void **state)
{
        struct test_site *t = test_open(false);
        struct definition_source source = { STR_LIT("procedures/note.yaml"),
                changed(t, "effective: 2018-01-01", "effective: 2022-01-01") };
        (void)state;
        test_must(t, definitions_activate(t->desk, &source, STR_LIT("li"), &t->err));
        assert_false(test_do(t, "note.write", "li", "{\"subject\":\"甲\"}", NULL));
        assert_int_equal(t->err.code, E_DESK_NO_VERSION);
        test_close(t);
}

/* ---- Calendars ---- */

#define SPRING                                                                                                               \
        "notice\t测发〔2021〕1号\ntitle\t关于调整放假的通知\nsource\thttps://www.gov.cn/\nknown\t2021-03-01\n" \
        "amends\t2021\noff\t植树节\t2021-03-03\t2021-03-03\n"

static void test_a_notice_moves_running_clocks(void **state)
{
        struct test_site *t = test_open(false);
        struct calendar_file file = { STR_LIT("calendars/2021-march.tsv"), STR_LIT(SPRING) };
        const struct moved_clock *moved;
        size_t n;
        (void)state;
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"甲\"}", NULL));
        test_must(t, test_do(t, "测函〔2021〕1号.ask", "li", NULL, NULL));
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"乙\"}", NULL));
        test_must(t, calendar_load(t->arena, t->desk, &file, STR_LIT("li"), &moved, &n, &t->err));
        assert_int_equal(n, 1);
        assert_true(str_is(moved[0].number, "测函〔2021〕1号") && str_is(moved[0].clock, "reply"));
        assert_true(str_is(date_format(t->arena, moved[0].old_day), "2021-03-04"));
        assert_true(str_is(date_format(t->arena, moved[0].new_day), "2021-03-05"));
        assert_false(moved[0].provisional);
        assert_int_equal(test_count(t, Q_OUTBOX_COUNT), 1); /* whoever works on it is told */
        test_reopen(t, false);                              /* and stays moved */
        t->now = test_moment("2021-03-05 12:00");
        test_must(t, test_do(t, "测函〔2021〕1号.reply", "li", NULL, NULL));
        test_close(t);
}

static void test_a_notice_that_is_not_out_yet(void **state)
{
        struct test_site *t = test_open(false);
        struct calendar_file file = { STR_LIT("calendars/2021-march.tsv"), STR_LIT(SPRING) };
        const struct moved_clock *moved;
        size_t n;
        (void)state;
        t->now = test_moment("2021-03-01 09:00");
        file.text = str_format(t->arena, "%.*s", STR_FMT(file.text));
        char *known = (char *)memmem(file.text.p, file.text.n, "known\t2021-03-01", 16);
        memcpy(known, "known\t2021-03-02", 16);
        assert_false(calendar_load(t->arena, t->desk, &file, STR_LIT("li"), &moved, &n, &t->err));
        assert_int_equal(t->err.code, E_CALENDAR_EARLY);
        test_close(t);
}

/* ---- Reports ---- */

static struct str figure_shown(struct test_site *t, int year)
{
        struct snapshot *snapshot = NULL;
        struct world world;
        struct report_view view;
        test_must(t, snapshot_open(site_store(t->site), &snapshot, &t->err));
        world_open(&world, snapshot, site_catalogue(t->site), site_calendars(t->site),
                        site_facts(t->site), t->now);
        test_must(t, report_read(t->arena, &world, STR_LIT("annual"), year, &view, &t->err));
        snapshot_close(&snapshot);
        return view.n_lines > 0 ? view.lines[0].shown : STR_LIT("");
}

static void test_a_frozen_year_never_changes(void **state)
{
        struct test_site *t = test_open(false);
        size_t n;
        (void)state;
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"甲\"}", NULL));
        test_must(t, report_freeze_year(t->desk, STR_LIT("annual"), 2021, STR_LIT("li"), &t->err));
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"乙\"}", NULL));
        assert_true(str_is(figure_shown(t, 2021), "1"));
        assert_false(report_freeze_year(t->desk, STR_LIT("annual"), 2021, STR_LIT("li"), &t->err));
        assert_int_equal(t->err.code, E_FOLD_FROZEN);
        test_must(t, report_load_year(t->desk, STR_LIT("annual"), 2020,
                                     STR_LIT("# 上年\nF1\tN1\t41\t件\n"), STR_LIT("li"), &n,
                                     &t->err));
        assert_int_equal(n, 1);
        assert_true(str_is(figure_shown(t, 2020), "41"));
        test_close(t);
}

static void test_lines_that_are_no_figures(void **state)
{
        static const char *const rows[] = { "", "# 只有注释\n", "F1\tN1\n", "F1\tN1\tmany\t件\n",
                "\tN1\t1\t件\n" };
        struct test_site *t = test_open(false);
        size_t n;
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                assert_false(report_load_year(t->desk, STR_LIT("annual"), 2020, str_of(rows[i]),
                                STR_LIT("li"), &n, &t->err));
                assert_int_equal(t->err.code, E_FREEZE_LINE);
        }
        test_close(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_settings),
                cmocka_unit_test(test_making_and_opening),
                cmocka_unit_test(test_made_again),
                cmocka_unit_test(test_a_store_without_a_ledger),
                cmocka_unit_test(test_sm3_and_parameters),
                cmocka_unit_test(test_what_may_change),
                cmocka_unit_test(test_a_new_version),
                cmocka_unit_test(test_before_the_first_version),
                cmocka_unit_test(test_a_notice_moves_running_clocks),
                cmocka_unit_test(test_a_notice_that_is_not_out_yet),
                cmocka_unit_test(test_a_frozen_year_never_changes),
                cmocka_unit_test(test_lines_that_are_no_figures),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
