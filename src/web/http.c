#include "web/http.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "base/limits.h"
#include "base/log.h"
#include "ledger/hash.h"
#include "web/answer.h"
#include "web/cookie.h"
#include "web/message.h"

#define BODY_PIECE 16384u /* what a body's buffer begins with */

struct http {
        struct MHD_Daemon *daemon;
        struct http_options options;
        _Atomic uint64_t answered[6], refused;
        _Atomic size_t held; /* bytes of all bodies that are being received */
        pthread_mutex_t mutex;
        pthread_cond_t idle;
        size_t under_way; /* requests that a handler has seen and not answered */
        bool stopping;
};

/* One request, between the library's calls for it. */
struct http_connection {
        struct http *http;
        struct MHD_Connection *mhd;
        struct arena *arena, *other; /* other: of whoever resumes it; NULL = never suspended */
        char *target;                /* as it was sent: libmicrohttpd decodes its own copy of it */
        const char *target_there;    /* where the library has it */
        bool admitted;               /* its head was let through */
        bool is_refused, is_asleep, is_under_way;
        char id[LOG_REQUEST_BYTES];
        bool id_given;      /* by the proxy: it is sent back */
        struct err refusal; /* told once the body has been passed over */
        struct http_request request;
        uint64_t length; /* of the body, as announced */
        char *body;
        size_t n_body, capacity;
};

