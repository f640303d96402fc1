/* Acts from files; and the Merkle tree's tiles, which a large file fills. */
#include "desk/test_site.h"

#include <string.h>

#include "desk/audit.h"
#include "desk/history.h"
#include "desk/import.h"
#include "desk/paper.h"
#include "desk/tree.h"
#include "projection/matter_read.h"
#include "store/ids.h"

#define WRITE                                                                                      \
        "{\"procedure\":\"note\",\"act\":\"write\",\"by\":\"li\","                                 \
        "\"fields\":{\"subject\":\"甲\"}}\n"

struct told {
        int lines[64];
        enum err_code codes[64];
        size_t n_refused;
};

static void tell(void *user, const struct import_line *line)
{
        struct told *told = user;
        if (line->ok || told->n_refused == N_ELEMENTS(told->lines))
                return;
        told->lines[told->n_refused] = line->line;
        told->codes[told->n_refused++] = line->err.code;
}

static void test_json_lines(void **state)
{
        static const char text[] =
                        "# 便函\n"
                        "{\"procedure\":\"note\",\"act\":\"write\",\"by\":\"li\",\"as\":\"A\","
                        "\"fields\":{\"subject\":\"甲\"}}\n"
                        "\n"
                        "{\"on\":\"A\",\"act\":\"ask\",\"by\":\"li\",\"key\":\"k1\"}\r\n"
                        "{\"procedure\":\"note\",\"act\":\"write\",\"party\":\"applicant\",\"unit\":\"b\","
                        "\"fields\":{\"subject\":\"乙\"}}\n"
                        "{\"matter\":\"测函〔2021〕2号\",\"act\":\"change\",\"by\":\"li\","
                        "\"fields\":{\"amount\":1}}\n"
                        "{\"register\":\"units\",\"act\":\"put\",\"system\":true,"
                        "\"fields\":{\"id\":\"c\",\"name\":\"丙\"}}\n";
        struct test_site *t = test_open(true);
        struct import_result result;
        struct told told = { 0 };
        (void)state;
        test_must(t, import_acts(t->arena, t->desk, str_of(text), false, tell, &told, &result,
                                     &t->err));
        assert_int_equal(result.n_done, 5);
        assert_int_equal(result.n_refused, 0);
        test_close(t);
}

/* A simulation's desk takes the time of each line: terms run from it. */
static void test_times_of_a_simulation(void **state)
{
        static const char text[] =
                        "{\"procedure\":\"note\",\"act\":\"write\",\"by\":\"li\",\"as\":\"A\","
                        "\"time\":\"2021-03-02 09:00\",\"fields\":{\"subject\":\"甲\"}}\n"
                        "{\"on\":\"A\",\"act\":\"ask\",\"by\":\"li\",\"time\":\"2021-03-09 16:00\"}\n";
        struct test_site *t = test_open(false);
        struct desk_options options = test_options(t, false);
        struct import_result result;
        struct told told = { 0 };
        struct snapshot *snapshot = NULL;
        struct matter *matter;
        (void)state;
        test_must(t, desk_close(&t->desk, &t->err));
        options.times_given = true;
        test_must(t, desk_open(t->site, &options, &t->desk, &t->err));
        test_must(t, import_acts(t->arena, t->desk, str_of(text), false, tell, &told, &result,
                                     &t->err));
        assert_int_equal(result.n_done, 2);
        test_must(t, snapshot_open(site_store(t->site), &snapshot, &t->err));
        test_must(t, matter_read_by_number(t->arena, snapshot, site_catalogue(t->site),
                                     STR_LIT("测函〔2021〕1号"), &matter, &t->err));
        assert_int_equal(matter->created.second, test_moment("2021-03-02 09:00").second);
        assert_int_equal(matter->clocks[0].started.second, test_moment("2021-03-09 16:00").second);
        snapshot_close(&snapshot);
        test_close(t);
}

