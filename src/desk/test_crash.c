/* What must hold when the machine does not: kill -9, a failing disk, a full disk, a byte
 * changed behind our back. */
#include "desk/test_site.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "desk/audit.h"
#include "store/fake.h"

static bool audit_ok(struct test_site *t, struct audit *ret)
{
        return site_audit(t->site, ret, &t->err);
}

/* ---- kill -9 in mid-batch ---- */

struct piped {
        int fd;
};

static void report_number(void *user, const struct desk_answer *answer)
{
        const struct piped *piped = user;
        if (!answer->done)
                _exit(3);
        if (write(piped->fd, &answer->receipt.seq, sizeof(answer->receipt.seq)) !=
                        sizeof(answer->receipt.seq))
                _exit(4);
}

/* The child hands in acts without waiting and reports each that was acknowledged. */
static void child_works(struct test_site *t, int fd)
{
        struct piped piped = { fd };
        struct member subject = { STR_LIT("subject"), value_string(STR_LIT("甲")) };
        struct submission s = { .procedure = STR_LIT("note"),
                .act = STR_LIT("write"),
                .actor = STR_LIT("li"),
                .fields = value_context(&subject, 1) };
        test_open_desk(t, true);
        for (;;) {
                struct err err;
                if (!desk_submit_async(t->desk, &s, report_number, &piped, &err))
                        usleep(1000);
        }
}

static void test_kill_in_mid_batch(void **state)
{
        struct test_site *t = test_open(false);
        int fds[2];
        int64_t seq, n = 0, last = 0;
        (void)state;
        test_must(t, desk_close(&t->desk, &t->err));
        site_close(&t->site);
        assert_int_equal(pipe(fds), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
                if (!site_open(str_of(t->dir), &t->site, &t->err))
                        _exit(2);
                child_works(t, fds[1]);
        }
        close(fds[1]);
        while (n < 3000 && read(fds[0], &seq, sizeof(seq)) == sizeof(seq))
                n++, last = seq;
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        while (read(fds[0], &seq, sizeof(seq)) == sizeof(seq)) /* acknowledged before it died */
                n++, last = seq;
        close(fds[0]);
        assert_true(n >= 3000);

        test_must(t, site_open(str_of(t->dir), &t->site, &t->err));
        assert_true(test_count(t, Q_EVENT_COUNT) > last);
        for (int64_t id = last; id > last - 10; id--)
                assert_int_equal(test_matter(t, id)->id, id);
        test_open_desk(t, false);
        struct receipt r;
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"乙\"}", &r));
        /* One number for each event, none twice, none left out. */
        char number[64];
        snprintf(number, sizeof(number), "测函〔2021〕%lld号",
                        (long long)test_count(t, Q_MATTER_COUNT));
        assert_true(str_is(r.number, number));
        test_must(t, desk_close(&t->desk, &t->err));
        struct audit audit;
        test_must(t, audit_ok(t, &audit));
        assert_true((int64_t)audit.ledger.n_events > last);
        test_close(t);
}

/* ---- kill -9 while heads are signed: one for each event, so that it dies in the midst ---- */

static void child_signs(struct test_site *t, int fd)
{
        struct desk_options options = test_options(t, false);
        options.checkpoint_events = 1;
        if (!desk_open(t->site, &options, &t->desk, &t->err))
                _exit(2);
        for (int64_t n = 1;; n++) {
                if (!test_do(t, "note.write", "li", "{\"subject\":\"甲\"}", NULL))
                        _exit(3);
                if (write(fd, &n, sizeof(n)) != sizeof(n))
                        _exit(4);
        }
}

