/* web/feed.h - an Atom feed (RFC 4287) of what was published; for this room only.
 *
 * Addresses in it are whole (https://DOMAIN/...) where site.yaml gives the domain; without
 * one they are as the reader asked (Host), which nginx passes on. */
#ifndef WEB_FEED_H
#define WEB_FEED_H

#include "web/visit.h"

#define FEED_ENTRIES_MAX 40

struct feed_entry {
        int64_t id; /* of the event that published it */
        struct str title, url, category;
        struct date on;
};

struct feed {
        struct visit *visit;
        struct str title, url;
        struct feed_entry *entries;
        size_t n;
};

/* `url`: of the page that the feed belongs to. */
struct feed feed_begin(struct visit *visit, struct str title, struct str url);
void feed_add(struct feed *feed, const struct feed_entry *entry);

/* The newest FEED_ENTRIES_MAX of them. */
MUST_CHECK bool feed_send(struct feed *feed, struct err *err);

#endif
