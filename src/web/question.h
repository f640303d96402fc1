/* web/question.h - the input for a field of a definition, and what came back from it.
 *
 * What a person typed is kept as texts, lists of texts and lists of contexts of texts, exactly
 * as typed, so that nothing is lost when it is refused; the desk brings it to its types.
 * Inputs of a list of contexts are named "field.0.member". */
#ifndef WEB_QUESTION_H
#define WEB_QUESTION_H

#include "desk/drafts.h"
#include "web/visit.h"

#define QUESTION_ROWS_MAX   20u         /* of a list of contexts */
#define QUESTION_FILE_BYTES (10u << 20) /* one file */
#define QUESTION_FILE_KINDS "PDF、OFD、JPG、PNG、DOC、DOCX、XLSX"

/* ---- Asking ---- */

struct question {
        const struct field *field;
        bool needed;
        const struct value *typed;      /* NULL: nothing yet */
        struct str problem;             /* what is wrong with it; empty = nothing */
        size_t more_rows;               /* empty rows to add */
        const struct draft_file *files; /* whose names are told */
        size_t n_files;
};

/* The view of one input (pages/README.md: input). */
MUST_CHECK bool question_view(struct visit *visit, const struct question *question,
                struct value *ret, struct err *err);

/* Can a person without an account give it at all? */
bool question_is_asked(const struct field *field);

/* ---- Reading what was posted ---- */

struct question_taker {
        struct visit *visit;
        struct draft_file *files; /* those that came along */
        size_t n_files;
        struct str bad_file; /* the field of a file that was not taken */
        bool doubled;        /* a single value came twice */
};

/* The field as posted; null = nothing. `old`: what was typed before (a file stays unless
 * another one comes). */
struct value question_take(
                struct question_taker *taker, const struct field *field, const struct value *old);

/* As a person reads it back. */
struct str question_text(struct visit *visit, const struct field *field, const struct value *typed,
                const struct draft_file *files, size_t n_files);

#endif
