/* store/copy.h - all rows of one store into another, of whatever kind; for this room only. */
#ifndef STORE_COPY_H
#define STORE_COPY_H

#include "store/driver.h"

/* What the link sees, into a store that was just made, in one transaction. `progress` counts
 * tables; false = give up (E_STORE_STOPPED). */
MUST_CHECK bool copy_rows(const struct driver *driver, struct link *from, struct store *to,
                bool (*progress)(void *user, int64_t done, int64_t total), void *user,
                struct err *err);

#endif
