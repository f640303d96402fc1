/* account/saved_view.h - lists that a member of staff looks at often: a name and the query of an
 * address. No record: they are kept beside the account, for its owner alone. */
#ifndef ACCOUNT_SAVED_VIEW_H
#define ACCOUNT_SAVED_VIEW_H

#include "desk/desk.h"
#include "store/store.h"

#define SAVED_VIEWS_MAX  30u   /* of one account */
#define SAVED_VIEW_NAME  30u   /* code points */
#define SAVED_VIEW_QUERY 2000u /* bytes */

struct saved_view {
        struct str name, query; /* query: "?procedure=permit&state=open", or empty */
};

/* By name. */
MUST_CHECK bool saved_view_list(struct arena *arena, struct snapshot *snapshot, struct str account,
                const struct saved_view **ret, size_t *ret_n, struct err *err);

/* Keeps it; one of the same name is replaced. Waits. E_VIEW_NAME: no name or too long a one, or
 * there are SAVED_VIEWS_MAX others. */
MUST_CHECK bool saved_view_put(struct desk *desk, struct str account, const struct saved_view *view,
                struct moment now, struct err *err);

/* Waits. E_NOT_FOUND. */
MUST_CHECK bool saved_view_drop(
                struct desk *desk, struct str account, struct str name, struct err *err);

#endif
