#include "draw/test_fixture.h"
#include "draw/ticket.h"

static const char *const firms[] = { "F1|律所", "F2|律所", "F3|律所", "F4|律所|350203|4", "F5|律所",
        "N1|公证", "N2|公证", "N3|公证||1|本年已抽查", "S1|单人所", NULL };

static void test_pool_is_checked(void **state)
{
        (void)state;
        static const struct {
                const char *why, *object, *inspector;
        } rows[] = {
                { "id twice", "F1|律所", "P1" },
                { "no id", "|律所", "P1" },
                { "no stratum", "F9|", "P1" },
                { "weight 0 would never be drawn", "F9|律所||0", "P1" },
                { "weight above the limit", "F9|律所||101", "P1" },
                { "a tab would forge a cell", "F\t9|律所", "P1" },
                { "a line feed would forge a line", "F9|律所|||a\nb", "P1" },
                { "bad UTF-8", "F9|律\xff", "P1" },
                { "inspector without id", "F9|律所", "|350203" },
                { "recusal from nobody", "F9|律所", "P1|350203|2025-12-31|0|X9" },
        };
        struct arena *arena = arena_open();
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct pool pool;
                struct err err;
                if (freeze(arena, ROWS("F1|律所", rows[i].object), ROWS(rows[i].inspector), &pool,
                                    &err))
                        fail_msg("accepted: %s", rows[i].why);
                assert_int_equal(err.code, E_DRAW_POOL);
        }
        arena_close(&arena);
}

static void test_pool_text(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        struct pool pool = frozen(arena, ROWS("B|律所|350203|2", "A|公证|||已注销"),
                        ROWS("P2||guest", "P1!|350203|2025-12-31|3|B A B"));
        struct str text = pool_text(arena, &pool);
        assert_string_equal(str_c(arena, text),
                        "plumbline-pool 1\n"
                        "object\t1\tA\tA\t公证\t\t1\t已注销\n"
                        "object\t2\tB\tB\t律所\t350203\t2\t\n"
                        "inspector\t1\tP1\tP1!\t司法局\t350203\tofficer\t2025-12-31\tlead\t3\n"
                        "recusal\tP1\tA\n"
                        "recusal\tP1\tB\n"
                        "inspector\t2\tP2\tP2\t司法局\t\tguest\t\t\t0\n");
        assert_int_equal(pool_find_object(&pool, STR_LIT("B")), 1);
        assert_int_equal(pool_find_object(&pool, STR_LIT("C")), SIZE_MAX);
        assert_true(pool_is_recused(&pool.inspectors[0], STR_LIT("B")));
        arena_close(&arena);
}

/* A pool changed after the freeze: the hash tells, whatever the order of entry. */
static void test_pool_hash(void **state)
{
        (void)state;
        static const struct {
                const char *why, *object, *inspector;
                bool same;
        } rows[] = {
                { "as frozen", "B|律所|350203|2", "P1|350203|2025-12-31|3|A", true },
                { "weight", "B|律所|350203|3", "P1|350203|2025-12-31|3|A", false },
                { "stratum", "B|公证|350203|2", "P1|350203|2025-12-31|3|A", false },
                { "region", "B|律所|350205|2", "P1|350203|2025-12-31|3|A", false },
                { "excluded", "B|律所|350203|2|x", "P1|350203|2025-12-31|3|A", false },
                { "certificate", "B|律所|350203|2", "P1|350203|2026-12-31|3|A", false },
                { "load", "B|律所|350203|2", "P1|350203|2025-12-31|4|A", false },
                { "recusal", "B|律所|350203|2", "P1|350203|2025-12-31|3|A B", false },
                { "kind", "B|律所|350203|2", "P1|350203|guest|3|A", false },
        };
        struct arena *arena = arena_open();
        struct pool pool = frozen(
                        arena, ROWS("B|律所|350203|2", "A|律所"), ROWS("P1|350203|2025-12-31|3|A"));
        struct pool_hash hash = pool_hash(arena, &pool);
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct pool other = frozen(
                                arena, ROWS("A|律所", rows[i].object), ROWS(rows[i].inspector));
                struct pool_hash changed = pool_hash(arena, &other);
                if ((memcmp(&hash, &changed, sizeof(hash)) == 0) != rows[i].same)
                        fail_msg("%s", rows[i].why);
        }
        arena_close(&arena);
}

