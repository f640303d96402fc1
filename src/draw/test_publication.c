#include "draw/test_fixture.h"
#include "draw/verify.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* The C verifier and tools/draw_verify.py, which shares no line with it, must
 * give the same verdict on every file here. */

static const struct seed_source sources[] = {
        { STR_LIT("中国福利彩票双色球"), STR_LIT("2021051"), STR_LIT("99 99 99 99 99 99+99") },
        { STR_LIT("上证综指收盘"), STR_LIT("2021-05-12"), STR_LIT("9999.99") },
};
static const struct str values[] = { STR_LIT("03 07 12 19 25 31+08"), STR_LIT("3462.75") };
static const struct draw_stratum strata[] = {
        { STR_LIT("律师事务所"), DRAW_RATIO, .ratio = 2500, .minimum = 2, .n_substitutes = 3 },
        { STR_LIT("公证机构"), DRAW_COUNT, .count = 1, .n_substitutes = 1 },
};

static struct draw_publication sample(struct arena *arena, bool weighted)
{
        struct draw_publication publication = {
                .batch = STR_LIT("厦司双随〔2021〕1号"),
                .pool = frozen(arena,
                                ROWS("律01|律师事务所|350203|1", "律02|律师事务所|350205|1",
                                                weighted ? "律03|律师事务所|350206|4"
                                                         : "律03|律师事务所|350206",
                                                "律04|律师事务所|350203|1",
                                                "律05|律师事务所|350211|1",
                                                "律06|律师事务所|350203|1|本年已抽查",
                                                "律07|律师事务所|350212|1",
                                                "证01|公证机构|350203|1", "证02|公证机构|350205|1"),
                                ROWS("P1!|350203|2025-12-31|1", "P2!|350205|2025-12-31|0|律01 证02",
                                                "P3!|350206|2025-12-31", "P4|350211|2025-12-31",
                                                "P5|350212|2021-05-31",
                                                "P6|350213|2025-12-31|2|律05", "G1||guest|0|律02",
                                                "G2||guest")),
                .plan = { weighted ? DRAW_TICKET : DRAW_RFC3797, strata, 2, 3, STR_LIT("") },
                .sources = sources,
                .values = values,
                .n_sources = 2,
                .has_pairs = true,
                .rule = { .day = day("2021-06-01"),
                                .n_officers = 2,
                                .n_guests = 1,
                                .need_lead = true,
                                .cross_district = true },
        };
        return publication;
}

/* The first drawn object closes, and the second officer of the first task, as
 * well as the guest of the third, fall out. */
static void add_aftermath(struct arena *arena, struct draw_publication *publication)
{
        struct draw_publication_result result;
        struct err err;
        assert_true(draw_publication_compute(arena, publication, &result, &err));
        struct draw_publication_replacement *closed =
                        arena_new(arena, struct draw_publication_replacement);
        struct draw_publication_substitution *out =
                        arena_new_array(arena, 2, struct draw_publication_substitution);
        const struct pair_task *tasks = result.tasks;
        *closed = (struct draw_publication_replacement){
                publication->pool.objects[tasks[0].object].id, STR_LIT("检查前已注销")
        };
        for (size_t i = 0; i < 2; i++) {
                const struct pair_task *task = &tasks[1 + i];
                size_t who = i == 0 ? task->officers[1].inspector : task->guests[0].inspector;
                out[i] = (struct draw_publication_substitution){
                        publication->pool.objects[task->object].id,
                        publication->pool.inspectors[who].id, STR_LIT("因病"), publication->rule.day
                };
        }
        publication->replacements = closed;
        publication->n_replacements = 1;
        publication->substitutions = out;
        publication->n_substitutions = result.tasks[2].n_guest_substitutes > 0 ? 2 : 1;
}

static struct str json_of(struct arena *arena, const struct draw_publication *publication)
{
        struct value value;
        struct err err;
        if (!draw_publication_write(arena, publication, &value, &err))
                fail_msg("%s", str_c(arena, err_sentence(arena, &err)));
        struct buf buf = BUF(arena);
        value_write_json(&buf, &value);
        return buf_str(&buf);
}

static void write_file(char *path, struct str json)
{
        int fd = mkstemp(path);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, json.p, json.n), (ssize_t)json.n);
        assert_int_equal(close(fd), 0);
}

/* Runs a program without a shell; its output, NUL-terminated, and its exit code. */
static int run(char *const argv[], char *output, size_t size)
{
        int ends[2], status;
        size_t n = 0;
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
                int quiet = open("/dev/null", O_WRONLY);
                dup2(ends[1], 1);
                dup2(quiet, 2);
                close(ends[0]);
                execvp(argv[0], argv);
                _exit(127);
        }
        close(ends[1]);
        for (ssize_t got; n + 1 < size && (got = read(ends[0], output + n, size - 1 - n)) > 0;)
                n += (size_t)got;
        output[n] = '\0';
        close(ends[0]);
        assert_int_equal(waitpid(child, &status, 0), child);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* 0 if the other verifier agrees with the file. */
