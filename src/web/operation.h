/* web/operation.h - when the desk behind the portal is not ready: for /readyz. */
#ifndef WEB_OPERATION_H
#define WEB_OPERATION_H

#include "base/base.h"
#include "desk/desk.h"

#define OPERATION_BUSY_SECONDS 30 /* a turn that takes longer is stuck */
#define OPERATION_WAITING_MAX  (DESK_QUEUE_MAX / 2)

/* Adds a line to `why` for each reason; none = ready. */
void operation_check_desk(struct buf *why, const struct desk_state *state, uint64_t n_waiting);

#endif
