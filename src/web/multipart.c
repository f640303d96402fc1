/* web/multipart.c - multipart/form-data: parts between boundaries, each with its own head. */
#include "base/limits.h"
#include "web/guard.h"
#include "web/posted.h"

#define BOUNDARY_MAX   70u /* RFC 2046 section 5.1.1 */
#define PART_LINES_MAX 8u
#define PART_LINE_MAX  1024u

static bool refuse(struct err *err, const char *why)
{
        return err_set(err, E_HTTP_FORM, "%s", why);
}

/* ---- Parameters: ; name=value or ; name="value" ---- */

/* Takes one parameter off *rest; false at the end, *ret_bad where it is no parameter. */
static bool next_parameter(
                struct str *rest, struct str *ret_name, struct str *ret_value, bool *ret_bad)
{
        *rest = str_trim(*rest);
        if (rest->n == 0)
                return false;
        size_t equals = str_find(*rest, STR_LIT("="));
        *ret_bad = rest->p[0] != ';' || equals == SIZE_MAX;
        if (*ret_bad)
                return false;
        *ret_name = str_trim(str_slice(*rest, 1, equals));
        struct str value = str_slice(*rest, equals + 1, rest->n);
        size_t end;
        if (value.n != 0 && value.p[0] == '"') {
                value = str_slice(value, 1, value.n);
                end = str_find(value, STR_LIT("\""));
                *ret_bad = end == SIZE_MAX;
                if (*ret_bad)
                        return false;
                *rest = str_slice(value, end + 1, value.n);
        } else {
                end = str_find(value, STR_LIT(";"));
                end = end == SIZE_MAX ? value.n : end;
                *rest = str_slice(value, end, value.n);
        }
        *ret_value = str_slice(value, 0, end);
        return true;
}

static bool boundary_of(struct arena *arena, struct str type, struct str *ret, struct err *err)
{
        struct str rest = type, name, value, boundary = { NULL, 0 };
        size_t n = 0;
        bool bad = false;
        size_t end = str_find(rest, STR_LIT(";"));
        rest = str_slice(rest, end == SIZE_MAX ? rest.n : end, rest.n);
        while (next_parameter(&rest, &name, &value, &bad))
                if (guard_is_name(name, "boundary")) {
                        boundary = str_trim(value);
                        n++;
                }
        if (bad || n != 1 || boundary.n == 0 || boundary.n > BOUNDARY_MAX)
                return refuse(err, "没有写明分隔");
        *ret = str_format(arena, "\r\n--%.*s", STR_FMT(boundary));
        return true;
}

/* ---- The head of a part ---- */

/* Browsers write a quote as %22 and line ends as %0D %0A within a name (HTML Standard,
 * multipart/form-data encoding algorithm). */
static struct str unescaped(struct arena *arena, struct str s)
{
        static const struct {
                const char *from;
                char to;
        } rows[] = { { "%22", '"' }, { "%0D", '\r' }, { "%0A", '\n' } };
        char *to = arena_alloc(arena, s.n);
        size_t n = 0;
        for (size_t i = 0; i < s.n; i++) {
                to[n] = s.p[i];
                for (size_t k = 0; k < N_ELEMENTS(rows); k++)
                        if (str_starts(str_slice(s, i, s.n), str_of(rows[k].from))) {
                                to[n] = rows[k].to;
                                i += 2;
                                break;
                        }
                n++;
        }
        return (struct str){ to, n };
}

/* Only the last part of a path, of either kind. */
static struct str without_folders(struct str s)
{
        for (size_t i = s.n; i > 0; i--)
                if (s.p[i - 1] == '/' || s.p[i - 1] == '\\')
                        return str_slice(s, i, s.n);
        return s;
}

