#include "procedure/number.h"

#include "procedure/scope.h"

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

/* One token's text; {n} stays as it is, for the series. */
static struct str token_text(struct scope *scope, struct str token, struct str number)
{
        struct arena *arena = scope->arena;
        const struct circumstances *world = scope->world;
        struct str text;
        if (parameter_text(scope, token, &text))
                return text;
        struct date today = moment_date(world->now);
        if (str_is(token, "prefix"))
                return world->site->prefix;
        if (str_is(token, "region"))
                return world->site->region;
        if (str_is(token, "organ"))
                return world->site->organ;
        if (str_is(token, "number"))
                return number;
        if (str_is(token, "year"))
                return str_format(arena, "%d", date_year(today));
        if (str_is(token, "date"))
                return date_compact(arena, today);
        return str_format(arena, "{%.*s}", STR_FMT(token));
}

static struct str fill(struct scope *scope, struct str format, struct str number)
{
        struct buf buf = BUF(scope->arena);
        while (format.n > 0) {
                size_t open = str_find(format, STR_LIT("{"));
                size_t close = open == SIZE_MAX ? SIZE_MAX
                                                : str_find(str_slice(format, open, format.n),
                                                                  STR_LIT("}"));
                if (close == SIZE_MAX) {
                        buf_str_add(&buf, format);
                        break;
                }
                buf_str_add(&buf, str_slice(format, 0, open));
                buf_str_add(&buf, token_text(scope, str_slice(format, open + 1, open + close),
                                                  number));
                format = str_slice(format, open + close + 1, format.n);
        }
        return buf_str(&buf);
}

bool number_of_series(
                struct arena *arena, struct str series, int64_t n, struct str *ret, struct err *err)
{
        size_t at = str_find(series, STR_LIT("{n"));
        int64_t width = 0;
        struct str rest = at != SIZE_MAX ? str_slice(series, at, series.n) : STR_LIT("");
        size_t end = str_find(rest, STR_LIT("}"));
        if (end == SIZE_MAX || (end > 3 && !str_to_int(str_slice(rest, 3, end), &width)) ||
                        width < 0 || width > 12)
                return err_set(err, E_ACT_COMPUTED, "编号格式不正确：%.*s", STR_FMT(series));
        *ret = str_format(arena, "%.*s%0*lld%.*s", STR_FMT(str_slice(series, 0, at)), (int)width,
                        (long long)n, STR_FMT(str_slice(rest, end + 1, rest.n)));
        return true;
}

bool number_allocate(struct scope *scope, struct str format, struct str number, struct str *ret,
                struct err *err)
{
        struct str series = fill(scope, format, number), ignored;
        if (str_find(series, STR_LIT("{n")) == SIZE_MAX) {
                *ret = series;
                return true;
        }
        /* Its form first: a number that is taken is gone. */
        const struct lookups *lookups = scope->world->lookups;
        int64_t n;
        return number_of_series(scope->arena, series, 1, &ignored, err) &&
               lookups->next_number(lookups->user, series, &n, err) &&
               number_of_series(scope->arena, series, n, ret, err);
}
