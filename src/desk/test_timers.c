/* Warnings and expiry: exactly once each, in order, also after downtime. */
#include "desk/test_site.h"

#include <string.h>

#include "desk/audit.h"
#include "desk/timers.h"
#include "projection/matter_read.h"
#include "projection/register_read.h"

struct looks {
        struct str text[32]; /* "2021-03-02 00:00 yellow 1" */
        size_t n;
        struct arena *arena;
};

static void note_look(void *user, const struct timer_look *look)
{
        static const char *const kinds[] = { "yellow", "red", "expired" };
        struct looks *looks = user;
        char due[26];
        moment_write(look->due, due);
        due[10] = ' ';
        assert_true(looks->n < N_ELEMENTS(looks->text));
        looks->text[looks->n++] =
                        str_format(looks->arena, "%.16s %s %.*s%s", due, kinds[look->kind],
                                        STR_FMT(look->receipt.number), look->acted ? " acted" : "");
}

static void begin_asked(struct test_site *t, const char *subject)
{
        struct receipt r;
        struct str json = str_format(t->arena, "{\"subject\":\"%s\"}", subject);
        test_must(t, test_do(t, "note.write", "li", str_c(t->arena, json), &r));
        struct str act = str_format(t->arena, "#%lld.ask", (long long)r.matter);
        test_must(t, test_do(t, str_c(t->arena, act), "li", NULL, &r));
}

static void expect(const struct looks *looks, const char *const *expected, size_t n)
{
        for (size_t i = 0; i < n || i < looks->n; i++) {
                if (i >= n || i >= looks->n || !str_is(looks->text[i], expected[i]))
                        fail_msg("look %zu: %.*s, not %s", i,
                                        STR_FMT(i < looks->n ? looks->text[i] : STR_LIT("none")),
                                        i < n ? expected[i] : "none");
        }
}

/* Three working days from Monday 1 March: Thursday 4 March. Yellow at 2 left, red at 1. */
static void test_each_look_on_its_day(void **state)
{
        static const struct {
                const char *now;
                size_t n;
                const char *looks[2];
        } rows[] = {
                { "2021-03-01 23:59", 0, { NULL } },
                { "2021-03-02 00:00", 1, { "2021-03-02 00:00 yellow 测函〔2021〕1号" } },
                { "2021-03-02 18:00", 0, { NULL } }, /* not again */
                { "2021-03-03 08:00", 1, { "2021-03-03 00:00 red 测函〔2021〕1号" } },
                { "2021-03-04 23:59", 0, { NULL } }, /* the last day belongs to the term */
                { "2021-03-05 00:00", 1, { "2021-03-05 00:00 expired 测函〔2021〕1号 acted" } },
                { "2021-12-31 00:00", 0, { NULL } },
        };
        struct test_site *t = test_open(false);
        (void)state;
        begin_asked(t, "甲");
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct looks looks = { .arena = t->arena };
                size_t n;
                t->now = test_moment(rows[i].now);
                test_must(t, timers_run(t->desk, t->now, note_look, &looks, &n, &t->err));
                assert_int_equal(n, rows[i].n);
                expect(&looks, rows[i].looks, rows[i].n);
        }
        test_close(t);
}

