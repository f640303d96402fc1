/* Packing: one byte of kind, then what the kind needs. Integers are LEB128
 * (zigzag where they can be negative), texts and lists are counted. */
#include <assert.h>

#include "base/limits.h"
#include "base/value.h"

#define SECONDS_OF_DAY 86400

static size_t write_unsigned(char bytes[10], uint64_t n)
{
        size_t length = 0;
        do {
                unsigned char low = n & 0x7F;
                n >>= 7;
                bytes[length++] = (char)(low | (n != 0 ? 0x80 : 0));
        } while (n != 0);
        return length;
}

static void pack_unsigned(struct buf *buf, uint64_t n)
{
        char bytes[10];
        buf_add(buf, bytes, write_unsigned(bytes, n));
}

/* A kind and its integer, in one piece: rows hold many. */
static void pack_integer(struct buf *buf, enum value_kind kind, int64_t n)
{
        char bytes[11] = { (char)kind };
        size_t length = write_unsigned(bytes + 1, (uint64_t)n << 1 ^ (uint64_t)(n >> 63));
        buf_add(buf, bytes, 1 + length);
}

static void pack_text(struct buf *buf, struct str s)
{
        pack_unsigned(buf, s.n);
        buf_str_add(buf, s);
}

void value_pack_list(struct buf *buf, size_t n)
{
        buf_char(buf, VALUE_LIST);
        pack_unsigned(buf, n);
}

void value_pack_integer(struct buf *buf, int64_t n)
{
        pack_integer(buf, VALUE_DURATION, n);
}

void value_pack_text(struct buf *buf, struct str s)
{
        buf_char(buf, VALUE_STRING);
        pack_text(buf, s);
}

void value_pack(struct buf *buf, const struct value *v)
{
        switch (v->kind) {
        case VALUE_NULL:
                buf_char(buf, (char)v->kind);
                return;
        case VALUE_BOOL:
                buf_char(buf, (char)v->kind);
                buf_char(buf, v->boolean ? 1 : 0);
                return;
        case VALUE_NUMBER:
                buf_char(buf, (char)v->kind);
                buf_add(buf, v->number.w, sizeof(v->number.w));
                return;
        case VALUE_STRING:
                buf_char(buf, (char)v->kind);
                pack_text(buf, v->string);
                return;
        case VALUE_DATE:
                pack_integer(buf, v->kind, v->date.day);
                return;
        case VALUE_MOMENT:
                pack_integer(buf, v->kind, v->moment.second);
                return;
        case VALUE_TIME:
        case VALUE_DURATION:
        case VALUE_MONTHS:
                pack_integer(buf, v->kind, v->integer);
                return;
        case VALUE_LIST:
                value_pack_list(buf, v->list.n);
                for (size_t i = 0; i < v->list.n; i++)
                        value_pack(buf, &v->list.items[i]);
                return;
        case VALUE_CONTEXT:
                buf_char(buf, (char)v->kind);
                pack_unsigned(buf, v->context.n);
                for (size_t i = 0; i < v->context.n; i++) {
                        pack_text(buf, v->context.members[i].name);
                        value_pack(buf, &v->context.members[i].value);
                }
                return;
        }
}

struct unpacker {
        struct arena *arena;
        const unsigned char *p, *end;
        unsigned depth;
};

static bool unpack_unsigned(struct unpacker *u, uint64_t *ret)
{
        uint64_t n = 0;
        for (unsigned shift = 0; shift < 64 && u->p < u->end; shift += 7) {
                unsigned char byte = *u->p++;
                n |= (uint64_t)(byte & 0x7F) << shift;
                if (!(byte & 0x80)) {
                        *ret = n;
                        return true;
                }
        }
        return false;
}

static bool unpack_signed(struct unpacker *u, int64_t *ret)
{
        uint64_t n;
        if (!unpack_unsigned(u, &n))
                return false;
        *ret = (int64_t)(n >> 1) ^ -(int64_t)(n & 1);
        return true;
}

/* A count of things of at least one byte each: bounded by what is left. */
static bool unpack_count(struct unpacker *u, size_t *ret)
{
        uint64_t n;
        if (!unpack_unsigned(u, &n) || n > (uint64_t)(u->end - u->p))
                return false;
        *ret = (size_t)n;
        return true;
}