static void test_seed(void **state)
{
        (void)state;
        static const struct {
                const char *why, *shape, *value;
                bool ok;
        } rows[] = {
                { "lottery", "99 99 99", "03 07 12", true },
                { "a digit without its zero", "99 99 99", "3 7 12", false },
                { "other separator", "99 99 99", "03,07,12", false },
                { "trailing blank", "99", "03 ", false },
                { "letter for digit", "99", "0x", false },
                { "beacon", "hhhh", "0aff", true },
                { "beacon in capitals", "hhhh", "0AFF", false },
                { "share index", "9999.99", "3519.20", true },
                { "nothing random in the shape", "abc", "abc", false },
                { "control character", "9\t9", "1\t1", false },
                { "empty", "", "", false },
        };
        struct arena *arena = arena_open();
        struct pool_hash hash = { { 0 } };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct seed_source source = { STR_LIT("双色球"), STR_LIT("2021051"),
                        str_of(rows[i].shape) };
                struct str value = str_of(rows[i].value);
                struct seed seed;
                struct err err;
                const struct seed_terms terms = { STR_LIT("B1"), hash, { 0 }, &source, &value, 1 };
                bool ok = seed_compute(arena, &terms, &seed, &err);
                if (ok != rows[i].ok)
                        fail_msg("%s", rows[i].why);
                if (!ok)
                        assert_int_equal(err.code, E_DRAW_SEED);
        }
        arena_close(&arena);
}

/* One value decides many draws, yet no two alike: batch and pool are in the seed. */
static void test_seed_depends_on_all(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        struct pool_hash zero = { { 0 } }, one = { { 1 } };
        struct seed_source source = { STR_LIT("双色球"), STR_LIT("2021051"), STR_LIT("99") };
        struct str value = STR_LIT("07"), other_value = STR_LIT("08"), text;
        struct seed_terms terms = { STR_LIT("B1"), zero, { 0 }, &source, &value, 1 };
        struct seed seeds[5];
        struct err err;
        for (size_t i = 0; i < 5; i++) {
                struct seed_terms other = terms;
                other.batch = i == 1 ? STR_LIT("B2") : terms.batch;
                other.pool = i == 2 ? one : zero;
                other.announcement[31] = i == 3;
                other.values = i == 4 ? &other_value : &value;
                assert_true(seed_compute(arena, &other, &seeds[i], &err));
                for (size_t j = 0; j < i; j++)
                        assert_memory_not_equal(&seeds[i], &seeds[j], sizeof(seeds[i]));
        }
        assert_true(seed_text(arena, &terms, &text, &err));
        assert_string_equal(str_c(arena, text),
                        "plumbline-seed 1\nbatch\tB1\npool\t"
                        "0000000000000000000000000000000000000000000000000000000000000000\n"
                        "announcement\t"
                        "0000000000000000000000000000000000000000000000000000000000000000\n"
                        "value\t双色球\t2021051\t07\n");
        terms.n_sources = 0;
        assert_false(seed_text(arena, &terms, &text, &err));
        assert_int_equal(err.code, E_DRAW_SEED);
        arena_close(&arena);
}

struct size_row {
        const char *why;
        enum draw_rule rule;
        int32_t ratio, minimum, count;
        int64_t total; /* of this stratum and one pick each from the other two */
        enum err_code code;
        size_t sample;
};

