/* Acts through the one door: what is done, what is refused, what is answered. */
#include "desk/test_site.h"

#include <pthread.h>
#include <string.h>

#include "desk/audit.h"
#include "desk/queue.h"

static void test_an_act_is_answered_with_what_it_did(void **state)
{
        struct test_site *t = test_open(false);
        struct receipt r;
        (void)state;
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"甲\"}", &r));
        assert_true(r.begins);
        assert_true(str_is(r.number, "测函〔2021〕1号"));
        assert_true(str_is(r.state_label, "办理中") && str_is(r.hint, "请送签"));
        assert_int_equal(r.n_documents, 1);
        assert_true(str_is(r.documents[0].text, "测笺〔2021〕1号"));
        test_must(t, test_do(t, "测函〔2021〕1号.change", "li", "{\"amount\":\"100\"}", &r));
        assert_int_equal(r.n_warnings, 1);
        assert_true(str_is(r.warnings[0], "金额较大（测试法 第二条）"));
        assert_false(r.begins);
        test_must(t, test_do(t, "测函〔2021〕1号.ask", "li", NULL, &r));
        assert_int_equal(r.n_clocks, 1);
        assert_true(str_is(r.clocks[0].text, "2021-03-04"));
        assert_false(r.clocks[0].provisional);
        test_close(t);
}

/* What follows is done in the same transaction, or nothing is. */
static void test_what_follows(void **state)
{
        struct test_site *t = test_open(false);
        struct receipt r;
        (void)state;
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"甲\"}", &r));
        int64_t note = r.matter;
        test_must(t, test_do(t, "测函〔2021〕1号.sign", "wang", "{\"copies\":2}", &r));
        assert_int_equal(r.n_followed, 2);
        assert_true(str_is(r.followed[1].name, "测抄〔2021〕2号"));
        assert_true(str_is(r.followed[1].label, "抄件·抄录"));
        assert_int_equal(test_matter(t, note + 2)->parent, note);
        /* The child's act moves the parent on. */
        test_must(t, test_do(t, "测抄〔2021〕1号.file", "li", NULL, &r));
        assert_true(str_is(r.followed[0].text, "办结"));
        assert_true(str_is(test_matter(t, note)->version->states[test_matter(t, note)->state].name,
                        "done"));
        /* The second copy's act on a closed parent is refused, and so is the copy's. */
        int64_t events = test_count(t, Q_EVENT_COUNT);
        assert_false(test_do(t, "测抄〔2021〕2号.file", "li", NULL, &r));
        assert_int_equal(t->err.code, E_ACT_STATE);
        assert_int_equal(test_count(t, Q_EVENT_COUNT), events);
        test_close(t);
}

/* A refusal in the middle of what follows takes back events, numbers and matters. */
static void test_a_refused_act_leaves_no_trace(void **state)
{
        struct test_site *t = test_open(false);
        struct receipt r;
        (void)state;
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"六个字的事由\"}", &r));
        int64_t events = test_count(t, Q_EVENT_COUNT), matters = test_count(t, Q_MATTER_COUNT);
        /* A copy's subject has at most five characters. */
        assert_false(test_do(t, "测函〔2021〕1号.sign", "wang", "{\"copies\":3}", &r));
        assert_int_equal(t->err.code, E_FIELD_VALUE);
        assert_int_equal(test_count(t, Q_EVENT_COUNT), events);
        assert_int_equal(test_count(t, Q_MATTER_COUNT), matters);
        test_must(t, test_do(t, "测函〔2021〕1号.change", "li", "{\"subject\":\"短\"}", &r));
        test_must(t, test_do(t, "测函〔2021〕1号.sign", "wang", "{\"copies\":1}", &r));
        assert_true(str_is(r.followed[0].name, "测抄〔2021〕1号")); /* no number was lost */
        test_close(t);
}

