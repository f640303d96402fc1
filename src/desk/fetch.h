/* desk/fetch.h - asks another machine over HTTP or HTTPS; libcurl behind this one file.
 *
 * For published logs and for witnesses, whose answers are a stranger's: no answer may be longer
 * than the caller says or take longer than FETCH_SECONDS, redirections are not followed, other
 * schemes are refused, certificates are checked. One connection is kept and used again.
 *
 * E_FETCH tells what went wrong; a status is no error. Not for many threads at once. */
#ifndef DESK_FETCH_H
#define DESK_FETCH_H

#include <sys/socket.h>

#include "base/err.h"
#include "base/str.h"

#define FETCH_SECONDS         60 /* of one request */
#define FETCH_CONNECT_SECONDS 10
#define FETCH_URL_BYTES_MAX   1024u
#define FETCH_TOKEN_BYTES_MAX 512u

struct fetch;

/* Is this text an address, and not a folder? */
bool fetch_is_url(struct str text);

/* `base`: "https://host/prefix", a last slash is left out. `token`: sent as a bearer token;
 * empty = none. `ca`: a file with the certificates to trust; empty = the system's. E_FETCH_URL. */
MUST_CHECK bool fetch_open(struct str base, struct str token, struct str ca, struct fetch **ret,
                struct err *err);
void fetch_close(struct fetch **fetch);

struct fetched {
        int status;
        struct str body; /* lives in the arena */
};

/* GET base/path. */
MUST_CHECK bool fetch_get(struct arena *arena, struct fetch *fetch, struct str path, size_t limit,
                struct fetched *ret, struct err *err);

/* POST base/path, the body as it is. */
MUST_CHECK bool fetch_post(struct arena *arena, struct fetch *fetch, struct str path,
                struct str body, size_t limit, struct fetched *ret, struct err *err);

/* ---- One POST to an address that somebody else has written (hook/courier.c) ---- */

/* `may` is asked for each address a name was resolved to, before it is connected to; false: not
 * there. Neither proxies of the environment nor redirections are followed. `ca` as above. */
typedef bool fetch_may(void *user, const struct sockaddr *address);
struct fetch *fetch_open_guarded(struct str ca, fetch_may *may, void *user);

struct fetch_post_json {
        struct str url, body;
        const struct str *headers; /* lines, without their ends */
        size_t n_headers;
        size_t limit; /* of the answer, which is received and thrown away */
        int seconds;  /* of all of it */
};

/* ret->body stays empty. E_FETCH_GUARD: `may` said no. */
MUST_CHECK bool fetch_post_json(struct arena *arena, struct fetch *fetch,
                const struct fetch_post_json *asked, struct fetched *ret, struct err *err);

#endif