static const struct size_row size_rows[] = {
        { "5 % of five is one", DRAW_RATIO, 500, 0, 0, -1, E_NONE, 1 },
        { "20 % of five is exactly one", DRAW_RATIO, 2000, 1, 0, -1, E_NONE, 1 },
        { "20.01 % of five rounds up", DRAW_RATIO, 2001, 1, 0, -1, E_NONE, 2 },
        { "100 %", DRAW_RATIO, 10000, 1, 0, -1, E_NONE, 5 },
        { "0 % still takes one", DRAW_RATIO, 0, 0, 0, -1, E_NONE, 1 },
        { "minimum of three", DRAW_RATIO, 500, 3, 0, -1, E_NONE, 3 },
        { "minimum above the stratum", DRAW_RATIO, 500, 6, 0, -1, E_DRAW_SIZE, 0 },
        { "over 100 %", DRAW_RATIO, 10001, 1, 0, -1, E_DRAW_RATIO, 0 },
        { "negative ratio", DRAW_RATIO, -1, 1, 0, -1, E_DRAW_RATIO, 0 },
        { "negative minimum", DRAW_RATIO, 500, -1, 0, -1, E_DRAW_SIZE, 0 },
        { "count", DRAW_COUNT, 0, 0, 4, -1, E_NONE, 4 },
        { "count of all", DRAW_COUNT, 0, 0, 5, -1, E_NONE, 5 },
        { "count above the stratum", DRAW_COUNT, 0, 0, 6, -1, E_DRAW_SIZE, 0 },
        { "count 0 gives nobody a chance", DRAW_COUNT, 0, 0, 0, -1, E_DRAW_SIZE, 0 },
        { "negative count", DRAW_COUNT, 0, 0, -2, -1, E_DRAW_SIZE, 0 },
        { "sum as announced", DRAW_COUNT, 0, 0, 4, 6, E_NONE, 4 },
        { "sum other than announced", DRAW_COUNT, 0, 0, 4, 7, E_DRAW_TOTAL, 0 },
};

static void test_sizes(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        struct pool pool = frozen(arena, firms, NULL);
        for (size_t i = 0; i < N_ELEMENTS(size_rows); i++) {
                const struct size_row *row = &size_rows[i];
                const struct draw_stratum strata[] = {
                        { STR_LIT("律所"), row->rule, row->ratio, row->minimum, row->count, 0 },
                        { STR_LIT("公证"), DRAW_COUNT, .count = 1 },
                        { STR_LIT("单人所"), DRAW_RATIO, .ratio = 1 }, /* 0 -> 1 */
                };
                struct draw_plan plan = { DRAW_TICKET, strata, 3, row->total, STR_LIT("") };
                struct draw_size sizes[3] = { { 0 } };
                struct err err = { E_NONE };
                bool ok = draw_sizes(arena, &pool, &plan, sizes, &err);
                if (ok != (row->code == E_NONE) || err.code != row->code ||
                                sizes[0].sample != row->sample)
                        fail_msg("%s: %s", row->why, err.detail);
                if (!ok)
                        continue;
                assert_int_equal(sizes[0].weight, 8);
                assert_int_equal(sizes[1].size, 2); /* one is excluded */
                assert_int_equal(sizes[2].sample, 1);
        }
        arena_close(&arena);
}

static void test_strata_must_match(void **state)
{
        (void)state;
        static const struct {
                const char *why, *names[4];
                size_t n;
                enum err_code code;
        } rows[] = {
                { "a stratum forgotten has no chance", { "律所", "公证" }, 2, E_DRAW_STRATUM },
                { "named twice", { "律所", "公证", "单人所", "律所" }, 4, E_DRAW_STRATUM },
                { "without a name", { "律所", "公证", "单人所", "" }, 4, E_DRAW_STRATUM },
                { "none", { NULL }, 0, E_DRAW_STRATUM },
                { "an empty one is no harm", { "律所", "公证", "单人所", "鉴定" }, 4, E_NONE },
        };
        struct arena *arena = arena_open();
        struct pool pool = frozen(arena, firms, NULL);
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct draw_stratum strata[4];
                for (size_t j = 0; j < rows[i].n; j++)
                        strata[j] = (struct draw_stratum){ str_of(rows[i].names[j]), DRAW_RATIO,
                                .ratio = 1000 };
                struct draw_plan plan = { DRAW_TICKET, strata, rows[i].n, -1, STR_LIT("") };
                struct seed seed = { { 7 } };
                struct draw draw;
                struct err err = { E_NONE };
                if (draw_compute(arena, &pool, &plan, &seed, &draw, &err) !=
                                (rows[i].code == E_NONE))
                        fail_msg("%s", rows[i].why);
                assert_int_equal(err.code, rows[i].code);
        }
        arena_close(&arena);
}

