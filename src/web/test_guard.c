/* Whether a request is one request: rows of header fields, as a server would get them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "web/guard.h"

struct row {
        const char *why;
        const char *method, *version;
        const char *fields[8][2];
        enum err_code code; /* E_NONE: let through */
};

#define HOST                                                                                       \
        {                                                                                          \
                "Host", "sfj.example.cn"                                                           \
        }

static const struct row rows[] = {
        { "an ordinary request", "GET", "HTTP/1.1", { HOST, { "Accept", "*/*" } }, E_NONE },
        { "HEAD is GET without the body", "HEAD", "HTTP/1.1", { HOST }, E_NONE },
        { "HTTP/1.0 needs no Host", "GET", "HTTP/1.0", { { NULL, NULL } }, E_NONE },
        { "a length of nothing is nothing", "GET", "HTTP/1.1", { HOST, { "Content-Length", "0" } },
                        E_NONE },
        { "IPv6 host with a port", "GET", "HTTP/1.1", { { "host", "[::1]:8080" } }, E_NONE },
        { "Chinese in a value is only bytes", "GET", "HTTP/1.1", { HOST, { "X-A", "准绳" } },
                        E_NONE },
        { "a tab may stand in a value", "GET", "HTTP/1.1", { HOST, { "X-A", "a\tb" } }, E_NONE },

        { "no Host (RFC 9112 section 3.2)", "GET", "HTTP/1.1", { { "Accept", "*/*" } },
                        E_HTTP_MESSAGE },
        { "two Hosts, even alike", "GET", "HTTP/1.1", { HOST, HOST }, E_HTTP_MESSAGE },
        { "two Hosts in HTTP/1.0", "GET", "HTTP/1.0", { HOST, { "HOST", "b" } }, E_HTTP_MESSAGE },
        { "empty Host", "GET", "HTTP/1.1", { { "Host", "" } }, E_HTTP_MESSAGE },
        { "a Host with a path", "GET", "HTTP/1.1", { { "Host", "a/b" } }, E_HTTP_MESSAGE },
        { "a Host with a user", "GET", "HTTP/1.1", { { "Host", "a@b" } }, E_HTTP_MESSAGE },
        { "two different lengths (section 6.3)", "POST", "HTTP/1.1",
                        { HOST, { "Content-Length", "5" }, { "Content-Length", "6" } },
                        E_HTTP_MESSAGE },
        { "two equal lengths", "POST", "HTTP/1.1",
                        { HOST, { "Content-Length", "5" }, { "content-length", "5" } },
                        E_HTTP_MESSAGE },
        { "two lengths in one line", "POST", "HTTP/1.1", { HOST, { "Content-Length", "5, 5" } },
                        E_HTTP_MESSAGE },
        { "a length with a sign", "POST", "HTTP/1.1", { HOST, { "Content-Length", "+7" } },
                        E_HTTP_MESSAGE },
        { "a negative length", "POST", "HTTP/1.1", { HOST, { "Content-Length", "-1" } },
                        E_HTTP_MESSAGE },
        { "a length in hexadecimal", "POST", "HTTP/1.1", { HOST, { "Content-Length", "0x7" } },
                        E_HTTP_MESSAGE },
        { "an empty length", "POST", "HTTP/1.1", { HOST, { "Content-Length", "" } },
                        E_HTTP_MESSAGE },
        { "a length of twenty digits", "POST", "HTTP/1.1",
                        { HOST, { "Content-Length", "18446744073709551617" } }, E_HTTP_MESSAGE },
        { "length and chunks", "POST", "HTTP/1.1",
                        { HOST, { "Content-Length", "5" }, { "Transfer-Encoding", "chunked" } },
                        E_HTTP_MESSAGE },
        { "chunks twice", "POST", "HTTP/1.1",
                        { HOST, { "Transfer-Encoding", "chunked" },
                                        { "Transfer-Encoding", "chunked" } },
                        E_HTTP_MESSAGE },
        { "another coding", "POST", "HTTP/1.1", { HOST, { "Transfer-Encoding", "gzip, chunked" } },
                        E_HTTP_MESSAGE },
        { "a coding that hides behind a vertical tab", "POST", "HTTP/1.1",
                        { HOST, { "Transfer-Encoding", "\vchunked" } }, E_HTTP_MESSAGE },
        { "a blank before the colon", "GET", "HTTP/1.1", { HOST, { "X-A ", "1" } },
                        E_HTTP_MESSAGE },
        { "a name that is none", "GET", "HTTP/1.1", { HOST, { "X(A)", "1" } }, E_HTTP_MESSAGE },
        { "an empty name", "GET", "HTTP/1.1", { HOST, { "", "1" } }, E_HTTP_MESSAGE },
        { "a name in Chinese", "GET", "HTTP/1.1", { HOST, { "名", "1" } }, E_HTTP_MESSAGE },
        { "a carriage return in a value", "GET", "HTTP/1.1", { HOST, { "X-A", "1\rX-B: 2" } },
                        E_HTTP_MESSAGE },
        { "a control character in a value", "GET", "HTTP/1.1", { HOST, { "X-A", "\x01" } },
                        E_HTTP_MESSAGE },
        { "delete in a value", "GET", "HTTP/1.1", { HOST, { "X-A", "\x7f" } }, E_HTTP_MESSAGE },
        { "another version", "GET", "HTTP/2.0", { HOST }, E_HTTP_MESSAGE },
        { "a version in small letters", "GET", "http/1.1", { HOST }, E_HTTP_MESSAGE },
        { "a method that is no word", "G(T", "HTTP/1.1", { HOST }, E_HTTP_MESSAGE },
        { "a GET with a body", "GET", "HTTP/1.1", { HOST, { "Content-Length", "3" } },
                        E_HTTP_MESSAGE },
        { "a GET with chunks", "GET", "HTTP/1.1", { HOST, { "Transfer-Encoding", "chunked" } },
                        E_HTTP_MESSAGE },

        { "a form", "POST", "HTTP/1.1", { HOST, { "Content-Length", "3" } }, E_NONE },
        { "an empty form", "POST", "HTTP/1.1", { HOST, { "Content-Length", "0" } }, E_NONE },
        { "a form without a length", "POST", "HTTP/1.1", { HOST }, E_HTTP_LENGTH },
        { "a form in chunks", "POST", "HTTP/1.1", { HOST, { "Transfer-Encoding", "chunked" } },
                        E_HTTP_LENGTH },
        { "PUT", "PUT", "HTTP/1.1", { HOST, { "Content-Length", "3" } }, E_HTTP_METHOD },
        { "DELETE", "DELETE", "HTTP/1.1", { HOST }, E_HTTP_METHOD },
        { "methods have capitals", "get", "HTTP/1.1", { HOST }, E_HTTP_METHOD },
        { "CONNECT", "CONNECT", "HTTP/1.1", { HOST }, E_HTTP_METHOD },
};