static void test_what_is_refused(void **state)
{
        static const struct {
                const char *why, *what, *who, *json;
                enum err_code code;
        } rows[] = {
                { "nobody of that name", "note.write", "zhao", "{\"subject\":\"甲\"}",
                                E_DESK_ACTOR },
                { "a party that is the system's name", "note.write", "", "{\"subject\":\"甲\"}",
                                E_DESK_ACTOR },
                { "no such matter", "测函〔2021〕9号.ask", "li", NULL, E_NOT_FOUND },
                { "no such matter by id", "#9999.ask", "li", NULL, E_NOT_FOUND },
                { "no such procedure's register", "register:nothing.put", "system",
                                "{\"id\":\"x\"}", E_NOT_FOUND },
                { "only the keeper keeps a register", "register:units.put", "li",
                                "{\"id\":\"x\",\"name\":\"x\"}", E_ACT_ROLE },
                { "one person may not write and sign", "测函〔2021〕1号.sign", "wang2", NULL,
                                E_DESK_ACTOR },
                { "the role is missing", "测函〔2021〕1号.sign", "li", NULL, E_ACT_ROLE },
                { "more follows than may", "测函〔2021〕1号.sign", "wang", "{\"copies\":6000}",
                                E_DESK_DEPTH },
        };
        struct test_site *t = test_open(false);
        struct receipt r;
        (void)state;
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"甲\"}", &r));
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                bool done = test_do(t, rows[i].what, rows[i].who, rows[i].json, &r);
                if (done || t->err.code != rows[i].code)
                        fail_msg("%s: %s", rows[i].why,
                                        done ? "done" : err_text(t->err.code)->name);
        }
        test_close(t);
}

static void test_the_shape_of_a_submission(void **state)
{
        struct test_site *t = test_open(false);
        struct receipt r;
        struct submission s = test_act(t, "note.write", "li", "{\"subject\":\"甲\"}");
        (void)state;
        struct submission both = s, none = s, no_act = s, long_key = s, list = s;
        char key[200];
        memset(key, 'k', sizeof(key));
        both.matter = STR_LIT("#1");
        none.procedure = STR_LIT("");
        no_act.act = STR_LIT("");
        long_key.key = (struct str){ key, sizeof(key) };
        list.fields = value_list(NULL, 0);
        assert_false(desk_submit(t->arena, t->desk, &both, &r, &t->err));
        assert_int_equal(t->err.code, E_DESK_SHAPE);
        assert_false(desk_submit(t->arena, t->desk, &none, &r, &t->err));
        assert_int_equal(t->err.code, E_DESK_SHAPE);
        assert_false(desk_submit(t->arena, t->desk, &no_act, &r, &t->err));
        assert_int_equal(t->err.code, E_DESK_SHAPE);
        assert_false(desk_submit(t->arena, t->desk, &list, &r, &t->err));
        assert_int_equal(t->err.code, E_DESK_SHAPE);
        assert_false(desk_submit(t->arena, t->desk, &long_key, &r, &t->err));
        assert_int_equal(t->err.code, E_LIMIT);
        test_close(t);
}

/* A form sent twice, a request repeated after a lost answer. */
static void test_a_key_is_settled_once(void **state)
{
        struct test_site *t = test_open(false);
        struct receipt first, second;
        (void)state;
        struct submission s = test_act(t, "note.write", "li", "{\"subject\":\"甲\"}");
        s.key = STR_LIT("k-1");
        test_must(t, desk_submit(t->arena, t->desk, &s, &first, &t->err));
        int64_t events = test_count(t, Q_EVENT_COUNT);
        test_must(t, desk_submit(t->arena, t->desk, &s, &second, &t->err));
        assert_true(second.repeated && !first.repeated);
        assert_int_equal(second.seq, first.seq);
        assert_true(str_eq(second.number, first.number));
        assert_true(str_eq(second.state_label, first.state_label));
        assert_true(str_eq(second.documents[0].text, first.documents[0].text));
        assert_int_equal(test_count(t, Q_EVENT_COUNT), events);
        /* The answer is that of then, also after the matter has moved on and a restart. */
        struct submission ask = test_act(t, "测函〔2021〕1号.ask", "li", NULL);
        struct receipt asked;
        ask.key = STR_LIT("k-ask");
        test_must(t, desk_submit(t->arena, t->desk, &ask, &asked, &t->err));
        test_reopen(t, false);
        /* Nobody remembers the key now, and a second time the act would be refused. */
        test_must(t, desk_submit(t->arena, t->desk, &ask, &second, &t->err));
        assert_true(second.repeated && second.seq == asked.seq);
        test_must(t, desk_submit(t->arena, t->desk, &s, &second, &t->err));
        assert_true(str_is(second.state_label, "办理中"));
        s.fields = test_json(t, "{\"subject\":\"乙\"}");
        assert_false(desk_submit(t->arena, t->desk, &s, &second, &t->err));
        assert_int_equal(t->err.code, E_DESK_KEY);
        /* A key used for a refused act is free. */
        s = test_act(t, "#1.ask", "li", NULL);
        s.key = STR_LIT("k-2");
        assert_false(desk_submit(t->arena, t->desk, &s, &second, &t->err));
        s = test_act(t, "register:units.put", "system", "{\"id\":\"c\",\"name\":\"丙\"}");
        s.key = STR_LIT("k-2");
        test_must(t, desk_submit(t->arena, t->desk, &s, &first, &t->err));
        test_must(t, desk_submit(t->arena, t->desk, &s, &second, &t->err));
        assert_true(second.repeated && second.seq == first.seq);
        test_close(t);
}

