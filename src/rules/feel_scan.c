#include "rules/feel_scan.h"

#include <assert.h>

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static bool is_wide_sign(uint32_t c)
{
        return (c >= 0x3001 && c <= 0x3004) || (c >= 0x3008 && c <= 0x301F) ||
               (c >= 0xFF01 && c <= 0xFF0F) || (c >= 0xFF1A && c <= 0xFF20) ||
               (c >= 0xFF3B && c <= 0xFF40) || (c >= 0xFF5B && c <= 0xFF65) ||
               (c >= 0x2018 && c <= 0x201F);
}

static bool is_space(uint32_t c)
{
        return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xA0 || c == 0x1680 ||
               c == 0x180E || (c >= 0x2000 && c <= 0x200B) || c == 0x2028 || c == 0x2029 ||
               c == 0x202F || c == 0x205F || c == 0x3000 || c == 0xFEFF;
}

/* The ranges of the standard's grammar rule 28, without signs and spaces. */
static bool is_name_start(uint32_t c)
{
        if (c < 0x80)
                return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '?';
        if (is_wide_sign(c) || is_space(c))
                return false;
        return (c >= 0xC0 && c <= 0x1FFF && c != 0xD7 && c != 0xF7 && c != 0x37E) || c == 0x200C ||
               c == 0x200D || (c >= 0x2070 && c <= 0x218F) || (c >= 0x2C00 && c <= 0x2FEF) ||
               (c >= 0x3001 && c <= 0xD7FF) || (c >= 0xF900 && c <= 0xFFFD) || c >= 0x10000;
}

static bool is_name_part(uint32_t c)
{
        return is_name_start(c) || (c >= '0' && c <= '9') || c == 0xB7 || c == 0x203F ||
               c == 0x2040;
}

static size_t skip_line(struct str text, size_t at)
{
        while (at < text.n && text.p[at] != '\n')
                at++;
        return at;
}

/* Behind white space and comments; a comment that is not closed ends the text. */
static size_t skip(struct str text, size_t at)
{
        while (at < text.n) {
                struct str rest = str_slice(text, at, text.n);
                size_t next = at;
                if (is_space(str_code_point(text, &next))) {
                        at = next;
                } else if (str_starts(rest, STR_LIT("//"))) {
                        at = skip_line(text, at);
                } else if (str_starts(rest, STR_LIT("/*"))) {
                        size_t end = str_find(str_slice(text, at + 2, text.n), STR_LIT("*/"));
                        at = end == SIZE_MAX ? text.n : at + 2 + end + 2;
                } else {
                        break;
                }
        }
        return at;
}

static size_t skip_digits(struct str text, size_t at)
{
        while (at < text.n && is_digit(text.p[at]))
                at++;
        return at;
}

/* 12, 12.5, .5, 1e3; in 1..5 the dots do not belong to the number. */
static size_t number_end(struct str text, size_t at)
{
        at = skip_digits(text, at);
        if (at + 1 < text.n && text.p[at] == '.' && is_digit(text.p[at + 1]))
                at = skip_digits(text, at + 1);
        if (at < text.n && (text.p[at] == 'e' || text.p[at] == 'E')) {
                size_t digits = at + 1;
                if (digits < text.n && (text.p[digits] == '+' || text.p[digits] == '-'))
                        digits++;
                size_t end = skip_digits(text, digits);
                if (end > digits)
                        at = end;
        }
        return at;
}

static struct token string_token(struct str text, size_t from)
{
        for (size_t at = from + 1; at < text.n; at++) {
                if (text.p[at] == '"')
                        return (struct token){ T_STRING, from, at + 1 };
                if (text.p[at] == '\n' || text.p[at] == '\r')
                        break;
                if (text.p[at] == '\\')
                        at++;
        }
        return (struct token){ T_BAD_STRING, from, text.n };
}

static struct token sign_token(struct str text, size_t from)
{
        /* Longer signs first. */
        static const struct {
                const char *sign;
                enum token_kind kind;
        } signs[] = {
                { "**", T_POWER },
                { "..", T_DOTS },
                { "!=", T_NE },
                { "<=", T_LE },
                { ">=", T_GE },
                { "->", T_ARROW },
                { "+", T_PLUS },
                { "-", T_MINUS },
                { "*", T_STAR },
                { "/", T_SLASH },
                { "(", T_OPEN },
                { ")", T_CLOSE },
                { "[", T_OPEN_LIST },
                { "]", T_CLOSE_LIST },
                { "{", T_OPEN_CONTEXT },
                { "}", T_CLOSE_CONTEXT },
                { ",", T_COMMA },
                { ":", T_COLON },
                { ".", T_DOT },
                { "=", T_EQ },
                { "<", T_LT },
                { ">", T_GT },
                { "@", T_AT },
        };
        struct str rest = str_slice(text, from, text.n);
        for (size_t i = 0; i < N_ELEMENTS(signs); i++)
                if (str_starts(rest, str_of(signs[i].sign)))
                        return (struct token){ signs[i].kind, from, from + strlen(signs[i].sign) };
        size_t to = from;
        uint32_t c = str_code_point(text, &to);
        return (struct token){ is_wide_sign(c) ? T_BAD_WIDE : T_BAD, from, to };
}

static size_t name_end(struct str text, size_t at)
{
        while (at < text.n) {
                size_t next = at;
                if (!is_name_part(str_code_point(text, &next)))
                        break;
                at = next;
        }
        return at;
}

