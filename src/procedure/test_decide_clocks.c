/* The terms that acts start, stop and let lapse. */
#include "procedure/test_decide.h"

/* A consultation that lapses on 2021-10-15 is closed by a timer in the first moment of the
 * next day: that day counts again, the working Monday after it is the next. */
static void test_resumed_at_midnight(void **state)
{
        struct world *world = *state;
        struct err err;
        set_time(world, "2021-09-28 09:00");
        struct matter *m = begin(world, "{\"subject\":\"a\",\"amount\":1}");
        set_time(world, "2021-10-11 09:00");
        m = act(world, m, "clerk1", "wait", "{}", 8, &err);
        set_time(world, "2021-10-14 00:00");
        m = act(world, m, "clerk1", "go_on", "{}", 9, &err);
        /* 10-11 to 10-13 are three working days, 10-14 counts again. */
        assert_string_equal(last_day(world, m, "answer"), "2021-11-04");
}

/* 条例 第三十三条: the days of a consultation do not count; from 2021-09-28, twenty
 * working days end on 2021-11-01. */
static void test_clocks(void **state)
{
        struct world *world = *state;
        struct err err;
        set_time(world, "2021-09-28 09:00");
        struct matter *m = begin(world, "{\"subject\":\"a\",\"amount\":1}");
        assert_string_equal(last_day(world, m, "answer"), "2021-11-01");
        set_time(world, "2021-10-11 09:00");
        m = act(world, m, "clerk1", "wait", "{}", 8, &err);
        assert_int_equal(m->clocks[0].status, CLOCK_PAUSED);
        set_time(world, "2021-10-15 09:00");
        m = act(world, m, "clerk1", "go_on", "{}", 9, &err);
        /* 10-11 to 10-15 are five working days, all excluded. */
        assert_string_equal(last_day(world, m, "answer"), "2021-11-08");
        m = act(world, m, "head1", "extend", "{}", 10, &err);
        assert_string_equal(last_day(world, m, "answer"), "2021-11-22");
        assert_null(act(world, m, "head1", "extend", "{}", 11, &err));
        assert_int_equal(err.code, E_CLOCK_EXTEND);
        assert_string_equal(err.basis, "测试法 第一条");

        struct moment look;
        assert_true(matter_next_look(m, 0, world->now.calendar, 5, 2, &look));
        assert_string_equal(str_c(world->arena, moment_format(world->arena, look)),
                        "2021-11-15T00:00:00+08:00");

        set_time(world, "2021-11-24 09:00");
        m = act(world, m, "head1", "check", "{}", 12, &err);
        m = act(world, m, "head1", "finish", "{}", 13, &err);
        assert_int_equal(m->clocks[0].status, CLOCK_STOPPED);
        assert_true(m->clocks[0].late); /* two days after 2021-11-22, though no timer ran */
}

/* Why a term is not extended, one row for each reason; the article is the clock's. */
static void test_extensions(void **state)
{
        struct world *world = *state;
        static const struct {
                const char *why, *on, *now, *act, *json;
                bool extended;
                enum err_code code; /* E_NONE: it is */
                const char *detail, *basis;
        } rows[] = {
                { "by what the act says", "2021-09-28", "2021-09-28 10:00", "stretch",
                                "{\"days\":10}", false, E_NONE, "", "" },
                { "longer than the law allows", "2021-09-28", "2021-09-28 10:00", "stretch",
                                "{\"days\":11}", false, E_CLOCK_EXTEND, "最长延长 10",
                                "测试法 第一条" },
                { "a second time", "2021-09-28", "2021-09-28 10:00", "stretch", "{\"days\":1}",
                                true, E_CLOCK_EXTEND, "已经延长过一次", "测试法 第一条" },
                { "on its last day", "2021-09-28", "2021-11-01 23:59", "stretch", "{\"days\":1}",
                                false, E_NONE, "", "" },
                { "when it is over", "2021-09-28", "2021-11-02 00:00", "stretch", "{\"days\":1}",
                                false, E_CLOCK_EXTEND, "期限已经届满，不能再延长",
                                "测试法 第一条" },
                { "no days", "2021-09-28", "2021-09-28 10:00", "stretch", "{}", false,
                                E_CLOCK_LENGTH, "应为 1 到 1000 的整数", "" },
                { "a term that never began", "", "2021-09-28 10:00", "stretch_dated",
                                "{\"days\":1}", false, E_CLOCK_EXTEND, "期限没有在进行，不能延长",
                                "测试法 第四条" },
                { "to a day that can be worked out", "2021-09-28", "2021-09-28 10:00",
                                "stretch_dated", "{\"days\":1000}", false, E_NONE, "", "" },
                { "to a day that cannot", "2095-12-01", "2021-09-28 10:00", "stretch_dated",
                                "{\"days\":1000}", false, E_CLOCK_EXTEND, "延长以后算不出届满日",
                                "测试法 第四条" },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct err err = { .code = E_NONE };
                set_time(world, "2021-09-28 09:00");
                struct matter *m = begin(world, "{\"subject\":\"a\",\"amount\":1}");
                if (rows[i].on[0] != '\0')
                        m = act(world, m, "clerk1", "count_on",
                                        str_format(world->arena, "{\"on\":\"%s\"}", rows[i].on).p,
                                        8, &err);
                if (m != NULL && rows[i].extended)
                        m = act(world, m, "head1", "stretch", "{\"days\":1}", 9, &err);
                if (m == NULL)
                        fail_msg("%s: %s", rows[i].why, err.detail);
                set_time(world, rows[i].now);
                err = (struct err){ .code = E_NONE };
                m = act(world, m, "head1", rows[i].act, rows[i].json, 10, &err);
                if ((m != NULL) != (rows[i].code == E_NONE) || err.code != rows[i].code ||
                                strcmp(err.detail, rows[i].detail) != 0 ||
                                strcmp(err_basis(&err), rows[i].basis) != 0)
                        fail_msg("%s: %s %s %s", rows[i].why, err_text(err.code)->name, err.detail,
                                        err_basis(&err));
        }
}

