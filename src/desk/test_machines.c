/* Several programs over one store: here several sites and desks opened from one folder, each
 * with its own connections and caches. The same on SQLite and on a server. */
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#include "desk/audit.h"
#include "desk/definitions.h"
#include "desk/desk_state.h"
#include "desk/test_site.h"
#include "desk/timers.h"
#include "store/lease.h"

/* A second program over the same site. */
static struct test_site *open_second(struct test_site *first)
{
        struct test_site *t = calloc(1, sizeof(*t));
        assert_non_null(t);
        t->arena = arena_open();
        t->now = first->now;
        test_must(t, site_open(str_of(first->dir), &t->site, &t->err));
        test_open_desk(t, false);
        return t; /* without t->dir: the first removes the folder */
}

static void holds(struct test_site *t)
{
        struct audit audit;
        test_must(t, site_audit(t->site, &audit, &t->err));
        test_rebuild_is_equal(t);
}

static void test_turn_by_turn(void **state)
{
        struct test_site *a = test_open(false), *b = open_second(a);
        struct receipt receipt;
        char number[64];
        (void)state;
        for (int i = 1; i <= 6; i++) { /* numbers without a gap, whoever takes them */
                struct test_site *t = i % 2 == 1 ? a : b;
                snprintf(number, sizeof(number), "测函〔2021〕%d号", i);
                test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"甲\"}", &receipt));
                assert_true(str_is(receipt.number, number));
        }
        /* One matter, act by act from either side; nobody works on what he remembers. */
        test_must(a, test_do(a, "测函〔2021〕1号.change", "li", "{\"amount\":\"1\"}", NULL));
        test_must(b, test_do(b, "测函〔2021〕1号.change", "li", "{\"amount\":\"2\"}", NULL));
        test_must(a, test_do(a, "测函〔2021〕1号.ask", "li", NULL, NULL));
        assert_false(test_do(b, "测函〔2021〕1号.ask", "li", NULL, NULL));
        assert_int_equal(b->err.code, E_ACT_STATE);
        test_must(b, test_do(b, "测函〔2021〕1号.reply", "li", NULL, NULL));
        test_must(a, test_do(a, "测函〔2021〕1号.sign", "wang", "{\"copies\":1}", NULL));
        test_must(b, test_do(b, "测抄〔2021〕1号.file", "li", NULL, NULL));
        assert_false(test_do(a, "测函〔2021〕1号.change", "li", "{\"amount\":\"3\"}", NULL));
        assert_int_equal(a->err.code, E_ACT_STATE);
        test_close(b);
        holds(a);
        test_close(a);
}

/* The same act handed in at both doors with one key happens once. */
static void test_one_key_at_two_doors(void **state)
{
        struct test_site *a = test_open(false), *b = open_second(a);
        struct receipt first, second;
        (void)state;
        struct submission s = test_act(a, "note.write", "li", "{\"subject\":\"甲\"}");
        s.key = STR_LIT("schluessel");
        test_must(a, desk_submit(a->arena, a->desk, &s, &first, &a->err));
        test_must(b, desk_submit(b->arena, b->desk, &s, &second, &b->err));
        assert_true(second.repeated);
        assert_int_equal(first.seq, second.seq);
        test_close(b);
        holds(a);
        test_close(a);
}

/* What one puts into force is in force for the other: for its acts with the next turn, for its
 * readers when its writer looks up. */
static void test_definitions_follow(void **state)
{
        static const char keeper[] =
                        "register: roles\nlabel: 岗位\nkey: id\nkeepers: [keeper]\npublic: true\n"
                        "fields: {name: {label: 名称, type: text, class: public}}\n";
        static const char more[] =
                        "register: seals\nlabel: 印章\nkey: id\nkeepers: [keeper]\npublic: true\n"
                        "fields: {name: {label: 名称, type: text, class: public}}\n";
        struct definition_source one = { STR_LIT("registers/roles.yaml"), str_of(keeper) },
                                 two = { STR_LIT("registers/seals.yaml"), str_of(more) };
        struct test_site *a = test_open(false), *b = open_second(a);
        (void)state;
        assert_null(catalogue_register(site_catalogue(b->site), STR_LIT("roles")));
        test_must(a, definitions_activate(a->desk, &one, STR_LIT("wang"), &a->err));
        test_must(b, test_do(b, "register:roles.put", "system", "{\"id\":\"r\",\"name\":\"主任\"}",
                                     NULL));
        test_must(b, definitions_activate(b->desk, &two, STR_LIT("wang"), &b->err));
        assert_null(catalogue_register(site_catalogue(a->site), STR_LIT("seals")));
        desk_follow(a->desk);
        assert_non_null(catalogue_register(site_catalogue(a->site), STR_LIT("seals")));
        desk_follow(a->desk); /* nothing new: nothing happens */
        test_close(b);
        holds(a);
        test_close(a);
}

