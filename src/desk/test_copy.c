/* A site goes from one kind of store into another and back, and is the same there: the same
 * root, the same rows, the same next number. With a server (PLUMBLINE_TEST_STORE) it goes by
 * way of PostgreSQL. */
#include "desk/audit.h"
#include "desk/test_site.h"
#include "desk/timers.h"

static const char *server; /* or NULL */

static struct hash root_of(struct test_site *t)
{
        struct audit audit;
        test_must(t, site_audit(t->site, &audit, &t->err));
        return audit.ledger.root;
}

/* Opens the site of another folder in place of the one that is open. */
static void open_other(struct test_site *t, const char *dir)
{
        test_must(t, desk_close(&t->desk, &t->err));
        site_close(&t->site);
        snprintf(t->dir, sizeof(t->dir), "%s", dir);
        test_must(t, site_open(str_of(t->dir), &t->site, &t->err));
        test_open_desk(t, false);
}

static void remove_folder(const char *dir)
{
        nftw(dir, test_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void test_there_and_back(void **state)
{
        struct test_site *t = test_open(false);
        char store[256] = "sqlite", first[64], there[80], back[80];
        struct receipt receipt;
        (void)state;
        snprintf(first, sizeof(first), "%s", t->dir);
        snprintf(there, sizeof(there), "%s-there", t->dir);
        snprintf(back, sizeof(back), "%s-back", t->dir);
        if (server != NULL)
                snprintf(store, sizeof(store), "%s#t_copy_%d", server, (int)getpid());
        test_must(t, test_do(t, "note.write", "li",
                                     "{\"subject\":\"甲乙丙丁\",\"amount\":\"12.50\"}", NULL));
        test_must(t, test_do(t, "测函〔2021〕1号.ask", "li", NULL, NULL));
        test_must(t, test_do(t, "note.write", "applicant", "{\"subject\":\"乙\"}", NULL));
        test_must(t, test_do(t, "测函〔2021〕2号.sign", "wang", "{\"copies\":2}", NULL));
        struct hash root = root_of(t);
        test_must(t, site_copy(str_of(first), str_of(there), str_of(store), &t->err));
        assert_false(site_copy(str_of(first), str_of(there), str_of(store), &t->err));
        assert_int_equal(t->err.code, E_SITE_EXISTS);

        open_other(t, there);
        assert_memory_equal(root_of(t).b, root.b, HASH_BYTES);
        test_rebuild_is_equal(t);
        test_must(t, test_do(t, "测抄〔2021〕1号.file", "li", NULL, NULL));
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"丙\"}", &receipt));
        assert_true(str_is(receipt.number, "测函〔2021〕3号"));
        root = root_of(t);

        test_must(t, site_copy(str_of(there), str_of(back), STR_LIT("sqlite"), &t->err));
        open_other(t, back);
        assert_memory_equal(root_of(t).b, root.b, HASH_BYTES);
        test_rebuild_is_equal(t);
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"丁\"}", &receipt));
        assert_true(str_is(receipt.number, "测函〔2021〕4号"));
        remove_folder(first);
        remove_folder(there);
        test_close(t);
}

/* A copy that cannot be finished leaves nothing on the server either: the next one succeeds. */
static void test_given_up(void **state)
{
        struct test_site *t = test_open(false);
        char there[80], file[96], store[256] = "sqlite";
        (void)state;
        snprintf(there, sizeof(there), "%s-there", t->dir);
        snprintf(file, sizeof(file), "%s/site.yaml", there);
        if (server != NULL)
                snprintf(store, sizeof(store), "%s#t_given_up_%d", server, (int)getpid());
        assert_int_equal(mkdir(there, 0700), 0);
        assert_int_equal(symlink("/nowhere/site.yaml", file), 0); /* cannot be written, last */
        assert_false(site_copy(str_of(t->dir), str_of(there), str_of(store), &t->err));
        assert_int_equal(t->err.code, E_IO);
        assert_int_equal(unlink(file), 0);
        assert_int_equal(rmdir(there), 0);
        test_must(t, site_copy(str_of(t->dir), str_of(there), str_of(store), &t->err));
        remove_folder(there);
        test_close(t);
}

static void test_refusals(void **state)
{
        struct test_site *t = test_open(false);
        char there[80];
        (void)state;
        snprintf(there, sizeof(there), "%s-there", t->dir);
        assert_false(site_copy(STR_LIT("/nowhere"), str_of(there), STR_LIT("sqlite"), &t->err));
        assert_int_equal(t->err.code, E_SITE_NONE);
        assert_false(site_copy(str_of(t->dir), str_of(there), STR_LIT("oracle"), &t->err));
        assert_int_equal(t->err.code, E_SITE_CONFIG);
        assert_false(site_copy(
                        str_of(t->dir), str_of(there), STR_LIT("postgres://u:p@h/d"), &t->err));
        assert_int_equal(t->err.code, E_STORE_WHERE);
        assert_int_equal(access(there, F_OK), -1); /* nothing half made stays */
        test_close(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_there_and_back),
                cmocka_unit_test(test_given_up),
                cmocka_unit_test(test_refusals),
        };
        server = getenv("PLUMBLINE_TEST_STORE");
        unsetenv("PLUMBLINE_TEST_STORE"); /* a file is a file here */
        return cmocka_run_group_tests(tests, NULL, NULL);
}
