/* Live updates over a raw socket: who is told what, when, and what a crowd or a dead listener
 * does to the others. */
#include <poll.h>

#include "account/account.h"
#include "web/live.h"
#include "web/test_browser.h"

#define QUIET_MILLISECONDS   300
#define SETTLE_MILLISECONDS  2500 /* longer than changes are gathered (live.c) */
#define TOO_MANY             8u
#define REFUSED_MILLISECONDS 20000

/* Asks and does not wait: who says what he has seen (`last`) may come before the next act or
 * after it. */
static int subscribe(const struct browser *b, const char *last)
{
        struct buf buf = BUF(town->arena);
        int fd = test_connect(town->port);
        buf_c(&buf, "GET /work/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
        if (last != NULL)
                buf_format(&buf, "Last-Event-ID: %s\r\n", last);
        buf_format(&buf, "Cookie: pl-session=%.*s\r\n\r\n", STR_FMT(b->session));
        test_send(fd, buf_str(&buf));
        return fd;
}

static bool is_quiet(int fd)
{
        struct pollfd one = { .fd = fd, .events = POLLIN };
        return poll(&one, 1, QUIET_MILLISECONDS) == 0;
}

static struct str answer_of(int fd)
{
        bool closed;
        struct str answer = test_receive(town->arena, fd, &closed);
        assert_true(closed);
        close(fd);
        return answer;
}

static void expect_event(int fd)
{
        struct str answer = answer_of(fd);
        expect(answer, 200, "event: changed\ndata: ");
        assert_true(test_has(test_head(answer), "text/event-stream"));
        assert_true(test_has(test_head(answer), "no-store"));
}

/* The id of the newest event, as a page learns it. */
static const char *newest(const struct browser *b)
{
        int fd = subscribe(b, "0");
        return str_c(town->arena, between(answer_of(fd), "\nid: ", '\n'));
}

/* What was done to set up may still wake the first who listens: asks again until nothing does. */
static int subscribe_settled(const struct browser *b)
{
        for (;;) {
                int fd = subscribe(b, NULL);
                struct pollfd one = { .fd = fd, .events = POLLIN };
                if (poll(&one, 1, SETTLE_MILLISECONDS) == 0)
                        return fd;
                answer_of(fd);
        }
}

/* After signing in, which is an act as well: from here on nobody is woken but by what follows. */
static void settle(const struct browser *b)
{
        close(subscribe_settled(b));
}

static void test_an_act_is_told(void **state)
{
        (void)state;
        struct browser leader = sign_in("l01"), clerk = sign_in("c01");
        settle(&leader);
        const char *last = newest(&leader);
        int one = subscribe(&leader, last), two = subscribe(&clerk, last);
        assert_true(is_quiet(one) && is_quiet(two));
        test_apply(town, "open_case", "告诉打开着的页面");
        expect_event(one);
        expect_event(two);
}

static void test_what_one_may_not_see_is_not_told(void **state)
{
        (void)state;
        struct browser clerk = sign_in("c01"), other = sign_in("x01");
        settle(&clerk);
        const char *last = newest(&clerk);
        int own = subscribe(&clerk, last), theirs = subscribe(&other, last);
        assert_true(is_quiet(own) && is_quiet(theirs));
        test_apply(town, "hidden_case", "密由三");
        expect_event(own);
        struct str answer = answer_of(theirs);
        expect(answer, 200, ": still here");
        assert_false(test_has(answer, "event:"));
        assert_false(test_has(answer, "data:"));
        /* He is not told later either. */
        theirs = subscribe(&other, last);
        assert_false(test_has(answer_of(theirs), "event:"));
}

static void test_who_comes_again_is_told_what_he_missed(void **state)
{
        (void)state;
        struct browser leader = sign_in("l01");
        const char *last = newest(&leader);
        test_apply(town, "open_case", "断线时发生的");
        expect_event(subscribe(&leader, last));
        static const char *const strange[] = { "-1", "x", "99999999999999999999", "7777777", "" };
        for (size_t i = 0; i < N_ELEMENTS(strange); i++) {
                int fd = subscribe(&leader, strange[i]); /* as one that has just been opened */
                /* The round that the act set off may still be due: it says nothing new. */
                if (is_quiet(fd))
                        close(fd);
                else if (test_has(answer_of(fd), "event:"))
                        fail_msg("Last-Event-ID: %s", strange[i]);
        }
}

/* Listeners that are gone, and such as never read, stand in nobody's way. */
static void test_dead_listeners_stop_nobody(void **state)
{
        (void)state;
        struct browser leader = sign_in("l01");
        settle(&leader);
        const char *last = newest(&leader);
        int dead[16], slow[16];
        for (size_t i = 0; i < N_ELEMENTS(dead); i++) {
                dead[i] = subscribe(&leader, last);
                slow[i] = subscribe(&leader, last);
        }
        int live = subscribe(&leader, last);
        assert_true(is_quiet(live));
        for (size_t i = 0; i < N_ELEMENTS(dead); i++)
                close(dead[i]);
        test_apply(town, "open_case", "有人听不见");
        expect_event(live);
        assert_int_equal(test_status(look(&leader, "/work/dashboard")), 200);
        for (size_t i = 0; i < N_ELEMENTS(slow); i++)
                expect_event(slow[i]);
}

/* Which of those who ask at once are too many is the server's choice; how many is not. */
static void test_listeners_are_bounded(void **state)
{
        (void)state;
        struct browser leader = sign_in("l01");
        struct pollfd asked[LIVE_MAX + TOO_MANY] = { { subscribe_settled(&leader), POLLIN, 0 } };
        const char *last = newest(&leader);
        for (size_t i = 1; i < N_ELEMENTS(asked); i++)
                asked[i] = (struct pollfd){ .fd = subscribe(&leader, last), .events = POLLIN };
        for (size_t refused = 0; refused < TOO_MANY;) {
                assert_true(poll(asked, N_ELEMENTS(asked), REFUSED_MILLISECONDS) > 0);
                for (size_t i = 0; i < N_ELEMENTS(asked); i++)
                        if (asked[i].fd >= 0 && asked[i].revents != 0) {
                                expect(answer_of(asked[i].fd), 503, "E_HTTP_BUSY");
                                asked[i].fd = -1; /* which poll() passes over */
                                refused++;
                        }
        }
        assert_int_equal(poll(asked, N_ELEMENTS(asked), QUIET_MILLISECONDS), 0);
        assert_int_equal(test_status(look(&leader, "/work/dashboard")), 200);
        test_apply(town, "open_case", "都听见了");
        for (size_t i = 0; i < N_ELEMENTS(asked); i++)
                if (asked[i].fd >= 0)
                        expect_event(asked[i].fd);
        int again = subscribe(&leader, NULL);
        assert_true(is_quiet(again));
        close(again);
}

static void test_only_staff_listen(void **state)
{
        (void)state;
        struct browser none = { 0 }, leader = sign_in("l01");
        assert_int_equal(test_status(look(&none, "/work/events")), 303);
        look(&leader, "/work");
        assert_int_equal(test_status(POST(&leader, "/work/events", "do", "x")), 405);
}

static void add_person(const char *id, const char *role, const char *unit)
{
        test_do(town, "register:staff.put", "system",
                        str_format(town->arena,
                                        "{\"id\":\"%s\",\"name\":\"人员%s\",\"unit\":\"%s\","
                                        "\"roles\":[\"%s\"]}",
                                        id, id, unit, role)
                                        .p);
        test_must(town, account_set_password(town->arena, town->desk, str_of(id), STR_LIT(PASSWORD),
                                        false, town->now, &town->err));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_an_act_is_told),
                cmocka_unit_test(test_what_one_may_not_see_is_not_told),
                cmocka_unit_test(test_who_comes_again_is_told_what_he_missed),
                cmocka_unit_test(test_dead_listeners_stop_nobody),
                cmocka_unit_test(test_listeners_are_bounded),
                cmocka_unit_test(test_only_staff_listen),
        };
        town = test_open_with(NULL, true);
        test_people(town);
        test_do(town, "register:units.put", "system", "{\"id\":\"other\",\"name\":\"别的单位\"}");
        add_person("c01", "clerk", "bureau");
        add_person("l01", "leader", "bureau");
        add_person("x01", "clerk", "other");
        int failed = cmocka_run_group_tests(tests, NULL, NULL);
        test_close(town);
        return failed;
}
