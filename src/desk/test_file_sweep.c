/* Files that no record names go, and no others: never one that an event names, whatever happens
 * between two looks. */
#include "desk/chore.h"
#include "desk/file_sweep.h"
#include "desk/test_site.h"
#include "ledger/hash.h"

#define DAYS 30

struct file {
        struct hash hash;
        struct str text;
};

static struct file file_of(const char *text)
{
        return (struct file){ hash_bytes(LEDGER_SHA256, str_of(text)), str_of(text) };
}

static struct store_param key_of(const struct file *file)
{
        return param_blob((struct str){ (const char *)file->hash.b, HASH_BYTES });
}

static bool put(void *user, struct tx *tx, struct err *err)
{
        const struct file *file = user;
        return tx_run(tx, Q_BLOB_PUT,
                        PARAMS(key_of(file), param_text(STR_LIT("a.pdf")),
                                        param_text(STR_LIT("application/pdf")),
                                        param_blob(file->text)),
                        err);
}

static void keep(struct test_site *t, struct file *file)
{
        test_must(t, chore_do(t->desk, put, file, &t->err));
}

static bool is_there(struct test_site *t, const struct file *file)
{
        struct snapshot *snapshot = NULL;
        struct rows rows = { 0 };
        test_must(t, snapshot_open(site_store(t->site), &snapshot, &t->err));
        test_must(t, snapshot_rows(snapshot, Q_BLOB_HEAD, PARAMS(key_of(file)), &rows, &t->err));
        bool found = rows_next(&rows);
        rows_close(&rows);
        snapshot_close(&snapshot);
        return found;
}

/* An event that names the file, among other digits if `around` says so. */
static void name_it(struct test_site *t, const struct file *file, const char *around)
{
        char hex[HASH_HEX];
        hash_write_hex(file->hash.b, HASH_BYTES, hex);
        test_must(t, test_do(t, "register:units.put", "system",
                                     str_format(t->arena, "{\"id\":\"x\",\"name\":\"%s%.*s%s\"}",
                                                     around, HASH_HEX, hex, around)
                                                     .p,
                                     NULL));
}

static struct file_sweep sweep(struct test_site *t, int days, const char *day)
{
        struct file_sweep swept;
        test_must(t, file_sweep(t->desk, days, test_moment(day), &swept, &t->err));
        return swept;
}

static void test_what_nobody_names_goes(void **state)
{
        (void)state;
        struct test_site *t = test_open(false);
        struct file named = file_of("named"), within = file_of("within"), lost = file_of("lost");
        assert_int_equal(sweep(t, DAYS, "2021-03-01 10:00").n_files, 0);
        keep(t, &named);
        keep(t, &within);
        keep(t, &lost);
        name_it(t, &named, "");
        name_it(t, &within, "0f");
        struct file_sweep swept = sweep(t, DAYS, "2021-03-02 00:00");
        assert_int_equal(swept.n_files, 3);
        assert_int_equal(swept.n_unclaimed, 1);
        assert_int_equal(swept.n_removed, 0);
        assert_int_equal(sweep(t, DAYS, "2021-03-31 00:00").n_removed, 0); /* 29 days */
        assert_int_equal(sweep(t, 0, "2022-03-31 00:00").n_removed, 0);    /* for good */
        assert_true(is_there(t, &lost));
        assert_int_equal(sweep(t, DAYS, "2021-04-01 00:00").n_removed, 1);
        assert_false(is_there(t, &lost));
        assert_true(is_there(t, &named) && is_there(t, &within));
        test_rebuild_is_equal(t);
        test_close(t);
}

static void test_what_is_sent_again_begins_anew(void **state)
{
        (void)state;
        struct test_site *t = test_open(false);
        struct file lost = file_of("lost"), late = file_of("late");
        keep(t, &lost);
        keep(t, &late);
        assert_int_equal(sweep(t, DAYS, "2021-03-02 00:00").n_unclaimed, 2);
        keep(t, &lost); /* the form came again */
        name_it(t, &late, "");
        struct file_sweep swept = sweep(t, DAYS, "2021-05-01 00:00");
        assert_int_equal(swept.n_unclaimed, 1);
        assert_int_equal(swept.n_removed, 0);
        assert_true(is_there(t, &lost) && is_there(t, &late));
        assert_int_equal(sweep(t, DAYS, "2021-06-01 00:00").n_removed, 1);
        assert_true(is_there(t, &late));
        test_close(t);
}

static void test_setting(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        struct site_config config;
        struct err err;
        static const char head[] = "organ: 甲\nprefix: 甲\nregion: '350200'\ncity: 甲\n";
        assert_true(site_config_parse(arena, str_of(head), &config, &err));
        assert_int_equal(config.keep_files, FILE_SWEEP_DAYS);
        struct str text = str_format(arena, "%skeep_files: 7\n", head);
        assert_true(site_config_parse(arena, text, &config, &err));
        assert_int_equal(config.keep_files, 7);
        assert_true(site_config_parse(arena, site_config_format(arena, &config), &config, &err));
        assert_int_equal(config.keep_files, 7);
        assert_false(site_config_parse(
                        arena, str_format(arena, "%skeep_files: -1\n", head), &config, &err));
        arena_close(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_nobody_names_goes),
                cmocka_unit_test(test_what_is_sent_again_begins_anew),
                cmocka_unit_test(test_setting),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
