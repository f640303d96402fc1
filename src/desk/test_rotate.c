/* A new key takes over the log: what the old one can still say, and what happens when the change
 * is broken off. */
#include "desk/test_site.h"

#include <string.h>

#include "desk/audit.h"
#include "desk/backup.h"
#include "desk/files.h"
#include "desk/log_check.h"
#include "desk/log_export.h"
#include "desk/rotate.h"
#include "ledger/succession.h"

struct scene {
        struct test_site *t;
        struct note_signer old; /* as it was before the change */
        struct rotated done;
};

static struct str in(struct scene *s, const char *name)
{
        return str_format(s->t->arena, "%s/%s", s->t->dir, name);
}

static void write_note(struct test_site *t)
{
        test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"甲\"}", NULL));
}

static bool rotate(struct scene *s, const char *actor, const char *reason)
{
        return log_rotate(s->t->arena, s->t->desk, str_of(actor), str_of(reason), &s->done,
                        &s->t->err);
}

static void set_up(struct scene *s)
{
        struct test_site *t = s->t = test_open(false);
        test_must(t, test_do(t, "register:staff.put", "system",
                                     "{\"id\":\"ke\",\"name\":\"柯\",\"unit\":\"b\",\"roles\":[\"log_keeper\"]}",
                                     NULL));
        s->old = atomic_load(&t->site->keyring)->own;
        s->old.key.name = str_copy(t->arena, s->old.key.name);
        write_note(t);
}

static struct str publish(struct scene *s)
{
        struct log_exported done;
        test_must(s->t, desk_close(&s->t->desk, &s->t->err));
        test_must(s->t, log_export(s->t->site, in(s, "public"), true, &done, &s->t->err));
        test_open_desk(s->t, false);
        return in(s, "public");
}

static bool holds(struct scene *s, const struct note_key *key, struct log_checked *ret)
{
        struct log_check check = { .algorithm = LEDGER_SHA256, .keys = key, .n_keys = 1 };
        return log_check(s->t->arena, in(s, "public"), &check, ret, &s->t->err);
}

static void must_audit(struct scene *s)
{
        struct audit audit;
        test_must(s->t, site_audit(s->t->site, &audit, &s->t->err));
}

static void test_both_keys_lead_to_the_log(void **state)
{
        struct scene s;
        struct log_checked found;
        (void)state;
        set_up(&s);
        struct test_site *t = s.t;
        test_must(t, rotate(&s, "ke", "定期更换"));
        struct note_key first = s.done.key;
        write_note(t);
        test_must(t, rotate(&s, "ke", "定期更换")); /* and once more */
        write_note(t);
        publish(&s);
        const struct note_key *keys[] = { &s.old.key, &first, &s.done.key };
        for (size_t i = 0; i < N_ELEMENTS(keys); i++) {
                test_must(t, holds(&s, keys[i], &found));
                assert_int_equal(found.key_since, s.done.size);
        }
        must_audit(&s);
        assert_memory_equal(site_key(t->site)->id, s.done.key.id, 4);
        assert_false(file_exists(in(&s, "keys/log.key.next")));
        test_close(t);
}

/* The old key speaks for the log up to the changeover, and not beyond. */
static void test_the_old_key_is_retired(void **state)
{
        struct scene s;
        struct log_checked found;
        struct checkpoint head;
        struct str note, forged, keys;
        (void)state;
        set_up(&s);
        struct test_site *t = s.t;
        test_must(t, rotate(&s, "ke", "疑似泄露"));
        write_note(t);
        publish(&s);
        struct str path = in(&s, "public/checkpoint");
        test_must(t, file_read(t->arena, path, NOTE_BYTES_MAX, &note, &t->err));
        test_must(t, checkpoint_open(t->arena, note, site_origin(t->site), &s.done.key, 1, &head,
                                     &t->err));
        test_must(t, checkpoint_sign(t->arena, &head, &s.old, &forged, &t->err));
        test_must(t, file_replace(path, forged, &t->err));
        assert_false(holds(&s, &s.old.key, &found));
        assert_int_equal(t->err.code, E_SUCCESSION);

        /* A line that some other act's proof makes up, twice the same line, half a line. */
        test_must(t, file_replace(path, note, &t->err));
        path = in(&s, "public/log-keys");
        test_must(t, file_read(t->arena, path, SUCCESSION_BYTES_MAX, &keys, &t->err));
        const struct str lines[] = {
                str_format(t->arena, "%.*s%.*s", STR_FMT(keys), STR_FMT(keys)),
                str_slice(keys, 0, keys.n / 2),
                str_format(t->arena, "%.*s\n", STR_FMT(keys)),
        };
        for (size_t i = 0; i < N_ELEMENTS(lines); i++) {
                test_must(t, file_replace(path, lines[i], &t->err));
                assert_false(holds(&s, &s.old.key, &found));
        }
        test_must(t, file_replace(path, keys, &t->err));
        test_must(t, holds(&s, &s.old.key, &found));
        test_close(t);
}

