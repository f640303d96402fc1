/* web/portal.h - the portal of a bureau: what strangers, parties and staff see and do.
 *
 * One site, one desk, the pages, a server. Each request gets an arena and a snapshot of the
 * store; only what answers a POST is handed the way to the desk. */
#ifndef WEB_PORTAL_H
#define WEB_PORTAL_H

#include "desk/desk.h"
#include "web/http.h"

struct portal;

struct portal_options {
        struct str data;                             /* the folder with pages and assets */
        const char *bind;                            /* NULL = 127.0.0.1 */
        int port;                                    /* 0 = any that is free */
        unsigned threads, connections, idle_seconds; /* 0 = as http.h says */
        struct desk_clock clock;                     /* now = NULL: the machine's */
        bool https;                                  /* TLS ends in front of us */
        struct str notice;                           /* a line on top of every page; empty = none */
};

/* `desk` may be NULL: then nothing can be done here, only looked at. Else it must have its
 * writer's thread where something is posted. E_PAGE_FILE, E_HTTP_LISTEN. */
MUST_CHECK bool portal_open(struct site *site, struct desk *desk,
                const struct portal_options *options, struct portal **ret, struct err *err);
int portal_port(const struct portal *portal);
void portal_close(struct portal **portal);

#endif
