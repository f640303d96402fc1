#include "web/http.h"

#include <arpa/inet.h>
#include <assert.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/log.h"
#include "ledger/hash.h"
#include "web/guard.h"

#define ETAG_BYTES 12

struct http {
        struct MHD_Daemon *daemon;
        struct http_options options;
        _Atomic uint64_t answered[6], refused;
};

struct http_connection {
        struct MHD_Connection *mhd;
};

static const char security_policy[] =
                "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; "
                "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

int http_status(const struct err *err)
{
        static const struct {
                enum err_code code;
                int status;
        } rows[] = {
                { E_HTTP_MESSAGE, 400 },
                { E_HTTP_METHOD, 405 },
                { E_HTTP_TARGET, 400 },
                { E_HTTP_TARGET_LONG, 414 },
                { E_HTTP_QUERY, 400 },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++)
                if (rows[i].code == err->code)
                        return rows[i].status;
        return err_http_status(err_text(err->code)->kind);
}

struct str http_header(const struct http_request *request, const char *name)
{
        const char *value = MHD_lookup_connection_value(
                        request->connection->mhd, MHD_HEADER_KIND, name);
        return str_of(value);
}

/* ---- What the library lets us see of the bytes ---- */

/* Version 0.9.75 parses in place: it puts a NUL over the CR and one over the LF of each line,
 * and moves a folded value elsewhere. So behind a value that stood on a whole line come two
 * NULs, and between a name and its value only the colon (now NUL) and blanks. 1.0 refuses
 * bare line feeds and folds by itself. */
#if MHD_VERSION < 0x00097600
static bool ends_whole(const char *text, size_t n)
{
        return text[n] == '\0' && text[n + 1] == '\0';
}

static bool is_folded(const char *name, size_t n_name, const char *value)
{
        const char *between = name + n_name;
        if (value < between || value - between > 4096)
                return true;
        while (between < value && (*between == '\0' || *between == ' ' || *between == '\t'))
                between++;
        return between < value;
}
#else
static bool ends_whole(const char *text, size_t n)
{
        return text[n] == '\0';
}

static bool is_folded(const char *name, size_t n_name, const char *value)
{
        (void)name, (void)n_name, (void)value;
        return false;
}
#endif

struct gathered {
        struct guard_field fields[GUARD_FIELDS_MAX + 1];
        size_t n;
};

/* The library leaves blanks behind a value standing. */
static struct str trimmed(const char *value, size_t n)
{
        while (n > 0 && (value[n - 1] == ' ' || value[n - 1] == '\t'))
                n--;
        return (struct str){ value, n };
}

static enum MHD_Result gather(void *cls, enum MHD_ValueKind kind, const char *name, size_t n_name,
                const char *value, size_t n_value)
{
        struct gathered *all = cls;
        (void)kind;
        if (all->n == N_ELEMENTS(all->fields))
                return MHD_NO;
        all->fields[all->n++] = (struct guard_field){
                .name = { name, n_name },
                .value = trimmed(value, value != NULL ? n_value : 0),
                .broken = value == NULL || !ends_whole(value, n_value) ||
                          is_folded(name, n_name, value),
        };
        return MHD_YES;
}

static bool check_message(struct MHD_Connection *mhd, const char *method, const char *version,
                struct err *err)
{
        struct gathered all = { .n = 0 };
        MHD_get_connection_values_n(mhd, MHD_HEADER_KIND, gather, &all);
        struct guard_request request = {
                .method = str_of(method),
                .version = str_of(version),
                .broken = !ends_whole(version, strlen(version)),
                .fields = all.fields,
                .n_fields = all.n,
        };
        return guard_check(&request, err);
}

/* ---- Answers ---- */

static void add(struct MHD_Response *response, const char *name, const char *value)
{
        enum MHD_Result added = MHD_add_response_header(response, name, value);
        assert(added == MHD_YES);
}

static const char *keeping_words(enum http_keeping keeping)
{
        static const char *const words[] = { "no-store", "no-cache",
                "public, max-age=31536000, immutable" };
        return words[keeping];
}

static struct str etag_of(struct arena *arena, const struct http_response *answer)
{
        struct hash hash = hash_bytes(LEDGER_SHA256, answer->body);
        char hex[2 * ETAG_BYTES];
        hash_write_hex(hash.b, ETAG_BYTES, hex);
        return str_format(arena, "\"%.*s%s\"", (int)sizeof(hex), hex,
                        answer->encoding != NULL ? "-z" : "");
}