static const char stamps[] =
                "register: stamps\nlabel: 印章\nkey: id\nkeepers: [keeper]\npublic: true\n"
                "fields: {name: {label: 名称, type: text, class: public}}\n";

/* A desk whose clock stands before the newest event records nothing, and shows what is in force. */
static void test_definitions_follow_whatever_the_clock(void **state)
{
        struct definition_source one = { STR_LIT("registers/stamps.yaml"),
                { stamps, sizeof(stamps) - 1 } };
        struct test_site *a = test_open(false), *b = open_second(a);
        (void)state;
        a->now.second += 86400;
        test_must(a, definitions_activate(a->desk, &one, STR_LIT("wang"), &a->err));
        desk_follow(b->desk);
        assert_non_null(catalogue_register(site_catalogue(b->site), STR_LIT("stamps")));
        assert_false(test_do(b, "note.write", "li", "{\"subject\":\"甲\"}", NULL));
        assert_int_equal(b->err.code, E_DESK_CLOCK);
        assert_non_null(catalogue_register(site_catalogue(b->site), STR_LIT("stamps")));
        test_close(b);
        holds(a);
        test_close(a);
}

/* A turn that was handed over, because more was to come, has read what is in force: if nothing
 * comes after it, readers have it all the same. */
static void test_definitions_follow_a_turn_handed_over(void **state)
{
        test_needs_file(); /* a server's turns are not handed over */
        struct definition_source one = { STR_LIT("registers/stamps.yaml"),
                { stamps, sizeof(stamps) - 1 } };
        struct test_site *a = test_open(false), *b = open_second(a);
        struct desk_options options = test_options(b, false);
        (void)state;
        test_must(b, desk_close(&b->desk, &b->err));
        options.flush_behind = true;
        test_must(b, desk_open(b->site, &options, &b->desk, &b->err));
        test_must(b, test_do(b, "note.write", "li", "{\"subject\":\"甲\"}", NULL));
        test_must(b, desk_settle(b->desk, &b->err)); /* and what was due is signed */
        test_must(a, definitions_activate(a->desk, &one, STR_LIT("wang"), &a->err));
        test_must(a, test_do(a, "note.write", "li", "{\"subject\":\"丙\"}", NULL)); /* counts */
        test_must(b, test_do(b, "note.write", "li", "{\"subject\":\"乙\"}", NULL));
        assert_non_null(b->desk->turns_ahead.tx);
        assert_non_null(catalogue_register(site_catalogue(b->site), STR_LIT("stamps")));
        test_must(b, desk_settle(b->desk, &b->err));
        test_close(b);
        holds(a);
        test_close(a);
}

/* ---- Timers ---- */

struct runner {
        struct test_site *t;
        struct moment until;
        size_t n;
        bool ok;
};

static void *run_timers(void *user)
{
        struct runner *r = user;
        r->ok = timers_run(r->t->desk, r->until, NULL, NULL, &r->n, &r->t->err);
        return NULL;
}

/* Both run them at once, as if a lease had run out under one that stalled: every look is
 * taken once. */