static void test_lines_that_are_refused(void **state)
{
        static const struct {
                const char *line;
                enum err_code code;
        } rows[] = {
                { "{", E_JSON },
                { "[1]", E_IMPORT_LINE },
                { "{\"act\":\"write\",\"by\":\"li\"}", E_DESK_SHAPE },
                { "{\"procedure\":\"note\",\"act\":\"write\"}", E_IMPORT_LINE },
                { "{\"procedure\":\"note\",\"act\":\"write\",\"by\":\"li\",\"party\":\"applicant\"}",
                                E_IMPORT_LINE },
                { "{\"procedure\":\"note\",\"act\":\"write\",\"by\":\"li\",\"colour\":\"x\"}",
                                E_IMPORT_LINE },
                { "{\"procedure\":\"note\",\"act\":7,\"by\":\"li\"}", E_IMPORT_LINE },
                { "{\"on\":\"nobody\",\"act\":\"ask\",\"by\":\"li\"}", E_DESK_REFERENCE },
                { "{\"procedure\":\"note\",\"act\":\"write\",\"by\":\"li\",\"as\":\"B\"}",
                                E_FIELD_MISSING },
                { "{\"on\":\"B\",\"act\":\"ask\",\"by\":\"li\"}", E_DESK_REFERENCE },
                { "{\"procedure\":\"note\",\"act\":\"write\",\"by\":\"li\",\"time\":\"x\"}",
                                E_MOMENT },
                { "{\"procedure\":\"note\",\"act\":\"write\",\"by\":\"li\","
                  "\"time\":\"2021-02-01 09:00\",\"fields\":{\"subject\":\"x\"}}",
                                E_IMPORT_LINE }, /* it would be recorded now */
                { "{\"procedure\":\"note\",\"act\":\"write\",\"by\":\"nobody\"}", E_DESK_ACTOR },
        };
        struct test_site *t = test_open(false);
        struct buf text = BUF(t->arena);
        struct import_result result;
        struct told told = { 0 };
        (void)state;
        buf_c(&text, WRITE);
        for (size_t i = 0; i < N_ELEMENTS(rows); i++)
                buf_format(&text, "%s\n", rows[i].line);
        test_must(t, import_acts(t->arena, t->desk, buf_str(&text), false, tell, &told, &result,
                                     &t->err));
        assert_int_equal(result.n_done, 1);
        assert_int_equal(result.n_refused, N_ELEMENTS(rows));
        /* Lines that cannot be read are told before their chunk is done; each by its number. */
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                size_t k = 0;
                while (k < told.n_refused && told.lines[k] != (int)i + 2)
                        k++;
                assert_true(k < told.n_refused);
                if (told.codes[k] != rows[i].code)
                        fail_msg("%s: %s", rows[i].line, err_text(told.codes[k])->name);
        }
        test_close(t);
}

static void test_tsv(void **state)
{
        static const char text[] = "procedure\tact\tby\tfields.subject\tfields.amount\tkey\n"
                                   "note\twrite\tli\t甲\t12.50\tk1\n"
                                   "note\twrite\tli\t乙\t\tk2\n"
                                   "note\twrite\tli\t丙\tmuch\tk3\n"
                                   "note\twrite\tli\t丁\t1\tk4\ttoo many\n";
        struct test_site *t = test_open(false);
        struct import_result result;
        struct told told = { 0 };
        (void)state;
        int64_t before = test_count(t, Q_EVENT_COUNT);
        test_must(t, import_acts(t->arena, t->desk, str_of(text), true, tell, &told, &result,
                                     &t->err));
        assert_int_equal(result.n_done, 2);
        assert_int_equal(test_count(t, Q_EVENT_COUNT), before); /* a dry run leaves nothing */
        test_must(t, import_acts(t->arena, t->desk, str_of(text), false, tell, &told, &result,
                                     &t->err));
        assert_int_equal(result.n_refused, 2);
        assert_int_equal(test_count(t, Q_EVENT_COUNT), before + 2);
        /* The same file again does nothing twice. */
        test_must(t, import_acts(t->arena, t->desk, str_of(text), false, tell, &told, &result,
                                     &t->err));
        assert_int_equal(result.n_done, 2);
        assert_int_equal(test_count(t, Q_EVENT_COUNT), before + 2);
        test_close(t);
}

static void test_no_text(void **state)
{
        struct test_site *t = test_open(false);
        struct import_result result;
        (void)state;
        assert_false(import_acts(t->arena, t->desk, STR_LIT("\xff\xfe"), false, NULL, NULL, &result,
                        &t->err));
        assert_int_equal(t->err.code, E_UTF8);
        test_close(t);
}

/* ---- The tree ---- */

#define MANY 1500 /* five tiles and a bit */

/* Every leaf can be proven against the head, from tiles and from the events behind them; also
 * by a writer that did not see the beginning of its tile. */
static void test_tiles_and_proofs(void **state)
{
        struct test_site *t = test_open(false);
        struct buf text = BUF(t->arena);
        struct import_result result;
        (void)state;
        for (int i = 0; i < MANY / 2; i++)
                buf_c(&text, WRITE);
        test_must(t, import_acts(t->arena, t->desk, buf_str(&text), false, NULL, NULL, &result,
                                     &t->err));
        test_reopen(t, false);
        test_must(t, import_acts(t->arena, t->desk, buf_str(&text), false, NULL, NULL, &result,
                                     &t->err));
        assert_int_equal(result.n_done, MANY / 2);
        struct snapshot *snapshot = NULL;
        struct tree *tree = arena_new(t->arena, struct tree);
        uint64_t size = (uint64_t)test_count(t, Q_EVENT_COUNT);
        test_must(t, snapshot_open(site_store(t->site), &snapshot, &t->err));
        tree_init(tree, snapshot, LEDGER_SHA256, size);
        struct merkle_source source = tree_source(tree);
        struct hash root;
        test_must(t, merkle_root_at(&source, size, &root, &t->err));
        for (uint64_t i = 0; i < size; i += 97) {
                struct merkle_proof proof;
                struct past_event event;
                int64_t matter;
                test_must(t, history_event(t->arena, snapshot, id_of(0, (int64_t)i), &event,
                                             &matter, &t->err));
                struct hash leaf = merkle_leaf(LEDGER_SHA256, event.leaf_bytes);
                test_must(t, merkle_prove_inclusion(&source, i, size, &proof, &t->err));
                test_must(t, merkle_verify_inclusion(LEDGER_SHA256, i, size, &leaf, proof.hashes,
                                             proof.n, &root, &t->err));
        }
        struct str tile;
        test_must(t, tree_tile(t->arena, tree, 0, 0, 256, &tile, &t->err));
        assert_int_equal(tile.n, 256 * HASH_BYTES);
        test_must(t, tree_tile(t->arena, tree, 1, 0, (unsigned)(size / 256), &tile, &t->err));
        assert_int_equal(tile.n, size / 256 * HASH_BYTES);
        assert_false(tree_tile(t->arena, tree, 1, 0, 256, &tile, &t->err));
        assert_int_equal(t->err.code, E_NOT_FOUND);
        snapshot_close(&snapshot);
        struct audit audit;
        test_must(t, desk_close(&t->desk, &t->err));
        test_must(t, site_audit(t->site, &audit, &t->err));
        assert_int_equal(audit.n_tiles, size / 256);
        test_close(t);
}

