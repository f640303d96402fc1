/* web/http.h - an HTTP/1.1 server, as little of it as we need; libmicrohttpd behind it.
 *
 * Takes connections on a pool of threads, lets guard.h and address.h refuse what is doubtful,
 * and hands the rest to one handler. Answers get the security headers, an ETag where they may
 * be kept, and 304 where the reader has them already. nginx in front ends TLS.
 *
 * What libmicrohttpd 0.9.75 hides from us, and what is done about it, stands in README.md. */
#ifndef WEB_HTTP_H
#define WEB_HTTP_H

#include "base/err.h"
#include "base/str.h"
#include "web/address.h"

struct http;
struct http_connection;

struct http_request { /* texts live until the handler returns */
        struct address address;
        const struct http_connection *connection;
};

/* A header's value, or empty. The first, if there are several. */
struct str http_header(const struct http_request *request, const char *name);

enum http_keeping {
        HTTP_STORE_NEVER, /* errors, health */
        HTTP_ASK_AGAIN,   /* pages: kept, but asked for with If-None-Match */
        HTTP_FOR_GOOD,    /* what its name says the content of */
};

struct http_response {
        int status;
        const char *type;     /* "text/html; charset=utf-8" */
        const char *encoding; /* "gzip"; NULL = as it is */
        struct str location;  /* of a redirection; else empty */
        struct str file_name; /* offered for saving under this ASCII name; else empty */
        enum http_keeping keeping;
        struct str body; /* lives in the arena */
};

/* Runs on any of the threads; must fill *ret. */
typedef void http_handler(void *user, struct arena *arena, const struct http_request *request,
                struct http_response *ret);

/* Turns a refusal into an answer; `request` may be incomplete and is not handed on. */
typedef void http_refuser(
                void *user, struct arena *arena, const struct err *why, struct http_response *ret);

struct http_options {
        const char *bind;      /* "127.0.0.1", "::1" */
        int port;              /* 0 = any that is free */
        unsigned threads;      /* 0 = 2 */
        unsigned connections;  /* at once; 0 = 512 */
        unsigned idle_seconds; /* then a connection is closed; 0 = 15 */
        http_handler *handler;
        http_refuser *refuser;
        void *user;
};

/* E_HTTP_LISTEN if the address cannot be had. */
MUST_CHECK bool http_start(const struct http_options *options, struct http **ret, struct err *err);
int http_port(const struct http *http);
void http_stop(struct http **http); /* answers what is under way first */

struct http_numbers {
        uint64_t answered[6]; /* by hundreds of the status; [0] = all */
        uint64_t refused;     /* by the guard */
};
struct http_numbers http_numbers(const struct http *http);

/* The status for a refusal: 400, 404, 405, 414 ... */
int http_status(const struct err *err);

#endif
