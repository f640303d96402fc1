/* base/log.h - one line of structured log to standard error, in logfmt.
 *
 *   time=2026-03-31T09:00:00+08:00 level=info room=desk request=5f3c... msg="..." key=value
 *
 * Only web, cli and desk log. A line never holds the value of a field of a matter, nor who
 * somebody is: what happened, where, how long it took, and the error's code. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/base.h"
#include "base/date.h"

#define LOG_REQUEST_BYTES 64u /* of a request's id, with its NUL */

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

void log_set_level(enum log_level level); /* default LOG_INFO */
MUST_CHECK bool log_level_parse(struct str name, enum log_level *ret);
bool log_shows(enum log_level level);

/* Where the time of a line comes from; without it, lines have none (tests, rehearsals). */
void log_set_clock(struct moment (*now)(void *user), void *user);

/* The lines that this thread writes from now on belong to the request; NULL or "" = to none.
 * Letters, digits, '-' and '_' are kept of the id. */
void log_set_request(const char *id);
const char *log_request(void); /* "" = none */

/* Quotes in the message are escaped and control characters become blanks: a line stays one
 * line. */
void log_line(enum log_level level, const char *room, const char *format, ...) PRINTF_LIKE(3, 4);

/* The same with more keys behind the message: `format` makes "status=200 route=\"/\"" from
 * values that the program chose itself. */
void log_event(enum log_level level, const char *room, const char *message, const char *format, ...)
                PRINTF_LIKE(4, 5);

#endif
