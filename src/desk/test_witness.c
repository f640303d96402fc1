/* Witnesses: two views of one log cannot both be cosigned, and who demands cosignatures
 * finds out. */
#include "desk/test_site.h"

#include <string.h>

#include "desk/files.h"
#include "desk/log_export.h"
#include "desk/witness.h"

#define N_WITNESSES 3

struct scene {
        struct test_site *t;
        struct note_key keys[N_WITNESSES]; /* of the witnesses */
};

static struct str in(struct scene *s, const char *name)
{
        return str_format(s->t->arena, "%s/%s", s->t->dir, name);
}

static void run(struct scene *s, const char *command)
{
        assert_int_equal(system(str_c(s->t->arena, str_format(s->t->arena, "cd %s && { %s; }",
                                                                   s->t->dir, command))),
                        0);
}

static void write_notes(struct test_site *t, int n, const char *subject)
{
        for (int i = 0; i < n; i++)
                test_must(t, test_do(t, "note.write", "li",
                                             str_c(t->arena, str_format(t->arena,
                                                                             "{\"subject\":\"%s\"}",
                                                                             subject)),
                                             NULL));
}

/* Writes events and publishes the log as `name`. */
static void publish(struct scene *s, int n, const char *subject, const char *name)
{
        struct test_site *t = s->t;
        struct log_exported done;
        write_notes(t, n, subject);
        test_must(t, desk_close(&t->desk, &t->err));
        test_must(t, log_export(t->site, in(s, name), false, &done, &t->err));
        test_open_desk(t, false);
}

static void set_up(struct scene *s)
{
        static const char *const names[N_WITNESSES] = { "w0", "w1", "w2" };
        s->t = test_open(false);
        for (size_t i = 0; i < N_WITNESSES; i++)
                test_must(s->t, witness_init(s->t->arena, in(s, names[i]), str_of(names[i]),
                                                &s->keys[i], &s->t->err));
}

static struct log_check check_of(struct scene *s)
{
        return (struct log_check){
                .algorithm = LEDGER_SHA256, .keys = site_key(s->t->site), .n_keys = 1
        };
}

static bool cosign(struct scene *s, const char *witness, const char *log, struct witnessed *ret)
{
        struct log_check check = check_of(s);
        return witness_cosign(s->t->arena, in(s, witness), in(s, log), &check, s->t->now, ret,
                        &s->t->err);
}

static bool holds(struct scene *s, const char *log, size_t require)
{
        struct log_check check = check_of(s);
        struct log_checked found;
        check.witnesses = s->keys;
        check.n_witnesses = N_WITNESSES;
        check.require = require;
        return log_check(s->t->arena, in(s, log), &check, &found, &s->t->err);
}

/* Sets the site back to the copy made by "cp -a site-files old". */
static void set_back(struct scene *s)
{
        struct test_site *t = s->t;
        test_must(t, desk_close(&t->desk, &t->err));
        site_close(&t->site);
        run(s, "rm -f plumbline.db-wal plumbline.db-shm; cp old.db plumbline.db");
        test_must(t, site_open(str_of(t->dir), &t->site, &t->err));
        test_open_desk(t, false);
}

static void keep_copy(struct scene *s)
{
        struct test_site *t = s->t;
        test_must(t, desk_close(&t->desk, &t->err));
        test_must(t, store_backup(site_store(t->site), str_c(t->arena, in(s, "old.db")), NULL, NULL,
                                     &t->err));
        test_open_desk(t, false);
}