/* The program stood still for a week: all is made up for, in the order it fell due. */
static void test_after_downtime(void **state)
{
        static const char *const expected[] = {
                "2021-03-02 00:00 yellow 测函〔2021〕1号",
                "2021-03-03 00:00 red 测函〔2021〕1号",
                "2021-03-03 00:00 yellow 测函〔2021〕2号",
                "2021-03-04 00:00 red 测函〔2021〕2号",
                "2021-03-05 00:00 expired 测函〔2021〕1号 acted",
                "2021-03-06 00:00 expired 测函〔2021〕2号 acted",
        };
        struct test_site *t = test_open(true);
        struct looks looks = { .arena = t->arena };
        struct moment next;
        size_t n;
        bool any;
        (void)state;
        begin_asked(t, "甲");
        t->now = test_moment("2021-03-02 09:00");
        begin_asked(t, "乙");
        test_must(t, timers_next(t->desk, &next, &any, &t->err));
        assert_true(any && next.second == test_moment("2021-03-02 00:00").second);
        t->now = test_moment("2021-03-10 07:00");
        test_reopen(t, true);
        test_must(t, timers_run(t->desk, t->now, note_look, &looks, &n, &t->err));
        expect(&looks, expected, N_ELEMENTS(expected));
        looks.n = 0;
        test_reopen(t, true);
        test_must(t, timers_run(t->desk, t->now, note_look, &looks, &n, &t->err));
        assert_int_equal(n, 0);
        test_must(t, timers_next(t->desk, &next, &any, &t->err));
        assert_false(any);
        test_close(t);
}

static const char asking[] =
                "procedure: asking\n"
                "label: 征求\n"
                "visible: never\n"
                "versions:\n"
                "  - version: A1\n"
                "    effective: 2018-01-01\n"
                "    law: 测试法\n"
                "    number: '{prefix}征〔{year}〕{n}号'\n"
                "    title: '\"征求\"'\n"
                "    states: {open: 办理中, consulting: 征求中, done: {label: 办结, final: true}}\n"
                "    acts:\n"
                "      write: {label: 起草, by: clerk, from: new, to: open, starts: answer}\n"
                "      consult: {label: 征求, by: clerk, from: open, to: consulting,\n"
                "                opens: [{procedure: asked, act: open}]}\n"
                "      back: {label: 返回, by: system, from: consulting, to: open,\n"
                "             writes: [{register: badges, key: '\"回\"', set: {status: '\"返回\"'}}]}\n"
                "      close: {label: 办结, by: clerk, from: open, to: done}\n"
                "    clocks:\n"
                "      answer: {label: 答复, length: 5 working days, paused_in: [consulting], yellow: 0,\n"
                "               red: 0, basis: 测试法 第一条}\n";

static const char asked[] =
                "procedure: asked\n"
                "label: 被征求\n"
                "visible: never\n"
                "versions:\n"
                "  - version: A1\n"
                "    effective: 2018-01-01\n"
                "    law: 测试法\n"
                "    number: '{prefix}被〔{year}〕{n}号'\n"
                "    title: '\"被征求\"'\n"
                "    fields: {ended_on: {label: 届满之日, type: date}}\n"
                "    states: {waiting: 待复, lapsed: {label: 逾期, final: true}}\n"
                "    acts:\n"
                "      open: {label: 送出, by: system, from: new, to: waiting, starts: reply,\n"
                "             writes: [{register: badges, key: '\"问\"', set: {status: '\"待复\"', holder: '\"甲\"'}}]}\n"
                "      lapse: {label: 逾期, by: system, from: waiting, to: lapsed, set: {ended_on: clock.reply.last_day},\n"
                "              writes: [{register: badges, key: '\"问\"', amend: true, set: {status: '\"逾期\"'}}],\n"
                "              then: [{on: parent, act: back}]}\n"
                "    clocks:\n"
                "      reply: {label: 答复, length: 2 working days, whose: party, expires: lapse, yellow: 0,\n"
                "              red: 0, basis: 测试法 第二条}\n";

static const char badges[] =
                "register: badges\n"
                "label: 牌\n"
                "key: id\n"
                "keepers: [clerk]\n"
                "public: false\n"
                "fields: {id: {label: 编号, type: text}, status: {label: 状态, type: text},\n"
                "         holder: {label: 持有人, type: text}}\n";

static void open_asking(struct test_site *t)
{
        const struct definition_source more[] = {
                { STR_LIT("procedures/asking.yaml"), { asking, sizeof(asking) - 1 } },
                { STR_LIT("procedures/asked.yaml"), { asked, sizeof(asked) - 1 } },
                { STR_LIT("registers/badges.yaml"), { badges, sizeof(badges) - 1 } },
        };
        test_begin_with(t, more, N_ELEMENTS(more));
}