/* What a timer does counts from the moment at which the term ended, however late it comes: after a
 * week's downtime, or only after the seconds until it looked. */
static void test_resumed_late(void **state)
{
        struct world *world = *state;
        static const char *const late[] = { "2021-10-14 00:00", "2021-10-14 00:00:37",
                "2021-10-21 08:00" };
        struct moment due = test_moment("2021-10-14 00:00");
        for (size_t i = 0; i < N_ELEMENTS(late); i++) {
                struct err err;
                set_time(world, "2021-09-28 09:00");
                struct matter *m = begin(world, "{\"subject\":\"a\",\"amount\":1}");
                set_time(world, "2021-10-11 09:00");
                m = act(world, m, "clerk1", "wait", "{}", 8, &err);
                set_time(world, late[i]);
                struct actor actor = actor_of("clerk1");
                const struct act_request request = {
                        .act = STR_LIT("go_on"), .due = due, .fields = value_context(NULL, 0)
                };
                struct outcome outcome;
                assert_true(procedure_decide(world->arena, m->version, m, &actor, &request,
                                &world->now, &outcome, &err));
                assert_int_equal(outcome.fact.time.second, world->now.now.second);
                assert_true(matter_apply(world->arena, m, &outcome.fact, 9, &err));
                assert_string_equal(last_day(world, m, "answer"), "2021-11-04");
        }
}

static bool changed_on(
                void *user, struct str reg, struct str key, struct date day, struct date *ret)
{
        (void)user, (void)reg, (void)key;
        return date_of(2021, 10, 18, ret) && ret->day <= day.day;
}

/* So does what it writes into a register, unless something was written there since. */
static void test_written_late(void **state)
{
        struct world *world = *state;
        static const struct {
                const char *now;
                bool changed; /* on 18 October */
                const char *from;
        } rows[] = {
                { "2021-10-14 00:00:37", false, "" }, /* the day of recording */
                { "2021-10-14 23:59:59", false, "" },
                { "2021-10-17 08:00:00", true, "2021-10-14" },
                { "2021-10-21 08:00:00", false, "2021-10-14" },
                { "2021-10-21 08:00:00", true, "2021-10-18" },
                { "2021-10-18 08:00:00", true, "" },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct err err;
                set_time(world, "2021-09-28 09:00");
                struct matter *m = begin(world, "{\"subject\":\"a\",\"amount\":1}");
                set_time(world, rows[i].now);
                world->lookups.entry_changed = rows[i].changed ? changed_on : NULL;
                struct actor actor = actor_of("clerk1");
                const struct member officer = { STR_LIT("officer"), value_string(STR_LIT("k1")) };
                const struct act_request request = { .act = STR_LIT("mark"),
                        .due = test_moment("2021-10-14 00:00"),
                        .fields = value_context(&officer, 1) };
                struct outcome outcome;
                assert_true(procedure_decide(world->arena, m->version, m, &actor, &request,
                                &world->now, &outcome, &err));
                const struct value *writes = value_get(&outcome.fact.data, STR_LIT("$writes"));
                const struct value *from = value_get(&writes->list.items[0], STR_LIT("from"));
                char day[11] = "";
                if (from != NULL)
                        date_write(from->date, day);
                assert_string_equal(day, rows[i].from);
        }
        world->lookups.entry_changed = NULL;
}

/* One act, terms that differ by kind of case: what does not start is left as it was. */
/* A term of hours runs from the moment that a field says, before the act or at it. */
static void test_hours_from_a_moment(void **state)
{
        struct world *world = *state;
        struct err err;
        struct deadline deadline;
        set_time(world, "2021-09-28 09:00");
        struct matter *open = begin(world, "{\"subject\":\"事由\"}");
        struct matter *matter = act(world, open, "clerk1", "arrest",
                        "{\"at\":\"2021-09-27T21:30:00+08:00\"}", 8, &err);
        assert_non_null(matter);
        int clock = version_clock(matter->version, STR_LIT("custody"));
        assert_true(matter_deadline(matter, (size_t)clock, world->now.calendar,
                        moment_date(world->now.now), &deadline));
        assert_int_equal(deadline.due.second, test_moment("2021-09-28 21:30").second);
        set_time(world, "2021-09-28 21:31");
        struct matter_clock *running = &matter->clocks[clock];
        assert_int_equal(running->status, CLOCK_RUNNING);
        struct moment look;
        assert_true(matter_next_look(matter, (size_t)clock, world->now.calendar, 5, 2, &look));
        assert_int_equal(look.second, deadline.due.second + 1);
}