static void test_kill_while_signing(void **state)
{
        struct test_site *t = test_open(false);
        struct audit audit;
        uint64_t heads = 0;
        (void)state;
        for (int round = 0; round < 12; round++) {
                int fds[2];
                int64_t n = 0;
                test_must(t, desk_close(&t->desk, &t->err));
                site_close(&t->site);
                assert_int_equal(pipe(fds), 0);
                pid_t child = fork();
                assert_true(child >= 0);
                if (child == 0) {
                        if (!site_open(str_of(t->dir), &t->site, &t->err))
                                _exit(5);
                        child_signs(t, fds[1]);
                }
                close(fds[1]);
                while (n < 5 + round && read(fds[0], &n, sizeof(n)) == sizeof(n))
                        continue;
                usleep((useconds_t)(137 * round));
                kill(child, SIGKILL);
                waitpid(child, NULL, 0);
                close(fds[0]);
                assert_true(n >= 5 + round);
                /* All heads there are are heads of this log, whatever was under way. */
                test_must(t, site_open(str_of(t->dir), &t->site, &t->err));
                test_must(t, audit_ok(t, &audit));
                assert_true(audit.ledger.n_checkpoints >= heads + (uint64_t)n - 1);
                assert_true(audit.ledger.n_unsigned <= 2);
                heads = audit.ledger.n_checkpoints;
                test_open_desk(t, false);
                test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"乙\"}", NULL));
        }
        test_close(t);
}

/* What a killed one left unsigned is signed by the next, though nobody acts there. */
static void test_left_unsigned(void **state)
{
        struct test_site *t = test_open(false);
        struct audit audit = { .ledger = { .n_unsigned = 1 } };
        (void)state;
        test_must(t, desk_close(&t->desk, &t->err));
        site_close(&t->site);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
                if (!site_open(str_of(t->dir), &t->site, &t->err))
                        _exit(5);
                test_open_desk(t, false);
                for (int i = 0; i < 2; i++) /* its first turn is signed */
                        if (!test_do(t, "note.write", "li", "{\"subject\":\"甲\"}", NULL))
                                _exit(3);
                kill(getpid(), SIGKILL);
        }
        waitpid(child, NULL, 0);
        test_must(t, site_open(str_of(t->dir), &t->site, &t->err));
        test_must(t, audit_ok(t, &audit));
        assert_true(audit.ledger.n_unsigned > 0);
        test_open_desk(t, true);
        for (int i = 0; i < 1000 && audit.ledger.n_unsigned > 0; i++) {
                usleep(20000);
                test_must(t, audit_ok(t, &audit));
        }
        assert_int_equal(audit.ledger.n_unsigned, 0);
        test_close(t);
}

/* ---- A step of the store that fails ---- */

/* A site in memory over a store that fails when told to. */
static struct test_site *open_over_fake(struct store **ret_fake)
{
        struct test_site *t = calloc(1, sizeof(*t));
        struct site_config config = test_config();
        static struct catalogue catalogue;
        const struct calendar_set *calendars;
        struct str problems;
        assert_non_null(t);
        t->arena = arena_open();
        t->now = test_moment("2021-03-01 09:00");
        t->data = test_data();
        test_must(t, catalogue_load(t->arena, t->data.definitions, t->data.n_definitions,
                                     &catalogue, &problems, &t->err) &&
                                        calendar_set_new(t->arena, t->data.calendars,
                                                        t->data.n_calendars, &calendars, &t->err));
        test_must(t, site_open_memory(&config, &catalogue, calendars, &t->site, &t->err));
        test_must(t, fake_open(&t->site->store, ret_fake, &t->err));
        t->site->store = *ret_fake;
        return t;
}

/* In memory, over a store that fails at its n-th step. The same acts, until all are done; how
 * often one failed. With `conflict`, statements that nobody waits for are refused late. */