static struct matter *read_matter(
                struct test_site *t, struct snapshot *snapshot, const char *number)
{
        struct matter *matter;
        test_must(t, matter_read_by_number(t->arena, snapshot, site_catalogue(t->site),
                                     str_of(number), &matter, &t->err));
        return matter;
}

/* The consultation lapses with Wednesday 3 March; from the 4th the five days of the answer run on,
 * to the 10th: whether the timer came at once, half a minute later, or after a week. The day that
 * was kept is the day on which the term ended; the event is of when it was recorded. */
static void test_what_a_late_lapse_does(void **state)
{
        static const char *const late[] = { "2021-03-04 00:00:00", "2021-03-04 00:00:37",
                "2021-03-09 08:00:00" };
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(late); i++) {
                struct test_site *t = test_open(false);
                struct snapshot *snapshot = NULL;
                struct deadline deadline;
                struct audit audit;
                size_t n;
                open_asking(t);
                test_must(t, test_do(t, "asking.write", "li", NULL, NULL));
                test_must(t, test_do(t, "测征〔2021〕1号.consult", "li", NULL, NULL));
                t->now = test_moment(late[i]);
                test_must(t, timers_run(t->desk, t->now, NULL, NULL, &n, &t->err));
                assert_int_equal(n, 1);
                test_must(t, snapshot_open(site_store(t->site), &snapshot, &t->err));
                const struct matter *child = read_matter(t, snapshot, "测被〔2021〕1号");
                const struct matter *parent = read_matter(t, snapshot, "测征〔2021〕1号");
                char day[11];
                date_write(child->fields[0].date, day);
                assert_string_equal(day, "2021-03-03");
                assert_int_equal(child->clocks[0].status, CLOCK_EXPIRED);
                assert_int_equal(child->changed.second, t->now.second);
                assert_int_equal(parent->clocks[0].status, CLOCK_RUNNING);
                assert_true(matter_deadline(parent, 0,
                                calendar_as_known(site_calendars(t->site), moment_date(t->now)),
                                moment_date(t->now), &deadline));
                date_write(deadline.last_day, day);
                assert_string_equal(day, "2021-03-10");
                snapshot_close(&snapshot);
                test_must(t, desk_close(&t->desk, &t->err));
                test_must(t, site_audit(t->site, &audit, &t->err)); /* and folds so again */
                test_close(t);
        }
}

static struct str text_of(struct test_site *t, const struct value *entry, const char *field)
{
        const struct value *v = value_get(entry, str_of(field));
        return v != NULL ? value_text(t->arena, v) : STR_LIT("");
}

/* "2021-03-01 待复 甲, 2021-03-04 逾期 甲": what the register says of a key, day by day. */
static const char *history(struct test_site *t, const char *key)
{
        struct snapshot *snapshot = NULL;
        struct buf buf = BUF(t->arena);
        struct value before = value_null();
        test_must(t, snapshot_open(site_store(t->site), &snapshot, &t->err));
        for (int i = 1; i <= 10; i++) {
                struct date day;
                struct value entry;
                bool found;
                char text[11];
                assert_true(date_of(2021, 3, i, &day));
                test_must(t, register_entry(t->arena, snapshot, site_catalogue(t->site),
                                             STR_LIT("badges"), str_of(key), day, &entry, &found,
                                             &t->err));
                if (!found || value_eq(&entry, &before))
                        continue;
                date_write(day, text);
                buf_format(&buf, "%s%s %.*s %.*s", buf.n == 0 ? "" : ", ", text,
                                STR_FMT(text_of(t, &entry, "status")),
                                STR_FMT(text_of(t, &entry, "holder")));
                before = entry;
        }
        snapshot_close(&snapshot);
        return str_c(t->arena, buf_str(&buf));
}

