#include "web/posted.h"

#include "base/limits.h"

static bool is_text(struct str s)
{
        for (size_t i = 0; i < s.n; i++) {
                unsigned char c = (unsigned char)s.p[i];
                if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F)
                        return false;
        }
        return str_is_utf8(s);
}

/* CR LF and a lone CR become LF. */
static struct str with_lf(struct arena *arena, struct str s)
{
        if (s.n == 0 || memchr(s.p, '\r', s.n) == NULL)
                return s;
        char *to = arena_alloc(arena, s.n);
        size_t n = 0;
        for (size_t i = 0; i < s.n; i++) {
                if (s.p[i] == '\r' && i + 1 < s.n && s.p[i + 1] == '\n')
                        continue;
                to[n++] = s.p[i] == '\r' ? '\n' : s.p[i];
        }
        return (struct str){ to, n };
}

static bool check(const struct posted_list *list, const struct posted_field *field, struct err *err)
{
        if (field->name.n == 0 || field->name.n > POSTED_NAME_BYTES || !is_text(field->name))
                return err_set(err, E_HTTP_FORM, "有一项的名称不正确");
        if (!field->is_file && !is_text(field->value))
                return err_field(err, E_HTTP_FORM, field->name, "有不能辨认的字符");
        if (list->n == LIMIT_FORM_FIELDS)
                return err_set(err, E_HTTP_LARGE, "最多 %u 项", LIMIT_FORM_FIELDS);
        if (field->is_file && list->n_files == LIMIT_FORM_FILES)
                return err_set(err, E_HTTP_LARGE, "一次最多 %u 个文件", LIMIT_FORM_FILES);
        return true;
}

bool posted_add(struct posted_list *list, const struct posted_field *field, struct err *err)
{
        if (!check(list, field, err))
                return false;
        list->fields = arena_push(list->arena, list->fields, list->n, sizeof(*list->fields));
        struct posted_field *kept = &list->fields[list->n++];
        *kept = *field;
        kept->name = with_lf(list->arena, field->name);
        if (!field->is_file)
                kept->value = with_lf(list->arena, field->value);
        list->n_files += field->is_file;
        return true;
}

struct str posted_text(const struct posted *posted, struct str name)
{
        for (size_t i = 0; i < posted->n; i++)
                if (!posted->fields[i].is_file && str_eq(posted->fields[i].name, name))
                        return posted->fields[i].value;
        return (struct str){ NULL, 0 };
}

const struct posted_field *posted_next(const struct posted *posted, struct str name, size_t *at)
{
        for (size_t i = *at; i < posted->n; i++)
                if (str_eq(posted->fields[i].name, name)) {
                        *at = i + 1;
                        return &posted->fields[i];
                }
        *at = posted->n;
        return NULL;
}