static size_t play_with_fault(int64_t at, bool conflict, int64_t *ret_steps)
{
        static const char *const plan[][4] = {
                { "note.write", "li", "{\"subject\":\"甲\"}", "测函〔2021〕1号" },
                { "测函〔2021〕1号.ask", "li", NULL, "测函〔2021〕1号" },
                { "note.write", "applicant", "{\"subject\":\"乙\"}", "测函〔2021〕2号" },
                { "测函〔2021〕2号.sign", "wang", "{\"copies\":2}", "测函〔2021〕2号" },
                { "测抄〔2021〕2号.file", "li", NULL, "测抄〔2021〕2号" },
                { "note.write", "li", "{\"subject\":\"丙\"}", "测函〔2021〕3号" },
        };
        struct store *fake = NULL;
        struct test_site *t = open_over_fake(&fake);
        test_open_desk(t, false);
        test_people(t);
        int64_t before = test_count(t, Q_EVENT_COUNT);
        size_t n_failed = 0;
        fake_fail_at(fake, at);
        fake_conflict(fake, conflict);
        for (size_t i = 0; i < N_ELEMENTS(plan); i++) {
                struct submission s = test_act(t, plan[i][0], plan[i][1], plan[i][2]);
                struct receipt r = { 0 };
                char key[8];
                snprintf(key, sizeof(key), "k%zu", i);
                s.key = str_of(key);
                int tries = 0;
                while (!desk_submit(t->arena, t->desk, &s, &r, &t->err)) {
                        if (t->err.code != E_STORE_IO)
                                fail_msg("step %lld: %s %s", (long long)at,
                                                err_text(t->err.code)->name, t->err.detail);
                        assert_true(++tries < 3);
                }
                n_failed += (size_t)tries;
                if (!str_is(r.number, plan[i][3]))
                        fail_msg("fault at step %lld: act %zu got number %.*s", (long long)at, i,
                                        STR_FMT(r.number));
        }
        *ret_steps = fake_steps(fake);
        fake_fail_at(fake, 0);
        /* 6 acts, 2 copies made, 1 note closed by its copy: no more, no less. */
        assert_int_equal(test_count(t, Q_EVENT_COUNT), before + 9);
        struct err err;
        struct audit audit;
        test_must(t, desk_close(&t->desk, &t->err));
        if (!site_audit(t->site, &audit, &err))
                fail_msg("fault at step %lld: %s %s", (long long)at, err_text(err.code)->name,
                                err.detail);
        site_close(&t->site);
        arena_close(&t->arena);
        free(t);
        return n_failed;
}

static void test_every_step_of_the_store_may_fail(void **state)
{
        int64_t steps = 0, ignored;
        (void)state;
        assert_int_equal(play_with_fault(0, false, &steps), 0);
        assert_true(steps > 70);
        for (int64_t at = 1; at <= steps; at += 1 + at / 60)
                play_with_fault(at, false, &ignored);
}

/* A row that was only handed over is refused, and somebody else's call is told: the turn is
 * done again carefully, and nobody notices. */
static void test_a_row_is_refused_late(void **state)
{
        int64_t steps = 0, ignored;
        size_t unnoticed = 0;
        (void)state;
        play_with_fault(0, true, &steps);
        for (int64_t at = 1; at <= steps; at += 1 + at / 60)
                unnoticed += play_with_fault(at, true, &ignored) == 0;
        assert_true(unnoticed > 30);
}

/* The disk fails when the acts are committed and only it is waited for: nobody may be told that
 * they are done, and nothing is built on what may be lost. */
static void test_a_flush_fails(void **state)
{
        struct store *fake = NULL;
        struct test_site *t = open_over_fake(&fake);
        struct receipt r;
        int64_t at = 0;
        (void)state;
        test_open_desk(t, true);
        test_people(t);
        struct submission s = test_act(t, "note.write", "li", "{\"subject\":\"甲\"}");
        for (size_t i = 0; i < 3; i++) { /* the later ones are alike */
                s.key = str_format(t->arena, "k%zu", i);
                fake_fail_at(fake, 0);
                test_must(t, desk_submit(t->arena, t->desk, &s, &r, &t->err));
        }
        at = fake_steps(fake); /* the last of them is the flush: so it is of the next like it */
        s.key = STR_LIT("l");
        fake_fail_at(fake, at);
        assert_false(desk_submit(t->arena, t->desk, &s, &r, &t->err));
        assert_int_equal(t->err.code, E_STORE_IO);
        fake_fail_at(fake, 0);
        int64_t events = test_count(t, Q_EVENT_COUNT);
        assert_false(desk_submit(t->arena, t->desk, &s, &r, &t->err));
        assert_int_equal(t->err.code, E_STORE_IO);
        assert_int_equal(test_count(t, Q_EVENT_COUNT), events);
        test_must(t, desk_close(&t->desk, &t->err)); /* without signing a head over it */
        site_close(&t->site);
        arena_close(&t->arena);
        free(t);
}

/* ---- A full disk ---- */

