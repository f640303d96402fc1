#include "screen/mask.h"

#include <assert.h>

#include "screen/han.h"

/* Of a number's characters (blanks and hyphens apart) the first `head` and the
 * last `tail` stay; `stars` > 0 hides only so many before the tail. */
struct number_mask {
        uint8_t head, tail, stars;
};

static const struct number_mask number_masks[N_IDENTIFIER_KINDS] = {
        [IDENTIFIER_BANK_CARD] = { .tail = 4 },
        [IDENTIFIER_MOBILE] = { .tail = 4, .stars = 4 },
        [IDENTIFIER_PHONE] = { .tail = 2, .stars = 4 },
        [IDENTIFIER_PLATE] = { .head = 2 },
};

static bool is_filler(uint32_t c)
{
        return han_is_blank(c) || han_is_hyphen(c) || c == '+' || c == 0xB7 || c == 0x2022;
}

static bool is_hidden(const struct number_mask *mask, size_t at, size_t n)
{
        if (mask->stars == 0)
                return at >= mask->head && at + mask->tail < n;
        return at + mask->tail < n && at + mask->tail + mask->stars >= n;
}

static struct str mask_number(struct arena *arena, struct number_mask mask, struct str text)
{
        struct buf buf = BUF(arena);
        size_t n = 0, seen = 0;
        for (size_t at = 0; at < text.n;)
                n += !is_filler(str_code_point(text, &at));
        if (n <= (size_t)mask.head + mask.tail + mask.stars) /* too short to keep a part of it */
                mask = (struct number_mask){ 0 };
        for (size_t at = 0; at < text.n;) {
                size_t from = at;
                bool filler = is_filler(str_code_point(text, &at));
                if (!filler && is_hidden(&mask, seen, n))
                        buf_char(&buf, '*');
                else
                        buf_str_add(&buf, str_slice(text, from, at));
                seen += !filler;
        }
        return buf_str(&buf);
}

static struct str mask_email(struct arena *arena, struct str text)
{
        struct buf buf = BUF(arena);
        size_t from = 0;
        for (size_t at = 0; at < text.n; from = at) {
                uint32_t c = han_half_width(str_code_point(text, &at));
                if (c == '@')
                        break;
                if (from == 0)
                        buf_str_add(&buf, str_slice(text, 0, at));
        }
        buf_c(&buf, "***");
        buf_str_add(&buf, str_slice(text, from, text.n));
        return buf_str(&buf);
}

static struct str mask_name(struct arena *arena, struct str text)
{
        uint32_t name[2] = { 0 };
        size_t n = 0, ends[2] = { 0 };
        for (size_t at = 0; at < text.n && n < 2; n++) {
                name[n] = str_code_point(text, &at);
                ends[n] = at;
        }
        size_t kept = han_surname(name, n) == 2 && text.n > ends[1] ? 2 : 1;
        struct buf buf = BUF(arena);
        buf_str_add(&buf, str_slice(text, 0, n == 0 ? 0 : ends[kept - 1]));
        buf_c(&buf, "某");
        return buf_str(&buf);
}

/* Kept through the first street, or else as far as there is no digit. */
static struct str mask_address(struct arena *arena, struct str text)
{
        size_t number = text.n, street = text.n;
        uint32_t before = 0;
        for (size_t at = 0; at < text.n && street == text.n;) {
                size_t from = at;
                uint32_t c = han_half_width(str_code_point(text, &at));
                size_t next = at;
                uint32_t after = at < text.n ? str_code_point(text, &next) : 0;
                if (((c >= '0' && c <= '9') || han_is_door(c)) && number == text.n)
                        number = from;
                if (han_is_street(before, c, after))
                        street = at;
                before = c;
        }
        struct buf buf = BUF(arena);
        buf_str_add(&buf, str_slice(text, 0, street < text.n ? street : number));
        buf_c(&buf, "***");
        return buf_str(&buf);
}

struct str mask_text(struct arena *arena, enum identifier_kind kind, enum mask_degree degree,
                struct str text)
{
        assert(kind < N_IDENTIFIER_KINDS);
        if (!str_is_utf8(text))
                return STR_LIT("***");
        switch (kind) {
        case IDENTIFIER_EMAIL:
                return mask_email(arena, text);
        case IDENTIFIER_NAME:
                return mask_name(arena, text);
        case IDENTIFIER_ADDRESS:
                return mask_address(arena, text);
        case IDENTIFIER_RESIDENT_ID:
                return mask_number(arena,
                                degree == MASK_IDENTIFY
                                                ? (struct number_mask){ .head = 6, .tail = 4 }
                                                : (struct number_mask){ 0 },
                                text);
        default:
                return mask_number(arena, number_masks[kind], text);
        }
}
