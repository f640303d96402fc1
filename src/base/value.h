/* base/value.h - one value: what a field holds, an expression yields, JSON says.
 *
 * Values are immutable trees in an arena. Contexts keep their members sorted by
 * name (byte order), each name once. JSON (RFC 8259) is read strictly: no
 * duplicate names, no bad UTF-8, no trailing text, numbers exact.
 *
 * Canonical JSON is what is hashed: members sorted, no white space, the escapes
 * of RFC 8785 section 3.2.2.2; integers below 2^53 as numbers, every other
 * number, date, moment and duration as a string. */
#ifndef BASE_VALUE_H
#define BASE_VALUE_H

#include "base/date.h"
#include "base/decimal.h"

enum value_kind {
        VALUE_NULL,
        VALUE_BOOL,
        VALUE_NUMBER,
        VALUE_STRING,
        VALUE_DATE,
        VALUE_TIME,     /* second of the day, in `integer` */
        VALUE_MOMENT,   /* FEEL date and time */
        VALUE_DURATION, /* days and time duration: seconds, in `integer` */
        VALUE_MONTHS,   /* years and months duration: months, in `integer` */
        VALUE_LIST,
        VALUE_CONTEXT,
};

struct member;

struct value {
        enum value_kind kind;
        union {
                bool boolean;
                int64_t integer;
                struct decimal number;
                struct str string;
                struct date date;
                struct moment moment;
                struct {
                        const struct value *items;
                        size_t n;
                } list;
                struct {
                        const struct member *members;
                        size_t n;
                } context;
        };
};

struct member {
        struct str name;
        struct value value;
};

static inline struct value value_null(void)
{
        return (struct value){ .kind = VALUE_NULL };
}

static inline struct value value_bool(bool b)
{
        return (struct value){ .kind = VALUE_BOOL, .boolean = b };
}

static inline struct value value_number(struct decimal d)
{
        return (struct value){ .kind = VALUE_NUMBER, .number = d };
}

static inline struct value value_int(int64_t n)
{
        return value_number(decimal_of(n));
}

static inline struct value value_string(struct str s)
{
        return (struct value){ .kind = VALUE_STRING, .string = s };
}

static inline struct value value_date(struct date d)
{
        return (struct value){ .kind = VALUE_DATE, .date = d };
}

static inline struct value value_moment(struct moment m)
{
        return (struct value){ .kind = VALUE_MOMENT, .moment = m };
}

static inline struct value value_list(const struct value *items, size_t n)
{
        return (struct value){ .kind = VALUE_LIST, .list = { items, n } };
}

/* `members` must be sorted by name, each name once (value_sort_members). */
static inline struct value value_context(const struct member *members, size_t n)
{
        return (struct value){ .kind = VALUE_CONTEXT, .context = { members, n } };
}

static inline bool value_is_null(struct value v)
{
        return v.kind == VALUE_NULL;
}

/* Sorts by name in place; false if a name stands twice. */
MUST_CHECK bool value_sort_members(struct member *members, size_t n);

/* The member's value, or NULL; a context only. */
const struct value *value_get(const struct value *context, struct str name);

/* Deep equality of the same kind; numbers by worth (1.0 = 1.00). */
bool value_eq(const struct value *a, const struct value *b);

/* A deep copy that lives as long as `arena`. */
struct value value_copy(struct arena *arena, const struct value *v);

void value_write_json(struct buf *buf, const struct value *v); /* canonical */
void value_write_json_string(struct buf *buf, struct str s);   /* with its quotes */

/* Reads one JSON text; dates stay strings. Strings without escapes point into
 * `text`, which has to live as long as the arena. Limits: LIMIT_NESTING,
 * LIMIT_LIST_ITEMS. */
MUST_CHECK bool value_parse_json(
                struct arena *arena, struct str text, struct value *ret, struct err *err);

/* Text as a person would read it: dates, plain numbers, lists with 、 between. */
struct str value_text(struct arena *arena, const struct value *v);

/* A compact binary form that keeps every kind, for read tables (never hashed).
 * Unpacked texts point into `packed`; damaged bytes are refused (E_PACK), never
 * handed on as a value that could not have been made. */
void value_pack(struct buf *buf, const struct value *v);

/* The same piece by piece, without making values first: a list of `n` is its head and n
 * packed values; an integer is read back as VALUE_DURATION. */
void value_pack_list(struct buf *buf, size_t n);
void value_pack_integer(struct buf *buf, int64_t n);
void value_pack_text(struct buf *buf, struct str s);
MUST_CHECK bool value_unpack(
                struct arena *arena, struct str packed, struct value *ret, struct err *err);

/* And back piece by piece. Each is false, for good, where something else stands or bytes are
 * damaged. */
struct unpacker {
        struct arena *arena;
        const unsigned char *p, *end;
        unsigned depth;
};

struct unpacker unpacker_of(struct arena *arena, struct str packed);
bool unpack_at_end(const struct unpacker *unpacker);
int unpack_next(const struct unpacker *unpacker); /* the kind of what stands there; -1: nothing */
MUST_CHECK bool unpack_null(struct unpacker *unpacker);
MUST_CHECK bool unpack_list(struct unpacker *unpacker, size_t *ret_n);
MUST_CHECK bool unpack_integer(struct unpacker *unpacker, int64_t *ret);
MUST_CHECK bool unpack_text(struct unpacker *unpacker, struct str *ret);
MUST_CHECK bool unpack_values(struct unpacker *unpacker, size_t n, struct value *ret);

#endif