static void add_headers(struct arena *arena, struct MHD_Response *response,
                const struct http_response *answer, struct str etag)
{
        add(response, "Cache-Control", keeping_words(answer->keeping));
        add(response, "Content-Security-Policy", security_policy);
        add(response, "X-Content-Type-Options", "nosniff");
        add(response, "X-Frame-Options", "DENY");
        add(response, "Referrer-Policy", "same-origin");
        add(response, "Cross-Origin-Opener-Policy", "same-origin");
        add(response, "Cross-Origin-Resource-Policy", "same-origin");
        add(response, "Permissions-Policy", "camera=(), geolocation=(), microphone=()");
        if (answer->type != NULL)
                add(response, "Content-Type", answer->type);
        if (answer->keeping == HTTP_FOR_GOOD)
                add(response, "Vary", "Accept-Encoding");
        if (answer->encoding != NULL)
                add(response, "Content-Encoding", answer->encoding);
        if (etag.n != 0)
                add(response, "ETag", str_c(arena, etag));
        if (answer->location.n != 0)
                add(response, "Location", str_c(arena, answer->location));
        if (answer->file_name.n != 0)
                add(response, "Content-Disposition",
                                str_c(arena, str_format(arena, "attachment; filename=\"%.*s\"",
                                                             STR_FMT(answer->file_name))));
        if (answer->status == 405)
                add(response, "Allow", "GET, HEAD");
        if (answer->status == 400 || answer->status == 405)
                add(response, "Connection", "close");
}

static bool has_already(struct MHD_Connection *mhd, struct str etag)
{
        const char *known = MHD_lookup_connection_value(mhd, MHD_HEADER_KIND, "If-None-Match");
        return known != NULL && str_find(str_of(known), etag) != SIZE_MAX;
}

static enum MHD_Result send_answer(struct http *http, struct arena *arena,
                struct MHD_Connection *mhd, struct http_response *answer)
{
        struct str etag = { NULL, 0 };
        if (answer->status == 200 && answer->keeping != HTTP_STORE_NEVER) {
                etag = etag_of(arena, answer);
                if (has_already(mhd, etag)) {
                        answer->status = 304;
                        answer->body.n = 0;
                }
        }
        /* The library's parameter is not const, though it only copies from it. */
        union {
                const char *p;
                void *bytes;
        } body = { .p = answer->body.p };
        struct MHD_Response *response = MHD_create_response_from_buffer(
                        answer->body.n, body.bytes, MHD_RESPMEM_MUST_COPY);
        if (response == NULL)
                return MHD_NO;
        add_headers(arena, response, answer, etag);
        enum MHD_Result queued = MHD_queue_response(mhd, (unsigned)answer->status, response);
        MHD_destroy_response(response);
        http->answered[0]++;
        if (answer->status >= 100 && answer->status < 600)
                http->answered[answer->status / 100]++;
        return queued;
}

/* ---- Requests ---- */

/* What a request is between the calls for it. */
struct pending {
        char *target;  /* as it was sent: libmicrohttpd decodes its own copy of it */
        bool admitted; /* the guard has let it through */
};

static void *begin_request(void *user, const char *uri, struct MHD_Connection *mhd)
{
        (void)user;
        (void)mhd;
        struct pending *pending = calloc(1, sizeof(*pending));
        if (pending == NULL || (pending->target = strdup(uri)) == NULL)
                abort();
        return pending;
}

static void end_request(void *user, struct MHD_Connection *mhd, void **state,
                enum MHD_RequestTerminationCode how)
{
        struct pending *pending = *state;
        (void)user;
        (void)mhd;
        (void)how;
        if (pending != NULL)
                free(pending->target);
        free(pending);
        *state = NULL;
}

/* Decoding is ours (address.h); the library's would end a text at %00. */
static size_t leave_as_it_is(void *user, struct MHD_Connection *mhd, char *text)
{
        (void)user;
        (void)mhd;
        return strlen(text);
}

static enum MHD_Result answer_request(struct http *http, struct MHD_Connection *mhd,
                const struct pending *pending, const struct err *refused)
{
        struct arena *arena = arena_open();
        struct http_connection connection = { mhd };
        struct http_request request = { .connection = &connection };
        struct http_response answer = { 0 };
        struct err err;
        if (refused != NULL)
                http->options.refuser(http->options.user, arena, refused, &answer);
        else if (address_parse(arena, str_of(pending->target), &request.address, &err))
                http->options.handler(http->options.user, arena, &request, &answer);
        else
                http->options.refuser(http->options.user, arena, &err, &answer);
        enum MHD_Result sent = send_answer(http, arena, mhd, &answer);
        arena_close(&arena);
        return sent;
}

