#include "projection/cache.h"

#include <stdlib.h>
#include <uthash.h>

struct item {
        UT_hash_handle hh; /* in the order in which they came: the oldest first */
        size_t n_key, n_value;
        size_t room;  /* for a value */
        bool used;    /* since it was looked at for dropping */
        char bytes[]; /* key, then value */
};

struct map {
        struct item *items;
        size_t max, bytes, max_bytes;
};

enum which { MATTERS, NUMBERS, RECEIPTS, COUNTERS, ENTRIES, DAYS, ROLES, N_MAPS };

struct touched { /* its key stands in cache->keys, behind those of the ones before */
        enum which map;
        size_t n_key;
};

struct cache {
        struct map maps[N_MAPS];
        struct touched *touched;
        size_t n_touched, capacity;
        char *keys;
        size_t n_keys, keys_capacity; /* bytes */
};

struct cache *cache_open(void)
{
        struct cache *cache = calloc(1, sizeof(*cache));
        if (cache == NULL)
                abort();
        for (size_t i = 0; i < N_MAPS; i++)
                cache->maps[i] = (struct map){ .max = CACHE_ENTRIES, .max_bytes = CACHE_BYTES };
        cache->maps[MATTERS].max = CACHE_MATTERS;
        cache->maps[RECEIPTS].max = CACHE_KEYS;
        return cache;
}

static void drop_item(struct map *map, struct item *item)
{
        map->bytes -= item->n_key + item->room;
        HASH_DEL(map->items, item);
        free(item);
}

static void map_drop(struct map *map, const void *key, size_t n_key)
{
        struct item *item;
        HASH_FIND(hh, map->items, key, n_key, item);
        if (item != NULL)
                drop_item(map, item);
}

static void map_clear(struct map *map)
{
        struct item *item, *next;
        HASH_ITER (hh, map->items, item, next)
                drop_item(map, item);
}

static bool map_get(struct map *map, const void *key, size_t n_key, struct str *ret)
{
        struct item *item;
        HASH_FIND(hh, map->items, key, n_key, item);
        if (item == NULL)
                return false;
        item->used = true;
        *ret = (struct str){ item->bytes + item->n_key, item->n_value };
        return true;
}

/* Drops the oldest that nobody has used lately; those that somebody has come last. */
static void drop_one(struct map *map)
{
        struct item *item = map->items;
        while (item->used) {
                item->used = false;
                HASH_DELETE(hh, map->items, item);
                HASH_ADD_KEYPTR(hh, map->items, item->bytes, item->n_key, item);
                item = map->items;
        }
        drop_item(map, item);
}

/* Values are put again and again, and grow: mostly there is room where the last one stood. */
static bool put_again(struct map *map, const void *key, size_t n_key, struct str value)
{
        struct item *item;
        HASH_FIND(hh, map->items, key, n_key, item);
        if (item == NULL)
                return false;
        if (value.n > item->room) {
                drop_item(map, item);
                return false;
        }
        item->n_value = value.n;
        item->used = true;
        if (value.n != 0)
                memcpy(item->bytes + n_key, value.p, value.n);
        return true;
}

static void map_put(struct map *map, const void *key, size_t n_key, struct str value)
{
        if (put_again(map, key, n_key, value))
                return;
        size_t room = value.n + value.n / 4;
        if (n_key + room > map->max_bytes / 8)
                return; /* one that would push out all others is read again */
        map->bytes += n_key + room;
        while (map->items != NULL &&
                        (HASH_COUNT(map->items) >= map->max || map->bytes > map->max_bytes))
                drop_one(map);
        struct item *item = malloc(sizeof(*item) + n_key + room);
        if (item == NULL)
                abort();
        item->n_key = n_key;
        item->n_value = value.n;
        item->room = room;
        item->used = false;
        memcpy(item->bytes, key, n_key);
        if (value.n != 0)
                memcpy(item->bytes + n_key, value.p, value.n);
        HASH_ADD_KEYPTR(hh, map->items, item->bytes, n_key, item);
}

/* An array with room for so many items more. */
static void *grown(void *items, size_t n, size_t more, size_t *capacity, size_t size)
{
        if (n + more <= *capacity)
                return items;
        *capacity = 2 * (n + more) + 64;
        items = realloc(items, *capacity * size);
        if (items == NULL)
                abort();
        return items;
}

static void touch(struct cache *cache, enum which map, const void *key, size_t n_key)
{
        cache->touched = grown(cache->touched, cache->n_touched, 1, &cache->capacity,
                        sizeof(*cache->touched));
        cache->keys = grown(cache->keys, cache->n_keys, n_key, &cache->keys_capacity, 1);
        memcpy(cache->keys + cache->n_keys, key, n_key);
        cache->n_keys += n_key;
        cache->touched[cache->n_touched++] = (struct touched){ map, n_key };
}

/* ---- Matters ---- */

bool cache_get_matter(struct cache *cache, int64_t id, struct str *ret)
{
        return map_get(&cache->maps[MATTERS], &id, sizeof(id), ret);
}

void cache_put_matter(struct cache *cache, int64_t id, struct str row)
{
        map_put(&cache->maps[MATTERS], &id, sizeof(id), row);
}

void cache_touch_matter(struct cache *cache, int64_t id)
{
        touch(cache, MATTERS, &id, sizeof(id));
}

/* ---- Numbers ---- */

static bool get_int(struct map *map, struct str key, int64_t *ret)
{
        struct str value;
        if (key.n == 0 || !map_get(map, key.p, key.n, &value))
                return false;
        memcpy(ret, value.p, sizeof(*ret));
        return true;
}

