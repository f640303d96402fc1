/* procedure/problem.h - what is wrong with the definitions, all of it, for the author.
 *
 * Reading goes on after a problem, so that one run of the lint shows everything.
 * A fault keeps the definitions from being used; a remark (提醒) does not. The
 * same words about the same line are kept once: versions share lines. */
#ifndef PROCEDURE_PROBLEM_H
#define PROCEDURE_PROBLEM_H

#include "base/err.h"
#include "base/str.h"

#define PROBLEMS_MAX 1000u /* past it only the count goes on */

struct problem {
        size_t source; /* index of the file */
        int line;
        size_t order;
        bool remark;
        enum err_code code;
        struct str text;
};

struct problems {
        struct arena *arena;
        struct problem *rows;
        size_t n, n_faults, n_left_out;
};

void problems_add(struct problems *problems, size_t source, int line, bool remark,
                enum err_code code, struct str text);

/* By file and line. */
void problems_sort(struct problems *problems);

/* Sorts them by file and line and writes one line each: "file:line: ...";
 * file_names has one name for each source. */
struct str problems_text(struct problems *problems, const struct str *file_names);

/* The first fault as an error; false if there is none (err untouched). */
bool problems_first(struct problems *problems, const struct str *file_names, struct err *err);

#endif
