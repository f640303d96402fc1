/* A backup is the site as it stood at one moment, and comes back with the same root and rows;
 * or as it stood at a signed head. */
#include "desk/test_site.h"

#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

#include "desk/audit.h"
#include "desk/backup.h"
#include "desk/definitions.h"
#include "desk/erase.h"
#include "desk/files.h"
#include "projection/rebuild.h"

struct places { /* in the folder of the test's site, so that they go with it */
        char backup[128], key[128], site[128], log_key[128];
};

static struct places places_of(const struct test_site *t)
{
        struct places p;
        snprintf(p.backup, sizeof(p.backup), "%s/copy.db", t->dir);
        snprintf(p.key, sizeof(p.key), "%s/copy.key", t->dir);
        snprintf(p.site, sizeof(p.site), "%s/again", t->dir);
        snprintf(p.log_key, sizeof(p.log_key), "%s/keys/log.key", t->dir);
        return p;
}

static int mode_of(const char *path)
{
        struct stat about;
        return stat(path, &about) == 0 ? (int)(about.st_mode & 0777) : -1;
}

static struct backup_report back_up(struct test_site *t, const char *to, const char *key)
{
        struct backup_report report = { 0 };
        test_must(t, site_backup(t->site, str_of(to), str_of(key), NULL, &report, &t->err));
        return report;
}

static bool restore(struct test_site *t, struct restore_options options, struct restored *ret)
{
        if (options.at_size == 0)
                options.at_size = -1;
        return restore_begin(t->arena, &options, ret, &t->err) &&
               restore_finish(ret, options.dir, &t->err);
}

/* The restored site beside the live one: every row of the read tables. */
static void assert_rows_equal(struct test_site *t, struct site *other)
{
        struct snapshot *a = NULL, *b = NULL;
        struct projection_difference difference = { 0 };
        test_must(t, snapshot_open(site_store(t->site), &a, &t->err));
        test_must(t, snapshot_open(site_store(other), &b, &t->err));
        test_must(t, projection_compare(t->arena, a, b, &difference, &t->err));
        assert_false(difference.differs);
        snapshot_close(&a);
        snapshot_close(&b);
}

static void write_notes(struct test_site *t, int n)
{
        for (int i = 0; i < n; i++)
                test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"甲\"}", NULL));
}

static void test_there_and_back(void **state)
{
        struct test_site *t = test_open(false);
        struct places p = places_of(t);
        struct site *again = NULL;
        struct restored restored;
        struct audit audit, live;
        struct str file = str_format(t->arena, "%s/blobs/letter", t->dir), bytes;
        (void)state;
        write_notes(t, 300);
        test_must(t, file_create(file, STR_LIT("扫描件"), 0600, &t->err));
        test_reopen(t, false); /* signs the head */
        struct backup_report report = back_up(t, p.backup, p.key);
        assert_int_equal(report.size, test_count(t, Q_EVENT_COUNT));
        assert_int_equal(report.signed_size, report.size);
        assert_int_equal(report.n_files, 1);
        assert_int_equal(mode_of(p.backup), 0600);
        assert_int_equal(mode_of(p.key), 0600);
        test_must(t, restore(t,
                                     (struct restore_options){ .file = str_of(p.backup),
                                                     .dir = str_of(p.site),
                                                     .key_from = str_of(p.key) },
                                     &restored));
        assert_true(restored.has_key && restored.n_files == 1);
        assert_true(hash_eq(&restored.root, &report.root));
        assert_int_equal(mode_of(str_c(t->arena, str_format(t->arena, "%s/keys/log.key", p.site))),
                        0600);
        test_must(t, file_read(t->arena, str_format(t->arena, "%s/blobs/letter", p.site), 100,
                                     &bytes, &t->err));
        assert_true(str_is(bytes, "扫描件"));
        test_must(t, site_open(str_of(p.site), &again, &t->err));
        test_must(t, site_audit(again, &audit, &t->err));
        test_must(t, site_audit(t->site, &live, &t->err));
        assert_true(hash_eq(&audit.ledger.root, &live.ledger.root));
        assert_rows_equal(t, again);
        site_close(&again);
        test_close(t);
}

