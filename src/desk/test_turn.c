/* Turns that go on before the last one is committed: nothing is lost by it, nothing done twice,
 * whatever fails meanwhile. */
#include "desk/test_site.h"

#include <pthread.h>
#include <string.h>

#include "desk/audit.h"
#include "desk/desk_state.h"
#include "desk/timers.h"
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

#define LOOKS 3

struct looking { /* a job that asks for a matter, and writes down what it is called for */
        struct job job;
        struct store *fake;
        int64_t matter;
        char *trace;           /* with room for more */
        enum err_code trouble; /* of its first look */
};

static bool look(struct writer *w, const struct job *job, struct err *err)
{
        struct looking *l = (struct looking *)job;
        l->trace[strlen(l->trace)] = 'l';
        enum err_code trouble = l->trouble;
        l->trouble = E_NONE;
        return trouble == E_NONE ? writer_look_ahead(w, l->matter, err)
                                 : err_set(err, trouble, "按脚本");
}

static bool ask(struct writer *w, struct job *job, struct err *err)
{
        struct looking *l = (struct looking *)job;
        struct matter *matter;
        int64_t before = fake_steps(l->fake);
        l->trace[strlen(l->trace)] = 'r';
        if (!writer_mark(w, err))
                return false;
        int64_t marked = fake_steps(l->fake);
        assert_true(w->careful || marked == before);
        if (!writer_matter(w, l->matter, &matter, err))
                return false;
        assert_int_equal(fake_steps(l->fake), marked); /* the store was not asked */
        assert_int_equal(matter->id, l->matter);
        return true;
}

/* What a turn reads it reads before it writes, each matter once. */
static void test_a_turn_looks_ahead(void **state)
{
        static const struct {
                enum err_code trouble;
                const char *trace;
                bool done;
        } rows[] = {
                { E_NONE, "lllrrr", true },
                { E_STORE_CONFLICT, "lllllrrr", true }, /* of a turn ahead: done again */
                { E_STORE_IO, "ll", false },
        };
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct store *fake = NULL;
                struct test_site *t = open_with(&fake, false);
                char trace[4 * LOOKS + 1] = { 0 };
                struct looking looks[LOOKS];
                struct job *jobs[LOOKS];
                for (size_t k = 0; k < LOOKS; k++) {
                        struct receipt r;
                        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"甲\"}", &r));
                        looks[k] = (struct looking){
                                .job = { .run = ask, .look_ahead = look, .repeatable = true },
                                .fake = fake,
                                .matter = r.matter,
                                .trace = trace,
                                .trouble = k == 1 ? rows[i].trouble : E_NONE,
                        };
                        jobs[k] = &looks[k].job;
                }
                test_must(t, desk_close(&t->desk, &t->err)); /* and with it what it knew */
                test_open_desk(t, false);
                fake_fail_at(fake, 0);
                assert_int_equal(desk_do_all(t->desk, jobs, LOOKS, &t->err), rows[i].done);
                assert_string_equal(trace, rows[i].trace);
                for (size_t k = 0; k < LOOKS; k++)
                        assert_int_equal(looks[k].job.err.code,
                                        rows[i].done ? E_NONE : rows[i].trouble);
                test_close(t);
        }
}

/* Which step of the store comes when: each fails once, and says its name. The last time all of it
 * is done. Returns how many matters were read, all of them before the first was written. */
static int reads_before_writes(struct test_site *t, struct store *fake,
                bool (*work)(struct test_site *t, void *user), void *user)
{
        int n_reads = 0, n_writes = 0;
        for (int64_t step = 1;; step++) {
                fake_fail_at(fake, step);
                if (work(t, user))
                        break;
                assert_int_equal(t->err.code, E_STORE_IO);
                if (strstr(t->err.detail, "MATTER_GET") != NULL) {
                        n_reads++;
                        assert_int_equal(n_writes, 0);
                }
                n_writes += strstr(t->err.detail, "MATTER_SET") != NULL;
        }
        fake_fail_at(fake, 0);
        assert_true(n_writes > 1);
        return n_reads;
}

struct bulk {
        struct submission s[LOOKS + 1];
        struct desk_answer answers[LOOKS + 1];
        size_t n_timers;
};

static bool do_bulk(struct test_site *t, void *user)
{
        struct bulk *bulk = user;
        return desk_submit_many(
                        t->arena, t->desk, bulk->s, N_ELEMENTS(bulk->s), bulk->answers, &t->err);
}

static bool do_timers(struct test_site *t, void *user)
{
        return timers_run(t->desk, t->now, NULL, NULL, &((struct bulk *)user)->n_timers, &t->err);
}

/* So do acts and timers. */
static void test_acts_look_ahead(void **state)
{
        struct store *fake = NULL;
        struct test_site *t = open_with(&fake, true);
        struct bulk bulk;
        (void)state;
        for (size_t k = 0; k < LOOKS; k++) {
                struct receipt r;
                test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"甲\"}", &r));
                bulk.s[k] = test_act(t,
                                str_c(t->arena, str_format(t->arena, "%.*s.ask",
                                                                STR_FMT(r.number))),
                                "li", NULL);
        }
        bulk.s[LOOKS] = test_act(t, "测函〔2021〕99号.ask", "li", NULL);
        test_must(t, desk_close(&t->desk, &t->err));
        test_open_desk(t, false);
        assert_int_equal(reads_before_writes(t, fake, do_bulk, &bulk), LOOKS);
        for (size_t k = 0; k < LOOKS; k++)
                assert_true(bulk.answers[k].done);
        assert_int_equal(bulk.answers[LOOKS].err.code, E_NOT_FOUND);

        test_must(t, desk_close(&t->desk, &t->err));
        test_open_desk(t, false);
        t->now.second += 86400 + 86400 / 2;
        assert_int_equal(reads_before_writes(t, fake, do_timers, &bulk), LOOKS);
        assert_int_equal(bulk.n_timers, LOOKS); /* yellow */
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
                cmocka_unit_test(test_a_turn_looks_ahead),
                cmocka_unit_test(test_acts_look_ahead),
        };
        if (access("/dev/shm", W_OK) == 0) /* turns go on where the disk is the faster */
                setenv("TMPDIR", "/dev/shm", 1);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
