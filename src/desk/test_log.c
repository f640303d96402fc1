/* A published log: what an outsider finds out with the folder and the key alone. */
#include "desk/test_site.h"

#include <fts.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "desk/files.h"
#include "desk/import.h"
#include "desk/log_check.h"
#include "desk/log_export.h"
#include "desk/log_folder.h"

static struct str public_folder(struct test_site *t)
{
        return str_format(t->arena, "%s/public", t->dir);
}

static void add_notes(struct test_site *t, int n)
{
        struct buf text = BUF(t->arena);
        struct import_result result;
        for (int i = 0; i < n; i++)
                buf_c(&text, "{\"procedure\":\"note\",\"act\":\"write\",\"by\":\"li\","
                             "\"fields\":{\"subject\":\"甲\"}}\n");
        test_must(t, import_acts(t->arena, t->desk, buf_str(&text), false, NULL, NULL, &result,
                                     &t->err));
        assert_int_equal(result.n_done, n);
}

/* Closing the desk signs the head. */
static struct log_exported publish(struct test_site *t, bool entries)
{
        struct log_exported done;
        test_must(t, desk_close(&t->desk, &t->err));
        test_must(t, log_export(t->site, public_folder(t), entries, &done, &t->err));
        test_open_desk(t, false);
        return done;
}

static struct log_check check_of(struct test_site *t)
{
        return (struct log_check){ LEDGER_SHA256, site_key(t->site), 1, { NULL, 0 }, 0 };
}

static bool check(struct test_site *t, const struct log_check *how, struct log_checked *ret)
{
        return log_check(t->arena, public_folder(t), how, ret, &t->err);
}

static struct str read_checkpoint(struct test_site *t)
{
        struct str note;
        test_must(t, file_read(t->arena, str_format(t->arena, "%s/public/checkpoint", t->dir),
                                     NOTE_BYTES_MAX, &note, &t->err));
        return note;
}

/* ---- What holds ---- */

static void test_whole(void **state)
{
        static const struct {
                const char *why;
                int more;
                bool entries;
        } rows[] = {
                { "the first events of a site", 0, false },
                { "entries later: all of them", 3, true },
                { "entries go on, unasked", 4, false },
                { "a full tile, and one above it", 300, false },
                { "the second tile goes on", 100, false },
                { "nothing new", 0, false },
        };
        struct test_site *t = test_open(false);
        struct log_check how = check_of(t);
        uint64_t size = 0;
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct log_checked found;
                add_notes(t, rows[i].more);
                struct log_exported done = publish(t, rows[i].entries);
                if (!check(t, &how, &found))
                        fail_msg("%s: %s %s %s", rows[i].why, err_text(t->err.code)->name,
                                        t->err.field, t->err.detail);
                assert_int_equal(done.before, size);
                size = (uint64_t)test_count(t, Q_EVENT_COUNT);
                assert_int_equal(done.size, size);
                assert_int_equal(found.head.size, size);
                assert_int_equal(found.n_hashes, size);
                assert_int_equal(found.n_entries, i > 0 ? size : 0);
                assert_int_equal(found.n_unchecked, 0);
        }
        test_close(t);
}

static void test_from_a_checkpoint_and_samples(void **state)
{
        struct test_site *t = test_open(false);
        struct log_check how = check_of(t);
        struct log_checked found;
        (void)state;
        add_notes(t, 270);
        uint64_t old = publish(t, true).size;
        how.from = read_checkpoint(t);
        test_must(t, check(t, &how, &found)); /* the same again: nothing new, and it holds */
        assert_int_equal(found.n_hashes, 0);
        add_notes(t, 300);
        uint64_t size = publish(t, true).size;
        test_must(t, check(t, &how, &found));
        assert_int_equal(found.from, old);
        assert_int_equal(found.n_hashes, size - old);
        assert_int_equal(found.n_entries, size - old);
        how.sample = 7;
        test_must(t, check(t, &how, &found));
        assert_int_equal(found.n_hashes, 7);
        how.from = (struct str){ NULL, 0 };
        test_must(t, check(t, &how, &found));
        assert_int_equal(found.n_hashes, 7);
        assert_int_equal(found.n_entries, 7);
        how.sample = 2 * size; /* more than there are: all */
        test_must(t, check(t, &how, &found));
        assert_int_equal(found.n_hashes, size);
        test_close(t);
}

/* ---- What does not ---- */

static void flip(const char *path, size_t at)
{
        FILE *file = fopen(path, "r+b");
        assert_non_null(file);
        assert_int_equal(fseek(file, (long)at, SEEK_SET), 0);
        int byte = fgetc(file) ^ 1 << at % 8;
        assert_int_equal(fseek(file, (long)at, SEEK_SET), 0);
        assert_int_equal(fputc(byte, file), byte);
        assert_int_equal(fclose(file), 0);
}