/* Without the private key a site can be looked at, and nobody can act on it. */
static void test_without_the_key(void **state)
{
        struct test_site *t = test_open(false);
        struct places p = places_of(t);
        struct site *again = NULL;
        struct desk *desk = NULL;
        struct restored restored;
        struct audit audit;
        (void)state;
        test_reopen(t, false);
        back_up(t, p.backup, "");
        assert_int_equal(mode_of(p.key), -1);
        test_must(t, restore(t,
                                     (struct restore_options){ .file = str_of(p.backup),
                                                     .dir = str_of(p.site) },
                                     &restored));
        assert_false(restored.has_key);
        assert_false(site_open(str_of(p.site), &again, &t->err));
        assert_int_equal(t->err.code, E_SITE_KEY);
        test_must(t, site_open_unsigned(str_of(p.site), &restored.key, &again, &t->err));
        test_must(t, site_audit(again, &audit, &t->err));
        assert_false(desk_open(again, &(struct desk_options){ 0 }, &desk, &t->err));
        assert_int_equal(t->err.code, E_SITE_KEY);
        site_close(&again);
        test_close(t);
}

/* ---- While acts run ---- */

struct working {
        struct test_site *t;
        atomic_bool stop;
        atomic_int done;
};

static void *work(void *user)
{
        struct working *w = user;
        struct arena *arena = arena_open();
        struct member subject = { STR_LIT("subject"), value_string(STR_LIT("乙")) };
        struct submission s = { .procedure = STR_LIT("note"),
                .act = STR_LIT("write"),
                .actor = STR_LIT("li"),
                .fields = value_context(&subject, 1) };
        while (!w->stop) {
                struct receipt receipt;
                struct err err;
                arena_reset(arena);
                w->done += desk_submit(arena, w->t->desk, &s, &receipt, &err);
        }
        arena_close(&arena);
        return NULL;
}

static bool slowly(void *user, const char *what, int64_t done, int64_t total)
{
        struct working *w = user;
        int before = w->done;
        (void)what;
        (void)done;
        (void)total;
        while (w->done < before + 3) /* acts are done between any two portions of the copy */
                usleep(500);
        return true;
}

static void test_while_acts_run(void **state)
{
        struct test_site *t = test_open(true);
        struct places p = places_of(t);
        struct working w = { .t = t };
        struct backup_progress progress = { slowly, &w };
        struct backup_report report;
        struct restored restored;
        struct site *again = NULL;
        struct audit audit;
        pthread_t thread;
        (void)state;
        write_notes(t, 1500);
        assert_int_equal(pthread_create(&thread, NULL, work, &w), 0);
        test_must(t, site_backup(t->site, str_of(p.backup), STR_LIT(""), &progress, &report,
                                     &t->err));
        int64_t then = test_count(t, Q_EVENT_COUNT);
        w.stop = true;
        pthread_join(thread, NULL);
        assert_true(report.size < then && w.done > 0);
        test_must(t, restore(t,
                                     (struct restore_options){ .file = str_of(p.backup),
                                                     .dir = str_of(p.site),
                                                     .key_from = str_of(p.log_key) },
                                     &restored));
        assert_int_equal(restored.size, report.size);
        test_must(t, site_open(str_of(p.site), &again, &t->err));
        test_must(t, site_audit(again, &audit, &t->err));
        assert_true(hash_eq(&audit.ledger.root, &report.root));
        site_close(&again);
        test_close(t);
}

static bool give_up(void *user, const char *what, int64_t done, int64_t total)
{
        (void)user;
        (void)what;
        (void)done;
        (void)total;
        return false;
}

static void test_broken_off(void **state)
{
        struct test_site *t = test_open(false);
        struct places p = places_of(t);
        struct backup_progress progress = { give_up, NULL };
        struct backup_report report;
        struct restored restored;
        (void)state;
        assert_false(site_backup(
                        t->site, str_of(p.backup), str_of(p.key), &progress, &report, &t->err));
        assert_int_equal(t->err.code, E_STORE_STOPPED);
        assert_true(mode_of(p.backup) == -1 && mode_of(p.key) == -1);
        back_up(t, p.backup, "");
        assert_false(site_backup(t->site, str_of(p.backup), STR_LIT(""), NULL, &report, &t->err));
        assert_int_equal(t->err.code, E_STORE_EXISTS);
        assert_false(restore(t,
                        (struct restore_options){ .file = str_of(p.backup),
                                        .dir = str_of(p.site),
                                        .progress = progress },
                        &restored));
        assert_int_equal(t->err.code, E_STORE_STOPPED);
        assert_int_equal(mode_of(p.site), -1);
        test_close(t);
}

