#include "draw/seed.h"

#include "base/limits.h"
#include "draw/ticket.h"

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

bool seed_fits(struct str shape, struct str value)
{
        if (shape.n != value.n || shape.n == 0)
                return false;
        for (size_t i = 0; i < shape.n; i++) {
                char s = shape.p[i], v = value.p[i];
                bool fits = s == '9'   ? is_digit(v)
                            : s == 'h' ? is_digit(v) || (v >= 'a' && v <= 'f')
                                       : s == v;
                if (!fits)
                        return false;
        }
        return true;
}

/* One line of visible text: what is announced has one way of being written. */
static bool check_line(struct str text, const char *what, struct err *err)
{
        if (text.n == 0 || text.n > POOL_TEXT_MAX || !str_is_utf8(text))
                return err_field(err, E_DRAW_SEED, str_of(what), "应为1至%d字节的文字",
                                POOL_TEXT_MAX);
        for (size_t i = 0; i < text.n; i++)
                if ((unsigned char)text.p[i] < 0x20 || text.p[i] == 0x7F)
                        return err_field(err, E_DRAW_SEED, str_of(what), "含有控制字符");
        return true;
}

/* A shape without a digit to fill in would announce nothing random. */
static bool check_source(const struct seed_source *source, struct err *err)
{
        if (!check_line(source->source, "来源", err) || !check_line(source->issue, "期号", err) ||
                        !check_line(source->shape, "格式", err))
                return false;
        for (size_t i = 0; i < source->shape.n; i++)
                if (source->shape.p[i] == '9' || source->shape.p[i] == 'h')
                        return true;
        return err_field(err, E_DRAW_SEED, source->source, "格式「%.*s」中没有待填的数字",
                        STR_FMT(source->shape));
}

bool seed_check_sources(const struct seed_source *sources, size_t n_sources, struct err *err)
{
        if (n_sources < 1 || n_sources > SEED_SOURCES_MAX)
                return err_set(err, E_DRAW_SEED, "公开随机数来源应为1至%d个", SEED_SOURCES_MAX);
        for (size_t i = 0; i < n_sources; i++)
                if (!check_source(&sources[i], err))
                        return false;
        return true;
}

bool seed_text(struct arena *arena, const struct seed_terms *terms, struct str *ret,
                struct err *err)
{
        if (!seed_check_sources(terms->sources, terms->n_sources, err) ||
                        !check_line(terms->batch, "批次号", err))
                return false;

        struct buf buf = BUF(arena);
        buf_format(&buf, "plumbline-seed 1\nbatch\t%.*s\npool\t", STR_FMT(terms->batch));
        buf_str_add(&buf, hex_format(arena, terms->pool.bytes, sizeof(terms->pool.bytes)));
        buf_c(&buf, "\nannouncement\t");
        buf_str_add(&buf, hex_format(arena, terms->announcement, sizeof(terms->announcement)));
        buf_char(&buf, '\n');
        for (size_t i = 0; i < terms->n_sources; i++) {
                const struct seed_source *source = &terms->sources[i];
                if (!seed_fits(source->shape, terms->values[i]))
                        return err_field(err, E_DRAW_SEED, source->source,
                                        "第%.*s期公布的数值应写成「%.*s」的样子",
                                        STR_FMT(source->issue), STR_FMT(source->shape));
                buf_format(&buf, "value\t%.*s\t%.*s\t%.*s\n", STR_FMT(source->source),
                                STR_FMT(source->issue), STR_FMT(terms->values[i]));
        }
        *ret = buf_str(&buf);
        return true;
}

bool seed_compute(struct arena *arena, const struct seed_terms *terms, struct seed *ret,
                struct err *err)
{
        struct str text;
        if (!seed_text(arena, terms, &text, err))
                return false;
        _cleanup_(hasher_close) struct hasher *hasher = hasher_open();
        hasher_bytes(hasher, text, ret->bytes);
        return true;
}
