/* Is the draw fair? 100,000 fixed seeds on small pools, chi-square at p = 0.001.
 *
 * The seeds are fixed, so the verdict is the same on every run. A gate that
 * cannot refuse shows nothing: it must refuse rules that are known to be unfair,
 * among them the usual "random start, then every (N div n)-th". */
#include "draw/pair.h"
#include "draw/test_fixture.h"

#define N_SEEDS   100000
#define N_OBJECTS 10
#define N_PICKS   3
#define N_SETS    120 /* 10 choose 3 */

/* The value that chi-square with `df` degrees of freedom exceeds with chance
 * 0.001 (Wilson and Hilferty's approximation, 3.0902 standard deviations). */
static double chi_square_bound(int df)
{
        double term = 2.0 / (9.0 * df), root = 1.0;
        for (int i = 0; i < 40; i++) /* Newton: the square root of term */
                root = (root + term / root) / 2.0;
        double cube = 1.0 - term + 3.0902 * root;
        return df * cube * cube * cube;
}

static double chi_square(const size_t *seen, const double *chance, size_t n)
{
        double sum = 0.0;
        for (size_t i = 0; i < n; i++) {
                double expected = chance[i] * N_SEEDS, off = (double)seen[i] - expected;
                sum += off * off / expected;
        }
        return sum;
}

static struct seed numbered_seed(uint32_t n)
{
        struct seed seed = { { 0 } };
        for (size_t i = 0; i < 4; i++)
                seed.bytes[i] = (uint8_t)(n >> (8 * i));
        return seed;
}

/* A rule of selection: `n` of N_OBJECTS for one seed. */
struct selection {
        struct arena *arena;
        struct pool pool;
        enum draw_method method;
        void (*pick)(struct selection *selection, uint32_t seed, size_t picks[N_PICKS]);
};

static void pick_by_draw(struct selection *selection, uint32_t number, size_t picks[N_PICKS])
{
        const struct draw_stratum stratum = { STR_LIT("层"), DRAW_COUNT, .count = N_PICKS };
        struct str key = str_format(selection->arena, "%u./", number);
        struct draw_plan plan = { selection->method, &stratum, 1, N_PICKS, key };
        struct seed seed = numbered_seed(number);
        struct draw draw;
        struct err err;
        assert_true(draw_compute(selection->arena, &selection->pool, &plan, &seed, &draw, &err));
        for (size_t i = 0; i < N_PICKS; i++)
                picks[i] = draw.strata[0].picks[i].object;
}

/* A good source of starts, so that only the rule can be at fault. */
static size_t random_below(uint32_t number, size_t below)
{
        uint64_t x = number + 0x9E3779B97F4A7C15u;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
        return (size_t)((x ^ (x >> 31)) % below);
}

static void pick_systematic(struct selection *selection, uint32_t number, size_t picks[N_PICKS])
{
        (void)selection;
        size_t step = N_OBJECTS / N_PICKS, start = random_below(number, step);
        for (size_t i = 0; i < N_PICKS; i++)
                picks[i] = start + i * step;
}

static void pick_circular(struct selection *selection, uint32_t number, size_t picks[N_PICKS])
{
        (void)selection;
        size_t step = N_OBJECTS / N_PICKS, start = random_below(number, N_OBJECTS);
        for (size_t i = 0; i < N_PICKS; i++)
                picks[i] = (start + i * step) % N_OBJECTS;
}

/* Fair but for one thing: once in twenty, object 0 is spared. */
static void pick_with_a_favour(struct selection *selection, uint32_t number, size_t picks[N_PICKS])
{
        bool favour = random_below(number, 20) == 0;
        do {
                pick_by_draw(selection, number, picks);
                number += N_SEEDS;
        } while (favour && (picks[0] == 0 || picks[1] == 0 || picks[2] == 0));
}

