/* A receiver that fails, lies, is slow or away: every event is received, in order, once it can be;
 * never by two at the same time; never where it must not go. */
#include "hook/courier.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#include "hook/subscription.h"
#include "hook/test_letters.h"

/* ---- A receiver on this machine ---- */

enum how { TAKES, REFUSES, CLOSES, IS_SLOW, REDIRECTS, TALKS };

#define HEARD_MAX 200

struct heard {
        char text[4096];
        int64_t position;
        bool taken;
};

struct receiver {
        int fd, port;
        pthread_t thread;
        pthread_mutex_t mutex;
        enum how how;
        int n_so; /* so many times, then it takes */
        struct heard heard[HEARD_MAX];
        size_t n;
        int calls, under_way, twice; /* twice: a second one while one was under way */
        bool stop;
};

static size_t read_request(int fd, char *text, size_t size)
{
        size_t n = 0, whole = SIZE_MAX;
        while (n < whole && n < size - 1) {
                ssize_t got = recv(fd, text + n, size - 1 - n, 0);
                if (got <= 0)
                        break;
                n += (size_t)got;
                text[n] = '\0';
                const char *body = strstr(text, "\r\n\r\n");
                const char *length = strstr(text, "Content-Length: ");
                if (body != NULL && length != NULL)
                        whole = (size_t)(body + 4 - text) + strtoul(length + 16, NULL, 10);
        }
        text[n] = '\0';
        return n;
}

static void say(int fd, const char *text)
{
        ssize_t sent = send(fd, text, strlen(text), MSG_NOSIGNAL);
        (void)sent;
}

