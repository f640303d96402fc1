/* web/door.h - how the portal writes: only handlers of POST rows are handed a door.
 *
 * An act is answered when it is durable, so the request waits, without holding a thread: the
 * handler hands in and returns, and `then` answers later, with a snapshot that has the act. Both
 * functions return true; one of them may be called, once, as the last thing the handler does. */
#ifndef WEB_DOOR_H
#define WEB_DOOR_H

#include "web/visit.h"

struct door;

/* The rest of a handler. `user` is what was handed over. */
typedef bool door_then(struct visit *visit, void *user, struct err *err);

/* Hands in an act. `*submission` and `*answer` must live as long as the visit's arena; when
 * `then` runs, *answer says what became of it (E_DESK_BUSY if it was not taken). */
bool door_submit(struct door *door, struct visit *visit, const struct submission *submission,
                struct desk_answer *answer, door_then *then, void *user);

/* Runs `work` on the worker's thread, where it may take its time and call whatever desk function
 * waits; its arena lives until the answer is sent. If too many wait, the visit is refused with
 * E_HTTP_BUSY and `then` does not run. */
typedef void door_work(struct arena *arena, struct desk *desk, void *user);
bool door_do(struct door *door, struct visit *visit, door_work *work, door_then *then, void *user);

/* ---- For portal.c ---- */

struct door *door_open(struct desk *desk);
void door_close(struct door **door); /* after the server has stopped */
/* Notes that a session is used: no record, and nobody waits for it. */
void door_touch(struct door *door, const struct session *session, struct moment now);
/* Notes that a member of staff was shown these personal fields (table `access`). */
void door_note_reading(struct door *door, struct str staff, int64_t matter, struct str fields,
                struct moment now);
struct desk_numbers door_numbers(struct door *door);
struct desk_state door_state(struct door *door);

/* The second part of a visit that was suspended. */
MUST_CHECK bool door_go_on(struct visit *visit, struct err *err);

#endif
