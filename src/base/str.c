#include "base/str.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

int str_cmp(struct str a, struct str b)
{
        size_t n = a.n < b.n ? a.n : b.n;
        /* Names mostly differ at once. */
        int order = n == 0             ? 0
                    : a.p[0] != b.p[0] ? (unsigned char)a.p[0] - (unsigned char)b.p[0]
                                       : memcmp(a.p, b.p, n);
        if (order != 0)
                return order;
        return (a.n > b.n) - (a.n < b.n);
}

bool str_starts(struct str s, struct str prefix)
{
        return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

bool str_ends(struct str s, struct str suffix)
{
        return s.n >= suffix.n &&
               (suffix.n == 0 || memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n) == 0);
}

size_t str_find(struct str s, struct str needle)
{
        if (needle.n == 0)
                return 0;
        if (needle.n > s.n)
                return SIZE_MAX;
        const char *at = memmem(s.p, s.n, needle.p, needle.n);
        return at != NULL ? (size_t)(at - s.p) : SIZE_MAX;
}

struct str str_slice(struct str s, size_t from, size_t to)
{
        assert(from <= to && to <= s.n);
        return (struct str){ from != 0 ? s.p + from : s.p, to - from };
}

struct str str_cut(struct str s, size_t n)
{
        if (n >= s.n)
                return s;
        while (n > 0 && ((unsigned char)s.p[n] & 0xC0) == 0x80)
                n--;
        return str_slice(s, 0, n);
}

static bool is_blank(char c)
{
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
        while (s.n > 0 && is_blank(s.p[0])) {
                s.p++;
                s.n--;
        }
        while (s.n > 0 && is_blank(s.p[s.n - 1]))
                s.n--;
        return s;
}

struct str str_split(struct str *rest, char by)
{
        if (rest->p == NULL)
                return (struct str){ NULL, 0 };
        const char *at = rest->n != 0 ? memchr(rest->p, by, rest->n) : NULL;
        struct str head = *rest;
        if (at == NULL) {
                *rest = (struct str){ NULL, 0 };
                return head;
        }
        head.n = (size_t)(at - rest->p);
        rest->p = at + 1;
        rest->n -= head.n + 1;
        return head;
}

/* Length of the well-formed sequence at p (RFC 3629 table), or 0. */
static size_t utf8_length(const unsigned char *p, size_t n)
{
        if (p[0] < 0x80)
                return p[0] != 0 ? 1 : 0;
        unsigned char low = 0x80, high = 0xBF;
        size_t length;
        if (p[0] >= 0xC2 && p[0] <= 0xDF) {
                length = 2;
        } else if ((p[0] & 0xF0) == 0xE0) {
                length = 3;
                low = p[0] == 0xE0 ? 0xA0 : 0x80;
                high = p[0] == 0xED ? 0x9F : 0xBF;
        } else if (p[0] >= 0xF0 && p[0] <= 0xF4) {
                length = 4;
                low = p[0] == 0xF0 ? 0x90 : 0x80;
                high = p[0] == 0xF4 ? 0x8F : 0xBF;
        } else {
                return 0;
        }
        if (n < length || p[1] < low || p[1] > high)
                return 0;
        for (size_t i = 2; i < length; i++)
                if ((p[i] & 0xC0) != 0x80)
                        return 0;
        return length;
}

/* Most of what is checked is ASCII, eight bytes at a time, and Han characters: behind these
 * leading bytes any two others that follow are right. */
static size_t skip_usual(const unsigned char *p, size_t n)
{
        size_t i = 0;
        for (;;) {
                uint64_t eight;
                while (n - i >= sizeof(eight)) {
                        memcpy(&eight, p + i, sizeof(eight));
                        /* none is 0x80 or above, none is NUL */
                        if (((eight | (eight - UINT64_C(0x0101010101010101))) &
                                            UINT64_C(0x8080808080808080)) != 0)
                                break;
                        i += sizeof(eight);
                }
                size_t from = i;
                while (i < n && p[i] != 0 && p[i] < 0x80)
                        i++;
                while (n - i >= 3 && p[i] >= 0xE1 && p[i] <= 0xEC &&
                                ((p[i + 1] ^ 0x80) | (p[i + 2] ^ 0x80)) < 0x40)
                        i += 3;
                if (i == from)
                        return i;
        }
}

