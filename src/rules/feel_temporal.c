#include "rules/feel_temporal.h"

#include <assert.h>
#include <stdlib.h>

#include "rules/feel_machine.h"

#define DAY 86400

/* ---- Reading ---- */

/* Exactly n digits at the start of *rest, which moves behind them; or -1. */
static int take_digits(struct str *rest, size_t n)
{
        int value = 0;
        if (rest->n < n)
                return -1;
        for (size_t i = 0; i < n; i++) {
                if (rest->p[i] < '0' || rest->p[i] > '9')
                        return -1;
                value = value * 10 + (rest->p[i] - '0');
        }
        *rest = str_slice(*rest, n, rest->n);
        return value;
}

static bool take_char(struct str *rest, char c)
{
        if (rest->n == 0 || rest->p[0] != c)
                return false;
        *rest = str_slice(*rest, 1, rest->n);
        return true;
}

/* ".000" is accepted, other fractions of a second are not. */
static bool take_no_fraction(struct str *rest)
{
        if (!take_char(rest, '.'))
                return true;
        size_t n = 0;
        while (take_char(rest, '0'))
                n++;
        return n != 0 && (rest->n == 0 || rest->p[0] < '0' || rest->p[0] > '9');
}

static bool take_clock(struct str *rest, int *second_of_day)
{
        int hour = take_digits(rest, 2);
        if (hour < 0 || hour > 23 || !take_char(rest, ':'))
                return false;
        int minute = take_digits(rest, 2);
        if (minute < 0 || minute > 59 || !take_char(rest, ':'))
                return false;
        int second = take_digits(rest, 2);
        if (second < 0 || second > 59 || !take_no_fraction(rest))
                return false;
        *second_of_day = hour * 3600 + minute * 60 + second;
        return true;
}

enum { NO_OFFSET = INT32_MIN };

/* Nothing, "Z", "+08:00", "@Asia/Shanghai"; the whole rest. */
static bool parse_offset(struct str rest, int *ret)
{
        *ret = NO_OFFSET;
        if (rest.n == 0)
                return true;
        if (str_is(rest, "Z") || str_is(rest, "z") || str_is(rest, "@Etc/UTC") ||
                        str_is(rest, "@UTC")) {
                *ret = 0;
                return true;
        }
        if (str_is(rest, "@Asia/Shanghai")) {
                *ret = MOMENT_OFFSET;
                return true;
        }
        int sign = take_char(&rest, '+') ? 1 : take_char(&rest, '-') ? -1 : 0;
        int hour = take_digits(&rest, 2);
        if (sign == 0 || hour < 0 || hour > 14 || !take_char(&rest, ':'))
                return false;
        int minute = take_digits(&rest, 2), second = 0;
        if (take_char(&rest, ':'))
                second = take_digits(&rest, 2);
        *ret = sign * (hour * 3600 + minute * 60 + second);
        return minute >= 0 && minute < 60 && second >= 0 && second < 60 && rest.n == 0;
}

bool temporal_parse_date(struct str text, struct value *ret)
{
        struct err err;
        struct date date;
        if (!date_parse(text, &date, &err))
                return false;
        *ret = value_date(date);
        return true;
}

bool temporal_parse_time(struct str text, struct value *ret)
{
        int second, offset;
        take_char(&text, 'T');
        if (!take_clock(&text, &second) || !parse_offset(text, &offset))
                return false;
        *ret = offset == NO_OFFSET ? (struct value){ .kind = VALUE_TIME, .integer = second }
                                   : offset_time(second, offset);
        return true;
}

bool temporal_parse_moment(struct str text, struct value *ret)
{
        struct value date;
        if (text.n < 10 || !temporal_parse_date(str_slice(text, 0, 10), &date))
                return false;
        struct str rest = str_slice(text, 10, text.n);
        int second = 0, offset = NO_OFFSET;
        if (rest.n != 0 && (!take_char(&rest, 'T') || !take_clock(&rest, &second) ||
                                           !parse_offset(rest, &offset)))
                return false;
        struct moment moment = moment_of(date.date, 0, 0, second);
        if (offset == NO_OFFSET) {
                *ret = value_moment(moment);
        } else {
                moment.second += MOMENT_OFFSET - offset;
                *ret = offset_moment(moment, offset);
        }
        return true;
}

/* A number and its letter, such as 12D, added to *total; false if it overflows. */
static bool take_part(struct str *rest, char letter, int64_t unit, int64_t *total, int *n_parts)
{
        size_t n = 0;
        while (n < rest->n && rest->p[n] >= '0' && rest->p[n] <= '9')
                n++;
        struct str tail = str_slice(*rest, n, rest->n);
        if (n == 0 || (letter == 'S' && !take_no_fraction(&tail)) || !take_char(&tail, letter))
                return true; /* not this part */
        int64_t count;
        if (!str_to_int(str_slice(*rest, 0, n), &count) || count > DURATION_MAX / unit)
                return false;
        *total += count * unit;
        *rest = tail;
        (*n_parts)++;
        return *total <= DURATION_MAX;
}

