/* ledger/fields.h - the fields of one canonical JSON object, as slices of its text.
 *
 * For checking without building values: a text splits into exactly one list of slices
 * and the list gives back exactly that text, so whoever hashes the slices has hashed
 * the text. What stands inside a value is skipped, not judged. Names ascend, each
 * once, and need no escapes. Pure, no allocation. */
#ifndef LEDGER_FIELDS_H
#define LEDGER_FIELDS_H

#include "base/err.h"

struct fields {
        struct str text;
        size_t at;
        struct str last; /* the name before */
};

enum fields_step { FIELDS_ONE, FIELDS_END, FIELDS_BAD };

static inline struct fields fields_of(struct str text)
{
        return (struct fields){ .text = text };
}

/* The next field; FIELDS_END once the whole text has been taken; FIELDS_BAD with
 * E_EVENT_DISCLOSED if it is not such an object. */
enum fields_step fields_next(
                struct fields *fields, struct str *name, struct str *value, struct err *err);

/* True if s has no control character, quote or backslash, and is UTF-8: it is its own
 * canonical JSON between two quotes. */
bool fields_is_plain(struct str s);

#endif
