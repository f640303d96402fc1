/* procedure/lint_number.c - do the numbers of a version show what must stay hidden, and can two be
 * the same?
 *
 * Whoever sees a matter or a paper sees its number. A number without a counter stays the only
 * one while its paper is issued once in a matter. */
#include "procedure/lint.h"
#include "procedure/number.h"

static bool may_show(const struct lint *l, const struct field *field)
{
        if (l->procedure->visible == VISIBLE_NEVER)
                return field->class != CLASS_PERSONAL;
        return field->class == CLASS_PUBLIC;
}

static bool lint_format(struct lint *l, const char *section, struct str name, struct str format)
{
        struct str before, token;
        bool counts = false;
        while (number_next_token(&format, &before, &token)) {
                int field = version_field(l->v, token);
                counts = counts || number_is_counter(token);
                if (field >= 0 && !may_show(l, &l->v->fields[field]))
                        lint_fault(l, section, name,
                                        "编号不能用字段“%.*s”：编号谁都看得到，只能用 class: public 的字段"
                                        "（从不公开的程序不能用个人信息）",
                                        STR_FMT(token));
        }
        return counts;
}

static bool issues(const struct act *act, size_t document)
{
        for (size_t i = 0; i < act->n_documents; i++)
                if (act->documents[i] == document)
                        return true;
        return false;
}

/* Does an act that issues it only ever begin a matter? Then it is done once. */
static bool only_begins(const struct act *act)
{
        return act->from_new && act->n_from == 0 && !act->from_any;
}

/* It is issued by acts that begin the matter (one of them did), or by one act that is done once. */
static void lint_single(struct lint *l, size_t document)
{
        const struct version *v = l->v;
        size_t begins = 0, later = 0, again = 0;
        for (size_t i = 0; i < v->n_acts; i++) {
                if (!issues(&v->acts[i], document))
                        continue;
                begins += only_begins(&v->acts[i]);
                later += !only_begins(&v->acts[i]);
                again += !only_begins(&v->acts[i]) && !v->acts[i].once;
        }
        if (again > 0 || later > 1 || (begins > 0 && later > 0))
                lint_fault(l, "documents", v->documents[document].name,
                                "文书 %.*s：编号没有 {n}，一件里只能出具一次：由 from: new 的动作，或者由一个 "
                                "once: true 的动作",
                                STR_FMT(v->documents[document].name));
}

void lint_numbers(struct lint *l)
{
        (void)lint_format(l, "number", STR_LIT(""), l->v->number);
        for (size_t i = 0; i < l->v->n_documents; i++) {
                const struct document *document = &l->v->documents[i];
                if (document->number.n != 0 &&
                                !lint_format(l, "documents", document->name, document->number))
                        lint_single(l, i);
        }
}