static void answer(struct receiver *r, int fd, enum how how)
{
        static char much[80000];
        switch (how) {
        case TAKES:
                say(fd, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
                break;
        case REFUSES:
                say(fd, "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                break;
        case CLOSES:
                break;
        case IS_SLOW:
                for (int i = 0; i < 30 && !r->stop; i++)
                        usleep(100000);
                break;
        case REDIRECTS:
                say(fd, "HTTP/1.1 307 There\r\nLocation: http://127.0.0.1:1/x\r\n"
                        "Content-Length: 0\r\nConnection: close\r\n\r\n");
                break;
        case TALKS:
                memset(much, 'x', sizeof(much) - 1);
                say(fd, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
                say(fd, much);
                break;
        }
}

struct call {
        struct receiver *receiver;
        int fd;
};

static enum how note_call(struct receiver *r, struct heard *heard)
{
        const char *at = strstr(heard->text, "Plumbline-Log-Position: ");
        heard->position = at != NULL ? strtoll(at + 24, NULL, 10) : -1;
        pthread_mutex_lock(&r->mutex);
        enum how how = r->n_so > 0 ? r->how : TAKES;
        r->n_so -= r->n_so > 0;
        heard->taken = how == TAKES;
        r->twice += r->under_way++ > 0;
        if (r->n < HEARD_MAX)
                r->heard[r->n++] = *heard;
        pthread_mutex_unlock(&r->mutex);
        return how;
}

static void *take_call(void *user)
{
        struct call *call = user;
        struct receiver *r = call->receiver;
        struct heard heard = { 0 };
        if (read_request(call->fd, heard.text, sizeof(heard.text)) > 0) {
                enum how how = note_call(r, &heard);
                usleep(2000);
                pthread_mutex_lock(&r->mutex);
                r->under_way--; /* before the answer: the next may follow it at once */
                pthread_mutex_unlock(&r->mutex);
                answer(r, call->fd, how);
        }
        close(call->fd);
        pthread_mutex_lock(&r->mutex);
        r->calls--;
        pthread_mutex_unlock(&r->mutex);
        free(call);
        return NULL;
}

static void *receive(void *user)
{
        struct receiver *r = user;
        int fd;
        while ((fd = accept4(r->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
                struct call *call = calloc(1, sizeof(*call));
                pthread_t thread;
                if (call == NULL)
                        abort();
                *call = (struct call){ r, fd };
                pthread_mutex_lock(&r->mutex);
                r->calls++;
                pthread_mutex_unlock(&r->mutex);
                if (pthread_create(&thread, NULL, take_call, call) != 0)
                        abort();
                pthread_detach(thread);
        }
        return NULL;
}

static struct receiver *receiver_open(void)
{
        struct receiver *r = calloc(1, sizeof(*r));
        struct sockaddr_in address = { .sin_family = AF_INET };
        socklen_t n = sizeof(address);
        assert_non_null(r);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        r->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(bind(r->fd, (struct sockaddr *)&address, n), 0);
        assert_int_equal(listen(r->fd, 16), 0);
        assert_int_equal(getsockname(r->fd, (struct sockaddr *)&address, &n), 0);
        r->port = ntohs(address.sin_port);
        pthread_mutex_init(&r->mutex, NULL);
        assert_int_equal(pthread_create(&r->thread, NULL, receive, r), 0);
        return r;
}

static void receiver_close(struct receiver *r)
{
        r->stop = true;
        shutdown(r->fd, SHUT_RDWR);
        pthread_join(r->thread, NULL);
        for (int calls = 1; calls > 0; usleep(10000)) {
                pthread_mutex_lock(&r->mutex);
                calls = r->calls;
                pthread_mutex_unlock(&r->mutex);
        }
        close(r->fd);
        pthread_mutex_destroy(&r->mutex);
        free(r);
}

static void behave(struct receiver *r, enum how how, int n)
{
        pthread_mutex_lock(&r->mutex);
        r->how = how;
        r->n_so = n;
        pthread_mutex_unlock(&r->mutex);
}

/* Positions that were taken, in the order of their coming; *ret_all: requests altogether. */
static size_t taken(struct receiver *r, int64_t ret[HEARD_MAX], size_t *ret_all)
{
        size_t n = 0;
        pthread_mutex_lock(&r->mutex);
        for (size_t i = 0; i < r->n; i++)
                if (r->heard[i].taken)
                        ret[n++] = r->heard[i].position;
        *ret_all = r->n;
        pthread_mutex_unlock(&r->mutex);
        return n;
}

/* ---- The site ---- */

static struct test_site *t;
static struct receiver *receiver;

static struct subscription subscribe(const char *host, const char *filter)
{
        struct subscription s;
        const struct subscription given = { .label = STR_LIT("接收系统"),
                .url = str_format(t->arena, "http://%s:%d/in", host, receiver->port),
                .filter = str_of(filter) };
        test_must(t, subscription_add(t->arena, t->desk, &given, STR_LIT("wang"), t->now, &s,
                                     &t->err));
        return s;
}

static struct subscription now_of(struct str id)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        struct subscription s;
        bool found;
        test_must(t, snapshot_open(site_store(t->site), &snapshot, &t->err));
        test_must(t, subscription_get(t->arena, snapshot, id, &s, &found, &t->err));
        assert_true(found);
        return s;
}

static struct courier *start(void)
{
        const struct courier_options options = {
                .clock = { test_now, t }, .look_ms = 20, .seconds = 1, .lease = 3
        };
        struct courier *courier;
        test_must(t, courier_start(t->desk, &options, &courier, &t->err));
        return courier;
}

/* Until so many were taken; time goes on, so that those who wait are due. */
static size_t wait_for(size_t n, int64_t positions[HEARD_MAX])
{
        size_t all, got = 0;
        for (int i = 0; i < 400 && (got = taken(receiver, positions, &all)) < n; i++) {
                usleep(25000);
                t->now.second += HOOK_LAST_WAIT;
        }
        assert_int_equal(got, n);
        return all;
}

/* Until the place is noted, which is after the answer. */
static void wait_until_at(struct str id, int64_t position)
{
        for (int i = 0; i < 200 && now_of(id).position < position; i++)
                usleep(25000);
        assert_int_equal(now_of(id).position, position);
}

static int open_all(void **state)
{
        (void)state;
        t = test_open_letters("127.0.0.1", NULL);
        receiver = receiver_open();
        return 0;
}

static int close_all(void **state)
{
        (void)state;
        receiver_close(receiver);
        test_close(t);
        return 0;
}

static void test_in_order(void **state)
{
        (void)state;
        int64_t positions[HEARD_MAX], written[5];
        struct receipt before = test_write(t); /* before he subscribed */
        struct subscription s = subscribe("127.0.0.1", "letter.write");
        assert_int_equal(s.position, before.seq + 1);
        for (size_t i = 0; i < 5; i++) {
                written[i] = test_write(t).seq;
                test_must(t, test_do(t, "note.write", "li", "{\"subject\":\"密\"}", NULL));
        }
        struct courier *courier = start();
        assert_int_equal(wait_for(5, positions), 5);
        assert_memory_equal(positions, written, sizeof(written));
        wait_until_at(s.id, written[4] + 2); /* past the note behind it */
        courier_stop(&courier);
        struct subscription after = now_of(s.id);
        assert_int_equal(after.sent, 5);
        assert_int_equal(after.failed, 0);
        assert_true(after.received.second >= after.created.second);
        const char *text = receiver->heard[0].text;
        assert_non_null(strstr(text, "POST /in HTTP/1.1\r\n"));
        assert_non_null(strstr(text, "Content-Type: application/json\r\n"));
        assert_non_null(strstr(text, "webhook-signature: v1,"));
        assert_null(strstr(text, "密"));
}

/* Whatever it does, it is tried again until it takes, and nothing overtakes. */
static void test_until_received(void **state)
{
        (void)state;
        static const struct {
                enum how how;
                const char *trouble;
        } rows[] = {
                { REFUSES, "对方答复 500" }, /* E_HOOK_ANSWER */
                { CLOSES, "" },
                { IS_SLOW, "" },
                { REDIRECTS, "不跟随" },
                { TALKS, "超过" },
        };
        struct subscription s = subscribe("127.0.0.1", "");
        struct courier *courier = start();
        size_t n = 0, all = 0;
        int64_t positions[HEARD_MAX];
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                behave(receiver, rows[i].how, 2);
                int64_t first = test_write(t).seq, second = test_write(t).seq;
                for (int k = 0; k < 200 && now_of(s.id).trouble.n == 0; k++)
                        usleep(25000);
                struct subscription waiting = now_of(s.id);
                assert_int_equal(waiting.position, first);
                assert_true(waiting.next_try.second > waiting.created.second);
                if (!test_has(waiting.trouble, rows[i].trouble) || waiting.trouble.n == 0)
                        fail_msg("%d: %s", rows[i].how, str_c(t->arena, waiting.trouble));
                all = wait_for(n += 2, positions);
                assert_int_equal(positions[n - 2], first);
                assert_int_equal(positions[n - 1], second);
                wait_until_at(s.id, second + 1);
                assert_int_equal(now_of(s.id).failures, 0);
                assert_int_equal(now_of(s.id).trouble.n, 0);
        }
        assert_int_equal(all, n + 2 * N_ELEMENTS(rows));
        assert_int_equal(now_of(s.id).failed, 2 * N_ELEMENTS(rows));
        courier_stop(&courier);
}

/* While it is away nothing is lost; a failure is not repeated before its time. */
static void test_backoff(void **state)
{
        (void)state;
        int64_t positions[HEARD_MAX];
        size_t all;
        struct subscription s = subscribe("127.0.0.1", "");
        struct courier *courier = start();
        behave(receiver, REFUSES, 1000);
        test_write(t);
        for (int k = 0; k < 200 && now_of(s.id).failures == 0; k++)
                usleep(25000);
        usleep(300000); /* many looks */
        taken(receiver, positions, &all);
        assert_int_equal(all, 1);
        struct subscription waiting = now_of(s.id);
        int64_t wait = waiting.next_try.second - t->now.second;
        assert_in_range(wait, HOOK_FIRST_WAIT / 2, HOOK_FIRST_WAIT);
        behave(receiver, TAKES, 0);
        test_must(t, subscription_retry(t->desk, s.id, STR_LIT("wang"), t->now, &t->err));
        for (int k = 0; k < 200 && now_of(s.id).sent == 0; k++)
                usleep(25000);
        assert_int_equal(now_of(s.id).sent, 1);
        courier_stop(&courier);
        static const int64_t waits[] = { 5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600 };
        for (size_t i = 0; i < N_ELEMENTS(waits); i++)
                assert_int_equal(subscription_wait((int64_t)i + 1, HOOK_FIRST_WAIT), waits[i]);
        assert_int_equal(subscription_wait(INT64_MAX, HOOK_FIRST_WAIT), HOOK_LAST_WAIT);
}

/* Two programs: each event goes out once, and one that stalled cannot move the place back. */
static void test_two_couriers(void **state)
{
        (void)state;
        int64_t positions[HEARD_MAX];
        struct subscription s = subscribe("127.0.0.1", "");
        struct courier *a = start(), *b = start();
        int64_t last = 0;
        for (int i = 0; i < 40; i++)
                last = test_write(t).seq;
        assert_int_equal(wait_for(40, positions), 40);
        for (int i = 1; i < 40; i++)
                assert_true(positions[i] > positions[i - 1]);
        wait_until_at(s.id, last + 1);
        courier_stop(&a);
        courier_stop(&b);
        assert_int_equal(receiver->twice, 0);
        bool moved = true;
        test_must(t, subscription_forward(
                                     t->desk, &s, s.position + 1, true, t->now, &moved, &t->err));
        assert_false(moved);
        test_must(t, subscription_failed(t->desk, &s, STR_LIT("迟到"), 5, t->now, &t->err));
        assert_int_equal(now_of(s.id).position, last + 1);
        assert_int_equal(now_of(s.id).failures, 0);
}

/* The name is allowed as text, and leads to this machine: it is not connected to. */
static void test_not_inside(void **state)
{
        (void)state;
        int64_t positions[HEARD_MAX];
        size_t all;
        const struct subscription given = { .label = STR_LIT("里面"),
                .url = str_format(t->arena, "https://localhost:%d/", receiver->port),
                .filter = STR_LIT("") };
        struct subscription s;
        test_must(t, subscription_add(t->arena, t->desk, &given, STR_LIT("wang"), t->now, &s,
                                     &t->err));
        struct courier *courier = start();
        test_write(t);
        for (int k = 0; k < 200 && now_of(s.id).failures == 0; k++)
                usleep(25000);
        courier_stop(&courier);
        assert_true(test_has(now_of(s.id).trouble, "内网")); /* E_FETCH_GUARD */
        taken(receiver, positions, &all);
        assert_int_equal(all, 0);
}

static void must_not(bool ok, enum err_code code)
{
        assert_false(ok);
        if (t->err.code != code)
                fail_msg("%s, not %s", err_text(t->err.code)->name, err_text(code)->name);
}

static void test_administration(void **state)
{
        (void)state;
        struct subscription s = subscribe("127.0.0.1", ""), ignored;
        const struct str who = STR_LIT("wang");
        struct subscription bad = { .label = STR_LIT("  "), .url = s.url, .filter = STR_LIT("") };
        must_not(subscription_add(t->arena, t->desk, &bad, who, t->now, &ignored, &t->err),
                        E_HOOK_LABEL);
        bad.label = STR_LIT("接收");
        bad.url = STR_LIT("http://10.0.0.1/");
        must_not(subscription_add(t->arena, t->desk, &bad, who, t->now, &ignored, &t->err),
                        E_HOOK_TARGET);
        bad.url = s.url;
        bad.filter = STR_LIT("note");
        must_not(subscription_add(t->arena, t->desk, &bad, who, t->now, &ignored, &t->err),
                        E_HOOK_FILTER);
        for (size_t i = 1; i < SUBSCRIPTIONS_MAX; i++)
                subscribe("127.0.0.1", "letter");
        bad.filter = STR_LIT("");
        must_not(subscription_add(t->arena, t->desk, &bad, who, t->now, &ignored, &t->err),
                        E_HOOK_MANY);
        struct str secret;
        test_must(t, subscription_renew(t->arena, t->desk, s.id, who, t->now, &secret, &t->err));
        assert_int_equal(secret.n, MESSAGE_SECRET_BYTES);
        assert_false(str_eq(secret, s.secret));
        assert_true(str_eq(now_of(s.id).secret, secret));
        test_must(t, subscription_skip(t->desk, s.id, s.position, who, t->now, &t->err));
        assert_int_equal(now_of(s.id).position, s.position + 1);
        must_not(subscription_skip(t->desk, s.id, s.position, who, t->now, &t->err), E_HOOK_MOVED);
        test_must(t, subscription_end(t->desk, s.id, who, t->now, &t->err));
        must_not(subscription_end(t->desk, s.id, who, t->now, &t->err), E_NOT_FOUND);
        must_not(subscription_retry(t->desk, s.id, who, t->now, &t->err), E_NOT_FOUND);
        must_not(subscription_renew(t->arena, t->desk, s.id, who, t->now, &secret, &t->err),
                        E_NOT_FOUND);
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        const struct subscription_note *notes;
        size_t n;
        test_must(t, snapshot_open(site_store(t->site), &snapshot, &t->err));
        test_must(t, subscription_notes(t->arena, snapshot, 100, &notes, &n, &t->err));
        assert_int_equal(n, SUBSCRIPTIONS_MAX + 3);
        assert_true(str_is(notes[0].what, "end") && str_eq(notes[0].subscription, s.id));
        assert_true(str_starts(notes[1].what, STR_LIT("skip ")) && str_is(notes[1].who, "wang"));
        assert_true(str_is(notes[2].what, "renew"));
        assert_true(str_is(notes[n - 1].what, "add"));
}

/* ---- Notices ---- */

static size_t files_in(const char *folder, struct str *ret_text)
{
        size_t n = 0;
        DIR *dir = opendir(folder);
        assert_non_null(dir);
        for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
                char text[2048] = "";
                if (entry->d_name[0] == '.')
                        continue;
                FILE *file = fopen(str_format(t->arena, "%s/%s", folder, entry->d_name).p, "rb");
                assert_non_null(file);
                size_t got = fread(text, 1, sizeof(text) - 1, file);
                fclose(file);
                *ret_text = str_copy(t->arena, (struct str){ text, got });
                n++;
        }
        closedir(dir);
        return n;
}

static void test_notices(void **state)
{
        (void)state;
        test_close(t);
        t = test_open_letters("", "spool");
        const char *folder = str_format(t->arena, "%s/spool", t->dir).p;
        struct str text = STR_LIT("");
        struct courier *courier = start();
        test_write(t);
        usleep(300000); /* no folder yet, E_HOOK_SPOOL: the notice waits */
        assert_int_equal(test_count(t, Q_OUTBOX_COUNT), 1);
        assert_int_equal(mkdir(folder, 0700), 0);
        for (int k = 0; k < 200 && test_count(t, Q_OUTBOX_COUNT) > 0; k++)
                usleep(25000);
        courier_stop(&courier);
        assert_int_equal(test_count(t, Q_OUTBOX_COUNT), 0);
        assert_int_equal(files_in(folder, &text), 1);
        assert_true(test_has(text, "\"kind\":\"notice\"") &&
                        test_has(text, "\"recipient\":\"clerk\"") &&
                        test_has(text, "测信〔2021〕1号"));
        assert_false(test_has(text, "密"));
}

/* Of a program that ended after it had noted a notice, and before it showed the file; and a
 * hidden file of no notice. */
static void test_a_notice_left_hidden(void **state)
{
        (void)state;
        test_close(t);
        t = test_open_letters("", "spool");
        const char *folder = str_format(t->arena, "%s/spool", t->dir).p;
        assert_int_equal(mkdir(folder, 0700), 0);
        struct courier *courier = start();
        test_write(t);
        for (int k = 0; k < 200 && test_count(t, Q_OUTBOX_COUNT) > 0; k++)
                usleep(25000);
        courier_stop(&courier);
        struct str shown = STR_LIT(""), again = STR_LIT("");
        assert_int_equal(files_in(folder, &shown), 1);
        assert_int_equal(system(str_format(t->arena,
                                         "cd %s && for f in *.json; do mv $f .$f; done && "
                                         "cp .[0-9]*.json .999-0.json",
                                         folder)
                                                         .p),
                        0);
        courier = start();
        for (int k = 0; k < 200 && files_in(folder, &again) == 0; k++)
                usleep(25000);
        courier_stop(&courier);
        assert_int_equal(files_in(folder, &again), 1);
        assert_true(str_eq(shown, again));
        assert_int_equal(system(str_format(t->arena, "test -f %s/.999-0.json", folder).p), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_in_order, open_all, close_all),
                cmocka_unit_test_setup_teardown(test_until_received, open_all, close_all),
                cmocka_unit_test_setup_teardown(test_backoff, open_all, close_all),
                cmocka_unit_test_setup_teardown(test_two_couriers, open_all, close_all),
                cmocka_unit_test_setup_teardown(test_not_inside, open_all, close_all),
                cmocka_unit_test_setup_teardown(test_administration, open_all, close_all),
                cmocka_unit_test_setup_teardown(test_notices, open_all, close_all),
                cmocka_unit_test_setup_teardown(test_a_notice_left_hidden, open_all, close_all),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
