#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

static atomic_int level_shown = LOG_INFO;

void log_set_level(enum log_level level)
{
        level_shown = (int)level;
}

void log_line(enum log_level level, const char *room, const char *format, ...)
{
        static const char *const names[] = { "debug", "info", "warn", "error" };
        if ((int)level < level_shown)
                return;
        char message[1024], line[2 * sizeof(message)];
        va_list args;
        va_start(args, format);
        vsnprintf(message, sizeof(message), format, args);
        va_end(args);
        size_t n = 0;
        for (const char *p = message; *p != '\0' && n < sizeof(line) - 2; p++) {
                if (*p == '"' || *p == '\\')
                        line[n++] = '\\';
                line[n++] = (unsigned char)*p < 0x20 || *p == 0x7F ? ' ' : *p;
        }
        line[n] = '\0';
        fprintf(stderr, "level=%s room=%s msg=\"%s\"\n", names[level], room, line);
}
