#include "ledger/fields.h"

#include "base/limits.h"

bool fields_is_plain(struct str s)
{
        unsigned escaped = 0, high = 0; /* no early way out: most texts are plain */
        for (size_t i = 0; i < s.n; i++) {
                unsigned char c = (unsigned char)s.p[i];
                escaped |= (c < 0x20) | (c == '"') | (c == '\\') | (c == 0x7F);
                high |= c;
        }
        return escaped == 0 && (high < 0x80 || str_is_utf8(s));
}

static enum fields_step bad(const struct fields *fields, const char *what, struct err *err)
{
        err_set(err, E_EVENT_DISCLOSED, "第 %zu 字节：%s", fields->at + 1, what);
        return FIELDS_BAD;
}

static bool take(struct fields *fields, char c)
{
        if (fields->at == fields->text.n || fields->text.p[fields->at] != c)
                return false;
        fields->at++;
        return true;
}

/* Moves behind the quote that ends the string begun before `at`; false if none does. */
static bool skip_string(struct str text, size_t *at)
{
        size_t from = *at;
        for (;;) {
                const char *quote = memchr(text.p + *at, '"', text.n - *at);
                if (quote == NULL)
                        return false;
                size_t end = (size_t)(quote - text.p), slashes = 0;
                while (end - slashes > from && quote[-1 - (ptrdiff_t)slashes] == '\\')
                        slashes++;
                *at = end + 1;
                if (slashes % 2 == 0)
                        return true;
        }
}

/* Moves to the comma or brace that ends the value begun at `at`. */
static bool skip_value(struct str text, size_t *at)
{
        size_t depth = 0;
        while (*at < text.n) {
                char c = text.p[*at];
                if (depth == 0 && (c == ',' || c == '}'))
                        return true;
                ++*at;
                if (c == '{' || c == '[')
                        depth++;
                else if ((c == '}' || c == ']') && depth-- == 0)
                        return false;
                else if (c == '"' && !skip_string(text, at))
                        return false;
        }
        return false;
}

enum fields_step fields_next(
                struct fields *fields, struct str *name, struct str *value, struct err *err)
{
        struct str text = fields->text;
        bool first = fields->at == 0;
        if (first && !take(fields, '{'))
                return bad(fields, "应以 { 开头", err);
        if (take(fields, '}')) {
                if (fields->at != text.n)
                        return bad(fields, "后面还有多余的内容", err);
                return FIELDS_END;
        }
        if (!first && !take(fields, ','))
                return bad(fields, "应是逗号", err);
        if (!take(fields, '"'))
                return bad(fields, "应是字段名称", err);

        size_t from = fields->at;
        const char *quote = memchr(text.p + from, '"', text.n - from);
        if (quote == NULL)
                return bad(fields, "字段名称没有结束", err);
        *name = str_slice(text, from, (size_t)(quote - text.p));
        if (name->n == 0 || name->n > LIMIT_KEY_BYTES || !fields_is_plain(*name) ||
                        (!first && str_cmp(fields->last, *name) >= 0))
                return bad(fields, "字段名称不正确或次序不对", err);
        fields->last = *name;
        fields->at += name->n + 1;
        if (!take(fields, ':'))
                return bad(fields, "应是冒号", err);

        from = fields->at;
        if (!skip_value(text, &fields->at) || fields->at == from)
                return bad(fields, "字段内容没有结束", err);
        *value = str_slice(text, from, fields->at);
        return FIELDS_ONE;
}
