#include "projection/mask.h"

#define STAR "＊"

static const struct {
        const char *kind;
        size_t first, last; /* code points that stay */
} masks[] = {
        { "name", 1, 0 },      { "mobile", 3, 4 },    { "phone", 3, 2 },   { "resident_id", 6, 4 },
        { "passport", 2, 2 },  { "bank_card", 0, 4 }, { "address", 6, 0 }, { "credit_code", 4, 4 },
};

static struct str stars(struct arena *arena, struct str text, size_t first, size_t last)
{
        struct buf buf = BUF(arena);
        size_t n = str_n_code_points(text), i = 0;
        /* Too short to hide anything: all of it is hidden. */
        if (first + last >= n)
                first = n > 1 && last == 0 && first == 1 ? 1 : 0, last = 0;
        for (size_t at = 0; at < text.n; i++) {
                size_t from = at;
                (void)str_code_point(text, &at);
                if (i < first || i >= n - last)
                        buf_add(&buf, text.p + from, at - from);
                else
                        buf_c(&buf, STAR);
        }
        return buf_str(&buf);
}

static struct str mask_email(struct arena *arena, struct str text)
{
        size_t at = str_find(text, STR_LIT("@"));
        if (at == SIZE_MAX)
                return STR_LIT(STAR);
        return str_format(arena, STAR STAR STAR "%.*s", STR_FMT(str_slice(text, at, text.n)));
}

struct str mask_value(struct arena *arena, struct str kind, const struct value *value)
{
        if (value->kind != VALUE_STRING)
                return STR_LIT(STAR);
        if (str_is(kind, "email"))
                return mask_email(arena, value->string);
        for (size_t i = 0; i < N_ELEMENTS(masks); i++)
                if (str_is(kind, masks[i].kind))
                        return stars(arena, value->string, masks[i].first, masks[i].last);
        return STR_LIT(STAR);
}
