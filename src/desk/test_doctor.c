/* A site broken in each of the ways that a check is for; and a whole one, which is fine. */
#include "desk/test_site.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "desk/doctor.h"
#include "desk/erase.h"
#include "desk/files.h"

struct looking {
        struct doctor_finding findings[DOCTOR_CHECKS_MAX];
        size_t n;
};

static struct looking look(struct test_site *t, struct doctor_options options)
{
        struct looking l = { 0 };
        if (options.now.second == 0)
                options.now = t->now;
        if (options.data == NULL)
                options.data = &t->data;
        l.n = site_examine(t->arena, str_of(t->dir), &options, l.findings);
        assert_true(l.n > 0 && l.n <= DOCTOR_CHECKS_MAX);
        return l;
}

static const struct doctor_finding *found(const struct looking *l, const char *name)
{
        for (size_t i = 0; i < l->n; i++)
                if (strcmp(l->findings[i].name, name) == 0)
                        return &l->findings[i];
        fail_msg("no check %s", name);
        return NULL;
}

/* This check alone says so; those named besides it too, and what could not be looked at. */
static void expect(const struct looking *l, const char *name, enum doctor_grade grade,
                const char *also)
{
        for (size_t i = 0; i < l->n; i++) {
                const struct doctor_finding *f = &l->findings[i];
                bool meant = strcmp(f->name, name) == 0 ||
                             (also != NULL && strstr(also, f->name) != NULL);
                if (!meant && f->grade > DOCTOR_SKIPPED)
                        fail_msg("%s: %.*s", f->name, STR_FMT(f->said));
                if (strcmp(f->name, name) != 0)
                        continue;
                if (f->grade != grade)
                        fail_msg("%s: grade %d: %.*s", name, (int)f->grade, STR_FMT(f->said));
                assert_true(f->said.n > 0);
                assert_int_equal(f->advice.n > 0, grade > DOCTOR_SKIPPED);
        }
}

/* A site of a folder, closed, signed, nothing the matter with it. */
static struct test_site *closed_site(void)
{
        struct test_site *t = test_open(false);
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"甲\"}", NULL));
        test_must(t, desk_close(&t->desk, &t->err));
        site_close(&t->site);
        return t;
}

static const char *in(struct test_site *t, const char *name)
{
        return str_c(t->arena, str_format(t->arena, "%s/%s", t->dir, name));
}

static void write_file(const char *path, const char *text)
{
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        assert_true(fputs(text, file) >= 0);
        assert_int_equal(fclose(file), 0);
}

/* ---- Outside the store ---- */

static void test_a_whole_site(void **state)
{
        struct test_site *t = closed_site();
        struct looking l = look(t, (struct doctor_options){ .deep = true });
        (void)state;
        for (size_t i = 0; i < l.n; i++)
                if (l.findings[i].grade != DOCTOR_FINE)
                        fail_msg("%s: %.*s", l.findings[i].name, STR_FMT(l.findings[i].said));
        test_close(t);
}

static void test_settings(void **state)
{
        struct test_site *t = closed_site();
        (void)state;
        write_file(in(t, "site.yaml"), "organ: 测\ncolour: red\n");
        struct looking l = look(t, (struct doctor_options){ 0 });
        expect(&l, "settings", DOCTOR_BROKEN, NULL);
        assert_int_equal(found(&l, "store")->grade, DOCTOR_SKIPPED);
        assert_int_equal(remove(in(t, "site.yaml")), 0);
        l = look(t, (struct doctor_options){ 0 });
        expect(&l, "settings", DOCTOR_BROKEN, NULL);
        test_close(t);
}

static void test_disk(void **state)
{
        struct test_site *t = closed_site();
        (void)state;
        struct looking l = look(t, (struct doctor_options){ .disk_low = INT64_MAX });
        expect(&l, "disk", DOCTOR_WARNING, NULL);
        l = look(t, (struct doctor_options){ .disk_low = INT64_MAX, .disk_least = INT64_MAX });
        expect(&l, "disk", DOCTOR_BROKEN, NULL);
        test_close(t);
}

static void test_key(void **state)
{
        struct test_site *t = closed_site();
        (void)state;
        assert_int_equal(chmod(in(t, "keys/log.key"), 0640), 0);
        struct looking l = look(t, (struct doctor_options){ 0 });
        expect(&l, "key", DOCTOR_BROKEN, NULL);
        write_file(in(t, "keys/log.key"), "plumbline-log-key-v1 x zz\n");
        l = look(t, (struct doctor_options){ 0 });
        expect(&l, "key", DOCTOR_BROKEN, NULL);
        assert_int_equal(found(&l, "signature")->grade, DOCTOR_SKIPPED);
        assert_int_equal(remove(in(t, "keys/log.key")), 0);
        l = look(t, (struct doctor_options){ 0 });
        expect(&l, "key", DOCTOR_BROKEN, NULL);
        test_close(t);
}