static struct guard_request request_of(const struct row *row, struct guard_field fields[8])
{
        size_t n = 0;
        while (n < N_ELEMENTS(row->fields) && row->fields[n][0] != NULL) {
                fields[n] = (struct guard_field){ .name = str_of(row->fields[n][0]),
                        .value = str_of(row->fields[n][1]) };
                n++;
        }
        return (struct guard_request){ .method = str_of(row->method),
                .version = str_of(row->version),
                .fields = fields,
                .n_fields = n };
}

static void test_rows(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct guard_field fields[8];
                struct guard_request request = request_of(&rows[i], fields);
                struct guard_verdict verdict;
                struct err err = { 0 };
                bool ok = guard_check(&request, &verdict, &err);
                if (ok != (rows[i].code == E_NONE) || (!ok && err.code != rows[i].code))
                        fail_msg("%s: %s %s", rows[i].why, ok ? "let through" : "refused",
                                        ok ? "" : err_text(err.code)->name);
        }
}

/* What http.c found out about the lines themselves. */
static void test_broken_lines_are_refused(void **state)
{
        (void)state;
        struct guard_field field = { .name = STR_LIT("Host"), .value = STR_LIT("a") };
        struct guard_request request = { .method = STR_LIT("GET"),
                .version = STR_LIT("HTTP/1.1"),
                .fields = &field,
                .n_fields = 1 };
        struct guard_verdict verdict;
        struct err err;
        assert_true(guard_check(&request, &verdict, &err));
        field.broken = true;
        assert_false(guard_check(&request, &verdict, &err));
        field.broken = false;
        request.broken = true;
        assert_false(guard_check(&request, &verdict, &err));
}

static void test_verdict(void **state)
{
        (void)state;
        struct guard_field fields[] = {
                { .name = STR_LIT("Host"), .value = STR_LIT("a") },
                { .name = STR_LIT("Content-Length"), .value = STR_LIT("9999999999999999999") },
        };
        struct guard_request request = { .method = STR_LIT("POST"),
                .version = STR_LIT("HTTP/1.1"),
                .fields = fields,
                .n_fields = 2 };
        struct guard_verdict verdict;
        struct err err;
        assert_true(guard_check(&request, &verdict, &err));
        assert_int_equal(verdict.method, HTTP_POST);
        assert_true(verdict.length == 9999999999999999999u);
        request.method = STR_LIT("HEAD");
        request.n_fields = 1;
        assert_true(guard_check(&request, &verdict, &err));
        assert_int_equal(verdict.method, HTTP_HEAD);
        assert_int_equal(verdict.length, 0);
}

static void test_number_of_fields_is_bounded(void **state)
{
        (void)state;
        struct guard_field fields[GUARD_FIELDS_MAX + 1];
        for (size_t i = 0; i < N_ELEMENTS(fields); i++)
                fields[i] = (struct guard_field){ .name = STR_LIT("A"), .value = STR_LIT("1") };
        fields[0].name = STR_LIT("Host");
        struct guard_request request = { .method = STR_LIT("GET"),
                .version = STR_LIT("HTTP/1.1"),
                .fields = fields,
                .n_fields = GUARD_FIELDS_MAX };
        struct guard_verdict verdict;
        struct err err;
        assert_true(guard_check(&request, &verdict, &err));
        request.n_fields++;
        assert_false(guard_check(&request, &verdict, &err));
        assert_int_equal(err.code, E_HTTP_MESSAGE);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_rows),
                cmocka_unit_test(test_broken_lines_are_refused),
                cmocka_unit_test(test_verdict),
                cmocka_unit_test(test_number_of_fields_is_bounded),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
