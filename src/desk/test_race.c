/* Plays the files of tests/race: named sessions, each a program of its own over one store, and the
 * orders in which their acts meet (tests/race/README.md). */
#include <dirent.h>
#include <libpq-fe.h>
#include <pthread.h>

#include "desk/audit.h"
#include "desk/definitions.h"
#include "desk/files.h"
#include "desk/test_site.h"
#include "desk/timers.h"

#define SESSIONS_MAX 6
#define LINES_MAX    64
#define WAIT_ROUNDS  3000 /* of 10 ms: far more than a busy machine needs */

struct session {
        char name[16], who[16], act[64], fields[128];
        struct test_site *t;
        pthread_t thread;
        bool begun, done;
        size_t n_looks; /* of clocks that were run */
};

struct spec {
        const char *file;
        struct session setup, sessions[SESSIONS_MAX];
        size_t n_sessions;
        char orders[LINES_MAX][256];
        size_t n_orders;
};

static const char *server; /* or NULL */

/* ---- Reading ---- */

static void read_line(struct spec *spec, char *line)
{
        char word[16];
        int at = 0;
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '#' || sscanf(line, "%15s%n", word, &at) != 1)
                return;
        if (strcmp(word, "order") == 0) {
                assert_true(spec->n_orders < LINES_MAX);
                snprintf(spec->orders[spec->n_orders++], sizeof(spec->orders[0]), "%s",
                                line + at + strspn(line + at, " "));
                return;
        }
        struct session *s = &spec->setup;
        if (strcmp(word, "session") == 0) {
                int more = 0;
                assert_true(spec->n_sessions < SESSIONS_MAX);
                s = &spec->sessions[spec->n_sessions++];
                assert_int_equal(sscanf(line + at, "%15s%n", s->name, &more), 1);
                at += more;
        }
        if (sscanf(line + at, "%15s %63s %127s", s->who, s->act, s->fields) != 3)
                fail_msg("%s: %s", spec->file, line);
}

static void read_spec(const char *path, struct spec *spec)
{
        char line[256];
        FILE *file = fopen(path, "r");
        assert_non_null(file);
        while (fgets(line, sizeof(line), file) != NULL)
                read_line(spec, line);
        fclose(file);
        assert_true(spec->n_sessions > 1 && spec->n_orders > 1);
}

/* ---- The server's view ---- */

/* How many connections of this site's programs are as `which` says; `what` is done to each. */
static int64_t ask_server(struct test_site *t, const char *what, const char *which)
{
        char text[512];
        PGconn *connection = PQconnectdb(server);
        snprintf(text, sizeof(text),
                        "SELECT count(%s) FROM pg_stat_activity"
                        " WHERE application_name = 'plumbline %.50s' AND %s",
                        what, strchr(store_where(site_store(t->site)), '#') + 1, which);
        PGresult *result = PQexec(connection, text);
        if (PQresultStatus(result) != PGRES_TUPLES_OK)
                fail_msg("%s", PQerrorMessage(connection));
        int64_t n = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
        PQclear(result);
        PQfinish(connection);
        return n;
}

/* ---- Playing ---- */

struct play {
        struct spec *spec;
        struct test_site *first;
        struct tx *held;
        int64_t n_waiting;
};

static struct test_site *open_program(struct test_site *first)
{
        struct test_site *t = calloc(1, sizeof(*t));
        assert_non_null(t);
        t->arena = arena_open();
        t->now = first->now;
        test_must(t, site_open(str_of(first->dir), &t->site, &t->err));
        test_open_desk(t, false);
        return t;
}

static struct session *session_named(struct spec *spec, const char *name, size_t n)
{
        for (size_t i = 0; i < spec->n_sessions; i++)
                if (strlen(spec->sessions[i].name) == n &&
                                strncmp(spec->sessions[i].name, name, n) == 0)
                        return &spec->sessions[i];
        fail_msg("%s: no session %.*s", spec->file, (int)n, name);
        return NULL;
}

