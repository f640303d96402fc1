/* web/message.h - the head of a request as it came, for guard.h to judge; for http.c only. */
#ifndef WEB_MESSAGE_H
#define WEB_MESSAGE_H

#include <microhttpd.h>

#include "web/guard.h"

/* As guard_check(). */
MUST_CHECK bool message_check(struct MHD_Connection *mhd, const char *method, const char *version,
                struct guard_verdict *ret, struct err *err);

#endif
