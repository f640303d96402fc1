/* Turns that go on before the last one is committed: nothing is lost by it, nothing done twice,
 * whatever fails meanwhile. */
#include "desk/test_site.h"

#include <pthread.h>

#include "desk/audit.h"
#include "desk/desk_state.h"
#include "store/fake.h"

#define ACTS (3 * (int)DESK_BATCH_MAX + 100) /* so many wait that every turn but the last goes on */

struct counting {
        pthread_mutex_t mutex;
        pthread_cond_t answered;
        int n_answered, n_done;
        int64_t last; /* seq */
        bool in_order;
};

static void note_answer(void *user, const struct desk_answer *answer)
{
        struct counting *c = user;
        pthread_mutex_lock(&c->mutex);
        c->n_answered++;
        if (answer->done) {
                c->n_done++;
                c->in_order = c->in_order && answer->receipt.seq > c->last;
                c->last = answer->receipt.seq;
        }
        pthread_cond_signal(&c->answered);
        pthread_mutex_unlock(&c->mutex);
}

/* A site whose store fails where it is told to. */
static struct test_site *open_with(struct store **ret_fake, bool flush_behind)
{
        struct test_site *t = test_open(false);
        test_must(t, desk_close(&t->desk, &t->err));
        test_must(t, fake_open(&t->site->store, ret_fake, &t->err));
        t->site->store = *ret_fake;
        fake_fail_at(*ret_fake, 0);
        struct desk_options options = test_options(t, !flush_behind);
        options.flush_behind = flush_behind;
        test_must(t, desk_open(t->site, &options, &t->desk, &t->err));
        return t;
}

static struct test_site *open_over_fake(struct store **ret_fake)
{
        return open_with(ret_fake, false);
}

/* Hands in all of them without waiting, then waits. */
static struct counting submit_all(struct test_site *t)
{
        struct counting c = { .mutex = PTHREAD_MUTEX_INITIALIZER,
                .answered = PTHREAD_COND_INITIALIZER,
                .last = -1,
                .in_order = true };
        struct submission *s = arena_new_array(t->arena, ACTS, struct submission);
        for (int i = 0; i < ACTS; i++) {
                s[i] = test_act(t, "note.write", "li", NULL);
                struct member *subject = arena_new(t->arena, struct member);
                *subject = (struct member){ STR_LIT("subject"), value_string(STR_LIT("甲")) };
                s[i].fields = value_context(subject, 1);
                s[i].key = str_format(t->arena, "key-%d", i);
                while (!desk_submit_async(t->desk, &s[i], note_answer, &c, &t->err))
                        usleep(1000);
        }
        pthread_mutex_lock(&c.mutex);
        while (c.n_answered < ACTS)
                pthread_cond_wait(&c.answered, &c.mutex);
        pthread_mutex_unlock(&c.mutex);
        return c;
}

/* What was acknowledged is there once, and the log, its tree and the read tables agree. */
static void check(struct test_site *t, int64_t events, const struct counting *c)
{
        struct audit audit;
        assert_true(c->in_order);
        assert_int_equal(test_count(t, Q_EVENT_COUNT), events + c->n_done);
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"乙\"}", NULL));
        test_must(t, desk_close(&t->desk, &t->err));
        test_must(t, site_audit(t->site, &audit, &t->err));
        assert_int_equal(audit.ledger.n_events, events + c->n_done + 1);
        test_rebuild_is_equal(t);
}

static void test_turns_go_on(void **state)
{
        struct test_site *t = test_open(true);
        (void)state;
        if (getenv("PLUMBLINE_TEST_STORE") != NULL)
                skip(); /* a server's transactions are its own affair */
        int64_t events = test_count(t, Q_EVENT_COUNT);
        struct counting c = submit_all(t);
        assert_int_equal(c.n_done, ACTS);
        assert_true(t->desk->turns_ahead.n_committed > 0);
        assert_true(desk_numbers(t->desk).done >= ACTS && desk_numbers(t->desk).refused == 0);
        check(t, events, &c);
        test_close(t);
}

/* How many steps the store takes for all of it. */
static int64_t count_steps(void)
{
        struct store *fake = NULL;
        struct test_site *t = open_over_fake(&fake);
        fake_fail_at(fake, 0);
        struct counting c = submit_all(t);
        int64_t steps = fake_steps(fake);
        assert_int_equal(c.n_done, ACTS);
        test_close(t);
        return steps;
}

#define PLACES 6

/* A row refused late, anywhere: the turns that were lost are done again. */
static void test_a_refusal_in_a_turn_ahead(void **state)
{
        int64_t steps = count_steps();
        (void)state;
        for (int i = 1; i < PLACES; i++) {
                struct store *fake = NULL;
                struct test_site *t = open_over_fake(&fake);
                int64_t events = test_count(t, Q_EVENT_COUNT);
                fake_fail_at(fake, steps * i / PLACES);
                fake_conflict(fake, true);
                struct counting c = submit_all(t);
                fake_fail_at(fake, 0);
                check(t, events, &c);
                test_close(t);
        }
}

