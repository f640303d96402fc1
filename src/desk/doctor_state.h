/* desk/doctor_state.h - what the doctor's checks share; for its own files.
 *
 * A check says one thing of x->finding. Those in a table of doctor.c run in its order, and each
 * may rest on what those that it needs have put here. */
#ifndef DESK_DOCTOR_STATE_H
#define DESK_DOCTOR_STATE_H

#include "desk/doctor.h"
#include "ledger/note.h"
#include "store/store.h"

#define DOCTOR_ORGAN       0
#define DOCTOR_NAMES_SHOWN 5u

struct projection;

struct examining {
        struct arena *arena;
        struct str dir;
        struct doctor_options options;
        struct site_config config;
        bool journal_is_whole; /* opening the store forgets nothing of it */
        struct note_signer signer;
        struct store *store;
        struct snapshot *snapshot;
        struct projection *projection;
        int64_t size, signed_size;
        struct moment newest; /* of the events */
        struct str root;      /* of the newest checkpoint */
        struct str note;      /* the same */
        struct doctor_finding *finding;
};

void doctor_say(struct examining *x, enum doctor_grade grade, struct str said, const char *advice);
void doctor_fine(struct examining *x, const char *what);

/* What the error says, as a broken part. */
void doctor_say_err(struct examining *x, const struct err *err);

/* DIR/name */
struct str doctor_path(struct examining *x, const char *name);

/* doctor_store.c: what keeps the records */
void check_journal(struct examining *x);
void check_users(struct examining *x);
void check_store(struct examining *x);
void check_tables(struct examining *x);
void check_erasure(struct examining *x);

/* doctor_log.c: the log, its heads, what was published of it */
void check_signature(struct examining *x);
void check_signed(struct examining *x);
void check_tree(struct examining *x);
void check_published(struct examining *x);
void check_clock(struct examining *x);

/* doctor_records.c: what follows from the records */
void check_calendar(struct examining *x);
void check_rules(struct examining *x);
void check_definitions(struct examining *x);
void check_timers(struct examining *x);
void check_endless(struct examining *x);
void check_outbox(struct examining *x);
void check_files(struct examining *x);

#endif
