/* base/str.h - text as pointer and length, and a buffer that grows in an arena.
 *
 * Text from outside is checked once, at the door, with str_is_utf8(); inside,
 * every `struct str` is valid UTF-8 without NUL. A struct str owns nothing. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdarg.h>
#include <string.h>

#include "base/arena.h"
#include "base/base.h"

struct str {
        const char *p;
        size_t n;
};

/* For printf: printf("%.*s", STR_FMT(s)). */
#define STR_FMT(s)       (int)(s).n, (s).p != NULL ? (s).p : ""
#define STR_LIT(literal) ((struct str){ "" literal, sizeof(literal) - 1 })

static inline struct str str_of(const char *c)
{
        return (struct str){ c, c != NULL ? strlen(c) : 0 };
}

static inline bool str_eq(struct str a, struct str b)
{
        return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool str_is(struct str a, const char *c)
{
        return str_eq(a, str_of(c));
}

/* Byte order, which for UTF-8 is code-point order. */
int str_cmp(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);

/* Where needle first stands in s, or SIZE_MAX. */
size_t str_find(struct str s, struct str needle);
struct str str_slice(struct str s, size_t from, size_t to);
/* At most the first n bytes, ending at a character's border. */
struct str str_cut(struct str s, size_t n);
struct str str_trim(struct str s); /* ASCII space, tab, CR, LF */

/* Splits *rest at the first `by`: returns what stands before, moves *rest behind
 * it; when nothing is left, returns {NULL, 0}. */
struct str str_split(struct str *rest, char by);

/* True if s is well-formed UTF-8 (RFC 3629) without NUL. */
bool str_is_utf8(struct str s);

/* The code point at *at, which moves behind it; s must be valid UTF-8. */
uint32_t str_code_point(struct str s, size_t *at);
size_t str_n_code_points(struct str s);

/* Writes the code point as UTF-8 to to[0..4) and returns its length. */
size_t str_encode_utf8(uint32_t code_point, char to[4]);

/* The whole of s as a decimal integer; false if it is not one or overflows. */
MUST_CHECK bool str_to_int(struct str s, int64_t *ret);

struct str str_copy(struct arena *arena, struct str s);
const char *str_c(struct arena *arena, struct str s); /* NUL-terminated copy */
struct str str_format(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

/* A growing text or byte buffer. Zero it with BUF(arena); read it with buf_str(). */
struct buf {
        struct arena *arena;
        char *p;
        size_t n, capacity;
};

#define BUF(in_arena) ((struct buf){ .arena = (in_arena) })

void buf_reserve(struct buf *buf, size_t more); /* room for so many bytes and a NUL */

static inline void buf_add(struct buf *buf, const void *bytes, size_t n)
{
        if (buf->capacity - buf->n <= n)
                buf_reserve(buf, n);
        if (n != 0)
                memcpy(buf->p + buf->n, bytes, n);
        buf->n += n;
        buf->p[buf->n] = '\0';
}

static inline void buf_str_add(struct buf *buf, struct str s)
{
        buf_add(buf, s.p, s.n);
}

static inline void buf_c(struct buf *buf, const char *c)
{
        buf_add(buf, c, strlen(c));
}

static inline void buf_char(struct buf *buf, char c)
{
        buf_add(buf, &c, 1);
}

void buf_int(struct buf *buf, int64_t number);
void buf_format(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
void buf_reset(struct buf *buf); /* empties it, keeps the memory */

static inline struct str buf_str(const struct buf *buf)
{
        return (struct str){ buf->p, buf->n };
}

#endif
