/* clock/test_calendars.h - the files of calendars/, for tests and benchmarks. */
#ifndef CLOCK_TEST_CALENDARS_H
#define CLOCK_TEST_CALENDARS_H

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock/calendar.h"

static inline struct str test_read_file(struct arena *arena, const char *path)
{
        FILE *file = fopen(path, "rb");
        if (file == NULL)
                abort();
        struct buf buf = BUF(arena);
        char block[4096];
        size_t n;
        while ((n = fread(block, 1, sizeof(block), file)) != 0)
                buf_add(&buf, block, n);
        fclose(file);
        return buf_str(&buf);
}

/* Everything the project knows; aborts if the data is bad, with the reason. */
static inline const struct calendar_set *test_calendars(struct arena *arena)
{
        const char *source = getenv("PLUMBLINE_SOURCE");
        glob_t found;
        const char *pattern =
                        str_format(arena, "%s/calendars/*.tsv", source != NULL ? source : ".").p;
        if (glob(pattern, 0, NULL, &found) != 0)
                abort();
        struct calendar_file files[CALENDAR_NOTICES_MAX];
        size_t n = 0;
        for (; n < found.gl_pathc && n < CALENDAR_NOTICES_MAX; n++)
                files[n] = (struct calendar_file){
                        str_copy(arena, str_of(found.gl_pathv[n])),
                        test_read_file(arena, found.gl_pathv[n]),
                };
        globfree(&found);
        const struct calendar_set *set;
        struct err err;
        if (!calendar_set_new(arena, files, n, &set, &err)) {
                fprintf(stderr, "%s\n", err_sentence(arena, &err).p);
                abort();
        }
        return set;
}

static inline struct date test_date(const char *text)
{
        struct date date;
        struct err err;
        if (!date_parse(str_of(text), &date, &err))
                abort();
        return date;
}

static inline struct moment test_moment(const char *text)
{
        struct moment moment;
        struct err err;
        if (!moment_parse(str_of(text), &moment, &err))
                abort();
        return moment;
}

#endif