/* What an expiry, and what follows from it, writes into a register stands there from the day after
 * the term ended, however late the timer came. What was written in between is not taken back: the
 * entry begins with it. */
static void test_what_a_late_lapse_writes(void **state)
{
        static const struct {
                const char *put, *now, *asked, *answered;
        } rows[] = {
                { NULL, "2021-03-04 00:00:00", "2021-03-01 待复 甲, 2021-03-04 逾期 甲",
                                "2021-03-04 返回 " },
                { NULL, "2021-03-04 00:00:37", "2021-03-01 待复 甲, 2021-03-04 逾期 甲",
                                "2021-03-04 返回 " },
                { NULL, "2021-03-09 08:00:00", "2021-03-01 待复 甲, 2021-03-04 逾期 甲",
                                "2021-03-04 返回 " },
                { "2021-03-03 09:00:00", "2021-03-09 08:00:00",
                                "2021-03-01 待复 甲, 2021-03-03 待复 乙, 2021-03-04 逾期 乙",
                                "2021-03-04 返回 " },
                { "2021-03-06 09:00:00", "2021-03-09 08:00:00",
                                "2021-03-01 待复 甲, 2021-03-06 逾期 乙", "2021-03-04 返回 " },
        };
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct test_site *t = test_open(false);
                struct audit audit;
                size_t n;
                open_asking(t);
                test_must(t, test_do(t, "asking.write", "li", NULL, NULL));
                test_must(t, test_do(t, "测征〔2021〕1号.consult", "li", NULL, NULL));
                if (rows[i].put != NULL) {
                        t->now = test_moment(rows[i].put);
                        test_must(t, test_do(t, "register:badges.put", "li",
                                                     "{\"id\":\"问\",\"status\":\"待复\","
                                                     "\"holder\":\"乙\"}",
                                                     NULL));
                }
                t->now = test_moment(rows[i].now);
                test_must(t, timers_run(t->desk, t->now, NULL, NULL, &n, &t->err));
                assert_int_equal(n, 1);
                assert_string_equal(history(t, "问"), rows[i].asked);
                assert_string_equal(history(t, "回"), rows[i].answered);
                test_must(t, desk_close(&t->desk, &t->err));
                test_must(t, site_audit(t->site, &audit, &t->err)); /* and folds so again */
                test_close(t);
        }
}

static void test_an_answer_in_time_stops_the_timer(void **state)
{
        struct test_site *t = test_open(false);
        size_t n;
        (void)state;
        begin_asked(t, "甲");
        test_must(t, test_do(t, "测函〔2021〕1号.reply", "li", NULL, NULL));
        t->now = test_moment("2021-04-10 07:00");
        test_must(t, timers_run(t->desk, t->now, NULL, NULL, &n, &t->err));
        assert_int_equal(n, 0);
        test_close(t);
}

/* Without the timer having run, what came too late is refused all the same. */
static void test_late_is_late_without_the_timer(void **state)
{
        struct test_site *t = test_open(false);
        (void)state;
        begin_asked(t, "甲");
        t->now = test_moment("2021-03-05 00:00");
        assert_false(test_do(t, "测函〔2021〕1号.reply", "li", NULL, NULL));
        assert_int_equal(t->err.code, E_ACT_LATE);
        assert_string_equal(err_basis(&t->err), "测试法 第一条");
        test_close(t);
}

/* A row that says a clock is due though its matter does not: told, not tried for ever, and no other
 * deadline is missed for it. */