static void test_a_bulk_refers_to_what_it_began(void **state)
{
        struct test_site *t = test_open(true);
        struct submission s[5] = {
                test_act(t, "note.write", "li", "{\"subject\":\"甲\"}"),
                test_act(t, "#1.ask", "li", NULL),
                test_act(t, "note.write", "nobody", "{\"subject\":\"乙\"}"),
                test_act(t, "#1.ask", "li", NULL),
                test_act(t, "#1.ask", "li", NULL),
        };
        struct desk_answer answers[5];
        (void)state;
        s[1].matter = s[3].matter = s[4].matter = STR_LIT("");
        s[1].same_as = 1;
        s[3].same_as = 3; /* was refused */
        s[4].same_as = 5; /* itself */
        test_must(t, desk_submit_many(t->arena, t->desk, s, 5, answers, &t->err));
        assert_true(answers[0].done && answers[1].done);
        assert_int_equal(answers[1].receipt.matter, answers[0].receipt.matter);
        assert_int_equal(answers[2].err.code, E_DESK_ACTOR);
        assert_int_equal(answers[3].err.code, E_DESK_REFERENCE);
        assert_int_equal(answers[4].err.code, E_DESK_REFERENCE);
        struct desk_numbers numbers = desk_numbers(t->desk);
        assert_true(numbers.done >= 5 && numbers.refused == 3);
        test_close(t);
}

/* The second fails after it has written, and the turn is run again: the others are done
 * once, in order, and the repeated key is counted once. */
static void test_a_bulk_around_a_refusal_that_wrote(void **state)
{
        struct test_site *t = test_open(false);
        struct receipt r;
        (void)state;
        struct submission first = test_act(t, "note.write", "li", "{\"subject\":\"六个字的事由\"}");
        first.key = STR_LIT("k-1");
        test_must(t, desk_submit(t->arena, t->desk, &first, &r, &t->err));
        int64_t events = test_count(t, Q_EVENT_COUNT);
        struct desk_numbers before = desk_numbers(t->desk);
        struct submission s[4] = {
                test_act(t, "note.write", "li", "{\"subject\":\"乙\"}"),
                test_act(t, "测函〔2021〕1号.sign", "wang", "{\"copies\":3}"),
                first,
                test_act(t, "#1.ask", "li", NULL),
        };
        struct desk_answer answers[4];
        s[3].matter = STR_LIT("");
        s[3].same_as = 1;
        test_must(t, desk_submit_many(t->arena, t->desk, s, 4, answers, &t->err));
        assert_true(answers[0].done && answers[2].done && answers[3].done);
        assert_int_equal(answers[1].err.code, E_FIELD_VALUE);
        assert_true(str_is(answers[0].receipt.number, "测函〔2021〕2号"));
        assert_true(answers[2].receipt.repeated && answers[2].receipt.seq == r.seq);
        assert_int_equal(answers[3].receipt.matter, answers[0].receipt.matter);
        assert_int_equal(test_count(t, Q_EVENT_COUNT), events + 2);
        struct desk_numbers after = desk_numbers(t->desk);
        assert_true(after.repeated == before.repeated + 1 && after.refused == before.refused + 1);
        test_close(t);
}

/* ---- Time ---- */

static void test_a_clock_set_back(void **state)
{
        struct test_site *t = test_open(false);
        struct receipt first, second;
        (void)state;
        t->now = test_moment("2021-03-02 09:00");
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"甲\"}", &first));
        /* A little: the time of the newest event holds until the clock has caught up. */
        t->now.second -= DESK_CLOCK_SLACK;
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"乙\"}", &second));
        assert_true(second.time.second == first.time.second);
        /* More than that: nobody's act is dated wrongly. */
        t->now.second -= 1;
        assert_false(test_do(t, "note.write", "li", "{\"subject\":\"丙\"}", &second));
        assert_int_equal(t->err.code, E_DESK_CLOCK);
        test_reopen(t, false);
        assert_false(test_do(t, "note.write", "li", "{\"subject\":\"丙\"}", &second));
        assert_int_equal(t->err.code, E_DESK_CLOCK);
        t->now = test_moment("2021-03-02 09:01");
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"丙\"}", &second));
        test_close(t);
}

