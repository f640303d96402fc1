#include "draw/pair.h"
#include "draw/test_fixture.h"

static const struct seed seed = { { 9 } };

static struct pair_rule rule_of(const char *on, bool cross, bool lead)
{
        return (struct pair_rule){ .day = day(on),
                .n_officers = 2,
                .n_guests = 1,
                .need_lead = lead,
                .cross_district = cross,
                .basis = STR_LIT("某法 第四条") };
}

static const char *const six[] = { "P1|350203|2025-12-31", "P2|350203|2025-12-31",
        "P3|350205|2025-12-31|0|A", "P4|350205|2021-06-30", "P5!|350206|2025-12-31|5", "G1||guest",
        NULL };

static void test_gaps(void **state)
{
        (void)state;
        static const struct {
                const char *why, *object, *on;
                bool cross, lead;
                const char *gap; /* part of the sentence; NULL = can be staffed */
        } rows[] = {
                { "four are left", "B|律所|350211", "2021-06-01", false, false, NULL },
                { "own district is out, three others", "B|律所|350203", "2021-06-01", true, false,
                                NULL },
                { "recused, own district and expired together leave one", "A|律所|350203",
                                "2021-07-01", true, false,
                                "检查日证件有效的4名，交叉检查排除本区2名，回避1名，可用1名，需要2名" },
                { "without cross-checking they suffice", "A|律所|350203", "2021-07-01", false,
                                false, NULL },
                { "the only lead is barred", "B|律所|350206", "2021-06-01", true, true,
                                "没有可以带队的人" },
                { "all certificates run out", "B|律所|350203", "2026-01-01", false, false,
                                "证件有效的0名" },
                { "valid on its last day", "B|律所|350203", "2025-12-31", false, false, NULL },
                { "an excluded object needs nobody", "B|律所|350203|1|已注销", "2026-01-01", false,
                                false, NULL },
        };
        struct arena *arena = arena_open();
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                bool is_a = rows[i].object[0] == 'A';
                struct pool pool = frozen(arena,
                                is_a ? ROWS(rows[i].object) : ROWS(rows[i].object, "A|x||1|x"),
                                six);
                struct pair_rule rule = rule_of(rows[i].on, rows[i].cross, rows[i].lead);
                const struct pair_gap *gaps;
                size_t n;
                struct err err;
                assert_true(pair_gaps(arena, &pool, &rule, &gaps, &n, &err));
                if ((n == 1) != (rows[i].gap != NULL))
                        fail_msg("%s: %zu gaps", rows[i].why, n);
                /* What is told before the draw is what the draw would say. */
                struct pair_task task;
                size_t object = pool_find_object(&pool, STR_LIT("A"));
                if (!is_a)
                        object = pool_find_object(&pool, STR_LIT("B"));
                if (pool.objects[object].excluded.n != 0)
                        continue;
                bool ok = pair_compute(arena, &pool, &rule, &seed, &object, 1, &task, &err);
                assert_int_equal(ok, n == 0);
                if (ok)
                        continue;
                assert_int_equal(err.code, E_PAIR_GAP);
                assert_string_equal(err.basis, "某法 第四条");
                struct str text = pair_gap_text(arena, &pool, &gaps[0]);
                if (str_find(text, str_of(rows[i].gap)) == SIZE_MAX)
                        fail_msg("%s: %s", rows[i].why, str_c(arena, text));
        }
        arena_close(&arena);
}

static void test_rules_are_checked(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        struct pool pool = frozen(arena, ROWS("A|律所"), six);
        struct pair_rule good = rule_of("2021-06-01", false, false);
        const struct pair_rule rules[] = {
                { good.day, 1, 0, false, false,
                                good.basis }, /* 行政处罚法 42: never fewer than two */
                { good.day, 17, 0, false, false, good.basis }, /* more than a team */
                { good.day, 2, -1, false, false, good.basis },
                { DATE_NONE, 2, 0, false, false, good.basis },
        };
        for (size_t i = 0; i < N_ELEMENTS(rules); i++) {
                size_t object = 0, n;
                struct pair_task task;
                const struct pair_gap *gaps;
                struct err err;
                assert_false(pair_compute(arena, &pool, &rules[i], &seed, &object, 1, &task, &err));
                assert_int_equal(err.code, E_PAIR_RULE);
                bool officers = rules[i].n_officers != good.n_officers;
                assert_string_equal(err.basis, officers ? "某法 第四条" : "");
                assert_false(pair_gaps(arena, &pool, &rules[i], &gaps, &n, &err));
        }
        arena_close(&arena);
}

