/* web/message.h - the head of a request as it came, for guard.h to judge; for http.c only. */
#ifndef WEB_MESSAGE_H
#define WEB_MESSAGE_H

#include <microhttpd.h>

#include "web/guard.h"

/* The first line, where the library keeps it: three texts, each ended by a NUL over what stood
 * behind it. */
struct message_line {
        const char *method, *target, *version;
        size_t n_target; /* up to its NUL when it came */
};

/* As guard_check(). */
MUST_CHECK bool message_check(struct MHD_Connection *mhd, const struct message_line *line,
                struct guard_verdict *ret, struct err *err);

#endif
