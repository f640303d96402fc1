/* store/postgres.h - a store in PostgreSQL 15 or newer; for this room only.
 *
 * `where` is a connection URI of libpq, and behind a # the schema its tables stand in, of
 * letters, digits and _ (public if there is none): "postgres:///plumbline#xiamen",
 * "postgresql://a,b,c/plumbline?target_session_attrs=read-write#xiamen". A password has no
 * place in it: it comes from ~/.pgpass, PGPASSFILE, or is not needed (peer, a certificate).
 *
 * A writer's connection holds the row of its organ in the table `ledger` from begin to
 * commit: writers of one organ come one by one, those of different organs do not meet. One
 * that stalls in mid transaction is ended by the server (POSTGRES_STALL_MS). What is written
 * with tx_put() goes out at once and is answered with the next statement that is waited
 * for. A connection that was lost is made anew when the next transaction begins; if it was
 * lost while committing, the server is asked what became of the transaction. */
#ifndef STORE_POSTGRES_H
#define STORE_POSTGRES_H

#include <libpq-fe.h>

#include "store/driver.h"

#define POSTGRES_STALL_MS   30000 /* in a transaction without a word: the server ends it */
#define POSTGRES_PENDING    256   /* statements on the way before their answers are read */
#define POSTGRES_FLUSH      16    /* ... and so many before they are pushed out */
#define POSTGRES_WHOLE_ROWS 1000  /* rows of a whole table fetched at once */
#define POSTGRES_NAME_MAX   63
#define POSTGRES_DIGITS     24 /* of a number */

struct database {
        char *where, *uri; /* as it was given; without the schema */
        char schema[POSTGRES_NAME_MAX + 1];
        struct store_options options;
        bool temporary;   /* its schema is emptied when it is closed, for another */
        bool made_schema; /* it was not there before */
};

/* A statement is prepared in up to two ways: as one whose refusal of a row ends the
 * transaction, and as one that then inserts nothing, so that the transaction goes on. */
enum manner { PUT, ASK, N_MANNERS };

struct pending {
        enum query query;
        enum manner manner;
        bool prepare; /* else it runs */
        bool control; /* no query at all */
};

struct link {
        struct database *database;
        PGconn *connection;
        bool writes, in_transaction;
        bool prepared[N_MANNERS][N_QUERIES];
        struct pending pending[POSTGRES_PENDING];
        size_t n_pending;
        int64_t changed;
        PGresult *ledger;    /* the organ's row, read when it was locked; NULL once more was sent */
        int64_t transaction; /* its number, to ask for if the answer to a commit is lost */
        unsigned cursors;    /* opened in this transaction */
        unsigned depth;      /* of marks */
        struct err failed;   /* why the transaction can only go back; E_NONE = it goes on */
};

/* The values of one statement, as the server takes them: numbers with the high byte first. */
struct postgres_values {
        const char *values[STORE_PARAMS_MAX];
        int lengths[STORE_PARAMS_MAX], formats[STORE_PARAMS_MAX];
        Oid types[STORE_PARAMS_MAX];
        uint64_t integers[STORE_PARAMS_MAX];
        char digits[STORE_PARAMS_MAX][POSTGRES_DIGITS];
        int n;
};

/* They point to the parameters. E_STORE_QUERY: one of a type that its column does not take. */
MUST_CHECK bool postgres_values(struct postgres_values *ret, enum query query,
                const struct store_param *params, size_t n_params, struct err *err);

/* May the transaction go on, and is everything sent so far answered? */
MUST_CHECK bool postgres_settled(struct link *link, struct err *err);

/* All rows of a table by COPY (postgres_load.c); the transaction must be new to the table. */
MUST_CHECK bool postgres_load(struct link *link, const struct store_table *table, struct rows *from,
                struct err *err);

/* What went wrong, from the server's answer or (NULL) from the connection. */
bool postgres_fail(PGconn *connection, const PGresult *result, const char *what, struct err *err);

/* A new connection with everything set, in a pipeline. */
MUST_CHECK bool postgres_connect(
                const struct database *database, bool writes, PGconn **ret, struct err *err);

/* Upkeep: what the driver's row of functions asks for, each on a connection of its own. */
MUST_CHECK bool postgres_check(struct link *link, struct err *err);
MUST_CHECK bool postgres_scrub(struct link *link, struct err *err);
MUST_CHECK bool postgres_backup(struct link *link, const char *to,
                bool (*progress)(void *user, int64_t done, int64_t total), void *user,
                struct err *err);
MUST_CHECK bool postgres_copied(struct link *link, struct err *err);
const char *postgres_where(const void *database);
void postgres_drop(void *database);
void postgres_discard(void *database);

/* What search.sql says of functions, as it is now; generated beside the schema. */
extern const char postgres_functions[];

extern const struct driver postgres_driver;

/* `temporary`: for a test, which leaves nothing of it to the next. */
MUST_CHECK bool postgres_open(const char *where, const struct store_options *options,
                bool temporary, struct store **ret, struct err *err);

#endif
