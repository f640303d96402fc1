/* No sequence of acts lowers the number of published draws: random acts over the definition of
 * draws by lot, among them voids, erasures, new definitions and new keys. What was told once is
 * told for ever, word for word, and a folder it was exported to goes on. */
#include "desk/test_site.h"

#include <string.h>

#include "base/limits.h"
#include "desk/definitions.h"
#include "desk/draw_export.h"
#include "desk/erase.h"
#include "desk/files.h"
#include "desk/rotate.h"
#include "projection/draw_read.h"

#define N_ACTS    500
#define DRAWS_MAX 200

struct told { /* of a draw, when it was last looked at */
        char number[64];
        struct hash announced, file, fault;
        bool has_file, has_fault;
};

struct scene {
        struct test_site *t;
        struct definition_source lots;
        uint64_t random;
        char numbers[DRAWS_MAX][64]; /* of all draws, announced or not */
        size_t n_numbers;
        struct told told[DRAWS_MAX];
        size_t n_told;
        int n_done[8]; /* of each kind of act */
};

static uint64_t below(struct scene *s, uint64_t n)
{
        s->random = s->random * 6364136223846793005u + 1442695040888963407u;
        return (s->random >> 33) % n;
}

static const char *any_of(struct scene *s, const char *const *items, size_t n)
{
        return items[below(s, n)];
}

#define ANY_OF(scene, ...)                                                                         \
        any_of(scene, (const char *const[]){ __VA_ARGS__ },                                        \
                        N_ELEMENTS(((const char *const[]){ __VA_ARGS__ })))

static struct str read_source(struct test_site *t, const char *path)
{
        struct str text, whole = str_format(t->arena, "%s/%s", getenv("PLUMBLINE_SOURCE"), path);
        test_must(t, file_read(t->arena, whole, 1 << 20, &text, &t->err));
        return text;
}

static void put_staff(struct test_site *t, const char *id, const char *roles)
{
        test_must(t, test_do(t, "register:staff.put", "system",
                                     str_c(t->arena, str_format(t->arena,
                                                                     "{\"id\":\"%s\",\"name\":\"%s\","
                                                                     "\"unit\":\"b\",\"roles\":[%s]}",
                                                                     id, id, roles)),
                                     NULL));
}

static void set_up(struct scene *s)
{
        struct test_site *t = s->t = test_open(false);
        const struct definition_source grounds = { STR_LIT("registers/erasure_grounds.yaml"),
                read_source(t, "registers/erasure_grounds.yaml") };
        s->lots = (struct definition_source){ STR_LIT("procedures/lot_draw.yaml"),
                read_source(t, "procedures/lot_draw.yaml") };
        test_must(t, definitions_activate(t->desk, &grounds, STR_LIT("system"), &t->err));
        test_must(t, definitions_activate(t->desk, &s->lots, STR_LIT("system"), &t->err));
        put_staff(t, "org", "\"lot_organiser\"");
        put_staff(t, "wit", "\"lot_witness\"");
        put_staff(t, "boss", "\"lot_leader\",\"" ERASE_ROLE "\",\"" ROTATE_ROLE "\"");
}

/* ---- Acts ---- */

static bool act(struct scene *s, const char *what, const char *who, const char *fields)
{
        struct test_site *t = s->t;
        if (s->n_numbers == 0)
                return false;
        const char *number = s->numbers[below(s, s->n_numbers)];
        return test_do(t, str_c(t->arena, str_format(t->arena, "%s.%s", number, what)), who, fields,
                        NULL);
}