static void test_another_sites_key(void **state)
{
        struct test_site *t = closed_site(), *other = closed_site();
        (void)state;
        assert_int_equal(remove(in(t, "keys/log.key")), 0);
        assert_int_equal(rename(in(other, "keys/log.key"), in(t, "keys/log.key")), 0);
        struct looking l = look(t, (struct doctor_options){ 0 });
        expect(&l, "signature", DOCTOR_BROKEN, NULL);
        test_close(other);
        test_close(t);
}

static void test_folder(void **state)
{
        struct test_site *t = closed_site();
        (void)state;
        assert_int_equal(chmod(t->dir, 0755), 0);
        struct looking l = look(t, (struct doctor_options){ 0 });
        expect(&l, "folder", DOCTOR_WARNING, NULL);
        test_close(t);
}

/* Root may write anywhere, so somebody else looks. */
static void test_read_only(void **state)
{
        (void)state;
        test_needs_file();
        struct test_site *t = closed_site();
        if (geteuid() != 0) {
                test_close(t);
                skip();
                return; /* the compiler cannot know that skip() does not */
        }
        assert_int_equal(chmod(t->dir, 0755), 0);
        assert_int_equal(chmod(in(t, "plumbline.db"), 0644), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
                if (setuid(65534) != 0)
                        _exit(9);
                struct looking l = look(t, (struct doctor_options){ 0 });
                bool right = found(&l, "folder")->grade == DOCTOR_BROKEN &&
                             found(&l, "store")->grade == DOCTOR_BROKEN &&
                             str_find(found(&l, "store")->said, STR_LIT("不可写")) != SIZE_MAX;
                _exit(right ? 0 : 1);
        }
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
        test_close(t);
}

/* ---- The store ---- */

static void spoil(const char *path, long at, const char *bytes, size_t n)
{
        FILE *file = fopen(path, "r+");
        assert_non_null(file);
        assert_int_equal(fseek(file, at, SEEK_SET), 0);
        assert_int_equal(fwrite(bytes, 1, n, file), n);
        assert_int_equal(fclose(file), 0);
}

static void test_store(void **state)
{
        static const struct {
                const char *why;
                long at; /* in the file's header: https://www.sqlite.org/fileformat.html */
                const char *bytes;
                size_t n;
                bool deep;
                const char *said;
        } rows[] = {
                { "written by a newer program", 60, "\0\0\0\x63", 4, false, "更新的版本" },
                { "somebody else's database", 68, "abcd", 4, false, "不是准绳的数据库" },
                { "no database", 0, "not SQLite", 10, false, "不是准绳的数据库" },
                { "a spoilt page", 3 * 4096, "spoilt behind our back, deep in it", 34, true,
                                "已损坏" },
        };
        (void)state;
        test_needs_file();
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct test_site *t = closed_site();
                spoil(in(t, "plumbline.db"), rows[i].at, rows[i].bytes, rows[i].n);
                struct looking l = look(t, (struct doctor_options){ .deep = rows[i].deep });
                expect(&l, "store", DOCTOR_BROKEN, NULL);
                if (str_find(found(&l, "store")->said, str_of(rows[i].said)) == SIZE_MAX)
                        fail_msg("%s: %.*s", rows[i].why, STR_FMT(found(&l, "store")->said));
                test_close(t);
        }
        struct test_site *t = closed_site();
        assert_int_equal(remove(in(t, "plumbline.db")), 0);
        struct looking l = look(t, (struct doctor_options){ 0 });
        expect(&l, "store", DOCTOR_BROKEN, NULL);
        assert_int_equal(found(&l, "tables")->grade, DOCTOR_SKIPPED);
        test_close(t);
}

static void put_meta(struct test_site *t, const char *key, const char *value)
{
        struct store *store = NULL;
        struct tx *tx = NULL;
        test_must(t, store_open(in(t, "plumbline.db"), NULL, &store, &t->err));
        test_must(t, store_begin(store, &tx, &t->err));
        test_must(t, tx_run(tx, Q_META_PUT,
                                     PARAMS(param_text(str_of(key)), param_text(str_of(value))),
                                     &t->err));
        test_must(t, tx_commit(&tx, &t->err));
        store_close(&store);
}

static void test_unfinished_work(void **state)
{
        struct test_site *t = closed_site();
        (void)state;
        put_meta(t, "projection.rebuilding", "1");
        struct looking l = look(t, (struct doctor_options){ 0 });
        expect(&l, "tables", DOCTOR_WARNING, NULL);
        put_meta(t, "projection.rebuilding", "0");
        put_meta(t, ERASE_META_UNFINISHED, "1");
        l = look(t, (struct doctor_options){ 0 });
        expect(&l, "erasure", DOCTOR_WARNING, NULL);
        test_close(t);
}