static size_t flip_every(struct test_site *t, size_t step)
{
        struct log_check how = check_of(t);
        char *roots[] = { (char *)str_c(t->arena, public_folder(t)), NULL };
        FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
        struct log_checked found;
        FTSENT *entry;
        size_t n = 0;
        assert_non_null(walk);
        while ((entry = fts_read(walk)) != NULL) {
                if (entry->fts_info != FTS_F)
                        continue;
                for (size_t at = 0; at < (size_t)entry->fts_statp->st_size; at += step, n++) {
                        struct arena *arena = arena_open();
                        flip(entry->fts_path, at);
                        if (log_check(arena, public_folder(t), &how, &found, &t->err))
                                fail_msg("%s: byte %zu", entry->fts_path, at);
                        flip(entry->fts_path, at);
                        arena_close(&arena);
                }
        }
        fts_close(walk);
        test_must(t, check(t, &how, &found));
        return n;
}

static void test_every_flipped_byte_is_found(void **state)
{
        struct test_site *t = test_open(false);
        (void)state;
        publish(t, true);
        assert_true(flip_every(t, 1) > 3000);
        test_close(t);
}

static void test_flipped_bytes_of_more_tiles(void **state)
{
        struct test_site *t = test_open(false);
        (void)state;
        add_notes(t, 700);
        publish(t, false);
        assert_true(flip_every(t, 997) > 20);
        test_close(t);
}

static void test_refused(void **state)
{
        static const struct {
                const char *why, *command; /* in the folder */
                enum err_code code;
        } rows[] = {
                { "no checkpoint", "rm checkpoint", E_NOT_FOUND },
                { "an empty checkpoint", ": > checkpoint", E_NOTE },
                { "a tile is gone", "rm tile/0/001.p/*", E_LOG_FILE },
                { "the tile above is gone", "rm -r tile/1", E_LOG_FILE },
                { "a tile too short", "truncate -s 32 tile/0/000", E_LOG_FILE },
                { "a tile too long", "truncate -s 8224 tile/0/000", E_LOG_FILE },
                { "entries of one tile are gone", "rm tile/entries/000", E_LOG_FILE },
                { "entries cut off", "truncate -s 5 tile/entries/000", E_LOG_FILE },
                { "a narrower tile of another log",
                                "mkdir tile/0/000.p; head -c 32 /dev/zero "
                                "> tile/0/000.p/1",
                                E_LOG_FILE },
                { "hashes in another order",
                                "{ tail -c +33 tile/0/000; head -c 32 tile/0/000; } > x; "
                                "mv x tile/0/000",
                                E_LOG_FILE },
                { "the key of somebody else", NULL, E_NOTE_UNSIGNED },
        };
        struct test_site *t = test_open(false);
        struct log_check how = check_of(t);
        (void)state;
        add_notes(t, 300);
        publish(t, true);
        const char *keep = str_c(
                        t->arena, str_format(t->arena, "cp -a %s/public %s/kept", t->dir, t->dir));
        assert_int_equal(system(keep), 0);
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct log_checked found;
                struct note_signer other;
                const char *command = rows[i].command != NULL ? rows[i].command : ":";
                assert_int_equal(system(str_c(t->arena,
                                                 str_format(t->arena, "cd %s/public && { %s; }",
                                                                 t->dir, command))),
                                0);
                if (rows[i].command == NULL) {
                        static const uint8_t seed[SIGNATURE_SEED_BYTES] = { 9 };
                        test_must(t, note_signer_init(site_origin(t->site), seed, &other, &t->err));
                        how.keys = &other.key;
                }
                assert_false(check(t, &how, &found));
                if (t->err.code != rows[i].code)
                        fail_msg("%s: %s %s", rows[i].why, err_text(t->err.code)->name,
                                        t->err.detail);
                assert_int_equal(
                                system(str_c(t->arena,
                                                str_format(t->arena,
                                                                "rm -r %s/public && cp -a %s/kept %s/public",
                                                                t->dir, t->dir, t->dir))),
                                0);
        }
        test_close(t);
}

/* A head of the empty ledger is sound, but there is nothing to check. */
static void test_nothing_is_not_enough(void **state)
{
        struct test_site *t = test_open(false);
        struct log_check how = check_of(t);
        struct log_checked found;
        struct checkpoint empty = { site_origin(t->site), 0, merkle_empty_root(LEDGER_SHA256) };
        struct str note;
        (void)state;
        publish(t, false);
        test_must(t, checkpoint_sign(t->arena, &empty, &atomic_load(&t->site->keyring)->own, &note,
                                     &t->err));
        test_must(t, file_replace(str_format(t->arena, "%s/public/checkpoint", t->dir), note,
                                     &t->err));
        assert_false(check(t, &how, &found));
        assert_int_equal(t->err.code, E_VERIFY_NOTHING);
        test_close(t);
}