static void put_int(struct cache *cache, enum which which, struct str key, int64_t n)
{
        if (key.n == 0)
                return;
        touch(cache, which, key.p, key.n);
        map_put(&cache->maps[which], key.p, key.n, (struct str){ (const char *)&n, sizeof(n) });
}

bool cache_get_number(struct cache *cache, struct str number, int64_t *ret)
{
        return get_int(&cache->maps[NUMBERS], number, ret);
}

void cache_put_number(struct cache *cache, struct str number, int64_t id)
{
        put_int(cache, NUMBERS, number, id);
}

bool cache_get_receipt(struct cache *cache, struct str key, int64_t *ret)
{
        return get_int(&cache->maps[RECEIPTS], key, ret);
}

void cache_put_receipt(struct cache *cache, struct str key, int64_t id)
{
        put_int(cache, RECEIPTS, key, id);
}

bool cache_get_counter(struct cache *cache, struct str series, int64_t *ret)
{
        return get_int(&cache->maps[COUNTERS], series, ret);
}

void cache_put_counter(struct cache *cache, struct str series, int64_t n)
{
        put_int(cache, COUNTERS, series, n);
}

/* ---- Entries: the key is the register, NUL, the key ---- */

#define ENTRY_KEY_BYTES 512

static size_t entry_key(struct str reg, struct str key, char to[ENTRY_KEY_BYTES])
{
        if (reg.n + key.n + 1 > ENTRY_KEY_BYTES)
                return 0;
        memcpy(to, reg.p, reg.n);
        to[reg.n] = '\0';
        if (key.n != 0)
                memcpy(to + reg.n + 1, key.p, key.n);
        return reg.n + 1 + key.n;
}

bool cache_get_entries(struct cache *cache, struct str reg, struct str key, struct str *ret)
{
        char bytes[ENTRY_KEY_BYTES];
        size_t n = entry_key(reg, key, bytes);
        return n != 0 && map_get(&cache->maps[ENTRIES], bytes, n, ret);
}

void cache_put_entries(struct cache *cache, struct str reg, struct str key, struct str rows)
{
        char bytes[ENTRY_KEY_BYTES];
        size_t n = entry_key(reg, key, bytes);
        if (n != 0)
                map_put(&cache->maps[ENTRIES], bytes, n, rows);
}

/* Of a day: the key is the register; in front of the rows stands the day. */

bool cache_get_day(struct cache *cache, struct str reg, struct date day, struct str *ret)
{
        struct str rows;
        struct date of;
        if (!map_get(&cache->maps[DAYS], reg.p, reg.n, &rows))
                return false;
        memcpy(&of, rows.p, sizeof(of));
        *ret = str_slice(rows, sizeof(of), rows.n);
        return date_cmp(of, day) == 0;
}

void cache_put_day(struct cache *cache, struct str reg, struct date day, struct str rows)
{
        struct arena *arena = arena_open();
        struct buf value = BUF(arena);
        buf_add(&value, &day, sizeof(day));
        buf_str_add(&value, rows);
        map_put(&cache->maps[DAYS], reg.p, reg.n, buf_str(&value));
        arena_close(&arena);
}

static bool decides_roles(struct str reg)
{
        return str_is(reg, "staff") || str_is(reg, "units") || str_is(reg, "delegations");
}

void cache_drop_entries(struct cache *cache, struct str reg, struct str key)
{
        char bytes[ENTRY_KEY_BYTES];
        size_t n = entry_key(reg, key, bytes);
        map_drop(&cache->maps[DAYS], reg.p, reg.n);
        touch(cache, DAYS, reg.p, reg.n);
        if (n == 0)
                return;
        map_drop(&cache->maps[ENTRIES], bytes, n);
        touch(cache, ENTRIES, bytes, n);
        if (decides_roles(reg))
                map_clear(&cache->maps[ROLES]);
}

void cache_forget_entries(struct cache *cache)
{
        map_clear(&cache->maps[ENTRIES]);
        map_clear(&cache->maps[DAYS]);
        map_clear(&cache->maps[ROLES]);
}

/* ---- Roles ---- */

bool cache_get_role(struct cache *cache, struct str question, bool *ret)
{
        struct str value;
        if (!map_get(&cache->maps[ROLES], question.p, question.n, &value))
                return false;
        *ret = value.p[0] != 0;
        return true;
}

void cache_put_role(struct cache *cache, struct str question, bool holds)
{
        char byte = holds;
        map_put(&cache->maps[ROLES], question.p, question.n, (struct str){ &byte, 1 });
}

/* ---- With the transaction ---- */

size_t cache_mark(const struct cache *cache)
{
        return cache->n_touched;
}

void cache_back(struct cache *cache, size_t mark)
{
        while (cache->n_touched > mark) {
                const struct touched *t = &cache->touched[--cache->n_touched];
                cache->n_keys -= t->n_key;
                map_drop(&cache->maps[t->map], cache->keys + cache->n_keys, t->n_key);
                if (t->map == ENTRIES)
                        map_clear(&cache->maps[ROLES]);
        }
}

void cache_keep(struct cache *cache)
{
        cache->n_touched = cache->n_keys = 0;
}

void cache_clear(struct cache *cache)
{
        cache_keep(cache);
        for (size_t i = 0; i < N_MAPS; i++)
                map_clear(&cache->maps[i]);
}

void cache_close(struct cache **cache)
{
        if (*cache == NULL)
                return;
        cache_clear(*cache);
        free((*cache)->touched);
        free((*cache)->keys);
        free(*cache);
        *cache = NULL;
}
