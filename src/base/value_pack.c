/* Packing: one byte of kind, then what the kind needs. Integers are LEB128
 * (zigzag where they can be negative), texts and lists are counted. */
#include <assert.h>

#include "base/limits.h"
#include "base/value.h"

#define SECONDS_OF_DAY 86400

static size_t write_unsigned(char *bytes, uint64_t n)
{
        size_t length = 0;
        do {
                unsigned char low = n & 0x7F;
                n >>= 7;
                bytes[length++] = (char)(low | (n != 0 ? 0x80 : 0));
        } while (n != 0);
        return length;
}

#define INTEGER_BYTES 11 /* a kind and a LEB128 of 64 bits, at most */

/* Room for so many bytes behind the buffer's end; write_end() takes what was written into it. */
static char *write_here(struct buf *buf, size_t n)
{
        if (buf->capacity - buf->n <= n)
                buf_reserve(buf, n);
        return buf->p + buf->n;
}

static void write_end(struct buf *buf, size_t n)
{
        buf->n += n;
        buf->p[buf->n] = '\0';
}

static void pack_unsigned(struct buf *buf, uint64_t n)
{
        write_end(buf, write_unsigned(write_here(buf, INTEGER_BYTES), n));
}

static void pack_integer(struct buf *buf, enum value_kind kind, int64_t n)
{
        char *to = write_here(buf, INTEGER_BYTES);
        to[0] = (char)kind;
        write_end(buf, 1 + write_unsigned(to + 1, (uint64_t)n << 1 ^ (uint64_t)(n >> 63)));
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
                for (size_t i = 0; i < v->list.n; i++) {
                        if (v->list.items[i].kind == VALUE_NULL)
                                buf_char(buf, VALUE_NULL);
                        else
                                value_pack(buf, &v->list.items[i]);
                }
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

/* ---- and back ---- */

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

static bool unpack_counted(struct unpacker *u, struct str *ret)
{
        size_t n;
        if (!unpack_count(u, &n))
                return false;
        *ret = (struct str){ (const char *)u->p, n };
        u->p += n;
        return str_is_utf8(*ret);
}

static bool unpack_value(struct unpacker *u, struct value *ret);

static bool unpack_items(struct unpacker *u, struct value *ret)
{
        size_t n;
        if (!unpack_count(u, &n))
                return false;
        struct value *items = arena_new_array(u->arena, n, struct value);
        *ret = value_list(items, n);
        return unpack_values(u, n, items);
}

static bool unpack_context(struct unpacker *u, struct value *ret)
{
        size_t n;
        if (!unpack_count(u, &n))
                return false;
        struct member *members = arena_new_array(u->arena, n, struct member);
        for (size_t i = 0; i < n; i++)
                if (!unpack_counted(u, &members[i].name) || !unpack_value(u, &members[i].value))
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
                return unpack_counted(u, &ret->string);
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

static bool unpack_value(struct unpacker *u, struct value *ret)
{
        if (u->p == u->end || *u->p > VALUE_CONTEXT)
                return false;
        enum value_kind kind = *u->p++;
        if (kind < VALUE_LIST)
                return unpack_scalar(u, kind, ret);
        if (u->depth == LIMIT_NESTING)
                return false;
        u->depth++;
        bool ok = kind == VALUE_LIST ? unpack_items(u, ret) : unpack_context(u, ret);
        u->depth--;
        return ok;
}

/* Of a matter's fields most are not filled in. */
bool unpack_values(struct unpacker *u, size_t n, struct value *ret)
{
        for (size_t i = 0; i < n; i++) {
                if (u->p < u->end && *u->p == VALUE_NULL) {
                        ret[i] = value_null();
                        u->p++;
                } else if (!unpack_value(u, &ret[i])) {
                        return false;
                }
        }
        return true;
}

bool value_unpack(struct arena *arena, struct str packed, struct value *ret, struct err *err)
{
        assert(arena && ret && err);
        struct unpacker u = unpacker_of(arena, packed);
        struct value value = value_null();
        if (!unpack_value(&u, &value) || !unpack_at_end(&u))
                return err_set(err, E_PACK, "%zu 字节", packed.n);
        *ret = value;
        return true;
}

struct unpacker unpacker_of(struct arena *arena, struct str packed)
{
        const unsigned char *p = (const unsigned char *)packed.p;
        return (struct unpacker){ .arena = arena, .p = p, .end = packed.n != 0 ? p + packed.n : p };
}

bool unpack_at_end(const struct unpacker *u)
{
        return u->p == u->end;
}

int unpack_next(const struct unpacker *u)
{
        return u->p == u->end ? -1 : *u->p;
}

static bool unpack_kind(struct unpacker *u, enum value_kind kind)
{
        if (unpack_next(u) != (int)kind)
                return false;
        u->p++;
        return true;
}

bool unpack_null(struct unpacker *u)
{
        return unpack_kind(u, VALUE_NULL);
}

bool unpack_list(struct unpacker *u, size_t *ret_n)
{
        return unpack_kind(u, VALUE_LIST) && unpack_count(u, ret_n);
}

bool unpack_integer(struct unpacker *u, int64_t *ret)
{
        return unpack_kind(u, VALUE_DURATION) && unpack_signed(u, ret) && *ret != INT64_MIN;
}

bool unpack_text(struct unpacker *u, struct str *ret)
{
        return unpack_kind(u, VALUE_STRING) && unpack_counted(u, ret);
}