static bool do_freeze(struct scene *s)
{
        struct receipt receipt;
        if (s->n_numbers == DRAWS_MAX ||
                        !test_do(s->t, "lot_draw.freeze", "org",
                                        ANY_OF(s,
                                                        "{\"lot_name\":\"甲\",\"purpose\":\"抽奖\","
                                                        "\"scope_note\":\"乙\",\"strata\":[{\"name\":"
                                                        "\"奖\",\"count\":1}],\"entrants\":[{\"code\":"
                                                        "\"1\",\"stratum\":\"奖\"},{\"code\":\"2\","
                                                        "\"stratum\":\"奖\"}]}",
                                                        "{\"lot_name\":\"甲\",\"purpose\":\"质量抽查\","
                                                        "\"scope_note\":\"乙\",\"strata\":[{\"name\":"
                                                        "\"电\",\"ratio\":5,\"minimum\":1}],"
                                                        "\"entrants\":[{\"code\":\"3\",\"stratum\":"
                                                        "\"电\"}]}"),
                                        &receipt))
                return false;
        snprintf(s->numbers[s->n_numbers++], sizeof(s->numbers[0]), "%.*s",
                        STR_FMT(receipt.number));
        return true;
}

static bool do_announce(struct scene *s)
{
        struct test_site *t = s->t;
        char on[11];
        date_write(date_add_days(moment_date(t->now), (int)below(s, 4)), on);
        return act(s, "announce", ANY_OF(s, "org", "org", "boss"),
                        str_c(t->arena, str_format(t->arena,
                                                        "{\"draws_on\":\"%.10s\",\"sources\":"
                                                        "[{\"source\":\"彩票\",\"issue\":\"%d\","
                                                        "\"shape\":\"99\"}]}",
                                                        on, (int)below(s, 9))));
}

static bool do_attend(struct scene *s)
{
        return act(s, "attend", ANY_OF(s, "wit", "wit", "org"), NULL);
}

static bool do_draw(struct scene *s)
{
        return act(s, "draw", "org", ANY_OF(s, "{\"values\":[\"12\"]}", "{\"values\":[\"7\"]}"));
}

static bool do_void(struct scene *s)
{
        return act(s, "void", ANY_OF(s, "boss", "org"),
                        ANY_OF(s, "{\"fault\":\"当期彩票停售，没有号码\"}",
                                        "{\"fault\":\"不好\"}"));
}

static bool do_erase(struct scene *s)
{
        struct test_site *t = s->t;
        struct str also[] = { str_of(ANY_OF(s, "announcement_file", "publication_file", "fault",
                        "entrants", "witness", "values", "pool", "seed", "sources",
                        "scope_note")) };
        struct erased erased;
        if (s->n_numbers == 0)
                return false;
        struct erasure erasure = { str_of(s->numbers[below(s, s->n_numbers)]), STR_LIT("boss"),
                STR_LIT("2"), also, 1 };
        bool done = erase_matter(t->arena, t->desk, &erasure, &erased, &t->err);
        if (!done)
                return false;
        test_must(t, desk_close(&t->desk, &t->err));
        test_must(t, erasure_finish(t->site, &t->err));
        test_open_desk(t, false);
        return true;
}

static bool do_define(struct scene *s)
{
        struct str text = str_format(s->t->arena, "%.*s# %llu\n", STR_FMT(s->lots.text),
                        (unsigned long long)below(s, 1000));
        struct definition_source source = { s->lots.name, text };
        return definitions_activate(s->t->desk, &source, STR_LIT("system"), &s->t->err);
}

static bool do_other(struct scene *s)
{
        struct test_site *t = s->t;
        struct rotated rotated;
        if (below(s, 4) == 0)
                return log_rotate(t->arena, t->desk, STR_LIT("boss"), STR_LIT("定期"), &rotated,
                                &t->err);
        test_reopen(t, false);
        return true;
}

/* ---- What was told ---- */

static struct hash hash_of(struct str text)
{
        return hash_bytes(LEDGER_SHA256, text);
}

static struct told *told_of(struct scene *s, struct str number)
{
        for (size_t i = 0; i < s->n_told; i++)
                if (str_is(number, s->told[i].number))
                        return &s->told[i];
        assert_true(s->n_told < DRAWS_MAX);
        return NULL;
}

static void must_stay(
                struct hash *then, bool *was, struct str now, const char *number, const char *what)
{
        struct hash hash = hash_of(now);
        if (*was && !hash_eq(then, &hash))
                fail_msg("%s: %s is no longer what it was", number, what);
        *was = now.n > 0;
        *then = hash;
}

