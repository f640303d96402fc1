/* bench/bureau.h - bureaus to measure: made from the repository's own definitions and a
 * scenario, copied, and removed again. */
#ifndef BENCH_BUREAU_H
#define BENCH_BUREAU_H

#include "desk/simulate.h"

/* $PLUMBLINE_SOURCE, or the working directory. */
const char *bureau_source(void);

/* Makes DIR and lets it live the scenario; `scale`: every path's count times scale / 1000
 * (1000 = as it is, 0 = only people and registers). */
struct simulate_result bureau_live(const char *scenario, const char *dir, int scale);

void folder_remove(const char *dir);
void folder_copy(const char *from, const char *to);
double file_megabytes(const char *path);

/* "path/name", in a buffer that the next calls but three reuse. */
const char *path_in(const char *dir, const char *name);

/* Rows of every table, one line each "table rows"; to compare two databases. */
char *database_rows(const char *database);

#endif
