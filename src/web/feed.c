#include "web/feed.h"

#include <stdlib.h>

#include "store/ids.h"

struct feed feed_begin(struct visit *visit, struct str title, struct str url)
{
        return (struct feed){ .visit = visit, .title = title, .url = url };
}

void feed_add(struct feed *feed, const struct feed_entry *entry)
{
        feed->entries = arena_push(
                        feed->visit->arena, feed->entries, feed->n, sizeof(*feed->entries));
        feed->entries[feed->n++] = *entry;
}

static int newest_first(const void *a, const void *b)
{
        const struct feed_entry *x = a, *y = b;
        return x->id < y->id ? 1 : x->id > y->id ? -1 : str_cmp(x->url, y->url);
}

static struct str domain_of(const struct feed *feed)
{
        struct str domain = site_config(feed->visit->portal->site)->domain;
        return domain.n != 0 ? domain : STR_LIT("plumbline.invalid");
}

static struct str whole_url(const struct feed *feed, struct str url)
{
        struct str domain = site_config(feed->visit->portal->site)->domain;
        return domain.n == 0 ? url
                             : str_format(feed->visit->arena, "https://%.*s%.*s", STR_FMT(domain),
                                               STR_FMT(url));
}

/* A day as Atom writes moments: its first second here. */
static struct str moment_text(const struct feed *feed, struct date day)
{
        return moment_format(feed->visit->arena, moment_of(day, 0, 0, 0));
}

static struct value entry_view(const struct feed *feed, const struct feed_entry *entry)
{
        struct arena *arena = feed->visit->arena;
        struct view view = VIEW(arena);
        view_text(&view, "id",
                        str_format(arena, "tag:%.*s,%.*s:%lld", STR_FMT(domain_of(feed)),
                                        STR_FMT(date_format(arena, entry->on)),
                                        (long long)id_seq(entry->id)));
        view_text(&view, "label", entry->title);
        view_text(&view, "url", whole_url(feed, entry->url));
        view_text(&view, "category", entry->category);
        view_text(&view, "at", moment_text(feed, entry->on));
        return view_end(&view);
}

bool feed_send(struct feed *feed, struct err *err)
{
        struct visit *visit = feed->visit;
        struct view view = VIEW(visit->arena);
        struct view_list list = VIEW_LIST(visit->arena);
        struct buf out = BUF(visit->arena);
        if (feed->n != 0)
                qsort(feed->entries, feed->n, sizeof(*feed->entries), newest_first);
        for (size_t i = 0; i < feed->n && i < FEED_ENTRIES_MAX; i++)
                view_add(&list, entry_view(feed, &feed->entries[i]));
        view_text(&view, "feed_id",
                        str_format(visit->arena, "tag:%.*s,2021:%.*s", STR_FMT(domain_of(feed)),
                                        STR_FMT(feed->url)));
        view_text(&view, "title", feed->title);
        view_text(&view, "author", site_config(visit->portal->site)->organ);
        view_text(&view, "page_url", whole_url(feed, feed->url));
        view_text(&view, "updated",
                        moment_text(feed, feed->n != 0 ? feed->entries[0].on : visit->today));
        view_put(&view, "entries", view_list_end(&list));
        struct value whole = view_end(&view);
        if (!pages_render(visit->portal->pages, "feed", &whole, &out, err))
                return false;
        visit_send(visit, "application/atom+xml; charset=utf-8", buf_str(&out));
        return true;
}
