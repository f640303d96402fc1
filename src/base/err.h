/* base/err.h - why something was refused or failed.
 *
 * A fixed-size value on the caller's stack, so that reporting can neither fail
 * nor allocate. A function that can fail takes `struct err *` last, returns
 * bool, and on failure leaves its `ret` as it was. A function reports or
 * handles, never both. err_set() returns false: a refusal is one statement.
 *
 * The codes stand in errors.tsv of each room: code, kind, Chinese sentence,
 * what to do next (Chinese), legal basis. The kind alone picks the HTTP status
 * and the exit code. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "err_codes.h" /* generated: enum err_code */
#include "base/str.h"

enum err_kind {
        ERR_INVALID,  /* the input is wrong: 422, exit 2 */
        ERR_DENIED,   /* this person may not: 403, exit 3 */
        ERR_MISSING,  /* no such thing: 404, exit 4 */
        ERR_CONFLICT, /* not in this state, or somebody was faster: 409, exit 5 */
        ERR_BUSY,     /* try again: 503, exit 6 */
        ERR_BROKEN,   /* our fault or the machine's: 500, exit 1 */
};

struct err {
        enum err_code code;
        char field[64];   /* the field, rule or place concerned; may be empty */
        char detail[512]; /* Chinese (or a technical detail); may be empty */
        char basis[192];  /* the article; empty = the one in errors.tsv */
};

struct err_text {
        const char *name; /* "E_LIMIT" */
        enum err_kind kind;
        const char *sentence, *hint, *basis;
};

extern const struct err_text err_texts[N_ERR_CODES]; /* generated */

/* Sets code and detail, clears field and basis; always returns false. */
bool err_set(struct err *err, enum err_code code, const char *format, ...) PRINTF_LIKE(3, 4);

/* As err_set, naming the field or place concerned. */
bool err_field(struct err *err, enum err_code code, struct str field, const char *format, ...)
                PRINTF_LIKE(4, 5);

/* Adds the article; always returns false, so that it can end a refusal. */
bool err_cite(struct err *err, struct str basis);

/* Lets the compiler and the checkers see the false where it is returned, so that
 * they know which values are set when a function succeeds. */
#define err_set(...)                                                                               \
        __extension__({                                                                            \
                err_set(__VA_ARGS__);                                                              \
                false;                                                                             \
        })
#define err_field(...)                                                                             \
        __extension__({                                                                            \
                err_field(__VA_ARGS__);                                                            \
                false;                                                                             \
        })
#define err_cite(...)                                                                              \
        __extension__({                                                                            \
                err_cite(__VA_ARGS__);                                                             \
                false;                                                                             \
        })

const struct err_text *err_text(enum err_code code);
const char *err_kind_name(enum err_kind kind); /* "invalid" ... */
int err_exit_code(enum err_kind kind);
int err_http_status(enum err_kind kind);

/* The article to show: the error's own, or its code's; may be "". */
const char *err_basis(const struct err *err);

/* One Chinese line: sentence, field, detail, what to do, article. */
struct str err_sentence(struct arena *arena, const struct err *err);

#endif