static void test_timers_of_both_at_once(void **state)
{
        enum { NOTES = 12 };
        struct test_site *a = test_open(false), *b = open_second(a);
        pthread_t threads[2];
        char act[64];
        (void)state;
        for (int i = 1; i <= NOTES; i++) {
                test_must(a, test_do(a, "note.write", "li", "{\"subject\":\"甲\"}", NULL));
                snprintf(act, sizeof(act), "测函〔2021〕%d号.ask", i);
                test_must(a, test_do(a, act, "li", NULL, NULL));
        }
        a->now = b->now = test_moment("2021-03-20 09:00");
        int64_t before = test_count(a, Q_EVENT_COUNT);
        struct runner runners[] = { { a, a->now, 0, false }, { b, b->now, 0, false } };
        for (int i = 0; i < 2; i++)
                assert_int_equal(pthread_create(&threads[i], NULL, run_timers, &runners[i]), 0);
        for (int i = 0; i < 2; i++)
                pthread_join(threads[i], NULL);
        for (int i = 0; i < 2; i++)
                if (!runners[i].ok)
                        fail_msg("%d: %s %s", i, err_text(runners[i].t->err.code)->name,
                                        runners[i].t->err.detail);
        /* yellow, red and the lapse of each, by whichever */
        assert_int_equal(runners[0].n + runners[1].n, 3 * NOTES);
        assert_int_equal(test_count(a, Q_EVENT_COUNT), before + 3 * NOTES);
        test_close(b);
        holds(a);
        test_close(a);
}

static bool takes(struct test_site *t, const char *holder, int seconds)
{
        bool held = false;
        test_must(t, lease_take(site_store(t->site), STR_LIT("timers"), str_of(holder), seconds,
                                     &held, &t->err));
        return held;
}

static void test_leases(void **state)
{
        struct test_site *a = test_open(false), *b = open_second(a);
        char mine[LEASE_HOLDER_BYTES], yours[LEASE_HOLDER_BYTES];
        (void)state;
        lease_holder(mine);
        lease_holder(yours);
        assert_string_not_equal(mine, yours);
        assert_true(takes(a, mine, 600));
        assert_true(takes(a, mine, 600)); /* longer */
        assert_false(takes(b, yours, 600));
        test_must(b, lease_give(site_store(b->site), STR_LIT("timers"), str_of(yours), &b->err));
        assert_false(takes(b, yours, 600)); /* it was not his to give */
        test_must(a, lease_give(site_store(a->site), STR_LIT("timers"), str_of(mine), &a->err));
        assert_true(takes(b, yours, 0)); /* and has run out at once */
        assert_true(takes(a, mine, 600));
        test_close(b);
        test_close(a);
}

/* ---- One that dies in its turn ---- */

static void die_in_turn(const char *dir, int ready)
{
        struct site *site = NULL;
        struct tx *tx = NULL;
        struct err err;
        if (!site_open(str_of(dir), &site, &err) || !store_begin(site_store(site), &tx, &err) ||
                        !tx_run(tx, Q_META_PUT,
                                        PARAMS(param_text(STR_LIT("half")),
                                                        param_text(STR_LIT("1"))),
                                        &err))
                _exit(3);
        if (write(ready, "x", 1) != 1)
                _exit(4);
        for (;;)
                pause();
}

static void test_another_dies_in_its_turn(void **state)
{
        struct test_site *a = test_open(false);
        struct receipt receipt;
        int fds[2], status;
        char byte;
        (void)state;
        assert_int_equal(pipe(fds), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
                die_in_turn(a->dir, fds[1]);
        assert_int_equal(read(fds[0], &byte, 1), 1); /* it holds the turn ... */
        assert_int_equal(kill(child, SIGKILL), 0);
        waitpid(child, &status, 0);
        test_must(a, test_do(a, "note.write", "li", "{\"subject\":\"甲\"}",
                                     &receipt)); /* ... no more */
        assert_true(str_is(receipt.number, "测函〔2021〕1号"));
        close(fds[0]);
        close(fds[1]);
        holds(a);
        test_close(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_turn_by_turn),
                cmocka_unit_test(test_one_key_at_two_doors),
                cmocka_unit_test(test_definitions_follow),
                cmocka_unit_test(test_definitions_follow_whatever_the_clock),
                cmocka_unit_test(test_definitions_follow_a_turn_handed_over),
                cmocka_unit_test(test_timers_of_both_at_once),
                cmocka_unit_test(test_leases),
                cmocka_unit_test(test_another_dies_in_its_turn),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
