/* bench/capture.h - the statements that the program writes with, kept and written again by
 * SQLite alone: the ceiling that a measurement is compared with.
 *
 * SQLite itself tells what ran (sqlite3_trace_v2): every statement of store/sql that
 * changes a row, with its values, in order, on whichever connection; what a savepoint
 * undid is left out. Written again, the same statements with the same values go into a
 * copy of the database as it stood before, prepared once, one thread, one transaction for
 * every so many events, synchronous=FULL, with the settings of our store, in a process in
 * which nothing of ours (store/page_cache.h, store/gather.h, store/drain.h) helps it. What is not
 * written again: nothing; what is not done again: all reading, deciding and sealing. */
#ifndef BENCH_CAPTURE_H
#define BENCH_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct capture_numbers {
        uint64_t statements, events, commits, bytes; /* bytes: of text and blob values */
};

/* From now on every connection that is opened is listened to, until capture_stop(). */
void capture_start(const char *file);
struct capture_numbers capture_stop(void);

struct replay {
        double seconds, cpu; /* reading the file back does not count */
        uint64_t events, commits;
};

/* Writes the statements of `file` into `database`, `batch` events a transaction; 0: commits where
 * the program did. */
struct replay capture_replay(const char *file, const char *database, int batch);

/* First of all in main(): is this the process that writes again? Then it has done so. */
bool capture_has_replayed(int argc, char **argv);

/* The same into a store in PostgreSQL that stands at the same beginning: libpq alone, every
 * statement prepared once, each transaction one pipeline with one wait at its end. */
struct replay capture_replay_postgres(const char *file, const char *address, int batch);

#endif
