/* web/route.h - the table of what the portal answers, and to whom.
 *
 * A row: method, pattern, who may, the fields of the query and of the form, handler. `{}` in a
 * pattern stands for one segment of the path, `{*}` at its end for all that are left, at least
 * one. A row with `json` also answers under the same address with ".json" behind it: each GET has
 * it or says why not (`no_json`); one with `sheet` with ".csv" and ".xlsx". A GET cannot write: it
 * is handed a snapshot and nothing else; a POST is handed the door. The permission matrix and the
 * help are printed from the table. */
#ifndef WEB_ROUTE_H
#define WEB_ROUTE_H

#include "web/visit.h"

#define ROUTE_FIELD_BYTES 256u /* of one query field */

struct door;

enum route_who {
        WHO_ANYONE,
        WHO_STAFF,   /* who has signed in */
        WHO_PROGRAM, /* who brings a token: no cookie, no form */
};

struct route {
        enum http_method method; /* HTTP_GET answers HEAD too */
        const char *pattern;     /* "/matters/{}" */
        enum route_who who;
        const char *role;          /* WHO_STAFF: one that holds this role anywhere; NULL = any */
        const char *const *fields; /* of the query; ends with NULL; NULL = none */
        const char *const *form;   /* of what is posted, likewise; other names are passed over,
                                      but for the fields of an act, which its definition lists */
        int takes;                 /* enum http_body, or-ed */
        bool json;
        bool sheet;      /* its rows also as a file */
        bool is_lenient; /* a wrong token is not refused but told the handler (visit.is_forged),
                            which then must do nothing but show what was typed */
        bool (*show)(struct visit *visit, struct err *err);                   /* HTTP_GET */
        bool (*act)(struct visit *visit, struct door *door, struct err *err); /* HTTP_POST */
        const char *says;                                                     /* what it is for */
        bool bare;           /* answered without the store, which may be what is wrong */
        const char *no_json; /* why a GET has none: it is a file, leads elsewhere ...; NULL = has */
};

extern const struct route routes[]; /* ends with a row without pattern */

/* The row for a method and a path, its parts filled in; NULL if there is none. HTTP_HEAD finds
 * the row of HTTP_GET. `visit->as_json` and `visit->sheet` are set. */
const struct route *route_find(
                enum http_method method, const struct address *address, struct visit *visit);

/* The methods that the path is answered for, as an Allow header has them; NULL = none. */
const char *route_methods(const struct address *address);

/* Fields that the row declares may not be longer than ROUTE_FIELD_BYTES. E_HTTP_QUERY. */
MUST_CHECK bool route_check(
                const struct route *route, const struct address *address, struct err *err);

/* The table as text, a line a row, tabs between: method, pattern, who, form, what for. */
void route_print(struct buf *buf);

/* May a stranger see the event? As /ledger/SEQ answers. */
MUST_CHECK bool proof_is_seen(struct visit *visit, int64_t seq, bool *ret, struct err *err);

/* ---- Handlers, a file each ---- */

bool home_show(struct visit *visit, struct err *err);
bool apply_start(struct visit *visit, struct err *err);
bool apply_form(struct visit *visit, struct err *err);
bool apply_check(struct visit *visit, struct err *err);
bool resume_show(struct visit *visit, struct err *err);
bool track_ask(struct visit *visit, struct err *err);
bool track_show(struct visit *visit, struct err *err);
bool track_paper(struct visit *visit, struct err *err);
bool track_act(struct visit *visit, struct err *err);
bool mode_switch(struct visit *visit, struct err *err);
bool apply_begin(struct visit *visit, struct door *door, struct err *err);
bool apply_take(struct visit *visit, struct door *door, struct err *err);
bool apply_submit(struct visit *visit, struct door *door, struct err *err);
bool apply_drop(struct visit *visit, struct door *door, struct err *err);
bool resume_take(struct visit *visit, struct door *door, struct err *err);
bool track_enter(struct visit *visit, struct door *door, struct err *err);
bool track_leave(struct visit *visit, struct door *door, struct err *err);
bool track_do(struct visit *visit, struct door *door, struct err *err);
bool service_list(struct visit *visit, struct err *err);
bool service_show(struct visit *visit, struct err *err);
bool column_list(struct visit *visit, struct err *err);
bool column_show(struct visit *visit, struct err *err);
bool column_feed(struct visit *visit, struct err *err);
bool column_feed_all(struct visit *visit, struct err *err);
bool calculator_show(struct visit *visit, struct err *err);
bool help_show(struct visit *visit, struct err *err);
bool accessibility_show(struct visit *visit, struct err *err);
bool sitemap_show(struct visit *visit, struct err *err);
bool report_list(struct visit *visit, struct err *err);
bool report_show(struct visit *visit, struct err *err);
bool figure_show(struct visit *visit, struct err *err);
bool docket_show(struct visit *visit, struct err *err);
bool matter_show(struct visit *visit, struct err *err);
bool document_show(struct visit *visit, struct err *err);
bool proof_show(struct visit *visit, struct err *err);
bool proof_checkpoint(struct visit *visit, struct err *err);
bool proof_key(struct visit *visit, struct err *err);
bool proof_qr(struct visit *visit, struct err *err);
bool heads_show(struct visit *visit, struct err *err);
bool heads_file(struct visit *visit, struct err *err);
bool tile_show(struct visit *visit, struct err *err);
bool tile_keys(struct visit *visit, struct err *err);
bool procedure_list(struct visit *visit, struct err *err);
bool compare_show(struct visit *visit, struct err *err);
bool errors_show(struct visit *visit, struct err *err);
bool openapi_show(struct visit *visit, struct err *err);
bool procedure_show(struct visit *visit, struct err *err);
bool draw_list(struct visit *visit, struct err *err);
bool draw_show(struct visit *visit, struct err *err);
bool draw_file(struct visit *visit, struct err *err);
bool register_list(struct visit *visit, struct err *err);
bool register_show(struct visit *visit, struct err *err);
bool calendar_show(struct visit *visit, struct err *err);
bool asset_show(struct visit *visit, struct err *err);
bool health_show(struct visit *visit, struct err *err);
bool ready_show(struct visit *visit, struct err *err);
bool metrics_show(struct visit *visit, struct err *err);