/* Called once when the head has been read and once more for the answer. An answer in the
 * first call makes the library close the connection, which is what a refusal wants. */
static enum MHD_Result take_request(void *user, struct MHD_Connection *mhd, const char *url,
                const char *method, const char *version, const char *upload, size_t *n_upload,
                void **state)
{
        struct http *http = user;
        struct pending *pending = *state;
        struct err err;
        (void)url;
        (void)upload;
        (void)n_upload;
        if (pending->admitted)
                return answer_request(http, mhd, pending, NULL);
        pending->admitted = check_message(mhd, method, version, &err);
        if (pending->admitted)
                return MHD_YES;
        http->refused++;
        return answer_request(http, mhd, pending, &err);
}

/* ---- The server ---- */

static void log_message(void *user, const char *format, va_list arguments)
{
        char text[512];
        (void)user;
        vsnprintf(text, sizeof(text), format, arguments);
        size_t n = strlen(text);
        while (n > 0 && text[n - 1] == '\n')
                text[--n] = '\0';
        log_line(LOG_DEBUG, "web", "libmicrohttpd: %s", text);
}

static bool address_of(
                const struct http_options *options, struct sockaddr_storage *ret, bool *ret_is_6)
{
        struct sockaddr_in *four = (struct sockaddr_in *)ret;
        struct sockaddr_in6 *six = (struct sockaddr_in6 *)ret;
        memset(ret, 0, sizeof(*ret));
        *ret_is_6 = inet_pton(AF_INET6, options->bind, &six->sin6_addr) == 1;
        if (*ret_is_6) {
                six->sin6_family = AF_INET6;
                six->sin6_port = htons((uint16_t)options->port);
                return true;
        }
        four->sin_family = AF_INET;
        four->sin_port = htons((uint16_t)options->port);
        return inet_pton(AF_INET, options->bind, &four->sin_addr) == 1;
}

static struct MHD_Daemon *start(struct http *http, const struct sockaddr *address, bool is_6)
{
        const struct http_options *o = &http->options;
        unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG |
                         (is_6 ? MHD_USE_IPv6 : 0u);
        return MHD_start_daemon(flags, (uint16_t)o->port, NULL, NULL, take_request, http,
                        MHD_OPTION_EXTERNAL_LOGGER, log_message, NULL, MHD_OPTION_SOCK_ADDR,
                        address, MHD_OPTION_THREAD_POOL_SIZE, o->threads != 0 ? o->threads : 2u,
                        MHD_OPTION_CONNECTION_LIMIT, o->connections != 0 ? o->connections : 512u,
                        MHD_OPTION_CONNECTION_TIMEOUT, o->idle_seconds != 0 ? o->idle_seconds : 15u,
                        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)32768,
                        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_URI_LOG_CALLBACK, begin_request,
                        NULL, MHD_OPTION_UNESCAPE_CALLBACK, leave_as_it_is, NULL,
                        MHD_OPTION_NOTIFY_COMPLETED, end_request, NULL,
                        MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u, MHD_OPTION_END);
}

bool http_start(const struct http_options *options, struct http **ret, struct err *err)
{
        struct sockaddr_storage address;
        bool is_6;
        if (options->port < 0 || options->port > 65535 || !address_of(options, &address, &is_6))
                return err_set(err, E_HTTP_LISTEN, "地址 %s，端口 %d", options->bind,
                                options->port);
        struct http *http = calloc(1, sizeof(*http));
        if (http == NULL)
                abort();
        http->options = *options;
        http->daemon = start(http, (const struct sockaddr *)&address, is_6);
        if (http->daemon == NULL) {
                free(http);
                return err_set(err, E_HTTP_LISTEN, "地址 %s，端口 %d", options->bind,
                                options->port);
        }
        *ret = http;
        return true;
}

int http_port(const struct http *http)
{
        const union MHD_DaemonInfo *info =
                        MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_BIND_PORT);
        return info != NULL && info->port != 0 ? info->port : http->options.port;
}

void http_stop(struct http **stopping)
{
        struct http *http = *stopping;
        if (http == NULL)
                return;
        *stopping = NULL;
        MHD_stop_daemon(http->daemon);
        free(http);
}

struct http_numbers http_numbers(const struct http *http)
{
        struct http_numbers numbers = { .refused = http->refused };
        for (size_t i = 0; i < N_ELEMENTS(numbers.answered); i++)
                numbers.answered[i] = http->answered[i];
        return numbers;
}
