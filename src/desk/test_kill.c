/* kill -9 at every call that changes a file, one after the other: while acts fill a tile and
 * heads are signed, while the log is published, its key changed, a head cosigned. What is left
 * holds, and the next run finishes it.
 *
 * The program takes the place of the calls themselves and counts them; a write can also be torn.
 * What a process has written the kernel still has when it is killed, so nothing waits for the
 * disk here. Where there are many calls some are left out, but with PLUMBLINE_LONG=1. */
#include "desk/test_site.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "desk/audit.h"
#include "desk/files.h"
#include "desk/import.h"
#include "desk/log_check.h"
#include "desk/log_export.h"
#include "desk/rotate.h"
#include "desk/witness_answer.h"
#include "desk/witness_state.h"

#define NEVER (-1)

static _Atomic long left = NEVER; /* calls until the end */

static void die(void)
{
        kill(getpid(), SIGKILL);
        for (;;)
                pause();
}

static bool is_last(void)
{
        return left != NEVER && --left == 0;
}

static void step(void)
{
        if (is_last())
                die();
}

ssize_t write(int fd, const void *bytes, size_t n)
{
        step();
        if (n > 1 && is_last()) {
                syscall(SYS_write, fd, bytes, n / 2);
                die();
        }
        return syscall(SYS_write, fd, bytes, n);
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at)
{
        step();
        if (n > 1 && is_last()) {
                syscall(SYS_pwrite64, fd, bytes, n / 2, at);
                die();
        }
        return syscall(SYS_pwrite64, fd, bytes, n, at);
}

int ftruncate(int fd, off_t n)
{
        step();
        return (int)syscall(SYS_ftruncate, fd, n);
}

int rename(const char *from, const char *to)
{
        step();
        return (int)syscall(SYS_rename, from, to);
}

int unlink(const char *path)
{
        step();
        return (int)syscall(SYS_unlink, path);
}

int mkdir(const char *path, mode_t mode)
{
        step();
        return (int)syscall(SYS_mkdir, path, mode);
}

int fsync(int fd)
{
        (void)fd;
        step();
        return 0;
}

int fdatasync(int fd)
{
        return fsync(fd);
}

int syncfs(int fd)
{
        return fsync(fd);
}

/* ---- What is done, and what must hold after it was broken off ---- */

struct scene {
        struct test_site *t;
        char base[80]; /* as it was before */
        struct note_key key, witness;
        int64_t size; /* of the log before */
        struct rotated rotated;
        bool was_rotated; /* before it died: the next run changes the key once more */
        struct str line;  /* of the witness */
};

struct operation {
        const char *name;
        int every; /* so many calls from one kill to the next */
        void (*prepare)(struct scene *s);
        bool (*run)(struct scene *s);
        void (*check)(struct scene *s, bool finished);
};

static struct str in(struct scene *s, const char *name)
{
        return str_format(s->t->arena, "%s/%s", s->t->dir, name);
}

static void add_notes(struct test_site *t, int n)
{
        struct buf text = BUF(t->arena);
        struct import_result result;
        for (int i = 0; i < n; i++)
                buf_c(&text, "{\"procedure\":\"note\",\"act\":\"write\",\"by\":\"li\","
                             "\"fields\":{\"subject\":\"甲\"}}\n");
        test_must(t, import_acts(t->arena, t->desk, buf_str(&text), false, NULL, NULL, &result,
                                     &t->err));
}

static bool open_site(struct scene *s)
{
        return site_open(str_of(s->t->dir), &s->t->site, &s->t->err);
}

static bool open_desk(struct scene *s)
{
        struct desk_options options = test_options(s->t, false);
        options.checkpoint_events = 4;
        return open_site(s) && desk_open(s->t->site, &options, &s->t->desk, &s->t->err);
}

static bool close_desk(struct scene *s)
{
        bool ok = desk_close(&s->t->desk, &s->t->err);
        site_close(&s->t->site);
        return ok;
}

static bool export_log(struct scene *s)
{
        struct log_exported done;
        bool ok = open_site(s) && log_export(s->t->site, in(s, "public"), true, &done, &s->t->err);
        site_close(&s->t->site);
        return ok;
}

static bool holds(struct scene *s, const struct note_key *key, size_t require,
                struct log_checked *ret)
{
        struct log_check check = { .algorithm = LEDGER_SHA256,
                .keys = key,
                .n_keys = 1,
                .witnesses = &s->witness,
                .n_witnesses = s->witness.name.n > 0,
                .require = require };
        return log_check(s->t->arena, in(s, "public"), &check, ret, &s->t->err);
}

