#include "cli/probe.h"

#include "clock/deadline.h"
#include "rules/feel.h"

/* "政府信息公开条例 第三十三条" -> the law, the article; the first blank parts them. */
static void split_basis(struct str basis, struct str *law, struct str *article)
{
        size_t at = str_find(basis, STR_LIT(" "));
        if (at == SIZE_MAX) {
                *law = basis;
                *article = STR_LIT("");
                return;
        }
        *law = str_slice(basis, 0, at);
        *article = str_slice(basis, at + 1, basis.n);
}

/* A number; of a length that is a parameter, the definition's own value; else "-". */
static void write_length(struct buf *buf, const struct version *version,
                const struct clock_definition *clock)
{
        if (clock->length == NULL && clock->fixed == NULL) {
                buf_int(buf, clock->rule.length);
                return;
        }
        for (size_t i = 0; clock->length != NULL && i < version->n_parameters; i++) {
                if (!str_eq(version->parameters[i].name, str_trim(feel_text(clock->length))))
                        continue;
                buf_str_add(buf, value_text(buf->arena, &version->parameters[i].value));
                return;
        }
        buf_c(buf, "-");
}

static void write_clock(struct buf *buf, const struct version *version,
                const struct clock_definition *clock)
{
        struct str law, article;
        split_basis(clock->basis, &law, &article);
        buf_format(buf, "%.*s\t%.*s\t%.*s\t", STR_FMT(version->procedure->name),
                        STR_FMT(version->name), STR_FMT(clock->name));
        write_length(buf, version, clock);
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
