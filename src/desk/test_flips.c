/* Bytes changed at random in a large published log, one at a time: each is found by the whole
 * check, which looks at every hash and every leaf.
 *
 * 500 bytes of 3,000 events; with PLUMBLINE_LONG=1 (`ninja test_flips-long`) 10,000 bytes of
 * 20,000 events. Every processor takes its share, in a copy of its own. The seed is fixed, so
 * that a byte that is not found is found again. */
#include "desk/test_site.h"

#include <fts.h>
#include <string.h>
#include <sys/wait.h>

#include "desk/import.h"
#include "desk/log_check.h"
#include "desk/log_export.h"

#define FILES_MAX   256
#define WORKERS_MAX 8

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

static int by_name(const FTSENT **a, const FTSENT **b)
{
        return strcmp((*a)->fts_name, (*b)->fts_name);
}

static size_t list(const char *folder, struct file *files, size_t *ret_bytes)
{
        char *roots[] = { (char *)folder, NULL };
        FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
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

/* SplitMix64: the i-th number, whoever asks for it. */
static uint64_t random_at(uint64_t i)
{
        uint64_t z = 20211201 + (i + 1) * 0x9e3779b97f4a7c15u;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        return z ^ z >> 31;
}

struct share {
        struct log_check how;
        struct str folder;
        int first, step, end;
};

/* In a process of its own; the exit status says how it went. */
static int flip_share(const struct share *share)
{
        static struct file files[FILES_MAX];
        struct log_checked found;
        struct err err;
        size_t n_bytes, n_missed = 0;
        struct arena *arena = arena_open();
        size_t n = list(str_c(arena, share->folder), files, &n_bytes);
        for (int i = share->first; i < share->end; i += share->step) {
                uint64_t random = random_at((uint64_t)i);
                size_t at = (size_t)(random >> 3) % n_bytes, f = 0;
                int bit = (int)random & 7;
                for (; f < n && at >= files[f].size; f++)
                        at -= files[f].size;
                flip(files[f].path, at, bit);
                if (log_check(arena, share->folder, &share->how, &found, &err)) {
                        print_error("%s: byte %zu, bit %d\n", files[f].path, at, bit);
                        n_missed++;
                }
                flip(files[f].path, at, bit);
                arena_reset(arena);
        }
        bool whole = log_check(arena, share->folder, &share->how, &found, &err);
        arena_close(&arena);
        return n_missed == 0 && whole ? 0 : 1;
}

static void test_random_bytes(void **state)
{
        bool is_long = getenv("PLUMBLINE_LONG") != NULL;
        int n_flips = is_long ? 10000 : 500, n_failed = 0, status;
        long n_workers = sysconf(_SC_NPROCESSORS_ONLN);
        struct test_site *t = test_open(false);
        struct share share = {
                .how = { .algorithm = LEDGER_SHA256, .keys = site_key(t->site), .n_keys = 1 },
                .end = n_flips
        };
        struct log_exported done;
        static struct file files[FILES_MAX];
        size_t n_bytes;
        pid_t children[WORKERS_MAX];
        (void)state;
        n_workers = n_workers < 1 ? 1 : n_workers > WORKERS_MAX ? WORKERS_MAX : n_workers;
        share.step = (int)n_workers;
        add_notes(t, is_long ? 20000 : 3000);
        test_must(t, desk_close(&t->desk, &t->err));
        for (int i = 0; i < n_workers; i++) {
                share.first = i;
                share.folder = str_format(t->arena, "%s/public-%d", t->dir, i);
                test_must(t, log_export(t->site, share.folder, true, &done, &t->err));
                children[i] = fork();
                assert_true(children[i] >= 0);
                if (children[i] == 0)
                        _exit(flip_share(&share));
        }
        for (int i = 0; i < n_workers; i++) {
                assert_int_equal(waitpid(children[i], &status, 0), children[i]);
                n_failed += !WIFEXITED(status) || WEXITSTATUS(status) != 0;
        }
        assert_int_equal(n_failed, 0);
        size_t n_files = list(str_c(t->arena, share.folder), files, &n_bytes);
        assert_true(n_bytes > (is_long ? 5000000 : 500000));
        print_message("# %d flipped bytes found in %zu bytes of %zu files\n", n_flips, n_bytes,
                        n_files);
        test_open_desk(t, false);
        test_close(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_random_bytes) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
