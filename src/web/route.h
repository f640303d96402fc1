/* web/route.h - the table of what the portal answers.
 *
 * A row: pattern, the query's fields, handler. `{}` in a pattern stands for one segment of the
 * path. A row with `json` also answers under the same address with ".json" behind it, one with
 * `sheet` with ".csv" and ".xlsx". */
#ifndef WEB_ROUTE_H
#define WEB_ROUTE_H

#include "web/visit.h"

#define ROUTE_FIELD_BYTES 256u /* of one query field */

struct route {
        const char *pattern;       /* "/matters/{}" */
        const char *const *fields; /* declared; ends with NULL; NULL = none */
        bool json;
        bool (*handler)(struct visit *visit, struct err *err);
        bool sheet;
};

extern const struct route routes[]; /* ends with a row without pattern */

/* The row for a path, its parts filled in; NULL if there is none. `visit->as_json` and
 * `visit->sheet` are set. */
const struct route *route_find(const struct address *address, struct visit *visit);

/* Fields that the row declares may not be longer than ROUTE_FIELD_BYTES. E_HTTP_QUERY. */
MUST_CHECK bool route_check(
                const struct route *route, const struct address *address, struct err *err);

/* May a stranger see the event? As /ledger/SEQ answers. */
MUST_CHECK bool proof_is_seen(struct visit *visit, int64_t seq, bool *ret, struct err *err);

/* ---- Handlers, a file each ---- */

bool home_show(struct visit *visit, struct err *err);
bool report_list(struct visit *visit, struct err *err);
bool report_show(struct visit *visit, struct err *err);
bool figure_show(struct visit *visit, struct err *err);
bool docket_show(struct visit *visit, struct err *err);
bool matter_show(struct visit *visit, struct err *err);
bool document_show(struct visit *visit, struct err *err);
bool proof_show(struct visit *visit, struct err *err);
bool proof_checkpoint(struct visit *visit, struct err *err);
bool proof_key(struct visit *visit, struct err *err);
bool procedure_list(struct visit *visit, struct err *err);
bool procedure_show(struct visit *visit, struct err *err);
bool register_list(struct visit *visit, struct err *err);
bool register_show(struct visit *visit, struct err *err);
bool calendar_show(struct visit *visit, struct err *err);
bool asset_show(struct visit *visit, struct err *err);
bool health_show(struct visit *visit, struct err *err);
bool metrics_show(struct visit *visit, struct err *err);

#endif
