/* web/address.h - the request target: a path of decoded segments and the query's fields.
 *
 * Comes from strangers. Refused (E_HTTP_TARGET): anything but printable ASCII beginning with
 * one `/`, broken percent-encoding, text that is not UTF-8 or holds control characters, an
 * encoded slash, segments `.` and `..`, empty segments, fields given twice, and whatever is
 * over the limits below. Fields that a page does not declare are passed over: links get them
 * hung on by those who share them. Pure. */
#ifndef WEB_ADDRESS_H
#define WEB_ADDRESS_H

#include "base/err.h"
#include "base/str.h"

#define ADDRESS_BYTES_MAX    2048u
#define ADDRESS_SEGMENTS_MAX 8u
#define ADDRESS_FIELDS_MAX   24u

struct address_field {
        struct str name, value;
};

struct address {
        struct str path; /* as sent, without the query */
        struct str segments[ADDRESS_SEGMENTS_MAX];
        size_t n_segments; /* of "/" none */
        struct address_field fields[ADDRESS_FIELDS_MAX];
        size_t n_fields;
};

/* The texts live in the arena. */
MUST_CHECK bool address_parse(
                struct arena *arena, struct str raw, struct address *ret, struct err *err);

/* The field's value, or empty. */
struct str address_field(const struct address *address, const char *name);

/* The text without its percent-encoding; `is_query`: + is a blank. False if it is broken. */
MUST_CHECK bool address_decode(struct arena *arena, struct str raw, bool is_query, struct str *ret);

/* Adds the text percent-encoded: all but the unreserved characters of RFC 3986. */
void address_encode(struct buf *buf, struct str text);

#endif