static void test_a_row_that_lies(void **state)
{
        struct test_site *t = test_open(false);
        struct tx *tx = NULL;
        struct receipt r;
        size_t n;
        (void)state;
        begin_asked(t, "甲");
        test_must(t, test_do(t, "测函〔2021〕1号.reply", "li", NULL, &r));
        test_must(t, store_begin(site_store(t->site), &tx, &t->err));
        test_must(t, tx_run(tx, Q_CLOCK_PUT,
                                     PARAMS(param_int(r.matter), param_int(0), param_int(1),
                                                     param_int(0), param_null(), param_null(),
                                                     param_int(1), param_int(0), param_int(0)),
                                     &t->err));
        test_must(t, tx_commit(&tx, &t->err));
        begin_asked(t, "乙");
        t->now = test_moment("2021-03-10 07:00");
        assert_false(timers_run(t->desk, t->now, NULL, NULL, &n, &t->err));
        assert_int_equal(t->err.code, E_TIMER_STUCK);
        assert_int_equal(n, 3); /* yellow, red and expiry of 乙 */
        test_close(t);
}

/* 国办发明电〔2020〕27号 came out on 25 November 2020: what began before rests on a year
 * without a notice, and moves on that day by itself. */
static void test_a_notice_comes_out_while_clocks_run(void **state)
{
        static const char late[] =
                        "notice\t测发〔2021〕2号\ntitle\t关于增加放假的通知\nsource\thttps://www.gov.cn/\n"
                        "known\t2021-03-02\namends\t2021\noff\t植树节\t2021-03-03\t2021-03-03\n";
        struct test_site *t = test_open(false);
        struct site_config config = test_config();
        struct calendar_file files[] = { t->data.calendars[0],
                { STR_LIT("calendars/z.tsv"), str_of(late) } };
        struct str dir = str_format(t->arena, "%s/other", t->dir);
        struct looks looks = { .arena = t->arena };
        struct receipt r;
        struct audit audit;
        size_t n;
        (void)state;
        test_must(t, desk_close(&t->desk, &t->err));
        site_close(&t->site);
        t->data.calendars = files;
        t->data.n_calendars = 2;
        t->now = test_moment("2021-03-01 08:00");
        test_must(t, site_init(dir, &config, &t->data, t->now, &t->err));
        test_must(t, site_open(dir, &t->site, &t->err));
        test_open_desk(t, false);
        test_people(t);
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"甲\"}", &r));
        test_must(t, test_do(t, "测函〔2021〕1号.ask", "li", NULL, &r));
        assert_true(str_is(r.clocks[0].text, "2021-03-04")); /* as known on 1 March */
        t->now = test_moment("2021-03-20 08:00");
        test_must(t, timers_run(t->desk, t->now, note_look, &looks, &n, &t->err));
        static const char *const expected[] = {
                "2021-03-02 00:00 yellow 测函〔2021〕1号", /* two are left: the 4th, the 5th */
                "2021-03-04 00:00 red 测函〔2021〕1号",
                "2021-03-06 00:00 expired 测函〔2021〕1号 acted",
        };
        expect(&looks, expected, N_ELEMENTS(expected));
        test_must(t, desk_close(&t->desk, &t->err));
        test_must(t, site_audit(t->site, &audit, &t->err));
        test_close(t);
}

static void test_the_servers_thread(void **state)
{
        struct test_site *t = test_open(true);
        struct timers *timers = NULL;
        (void)state;
        begin_asked(t, "甲");
        t->now = test_moment("2021-03-10 07:00");
        test_must(t, timers_start(t->desk, 3600, &timers, &t->err));
        for (int i = 0; i < 500 && test_count(t, Q_CLOCK_FIRST) != 0; i++)
                usleep(10000);
        timers_stop(&timers);
        assert_int_equal(test_count(t, Q_CLOCK_FIRST), 0);
        test_close(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_each_look_on_its_day),
                cmocka_unit_test(test_after_downtime),
                cmocka_unit_test(test_what_a_late_lapse_does),
                cmocka_unit_test(test_what_a_late_lapse_writes),
                cmocka_unit_test(test_an_answer_in_time_stops_the_timer),
                cmocka_unit_test(test_late_is_late_without_the_timer),
                cmocka_unit_test(test_a_notice_comes_out_while_clocks_run),
                cmocka_unit_test(test_a_row_that_lies),
                cmocka_unit_test(test_the_servers_thread),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
