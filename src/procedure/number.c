#include "procedure/number.h"

#include "procedure/scope.h"

static struct str year_text(struct arena *arena, struct date day)
{
        struct buf buf = BUF(arena);
        buf_int(&buf, date_year(day));
        return buf_str(&buf);
}

static struct str date_compact(struct arena *arena, struct date day)
{
        int y, m, d;
        date_parts(day, &y, &m, &d);
        return str_format(arena, "%04d%02d%02d", y, m, d);
}

/* A parameter that is a text, as the site has settled it. */
static bool parameter_text(struct scope *scope, struct str name, struct str *ret)
{
        const struct version *v = scope->version;
        for (size_t i = 0; i < v->n_parameters; i++) {
                if (!str_eq(v->parameters[i].name, name))
                        continue;
                struct value settled = scope_parameter(scope, &v->parameters[i]);
                *ret = settled.kind == VALUE_STRING ? settled.string : STR_LIT("");
                return true;
        }
        return false;
}

/* ---- Fields ---- */

bool number_holds_field(const struct field *field)
{
        switch (field->type) {
        case FIELD_TEXT:
                return field->max_length <= NUMBER_FIELD_MAX;
        case FIELD_ENUM:
        case FIELD_INTEGER:
        case FIELD_DATE:
                return true;
        default:
                return false;
        }
}

/* Braces would be tokens, a slash would part an address, blanks would break a command line. */
static bool may_stand_in_number(struct str text)
{
        for (size_t i = 0; i < text.n; i++) {
                unsigned char c = (unsigned char)text.p[i];
                if (c <= ' ' || c == 0x7f || memchr("{}/\\<>\"'&%?#", c, 12) != NULL)
                        return false;
        }
        return true;
}

static bool field_text(struct scope *scope, size_t index, struct str *ret, struct err *err)
{
        const struct field *field = &scope->version->fields[index];
        const struct value *v = &scope->fields[index];
        if (v->kind == VALUE_NULL)
                return err_field(err, E_ACT_COMPUTED, field->label, "编号里要有“%.*s”，还没有填写",
                                STR_FMT(field->label));
        if (v->kind == VALUE_DATE)
                *ret = date_compact(scope->arena, v->date);
        else if (v->kind == VALUE_NUMBER)
                *ret = decimal_format(scope->arena, v->number);
        else
                *ret = v->string;
        if (!may_stand_in_number(*ret))
                return err_field(err, E_ACT_COMPUTED, field->label,
                                "“%.*s”要写进编号，不能含空格、斜线、花括号、尖括号、引号以及 & %% ? #",
                                STR_FMT(field->label));
        return true;
}

/* ---- Formats ---- */

bool number_is_counter(struct str token)
{
        return str_is(token, "n") || (token.n == 3 && token.p[0] == 'n' && token.p[1] == ':' &&
                                                     token.p[2] >= '1' && token.p[2] <= '9');
}

bool number_next_token(struct str *format, struct str *before, struct str *token)
{
        size_t open = str_find(*format, STR_LIT("{"));
        size_t close = open == SIZE_MAX ? SIZE_MAX
                                        : str_find(str_slice(*format, open, format->n),
                                                          STR_LIT("}"));
        if (close == SIZE_MAX) {
                *before = *format;
                *format = STR_LIT("");
                return false;
        }
        *before = str_slice(*format, 0, open);
        *token = str_slice(*format, open + 1, open + close);
        *format = str_slice(*format, open + close + 1, format->n);
        return true;
}

/* What the site, the day and the matter say; false: no such token. */
static bool fixed_text(struct scope *scope, struct str token, struct str number, struct str *ret)
{
        const struct site_facts *site = scope->world->site;
        struct date today = moment_date(scope->world->now);
        if (str_is(token, "prefix"))
                *ret = site->prefix;
        else if (str_is(token, "region"))
                *ret = site->region;
        else if (str_is(token, "organ"))
                *ret = site->organ;
        else if (str_is(token, "number"))
                *ret = number;
        else if (str_is(token, "year"))
                *ret = year_text(scope->arena, today);
        else if (str_is(token, "date"))
                *ret = date_compact(scope->arena, today);
        else
                return false;
        return true;
}

/* One token's text; {n} stays as it is, for the series. */
static bool token_text(struct scope *scope, struct str token, struct str number, struct str *ret,
                struct err *err)
{
        if (parameter_text(scope, token, ret) || fixed_text(scope, token, number, ret))
                return true;
        int field = number_is_counter(token) ? -1 : version_field(scope->version, token);
        if (field >= 0)
                return field_text(scope, (size_t)field, ret, err);
        *ret = str_format(scope->arena, "{%.*s}", STR_FMT(token));
        return true;
}

static bool fill(struct scope *scope, struct str format, struct str number, struct str *ret,
                struct err *err)
{
        struct buf buf = BUF(scope->arena);
        struct str before, token, text;
        while (number_next_token(&format, &before, &token)) {
                if (!token_text(scope, token, number, &text, err))
                        return false;
                buf_str_add(&buf, before);
                buf_str_add(&buf, text);
        }
        buf_str_add(&buf, before);
        *ret = buf_str(&buf);
        return true;
}

/* A series with the place of its number: "{n}", or "{n:4}" for at least four digits. */
struct form {
        struct str before, behind;
        int64_t width;
};

static bool form_of(struct str series, struct form *ret, struct err *err)
{
        size_t at = str_find(series, STR_LIT("{n"));
        int64_t width = 0;
        struct str rest = at != SIZE_MAX ? str_slice(series, at, series.n) : STR_LIT("");
        size_t end = str_find(rest, STR_LIT("}"));
        if (end == SIZE_MAX || (end > 3 && !str_to_int(str_slice(rest, 3, end), &width)) ||
                        width < 0 || width > 12)
                return err_set(err, E_ACT_COMPUTED, "编号格式不正确：%.*s", STR_FMT(series));
        *ret = (struct form){ str_slice(series, 0, at), str_slice(rest, end + 1, rest.n), width };
        return true;
}

static struct str filled(struct arena *arena, const struct form *form, int64_t n)
{
        struct buf digits = BUF(arena), buf = BUF(arena);
        buf_int(&digits, n);
        buf_str_add(&buf, form->before);
        for (int64_t width = (int64_t)digits.n; width < form->width; width++)
                buf_char(&buf, '0');
        buf_str_add(&buf, buf_str(&digits));
        buf_str_add(&buf, form->behind);
        return buf_str(&buf);
}

bool number_of_series(
                struct arena *arena, struct str series, int64_t n, struct str *ret, struct err *err)
{
        struct form form;
        if (!form_of(series, &form, err))
                return false;
        *ret = filled(arena, &form, n);
        return true;
}

bool number_allocate(struct scope *scope, struct str format, struct str number, struct str *ret,
                struct err *err)
{
        struct str series;
        if (!fill(scope, format, number, &series, err))
                return false;
        if (str_find(series, STR_LIT("{n")) == SIZE_MAX) {
                *ret = series;
                return true;
        }
        /* Its form first: a number that is taken is gone. */
        const struct lookups *lookups = scope->world->lookups;
        struct form form;
        int64_t n;
        if (!form_of(series, &form, err) || !lookups->next_number(lookups->user, series, &n, err))
                return false;
        *ret = filled(scope->arena, &form, n);
        return true;
}
