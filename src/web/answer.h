/* web/answer.h - an answer as the library sends it: headers, ETag, 304; for http.c only. */
#ifndef WEB_ANSWER_H
#define WEB_ANSWER_H

#include <microhttpd.h>

#include "web/http.h"

/* Queues it; answer->status becomes 304 where the reader has it already. False (then the
 * connection is closed): out of memory. */
bool answer_queue(struct arena *arena, struct MHD_Connection *mhd, struct http_response *answer);

#endif
