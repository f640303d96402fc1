#include "cli/probe.h"

#include <assert.h>

#include "clock/deadline.h"
#include "rules/feel.h"

static struct str bad(struct arena *arena, const struct err *err)
{
        const char *reason = err->detail[0] != '\0' ? err->detail : err_text(err->code)->sentence;
        return str_format(arena, "bad\t%s", reason);
}

static bool lookup(void *user, struct str name, struct value *ret)
{
        const struct value *found = value_get(user, name);
        if (found != NULL)
                *ret = *found;
        return found != NULL;
}

struct str feel_probe(struct arena *arena, struct str line)
{
        struct err err = { 0 };
        struct str text = str_split(&line, '\t');
        struct value context = value_context(NULL, 0), value;
        const struct feel_expression *expression;
        if (line.n > 0 && !value_parse_json(arena, line, &context, &err))
                return bad(arena, &err);
        if (context.kind != VALUE_CONTEXT)
                return STR_LIT("bad\t第二格应当是 JSON 对象");
        struct feel_env env = { .user = &context, .lookup = lookup };
        if (!feel_compile(arena, text, NULL, NULL, &expression, &err) ||
                        !feel_eval(arena, expression, &env, &value, &err))
                return bad(arena, &err);
        struct buf buf = BUF(arena);
        value_write_json(&buf, &value);
        return buf_str(&buf);
}

/* "政府信息公开条例 第三十三条" -> the law, the article. */
static void split_basis(struct str basis, struct str *law, struct str *article)
{
        size_t at = str_find(basis, STR_LIT(" 第"));
        if (at == SIZE_MAX) {
                *law = basis;
                *article = STR_LIT("");
                return;
        }
        *law = str_slice(basis, 0, at);
        *article = str_slice(basis, at + 1, basis.n);
}

static void write_clock(struct buf *buf, const struct version *version,
                const struct clock_definition *clock)
{
        struct str law, article;
        split_basis(clock->basis, &law, &article);
        buf_format(buf, "%.*s\t%.*s\t%.*s\t", STR_FMT(version->procedure->name),
                        STR_FMT(version->name), STR_FMT(clock->name));
        if (clock->length != NULL || clock->fixed != NULL)
                buf_c(buf, "-");
        else
                buf_int(buf, clock->rule.length);
        buf_format(buf, "\t%s\t%.*s\t%.*s\n", deadline_unit_name(clock->rule.unit), STR_FMT(law),
                        STR_FMT(article));
}

struct str citations_probe(struct arena *arena, const struct catalogue *catalogue)
{
        struct buf buf = BUF(arena);
        for (size_t i = 0; i < catalogue->n_procedures; i++) {
                const struct procedure *p = catalogue->procedures[i];
                for (size_t v = 0; v < p->n_versions; v++)
                        for (size_t c = 0; c < p->versions[v]->n_clocks; c++)
                                write_clock(&buf, p->versions[v], &p->versions[v]->clocks[c]);
        }
        return buf_str(&buf);
}
