#include "projection/kinds.h"

struct str kind_format(struct arena *arena, const struct fact *fact)
{
        if (fact->version != NULL) { /* of every act: no format to be read */
                struct buf buf = BUF(arena);
                buf_str_add(&buf, fact->version->procedure->name);
                buf_char(&buf, '@');
                buf_str_add(&buf, fact->version->name);
                return buf_str(&buf);
        }
        if (fact->reg.n != 0 && fact->reg.p[0] == '$')
                return str_slice(fact->reg, 1, fact->reg.n);
        return str_format(arena, REGISTER_PREFIX "%.*s", STR_FMT(fact->reg));
}

static bool parse_kernel(struct str procedure, struct fact *fact)
{
        static const char *const kinds[] = { KIND_DEFINITION, KIND_CALENDAR, KIND_REPORT, KIND_SITE,
                KIND_ERASURE };
        for (size_t i = 0; i < N_ELEMENTS(kinds); i++) {
                if (!str_is(procedure, kinds[i] + 1))
                        continue;
                fact->reg = str_of(kinds[i]);
                return true;
        }
        return false;
}

bool kind_parse(struct arena *arena, const struct catalogue *catalogue, struct str procedure,
                struct fact *fact, struct err *err)
{
        struct str rest = procedure, prefix = STR_LIT(REGISTER_PREFIX);
        fact->version = NULL;
        fact->reg = (struct str){ NULL, 0 };
        if (parse_kernel(procedure, fact))
                return true;
        if (str_starts(procedure, prefix)) {
                fact->reg = str_copy(arena, str_slice(procedure, prefix.n, procedure.n));
                return true;
        }
        struct str name = str_split(&rest, '@');
        const struct procedure *p = catalogue_procedure(catalogue, name);
        if (p != NULL)
                fact->version = procedure_version(p, rest);
        if (fact->version == NULL)
                return err_field(err, E_FOLD_KIND, procedure, "没有这个程序或版本");
        return true;
}
