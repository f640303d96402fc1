/* web/offices.h - which offices (units) take an application; for this room only.
 *
 * Those where somebody has a role that may do the beginning act, or the acts that come next;
 * of them those that the guide names (`office`). */
#ifndef WEB_OFFICES_H
#define WEB_OFFICES_H

#include "web/visit.h"

struct office {
        struct str id, name;
};

MUST_CHECK bool offices_of(struct visit *visit, const struct version *version,
                const struct act *act, const struct office **ret, size_t *ret_n, struct err *err);

#endif
