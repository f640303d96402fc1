/* web/view.h - builds the context that a page prints and that its JSON answer is made from.
 *
 * struct view v = VIEW(arena); view_text(&v, "label", label); ... view_end(&v). What a page
 * may lack is put with view_some(), view_day(), view_yes(): nothing is put where there is
 * nothing. */
#ifndef WEB_VIEW_H
#define WEB_VIEW_H

#include "base/value.h"

#define VIEW_MEMBERS_MAX 48u /* the page of a matter has 26 */

struct view {
        struct arena *arena;
        size_t n;
        struct member members[VIEW_MEMBERS_MAX];
};

#define VIEW(in_arena) ((struct view){ .arena = (in_arena) })

void view_put(struct view *view, const char *name, struct value value);
void view_text(struct view *view, const char *name, struct str text);
void view_c(struct view *view, const char *name, const char *text);
void view_int(struct view *view, const char *name, int64_t number);
void view_moment(struct view *view, const char *name, struct moment moment);
void view_some(struct view *view, const char *name, struct str text); /* unless empty */
void view_day(struct view *view, const char *name, struct date day);  /* unless none */
void view_yes(struct view *view, const char *name, bool yes);         /* if it is so */

/* The finished context; each name once. */
struct value view_end(const struct view *view);

/* {"label", "tone"}: pages/README.md lists the tones. */
struct value view_tag(struct arena *arena, struct str label, const char *tone);

struct view_list {
        struct arena *arena;
        struct value *items;
        size_t n;
};

#define VIEW_LIST(in_arena) ((struct view_list){ .arena = (in_arena) })

void view_add(struct view_list *list, struct value value);
void view_add_text(struct view_list *list, struct str text);
struct value view_list_end(const struct view_list *list);

/* 1,234,567.89: digits in threes, as figures are printed. */
struct str view_grouped(struct arena *arena, struct str number);

#endif
