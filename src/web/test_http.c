/* The server under raw bytes: what is no single, plain request is refused, and nothing hangs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>

#include "base/limits.h"
#include "web/http.h"
#include "web/test_socket.h"

static struct arena *arena;
static struct http *http;
static int port;

/* What is posted to "/later" is answered by another thread. */
static void *resume_later(void *connection)
{
        usleep(20000);
        http_resume(connection);
        return NULL;
}

static void resume_from_elsewhere(struct http_request *request)
{
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, resume_later, request->connection), 0);
        pthread_detach(thread);
}

static void handle_posted(
                struct arena *own, struct http_request *request, struct http_response *ret)
{
        static int kept = 1;
        bool later = str_starts(request->address.path, STR_LIT("/later"));
        if (later && request->kept == NULL) {
                assert_non_null(http_suspend(request, &kept));
                if (str_is(request->address.path, "/later/at-once"))
                        http_resume(request->connection);
                else
                        resume_from_elsewhere(request);
                return;
        }
        *ret = (struct http_response){ .status = 303,
                .location = STR_LIT("/done"),
                .cookies = { STR_LIT("s=1; Path=/"), STR_LIT("t=2; Path=/") },
                .body = str_format(own, "%d %zu %.*s %.*s", request->body_type, request->body.n,
                                STR_FMT(str_cut(request->body, 40)),
                                STR_FMT(http_cookie(request, "s"))) };
}

static bool admit(void *user, struct arena *own, struct http_request *request, enum http_body *ret,
                struct err *err)
{
        (void)user;
        (void)own;
        if (str_is(request->address.path, "/a"))
                return err_set(err, E_HTTP_METHOD, "%s", "");
        *ret = str_is(request->address.path, "/files") ? HTTP_FILES : HTTP_FORM | HTTP_JSON;
        return true;
}

static void handle(void *user, struct arena *own, struct http_request *request,
                struct http_response *ret)
{
        (void)user;
        if (request->method == HTTP_POST) {
                handle_posted(own, request, ret);
                return;
        }
        bool peer = str_is(request->address.path, "/peer");
        *ret = (struct http_response){ .status = 200,
                .type = "text/plain; charset=utf-8",
                .keeping = HTTP_ASK_AGAIN,
                .body = peer ? http_peer(own, request) : request->address.path };
}

static void refuse(void *user, struct arena *own, const struct err *why, struct http_response *ret)
{
        (void)user;
        (void)own;
        *ret = (struct http_response){ .status = http_status(why),
                .type = "text/plain",
                .keeping = HTTP_STORE_NEVER,
                .body = str_of(err_text(why->code)->name) };
}

/* ---- Rows of bytes ---- */

struct row {
        const char *why;
        struct str bytes;
        int status; /* 0 = closed without an answer, or any of 400 to 499 and 505 */
};

#define ROW(why, bytes, status)                                                                    \
        {                                                                                          \
                why, { bytes, sizeof(bytes) - 1 }, status                                          \
        }
#define REFUSED 0

