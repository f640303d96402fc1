/* Sealing beside the writer: the same bytes in whatever turns the acts go, and a refusal is told to
 * the act that it belongs to. */
#include "desk/test_site.h"

#include "desk/audit.h"

#define ACTS 700 /* more than two tiles of 256, more than the writer is ever ahead */

static bool counted_entropy(void *user, uint8_t *to, size_t n)
{
        uint64_t *count = user;
        for (size_t i = 0; i < n; i++)
                to[i] = (uint8_t)((*count)++ * 2654435761u >> 13);
        return true;
}

static struct submission note(struct test_site *t, int i)
{
        struct submission s = test_act(t, "note.write", "li", NULL);
        struct member *members = arena_new_array(t->arena, 2, struct member);
        members[0] = (struct member){ STR_LIT("amount"), value_int(i) };
        members[1] = (struct member){ STR_LIT("subject"),
                value_string(str_format(t->arena, "第%d件", i)) };
        s.fields = value_context(members, 2);
        s.key = str_format(t->arena, "key-%d", i);
        return s;
}

/* Everything that was stored of the events from `first` on. */
static struct str events_from(struct test_site *t, int64_t first)
{
        struct snapshot *snapshot = NULL;
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct buf buf = BUF(t->arena);
        test_must(t, snapshot_open(site_store(t->site), &snapshot, &t->err));
        test_must(t, snapshot_rows(snapshot, Q_EVENTS_FROM,
                                     PARAMS(param_int(first), param_int(INT32_MAX),
                                                     param_int(INT32_MAX)),
                                     &rows, &t->err));
        while (rows_next(&rows))
                for (int i = 3; i < 7; i++)
                        buf_str_add(&buf, rows_blob(&rows, i));
        test_must(t, rows_end(&rows, &t->err));
        snapshot_close(&snapshot);
        return buf_str(&buf);
}

/* Lives the same acts, `each` at a time; what they left in the store. */
static struct str live(struct arena *arena, size_t each, bool thread)
{
        struct test_site *t = test_open(false);
        struct desk_options options = test_options(t, thread);
        struct audit audit;
        uint64_t count = 1;
        test_must(t, desk_close(&t->desk, &t->err));
        options.entropy = counted_entropy;
        options.entropy_user = &count;
        test_must(t, desk_open(t->site, &options, &t->desk, &t->err));
        int64_t first = test_count(t, Q_EVENT_COUNT);
        struct submission *s = arena_new_array(t->arena, ACTS, struct submission);
        struct desk_answer *answers = arena_new_array(t->arena, ACTS, struct desk_answer);
        for (int i = 0; i < ACTS; i++)
                s[i] = note(t, i);
        for (size_t i = 0; i < ACTS; i += each)
                test_must(t, desk_submit_many(
                                             t->arena, t->desk, s + i, each, answers + i, &t->err));
        for (size_t i = 0; i < ACTS; i++)
                assert_true(answers[i].done && answers[i].receipt.seq == first + (int64_t)i);
        test_must(t, desk_close(&t->desk, &t->err));
        test_must(t, site_audit(t->site, &audit, &t->err)); /* leaves, tree, tiles, signed head */
        struct str events = str_copy(arena, events_from(t, first));
        test_close(t);
        return events;
}

static void test_the_same_bytes(void **state)
{
        struct arena *arena = arena_open();
        (void)state;
        struct str alone = live(arena, 1, false);
        assert_true(alone.n > 0);
        assert_true(str_eq(alone, live(arena, ACTS, false)));
        assert_true(str_eq(alone, live(arena, ACTS / 7, true)));
        arena_close(&arena);
}

/* A name that no leaf may hold: only its own act is refused, and the tree goes on behind it. */
static void test_what_cannot_be_sealed(void **state)
{
        (void)state;
        for (int thread = 0; thread < 2; thread++) {
                struct test_site *t = test_open(thread == 1);
                struct submission s[5];
                struct desk_answer answers[5];
                struct audit audit;
                for (int i = 0; i < 5; i++)
                        s[i] = note(t, i);
                test_must(t, test_do(t, "register:staff.put", "system",
                                             "{\"id\":\"李\\\"四\",\"name\":\"李四\",\"unit\":\"b\","
                                             "\"roles\":[\"clerk\"]}",
                                             NULL));
                s[1].actor = s[3].actor = STR_LIT("李\"四");
                int64_t events = test_count(t, Q_EVENT_COUNT);
                test_must(t, desk_submit_many(t->arena, t->desk, s, 5, answers, &t->err));
                for (int i = 0; i < 5; i++)
                        assert_true(answers[i].done == (i % 2 == 0));
                assert_int_equal(answers[1].err.code, E_EVENT_TEXT);
                assert_int_equal(answers[3].err.code, E_EVENT_TEXT);
                assert_true(str_is(answers[4].receipt.number, "测函〔2021〕3号"));
                assert_int_equal(test_count(t, Q_EVENT_COUNT), events + 3);
                test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"乙\"}", NULL));
                test_must(t, desk_close(&t->desk, &t->err));
                test_must(t, site_audit(t->site, &audit, &t->err));
                assert_int_equal(audit.ledger.n_events, events + 4);
                test_close(t);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_same_bytes),
                cmocka_unit_test(test_what_cannot_be_sealed),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