/* Whatever the last thing was that got done, the next run finishes it, with one act in all. */
static void test_broken_off(void **state)
{
        struct scene s;
        struct log_checked found;
        struct str before, after, keys;
        (void)state;
        set_up(&s);
        struct test_site *t = s.t;
        test_must(t, file_read(t->arena, in(&s, "keys/log.key"), 4096, &before, &t->err));
        test_must(t, rotate(&s, "ke", "定期更换"));
        struct rotated done = s.done;
        test_must(t, file_read(t->arena, in(&s, "keys/log.key"), 4096, &after, &t->err));
        test_must(t, log_keys(t->arena, t->site, &keys, &t->err));
        int64_t n = test_count(t, Q_EVENT_COUNT);

        for (int i = 0; i < 2;
                        i++) { /* before the old key was replaced; before the line was kept */
                struct tx *tx = NULL;
                char seq[24];
                test_must(t, file_replace(in(&s, "keys/log.key"), before, &t->err));
                test_must(t, file_replace(in(&s, "keys/log.key.next"), after, &t->err));
                snprintf(seq, sizeof(seq), "%lld", (long long)done.seq);
                test_must(t, store_begin(site_store(t->site), &tx, &t->err));
                if (i == 1) {
                        test_must(t, tx_run(tx, Q_META_PUT,
                                                     PARAMS(param_text(STR_LIT("log.keys")),
                                                                     param_text(STR_LIT(""))),
                                                     &t->err));
                        test_must(t, tx_run(tx, Q_META_PUT,
                                                     PARAMS(param_text(STR_LIT("log.rotating")),
                                                                     param_text(str_of(seq))),
                                                     &t->err));
                }
                test_must(t, tx_commit(&tx, &t->err));
                test_must(t, rotate(&s, "ke", "定期更换"));
                assert_int_equal(test_count(t, Q_EVENT_COUNT), n);
                assert_memory_equal(s.done.key.id, done.key.id, 4);
                must_audit(&s);
        }
        write_note(t);
        publish(&s);
        test_must(t, holds(&s, &s.old.key, &found));
        test_close(t);
}

/* ---- Back to a head that an earlier key signed ---- */

static int64_t signed_size(struct scene *s)
{
        test_reopen(s->t, false); /* a desk that closes signs */
        return test_count(s->t, Q_EVENT_COUNT);
}

static void restore_at(struct scene *s, int64_t size, struct restored *ret)
{
        struct test_site *t = s->t;
        struct restore_options options = { .file = in(s, "backup.db"),
                .dir = in(s, "again"),
                .key_from = in(s, "keys/log.key"),
                .at_size = size };
        folder_drop(options.dir);
        test_must(t, restore_begin(t->arena, &options, ret, &t->err));
        test_must(t, restore_finish(ret, options.dir, &t->err));
}

/* A change of the key; the new one outlives the site it came from. */
static struct note_key changed(struct scene *s)
{
        test_must(s->t, rotate(s, "ke", "定期更换"));
        struct note_key key = s->done.key;
        key.name = str_copy(s->t->arena, key.name);
        write_note(s->t);
        return key;
}

/* What outsiders with these keys make of the restored site, once it has gone on. */
static void go_on_and_publish(struct scene *s, int64_t size)
{
        struct test_site *t = s->t;
        struct site *live = t->site;
        struct log_exported done;
        struct audit audit;
        test_must(t, desk_close(&t->desk, &t->err));
        test_must(t, site_open(in(s, "again"), &t->site, &t->err));
        test_must(t, site_audit(t->site, &audit, &t->err));
        assert_int_equal(audit.ledger.n_events, size);
        test_open_desk(t, false);
        write_note(t);
        test_must(t, desk_close(&t->desk, &t->err));
        test_must(t, site_audit(t->site, &audit, &t->err));
        folder_drop(in(s, "public"));
        test_must(t, log_export(t->site, in(s, "public"), true, &done, &t->err));
        site_close(&t->site);
        t->site = live;
        test_open_desk(t, false);
}

static void test_back_before_a_change(void **state)
{
        struct scene s;
        struct log_checked found;
        struct restored restored;
        (void)state;
        set_up(&s);
        struct test_site *t = s.t;
        int64_t first = signed_size(&s);
        write_note(t);
        struct note_key middle = changed(&s);
        int64_t second = signed_size(&s);
        struct note_key newest = changed(&s);
        int64_t third = signed_size(&s);
        write_note(t);
        signed_size(&s);
        struct backup_report report;
        test_must(t, site_backup(t->site, in(&s, "backup.db"), STR_LIT(""), NULL, &report,
                                     &t->err));

        /* After both changes nothing is lost of either. */
        restore_at(&s, third, &restored);
        go_on_and_publish(&s, third);
        test_must(t, holds(&s, &s.old.key, &found));
        test_must(t, holds(&s, &newest, &found));

        /* Before the second: the first is in the log, the newest key signs, and who comes with
         * an older one is not led to it, because no record says so any more. */
        restore_at(&s, second, &restored);
        go_on_and_publish(&s, second);
        test_must(t, holds(&s, &newest, &found));
        assert_false(holds(&s, &middle, &found));
        assert_false(holds(&s, &s.old.key, &found));

        restore_at(&s, first, &restored);
        go_on_and_publish(&s, first);
        test_must(t, holds(&s, &newest, &found));
        assert_int_equal(found.key_since, 0);
        assert_false(holds(&s, &s.old.key, &found));
        test_close(t);
}

static void test_refused(void **state)
{
        struct scene s;
        (void)state;
        set_up(&s);
        int64_t n = test_count(s.t, Q_EVENT_COUNT);
        assert_false(rotate(&s, "li", "定期更换"));
        assert_int_equal(s.t->err.code, E_ROTATE_ROLE);
        assert_false(rotate(&s, "ke", ""));
        assert_int_equal(s.t->err.code, E_ROTATE_REASON);
        assert_int_equal(test_count(s.t, Q_EVENT_COUNT), n);
        test_close(s.t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_both_keys_lead_to_the_log),
                cmocka_unit_test(test_the_old_key_is_retired),
                cmocka_unit_test(test_broken_off),
                cmocka_unit_test(test_back_before_a_change),
                cmocka_unit_test(test_refused),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