bool str_is_utf8(struct str s)
{
        const unsigned char *p = (const unsigned char *)s.p;
        for (size_t i = 0; i < s.n;) {
                i += skip_usual(p + i, s.n - i);
                if (i == s.n)
                        break;
                size_t length = utf8_length(p + i, s.n - i);
                if (length == 0)
                        return false;
                i += length;
        }
        return true;
}

uint32_t str_code_point(struct str s, size_t *at)
{
        assert(*at < s.n);
        const unsigned char *p = (const unsigned char *)s.p + *at;
        if (p[0] < 0x80) {
                *at += 1;
                return p[0];
        }
        size_t length = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
        assert(*at + length <= s.n);
        uint32_t code_point = p[0] & (0xFFu >> (length + 1));
        for (size_t i = 1; i < length; i++)
                code_point = code_point << 6 | (p[i] & 0x3Fu);
        *at += length;
        return code_point;
}

size_t str_n_code_points(struct str s)
{
        size_t n = 0;
        for (size_t i = 0; i < s.n; i++)
                n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
        return n;
}

size_t str_encode_utf8(uint32_t c, char to[4])
{
        assert(c <= 0x10FFFF);
        if (c < 0x80) {
                to[0] = (char)c;
                return 1;
        }
        size_t length = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        for (size_t i = length - 1; i > 0; i--) {
                to[i] = (char)(0x80 | (c & 0x3F));
                c >>= 6;
        }
        static const unsigned char lead[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
        to[0] = (char)(lead[length] | c);
        return length;
}

bool str_to_int(struct str s, int64_t *ret)
{
        bool negative = s.n > 0 && s.p[0] == '-';
        size_t i = negative ? 1 : 0;
        if (i == s.n)
                return false;
        int64_t value = 0;
        for (; i < s.n; i++) {
                if (s.p[i] < '0' || s.p[i] > '9')
                        return false;
                int digit = s.p[i] - '0';
                if (__builtin_mul_overflow(value, 10, &value) ||
                                __builtin_sub_overflow(value, digit, &value))
                        return false;
        }
        if (!negative && __builtin_sub_overflow((int64_t)0, value, &value))
                return false;
        *ret = value;
        return true;
}

struct str str_copy(struct arena *arena, struct str s)
{
        char *copy = arena_alloc(arena, s.n + 1);
        if (s.n != 0)
                memcpy(copy, s.p, s.n);
        return (struct str){ copy, s.n };
}

const char *str_c(struct arena *arena, struct str s)
{
        return str_copy(arena, s).p;
}

void buf_reserve(struct buf *buf, size_t more)
{
        assert(buf->arena != NULL);
        if (buf->capacity - buf->n > more)
                return;
        size_t capacity = buf->capacity != 0 ? buf->capacity : 128;
        while (capacity - buf->n <= more) {
                if (capacity > SIZE_MAX / 4)
                        abort();
                capacity *= 2;
        }
        char *p = arena_alloc(buf->arena, capacity);
        if (buf->n != 0)
                memcpy(p, buf->p, buf->n);
        buf->p = p;
        buf->capacity = capacity;
}

void buf_int(struct buf *buf, int64_t number)
{
        char digits[24], *end = digits + sizeof(digits), *from = end;
        uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
        do
                *--from = (char)('0' + left % 10);
        while ((left /= 10) != 0);
        if (number < 0)
                *--from = '-';
        buf_add(buf, from, (size_t)(end - from));
}

static void buf_vformat(struct buf *buf, const char *format, va_list args)
{
        va_list again;
        va_copy(again, args);
        buf_reserve(buf, 1);
        size_t room = buf->capacity - buf->n;
        int n = vsnprintf(buf->p + buf->n, room, format, args);
        assert(n >= 0);
        if ((size_t)n >= room) {
                buf_reserve(buf, (size_t)n + 1);
                vsnprintf(buf->p + buf->n, (size_t)n + 1, format, again);
        }
        va_end(again);
        buf->n += (size_t)n;
}

void buf_format(struct buf *buf, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        buf_vformat(buf, format, args);
        va_end(args);
}

void buf_reset(struct buf *buf)
{
        buf->n = 0;
}

struct str str_format(struct arena *arena, const char *format, ...)
{
        struct buf buf = BUF(arena);
        va_list args;
        va_start(args, format);
        buf_vformat(&buf, format, args);
        va_end(args);
        return buf_str(&buf);
}
