#include "base/date.h"

#include <assert.h>
#include <stdio.h>

static bool is_leap(int year)
{
        return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_length(int year, int month)
{
        static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
        return month == 2 && is_leap(year) ? 29 : lengths[month - 1];
}

/* Days since 1970-01-01, counted from March so that the leap day comes last. */
static int32_t day_number(int year, int month, int day)
{
        int y = month <= 2 ? year - 1 : year;
        int era = y / 400, of_era = y % 400;
        int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
        int of_era_day = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
        return era * 146097 + of_era_day - 719468;
}

bool date_of(int year, int month, int day, struct date *ret)
{
        if (year < DATE_MIN_YEAR || year > DATE_MAX_YEAR || month < 1 || month > 12)
                return false;
        if (day < 1 || day > month_length(year, month))
                return false;
        ret->day = day_number(year, month, day);
        return true;
}

void date_parts(struct date d, int *year, int *month, int *day)
{
        int64_t z = (int64_t)d.day + 719468;
        int era = (int)((z >= 0 ? z : z - 146096) / 146097);
        int of_era = (int)(z - (int64_t)era * 146097);
        int y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
        int of_year = of_era - (365 * y + y / 4 - y / 100);
        int m = (5 * of_year + 2) / 153;
        *day = of_year - (153 * m + 2) / 5 + 1;
        *month = m < 10 ? m + 3 : m - 9;
        *year = y + era * 400 + (*month <= 2);
}

int date_year(struct date d)
{
        int year, month, day;
        date_parts(d, &year, &month, &day);
        return year;
}

int date_weekday(struct date d)
{
        int w = (d.day + 3) % 7; /* 1970-01-01 was a Thursday */
        return (w < 0 ? w + 7 : w) + 1;
}

struct date date_add_months(struct date d, int months)
{
        int year, month, day;
        date_parts(d, &year, &month, &day);
        int64_t total = (int64_t)year * 12 + month - 1 + months;
        total = total < 12 ? 12 : total > 9999 * 12 + 11 ? 9999 * 12 + 11 : total;
        year = (int)(total / 12);
        month = (int)(total % 12) + 1;
        int last = month_length(year, month);
        return (struct date){ day_number(year, month, day < last ? day : last) };
}

/* Exactly n digits at p, or -1. */
static int digits(const char *p, size_t n)
{
        int value = 0;
        for (size_t i = 0; i < n; i++) {
                if (p[i] < '0' || p[i] > '9')
                        return -1;
                value = value * 10 + (p[i] - '0');
        }
        return value;
}

bool date_parse(struct str text, struct date *ret, struct err *err)
{
        if (text.n == 10 && text.p[4] == '-' && text.p[7] == '-') {
                int year = digits(text.p, 4), month = digits(text.p + 5, 2);
                int day = digits(text.p + 8, 2);
                if (year >= 0 && month >= 0 && day >= 0 && date_of(year, month, day, ret))
                        return true;
        }
        return err_set(err, E_DATE, "%.*s", STR_FMT(text));
}

void date_write(struct date d, char to[11])
{
        int year, month, day;
        date_parts(d, &year, &month, &day);
        if (year < 0 || year > 9999)
                year = month = day = 0;
        to[0] = (char)('0' + year / 1000 % 10);
        to[1] = (char)('0' + year / 100 % 10);
        to[2] = (char)('0' + year / 10 % 10);
        to[3] = (char)('0' + year % 10);
        to[4] = '-';
        to[5] = (char)('0' + month / 10);
        to[6] = (char)('0' + month % 10);
        to[7] = '-';
        to[8] = (char)('0' + day / 10);
        to[9] = (char)('0' + day % 10);
        to[10] = '\0';
}

struct str date_format(struct arena *arena, struct date d)
{
        char text[11];
        date_write(d, text);
        return str_copy(arena, str_of(text));
}

struct str date_format_zh(struct arena *arena, struct date d)
{
        int year, month, day;
        date_parts(d, &year, &month, &day);
        return str_format(arena, "%d年%d月%d日", year, month, day);
}

struct moment moment_of(struct date d, int hour, int minute, int second)
{
        return (struct moment){ (int64_t)d.day * 86400 + hour * 3600 + minute * 60 + second -
                                MOMENT_OFFSET };
}

int moment_second_of_day(struct moment m)
{
        return (int)(m.second + MOMENT_OFFSET - (int64_t)moment_date(m).day * 86400);
}

/* "+08:00", "Z" or nothing (local): seconds east of UTC, or -1 if malformed. */
static int parse_offset(struct str zone)
{
        if (zone.n == 0)
                return MOMENT_OFFSET;
        if (str_is(zone, "Z"))
                return 0;
        if (zone.n != 6 || zone.p[0] != '+' || zone.p[3] != ':')
                return -1;
        int hours = digits(zone.p + 1, 2), minutes = digits(zone.p + 4, 2);
        if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59)
                return -1;
        return hours * 3600 + minutes * 60;
}

bool moment_parse(struct str text, struct moment *ret, struct err *err)
{
        struct date date;
        if (text.n < 16 || (text.p[10] != 'T' && text.p[10] != ' ') || text.p[13] != ':' ||
                        !date_parse(str_slice(text, 0, 10), &date, err))
                return err_set(err, E_MOMENT, "%.*s", STR_FMT(text));
        int hour = digits(text.p + 11, 2), minute = digits(text.p + 14, 2), second = 0;
        size_t at = 16;
        if (text.n >= 19 && text.p[16] == ':') {
                second = digits(text.p + 17, 2);
                at = 19;
        }
        int offset = parse_offset(str_slice(text, at, text.n));
        if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 ||
                        offset < 0)
                return err_set(err, E_MOMENT, "%.*s", STR_FMT(text));
        *ret = moment_of(date, hour, minute, second);
        ret->second += MOMENT_OFFSET - offset;
        return true;
}

void moment_write(struct moment m, char to[26])
{
        date_write(moment_date(m), to);
        int second = moment_second_of_day(m);
        int parts[3] = { second / 3600, second / 60 % 60, second % 60 };
        for (int i = 0; i < 3; i++) {
                to[10 + 3 * i] = i == 0 ? 'T' : ':';
                to[11 + 3 * i] = (char)('0' + parts[i] / 10);
                to[12 + 3 * i] = (char)('0' + parts[i] % 10);
        }
        memcpy(to + 19, "+08:00", 7);
}

struct str moment_format(struct arena *arena, struct moment m)
{
        char text[26];
        moment_write(m, text);
        return str_copy(arena, str_of(text));
}
