/* A clock that leaps ahead is not believed at once; and how long things took. */
#include "desk/test_site.h"

#include "desk/jump.h"
#include "desk/meter.h"

static void test_looks(void **state)
{
        static const struct {
                const char *why;
                int64_t wall, steady; /* of the look */
                int64_t ahead;        /* what it says */
        } rows[] = {
                { "the first is believed, whatever it is", 1000000, 50, 0 },
                { "a minute later", 1000060, 110, 0 },
                { "slewed a little", 1000125, 170, 0 },
                { "the machine slept for a day: both saw it", 1086525, 86570, 0 },
                { "an hour ahead", 1090185, 86630, 3600 },
                { "still", 1090245, 86690, 3600 },
                { "set back within ten minutes: nothing has happened", 1086705, 86750, 0 },
                { "a day ahead", 1173165, 86810, 86400 },
                { "nine minutes later", 1173705, 87350, 86400 },
                { "ten minutes later it is taken as it is", 1173765, 87410, 0 },
                { "and goes on from there", 1173825, 87470, 0 },
                { "backwards: the newest record decides", 1000000, 87530, 0 },
                { "set right again is no leap", 1173945, 87590, 0 },
        };
        struct jump jump = { 0 };
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                int64_t ahead = jump_look(&jump, rows[i].wall, rows[i].steady);
                if (ahead != rows[i].ahead)
                        fail_msg("%s: %lld, not %lld", rows[i].why, (long long)ahead,
                                        (long long)rows[i].ahead);
        }
}

/* ---- At the desk ---- */

struct steady {
        struct test_site *t;
        int64_t seconds;
};

static int64_t steady_now(void *user)
{
        return ((const struct steady *)user)->seconds;
}

/* Time passes, and the wall clock with it. */
static void pass(struct steady *s, int64_t seconds)
{
        s->seconds += seconds;
        s->t->now.second += seconds;
}

static void test_acts_wait(void **state)
{
        struct test_site *t = test_open(false);
        struct steady s = { t, 1000 };
        struct desk_options options = test_options(t, false);
        (void)state;
        test_must(t, desk_close(&t->desk, &t->err));
        options.steady = steady_now;
        options.steady_user = &s;
        test_must(t, desk_open(t->site, &options, &t->desk, &t->err));
        const char *write = "note.write", *fields = "{\"subject\":\"甲\"}";
        test_must(t, test_do(t, write, "li", fields, NULL));
        pass(&s, 60);
        test_must(t, test_do(t, write, "li", fields, NULL));
        int64_t before = test_count(t, Q_EVENT_COUNT);
        t->now.second += 30 * 86400;
        assert_false(test_do(t, write, "li", fields, NULL));
        assert_int_equal(t->err.code, E_DESK_CLOCK);
        assert_int_equal(test_count(t, Q_EVENT_COUNT), before); /* nothing is dated into then */
        t->now.second -= 30 * 86400;
        pass(&s, 60);
        test_must(t, test_do(t, write, "li", fields, NULL)); /* set right: it goes on by itself */
        t->now.second += 7200; /* a machine that was paused: nobody sets it back */
        pass(&s, 60);
        assert_false(test_do(t, write, "li", fields, NULL));
        pass(&s, JUMP_HOLD);
        test_must(t, test_do(t, write, "li", fields, NULL));
        test_close(t);
}

static void test_buckets(void **state)
{
        struct meter meter = { 0 };
        (void)state;
        const int64_t times[] = { 0, 250, 251, 999, 1000, 4000000, 9000000 };
        for (size_t i = 0; i < N_ELEMENTS(times); i++)
                meter_add(&meter, times[i]);
        struct meter_reading r = meter_read(&meter);
        assert_int_equal(r.counts[0], 2); /* at most 250 us */
        assert_int_equal(r.counts[1], 3);
        assert_int_equal(r.counts[2], 5); /* a bound belongs to its bucket */
        assert_int_equal(r.counts[METER_BUCKETS - 1], 6);
        assert_int_equal(r.counts[METER_BUCKETS], 7);
        assert_true(r.seconds > 13.0024 && r.seconds < 13.0026);
        for (size_t i = 1; i < METER_BUCKETS; i++)
                assert_true(meter_bounds[i - 1] < meter_bounds[i]);
}

/* What /metrics and /readyz ask of a desk. */
static void test_state(void **state)
{
        struct test_site *t = test_open(false);
        (void)state;
        struct desk_state before = desk_state_of(t->desk);
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"甲\"}", NULL));
        struct desk_state after = desk_state_of(t->desk);
        assert_int_equal(after.turns.counts[METER_BUCKETS], before.turns.counts[METER_BUCKETS] + 1);
        assert_true(after.turns.seconds > before.turns.seconds);
        assert_false(after.failing);
        assert_int_equal(after.busy_seconds, 0);
        test_close(t);
}

static void test_a_failing_store(void **state)
{
        (void)state;
        test_needs_file();
        struct test_site *t = test_open(false);
        char away[128];
        snprintf(away, sizeof(away), "%s/away.db", t->dir);
        const char *file = store_where(site_store(t->site));
        assert_int_equal(rename(file, away), 0);
        assert_false(test_do(t, "note.write", "li", "{\"subject\":\"乙\"}", NULL));
        assert_int_equal(t->err.code, E_STORE_REPLACED);
        assert_true(desk_state_of(t->desk).failing);
        assert_int_equal(rename(away, file), 0);
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"丙\"}", NULL));
        assert_false(desk_state_of(t->desk).failing); /* over by itself */
        test_close(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_looks),
                cmocka_unit_test(test_acts_wait),
                cmocka_unit_test(test_buckets),
                cmocka_unit_test(test_state),
                cmocka_unit_test(test_a_failing_store),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