/* ---- Time ---- */

static void test_clock(void **state)
{
        struct test_site *t = closed_site();
        (void)state;
        struct looking l = look(t, (struct doctor_options){ .now = { t->now.second - 60 } });
        expect(&l, "clock", DOCTOR_WARNING, NULL);
        l = look(t, (struct doctor_options){ .now = { t->now.second - DESK_CLOCK_SLACK - 1 } });
        expect(&l, "clock", DOCTOR_BROKEN, NULL);
        test_close(t);
}

static void test_calendar(void **state)
{
        static const struct {
                const char *now;
                enum doctor_grade grade;
        } rows[] = {
                { "2021-10-31 12:00", DOCTOR_FINE },    /* next year's is not out yet */
                { "2021-11-30 12:00", DOCTOR_WARNING }, /* it should be */
                { "2022-01-04 12:00", DOCTOR_WARNING }, /* this year's was never loaded */
        };
        struct test_site *t = closed_site();
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct looking l =
                                look(t, (struct doctor_options){ .now = test_moment(rows[i].now) });
                expect(&l, "calendar", rows[i].grade, NULL);
        }
        test_close(t);
}

static void test_timers_and_notices(void **state)
{
        struct test_site *t = test_open(false);
        (void)state;
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"甲\"}", NULL));
        test_must(t, test_do(t, "测函〔2021〕1号.ask", "li", NULL, NULL));
        test_must(t, desk_close(&t->desk, &t->err));
        site_close(&t->site);
        struct looking l = look(t, (struct doctor_options){ 0 });
        expect(&l, "timers", DOCTOR_FINE, NULL);
        l = look(t, (struct doctor_options){ .now = test_moment("2021-03-10 09:00") });
        expect(&l, "timers", DOCTOR_WARNING, NULL);
        test_close(t);
}

static void put_notice(struct test_site *t)
{
        struct tx *tx = NULL;
        test_must(t, store_begin(site_store(t->site), &tx, &t->err));
        test_must(t, tx_run(tx, Q_OUTBOX_PUT,
                                     PARAMS(param_int(1), param_int(0), param_text(STR_LIT("told")),
                                                     param_text(STR_LIT("li")), param_int(1),
                                                     param_text(STR_LIT("x"))),
                                     &t->err));
        test_must(t, tx_commit(&tx, &t->err));
}

static void test_outbox(void **state)
{
        struct test_site *t = test_open(false);
        (void)state;
        put_notice(t);
        test_must(t, desk_close(&t->desk, &t->err));
        site_close(&t->site);
        struct looking l = look(t, (struct doctor_options){ 0 });
        expect(&l, "outbox", DOCTOR_FINE, NULL);
        l = look(t, (struct doctor_options){ .now = { t->now.second + 2 * 86400 } });
        expect(&l, "outbox", DOCTOR_WARNING, NULL);
        test_close(t);
}

static void test_unsigned_events(void **state)
{
        struct test_site *t = test_open(false);
        (void)state; /* its desk is open: nothing has been signed yet */
        struct looking l = look(t, (struct doctor_options){ .now = { t->now.second + 3600 } });
        expect(&l, "signed", DOCTOR_WARNING, NULL);
        test_close(t);
}

static void test_definitions(void **state)
{
        struct test_site *t = closed_site();
        struct definition_source sources[8];
        struct site_data data = t->data;
        (void)state;
        memcpy(sources, data.definitions, data.n_definitions * sizeof(*sources));
        data.definitions = sources;
        sources[0].text = str_format(t->arena, "%.*s# \n", STR_FMT(sources[0].text));
        struct looking l = look(t, (struct doctor_options){ .data = &data });
        expect(&l, "definitions", DOCTOR_WARNING, NULL);
        assert_true(str_find(found(&l, "definitions")->said, sources[0].name) != SIZE_MAX);
        test_close(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_whole_site),
                cmocka_unit_test(test_settings),
                cmocka_unit_test(test_disk),
                cmocka_unit_test(test_key),
                cmocka_unit_test(test_another_sites_key),
                cmocka_unit_test(test_folder),
                cmocka_unit_test(test_read_only),
                cmocka_unit_test(test_store),
                cmocka_unit_test(test_unfinished_work),
                cmocka_unit_test(test_clock),
                cmocka_unit_test(test_calendar),
                cmocka_unit_test(test_timers_and_notices),
                cmocka_unit_test(test_outbox),
                cmocka_unit_test(test_unsigned_events),
                cmocka_unit_test(test_definitions),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