static struct str name(const struct pool *pool, const struct pair_member *member)
{
        return pool->inspectors[member->inspector].id;
}

static void test_least_load_first(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        struct pool pool = frozen(arena, ROWS("A|x", "B|x", "C|x", "D|x", "E|x", "F|x"),
                        ROWS("P1||2025-12-31|3", "P2||2025-12-31", "P3||2025-12-31",
                                        "P4||2025-12-31|1"));
        struct pair_rule rule = rule_of("2021-06-01", false, false);
        const size_t objects[] = { 0, 1, 2, 3, 4, 5 };
        struct pair_task tasks[6], again[6];
        struct err err;
        assert_true(pair_compute(arena, &pool, &rule, &seed, objects, 6, tasks, &err));
        /* P2 and P3 have none: both take the first, before P4 with one. */
        assert_false(str_is(name(&pool, &tasks[0].officers[0]), "P4"));
        assert_false(str_is(name(&pool, &tasks[0].officers[1]), "P4"));
        for (size_t i = 0; i < 6; i++) {
                const struct pair_member *o = tasks[i].officers;
                assert_int_not_equal(o[0].inspector, o[1].inspector);
                assert_true(o[0].load <= o[1].load && o[1].load <= tasks[i].substitutes[0].load);
        }
        /* Twelve places over 3+0+0+1 tasks of before: all end at four. */
        uint32_t load[4] = { 3, 0, 0, 1 };
        for (size_t i = 0; i < 6; i++)
                for (size_t j = 0; j < 2; j++)
                        load[tasks[i].officers[j].inspector]++;
        for (size_t i = 0; i < 4; i++)
                assert_int_equal(load[i], 4);
        /* A replacement is appended and changes nothing before it. */
        assert_true(pair_compute(arena, &pool, &rule, &seed, objects, 5, again, &err));
        for (size_t i = 0; i < 5; i++)
                assert_memory_equal(again[i].officers, tasks[i].officers,
                                2 * sizeof(struct pair_member));
        arena_close(&arena);
}

static void test_guests_never_count(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        struct pair_rule rule = rule_of("2021-06-01", false, false);
        size_t object = 0;
        struct pair_task task;
        struct err err;
        struct pool pool = frozen(
                        arena, ROWS("A|x"), ROWS("P1||2025-12-31", "G1||guest", "G2||guest"));
        assert_false(pair_compute(arena, &pool, &rule, &seed, &object, 1, &task, &err));
        assert_int_equal(err.code, E_PAIR_GAP);
        pool = frozen(arena, ROWS("A|x"),
                        ROWS("P1||2025-12-31", "P2||2025-12-31", "G1||guest|0|A", "G2||guest"));
        assert_true(pair_compute(arena, &pool, &rule, &seed, &object, 1, &task, &err));
        assert_int_equal(task.n_guests, 1); /* G1 is recused */
        assert_true(str_is(name(&pool, &task.guests[0]), "G2"));
        arena_close(&arena);
}

static void test_lead(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        struct pool pool = frozen(arena, ROWS("A|x"), six); /* P5 leads, with the most tasks */
        struct pair_rule rule = rule_of("2021-06-01", false, true);
        size_t object = 0;
        struct pair_task task;
        struct pair_member by;
        struct err err;
        assert_true(pair_compute(arena, &pool, &rule, &seed, &object, 1, &task, &err));
        assert_true(str_is(name(&pool, &task.officers[0]), "P5"));
        assert_false(pair_substitute(&pool, &rule, &task, task.officers[0].inspector, NULL, 0,
                        rule.day, &by, &err));
        assert_int_equal(err.code, E_PAIR_SUBSTITUTE);
        assert_true(pair_substitute(&pool, &rule, &task, task.officers[1].inspector, NULL, 0,
                        rule.day, &by, &err));
        arena_close(&arena);
}