static bool parse_months(struct str rest, int64_t *ret)
{
        int n_parts = 0;
        *ret = 0;
        return take_part(&rest, 'Y', 12, ret, &n_parts) &&
               take_part(&rest, 'M', 1, ret, &n_parts) && n_parts > 0 && rest.n == 0;
}

static bool parse_seconds(struct str rest, int64_t *ret)
{
        int n_parts = 0, n_days;
        *ret = 0;
        if (!take_part(&rest, 'D', DAY, ret, &n_parts))
                return false;
        n_days = n_parts;
        if (!take_char(&rest, 'T'))
                return n_parts > 0 && rest.n == 0;
        return take_part(&rest, 'H', 3600, ret, &n_parts) &&
               take_part(&rest, 'M', 60, ret, &n_parts) &&
               take_part(&rest, 'S', 1, ret, &n_parts) && n_parts > n_days && rest.n == 0;
}

bool temporal_parse_duration(struct str text, struct value *ret)
{
        int64_t n;
        bool negative = take_char(&text, '-');
        if (!take_char(&text, 'P'))
                return false;
        enum value_kind kind = VALUE_MONTHS;
        if (!parse_months(text, &n)) {
                kind = VALUE_DURATION;
                if (!parse_seconds(text, &n))
                        return false;
        }
        *ret = (struct value){ .kind = kind, .integer = negative ? -n : n };
        return true;
}

bool temporal_parse(struct str text, struct value *ret)
{
        return temporal_parse_date(text, ret) || temporal_parse_moment(text, ret) ||
               temporal_parse_time(text, ret) || temporal_parse_duration(text, ret);
}

/* ---- Parts ---- */

struct date temporal_date(const struct value *moment)
{
        int64_t shift = offset_of(moment) - MOMENT_OFFSET;
        return moment_date((struct moment){ moment->moment.second + shift });
}

int temporal_second_of_day(const struct value *v)
{
        if (kind_of(v) == VALUE_TIME || kind_of(v) == KIND_OFFSET_TIME)
                return (int)v->integer;
        int64_t shift = offset_of(v) - MOMENT_OFFSET;
        return moment_second_of_day((struct moment){ v->moment.second + shift });
}

/* ---- Writing ---- */

static void write_clock(struct buf *buf, int second)
{
        buf_format(buf, "%02d:%02d:%02d", second / 3600, second / 60 % 60, second % 60);
}

static void write_offset(struct buf *buf, int offset)
{
        int n = abs(offset);
        if (n == 0) {
                buf_char(buf, 'Z');
                return;
        }
        buf_format(buf, "%c%02d:%02d", offset < 0 ? '-' : '+', n / 3600, n / 60 % 60);
        if (n % 60 != 0)
                buf_format(buf, ":%02d", n % 60);
}

static void write_date(struct buf *buf, struct date date)
{
        char text[11];
        date_write(date, text);
        buf_c(buf, text);
}

static void write_part(struct buf *buf, int64_t n, char letter)
{
        if (n == 0)
                return;
        buf_int(buf, n);
        buf_char(buf, letter);
}

static void write_months(struct buf *buf, int64_t n)
{
        buf_c(buf, n < 0 ? "-P" : "P");
        write_part(buf, llabs(n) / 12, 'Y');
        write_part(buf, llabs(n) % 12, 'M');
        if (n == 0)
                buf_c(buf, "0M");
}

static void write_seconds(struct buf *buf, int64_t n)
{
        int64_t of_day = llabs(n) % DAY;
        buf_c(buf, n < 0 ? "-P" : "P");
        write_part(buf, llabs(n) / DAY, 'D');
        if (of_day != 0 || n == 0)
                buf_char(buf, 'T');
        write_part(buf, of_day / 3600, 'H');
        write_part(buf, of_day / 60 % 60, 'M');
        write_part(buf, of_day % 60, 'S');
        if (n == 0)
                buf_c(buf, "0S");
}

bool temporal_write(struct buf *buf, const struct value *v)
{
        switch (kind_of(v)) {
        case VALUE_DATE:
                write_date(buf, v->date);
                return true;
        case VALUE_MOMENT:
        case KIND_OFFSET_MOMENT:
                write_date(buf, temporal_date(v));
                buf_char(buf, 'T');
                break;
        case VALUE_TIME:
        case KIND_OFFSET_TIME:
                break;
        case VALUE_DURATION:
                write_seconds(buf, v->integer);
                return true;
        case VALUE_MONTHS:
                write_months(buf, v->integer);
                return true;
        default:
                return false;
        }
        write_clock(buf, temporal_second_of_day(v));
        if (kind_of(v) == KIND_OFFSET_TIME || kind_of(v) == KIND_OFFSET_MOMENT)
                write_offset(buf, offset_of(v));
        return true;
}
