/* web/live.h - tells open pages that something changed (server-sent events, HTML Standard 9.2).
 *
 * A page asks for /work/events and sleeps there without holding a thread; after a commit, at most
 * once a second, or after LIVE_SECONDS (a sign of life) it is answered with one event and comes
 * again by itself. So there is no stream to keep, a lost connection is an ordinary one, and a
 * proxy may close it when it likes. At most LIVE_MAX pages sleep at once; past it they are told
 * to come later (E_HTTP_BUSY). Pages work without it: they are then as old as their opening. */
#ifndef WEB_LIVE_H
#define WEB_LIVE_H

#include "web/http.h"

#define LIVE_MAX     128u
#define LIVE_SECONDS 25 /* shorter than what proxies allow a silent connection */

struct live;

struct live *live_open(void);
void live_stop(struct live *live); /* wakes all and takes no more; before the server stops */
void live_close(struct live **live);

/* The connection is suspended and will be resumed. False: too many, or stopping; then it is
 * not, and the caller must not have suspended it either. */
bool live_wait(struct live *live, struct http_request *request, void *kept);

/* Something was committed. From any thread; does not wait. */
void live_changed(void *live);

#endif
