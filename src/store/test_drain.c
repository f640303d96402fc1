/* SQLite's log is brought over beside the work (store/drain.h): it stays short, nothing is lost in
 * it, and being killed while it is under way loses nothing that was committed. */
#include "store/test_store.h"

#include <poll.h>
#include <sqlite3.h>
#include <sys/wait.h>

#define FRAMES  40   /* so short a log is brought over again and again */
#define COMMITS 3000 /* each changes a few pages */
#define KILLS   60
#define VALUE   "一个足够长的值，使每次提交都改变不止一页；其余与此无关，只为占用空间而写。"

static struct store *open_short(const char *name, bool create)
{
        struct store_options options = { .create = create, .log_frames = FRAMES };
        struct store *store = NULL;
        if (!store_open(path(name), &options, &store, &err))
                fail_msg("%s: %s", name, err.detail);
        return store;
}

static void commit_nth(struct store *store, int n)
{
        struct tx *tx = NULL;
        char key[32];
        assert_true(store_begin(store, &tx, &err));
        for (int i = 0; i < 3; i++) {
                snprintf(key, sizeof(key), "%d-%d", i * 7919 + n % 1000, n);
                assert_true(put(tx, key, VALUE));
        }
        assert_true(tx_commit(&tx, &err));
}

static bool has_nth(struct store *store, int n)
{
        char key[32];
        for (int i = 0; i < 3; i++) {
                snprintf(key, sizeof(key), "%d-%d", i * 7919 + n % 1000, n);
                if (strcmp(stored(store, key), "none") == 0)
                        return false;
        }
        return true;
}

static int64_t log_bytes(const char *name)
{
        struct stat found;
        char log[64];
        snprintf(log, sizeof(log), "%s-wal", name);
        return stat(path(log), &found) == 0 ? found.st_size : 0;
}

static void test_the_log_stays_short(void **state)
{
        (void)state;
        needs_file();
        struct store *store = open_short("short", true);
        int64_t longest = 0;
        for (int n = 0; n < COMMITS; n++) {
                commit_nth(store, n);
                int64_t now = log_bytes("short");
                longest = now > longest ? now : longest;
        }
        for (int n = 0; n < COMMITS; n++)
                assert_true(has_nth(store, n));
        assert_true(store_check(store, &err));
        store_close(&store);
        assert_true(longest >= FRAMES * 4096);
        assert_true(longest < 10 * FRAMES * 4096); /* however slow the other thread is */
        assert_int_equal(log_bytes("short"), 0);   /* whoever closes it last brings the rest over */
}

/* A reader that stays keeps what it sees; the log begins anew when it has gone. */
static void test_a_reader_stays(void **state)
{
        struct snapshot *snapshot = NULL;
        (void)state;
        needs_file();
        struct store *store = open_short("read", true);
        commit_one(store, "key", "before");
        assert_true(snapshot_open(store, &snapshot, &err));
        assert_string_equal(seen(snapshot, "key"), "before");
        commit_one(store, "key", "after");
        for (int n = 0; n < 300; n++)
                commit_nth(store, n);
        assert_string_equal(seen(snapshot, "key"), "before");
        int64_t kept = log_bytes("read");
        assert_true(kept > 3 * FRAMES * 4096);
        snapshot_close(&snapshot);
        for (int n = 300; n < 600; n++)
                commit_nth(store, n);
        assert_string_equal(stored(store, "key"), "after");
        for (int n = 0; n < 600; n++)
                assert_true(has_nth(store, n));
        assert_true(log_bytes("read") < 2 * kept); /* written over from its beginning */
        store_close(&store);
}

/* Written anew while the log may be on its way. */
static void test_scrubbing(void **state)
{
        (void)state;
        needs_file();
        struct store *store = open_short("scrub", true);
        for (int round = 0; round < 20; round++) {
                for (int n = 0; n < 20; n++)
                        commit_nth(store, round * 20 + n);
                if (!store_scrub(store, &err))
                        fail_msg("%s", err.detail);
                assert_int_equal(log_bytes("scrub"), 0);
        }
        store_close(&store);
}

static void commit_until_killed(const char *name, int from, int told)
{
        struct store *store = open_short(name, false);
        for (int n = from;; n++) {
                commit_nth(store, n);
                if (write(told, &n, sizeof(n)) != (ssize_t)sizeof(n))
                        _exit(1);
        }
}

/* Returns how many are there at least, from what the child has told before it was killed. */
static int kill_one(const char *name, int from, int milliseconds)
{
        int ends[2], n = from, told;
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        if (child == 0) {
                close(ends[0]);
                commit_until_killed(name, from, ends[1]);
        }
        close(ends[1]);
        struct pollfd first = { .fd = ends[0], .events = POLLIN };
        assert_int_equal(poll(&first, 1, 60000), 1); /* it has opened the store */
        usleep((useconds_t)milliseconds * 1000);
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, NULL, 0), child);
        while (read(ends[0], &told, sizeof(told)) == (ssize_t)sizeof(told))
                n = told + 1;
        close(ends[0]);
        return n;
}

static void test_killed(void **state)
{
        (void)state;
        needs_file();
        struct store *store = open_short("killed", true);
        store_close(&store);
        int n = 0;
        for (int i = 0; i < KILLS; i++) {
                int more = kill_one("killed", n, i % 20);
                store = open_short("killed", false);
                for (int k = n; k < more; k++)
                        assert_true(has_nth(store, k));
                assert_true(store_check(store, &err));
                n = more + has_nth(store, more); /* the one that was not told yet */
                store_close(&store);
        }
        assert_true(n > KILLS);
        print_message("%d commits, %d kills\n", n, KILLS);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_log_stays_short),
                cmocka_unit_test(test_a_reader_stays),
                cmocka_unit_test(test_scrubbing),
                cmocka_unit_test(test_killed),
        };
        return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
