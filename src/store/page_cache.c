#include "store/page_cache.h"

#include <sqlite3.h>
#include <stdlib.h>

struct sqlite3_pcache {
        sqlite3_pcache *under; /* of SQLite */
        unsigned highest;      /* no page has a higher number, but for one */
        unsigned away;         /* that one's, while it is numbered beyond; else 0 */
};

static sqlite3_pcache_methods2 under;

static int set_up(void *argument)
{
        (void)argument;
        return under.xInit(under.pArg);
}

static void shut_down(void *argument)
{
        (void)argument;
        under.xShutdown(under.pArg);
}

static sqlite3_pcache *create(int page, int extra, int purgeable)
{
        sqlite3_pcache *cache = calloc(1, sizeof(*cache));
        if (cache != NULL && (cache->under = under.xCreate(page, extra, purgeable)) == NULL) {
                free(cache);
                cache = NULL;
        }
        return cache;
}

static void set_size(sqlite3_pcache *cache, int pages)
{
        under.xCachesize(cache->under, pages);
}

static int count(sqlite3_pcache *cache)
{
        return under.xPagecount(cache->under);
}

static sqlite3_pcache_page *fetch(sqlite3_pcache *cache, unsigned number, int create_it)
{
        sqlite3_pcache_page *page = under.xFetch(cache->under, number, create_it);
        if (page != NULL && number > cache->highest)
                cache->highest = number;
        return page;
}

static void unpin(sqlite3_pcache *cache, sqlite3_pcache_page *page, int discard)
{
        under.xUnpin(cache->under, page, discard);
}

static void renumber(sqlite3_pcache *cache, sqlite3_pcache_page *page, unsigned from, unsigned to)
{
        under.xRekey(cache->under, page, from, to);
        if (from == cache->away)
                cache->away = 0;
        if (to > cache->highest && cache->away == 0)
                cache->away = to;
        else if (to > cache->highest)
                cache->highest = to;
}

static void truncate(sqlite3_pcache *cache, unsigned limit)
{
        if (cache->highest < limit && cache->away < limit)
                return;
        under.xTruncate(cache->under, limit);
        if (cache->highest >= limit)
                cache->highest = limit - 1;
        if (cache->away >= limit)
                cache->away = 0;
}

static void destroy(sqlite3_pcache *cache)
{
        under.xDestroy(cache->under);
        free(cache);
}

static void shrink(sqlite3_pcache *cache)
{
        under.xShrink(cache->under);
}

void page_cache_set_up(void)
{
        sqlite3_pcache_methods2 ours = {
                .iVersion = 1,
                .xInit = set_up,
                .xShutdown = shut_down,
                .xCreate = create,
                .xCachesize = set_size,
                .xPagecount = count,
                .xFetch = fetch,
                .xUnpin = unpin,
                .xRekey = renumber,
                .xTruncate = truncate,
                .xDestroy = destroy,
                .xShrink = shrink,
        };
        if (sqlite3_config(SQLITE_CONFIG_GETPCACHE2, &under) == SQLITE_OK)
                sqlite3_config(SQLITE_CONFIG_PCACHE2, &ours);
}
