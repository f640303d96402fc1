/* projection/projection.h - folds accepted facts into the read tables.
 *
 * The desk calls projection_apply() for each event, in the transaction that stores
 * it; rebuilding calls it for each event of the log again and must come to the same
 * rows. So nothing here reads a clock or asks anybody: a fact and the tables say all.
 *
 * A struct projection belongs to one thread, the writer's. It holds the catalogue and
 * calendars in force (read from the tables), what each version's acts can change, and
 * small caches; web threads use readers (projection/world.h) instead. */
#ifndef PROJECTION_PROJECTION_H
#define PROJECTION_PROJECTION_H

#include "procedure/decide.h"
#include "projection/kinds.h"
#include "store/store.h"

struct projection;

/* Reads the definitions and calendars in force from the tables; those may be empty.
 * `site` must live as long as the projection. */
MUST_CHECK bool projection_open(struct snapshot *snapshot, const struct site_facts *site,
                struct projection **ret, struct err *err);

/* The same with a catalogue and calendars that are given and do not change, whatever the
 * tables say; for rehearsals and tests. They must live as long as the projection. */
MUST_CHECK bool projection_open_with(const struct catalogue *catalogue,
                const struct calendar_set *calendars, const struct site_facts *site,
                struct projection **ret, struct err *err);

/* The site's own values: context "procedure.parameter" -> value, kept by the caller. */
void projection_set_parameters(struct projection *projection, const struct value *parameters);

void projection_close(struct projection **projection);

/* What is in force. Both pointers stay good until projection_reload(). */
const struct catalogue *projection_catalogue(const struct projection *projection);
const struct calendar_set *projection_calendars(const struct projection *projection);

/* True once a fact has changed definitions or calendars: call projection_reload()
 * before the next act is decided (projection_apply does so itself). Old catalogues
 * stay in memory until the projection is closed, for those who still read them. */
bool projection_is_stale(const struct projection *projection);

/* Has this transaction changed what is in force? */
bool projection_is_shaken(const struct projection *projection);

/* The earliest look that a clock was set to since this was last asked; INT64_MAX: none was. It
 * may be of an act that was rolled back, or have been moved since: none comes before it. */
int64_t projection_soonest_look(struct projection *projection);

MUST_CHECK bool projection_reload(
                struct projection *projection, struct snapshot *snapshot, struct err *err);

/* Is something else in force there than here? Another program may have written. */
MUST_CHECK bool projection_is_behind(struct projection *projection, struct snapshot *snapshot,
                bool *ret, struct err *err);

/* From now on the tables say what is in force, even if it was given. */
MUST_CHECK bool projection_follow(
                struct projection *projection, struct snapshot *snapshot, struct err *err);

/* Folds the fact that became event `id` (store/ids.h). For an act on a matter, `before`
 * is the matter as it was (NULL for a new one) and `after` as matter_apply() left it;
 * else both are NULL. `key` is the event's idempotency key or empty. */
MUST_CHECK bool projection_apply(struct arena *arena, struct tx *tx, struct projection *projection,
                const struct matter *before, const struct matter *after, const struct fact *fact,
                int64_t id, struct str key, struct err *err);

/* A matter for the writer, from its cache or the table. E_NOT_FOUND. */
MUST_CHECK bool projection_matter(struct arena *arena, struct tx *tx, struct projection *projection,
                int64_t id, struct matter **ret, struct err *err);

/* Sees to it that it comes from the cache, if there is such a matter. */
MUST_CHECK bool projection_look_ahead(struct arena *arena, struct tx *tx,
                struct projection *projection, int64_t id, struct err *err);

/* The id of a matter's number, likewise. E_NOT_FOUND. */
MUST_CHECK bool projection_find(struct tx *tx, struct projection *projection, struct str number,
                int64_t *ret, struct err *err);

/* Is it known, without asking the tables, that an event has settled this key? Of keys settled
 * long ago it is not. */
bool projection_settled(const struct projection *projection, struct str key);

/* What decide needs, answered from the transaction through the caches. `ret` points
 * into `arena` and is good for this transaction. */
void projection_circumstances(struct arena *arena, struct tx *tx, struct projection *projection,
                struct moment now, struct circumstances *ret);

/* Did a lookup through these circumstances fail to read the store? Then it answered
 * "none", and what was decided since is worth nothing. */
bool projection_lookup_failed(const struct circumstances *circumstances, struct err *err);

/* The caches follow the transaction: mark when a savepoint is taken, back when it is
 * undone; forget after a rollback, keep after a commit; start over when somebody else has
 * written to the store. */
size_t projection_mark(const struct projection *projection);
void projection_back(struct projection *projection, size_t mark);
void projection_keep(struct projection *projection);
void projection_forget(struct projection *projection);
void projection_start_over(struct projection *projection);

/* Counts every matter again for every indicator; as each definition.activate does. */
MUST_CHECK bool projection_recount(struct arena *arena, struct tx *tx,
                struct projection *projection, struct moment now, struct err *err);

#endif