static void child_fills_disk(struct test_site *t, int fd)
{
        struct rlimit limit = { 1 << 20, 1 << 20 }; /* of each file */
        char text[2000];
        memset(text, 'x', sizeof(text));
        struct member members[] = {
                { STR_LIT("amount"), value_int(1) },
                { STR_LIT("subject"), value_string((struct str){ text, 90 }) },
        };
        struct submission s = { .procedure = STR_LIT("note"),
                .act = STR_LIT("write"),
                .actor = STR_LIT("li"),
                .fields = value_context(members, 2) };
        signal(SIGXFSZ, SIG_IGN);
        if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
                _exit(5);
        test_open_desk(t, true);
        for (;;) {
                struct arena *arena = arena_open();
                struct receipt r;
                struct err err;
                bool ok = desk_submit(arena, t->desk, &s, &r, &err);
                arena_close(&arena);
                if (!ok) /* 7: refused as it should be */
                        _exit(err.code == E_STORE_IO || err.code == E_STORE_FULL ? 7 : 8);
                if (write(fd, &r.seq, sizeof(r.seq)) != sizeof(r.seq))
                        _exit(4);
        }
}

static void test_a_full_disk(void **state)
{
        test_needs_file();
        struct test_site *t = test_open(false);
        int fds[2], status;
        int64_t seq, last = 0;
        (void)state;
        test_must(t, desk_close(&t->desk, &t->err));
        site_close(&t->site);
        assert_int_equal(pipe(fds), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
                if (!site_open(str_of(t->dir), &t->site, &t->err))
                        _exit(2);
                child_fills_disk(t, fds[1]);
        }
        close(fds[1]);
        while (read(fds[0], &seq, sizeof(seq)) == sizeof(seq))
                last = seq;
        close(fds[0]);
        waitpid(child, &status, 0);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 7);
        /* The disk has room again: everything acknowledged is there, and work goes on. */
        test_must(t, site_open(str_of(t->dir), &t->site, &t->err));
        test_open_desk(t, false);
        assert_true(last > 0);
        assert_int_equal(test_matter(t, last)->id, last);
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"乙\"}", NULL));
        test_must(t, desk_close(&t->desk, &t->err));
        struct audit audit;
        test_must(t, audit_ok(t, &audit));
        test_close(t);
}

/* ---- A ledger that somebody has changed ---- */

static void test_nothing_is_not_verified(void **state)
{
        struct site_config config = test_config();
        struct catalogue catalogue = { 0 };
        struct calendar_file file = { STR_LIT("2021"), str_of(test_2021) };
        struct test_site t = { .arena = arena_open() };
        const struct calendar_set *calendars;
        struct audit audit;
        (void)state;
        test_must(&t, calendar_set_new(t.arena, &file, 1, &calendars, &t.err));
        test_must(&t, site_open_memory(&config, &catalogue, calendars, &t.site, &t.err));
        assert_false(site_audit(t.site, &audit, &t.err));
        assert_int_equal(t.err.code, E_VERIFY_NOTHING);
        site_close(&t.site);
        arena_close(&t.arena);
}

static struct str slurp(struct test_site *t, const char *path)
{
        FILE *file = fopen(path, "rb");
        assert_non_null(file);
        struct buf buf = BUF(t->arena);
        char piece[4096];
        size_t n;
        while ((n = fread(piece, 1, sizeof(piece), file)) > 0)
                buf_add(&buf, piece, n);
        fclose(file);
        return buf_str(&buf);
}

static void spit(const char *path, struct str text)
{
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(text.p, 1, text.n, file), text.n);
        fclose(file);
}

/* Does opening or verifying this file find something? Also a site that will not open is
 * found out. */
static bool is_found(struct test_site *t)
{
        struct audit audit;
        struct err err;
        struct site *site = NULL;
        bool holds = site_open(str_of(t->dir), &site, &err) && site_audit(site, &audit, &err) &&
                     store_check(site_store(site), &err);
        site_close(&site);
        return !holds;
}

/* Where each event stands in the file: its leaf, then the values, the secret, the key. */
struct span {
        struct str leaf;
        size_t n;
};