static void check_draw(struct scene *s, const struct draw_row *row)
{
        struct told *told = told_of(s, row->number);
        bool was_announced = told != NULL;
        if (told == NULL) {
                told = &s->told[s->n_told++];
                *told = (struct told){ .has_file = false };
                snprintf(told->number, sizeof(told->number), "%.*s", STR_FMT(row->number));
        }
        must_stay(&told->announced, &was_announced, row->announced.text, told->number,
                        "the announcement");
        must_stay(&told->file, &told->has_file, row->file.text, told->number, "the draw");
        must_stay(&told->fault, &told->has_fault, row->fault.text, told->number, "the reason");
}

/* Those that were there before are there; returns how many were announced. */
static size_t look(struct scene *s)
{
        struct arena *arena _cleanup_(arena_close) = arena_open();
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        const struct catalogue *catalogue = site_catalogue(s->t->site);
        struct date today = moment_date(s->t->now);
        const int64_t *matters;
        size_t n, n_before = s->n_told, n_seen = 0;
        test_must(s->t, snapshot_open(site_store(s->t->site), &snapshot, &s->t->err));
        test_must(s->t, draw_matters(arena, snapshot, catalogue, today, DRAWS_MAX, &matters, &n,
                                        &s->t->err));
        for (size_t i = 0; i < n; i++) {
                struct draw_row row;
                bool seen;
                test_must(s->t, draw_read(arena, snapshot, catalogue, matters[i], today, &row,
                                                &seen, &s->t->err));
                n_seen += seen;
                if (seen)
                        check_draw(s, &row);
        }
        assert_true(n_seen >= n_before);
        assert_int_equal(n_seen, s->n_told);
        return n_seen;
}

static void test_random_acts(void **state)
{
        static bool (*const kinds[])(struct scene *) = { do_freeze, do_announce, do_attend, do_draw,
                do_void, do_erase, do_define, do_other };
        static const int often[] = { 2, 8, 8, 8, 3, 9, 1, 1 };
        static struct scene scene;
        struct scene *s = &scene;
        struct draw_exported exported;
        (void)state;
        s->random = 20150729;
        set_up(s);
        struct str folder = str_format(s->t->arena, "%s/draws", s->t->dir);
        for (int i = 0; i < N_ACTS; i++) {
                size_t kind = 0;
                for (int at = (int)below(s, 40); at >= often[kind]; kind++)
                        at -= often[kind];
                s->n_done[kind] += kinds[kind](s);
                if (below(s, 3) == 0)
                        s->t->now.second += (int64_t)below(s, 3 * 86400);
                look(s);
                if (i % 25 == 0) {
                        test_must(s->t, draw_export(s->t->site, folder, moment_date(s->t->now),
                                                        &exported, &s->t->err));
                        assert_int_equal(exported.n_draws, s->n_told);
                }
        }
        for (size_t i = 0; i < N_ELEMENTS(kinds); i++)
                if (s->n_done[i] == 0)
                        fail_msg("no act of kind %zu was done", i);
        print_message("# %zu draws told, %d drawn, %d void, %d erasures\n", s->n_told, s->n_done[3],
                        s->n_done[4], s->n_done[5]);
        test_close(s->t);
}

/* The files that prove a draw are not among what can be erased besides. */
static void test_not_erased(void **state)
{
        static struct scene scene;
        struct scene *s = &scene;
        struct erased erased;
        (void)state;
        set_up(s);
        struct test_site *t = s->t;
        while (!do_freeze(s) || s->n_numbers != 1)
                continue;
        while (!do_announce(s))
                continue;
        while (!do_void(s))
                continue;
        static const char *const kept[] = { "announcement_file", "fault" };
        for (size_t i = 0; i < N_ELEMENTS(kept); i++) {
                struct str also = str_of(kept[i]);
                struct erasure erasure = { str_of(s->numbers[0]), STR_LIT("boss"), STR_LIT("2"),
                        &also, 1 };
                assert_false(erase_matter(t->arena, t->desk, &erasure, &erased, &t->err));
                assert_int_equal(t->err.code, E_ERASE_DRAW);
        }
        test_close(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_random_acts),
                cmocka_unit_test(test_not_erased),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