static bool unpack_text(struct unpacker *u, struct str *ret)
{
        size_t n;
        if (!unpack_count(u, &n))
                return false;
        *ret = (struct str){ (const char *)u->p, n };
        u->p += n;
        return str_is_utf8(*ret);
}

static bool unpack(struct unpacker *u, struct value *ret);

static bool unpack_list(struct unpacker *u, struct value *ret)
{
        size_t n;
        if (!unpack_count(u, &n))
                return false;
        struct value *items = arena_new_array(u->arena, n, struct value);
        for (size_t i = 0; i < n; i++)
                if (!unpack(u, &items[i]))
                        return false;
        *ret = value_list(items, n);
        return true;
}

static bool unpack_context(struct unpacker *u, struct value *ret)
{
        size_t n;
        if (!unpack_count(u, &n))
                return false;
        struct member *members = arena_new_array(u->arena, n, struct member);
        for (size_t i = 0; i < n; i++)
                if (!unpack_text(u, &members[i].name) || !unpack(u, &members[i].value))
                        return false;
        *ret = value_context(members, n);
        return value_sort_members(members, n);
}

static bool unpack_bytes(struct unpacker *u, void *to, size_t n)
{
        if ((size_t)(u->end - u->p) < n)
                return false;
        memcpy(to, u->p, n);
        u->p += n;
        return true;
}

/* Within the years of date_of(), and a day more for moments of other zones. */
static bool is_day(int64_t day)
{
        struct date first, last;
        return date_of(DATE_MIN_YEAR, 1, 1, &first) && date_of(DATE_MAX_YEAR, 12, 31, &last) &&
               day >= first.day - 1 && day <= last.day + 1;
}

static bool unpack_date(struct unpacker *u, struct date *ret)
{
        int64_t day;
        if (!unpack_signed(u, &day) || (day != DATE_NONE.day && !is_day(day)))
                return false;
        ret->day = (int32_t)day;
        return true;
}

static bool unpack_moment(struct unpacker *u, struct moment *ret)
{
        return unpack_signed(u, &ret->second) && is_day(ret->second / SECONDS_OF_DAY);
}

static bool unpack_scalar(struct unpacker *u, enum value_kind kind, struct value *ret)
{
        char byte;
        ret->kind = kind;
        switch (kind) {
        case VALUE_NULL:
                return true;
        case VALUE_BOOL:
                if (!unpack_bytes(u, &byte, 1))
                        return false;
                ret->boolean = byte != 0;
                return true;
        case VALUE_NUMBER:
                return unpack_bytes(u, ret->number.w, sizeof(ret->number.w)) &&
                       decimal_is_finite(ret->number);
        case VALUE_STRING:
                return unpack_text(u, &ret->string);
        case VALUE_DATE:
                return unpack_date(u, &ret->date);
        case VALUE_MOMENT:
                return unpack_moment(u, &ret->moment);
        case VALUE_TIME:
                return unpack_signed(u, &ret->integer) && ret->integer >= 0 &&
                       ret->integer < SECONDS_OF_DAY;
        default:
                return unpack_signed(u, &ret->integer) && ret->integer != INT64_MIN;
        }
}

static bool unpack(struct unpacker *u, struct value *ret)
{
        unsigned char kind;
        if (!unpack_bytes(u, &kind, 1) || kind > VALUE_CONTEXT)
                return false;
        if (kind < VALUE_LIST)
                return unpack_scalar(u, kind, ret);
        if (u->depth == LIMIT_NESTING)
                return false;
        u->depth++;
        bool ok = kind == VALUE_LIST ? unpack_list(u, ret) : unpack_context(u, ret);
        u->depth--;
        return ok;
}

bool value_unpack(struct arena *arena, struct str packed, struct value *ret, struct err *err)
{
        assert(arena && ret && err);
        struct unpacker u = { .arena = arena, .p = (const unsigned char *)packed.p };
        u.end = packed.n != 0 ? u.p + packed.n : u.p;
        struct value value = value_null();
        if (!unpack(&u, &value) || u.p != u.end)
                return err_set(err, E_PACK, "%zu 字节", packed.n);
        *ret = value;
        return true;
}