static void test_simulated_time(void **state)
{
        struct test_site *t = test_open(false);
        struct desk_options options = test_options(t, false);
        struct receipt r;
        (void)state;
        test_must(t, desk_close(&t->desk, &t->err));
        options.times_given = true;
        test_must(t, desk_open(t->site, &options, &t->desk, &t->err));
        struct submission s = test_act(t, "note.write", "li", "{\"subject\":\"甲\"}");
        s.time = test_moment("2021-06-01 10:00");
        test_must(t, desk_submit(t->arena, t->desk, &s, &r, &t->err));
        assert_true(r.time.second == s.time.second);
        s.time.second--;
        assert_false(desk_submit(t->arena, t->desk, &s, &r, &t->err));
        assert_int_equal(t->err.code, E_DESK_CLOCK);
        test_close(t);
}

static bool no_entropy(void *user, uint8_t *to, size_t n)
{
        (void)user;
        (void)to;
        (void)n;
        return false;
}

static void test_without_random_numbers_nothing_is_sealed(void **state)
{
        struct test_site *t = test_open(false);
        struct desk_options options = test_options(t, false);
        (void)state;
        test_must(t, desk_close(&t->desk, &t->err));
        options.entropy = no_entropy;
        test_must(t, desk_open(t->site, &options, &t->desk, &t->err));
        assert_false(test_do(t, "note.write", "li", "{\"subject\":\"甲\"}", NULL));
        assert_int_equal(t->err.code, E_DESK_ENTROPY);
        test_close(t);
}

/* ---- Many at once ---- */

#define SUBMITTERS 64
#define EACH       10

struct submitter {
        struct test_site *t;
        int n_done;
        struct str numbers[EACH];
        struct arena *arena;
};

static void *submit_some(void *user)
{
        struct submitter *s = user;
        for (int i = 0; i < EACH; i++) {
                struct member subject = { STR_LIT("subject"), value_string(STR_LIT("甲")) };
                struct submission act = { .procedure = STR_LIT("note"),
                        .act = STR_LIT("write"),
                        .actor = STR_LIT("li"),
                        .fields = value_context(&subject, 1) };
                struct receipt r;
                struct err err;
                if (desk_submit(s->arena, s->t->desk, &act, &r, &err))
                        s->numbers[s->n_done++] = r.number;
        }
        return NULL;
}

static int by_number(const void *a, const void *b)
{
        return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* Sixty-four at once: everybody is answered, no number is given twice or left out. */
static void test_many_submitters(void **state)
{
        struct test_site *t = test_open(true);
        struct submitter submitters[SUBMITTERS];
        pthread_t threads[SUBMITTERS];
        struct str numbers[SUBMITTERS * EACH];
        size_t n = 0;
        (void)state;
        for (size_t i = 0; i < SUBMITTERS; i++) {
                submitters[i] = (struct submitter){ .t = t, .arena = arena_open() };
                assert_int_equal(pthread_create(&threads[i], NULL, submit_some, &submitters[i]), 0);
        }
        for (size_t i = 0; i < SUBMITTERS; i++) {
                pthread_join(threads[i], NULL);
                assert_int_equal(submitters[i].n_done, EACH);
                for (int k = 0; k < EACH; k++)
                        numbers[n++] = submitters[i].numbers[k];
        }
        qsort(numbers, n, sizeof(*numbers), by_number);
        for (size_t i = 1; i < n; i++)
                assert_false(str_eq(numbers[i - 1], numbers[i]));
        struct receipt r;
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"甲\"}", &r));
        assert_true(str_is(r.number, "测函〔2021〕641号"));
        struct desk_numbers counted = desk_numbers(t->desk);
        assert_true(counted.batches < counted.done); /* they shared their flushes */
        for (size_t i = 0; i < SUBMITTERS; i++)
                arena_close(&submitters[i].arena);
        struct audit audit;
        test_must(t, desk_close(&t->desk, &t->err));
        test_must(t, site_audit(t->site, &audit, &t->err));
        assert_int_equal(audit.n_matters, 641);
        test_close(t);
}

