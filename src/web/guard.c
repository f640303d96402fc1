#include "web/guard.h"

static char lower_of(char c)
{
        return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

bool guard_is_name(struct str name, const char *lower)
{
        size_t n = strlen(lower);
        if (name.n != n)
                return false;
        for (size_t i = 0; i < n; i++)
                if (lower_of(name.p[i]) != lower[i])
                        return false;
        return true;
}

static bool is_token(struct str s)
{
        for (size_t i = 0; i < s.n; i++) {
                char c = lower_of(s.p[i]);
                if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
                                (c == '\0' || strchr("!#$%&'*+-.^_`|~", c) == NULL))
                        return false;
        }
        return s.n != 0;
}

static bool is_value(struct str s)
{
        for (size_t i = 0; i < s.n; i++) {
                unsigned char c = (unsigned char)s.p[i];
                if ((c < 0x20 && c != '\t') || c == 0x7F)
                        return false;
        }
        return true;
}

static bool is_length(struct str s)
{
        for (size_t i = 0; i < s.n; i++)
                if (s.p[i] < '0' || s.p[i] > '9')
                        return false;
        return s.n != 0 && s.n <= 19;
}

/* uri-host and port as RFC 3986 writes them; nothing that ends an address. */
static bool is_host(struct str s)
{
        for (size_t i = 0; i < s.n; i++) {
                char c = lower_of(s.p[i]);
                if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
                                (c == '\0' || strchr("-._~:[]%", c) == NULL))
                        return false;
        }
        return s.n != 0 && s.n <= 255;
}

struct counts {
        size_t hosts, lengths, codings;
        uint64_t length;
};

/* Of nineteen digits at most: it fits. */
static uint64_t length_of(struct str s)
{
        uint64_t length = 0;
        for (size_t i = 0; i < s.n; i++)
                length = length * 10 + (uint64_t)(s.p[i] - '0');
        return length;
}

static bool check_field(const struct guard_field *field, struct counts *counts, struct err *err)
{
        if (field->broken)
                return err_set(err, E_HTTP_MESSAGE, "请求头的一行不完整");
        if (!is_token(field->name))
                return err_set(err, E_HTTP_MESSAGE, "请求头的名称");
        if (!is_value(field->value))
                return err_set(err, E_HTTP_MESSAGE, "请求头中的控制字符");
        if (guard_is_name(field->name, "host")) {
                counts->hosts++;
                return is_host(field->value) || err_set(err, E_HTTP_MESSAGE, "Host");
        }
        if (guard_is_name(field->name, "content-length")) {
                counts->lengths++;
                if (!is_length(field->value))
                        return err_set(err, E_HTTP_MESSAGE, "Content-Length");
                counts->length = length_of(field->value);
                return true;
        }
        if (guard_is_name(field->name, "transfer-encoding")) {
                counts->codings++;
                return guard_is_name(field->value, "chunked") ||
                       err_set(err, E_HTTP_MESSAGE, "Transfer-Encoding");
        }
        return true;
}

static bool check_fields(
                const struct guard_request *request, struct counts *counts, struct err *err)
{
        for (size_t i = 0; i < request->n_fields; i++)
                if (!check_field(&request->fields[i], counts, err))
                        return false;
        if (counts->hosts > 1 || (counts->hosts == 0 && !str_is(request->version, "HTTP/1.0")))
                return err_set(err, E_HTTP_MESSAGE, "应当有一个 Host");
        if (counts->lengths + counts->codings > 1)
                return err_set(err, E_HTTP_MESSAGE, "请求内容的长度写了不止一次");
        return true;
}

static bool method_of(struct str name, enum http_method *ret)
{
        static const char *const names[] = { "GET", "HEAD", "POST" };
        for (size_t i = 0; i < N_ELEMENTS(names); i++)
                if (str_is(name, names[i])) {
                        *ret = (enum http_method)i;
                        return true;
                }
        return false;
}

bool guard_check(const struct guard_request *request, struct guard_verdict *ret, struct err *err)
{
        struct counts counts = { 0 };
        enum http_method method;
        if (request->broken || !is_token(request->method))
                return err_set(err, E_HTTP_MESSAGE, "请求的第一行");
        if (!str_is(request->version, "HTTP/1.1") && !str_is(request->version, "HTTP/1.0"))
                return err_set(err, E_HTTP_MESSAGE, "HTTP 版本");
        if (request->n_fields > GUARD_FIELDS_MAX)
                return err_set(err, E_HTTP_MESSAGE, "请求头超过 %u 行", GUARD_FIELDS_MAX);
        if (!check_fields(request, &counts, err))
                return false;
        if (!method_of(request->method, &method))
                return err_set(err, E_HTTP_METHOD, "%.*s", STR_FMT(str_cut(request->method, 16)));
        if (method != HTTP_POST && (counts.length != 0 || counts.codings != 0))
                return err_set(err, E_HTTP_MESSAGE, "GET 和 HEAD 不带内容");
        if (method == HTTP_POST && counts.lengths == 0)
                return err_set(err, E_HTTP_LENGTH, "%s", "");
        *ret = (struct guard_verdict){ method, counts.length };
        return true;
}