static void must_audit(struct scene *s)
{
        struct audit audit;
        test_must(s->t, open_site(s));
        test_must(s->t, site_audit(s->t->site, &audit, &s->t->err));
        assert_true((int64_t)audit.ledger.n_events >= s->size);
        site_close(&s->t->site);
}

/* ---- Acts that fill a tile, and heads signed between them ---- */

static bool sign_heads(struct scene *s)
{
        bool ok = open_desk(s);
        for (int i = 0; ok && i < 9; i++)
                ok = test_do(s->t, "note.write", "li", "{\"subject\":\"乙\"}", NULL);
        return close_desk(s) && ok;
}

static void check_heads(struct scene *s, bool finished)
{
        struct log_checked found;
        (void)finished;
        must_audit(s);
        test_must(s->t, export_log(s));
        test_must(s->t, holds(s, &s->key, 0, &found));
        assert_true((int64_t)found.head.size >= s->size);
}

/* ---- The folder ---- */

static void publish_and_go_on(struct scene *s)
{
        test_must(s->t, export_log(s));
        test_must(s->t, open_desk(s));
        add_notes(s->t, 30);
        test_must(s->t, close_desk(s));
}

static void check_folder(struct scene *s, bool finished)
{
        struct log_checked found;
        test_must(s->t, holds(s, &s->key, 0, &found));
        assert_true((int64_t)found.head.size == s->size + 30 ||
                        (!finished && (int64_t)found.head.size == s->size));
}

/* ---- The key ---- */

static bool rotate(struct scene *s)
{
        bool ok = open_desk(s) && log_rotate(s->t->arena, s->t->desk, STR_LIT("ke"),
                                                  STR_LIT("定期更换"), &s->rotated, &s->t->err);
        return close_desk(s) && ok;
}

static void check_keys(struct scene *s, bool finished)
{
        struct log_checked found;
        int n_lines = 0;
        must_audit(s);
        if (!finished) {
                test_must(s->t, open_site(s));
                s->was_rotated =
                                memcmp(site_key(s->t->site)->id, s->key.id, sizeof(s->key.id)) != 0;
                site_close(&s->t->site);
                return;
        }
        test_must(s->t, export_log(s));
        test_must(s->t, holds(s, &s->key, 0, &found));
        assert_true(found.key_since > 0);
        for (size_t i = 0; i < found.log_keys.n; i++)
                n_lines += found.log_keys.p[i] == '\n';
        assert_int_equal(n_lines, 1 + s->was_rotated);
        test_must(s->t, open_site(s));
        assert_int_equal(test_count(s->t, Q_EVENT_COUNT), s->size + n_lines); /* an act each */
        site_close(&s->t->site);
        assert_false(file_exists(in(s, "keys/log.key.next")));
}

/* ---- A witness that reads the folder, and puts its line there ---- */

static void set_up_witness(struct scene *s)
{
        publish_and_go_on(s);
        test_must(s->t, witness_init(s->t->arena, in(s, "w"), STR_LIT("w"), &s->witness,
                                        &s->t->err));
        test_must(s->t, witness_watch(s->t->arena, in(s, "w"), &s->key, LEDGER_SHA256, &s->t->err));
}

static bool cosign(struct scene *s)
{
        struct log_check check = { .algorithm = LEDGER_SHA256, .keys = &s->key, .n_keys = 1 };
        struct witnessed witnessed;
        return witness_cosign(s->t->arena, in(s, "w"), in(s, "public"), &check, s->t->now,
                               &witnessed, &s->t->err) &&
               witness_add(s->t->arena, in(s, "public"), &witnessed, &s->t->err);
}

/* Nothing is cosigned that the witness does not hold. */
static void check_witness(struct scene *s, bool finished)
{
        struct log_checked found;
        struct str held, dir = in(s, "w");
        struct checkpoint head;
        test_must(s->t, holds(s, &s->key, finished ? 1 : 0, &found));
        struct str path = witness_path(s->t->arena, dir, s->key.name, "checkpoint");
        bool holds_one = file_read(s->t->arena, path, NOTE_BYTES_MAX, &held, &s->t->err);
        assert_true(holds_one || (!finished && found.n_witnesses == 0));
        if (!holds_one)
                return;
        test_must(s->t, checkpoint_open(s->t->arena, held, s->key.name, &s->key, 1, &head,
                                        &s->t->err));
        assert_true(head.size == found.head.size);
}

/* ---- A witness that is asked over HTTP ---- */