static bool read_disposition(
                struct arena *arena, struct str value, struct posted_field *field, struct err *err)
{
        struct str rest = value, name, text;
        bool bad = false, named = false;
        size_t end = str_find(rest, STR_LIT(";"));
        if (end == SIZE_MAX || !guard_is_name(str_trim(str_slice(rest, 0, end)), "form-data"))
                return refuse(err, "有一部分不是表单的内容");
        rest = str_slice(rest, end, rest.n);
        while (next_parameter(&rest, &name, &text, &bad)) {
                if (guard_is_name(name, "name") && !named) {
                        field->name = unescaped(arena, text);
                        named = true;
                } else if (guard_is_name(name, "filename") && !field->is_file) {
                        field->file_name = without_folders(unescaped(arena, text));
                        field->is_file = true;
                } else {
                        return refuse(err, "有一部分的名称写了两次");
                }
        }
        if (bad || !named)
                return refuse(err, "有一部分没有名称");
        return str_is_utf8(field->file_name) || refuse(err, "文件名不是 UTF-8 文字");
}

static bool read_line(struct arena *arena, struct str line, bool *disposed,
                struct posted_field *field, struct err *err)
{
        struct str value = line;
        struct str name = str_split(&value, ':');
        if (name.n == line.n || line.n > PART_LINE_MAX)
                return refuse(err, "有一部分的开头不完整");
        value = str_trim(value);
        if (guard_is_name(name, "content-type")) {
                field->type = value;
        } else if (guard_is_name(name, "content-disposition")) {
                if (*disposed)
                        return refuse(err, "有一部分的名称写了两次");
                *disposed = true;
                return read_disposition(arena, value, field, err);
        } else if (guard_is_name(name, "content-transfer-encoding")) {
                return refuse(err, "不接受另外编码的部分"); /* RFC 7578 section 4.7 */
        }
        return true;
}

/* Reads the lines up to the empty one; *rest moves behind it. */
static bool read_head(
                struct arena *arena, struct str *rest, struct posted_field *field, struct err *err)
{
        bool disposed = false;
        for (size_t n = 0; n <= PART_LINES_MAX; n++) {
                size_t end = str_find(*rest, STR_LIT("\r\n"));
                if (end == SIZE_MAX)
                        break;
                struct str line = str_slice(*rest, 0, end);
                *rest = str_slice(*rest, end + 2, rest->n);
                if (line.n == 0)
                        return disposed || refuse(err, "有一部分没有名称");
                if (!read_line(arena, line, &disposed, field, err))
                        return false;
        }
        return refuse(err, "有一部分的开头不完整");
}

/* ---- Parts ---- */

/* memmem() is not among str.h's: files are large. */
static size_t find_boundary(struct str rest, struct str boundary)
{
        const char *at = memmem(rest.p, rest.n, boundary.p, boundary.n);
        return at == NULL ? SIZE_MAX : (size_t)(at - rest.p);
}

/* What stands behind a boundary: "--" at the end, else CR LF and a part. */
static bool is_end(struct str *rest, bool *ret_end, struct err *err)
{
        *ret_end = str_starts(*rest, STR_LIT("--"));
        if (!*ret_end && !str_starts(*rest, STR_LIT("\r\n")))
                return refuse(err, "分隔不完整");
        *rest = str_slice(*rest, 2, rest->n);
        if (*ret_end && rest->n != 0 && !str_is(*rest, "\r\n"))
                return refuse(err, "末尾还有内容");
        return true;
}

bool posted_parse_multipart(struct arena *arena, struct str type, struct str body,
                struct posted *ret, struct err *err)
{
        struct posted_list list = { .arena = arena };
        struct str boundary, rest = body;
        bool end;
        if (!boundary_of(arena, type, &boundary, err))
                return false;
        struct str first = str_slice(boundary, 2, boundary.n); /* without the line end */
        if (!str_starts(body, first))
                return refuse(err, "没有以分隔开头");
        rest = str_slice(rest, first.n, rest.n);
        for (;;) {
                struct posted_field field = { 0 };
                if (!is_end(&rest, &end, err))
                        return false;
                if (end)
                        break;
                if (!read_head(arena, &rest, &field, err))
                        return false;
                size_t length = find_boundary(rest, boundary);
                if (length == SIZE_MAX)
                        return refuse(err, "内容没有传完");
                field.value = str_slice(rest, 0, length);
                rest = str_slice(rest, length + boundary.n, rest.n);
                if (!posted_add(&list, &field, err))
                        return false;
        }
        *ret = (struct posted){ list.fields, list.n };
        return true;
}
