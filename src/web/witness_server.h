/* web/witness_server.h - a witness over HTTP: POST /add-checkpoint, and nothing else.
 *
 * Its own small server beside http.h: no pages, no site, one thread, bodies of
 * WITNESS_REQUEST_BYTES_MAX at most. What it answers stands in desk/witness_answer.h; /healthz
 * says whether it is there. A reverse proxy in front ends TLS. */
#ifndef WEB_WITNESS_SERVER_H
#define WEB_WITNESS_SERVER_H

#include "base/err.h"
#include "base/str.h"
#include "desk/desk.h"

struct witness_server;

/* `dir` is a witness that witness_init() made. `port` 0 = any that is free. E_HTTP_LISTEN. */
MUST_CHECK bool witness_server_start(struct str dir, const char *bind, int port,
                struct desk_clock clock, struct witness_server **ret, struct err *err);
int witness_server_port(const struct witness_server *server);
void witness_server_stop(struct witness_server **server);

#endif
