/* web/guard.h - is this exactly one request, read the same way by everybody?
 *
 * A request that two programs can read differently is how one person's words end up in
 * another's mouth (request smuggling). So before anything else is looked at: one Host, one
 * length written in digits, no length beside chunks, names that are names (RFC 9110 section
 * 5.6.2), no control characters, every line ended by CR LF and none folded. What is doubtful is
 * refused, never repaired. Pure. */
#ifndef WEB_GUARD_H
#define WEB_GUARD_H

#include "base/err.h"
#include "base/str.h"

#define GUARD_FIELDS_MAX 64u

struct guard_field {
        struct str name, value;
        bool broken; /* its line was folded, held a NUL or did not end in CR LF */
};

struct guard_request {
        struct str method, version;
        bool broken; /* the first line, likewise */
        const struct guard_field *fields;
        size_t n_fields;
};

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST };

/* What the request turned out to be. */
struct guard_verdict {
        enum http_method method;
        uint64_t length; /* of the body that follows; GET and HEAD carry none */
};

/* Fails with E_HTTP_MESSAGE (400); or, if all else is well, E_HTTP_METHOD (405) if the method
 * is none of ours, E_HTTP_LENGTH (411) if a POST does not say how much it brings: chunks would
 * have to be counted while they come. */
MUST_CHECK bool guard_check(
                const struct guard_request *request, struct guard_verdict *ret, struct err *err);

/* Is the name the one looked for? ASCII letters of either case are the same. */
bool guard_is_name(struct str name, const char *lower);

#endif