static size_t find_spans(struct test_site *t, struct span *spans, size_t max)
{
        struct snapshot *snapshot = NULL;
        struct rows rows = { 0 };
        size_t n = 0;
        test_must(t, snapshot_open(site_store(t->site), &snapshot, &t->err));
        test_must(t, snapshot_rows(snapshot, Q_EVENTS_FROM,
                                     PARAMS(param_int(0), param_int(1 << 20), param_int(1000)),
                                     &rows, &t->err));
        while (rows_next(&rows) && n < max) {
                struct str leaf = str_copy(t->arena, rows_blob(&rows, 3));
                size_t rest = rows_text(&rows, 4).n + rows_blob(&rows, 5).n + rows_text(&rows, 6).n;
                /* What does not fit on a page goes on elsewhere in the file. */
                spans[n++] = (struct span){ leaf, leaf.n + rest < 1000 ? leaf.n + rest : leaf.n };
        }
        test_must(t, rows_end(&rows, &t->err));
        snapshot_close(&snapshot);
        return n;
}

/* One bit turned over, at every 23rd byte of every event, beginning anew in each; with
 * PLUMBLINE_LONG=1 at every byte. */
static void test_one_byte_changed(void **state)
{
        test_needs_file();
        struct test_site *t = test_open(false);
        struct submission s = test_act(t, "note.write", "li", "{\"subject\":\"甲乙丙丁\"}");
        struct span spans[32];
        char path[128];
        (void)state;
        s.key = STR_LIT("schluessel-1");
        test_must(t, desk_submit(t->arena, t->desk, &s, &(struct receipt){ 0 }, &t->err));
        test_must(t, test_do(t, "测函〔2021〕1号.change", "li", "{\"amount\":\"12.5\"}", NULL));
        test_must(t, desk_close(&t->desk, &t->err));
        size_t n = find_spans(t, spans, N_ELEMENTS(spans)), n_flipped = 0;
        size_t step = getenv("PLUMBLINE_LONG") != NULL ? 1 : 23;
        site_close(&t->site);
        snprintf(path, sizeof(path), "%s/plumbline.db", t->dir);
        struct str file = slurp(t, path);
        char *bytes = (char *)file.p;
        assert_false(is_found(t));
        for (size_t i = 0; i < n; i++) {
                size_t at = str_find(file, spans[i].leaf);
                assert_true(at != SIZE_MAX);
                for (size_t k = i % step; k < spans[i].n; k += step, n_flipped++) {
                        bytes[at + k] ^= 0x10;
                        spit(path, file);
                        if (!is_found(t))
                                fail_msg("byte %zu of event %zu", k, i);
                        bytes[at + k] ^= 0x10;
                }
        }
        assert_true(n_flipped > 100);
        print_message("# %zu flipped bytes found in %zu events\n", n_flipped, n);
        spit(path, file);
        assert_false(is_found(t));
        test_close(t);
}

/* The columns beside the leaf, and the tables of the ledger. */
static void test_rows_changed(void **state)
{
        static const struct {
                const char *why;
                enum query query;
                int64_t a, b;
        } rows[] = {
                { "the head says more events than there are", Q_LEDGER_SET, 0, 99 },
        };
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct test_site *t = test_open(false);
                struct tx *tx = NULL;
                struct audit audit;
                test_must(t, desk_close(&t->desk, &t->err));
                test_must(t, audit_ok(t, &audit));
                test_must(t, store_begin(site_store(t->site), &tx, &t->err));
                test_must(t, tx_run(tx, rows[i].query,
                                             PARAMS(param_int(rows[i].a), param_int(rows[i].b),
                                                             param_blob(STR_LIT("xxxxxxxx"))),
                                             &t->err));
                test_must(t, tx_commit(&tx, &t->err));
                assert_false(audit_ok(t, &audit));
                assert_int_equal(t->err.code, E_AUDIT);
                test_close(t);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_kill_in_mid_batch),
                cmocka_unit_test(test_kill_while_signing),
                cmocka_unit_test(test_left_unsigned),
                cmocka_unit_test(test_every_step_of_the_store_may_fail),
                cmocka_unit_test(test_a_row_is_refused_late),
                cmocka_unit_test(test_a_flush_fails),
                cmocka_unit_test(test_a_full_disk),
                cmocka_unit_test(test_nothing_is_not_verified),
                cmocka_unit_test(test_one_byte_changed),
                cmocka_unit_test(test_rows_changed),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