static size_t set_number(const size_t picks[N_PICKS])
{
        bool in[N_OBJECTS] = { false };
        size_t number = 0;
        for (size_t i = 0; i < N_PICKS; i++)
                in[picks[i]] = true;
        for (size_t a = 0; a < N_OBJECTS; a++)
                for (size_t b = a + 1; b < N_OBJECTS; b++)
                        for (size_t c = b + 1; c < N_OBJECTS; c++, number++)
                                if (in[a] && in[b] && in[c])
                                        return number;
        fail_msg("an object stands twice among the picks");
        return 0;
}

struct verdict {
        bool all_reachable;
        double objects, pairs_and_sets; /* chi-square over its bound: fair up to 1 */
};

static bool is_fair(const struct verdict *verdict)
{
        return verdict->all_reachable && verdict->objects <= 1.0 && verdict->pairs_and_sets <= 1.0;
}

/* Each set of three is one of 120 equally likely outcomes; that each pair is
 * equally likely follows. How often an object is in the set is counted without
 * replacement, hence the factor. */
static struct verdict judge(
                void (*pick)(struct selection *, uint32_t, size_t *), enum draw_method method)
{
        struct arena *arena = arena_open(), *scratch = arena_open();
        struct pool pool = frozen(arena,
                        ROWS("0|层", "1|层", "2|层", "3|层", "4|层", "5|层", "6|层", "7|层", "8|层",
                                        "9|层"),
                        NULL);
        struct selection selection = { scratch, pool, method, pick };
        size_t objects[N_OBJECTS] = { 0 }, sets[N_SETS] = { 0 };
        double object_chance[N_OBJECTS], set_chance[N_SETS];
        struct verdict verdict = { .all_reachable = true };
        for (uint32_t s = 0; s < N_SEEDS; s++) {
                size_t picks[N_PICKS];
                pick(&selection, s, picks);
                sets[set_number(picks)]++;
                for (size_t i = 0; i < N_PICKS; i++)
                        objects[picks[i]]++;
                arena_reset(scratch);
        }
        for (size_t i = 0; i < N_OBJECTS; i++) {
                object_chance[i] = (double)N_PICKS / N_OBJECTS;
                verdict.all_reachable &= objects[i] > 0;
        }
        for (size_t i = 0; i < N_SETS; i++)
                set_chance[i] = 1.0 / N_SETS;
        double correction = (N_OBJECTS - 1.0) / (N_OBJECTS - N_PICKS);
        verdict.objects = chi_square(objects, object_chance, N_OBJECTS) * correction /
                          chi_square_bound(N_OBJECTS - 1);
        verdict.pairs_and_sets =
                        chi_square(sets, set_chance, N_SETS) / chi_square_bound(N_SETS - 1);
        arena_close(&arena);
        arena_close(&scratch);
        return verdict;
}

static void test_bound(void **state)
{
        (void)state;
        static const struct {
                int df;
                double bound; /* printed tables, p = 0.001 */
        } rows[] = { { 3, 16.266 }, { 9, 27.877 }, { 14, 36.123 }, { 100, 149.449 } };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                double off = chi_square_bound(rows[i].df) / rows[i].bound;
                assert_true(off > 0.99 && off < 1.02);
        }
}

static void test_objects(void **state)
{
        (void)state;
        static const struct {
                const char *why;
                void (*pick)(struct selection *, uint32_t, size_t *);
                enum draw_method method;
                bool fair;
        } rows[] = {
                { "lowest tickets", pick_by_draw, DRAW_TICKET, true },
                { "RFC 3797", pick_by_draw, DRAW_RFC3797, true },
                { "random start, then every third: the tenth is never drawn", pick_systematic, 0,
                                false },
                { "the same in a circle: all are drawn, neighbours never together", pick_circular,
                                0, false },
                { "one object spared once in twenty", pick_with_a_favour, DRAW_TICKET, false },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct verdict verdict = judge(rows[i].pick, rows[i].method);
                if (is_fair(&verdict) != rows[i].fair)
                        fail_msg("%s: reachable %d, objects %.3f, sets %.3f", rows[i].why,
                                        verdict.all_reachable, verdict.objects,
                                        verdict.pairs_and_sets);
        }
}