/* "timers": every look at a clock that is due. */
static bool run_timers(struct session *s)
{
        return timers_run(s->t->desk, s->t->now, NULL, NULL, &s->n_looks, &s->t->err);
}

/* "activate NAME": a register of that name comes into force. */
static bool activate(struct session *s)
{
        struct arena *arena = s->t->arena;
        const struct definition_source source = {
                .name = str_format(arena, "registers/%s.yaml", s->fields),
                .text = str_format(arena,
                                "register: %s\nlabel: 名录\nkey: id\nkeepers: [keeper]\npublic: true\n"
                                "fields: {name: {label: 名称, type: text, class: public}}\n",
                                s->fields),
        };
        return definitions_activate(s->t->desk, &source, str_of(s->who), &s->t->err);
}

static void *hand_in(void *user)
{
        struct session *s = user;
        if (strcmp(s->act, "timers") == 0)
                s->done = run_timers(s);
        else if (strcmp(s->act, "activate") == 0)
                s->done = activate(s);
        else
                s->done = test_do(s->t, s->act, s->who, s->fields, NULL);
        return NULL;
}

static void join(struct session *s)
{
        if (s->begun)
                pthread_join(s->thread, NULL);
        s->begun = false;
}

/* Begun, and seen to wait: not by the clock, but by what the server says. */
static void begin_waiting(struct play *p, struct session *s)
{
        assert_int_equal(pthread_create(&s->thread, NULL, hand_in, s), 0);
        s->begun = true;
        p->n_waiting++;
        for (int i = 0; ask_server(p->first, "*", "wait_event_type = 'Lock'") < p->n_waiting; i++) {
                if (i == WAIT_ROUNDS)
                        fail_msg("%s: %s does not wait", p->spec->file, s->name);
                usleep(10000);
        }
}

static void hold(struct play *p)
{
        test_must(p->first, store_begin(site_store(p->first->site), &p->held, &p->first->err));
}

static void let_go(struct play *p)
{
        tx_rollback(&p->held);
        p->n_waiting = 0;
}

/* What the server does with one that has stalled for too long in its turn. */
static void end_turn(struct play *p)
{
        assert_int_equal(
                        ask_server(p->first, "pg_terminate_backend(pid, 5000)",
                                        "state = 'idle in transaction' AND backend_xid IS NOT NULL"),
                        1);
        p->n_waiting = 0;
}

/* It goes on where it had stalled: what it writes now is written nowhere. */
static void wake(struct play *p)
{
        struct err ignored;
        bool written = tx_run(p->held, Q_META_PUT,
                        PARAMS(param_text(STR_LIT("late")), param_text(STR_LIT("1"))), &ignored);
        if (tx_commit(&p->held, &ignored) || written)
                fail_msg("%s: one whose turn was ended wrote", p->spec->file);
}

static void die(struct play *p)
{
        end_turn(p);
        wake(p);
}

static void wait_for_all(struct play *p)
{
        for (size_t i = 0; i < p->spec->n_sessions; i++)
                join(&p->spec->sessions[i]);
}

/* A date: it is nine o'clock of that day for all. */
static void set_time(struct play *p, const char *date)
{
        char moment[32];
        snprintf(moment, sizeof(moment), "%.10s 09:00", date);
        p->first->now = test_moment(moment);
        for (size_t i = 0; i < p->spec->n_sessions; i++)
                p->spec->sessions[i].t->now = p->first->now;
}

static const struct {
        const char *word;
        void (*take)(struct play *p);
} words[] = {
        { "hold", hold },
        { "free", let_go },
        { "end", end_turn },
        { "wake", wake },
        { "die", die },
        { "all", wait_for_all },
};

static void step(struct play *p, const char *word, size_t n)
{
        size_t i = 0;
        while (i < N_ELEMENTS(words) &&
                        !(strlen(words[i].word) == n && strncmp(words[i].word, word, n) == 0))
                i++;
        if (i < N_ELEMENTS(words)) {
                words[i].take(p);
        } else if (n == 10 && word[0] == '2') {
                set_time(p, word);
        } else if (word[n - 1] == '+') {
                begin_waiting(p, session_named(p->spec, word, n - 1));
        } else {
                hand_in(session_named(p->spec, word, n));
        }
}

