/* desk/chore.h - what is written without being a record: credentials, sessions, drafts, saved
 * views.
 *
 * No event is made of a chore and no read table changes with it, so nothing that a matter, a
 * register or a figure says may hang on one. It runs on the writer's thread, in the transaction
 * of whatever acts arrived with it, and is durable when it is answered. */
#ifndef DESK_CHORE_H
#define DESK_CHORE_H

#include "desk/desk.h"
#include "store/store.h"

/* Writes by tx_run() alone. May be called a second time, after the first was rolled back; if it
 * fails, nothing of it stays. */
typedef bool desk_chore(void *user, struct tx *tx, struct err *err);

/* Waits until it is durable or refused. E_DESK_BUSY if too much waits. */
MUST_CHECK bool chore_do(struct desk *desk, desk_chore *chore, void *user, struct err *err);

/* Without waiting: `finished` is called once, on the writer's thread, however it went. False:
 * not taken, and `finished` is not called. For what may be lost without harm. */
bool chore_leave(struct desk *desk, desk_chore *chore, void (*finished)(void *user), void *user);

#endif
