/* A site broken in each of the ways that a check is for; and a whole one, which is fine. */
#include "desk/test_doctor.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include "desk/erase.h"
#include "desk/files.h"
#include "desk/log_export.h"

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

/* While the key is being changed there are two, and both are needed. */
static void test_next_key(void **state)
{
        struct test_site *t = closed_site();
        (void)state;
        write_file(in(t, "keys/log.key.next"), "plumbline-log-key-v1 x zz\n");
        struct looking l = look(t, (struct doctor_options){ 0 });
        expect(&l, "key", DOCTOR_BROKEN, NULL);
        assert_true(str_find(found(&l, "key")->advice, STR_LIT("log.key.next")) != SIZE_MAX);
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

/* Somebody ran a command as root: the service cannot write what that made. */
static void test_owner(void **state)
{
        (void)state;
        if (geteuid() != 0) {
                skip();
                return;
        }
        struct test_site *t = closed_site();
        assert_int_equal(chown(in(t, "blobs"), 65534, 65534), 0);
        struct looking l = look(t, (struct doctor_options){ 0 });
        expect(&l, "owner", DOCTOR_BROKEN, NULL);
        assert_true(str_find(found(&l, "owner")->said, STR_LIT("blobs（")) != SIZE_MAX);
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

/* A row written behind the program's back. */
static void put_row(
                struct test_site *t, enum query query, const struct store_param *params, size_t n)
{
        struct store *store = NULL;
        struct tx *tx = NULL;
        test_must(t, store_open(in(t, "plumbline.db"), NULL, &store, &t->err));
        test_must(t, store_begin(store, &tx, &t->err));
        test_must(t, tx_run(tx, query, params, n, &t->err));
        test_must(t, tx_commit(&tx, &t->err));
        store_close(&store);
}

static void put_meta(struct test_site *t, const char *key, const char *value)
{
        put_row(t, Q_META_PUT, PARAMS(param_text(str_of(key)), param_text(str_of(value))));
}

/* An older store stays what it is, and is no broken one. */
static void test_an_older_store(void **state)
{
        (void)state;
        test_needs_file();
        struct test_site *t = closed_site();
        spoil(in(t, "plumbline.db"), 60, "\0\0\0\2", 4);
        uint64_t before = sum_of(in(t, "plumbline.db"));
        struct looking l = look(t, (struct doctor_options){ .deep = true });
        expect(&l, "store", DOCTOR_WARNING, NULL);
        assert_true(str_find(found(&l, "store")->said, STR_LIT("旧版本")) != SIZE_MAX);
        assert_int_equal(sum_of(in(t, "plumbline.db")), before);
        test_close(t);
}

/* ---- Who uses it ---- */

static void put_lease(struct test_site *t, const char *process, int seconds)
{
        char machine[64] = "", holder[128];
        assert_int_equal(gethostname(machine, sizeof(machine) - 1), 0);
        snprintf(holder, sizeof(holder), "%.48s/%s/0123456789abcdef", machine, process);
        put_row(t, Q_LEASE_TAKE,
                        PARAMS(param_text(STR_LIT("timers")), param_text(str_of(holder)),
                                        param_int(seconds)));
}

static void test_leases(void **state)
{
        struct test_site *t = closed_site();
        char process[24];
        (void)state;
        put_lease(t, "0", 600); /* nobody's number: it cannot be asked for */
        struct looking l = look(t, (struct doctor_options){ 0 });
        expect(&l, "users", DOCTOR_FINE, NULL);
        test_close(t);

        t = closed_site();
        snprintf(process, sizeof(process), "%d", (int)getpid());
        put_lease(t, process, 600);
        l = look(t, (struct doctor_options){ 0 });
        expect(&l, "users", DOCTOR_FINE, NULL);
        assert_true(str_find(found(&l, "users")->said, STR_LIT("timers（")) != SIZE_MAX);
        test_close(t);

        t = closed_site();
        put_lease(t, process, -1); /* it has run out */
        l = look(t, (struct doctor_options){ 0 });
        expect(&l, "users", DOCTOR_WARNING, NULL);
        test_close(t);

        t = closed_site();
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
                _exit(0);
        assert_int_equal(waitpid(child, NULL, 0), child);
        snprintf(process, sizeof(process), "%d", (int)child);
        put_lease(t, process, 600); /* it would run on, but its process is gone */
        l = look(t, (struct doctor_options){ 0 });
        expect(&l, "users", DOCTOR_WARNING, NULL);
        assert_true(str_find(found(&l, "users")->said, STR_LIT("已经不在")) != SIZE_MAX);
        test_close(t);
}

/* Another process has it open: it is told, and the log is left to it. */
static void test_a_program_at_work(void **state)
{
        (void)state;
        test_needs_file();
        struct test_site *t = closed_site();
        int ready[2], done[2];
        char byte = 0, said[64];
        assert_int_equal(pipe(ready), 0);
        assert_int_equal(pipe(done), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
                struct site *site = NULL;
                struct err err;
                bool ok = site_open(str_of(t->dir), &site, &err);
                ok = write(ready[1], &byte, 1) == 1 && ok;
                close(done[1]);
                ok = read(done[0], &byte, 1) == 0 && ok;
                _exit(ok ? 0 : 1); /* without closing the site, as if killed */
        }
        assert_int_equal(read(ready[0], &byte, 1), 1);
        struct looking l = look(t, (struct doctor_options){ 0 });
        expect(&l, "users", DOCTOR_FINE, NULL);
        snprintf(said, sizeof(said), "进程 %d 打开着", (int)child);
        assert_true(str_find(found(&l, "users")->said, str_of(said)) != SIZE_MAX);
        assert_true(str_find(found(&l, "journal")->said, STR_LIT("正在使用")) != SIZE_MAX);
        close(done[1]);
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        l = look(t, (struct doctor_options){ 0 }); /* gone, and what it left is no obstacle */
        expect(&l, "users", DOCTOR_FINE, NULL);
        close(ready[0]);
        close(ready[1]);
        close(done[0]);
        test_close(t);
}

/* ---- The published log ---- */

static struct test_site *long_site(void)
{
        struct test_site *t = test_open(false);
        for (int i = 0; i < 270; i++)
                test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"甲\"}", NULL));
        test_must(t, desk_close(&t->desk, &t->err));
        site_close(&t->site);
        return t;
}