/* Expired on the day: next in order; the object stays. */
static void test_substitution(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        struct pool pool = frozen(arena, ROWS("A|x"),
                        ROWS("P1||2021-06-30", "P2||2021-06-30", "P3||2021-06-30|1",
                                        "P4||2025-12-31|2", "G1||guest", "G2||guest|1"));
        struct pair_rule rule = rule_of("2021-06-01", false, false);
        size_t object = 0, spent[4];
        struct pair_task task;
        struct pair_member by;
        struct err err;
        assert_true(pair_compute(arena, &pool, &rule, &seed, &object, 1, &task, &err));
        size_t out = task.officers[0].inspector;
        assert_true(pair_substitute(&pool, &rule, &task, out, NULL, 0, rule.day, &by, &err));
        assert_true(str_is(name(&pool, &by), "P3"));
        /* Postponed to July: P3's certificate has run out as well. */
        assert_true(pair_substitute(
                        &pool, &rule, &task, out, NULL, 0, day("2021-07-01"), &by, &err));
        assert_true(str_is(name(&pool, &by), "P4"));
        spent[0] = out;
        spent[1] = by.inspector;
        assert_false(pair_substitute(&pool, &rule, &task, task.officers[1].inspector, spent, 2,
                        day("2021-07-01"), &by, &err));
        assert_int_equal(err.code, E_PAIR_SUBSTITUTE);
        /* Who is not on the task cannot leave it. */
        assert_false(pair_substitute(&pool, &rule, &task, pool_find_inspector(&pool, STR_LIT("P4")),
                        NULL, 0, rule.day, &by, &err));
        /* A guest is followed by a guest. */
        assert_true(pair_substitute(&pool, &rule, &task, task.guests[0].inspector, NULL, 0,
                        rule.day, &by, &err));
        assert_true(str_is(name(&pool, &by), "G2"));
        arena_close(&arena);
}

static void test_admission(void **state)
{
        (void)state;
        static const struct {
                const char *why, *team, *on;
                bool cross, lead, ok;
        } rows[] = {
                { "two officers", "P1 P2", "2021-06-01", false, false, true },
                { "a guest beside two", "P1 P2 G1", "2021-06-01", false, false, true },
                { "one of the two is a guest", "P1 G1", "2021-06-01", false, false, false },
                { "alone", "P1", "2021-06-01", false, false, false },
                { "the same twice", "P1 P1", "2021-06-01", false, false, false },
                { "expired on the day", "P1 P4", "2021-07-01", false, false, false },
                { "valid on its last day", "P1 P4", "2021-06-30", false, false, true },
                { "recused", "P1 P3", "2021-06-01", false, false, false },
                { "own district when cross-checking", "P1 P2 P5", "2021-06-01", true, false,
                                false },
                { "no lead", "P1 P2", "2021-06-01", false, true, false },
                { "with a lead", "P1 P5", "2021-06-01", false, true, true },
                { "nobody", "", "2021-06-01", false, false, false },
        };
        struct arena *arena = arena_open();
        struct pool pool = frozen(arena, ROWS("A|x|350203"), six);
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct pair_rule rule = rule_of(rows[i].on, rows[i].cross, rows[i].lead);
                struct str rest = str_of(rows[i].team);
                size_t team[4], n = 0;
                struct err err = { E_NONE };
                while (rest.p != NULL && rest.n > 0)
                        team[n++] = pool_find_inspector(&pool, str_split(&rest, ' '));
                if (pair_admit(&pool, &rule, 0, team, n, rule.day, &err) != rows[i].ok)
                        fail_msg("%s: %s", rows[i].why, err.detail);
                assert_int_equal(err.code, rows[i].ok ? E_NONE : E_PAIR_TEAM);
        }
        arena_close(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_gaps),
                cmocka_unit_test(test_rules_are_checked),
                cmocka_unit_test(test_least_load_first),
                cmocka_unit_test(test_guests_never_count),
                cmocka_unit_test(test_lead),
                cmocka_unit_test(test_substitution),
                cmocka_unit_test(test_admission),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
