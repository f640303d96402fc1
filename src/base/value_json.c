/* Reading JSON. Our own reader because figures are exact decimals: the packaged
 * libraries turn 0.1000000000000000055 into a double or keep duplicate names. */
#include <assert.h>

#include "base/limits.h"
#include "base/value.h"

struct reader {
        struct arena *arena;
        struct str text;
        size_t at;
        unsigned depth;
        struct err *err;
};

static bool fail(struct reader *r, const char *what)
{
        return err_set(r->err, E_JSON, "第 %zu 字节：%s", r->at + 1, what);
}

static void skip_blank(struct reader *r)
{
        while (r->at < r->text.n && memchr(" \t\r\n", r->text.p[r->at], 4) != NULL)
                r->at++;
}

static bool take(struct reader *r, char c)
{
        if (r->at == r->text.n || r->text.p[r->at] != c)
                return false;
        r->at++;
        return true;
}

static bool take_word(struct reader *r, const char *word)
{
        struct str rest = str_slice(r->text, r->at, r->text.n);
        if (!str_starts(rest, str_of(word)))
                return fail(r, "不认识的词");
        r->at += strlen(word);
        return true;
}

static bool read_hex4(struct reader *r, uint32_t *ret)
{
        if (r->text.n - r->at < 4)
                return fail(r, "\\u 后面要有四位十六进制数");
        uint32_t value = 0;
        for (int i = 0; i < 4; i++) {
                char c = r->text.p[r->at++];
                uint32_t digit;
                if (c >= '0' && c <= '9')
                        digit = (uint32_t)(c - '0');
                else if ((c | 32) >= 'a' && (c | 32) <= 'f')
                        digit = (uint32_t)((c | 32) - 'a' + 10);
                else
                        return fail(r, "\\u 后面要有四位十六进制数");
                value = value << 4 | digit;
        }
        *ret = value;
        return true;
}

static bool read_unicode_escape(struct reader *r, struct buf *buf)
{
        uint32_t c, low;
        if (!read_hex4(r, &c))
                return false;
        if (c >= 0xD800 && c <= 0xDBFF) {
                if (!take(r, '\\') || !take(r, 'u'))
                        return fail(r, "代理对不完整");
                if (!read_hex4(r, &low))
                        return false;
                if (low < 0xDC00 || low > 0xDFFF)
                        return fail(r, "代理对不完整");
                c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
        } else if (c == 0 || (c >= 0xDC00 && c <= 0xDFFF)) {
                return fail(r, "不允许的字符");
        }
        char utf8[4];
        buf_add(buf, utf8, str_encode_utf8(c, utf8));
        return true;
}