static const struct row rows[] = {
        ROW("an ordinary request", "GET /a HTTP/1.1\r\nHost: x\r\n\r\n", 200),
        ROW("blanks around a value", "GET /a HTTP/1.1\r\nHost:   x  \r\n\r\n", 200),
        ROW("an empty value", "GET /a HTTP/1.1\r\nHost: x\r\nAccept:\r\n\r\n", 200),
        ROW("HTTP/1.0", "GET /a HTTP/1.0\r\n\r\n", 200),
        ROW("a length of nothing", "GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 200),

        ROW("two different lengths",
                        "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
                        "Content-Length: 6\r\n\r\nabcde",
                        REFUSED),
        ROW("two equal lengths",
                        "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
                        "Content-Length: 5\r\n\r\nabcde",
                        REFUSED),
        ROW("length and chunks",
                        "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
                        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                        REFUSED),
        ROW("chunks and length",
                        "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                        "Content-Length: 5\r\n\r\n0\r\n\r\n",
                        REFUSED),
        ROW("unknown coding",
                        "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n"
                        "0\r\n\r\n",
                        REFUSED),
        ROW("coding twice",
                        "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                        "Transfer-Encoding: identity\r\n\r\n0\r\n\r\n",
                        REFUSED),
        ROW("length with a sign", "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\nabcde",
                        REFUSED),
        ROW("length of twenty digits",
                        "POST /a HTTP/1.1\r\nHost: x\r\n"
                        "Content-Length: 99999999999999999999\r\n\r\n",
                        REFUSED),
        ROW("two Hosts", "GET /a HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", REFUSED),
        ROW("no Host", "GET /a HTTP/1.1\r\n\r\n", REFUSED),
        ROW("blank before the colon", "GET /a HTTP/1.1\r\nHost : x\r\n\r\n", REFUSED),
        ROW("no colon", "GET /a HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n", REFUSED),
        ROW("a control character", "GET /a HTTP/1.1\r\nHost: x\r\nX-A: a\x01z\r\n\r\n", REFUSED),
        ROW("NUL in a value", "GET /a HTTP/1.1\r\nHost: x\r\nX-A: a\0b\r\n\r\n", REFUSED),
        ROW("NUL in a name", "GET /a HTTP/1.1\r\nHost: x\r\nX\0A: b\r\n\r\n", REFUSED),
        ROW("NUL in the version", "GET /a HTTP/1.1\0\r\nHost: x\r\n\r\n", REFUSED),
        ROW("NUL in the address", "GET /a\0b HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ROW("NUL behind the address", "GET /a\0 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ROW("NUL in the method", "GET\0X /a HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ROW("NUL in the query", "GET /a?b=\0c HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ROW("two blanks in the first line", "GET  /a HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ROW("two blanks behind the address", "GET /a  HTTP/1.1\r\nHost: x\r\n\r\n", REFUSED),
        ROW("bare line feed behind a header", "GET /a HTTP/1.1\r\nHost: x\nX-A: b\r\n\r\n",
                        REFUSED),
        ROW("bare line feed behind the first line", "GET /a HTTP/1.1\nHost: x\r\n\r\n", REFUSED),
        ROW("bare line feeds everywhere", "GET /a HTTP/1.1\nHost: x\n\n", REFUSED),
        ROW("bare carriage return", "GET /a HTTP/1.1\r\nHost: x\rX-A: b\r\n\r\n", REFUSED),
        ROW("folded line (obs-fold)", "GET /a HTTP/1.1\r\nHost: x\r\nX-A: b\r\n c\r\n\r\n",
                        REFUSED),
        ROW("folded length", "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n 5\r\n\r\nabcde",
                        REFUSED),
        ROW("a blank in front of the first header", "GET /a HTTP/1.1\r\n Host: x\r\n\r\n", REFUSED),
        ROW("an unknown version", "GET /a HTTP/3.0\r\nHost: x\r\n\r\n", REFUSED),
        ROW("no version", "GET /a\r\nHost: x\r\n\r\n", REFUSED),
        ROW("a whole address", "GET http://evil/ HTTP/1.1\r\nHost: x\r\n\r\n", REFUSED),
        ROW("raw bytes in the address", "GET /\xe5\x8e\xa6 HTTP/1.1\r\nHost: x\r\n\r\n", REFUSED),
        ROW("a blank in the address", "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", REFUSED),
        ROW("an encoded NUL in the address", "GET /a%00b HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ROW("GET with a body", "GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx", 400),
        ROW("POST where nothing is taken",
                        "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx", 405),
        ROW("POST without a length", "POST /b HTTP/1.1\r\nHost: x\r\n\r\n", 411),
        ROW("POST in chunks",
                        "POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                        "0\r\n\r\n",
                        411),
        ROW("POST of no type", "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx", 415),
        ROW("POST of another type",
                        "POST /b HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
                        "Content-Length: 1\r\n\r\nx",
                        415),
        ROW("POST of a type that is taken elsewhere",
                        "POST /files HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                        "Content-Length: 2\r\n\r\n{}",
                        415),
        ROW("POST that ends too early",
                        "POST /b HTTP/1.1\r\nHost: x\r\n"
                        "Content-Type: application/x-www-form-urlencoded\r\n"
                        "Content-Length: 10\r\n\r\na=1",
                        REFUSED),
        ROW("POST of more than is ever taken",
                        "POST /b HTTP/1.1\r\nHost: x\r\n"
                        "Content-Type: application/x-www-form-urlencoded\r\n"
                        "Content-Length: 9999999999999999999\r\n\r\na=1",
                        413),
        ROW("OPTIONS", "OPTIONS /a HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        ROW("nothing at all", "", REFUSED),
        ROW("half a request", "GET /a HT", REFUSED),
        ROW("TLS on the plain port", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", REFUSED),
        ROW("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", REFUSED),
};

static bool is_expected(const struct row *row, int status)
{
        if (row->status != REFUSED)
                return status == row->status;
        return status == 0 || status == 505 || (status >= 400 && status < 500);
}

static void test_raw_requests(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                bool closed;
                struct str answer = test_exchange(arena, port, rows[i].bytes, &closed);
                if (!closed)
                        fail_msg("%s: hangs", rows[i].why);
                if (!is_expected(&rows[i], test_status(answer)))
                        fail_msg("%s: %d", rows[i].why, test_status(answer));
        }
}

/* What is refused as ambiguous also closes the connection: nothing behind it is answered. */
static void test_refusal_ends_the_connection(void **state)
{
        (void)state;
        static const char *const firsts[] = {
                "GET /a HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
                "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
                "Content-Length: 50\r\n\r\n12345",
                "GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\n",
                "GET /a HTTP/1.1\r\nHost: x\nX: y\r\n\r\n",
        };
        for (size_t i = 0; i < N_ELEMENTS(firsts); i++) {
                bool closed;
                struct str answer = test_exchange(arena, port,
                                str_format(arena, "%sGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n",
                                                firsts[i]),
                                &closed);
                assert_true(closed);
                if (str_find(answer, STR_LIT("/smuggled")) != SIZE_MAX)
                        fail_msg("%s: the second request was answered", firsts[i]);
        }
}

static void test_requests_one_after_the_other(void **state)
{
        (void)state;
        bool closed;
        int fd = test_connect(port);
        test_send(fd, STR_LIT("GET /one HTTP/1.1\r\nHost: x\r\n\r\n"
                              "GET /two HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        struct str answer = test_receive(arena, fd, &closed);
        close(fd);
        assert_true(closed);
        assert_int_not_equal(str_find(answer, STR_LIT("/one")), SIZE_MAX);
        assert_int_not_equal(str_find(answer, STR_LIT("/two")), SIZE_MAX);
}

static void test_long_addresses_and_heads(void **state)
{
        (void)state;
        for (size_t n = 1024; n <= 262144; n *= 4) {
                struct buf buf = BUF(arena);
                bool closed;
                buf_c(&buf, "GET /");
                for (size_t i = 0; i < n; i++)
                        buf_char(&buf, 'a');
                buf_c(&buf, " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
                int status = test_status(test_exchange(arena, port, buf_str(&buf), &closed));
                assert_true(closed);
                if (n < ADDRESS_BYTES_MAX ? status != 200 : status != 0 && status != 414)
                        fail_msg("an address of %zu bytes: %d", n, status);
        }
        for (size_t n = 1; n <= 4096; n *= 8) {
                struct buf buf = BUF(arena);
                bool closed;
                buf_c(&buf, "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
                for (size_t i = 0; i < n; i++)
                        buf_format(&buf, "X-%zu: 0123456789012345678901234567890123456789\r\n", i);
                buf_c(&buf, "\r\n");
                int status = test_status(test_exchange(arena, port, buf_str(&buf), &closed));
                assert_true(closed);
                if (n < 60 ? status != 200 : status == 200)
                        fail_msg("%zu header lines: %d", n, status);
        }
}

/* ---- Forms ---- */

static struct str post_of(const char *path, const char *type, struct str body, const char *lines)
{
        bool closed;
        struct buf buf = BUF(arena);
        buf_format(&buf,
                        "POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: %s\r\n"
                        "Content-Length: %zu\r\n%s\r\n",
                        path, type, body.n, lines);
        buf_str_add(&buf, body);
        struct str answer = test_exchange(arena, port, buf_str(&buf), &closed);
        assert_true(closed);
        return answer;
}

#define FORM_TYPE "application/x-www-form-urlencoded"

static void test_posted(void **state)
{
        (void)state;
        struct str answer = post_of("/b", FORM_TYPE, STR_LIT("a=1&b=2"), "Cookie: s=x; t=y\r\n");
        assert_int_equal(test_status(answer), 303);
        assert_true(str_is(test_body(answer), "1 7 a=1&b=2 x"));
        assert_int_not_equal(str_find(answer, STR_LIT("Location: /done\r\n")), SIZE_MAX);
        assert_int_not_equal(str_find(answer, STR_LIT("Set-Cookie: s=1; Path=/\r\n")), SIZE_MAX);
        assert_int_not_equal(str_find(answer, STR_LIT("Set-Cookie: t=2; Path=/\r\n")), SIZE_MAX);
        answer = post_of("/b", FORM_TYPE "; charset=UTF-8", STR_LIT(""), "");
        assert_true(str_is(test_body(answer), "1 0  "));
        answer = post_of("/files", FORM_TYPE, STR_LIT("a=1"), "");
        assert_int_equal(test_status(answer), 415);
        assert_true(str_is(test_body(answer), "E_HTTP_TYPE"));
        answer = post_of("/b", "Application/JSON", STR_LIT("{}"), "");
        assert_true(str_is(test_body(answer), "4 2 {} "));
}

static struct str bytes_of(size_t n)
{
        char *bytes = arena_alloc(arena, n);
        memset(bytes, 'a', n);
        return (struct str){ bytes, n };
}

/* Each type up to its limit, and one byte more: the whole is passed over, then refused. */
static void test_limits_of_bodies(void **state)
{
        (void)state;
        static const struct {
                const char *path, *type;
                size_t limit;
        } limits[] = {
                { "/b", FORM_TYPE, LIMIT_FORM_BYTES },
                { "/b", "application/json", LIMIT_JSON_BYTES },
                { "/files", "multipart/form-data; boundary=X", LIMIT_BODY_BYTES },
        };
        for (size_t i = 0; i < N_ELEMENTS(limits); i++) {
                struct str body = bytes_of(limits[i].limit + 1);
                struct str answer = post_of(limits[i].path, limits[i].type, body, "");
                assert_int_equal(test_status(answer), 413);
                assert_true(str_is(test_body(answer), "E_HTTP_LARGE"));
                body.n--;
                answer = post_of(limits[i].path, limits[i].type, body, "");
                assert_int_equal(test_status(answer), 303);
        }
}

/* Two forms on one connection, the first cut into single bytes: each gets its own answer. */
static void test_posted_in_pieces(void **state)
{
        (void)state;
        bool closed;
        struct str first = STR_LIT("POST /b HTTP/1.1\r\nHost: x\r\nContent-Type: " FORM_TYPE
                                   "\r\nContent-Length: 3\r\n\r\na=1");
        int fd = test_connect(port);
        for (size_t i = 0; i < first.n; i++)
                test_send(fd, str_slice(first, i, i + 1));
        test_send(fd, STR_LIT("POST /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                              "Content-Type: " FORM_TYPE "\r\nContent-Length: 3\r\n\r\nb=2"));
        struct str answer = test_receive(arena, fd, &closed);
        close(fd);
        assert_int_not_equal(str_find(answer, STR_LIT("1 3 a=1 ")), SIZE_MAX);
        assert_int_not_equal(str_find(answer, STR_LIT("1 3 b=2 ")), SIZE_MAX);
}

/* A handler that waits holds no thread: more wait than there are threads. */
static void test_waiting_holds_no_thread(void **state)
{
        (void)state;
        int waiting[16];
        bool closed;
        for (size_t i = 0; i < N_ELEMENTS(waiting); i++) {
                waiting[i] = test_connect(port);
                test_send(waiting[i], STR_LIT("POST /later HTTP/1.1\r\nHost: x\r\n"
                                              "Connection: close\r\nContent-Type: " FORM_TYPE
                                              "\r\nContent-Length: 3\r\n\r\na=1"));
        }
        assert_int_equal(test_status(test_ask(arena, port, "GET", STR_LIT("/b"), "")), 200);
        for (size_t i = 0; i < N_ELEMENTS(waiting); i++) {
                assert_int_equal(test_status(test_receive(arena, waiting[i], &closed)), 303);
                close(waiting[i]);
        }
        struct str at_once = post_of("/later/at-once", FORM_TYPE, STR_LIT("a=1"), "");
        assert_int_equal(test_status(at_once), 303);
}

/* Whoever leaves while the answer is made takes nothing along. */
static void test_leaving_early(void **state)
{
        (void)state;
        for (int i = 0; i < 8; i++) {
                int fd = test_connect(port);
                test_send(fd, STR_LIT("POST /later HTTP/1.1\r\nHost: x\r\nContent-Type: " FORM_TYPE
                                      "\r\nContent-Length: 3\r\n\r\na=1"));
                close(fd);
        }
        assert_int_equal(test_status(test_ask(arena, port, "GET", STR_LIT("/b"), "")), 200);
}

/* All that is being received together is bounded too: of so many large bodies, each complete
 * but for its last byte, one at least is refused, and the others are not. */
static void test_all_bodies_together(void **state)
{
        (void)state;
        enum { N = LIMIT_BODIES_BYTES / LIMIT_BODY_BYTES + 1 };
        struct http *patient;
        struct err err;
        const struct http_options options = { .bind = "127.0.0.1",
                .idle_seconds = 300,
                .handler = handle,
                .admitter = admit,
                .refuser = refuse };
        int held[N], n_taken = 0, n_refused = 0;
        struct str body = bytes_of(LIMIT_BODY_BYTES - 1);
        struct str head = str_format(arena,
                        "POST /files HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                        "Content-Type: multipart/form-data\r\nContent-Length: %zu\r\n\r\n",
                        body.n + 1);
        assert_true(http_start(&options, &patient, &err));
        for (size_t i = 0; i < N; i++) {
                held[i] = test_connect(http_port(patient));
                test_send(held[i], head);
                test_send(held[i], body);
        }
        for (size_t i = 0; i < N; i++) {
                bool closed;
                test_send(held[i], STR_LIT("a"));
                struct str answer = test_receive(arena, held[i], &closed);
                close(held[i]);
                n_taken += test_status(answer) == 303;
                n_refused += test_status(answer) == 503 && str_is(test_body(answer), "E_HTTP_BUSY");
        }
        assert_int_equal(n_taken + n_refused, N);
        assert_in_range(n_refused, 1, N - 1);
        http_stop(&patient);
}

/* ---- Answers ---- */

static bool has(struct str text, const char *part)
{
        return str_find(text, str_of(part)) != SIZE_MAX;
}

static void test_headers_of_every_answer(void **state)
{
        (void)state;
        static const char *const lines[] = {
                "Content-Security-Policy: default-src 'none'; script-src 'self'; "
                "connect-src 'self'; style-src 'self'",
                "X-Content-Type-Options: nosniff",
                "Referrer-Policy: same-origin",
                "X-Frame-Options: DENY",
                "Cache-Control: ",
        };
        struct str answers[] = {
                test_ask(arena, port, "GET", STR_LIT("/a"), ""),
                test_ask(arena, port, "PUT", STR_LIT("/a"), ""),
                test_ask(arena, port, "GET", STR_LIT("/%zz"), ""),
        };
        for (size_t i = 0; i < N_ELEMENTS(answers); i++)
                for (size_t k = 0; k < N_ELEMENTS(lines); k++)
                        if (!has(test_head(answers[i]), lines[k]))
                                fail_msg("answer %zu lacks %s", i, lines[k]);
        assert_true(has(test_head(answers[1]), "Allow: GET, HEAD\r\n"));
        assert_false(has(answers[0], "unsafe-inline"));
}

static void test_head_has_no_body(void **state)
{
        (void)state;
        struct str get = test_ask(arena, port, "GET", STR_LIT("/abc"), "");
        struct str head = test_ask(arena, port, "HEAD", STR_LIT("/abc"), "");
        assert_true(str_is(test_body(get), "/abc"));
        assert_int_equal(test_body(head).n, 0);
        assert_int_equal(test_status(head), 200);
        assert_true(has(head, "Content-Length: 4\r\n"));
}

static void test_not_modified(void **state)
{
        (void)state;
        struct str head = test_head(test_ask(arena, port, "GET", STR_LIT("/abc"), ""));
        size_t at = str_find(head, STR_LIT("ETag: "));
        assert_int_not_equal(at, SIZE_MAX);
        struct str rest = str_slice(head, at + 6, head.n), etag = str_split(&rest, '\r');
        struct str again = test_ask(arena, port, "GET", STR_LIT("/abc"),
                        str_format(arena, "If-None-Match: %.*s\r\n", STR_FMT(etag)).p);
        assert_int_equal(test_status(again), 304);
        assert_int_equal(test_body(again).n, 0);
        struct str other = test_ask(arena, port, "GET", STR_LIT("/abd"),
                        str_format(arena, "If-None-Match: %.*s\r\n", STR_FMT(etag)).p);
        assert_int_equal(test_status(other), 200);
}

/* ---- Clients that take their time ---- */

static void test_slow_client_hinders_nobody(void **state)
{
        (void)state;
        int slow[8];
        for (size_t i = 0; i < N_ELEMENTS(slow); i++) {
                slow[i] = test_connect(port);
                test_send(slow[i], STR_LIT("GET /a HTTP/1.1\r\nHo"));
        }
        for (int i = 0; i < 20; i++)
                assert_int_equal(test_status(test_ask(arena, port, "GET", STR_LIT("/b"), "")), 200);
        test_send(slow[0], STR_LIT("st: x\r\nConnection: close\r\n\r\n"));
        bool closed;
        assert_int_equal(test_status(test_receive(arena, slow[0], &closed)), 200);
        for (size_t i = 0; i < N_ELEMENTS(slow); i++)
                close(slow[i]);
}

/* More than the limit wait in the kernel's queue; those that idle are closed in time, and
 * then everybody is answered. */
static void test_idle_connections_are_bounded(void **state)
{
        (void)state;
        struct http *small;
        struct err err;
        const struct http_options options = { .bind = "127.0.0.1",
                .connections = 8,
                .threads = 2,
                .idle_seconds = 1,
                .handler = handle,
                .refuser = refuse };
        int idle[24];
        assert_true(http_start(&options, &small, &err));
        for (size_t i = 0; i < N_ELEMENTS(idle); i++)
                idle[i] = test_connect(http_port(small));
        struct str answer = test_ask(arena, http_port(small), "GET", STR_LIT("/b"), "");
        assert_int_equal(test_status(answer), 200);
        for (size_t i = 0; i < N_ELEMENTS(idle); i++)
                close(idle[i]);
        http_stop(&small);
        assert_null(small);
}

static void test_start_fails_in_words(void **state)
{
        (void)state;
        struct http *other;
        struct err err;
        struct http_options options = {
                .bind = "127.0.0.1", .handler = handle, .refuser = refuse, .port = 70000
        };
        assert_false(http_start(&options, &other, &err));
        assert_int_equal(err.code, E_HTTP_LISTEN);
        options.port = 0;
        options.bind = "localhost"; /* names are for resolvers; we take addresses */
        assert_false(http_start(&options, &other, &err));
        options.bind = "192.0.2.1"; /* TEST-NET: not ours */
        assert_false(http_start(&options, &other, &err));
        assert_int_equal(err.code, E_HTTP_LISTEN);
}

static void test_numbers(void **state)
{
        (void)state;
        struct http_numbers before = http_numbers(http);
        test_ask(arena, port, "GET", STR_LIT("/b"), "");
        test_ask(arena, port, "GET", STR_LIT("/b"), "Host: second\r\n");
        struct http_numbers after = http_numbers(http);
        assert_int_equal(after.answered[2] - before.answered[2], 1);
        assert_int_equal(after.answered[4] - before.answered[4], 1);
        assert_int_equal(after.refused - before.refused, 1);
}

/* Behind the proxy of this machine everybody has his own address: the one that the proxy saw. What
 * he himself wrote before it counts for nothing. */
static void test_peer_behind_a_proxy(void **state)
{
        (void)state;
        static const struct {
                const char *line, *peer;
        } peers[] = {
                { "", "127.0.0.1" },
                { "X-Forwarded-For: 203.0.113.7\r\n", "203.0.113.7" },
                { "X-Forwarded-For: 198.51.100.1, 203.0.113.7\r\n", "203.0.113.7" },
                { "x-forwarded-for: 2001:DB8:0:0::7\r\n", "2001:db8::7" },
                { "X-Forwarded-For: \r\n", "127.0.0.1" },
                { "X-Forwarded-For: unknown\r\n", "127.0.0.1" },
                { "X-Forwarded-For: 203.0.113.7, ,\r\n", "203.0.113.7" }, /* RFC 9110 5.6.1.2 */
                { "X-Forwarded-For: 203.0.113.7:80\r\n", "127.0.0.1" },
                { "X-Forwarded-For: 203.0.113.256\r\n", "127.0.0.1" },
        };
        for (size_t i = 0; i < N_ELEMENTS(peers); i++) {
                struct str answer = test_ask(arena, port, "GET", STR_LIT("/peer"), peers[i].line);
                assert_int_equal(test_status(answer), 200);
                if (!str_is(test_body(answer), peers[i].peer))
                        fail_msg("%s: %s", peers[i].line, str_c(arena, test_body(answer)));
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_raw_requests),
                cmocka_unit_test(test_refusal_ends_the_connection),
                cmocka_unit_test(test_requests_one_after_the_other),
                cmocka_unit_test(test_long_addresses_and_heads),
                cmocka_unit_test(test_posted),
                cmocka_unit_test(test_limits_of_bodies),
                cmocka_unit_test(test_posted_in_pieces),
                cmocka_unit_test(test_waiting_holds_no_thread),
                cmocka_unit_test(test_leaving_early),
                cmocka_unit_test(test_all_bodies_together),
                cmocka_unit_test(test_headers_of_every_answer),
                cmocka_unit_test(test_head_has_no_body),
                cmocka_unit_test(test_not_modified),
                cmocka_unit_test(test_slow_client_hinders_nobody),
                cmocka_unit_test(test_idle_connections_are_bounded),
                cmocka_unit_test(test_start_fails_in_words),
                cmocka_unit_test(test_peer_behind_a_proxy),
                cmocka_unit_test(test_numbers),
        };
        const struct http_options options = { .bind = "127.0.0.1",
                .idle_seconds = 2,
                .handler = handle,
                .admitter = admit,
                .refuser = refuse };
        struct err err;
        arena = arena_open();
        if (!http_start(&options, &http, &err)) {
                fprintf(stderr, "%s\n", err.detail);
                return 1;
        }
        port = http_port(http);
        int failed = cmocka_run_group_tests(tests, NULL, NULL);
        http_stop(&http);
        arena_close(&arena);
        return failed;
}