static int run_python(struct arena *arena, struct str json)
{
        char path[] = "/tmp/plumbline-draw-XXXXXX", output[4096];
        char *script = (char *)str_c(arena,
                        str_format(arena, "%s/tools/draw_verify.py", getenv("PLUMBLINE_SOURCE")));
        write_file(path, json);
        int status = run((char *const[]){ "python3", script, path, NULL }, output, sizeof(output));
        assert_int_not_equal(status, 127);
        unlink(path);
        return status;
}

static void both_say(struct arena *arena, const char *why, struct str json, bool good)
{
        struct draw_report report;
        struct err err = { E_NONE };
        bool ok = draw_verify(arena, json, &report, &err);
        if (ok != good)
                fail_msg("%s: C says %s%s %s", why, ok ? "good" : "bad ", err.field, err.detail);
        if ((run_python(arena, json) == 0) != good)
                fail_msg("%s: Python disagrees", why);
}

static struct str changed(struct arena *arena, struct str json, const char *from, const char *to)
{
        size_t at = str_find(json, str_of(from));
        if (at == SIZE_MAX)
                fail_msg("nothing to change: %s", from);
        return str_format(arena, "%.*s%s%.*s", (int)at, json.p, to,
                        (int)(json.n - at - strlen(from)), json.p + at + strlen(from));
}

static void test_good_files(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        for (int i = 0; i < 4; i++) {
                struct draw_publication publication = sample(arena, i % 2 == 0);
                if (i >= 2)
                        add_aftermath(arena, &publication);
                both_say(arena, "as written", json_of(arena, &publication), true);
        }
        struct draw_publication objects_only = sample(arena, true);
        objects_only.has_pairs = false;
        objects_only.plan.total = -1;
        both_say(arena, "without inspectors", json_of(arena, &objects_only), true);
        arena_close(&arena);
}

static char *doc_program(struct arena *arena, char *doc, size_t size)
{
        struct str path = str_format(arena, "%s/docs/draw-format.md", getenv("PLUMBLINE_SOURCE"));
        int fd = open(str_c(arena, path), O_RDONLY);
        assert_true(fd >= 0);
        ssize_t n = read(fd, doc, size - 1);
        assert_true(n > 0);
        close(fd);
        doc[n] = '\0';
        char *from = strstr(doc, "```python\n");
        assert_non_null(from);
        from += strlen("```python\n");
        char *to = strstr(from, "```");
        assert_non_null(to);
        *to = '\0';
        return from;
}

/* The twenty lines of docs/draw-format.md, as printed there, give the same names. */
static void test_twenty_lines(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        struct draw_publication publication = sample(arena, true);
        struct draw_publication_result result;
        struct err err;
        char path[] = "/tmp/plumbline-draw-XXXXXX", printed[1024] = "";
        write_file(path, json_of(arena, &publication));
        assert_true(draw_publication_compute(arena, &publication, &result, &err));
        struct buf want = BUF(arena);
        for (size_t s = 0; s < result.draw.n_strata; s++) {
                buf_format(&want, "%.*s [", STR_FMT(publication.plan.strata[s].name));
                for (size_t i = 0; i < result.draw.strata[s].size.sample; i++) {
                        size_t object = result.draw.strata[s].picks[i].object;
                        buf_format(&want, "%s'%.*s'", i == 0 ? "" : ", ",
                                        STR_FMT(publication.pool.objects[object].id));
                }
                buf_c(&want, "]\n");
        }
        char doc[32768];
        char *program = doc_program(arena, doc, sizeof(doc));
        int status = run((char *const[]){ "python3", "-c", program, path, NULL }, printed,
                        sizeof(printed));
        unlink(path);
        assert_int_equal(status, 0);
        assert_true(strlen(printed) > 0);
        assert_string_equal(printed, str_c(arena, buf_str(&want)));
        arena_close(&arena);
}

static void test_report_counts(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        struct draw_publication publication = sample(arena, true);
        struct draw_report report;
        struct err err;
        assert_true(draw_verify(arena, json_of(arena, &publication), &report, &err));
        assert_int_equal(report.n_objects, 9);
        assert_int_equal(report.n_picks, 2 + 3 + 1 + 1);
        assert_true(report.n_officers >= 3 * 3);
        assert_true(report.n_compared > 100);
        assert_int_equal(report.n_problems, 0);

        struct str forged = changed(arena, json_of(arena, &publication), "\"k\":1", "\"k\":2");
        assert_false(draw_verify(arena, forged, &report, &err));
        assert_int_equal(err.code, E_DRAW_DIFFERS);
        assert_int_equal(report.n_problems, 1);
        assert_non_null(strstr(err.field, "strata["));
        arena_close(&arena);
}

