/* projection/entries.h - entries of registers as rows and as values; for this room only. */
#ifndef PROJECTION_ENTRIES_H
#define PROJECTION_ENTRIES_H

#include "procedure/definition.h"
#include "store/store.h"

struct cache;

/* A stored body as expressions and pages see it: with `key`, and the key again under the
 * register's own name for it. `catalogue` may be NULL. */
MUST_CHECK bool entry_open(struct arena *arena, const struct catalogue *catalogue, struct str reg,
                struct str key, struct str body, struct value *ret, struct err *err);

/* The entry in force on a day, through the cache (may be NULL). */
MUST_CHECK bool entry_get(struct arena *arena, struct snapshot *snapshot, struct cache *cache,
                const struct catalogue *catalogue, struct str reg, struct str key, struct date day,
                struct value *ret, bool *ret_found, struct err *err);

/* The last day until `day` on which what is in force of the key began or ended; *ret_any false:
 * nothing did. Through the cache (may be NULL). */
MUST_CHECK bool entry_changed(struct arena *arena, struct snapshot *snapshot, struct cache *cache,
                const struct catalogue *catalogue, struct str reg, struct str key, struct date day,
                struct date *ret, bool *ret_any, struct err *err);

/* All in force on a day; a list of contexts sorted by key. */
MUST_CHECK bool entries_on(struct arena *arena, struct snapshot *snapshot,
                const struct catalogue *catalogue, struct str reg, struct date day,
                struct value *ret, struct err *err);

/* The same through the cache (may be NULL). */
MUST_CHECK bool entries_on_day(struct arena *arena, struct snapshot *snapshot, struct cache *cache,
                const struct catalogue *catalogue, struct str reg, struct date day,
                struct value *ret, struct err *err);

/* Text of a member, or empty. */
struct str entry_text(const struct value *entry, const char *name);

#endif
