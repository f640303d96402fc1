#include "web/address.h"

static int hex_of(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool refuse(struct err *err, const char *why)
{
        return err_set(err, E_HTTP_TARGET, "%s", why);
}

static bool is_text(struct str s)
{
        for (size_t i = 0; i < s.n; i++)
                if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7F)
                        return false;
        return str_is_utf8(s);
}

bool address_decode(struct arena *arena, struct str raw, bool is_query, struct str *ret)
{
        char *to = arena_alloc(arena, raw.n + 1);
        size_t n = 0;
        for (size_t i = 0; i < raw.n; i++) {
                char c = raw.p[i];
                if (is_query && c == '+')
                        c = ' ';
                if (c == '%') {
                        int high = i + 2 < raw.n ? hex_of(raw.p[i + 1]) : -1;
                        int low = i + 2 < raw.n ? hex_of(raw.p[i + 2]) : -1;
                        if (high < 0 || low < 0)
                                return false;
                        c = (char)(high * 16 + low);
                        i += 2;
                }
                to[n++] = c;
        }
        *ret = (struct str){ to, n };
        return true;
}

static bool decode(struct arena *arena, struct str raw, bool is_query, struct str *ret,
                struct err *err)
{
        if (!address_decode(arena, raw, is_query, ret))
                return refuse(err, "百分号编码不完整");
        return is_text(*ret) || refuse(err, "不是 UTF-8 文字");
}

static bool add_segment(
                struct arena *arena, struct str raw, struct address *address, struct err *err)
{
        struct str segment;
        if (address->n_segments == ADDRESS_SEGMENTS_MAX)
                return refuse(err, "层次过多");
        if (!decode(arena, raw, false, &segment, err))
                return false;
        if (segment.n == 0 || str_is(segment, ".") || str_is(segment, "..") ||
                        memchr(segment.p, '/', segment.n) != NULL)
                return refuse(err, "有空的或相对的一段");
        address->segments[address->n_segments++] = segment;
        return true;
}

static bool read_path(struct arena *arena, struct address *address, struct err *err)
{
        struct str rest = address->path;
        if (rest.n == 0 || rest.p[0] != '/')
                return refuse(err, "应当以 / 开头");
        rest = str_slice(rest, 1, rest.n);
        while (rest.n != 0)
                if (!add_segment(arena, str_split(&rest, '/'), address, err))
                        return false;
        return true;
}

static bool add_field(struct arena *arena, struct str raw, struct address *address, struct err *err)
{
        struct address_field field;
        struct str name = str_split(&raw, '=');
        if (!decode(arena, name, true, &field.name, err) ||
                        !decode(arena, raw, true, &field.value, err))
                return false;
        for (size_t i = 0; i < address->n_fields; i++)
                if (str_eq(address->fields[i].name, field.name))
                        return refuse(err, "同一个条件写了两次");
        if (address->n_fields == ADDRESS_FIELDS_MAX)
                return refuse(err, "条件过多");
        address->fields[address->n_fields++] = field;
        return true;
}

bool address_parse(struct arena *arena, struct str raw, struct address *ret, struct err *err)
{
        struct address address = { 0 };
        if (raw.n > ADDRESS_BYTES_MAX)
                return err_set(err, E_HTTP_TARGET_LONG, "最多 %u 字节", ADDRESS_BYTES_MAX);
        for (size_t i = 0; i < raw.n; i++)
                if (raw.p[i] <= 0x20 || raw.p[i] >= 0x7F || raw.p[i] == '#')
                        return refuse(err, "含有应当编码的字符");
        address.path = str_split(&raw, '?');
        if (!read_path(arena, &address, err))
                return false;
        while (raw.n != 0) {
                struct str field = str_split(&raw, '&');
                if (field.n != 0 && !add_field(arena, field, &address, err))
                        return false;
        }
        *ret = address;
        return true;
}

struct str address_field(const struct address *address, const char *name)
{
        for (size_t i = 0; i < address->n_fields; i++)
                if (str_is(address->fields[i].name, name))
                        return address->fields[i].value;
        return (struct str){ NULL, 0 };
}

void address_encode(struct buf *buf, struct str text)
{
        static const char digits[] = "0123456789ABCDEF";
        for (size_t i = 0; i < text.n; i++) {
                char c = text.p[i];
                if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                (c != '\0' && strchr("-._~", c) != NULL)) {
                        buf_char(buf, c);
                        continue;
                }
                buf_char(buf, '%');
                buf_char(buf, digits[(unsigned char)c >> 4]);
                buf_char(buf, digits[(unsigned char)c & 15]);
        }
}
