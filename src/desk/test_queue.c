/* What waits for the writer: how much of it a turn takes, and when. */
#include "desk/test_site.h"

#include "desk/queue.h"

#define MANY 64

static void put(struct queue *queue, struct job *jobs, int n)
{
        for (int i = 0; i < n; i++)
                assert_true(queue_put(queue, &jobs[i]));
}

static int length(const struct job *jobs)
{
        int n = 0;
        for (; jobs != NULL; jobs = jobs->next)
                n++;
        return n;
}

/* How many are handed out within a millisecond. */
static int take(struct queue *queue, size_t max)
{
        bool closed;
        return length(queue_take(queue, max, 1, &closed));
}

static void queue_free_what_is_left(struct queue **queue)
{
        queue_close(*queue);
        while (take(*queue, MANY) > 0)
                ;
        queue_free(queue);
}

static void test_a_full_queue_says_so(void **state)
{
        struct queue *queue = queue_new(2);
        struct job a = { 0 }, b = { 0 }, c = { 0 };
        bool closed;
        (void)state;
        assert_true(queue_put(queue, &a) && queue_put(queue, &b));
        assert_false(queue_put(queue, &c));
        assert_int_equal(queue_waiting(queue), 2);
        assert_ptr_equal(queue_take(queue, 1, 0, &closed), &a);
        assert_null(a.next);
        assert_true(queue_put(queue, &c));
        queue_close(queue);
        assert_false(queue_put(queue, &a));
        struct job *rest = queue_take(queue, 10, 0, &closed);
        assert_ptr_equal(rest, &b);
        assert_ptr_equal(rest->next, &c);
        assert_null(queue_take(queue, 1, 0, &closed));
        assert_true(closed);
        queue_free(&queue);
}

/* One half is decided while the other is written. */
static void test_half_is_taken_of_many(void **state)
{
        struct queue *queue = queue_new(MANY);
        struct job jobs[MANY] = { 0 };
        (void)state;
        put(queue, jobs, MANY);
        assert_int_equal(take(queue, MANY), MANY / 2);
        queue_pace(queue, MANY / 2, 10);
        assert_int_equal(take(queue, MANY), MANY / 2);
        put(queue, jobs, MANY);
        queue_pace(queue, 0, 10);
        assert_int_equal(take(queue, 5), 5); /* never more than asked for */
        queue_pace(queue, 5, 10);
        assert_int_equal(take(queue, MANY), MANY / 2);
        queue_free_what_is_left(&queue);
}

static void test_a_handful_waits_for_more(void **state)
{
        struct queue *queue = queue_new(MANY);
        struct job jobs[MANY] = { 0 };
        (void)state;
        queue_pace(queue, 40, 10);
        put(queue, jobs, 39);
        assert_int_equal(take(queue, MANY), 0);
        put(queue, jobs + 39, 1);
        assert_int_equal(take(queue, MANY), 40);
        put(queue, jobs, 3);
        assert_int_equal(take(queue, MANY), 0);
        queue_pace(queue, 0, 10); /* all are answered: who comes now may be the last */
        assert_int_equal(take(queue, MANY), 3);
        queue_free(&queue);
}

/* While the disk flushes once all of them are decided: two flushes would only take longer. */
static void test_all_wait_for_a_slow_disk(void **state)
{
        struct queue *queue = queue_new(MANY);
        struct job jobs[MANY] = { 0 };
        (void)state;
        queue_pace(queue, 1, MANY + 1);
        put(queue, jobs, MANY);
        assert_int_equal(take(queue, MANY), 0);
        queue_pace(queue, 0, MANY + 1);
        assert_int_equal(take(queue, MANY), MANY);
        put(queue, jobs, MANY);
        queue_pace(queue, 1, MANY); /* one more than a flush */
        assert_int_equal(take(queue, MANY), MANY / 2 + 1);
        queue_free_what_is_left(&queue);
}

static void test_who_closes_waits_for_nobody(void **state)
{
        struct queue *queue = queue_new(MANY);
        struct job jobs[3] = { 0 };
        (void)state;
        queue_pace(queue, 40, MANY);
        put(queue, jobs, 3);
        assert_int_equal(take(queue, MANY), 0);
        queue_close(queue);
        assert_int_equal(take(queue, MANY), 3);
        queue_free(&queue);
}

static void test_going_on(void **state)
{
        struct queue *queue = queue_new(MANY);
        struct job jobs[MANY] = { 0 };
        bool closed;
        (void)state;
        put(queue, jobs, 1);
        struct job *taken = queue_take(queue, MANY, 0, &closed);
        queue_pace(queue, 1, 0);
        assert_false(queue_goes_on(queue, taken)); /* nobody else is there */
        put(queue, jobs + 1, 1);
        assert_true(queue_goes_on(queue, taken));
        queue_pace(queue, 1, 2); /* nobody would follow before it is answered */
        assert_false(queue_goes_on(queue, taken));
        queue_free_what_is_left(&queue);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_full_queue_says_so),
                cmocka_unit_test(test_half_is_taken_of_many),
                cmocka_unit_test(test_a_handful_waits_for_more),
                cmocka_unit_test(test_all_wait_for_a_slow_disk),
                cmocka_unit_test(test_who_closes_waits_for_nobody),
                cmocka_unit_test(test_going_on),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