static bool read_escape(struct reader *r, struct buf *buf)
{
        static const char names[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
        if (r->at == r->text.n)
                return fail(r, "文字没有结束");
        char c = r->text.p[r->at++];
        if (c == 'u')
                return read_unicode_escape(r, buf);
        const char *name = c != '\0' ? strchr(names, c) : NULL;
        if (name == NULL)
                return fail(r, "不认识的转义");
        buf_char(buf, means[name - names]);
        return true;
}

static bool read_string(struct reader *r, struct str *ret)
{
        if (!take(r, '"'))
                return fail(r, "这里要有一个引号");
        struct buf buf = BUF(r->arena);
        size_t from = r->at;
        bool escaped = false;
        for (;;) {
                if (r->at == r->text.n)
                        return fail(r, "文字没有结束");
                unsigned char c = (unsigned char)r->text.p[r->at];
                if (c < 0x20)
                        return fail(r, "文字里有控制字符");
                if (c != '"' && c != '\\') {
                        r->at++;
                        continue;
                }
                struct str run = str_slice(r->text, from, r->at++);
                if (c == '"' && !escaped) {
                        *ret = run;
                        return true;
                }
                buf_str_add(&buf, run);
                if (c == '"') {
                        *ret = buf_str(&buf);
                        return true;
                }
                escaped = true;
                if (!read_escape(r, &buf))
                        return false;
                from = r->at;
        }
}

static bool is_digit_at(const struct reader *r, size_t at)
{
        return at < r->text.n && r->text.p[at] >= '0' && r->text.p[at] <= '9';
}

static bool skip_digits(struct reader *r)
{
        size_t from = r->at;
        while (is_digit_at(r, r->at))
                r->at++;
        return r->at > from;
}

static bool read_number(struct reader *r, struct value *ret)
{
        size_t from = r->at;
        bool ok = true, whole = true;
        take(r, '-');
        if (take(r, '0'))
                ok = !is_digit_at(r, r->at);
        else
                ok = skip_digits(r);
        if (ok && take(r, '.')) {
                whole = false;
                ok = skip_digits(r);
        }
        if (ok && (take(r, 'e') || take(r, 'E'))) {
                whole = false;
                if (!take(r, '+'))
                        take(r, '-');
                ok = skip_digits(r);
        }
        if (!ok)
                return fail(r, "数值格式不正确");
        struct str text = str_slice(r->text, from, r->at);
        int64_t n;
        if (whole && str_to_int(text, &n)) {
                *ret = value_int(n);
                return true;
        }
        struct decimal d;
        if (!decimal_parse(text, &d, r->err))
                return fail(r, "数值太长，最多 34 位");
        *ret = value_number(d);
        return true;
}

static bool read_value(struct reader *r, struct value *ret);

/* A list being read, in doubling pieces of the arena. */
struct pile {
        void *items;
        size_t n, capacity;
};

static void *pile_add(struct arena *arena, struct pile *pile, size_t size)
{
        if (pile->n == pile->capacity) {
                size_t capacity = pile->capacity != 0 ? 2 * pile->capacity : 8;
                void *items = arena_array(arena, capacity, size);
                if (pile->n != 0)
                        memcpy(items, pile->items, pile->n * size);
                pile->items = items;
                pile->capacity = capacity;
        }
        return (char *)pile->items + size * pile->n++;
}

static bool read_list(struct reader *r, struct value *ret)
{
        struct pile pile = { 0 };
        skip_blank(r);
        if (!take(r, ']')) {
                do {
                        if (pile.n == LIMIT_LIST_ITEMS)
                                return fail(r, "列表太长");
                        struct value *item = pile_add(r->arena, &pile, sizeof(struct value));
                        if (!read_value(r, item))
                                return false;
                } while (take(r, ','));
                if (!take(r, ']'))
                        return fail(r, "列表没有结束");
        }
        *ret = value_list(pile.items, pile.n);
        return true;
}

static bool read_context(struct reader *r, struct value *ret)
{
        struct pile pile = { 0 };
        skip_blank(r);
        if (!take(r, '}')) {
                do {
                        if (pile.n == LIMIT_LIST_ITEMS)
                                return fail(r, "成员太多");
                        struct member *member = pile_add(r->arena, &pile, sizeof(struct member));
                        skip_blank(r);
                        if (!read_string(r, &member->name))
                                return false;
                        skip_blank(r);
                        if (!take(r, ':'))
                                return fail(r, "名称后面要有冒号");
                        if (!read_value(r, &member->value))
                                return false;
                } while (take(r, ','));
                if (!take(r, '}'))
                        return fail(r, "对象没有结束");
        }
        if (!value_sort_members(pile.items, pile.n))
                return fail(r, "同一个名称出现两次");
        *ret = value_context(pile.items, pile.n);
        return true;
}

static bool read_nested(
                struct reader *r, struct value *ret, bool (*read)(struct reader *, struct value *))
{
        if (r->depth == LIMIT_NESTING)
                return fail(r, "嵌套太深");
        r->depth++;
        r->at++;
        bool ok = read(r, ret);
        r->depth--;
        return ok;
}

static bool read_value(struct reader *r, struct value *ret)
{
        bool ok;
        skip_blank(r);
        if (r->at == r->text.n)
                return fail(r, "内容没有结束");
        switch (r->text.p[r->at]) {
        case '{':
                ok = read_nested(r, ret, read_context);
                break;
        case '[':
                ok = read_nested(r, ret, read_list);
                break;
        case '"':
                ret->kind = VALUE_STRING;
                ok = read_string(r, &ret->string);
                break;
        case 't':
                *ret = value_bool(true);
                ok = take_word(r, "true");
                break;
        case 'f':
                *ret = value_bool(false);
                ok = take_word(r, "false");
                break;
        case 'n':
                *ret = value_null();
                ok = take_word(r, "null");
                break;
        default:
                ok = read_number(r, ret);
        }
        skip_blank(r);
        return ok;
}

bool value_parse_json(struct arena *arena, struct str text, struct value *ret, struct err *err)
{
        assert(arena && ret && err);
        if (!str_is_utf8(text))
                return err_set(err, E_UTF8, "JSON");
        struct reader reader = { .arena = arena, .text = text, .err = err };
        struct value value;
        if (!read_value(&reader, &value))
                return false;
        if (reader.at != text.n)
                return fail(&reader, "后面还有多余的内容");
        *ret = value;
        return true;
}
