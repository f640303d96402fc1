/* projection/cache.h - what the writer need not read again; for this room only.
 *
 * Bounded maps: matters as packed rows, their ids by number, the last number of each series,
 * register entries by key and by day, who holds which role. They hold nothing that the tables
 * do not, and follow the writer's transaction: whatever was touched since a mark is dropped
 * when that part is undone. What stands here the writer need not wait for its statements to
 * read (tx_put()), so an ordinary act reads nothing. */
#ifndef PROJECTION_CACHE_H
#define PROJECTION_CACHE_H

#include "procedure/matter.h"
#include "store/store.h"

#define CACHE_MATTERS 8192
#define CACHE_ENTRIES 16384
#define CACHE_KEYS    4096 /* settled of late: one from before is refused by the store */
#define CACHE_BYTES   ((size_t)24 << 20) /* of each */

struct cache;

struct cache *cache_open(void);
void cache_close(struct cache **cache);

/* A matter's row, as packed by matter_row.c; the bytes live until the next call. */
bool cache_get_matter(struct cache *cache, int64_t id, struct str *ret);
void cache_put_matter(struct cache *cache, int64_t id, struct str row);
void cache_touch_matter(struct cache *cache, int64_t id); /* before its row is written */

/* The id of a matter by its number; the event that settled an idempotency key; the last number
 * given out in a series. */
bool cache_get_number(struct cache *cache, struct str number, int64_t *ret);
void cache_put_number(struct cache *cache, struct str number, int64_t id);
bool cache_get_receipt(struct cache *cache, struct str key, int64_t *ret);
void cache_put_receipt(struct cache *cache, struct str key, int64_t id);
bool cache_get_counter(struct cache *cache, struct str series, int64_t *ret);
void cache_put_counter(struct cache *cache, struct str series, int64_t n);

/* All entries of one key of a register (packed by register_read.c). */
bool cache_get_entries(struct cache *cache, struct str reg, struct str key, struct str *ret);
void cache_put_entries(struct cache *cache, struct str reg, struct str key, struct str rows);
void cache_drop_entries(struct cache *cache, struct str reg, struct str key);
void cache_forget_entries(struct cache *cache); /* of all registers: they may be read otherwise */

/* All entries of a register that hold on a day (packed by register_read.c); of each register
 * the day asked for last is kept, until one of its keys is dropped. */
bool cache_get_day(struct cache *cache, struct str reg, struct date day, struct str *ret);
void cache_put_day(struct cache *cache, struct str reg, struct date day, struct str rows);

/* Whether somebody holds a role: the question as bytes. Forgotten when staff, units or
 * delegations change. */
bool cache_get_role(struct cache *cache, struct str question, bool *ret);
void cache_put_role(struct cache *cache, struct str question, bool holds);

size_t cache_mark(const struct cache *cache);
void cache_back(struct cache *cache, size_t mark); /* drops what was touched since */
void cache_keep(struct cache *cache);              /* committed: forgets what was touched */
void cache_clear(struct cache *cache);             /* drops everything */

#endif