/* The store fails: whoever is not told that it was done is told that it was not. */
static void test_a_failure_in_a_turn_ahead(void **state)
{
        int64_t steps = count_steps();
        size_t n_failed = 0;
        (void)state;
        for (int i = 1; i < PLACES; i++) {
                struct store *fake = NULL;
                struct test_site *t = open_over_fake(&fake);
                int64_t events = test_count(t, Q_EVENT_COUNT);
                fake_fail_at(fake, steps * i / PLACES);
                struct counting c = submit_all(t);
                fake_fail_at(fake, 0);
                n_failed += c.n_done < ACTS;
                check(t, events, &c);
                test_close(t);
        }
        assert_true(n_failed > 0);
}

/* The commit itself, which is beside the writer: its turn is lost while the next is decided. */
static void test_a_commit_ahead_fails(void **state)
{
        (void)state;
        for (int conflict = 0; conflict < 2; conflict++) {
                struct store *fake = NULL;
                struct test_site *t = open_over_fake(&fake);
                int64_t events = test_count(t, Q_EVENT_COUNT);
                fake_only(fake, FAKE_COMMIT_AT_WORK);
                fake_conflict(fake, conflict != 0);
                fake_fail_at(fake, 1);
                struct counting c = submit_all(t);
                assert_true(fake_steps(fake) > 0);
                fake_fail_at(fake, 0);
                if (conflict != 0)
                        assert_int_equal(c.n_done, ACTS);
                else
                        assert_true(c.n_done < ACTS);
                check(t, events, &c);
                test_close(t);
        }
}

/* A desk that answers before it has written: once that has failed it does nothing more, and what
 * came before stands. */
static void test_what_was_answered_is_lost(void **state)
{
        struct store *fake = NULL;
        struct audit audit;
        struct test_site *t = open_with(&fake, true);
        int64_t events = test_count(t, Q_EVENT_COUNT);
        int n_done = 0;
        (void)state;
        fake_only(fake, FAKE_COMMIT_AT_WORK);
        fake_fail_at(fake, 3);
        while (n_done < 100 && test_do(t, "note.write", "li", "{\"subject\":\"甲\"}", NULL))
                n_done++;
        assert_true(n_done >= 2 && n_done < 100);
        assert_int_equal(t->err.code, E_STORE_IO);
        fake_fail_at(fake, 0);
        assert_false(test_do(t, "note.write", "li", "{\"subject\":\"乙\"}", NULL));
        assert_int_equal(t->err.code, E_STORE_IO);
        assert_false(desk_settle(t->desk, &t->err));
        assert_false(desk_close(&t->desk, &t->err));
        test_must(t, site_audit(t->site, &audit, &t->err));
        assert_true((int64_t)audit.ledger.n_events >= events + 2);
        assert_true((int64_t)audit.ledger.n_events < events + n_done);
        test_open_desk(t, true);
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"丙\"}", NULL));
        test_close(t);
}

#define ROUNDS 200000 /* the window was narrow: four runs of five found it */

struct use {
        struct arena *arena;
        struct job job;
        _Atomic bool in_use;
};

static void note_free(struct job *job, const struct err *err)
{
        struct use *use = job->owner;
        assert_null(err);
        use->in_use = false;
}

/* The writer takes an arena while another is given back: it is never one that is in use. */
static void test_an_arena_has_one_turn(void **state)
{
        struct test_site *t = test_open(false);
        struct queue *queue = queue_new(1);
        struct flusher *flusher = flusher_open(site_store(t->site), queue);
        struct use uses[FLUSHER_TURNS] = { 0 };
        (void)state;
        assert_non_null(flusher);
        for (int i = 0; i < ROUNDS; i++) {
                const struct job one = { 0 };
                struct arena *arena = flusher_arena(flusher, &one);
                size_t at = 0;
                while (uses[at].arena != NULL && uses[at].arena != arena)
                        assert_true(++at < FLUSHER_TURNS);
                assert_false(uses[at].in_use);
                uses[at].arena = arena;
                uses[at].job = (struct job){
                        .answered = note_free, .owner = &uses[at], .done = true
                };
                uses[at].in_use = true;
                flusher_decided(flusher);
                flusher_give(flusher, &uses[at].job, arena, false);
        }
        flusher_close(&flusher);
        queue_free(&queue);
        test_close(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_turns_go_on),
                cmocka_unit_test(test_a_refusal_in_a_turn_ahead),
                cmocka_unit_test(test_a_failure_in_a_turn_ahead),
                cmocka_unit_test(test_a_commit_ahead_fails),
                cmocka_unit_test(test_an_arena_has_one_turn),
                cmocka_unit_test(test_what_was_answered_is_lost),
        };
        if (access("/dev/shm", W_OK) == 0) /* turns go on where the disk is the faster */
                setenv("TMPDIR", "/dev/shm", 1);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
