/* web/cookie.h - cookies as RFC 6265 writes them: one read, one written.
 *
 * Comes from strangers. A name that stands twice is no answer: somebody may have planted the
 * second (another host of the same domain can), so it counts as none. Pure. */
#ifndef WEB_COOKIE_H
#define WEB_COOKIE_H

#include "base/str.h"

/* The value of `name` in the text of a Cookie header; empty if there is none or more than
 * one. */
struct str cookie_find(struct str header, const char *name);

/* "name=value; Path=/; HttpOnly; SameSite=Lax", for Set-Cookie. `value` is ours: letters, digits
 * and -_. only. An empty value takes the cookie back. `secure`: over TLS only; then the name
 * must begin with "__Host-", which browsers hold to this host and path. */
struct str cookie_format(struct arena *arena, const char *name, struct str value, bool secure);

#endif
