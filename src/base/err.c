#include "base/err.h"

#include <assert.h>
#include <stdio.h>

/* Cuts at a character's border: a sentence never ends in half a character. */
static void copy_bounded(char *to, size_t size, const char *from, size_t n)
{
        if (n >= size) {
                n = size - 1;
                while (n > 0 && ((unsigned char)from[n] & 0xC0) == 0x80)
                        n--;
        }
        if (n != 0)
                memcpy(to, from, n);
        to[n] = '\0';
}

static void set(struct err *err, enum err_code code, const char *format, va_list args)
{
        assert(err != NULL && code < N_ERR_CODES);
        char whole[2 * sizeof(err->detail)];
        *err = (struct err){ .code = code };
        int n = vsnprintf(whole, sizeof(whole), format, args);
        assert(n >= 0);
        copy_bounded(err->detail, sizeof(err->detail), whole, strlen(whole));
}

bool(err_set)(struct err *err, enum err_code code, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        set(err, code, format, args);
        va_end(args);
        return false;
}

bool(err_field)(struct err *err, enum err_code code, struct str field, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        set(err, code, format, args);
        va_end(args);
        copy_bounded(err->field, sizeof(err->field), field.p, field.n);
        return false;
}

bool(err_cite)(struct err *err, struct str basis)
{
        copy_bounded(err->basis, sizeof(err->basis), basis.p, basis.n);
        return false;
}

const struct err_text *err_text(enum err_code code)
{
        assert(code < N_ERR_CODES);
        return &err_texts[code];
}

const char *err_kind_name(enum err_kind kind)
{
        static const char *const names[] = { "invalid", "denied", "missing", "conflict", "busy",
                "broken" };
        return names[kind];
}

int err_exit_code(enum err_kind kind)
{
        static const int codes[] = { 2, 3, 4, 5, 6, 1 };
        return codes[kind];
}

int err_http_status(enum err_kind kind)
{
        static const int codes[] = { 422, 403, 404, 409, 503, 500 };
        return codes[kind];
}

const char *err_basis(const struct err *err)
{
        return err->basis[0] != '\0' ? err->basis : err_text(err->code)->basis;
}

struct str err_sentence(struct arena *arena, const struct err *err)
{
        const struct err_text *text = err_text(err->code);
        struct buf buf = BUF(arena);
        buf_c(&buf, text->sentence);
        if (err->field[0] != '\0')
                buf_format(&buf, "「%s」", err->field);
        if (err->detail[0] != '\0')
                buf_format(&buf, "：%s", err->detail);
        if (text->hint[0] != '\0')
                buf_format(&buf, "。%s", text->hint);
        const char *basis = err_basis(err);
        if (basis[0] != '\0')
                buf_format(&buf, "（%s）", basis);
        return buf_str(&buf);
}
