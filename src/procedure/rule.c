/* Conditions with a sentence and an article: of acts, and of registers. */
#include "procedure/scope.h"

#define WHICH_MAX 10 /* cases named by one rule */

bool rule_say(struct scope *scope, const struct rule *rule, struct str *ret, struct err *err)
{
        struct value which;
        *ret = rule->say;
        if (rule->which == NULL)
                return true;
        if (!scope_eval(scope, rule->which, &which, err))
                return false;
        size_t n = which.kind == VALUE_LIST ? which.list.n : 1, named = 0;
        const struct value *items = which.kind == VALUE_LIST ? which.list.items : &which;
        struct buf text = BUF(scope->arena);
        buf_str_add(&text, rule->say);
        for (size_t i = 0; i < n; i++) {
                if (items[i].kind == VALUE_NULL || named++ >= WHICH_MAX)
                        continue;
                buf_format(&text, "%s%.*s", named == 1 ? "：" : "、",
                                STR_FMT(value_text(scope->arena, &items[i])));
        }
        if (named > WHICH_MAX)
                buf_format(&text, " 等 %zu 项", named);
        *ret = buf_str(&text);
        return true;
}

bool rule_check(struct scope *scope, const struct rule *rule, enum err_code code, struct str field,
                struct err *err)
{
        bool holds;
        struct str say;
        if (!scope_holds(scope, rule->that, &holds, err))
                return false;
        if (holds)
                return true;
        if (!rule_say(scope, rule, &say, err))
                return false;
        err_field(err, code, field, "%.*s", STR_FMT(say));
        return err_cite(err, rule->basis);
}