/* The site is set back to an old copy and goes on differently. */
static void test_another_past(void **state)
{
        struct test_site *t = test_open(false);
        struct log_check how = check_of(t);
        struct log_checked found;
        struct log_exported done;
        (void)state;
        test_must(t, desk_close(&t->desk, &t->err));
        struct str copy = str_format(t->arena, "%s/old.db", t->dir);
        test_must(t, store_backup(site_store(t->site), str_c(t->arena, copy), NULL, NULL, &t->err));
        test_open_desk(t, false);
        add_notes(t, 300);
        publish(t, false);
        how.from = read_checkpoint(t);

        test_must(t, desk_close(&t->desk, &t->err));
        site_close(&t->site);
        assert_int_equal(system(str_c(t->arena,
                                         str_format(t->arena,
                                                         "cd %s && mv old.db plumbline.db && "
                                                         "rm -f plumbline.db-wal plumbline.db-shm",
                                                         t->dir))),
                        0);
        test_must(t, site_open(str_of(t->dir), &t->site, &t->err));
        test_open_desk(t, false);
        how.keys = site_key(t->site);
        test_must(t, desk_close(&t->desk, &t->err));
        assert_false(log_export(t->site, public_folder(t), false, &done, &t->err));
        assert_int_equal(t->err.code, E_LOG_BEHIND);
        test_open_desk(t, false);
        t->now.second += 60;
        add_notes(t, 400);
        test_must(t, desk_close(&t->desk, &t->err));
        assert_false(log_export(t->site, public_folder(t), false, &done, &t->err));
        assert_int_equal(t->err.code, E_LOG_SPLIT);

        /* Published elsewhere, it still is not the continuation of what was seen. */
        struct str elsewhere = str_format(t->arena, "%s/elsewhere", t->dir);
        test_must(t, log_export(t->site, elsewhere, false, &done, &t->err));
        assert_false(log_check(t->arena, elsewhere, &how, &found, &t->err));
        assert_int_equal(t->err.code, E_LOG_SPLIT);
        how.sample = 3;
        assert_false(log_check(t->arena, elsewhere, &how, &found, &t->err));
        assert_int_equal(t->err.code, E_LOG_SPLIT);
        how.from = (struct str){ NULL, 0 };
        test_must(t, log_check(t->arena, elsewhere, &how, &found, &t->err));
        test_open_desk(t, false);
        test_close(t);
}

static void test_no_head_no_log(void **state)
{
        struct test_site *t = test_open(false);
        struct log_exported done;
        struct site *unsigned_site;
        struct catalogue catalogue;
        const struct calendar_set *calendars;
        struct str problems;
        struct site_config config = test_config();
        (void)state;
        test_must(t, catalogue_load(t->arena, t->data.definitions, t->data.n_definitions,
                                     &catalogue, &problems, &t->err) &&
                                        calendar_set_new(t->arena, t->data.calendars,
                                                        t->data.n_calendars, &calendars, &t->err));
        test_must(t, site_open_memory(&config, &catalogue, calendars, &unsigned_site, &t->err));
        assert_false(log_export(unsigned_site, public_folder(t), false, &done, &t->err));
        assert_int_equal(t->err.code, E_LOG_UNSIGNED);
        site_close(&unsigned_site);
        test_close(t);
}

/* ---- kill -9 while it is written ---- */

static void child_exports(struct test_site *t, int ready)
{
        struct log_exported done;
        struct err err;
        struct site *site;
        if (!site_open(str_of(t->dir), &site, &err))
                _exit(2);
        if (write(ready, "x", 1) != 1)
                _exit(3);
        _exit(log_export(site, public_folder(t), true, &done, &err) ? 0 : 4);
}

static void export_and_kill(struct test_site *t, useconds_t after)
{
        int fds[2];
        char byte;
        assert_int_equal(pipe(fds), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
                child_exports(t, fds[1]);
        assert_int_equal(read(fds[0], &byte, 1), 1);
        usleep(after);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        close(fds[0]);
        close(fds[1]);
}

static void test_killed_while_publishing(void **state)
{
        struct test_site *t = test_open(false);
        struct log_check how = check_of(t);
        struct log_checked found;
        uint64_t published = 0;
        (void)state;
        for (useconds_t i = 0; i < 12; i++) {
                add_notes(t, 90);
                test_must(t, desk_close(&t->desk, &t->err));
                uint64_t size = (uint64_t)test_count(t, Q_EVENT_COUNT);
                export_and_kill(t, 300 * i);
                bool holds = check(t, &how, &found);
                if (!holds)
                        assert_true(published == 0 && t->err.code == E_NOT_FOUND);
                else
                        assert_true(found.head.size == size || found.head.size == published);
                published = holds ? found.head.size : 0;
                test_open_desk(t, false);
        }
        publish(t, true);
        test_must(t, check(t, &how, &found));
        assert_int_equal(found.n_entries, test_count(t, Q_EVENT_COUNT));
        test_close(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_whole),
                cmocka_unit_test(test_from_a_checkpoint_and_samples),
                cmocka_unit_test(test_every_flipped_byte_is_found),
                cmocka_unit_test(test_flipped_bytes_of_more_tiles),
                cmocka_unit_test(test_refused),
                cmocka_unit_test(test_nothing_is_not_enough),
                cmocka_unit_test(test_another_past),
                cmocka_unit_test(test_no_head_no_log),
                cmocka_unit_test(test_killed_while_publishing),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