/* sign_in.c */
bool sign_in_show(struct visit *visit, struct err *err);
bool sign_in_do(struct visit *visit, struct door *door, struct err *err);
bool sign_out_do(struct visit *visit, struct door *door, struct err *err);
bool code_show(struct visit *visit, struct err *err);
bool code_do(struct visit *visit, struct door *door, struct err *err);
/* credentials.c */
bool password_show(struct visit *visit, struct err *err);
bool password_do(struct visit *visit, struct door *door, struct err *err);
bool factor_show(struct visit *visit, struct err *err);
bool factor_do(struct visit *visit, struct door *door, struct err *err);
/* work_home.c, docket.c, work_matter.c, work_act.c */
bool work_home_show(struct visit *visit, struct err *err);
bool work_docket_show(struct visit *visit, struct err *err);
bool work_matter_show(struct visit *visit, struct err *err);
bool work_note_do(struct visit *visit, struct door *door, struct err *err); /* work_note.c */
bool work_draws_show(struct visit *visit, struct err *err);                 /* work_draw.c */
bool work_draw_show(struct visit *visit, struct err *err);
bool work_view_do(struct visit *visit, struct door *door, struct err *err); /* work_view.c */
bool work_code_show(struct visit *visit, struct err *err);                  /* work_code.c */
bool work_code_do(struct visit *visit, struct door *door, struct err *err);
bool work_proof_show(struct visit *visit, struct err *err); /* proof.c */
bool work_document_show(struct visit *visit, struct err *err);
bool work_file_show(struct visit *visit, struct err *err);
bool work_new_show(struct visit *visit, struct err *err);
bool work_bulk_do(struct visit *visit, struct door *door, struct err *err); /* work_bulk.c */
bool work_act_show(struct visit *visit, struct err *err);
bool work_act_do(struct visit *visit, struct door *door, struct err *err);
bool work_begin_show(struct visit *visit, struct err *err);
bool work_begin_do(struct visit *visit, struct door *door, struct err *err);

bool dashboard_show(struct visit *visit, struct err *err);
bool dashboard_is_open(struct visit *visit); /* may the viewer look at it? */
bool events_show(struct visit *visit, struct err *err);

bool admin_show(struct visit *visit, struct err *err);
bool admin_register_show(struct visit *visit, struct err *err);
bool admin_entry_show(struct visit *visit, struct err *err);
bool admin_entry_do(struct visit *visit, struct door *door, struct err *err);
bool admin_entry_end(struct visit *visit, struct door *door, struct err *err);
bool accounts_show(struct visit *visit, struct err *err);
bool accounts_do(struct visit *visit, struct door *door, struct err *err);
bool tokens_show(struct visit *visit, struct err *err);
bool api_docket(struct visit *visit, struct err *err);
bool webhooks_show(struct visit *visit, struct err *err);
bool webhooks_do(struct visit *visit, struct door *door, struct err *err);
bool tokens_do(struct visit *visit, struct door *door, struct err *err);
bool definitions_show(struct visit *visit, struct err *err);
bool definitions_check(struct visit *visit, struct door *door, struct err *err);
bool templates_show(struct visit *visit, struct err *err);
bool templates_try(struct visit *visit, struct door *door, struct err *err);
bool standing_show(struct visit *visit, struct err *err);
bool access_show(struct visit *visit, struct err *err);
bool notices_show(struct visit *visit, struct err *err);
bool notices_do(struct visit *visit, struct door *door, struct err *err);
bool parameters_show(struct visit *visit, struct err *err);

bool api_matter(struct visit *visit, struct err *err);
bool api_begin(struct visit *visit, struct door *door, struct err *err);
bool api_act(struct visit *visit, struct door *door, struct err *err);

#endif