static void test_tampered_files(void **state)
{
        (void)state;
        static const struct {
                const char *why, *from, *to;
        } rows[] = {
                { "a weight was lowered after the draw", "\"weight\":4}", "\"weight\":1}" },
                { "an excluded object was let in", "本年已抽查", "" },
                { "another lottery number", "03 07 12", "03 07 13" },
                { "a number written otherwise", "3462.75", "03462.75" },
                { "another batch", "2021〕1号", "2021〕2号" },
                { "one pick more than announced", "\"ratio\":2500", "\"ratio\":5000" },
                { "ratio over 100 %", "\"ratio\":2500", "\"ratio\":10001" },
                { "a certificate was prolonged", "2021-05-31", "2022-05-31" },
                { "a recusal was struck out", "\"律01\",\"证02\"", "\"证02\"" },
                { "the load of an officer", "\"load\":2,\"name\"", "\"load\":1,\"name\"" },
                { "the day", "\"day\":\"2021-06-01\",\"guests\"",
                                "\"day\":\"2021-05-31\",\"guests\"" },
                { "no cross-checking", "\"cross_district\":true", "\"cross_district\":false" },
                { "a single officer", "\"officers\":2", "\"officers\":1" },
                { "reason is recorded, who steps in is not chosen", "\"by\":\"", "\"by\":\"x" },
                { "an unknown member", "\"batch\":", "\"note\":\"\",\"batch\":" },
                { "a member twice", "\"batch\":", "\"batch\":\"x\",\"batch\":" },
                { "a missing member", "\"key\":\"\",", "" },
                { "the pool hash", "\"sha256\":\"", "\"sha256\":\"0" },
                { "the seed", "\"seed\":\"", "\"seed\":\"0" },
                { "a ticket", "\"ticket\":\"", "\"ticket\":\"0" },
                { "another format", "plumbline-draw 1", "plumbline-draw 2" },
                { "not JSON", "{", "" },
        };
        struct arena *arena = arena_open();
        struct draw_publication publication = sample(arena, true);
        add_aftermath(arena, &publication);
        struct str json = json_of(arena, &publication);
        for (size_t i = 0; i < N_ELEMENTS(rows); i++)
                both_say(arena, rows[i].why, changed(arena, json, rows[i].from, rows[i].to), false);
        arena_close(&arena);
}

/* Any one digit or letter changed anywhere: never verified, never a crash. */
static void test_every_byte_matters(void **state)
{
        (void)state;
        struct arena *arena = arena_open(), *scratch = arena_open();
        struct draw_publication publication = sample(arena, true); /* reasons are free text */
        struct str json = json_of(arena, &publication);
        char *forged = arena_alloc(arena, json.n);
        for (size_t i = 0; i < json.n; i += 7) {
                struct draw_report report;
                struct err err;
                memcpy(forged, json.p, json.n);
                forged[i] = (char)(forged[i] ^ 1);
                if (draw_verify(scratch, (struct str){ forged, json.n }, &report, &err))
                        fail_msg("byte %zu: %.*s", i, 40, forged + (i > 20 ? i - 20 : 0));
                arena_reset(scratch);
        }
        arena_close(&arena);
        arena_close(&scratch);
}

static void test_nothing_checked_fails(void **state)
{
        (void)state;
        static const struct {
                const char *why, *json;
                enum err_code code;
        } rows[] = {
                { "empty", "", E_JSON },
                { "empty object", "{}", E_DRAW_FORMAT },
                { "a list", "[]", E_DRAW_FORMAT },
                { "a number", "1", E_DRAW_FORMAT },
        };
        struct arena *arena = arena_open();
        struct draw_report report;
        struct err err;
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                both_say(arena, rows[i].why, str_of(rows[i].json), false);
                assert_false(draw_verify(arena, str_of(rows[i].json), &report, &err));
                assert_int_equal(err.code, rows[i].code);
        }
        struct draw_publication publication = sample(arena, true);
        publication.pool = frozen(arena, ROWS("律01|律师事务所||1|已注销"), NULL);
        static const struct draw_stratum none[] = { { STR_LIT("律师事务所"), DRAW_RATIO,
                        .ratio = 500 } };
        publication.plan = (struct draw_plan){ DRAW_TICKET, none, 1, 0, STR_LIT("") };
        publication.has_pairs = false;
        both_say(arena, "nobody takes part", json_of(arena, &publication), false);
        assert_false(draw_verify(arena, json_of(arena, &publication), &report, &err));
        assert_int_equal(err.code, E_DRAW_NOTHING);
        arena_close(&arena);
}

