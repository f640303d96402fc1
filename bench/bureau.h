/* bench/bureau.h - bureaus to measure: made from the repository's own definitions and a
 * scenario, copied, and removed again. */
#ifndef BENCH_BUREAU_H
#define BENCH_BUREAU_H

#include "desk/simulate.h"

/* $PLUMBLINE_SOURCE, or the working directory. */
const char *bureau_source(void);

struct lived {
        struct simulate_result result;
        double seconds, cpu; /* of the simulation, from the first act to the signed end */
};

/* Makes DIR and lets it live the scenario; `scale`: every path's count times scale / 1000
 * (1000 = as it is, 0 = only people and registers). */
struct lived bureau_live(const char *scenario, const char *dir, int scale);

/* An empty database with our tables. */
void database_create(const char *path);

void folder_remove(const char *dir);
void folder_copy(const char *from, const char *to);
double file_megabytes(const char *path);

/* "path/name", in a buffer that the next calls but three reuse. */
const char *path_in(const char *dir, const char *name);

/* Rows of every table, one line each "table rows"; to compare two databases. */
char *database_rows(const char *database);

#endif