struct token scan_token(struct str text, size_t at)
{
        size_t from = skip(text, at);
        if (from >= text.n)
                return (struct token){ T_END, text.n, text.n };
        char c = text.p[from];
        if (is_digit(c) || (c == '.' && from + 1 < text.n && is_digit(text.p[from + 1])))
                return (struct token){ T_NUMBER, from, number_end(text, from) };
        if (c == '"')
                return string_token(text, from);
        size_t next = from;
        if (is_name_start(str_code_point(text, &next)))
                return (struct token){ T_NAME, from, name_end(text, next) };
        return sign_token(text, from);
}

size_t scan_known_name(struct str text, size_t from, struct str name)
{
        size_t at = from, end = from;
        uint32_t last = 0;
        for (size_t i = 0; i < name.n;) {
                last = str_code_point(name, &i);
                if (last == ' ') {
                        at = skip(text, at);
                        if (at == end)
                                return 0;
                        continue;
                }
                if (at >= text.n || str_code_point(text, &at) != last)
                        return 0;
                end = at;
        }
        if (end == from)
                return 0;
        return is_name_part(last) && name_end(text, end) != end ? 0 : end;
}

struct str scan_name_text(struct arena *arena, struct str text, size_t from, size_t to)
{
        struct str raw = str_slice(text, from, to);
        struct buf buf = BUF(arena);
        bool plain = true;
        for (size_t at = 0; at < raw.n;) {
                size_t next = at;
                if (is_space(str_code_point(raw, &next))) {
                        plain = plain && raw.p[at] == ' ' && next < raw.n && raw.p[next] != ' ';
                        if (buf.n != 0 && buf.p[buf.n - 1] != ' ')
                                buf_char(&buf, ' ');
                } else {
                        buf_add(&buf, raw.p + at, next - at);
                }
                at = next;
        }
        return plain ? raw : str_trim(buf_str(&buf));
}

struct str scan_cut(struct str s, size_t n)
{
        if (s.n <= n)
                return s;
        while (n > 0 && ((unsigned char)s.p[n] & 0xC0) == 0x80)
                n--;
        return str_slice(s, 0, n);
}

/* ---- Strings ---- */

static bool hex(struct str s, size_t at, size_t n, uint32_t *ret)
{
        if (at + n > s.n)
                return false;
        uint32_t value = 0;
        for (size_t i = at; i < at + n; i++) {
                char c = s.p[i];
                int digit = is_digit(c)            ? c - '0'
                            : c >= 'a' && c <= 'f' ? c - 'a' + 10
                            : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                   : -1;
                if (digit < 0)
                        return false;
                value = value * 16 + (uint32_t)digit;
        }
        *ret = value;
        return true;
}

/* \uXXXX, a pair of them, or \UXXXXXX at s.p[at] == 'u' or 'U'; returns the bytes
 * behind the backslash that it takes, 0 if it is no escape. */
static size_t unicode_escape(struct str s, size_t at, uint32_t *ret)
{
        uint32_t low;
        if (s.p[at] == 'U')
                return hex(s, at + 1, 6, ret) ? 7 : 0;
        if (!hex(s, at + 1, 4, ret))
                return 0;
        if (*ret >= 0xD800 && *ret < 0xDC00 && at + 6 < s.n && s.p[at + 5] == '\\' &&
                        s.p[at + 6] == 'u' && hex(s, at + 7, 4, &low) && low >= 0xDC00 &&
                        low < 0xE000) {
                *ret = 0x10000 + ((*ret - 0xD800) << 10) + (low - 0xDC00);
                return 11;
        }
        return 5;
}

static bool is_scalar(uint32_t c)
{
        return c != 0 && c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF);
}

/* The escape behind a backslash at `at`; a backslash that escapes nothing stands
 * for itself. Returns the bytes taken, SIZE_MAX if it makes no character. */
static size_t add_escape(struct buf *buf, struct str s, size_t at)
{
        static const char from[] = "nrt\"'\\", to[] = "\n\r\t\"'\\";
        char c = at < s.n ? s.p[at] : '\0';
        const char *simple = c != '\0' ? strchr(from, c) : NULL;
        if (simple != NULL) {
                buf_char(buf, to[simple - from]);
                return 1;
        }
        uint32_t code;
        size_t taken = c == 'u' || c == 'U' ? unicode_escape(s, at, &code) : 0;
        if (taken == 0) {
                buf_char(buf, '\\');
                return 0;
        }
        if (!is_scalar(code))
                return SIZE_MAX;
        char utf8[4];
        buf_add(buf, utf8, str_encode_utf8(code, utf8));
        return taken;
}

bool scan_string(struct arena *arena, struct str quoted, struct str *ret)
{
        assert(quoted.n >= 2);
        struct str s = str_slice(quoted, 1, quoted.n - 1);
        if (s.n == 0 || memchr(s.p, '\\', s.n) == NULL) {
                *ret = s;
                return true;
        }
        struct buf buf = BUF(arena);
        for (size_t at = 0; at < s.n;) {
                if (s.p[at] != '\\') {
                        buf_char(&buf, s.p[at++]);
                        continue;
                }
                size_t taken = add_escape(&buf, s, at + 1);
                if (taken == SIZE_MAX)
                        return false;
                at += 1 + taken;
        }
        *ret = buf_str(&buf);
        return true;
}
