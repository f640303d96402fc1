/* A site of an older version is opened as it was left, and goes on. One of each version of the
 * tables is kept: twelve notes, one with a clock that runs, one signed, with two copies.
 *
 * Before a version is released (CONTRIBUTING.md): test_older_site --make FILE makes such a site
 * of the present one, and prints its row for the table below. */
#include "desk/audit.h"
#include "desk/test_site.h"

static const struct {
        int version;
        uint64_t n_events;
        const char *root;
} sites[] = {
        { 1, 29, "0833cf0f2826cc11e684b7019deeaf058024be4cb82ac603c49e47999aea7562" },
        { 2, 27, "65d8e83119815a959b95dac7bae83609884d7ef65831b6bb76bf3534ed7730a0" },
        { 3, 27, "0a4340536b1af01190d0bd51c58ceae3074db23598acde5467621ecdfe051a00" },
};

static struct test_site *open_version(int version)
{
        struct test_site *t = calloc(1, sizeof(*t));
        const char *source = getenv("PLUMBLINE_SOURCE");
        char command[256];
        assert_non_null(t);
        assert_non_null(source);
        t->arena = arena_open();
        t->now = test_moment("2021-03-01 09:00");
        snprintf(t->dir, sizeof(t->dir), "/tmp/desk-XXXXXX");
        assert_non_null(mkdtemp(t->dir));
        snprintf(command, sizeof(command),
                        "tar -xzf '%.128s/tests/data/stores/site-v%d.tar.gz' -C %s", source,
                        version, t->dir);
        assert_int_equal(system(command), 0);
        test_must(t, site_open(str_of(t->dir), &t->site, &t->err));
        return t;
}

static void audit_is(struct test_site *t, uint64_t n_events, const char *root)
{
        struct audit audit;
        char hex[HASH_HEX + 1] = { 0 };
        test_must(t, site_audit(t->site, &audit, &t->err));
        hash_write_hex(audit.ledger.root.b, HASH_BYTES, hex);
        assert_int_equal(audit.ledger.n_events, n_events);
        if (root != NULL)
                assert_string_equal(hex, root);
}

static void goes_on(struct test_site *t, uint64_t n_events, const char *root)
{
        struct receipt receipt;
        audit_is(t, n_events, root);
        test_rebuild_is_equal(t);
        test_open_desk(t, false);
        struct submission again = test_act(
                        t, "note.write", "li", "{\"subject\":\"甲乙丙丁\",\"amount\":\"12.50\"}");
        again.key = STR_LIT("key-1"); /* was done before the upgrade */
        test_must(t, desk_submit(t->arena, t->desk, &again, &receipt, &t->err));
        assert_true(receipt.repeated);
        test_must(t, test_do(t, "测函〔2021〕1号.reply", "li", NULL, NULL));
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"新\"}", &receipt));
        assert_true(str_is(receipt.number, "测函〔2021〕13号"));
        test_must(t, desk_close(&t->desk, &t->err));
        audit_is(t, n_events + 2, NULL);
        test_rebuild_is_equal(t);
        test_open_desk(t, false);
        test_close(t);
}

static void test_each_version(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(sites); i++)
                goes_on(open_version(sites[i].version), sites[i].n_events, sites[i].root);
}

/* Whoever begins a new version keeps a site of the one before. */
static void test_none_is_missing(void **state)
{
        (void)state;
        for (int version = 1; version < STORE_VERSION; version++) {
                size_t i = 0;
                while (i < N_ELEMENTS(sites) && sites[i].version != version)
                        i++;
                if (i == N_ELEMENTS(sites))
                        fail_msg("no site of version %d is kept", version);
        }
}

/* ---- One of the present version ---- */

static void write_acts(struct test_site *t)
{
        for (int i = 1; i <= 12; i++) {
                char key[16];
                struct receipt receipt;
                struct submission s = test_act(t, "note.write", "li",
                                "{\"subject\":\"甲乙丙丁\",\"amount\":\"12.50\"}");
                snprintf(key, sizeof(key), "key-%d", i);
                s.key = str_of(key);
                test_must(t, desk_submit(t->arena, t->desk, &s, &receipt, &t->err));
        }
        test_must(t, test_do(t, "测函〔2021〕1号.ask", "li", NULL, NULL));
        test_must(t, test_do(t, "测函〔2021〕2号.sign", "wang", "{\"copies\":2}", NULL));
}

static int make(const char *file)
{
        struct test_site *t = test_open(false);
        struct audit audit;
        char command[512], hex[HASH_HEX + 1] = { 0 };
        write_acts(t);
        test_must(t, desk_close(&t->desk, &t->err));
        test_must(t, site_audit(t->site, &audit, &t->err));
        hash_write_hex(audit.ledger.root.b, HASH_BYTES, hex);
        site_close(&t->site);
        snprintf(command, sizeof(command),
                        "tar -czf '%.200s' --owner=0 --group=0 --mtime=2021-03-01 -C %s site.yaml keys"
                        " blobs plumbline.db",
                        file, t->dir);
        if (system(command) != 0)
                return 1;
        printf("        { %d, %llu, \"%s\" },\n", STORE_VERSION,
                        (unsigned long long)audit.ledger.n_events, hex);
        return 0;
}

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_each_version),
                cmocka_unit_test(test_none_is_missing),
        };
        if (argc == 3 && strcmp(argv[1], "--make") == 0)
                return make(argv[2]);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