int http_status(const struct err *err)
{
        static const struct {
                enum err_code code;
                int status;
        } rows[] = {
                { E_HTTP_MESSAGE, 400 },
                { E_HTTP_METHOD, 405 },
                { E_HTTP_TOKEN, 401 },
                { E_HTTP_MATCH, 412 },
                { E_HTTP_TARGET, 400 },
                { E_HTTP_TARGET_LONG, 414 },
                { E_HTTP_QUERY, 400 },
                { E_HTTP_LENGTH, 411 },
                { E_HTTP_TYPE, 415 },
                { E_HTTP_LARGE, 413 },
                { E_HTTP_FORM, 400 },
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

struct str http_cookie(const struct http_request *request, const char *name)
{
        return cookie_find(http_header(request, "Cookie"), name);
}

/* Is the other side a process of this machine? Its address as text besides. */
static bool peer_is_near(const struct sockaddr *address, char text[INET6_ADDRSTRLEN])
{
        text[0] = '\0';
        if (address != NULL && address->sa_family == AF_INET) {
                const struct in_addr *in = &((const struct sockaddr_in *)address)->sin_addr;
                inet_ntop(AF_INET, in, text, INET6_ADDRSTRLEN);
                return ntohl(in->s_addr) >> 24 == IN_LOOPBACKNET;
        }
        if (address != NULL && address->sa_family == AF_INET6) {
                const struct in6_addr *in = &((const struct sockaddr_in6 *)address)->sin6_addr;
                inet_ntop(AF_INET6, in, text, INET6_ADDRSTRLEN);
                return IN6_IS_ADDR_LOOPBACK(in);
        }
        return false;
}

/* The address as inet_ntop(3) writes it, so that one has one spelling. */
static bool read_address(struct str word, char text[INET6_ADDRSTRLEN])
{
        struct in6_addr in;
        char given[INET6_ADDRSTRLEN];
        if (word.n == 0 || word.n >= sizeof(given))
                return false;
        snprintf(given, sizeof(given), "%.*s", STR_FMT(word));
        for (size_t i = 0; i < 2; i++) {
                int family = i == 0 ? AF_INET : AF_INET6;
                if (inet_pton(family, given, &in) == 1)
                        return inet_ntop(family, &in, text, INET6_ADDRSTRLEN) != NULL;
        }
        return false;
}

struct str http_peer(struct arena *arena, const struct http_request *request)
{
        char text[INET6_ADDRSTRLEN], told[INET6_ADDRSTRLEN];
        const union MHD_ConnectionInfo *info = MHD_get_connection_info(
                        request->connection->mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
        bool near = peer_is_near(info != NULL ? info->client_addr : NULL, text);
        struct str list = http_header(request, "X-Forwarded-For"), last = { NULL, 0 };
        while (list.n != 0) {
                struct str word = str_trim(str_split(&list, ','));
                last = word.n != 0 ? word : last;
        }
        bool is_told = near && read_address(last, told);
        return str_copy(arena, str_of(is_told ? told : text));
}

/* ---- Waiting ---- */

struct arena *http_suspend(struct http_request *request, void *kept)
{
        struct http_connection *connection = request->connection;
        assert(!connection->is_asleep && request->kept == NULL && kept != NULL);
        request->kept = kept;
        connection->is_asleep = true;
        connection->other = arena_open();
        MHD_suspend_connection(connection->mhd);
        return connection->other;
}

void http_resume(struct http_connection *connection)
{
        MHD_resume_connection(connection->mhd); /* it may be gone from here on */
}

/* Whoever stops the server waits for what a handler has begun: a suspended request must not be
 * there when the library is told to stop. */
static bool begin_handling(struct http_connection *connection)
{
        struct http *http = connection->http;
        pthread_mutex_lock(&http->mutex);
        connection->is_under_way = !http->stopping;
        http->under_way += connection->is_under_way;
        pthread_mutex_unlock(&http->mutex);
        return connection->is_under_way;
}

static void end_handling(struct http_connection *connection)
{
        struct http *http = connection->http;
        if (!connection->is_under_way)
                return;
        connection->is_under_way = false;
        pthread_mutex_lock(&http->mutex);
        if (--http->under_way == 0)
                pthread_cond_signal(&http->idle);
        pthread_mutex_unlock(&http->mutex);
}

/* ---- Requests ---- */

static void *begin_request(void *user, const char *uri, struct MHD_Connection *mhd)
{
        struct http_connection *connection = calloc(1, sizeof(*connection));
        if (connection == NULL || (connection->target = strdup(uri)) == NULL)
                abort();
        connection->http = user;
        connection->mhd = mhd;
        connection->target_there = uri;
        connection->request.connection = connection;
        return connection;
}

static void end_request(void *user, struct MHD_Connection *mhd, void **state,
                enum MHD_RequestTerminationCode how)
{
        struct http_connection *connection = *state;
        (void)user;
        (void)mhd;
        (void)how;
        *state = NULL;
        if (connection == NULL)
                return;
        end_handling(connection); /* whoever asked may have gone meanwhile */
        connection->http->held -= connection->capacity;
        if (connection->arena != NULL)
                arena_close(&connection->arena);
        if (connection->other != NULL)
                arena_close(&connection->other);
        free(connection->body);
        free(connection->target);
        free(connection);
}

/* Decoding is ours (address.h); the library's would end a text at %00. */
static size_t leave_as_it_is(void *user, struct MHD_Connection *mhd, char *text)
{
        (void)user;
        (void)mhd;
        return strlen(text);
}

/* The proxy's own id of the request, if it is a plain word; else 16 hexadecimal digits, for the
 * log alone: an answer that nobody may learn from is the same to the byte each time. */
static void name_request(struct http_connection *connection)
{
        const char *given = MHD_lookup_connection_value(
                        connection->mhd, MHD_HEADER_KIND, "X-Request-ID");
        uint8_t bytes[8];
        log_set_request(given);
        connection->id_given =
                        given != NULL && given[0] != '\0' && strcmp(log_request(), given) == 0;
        if (connection->id_given) {
                snprintf(connection->id, sizeof(connection->id), "%s", given);
        } else if (getrandom(bytes, sizeof(bytes), 0) == sizeof(bytes)) {
                hash_write_hex(bytes, sizeof(bytes), connection->id);
                connection->id[2 * sizeof(bytes)] = '\0';
        }
        log_set_request(NULL);
}

static enum MHD_Result give(struct http_connection *connection, struct http_response *answer)
{
        struct http *http = connection->http;
        answer->request = connection->id_given ? connection->id : NULL;
        bool queued = answer_queue(connection->arena, connection->mhd, answer);
        http->answered[0]++;
        if (answer->status >= 100 && answer->status < 600)
                http->answered[answer->status / 100]++;
        return queued ? MHD_YES : MHD_NO;
}

static enum MHD_Result refuse(struct http_connection *connection, const struct err *why)
{
        const struct http_options *options = &connection->http->options;
        struct http_response answer = { 0 };
        options->refuser(options->user, connection->arena, why, &answer);
        return give(connection, &answer);
}

static enum MHD_Result answer_request(struct http_connection *connection)
{
        struct http *http = connection->http;
        struct http_response answer = { 0 };
        bool was_asleep = connection->is_asleep;
        if (!was_asleep && !connection->is_refused && !begin_handling(connection)) {
                connection->is_refused = true;
                (void)err_set(&connection->refusal, E_HTTP_BUSY, "正在停机");
        }
        if (connection->is_refused)
                return refuse(connection, &connection->refusal);
        connection->request.body = (struct str){ connection->body, connection->n_body };
        log_set_request(connection->id);
        http->options.handler(http->options.user, connection->arena, &connection->request, &answer);
        log_set_request(NULL);
        if (!was_asleep && connection->is_asleep)
                return MHD_YES; /* it will be called again */
        enum MHD_Result sent = give(connection, &answer);
        end_handling(connection);
        return sent;
}

/* ---- Bodies ---- */

static const struct body_type {
        enum http_body body;
        const char *name;
        size_t limit;
} body_types[] = {
        { HTTP_FORM, "application/x-www-form-urlencoded", LIMIT_FORM_BYTES },
        { HTTP_FILES, "multipart/form-data", LIMIT_BODY_BYTES },
        { HTTP_JSON, "application/json", LIMIT_JSON_BYTES },
};

static const struct body_type *body_type_of(struct str type)
{
        struct str name = str_trim(str_split(&type, ';'));
        for (size_t i = 0; i < N_ELEMENTS(body_types); i++)
                if (guard_is_name(name, body_types[i].name))
                        return &body_types[i];
        return NULL;
}

static bool admit_body(struct http_connection *connection, struct err *err)
{
        const struct http_options *options = &connection->http->options;
        struct http_request *request = &connection->request;
        enum http_body taken = HTTP_NOTHING;
        if (options->admitter == NULL)
                return err_set(err, E_HTTP_METHOD, "POST");
        if (!options->admitter(options->user, connection->arena, request, &taken, err))
                return false;
        request->type = str_copy(connection->arena, http_header(request, "Content-Type"));
        const struct body_type *type = body_type_of(request->type);
        if (type == NULL || (taken & type->body) == 0)
                return err_set(err, E_HTTP_TYPE, "%.*s", STR_FMT(str_cut(request->type, 64)));
        request->body_type = type->body;
        if (connection->length > type->limit)
                return err_set(err, E_HTTP_LARGE, "最多 %zu KB", type->limit >> 10);
        return true;
}

/* Room for what came; false if too much is being received already. */
static bool make_room(struct http_connection *connection, size_t n)
{
        size_t capacity = connection->capacity == 0 ? BODY_PIECE : connection->capacity;
        while (capacity < connection->n_body + n)
                capacity *= 2;
        size_t more = capacity - connection->capacity;
        if (more == 0)
                return true;
        if (atomic_fetch_add(&connection->http->held, more) + more > LIMIT_BODIES_BYTES) {
                connection->http->held -= more;
                return false;
        }
        char *body = realloc(connection->body, capacity);
        if (body == NULL)
                abort();
        connection->body = body;
        connection->capacity = capacity;
        return true;
}

/* The rest is passed over, so that the other side hears the answer. */
static void give_up_body(struct http_connection *connection)
{
        connection->is_refused = true;
        connection->http->held -= connection->capacity;
        connection->capacity = connection->n_body = 0;
        free(connection->body);
        connection->body = NULL;
}

static void take_piece(struct http_connection *connection, const char *piece, size_t n)
{
        if (connection->is_refused)
                return;
        if (connection->n_body + n > connection->length) { /* the library counts too */
                (void)err_set(&connection->refusal, E_HTTP_MESSAGE, "请求内容的长度");
                give_up_body(connection);
        } else if (!make_room(connection, n)) {
                (void)err_set(&connection->refusal, E_HTTP_BUSY, "%s", "");
                give_up_body(connection);
        } else {
                memcpy(connection->body + connection->n_body, piece, n);
                connection->n_body += n;
        }
}

/* ---- The head ---- */

/* A refused body of moderate size is passed over before the refusal is told: a browser that is
 * still sending when the connection closes shows its own error instead. */
static enum MHD_Result refuse_head(struct http_connection *connection, const struct err *why)
{
        if (connection->request.method != HTTP_POST || connection->length == 0 ||
                        connection->length > 2 * LIMIT_BODY_BYTES)
                return refuse(connection, why);
        connection->is_refused = true;
        connection->refusal = *why;
        return MHD_YES;
}

/* An answer in the first call makes the library close the connection, which is what a refusal
 * wants. */
static enum MHD_Result take_head(
                struct http_connection *connection, const char *method, const char *version)
{
        struct http_request *request = &connection->request;
        const struct message_line line = { method, connection->target_there, version,
                strlen(connection->target) };
        struct guard_verdict verdict;
        struct err err;
        connection->admitted = true;
        connection->arena = arena_open();
        name_request(connection);
        if (!message_check(connection->mhd, &line, &verdict, &err)) {
                connection->http->refused++;
                return refuse(connection, &err);
        }
        request->method = verdict.method;
        connection->length = verdict.length;
        if (!address_parse(connection->arena, str_of(connection->target), &request->address, &err))
                return refuse_head(connection, &err);
        if (request->method == HTTP_POST && !admit_body(connection, &err))
                return refuse_head(connection, &err);
        return MHD_YES;
}

/* Called once when the head has been read, once for each piece of a body, and once more for the
 * answer; once again if that was suspended. */
static enum MHD_Result take_request(void *user, struct MHD_Connection *mhd, const char *url,
                const char *method, const char *version, const char *upload, size_t *n_upload,
                void **state)
{
        struct http_connection *connection = *state;
        (void)user;
        (void)mhd;
        (void)url;
        if (!connection->admitted)
                return take_head(connection, method, version);
        if (*n_upload == 0)
                return answer_request(connection);
        take_piece(connection, upload, *n_upload);
        *n_upload = 0;
        return MHD_YES;
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
                         MHD_ALLOW_SUSPEND_RESUME | (is_6 ? MHD_USE_IPv6 : 0u);
        return MHD_start_daemon(flags, (uint16_t)o->port, NULL, NULL, take_request, http,
                        MHD_OPTION_EXTERNAL_LOGGER, log_message, NULL, MHD_OPTION_SOCK_ADDR,
                        address, MHD_OPTION_THREAD_POOL_SIZE, o->threads != 0 ? o->threads : 2u,
                        MHD_OPTION_CONNECTION_LIMIT, o->connections != 0 ? o->connections : 512u,
                        MHD_OPTION_CONNECTION_TIMEOUT, o->idle_seconds != 0 ? o->idle_seconds : 15u,
                        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)32768,
                        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_URI_LOG_CALLBACK, begin_request,
                        http, MHD_OPTION_UNESCAPE_CALLBACK, leave_as_it_is, NULL,
                        MHD_OPTION_NOTIFY_COMPLETED, end_request, NULL,
                        MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u, MHD_OPTION_END);
}

static void free_http(struct http *http)
{
        pthread_cond_destroy(&http->idle);
        pthread_mutex_destroy(&http->mutex);
        free(http);
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
        pthread_mutex_init(&http->mutex, NULL);
        pthread_cond_init(&http->idle, NULL);
        http->daemon = start(http, (const struct sockaddr *)&address, is_6);
        if (http->daemon == NULL) {
                free_http(http);
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
        pthread_mutex_lock(&http->mutex);
        http->stopping = true;
        while (http->under_way > 0)
                pthread_cond_wait(&http->idle, &http->mutex);
        pthread_mutex_unlock(&http->mutex);
        MHD_stop_daemon(http->daemon);
        free_http(http);
}

struct http_numbers http_numbers(const struct http *http)
{
        struct http_numbers numbers = { .refused = http->refused };
        for (size_t i = 0; i < N_ELEMENTS(numbers.answered); i++)
                numbers.answered[i] = http->answered[i];
        return numbers;
}