static void put_tile(struct test_site *t, int level, struct str hashes)
{
        struct tx *tx = NULL;
        test_must(t, store_begin(site_store(t->site), &tx, &t->err));
        test_must(t, tx_run(tx, Q_TILE_CUT, PARAMS(param_int(0), param_int(level), param_int(0)),
                                     &t->err));
        if (hashes.n > 0)
                test_must(t, tx_run(tx, Q_TILE_PUT,
                                             PARAMS(param_int(0), param_int(level), param_int(0),
                                                             param_blob(hashes)),
                                             &t->err));
        test_must(t, tx_commit(&tx, &t->err));
}

/* A tile that is not full is checked as well; that it is missing is how older sites are. */
static void test_unfinished_tiles_are_checked(void **state)
{
        struct test_site *t = test_open(false);
        struct buf text = BUF(t->arena);
        struct import_result result;
        struct audit audit;
        struct hash wrong = { .b = { 1 } };
        (void)state;
        for (int i = 0; i < 300; i++)
                buf_c(&text, WRITE);
        test_must(t, import_acts(t->arena, t->desk, buf_str(&text), false, NULL, NULL, &result,
                                     &t->err));
        test_must(t, desk_close(&t->desk, &t->err));
        test_must(t, site_audit(t->site, &audit, &t->err));
        put_tile(t, 1, (struct str){ (const char *)wrong.b, HASH_BYTES });
        assert_false(site_audit(t->site, &audit, &t->err));
        assert_int_equal(t->err.code, E_AUDIT);
        put_tile(t, 1, (struct str){ (const char *)wrong.b, 7 });
        assert_false(site_audit(t->site, &audit, &t->err));
        put_tile(t, 1, STR_LIT(""));
        test_must(t, site_audit(t->site, &audit, &t->err));
        put_tile(t, 2, (struct str){ (const char *)wrong.b, HASH_BYTES });
        assert_false(site_audit(t->site, &audit, &t->err));
        put_tile(t, 2, STR_LIT(""));
        test_close(t);
}

/* ---- Papers and clocks as text ---- */

static void test_a_document_says_what_it_said(void **state)
{
        struct test_site *t = test_open(false);
        struct receipt r;
        struct derivation derivation;
        (void)state;
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"甲\"}", &r));
        test_must(t, test_do(t, "测函〔2021〕1号.change", "li", "{\"subject\":\"乙\"}", &r));
        struct matter *now = test_matter(t, r.matter), *then;
        struct snapshot *snapshot = NULL;
        test_must(t, snapshot_open(site_store(t->site), &snapshot, &t->err));
        test_must(t, history_matter_at(t->arena, snapshot, now->version, now->id,
                                     now->documents[0].seq, &then, &t->err));
        assert_true(str_is(then->fields[0].string, "甲") && str_is(now->fields[0].string, "乙"));
        assert_false(history_matter_at(
                        t->arena, snapshot, now->version, now->id, now->id - 1, &then, &t->err));
        assert_int_equal(t->err.code, E_NOT_FOUND);
        snapshot_close(&snapshot);
        const struct calendar *calendar = calendar_latest(site_calendars(t->site));
        assert_false(paper_derivation(
                        t->arena, now, 0, calendar, moment_date(t->now), &derivation, &t->err));
        assert_int_equal(t->err.code, E_CLOCK_IDLE);
        test_close(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_json_lines),
                cmocka_unit_test(test_lines_that_are_refused),
                cmocka_unit_test(test_times_of_a_simulation),
                cmocka_unit_test(test_tsv),
                cmocka_unit_test(test_no_text),
                cmocka_unit_test(test_tiles_and_proofs),
                cmocka_unit_test(test_unfinished_tiles_are_checked),
                cmocka_unit_test(test_a_document_says_what_it_said),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