/* The whole stratum in ticket order, found a second way. */
static void test_tickets_in_order(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        struct pool pool = frozen(arena, firms, NULL);
        const struct draw_stratum strata[] = {
                { STR_LIT("单人所"), DRAW_COUNT, .count = 1 },
                { STR_LIT("律所"), DRAW_COUNT, .count = 2, .n_substitutes = 9 },
                { STR_LIT("公证"), DRAW_COUNT, .count = 1, .n_substitutes = 1 },
        };
        struct draw_plan plan = { DRAW_TICKET, strata, 3, 4, STR_LIT("") };
        struct err err;
        _cleanup_(hasher_close) struct hasher *hasher = hasher_open();
        for (uint8_t s = 0; s < 200; s++) {
                struct seed seed = { { s } };
                struct draw draw;
                assert_true(draw_compute(arena, &pool, &plan, &seed, &draw, &err));
                const struct draw_result *result = &draw.strata[1];
                assert_int_equal(result->size.sample, 2);
                assert_int_equal(result->n_substitutes, 3); /* five objects in all */
                assert_ptr_equal(result->substitutes, result->picks + 2);
                for (size_t i = 0; i < 5; i++) {
                        const struct draw_pick *pick = &result->picks[i];
                        struct str k = str_format(arena, "%u", pick->k);
                        const struct str parts[] = { { (char *)seed.bytes, 32 }, STR_LIT("object"),
                                STR_LIT("律所"), pool.objects[pick->object].id, k };
                        uint8_t ticket[TICKET_BYTES];
                        hasher_parts(hasher, parts, 5, ticket);
                        assert_memory_equal(ticket, pick->ticket, sizeof(ticket));
                        assert_true(pick->k >= 1 && pick->k <= pool.objects[pick->object].weight);
                        if (i > 0)
                                assert_true(memcmp(pick[-1].ticket, ticket, sizeof(ticket)) < 0);
                }
                assert_int_equal(draw.strata[2].n_substitutes, 1); /* N3 is excluded */
                arena_reset(arena);
                pool = frozen(arena, firms, NULL);
        }
        arena_close(&arena);
}

/* Keeping only the lowest of many must give what sorting all of them gives. */
static void test_cut_equals_sort(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        size_t n = 5000;
        struct pool_object *objects = arena_new_array(arena, n, struct pool_object);
        for (size_t i = 0; i < n; i++)
                objects[i] = (struct pool_object){ .id = str_format(arena, "%05zu", i),
                        .stratum = STR_LIT("层"),
                        .weight = 1 + (uint32_t)i % 4 };
        struct pool pool;
        struct err err;
        struct seed seed = { { 42 } };
        struct draw all, few;
        assert_true(pool_freeze(arena, objects, n, NULL, 0, &pool, &err));
        struct draw_stratum stratum = { STR_LIT("层"), DRAW_COUNT, .count = (int32_t)n };
        struct draw_plan plan = { DRAW_TICKET, &stratum, 1, -1, STR_LIT("") };
        assert_true(draw_compute(arena, &pool, &plan, &seed, &all, &err));
        stratum.count = 7;
        stratum.n_substitutes = 4;
        assert_true(draw_compute(arena, &pool, &plan, &seed, &few, &err));
        assert_int_equal(few.strata[0].n_substitutes, 4);
        for (size_t i = 0; i < 11; i++)
                assert_int_equal(few.strata[0].picks[i].object, all.strata[0].picks[i].object);
        arena_close(&arena);
}