/* ---- As it stood ---- */

static void test_at_a_signed_head(void **state)
{
        struct test_site *t = test_open(false);
        struct places p = places_of(t);
        struct site *again = NULL;
        struct restored restored;
        struct receipt receipt;
        struct audit audit;
        (void)state;
        write_notes(t, 600); /* more than two tiles */
        test_reopen(t, false);
        struct backup_report then = back_up(t, p.backup, "");
        t->now = test_moment("2021-03-02 09:00");
        write_notes(t, 700);
        test_must(t, test_do(t, "测函〔2021〕5号.sign", "wang", "{\"copies\":2}", NULL));
        test_reopen(t, false);
        remove(p.backup);
        back_up(t, p.backup, "");

        struct restore_options options = { .file = str_of(p.backup),
                .dir = str_of(p.site),
                .key_from = str_of(p.log_key),
                .at_size = then.size + 2 }; /* + 1: signed by the desk that opened next */
        assert_false(restore(t, options, &restored));
        assert_int_equal(t->err.code, E_RESTORE_HEAD);
        options.at_size = then.size;
        test_must(t, restore(t, options, &restored));
        assert_true(hash_eq(&restored.root, &then.root));
        assert_int_equal(restored.n_cut, test_count(t, Q_EVENT_COUNT) - then.size);
        folder_drop(str_of(p.site));
        options.at_size = -1;
        options.at_time = test_moment("2021-03-01 23:59");
        test_must(t, restore(t, options, &restored));
        assert_int_equal(restored.size, then.size);

        /* It goes on from there: the next number, and a log that holds. */
        test_must(t, site_open(str_of(p.site), &again, &t->err));
        test_must(t, desk_close(&t->desk, &t->err));
        struct site *live = t->site;
        t->site = again;
        test_open_desk(t, false);
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"丙\"}", &receipt));
        assert_true(str_is(receipt.number, "测函〔2021〕601号"));
        test_must(t, test_do(t, "测函〔2021〕5号.sign", "wang", "{\"copies\":1}", &receipt));
        assert_true(str_is(receipt.followed[0].name, "测抄〔2021〕1号"));
        test_must(t, desk_close(&t->desk, &t->err));
        test_must(t, site_audit(again, &audit, &t->err));
        site_close(&t->site);
        t->site = live;
        test_close(t);
}

/* ---- Refused ---- */

static const char grounds[] = "erasure_grounds: {'2': {say: 保存期限已届满, basis: 个人信息保护法 "
                              "第四十七条第一款第（二）项}}\n";

static void test_not_back_before_an_erasure(void **state)
{
        static const struct definition_source source = { { "registers/erasure_grounds.yaml", 30 },
                { grounds, sizeof(grounds) - 1 } };
        struct test_site *t = test_open(false);
        struct places p = places_of(t);
        struct erasure erasure = { STR_LIT("测函〔2021〕1号"), STR_LIT("zhao"), STR_LIT("2"),
                &STR_LIT("subject"), 1 };
        struct restored restored;
        struct erased erased;
        (void)state;
        write_notes(t, 1);
        test_must(t, definitions_activate(t->desk, &source, STR_LIT("system"), &t->err));
        test_must(t, test_do(t, "register:staff.put", "system",
                                     "{\"id\":\"zhao\",\"name\":\"赵\",\"unit\":\"b\",\"roles\":"
                                     "[\"" ERASE_ROLE "\"]}",
                                     NULL));
        test_must(t, test_do(t, "测函〔2021〕1号.ask", "li", NULL, NULL));
        test_must(t, test_do(t, "测函〔2021〕1号.lapse", "system", NULL, NULL));
        test_reopen(t, false);
        int64_t before = test_count(t, Q_EVENT_COUNT);
        test_must(t, erase_matter(t->arena, t->desk, &erasure, &erased, &t->err));
        test_must(t, desk_close(&t->desk, &t->err));
        test_must(t, erasure_finish(t->site, &t->err));
        test_open_desk(t, false);
        back_up(t, p.backup, "");
        assert_false(restore(t,
                        (struct restore_options){ .file = str_of(p.backup),
                                        .dir = str_of(p.site),
                                        .at_size = before },
                        &restored));
        assert_int_equal(t->err.code, E_RESTORE_ERASED);
        test_close(t);
}

