#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

#define MESSAGE_BYTES 1024u

static atomic_int level_shown = LOG_INFO;
static struct moment (*clock_now)(void *user);
static void *clock_user;
static _Thread_local char request_id[LOG_REQUEST_BYTES];

static const char *const level_names[] = { "debug", "info", "warn", "error" };

void log_set_level(enum log_level level)
{
        level_shown = (int)level;
}

bool log_level_parse(struct str name, enum log_level *ret)
{
        for (size_t i = 0; i < N_ELEMENTS(level_names); i++)
                if (str_is(name, level_names[i])) {
                        *ret = (enum log_level)i;
                        return true;
                }
        return false;
}

bool log_shows(enum log_level level)
{
        return (int)level >= level_shown;
}

void log_set_clock(struct moment (*now)(void *user), void *user)
{
        clock_now = now;
        clock_user = user;
}

static bool is_plain(char c)
{
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '-' || c == '_';
}

void log_set_request(const char *id)
{
        size_t n = 0;
        for (; id != NULL && *id != '\0' && n < sizeof(request_id) - 1; id++)
                if (is_plain(*id))
                        request_id[n++] = *id;
        request_id[n] = '\0';
}

const char *log_request(void)
{
        return request_id;
}

/* ---- A line ---- */

/* Quoted; `to` has room for twice the text. */
static void quote(char *to, const char *text)
{
        for (; *text != '\0'; text++) {
                if (*text == '"' || *text == '\\')
                        *to++ = '\\';
                *to++ = (unsigned char)*text < 0x20 || *text == 0x7F ? ' ' : *text;
        }
        *to = '\0';
}

/* One call of fprintf: lines of several threads do not mix. */
static void write_line(
                enum log_level level, const char *room, const char *message, const char *rest)
{
        char quoted[2 * MESSAGE_BYTES], time[40] = "";
        if (clock_now != NULL) {
                memcpy(time, "time=", 5);
                moment_write(clock_now(clock_user), time + 5);
                memcpy(time + strlen(time), " ", 2);
        }
        quote(quoted, message);
        fprintf(stderr, "%slevel=%s room=%s%s%s msg=\"%s\"%s%s\n", time, level_names[level], room,
                        request_id[0] != '\0' ? " request=" : "", request_id, quoted,
                        rest[0] != '\0' ? " " : "", rest);
}

void log_line(enum log_level level, const char *room, const char *format, ...)
{
        char message[MESSAGE_BYTES];
        va_list args;
        if (!log_shows(level))
                return;
        va_start(args, format);
        vsnprintf(message, sizeof(message), format, args);
        va_end(args);
        write_line(level, room, message, "");
}

void log_event(enum log_level level, const char *room, const char *message, const char *format, ...)
{
        char rest[MESSAGE_BYTES], blank[MESSAGE_BYTES];
        va_list args;
        if (!log_shows(level))
                return;
        va_start(args, format);
        vsnprintf(rest, sizeof(rest), format, args);
        va_end(args);
        for (char *p = rest; *p != '\0'; p++)
                if ((unsigned char)*p < 0x20 || *p == 0x7F)
                        *p = ' ';
        snprintf(blank, sizeof(blank), "%s", message);
        write_line(level, room, blank, rest);
}
