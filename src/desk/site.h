/* desk/site.h - a bureau's folder, and everything opened from it.
 *
 *   site.yaml      who the bureau is, and what it settles for itself
 *   keys/log.key   signs the ledger's checkpoints (mode 0600); Ed25519, or SM2 where the ledger
 *                  hashes with SM3
 *   keys/log.key.next   while a new key takes over (desk/rotate.h)
 *   keys/auditors  who may read the leaves (desk/auditor.h)
 *   plumbline.db   the records, unless site.yaml names a server that keeps them
 *   blobs/         attached files by their SHA-256
 *
 * A site carries its own definitions and calendars: site_init() records them as the
 * first events, and site_open() reads them back from there; the data folder is not
 * needed again. */
#ifndef DESK_SITE_H
#define DESK_SITE_H

#include "clock/calendar.h"
#include "ledger/hash.h"
#include "ledger/note.h"
#include "procedure/decide.h"

struct site;
struct store;

#define SITE_WITNESSES_MAX 20u

struct site_witness {
        struct note_key key;
        struct str url; /* answers at url/add-checkpoint */
};

struct site_config {
        struct str organ, prefix, region, city; /* 厦门市司法局, 厦司, 350200, 厦门市 */
        enum ledger_hash hash;
        struct str store;        /* "sqlite", or an address of PostgreSQL: store/store.h */
        int yellow, red;         /* warnings when so many units are left; 5 and 2 */
        int port;                /* of the web server; 8080 */
        int keep_files;          /* days that a file stays which no record names; 30, 0 = ever */
        struct value parameters; /* context: "procedure.parameter" -> value */
        /* What government sites print on every page; each may be empty. */
        struct str domain, code, record, address, phone; /* code: 网站标识码; record: ICP */
        struct str receivers; /* hosts that may be told though they are not public */
        struct str spool;     /* the folder into which notices go; empty = none */
        const struct site_witness *witnesses; /* who cosigns its log (desk/cosign.h) */
        size_t n_witnesses;
};

/* The text of site.yaml, strictly: unknown keys are refused. */
MUST_CHECK bool site_config_parse(
                struct arena *arena, struct str text, struct site_config *ret, struct err *err);
struct str site_config_format(struct arena *arena, const struct site_config *config);

/* All definitions and calendars of a data folder (procedures/ registers/ indicators/
 * reports/ calendars/), sorted by name. */
struct site_data {
        const struct definition_source *definitions;
        size_t n_definitions;
        const struct calendar_file *calendars;
        size_t n_calendars;
};
MUST_CHECK bool site_read_data(
                struct arena *arena, struct str folder, struct site_data *ret, struct err *err);

/* Makes the folder: refuses one that already holds a site, and leaves nothing of it where it fails.
 * `as_of` is the moment of its first
 * events, for a year that is to be simulated; second 0 = now. */
MUST_CHECK bool site_init(struct str dir, const struct site_config *config,
                const struct site_data *data, struct moment as_of, struct err *err);
MUST_CHECK bool site_open(struct str dir, struct site **ret, struct err *err);

/* Without its private key, for looking: what is signed is checked with `key`, which must live
 * as long as the site; a desk cannot be opened on it (E_SITE_KEY). */
MUST_CHECK bool site_open_unsigned(
                struct str dir, const struct note_key *key, struct site **ret, struct err *err);
bool site_can_sign(const struct site *site);

/* A site in memory, for rehearsals and tests. The catalogue may be shared by many. */
MUST_CHECK bool site_open_memory(const struct site_config *config,
                const struct catalogue *catalogue, const struct calendar_set *calendars,
                struct site **ret, struct err *err);

/* A copy of the site as it stands, which is gone when it is closed: for trying things out. */
MUST_CHECK bool site_open_copy(struct site *site, struct site **ret, struct err *err);
void site_close(struct site **site);

/* The site of one folder into a new one, its records into `store` ("sqlite", or an address):
 * the same key, the same ledger, all rows. One of the two has to rest from then on. */
MUST_CHECK bool site_copy(struct str from, struct str to, struct str store, struct err *err);

const struct site_config *site_config(const struct site *site);
const struct site_facts *site_facts(const struct site *site);
struct str site_dir(const struct site *site); /* empty: in memory */
struct store *site_store(struct site *site);

/* As they stand now; what was handed out stays valid until the site is closed. */
const struct catalogue *site_catalogue(struct site *site);
const struct calendar_set *site_calendars(struct site *site);

/* The key that its checkpoints are signed with, and the name of its ledger. */
const struct note_key *site_key(const struct site *site);
struct str site_origin(const struct site *site);

#endif
