/* base/date.h - civil dates and moments, in China Standard Time (UTC+8, which
 * has no daylight saving time for any year this program counts).
 *
 * A date is a day number, a moment is seconds; both since 1970-01-01. Dates are
 * proleptic Gregorian (GB/T 7408, ISO 8601), years 1800 to 2999. */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include "base/err.h"
#include "base/str.h"

#define DATE_MIN_YEAR 1800
#define DATE_MAX_YEAR 2999
#define MOMENT_OFFSET 28800 /* seconds east of UTC */

struct date {
        int32_t day; /* days since 1970-01-01; DATE_NONE.day = no date */
};

struct moment {
        int64_t second; /* seconds since 1970-01-01T00:00:00Z */
};

#define DATE_NONE ((struct date){ INT32_MIN })

enum weekday { MONDAY = 1, SATURDAY = 6, SUNDAY = 7 };

static inline bool date_is_none(struct date d)
{
        return d.day == INT32_MIN;
}

static inline int date_cmp(struct date a, struct date b)
{
        return (a.day > b.day) - (a.day < b.day);
}

static inline struct date date_add_days(struct date d, int days)
{
        return (struct date){ d.day + days };
}

static inline struct date date_next(struct date d)
{
        return (struct date){ d.day + 1 };
}

/* False if there is no such day (2021-02-29) or the year is out of range. */
MUST_CHECK bool date_of(int year, int month, int day, struct date *ret);
void date_parts(struct date d, int *year, int *month, int *day);
int date_year(struct date d);
int date_weekday(struct date d); /* 1 = Monday .. 7 = Sunday */

/* The corresponding day `months` later, or the last day of that month where it
 * has none (民法典 第二百零二条). Stops at the years 1 and 9999. */
struct date date_add_months(struct date d, int months);

/* "2021-09-28", nothing else. */
MUST_CHECK bool date_parse(struct str text, struct date *ret, struct err *err);
struct str date_format(struct arena *arena, struct date d);
struct str date_format_zh(struct arena *arena, struct date d); /* 2021年9月28日 */
void date_write(struct date d, char to[11]);                   /* NUL-terminated; years 0 to 9999 */

static inline struct date moment_date(struct moment m)
{
        int64_t local = m.second + MOMENT_OFFSET;
        return (struct date){ (int32_t)(local >= 0 ? local / 86400 : (local - 86399) / 86400) };
}

struct moment moment_of(struct date d, int hour, int minute, int second);
int moment_second_of_day(struct moment m); /* local, 0..86399 */

/* "2021-09-28T09:00:00+08:00"; also accepts "2021-09-28 09:00[:00]" (local)
 * and a trailing Z. */
MUST_CHECK bool moment_parse(struct str text, struct moment *ret, struct err *err);
struct str moment_format(struct arena *arena, struct moment m);
void moment_write(struct moment m, char to[26]); /* NUL-terminated */

#endif