/* A term that would never run out is not begun: nobody would be told that it had. */
static void test_no_clock_without_an_end(void **state)
{
        static const struct {
                const char *act, *json;
                enum err_code code;
        } rows[] = {
                { "count_on", "{\"on\":\"1921-09-28\"}", E_CLOCK_START }, /* meant: 2021 */
                { "count_on", "{\"on\":\"2121-09-28\"}", E_CLOCK_START },
                { "count_on", "{\"on\":\"2021-09-28\"}", E_NONE },
        };
        struct world *world = *state;
        struct err err;
        struct matter *m = begin(world, "{\"subject\":\"a\",\"amount\":1}");
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                err.code = E_NONE;
                struct matter *then = act(world, m, "clerk1", rows[i].act, rows[i].json, 8, &err);
                assert_int_equal(then != NULL, rows[i].code == E_NONE);
                assert_int_equal(err.code, rows[i].code);
        }
}

static void test_clock_that_starts_only_sometimes(void **state)
{
        struct world *world = *state;
        struct err err;
        set_time(world, "2021-09-28 09:00");
        struct matter *m = begin(world, "{\"subject\":\"a\",\"amount\":1}");
        m = act(world, m, "clerk1", "count_if", "{\"kind\":\"乙\"}", 8, &err);
        assert_int_equal(m->clocks[2].status, CLOCK_NONE);
        m = act(world, m, "clerk1", "count_if", "{\"kind\":\"甲\",\"on\":\"2021-09-27\"}", 9, &err);
        assert_int_equal(m->clocks[2].status, CLOCK_RUNNING);
        assert_string_equal(last_day(world, m, "dated"), "2021-10-08");
        m = act(world, m, "clerk1", "count_if", "{\"kind\":\"乙\",\"on\":\"2021-09-28\"}", 10,
                        &err);
        assert_string_equal(last_day(world, m, "dated"), "2021-10-08");
        assert_null(act(world, m, "head1", "count_if", "{}", 11, &err));
}

static void test_terms_that_lapse(void **state)
{
        struct world *world = *state;
        struct err err;
        set_time(world, "2021-09-28 09:00");
        struct matter *m = begin(world, "{\"subject\":\"a\",\"amount\":1}");
        m = act(world, m, "clerk1", "ask", "{\"days\":3}", 8, &err);
        assert_int_equal(m->clocks[0].status, CLOCK_VOIDED);
        assert_string_equal(last_day(world, m, "answer"), "none");
        assert_string_equal(last_day(world, m, "fix"), "2021-10-08");
        assert_null(act(world, m, "clerk1", "ask", "{\"days\":3}", 9, &err));
        assert_int_equal(err.code, E_ACT_ONCE);

        set_time(world, "2021-10-08 23:59");
        assert_non_null(act(world, m, "clerk1", "late_act", "{}", 9, &err));
        set_time(world, "2021-10-09 00:00");
        assert_null(act(world, m, "clerk1", "late_act", "{}", 9, &err));
        assert_int_equal(err.code, E_ACT_LATE);
        assert_string_equal(err.basis, "测试法 第二条");

        /* The timer records it once; warnings count too. */
        struct outcome expiry =
                        procedure_timer_fact(world->arena, m, 1, CLOCK_QUIET, true, world->now.now);
        struct matter *lapsed = matter_copy(world->arena, m);
        assert_true(matter_apply(world->arena, lapsed, &expiry.fact, 10, &err));
        assert_int_equal(lapsed->clocks[1].status, CLOCK_EXPIRED);
        struct moment look;
        assert_false(matter_next_look(lapsed, 1, world->now.calendar, 5, 2, &look));
        struct outcome warning =
                        procedure_timer_fact(world->arena, m, 1, CLOCK_RED, false, world->now.now);
        struct matter *warned = matter_copy(world->arena, m);
        assert_true(matter_apply(world->arena, warned, &warning.fact, 10, &err));
        assert_int_equal(warned->clocks[1].warned, CLOCK_RED);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_clocks),
                cmocka_unit_test(test_resumed_at_midnight),
                cmocka_unit_test(test_resumed_late),
                cmocka_unit_test(test_written_late),
                cmocka_unit_test(test_extensions),
                cmocka_unit_test(test_hours_from_a_moment),
                cmocka_unit_test(test_no_clock_without_an_end),
                cmocka_unit_test(test_clock_that_starts_only_sometimes),
                cmocka_unit_test(test_terms_that_lapse),
        };
        return cmocka_run_group_tests(tests, world_open, world_close);
}