static void test_tree_of_hashes(void **state)
{
        static const struct {
                const char *why;
                int64_t level;
                size_t n; /* hashes left; the first byte of the last is changed */
        } rows[] = {
                { "an altered tile", 0, 256 },
                { "a tile that is too short", 0, 255 },
                { "no tile", 0, 0 },
                { "an altered one above", 1, 1 },
        };
        (void)state;
        struct test_site *t = long_site();
        struct looking l = look(t, (struct doctor_options){ 0 });
        expect(&l, "tree", DOCTOR_FINE, NULL);
        assert_true(str_find(found(&l, "tree")->said, STR_LIT("1 个")) != SIZE_MAX);
        test_close(t);
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                t = long_site();
                uint8_t spoilt[256 * 32] = { 1 };
                put_row(t, Q_TILE_PUT,
                                PARAMS(param_int(0), param_int(rows[i].level), param_int(0),
                                                param_blob((struct str){
                                                                (char *)spoilt, rows[i].n * 32 })));
                l = look(t, (struct doctor_options){ 0 });
                expect(&l, "tree", DOCTOR_BROKEN, NULL);
                test_close(t);
        }
}

static void test_published(void **state)
{
        struct log_exported done;
        (void)state;
        struct test_site *t = long_site();
        struct str folder = str_format(t->arena, "%s/public", t->dir);
        test_must(t, site_open(str_of(t->dir), &t->site, &t->err));
        test_must(t, log_export(t->site, folder, false, &done, &t->err));
        site_close(&t->site);
        struct doctor_options options = { .published = folder };
        struct looking l = look(t, options);
        expect(&l, "published", DOCTOR_FINE, NULL);

        const char *tile = in(t, "public/tile/0/000");
        spoil(tile, 1000, "altered", 7);
        l = look(t, options);
        expect(&l, "published", DOCTOR_BROKEN, NULL);
        assert_int_equal(remove(tile), 0);
        l = look(t, options);
        expect(&l, "published", DOCTOR_BROKEN, NULL);
        test_close(t);
}

