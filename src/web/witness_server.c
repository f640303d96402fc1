#include "web/witness_server.h"

#include <arpa/inet.h>
#include <assert.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "desk/witness_answer.h"

#define CONNECTIONS_MAX 64u
#define IDLE_SECONDS    15u

struct witness_server {
        struct MHD_Daemon *daemon;
        struct arena *arena;
        struct str dir;
        struct desk_clock clock;
};

/* A request on its way in. */
struct incoming {
        struct arena *arena;
        struct buf body;
        bool too_long;
};

static enum MHD_Result send_answer(
                struct MHD_Connection *connection, int status, const char *type, struct str body)
{
        union {
                const char *p;
                void *bytes;
        } text = { .p = body.p };
        struct MHD_Response *response =
                        MHD_create_response_from_buffer(body.n, text.bytes, MHD_RESPMEM_MUST_COPY);
        if (response == NULL)
                return MHD_NO;
        MHD_add_response_header(response, "Content-Type", type);
        MHD_add_response_header(response, "Cache-Control", "no-store");
        MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
        if (status == 405)
                MHD_add_response_header(response, "Allow", "POST");
        enum MHD_Result queued = MHD_queue_response(connection, (unsigned)status, response);
        MHD_destroy_response(response);
        return queued;
}

static enum MHD_Result say(struct MHD_Connection *connection, int status, const char *text)
{
        return send_answer(connection, status, "text/plain; charset=utf-8", str_of(text));
}

static enum MHD_Result answer(struct witness_server *server, struct MHD_Connection *connection,
                struct incoming *incoming)
{
        struct witness_answer reply;
        struct err err;
        if (incoming->too_long)
                return say(connection, 413, "too long\n");
        if (!witness_answer(incoming->arena, server->dir, buf_str(&incoming->body),
                            server->clock.now(server->clock.user), &reply, &err)) {
                log_line(LOG_ERROR, "web", "witness: %s: %s", err_text(err.code)->name, err.detail);
                return say(connection, 500, "the witness cannot answer now\n");
        }
        log_line(LOG_INFO, "web", "witness: %d %.*s %llu", reply.status, STR_FMT(reply.origin),
                        (unsigned long long)reply.size);
        return send_answer(connection, reply.status, reply.type, reply.body);
}

static enum MHD_Result take(void *user, struct MHD_Connection *connection, const char *url,
                const char *method, const char *version, const char *upload, size_t *n_upload,
                void **state)
{
        struct incoming *incoming = *state;
        (void)version;
        if (strcmp(url, "/healthz") == 0)
                return say(connection, 200, "ok\n");
        if (strcmp(url, "/add-checkpoint") != 0)
                return say(connection, 404, "nothing here\n");
        if (strcmp(method, MHD_HTTP_METHOD_POST) != 0)
                return say(connection, 405, "only POST\n");
        if (incoming == NULL) {
                struct arena *arena = arena_open();
                *state = incoming = arena_new(arena, struct incoming);
                *incoming = (struct incoming){ .arena = arena, .body = BUF(arena) };
                return MHD_YES;
        }
        if (*n_upload == 0)
                return answer(user, connection, incoming);
        /* Read to the end and refused then: an answer before would only be lost. */
        if (*n_upload > WITNESS_REQUEST_BYTES_MAX - incoming->body.n)
                incoming->too_long = true;
        else
                buf_add(&incoming->body, upload, *n_upload);
        *n_upload = 0;
        return MHD_YES;
}

static void done(void *user, struct MHD_Connection *connection, void **state,
                enum MHD_RequestTerminationCode how)
{
        struct incoming *incoming = *state;
        (void)user;
        (void)connection;
        (void)how;
        *state = NULL;
        if (incoming == NULL)
                return;
        struct arena *arena = incoming->arena;
        arena_close(&arena);
}

bool witness_server_start(struct str dir, const char *bind, int port, struct desk_clock clock,
                struct witness_server **ret, struct err *err)
{
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
        struct note_key key;
        struct arena *arena = arena_open();
        bool ok = witness_key(arena, dir, &key, err);
        if (ok && inet_pton(AF_INET, bind, &address.sin_addr) != 1)
                ok = err_set(err, E_HTTP_LISTEN, "地址 %s，端口 %d", bind, port);
        struct witness_server *server = arena_new(arena, struct witness_server);
        *server = (struct witness_server){
                .arena = arena, .dir = str_copy(arena, dir), .clock = clock
        };
        if (ok)
                server->daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, (uint16_t)port,
                                NULL, NULL, take, server, MHD_OPTION_SOCK_ADDR, &address,
                                MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX,
                                MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS,
                                MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_COMPLETED, done,
                                NULL, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u, MHD_OPTION_END);
        if (ok && server->daemon == NULL)
                ok = err_set(err, E_HTTP_LISTEN, "地址 %s，端口 %d", bind, port);
        if (ok)
                *ret = server;
        else
                arena_close(&arena);
        return ok;
}

int witness_server_port(const struct witness_server *server)
{
        return MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

void witness_server_stop(struct witness_server **stopping)
{
        struct witness_server *server = *stopping;
        if (server == NULL)
                return;
        *stopping = NULL;
        MHD_stop_daemon(server->daemon);
        struct arena *arena = server->arena;
        arena_close(&arena);
}