static void test_two_views_of_one_log(void **state)
{
        struct scene s;
        struct witnessed first, next;
        (void)state;
        set_up(&s);
        struct test_site *t = s.t;
        publish(&s, 5, "甲", "one");
        test_must(t, cosign(&s, "w0", "one", &first));
        assert_int_equal(first.before, 0);
        test_must(t, witness_add(t->arena, in(&s, "one"), &first, &t->err));
        assert_true(holds(&s, "one", 1));
        keep_copy(&s);
        run(&s, "cp -a one other; cp -a one same; cp -a one behind");

        /* The log goes on, and its witness with it. */
        publish(&s, 300, "乙", "one");
        test_must(t, cosign(&s, "w0", "one", &next));
        assert_int_equal(next.before, first.head.size);
        test_must(t, witness_add(t->arena, in(&s, "one"), &next, &t->err));
        assert_true(holds(&s, "one", 1));

        /* Somebody else is shown another log with the same name and key: longer, as long,
         * shorter. The witness cosigns none of them. */
        set_back(&s);
        publish(&s, 400, "丙", "other");
        assert_false(cosign(&s, "w0", "other", &first));
        assert_int_equal(t->err.code, E_LOG_SPLIT);
        assert_false(holds(&s, "other", 1));
        assert_int_equal(t->err.code, E_LOG_WITNESS);
        assert_true(holds(&s, "other", 0)); /* by itself it looks sound */

        set_back(&s);
        publish(&s, 300, "丁", "same");
        assert_false(cosign(&s, "w0", "same", &first));
        assert_int_equal(t->err.code, E_LOG_SPLIT);

        assert_false(cosign(&s, "w0", "behind", &first));
        assert_int_equal(t->err.code, E_LOG_BEHIND);

        /* Both heads, signed by the log, are the evidence; and the refusals left no trace on
         * what the witness holds for true. */
        run(&s, "cmp w0/*.refused same/checkpoint && head -3 w0/*.checkpoint > a && "
                "head -3 one/checkpoint | cmp - a");
        test_must(t, cosign(&s, "w0", "one", &next));
        assert_int_equal(next.before, next.head.size);
        test_close(t);
}

static void test_k_of_n(void **state)
{
        static const char *const names[N_WITNESSES] = { "w0", "w1", "w2" };
        struct scene s;
        struct witnessed done;
        (void)state;
        set_up(&s);
        struct test_site *t = s.t;
        publish(&s, 5, "甲", "one");
        for (size_t i = 0; i < 2; i++) {
                assert_true(holds(&s, "one", i));
                assert_false(holds(&s, "one", i + 1));
                assert_int_equal(t->err.code, E_LOG_WITNESS);
                for (int again = 0; again < 2; again++) { /* twice by the same is once */
                        t->now.second++;
                        test_must(t, cosign(&s, names[i], "one", &done));
                        test_must(t, witness_add(t->arena, in(&s, "one"), &done, &t->err));
                }
        }
        assert_true(holds(&s, "one", 2));
        assert_false(holds(&s, "one", 3));
        run(&s, "test $(grep -c '^\xe2\x80\x94' one/checkpoint) = 3");

        /* One witness under two names counts once. */
        struct note_key keys[2] = { s.keys[0], s.keys[0] };
        size_t n;
        test_must(t, note_count(t->arena, done.note, keys, 2, &n, &t->err));
        assert_int_equal(n, 1);

        /* A witness does not speak for the log. */
        struct log_check check = check_of(&s);
        struct log_checked found;
        check.keys = s.keys;
        assert_false(log_check(t->arena, in(&s, "one"), &check, &found, &t->err));
        assert_int_equal(t->err.code, E_NOTE_KEY);

        /* The log moved on while the witness looked. */
        publish(&s, 1, "乙", "one");
        assert_false(witness_add(t->arena, in(&s, "one"), &done, &t->err));
        assert_int_equal(t->err.code, E_LOG_MOVED);

        run(&s, "sed -i 's/^plumbline-witness/x/' w2/witness.key");
        assert_false(cosign(&s, "w2", "one", &done));
        assert_int_equal(t->err.code, E_SITE_KEY);
        test_close(t);
}

static void test_a_wrong_cosignature_refuses_the_log(void **state)
{
        struct scene s;
        struct witnessed done;
        (void)state;
        set_up(&s);
        struct test_site *t = s.t;
        publish(&s, 5, "甲", "one");
        test_must(t, cosign(&s, "w0", "one", &done));
        size_t space = done.line.n - 1;
        while (done.line.p[space - 1] != ' ')
                space--;
        size_t wrong = 0;
        for (size_t at = space + 8; at < done.line.n - 2; at += 7) {
                struct witnessed forged = done;
                char *line = (char *)str_c(t->arena, done.line);
                line[at] = line[at] == 'A' ? 'B' : 'A';
                forged.line = (struct str){ line, done.line.n };
                run(&s, "rm -rf forged; cp -a one forged");
                test_must(t, witness_add(t->arena, in(&s, "forged"), &forged, &t->err));
                assert_false(holds(&s, "forged", 1));
                wrong += t->err.code == E_NOTE_SIGNATURE;
        }
        assert_true(wrong > 10);
        test_close(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_two_views_of_one_log),
                cmocka_unit_test(test_k_of_n),
                cmocka_unit_test(test_a_wrong_cosignature_refuses_the_log),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
