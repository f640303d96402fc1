#include "template/filter.h"

#include <assert.h>

/* View values that came as JSON hold dates and decimals as text. */
static bool date_from(const struct value *v, struct date *ret)
{
        struct err err;
        struct moment moment;
        if (v->kind == VALUE_DATE) {
                *ret = v->date;
        } else if (v->kind == VALUE_MOMENT) {
                *ret = moment_date(v->moment);
        } else if (v->kind != VALUE_STRING) {
                return false;
        } else if (!date_parse(v->string, ret, &err)) {
                if (!moment_parse(v->string, &moment, &err))
                        return false;
                *ret = moment_date(moment);
        }
        return !date_is_none(*ret);
}

static bool moment_from(const struct value *v, struct moment *ret)
{
        struct err err;
        if (v->kind == VALUE_MOMENT) {
                *ret = v->moment;
                return true;
        }
        return v->kind == VALUE_STRING && moment_parse(v->string, ret, &err);
}

static bool number_from(const struct value *v, struct decimal *ret)
{
        struct err err;
        if (v->kind == VALUE_NUMBER) {
                *ret = v->number;
                return true;
        }
        return v->kind == VALUE_STRING && decimal_parse(v->string, ret, &err);
}

static bool apply_zh(struct arena *arena, const struct value *v, struct value *ret)
{
        struct date date;
        if (!date_from(v, &date))
                return false;
        *ret = value_string(date_format_zh(arena, date));
        return true;
}

static bool apply_time(struct arena *arena, const struct value *v, struct value *ret)
{
        struct moment moment;
        if (!moment_from(v, &moment))
                return false;
        int minute = moment_second_of_day(moment) / 60;
        struct str day = date_format_zh(arena, moment_date(moment));
        *ret = value_string(str_format(
                        arena, "%.*s %02d:%02d", STR_FMT(day), minute / 60, minute % 60));
        return true;
}

/* A comma before every third digit, counted back from the point. */
static struct str group(struct arena *arena, struct str digits)
{
        struct buf buf = BUF(arena);
        size_t sign = str_starts(digits, STR_LIT("-")) ? 1 : 0;
        size_t point = str_find(digits, STR_LIT("."));
        size_t whole = point == SIZE_MAX ? digits.n : point;
        for (size_t i = 0; i < digits.n; i++) {
                if (i > sign && i < whole && (whole - i) % 3 == 0)
                        buf_char(&buf, ',');
                buf_char(&buf, digits.p[i]);
        }
        return buf_str(&buf);
}

static bool apply_money(struct arena *arena, const struct value *v, struct value *ret)
{
        struct decimal number;
        if (!number_from(v, &number))
                return false;
        *ret = value_string(group(arena, decimal_format_fixed(arena, number, 2)));
        return true;
}

static bool apply_grouped(struct arena *arena, const struct value *v, struct value *ret)
{
        struct decimal number;
        if (!number_from(v, &number))
                return false;
        *ret = value_string(group(arena, decimal_format(arena, number)));
        return true;
}

static bool is_unreserved(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               (c != '\0' && strchr("-._~", c) != NULL);
}

/* RFC 3986 section 2.1: everything but the unreserved characters. */
static bool apply_url(struct arena *arena, const struct value *v, struct value *ret)
{
        static const char hex[] = "0123456789ABCDEF";
        if (v->kind == VALUE_LIST || v->kind == VALUE_CONTEXT)
                return false;
        struct str text = value_text(arena, v);
        struct buf buf = BUF(arena);
        for (size_t i = 0; i < text.n; i++) {
                unsigned char c = (unsigned char)text.p[i];
                char coded[3] = { '%', hex[c >> 4], hex[c & 15] };
                if (is_unreserved(text.p[i]))
                        buf_char(&buf, text.p[i]);
                else
                        buf_add(&buf, coded, sizeof(coded));
        }
        *ret = value_string(buf_str(&buf));
        return true;
}

static bool apply_count(struct arena *arena, const struct value *v, struct value *ret)
{
        (void)arena;
        if (v->kind != VALUE_LIST)
                return false;
        *ret = value_int((int64_t)v->list.n);
        return true;
}

static const struct {
        const char *name;
        bool (*apply)(struct arena *arena, const struct value *v, struct value *ret);
} filters[N_FILTERS] = {
        [FILTER_ZH] = { "zh", apply_zh },
        [FILTER_TIME] = { "time", apply_time },
        [FILTER_MONEY] = { "money", apply_money },
        [FILTER_GROUPED] = { "grouped", apply_grouped },
        [FILTER_URL] = { "url", apply_url },
        [FILTER_COUNT] = { "count", apply_count },
};

bool filter_find(struct str name, enum filter *ret)
{
        for (size_t i = 0; i < N_FILTERS; i++) {
                if (str_is(name, filters[i].name)) {
                        *ret = (enum filter)i;
                        return true;
                }
        }
        return false;
}

bool filter_apply(struct arena *arena, enum filter filter, const struct value *value,
                struct value *ret)
{
        assert(filter < N_FILTERS);
        return filters[filter].apply(arena, value, ret);
}
