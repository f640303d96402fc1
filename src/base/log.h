/* base/log.h - one line of structured log to standard error.
 *
 * Only web, cli and desk log. A line never holds the value of a field. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/base.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

void log_set_level(enum log_level level); /* default LOG_INFO */

/* level=info room=desk msg="..." ; quotes in the message are escaped and
 * control characters become blanks: a line stays one line. */
void log_line(enum log_level level, const char *room, const char *format, ...) PRINTF_LIKE(3, 4);

#endif