/* Closed before the check, one replacement from the same stratum. */
static void test_substitutes(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        struct pool pool = frozen(arena, firms, NULL);
        const struct draw_stratum strata[] = {
                { STR_LIT("律所"), DRAW_COUNT, .count = 2, .n_substitutes = 2 },
                { STR_LIT("公证"), DRAW_COUNT, .count = 1 },
                { STR_LIT("单人所"), DRAW_COUNT, .count = 1 },
        };
        struct draw_plan plan = { DRAW_TICKET, strata, 3, -1, STR_LIT("") };
        struct seed seed = { { 3 } };
        struct draw draw;
        struct draw_pick by;
        struct err err;
        assert_true(draw_compute(arena, &pool, &plan, &seed, &draw, &err));
        const struct draw_result *firm = &draw.strata[0];
        size_t closed = firm->picks[1].object;
        assert_true(draw_substitute(&draw, closed, NULL, 0, &by, &err));
        assert_int_equal(by.object, firm->substitutes[0].object);

        size_t spent[] = { closed, by.object }; /* the substitute closes as well */
        assert_true(draw_substitute(&draw, by.object, spent, 2, &by, &err));
        assert_int_equal(by.object, firm->substitutes[1].object);

        size_t all[] = { closed, firm->substitutes[0].object, firm->substitutes[1].object };
        assert_false(draw_substitute(&draw, firm->picks[0].object, all, 3, &by, &err));
        assert_int_equal(err.code, E_DRAW_SUBSTITUTE);
        assert_false(draw_substitute(&draw, firm->substitutes[1].object, NULL, 0, &by, &err));
        assert_false(draw_substitute(&draw, draw.strata[2].picks[0].object, NULL, 0, &by, &err));
        arena_close(&arena);
}

static void test_rfc3797_method(void **state)
{
        (void)state;
        struct arena *arena = arena_open();
        struct pool pool = frozen(
                        arena, ROWS("A|甲", "B|甲", "C|甲", "D|甲||1|已抽", "X|乙", "Y|乙"), NULL);
        const struct draw_stratum strata[] = {
                { STR_LIT("甲"), DRAW_COUNT, .count = 1, .n_substitutes = 5 },
                { STR_LIT("乙"), DRAW_COUNT, .count = 2 },
        };
        struct draw_plan plan = { DRAW_RFC3797, strata, 2, 3, STR_LIT("7./") };
        struct seed seed = { { 0 } };
        struct draw draw;
        struct err err;
        assert_true(draw_compute(arena, &pool, &plan, &seed, &draw, &err));
        assert_int_equal(draw.n_ticket, 16);
        assert_int_equal(draw.strata[0].n_substitutes, 2);
        bool seen[6] = { false };
        for (size_t i = 0; i < 3; i++)
                seen[draw.strata[0].picks[i].object] = true;
        assert_true(seen[0] && seen[1] && seen[2] && !seen[3]);
        struct pool weighted = frozen(arena, ROWS("A|甲||2", "B|甲", "X|乙", "Y|乙"), NULL);
        assert_false(draw_compute(arena, &weighted, &plan, &seed, &draw, &err));
        assert_int_equal(err.code, E_RFC3797);
        arena_close(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_pool_is_checked),
                cmocka_unit_test(test_pool_text),
                cmocka_unit_test(test_pool_hash),
                cmocka_unit_test(test_seed),
                cmocka_unit_test(test_seed_depends_on_all),
                cmocka_unit_test(test_sizes),
                cmocka_unit_test(test_strata_must_match),
                cmocka_unit_test(test_tickets_in_order),
                cmocka_unit_test(test_cut_equals_sort),
                cmocka_unit_test(test_substitutes),
                cmocka_unit_test(test_rfc3797_method),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
