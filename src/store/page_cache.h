/* store/page_cache.h - SQLite's own page cache, spared one walk through itself; for the driver of
 * SQLite only.
 *
 * At the end of every transaction SQLite asks for all pages beyond the end of the database to be
 * dropped. Its cache then goes through every page it has, unless none of them was ever numbered
 * so high; and since dividing a page of a table numbers one of them far beyond the end for a
 * moment, that is so after nearly every transaction (3.40: a seventh of what a commit cost with
 * 16 MB of pages). Here the highest number is kept without such moments, and where no page is
 * beyond the end nothing is asked.
 *
 * https://www.sqlite.org/c3ref/pcache_methods2.html */
#ifndef STORE_PAGE_CACHE_H
#define STORE_PAGE_CACHE_H

/* Once, before sqlite3_initialize(). */
void page_cache_set_up(void);

#endif
