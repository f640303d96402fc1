/* 10,000 bytes changed at random in a large published log, one at a time: each is found.
 *
 * Takes minutes; among the tests of suite "long". The seed is fixed, so that a byte that is not
 * found is found again. */
#include "desk/test_site.h"

#include <fts.h>
#include <string.h>

#include "desk/import.h"
#include "desk/log_check.h"
#include "desk/log_export.h"

#define N_EVENTS  3000
#define N_FLIPS   10000
#define FILES_MAX 64

struct file {
        char path[160];
        size_t size;
};

static void add_notes(struct test_site *t, int n)
{
        struct buf text = BUF(t->arena);
        struct import_result result;
        for (int i = 0; i < n; i++)
                buf_c(&text, "{\"procedure\":\"note\",\"act\":\"write\",\"by\":\"li\","
                             "\"fields\":{\"subject\":\"甲\"}}\n");
        test_must(t, import_acts(t->arena, t->desk, buf_str(&text), false, NULL, NULL, &result,
                                     &t->err));
}

static size_t list(const char *folder, struct file *files, size_t *ret_bytes)
{
        char *roots[] = { (char *)folder, NULL };
        FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
        const FTSENT *entry;
        size_t n = 0;
        *ret_bytes = 0;
        assert_non_null(walk);
        while ((entry = fts_read(walk)) != NULL) {
                if (entry->fts_info != FTS_F)
                        continue;
                assert_true(n < FILES_MAX);
                snprintf(files[n].path, sizeof(files[n].path), "%s", entry->fts_path);
                files[n].size = (size_t)entry->fts_statp->st_size;
                *ret_bytes += files[n++].size;
        }
        fts_close(walk);
        return n;
}

static void flip(const char *path, size_t at, int bit)
{
        FILE *file = fopen(path, "r+b");
        assert_non_null(file);
        assert_int_equal(fseek(file, (long)at, SEEK_SET), 0);
        int byte = fgetc(file) ^ 1 << bit;
        assert_int_equal(fseek(file, (long)at, SEEK_SET), 0);
        assert_int_equal(fputc(byte, file), byte);
        assert_int_equal(fclose(file), 0);
}

static void test_random_bytes(void **state)
{
        struct test_site *t = test_open(false);
        struct str folder = str_format(t->arena, "%s/public", t->dir);
        struct log_check how = {
                .algorithm = LEDGER_SHA256, .keys = site_key(t->site), .n_keys = 1
        };
        static struct file files[FILES_MAX];
        struct log_exported done;
        struct log_checked found;
        uint64_t random = 20211201;
        size_t n_bytes;
        (void)state;
        add_notes(t, N_EVENTS);
        test_must(t, desk_close(&t->desk, &t->err));
        test_must(t, log_export(t->site, folder, true, &done, &t->err));
        size_t n = list(str_c(t->arena, folder), files, &n_bytes);
        assert_true(n_bytes > 500000);
        for (int i = 0; i < N_FLIPS; i++) {
                struct arena *arena = arena_open();
                random = random * 6364136223846793005u + 1442695040888963407u;
                size_t at = (size_t)(random >> 24) % n_bytes, f = 0;
                int bit = (int)(random >> 16) & 7;
                for (; at >= files[f].size; f++)
                        at -= files[f].size;
                assert_true(f < n);
                flip(files[f].path, at, bit);
                if (log_check(arena, folder, &how, &found, &t->err))
                        fail_msg("%s: byte %zu, bit %d", files[f].path, at, bit);
                flip(files[f].path, at, bit);
                arena_close(&arena);
        }
        test_must(t, log_check(t->arena, folder, &how, &found, &t->err));
        test_open_desk(t, false);
        test_close(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_random_bytes) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
