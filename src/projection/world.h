/* projection/world.h - the lookups of procedure_decide(), answered from a snapshot.
 *
 * A world lives on the stack or in an arena for one request, and must stay where it was
 * opened, because its lookups point back to it. Readers have no
 * numbers to give: next_number fails with E_FOLD_READER. Who holds a role:
 * a staff entry's own unit with `roles` (list of texts), further `grants` (list of
 * {role, unit, from, until}), and what was delegated by an entry of `delegations`
 * ({from_staff, to_staff, role, unit}; role and unit may be left out); a role held for
 * a unit holds for all below it. Who is recused by an entry of `recusals` ({staff, matter,
 * procedure}; matter (its number) and procedure may be left out). */
#ifndef PROJECTION_WORLD_H
#define PROJECTION_WORLD_H

#include "procedure/decide.h"
#include "store/store.h"

struct cache;      /* projection/cache.h */
struct remembered; /* an entry, or all of a register on a day */

struct world {
        struct snapshot *snapshot;
        struct tx *tx;       /* NULL: a reader */
        struct cache *cache; /* NULL: a reader */
        /* A reader's: lives as long as the world. What is read of registers is kept in it and read
         * once; NULL (as opened) = each time. May be set later. */
        struct arena *memory;
        struct remembered *remembered;
        size_t n_remembered;
        const struct catalogue *catalogue;
        const struct calendar *calendar;
        const struct site_facts *site;
        const struct value *parameters; /* the site's own values; NULL = none; may be set later */
        struct moment now;
        struct lookups lookups;
        struct circumstances circumstances;
        bool failed; /* a lookup could not read the store; see err */
        struct err err;
};

/* Fills *ret for reading at `now`; world->circumstances is what decide takes. A lookup
 * that cannot read the store answers "none" and sets failed: check it at the end. */
void world_open(struct world *ret, struct snapshot *snapshot, const struct catalogue *catalogue,
                const struct calendar_set *calendars, const struct site_facts *site,
                struct moment now);

/* The entry in force on a day, out of the memory if it was asked before. */
MUST_CHECK bool world_entry(struct world *world, struct arena *arena, struct str reg,
                struct str key, struct date day, struct value *ret, bool *ret_found,
                struct err *err);

/* The unit and every unit below it on a day, as a JSON list for statements and as
 * texts. An unknown unit is itself alone. */
MUST_CHECK bool world_units(struct arena *arena, struct snapshot *snapshot, struct str unit,
                struct date day, struct str *ret_json, const struct str **ret_units, size_t *ret_n,
                struct err *err);

/* An actor from the register of staff, with `entry` as expressions see it. */
MUST_CHECK bool world_actor(struct arena *arena, struct world *world, struct str staff,
                struct actor *ret, struct err *err);

#endif
