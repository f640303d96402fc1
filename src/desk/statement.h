/* desk/statement.h - one statement of a rehearsal, split into words; for this room only.
 *
 * Words stand apart by blanks; what begins with "{" or "[" runs to the end of the
 * statement and is JSON; a word in double quotes may hold blanks. */
#ifndef DESK_STATEMENT_H
#define DESK_STATEMENT_H

#include "base/value.h"

#define STATEMENT_WORDS_MAX 24u

struct statement {
        struct str words[STATEMENT_WORDS_MAX];
        size_t n;
        struct value json; /* a context; empty where none stands */
        bool has_json;
};

MUST_CHECK bool statement_parse(
                struct arena *arena, struct str text, struct statement *ret, struct err *err);

/* The word behind `keyword` (searched from word `from` on), or empty. */
struct str statement_after(const struct statement *statement, size_t from, const char *keyword);

/* The statements of a file, one at a time: a line, and the lines after it that begin
 * with a blank. Answers ("<") are handed out as they stand. */
enum line_kind { LINE_BLANK, LINE_HEADING, LINE_REMARK, LINE_ANSWER, LINE_STATEMENT, LINE_END };

struct lines {
        struct str rest;
        int line; /* of what was handed out last, from 1 */
        int next;
};

enum line_kind lines_next(struct lines *lines, struct str *ret);

#endif
