/* web/visit.h - one request on its way to an answer; what handlers work with.
 *
 * A handler reads from the snapshot, builds a view and sends it as a page. If it fails, the
 * error becomes a page with its status, in plain Chinese. */
#ifndef WEB_VISIT_H
#define WEB_VISIT_H

#include "desk/desk.h"
#include "projection/world.h"
#include "store/store.h"
#include "web/http.h"
#include "web/live.h"
#include "web/pages.h"
#include "web/posted.h"
#include "web/sheet.h"
#include "web/view.h"
#include "web/viewer.h"
#include "ledger/hash.h"

#define VISIT_PAGE_ROWS 50 /* rows of one page of a list */

struct door;
struct remits;
struct tally;
struct throttle;

struct portal { /* never changes while it serves */
        struct site *site;
        struct door *door; /* how it writes; NULL = it only shows */
        struct pages *pages;
        struct desk_clock clock;
        struct str notice;
        struct hmac secret; /* the site's; only where it has a door */
        struct live *live;  /* tells open pages that something changed; only where it has a door */
        struct desk *desk;  /* for the listener alone */
        bool https;         /* TLS ends in front of us: cookies are for it alone */
        struct http *http;
        struct meter *times;       /* from a request's head to its answer */
        struct throttle *throttle; /* of guessed codes and passwords, of drafts begun */
        struct tally *tally;       /* how many rows lists have */
        struct remits *remits;     /* what members of staff see */
        struct arena *arena;
};

struct route;

struct visit {
        struct arena *arena;
        const struct portal *portal;
        struct http_request *request;
        const struct route *route;
        struct str parts[4]; /* what stood where the route has {...}, in order */
        struct snapshot *snapshot;
        struct world world;
        const struct catalogue *catalogue;
        struct moment now;
        struct date today;
        bool as_json;            /* asked for NAME.json: the view, not the page */
        enum sheet_format sheet; /* asked for NAME.csv or NAME.xlsx: its rows as a file */
        struct viewer viewer;    /* who is looking */
        struct posted posted;    /* what a POST brought */
        bool is_forged;          /* ... without the right token (only rows that ask for it) */
        bool is_personal;        /* the answer is for this viewer alone: it is not kept */
        int64_t read_matter;     /* whose personal fields the answer shows to staff; 0 = none */
        struct str read_fields;  /* which */
        int64_t live_from;       /* the size of the log that an open page knows (events.c) */
        struct door_wait *wait;  /* what the visit was suspended for; else NULL */
        int64_t began;           /* microseconds, monotonic */
        struct http_response *answer;
};

/* ---- What was asked ---- */

/* A field of the query, which the route must declare; empty if it was not given. */
struct str visit_field(const struct visit *visit, const char *name);

/* A text of the form that was posted, which the route must declare; empty if it was not given. */
struct str visit_posted(const struct visit *visit, const char *name);

/* As a date (DATE_NONE = not given), as a number of 0 .. max (`otherwise` = not given).
 * E_HTTP_QUERY names the field. */
MUST_CHECK bool visit_date(
                const struct visit *visit, const char *name, struct date *ret, struct err *err);
MUST_CHECK bool visit_int(const struct visit *visit, const char *name, int64_t max,
                int64_t otherwise, int64_t *ret, struct err *err);

/* A year in a path or a field. E_NOT_FOUND. */
MUST_CHECK bool visit_year(struct str text, int *ret, struct err *err);

/* ---- Cookies ---- */

/* What lets its bearer do something is kept for TLS and this host alone where TLS ends in front
 * of us: then `name` is sent as "__Host-" and the name. An empty value takes it back. */
const char *visit_cookie_name(const struct visit *visit, const char *name);
struct str visit_cookie(const struct visit *visit, const char *name);
struct str visit_cookie_set(const struct visit *visit, const char *name, struct str value);

/* "p:" and the address the request came from: a key for throttle.h. */
struct str visit_peer_key(const struct visit *visit, const char *before);

/* ---- Addresses ---- */

/* "/matters/" and the text, percent-encoded. */
struct str visit_url(struct visit *visit, const char *before, struct str text);

/* Adds "?name=value" or "&name=value" unless the value is empty. */
void visit_query(struct buf *url, const char *name, struct str value);

/* ---- Words ---- */

struct str visit_unit(struct visit *visit, struct str unit); /* its name; the id if unknown */

struct str visit_staff(struct visit *visit, struct str staff); /* likewise; for the workbench */

/* A public field's value as a person reads it: labels of options, names of units. */
struct str visit_value(struct visit *visit, const struct field *field, const struct value *value);

/* ---- Columns (栏目) ---- */

struct page_column {
        const char *label, *url;
        const char *kind;  /* ColumnType of government sites */
        const char *about; /* ColumnDescription */
        bool is_main;      /* on top of every page; else in the footer */
};

extern const struct page_column page_columns[];
extern const size_t n_page_columns;

/* ---- Answers ---- */

struct page {
        struct visit *visit;
        const char *name;   /* of the template */
        const char *column; /* the address of one of page_columns: "/matters"; "/" = home */
        struct str title;
        bool with_ledger;      /* says which signed head it was made from */
        struct date published; /* an article's day; DATE_NONE = a list or a form */
        bool with_token;       /* has a form that posts: {{token}} */
        bool is_work;          /* of the workbench: its own navigation, who has signed in */
        struct view view;      /* the page's own members */
        struct view_list crumbs;
};

struct page page_begin(struct visit *visit, const char *name, const char *column, struct str title);
void page_crumb(struct page *page, struct str label, struct str url); /* url empty: the last */
MUST_CHECK bool page_send(struct page *page, struct err *err);

/* What a form carries besides what is filled in (a key against two clicks): no part of the view
 * for a program, which brings its own. */
void visit_carry(const struct visit *visit, struct view *view, const char *name, struct str text);

/* 303: what was posted is done, look there. */
void visit_go(struct visit *visit, struct str location);

/* Text as it is. */
void visit_send(struct visit *visit, const char *type, struct str body);

/* The members of `paging` for a list that goes on by key: `at` rows stood before, `total`
 * (negative = unknown) in all, `over`: there are more than that. `next` empty: the last page.
 * `first`: the address of the first page. */
struct value visit_paging(struct visit *visit, int64_t at, size_t n, int64_t total, bool over,
                struct str first, struct str next);

#endif