struct told {
        pthread_mutex_t mutex;
        pthread_cond_t all;
        int n, n_done;
};

static void tell(void *user, const struct desk_answer *answer)
{
        struct told *told = user;
        pthread_mutex_lock(&told->mutex);
        told->n++;
        told->n_done += answer->done && answer->receipt.number.n > 0;
        pthread_cond_signal(&told->all);
        pthread_mutex_unlock(&told->mutex);
}

static void test_without_waiting(void **state)
{
        struct test_site *t = test_open(true);
        struct told told = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0 };
        struct submission good = test_act(t, "note.write", "li", "{\"subject\":\"甲\"}");
        struct submission bad = test_act(t, "note.write", "nobody", "{\"subject\":\"甲\"}");
        (void)state;
        for (int i = 0; i < 50; i++) {
                test_must(t, desk_submit_async(t->desk, &good, tell, &told, &t->err));
                test_must(t, desk_submit_async(t->desk, &bad, tell, &told, &t->err));
        }
        pthread_mutex_lock(&told.mutex);
        while (told.n < 100)
                pthread_cond_wait(&told.all, &told.mutex);
        pthread_mutex_unlock(&told.mutex);
        assert_int_equal(told.n_done, 50);
        test_close(t);
}

/* The writer is held up: whoever comes past the limit is told at once. */
static void test_more_than_may_wait(void **state)
{
        struct test_site *t = test_open(true);
        struct told told = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0 };
        struct submission s = test_act(t, "note.write", "nobody", "{\"subject\":\"甲\"}");
        struct tx *held = NULL;
        int n = 0;
        (void)state;
        test_must(t, store_begin(site_store(t->site), &held, &t->err));
        while (desk_submit_async(t->desk, &s, tell, &told, &t->err))
                assert_true(++n <= (int)(DESK_QUEUE_MAX + DESK_BATCH_MAX));
        assert_int_equal(t->err.code, E_DESK_BUSY);
        assert_true(n >= (int)DESK_QUEUE_MAX);
        tx_rollback(&held);
        pthread_mutex_lock(&told.mutex);
        while (told.n < n)
                pthread_cond_wait(&told.all, &told.mutex);
        pthread_mutex_unlock(&told.mutex);
        test_close(t);
}

/* An act on a matter that has moved since its actor looked at it is refused; a second click under
 * the same key is still answered. */
static void test_seen(void **state)
{
        struct test_site *t = test_open(false);
        struct receipt written, asked, again;
        (void)state;
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"看过\"}", &written));
        const char *what = str_format(t->arena, "#%lld.change", (long long)written.matter).p;
        struct submission s = test_act(t, what, "li", "{\"amount\":1}");
        s.seen = written.seq + 1;
        assert_false(desk_submit(t->arena, t->desk, &s, &asked, &t->err));
        assert_int_equal(t->err.code, E_DESK_SEEN);
        s.seen = written.seq;
        s.key = STR_LIT("seen-once");
        test_must(t, desk_submit(t->arena, t->desk, &s, &asked, &t->err));
        test_must(t, desk_submit(t->arena, t->desk, &s, &again, &t->err));
        assert_true(again.repeated);
        assert_int_equal(again.seq, asked.seq);
        s.key = STR_LIT("");
        assert_false(desk_submit(t->arena, t->desk, &s, &again, &t->err));
        assert_int_equal(t->err.code, E_DESK_SEEN);
        test_close(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_an_act_is_answered_with_what_it_did),
                cmocka_unit_test(test_what_follows),
                cmocka_unit_test(test_a_refused_act_leaves_no_trace),
                cmocka_unit_test(test_what_is_refused),
                cmocka_unit_test(test_the_shape_of_a_submission),
                cmocka_unit_test(test_a_key_is_settled_once),
                cmocka_unit_test(test_seen),
                cmocka_unit_test(test_a_bulk_refers_to_what_it_began),
                cmocka_unit_test(test_a_bulk_around_a_refusal_that_wrote),
                cmocka_unit_test(test_a_clock_set_back),
                cmocka_unit_test(test_simulated_time),
                cmocka_unit_test(test_without_random_numbers_nothing_is_sealed),
                cmocka_unit_test(test_many_submitters),
                cmocka_unit_test(test_without_waiting),
                cmocka_unit_test(test_more_than_may_wait),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