/* First and second pick by weight, against the exact chances of docs/draw-format.md. */
static double judge_weights(const uint32_t weights[4], const uint32_t claimed[4])
{
        struct arena *arena = arena_open(), *scratch = arena_open();
        struct pool_object objects[4];
        struct pool pool;
        struct err err;
        static const char *const ids[] = { "A", "B", "C", "D" };
        size_t seen[16] = { 0 }, cells[12];
        double chance[12], total = 0.0;
        for (size_t i = 0; i < 4; i++) {
                objects[i] = (struct pool_object){
                        .id = str_of(ids[i]), .stratum = STR_LIT("层"), .weight = weights[i]
                };
                total += claimed[i];
        }
        assert_true(pool_freeze(arena, objects, 4, NULL, 0, &pool, &err));
        const struct draw_stratum stratum = { STR_LIT("层"), DRAW_COUNT, .count = 2 };
        struct draw_plan plan = { DRAW_TICKET, &stratum, 1, -1, STR_LIT("") };
        for (uint32_t s = 0; s < N_SEEDS; s++) {
                struct seed seed = numbered_seed(s);
                struct draw draw;
                assert_true(draw_compute(scratch, &pool, &plan, &seed, &draw, &err));
                seen[4 * draw.strata[0].picks[0].object + draw.strata[0].picks[1].object]++;
                arena_reset(scratch);
        }
        size_t n = 0;
        for (size_t i = 0; i < 4; i++)
                for (size_t j = 0; j < 4; j++)
                        if (i != j) {
                                cells[n] = seen[4 * i + j];
                                chance[n++] = claimed[i] / total * claimed[j] /
                                              (total - claimed[i]);
                        }
        arena_close(&arena);
        arena_close(&scratch);
        return chi_square(cells, chance, n) / chi_square_bound((int)n - 1);
}

static void test_weights(void **state)
{
        (void)state;
        static const uint32_t risk[4] = { 1, 2, 3, 4 }, steep[4] = { 1, 1, 1, 20 };
        static const uint32_t flat[4] = { 1, 1, 1, 1 };
        assert_true(judge_weights(risk, risk) <= 1.0);
        assert_true(judge_weights(steep, steep) <= 1.0);
        assert_true(judge_weights(flat, flat) <= 1.0);
        assert_true(judge_weights(flat, risk) > 1.0); /* weights ignored */
        assert_true(judge_weights(risk, flat) > 1.0);
}

/* Every pair of six officers equally often. */
static void test_inspector_pairs(void **state)
{
        (void)state;
        struct arena *arena = arena_open(), *scratch = arena_open();
        struct pool pool = frozen(arena, ROWS("A|层"),
                        ROWS("0||2025-12-31", "1||2025-12-31", "2||2025-12-31", "3||2025-12-31",
                                        "4||2025-12-31", "5||2025-12-31"));
        struct pair_rule rule = { .day = day("2021-06-01"), .n_officers = 2 };
        size_t seen[36] = { 0 }, cells[15], n = 0;
        double chance[15];
        struct err err;
        for (uint32_t s = 0; s < N_SEEDS; s++) {
                struct seed seed = numbered_seed(s);
                struct pair_task task;
                size_t object = 0;
                assert_true(pair_compute(scratch, &pool, &rule, &seed, &object, 1, &task, &err));
                size_t a = task.officers[0].inspector, b = task.officers[1].inspector;
                seen[a < b ? 6 * a + b : 6 * b + a]++;
                arena_reset(scratch);
        }
        for (size_t a = 0; a < 6; a++)
                for (size_t b = a + 1; b < 6; b++) {
                        cells[n] = seen[6 * a + b];
                        chance[n++] = 1.0 / 15;
                }
        double ratio = chi_square(cells, chance, n) / chi_square_bound(14);
        if (ratio > 1.0)
                fail_msg("pairs of inspectors: %.3f", ratio);
        arena_close(&arena);
        arena_close(&scratch);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_bound),
                cmocka_unit_test(test_objects),
                cmocka_unit_test(test_weights),
                cmocka_unit_test(test_inspector_pairs),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