static void test_aftermath_is_checked(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        struct draw_publication publication = sample(arena, true);
        struct draw_publication_result result;
        struct err err;
        static const struct draw_publication_replacement never = { STR_LIT("律06"),
                STR_LIT("注销") };
        static const struct draw_publication_replacement unknown = { STR_LIT("X"),
                STR_LIT("注销") };
        add_aftermath(arena, &publication);
        struct draw_publication_replacement twice[] = { publication.replacements[0],
                publication.replacements[0] };
        struct draw_publication_replacement silent = { twice[0].object, STR_LIT("") };
        const struct {
                const struct draw_publication_replacement *items;
                size_t n;
        } rows[] = { { &never, 1 }, { &unknown, 1 }, { twice, 2 }, { &silent, 1 } };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct draw_publication bad = publication;
                bad.replacements = rows[i].items;
                bad.n_replacements = rows[i].n;
                assert_false(draw_publication_compute(arena, &bad, &result, &err));
                assert_int_equal(err.code, E_DRAW_SUBSTITUTE);
        }
        struct draw_publication_substitution again[] = { publication.substitutions[0],
                publication.substitutions[0] };
        struct draw_publication bad = publication;
        bad.substitutions = again;
        bad.n_substitutions = 2;
        assert_false(draw_publication_compute(arena, &bad, &result, &err));
        assert_int_equal(err.code, E_PAIR_SUBSTITUTE);
        arena_close(&arena);
}

/* ---- The announcement ---- */

static struct str announced(struct arena *arena, const struct draw_publication *publication)
{
        struct buf buf = BUF(arena);
        struct value file;
        struct err err;
        assert_true(draw_publication_announce(arena, publication, &file, &err));
        value_write_json(&buf, &file);
        return buf_str(&buf);
}

static void test_kept_to(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        struct draw_publication told = sample(arena, true), other = sample(arena, true);
        struct str before = announced(arena, &told);
        struct err err;
        assert_true(draw_verify_announced(arena, json_of(arena, &told), before, &err));
        other.rule.cross_district = false;
        assert_false(draw_verify_announced(arena, json_of(arena, &other), before, &err));
        assert_int_equal(err.code, E_DRAW_DIFFERS);
        other = told;
        other.batch = STR_LIT("厦司双随〔2021〕2号");
        assert_false(draw_verify_announced(arena, json_of(arena, &other), before, &err));
        assert_false(draw_verify_announced(arena, before, before, &err));
        assert_int_equal(err.code, E_DRAW_FORMAT);
        assert_false(draw_verify_announced(arena, json_of(arena, &told), STR_LIT("[]"), &err));
        arena_close(&arena);
}

/* What could not be drawn is not announced. */
static void test_not_announced(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        const struct seed_source letters = { STR_LIT("信标"), STR_LIT("1"), STR_LIT("hh") };
        const struct seed_source blank = { STR_LIT("信标"), STR_LIT("1"), STR_LIT("未定") };
        struct draw_publication publication = sample(arena, true);
        struct value file;
        struct err err;
        publication.plan.total = 4;
        assert_false(draw_publication_announce(arena, &publication, &file, &err));
        assert_int_equal(err.code, E_DRAW_TOTAL);
        publication = sample(arena, true);
        publication.plan.method = DRAW_RFC3797; /* with weights */
        assert_false(draw_publication_announce(arena, &publication, &file, &err));
        assert_int_equal(err.code, E_RFC3797);
        publication = sample(arena, false);
        publication.sources = &letters;
        publication.n_sources = 1;
        assert_false(draw_publication_announce(arena, &publication, &file, &err));
        assert_int_equal(err.code, E_RFC3797);
        publication = sample(arena, true);
        publication.sources = &blank;
        publication.n_sources = 1;
        assert_false(draw_publication_announce(arena, &publication, &file, &err));
        assert_int_equal(err.code, E_DRAW_SEED);
        publication.n_sources = 0;
        assert_false(draw_publication_announce(arena, &publication, &file, &err));
        arena_close(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_kept_to),
                cmocka_unit_test(test_not_announced),
                cmocka_unit_test(test_good_files),
                cmocka_unit_test(test_twenty_lines),
                cmocka_unit_test(test_report_counts),
                cmocka_unit_test(test_tampered_files),
                cmocka_unit_test(test_every_byte_matters),
                cmocka_unit_test(test_nothing_checked_fails),
                cmocka_unit_test(test_aftermath_is_checked),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