static void spoil(const char *path, long at, const char *bytes)
{
        FILE *file = fopen(path, "r+");
        assert_non_null(file);
        assert_int_equal(fseek(file, at, at < 0 ? SEEK_END : SEEK_SET), 0);
        assert_true(fputs(bytes, file) >= 0);
        assert_int_equal(fclose(file), 0);
}

static void refuse(struct test_site *t, const char *file, enum err_code code)
{
        struct places p = places_of(t);
        struct restored restored;
        assert_false(restore(t,
                        (struct restore_options){ .file = str_of(file),
                                        .dir = str_of(p.site),
                                        .key_from = str_of(p.key) },
                        &restored));
        assert_int_equal(t->err.code, code);
        assert_int_equal(mode_of(p.site), -1);
        assert_int_equal(
                        mode_of(str_c(t->arena, str_format(t->arena, "%s.restoring", p.site))), -1);
}

static void test_refusals(void **state)
{
        struct test_site *t = test_open(false), *other = test_open(false);
        struct places p = places_of(t), q = places_of(other);
        struct restored restored;
        (void)state;
        back_up(other, q.backup, "");
        back_up(t, p.backup, p.key);
        refuse(t, "/nonexistent", E_NOT_FOUND);
        refuse(t, p.log_key, E_BACKUP_FOREIGN); /* no store */
        test_must(t, desk_close(&t->desk, &t->err));
        refuse(t, q.backup, E_RESTORE_KEY); /* another ledger's key */
        assert_false(restore(t,
                        (struct restore_options){ .file = str_of(p.backup), .dir = str_of(t->dir) },
                        &restored));
        assert_int_equal(t->err.code, E_RESTORE_PLACE);
        spoil(p.backup, 3 * 4096, "spoilt behind our back");
        refuse(t, p.backup, E_STORE_CORRUPT);
        test_close(other);
        test_close(t);
}

static void test_a_store_is_no_backup(void **state)
{
        (void)state;
        test_needs_file();
        struct test_site *t = test_open(false);
        test_must(t, desk_close(&t->desk, &t->err));
        refuse(t, str_c(t->arena, str_format(t->arena, "%s/plumbline.db", t->dir)),
                        E_BACKUP_FOREIGN);
        test_close(t);
}

/* Records that were changed in the backup do not come under the signed head. */
static void test_a_changed_tree(void **state)
{
        struct test_site *t = test_open(false);
        struct places p = places_of(t);
        struct restored restored;
        struct store *store = NULL;
        struct tx *tx = NULL;
        (void)state;
        write_notes(t, 300);
        test_reopen(t, false);
        back_up(t, p.backup, "");
        int64_t size = test_count(t, Q_EVENT_COUNT);
        char zeros[32] = { 1 };
        test_must(t, store_open(p.backup, NULL, &store, &t->err));
        test_must(t, store_begin(store, &tx, &t->err));
        test_must(t, tx_run(tx, Q_TILE_PUT,
                                     PARAMS(param_int(0), param_int(1), param_int(0),
                                                     param_blob((struct str){
                                                                     zeros, sizeof(zeros) })),
                                     &t->err));
        test_must(t, tx_commit(&tx, &t->err));
        store_close(&store);
        assert_false(restore(t,
                        (struct restore_options){ .file = str_of(p.backup),
                                        .dir = str_of(p.site),
                                        .at_size = size },
                        &restored));
        assert_int_equal(t->err.code, E_RESTORE_TREE);
        test_close(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_there_and_back),
                cmocka_unit_test(test_without_the_key),
                cmocka_unit_test(test_while_acts_run),
                cmocka_unit_test(test_broken_off),
                cmocka_unit_test(test_at_a_signed_head),
                cmocka_unit_test(test_not_back_before_an_erasure),
                cmocka_unit_test(test_refusals),
                cmocka_unit_test(test_a_store_is_no_backup),
                cmocka_unit_test(test_a_changed_tree),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
