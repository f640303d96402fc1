/* web/http.h - an HTTP/1.1 server, as little of it as we need; libmicrohttpd behind it.
 *
 * Takes connections on a pool of threads, lets guard.h and address.h refuse what is doubtful,
 * and hands the rest to one handler. A POST is asked about (`admitter`) when its head has been
 * read; its body is then read whole, within the limits of base/limits.h, before the handler
 * sees it. Answers get the security headers, an ETag where they may be kept, and 304 where the
 * reader has them already. nginx in front ends TLS.
 *
 * A handler that has to wait does not hold its thread: it suspends the request and is called
 * once more when somebody resumes it.
 *
 * What libmicrohttpd 0.9.75 hides from us, and what is done about it, stands in README.md. */
#ifndef WEB_HTTP_H
#define WEB_HTTP_H

#include "base/err.h"
#include "base/str.h"
#include "web/address.h"
#include "web/guard.h"

struct http;
struct http_connection;

/* What a POST may bring, each with its own limit; several may be or-ed. */
enum http_body {
        HTTP_NOTHING = 0,
        HTTP_FORM = 1,  /* application/x-www-form-urlencoded, LIMIT_FORM_BYTES */
        HTTP_FILES = 2, /* multipart/form-data, LIMIT_BODY_BYTES */
        HTTP_JSON = 4,  /* application/json, LIMIT_JSON_BYTES */
};

struct http_request { /* texts live until the answer is sent */
        enum http_method method;
        struct address address;
        enum http_body body_type; /* of a POST */
        struct str type, body;    /* its Content-Type, its bytes */
        void *kept;               /* what http_suspend() was given; NULL in the first call */
        struct http_connection *connection;
};

/* A header's value, or empty. The first, if there are several. */
struct str http_header(const struct http_request *request, const char *name);

/* A cookie's value; empty if there is none, or several of that name. */
struct str http_cookie(const struct http_request *request, const char *name);

/* The other side's address as text: "203.0.113.7". From a proxy on this machine it is the one that
 * the proxy saw, the last in X-Forwarded-For; from elsewhere nobody's word is taken for it. */
struct str http_peer(struct arena *arena, const struct http_request *request);

/* Called by a handler, at most once for a request, before it hands on whatever will resume it.
 * The handler's *ret is then passed over; after http_resume() (from any thread, and be it
 * before the handler has returned) the handler is called again, with `kept`, on the same arena.
 * Returns an arena for whoever resumes it, which lives as long. */
struct arena *http_suspend(struct http_request *request, void *kept);
void http_resume(struct http_connection *connection);

enum http_keeping {
        HTTP_STORE_NEVER, /* errors, health, whatever is for one person */
        HTTP_ASK_AGAIN,   /* pages: kept, but asked for with If-None-Match */
        HTTP_FOR_GOOD,    /* what its name says the content of */
};

#define HTTP_COOKIES_MAX 2u

struct http_response {
        int status;
        const char *type;     /* "text/html; charset=utf-8" */
        const char *encoding; /* "gzip"; NULL = as it is */
        bool may_pack;        /* a body without secrets: as gzip to whoever takes it */
        const char *request;  /* its id, as the proxy gave it; NULL = none; http.c's */
        const char *allow;    /* of a 405; NULL = "GET, HEAD" */
        struct str location;  /* of a redirection (303 after an act); else empty */
        struct str etag;      /* its own; empty = of the body, where it may be kept */
        struct str file_name; /* offered for saving under this ASCII name; else empty */
        struct str cookies[HTTP_COOKIES_MAX]; /* cookie_format(); empty = none */
        enum http_keeping keeping;
        struct str body; /* lives in the arena */
};

/* Runs on any of the threads; must fill *ret, or suspend the request. */
typedef void http_handler(void *user, struct arena *arena, struct http_request *request,
                struct http_response *ret);

/* May this POST come in, and what may it bring? Its body has not been read. */
typedef bool http_admitter(void *user, struct arena *arena, struct http_request *request,
                enum http_body *ret, struct err *err);

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
        http_admitter *admitter; /* NULL: no POST is taken */
        http_refuser *refuser;
        void *user;
};

/* E_HTTP_LISTEN if the address cannot be had. */
MUST_CHECK bool http_start(const struct http_options *options, struct http **ret, struct err *err);
int http_port(const struct http *http);

/* Answers what is under way first: whoever resumes suspended requests must still be there. */
void http_stop(struct http **http);

struct http_numbers {
        uint64_t answered[6]; /* by hundreds of the status; [0] = all */
        uint64_t refused;     /* by the guard */
};
struct http_numbers http_numbers(const struct http *http);

/* The status for a refusal: 400, 404, 405, 411, 413, 414, 415 ... */
int http_status(const struct err *err);

#endif
