/* An act that has acts of its sub-matters follow from it: all of them are done, or none is. */
#include "desk/test_site.h"

#include "desk/audit.h"

static const char circular[] =
                "procedure: circular\n"
                "label: 通函\n"
                "visible: never\n"
                "versions:\n"
                "  - version: V1\n"
                "    effective: 2018-01-01\n"
                "    law: 测试法\n"
                "    number: '通〔{year}〕{n}号'\n"
                "    title: '\"通函\"'\n"
                "    fields:\n"
                "      rooms: {label: 各室, type: list, item: {name: {label: 室, type: text}}}\n"
                "      word: {label: 通知, type: text}\n"
                "    states: {open: 办理中, done: {label: 办结, final: true}}\n"
                "    acts:\n"
                "      begin: {label: 起草, by: clerk, from: new, to: open, needs: [rooms],\n"
                "              opens: [{procedure: room, act: ask, each: rooms, as: one, with: {name: one.name}}]}\n"
                "      tell: {label: 告知, by: clerk, from: open, to: done, needs: [word], document: letter,\n"
                "             then: [{on: children, procedure: room, as: one, act: hear,\n"
                "                     when: 'one.state = \"open\"', with: {word: word}}]}\n"
                "    documents:\n"
                "      letter: {label: 函, number: '函〔{year}〕{n}号', text: '{{word}}'}\n";

static const char room[] =
                "procedure: room\n"
                "label: 室\n"
                "visible: never\n"
                "versions:\n"
                "  - version: V1\n"
                "    effective: 2018-01-01\n"
                "    law: 测试法\n"
                "    number: '室〔{year}〕{n}号'\n"
                "    title: '\"室\"'\n"
                "    parties: {guest: 来客}\n"
                "    fields: {name: {label: 室, type: text}, word: {label: 通知, type: text}}\n"
                "    states: {open: 等候, heard: {label: 已听, final: true}, left: {label: 已走, final: true}}\n"
                "    acts:\n"
                "      ask: {label: 请来, by: system, from: new, to: open, needs: [name]}\n"
                "      hear: {label: 听到, by: system, from: open, to: heard, needs: [word], document: slip,\n"
                "             require: [{that: 'word != name', say: 不能听自己的名字, basis: 测试法 第一条}],\n"
                "             writes: [{register: doors, key: name, set: {word: word}}]}\n"
                "      leave: {label: 走开, by: clerk, from: open, to: left}\n"
                "    documents:\n"
                "      slip: {label: 条, to: guest, number: '条〔{year}〕{n}号', text: '{{word}}'}\n";

static const char doors[] = "register: doors\n"
                            "label: 门\n"
                            "key: id\n"
                            "keepers: []\n"
                            "public: false\n"
                            "fields: {word: {label: 通知, type: text}}\n";

/* A circular to four rooms, of which the last has left. */
static struct test_site *open_circular(int64_t *ret)
{
        const struct definition_source more[] = {
                { STR_LIT("procedures/circular.yaml"), { circular, sizeof(circular) - 1 } },
                { STR_LIT("procedures/room.yaml"), { room, sizeof(room) - 1 } },
                { STR_LIT("registers/doors.yaml"), { doors, sizeof(doors) - 1 } },
        };
        struct test_site *t = test_open(false);
        struct receipt r;
        test_begin_with(t, more, N_ELEMENTS(more));
        test_must(t, test_do(t, "circular.begin", "li",
                                     "{\"rooms\":[{\"name\":\"甲\"},{\"name\":\"乙\"},"
                                     "{\"name\":\"丙\"},{\"name\":\"丁\"}]}",
                                     &r));
        *ret = r.matter;
        test_must(t, test_do(t, "室〔2021〕4号.leave", "li", NULL, NULL));
        return t;
}

static bool stands_in(struct test_site *t, int64_t id, const char *state, size_t n_documents)
{
        const struct matter *matter = test_matter(t, id);
        return str_is(matter->version->states[matter->state].name, state) &&
               matter->n_documents == n_documents;
}

static void check_records(struct test_site *t)
{
        struct audit audit;
        test_rebuild_is_equal(t);
        test_must(t, desk_close(&t->desk, &t->err));
        test_must(t, site_audit(t->site, &audit, &t->err));
}

/* Whichever sub-matter refuses, the parent's act is undone and so are those of the others: no
 * event, no paper, no entry, nobody told, and no number lost. */
static void test_one_that_refuses_undoes_all(void **state)
{
        static const char *const words[] = { "甲", "乙",
                "丙" }; /* the first, in between, the last */
        int64_t id;
        struct receipt r;
        struct test_site *t = open_circular(&id);
        int64_t events = test_count(t, Q_EVENT_COUNT);
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(words); i++) {
                const char *word = str_format(t->arena, "{\"word\":\"%s\"}", words[i]).p;
                assert_false(test_do(t, "通〔2021〕1号.tell", "li", word, &r));
                assert_int_equal(t->err.code, E_ACT_RULE);
                assert_int_equal(test_count(t, Q_EVENT_COUNT), events);
                assert_true(stands_in(t, id, "open", 0));
                for (int64_t k = 1; k <= 3; k++)
                        assert_true(stands_in(t, id + k, "open", 0));
                test_rebuild_is_equal(t);
        }
        /* The one that has left is not told, so it does not refuse. */
        test_must(t, test_do(t, "通〔2021〕1号.tell", "li", "{\"word\":\"丁\"}", &r));
        assert_true(str_is(r.documents[0].text, "函〔2021〕1号"));
        assert_int_equal(r.n_followed, 3);
        assert_int_equal(test_count(t, Q_EVENT_COUNT), events + 4);
        assert_true(stands_in(t, id, "done", 1) && stands_in(t, id + 4, "left", 0));
        for (int64_t k = 1; k <= 3; k++) {
                struct str number = str_format(t->arena, "条〔2021〕%d号", (int)k);
                assert_true(stands_in(t, id + k, "heard", 1));
                assert_true(str_eq(test_matter(t, id + k)->documents[0].number, number));
        }
        check_records(t);
        test_close(t);
}

/* Among other acts of one turn, on the same sub-matters too, which stay as they are. */
static void test_in_a_turn_with_others(void **state)
{
        int64_t id;
        struct test_site *t = open_circular(&id);
        int64_t events = test_count(t, Q_EVENT_COUNT);
        (void)state;
        const struct submission s[] = {
                test_act(t, "室〔2021〕1号.leave", "li", NULL),
                test_act(t, "通〔2021〕1号.tell", "li", "{\"word\":\"丙\"}"),
                test_act(t, "室〔2021〕2号.leave", "li", NULL),
                test_act(t, "通〔2021〕1号.tell", "li", "{\"word\":\"乙\"}"),
        };
        struct desk_answer answers[N_ELEMENTS(s)];
        test_must(t, desk_submit_many(t->arena, t->desk, s, N_ELEMENTS(s), answers, &t->err));
        assert_true(answers[0].done && !answers[1].done && answers[2].done && answers[3].done);
        assert_int_equal(answers[1].err.code, E_ACT_RULE);
        assert_int_equal(answers[3].receipt.n_followed, 1);
        assert_int_equal(test_count(t, Q_EVENT_COUNT), events + 4);
        assert_true(stands_in(t, id + 1, "left", 0) && stands_in(t, id + 2, "left", 0));
        assert_true(stands_in(t, id + 3, "heard", 1));
        assert_true(str_is(test_matter(t, id + 3)->documents[0].number, "条〔2021〕1号"));
        check_records(t);
        test_close(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_one_that_refuses_undoes_all),
                cmocka_unit_test(test_in_a_turn_with_others),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
