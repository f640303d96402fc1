/* clock/calendar.h - which days are working days (工作日), and how we know.
 *
 * Saturday and Sunday are days off (国务院关于职工工作时间的规定 第七条); the
 * notices read by clock/notice.h move days off and on. Notices come out year by
 * year and may be changed while the year runs, so there is no calendar as such,
 * only the calendar as known on a day: a set holds one version for each day on
 * which something became known. A year without a notice is no error: it has its
 * weekends and the solar holidays of the law, and does not count as covered.
 *
 * A set and its calendars never change once built, and may be shared by threads.
 * Every question about one day, and every count of working days, is a table
 * look-up. Outside the years of the table weekends are off and nothing is known. */
#ifndef CLOCK_CALENDAR_H
#define CLOCK_CALENDAR_H

#include "base/date.h"
#include "base/err.h"
#include "clock/notice.h"

#define CALENDAR_FIRST_YEAR  1996 /* the first whole year of the five-day week */
#define CALENDAR_LAST_YEAR   2095
#define CALENDAR_NOTICES_MAX 64u

struct calendar;
struct calendar_set;

struct calendar_file {
        struct str name, text; /* text must live as long as the set */
};

/* Builds all versions from the files of calendars/, in any order. Fails if one
 * is malformed, or if two of one year were published on the same day. */
MUST_CHECK bool calendar_set_new(struct arena *arena, const struct calendar_file *files,
                size_t n_files, const struct calendar_set **ret, struct err *err);

/* What was known on that day; of two days the later knows more. Never NULL. */
const struct calendar *calendar_as_known(const struct calendar_set *set, struct date day);
const struct calendar *calendar_latest(const struct calendar_set *set);

/* The day of the newest notice in this version; DATE_NONE if it knows none. */
struct date calendar_known(const struct calendar *calendar);

bool calendar_is_working_day(const struct calendar *calendar, struct date day);

/* True if the table holds the day, so that it can be counted from. */
bool calendar_holds(struct date day);

/* True if every year from..to was arranged by a notice known to this version. */
bool calendar_covers(const struct calendar *calendar, struct date from, struct date to);

/* The first working day on or after, and the last on or before, the day. */
struct date calendar_on_or_after(const struct calendar *calendar, struct date day);
struct date calendar_on_or_before(const struct calendar *calendar, struct date day);

/* The first working day after the day. */
struct date calendar_next_working_day(const struct calendar *calendar, struct date day);

/* Working days after `from`, up to and with `to`; negative if `to` is earlier.
 * Days that the table does not hold are not counted. */
int calendar_working_days(const struct calendar *calendar, struct date from, struct date to);

/* The n-th working day after the day, or before it if n < 0; the day itself if
 * n = 0. False, *ret untouched, if the table does not reach so far. */
MUST_CHECK bool calendar_add_working_days(
                const struct calendar *calendar, struct date day, int n, struct date *ret);

enum calendar_kind {
        CALENDAR_WORKDAY,
        CALENDAR_MAKEUP,    /* 调休上班 */
        CALENDAR_WEEKEND,   /* 周末 */
        CALENDAR_BRIDGE,    /* 调休放假: off by the notice, not by the law itself */
        CALENDAR_STATUTORY, /* 法定节假日 */
};

struct calendar_day {
        enum calendar_kind kind;
        struct str name;             /* 春节; empty for ordinary days */
        const struct notice *notice; /* what decided it; NULL for ordinary days */
};

struct calendar_day calendar_day(const struct calendar *calendar, struct date day);
const char *calendar_kind_name(enum calendar_kind kind); /* 调休上班 */

/* True on days off that a notice or the law gives, false on plain weekends. */
bool calendar_is_holiday(const struct calendar *calendar, struct date day);

/* One line of a year's page: adjoining days of one kind and festival. */
struct calendar_span {
        struct date from, to;
        struct calendar_day day;
};

struct calendar_year {
        int year;
        bool provisional; /* no notice yet */
        int n_working_days;
        const struct calendar_span *spans; /* days that are not ordinary, in order */
        size_t n_spans;
};

/* Fails if the table does not hold the year. */
MUST_CHECK bool calendar_year(struct arena *arena, const struct calendar *calendar, int year,
                struct calendar_year *ret, struct err *err);

/* The notices of this version, in the order they became known. */
const struct notice *const *calendar_notices(const struct calendar *calendar, size_t *n);

#endif