static bool answer(struct scene *s)
{
        struct witness_answer answer;
        struct str note, body;
        if (!file_read(s->t->arena, in(s, "public/checkpoint"), NOTE_BYTES_MAX, &note, &s->t->err))
                return false;
        /* The first time it holds nothing; once it was killed, perhaps this very head. */
        for (uint64_t old = 0;; old = (uint64_t)s->size) {
                body = str_format(s->t->arena, "old %llu\n\n%.*s", (unsigned long long)old,
                                STR_FMT(note));
                if (!witness_answer(s->t->arena, in(s, "w"), body, s->t->now, &answer, &s->t->err))
                        return false;
                if (answer.status != 409 || old != 0)
                        break;
        }
        s->line = answer.body;
        return answer.status == 200;
}

static void check_answer(struct scene *s, bool finished)
{
        struct str path = in(s, "public/checkpoint"), note;
        if (finished) {
                test_must(s->t, file_read(s->t->arena, path, NOTE_BYTES_MAX, &note, &s->t->err));
                note = str_format(s->t->arena, "%.*s%.*s", STR_FMT(note), STR_FMT(s->line));
                test_must(s->t, file_replace(path, note, &s->t->err));
        }
        check_witness(s, finished);
}

/* ---- Again and again ---- */

static void set_up(struct scene *s, const struct operation *what)
{
        struct test_site *t = s->t = test_open(false);
        test_must(t, test_do(t, "register:staff.put", "system",
                                     "{\"id\":\"ke\",\"name\":\"柯\",\"unit\":\"b\",\"roles\":"
                                     "[\"log_keeper\"]}",
                                     NULL));
        s->key = *site_key(t->site);
        s->key.name = str_copy(t->arena, s->key.name);
        add_notes(t, (int)(252 - test_count(t, Q_EVENT_COUNT)));
        s->size = test_count(t, Q_EVENT_COUNT);
        test_must(t, close_desk(s));
        if (what->prepare != NULL)
                what->prepare(s);
        snprintf(s->base, sizeof(s->base), "%s-base", t->dir);
        assert_int_equal(rename(t->dir, s->base), 0);
}

static void begin_anew(const struct scene *s)
{
        char command[256];
        snprintf(command, sizeof(command), "rm -rf %s && cp -a %s %s", s->t->dir, s->base,
                        s->t->dir);
        assert_int_equal(system(command), 0);
}

/* True if it died of it. */
static bool killed_at(struct scene *s, const struct operation *what, long at)
{
        int status;
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
                left = at;
                _exit(what->run(s) ? 0 : 1);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        if (!WIFSIGNALED(status) && WEXITSTATUS(status) != 0)
                fail_msg("%s: failed before call %ld", what->name, at);
        return WIFSIGNALED(status);
}

static void kill_everywhere(const struct operation *what)
{
        struct scene s = { 0 };
        long every = getenv("PLUMBLINE_LONG") != NULL ? 1 : what->every, at = 1;
        int n = 0;
        bool killed = true;
        set_up(&s, what);
        for (; killed; at += every, n += killed) {
                begin_anew(&s);
                s.was_rotated = false;
                killed = killed_at(&s, what, at);
                what->check(&s, !killed);
                if (!killed)
                        break;
                if (!what->run(&s))
                        fail_msg("%s: killed at call %ld, then %s: %s %s", what->name, at,
                                        err_text(s.t->err.code)->name, s.t->err.field,
                                        s.t->err.detail);
                what->check(&s, true);
        }
        assert_true(n > 2);
        print_message("# %s: killed %d times, at each %ld. of %ld calls\n", what->name, n, every,
                        at);
        struct test_site *t = s.t;
        folder_drop(str_of(s.base));
        folder_drop(str_of(t->dir));
        arena_close(&t->arena);
        free(t);
}

static void test_killed_while_signing(void **state)
{
        (void)state;
        kill_everywhere(&(struct operation){ "heads", 37, NULL, sign_heads, check_heads });
}

static void test_killed_while_publishing(void **state)
{
        (void)state;
        kill_everywhere(&(struct operation){
                        "folder", 5, publish_and_go_on, export_log, check_folder });
}

static void test_killed_while_the_key_changes(void **state)
{
        (void)state;
        kill_everywhere(&(struct operation){ "key", 5, NULL, rotate, check_keys });
}

static void test_killed_while_cosigning(void **state)
{
        (void)state;
        kill_everywhere(&(struct operation){ "witness", 1, set_up_witness, cosign, check_witness });
}

static void test_killed_while_answering(void **state)
{
        (void)state;
        kill_everywhere(&(struct operation){ "answer", 1, set_up_witness, answer, check_answer });
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_killed_while_signing),
                cmocka_unit_test(test_killed_while_publishing),
                cmocka_unit_test(test_killed_while_the_key_changes),
                cmocka_unit_test(test_killed_while_cosigning),
                cmocka_unit_test(test_killed_while_answering),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