/* The site was put back to what it had been before the log was published. */
static void test_published_is_ahead(void **state)
{
        struct log_exported done;
        (void)state;
        test_needs_file();
        struct test_site *t = closed_site();
        struct str folder = str_format(t->arena, "%s/public", t->dir);
        copy_file(in(t, "plumbline.db"), in(t, "earlier"));
        test_must(t, site_open(str_of(t->dir), &t->site, &t->err));
        test_open_desk(t, false);
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"乙\"}", NULL));
        test_must(t, desk_close(&t->desk, &t->err));
        test_must(t, log_export(t->site, folder, false, &done, &t->err));
        site_close(&t->site);
        copy_file(in(t, "earlier"), in(t, "plumbline.db"));
        struct looking l = look(t, (struct doctor_options){ .published = folder });
        expect(&l, "published", DOCTOR_BROKEN, NULL);
        assert_true(str_find(found(&l, "published")->said, STR_LIT("公布到")) != SIZE_MAX);
        test_close(t);
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

/* What is in force and can no longer be read; what can, but has a fault that the lint knows now. */
static void test_rules(void **state)
{
        struct test_site *t = closed_site();
        (void)state;
        put_row(t, Q_DEFINITION_PUT,
                        PARAMS(param_text(STR_LIT("procedures/copy.yaml")),
                                        param_text(STR_LIT("procedure: copy\nlabel: [\n")),
                                        param_int(0)));
        struct looking l = look(t, (struct doctor_options){ 0 });
        expect(&l, "tables", DOCTOR_BROKEN, "definitions");
        assert_true(str_find(found(&l, "tables")->said, STR_LIT("copy.yaml")) != SIZE_MAX);
        assert_int_equal(found(&l, "rules")->grade, DOCTOR_SKIPPED);
        test_close(t);

        t = closed_site(); /* a name that its file should have: asked of new ones only */
        put_row(t, Q_DEFINITION_DROP, PARAMS(param_text(STR_LIT("procedures/copy.yaml"))));
        put_row(t, Q_DEFINITION_PUT,
                        PARAMS(param_text(STR_LIT("procedures/other.yaml")),
                                        param_text((struct str){
                                                        test_copy, sizeof(test_copy) - 1 }),
                                        param_int(0)));
        l = look(t, (struct doctor_options){ 0 });
        expect(&l, "rules", DOCTOR_WARNING, "definitions");
        assert_true(str_find(found(&l, "rules")->said, STR_LIT("other.yaml")) != SIZE_MAX);
        test_close(t);
}

static void test_endless(void **state)
{
        struct test_site *t = test_open(false);
        struct receipt receipt;
        (void)state;
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"甲\"}", &receipt));
        test_must(t, test_do(t, "测函〔2021〕1号.ask", "li", NULL, NULL));
        test_must(t, desk_close(&t->desk, &t->err));
        site_close(&t->site);
        struct looking l = look(t, (struct doctor_options){ 0 });
        expect(&l, "endless", DOCTOR_FINE, NULL);
        put_row(t, Q_CLOCK_PUT, /* as a program wrote it that did not refuse the date */
                        PARAMS(param_int(receipt.matter), param_int(0), param_int(CLOCK_RUNNING),
                                        param_int(0), param_null(), param_null(), param_null(),
                                        param_int(0), param_int(0)));
        l = look(t, (struct doctor_options){ 0 });
        expect(&l, "endless", DOCTOR_WARNING, NULL);
        assert_true(str_find(found(&l, "endless")->said, STR_LIT("测函〔2021〕1号")) != SIZE_MAX);
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
                cmocka_unit_test(test_owner),
                cmocka_unit_test(test_next_key),
                cmocka_unit_test(test_read_only),
                cmocka_unit_test(test_store),
                cmocka_unit_test(test_an_older_store),
                cmocka_unit_test(test_leases),
                cmocka_unit_test(test_a_program_at_work),
                cmocka_unit_test(test_tree_of_hashes),
                cmocka_unit_test(test_published),
                cmocka_unit_test(test_published_is_ahead),
                cmocka_unit_test(test_rules),
                cmocka_unit_test(test_endless),
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