static void expect(struct play *p, const char *order, const char *word, size_t n,
                const char *wanted, size_t n_wanted)
{
        if (n == 5 && strncmp(word, "looks", n) == 0) {
                size_t looks = 0;
                for (size_t i = 0; i < p->spec->n_sessions; i++)
                        looks += p->spec->sessions[i].n_looks;
                assert_int_equal(looks, strtoul(wanted, NULL, 10));
                return;
        }
        struct session *s = session_named(p->spec, word, n);
        join(s);
        const char *got = s->done ? "ok" : err_text(s->t->err.code)->name;
        if (strlen(got) != n_wanted || strncmp(got, wanted, n_wanted) != 0)
                fail_msg("%s: %s: %s is %s (%s)", p->spec->file, order, s->name, got,
                                s->done ? "" : s->t->err.detail);
}

/* The next word of a line; its length is 0 at the end. */
static size_t next_word(const char **at)
{
        *at += strspn(*at, " ,");
        return strcspn(*at, " ,");
}

static void play_steps(struct play *p, const char *order)
{
        const char *at = order;
        size_t n;
        for (; (n = next_word(&at)) > 0 && strncmp(at, "->", n) != 0; at += n)
                step(p, at, n);
        assert_int_equal(n, 2);
        for (at += n; (n = next_word(&at)) > 0;) {
                const char *name = at;
                at += n;
                size_t n_wanted = next_word(&at);
                expect(p, order, name, n, at, n_wanted);
                at += n_wanted;
        }
}

static void play_order(struct spec *spec, const char *order)
{
        struct play p = { .spec = spec, .first = test_open(false) };
        struct audit audit;
        test_must(p.first, test_do(p.first, spec->setup.act, spec->setup.who, spec->setup.fields,
                                           NULL));
        for (size_t i = 0; i < spec->n_sessions; i++) {
                spec->sessions[i].n_looks = 0;
                spec->sessions[i].t = open_program(p.first);
        }
        play_steps(&p, order);
        for (size_t i = 0; i < spec->n_sessions; i++)
                test_close(spec->sessions[i].t);
        test_must(p.first, site_audit(p.first->site, &audit, &p.first->err));
        test_rebuild_is_equal(p.first);
        test_close(p.first);
}

/* Who waits for whom is asked of the server. */
static bool needs_server(const char *order)
{
        return strchr(order, '+') != NULL || strstr(order, "hold") != NULL;
}

static void test_orders(void **state)
{
        struct spec *spec = *state;
        for (size_t i = 0; i < spec->n_orders; i++)
                if (server != NULL || !needs_server(spec->orders[i]))
                        play_order(spec, spec->orders[i]);
}

/* ---- All of them ---- */

static int by_name(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

int main(void)
{
        static struct spec specs[16];
        struct CMUnitTest tests[16];
        char folder[256], path[512], *names[16];
        size_t n = 0;
        const char *source = getenv("PLUMBLINE_SOURCE");
        server = getenv("PLUMBLINE_TEST_STORE");
        snprintf(folder, sizeof(folder), "%s/tests/race", source != NULL ? source : ".");
        DIR *dir = opendir(folder);
        if (dir == NULL)
                return 1;
        for (struct dirent *e; (e = readdir(dir)) != NULL && n < N_ELEMENTS(specs);)
                if (strstr(e->d_name, ".spec") != NULL)
                        names[n++] = strdup(e->d_name);
        closedir(dir);
        qsort(names, n, sizeof(*names), by_name);
        for (size_t i = 0; i < n; i++) {
                snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
                specs[i].file = names[i];
                read_spec(path, &specs[i]);
                tests[i] = (struct CMUnitTest){
                        .name = names[i], .test_func = test_orders, .initial_state = &specs[i]
                };
        }
        int failed = _cmocka_run_group_tests("races", tests, n, NULL, NULL);
        for (size_t i = 0; i < n; i++)
                free(names[i]);
        return failed;
}
