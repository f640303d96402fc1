/* A site of an older version is opened as it was left, and goes on. */
#include "desk/audit.h"
#include "desk/test_site.h"

/* The site as version 1 of the tables left it: twelve notes, one with a clock
 * that runs, one signed, with two copies. */
static struct test_site *open_v1(void)
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
                        "tar -xzf '%.128s/tests/data/stores/site-v1.tar.gz' -C %s", source, t->dir);
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

static void test_version_1(void **state)
{
        struct test_site *t = open_v1();
        struct receipt receipt;
        (void)state;
        audit_is(t, 29, "0833cf0f2826cc11e684b7019deeaf058024be4cb82ac603c49e47999aea7562");
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
        audit_is(t, 31, NULL);
        test_rebuild_is_equal(t);
        test_open_desk(t, false);
        test_close(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_version_1),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
