/* web/posted.h - what a form sent: its texts and files, in the order of the form.
 *
 * Two codings, a file each: application/x-www-form-urlencoded (urlencoded.c, the URL Standard)
 * and multipart/form-data (multipart.c, RFC 7578 and the HTML Standard). Both come from
 * strangers. Refused (E_HTTP_FORM): broken coding, texts and names that are not UTF-8 or hold
 * control characters other than tab and line end, empty names; past the limits of
 * base/limits.h E_HTTP_LARGE. A name may stand several times: check boxes send it so. Line ends
 * of texts become one LF. Pure. */
#ifndef WEB_POSTED_H
#define WEB_POSTED_H

#include "base/err.h"
#include "base/str.h"

#define POSTED_NAME_BYTES 256u

struct posted_field {
        struct str name;
        struct str value;     /* a text, or a file's bytes */
        struct str file_name; /* a file's: without folders; empty where none was chosen */
        struct str type;      /* a file's, as the browser guessed it: not to be relied on */
        bool is_file;
};

struct posted {
        const struct posted_field *fields;
        size_t n;
};

/* `body` must live as long as what was read from it. */
MUST_CHECK bool posted_parse_urlencoded(
                struct arena *arena, struct str body, struct posted *ret, struct err *err);

/* `type`: the whole Content-Type, which names the boundary. */
MUST_CHECK bool posted_parse_multipart(struct arena *arena, struct str type, struct str body,
                struct posted *ret, struct err *err);

/* The first text of that name; empty if there is none. */
struct str posted_text(const struct posted *posted, struct str name);

/* The first of that name at or behind *at, which moves behind it; NULL if there is none. */
const struct posted_field *posted_next(const struct posted *posted, struct str name, size_t *at);

/* ---- For the two parsers ---- */

struct posted_list {
        struct arena *arena;
        struct posted_field *fields;
        size_t n, n_files;
};

/* Checks and adds; names and texts get LF line ends. */
MUST_CHECK bool posted_add(
                struct posted_list *list, const struct posted_field *field, struct err *err);

#endif
