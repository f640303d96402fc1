/* desk/site_state.h - what a site is made of; for this room only. */
#ifndef DESK_SITE_STATE_H
#define DESK_SITE_STATE_H

#include <stdatomic.h>

#include "desk/site.h"
#include "ledger/merkle.h"
#include "ledger/note.h"

struct projection;

/* The key that signs, and the one that is to take over, while it does: then both sign. */
struct keyring {
        struct note_signer own, next;
        bool has_next;
        struct keyring *before; /* readers may still hold it */
};

struct site {
        struct arena *arena;
        struct site_config config;
        struct site_facts facts;
        struct str dir;
        const char *temporary; /* a folder to be removed when it is closed, or NULL */
        struct store *store;
        struct projection *projection; /* the writer's; others read what it published */
        _Atomic(const struct catalogue *) catalogue;
        _Atomic(const struct calendar_set *) calendars;
        _Atomic(struct keyring *) keyring;
        bool cannot_sign; /* only the public half of the key is known */
};

/* "sqlite": a file in the folder; else an address of PostgreSQL (store/store.h). */
struct store_options;
MUST_CHECK bool site_store_open(struct arena *arena, struct str dir, struct str where,
                const struct store_options *options, struct store **ret, struct err *err);

/* What procedures may know of a site with these settings; points into them. */
struct site_facts site_facts_of(const struct site_config *config);

/* The key file of a site. E_SITE_KEY if it is not there or not one. */
MUST_CHECK bool site_read_key(
                struct arena *arena, struct str path, struct note_signer *ret, struct err *err);

struct projection *site_projection(struct site *site);

/* Lets readers see the catalogue and calendars that are in force now. */
void site_publish(struct site *site);

/* Reads the key files again: they may have been changed by the process that changes the key. */
MUST_CHECK bool site_read_keys(struct site *site, struct err *err);

/* A new key file, for the hash of the site; refuses to replace one. */
MUST_CHECK bool site_make_key(struct arena *arena, struct str path, struct str origin,
                enum ledger_hash hash, struct err *err);

/* Signs the head of the ledger and stores the note. */
MUST_CHECK bool site_sign_checkpoint(struct site *site, int64_t size,
                const struct merkle_frontier *frontier, struct err *err);

#endif
