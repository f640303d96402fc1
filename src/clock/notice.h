/* clock/notice.h - one published source of days off, read from its text file.
 *
 * A file of calendars/ is one notice of the State Council (国务院办公厅关于…
 * 节假日安排的通知), one later change to it, or the law itself
 * (全国年节及纪念日放假办法). Lines of tab-separated cells; # starts a remark:
 *
 *   notice     国办发明电〔2019〕16号           or: law  国务院令第795号
 *   title      国务院办公厅关于2020年部分节假日安排的通知
 *   source     https://...
 *   known      2019-11-21                      the day it was published
 *   year       2020                            or: amends 2020, or for a law: from 2025
 *   off        春节  2020-01-24  2020-01-30    放假, first to last day
 *   statutory  春节  2020-01-25  2020-01-27    those of them that the law gives (法定节假日)
 *   work       春节  2020-01-19                调休上班
 *   fixed      元旦  01-01                     (laws only) every year from `from` on
 *
 * Refused: unknown or repeated keys, days outside the year (but for December
 * before it, which New Year may use), a make-up workday that is no weekend, a
 * day that is both off and worked, a statutory day that is not off. */
#ifndef CLOCK_NOTICE_H
#define CLOCK_NOTICE_H

#include "base/date.h"
#include "base/err.h"

#define NOTICE_ROWS_MAX  256u /* a year has about thirty */
#define NOTICE_RANGE_MAX 31   /* days off in one row */

enum notice_kind {
        NOTICE_YEAR,   /* arranges a whole year */
        NOTICE_AMENDS, /* arranges anew the festivals it names, in a year arranged before */
        NOTICE_LAW,    /* solar dates that hold while a year is not arranged */
};

enum notice_row_kind { ROW_OFF, ROW_STATUTORY, ROW_WORK, ROW_FIXED };

struct notice_row {
        enum notice_row_kind kind;
        struct str name;      /* 春节 */
        struct date from, to; /* both included; of a ROW_FIXED, in the year 2000 */
};

struct notice {
        enum notice_kind kind;
        struct str id, title, source;
        struct date known;
        int year; /* the year it arranges; of a law, the first it holds for */
        const struct notice_row *rows;
        size_t n_rows;
};

/* Reads one file. `name` is its name, for the refusal. The notice points into
 * `text`, which must live as long as it does. */
MUST_CHECK bool notice_parse(struct arena *arena, struct str name, struct str text,
                struct notice *ret, struct err *err);

/* True if the notice gives (or changes) the days of this festival. */
bool notice_has_festival(const struct notice *notice, struct str festival);

#endif
